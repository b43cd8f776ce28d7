/** What a selection is compared with: chosen from anywhere, over open ranges, through filters of both sides or of its own. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { App, damageSeries, exactIn } from './app.ts';
import { expect, fixture, test } from './harness.ts';

const CPU = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';

/** Totals of base and head. */
async function totals(page: Page): Promise<bigint[]> {
  const sums = page.locator('eg-compare-page .what .sum');
  await expect(sums).toHaveCount(2);
  await expect(page.locator('eg-compare-page .body')).toHaveAttribute('aria-busy', 'false');
  return (await sums.evaluateAll((each) => each.map((sum) => sum.getAttribute('title')))).map(exactIn);
}

/** The address' fields. */
const fields = (page: Page): URLSearchParams => new URLSearchParams(new URL(page.url()).hash.slice(1));

test('a range that is open at one end says its other end, on both sides', async ({ page }) => {
  await App.withSeries(page);
  await page.goto(`/#v=1&service=shop&type=${CPU}&page=compare&base-service=shop&from=2026-11-23T13:36:51Z&base-until=2026-11-23T13:36:51Z`);
  const head = page.locator('.head-side span.range');
  const strips = page.locator('eg-compare-page eg-time-strip svg');
  await expect(head).toHaveText('from 2026-11-23 13:36:51');
  await expect(strips.nth(0)).toHaveAttribute('aria-label', /selected: until 2026-11-23 13:36:51/);
  await expect(page.locator('.base .sum .muted')).toHaveAttribute('title', 'until 2026-11-23 13:36:51');
  const [base, later] = await totals(page);
  await page.getByRole('button', { name: 'Swap', exact: true }).click();
  await expect(head).toHaveText('until 2026-11-23 13:36:51');
  await expect(strips.nth(0)).toHaveAttribute('aria-label', /selected: from 2026-11-23 13:36:51/);
  await expect.poll(() => totals(page)).toEqual([later, base]);
  await page.goto(`/#v=1&service=shop&type=${CPU}&page=compare&base-service=shop&base-match={region%3D"eu"}`);
  await expect(head).toHaveText('all data');
});

test('filters are those of both sides, unless the base has its own', async ({ page }) => {
  await App.withSeries(page);
  await page.goto(`/#v=1&service=shop&type=${CPU}&page=compare&base-service=shop&from=2026-11-23T13:36:51Z&base-until=2026-11-23T13:36:51Z`);
  const [base = 0n, head = 0n] = await totals(page);
  const side = (name: 'Base' | 'Head') => page.getByRole('region', { name, exact: true });
  await side('Head').getByRole('button', { name: 'Filter…' }).click();
  await page.keyboard.type('focus:/encoding.json/');
  await page.keyboard.press('Enter');
  await expect.poll(async () => { const [a = 0n, b = 0n] = await totals(page); return a > 0n && a < base && b > 0n && b < head; }).toBe(true);
  const [jsonBase, jsonHead] = await totals(page);

  await page.getByRole('button', { name: 'Own filters' }).click();
  await expect(page.getByRole('group', { name: 'Filters of the base' })).toContainText('focus:/encoding.json/');
  expect(fields(page).getAll('base-filter')).toEqual(['focus:/encoding.json/']);
  await expect.poll(() => totals(page)).toEqual([jsonBase, jsonHead]);
  await side('Base').getByRole('button', { name: 'Remove the filter focus:/encoding.json/' }).click();
  await expect.poll(() => totals(page)).toEqual([base, jsonHead]);
  expect(fields(page).getAll('base-filter')).toEqual(['']);
  await page.reload();
  await expect.poll(() => totals(page)).toEqual([base, jsonHead]);
  await page.getByRole('button', { name: 'Swap', exact: true }).click();
  await expect.poll(() => totals(page)).toEqual([jsonHead, base]);
  await page.getByRole('button', { name: 'Own filters' }).click();
  await expect.poll(() => totals(page), 'those of the head, which has none').toEqual([head, base]);
  await page.goBack();
  await expect.poll(() => totals(page)).toEqual([jsonHead, base]);

  await test.step('the diff among the graphs has the same filters', async () => {
    await page.keyboard.press('Escape');
    await page.locator('eg-breadcrumbs .graphs').getByRole('button', { name: 'Diff' }).click();
    await expect(page.locator('.diff-bar .total').first()).toHaveAttribute('title', new RegExp(String(jsonHead).replace(/\B(?=(\d{3})+$)/g, ',')));
  });
});

