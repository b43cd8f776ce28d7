/** The source view: files and lines by what they cost, the text from folders, files and addresses. */

import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import type { Locator, Page } from '@playwright/test';

import { App, exactIn } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';

const MAIN = 'example.com/shop/main.go';
/** Lines of main.go that end stacks, of go/cpu.pb.gz: line, self and total in ns. */
const COSTS: readonly [line: number, self: bigint, total: bigint][] = [
  [42, 10_000_000n, 150_000_000n],
  [144, 10_000_000n, 830_000_000n],
  [171, 60_000_000n, 60_000_000n],
];

/** Stands for the dialog of folders, which no test can drive: gives a folder of the browser's private files. */
async function stubPicker(page: Page, folder: string): Promise<void> {
  await page.addInitScript((name) => {
    const pick = async (): Promise<FileSystemDirectoryHandle> => (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
    Object.assign(window, { showDirectoryPicker: pick });
  }, folder);
}

/** Writes files into the browser's private files, by their paths. */
async function putFiles(page: Page, files: Record<string, string>): Promise<void> {
  await page.evaluate(async (all) => {
    for (const [path, text] of Object.entries(all)) {
      let folder = await navigator.storage.getDirectory();
      const parts = path.split('/');
      for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part, { create: true });
      const file = await (await folder.getFileHandle(parts.at(-1) ?? '', { create: true })).createWritable();
      await file.write(text);
      await file.close();
    }
  }, files);
}

/** A text of so many lines, each of which says its number. */
const numbered = (count: number): string => Array.from({ length: count }, (_, at) => `\twork(${at + 1}) // <b>&amp;</b>`).join('\n');

/** The source view in one page. */
class Source {
  readonly page: Page;
  readonly files: Locator;
  readonly lines: Locator;
  readonly note: Locator;
  readonly active: Locator;

  constructor(page: Page) {
    this.page = page;
    this.files = page.locator('eg-source-files .file-row');
    this.lines = page.locator('eg-source-lines .line-row');
    this.note = page.locator('eg-source .note');
    this.active = page.locator('eg-source-lines .line-row.active');
  }

  static async of(page: Page, ...files: string[]): Promise<Source> {
    await App.showing(page, ...files);
    await page.locator('eg-breadcrumbs .graphs').getByRole('button', { name: 'Source', exact: true }).click();
    const source = new Source(page);
    await expect(source.files.first()).toBeVisible();
    return source;
  }

  async open(filter: string): Promise<void> {
    await this.page.getByLabel('Filter files').fill(filter);
    await expect(this.files).toHaveCount(1);
    await this.files.first().click();
    await expect(this.lines.first()).toBeVisible();
  }

  line(number: number): Locator {
    return this.page.locator(`#source-line-${number}`);
  }

  async costs(number: number): Promise<bigint[]> {
    const values = await this.line(number).locator('.value[title]').all();
    return Promise.all(values.map(async (value) => exactIn(await value.getAttribute('title'))));
  }

  async places(): Promise<Locator> {
    await this.page.getByRole('button', { name: 'Where the source is' }).click();
    return this.page.locator('eg-source-places');
  }
}

test('without a text, a file is a table of its lines, and says how to give the source', async ({ page }) => {
  const source = await Source.of(page, fixture('go', 'cpu.pb.gz'));
  await expect(source.files.first()).toContainText(MAIN);
  await expect(source.files.first().locator('.value').first()).toHaveAttribute('title', /160,000,000/);
  await source.open('shop/main');
  await expect(page).toHaveURL(/view=source/);
  await expect(page).toHaveURL(/file=example.com\/shop\/main.go/);
  for (const [line, self, total] of COSTS) expect(await source.costs(line), `line ${line}`).toEqual([self, total]);
  await expect(source.line(88)).toContainText('main.priceSort, main.priceSort.func1');
  await expect(source.active, 'the line that costs most').toHaveAttribute('id', 'source-line-171');
  await expect(source.note).toContainText('The text of main.go is not at hand');
  await expect(source.note.getByRole('button', { name: 'Choose a folder' })).toBeVisible();
  await expectAccessible(page, 'the table of lines');
  await page.getByRole('button', { name: 'All files' }).click();
  await expectAccessible(page, 'the list of files');
});

