/** The tables of a comparison: functions with how sure their changes are, nodes of the graph, shares or values. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Locator, Page } from '@playwright/test';

import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, test } from './harness.ts';

const CPU = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';

const functions = (page: Page): Locator => page.getByRole('grid', { name: 'Functions of the comparison' });
const nodes = (page: Page): Locator => page.getByRole('grid', { name: 'Nodes of the comparison' });

/** Name and change of the rows in view, first to last. */
async function changes(grid: Locator): Promise<[name: string, change: string][]> {
  const rows = await grid.locator('.rows .row').evaluateAll((each) =>
    each
      .map((row) => ({ at: Number(row.getAttribute('aria-rowindex')), name: row.querySelector('.text')?.textContent ?? '', change: row.querySelectorAll('[role=gridcell]')[3]?.textContent ?? '' }))
      .sort((a, b) => a.at - b.at),
  );
  return rows.map(({ name, change }) => [name, change]);
}

/** The comparison of two files of folded stacks. */
async function compared(page: Page, folder: string): Promise<App> {
  const [before, after] = [join(folder, 'before.folded'), join(folder, 'after.folded')];
  await writeFile(before, 'main;parse 30\nmain;old 10\nmain;print 60\n');
  await writeFile(after, 'main;parse 90\nmain;new 50\nmain;print 60\n');
  const app = await App.showing(page, before, after);
  await app.pick('after');
  await expect.poll(() => app.sum()).toBe(200n);
  await app.menu('Compare with…');
  await expect(page.getByRole('option', { name: /^before/ }).first()).toBeVisible();
  await page.keyboard.type('services before');
  await page.keyboard.press('Enter');
  await expect(functions(page).locator('.rows .row')).toHaveCount(5);
  return app;
}

test('what changed significantly is marked, listed alone, and copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const app = await App.withSeries(page);
  await app.menu('Compare with just before');
  const grid = functions(page);
  const marked = grid.locator('.rows .row').filter({ has: page.getByRole('img', { name: 'significant' }) });
  await expect(grid.getByRole('columnheader', { name: 'p', exact: true })).toBeVisible();
  await expect(grid.getByRole('columnheader', { name: 'p', exact: true }).getByRole('button')).toHaveAttribute('title', /Welch’s t-test, two-sided, over the function’s share of each of 30 inputs of the base and 30 inputs of the head, adjusted for the number of functions \(Benjamini and Hochberg\)/);
  const row = (name: string): Locator => grid.locator('.rows .row').filter({ has: page.getByText(name, { exact: true }) });
  await expect(row('main.applyDiscounts'), 'the regression').toContainText('<0.0001*');
  await expect(row('runtime.copystack'), 'two samples in one profile').toContainText(/0\.\d{4}\s*$/);

  await test.step('the column of p sorts, the least first', async () => {
    const shown = async (): Promise<string[]> =>
      grid.locator('.rows .row').evaluateAll((rows) =>
        rows
          .map((each) => ({ at: Number(each.getAttribute('aria-rowindex')), p: (each.lastElementChild?.textContent ?? '').replace('*', '').trim() }))
          .sort((a, b) => a.at - b.at)
          .map(({ p }) => p),
      );
    const numbers = async (): Promise<number[]> => (await shown()).filter((p) => p !== '–').map((p) => Number(p.replace('<0.0001', '0')));
    const head = grid.getByRole('columnheader', { name: /^p/ });
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'ascending');
    await expect.poll(async () => (await numbers())[0]).toBe(0);
    const rising = await numbers();
    expect(rising).toEqual([...rising].sort((a, b) => a - b));
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'descending');
    await expect.poll(async () => (await numbers())[0]).toBeGreaterThan(0.9);
    const falling = await numbers();
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    await grid.getByRole('columnheader', { name: 'Change', exact: true }).getByRole('button').click();
    await expect(row('main.applyDiscounts')).toBeVisible();
  });

  const only = page.locator('eg-significance-tools').getByRole('button');
  const count = Number(/\d+/.exec((await only.textContent()) ?? '')?.[0]);
  expect(count).toBeGreaterThan(10);
  await only.click();
  await expect(page).toHaveURL(/significant=1/);
  await expect(page.locator('eg-diff-functions [role=status]')).toHaveText(`${count} functions`);
  await expect(marked).toHaveCount(await grid.locator('.rows .row').count());
  await page.getByRole('button', { name: 'Shrunk', exact: true }).click();
  await expect.poll(async () => (await changes(grid)).every(([, change]) => change.startsWith('−'))).toBe(true);
  await page.reload();
  await expect(page.locator('eg-significance-tools').getByRole('button', { pressed: true })).toContainText(String(count));
  await expect(marked.first()).toBeVisible();
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await expect(page.locator('eg-diff-functions [role=status]')).toHaveText(`${count} functions`);

  await grid.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+End');
  await page.keyboard.press('ControlOrMeta+c');
  await expect(page.getByText(`Copied ${count - 1} rows`)).toBeVisible();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  const [head, ...lines] = text.trimEnd().split('\n');
  expect(head?.split('\t').slice(-4)).toEqual(['self p', 'total p', 'significant', 'function']);
  expect(lines.map((line) => line.split('\t').at(-2))).toEqual(Array.from({ length: count - 1 }, () => 'yes'));
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as TSV' }).click();
  const saved = await readFile(await (await download).path(), 'utf8');
  expect(saved.split('\n').slice(2).join('\n')).toBe(lines.join('\n') + '\n');
  const p = lines.find((line) => line.endsWith('\tmain.discountPair'))?.split('\t').at(-3);
  expect(Number(p)).toBeLessThan(1e-9);
});

