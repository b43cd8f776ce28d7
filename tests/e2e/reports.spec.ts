/** Reports as files in a browser: no server, no network, no error. */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import AxeBuilder from '@axe-core/playwright';
import type { BrowserContext, Page } from '@playwright/test';

import { CLI } from '../../scripts/lib/paths.mjs';
import { App } from './app.ts';
import { expect, fixture, test } from './harness.ts';

const run = promisify(execFile);

let folder: string;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emberglass-reports-'));
});

test.afterAll(() => rm(folder, { recursive: true }));

/** Writes a report of a file; gives its address. */
async function report(path: string, to: string): Promise<string> {
  const out = join(folder, `${path.replaceAll(/\W/g, '-')}.${to}`);
  await run(process.execPath, [join(CLI, 'emberglass.mjs'), 'convert', path, '--to', to, '-o', out]);
  return pathToFileURL(out).href;
}

/** Addresses that a page asked for. */
function requests(context: BrowserContext): string[] {
  const asked: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  return asked;
}

/** Items of the accessible tree: the boxes that carry a name, callers first. */
async function boxes(page: Page): Promise<string[]> {
  const items = page.locator('emberglass-flamegraph [role=treeitem]');
  await expect(items.first()).toBeAttached();
  return await items.evaluateAll((elements) => elements.map((element) => element.getAttribute('aria-label') ?? ''));
}

/** A profile whose names would break out of a page, a picture or a table. */
async function hostile(): Promise<string> {
  const path = join(folder, 'hostile.folded');
  const names = ['</script><script>document.title="broken"</script>', '<img src=x onerror=alert(1)>', ']]>&"\'', 'bidi \u202edrow'];
  await writeFile(path, names.map((name, at) => `main;${name};leaf ${10 + at}\n`).join(''));
  return path;
}

test('the page of a report works from the disk', async ({ context, page }) => {
  const url = await report(fixture('go', 'cpu.pb.gz'), 'html');
  const asked = requests(context);
  await page.goto(url);
  await expect(page).toHaveTitle('cpu.pb.gz - process_cpu:cpu');
  await expect(page.locator('.sum')).toHaveText('5.27 s');
  await expect(page.locator('emberglass-top-table [role=row]').nth(1)).toContainText('runtime.asyncPreempt');
  expect((await boxes(page))[0]).toContain('total, total 5.27 s, 100 %');

  const graph = page.locator('emberglass-flamegraph .tree');
  const place = await graph.boundingBox();
  if (place === null) throw new Error('The flame graph has no place.');
  // Level 4 on the left is main.handleCheckout.
  await page.mouse.move(place.x + 150, place.y + 90);
  await expect(page.locator('.hovered')).toHaveText(/^main\.handleCheckout example\.com\/shop\/main\.go:\d+ · self 0 ns · total 2\.39 s, 45\.4 %$/);
  await page.mouse.click(place.x + 150, place.y + 90);
  await expect.poll(async () => (await boxes(page)).some((label) => label.includes('main.handleSearch,'))).toBe(false);
  await page.getByRole('button', { name: 'Reset view' }).click();
  await expect.poll(async () => (await boxes(page)).some((label) => label.includes('main.handleSearch,'))).toBe(true);

  await page.keyboard.press('/');
  await page.keyboard.type('json');
  await expect(page.locator('.found')).toHaveText(/^\d+ of 367 functions · 1\.\d\d s, \d\d\.\d %$/);
  await expect(page.locator('emberglass-top-table .count')).toHaveText(/^\d+ of 367$/);
  await page.keyboard.press('Escape');
  await expect(page.locator('.found')).toHaveText('');
  await page.keyboard.type('/(/');
  await expect(page.locator('.found')).toHaveClass(/wrong/);
  await page.keyboard.press('Escape');
  expect(asked).toEqual([url]);
});

