/** Ways to the source: every file and line that is shown opens it; what takes long is stopped and taken up again. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Locator, Page } from '@playwright/test';

import '../../www/app/handle.ts';
import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';

const MAIN = 'example.com/shop/main.go';

const active = (page: Page): Locator => page.locator('eg-source-lines .line-row.active');
const menu = (page: Page): Locator => page.locator('eg-frame-menu [popover]');

/** The source of a line of main.go is shown. */
async function showsSource(page: Page, line?: number): Promise<void> {
  await expect(page.locator('eg-source .path')).toHaveText(MAIN);
  if (line === undefined) await expect(active(page)).toBeVisible();
  else await expect(active(page)).toHaveAttribute('id', `source-line-${line}`);
}

test('the top table leads to the source: by a click on a file, by o, by its menu', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const app = await App.showing(page, fixture('go', 'cpu.pb.gz'));
  const grid = app.table.locator('.grid');
  const row = app.table.locator('.row').filter({ hasText: 'main.cachePut' });
  const place = row.locator('button.place');
  await expect(place).toHaveText(/^main\.go:\d+$/);
  const line = Number(/:(\d+)$/.exec((await place.textContent()) ?? '')?.[1]);
  await place.click();
  await showsSource(page, line);
  await expect(page).toHaveURL(new RegExp(`line=${line}\\b`));
  await page.goBack();
  await app.drawn();
  await app.sum();

  await grid.focus();
  const at = async (): Promise<string> => (await app.table.locator('.row.active .place').textContent()) ?? '';
  for (let step = 0; step < 30 && !(await at()).startsWith('main.go'); step += 1) await page.keyboard.press('ArrowDown');
  const there = Number((await at()).split(':')[1]);
  await page.keyboard.press('Shift+F10');
  await expect(menu(page).getByRole('menuitem').first()).toBeFocused();
  await expect(menu(page).getByRole('menuitem', { name: 'Zoom to it' }), 'a function is no node').toHaveCount(0);
  await menu(page).getByRole('menuitem', { name: `Copy ${MAIN}:${there}` }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(`${MAIN}:${there}`);
  await expect(grid, 'the focus is back').toBeFocused();
  await page.keyboard.press('o');
  await showsSource(page, there);
  await page.goBack();

  await row.locator('.name').click({ button: 'right' });
  await expectAccessible(page, 'the menu of a row');
  await menu(page).getByRole('menuitem', { name: 'Open the source', exact: true }).click();
  await showsSource(page, line);
});

