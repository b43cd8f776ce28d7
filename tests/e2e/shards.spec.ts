/** Queries of what is stored, merged by several workers. */

import type { Page } from '@playwright/test';

import { inputs, sourceOf } from '../fault/inputs.mjs';
import type { SourceInfo } from '../../www/engine/protocol.ts';
import { App } from './app.ts';
import { expect, test } from './harness.ts';

/** Stores the same small profiles as the fault runs do, each as a block of its own. */
async function storeBlocks(page: Page, count: number): Promise<void> {
  const work = (await inputs(0, count)).map((input) => ({ batch: input.batch, source: sourceOf(input) as SourceInfo }));
  await page.evaluate(async (work) => {
    for (const { batch, source } of work) {
      const stored = emberglass.client.call('ingest', Uint8Array.from(atob(batch), (char) => char.charCodeAt(0)), source);
      await emberglass.client.call('flush');
      await stored;
    }
  }, work);
}

/** Asks everything of an engine of the page and of another one, whose queries are shared with two workers, however small. */
async function askBoth(page: Page) {
  return await page.evaluate(async () => {
    const { client } = emberglass;
    const Client = client.constructor as new (options: object) => typeof client;
    const wasm = performance.getEntriesByType('resource').find(({ name }) => name.includes('emberglass_engine_bg'))?.name ?? '';
    const module = await WebAssembly.compileStreaming(fetch(wasm));
    const shared = new Client({ backend: 'indexeddb', name: 'emberglass', module, shards: { workers: 2, fromBytes: 0 } });
    const { services } = await client.call('catalog');
    const types = [...new Set(services.flatMap((of) => of.types.map(({ id }) => id)))];
    const answers = { alone: [] as unknown[], shared: [] as unknown[] };
    for (const profileType of types) {
      for (const filters of [[], ['tagroot:service_name']]) {
        for (const [name, of] of [['alone', client], ['shared', shared]] as const) {
          const { handle, total, profiles, nodes, functions } = await of.call('query', { profileType, matchers: '{}', from: null, until: null, filters });
          const stacks = await of.call('stacks', handle, 0, 1000);
          answers[name].push({ profileType, filters, total: String(total), profiles, nodes, functions, stacks });
        }
      }
    }
    return { ...answers, asked: types.length };
  });
}

/** Ahead of the script of a shard's worker: counts the parts that it gives. */
const COUNTING = `{
  self.parts = 0;
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (message, ...more) {
    if (message?.part instanceof Uint8Array) self.parts += 1;
    return postMessage.call(this, message, ...more);
  };
}
`;

const shardWorkers = (page: Page) => page.workers().filter((worker) => worker.url().includes('shard-worker'));

test('workers that each merge a shard answer as one does', async ({ page }) => {
  const app = new App(page);
  await page.route(/\/shard-worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: COUNTING + (await response.text()) });
  });
  await app.open();
  await storeBlocks(page, 12);
  const { alone, shared, asked } = await askBoth(page);
  expect(asked).toBeGreaterThan(0);
  expect(shared).toEqual(alone);
  const parts = await Promise.all(shardWorkers(page).map((worker) => worker.evaluate(() => (self as unknown as { parts: number }).parts)));
  expect(parts).toEqual([2 * asked, 2 * asked]);
  // The next commit is in the next answer.
  await storeBlocks(page, 14);
  const later = await askBoth(page);
  expect(later.shared).toEqual(later.alone);
  expect(later.shared).not.toEqual(shared);
});

test('workers that never come leave the query to the engine', async ({ page, problems }) => {
  const app = new App(page);
  problems.expect(/shard-worker/);
  await page.route(/\/shard-worker-[^/]*\.js$/, (route) => route.abort());
  await app.open();
  await storeBlocks(page, 6);
  const { alone, shared } = await askBoth(page);
  expect(shared).toEqual(alone);
  expect(alone.length).toBeGreaterThan(0);
});

test('whether large queries are merged by several workers is a choice that is kept', async ({ page }) => {
  const app = new App(page);
  await app.open();
  const choose = async (words: string): Promise<void> => {
    await page.keyboard.press('ControlOrMeta+k');
    await page.keyboard.type('large queries');
    await expect(page.locator('eg-palette .pick-row').last()).toHaveText(words);
    await page.keyboard.press('Enter');
    await expect(page.locator('eg-palette dialog')).toHaveCount(0);
  };
  await choose('Merge large queries in one worker');
  await page.reload();
  await expect(app.empty).toBeVisible();
  await choose('Merge large queries in several workers');
  await choose('Merge large queries in one worker');
});