test('too few profiles, or filters in the way, are said in the place of a guess', async ({ page }) => {
  await App.withSeries(page);
  const sides = `match={region%3D"us"}&until=2026-11-23T13:36:38Z&base-match={region%3D"eu"}&base-until=2026-11-23T13:36:34Z&significant=1`;
  await page.goto(`/#v=1&service=shop&type=${CPU}&page=compare&${sides}`);
  const told = page.locator('eg-significance-tools');
  await expect(told).toHaveText('Not enough profiles (5 and 7; 8 are needed)');
  await expect(functions(page).getByRole('row').nth(3), 'nothing is hidden by what is not known').toContainText(/\d/);
  await expect(functions(page).getByRole('columnheader', { name: 'p', exact: true })).toHaveCount(0);

  await page.goto(`/#v=1&service=shop&type=${CPU}&page=compare&base-service=shop&base-match={region%3D"eu"}&filter=focus:main.handleCheckout`);
  await expect(told).toHaveText('Significance: without filters only');
  await page.getByRole('button', { name: 'Remove the filter focus:main.handleCheckout' }).click();
  await expect(told.getByRole('button')).toContainText(/Significant\s+\d/);
});

test('shares or values: table, nodes and colours say the same', async ({ page, userData }) => {
  await compared(page, userData);
  const grid = functions(page);
  await expect.poll(() => changes(grid)).toEqual([['new', '+25.0'], ['parse', '+15.0'], ['main', '0.00'], ['old', '−10.0'], ['print', '−30.0']]);
  const legend = page.locator('eg-diff-tools .legend');
  await expect(legend).toContainText(/A 100[\s\S]*gone[\s\S]*½[\s\S]*2×[\s\S]*new[\s\S]*B 200/);
  await expect(legend).toHaveAttribute('title', /shares/);
  await page.getByRole('button', { name: 'Values', exact: true }).click();
  const byValue = [['main', '+100'], ['parse', '+60'], ['new', '+50'], ['print', '0'], ['old', '−10']];
  await expect.poll(() => changes(grid)).toEqual(byValue);
  await expect(legend).toHaveAttribute('title', /values as they are/);
  await page.getByRole('button', { name: 'Nodes', exact: true }).click();
  await expect(page).toHaveURL(/absolute=1.*rows=nodes/);
  await expect.poll(() => changes(nodes(page))).toEqual(byValue);
  await page.getByRole('button', { name: 'Shrunk', exact: true }).click();
  await expect(nodes(page)).toContainText('No node is shrunk');
  await page.getByRole('button', { name: 'Shares', exact: true }).click();
  await expect.poll(() => changes(nodes(page))).toEqual([['print', '−30.0']]);
});

