/** Finding the way through what is stored: comparing by one click, labels, single profiles; on recorded profiles of two regions. */

import type { Page } from '@playwright/test';

import { App, exactIn } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';

/** Both regions' profiles: dropped as a folder, so that their paths name service and region. */
async function withSeries(page: Page): Promise<App> {
  const app = new App(page);
  await app.open();
  await app.drop(fixture('series'));
  await app.imported();
  await page.keyboard.press('Escape');
  await app.sum();
  return app;
}

/** Narrows the selection to a matcher by its text. */
async function match(page: Page, text: string): Promise<void> {
  const input = page.getByLabel('Label matchers', { exact: true });
  await input.fill(text);
  await input.press('Enter');
  await page.locator('eg-top-bar .brand').click();
}

test.describe('comparing by one click', () => {
  test('with a value of a label: from the menu, without and with a matcher of the label', async ({ page }, info) => {
    const app = await withSeries(page);
    await match(page, '{region="eu"}');
    const eu = await app.sum();
    await match(page, '{region="us"}');
    await expect.poll(() => app.sum()).not.toBe(eu);
    const us = await app.sum();
    const compare = page.locator('eg-compare-page');
    const totals = compare.locator('.what .sum');
    const sides = async (): Promise<bigint[]> => (await totals.evaluateAll((each) => each.map((sum) => sum.getAttribute('title')))).map(exactIn);

    await app.menu('Compare with a label value…');
    const dialog = page.getByRole('dialog', { name: 'Compare with a label value' });
    await expect(dialog.getByRole('option').filter({ hasText: 'eu' })).toContainText('30');
    // The value that is selected is nothing to compare with.
    await expect(dialog.getByRole('option', { name: /^us/ })).toHaveCount(0);
    await page.screenshot({ path: info.outputPath('value.png') });
    await expectAccessible(page, 'choice of a value');
    await page.keyboard.type('region eu');
    await page.keyboard.press('Enter');
    await expect.poll(sides).toEqual([eu, us]);
    await expect(compare.getByLabel('Labels of the base')).toHaveValue('{region="eu"}');

    await page.keyboard.press('Escape');
    await match(page, '');
    await expect(page.getByLabel('Label matchers', { exact: true })).toHaveValue('');
    const whole = await app.sum();
    await page.keyboard.press('ControlOrMeta+k');
    await page.keyboard.type('compare with a label');
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('option').first()).toBeVisible();
    await page.keyboard.type('region eu');
    await page.keyboard.press('Enter');
    // What has the value is on one side only.
    await expect.poll(sides).toEqual([eu, whole - eu]);
    await page.goBack();
    await expect(compare).toHaveCount(0);
    expect(await app.sum()).toBe(whole);
  });

  test('with the hour before and the day before: from the menu and the palette', async ({ page }) => {
    const app = new App(page);
    await app.open();
    await page.getByRole('button', { name: 'Open the example profiles' }).first().click();
    await app.imported();
    await app.sum();
    const shift = (name: string): number => {
      const fields = new URLSearchParams(new URL(page.url()).hash.slice(1));
      return (Date.parse(fields.get(name) ?? '') - Date.parse(fields.get(`base-${name}`) ?? '')) / 3_600_000;
    };
    await app.menu('Compare with the hour before');
    await expect(page.locator('eg-compare-page')).toBeVisible();
    expect([shift('from'), shift('until')]).toEqual([1, 1]);
    await page.goBack();
    await page.keyboard.press('ControlOrMeta+k');
    await page.keyboard.type('compare day before');
    await page.keyboard.press('Enter');
    await expect(page.locator('eg-compare-page')).toBeVisible();
    expect([shift('from'), shift('until')]).toEqual([24, 24]);
  });
});
