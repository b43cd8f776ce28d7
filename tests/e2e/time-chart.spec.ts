/** Stacks in order of time, on a recording whose times are known. */

import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';
import { Chart, LANE, showing, view } from './time-chart.ts';

test('calls stand where they ran, each thread in a lane of its own', async ({ page, userData }) => {
  const chart = await showing(page, userData);
  expect(page.url()).toContain('view=time');
  for (const [name, spans] of Object.entries({ load: [[0, 20], [80, 100]], parse: [[20, 60]], token: [[30, 50]], run: [[40, 90]], compress: [[50, 60]] })) {
    await expect.poll(() => chart.spans(name), name).toEqual(spans);
  }
  const levels = new Map((await chart.boxes()).map(({ name, level }) => [name, level]));
  const lanes = (await chart.boxes()).filter(({ name }) => LANE.test(name));
  expect(lanes.map(({ name }) => /main|worker/.exec(name)?.[0])).toEqual(['main', 'worker']);
  expect(levels.get('token')).toBe(lanes[0]!.level + 3);
  expect(levels.get('compress')).toBe(lanes[1]!.level + 2);
  expect(lanes[1]!.level, 'the second lane stands below the first').toBe(levels.get('token')! + 1);

  await test.step('what a box is, is said', async () => {
    const { x, y } = await chart.middle('token');
    await page.mouse.move(x - 2, y);
    await page.mouse.move(x, y);
    await expect(chart.app.graph.locator('.tooltip')).toContainText('token');
    await expect(chart.app.graph.locator('.tooltip'), 'how long').toContainText('20.0 ms');
    await expect(chart.app.graph.locator('.tooltip'), 'when').toContainText(/Begins\s*30.0 ms/);
  });

  await test.step('a click zooms to the time of a call in all lanes; Escape goes back', async () => {
    const { x, y } = await chart.middle('parse');
    await page.mouse.click(x, y);
    await expect.poll(() => chart.spans('parse')).toEqual([[0, 100]]);
    await expect.poll(() => chart.spans('compress'), 'the other lane is at the same time').toEqual([[75, 100]]);
    await page.keyboard.press('Escape');
    await expect.poll(() => chart.spans('parse')).toEqual([[20, 60]]);
  });

  await test.step('a click on what fills the width goes back to all', async () => {
    const inside = await chart.middle('compress');
    await page.mouse.click(inside.x, inside.y);
    await expect.poll(() => chart.spans('compress')).toEqual([[0, 100]]);
    const again = await chart.middle('compress');
    await page.mouse.click(again.x, again.y);
    await expect.poll(() => chart.spans('run')).toEqual([[40, 90]]);
  });

  await test.step('the wheel zooms at the pointer', async () => {
    const { x, y } = await chart.middle('compress');
    await page.mouse.move(x, y);
    await page.keyboard.down('Control');
    for (let turn = 0; turn < 2; turn += 1) await page.mouse.wheel(0, -60);
    await page.keyboard.up('Control');
    await expect.poll(async () => (await chart.spans('compress')).map(([from, until]) => until - from > 25 && until - from < 40 && Math.abs((from + until) / 2 - 55) < 3)).toEqual([true]);
  });
});

test('search and zoom hold when views are switched; the address opens it again', async ({ page, userData }) => {
  const chart = await showing(page, userData);
  await view(page, 'Icicle').click();
  await expect(chart.app.graph).not.toHaveAttribute('timed');
  await chart.app.drawn();
  const parse = await chart.middle('parse');
  await page.mouse.click(parse.x, parse.y);
  const crumbs = page.locator('eg-breadcrumbs .crumb');
  await expect(crumbs.last()).toContainText('parse');
  await page.keyboard.press('/');
  await page.keyboard.type('load');
  await view(page, 'Time').click();
  await chart.shown();
  await expect(page.locator('eg-view-bar input[type=search]')).toHaveValue('load');
  await expect.poll(() => chart.spans('load')).toEqual([[0, 20], [80, 100]]);
  await page.reload();
  await chart.shown();
  await expect.poll(() => chart.spans('run')).toEqual([[40, 90]]);
  await page.locator('eg-view-bar input[type=search]').press('Enter');
  await expect(page.locator('eg-view-bar .found'), 'steps go from call to call in order of time').toContainText('match 1 of 2');
  await expect(chart.app.graph.locator('.announcer')).toContainText('Selected: load');
  await view(page, 'Icicle').click();
  await expect(crumbs.last(), 'the zoom of the other view is kept').toContainText('parse');
});

