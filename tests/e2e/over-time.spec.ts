/** The strip over the panes: totals by label and the heat map, on recorded profiles of two regions. */

import type { Page } from '@playwright/test';

import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, test } from './harness.ts';

async function strip(page: Page, words: string): Promise<void> {
  await page.getByRole('group', { name: 'What is shown over time' }).getByRole('button', { name: words }).click();
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [width, height] of [[1440, 900], [480, 900]] as const) {
    test(`lines by label and a heat map: ${colorScheme}, ${width} wide`, async ({ page }, info) => {
      await page.emulateMedia({ colorScheme });
      await App.withSeries(page);
      await page.setViewportSize({ width, height });
      const { hash } = new URL(page.url());
      await page.goto(`/${hash}&strip=groups&by=region`);
      const groups = page.locator('eg-series-groups');
      await expect(groups.getByRole('listitem').first()).toBeVisible();
      await expect(groups.locator('.value')).toHaveText(['eu', 'us', '(none)']);
      await page.screenshot({ path: info.outputPath('groups.png') });
      await expectAccessible(page, 'lines by label');
      await strip(page, 'Heat map');
      await expect(page.locator('eg-heat-map canvas')).toHaveAttribute('aria-label', /steps/);
      await page.screenshot({ path: info.outputPath('heat.png') });
      await expectAccessible(page, 'heat map');
    });
  }
}

test('a value of a label is shown alone, or beside the rest', async ({ page }) => {
  const app = await App.withSeries(page);
  const whole = await app.sum();
  await strip(page, 'By label');
  const groups = page.locator('eg-series-groups');
  // The first label that tells profiles apart is chosen.
  await expect(page.getByRole('button', { name: 'Labels to group by' })).toHaveText('region');
  await expect(page).toHaveURL(/strip=groups/);
  await expect(page).toHaveURL(/by=region/);
  const first = groups.getByRole('listitem').first();
  const value = (await first.locator('.value').textContent())?.trim() ?? '';
  await first.locator('.value').click();
  await expect(page).toHaveURL(/match=/);
  const alone = await app.sum();
  expect(alone).toBeGreaterThan(0n);
  expect(alone).toBeLessThan(whole);
  expect(['eu', 'us']).toContain(value);
  expect(await page.getByLabel('Label matchers', { exact: true }).inputValue()).toBe(`{region="${value}"}`);

  await page.goBack();
  await expect.poll(() => app.sum()).toBe(whole);
  await groups.getByRole('button', { name: /^Compare/ }).first().click();
  await expect(page.locator('eg-compare-page')).toContainText('Compare');
  await expect(page).toHaveURL(/base-match=.*region(!|%21)/);
});

test('a step of the heat map is selected by keys and by the pointer', async ({ page }) => {
  const app = await App.withSeries(page);
  const whole = await app.sum();
  await strip(page, 'Heat map');
  const canvas = page.locator('eg-heat-map canvas');
  await expect(canvas).toHaveAttribute('aria-label', /rows/);
  await canvas.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('eg-heat-map .readout')).toContainText(/profiles?$/);
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/from=/);
  const last = await app.sum();
  expect(last).toBeLessThan(whole);

  await page.goBack();
  await expect.poll(() => app.sum()).toBe(whole);
  await expect(canvas).toHaveAttribute('aria-busy', 'false');
  const box = await canvas.boundingBox();
  if (box === null) throw new Error('no heat map');
  const y = box.y + 60;
  await page.mouse.move(box.x + 100, y);
  await page.mouse.down();
  await page.mouse.move(box.x + (box.width + 92) / 2, y);
  await page.mouse.up();
  await expect(page).toHaveURL(/from=.*until=/);
  const half = await app.sum();
  expect(half).toBeGreaterThan(0n);
  expect(half).toBeLessThan(whole);
});

test('the picker draws how each type went, and the last line knows the selection in numbers', async ({ page }, info) => {
  const app = await App.withSeries(page);
  await page.locator('eg-profile-picker > button').click();
  const lines = page.locator('eg-profile-picker .spark path');
  await expect.poll(() => lines.evaluateAll((paths) => paths.filter((path) => (path.getAttribute('d') ?? '').length > 20).length)).toBe(2);
  await page.screenshot({ path: info.outputPath('picker.png') });
  await page.keyboard.press('Escape');

  await app.sum();
  const statistics = page.locator('eg-statistics');
  await statistics.getByRole('button').click();
  const panel = page.getByRole('dialog', { name: 'Statistics of the selection' });
  await expect(panel).toContainText('region');
  await expect(panel.getByRole('row').filter({ hasText: 'region' })).toContainText('2');
  await expect(panel).toContainText('2026-11-23');
  await expectAccessible(page, 'statistics');
  await page.screenshot({ path: info.outputPath('statistics.png') });
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
});