test('of a path in the line under the graph the end stays, and a path that fits is as it is', async ({ page, userData }) => {
  const long = `/home/somebody/src/${'a/folder/in/another/'.repeat(12)}checkout_handler.go`;
  const files = ['/usr/lib/x.c', '(eval)', 'C:\\src\\main.cpp', 'שלום/x.c', long];
  const frames = files.map((file, row) => ({ name: `frame ${row}`, file, line: 12 }));
  const samples = { type: 'sampled', name: 'one', unit: 'milliseconds', startValue: 0, endValue: 50, samples: files.map((_, row) => [row]), weights: files.map(() => 10) };
  const recording = join(userData, 'paths.speedscope.json');
  await writeFile(recording, JSON.stringify({ $schema: 'https://www.speedscope.app/file-format-schema.json', shared: { frames }, profiles: [samples] }));
  const app = await App.showing(page, recording);
  /** Where a part of the path is painted, and where the line has it. */
  const painted = (from: number, until: number): Promise<{ left: number; right: number; edges: { left: number; right: number } }> =>
    app.status.locator('button.place').evaluate((place, part) => {
      const text = document.createTreeWalker(place, NodeFilter.SHOW_TEXT).nextNode()!;
      const range = document.createRange();
      range.setStart(text, part[0]!);
      range.setEnd(text, part[1]!);
      const [{ left, right }, edges] = [range.getBoundingClientRect(), place.getBoundingClientRect()];
      return { left, right, edges: { left: edges.left, right: edges.right } };
    }, [from, until]);
  for (const [row, file] of files.entries()) {
    const box = (await app.graph.locator(`[role=treeitem][aria-label^="frame ${row}, total"]`).boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const text = `${file}:12`;
    await expect(app.status.locator('button.place')).toHaveText(text);
    const last = await painted(text.length - 1, text.length);
    expect(last.right, `the line number of ${file} is at the right`).toBeCloseTo(last.edges.right, 0);
    const first = await painted(0, 1);
    if (file === long) expect(first.right, 'the begin is cut').toBeLessThan(first.edges.left);
    else if (file.startsWith('/') || file.startsWith('(')) expect(first.left, `the first character of ${file} is at the left`).toBeCloseTo(first.edges.left, 0);
  }
});

test('the line under the graph keeps a frame for whoever goes to its place', async ({ page }) => {
  const app = await App.showing(page, fixture('go', 'cpu.pb.gz'));
  const place = app.status.locator('button.place');
  const tree = app.graph.locator('.tree');
  const box = await tree.boundingBox();
  if (box === null) throw new Error('no graph');
  for (let level = 0; level < 12 && !((await place.count()) > 0 && (await place.textContent())?.startsWith(MAIN)); level += 1) {
    await page.mouse.move(box.x + box.width * 0.7, box.y + 10 + level * 20);
    await page.waitForTimeout(60);
  }
  const text = (await place.textContent()) ?? '';
  expect(text).toMatch(/main\.go:\d+$/);
  // Straight out of the graph, over no other frame.
  const target = await place.boundingBox();
  if (target === null) throw new Error('no place');
  await page.mouse.move(target.x + target.width / 2, target.y + target.height / 2);
  await page.waitForTimeout(1000);
  await expect(place, 'it stays while it is pointed at').toHaveText(text);
  await place.click();
  await showsSource(page, Number(text.split(':')[1]));
  await page.goBack();
  await app.drawn();

  await tree.focus();
  await page.keyboard.press('Home');
  for (let step = 0; step < 12 && !((await place.count()) > 0 && (await place.textContent())?.startsWith(MAIN)); step += 1) {
    await page.keyboard.press('ArrowDown');
    await page.waitForTimeout(60);
  }
  await place.focus();
  await page.waitForTimeout(1000);
  await page.keyboard.press('Enter');
  await showsSource(page);
  await page.goBack();
  await app.drawn();
  await tree.hover({ position: { x: 100, y: 10 } });
  await page.mouse.move(10, 10);
  await expect(place, 'elsewhere it is gone after a moment').toHaveCount(0);
});

test('both tables of a comparison lead to the source', async ({ page }) => {
  const app = await App.withSeries(page);
  await app.menu('Compare with just before');
  for (const name of ['Functions', 'Nodes']) {
    await page.getByRole('group', { name: 'What is listed' }).getByRole('button', { name }).click();
    const grid = page.getByRole('grid', { name: `${name} of the comparison` });
    const row = grid.locator('.rows .row').filter({ hasText: 'main.' }).first();
    const place = row.locator('button.place');
    await expect(place).toHaveText(/^[\w.]+\.go:\d+$/);
    const [file, line] = ((await place.textContent()) ?? '').split(':');
    await place.click();
    await expect(page.locator('eg-source .path')).toHaveText(new RegExp(`/${file ?? ''}$`));
    await expect(active(page)).toHaveAttribute('id', `source-line-${line ?? ''}`);
    await page.goBack();
    await expect(grid).toBeVisible();
    await row.locator('.text').click({ button: 'right' });
    await expect(menu(page).getByRole('menuitem', { name: new RegExp(`^Copy .*/${file ?? ''}:${line ?? ''}$`) })).toBeVisible();
    await expect(menu(page).getByRole('menuitem', { name: 'Zoom to it' })).toHaveCount(name === 'Nodes' ? 1 : 0);
    await page.keyboard.press('Escape');
    await grid.focus();
    await page.keyboard.press('o');
    await expect(page.locator('eg-source .path')).toHaveText(/\.go$/);
    await page.goBack();
    await expect(grid).toBeVisible();
  }
});

test('where no file is known nothing is a link', async ({ page }) => {
  const app = await App.showing(page, fixture('folded', 'inferno-single.folded'));
  await expect(app.table.locator('.row').first()).toBeVisible();
  await expect(app.table.locator('.place')).toHaveCount(0);
  await app.graph.locator('.tree').hover({ position: { x: 60, y: 30 } });
  await expect(app.status.locator('.name')).toBeVisible();
  await expect(app.status.locator('button.place')).toHaveCount(0);
  await app.table.locator('.row').first().click({ button: 'right' });
  await expect(menu(page).getByRole('menuitem', { name: 'Its callers and what it calls' })).toBeVisible();
  await expect(menu(page).getByRole('menuitem', { name: /source/ })).toHaveCount(0);
});

test('merging by line is stopped, and taken up again', async ({ page }) => {
  const app = await App.showing(page, fixture('go', 'cpu.pb.gz'));
  // Stands for a result that takes long: tells how far it is, and ends when it is given up.
  await page.evaluate(() => {
    const { client } = globalThis.emberglass;
    const follow = client.follow.bind(client) as (...args: unknown[]) => Promise<unknown>;
    const state = { slow: true, givenUp: 0 };
    const stuck = (following: { signal?: AbortSignal; onProgress?: (progress: unknown) => void }, method: string, ...params: unknown[]): Promise<unknown> => {
      if (!state.slow || !method.startsWith('source')) return follow(following, method, ...params);
      following.onProgress?.({ done: 3, total: 12 });
      return new Promise((_, reject) => {
        following.signal?.addEventListener('abort', () => {
          state.givenUp += 1;
          reject(Object.assign(new Error('given up'), { code: 'cancelled' }));
        });
      });
    };
    Object.assign(client, { follow: stuck });
    Object.assign(window, { merging: state });
  });
  const state = (): Promise<{ slow: boolean; givenUp: number }> => page.evaluate(() => (window as unknown as { merging: { slow: boolean; givenUp: number } }).merging);
  await app.table.locator('.row').filter({ hasText: 'main.cachePut' }).locator('button.place').click();
  const line = page.locator('eg-source .reading');
  await expect(line).toHaveText(/3 of 12 profiles merged by line\s+Stop/);
  await expectAccessible(page, 'merging by line');
  const { givenUp } = await state();
  await line.getByRole('button', { name: 'Stop' }).press('Enter');
  await expect(line).toHaveText(/Stopped: 3 of 12 profiles were merged by line\s+Go on/);
  expect((await state()).givenUp).toBe(givenUp + 1);
  await page.getByRole('button', { name: 'All files' }).click();
  await expect(line, 'the list of files waits as well').toContainText('Stopped');
  await page.goBack();
  await page.evaluate(() => {
    (window as unknown as { merging: { slow: boolean } }).merging.slow = false;
  });
  await line.getByRole('button', { name: 'Go on' }).click();
  await showsSource(page);
  await expect(line).toHaveCount(0);
  await page.getByRole('button', { name: 'All files' }).click();
  await expect(page.locator('eg-source-files .file-row').first()).toContainText(MAIN);
});
