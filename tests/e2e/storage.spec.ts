/** The storage as it fails, comes back, is kept twice, and is shared by tabs. */

import type { BrowserContext, Page } from '@playwright/test';

import { inputs, sourceOf } from '../fault/inputs.mjs';
import { emberglass as commandLine } from '../cli/run.ts';
import { App } from './app.ts';
import { expect, fixture, testOnDisk as test } from './harness.ts';

/** Ahead of the engine's worker: its IndexedDB fails while it is told to, as a browser's does that lost its backing store. */
const BREAKABLE = `{
  const { open } = IDBFactory.prototype;
  const { transaction } = IDBDatabase.prototype;
  const databases = new Set();
  let broken = false;
  new BroadcastChannel('fault').onmessage = ({ data }) => {
    broken = data;
    if (broken) for (const database of databases) database.dispatchEvent(new Event('close'));
  };
  IDBFactory.prototype.open = function (...args) {
    if (broken) throw new DOMException('Internal error opening backing store for indexedDB.open.', 'UnknownError');
    return open.apply(this, args);
  };
  IDBDatabase.prototype.transaction = function (...args) {
    databases.add(this);
    if (broken) throw new DOMException('The database connection is closing.', 'InvalidStateError');
    return transaction.apply(this, args);
  };
}
`;

async function makeBreakable(context: BrowserContext): Promise<void> {
  await context.route(/\/engine-worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: BREAKABLE + (await response.text()) });
  });
}

async function setBroken(page: Page, broken: boolean): Promise<void> {
  await page.evaluate(async (broken) => {
    const channel = new BroadcastChannel('fault');
    channel.postMessage(broken);
    await new Promise((resolve) => setTimeout(resolve, 50));
    channel.close();
  }, broken);
}

const status = (page: Page) => page.evaluate(() => emberglass.client.status);

const role = async (page: Page) => (await status(page))?.role;

test('what cannot be saved waits in memory, is told, and is saved when the storage is back', async ({ context, page }, info) => {
  await makeBreakable(context);
  const app = new App(page);
  await app.open();
  await setBroken(page, true);
  await app.choose(fixture('folded', 'inferno-annotated.folded'));
  await expect(app.saveState).toHaveText('not saved');
  await expect(page.getByText(/Not saved: 1 file .* in memory since .*, because the connection to the storage was lost/)).toBeVisible();
  expect(await status(page)).toMatchObject({ state: 'degraded', unsaved: { inputs: 1, code: 'storage-connection-lost' } });
  // Never "saved" before it is.
  await page.waitForTimeout(1500);
  await expect(app.status.locator('progress')).toHaveCount(1);
  await expect(app.saveState).toHaveText('not saved');

  // A copy of what waits, for another browser.
  const [copy] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save a copy' }).click()]);
  expect(copy.suggestedFilename()).toBe('unsaved-profiles.emberglass');
  const path = info.outputPath('copy.emberglass');
  await copy.saveAs(path);
  const { out } = await commandLine('info', '--json', path);
  expect(JSON.parse(out)).toMatchObject({ files: [{ file: expect.stringContaining('inferno-annotated.folded'), profiles: [{ total: 2783919250 }] }] });

  await setBroken(page, false);
  await expect(app.saveState).toHaveText('saved');
  await expect(page.getByText(/Not saved:/)).toHaveCount(0);
  await app.imported();
  const catalog = await app.catalog();
  await page.reload();
  await expect(app.saveState).toHaveText('saved');
  expect(await app.catalog()).toEqual(catalog);
  expect(Object.keys(catalog)).toHaveLength(1);
});

test('a connection that was lost is opened again without a word', async ({ context, page }) => {
  await makeBreakable(context);
  const app = new App(page);
  await app.open();
  await setBroken(page, true);
  await setBroken(page, false);
  await app.choose(fixture('folded', 'inferno-annotated.folded'));
  await app.imported();
  expect(await status(page)).toMatchObject({ state: 'saved', connection: 'open', unsaved: null });
});

test('a newer page in another tab takes over, and this one says so', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open('emberglass', 99);
        request.onsuccess = () => {
          request.result.close();
          resolve();
        };
        request.onerror = () => reject(request.error ?? new Error());
        request.onblocked = () => reject(new Error('the older tab did not let go'));
      }),
  );
  await page.evaluate(() => emberglass.client.call('refresh').catch(() => undefined));
  await expect(page.getByText('Another tab runs a newer version of this page')).toBeVisible();
  await expect(app.saveState).toHaveText('read-only');
});

