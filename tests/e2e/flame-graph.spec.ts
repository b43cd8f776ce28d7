/** The flame graph under the hands of a person: menu, matches, minimap, pictures, keys, history. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Download, Page } from '@playwright/test';

import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';

const CPU = fixture('go', 'cpu.pb.gz');
const MENU = 'eg-frame-menu [popover]';

async function opened(page: Page, ...files: string[]): Promise<App> {
  const app = await App.showing(page, ...files);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  return app;
}

const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

/** A file of one stack of `depth` frames, and a sibling at each tenth level. */
async function deepFile(folder: string, depth: number): Promise<string> {
  const names = Array.from({ length: depth }, (_, level) => `level_${level}`);
  const lines = [`${names.join(';')} 90`];
  for (let level = 10; level < depth; level += 10) lines.push(`${names.slice(0, level).join(';')};side_${level} 1`);
  const path = join(folder, 'deep.folded');
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

/** A point on a level, near the left edge. */
async function onLevel(app: App, level: number): Promise<{ x: number; y: number }> {
  const box = await app.graph.locator('canvas').first().boundingBox();
  if (box === null) throw new Error('no canvas');
  return { x: box.x + 40, y: box.y + level * 20 + 10 };
}

/** Opens the menu of the frame at a point; a zoom on its way has to end first. */
async function openMenu(page: Page, { x, y }: { x: number; y: number }): Promise<void> {
  await expect(async () => {
    await page.mouse.click(x, y, { button: 'right' });
    await expect(page.locator(MENU)).toBeVisible({ timeout: 500 });
  }).toPass();
}

const announced = (app: App): Promise<string> => app.graph.locator('.announcer').textContent().then((text) => text ?? '');

test('a menu copies the name and the stack of a frame, zooms and searches', async ({ page }) => {
  const app = await opened(page, CPU);
  const menu = page.locator(MENU);
  const { x, y } = await onLevel(app, 3);
  await openMenu(page, { x, y });
  const name = (await menu.locator('.menu-title').textContent()) ?? '';
  await expect(menu.getByRole('menuitem').first()).toBeFocused();

  await test.step('the name', async () => {
    await menu.getByRole('menuitem', { name: 'Copy the name' }).click();
    await expect(menu).toBeHidden();
    await expect(page.locator('eg-notices')).toContainText('Copied the name.');
    expect(await clipboard(page)).toBe(name);
  });

  await test.step('the stack, root first', async () => {
    await openMenu(page, { x, y });
    await menu.getByRole('menuitem', { name: 'Copy the stack' }).click();
    await expect(page.locator('eg-notices')).toContainText('a stack of 3 frames');
    const stack = (await clipboard(page)).split('\n');
    expect(stack).toHaveLength(3);
    expect(stack.at(-1)).toBe(name);
  });

  await test.step('a press outside and Escape close it, and the view stays', async () => {
    const url = page.url();
    await openMenu(page, { x, y });
    await page.mouse.click(2, 300);
    await expect(menu).toBeHidden();
    await openMenu(page, { x, y });
    await page.keyboard.press('Escape');
    await expect(menu).toBeHidden();
    expect(page.url()).toBe(url);
  });

  await test.step('zoom and search, which the back button takes back', async () => {
    await openMenu(page, { x, y });
    await menu.getByRole('menuitem', { name: 'Zoom to it' }).click();
    await expect(page.locator('eg-breadcrumbs .crumb')).toHaveCount(4);
    await openMenu(page, { x, y });
    await menu.getByRole('menuitem', { name: 'Search for it' }).click();
    await expect(page.locator('eg-view-bar input')).toHaveValue(name);
    await page.goBack();
    await expect(page.locator('eg-view-bar input')).toHaveValue('');
    await expect(page.locator('eg-breadcrumbs .crumb')).toHaveCount(4);
    await page.goBack();
    await expect(page.locator('eg-breadcrumbs .crumb')).toHaveCount(1);
    await page.goForward();
    await expect(page.locator('eg-breadcrumbs .crumb')).toHaveCount(4);
  });
});

test('a menu low in the window moves up until it is seen as a whole', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 720 });
  const app = await opened(page, CPU);
  const frame = (await app.graph.boundingBox())!;
  const menu = page.locator('eg-frame-menu [popover]');
  for (const y of [60, 260]) {
    await page.mouse.click(frame.x + 80, frame.y + y, { button: 'right' });
    await expect(menu.getByRole('menuitem').last()).toBeInViewport({ ratio: 0.99 });
    await expect(menu).toBeInViewport({ ratio: 0.99 });
    expect(await menu.evaluate((each) => each.scrollHeight - each.clientHeight), 'nothing to scroll').toBe(0);
    await page.keyboard.press('Escape');
  }
  await page.setViewportSize({ width: 1440, height: 500 });
  await page.mouse.click(frame.x + 80, frame.y + 60, { button: 'right' });
  await expect(menu, 'of a low window it has the height').toBeInViewport({ ratio: 0.99 });
  expect(await menu.evaluate((each) => each.scrollHeight - each.clientHeight)).toBeGreaterThan(0);
});

