/** Lanes of a chart over time: folded to a strip of what they do, and unfolded. */

import type { Locator, Page } from '@playwright/test';

import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';
import { Chart, showing, view } from './time-chart.ts';
import type { Call } from './time-chart.ts';

const lane = (page: Page, name: RegExp): Locator => page.locator('emberglass-flamegraph').getByRole('group', { name: 'Lanes' }).getByRole('button', { name });

/** Level of a lane's row, and the levels of what is drawn below it down to the next lane. */
async function rowsOf(chart: Chart, name: string): Promise<{ level: number; calls: [string, number, number][] }> {
  const boxes = await chart.boxes();
  const own = boxes.find((box) => box.name.endsWith(`=${name}`));
  if (own === undefined) return { level: -1, calls: [] };
  const next = boxes.filter((box) => /=\w+$/.test(box.name) && box.level > own.level).map(({ level }) => level);
  const last = Math.min(...next, Infinity);
  const calls = boxes.filter(({ level }) => level > own.level && level < last).map(({ name: call, level, from }): [string, number, number] => [call, level - own.level, from]);
  return { level: own.level, calls };
}

test('a lane folds to a strip of its outermost calls, and unfolds; back undoes it', async ({ page, userData }) => {
  const chart = await showing(page, userData);
  const main = lane(page, /main/);
  await expect(main).toHaveAttribute('aria-expanded', 'true');
  await expect.poll(async () => (await rowsOf(chart, 'worker')).calls.length).toBeGreaterThan(0);
  const before = await rowsOf(chart, 'worker');
  await main.click();
  await expect(main).toHaveAttribute('aria-expanded', 'false');
  await expect.poll(async () => (await rowsOf(chart, 'main')).calls).toEqual([['main', 1, 0]]);
  const after = await rowsOf(chart, 'worker');
  expect(after.level, 'the next lane moves up').toBe(before.level - 2);
  expect(after.calls, 'and has all of its calls').toEqual(before.calls);
  await expect(page).toHaveURL(/fold=[^&]*main/);
  const strip = await chart.items.and(page.locator('[aria-label^="main, total"]')).boundingBox();
  expect(strip?.height, 'thin').toBe(9);
  await expect(page.locator('emberglass-flamegraph [role=treeitem][aria-expanded=false]')).toHaveCount(1);

  await test.step('the address has it', async () => {
    await page.reload();
    await chart.shown();
    await expect(main).toHaveAttribute('aria-expanded', 'false');
    await expect.poll(async () => (await rowsOf(chart, 'main')).calls).toEqual([['main', 1, 0]]);
  });

  await test.step('a zoom stays', async () => {
    const { x, y } = await chart.middle('compress');
    await page.mouse.click(x, y);
    await expect.poll(() => chart.spans('compress')).toEqual([[0, 100]]);
    await main.click();
    await expect(main).toHaveAttribute('aria-expanded', 'true');
    await expect.poll(() => chart.spans('compress')).toEqual([[0, 100]]);
    await page.goBack();
    await expect(main).toHaveAttribute('aria-expanded', 'false');
    await page.goBack();
    await expect.poll(() => chart.spans('compress')).toEqual([[50, 60]]);
  });

  await test.step('all at once', async () => {
    await page.getByRole('button', { name: 'Fold all', exact: true }).click();
    await expect(lane(page, /worker/)).toHaveAttribute('aria-expanded', 'false');
    await expect(page.getByRole('button', { name: 'Fold all', exact: true })).toBeDisabled();
    await expect(page).toHaveURL(/folded=all/);
    await lane(page, /worker/).click();
    await expect(page).toHaveURL(/unfold=[^&]*worker/);
    await expect.poll(async () => (await rowsOf(chart, 'worker')).calls.map(([name]) => name).sort()).toEqual(['compress', 'run']);
    await page.getByRole('button', { name: 'Unfold all' }).click();
    await expect.poll(async () => (await rowsOf(chart, 'main')).calls.length).toBeGreaterThan(3);
    await expect(page).not.toHaveURL(/fold/);
  });
});

test('by keyboard: from lane to lane, fold and unfold, by the letter and the menu of a frame', async ({ page, userData }) => {
  const chart = await showing(page, userData);
  const [main, worker] = [lane(page, /main/), lane(page, /worker/)];
  const tree = chart.app.graph.locator('.tree');
  await tree.focus();
  await page.keyboard.press('Tab');
  await expect(main).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(worker).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(worker).toHaveAttribute('aria-expanded', 'false');
  await expect(worker, 'the focus stays').toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(worker).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowLeft');
  await expect(main).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('ArrowRight');
  await expect(main).toHaveAttribute('aria-expanded', 'true');

  const said = chart.app.graph.locator('.announcer');
  await tree.focus();
  for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
  await expect(said).toContainText('Selected: parse');
  await page.keyboard.press('l');
  await expect(main).toHaveAttribute('aria-expanded', 'false');
  await expect.poll(async () => (await rowsOf(chart, 'main')).calls.length).toBe(1);
  await page.keyboard.press('Shift+F10');
  const menu = page.locator('eg-frame-menu [popover]');
  await menu.getByRole('menuitem', { name: 'Unfold the lane' }).press('Enter');
  await expect(main).toHaveAttribute('aria-expanded', 'true');
});

