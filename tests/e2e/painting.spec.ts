/** What is on the canvas, pixel by pixel, where it is known what must be. */

import { writeFile } from 'node:fs/promises';

import type { Page } from '@playwright/test';

import { App } from './app.ts';
import { expect, test } from './harness.ts';

/** Height of a level, and how far below its top no name reaches yet. */
const LEVEL = 20;
const ABOVE_NAMES = 3;
const PACKAGES = ['alpha', 'beta', 'gamma'];

/** A graph of so many functions that are called once each. */
async function showing(page: Page, functions: number, path: string): Promise<App> {
  const stacks = Array.from({ length: functions }, (_, row) => `${PACKAGES[row % PACKAGES.length]}::f${String(row).padStart(4, '0')} 1`);
  await writeFile(path, `${stacks.join('\n')}\n`);
  const app = await App.showing(page, path);
  await page.locator('eg-view-bar').getByRole('button', { name: 'Top table' }).click();
  await expect(app.table).toHaveCount(0);
  return app;
}

/** A row of pixels of the level below the root. */
async function pixels(app: App): Promise<number[]> {
  const read = () =>
    app.graph.locator('canvas.content').evaluate((canvas: HTMLCanvasElement, y) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, y, canvas.width, 1);
      return [...new Uint32Array(data.buffer)];
    }, LEVEL + ABOVE_NAMES);
  await expect.poll(async () => (await read()).length, 'the graph has the width of the page').toBe(1440);
  // Until the list for this width is there, the one before is stretched.
  let before: number[] = [];
  await expect
    .poll(async () => {
      const now = await read();
      const same = now.join() === before.join();
      before = now;
      return same;
    })
    .toBe(true);
  return before;
}

test('a level of many frames has the colours of one of few, each frame its pixels and its gap', async ({ page, elsewhere }, info) => {
  const few = await pixels(await showing(elsewhere, PACKAGES.length, info.outputPath('few.folded')));
  const colours = PACKAGES.map((_, row) => few[row * 480 + 10]!);
  const background = few[479]!;
  expect(new Set([...colours, background]).size).toBe(PACKAGES.length + 1);

  // 4.8 pixels each: four or five, the last one a gap.
  const app = await showing(page, 300, info.outputPath('many.folded'));
  const many = await pixels(app);
  const edges = Array.from({ length: 301 }, (_, row) => Math.round(row * 4.8));
  const own = edges.slice(0, -1).map((left) => many[left]!);
  expect(many).toEqual(own.flatMap((colour, row) => [...Array.from({ length: edges[row + 1]! - edges[row]! - 1 }, () => colour), background]));
  expect(colours.map((colour) => own.filter((each) => each === colour).length)).toEqual([100, 100, 100]);

  await test.step('where there is no room there is nothing to paint, and afterwards it is there again', async () => {
    const room = (width: string) => app.graph.evaluate((graph: HTMLElement, to) => void (graph.style.width = to), width);
    await room('0');
    await expect.poll(() => app.graph.locator('canvas.content').evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBe(0);
    await room('');
    expect(await pixels(app)).toEqual(many);
  });
});
