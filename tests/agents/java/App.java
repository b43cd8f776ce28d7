/** Burns processor time for a while; the agent of Pyroscope is loaded beside it. */
final class App {
    private static long hash(int rounds) {
        long sum = 7;
        for (int at = 0; at < rounds; at++) {
            sum = sum * 31 + at;
        }
        return sum;
    }

    public static void main(String[] arguments) {
        long end = System.currentTimeMillis() + 8_000;
        long sum = 0;
        while (System.currentTimeMillis() < end) {
            sum += hash(100_000);
        }
        System.out.println(sum);
    }
}