test('the keyboard reaches every frame, and is told where it is', async ({ page }) => {
  const app = await opened(page, CPU);
  const tree = app.graph.locator('.tree');
  await page.locator('eg-view-bar input').focus();
  await tree.focus();
  await page.keyboard.press('Home');
  await expect.poll(() => announced(app)).toContain('100 %');
  await page.keyboard.press('ArrowDown');
  const first = (await expect.poll(() => announced(app)).not.toContain('100 %'), await announced(app));
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => announced(app)).not.toBe(first);
  await page.keyboard.press('ArrowUp');
  await expect.poll(() => announced(app)).toBe(first);

  await test.step('End is the end of the heaviest path', async () => {
    await page.keyboard.press('End');
    await expect.poll(() => announced(app)).not.toBe(first);
    const end = await announced(app);
    await page.keyboard.press('ArrowDown');
    expect(await announced(app), 'nothing is below').toBe(end);
    await expect(tree).toHaveAttribute('aria-activedescendant', /node-\d+/);
  });

  await test.step('the menu comes by Shift+F10 and gives the focus back', async () => {
    await page.keyboard.press('Shift+F10');
    const menu = page.locator(MENU);
    await expect(menu).toBeVisible();
    await page.keyboard.press('ArrowUp');
    await expect(menu.getByRole('menuitem').last(), 'past the first is the last').toBeFocused();
    const copy = menu.getByRole('menuitem', { name: 'Copy the name' });
    const entries = await menu.getByRole('menuitem').allTextContents();
    for (let at = entries.length - 1; !entries[at]?.includes('Copy the name') && at > 0; at -= 1) await page.keyboard.press('ArrowUp');
    await expect(copy).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(menu).toBeHidden();
    const name = await clipboard(page);
    expect(await announced(app)).toContain(`Selected: ${name}`);
    await expect(app.graph).toBeFocused();
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => announced(app)).not.toContain(`Selected: ${name},`);
    await page.keyboard.press('c');
    await expect.poll(() => clipboard(page)).not.toBe(name);
    expect(await announced(app)).toContain(`Selected: ${await clipboard(page)}`);
  });
});

test('matches are stepped through, also out of the window', async ({ page, userData }) => {
  const app = await opened(page, await deepFile(userData, 200));
  const found = page.locator('eg-view-bar .found');
  await page.keyboard.press('/');
  await page.keyboard.type('side_');
  await expect(found).toContainText('19 of 219');
  const scrolled = (): Promise<number> => app.graph.locator('.scroller').evaluate((scroller) => scroller.scrollTop);
  await page.keyboard.press('Enter');
  await expect(found).toContainText(/match 1 of 19 · 19 of 219 · 17\.4 %/);
  await expect.poll(() => announced(app)).toContain('Selected: side_');
  await expect(page.locator('eg-view-bar input'), 'typing goes on').toBeFocused();
  const seen = new Set([await announced(app)]);
  for (let step = 2; step <= 19; step += 1) {
    await page.keyboard.press('Enter');
    await expect(found).toContainText(`match ${step} of 19`);
    await expect.poll(() => announced(app)).not.toBe([...seen].at(-1));
    seen.add(await announced(app));
  }
  expect(seen.size, 'each one once').toBe(19);
  const depths = [...seen].map((text) => Number(/side_(\d+)/.exec(text)?.[1]));
  expect([...depths].sort((a, b) => a - b)).toEqual(Array.from({ length: 19 }, (_, row) => (row + 1) * 10));
  await expect.poll(scrolled).toBeGreaterThan(0);
  await page.keyboard.press('Enter');
  await expect(found).toContainText('match 1 of 19');
  await page.keyboard.press('Shift+Enter');
  await expect(found).toContainText('match 19 of 19');
  await page.getByRole('button', { name: 'Next match' }).click();
  await expect(found).toContainText('match 1 of 19');

  await test.step('a search that was typed in one go is one step back', async () => {
    await page.goBack();
    await expect(page.locator('eg-view-bar input')).toHaveValue('');
    await page.goForward();
    await expect(page.locator('eg-view-bar input')).toHaveValue('side_');
  });
});

test('a long graph has a map of all its levels, which scrolls it', async ({ page, userData }) => {
  const app = await opened(page, await deepFile(userData, 400), CPU);
  const map = app.graph.locator('.map');
  await expect(map, 'a graph that fits needs none').toBeHidden();
  await app.pick('deep');
  await expect(map).toBeVisible();
  const scrolled = (): Promise<number> => app.graph.locator('.scroller').evaluate((scroller) => scroller.scrollTop);
  expect(await scrolled()).toBe(0);
  const box = await map.boundingBox();
  if (box === null) throw new Error('no map');
  await page.mouse.move(box.x + 20, box.y + 4);
  await page.mouse.down();
  await page.mouse.move(box.x + 20, box.y + box.height / 2);
  const middle = await scrolled();
  expect(middle).toBeGreaterThan(3000);
  expect(middle).toBeLessThan(5000);
  await page.mouse.move(box.x + 20, box.y + box.height - 1);
  await page.mouse.up();
  await expect.poll(scrolled).toBeGreaterThan(7000);
  const colours = await map.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
  expect(colours, 'boxes on the map').toBeGreaterThan(2);

  await page.setViewportSize({ width: 400, height: 800 });
  await expect(map, 'no room').toBeHidden();
});

