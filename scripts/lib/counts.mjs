/**
 * Tests that the output of a run counts: cargo, wasm-bindgen, vitest and Playwright say it each in their way.
 * @param {string} output
 * @returns {{ passed: number, failed: number }}
 */
export function testsIn(output) {
  // eslint-disable-next-line no-control-regex
  const text = output.replaceAll(/\u001b\[[\d;]*m/g, '');
  let passed = 0;
  let failed = 0;
  for (const [, good = '0', bad = '0'] of text.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed/gm)) {
    passed += Number(good);
    failed += Number(bad);
  }
  for (const [, counts = ''] of text.matchAll(/^ *Tests +(.*\(\d+\))$/gm)) {
    passed += Number(/(\d+) passed/.exec(counts)?.[1] ?? 0);
    failed += Number(/(\d+) failed/.exec(counts)?.[1] ?? 0);
  }
  for (const [, count = '0', word] of text.matchAll(/^ +(\d+) (passed|failed|flaky)(?: \([\d.]+m?s?\))?$/gm)) {
    if (word === 'passed') passed += Number(count);
    else failed += Number(count);
  }
  return { passed, failed };
}
