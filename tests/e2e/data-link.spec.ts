/** A link that carries the data of the view: copied in one browser, opened in another that has nothing. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, governed, test, testWithServiceWorker } from './harness.ts';

/** Copies the link with the data of the view. */
async function copied(app: App): Promise<string> {
  const { page } = app;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await app.menu('Copy link with its data');
  await expect(page.locator('eg-notices')).toContainText(/Copied a link of .* that carries the profile itself/);
  return await page.evaluate(() => navigator.clipboard.readText());
}

const banner = (page: Page) => page.locator('.aside');

test('a fresh browser shows the same from the link alone, and keeps it when asked', async ({ page, site, elsewhere }) => {
  const app = await App.showing(page, fixture('go', 'cpu.pb.gz'));
  const whole = await app.sum();
  await page.locator('eg-view-bar input[type=search]').fill('search');
  await page.getByRole('button', { name: 'Filter…' }).click();
  await page.keyboard.type('ignore:/mallocgc/');
  await page.keyboard.press('Enter');
  await expect(page.locator('eg-filter-bar')).toContainText('mallocgc');
  await expect.poll(() => app.sum()).toBeLessThan(whole);
  const sum = await app.sum();
  const rows = await app.table.evaluate((table) => table.shadowRoot!.textContent);
  const link = await copied(app);
  expect(link.length).toBeLessThanOrEqual(32 * 1024);

  const asked: string[] = [];
  elsewhere.context().on('request', (request) => asked.push(request.url()));
  const fresh = new App(elsewhere);
  await fresh.page.goto(link);
  await expect(banner(fresh.page)).toContainText('From the link');
  await expect.poll(() => fresh.sum()).toBe(sum);
  await expect(fresh.page.locator('eg-view-bar input[type=search]')).toHaveValue('search');
  await expect(fresh.page.locator('eg-filter-bar')).toContainText('mallocgc');
  await expect.poll(() => fresh.table.evaluate((table) => table.shadowRoot!.textContent)).toBe(rows);
  expect(asked.filter((url) => url.includes('data=') || !url.startsWith(site.url)), 'no data goes to a server').toEqual([]);
  await expectAccessible(fresh.page, 'a profile of a link');
  await fresh.page.setViewportSize({ width: 480, height: 900 });
  await expect(banner(fresh.page).getByRole('button', { name: 'Back to what is stored' })).toBeInViewport({ ratio: 1 });
  await expectAccessible(fresh.page, 'a profile of a link, narrow');
  await fresh.page.setViewportSize({ width: 1440, height: 900 });

  await test.step('the address goes on holding it', async () => {
    expect(fresh.page.url()).toContain('data=1.');
    await fresh.page.reload();
    await expect.poll(() => fresh.sum()).toBe(sum);
  });

  await test.step('nothing was stored', async () => {
    const other = await elsewhere.context().newPage();
    await other.goto('/');
    await expect(new App(other).empty).toBeVisible();
    await other.close();
  });

  await test.step('it is stored when asked', async () => {
    await fresh.page.bringToFront();
    await banner(fresh.page).getByRole('button', { name: 'Store it' }).click();
    await fresh.imported();
    await expect(banner(fresh.page)).toHaveCount(0);
    expect(fresh.page.url()).not.toContain('data=');
    const other = await elsewhere.context().newPage();
    await other.goto('/');
    expect(await new App(other).sum()).toBe(whole);
  });
});

test('a link that was cut says so, with a code, and what is stored stays', async ({ page }) => {
  const app = await App.showing(page, fixture('go', 'cpu.pb.gz'));
  const link = await copied(app);
  const sum = await app.sum();
  for (const [damaged, code] of [
    [link.slice(0, -40), 'link-damaged'],
    [link.replace('data=1.', 'data=7.'), 'link-version'],
    [`${link}${'A'.repeat(70_000)}`, 'link-too-long'],
  ] as const) {
    await page.goto('about:blank');
    await page.goto(damaged);
    await expect(page.locator('eg-notices')).toContainText(code);
    await expect(banner(page)).toHaveCount(0);
    await expect.poll(() => app.sum()).toBe(sum);
  }
});

test('a link that is opened in a tab with data gives way to it on the way back', async ({ page }) => {
  const app = await App.showing(page, fixture('java', 'app.jfr'));
  const sum = await app.sum();
  const link = await copied(app);
  const fragment = link.slice(link.indexOf('#'));
  await page.evaluate((hash) => (location.hash = hash), fragment);
  await expect(banner(page)).toContainText('From the link');
  await expect.poll(() => app.sum()).toBe(sum);
  await page.goBack();
  await expect(banner(page)).toHaveCount(0);
  await expect.poll(() => app.sum()).toBe(sum);
});

test('what is too large for a link offers a report', async ({ page, userData }) => {
  // Names that no compression makes small.
  const name = (row: number): string => Array.from({ length: 4 }, (_, part) => Math.imul(row + 1, 2_654_435_761 + part * 40_503) >>> 0).map((word) => word.toString(36)).join('');
  const file = join(userData, 'large.folded');
  await writeFile(file, Array.from({ length: 4000 }, (_, row) => `main;${name(row)} ${row + 1}`).join('\n'));
  const app = await App.showing(page, file);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await app.menu('Copy link with its data');
  const notices = page.locator('eg-notices');
  await expect(notices).toContainText(/too large for a link: it would be [\d.]+ KiB long, and a link carries up to 32.0 KiB/);
  await expect(notices).toContainText('link-too-large');
  const download = page.waitForEvent('download');
  await notices.getByRole('button', { name: 'Save the HTML report' }).click();
  expect((await download).suggestedFilename()).toMatch(/\.html$/);
});

testWithServiceWorker('a link opens without a network', async ({ page, context }) => {
  const app = await App.showing(page, fixture('go', 'cpu.pb.gz'));
  await governed(page);
  const link = await copied(app);
  const sum = await app.sum();
  await context.setOffline(true);
  const other = new App(await context.newPage());
  await other.page.goto(link);
  await expect(banner(other.page)).toContainText('From the link');
  await expect.poll(() => other.sum()).toBe(sum);
});
