/** The files page: what is listed of each file; labels given at import; export, deletion; files that are only looked at. */

import { mkdir, copyFile } from 'node:fs/promises';
import { join } from 'node:path';


import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';

const FILES = [fixture('go', 'cpu.pb.gz'), fixture('go', 'heap.pb.gz'), fixture('java', 'app.jfr')];

test('files are listed with what they hold, chosen, exported and deleted', async ({ page, elsewhere }, info) => {
  const app = new App(page);
  await app.open();
  await app.choose(...FILES);
  await app.imported();
  await app.menu('Files');
  await expect(page).toHaveURL(/page=files/);
  const files = page.locator('eg-files-page');
  await expect(files.locator('.head')).toContainText('3 files');
  await expect(files.locator('.line')).toHaveCount(3);
  const jfr = files.locator('.line', { hasText: 'app.jfr' });
  await expect(jfr).toContainText('jfr');
  await jfr.getByRole('button').click();
  const details = files.getByRole('region', { name: 'Details of app.jfr' });
  await expect(details).toContainText('service_name=');
  await expect(details).toContainText('dated by the file itself');

  await files.getByRole('searchbox').fill('pprof');
  await expect(files.locator('.line')).toHaveCount(2);
  await files.getByLabel('Choose heap.pb.gz').check();
  await expect(files).toContainText('1 file chosen');
  const downloading = page.waitForEvent('download');
  await files.locator('.chosen').getByRole('button', { name: 'Export' }).click();
  const pack = info.outputPath('heap.emberglass');
  await (await downloading).saveAs(pack);

  await files.locator('.chosen').getByRole('button', { name: 'Delete…' }).press('Enter');
  await expect(page.getByRole('dialog')).toContainText('profiles of heap.pb.gz will be deleted');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).press('Enter');
  // While it is open no key reaches the field.
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await files.getByRole('searchbox').fill('');
  await expect(files.locator('.line')).toHaveCount(2);
  await expect(files.locator('.line', { hasText: 'heap.pb.gz' })).toHaveCount(0);

  await details.getByRole('button', { name: 'Show its profiles' }).click();
  await expect(files).toHaveCount(0);
  await expect(page.locator('eg-profile-picker .service')).toHaveText('app');
  await app.sum();

  const other = new App(elsewhere);
  await other.open();
  await other.choose(pack);
  await other.imported();
  await other.menu('Files');
  await expect(other.page.locator('eg-files-page .line')).toHaveCount(1);
  await expect(other.page.locator('eg-files-page .line')).toContainText('heap.pb.gz');
});

test('labels come from paths and from the person', async ({ page }, info) => {
  const folder = info.outputPath('shop', 'eu');
  await mkdir(folder, { recursive: true });
  await copyFile(FILES[0] as string, join(folder, 'cpu.pb.gz'));
  const app = new App(page);
  await app.open('v=1&page=files');
  const files = page.locator('eg-files-page');
  await expect(files).toContainText('No files yet');
  await files.getByText('Labels for what is imported next').click();
  await files.getByLabel('From folders of the path').fill('{service_name/{region}/');
  await files.getByLabel('From folders of the path').press('Enter');
  await expect(files.getByRole('alert')).toContainText('bad-path-template');
  await files.getByLabel('From folders of the path').fill('{service_name}/{region}/');
  await files.getByLabel('For every file').fill('team="core, infra"');
  await files.getByLabel('For every file').press('Enter');
  await expect(files).toContainText('folder/subfolder/file.pb.gz gets region=subfolder, service_name=folder.');
  await app.drop(info.outputPath('shop'));
  await app.imported();
  await files.locator('.line', { hasText: 'shop/eu/cpu.pb.gz' }).getByRole('button').click();
  const details = files.getByRole('region', { name: 'Details of shop/eu/cpu.pb.gz' });
  for (const label of ['service_name=shop', 'region=eu', 'team="core, infra"']) await expect(details).toContainText(label);
});

test('files are looked at without being stored', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.choose(FILES[0] as string);
  await app.imported();
  const stored = await app.catalog();
  await app.menu('Files');
  await page.locator('eg-files-page').getByLabel(/Look at files/).setInputFiles(FILES[2] as string);
  const strip = page.locator('.aside');
  await expect(strip).toContainText('not stored');
  await expect(page.locator('eg-profile-picker .service')).toHaveText('app');
  await app.sum();
  await strip.getByRole('button', { name: 'Back to what is stored' }).click();
  await expect(strip).toHaveCount(0);
  await expect(app.saveState).toHaveText('saved');
  await app.sum();
  expect(await app.catalog()).toEqual(stored);

  await app.menu('Files');
  await page.locator('eg-files-page').getByLabel(/Look at files/).setInputFiles(FILES[2] as string);
  await expect(page.locator('eg-profile-picker .service')).toHaveText('app');
  await strip.getByRole('button', { name: 'Store them' }).click();
  await app.imported();
  await page.reload();
  await expect(app.saveState).toHaveText('saved');
  expect(Object.keys(await app.catalog())).toEqual(expect.arrayContaining([...Object.keys(stored), 'app']));
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [width, height] of [[1440, 900], [480, 900]] as const) {
    test(`axe finds nothing on the files page: ${colorScheme}, ${width} wide`, async ({ page }, info) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      const app = new App(page);
      await app.open();
      await app.choose(...FILES);
      await app.imported();
      await app.open('v=1&page=files');
      const files = page.locator('eg-files-page');
      await expect(files.locator('.line')).toHaveCount(3);
      await files.locator('.line .what').first().click();
      await files.getByLabel(/^Choose cpu/).check();
      await files.getByText('Labels for what is imported next').click();
      await page.screenshot({ path: info.outputPath('files.png') });
      await expectAccessible(page, 'files page');
      await page.keyboard.press('Escape');
      await expect(files).toHaveCount(0);
    });
  }
}
