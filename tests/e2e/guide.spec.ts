/**
 * The tasks of docs/guide.md, done as the guide says. `EMBERGLASS_WRITE_PICTURES=1 npx playwright test tests/e2e/guide.spec.ts` takes
 * the guide's pictures anew.
 */

import { mkdir } from 'node:fs/promises';

import type { Page } from '@playwright/test';

import { App } from './app.ts';
import { expect, fixture, inRoot, test } from './harness.ts';

const PICTURES = inRoot('docs', 'images', 'guide');

async function picture(page: Page, name: string): Promise<void> {
  if (process.env['EMBERGLASS_WRITE_PICTURES'] === undefined) return;
  await mkdir(PICTURES, { recursive: true });
  await page.mouse.move(2, 2);
  // Notices go by themselves.
  await expect(page.locator('eg-notices .info')).toHaveCount(0);
  await page.screenshot({ path: `${PICTURES}/${name}.png`, animations: 'disabled' });
}

test('the eleven tasks of the guide', async ({ page }) => {
  test.slow();
  await page.setViewportSize({ width: 1120, height: 700 });
  const app = new App(page);
  await app.open();

  await test.step('look at profiles', async () => {
    await app.drop(fixture('series'));
    await app.imported();
    await page.keyboard.press('Escape');
    await app.drawn();
    await picture(page, 'look');
  });
  const whole = await app.sum();

  await test.step('find what is expensive', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('json');
    await expect(page.locator('eg-view-bar .found')).toContainText('%');
    await picture(page, 'search');
    await page.keyboard.press('Escape');
    await page.locator('eg-view-bar input').fill('');
  });

  await test.step('see who calls it, and what it calls', async () => {
    await page.goto('/#v=1&service=shop&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds&view=sandwich&pivot="runtime.mallocgc"&panes=flame');
    await expect(page.locator('emberglass-flamegraph')).toHaveCount(2);
    await app.drawn();
    await picture(page, 'sandwich');
  });

  await test.step('start from the leaves', async () => {
    await page.locator('eg-breadcrumbs .graphs').getByRole('button', { name: 'Inverted', exact: true }).click();
    await expect(page).toHaveURL(/view=inverted/);
    await app.drawn();
    await picture(page, 'inverted');
  });

  await test.step('leave out what does not matter', async () => {
    await page.goto('/#v=1&service=shop&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds&filter=preset:go-runtime&filter=focus:main.handleCheckout');
    await expect(page.locator('eg-filter-bar .chip')).toHaveCount(2);
    await expect.poll(() => app.sum()).toBeLessThan(whole);
    await app.drawn();
    await picture(page, 'filters');
  });

  await test.step('narrow down by label and time', async () => {
    await page.goto('/#v=1&service=shop&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds&match={region="eu"}&from=end-30s');
    await expect(page.locator('eg-matcher-chips .chip')).toHaveCount(1);
    await expect.poll(() => app.sum()).toBeLessThan(whole);
    await app.drawn();
    await picture(page, 'narrow');
  });

  await test.step('see labels and values over time', async () => {
    await page.goto('/#v=1&service=shop&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds&strip=groups&by=region');
    await expect(page.locator('eg-series-groups .value')).toHaveCount(3);
    await picture(page, 'labels');
    await page.goto('/#v=1&service=shop&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds&strip=heat&match={region="eu"}');
    await expect(page.locator('eg-heat-map canvas')).toHaveAttribute('aria-label', /steps/);
    await picture(page, 'heat');
  });

  await test.step('find what changed', async () => {
    const sides = 'from=2026-11-23T13:36:51Z&base-until=2026-11-23T13:36:51Z&base-service=shop';
    await page.goto(`/#v=1&service=shop&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds&page=compare&${sides}`);
    await expect(page.locator('eg-compare-page').getByRole('grid').getByRole('row').nth(1)).toContainText('main.applyDiscounts');
    await app.drawn();
    await picture(page, 'compare');
  });

  await test.step('read the lines that cost', async () => {
    await page.goto('/#v=1&service=shop&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds&view=source&panes=flame');
    await page.getByLabel('Filter files').fill('main.go');
    await page.locator('eg-source-files .file-row').first().click();
    await expect(page.locator('eg-source-lines .line-row.active')).toBeVisible();
    await picture(page, 'source');
  });

  await test.step('take it along', async () => {
    await page.goto('/#v=1&service=shop&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds');
    await app.drawn();
    await page.keyboard.press('ControlOrMeta+k');
    await expect(page.locator('eg-palette input')).toBeFocused();
    await page.keyboard.type('save as');
    await expect(page.getByRole('option').first()).toContainText('Save as');
    await picture(page, 'save');
    await page.keyboard.press('Escape');
  });

  await test.step('keep the data in hand', async () => {
    await page.goto('/#v=1&page=storage');
    await expect(page.locator('eg-storage-page')).toContainText('used by this site');
    await picture(page, 'storage');
  });

  await test.step('see calls in order of time', async () => {
    await page.goto('/#v=1&service=trace-object&type=process_cpu:cpu:nanoseconds::&view=time&panes=flame');
    await app.choose(fixture('chrome', 'trace-object.json.gz'));
    await app.imported();
    await page.keyboard.press('Escape');
    await expect(app.graph).toHaveAttribute('timed', '');
    await app.drawn();
    await page.mouse.move(1030, 500);
    await page.keyboard.down('Control');
    for (let turn = 0; turn < 8; turn += 1) await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    await expect(page).toHaveURL(/window-from=/);
    await picture(page, 'time');
  });
});