test('a folder gives the text, and is remembered', async ({ page }) => {
  await stubPicker(page, 'shop');
  const source = await Source.of(page, fixture('go', 'cpu.pb.gz'));
  await putFiles(page, { 'shop/main.go': numbered(260), 'shop/.git/main.go': 'no source', 'shop/cart/cart.go': 'other' });
  await source.open('shop/main');
  await source.note.getByRole('button', { name: 'Choose a folder' }).click();
  await expect(source.note).toHaveText('shop/main.go');
  await expect(source.line(171).locator('.code')).toHaveText('work(171) // <b>&amp;</b>');
  for (const [line, self, total] of COSTS) {
    await page.getByLabel('Go to line').fill(String(line));
    await page.keyboard.press('Enter');
    await expect(source.active).toHaveAttribute('id', `source-line-${line}`);
    expect(await source.costs(line)).toEqual([self, total]);
  }
  await expectAccessible(page, 'lines beside the text');
  await expect(page).toHaveURL(/line=171/);
  await page.reload();
  await expect(source.line(171).locator('.code')).toHaveText('work(171) // <b>&amp;</b>');
  await expect(source.active).toHaveAttribute('id', 'source-line-171');
  // Another version of the file: fewer lines, and blank ones where something costs.
  await putFiles(page, { 'shop/main.go': numbered(180).replace('\twork(144) // <b>&amp;</b>', '') });
  const places = await source.places();
  await places.getByRole('button', { name: 'Read anew' }).click();
  await expect(source.note).toContainText('5 lines beyond its end and 1 blank line cost: the text is of another version');
  await page.getByLabel('Go to line').fill('206');
  await page.keyboard.press('Enter');
  await expect(source.line(206)).toContainText('beyond the end · main.oneshot.func1.2');
  await places.getByRole('button', { name: 'Remove shop' }).click();
  await expect(source.note).toContainText('is not at hand');
  await page.reload();
  await expect(source.note).toContainText('is not at hand');
});

test('a folder that the browser asks for again is read after one click', async ({ page }) => {
  await stubPicker(page, 'shop');
  const source = await Source.of(page, fixture('go', 'cpu.pb.gz'));
  await putFiles(page, { 'shop/main.go': numbered(260) });
  await source.open('shop/main');
  await source.note.getByRole('button', { name: 'Choose a folder' }).click();
  await expect(source.note).toHaveText('shop/main.go');
  await page.addInitScript(() => {
    let state: PermissionState = 'prompt';
    Object.assign(FileSystemDirectoryHandle.prototype, {
      queryPermission: () => Promise.resolve(state),
      requestPermission: () => {
        state = navigator.userActivation.isActive ? 'granted' : 'denied';
        return Promise.resolve(state);
      },
    });
  });
  await page.reload();
  await expect(source.note).toContainText('asks for again');
  expect((await source.costs(171)).length, 'the costs are there all the same').toBe(2);
  await source.note.getByRole('button', { name: 'Allow reading shop' }).click();
  await expect(source.line(171).locator('.code')).toHaveText(/^\s*work\(171\)/);
});

test('where several files may be meant the person chooses, and can take it back', async ({ page }) => {
  await stubPicker(page, 'work');
  const source = await Source.of(page, fixture('go', 'cpu.pb.gz'));
  await putFiles(page, { 'work/a/shop/main.go': `// a\n${numbered(260)}`, 'work/b/shop/main.go': `// b\n${numbered(260)}`, 'work/main.go': '' });
  await source.open('shop/main');
  await source.note.getByRole('button', { name: 'Choose a folder' }).click();
  await expect(source.note).toContainText('2 files may be meant');
  await expectAccessible(page, 'a choice of files');
  await source.note.getByRole('button', { name: 'work/b/shop/main.go' }).click();
  await expect(source.note).toContainText('work/b/shop/main.go');
  const places = await source.places();
  await expect(places.getByLabel('Rule 1: begin of the path in profiles')).toHaveValue('example.com/');
  await expect(places.getByLabel('Rule 1: begin of the path at hand')).toHaveValue('work/b/');
  await expectAccessible(page, 'where the source is');
  await places.getByLabel('Rule 1: begin of the path at hand').fill('work/a');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(source.note).toContainText('work/a/shop/main.go');
  await page.reload();
  await expect(source.note, 'rules are kept').toContainText('work/a/shop/main.go');
  await source.places();
  await places.getByRole('button', { name: 'Remove rule 1' }).click();
  await expect(source.note).toContainText('2 files may be meant');
  await places.getByRole('button', { name: 'Undo the last change' }).click();
  await expect(source.note).toContainText('work/a/shop/main.go');
});

