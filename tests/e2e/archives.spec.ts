/** Archives dropped on the page: each member gets its line and is stored like a file of its own. */

import { App } from './app.ts';
import { expect, fixture, test } from './harness.ts';

test('the files of a dropped archive get a line each, and are stored like files of their own', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.drop(fixture('archives', 'shop.zip'));
  await app.imported();
  await expect(app.report).toBeVisible();
  const lines = await app.lines();
  expect(lines['shop.zip']?.word).toBe('unpacked');
  expect(lines['mutex.pb.gz']?.word).toBe('saved');
  expect(lines['raw-small.folded']?.word).toBe('saved');
  expect(lines['notes.txt']?.word).toBe('skipped');
  expect(lines['broken.pb.gz']?.word).toBe('failed');
  expect(lines['broken.pb.gz']?.detail).toContain('(truncated, at byte 400)');
  await page.keyboard.press('Escape');

  await app.drop(fixture('archives', 'nested.zip'));
  await app.imported();
  await app.menu('Show the import report');
  const nested = await app.lines();
  expect(nested['nested.zip']?.word).toBe('unpacked');
  expect(nested['thread.pb.gz']?.word).toBe('saved');
});
