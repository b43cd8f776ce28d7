/** axe finds nothing, on every page of the app, in light and dark. */

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { App } from './app.ts';
import { expect, fixture, test } from './harness.ts';

async function check(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  expect.soft(found, where).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing: ${colorScheme}`, async ({ page }) => {
    test.slow();
    const app = new App(page);
    await page.emulateMedia({ colorScheme });
    await app.open();
    await check(page, 'first page');

    await app.choose(fixture('go', 'cpu.pb.gz'), fixture('malformed', 'truncated.pb.gz'));
    await app.imported();
    await app.drawn();
    await expect(app.report).toBeVisible();
    await check(page, 'import report');
    await page.keyboard.press('Escape');
    await check(page, 'main view');

    await page.locator('eg-profile-picker > button').click();
    await check(page, 'profile picker');
    await page.keyboard.press('Escape');
    await page.locator('eg-range-picker .open').click();
    await check(page, 'range picker');
    await page.keyboard.press('Escape');
    await page.locator('eg-main-menu > button').click();
    await check(page, 'menu');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    await check(page, 'keys');
    await page.keyboard.press('Escape');
    await app.menu('Delete everything…');
    await check(page, 'deletion');
    await page.keyboard.press('Escape');

    await page.setViewportSize({ width: 480, height: 900 });
    await check(page, 'narrow');
    await page.getByRole('tab', { name: 'Top' }).click();
    await check(page, 'narrow, table');
  });
}

test('the main job works with the keyboard alone', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.choose(fixture('go', 'cpu.pb.gz'));
  await app.imported();
  await app.sum();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Search functions');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();

  const splitter = page.getByRole('separator');
  const width = async (): Promise<number> => (await app.table.boundingBox())?.width ?? 0;
  const before = await width();
  await splitter.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect.poll(width).toBeGreaterThan(before);
  expect(page.url()).toContain('split=40');

  await page.getByRole('button', { name: 'Flame graph' }).press('Enter');
  await expect(app.graph).toBeHidden();
  await expect(splitter).toBeHidden();
  await page.getByRole('button', { name: 'Flame graph' }).press('Enter');
  await expect(app.graph).toBeVisible();
});
