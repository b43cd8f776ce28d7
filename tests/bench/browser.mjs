/**
 * What the production build does in Chromium with its IndexedDB: imports as a person drops them, commits, opens, queries.
 * Every part has a browser profile of its own.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openApp, start } from '../fault/browser.mjs';
import { inputs, sourceOf } from '../fault/inputs.mjs';

/** @typedef {import('@playwright/test').Page} Page */

const IMPORT_MS = 1_800_000;
const COMMITS = 200;
const WARM = 10;

/**
 * @template T
 * @param {string} url
 * @param {(page: Page) => Promise<T>} body
 */
export async function inBrowser(url, body) {
  const userData = await mkdtemp(join(tmpdir(), 'emberglass-bench-'));
  try {
    const browser = await start(userData);
    try {
      const page = browser.context.pages()[0] ?? (await browser.context.newPage());
      await openApp(page, url);
      return await body(page);
    } finally {
      await browser.kill();
    }
  } finally {
    await rm(userData, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Chooses files as a person does, and waits until all of them are durable; gives the time, ms.
 * @param {Page} page
 * @param {string[]} paths
 */
export async function importFiles(page, ...paths) {
  const session = await page.context().newCDPSession(page);
  const { root } = await session.send('DOM.getDocument');
  const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector: 'input[type=file]' });
  const began = performance.now();
  await session.send('DOM.setFileInputFiles', { nodeId, files: paths });
  await session.detach();
  const through = () => {
    const line = globalThis.document.querySelector('eg-status-line');
    return /imported from|duplicate|failed/.test(line?.textContent ?? '') && line?.querySelector('progress') === null && globalThis.emberglass.client.status?.state === 'saved';
  };
  await page.waitForFunction(through, undefined, { timeout: IMPORT_MS });
  return performance.now() - began;
}

/**
 * Opens the page anew; gives the time until the engine has opened the database and read its catalogue, ms.
 * @param {Page} page
 * @param {string} url
 */
async function coldOpen(page, url) {
  await page.goto('about:blank');
  await openApp(page, url);
  return await page.evaluate(async () => {
    const { services } = await globalThis.emberglass.client.call('catalog');
    if (services.length === 0) throw new Error('the database is empty');
    return performance.now();
  });
}

/**
 * Times of a query over everything of the CPU type in the last `ms`, or over all: the first, and the least of some more.
 * @param {Page} page
 * @param {string} type
 * @param {number | null} ms
 */
async function queryTimes(page, type, ms) {
  return await page.evaluate(
    async ({ type, ms, warm }) => {
      const { client } = globalThis.emberglass;
      const { services } = await client.call('catalog');
      const of = services.flatMap(({ types }) => types).find(({ id }) => id === type);
      const report = await client.call('storage');
      const until = report.services[0]?.until ?? 0n;
      if (of === undefined) throw new Error(`no profiles of ${type}`);
      const selection = { profileType: type, matchers: '', from: ms === null ? null : until - BigInt(ms) * 1_000_000n, until: null };
      const times = [];
      let profiles = 0;
      for (let round = 0; round <= warm; round += 1) {
        const began = performance.now();
        const result = await client.call('query', selection);
        times.push(performance.now() - began);
        profiles = result.profiles;
        await client.call('release', result.handle);
      }
      return { profiles, cold: times[0] ?? 0, warm: Math.min(...times.slice(1)) };
    },
    { type, ms, warm: WARM },
  );
}

/** @param {Page} page */
const storage = (page) =>
  page.evaluate(async () => {
    const { client } = globalThis.emberglass;
    const { bytes, blocks, profiles } = await client.call('storage');
    // Asked for: what the page holds is as old as the last change of the state.
    const { wasmBytes } = await client.call('status');
    return { bytes, blocks, profiles, wasm: wasmBytes };
  });

/**
 * Merges all that can be merged, and waits for what the app merges by itself; gives the time, ms.
 * @param {Page} page
 */
const merge = (page) =>
  page.evaluate(async () => {
    const { client } = globalThis.emberglass;
    const began = performance.now();
    // A merge that is under way answers like one that is not due: only the backlog tells.
    for (;;) {
      const { blocks } = await client.call('compact', false);
      const { backlog } = await client.call('storage');
      if (blocks === 0 && backlog.blocks === 0) return performance.now() - began;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

/**
 * An archive of one service's profiles: imported, opened and asked as commits left it, merged, opened and asked again.
 * @param {string} url
 * @param {string} tar
 * @param {string} type
 */
export async function series(url, tar, type) {
  return await inBrowser(url, async (page) => {
    const imported = await importFiles(page, tar);
    const fresh = await storage(page);
    const compaction = await merge(page);
    const compacted = await storage(page);
    const open = await coldOpen(page, url);
    const query = await queryTimes(page, type, null);
    const hour = await queryTimes(page, type, 3_600_000);
    return { imported, fresh, compaction, compacted, open, query, hour };
  });
}

/**
 * Times of commits of one small profile each, until they are durable, sorted; ms.
 * @param {string} url
 */
export async function commits(url) {
  const list = await inputs(0, COMMITS);
  const work = list.map((input) => ({ batch: input.batch, source: sourceOf(input) }));
  return await inBrowser(url, (page) =>
    page.evaluate(async (work) => {
      const { client } = globalThis.emberglass;
      const times = [];
      for (const { batch, source } of work) {
        const bytes = Uint8Array.from(atob(batch), (char) => char.charCodeAt(0));
        const began = performance.now();
        const stored = client.call('ingest', bytes, /** @type {import('../../www/engine/protocol.ts').SourceInfo} */ (source));
        await client.call('flush');
        await stored;
        times.push(performance.now() - began);
      }
      return times.sort((a, b) => a - b);
    }, work),
  );
}

/**
 * A pack of much: imported, opened, and asked for an hour, cold and warm.
 * @param {string} url
 * @param {string} pack
 * @param {string} type
 */
export async function full(url, pack, type) {
  return await inBrowser(url, async (page) => {
    const imported = await importFiles(page, pack);
    const stored = await storage(page);
    const open = await coldOpen(page, url);
    const hour = await queryTimes(page, type, 3_600_000);
    const after = await storage(page);
    return { imported, stored, open, hour, wasm: after.wasm };
  });
}
