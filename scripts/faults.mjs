/**
 * `npm run test:faults`: every fault there is, and counts of what it cost.
 *
 *     npm run test:faults                        all of it: 50 kills and more
 *     npm run test:faults -- --quick             a few of each
 *     npm run test:faults -- --seed 7            other moments; the seed of a run is printed
 *
 * Native fault loops fail each operation of a workload in each way; Chromium is killed during imports and compactions;
 * tabs lose the one that writes. The last line counts.
 */

import { parseArgs } from 'node:util';

import { kills } from '../tests/fault/kills.mjs';
import { tabs } from '../tests/fault/tabs.mjs';
import { Tally } from '../tests/fault/tally.mjs';
import { elapsed, main, say } from './lib/log.mjs';
import { isMain } from './lib/paths.mjs';
import { randomFrom } from './lib/random.mjs';
import { ToolError, run } from './lib/run.mjs';
import { serve } from './serve.mjs';

/** Tests of the store that are fault loops; each prints `faults N`. */
const LOOPS = ['crash::', 'thin::', 'migrate::', 'replicated::', 'files::'];

/** @param {Tally} tally */
async function loops(tally) {
  const output = await run(['cargo', 'test', '--package', 'emberglass-store', '--test', 'suite', '--', '--nocapture', ...LOOPS], { capture: true });
  for (const [, count = '0'] of output.matchAll(/^faults (\d+)$/gm)) tally.faults += Number(count);
  if (tally.faults === 0) throw new ToolError('no fault was counted');
}

/**
 * Runs the fault tests; the tally says what they found.
 * @param {{ quick: boolean, seed: number, native?: boolean }} options
 */
export async function faults({ quick, seed, native = true }) {
  const tally = new Tally();
  const random = randomFrom(seed);
  say('seed', String(seed));
  if (native) await loops(tally);
  const site = await serve({ port: 0 });
  const options = { random, say: (/** @type {string} */ text) => say('fault', text) };
  try {
    await kills(tally, site.url, { ...options, twice: false, kills: quick ? 2 : 50, terminations: quick ? 1 : 10 });
    await kills(tally, site.url, { ...options, twice: true, kills: quick ? 1 : 20, terminations: quick ? 0 : 5 });
    await tabs(tally, site.url, { ...options, rounds: quick ? 2 : 12 });
  } finally {
    await site.close();
  }
  return tally;
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const options = /** @type {const} */ ({ quick: { type: 'boolean' }, seed: { type: 'string' } });
    const { values } = parseArgs({ options });
    const tally = await faults({ quick: values.quick ?? false, seed: Number(values.seed ?? Date.now() % 1_000_000) });
    process.stdout.write(`${elapsed()}\n${tally.toString()}\n`);
    if (!tally.clean) process.exitCode = 1;
  });
}