/** The elements of an SVG, read by a page without a policy. */
async function elementsOf(page: Page, svg: string): Promise<{ name: string; text: string; parent: string }[]> {
  const blank = await page.context().newPage();
  const elements = await blank.evaluate((source) => {
    const sheet = new DOMParser().parseFromString(source, 'image/svg+xml');
    return [...sheet.querySelectorAll('*')].map((each) => ({ name: each.localName, text: each.textContent ?? '', parent: each.parentElement?.localName ?? '' }));
  }, svg);
  await blank.close();
  return elements;
}

async function saved(page: Page, entry: string): Promise<Download> {
  const download = page.waitForEvent('download');
  await new App(page).menu(entry);
  return download;
}

test('pictures of the view: SVG and PNG', async ({ page }) => {
  const app = await opened(page, CPU);

  await test.step('an SVG has a box for each frame and no script', async () => {
    const svg = await saved(page, 'Save the view as SVG');
    expect(svg.suggestedFilename()).toMatch(/\.svg$/);
    const elements = await elementsOf(page, await readFile(await svg.path(), 'utf8'));
    expect(elements[0]?.name).toBe('svg');
    const boxes = elements.filter(({ name, parent }) => name === 'rect' && parent === 'g');
    const titles = elements.filter(({ name }) => name === 'title').map(({ text }) => text);
    expect(boxes.length).toBeGreaterThan(20);
    expect(titles).toHaveLength(boxes.length);
    expect(titles.some((title) => title.includes('100 %')), 'the root').toBe(true);
    expect(new Set(elements.map(({ name }) => name))).toEqual(new Set(['svg', 'g', 'rect', 'text', 'title']));
  });

  await test.step('a PNG is as wide as the graph', async () => {
    const png = await readFile(await (await saved(page, 'Save the view as PNG')).path());
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    const width = await app.graph.locator('canvas').first().evaluate((canvas: HTMLCanvasElement) => canvas.width);
    expect(png.readUInt32BE(16)).toBe(width);
    expect(png.length).toBeGreaterThan(1000);
  });
});

test('names of a profile never become markup, in its menu and its picture neither', async ({ page }) => {
  const app = await opened(page, fixture('special', 'weird-names.pb.gz'));
  const elements = await elementsOf(page, await readFile(await (await saved(page, 'Save the view as SVG')).path(), 'utf8'));
  expect(new Set(elements.map(({ name }) => name))).toEqual(new Set(['svg', 'g', 'rect', 'text', 'title']));
  expect(elements.some(({ name, text }) => name === 'title' && text.includes('<')), 'a name that would be a tag').toBe(true);
  for (let level = 1; level < 4; level += 1) {
    await openMenu(page, await onLevel(app, level));
    expect(await page.locator(MENU).locator('img, script, iframe').count()).toBe(0);
    await page.keyboard.press('Escape');
  }
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 480]) {
    test(`axe finds nothing in the graph's menu, its map and the keys: ${colorScheme}, ${width}`, async ({ page, userData }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const app = await opened(page, await deepFile(userData, 300));
      await page.keyboard.press('/');
      await page.keyboard.type('side');
      await page.keyboard.press('Enter');
      await expect(page.locator('eg-view-bar .found')).toContainText('match 1 of 29');
      await expectAccessible(page, 'a search with a match');
      const { x, y } = await onLevel(app, 3);
      await page.mouse.click(x, y, { button: 'right' });
      await expect(page.locator(MENU)).toBeVisible();
      await expectAccessible(page, 'menu');
      await page.keyboard.press('Escape');
      await app.graph.locator('.tree').focus();
      await page.keyboard.press('?');
      await expect(page.getByRole('dialog')).toContainText('In the flame graph');
      await expectAccessible(page, 'keys');
    });
  }
}

test('a menu that is asked for while the page is left opens nowhere', async ({ page }) => {
  const app = await App.showing(page, fixture('go', 'cpu.pb.gz'));
  await app.command('storage');
  await expect(page.locator('eg-storage-page')).toBeVisible();
  const storage = page.url();
  await page.goBack();
  await app.drawn();
  await page.evaluate((storage) => {
    const graph = document.querySelector('emberglass-flamegraph');
    graph?.dispatchEvent(new CustomEvent('eg-menu', { detail: { node: 1, count: 1, x: 300, y: 300 }, bubbles: true, composed: true, cancelable: true }));
    history.pushState(null, '', storage);
    dispatchEvent(new PopStateEvent('popstate'));
  }, storage);
  await expect(page.locator('eg-storage-page')).toBeVisible();
  await page.waitForTimeout(300);
  await expect(page.locator('eg-notices .notice')).toHaveCount(0);
  await expect(page.getByRole('menu')).toHaveCount(0);
});
