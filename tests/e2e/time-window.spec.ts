/** The window, the axis, filters and a brushed span of a chart over time. */

import type { Page } from '@playwright/test';

import { App } from './app.ts';
import { expectAccessible } from './axe.ts';
import { expect, fixture, test } from './harness.ts';
import { Chart, showing, view } from './time-chart.ts';
import type { Call } from './time-chart.ts';

const bar = (page: Page) => page.locator('eg-time-bar');

/** Brushes the axis between two shares of its width. */
async function brush(page: Page, from: number, until: number): Promise<void> {
  const axis = (await page.locator('emberglass-flamegraph .axis').boundingBox())!;
  const y = axis.y + axis.height / 2;
  await page.mouse.move(axis.x + axis.width * from, y);
  await page.mouse.down();
  await page.mouse.move(axis.x + axis.width * ((from + until) / 2), y);
  await page.mouse.move(axis.x + axis.width * until, y);
  await page.mouse.up();
}

test('a span is brushed by keyboard, its stacks shown, and dropped', async ({ page, userData }) => {
  const chart = await showing(page, userData);
  const axis = page.getByRole('slider', { name: 'Span of the time axis' });
  const span = async (): Promise<string | null> => axis.getAttribute('aria-valuetext');
  await chart.app.graph.locator('.tree').focus();
  for (let step = 0; step < 6 && !(await axis.evaluate((each) => each === (each.getRootNode() as ShadowRoot).activeElement)); step += 1) await page.keyboard.press('Tab');
  await expect(axis, 'the Tab key leads to it').toBeFocused();
  expect(await span()).toMatch(/^No span/);
  await page.keyboard.press('ArrowRight');
  await expect(bar(page)).toContainText('Brushed: 45.0 ms – 55.0 ms · 10.0 ms');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(bar(page)).toContainText('Brushed: 50.0 ms – 62.5 ms · 12.5 ms');
  expect(await span()).toBe('50.0 ms to 62.5 ms, 12.5 ms');
  await page.keyboard.press('Escape');
  await expect(bar(page)).not.toContainText('Brushed');
  await expect(axis).toBeFocused();
  for (const key of ['ArrowRight', 'Home', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight']) await page.keyboard.press(key);
  await expect(bar(page)).toContainText('Brushed: 0 – 20.0 ms');
  await expectAccessible(page, 'a brushed span');
  await axis.focus();
  await page.keyboard.press('Enter');
  await expect(view(page, 'Icicle')).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(() => chart.app.sum(), 'the first 20 ms, which only main has').toBe(20_000_000n);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('On the axis: show the stacks of the span');
});

test('a click on calls too short to tell apart narrows the time around it', async ({ page, userData }) => {
  const short = Array.from({ length: 400 }, (_, at): Call => [at % 2 === 0 ? 'read' : 'write', (400 + at) / 20, (401 + at) / 20]);
  const chart = await showing(page, userData, { main: [['main', 0, 100], ...short] });
  const main = (await chart.items.and(page.locator('[aria-label^="main, total"]')).boundingBox())!;
  expect(await chart.spans('read'), 'too short for a name').toEqual([]);
  await page.mouse.click(main.x + main.width * 0.3, main.y + main.height * 1.5);
  await expect.poll(async () => (await chart.boxes()).some(({ name }) => name === 'read')).toBe(true);
  await expect.poll(() => chart.spans('main')).toEqual([[0, 100]]);
  const [, from, until] = /^([\d.]+) ms – ([\d.]+) ms/.exec((await bar(page).locator('.number').textContent()) ?? '') ?? [];
  expect(Number(from)).toBeGreaterThan(20);
  expect(Number(until)).toBeLessThan(40);
  await expect(page.locator('eg-breadcrumbs .crumb'), 'the zoom of the other views is another').toHaveCount(1);
  await page.goBack();
  await expect.poll(() => chart.spans('read')).toEqual([]);
  await expect(bar(page)).toContainText('0 – 100 ms');
});

test('a span that is brushed moves no row of the chart', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  const app = await App.showing(page, fixture('gecko', 'threads.samply.json.gz'));
  await view(page, 'Time').click();
  await new Chart(app).shown();
  const top = async (): Promise<number> => (await app.graph.boundingBox())!.y;
  const before = await top();
  await brush(page, 0.3, 0.5);
  await expect(bar(page)).toContainText(/Brushed: \d\d:\d\d:\d\d\.\d{3} – /);
  await expect(bar(page).locator('.number'), 'the day is in the tooltip').toHaveAttribute('title', /^\d{4}-\d\d-\d\d /);
  expect(await top()).toBe(before);
});

test('filters of frames change the chart as they change every view', async ({ page, userData }) => {
  const chart = await showing(page, userData);
  const filter = async (text: string): Promise<void> => {
    await page.getByRole('button', { name: 'Filter…' }).click();
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  };
  await filter('ignore:token');
  await expect.poll(() => chart.spans('token')).toEqual([]);
  await expect.poll(() => chart.spans('parse'), 'what is left out is blank').toEqual([[20, 30], [50, 60]]);
  await expect.poll(() => chart.spans('run'), 'the other lane stays').toEqual([[40, 90]]);
  await filter('hide:/^(main|run)$/');
  await expect.poll(() => chart.spans('main')).toEqual([]);
  await expect.poll(() => chart.spans('compress'), 'callees of a hidden frame stay').toEqual([[50, 60]]);
  await page.goBack();
  await page.goBack();
  await expect.poll(() => chart.spans('token')).toEqual([[30, 50]]);
});

test('the window is in the address, and back leads out of it', async ({ page, userData, elsewhere }) => {
  const chart = await showing(page, userData);
  await expect(bar(page), 'the file does not say when it was recorded').toContainText('from the begin');
  const { x, y } = await chart.middle('parse');
  await page.mouse.click(x, y);
  await expect.poll(() => chart.spans('parse')).toEqual([[0, 100]]);
  await expect.poll(() => page.url()).toContain('window-from=');
  await expect(bar(page)).toContainText('20.0 ms – 60.0 ms · 40.0 ms');
  const inside = await chart.middle('token');
  await page.mouse.click(inside.x, inside.y);
  await expect.poll(() => chart.spans('token')).toEqual([[0, 100]]);
  await page.goBack();
  await expect.poll(() => chart.spans('parse')).toEqual([[0, 100]]);
  await page.goBack();
  await expect.poll(() => chart.spans('parse')).toEqual([[20, 60]]);
  expect(page.url()).not.toContain('window-from=');
  await page.goForward();
  await expect.poll(() => chart.spans('parse')).toEqual([[0, 100]]);
  const before = page.url();
  await page.waitForTimeout(400);
  expect(page.url(), 'what came by the address is not told again').toBe(before);

  await test.step('a reload shows the same window', async () => {
    await page.reload();
    await chart.shown();
    await expect.poll(() => chart.spans('parse')).toEqual([[0, 100]]);
  });

  await test.step('a move is told when it is over', async () => {
    await page.mouse.move(700, 600);
    await page.keyboard.down('Shift');
    await page.mouse.wheel(0, 300);
    await page.keyboard.up('Shift');
    await expect.poll(() => page.url()).not.toBe(before);
    await page.goBack();
    await expect.poll(() => chart.spans('parse'), 'and makes no step of its own').toEqual([[20, 60]]);
  });

  await test.step('a page without the profiles takes the address, and says what it lacks', async () => {
    await elsewhere.goto(before);
    await expect(new App(elsewhere).empty).toBeVisible();
  });
});

test('times are the clock’s where the files have one; the zone is a click away', async ({ page }) => {
  await App.showing(page, fixture('java', 'app.jfr'));
  await view(page, 'Time').click();
  await expect(page.locator('emberglass-flamegraph')).toHaveAttribute('timed', '');
  await expect(bar(page)).toContainText(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} – /);
  const zone = bar(page).getByTitle(/Show times in/);
  const local = await bar(page).locator('.number').textContent();
  await zone.click();
  const other = await bar(page).locator('.number').textContent();
  expect(new Date().getTimezoneOffset() === 0 ? other === local : other !== local).toBe(true);
  await expect(zone).toHaveText('UTC');
});