test('the time lines are linked: what one is pointed at the other shows', async ({ page }) => {
  const app = await App.withSeries(page);
  await app.menu('Compare with just before');
  await totals(page);
  const strips = page.locator('eg-compare-page eg-time-strip');
  const box = (await strips.first().boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.5, box.y + 20);
  await expect(strips.locator('.place')).toHaveCount(2);
  const lines = await strips.locator('.place').evaluateAll((each) => each.map((line) => line.getAttribute('d')));
  expect(lines[0]).toBe(lines[1]);
  const when = page.locator('eg-compare-page .sum .muted');
  await expect(when.first()).toHaveText(/^2026-11-23 13:3\d:\d\d$/);
  expect(await when.first().textContent()).toBe(await when.nth(1).textContent());
  await page.mouse.move(box.x + 20, box.y - 60);
  await expect(strips.locator('.place')).toHaveCount(0);
  await expect(when.first()).toContainText('profiles');
});

test('from a frame: its menu and its key compare, and the comparison is about its function', async ({ page }) => {
  const app = await App.withSeries(page);
  const item = app.graph.locator('[role=treeitem][aria-label^="main.handleCheckout, total"]');
  await expect(item).toHaveCount(1);
  const box = (await item.boundingBox())!;
  await page.mouse.click(box.x + 30, box.y + 8, { button: 'right' });
  await page.getByRole('menuitem', { name: 'Compare with just before' }).click();
  const rows = page.getByRole('grid', { name: 'Functions of the comparison' }).locator('.rows .row');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('main.handleCheckout');
  expect(fields(page).get('search')).toBe('"main.handleCheckout"');
  await page.goBack();

  await expect(item).toHaveCount(1);
  await page.mouse.click(box.x + 30, box.y + 8, { button: 'right' });
  await page.getByRole('menuitem', { name: 'Compare with the hour before' }).click();
  await expect.poll(() => (Date.parse(fields(page).get('from') ?? '') - Date.parse(fields(page).get('base-from') ?? '')) / 3_600_000).toBe(1);
  await page.goBack();

  await expect(item).toHaveCount(1);
  await app.graph.locator('.tree').focus();
  await expect(async () => {
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await expect(app.graph.locator('.announcer')).toContainText('main.series.func1', { timeout: 500 });
  }).toPass();
  await page.keyboard.press('d');
  const dialog = page.getByRole('dialog', { name: 'Compare with' });
  await expect(dialog.getByRole('option', { name: /^eu\b/ })).toBeVisible();
  await page.keyboard.type('region eu');
  await page.keyboard.press('Enter');
  await expect.poll(() => fields(page).get('base-match')).toBe('{region="eu"}');
  expect(fields(page).get('search')).toBe('"main.series.func1"');
});

test('with a file and with another service: from the palette', async ({ page, userData }) => {
  const [before, after] = [join(userData, 'before.folded'), join(userData, 'after.folded')];
  await writeFile(before, 'main;parse 30\nmain;print 60\n');
  await writeFile(after, 'main;parse 90\n');
  const app = await App.showing(page, before, after);
  await app.pick('after');
  await expect.poll(() => app.sum()).toBe(90n);
  for (const group of ['files', 'services']) {
    await app.command('compare with a label');
    await expect(page.getByRole('dialog', { name: 'Compare with' }).getByRole('option', { name: /^before/ }).first()).toBeVisible();
    await page.keyboard.type(`${group} before`);
    await page.keyboard.press('Enter');
    await expect.poll(() => totals(page)).toEqual([90n, 90n]);
    expect(fields(page).get('base-service')).toBe('before');
    await page.goBack();
  }
});

test('what cannot be read of a side is said beside it', async ({ page, userData }) => {
  const [before, after] = [join(userData, 'before.folded'), join(userData, 'after.folded')];
  await writeFile(before, 'main;parse 30\n');
  await writeFile(after, 'main;parse 90\n');
  const app = await App.showing(page, before);
  await app.choose(after);
  await app.imported();
  await app.pick('after');
  await expect.poll(() => app.sum()).toBe(90n);
  const type = fields(page).get('type') ?? '';
  const sides = `v=1&service=after&type=${type}&page=compare&base-service=before`;
  await page.goto(`/#${sides}`);
  await expect.poll(() => totals(page)).toEqual([30n, 90n]);
  const note = page.locator('eg-compare-page .note');
  await expect(note).toHaveCount(0);
  await damageSeries(page);
  await page.reload();
  await expect(page.locator('.base .note')).toContainText('The numbers lack up to 1 profile of this selection that cannot be read');
});

test('where the range cannot be read there is nothing to choose from, and the page says why', async ({ page }) => {
  const app = await App.withSeries(page);
  const view = fields(page);
  for (const [name, value] of [['page', 'compare'], ['from', '2026-11-25'], ['until', '2026-11-24']] as const) view.set(name, value);
  await page.goto(`/#${view.toString()}`);
  await page.locator('eg-compare-page').getByRole('button', { name: 'With…' }).click();
  await expect(page.locator('eg-notices')).toContainText('the range ends before it starts');
  await expect(page.locator('eg-base-picker dialog')).toHaveCount(0);
  await app.command('storage');
  await expect(page.locator('eg-storage-page')).toBeVisible();
});

