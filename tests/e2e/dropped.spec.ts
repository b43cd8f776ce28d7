/** A database that the browser can't read: Chromium gives an empty one in its place, and the page must say so. */

import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { BrowserContext } from '@playwright/test';

import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, launch, test } from './harness.ts';

const FILE = fixture('go', 'cpu.pb.gz');
/** What Chromium itself reports of a database that it can't read. */
const TOLD_BY_CHROMIUM = /Internal error opening backing store/;

/** Spoils the browser's own files of its databases, as a failing disk does. */
async function spoil(userData: string): Promise<void> {
  const folder = join(userData, 'Default', 'IndexedDB');
  const databases = (await readdir(folder)).filter((name) => name.endsWith('.leveldb'));
  expect(databases.length).toBeGreaterThan(0);
  for (const name of databases) await writeFile(join(folder, name, 'CURRENT'), 'nonsense');
}

async function appOf(context: BrowserContext, secondCopy = false): Promise<App> {
  const page = context.pages()[0] ?? (await context.newPage());
  if (secondCopy) await page.addInitScript(() => localStorage.setItem('emberglass:replica', 'opfs'));
  const app = new App(page);
  await app.open();
  return app;
}

test('what the browser dropped is told, until the person has heard it', async ({ site, problems }, info) => {
  test.slow();
  problems.expect(TOLD_BY_CHROMIUM);
  const userData = info.outputPath('profile');
  const before = await launch(userData, { baseURL: site.url });
  const first = await appOf(before);
  await first.choose(FILE);
  await first.imported();
  await expect(first.saveState).toHaveText('saved');
  await before.close();
  await spoil(userData);

  const context = await launch(userData, { baseURL: site.url });
  problems.watch(context, site);
  const app = await appOf(context);
  const line = app.page.getByRole('alert').filter({ hasText: 'storage-dropped' });
  await expect(line).toContainText(/The browser gave an empty database in place of the [\d.]+ \S+ that were stored here \(seen last on .+\)\. It says: .*corrupt/);
  await expect(line).toContainText('second copy');
  await expectAccessible(app.page, 'data that the browser dropped');
  // Not heard yet: told again, though the browser says it once.
  await app.page.reload();
  await expect(line).toContainText('The browser gave an empty database in place of the');
  await line.getByRole('button', { name: 'Dismiss' }).click();
  await expect(line).toHaveCount(0);
  await app.page.reload();
  await app.choose(FILE);
  await app.imported();
  await expect(line).toHaveCount(0);
  // Deleted on purpose is not gone.
  await app.page.evaluate(() => emberglass.client.call('clear'));
  await app.open();
  await expect(app.empty).toBeVisible();
  await expect(line).toHaveCount(0);
  await context.close();
});

test('what the browser dropped comes back from the second copy', async ({ site, problems }, info) => {
  test.slow();
  problems.expect(TOLD_BY_CHROMIUM);
  const userData = info.outputPath('profile');
  const before = await launch(userData, { baseURL: site.url });
  const first = await appOf(before, true);
  await first.choose(FILE);
  await first.imported();
  await expect.poll(() => first.page.evaluate(() => emberglass.client.status?.replica?.state)).toBe('in-step');
  const sums = await first.sums();
  await before.close();
  await spoil(userData);

  const context = await launch(userData, { baseURL: site.url });
  problems.watch(context, site);
  const app = await appOf(context, true);
  await expect(app.page.getByText(/The browser could not read its database and made an empty one\. It says: .*corrupt.*brought back from the second copy/)).toBeVisible();
  expect(await app.sums()).toEqual(sums);
  await expect.poll(() => app.page.evaluate(() => emberglass.client.status?.replica?.state)).toBe('in-step');
  await context.close();
});
