/** An import that dies with its page says on reopening what landed; the same files again add only what is missing. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { App } from './app.ts';
import { expect, testOnDisk as test } from './harness.ts';

const FILES = 500;

test('an import that dies is told, and goes on with the same folder', async ({ page }, info) => {
  test.slow();
  const folder = info.outputPath('in');
  await mkdir(folder);
  const files = Array.from({ length: FILES }, (_, at) => join(folder, `f${at}.folded`));
  await Promise.all(files.map((file, at) => writeFile(file, `main;work${at} ${at + 1}\n`)));
  const app = new App(page);
  await app.open();
  await app.choose(...files);
  // Looked at with every frame: the moment is short.
  await page.waitForFunction(() => /Importing (1\d\d|2\d\d) of 500/.test(document.querySelector('eg-status-line')?.textContent ?? ''), undefined, { polling: 'raf', timeout: 60_000 });
  await page.reload();

  const notice = page.getByText(/did not end: of 500 files/);
  await expect(notice).toBeVisible();
  const [, stored = '', missing = ''] = /files (\d+) are stored and (\d+) are not/.exec((await notice.textContent()) ?? '') ?? [];
  expect(Number(stored) + Number(missing)).toBe(FILES);
  expect(Number(missing)).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Show which' }).click();
  await expect(app.report.locator('summary')).toContainText(`${stored} of 500 files stored`);
  await app.report.locator('summary').click();
  await expect(app.report.locator('pre')).toContainText(/f\d+\.folded: not stored/);
  await page.keyboard.press('Escape');

  await app.choose(...files);
  await expect(app.status).not.toContainText('Importing', { timeout: 30_000 });
  await app.imported();
  await expect(app.status).toContainText(`imported from ${missing} file`);
  if (stored !== '0') await expect(app.status).toContainText(`${stored} duplicate`);
  await page.reload();
  await expect(app.saveState).toHaveText('saved');
  await expect(page.getByText('did not end')).toHaveCount(0);
});