test('two folders of one name are both kept', async ({ page }) => {
  await page.addInitScript(() => {
    const outer = ['a', 'b'];
    const pick = async (): Promise<FileSystemDirectoryHandle> => (await (await navigator.storage.getDirectory()).getDirectoryHandle(outer.shift() ?? 'b')).getDirectoryHandle('shop');
    Object.assign(window, { showDirectoryPicker: pick });
  });
  const source = await Source.of(page, fixture('go', 'cpu.pb.gz'));
  await putFiles(page, { 'a/shop/cart.go': 'package a', 'b/shop/main.go': numbered(260) });
  await source.open('shop/main');
  await source.note.getByRole('button', { name: 'Choose a folder' }).click();
  const places = await source.places();
  await expect(places.getByRole('listitem')).toHaveText([/shop\s+1 file/]);
  await places.getByRole('button', { name: 'Choose a folder' }).click();
  await expect(source.note).toContainText('shop (2)/main.go');
  await places.getByRole('button', { name: 'Choose a folder' }).click();
  await expect(places.getByRole('listitem')).toHaveCount(2);
  await page.reload();
  await expect(source.note).toContainText('shop (2)/main.go');
});

test('without a picker a folder is chosen by an input, and files by another', async ({ page }, info) => {
  await page.addInitScript(() => Object.assign(window, { showDirectoryPicker: undefined }));
  const source = await Source.of(page, fixture('go', 'cpu.pb.gz'));
  const folder = info.outputPath('shop');
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/main.go`, numbered(260));
  await source.open('shop/main');
  await source.note.locator('input[webkitdirectory]').setInputFiles(folder);
  await expect(source.note).toHaveText('shop/main.go');
  await expect(source.line(171).locator('.code')).toHaveText(/^\s*work\(171\)/);
  const places = await source.places();
  await places.getByRole('button', { name: 'Remove shop' }).click();
  await source.note.locator('input:not([webkitdirectory])').setInputFiles(`${folder}/main.go`);
  await expect(source.note).toContainText('Only its name says that this is the file');
  await expect(source.line(171).locator('.code')).toHaveText(/^\s*work\(171\)/);
});

test('what is dropped on the source is source, and elsewhere profiles', async ({ page }, info) => {
  const source = await Source.of(page, fixture('go', 'cpu.pb.gz'));
  const folder = info.outputPath('shop');
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/main.go`, numbered(260));
  await source.open('shop/main');
  const box = await page.locator('eg-source-lines').boundingBox();
  if (box === null) throw new Error('no lines');
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver'] as const) await session.send('Input.dispatchDragEvent', { type, x: box.x + 200, y: box.y + 200, data });
  await expect(page.getByText('Drop the source here')).toBeVisible();
  await expect(page.locator('.dropping')).toHaveCount(0);
  await session.send('Input.dispatchDragEvent', { type: 'drop', x: box.x + 200, y: box.y + 200, data });
  await expect(source.note).toHaveText('shop/main.go');
  await expect(page.getByText('Drop the source here')).toHaveCount(0);
});

