/**
 * Several tabs that import at once; the one that writes is closed, crashes, or its worker ends. The others must go on, and all that
 * was acknowledged in any of them must be there, once and whole. How long it took another to write is told.
 */

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { endWorker, hear, openApp, start, store, stored } from './browser.mjs';
import { inputs, sourceOf } from './inputs.mjs';
import { keepOrRemove } from './tally.mjs';

/** Inputs of each tab. */
const OF_A_TAB = 120;
/** How the writer goes: its tab closed, its worker ended, its process gone. */
const WAYS = /** @type {const} */ (['closed', 'ended', 'crashed']);
/** When to stop waiting for another tab to write; it takes a fraction of a second. */
const GIVE_UP_MS = 20_000;

/** @typedef {import('@playwright/test').Page} Page */

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
 * Ends the tab that writes, or only its worker.
 * @param {Page} page
 * @param {(typeof WAYS)[number]} way
 */
async function end(page, way) {
  if (way === 'closed') await page.close();
  else if (way === 'ended') await page.evaluate(endWorker);
  else {
    const session = await page.context().newCDPSession(page);
    const crashed = page.waitForEvent('crash');
    // Nobody is left to answer.
    void session.send('Page.crash').catch(() => undefined);
    await crashed;
  }
}

/**
 * Has a page note when it becomes the one that writes.
 * @param {Page} page
 */
async function watchRole(page) {
  await page.evaluate(() => {
    globalThis.emberglass.client.on('state', ({ role }) => {
      if (role === 'writer') globalThis.sessionStorage.setItem('writerSince', globalThis.sessionStorage.getItem('writerSince') ?? String(Date.now()));
    });
  });
}

/**
 * When one of these became the one that writes, ms since the epoch.
 * @param {Page[]} pages
 */
async function takenOver(pages) {
  const until = Date.now() + GIVE_UP_MS;
  while (Date.now() < until) {
    for (const page of pages) {
      const since = await page.evaluate(() => globalThis.sessionStorage.getItem('writerSince'));
      if (since !== null) return Number(since);
    }
    await pause(20);
  }
  throw new Error('no other tab took over');
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
  let slowest = 0;
  const browser = await start(userData);
  try {
    for (let round = 0; round < rounds; round += 1) {
      const count = round % 2 === 0 ? 2 : 5;
      /** @type {Page[]} */
      const pages = [];
      for (let at = 0; at < count; at += 1) {
        const page = await browser.context.newPage();
        await openApp(page, url);
        await watchRole(page);
        await hear(page, (name) => acknowledged.add(name));
        pages.push(page);
      }
      const writer = await writerOf(pages);
      if (writer === null) throw new Error('no tab writes');
      const storing = [];
      for (const page of pages) {
        const list = await inputs(next, next + OF_A_TAB);
        next += OF_A_TAB;
        for (const input of list) offered.set(input.name, input);
        const done = store(page, list, sourceOf);
        storing.push(page === writer ? done.catch(() => undefined) : done);
      }
      await pause(50 + random() * 900);
      const others = pages.filter((page) => page !== writer);
      const began = Date.now();
      const way = WAYS[(round >> 1) % WAYS.length] ?? 'closed';
      await end(writer, way);
      const took = (await takenOver(others)) - began;
      slowest = Math.max(slowest, took);
      await Promise.all(storing);
      const seen = way === 'ended' ? pages : others;
      for (const page of seen) tally.check(await stored(page), acknowledged, offered);
      tally.tabs += count;
      say(`${count} tabs, the writer ${way}: another after ${took} ms; ${acknowledged.size} inputs acknowledged in all`);
      for (const page of pages) await page.close().catch(() => undefined);
    }
    say(`another tab wrote at most ${slowest} ms after the writer was ended`);
  } finally {
    await browser.kill();
    await keepOrRemove(tally, userData);
  }
}