test('nodes: sorted and filtered, with their callers, by keyboard to the graph and back', async ({ page, context, userData }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const app = await compared(page, userData);
  await page.getByRole('button', { name: 'Nodes', exact: true }).click();
  const grid = nodes(page);
  await expect.poll(() => changes(grid)).toEqual([['new', '+25.0'], ['parse', '+15.0'], ['main', '0.00'], ['old', '−10.0'], ['print', '−30.0']]);
  await expect(grid.locator('.rows .row').filter({ hasText: 'parse' })).toContainText('← main');
  await expect(grid.locator('.rows .row').filter({ hasText: '0.00' })).toContainText('at the root');
  await page.getByRole('button', { name: 'Head', exact: true }).click();
  await expect.poll(async () => (await changes(grid)).map(([name]) => name)).toEqual(['main', 'parse', 'print', 'new', 'old']);

  await grid.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/zoom=main;parse/);
  const item = (name: string): Locator => app.graph.locator(`[role=treeitem][aria-label^="${name}, total"]`);
  await expect(item('parse')).toHaveCount(1);
  await expect(item('print'), 'the graph shows the node alone').toHaveCount(0);
  await page.reload();
  await expect(item('parse')).toHaveCount(1);
  await expect(item('print'), 'the address keeps it').toHaveCount(0);
  await grid.locator('.rows .row').filter({ hasText: 'parse' }).locator('.name').click();
  await expect(item('print'), 'the same row leads back').toHaveCount(1);
  await page.goBack();
  await expect(item('print')).toHaveCount(0);

  await page.getByRole('button', { name: 'Gone', exact: true }).click();
  await expect.poll(() => changes(grid)).toEqual([['old', '−10.0']]);
  await grid.focus();
  await page.keyboard.press('ControlOrMeta+c');
  await expect(page.getByText('Copied 1 row.')).toBeVisible();
  expect((await page.evaluate(() => navigator.clipboard.readText())).split('\n')[1]).toBe('10\t0\t10\t0\t-0.1\t-0.1\tgone\tmain;old');
});

test('of more nodes than a list holds the first ones are listed, to the last of these', async ({ page, userData }) => {
  const [before, after] = [join(userData, 'before.folded'), join(userData, 'after.folded')];
  const stack = (at: number): string => `main;${Array.from({ length: 10 }, (_, depth) => `f${at}.${depth}`).join(';')}`;
  await writeFile(before, 'main 1\n');
  await writeFile(after, Array.from({ length: 12_000 }, (_, at) => `${stack(at)} ${at + 1}\n`).join(''));
  const app = await App.showing(page, before, after);
  await app.pick('after');
  await expect(page).toHaveURL(/service=after/);
  await page.goto(`${page.url()}&page=compare&base-service=before&rows=nodes`);
  const grid = nodes(page);
  await expect(page.locator('eg-diff-nodes [role=status]')).toHaveText(/^the first 100,000 of 120,001 nodes: /);
  await grid.focus();
  await page.keyboard.press('End');
  // Ten nodes for each stack, the heaviest stack first.
  await expect(grid.locator('.rows .row.active .text')).toHaveText('f2000.9');
  await expect(grid.locator('.rows .row.active')).toHaveAttribute('aria-rowindex', '100001');
  await page.keyboard.press('Home');
  await expect(grid.locator('.rows .row.active .text')).toHaveText('f11999.0');
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 480]) {
    test(`axe finds nothing in the nodes and their significance: ${colorScheme}, ${width} wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await App.withSeries(page).then((app) => app.menu('Compare with just before'));
      await page.setViewportSize({ width, height: 900 });
      await expect(page.locator('eg-significance-tools').getByRole('button')).toContainText(/\d/);
      await expectAccessible(page, 'functions');
      for (const name of ['Just before', 'The hour before', 'The day before', 'With…', 'Swap', 'Close the comparison']) {
        const button = page.locator('eg-compare-page > .head').getByRole('button', { name, exact: true });
        await expect(button, `${name} is whole`).toBeInViewport({ ratio: 1 });
        expect(await button.evaluate((each) => each.scrollWidth <= each.clientWidth), `the words of ${name} are whole`).toBe(true);
      }
      await page.getByRole('button', { name: 'Nodes', exact: true }).click();
      await expect(nodes(page).getByRole('row').nth(3)).toContainText('←');
      await expectAccessible(page, 'nodes');
      expect(await page.evaluate(() => document.documentElement.scrollWidth), 'nothing is wider than the window').toBeLessThanOrEqual(width);
    });
  }
}