test('a repository gives a link to each line, and the text where the policy lets it', async ({ page, problems, site }) => {
  const source = await Source.of(page, fixture('go', 'cpu.pb.gz'));
  await source.open('shop/main');
  await expect(page.locator('eg-source .detail a')).toHaveCount(0);
  const places = await source.places();
  const address = places.getByLabel('Address');
  await address.fill('nonsense');
  await page.keyboard.press('Tab');
  await expect(address).toHaveAttribute('aria-invalid', 'true');
  problems.expect(/raw\.githubusercontent\.com/);
  await address.fill('https://github.com/acme/shop');
  await page.keyboard.press('Tab');
  await places.getByLabel('Revision').fill('v1.2.3');
  await page.keyboard.press('Tab');
  const link = page.locator('eg-source .detail a');
  await expect(link).toHaveText('Open at github.com');
  await expect(link).toHaveAttribute('href', 'https://github.com/acme/shop/blob/v1.2.3/example.com/shop/main.go#L171');
  await expect(link).toHaveAttribute('rel', 'noopener noreferrer');
  await expect(source.note).toContainText('the policy of this page forbids it to read from raw.githubusercontent.com');
  await expect(places).toContainText('the link works all the same');
  await expectAccessible(page, 'a repository that may not be read');
  await places.getByRole('button', { name: 'Add a rule' }).click();
  await places.getByLabel('Rule 1: begin of the path in profiles').fill('example.com/shop/');
  await page.keyboard.press('Tab');
  await expect(link).toHaveAttribute('href', 'https://github.com/acme/shop/blob/v1.2.3/main.go#L171');
  await page.route('**/raw/**', (route) => route.fulfill({ body: numbered(260), headers: { 'content-security-policy': '' } }));
  problems.expect(/^no policy: .*\/raw\//);
  await address.fill(`${site.url.replace(/\/$/, '')}/raw/{revision}/{path}`);
  await page.keyboard.press('Tab');
  await expect(source.line(171).locator('.code')).toHaveText(/^\s*work\(171\)/);
  await expect(source.note).toContainText('/raw/v1.2.3/main.go');
});

test('frames, rows of the table and commands lead to their source', async ({ page }) => {
  const app = await App.showing(page, fixture('go', 'cpu.pb.gz'));
  const source = new Source(page);
  const box = await app.graph.locator('canvas').first().boundingBox();
  if (box === null) throw new Error('no graph');
  await page.mouse.click(box.x + 40, box.y + 70, { button: 'right' });
  const menu = page.locator('eg-frame-menu [popover]');
  await menu.getByRole('menuitem', { name: 'Open the source', exact: true }).click();
  await expect(source.lines.first()).toBeVisible();
  await expect(page).toHaveURL(/view=source/);
  await expect(page.locator('eg-source .path')).toHaveText(/\.(go|s)$/);
  const before = (await source.active.getAttribute('id')) ?? '';
  expect(before).not.toBe('source-line-171');
  await page.locator('emberglass-top-table').getByText('main.cachePut').click();
  await expect(page.locator('eg-source .path')).toHaveText(MAIN);
  await expect(source.active).toHaveAttribute('id', 'source-line-171');
  await page.goBack();
  await expect(source.active).toHaveAttribute('id', before);
  await page.goBack();
  await app.drawn();
  await app.graph.locator('.tree').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('o');
  await expect(source.active).toBeVisible();
  await expect(page.locator('eg-source .path')).toHaveText(/\.(go|s)$/);
  await app.command('Source by file');
  await expect(source.files.first()).toBeVisible();
});

test('all of it by the keyboard', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const source = await Source.of(page, fixture('go', 'cpu.pb.gz'));
  await page.getByLabel('Filter files').focus();
  await page.keyboard.type('.go');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(source.active).toHaveAttribute('id', 'source-line-171');
  await page.locator('eg-source-lines .scroll').focus();
  const at = async (line: number): Promise<void> => expect(source.active).toHaveAttribute('id', `source-line-${line}`);
  await page.keyboard.press('n');
  await at(42);
  await page.keyboard.press('n');
  await at(45);
  await page.keyboard.press('Shift+N');
  await at(42);
  await page.keyboard.press('ArrowDown');
  await at(43);
  await page.keyboard.press('End');
  await at(209);
  await page.keyboard.press('h');
  await at(171);
  await page.keyboard.press('g');
  await page.keyboard.type('144');
  await page.keyboard.press('Enter');
  await at(144);
  await page.keyboard.press('c');
  await expect(page.locator('eg-notices')).toContainText(`Copied ${MAIN}:144`);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${MAIN}:144`);
  await page.keyboard.press('Backspace');
  await expect(source.files.first()).toBeVisible();
  await expect(page.locator('eg-source-files .scroll')).toBeFocused();
  await expect(page).not.toHaveURL(/line=/);
});

test('the address has no line of a file that was left', async ({ page }) => {
  const source = await Source.of(page, fixture('go', 'cpu.pb.gz'));
  await source.open('shop/main');
  await expect(source.active).toHaveAttribute('id', 'source-line-171');
  // At once: a person's second key may come before the address has the line, too.
  await page.locator('eg-source-lines .scroll').evaluate((list) => {
    for (const key of ['ArrowDown', 'Backspace']) list.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }));
  });
  await expect(source.files.first()).toBeVisible();
  await page.waitForTimeout(1_000);
  expect(page.url()).not.toMatch(/line=|file=/);
});

test('a real script beside its own profile', async ({ page }, info) => {
  const folder = info.outputPath('script');
  await mkdir(folder, { recursive: true });
  const text = ['// Keeps the processor busy.', '', 'function primes(upTo) {', '  const found = [];', '  for (let n = 2; n < upTo; n += 1) if (found.every((p) => n % p !== 0)) found.push(n);', '  return found.length;', '}', '', '// Long enough for the profiler, however busy the machine is.', 'for (const end = Date.now() + 500; Date.now() < end; ) primes(6000);', ''].join('\n');
  await writeFile(`${folder}/busy script.mjs`, text);
  await promisify(execFile)(process.execPath, ['--cpu-prof', `--cpu-prof-dir=${folder}/profile`, `${folder}/busy script.mjs`]);
  const [profile] = await readdir(`${folder}/profile`);
  await page.addInitScript(() => Object.assign(window, { showDirectoryPicker: undefined }));
  const source = await Source.of(page, `${folder}/profile/${profile ?? ''}`);
  await source.open('busy');
  await source.note.locator('input:not([webkitdirectory])').setInputFiles(`${folder}/busy script.mjs`);
  await expect(source.line(3).locator('.code')).toHaveText('function primes(upTo) {');
  expect((await readFile(`${folder}/busy script.mjs`, 'utf8')).split('\n')[2]).toBe('function primes(upTo) {');
  const [, total = 0n] = await source.costs(3);
  expect(total, 'the function costs').toBeGreaterThan(0n);
  await page.locator('eg-source .note').getByText('Only its name says').waitFor();
});

test('a hundred thousand lines are walked without waiting', async ({ page }) => {
  await stubPicker(page, 'shop');
  const source = await Source.of(page, fixture('go', 'cpu.pb.gz'));
  await putFiles(page, { 'shop/main.go': numbered(100_000) });
  await source.open('shop/main');
  await source.note.getByRole('button', { name: 'Choose a folder' }).click();
  await expect(source.note).toHaveText('shop/main.go');
  await page.locator('eg-source-lines .scroll').focus();
  await page.keyboard.press('End');
  await expect(source.line(100_000).locator('.code')).toBeInViewport();
  const began = Date.now();
  for (let step = 0; step < 20; step += 1) await page.keyboard.press('PageUp');
  await expect(source.active).toHaveAttribute('id', 'source-line-99400');
  expect(Date.now() - began, 'milliseconds for 20 pages').toBeLessThan(5000);
  expect(await source.lines.count(), 'rows in the page').toBeLessThan(200);
});

test('profiles without files say so', async ({ page }) => {
  const app = await App.showing(page, fixture('folded', (await readdir(fixture('folded'))).find((name) => name.endsWith('.folded')) ?? ''));
  await app.sum();
  await page.locator('eg-breadcrumbs .graphs').getByRole('button', { name: 'Source', exact: true }).click();
  await expect(page.getByText('No file is known')).toBeVisible();
  await expectAccessible(page, 'no files');
  await page.getByRole('button', { name: 'Back to the whole graph' }).click();
  await app.drawn();
});

for (const [width, colorScheme] of [[480, 'light'], [480, 'dark'], [1440, 'dark']] as const) {
  test(`at ${width} pixels, ${colorScheme}, nothing is cut off`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await stubPicker(page, 'shop');
    const source = await Source.of(page, fixture('go', 'cpu.pb.gz'));
    await putFiles(page, { 'shop/main.go': numbered(260) });
    await page.setViewportSize({ width, height: 900 });
    await expect(source.files.first()).toBeVisible();
    await expectAccessible(page, `files at ${width}`);
    await source.open('shop/main');
    await source.note.getByRole('button', { name: 'Choose a folder' }).click();
    await expect(source.line(171).locator('.code')).toBeInViewport();
    await expect(page.getByLabel('Go to line')).toBeInViewport({ ratio: 1 });
    await source.places();
    await expectAccessible(page, `places at ${width}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });
}
