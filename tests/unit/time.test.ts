import { describe, expect, it } from 'vitest';
import { formatInstant, formatRange, fromMs, resolveRange, resolveTime, toMs, toRfc3339 } from '../../www/app/state/time.ts';

const ANCHORS = { now: 2_000_000_000_000_000_000n, end: 1_795_440_986_246_626_585n };
const SECOND = 1_000_000_000n;

describe('expressions', () => {
  it('reads relative ones', () => {
    expect(resolveTime('', ANCHORS)).toBeNull();
    expect(resolveTime('now', ANCHORS)).toBe(ANCHORS.now);
    expect(resolveTime('end-5m', ANCHORS)).toBe(ANCHORS.end - 300n * SECOND);
    expect(resolveTime('now - 2d', ANCHORS)).toBe(ANCHORS.now - 172_800n * SECOND);
    expect(resolveTime('end-1w', ANCHORS)).toBe(ANCHORS.end - 604_800n * SECOND);
  });

  it('reads instants to the nanosecond', () => {
    expect(resolveTime('1970-01-01T00:00:01Z', ANCHORS)).toBe(SECOND);
    expect(resolveTime('2026-11-24T01:36:26.246626584Z', ANCHORS)).toBe(
      fromMs(Date.parse('2026-11-24T01:36:26Z')) + 246_626_584n,
    );
    expect(resolveTime('2026-11-24T02:36:26+01:00', ANCHORS)).toBe(fromMs(Date.parse('2026-11-24T01:36:26Z')));
    expect(resolveTime('2026-11-24 13:05', ANCHORS)).toBe(fromMs(new Date(2026, 10, 24, 13, 5).getTime()));
  });

  it.each(['tomorrow', 'now+1h', 'end-5', '2026-13-40', '12:30', '5'])('refuses %s with a code', (text) => {
    expect(() => resolveTime(text, ANCHORS)).toThrowError(expect.objectContaining({ code: 'bad-time' }));
  });

  it('refuses a range that ends before it starts', () => {
    expect(() => resolveRange('now', 'end', ANCHORS)).toThrowError(expect.objectContaining({ code: 'bad-time-range' }));
    expect(resolveRange('end-1h', '', ANCHORS)).toEqual({ from: ANCHORS.end - 3600n * SECOND, until: null });
  });
});

describe('instants', () => {
  it('come back from the text in the address', () => {
    for (const at of [0n, 1n, 999n, 1_000n, -1n, 1_795_440_986_246_626_584n, 1_795_440_986_246_000_000n, -1_500_000_000n]) {
      expect(resolveTime(toRfc3339(at), ANCHORS)).toBe(at);
    }
    expect(toRfc3339(1_795_440_986n * SECOND)).toBe('2026-11-23T13:36:26Z');
    expect(toRfc3339(1_795_440_986n * SECOND + 250_000_000n)).toBe('2026-11-23T13:36:26.250Z');
  });

  it('are written in UTC where asked', () => {
    const at = 1_795_440_986_246_626_584n;
    expect(formatInstant(at, true)).toBe('2026-11-23 13:36:26');
    expect(formatInstant(at, true, true)).toBe('2026-11-23 13:36:26.246');
    expect(formatRange(at, at + 60n * SECOND, true)).toBe('2026-11-23 13:36:26 – 13:37:26');
    expect(formatRange(at, at + 1n, true), 'no range where no two times can be told apart').toBe('2026-11-23 13:36:26.246');
    expect(formatRange(at, at + 86_400n * SECOND, true)).toBe('2026-11-23 13:36:26 – 2026-11-24 13:36:26');
    expect(toMs(-1n)).toBe(-1);
  });
});