test('a brushed span shows the stacks of its samples, and back undoes it', async ({ page, userData }) => {
  const chart = await showing(page, userData);
  await brush(page, 0.2, 0.6);
  await expect(bar(page)).toContainText('Brushed:');
  await bar(page).getByRole('button', { name: 'Zoom to it' }).click();
  await expect.poll(async () => (await chart.spans('parse')).map(([from, until]) => from <= 1 && until >= 99)).toEqual([true]);
  await expect(bar(page)).not.toContainText('Brushed:');
  await page.goBack();
  await expect.poll(() => chart.spans('parse')).toEqual([[20, 60]]);

  await brush(page, 0.41, 0.99);
  const whole = await chart.app.sum();
  await bar(page).getByRole('button', { name: 'Show its stacks' }).click();
  await expect(view(page, 'Icicle')).toHaveAttribute('aria-pressed', 'true');
  await expect(chart.app.table).toContainText('compress');
  await expect.poll(() => chart.app.sum()).toBeLessThan(whole);
  expect(await chart.app.sum()).toBeGreaterThan(0n);
  expect(page.url()).toContain('cut=1');
  await view(page, 'Time').click();
  await chart.shown();
  await expect.poll(async () => (await chart.spans('compress')).length, 'the chart has the span alone').toBe(1);
  await expect.poll(() => chart.spans('token'), 'its samples begin before').toEqual([]);
  await page.goBack();
  await page.goBack();
  await expect.poll(() => chart.app.sum()).toBe(whole);
  await expect.poll(() => chart.spans('token')).toEqual([[30, 50]]);
});

test('the bar over a zoomed chart is accessible', async ({ page, userData }) => {
  for (const width of [1440, 480]) {
    await page.setViewportSize({ width, height: 900 });
    const chart = width === 1440 ? await showing(page, userData) : new Chart(new App(page));
    await chart.app.graph.locator('.tree').focus();
    await brush(page, 0.3, 0.5);
    await expect(bar(page)).toContainText('Brushed:');
    await expectAccessible(page, 'a span is brushed');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  }
});

test('a lane is kept alone, or left out, by its menu and by keys', async ({ page, userData }) => {
  const chart = await showing(page, userData);
  const names = async (): Promise<string[]> => (await chart.boxes()).map(({ name }) => name);
  await chart.app.graph.locator('.tree').focus();
  for (const key of ['Home', 'ArrowDown']) await page.keyboard.press(key);
  await expect(chart.app.graph.locator('.announcer')).toContainText('main');
  await page.keyboard.press('Shift+F10');
  await expect(page.getByRole('menuitem', { name: 'Show all of the time' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Hide what it calls' }), 'a lane is no frame').toHaveCount(0);
  await page.getByRole('menuitem', { name: 'Hide this lane' }).press('Enter');
  await expect.poll(names).not.toContain('parse');
  await expect.poll(names).toContain('compress');
  await page.goBack();
  await expect.poll(names).toContain('parse');
  await chart.app.graph.locator('.tree').focus();
  for (const key of ['Home', 'ArrowDown', 'f']) await page.keyboard.press(key);
  await expect.poll(names).not.toContain('compress');
  await expect.poll(names).toContain('parse');
});
