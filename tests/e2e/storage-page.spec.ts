/** The storage page: what is stored, exported, imported elsewhere, deleted; all by keyboard, and axe finds nothing. */

import { readFile, writeFile } from 'node:fs/promises';

import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, testOnDisk as test } from './harness.ts';

const FILES = [fixture('go', 'cpu.pb.gz'), fixture('java', 'app.jfr'), fixture('callgrind', 'callgrind.out')];

test('what is exported comes into another browser, once, with the same sums', async ({ page, elsewhere }, info) => {
  test.slow();
  const app = new App(page);
  await app.open();
  await app.choose(...FILES);
  await app.imported();
  const before = await app.sums();
  expect(Object.keys(before).length).toBeGreaterThan(4);

  await app.menu('Storage');
  await expect(page).toHaveURL(/page=storage/);
  const storage = page.locator('eg-storage-page');
  await expect(storage).toContainText('All is saved.');
  const downloading = page.waitForEvent('download');
  await storage.getByRole('button', { name: 'Export everything' }).click();
  const file = info.outputPath('profiles.emberglass');
  await (await downloading).saveAs(file);
  await expect(page.getByText(/profiles exported to profiles.emberglass/)).toBeVisible();

  const other = new App(elsewhere);
  const cut = info.outputPath('cut.emberglass');
  await writeFile(cut, (await readFile(file)).subarray(0, -20));
  await other.open();
  await other.choose(cut);
  await expect(other.report).toBeVisible();
  expect((await other.lines())['cut.emberglass']).toMatchObject({ word: 'failed', detail: expect.stringContaining('cut off') });
  await other.choose(file);
  await other.imported();
  expect((await other.lines())['profiles.emberglass']?.word).toBe('stored before');
  await other.page.keyboard.press('Escape');
  await other.drawn();
  expect(await other.sums()).toEqual(before);
});

test('the page outlives a reload, merges, switches a second copy on, and deletes by keyboard', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.choose(FILES[0] as string);
  await app.imported();
  await app.open('v=1&page=storage');
  const storage = page.locator('eg-storage-page');
  await expect(storage.getByRole('heading', { name: 'Storage', exact: true })).toBeFocused();
  await storage.getByRole('button', { name: 'Compact now' }).press('Enter');
  await expect(page.getByText(/merged: .* became|Nothing to merge/)).toBeVisible();
  await storage.getByRole('button', { name: 'Verify now' }).press('Enter');
  await expect(page.getByText(/All is intact: .* read/)).toBeVisible();
  await expect(storage).toContainText('all intact');
  await expect(storage.getByRole('table')).toContainText('KiB');
  await storage.getByLabel('Days to keep samples').fill('90000');
  await storage.getByLabel('Days to keep', { exact: true }).fill('100000');
  await storage.getByLabel('Days to keep', { exact: true }).press('Enter');
  await expect(page.getByRole('dialog')).toContainText('started more than 100000 days ago');
  await expect(page.getByRole('dialog')).toContainText('samples of those that started more than 90000 days ago');
  await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).press('Enter');
  await expect(page.getByText('Nothing is past them.')).toBeVisible();
  await storage.getByText('In this browser’s private files').click();
  await expect(storage).toContainText('Both copies are equal.');
  await storage.getByText('None', { exact: true }).click();
  await expect(storage).toContainText('With a second copy');
  await storage.getByRole('button', { name: 'Delete everything…' }).press('Enter');
  await expect(page.getByRole('dialog')).toContainText('will be deleted from this machine');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete everything' }).press('Enter');
  await expect(app.empty).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [width, height] of [[1440, 900], [480, 900]] as const) {
    test(`axe finds nothing on the storage page: ${colorScheme}, ${width} wide`, async ({ page }, info) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      const app = new App(page);
      await app.open();
      await app.choose(...FILES);
      await app.imported();
      await app.menu('Storage');
      await expect(page.locator('eg-storage-page')).toContainText('used by this site');
      await page.screenshot({ path: info.outputPath('storage.png') });
      await expectAccessible(page, 'storage page');
      await page.keyboard.press('Escape');
      await expect(page.locator('eg-storage-page')).toHaveCount(0);
      await expect(page).not.toHaveURL(/page=/);
    });
  }
}