test('the page is walked by keyboard, and accessible in both themes and widths', async ({ page }) => {
  const url = await report(fixture('go', 'cpu.pb.gz'), 'html');
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 480]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await page.goto(url);
      await boxes(page);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
      await page.locator('emberglass-flamegraph .tree').focus();
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
      await expect(page.locator('.hovered')).toContainText(/^main\.oneshot\.func1\.[12] /);
      const before = (await boxes(page)).length;
      await page.keyboard.press('Enter');
      await expect.poll(async () => (await boxes(page)).length).not.toBe(before);
      if (width > 720) continue;
      await expect(page.locator('emberglass-top-table')).toBeHidden();
      await page.getByRole('tab', { name: 'Top' }).click();
      await expect(page.locator('emberglass-top-table [role=row]').nth(1)).toContainText('runtime.asyncPreempt');
      await expect(page.locator('emberglass-flamegraph')).toBeHidden();
    }
  }
});

test('hostile names stay text in pages and pictures', async ({ context, page }) => {
  const path = await hostile();
  const asked = requests(context);
  const urls = [await report(path, 'html'), await report(path, 'svg'), await report(fixture('special', 'weird-names.pb.gz'), 'svg')];
  await page.goto(urls[0] ?? '');
  await expect(page).toHaveTitle('hostile.folded - samples:samples');
  await expect(page.locator('emberglass-top-table .function').filter({ hasText: 'onerror' })).toHaveCount(1);
  for (const url of urls.slice(1)) {
    await page.goto(url);
    // A picture that is not well-formed shows an error instead.
    expect(await page.evaluate(() => [document.documentElement.tagName, document.querySelectorAll('parsererror, script, img').length])).toEqual(['svg', 0]);
  }
  await page.goto(urls[1] ?? '');
  const titles = await page.locator('g > g > title').allTextContents();
  expect(titles.some((title) => title.startsWith('</script><script>'))).toBe(true);
  expect(titles.some((title) => title.startsWith('bidi \\u{202e}drow'))).toBe(true);
  expect(asked).toEqual([...urls, urls[1]]);
});

test('names fit into the boxes of a picture', async ({ page }) => {
  await page.goto(await report(fixture('go', 'cpu.pb.gz'), 'svg'));
  const overflowing = await page.evaluate(() =>
    [...document.querySelectorAll<SVGGElement>('g > g')].flatMap((group) => {
      const [rect, text] = [group.querySelector('rect'), group.querySelector('text')];
      return text !== null && rect !== null && text.getComputedTextLength() > rect.width.baseVal.value - 4 ? [text.textContent] : [];
    }),
  );
  expect(overflowing).toEqual([]);
});

test('the app saves a page that it can open again', async ({ page, context }) => {
  const app = new App(page);
  await app.open();
  await app.choose(fixture('go', 'cpu.pb.gz'));
  await app.imported();
  expect(await app.sum()).toBe(5_270_000_000n);
  const [download] = await Promise.all([page.waitForEvent('download'), app.menu('Save as page with flame graph')]);
  expect(download.suggestedFilename()).toMatch(/-cpu\.html$/);
  const file = join(folder, 'saved.html');
  await download.saveAs(file);
  expect(await readFile(file, 'utf8')).toContain('process_cpu:cpu:nanoseconds:cpu:nanoseconds');
  const saved = await context.newPage();
  await saved.goto(pathToFileURL(file).href);
  await expect(saved.locator('.sum')).toHaveText('5.27 s');
  await saved.close();
  const { stdout } = await run(process.execPath, [join(CLI, 'emberglass.mjs'), 'info', file, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ files: [{ format: 'html-report', profiles: [{ type: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds', total: 5270000000 }] }] });
});

test('the app says what a saved file could not hold', async ({ page }) => {
  const app = new App(page);
  await app.open();
  await app.choose(fixture('go', 'cpu.pb.gz'));
  await app.imported();
  await app.drawn();
  const download = page.waitForEvent('download');
  await app.menu('Save as Firefox Profiler JSON');
  expect((await download).suggestedFilename()).toContain('.json');
  await expect(page.locator('eg-notices')).toContainText('times-made-up');
});
