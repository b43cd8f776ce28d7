/**
 * Chromium killed with SIGKILL, and the engine's worker terminated, at random moments of an import with compactions
 * beside it. After each, everything that was acknowledged must be there, once and whole.
 */

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { endWorker, hear, inStep, openApp, start, store, stored } from './browser.mjs';
import { inputs, sourceOf } from './inputs.mjs';
import { keepOrRemove } from './tally.mjs';

/** Inputs of one round: more than it gets through. */
const ROUND = 500;
/** The first moment after which it may end, and the longest time until then, ms. */
const EARLIEST_MS = 100;
const LATEST_MS = 900;
/**
 * The share of rounds that may end before anything of theirs is acknowledged: a busy machine takes longer than `LATEST_MS`
 * to answer. Never the first: with nothing acknowledged there is nothing that a kill can lose.
 */
const BLIND = 0.25;
/** When to stop waiting for the first answer. */
const ANSWER_MS = 60_000;

/**
 * @param {import('./tally.mjs').Tally} tally
 * @param {string} url
 * @param {object} options
 * @param {number} options.kills
 * @param {number} options.terminations
 * @param {boolean} options.twice with a second copy in the private file system
 * @param {() => number} options.random
 * @param {(text: string) => void} options.say
 */
export async function kills(tally, url, { kills, terminations, twice, random, say }) {
  const userData = await mkdtemp(join(tmpdir(), 'emberglass-kill-'));
  const acknowledged = new Set();
  const offered = new Map();
  let next = 0;
  // Of the round under way: a page hears with the function that it was given first.
  let answered = () => {};
  let browser = await start(userData, twice);
  try {
    for (let round = 0; round < kills + terminations; round += 1) {
      const terminate = round >= kills;
      const page = browser.context.pages()[0] ?? (await browser.context.newPage());
      await openApp(page, url);
      const list = await inputs(next, next + ROUND);
      next += ROUND;
      for (const input of list) offered.set(input.name, input);
      const before = acknowledged.size;
      const first = new Promise((resolve) => (answered = () => resolve(undefined)));
      await hear(page, (name) => {
        acknowledged.add(name);
        answered();
      });
      const storing = store(page, list, sourceOf).catch((error) => String(error));
      const blind = random() < BLIND && acknowledged.size > 0;
      if (!blind) {
        // Nobody waits for the rest of it.
        const silent = pause(ANSWER_MS, `not in ${ANSWER_MS / 1000} s`, { ref: false });
        const why = await Promise.race([first, storing, silent]);
        if (acknowledged.size === 0) throw new Error(`nothing was acknowledged: ${why ?? 'storing ended'}`);
      }
      await pause(EARLIEST_MS + random() * (LATEST_MS - EARLIEST_MS));
      if (terminate) {
        await page.evaluate(endWorker);
        await storing;
      } else {
        await browser.kill();
        await storing;
        browser = await start(userData, twice);
      }
      const after = browser.context.pages()[0] ?? (await browser.context.newPage());
      await openApp(after, url);
      tally.check(await stored(after), acknowledged, offered);
      if (twice) {
        await inStep(after);
        tally.check(await stored(after), acknowledged, offered);
      }
      tally.kills += 1;
      const what = `${terminate ? 'terminated' : 'killed'}${twice ? ' with two copies' : ''}`;
      say(`${what} ${round + 1} of ${kills + terminations}: ${acknowledged.size - before} inputs acknowledged, ${acknowledged.size} in all`);
    }
  } finally {
    await browser.kill();
    await keepOrRemove(tally, userData);
  }
}
