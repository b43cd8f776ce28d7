/**
 * Several tabs that import at once; the one that writes is closed, or its worker ended. The others must go on within a
 * second, and all that was acknowledged in any of them must be there, once and whole.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { endWorker, openApp, start, store, stored } from './browser.mjs';
import { inputs, sourceOf } from './inputs.mjs';

/** Inputs of each tab. */
const OF_A_TAB = 60;
/** How long it may take until another tab writes. */
const TAKE_OVER_MS = 1000;

/** @typedef {import('@playwright/test').Page} Page */

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {Page} page */
const roleOf = (page) => page.evaluate(() => globalThis.emberglass.client.status?.role ?? 'none');

/**
 * The tab that writes.
 * @param {Page[]} pages
 */
async function writerOf(pages) {
  for (const page of pages) if ((await roleOf(page)) === 'writer') return page;
  return null;
}

/**
 * @param {import('./tally.mjs').Tally} tally
 * @param {string} url
 * @param {{ rounds: number, random: () => number, say: (text: string) => void }} options
 */
export async function tabs(tally, url, { rounds, random, say }) {
  const userData = await mkdtemp(join(tmpdir(), 'emberglass-tabs-'));
  const acknowledged = new Set();
  const offered = new Map();
  let next = 1_000_000;
  const browser = await start(userData);
  try {
    for (let round = 0; round < rounds; round += 1) {
      const count = round % 2 === 0 ? 2 : 5;
      /** @type {Page[]} */
      const pages = [];
      for (let at = 0; at < count; at += 1) {
        const page = await browser.context.newPage();
        await openApp(page, url);
        pages.push(page);
      }
      const writer = await writerOf(pages);
      if (writer === null) throw new Error('no tab writes');
      const storing = [];
      for (const page of pages) {
        const list = await inputs(next, next + OF_A_TAB);
        next += OF_A_TAB;
        for (const input of list) offered.set(input.name, input);
        const done = store(page, list, sourceOf, (name) => acknowledged.add(name));
        storing.push(page === writer ? done.catch(() => undefined) : done);
      }
      await pause(50 + random() * 900);
      const others = pages.filter((page) => page !== writer);
      const began = performance.now();
      const close = round % 3 !== 2;
      if (close) await writer.close();
      else await writer.evaluate(endWorker);
      while ((await writerOf(close ? others : pages)) === null) {
        if (performance.now() - began > TAKE_OVER_MS) throw new Error('no other tab took over within a second');
        await pause(10);
      }
      const took = Math.round(performance.now() - began);
      await Promise.all(storing);
      const seen = close ? others : pages;
      for (const page of seen) tally.check(await stored(page), acknowledged, offered);
      tally.tabs += count;
      say(`${count} tabs, the writer ${close ? 'closed' : 'ended'}: another after ${took} ms; ${acknowledged.size} inputs acknowledged in all`);
      for (const page of seen) await page.close();
    }
  } finally {
    await browser.kill();
    await rm(userData, { recursive: true, force: true, maxRetries: 5 });
  }
}