test('by keyboard alone: lanes, calls, zoom, back, the menu', async ({ page, userData }) => {
  const chart = await showing(page, userData);
  const said = chart.app.graph.locator('.announcer');
  await chart.app.graph.locator('.tree').focus();
  await page.keyboard.press('Home');
  await expect(said).toContainText('100 %');
  await page.keyboard.press('ArrowDown');
  await expect(said).toContainText('main');
  await page.keyboard.press('ArrowDown');
  await expect(said).toContainText('Selected: main, total 100 ms');
  await page.keyboard.press('ArrowDown');
  await expect(said).toContainText('Selected: parse');
  await page.keyboard.press('Enter');
  await expect.poll(() => chart.spans('parse')).toEqual([[0, 100]]);
  await page.keyboard.press('ArrowDown');
  await expect(said).toContainText('Selected: token, total 20.0 ms');
  await page.keyboard.press('Shift+F10');
  await expect(page.getByRole('menu', { name: 'token' })).toBeVisible();
  await page.getByRole('menuitem', { name: 'Zoom to it' }).press('Enter');
  await expect.poll(() => chart.spans('token')).toEqual([[0, 100]]);
  await chart.app.graph.locator('.tree').focus();
  await page.keyboard.press('Escape');
  await expect.poll(() => chart.spans('parse')).toEqual([[0, 100]]);
  await page.keyboard.press('Escape');
  await expect.poll(() => chart.spans('parse')).toEqual([[20, 60]]);
});

test('the selected frame is selected in the other view', async ({ page, userData }) => {
  const chart = await showing(page, userData);
  const tree = chart.app.graph.locator('.tree');
  const said = chart.app.graph.locator('.announcer');
  await tree.focus();
  for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
  await expect(said).toContainText('Selected: token');
  const menu = async (): Promise<void> => {
    await expect(async () => {
      await tree.focus();
      await page.keyboard.press('Shift+F10');
      await expect(page.getByRole('menu', { name: 'token' })).toBeVisible({ timeout: 500 });
    }).toPass();
    await page.keyboard.press('Escape');
  };
  await view(page, 'Icicle').press('Enter');
  await expect(chart.app.graph).not.toHaveAttribute('timed');
  await menu();
  await view(page, 'Time').press('Enter');
  await chart.shown();
  await menu();
});

test('what is said of a call of a profile in bytes is times, also in the line under the graph', async ({ page }) => {
  const app = await App.showing(page, fixture('java', 'app.jfr'));
  await page.keyboard.press('Escape');
  await app.pick('alloc');
  await expect(page.locator('eg-view-bar .sum')).toContainText('iB');
  await view(page, 'Time').click();
  await new Chart(app).shown();
  await app.graph.locator('.tree').focus();
  for (const key of ['Home', 'ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
  const tooltip = app.graph.locator('.tooltip');
  await expect(tooltip).toContainText(/Total\s*[\d.]+ m?s/);
  const [, total, share] = /Total\s*([\d.]+ m?s)\s*(<?[\d.]+ %)/.exec((await tooltip.textContent()) ?? '') ?? [];
  await expect(app.status).toContainText(new RegExp(`total\\s*${total}\\s*${share}`));
});

test('profiles without sample times say so', async ({ page }) => {
  await App.showing(page, fixture('go', 'cpu.pb.gz'));
  await view(page, 'Time').click();
  await expect(page.locator('eg-panes')).toContainText('No sample times');
  await page.getByRole('button', { name: 'Back to the whole graph' }).click();
  await expect(view(page, 'Icicle')).toHaveAttribute('aria-pressed', 'true');
});

test('a recording of many threads has a lane for each, whatever they do', async ({ page }) => {
  const app = await App.showing(page, fixture('gecko', 'threads.samply.json.gz'));
  await view(page, 'Time').click();
  const chart = new Chart(app);
  await chart.shown();
  const lanes = async (): Promise<string[]> => (await chart.boxes()).map(({ name }) => /thread=([^,]*)/.exec(name)?.[1]).filter((name) => name !== undefined);
  await expect.poll(async () => (await lanes()).length).toBeGreaterThan(1);
  const found = await lanes();
  expect(new Set(found).size, 'no thread has two lanes').toBe(found.length);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 480]) {
    test(`axe finds nothing: ${colorScheme}, ${width}`, async ({ page, userData }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await showing(page, userData);
      await expectAccessible(page, 'in order of time');
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, 'nothing is wider than the window').toBeLessThanOrEqual(width);
    });
  }
}