test('a step to a match in a folded lane unfolds it', async ({ page, userData }) => {
  const chart = await showing(page, userData);
  const [main, worker] = [lane(page, /main/), lane(page, /worker/)];
  const said = chart.app.graph.locator('.announcer');
  const found = page.locator('eg-view-bar .found');
  const search = page.locator('eg-view-bar input[type=search]');
  const tree = chart.app.graph.locator('.tree');
  await page.getByRole('button', { name: 'Fold all', exact: true }).click();
  await expect(worker).toHaveAttribute('aria-expanded', 'false');

  await search.fill('compress');
  await search.press('Enter');
  await expect(worker).toHaveAttribute('aria-expanded', 'true');
  await expect(said).toContainText('Selected: compress, total 10.0 ms');
  await expect(found).toContainText('match 1 of 1');
  await expect(main, 'the others stay').toHaveAttribute('aria-expanded', 'false');
  await expect(search, 'and so does the focus').toBeFocused();

  await test.step('from match to match, also once it is unfolded', async () => {
    await search.fill('load');
    await search.press('Enter');
    await expect(main).toHaveAttribute('aria-expanded', 'true');
    await expect(said).toContainText('Selected: load, total 20.0 ms');
    await expect(found).toContainText('match 1 of 2');
    await search.press('Enter');
    await expect(found).toContainText('match 2 of 2');
    await search.press('Enter');
    await expect(found).toContainText('match 1 of 2');
  });

  await test.step('a lane is found where it is', async () => {
    await main.click();
    await expect(main).toHaveAttribute('aria-expanded', 'false');
    await search.fill('/=main$/');
    await search.press('Enter');
    await expect(said).toContainText('=main, total');
    await expect(main).toHaveAttribute('aria-expanded', 'false');
  });

  await test.step('by the letter, and back', async () => {
    await search.fill('token');
    await expect(page).toHaveURL(/token/);
    await tree.focus();
    await page.keyboard.press('n');
    await expect(said).toContainText('Selected: token, total 20.0 ms');
    await expect(main).toHaveAttribute('aria-expanded', 'true');
    await expect(chart.items.and(page.locator('[aria-selected=true]'))).toHaveAttribute('aria-label', /^token, total/);
    await page.goBack();
    await expect(main).toHaveAttribute('aria-expanded', 'false');
  });
});

test('a match in a folded lane is brought into view, wherever it is', async ({ page, userData }) => {
  const deep = Array.from({ length: 60 }, (_, at): Call => [`level ${at}`, 0, 20]);
  const chart = await showing(page, userData, { main: [...deep, ['last', 80, 100]], worker: [['run', 40, 90]] });
  const { x, y } = await chart.middle('last');
  await page.mouse.click(x, y);
  await expect.poll(() => chart.spans('last')).toEqual([[0, 100]]);
  await page.getByRole('button', { name: 'Fold all', exact: true }).click();
  await expect(lane(page, /main/)).toHaveAttribute('aria-expanded', 'false');
  const search = page.locator('eg-view-bar input[type=search]');
  await search.fill('level 59');
  await search.press('Enter');
  await expect(chart.app.graph.locator('.announcer')).toContainText('Selected: level 59, total 20.0 ms');
  const box = chart.items.and(page.locator('[aria-label^="level 59, total"]'));
  await expect(box).toBeInViewport({ ratio: 0.99 });
  const [frame, match] = [(await chart.app.graph.boundingBox())!, (await box.boundingBox())!];
  expect(match.y + match.height).toBeLessThanOrEqual(frame.y + frame.height);
  expect(match.x).toBeGreaterThanOrEqual(frame.x);
  const tooltip = (await chart.app.graph.locator('.tooltip').boundingBox())!;
  expect(match.x >= tooltip.x + tooltip.width || match.y + match.height <= tooltip.y || match.y >= tooltip.y + tooltip.height, 'what is said of it does not cover it').toBe(true);
});

test('of a lane whose name has no room the end stays', async ({ page, userData }) => {
  await page.setViewportSize({ width: 480, height: 900 });
  const pool = (worker: number): string => `a pool with a name that is much too long to be shown on a narrow screen, worker ${worker}`;
  const chart = await showing(page, userData, { [pool(17)]: [['main', 0, 100]], [pool(18)]: [['main', 0, 100]] });
  const { x, width } = (await chart.app.graph.boundingBox())!;
  for (const end of ['worker 17', 'worker 18']) {
    const button = lane(page, new RegExp(`^profile=.*much too long.*, ${end}"?$`));
    const last = (await button.getByText(end).boundingBox())!;
    expect(last.x + last.width).toBeLessThanOrEqual(x + width);
    expect(await button.locator('span').first().evaluate((lead) => lead.scrollWidth > lead.clientWidth), 'the lead is cut').toBe(true);
  }
});

test('the menu is of what is under the pointer, also below an axis', async ({ page, userData }) => {
  const chart = await showing(page, userData);
  const { x, y } = await chart.middle('token');
  await page.mouse.click(x, y, { button: 'right' });
  await expect(page.getByRole('menu', { name: 'token' })).toBeVisible();
  await page.keyboard.press('Escape');
  await lane(page, /worker/).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Fold the lane' }).click();
  await expect(lane(page, /worker/)).toHaveAttribute('aria-expanded', 'false');
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 480]) {
    test(`axe finds nothing in folded lanes: ${colorScheme}, ${width}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const app = await App.showing(page, fixture('gecko', 'threads.samply.json.gz'));
      await view(page, 'Time').click();
      await new Chart(app).shown();
      await page.getByRole('button', { name: 'Fold all', exact: true }).click();
      await expect(page.getByRole('button', { name: 'Fold all', exact: true })).toBeDisabled();
      await expectAccessible(page, 'folded lanes');
      expect(await page.evaluate(() => document.documentElement.scrollWidth), 'nothing is wider than the window').toBeLessThanOrEqual(width);
    });
  }
}
