/** The native benches of the crates: their tables, read. */

import { run } from '../../scripts/lib/run.mjs';

const BENCHES = [
  ['emberglass-query', 'aims'],
  ['emberglass-query', 'queries'],
  ['emberglass-views', 'patterns'],
  ['emberglass-views', 'views'],
  ['emberglass-views', 'derived'],
];

/** Runs them; gives times by what was measured, ms. */
export async function native() {
  /** @type {Record<string, number>} */
  const times = {};
  for (const [crate = '', bench = ''] of BENCHES) {
    const output = await run(['cargo', 'bench', '--quiet', '--package', crate, '--bench', bench], { capture: true });
    for (const [, what = '', ms] of output.matchAll(/^(.*\S) +([\d.]+) ms$/gm)) times[`${bench}: ${what}`] = Number(ms);
  }
  if (Object.keys(times).length === 0) throw new Error('no bench printed a time');
  return times;
}