test('two files are compared from their page, the earlier one as the base', async ({ page }) => {
  const app = await App.withSeries(page);
  await app.menu('Files');
  const files = page.locator('eg-files-page');
  await files.getByLabel('Filter the files').fill('eu/179544098');
  await expect(files.locator('.count').filter({ hasText: 'profile' })).toHaveCount(3);
  const both = files.getByRole('button', { name: 'Compare the two' });
  await files.getByRole('checkbox', { name: /1795440989/ }).check();
  await expect(both).toHaveCount(0);
  await files.getByRole('checkbox', { name: /1795440986/ }).check();
  await both.click();
  const [base, head] = await totals(page);
  const at = (name: string): string => fields(page).get(name) ?? '';
  expect(at('base-from') < at('from')).toBe(true);
  const { profiles } = JSON.parse(await readFile(`${fixture('series', 'checkout', 'eu', '1795440986.pb.gz')}.expected.json`, 'utf8')) as { profiles: { type: string; total: number }[] };
  expect(base).toBe(BigInt(profiles.find(({ type }) => type === 'cpu')?.total ?? -1));
  expect(head).not.toBe(base);
});

test('a line of the series by label is compared with the rest', async ({ page }) => {
  await App.withSeries(page);
  await page.goto(`/#v=1&service=shop&type=${CPU}&strip=groups&by=region`);
  await page.getByRole('button', { name: 'Compare region = eu with the rest' }).click();
  const both = await totals(page);
  expect([fields(page).get('match'), fields(page).get('base-match')]).toEqual(['{region="eu"}', '{region!="eu"}']);
  await page.getByRole('button', { name: 'Swap', exact: true }).click();
  await expect.poll(() => totals(page)).toEqual([...both].reverse());
});

test('names are shown as the switch says, in the table and in the graph', async ({ page }) => {
  const [mangled, shown] = ['_ZNK4shop4CartINS_4ItemEE5totalEv', 'shop::Cart<shop::Item>::total() const'];
  const app = new App(page);
  await app.open();
  await app.choose(fixture('mangled', 'shop.callgrind.out'));
  await app.imported();
  await app.pick('Ir');
  await app.sum();
  await app.menu('Compare with…');
  const dialog = page.getByRole('dialog', { name: 'Compare with' });
  await expect(dialog.getByRole('option', { name: /shop\.callgrind/ }).first()).toBeVisible();
  await page.keyboard.type('files shop');
  await page.keyboard.press('Enter');
  const grid = page.getByRole('grid', { name: 'Functions of the comparison' });
  await expect(grid.getByText(shown, { exact: true })).toHaveCount(1);
  await expect(page.locator('eg-significance-tools')).toHaveText('Not enough profiles (1 and 1; 8 are needed)');
  await app.menu('Demangle C++ and Rust names');
  await expect(grid.getByText(mangled, { exact: true })).toHaveCount(1);
  await expect(grid.getByText(shown, { exact: true })).toHaveCount(0);
  await expect(app.graph.locator(`[role=treeitem][aria-label^="${mangled}"]`).first()).toBeAttached();
});

test('the graph of the comparison has the keys and the menu of frames, which leads out of it where it must', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const app = await App.withSeries(page);
  await app.menu('Compare with just before');
  const item = app.graph.locator('[role=treeitem][aria-label^="main.handleCheckout, total"]');
  await expect(item).toHaveCount(1);
  const box = (await item.boundingBox())!;
  await page.mouse.click(box.x + 30, box.y + 8, { button: 'right' });
  await expect(page.getByRole('menuitem', { name: 'Zoom to it' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Compare with…' }), 'it is compared already').toHaveCount(0);
  await page.getByRole('menuitem', { name: 'Zoom to it' }).click();
  await expect(page).toHaveURL(/zoom=.*main.handleCheckout/);
  await app.graph.locator('.tree').focus();
  await page.keyboard.press('c');
  await expect(page.getByText('Copied the name')).toBeVisible();
  const name = await page.evaluate(() => navigator.clipboard.readText());
  expect(name).toBe('main.handleCheckout');
  await page.keyboard.press('h');
  await expect(page.getByRole('group', { name: 'Filters', exact: true })).toContainText(`hide:${name}`);
  await page.goBack();
  await expect(item).toHaveCount(1);
  const callers = page.getByRole('menuitem', { name: 'Its callers and what it calls' });
  await expect(async () => {
    await page.mouse.click(box.x + 30, box.y + 8, { button: 'right' });
    await expect(callers).toBeVisible({ timeout: 500 });
  }).toPass();
  await callers.click();
  await expect(page.locator('eg-compare-page')).toHaveCount(0);
  await expect(page).toHaveURL(/view=sandwich/);
});