test('one of five tabs writes for all; when it is closed another does', async ({ context, page }) => {
  const pages = [page];
  while (pages.length < 5) pages.push(await context.newPage());
  const apps = pages.map((each) => new App(each));
  for (const app of apps) {
    await app.page.bringToFront();
    await app.open();
  }
  expect(await Promise.all(pages.map(role))).toEqual(['writer', 'reader', 'reader', 'reader', 'reader']);
  const list = await inputs(0, 50);
  const store = (tab: Page, from: number, until: number) =>
    tab.evaluate(
      async (work) => {
        await Promise.all(
          work.map(({ batch, source }) =>
            emberglass.client.call('ingest', Uint8Array.from(atob(batch), (char) => char.charCodeAt(0)), source as never),
          ),
        );
        return (await emberglass.client.call('catalog')).profiles;
      },
      list.slice(from, until).map((input) => ({ batch: input.batch, source: sourceOf(input) })),
    );
  await Promise.all(pages.map((tab, at) => store(tab, at * 5, at * 5 + 5)));
  for (const tab of pages) expect((await tab.evaluate(() => emberglass.client.call('catalog'))).profiles).toBe(25);

  await page.close();
  const left = pages.slice(1);
  await expect.poll(async () => (await Promise.all(left.map(role))).filter((each) => each === 'writer').length).toBe(1);
  // What is stored already is not stored again, whoever writes.
  await Promise.all(left.map((tab, at) => store(tab, at * 10, at * 10 + 15)));
  for (const tab of left) expect((await tab.evaluate(() => emberglass.client.call('catalog'))).profiles).toBe(45);
});

test('a second copy brings back what the browser lost', async ({ page, site, problems }) => {
  problems.expect(/favicon\.ico/);
  const app = new App(page);
  await app.open();
  await app.choose(fixture('folded', 'inferno-annotated.folded'));
  await app.imported();
  const catalog = await app.catalog();
  await page.evaluate(() => localStorage.setItem('emberglass:replica', 'opfs'));
  await page.reload();
  await expect.poll(async () => (await status(page))?.replica?.state).toBe('in-step');
  await expect(app.saveState).toHaveText('saved');

  // The database is gone, as after "clear site data" of one kind.
  await page.goto(`${site.url}icon.svg`);
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase('emberglass');
        request.onsuccess = resolve;
        request.onerror = reject;
      }),
  );
  await app.open();
  expect(await app.catalog()).toEqual(catalog);
  await expect.poll(async () => (await status(page))?.replica?.state).toBe('in-step');

  // And without the second copy it is all there again.
  await page.evaluate(() => localStorage.removeItem('emberglass:replica'));
  await page.reload();
  await expect(app.saveState).toHaveText('saved');
  expect(await app.catalog()).toEqual(catalog);
  expect((await status(page))?.replica).toBeNull();
});

test('a second copy that fails is told, and is equal again once it can be', async ({ context, page }) => {
  await makeBreakable(context);
  const app = new App(page);
  await page.addInitScript(() => localStorage.setItem('emberglass:replica', 'opfs'));
  await app.open();
  await app.choose(fixture('folded', 'inferno-annotated.folded'));
  await app.imported();
  await setBroken(page, true);
  // The primary fails: the second copy goes on alone, and all is saved there.
  const [input] = await inputs(1, 2);
  const receipt = await page.evaluate(
    ({ batch, source }) =>
      emberglass.client.call('ingest', Uint8Array.from(atob(batch), (char) => char.charCodeAt(0)), source as never),
    { batch: input?.batch ?? '', source: sourceOf(input!) },
  );
  expect(receipt.stored).toBe(true);
  await expect(app.saveState).toHaveText('one copy');
  await expect(page.getByText(/Profiles are kept once only since .*: the browser’s database lacks some/)).toBeVisible();
  expect(await status(page)).toMatchObject({ replica: { backend: 'opfs', state: 'primary-behind' }, unsaved: null });

  await setBroken(page, false);
  await expect.poll(async () => (await status(page))?.replica?.state).toBe('in-step');
  await expect(app.saveState).toHaveText('saved');
  await expect(page.getByText(/Profiles are kept once only/)).toHaveCount(0);
});
