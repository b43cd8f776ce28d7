/** axe finds nothing, on every page of the app, in light and dark. */

import type { Locator } from '@playwright/test';

import { contrast } from '../../www/flamegraph/color.ts';
import type { Rgb } from '../../www/flamegraph/color.ts';
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

/** Contrast of the text of a cell with its bar, on the background of its row. */
async function contrastOnBar(cell: Locator): Promise<number> {
  const [text, bar] = await cell.evaluate((each): [Rgb, Rgb] => {
    const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d')!;
    const after = (color: string): Rgb => {
      context.fillStyle = color;
      context.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
      return [red, green, blue];
    };
    const { color, backgroundImage } = getComputedStyle(each);
    after(getComputedStyle(document.body).backgroundColor);
    after(getComputedStyle(each.closest('.row')!).backgroundColor);
    const behind = after(/\(((?:\w+)\([^)]*\))/.exec(backgroundImage)![1]!);
    return [after(color), behind];
  });
  expect(text).not.toEqual(bar);
  return contrast(text, bar);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a share can be read on its bar, in whatever row: ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    const app = await App.showing(page, fixture('go', 'cpu.pb.gz'));
    await page.keyboard.press('Escape');
    const cell = app.table.locator('.row').first().locator('.share').first();
    await page.mouse.move(0, 0);
    expect(await contrastOnBar(cell), 'at rest').toBeGreaterThanOrEqual(4.5);
    await cell.hover();
    expect(await contrastOnBar(cell), 'pointed at').toBeGreaterThanOrEqual(4.5);
    await app.table.locator('.grid').focus();
    await page.keyboard.press('ControlOrMeta+a');
    await expect(app.table.locator('.row').first()).toHaveAttribute('aria-selected', 'true');
    await page.mouse.move(0, 0);
    expect(await contrastOnBar(cell), 'selected').toBeGreaterThanOrEqual(4.5);
  });
}
