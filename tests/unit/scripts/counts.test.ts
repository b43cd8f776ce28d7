import { describe, expect, test } from 'vitest';

import { testsIn } from '../../../scripts/lib/counts.mjs';

describe('tests counted in the output of a run', () => {
  test.each([
    ['cargo, several binaries', 'running 2 tests\ntest result: ok. 2 passed; 0 failed; 0 ignored\n\ntest result: ok. 3 passed; 0 failed;\n', 5, 0],
    ['a failing cargo test', 'test result: FAILED. 1 passed; 2 failed; 0 ignored', 1, 2],
    ['vitest, coloured', ' Test Files  2 passed (2)\n\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m12 passed\u001b[39m\u001b[22m\u001b[90m (12)\u001b[39m\n', 12, 0],
    ['a failing vitest run', '      Tests  1 failed | 4 passed | 1 skipped (6)\n', 4, 1],
    ['Playwright', '  ✓  1 smoke.spec.ts (1.2s)\n\n  1 failed\n    smoke.spec.ts:3:1\n  5 passed (1.1m)\n', 5, 1],
    ['a flaky test fails', '  1 flaky\n  1 passed (3.4s)\n', 1, 1],
    ['nothing', 'Finished in 3 s\n', 0, 0],
  ])('%s', (_, output, passed, failed) => {
    expect(testsIn(output)).toEqual({ passed, failed });
  });
});
