/** What workers beside the engine's save when a query reads much: each merges a shard of its blocks. */

import { importFiles, inBrowser } from './browser.mjs';

const WORKERS = [0, 1, 2, 3];
const RUNS = 3;

/**
 * A pack of much, of which everything is asked by engines that were just opened, with more and more workers; ms, the least of
 * each.
 * @param {string} url
 * @param {string} pack
 * @param {string} type
 */
export async function shards(url, pack, type) {
  return await inBrowser(url, async (page) => {
    await importFiles(page, pack);
    return await page.evaluate(ask, { type, workers: WORKERS, runs: RUNS });
  });
}

/**
 * Runs in the page.
 * @param {{ type: string, workers: number[], runs: number }} how
 */
async function ask({ type, workers, runs }) {
  const { client } = globalThis.emberglass;
  const Client = /** @type {typeof import('../../www/engine/client.ts').EngineClient} */ (client.constructor);
  const resources = performance.getEntriesByType('resource').map(({ name }) => name);
  const module = await WebAssembly.compileStreaming(fetch(resources.find((name) => name.includes('engine_bg')) ?? ''));
  const all = { profileType: type, matchers: '{}', from: null, until: null };
  const { storedBytes, blocks } = await client.call('status');
  const found = workers.map((workers) => ({ workers, cold: Infinity, warm: Infinity }));
  let total = null;
  // One round to warm the browser's own caches, and every number of workers in each of the others.
  for (let run = 0; run <= runs; run += 1) {
    for (const each of found) {
      const opened = new Client({ backend: 'indexeddb', name: 'emberglass', module, shards: { workers: each.workers, fromBytes: 0 } });
      await opened.start();
      const times = [];
      for (const filters of [[], ['tagignore:/none/']]) {
        const began = performance.now();
        const answer = await opened.follow({}, 'query', { ...all, filters });
        times.push(performance.now() - began);
        total ??= answer.total;
        if (answer.total !== total) throw new Error(`${each.workers} workers answer ${answer.total}, not ${total}`);
      }
      opened.close();
      if (run === 0) continue;
      each.cold = Math.min(each.cold, times[0] ?? Infinity);
      each.warm = Math.min(each.warm, times[1] ?? Infinity);
    }
  }
  return { storedBytes, blocks, found };
}
