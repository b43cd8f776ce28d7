/** axe finds nothing, on every page of the app, in light and dark. */

import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing: ${colorScheme}`, async ({ page }) => {
    test.slow();
    const app = new App(page);
    await page.emulateMedia({ colorScheme });
    await app.open();
    await expectAccessible(page, 'first page');

    await app.choose(fixture('go', 'cpu.pb.gz'), fixture('malformed', 'truncated.pb.gz'));
    await app.imported();
    await app.drawn();
    await expect(app.report).toBeVisible();
    await expectAccessible(page, 'import report');
    await page.keyboard.press('Escape');
    await expectAccessible(page, 'main view');

    await page.locator('eg-profile-picker > button').click();
    await expectAccessible(page, 'profile picker');
    await page.keyboard.press('Escape');
    await page.locator('eg-range-picker .open').click();
    await expectAccessible(page, 'range picker');
    await page.keyboard.press('Escape');
    await page.locator('eg-main-menu > button').click();
    await expectAccessible(page, 'menu');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessible(page, 'keys');
    await page.keyboard.press('Escape');
    await app.menu('Delete everything…');
    await expectAccessible(page, 'deletion');
    await page.keyboard.press('Escape');

    await page.setViewportSize({ width: 480, height: 900 });
    await expectAccessible(page, 'narrow');
    await page.getByRole('tab', { name: 'Top' }).click();
    await expectAccessible(page, 'narrow, table');
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
