/** Stacks in order of time, on a recording whose times are known. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { App } from './app.ts';
import { expect } from './harness.ts';

/** Calls as [name, begin, end], ms; a call that begins inside of another is below it. */
export type Call = [name: string, begin: number, end: number];

/** Of each thread, 100 ms. */
const THREADS: Record<string, Call[]> = {
  main: [['main', 0, 100], ['load', 0, 20], ['parse', 20, 60], ['token', 30, 50], ['load', 80, 100]],
  worker: [['run', 40, 90], ['compress', 50, 60]],
};
/** Names of its lanes. */
export const LANE = /=(main|worker)$/;

/** A recording of these calls in the evented format of speedscope. */
function recording(threads: Record<string, Call[]>): string {
  const names = [...new Set(Object.values(threads).flatMap((calls) => calls.map(([name]) => name)))];
  const profiles = Object.entries(threads).map(([name, calls]) => {
    const events = calls.flatMap(([call, begin, end], row) => [
      { type: 'O', at: begin, frame: names.indexOf(call), row },
      { type: 'C', at: end, frame: names.indexOf(call), row },
    ]);
    // What ends goes first; of what begins at once the outer call, of what ends at once the inner one.
    events.sort((a, b) => a.at - b.at || a.type.localeCompare(b.type) || (a.type === 'O' ? a.row - b.row : b.row - a.row));
    return { type: 'evented', name, unit: 'milliseconds', startValue: 0, endValue: 100, events: events.map(({ type, at, frame }) => ({ type, at, frame })) };
  });
  return JSON.stringify({ $schema: 'https://www.speedscope.app/file-format-schema.json', shared: { frames: names.map((name) => ({ name })) }, profiles });
}

/** The button of a view of the graph. */
export const view = (page: Page, name: string) => page.locator('eg-breadcrumbs .graphs').getByRole('button', { name, exact: true });

/** The app with the recording, in order of time. */
export async function showing(page: Page, folder: string, threads = THREADS): Promise<Chart> {
  const file = join(folder, 'two-threads.speedscope.json');
  await writeFile(file, recording(threads));
  const app = await App.showing(page, file);
  await view(page, 'Time').click();
  const chart = new Chart(app);
  await chart.shown();
  return chart;
}

/** The chart on the page. */
export class Chart {
  readonly app: App;

  constructor(app: App) {
    this.app = app;
  }

  get items() {
    return this.app.graph.locator('[role=treeitem]');
  }

  async shown(): Promise<void> {
    await expect(this.items.filter({ hasText: '' }).first()).toBeAttached();
    await expect(this.app.graph).toHaveAttribute('timed', '');
  }

  /** The visible boxes: name and edges as shares of the width, by level and edge. */
  async boxes(): Promise<{ name: string; from: number; until: number; level: number }[]> {
    return this.app.graph.evaluate((graph) => {
      const { left, width } = graph.shadowRoot!.querySelector('.tree')!.getBoundingClientRect();
      return [...graph.shadowRoot!.querySelectorAll('[role=treeitem]')].map((item) => {
        const box = item.getBoundingClientRect();
        const share = (x: number): number => Math.round(((x - left) / width) * 100);
        return { name: (item.getAttribute('aria-label') ?? '').split(', total')[0]!, from: share(box.left), until: share(box.right), level: Number(item.getAttribute('aria-level')) };
      });
    });
  }

  /** Where a call is, as shares of the width in percent. */
  async spans(name: string): Promise<[number, number][]> {
    return (await this.boxes()).filter((box) => box.name === name).map(({ from, until }): [number, number] => [from, until]).sort((a, b) => a[0] - b[0]);
  }

  /** The middle of the first box of a name, pixels of the window. */
  async middle(name: string): Promise<{ x: number; y: number }> {
    const box = await this.items.and(this.app.page.locator(`[aria-label^="${name}, total"]`)).first().boundingBox();
    return { x: box!.x + box!.width / 2, y: box!.y + box!.height / 2 };
  }
}
