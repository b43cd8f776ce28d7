/** The app as a person uses it: through what is on the page. */

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import type { Locator, Page } from '@playwright/test';

import { expect, fixture } from './harness.ts';

/** One profile of an `.expected.json`. */
export interface ExpectedProfile {
  type: string;
  unit: string;
  total: number;
  samples: number;
  functions: number;
  top_self: [name: string, value: number][];
  top_total: [name: string, value: number][];
}

/** What a fixture is known to hold, worked out by an independent reader. */
export async function expectedOf(file: string): Promise<ExpectedProfile[]> {
  const { profiles } = JSON.parse(await readFile(`${file}.expected.json`, 'utf8')) as { profiles: ExpectedProfile[] };
  return profiles;
}

/** The exact number in a tooltip such as `33,712,345,678 ns`. */
export function exactIn(text: string | null): bigint {
  const digits = /(-?[\d,]+)(?: \S+)?$/.exec((text ?? '').split(/, \S+ %/)[0] ?? '');
  return BigInt((digits?.[1] ?? 'none').replaceAll(',', ''));
}

/** Changes a bit of what is stored of the first block: the last byte of its series. */
export async function damageSeries(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('failed'));
      });
    const [{ name } = {}] = await indexedDB.databases();
    const database = await done(indexedDB.open(name ?? ''));
    const sections = database.transaction('sections', 'readwrite').objectStore('sections');
    // Kind 3 is the series.
    const series = new Uint8Array((await done(sections.get([1, 3, 0]))) as ArrayBuffer);
    series[series.length - 1] = (series.at(-1) ?? 0) ^ 1;
    await done(sections.put(series.buffer, [1, 3, 0]));
    database.close();
  });
}

/** One tab with the app. */
export class App {
  readonly page: Page;
  readonly saveState: Locator;
  readonly status: Locator;
  readonly report: Locator;
  readonly graph: Locator;
  readonly table: Locator;
  readonly empty: Locator;

  constructor(page: Page) {
    this.page = page;
    this.saveState = page.locator('eg-top-bar .save');
    this.status = page.locator('eg-status-line');
    this.report = page.locator('eg-import-panel');
    this.graph = page.locator('emberglass-flamegraph');
    this.table = page.locator('emberglass-top-table');
    this.empty = page.locator('eg-empty-page');
  }

  /** Opens the page, imports files, and waits until the graph shows them. */
  static async showing(page: Page, ...files: string[]): Promise<App> {
    const app = new App(page);
    await app.open();
    await app.choose(...files);
    await app.imported();
    await app.drawn();
    return app;
  }

  /** Opens the page with the recorded profiles of two regions: dropped as a folder, so that their paths name service and region. */
  static async withSeries(page: Page): Promise<App> {
    const app = new App(page);
    await app.open();
    await app.drop(fixture('series'));
    await app.imported();
    await page.keyboard.press('Escape');
    await app.sum();
    return app;
  }

  /** Opens the page; `fragment` is what stands after `#`. */
  async open(fragment = ''): Promise<void> {
    await this.page.goto(fragment === '' ? '/' : `/#${fragment}`);
    await expect(this.saveState).toHaveText('saved');
  }

  /** Chooses files with the first file input of the page. */
  async choose(...files: string[]): Promise<void> {
    await this.page.locator('input[type=file]').first().setInputFiles(files);
  }

  /** Drops files and folders of the disk in the middle of the page, as a person would. */
  async drop(...paths: string[]): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const { width, height } = this.page.viewportSize() ?? { width: 1440, height: 900 };
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
    }
    await session.detach();
  }

  /** Waits until imports are through and all is stored. */
  async imported(): Promise<void> {
    await expect(this.status).toContainText(/imported|duplicate|failed/);
    await expect(this.status.locator('progress')).toHaveCount(0);
    await expect(this.saveState).toHaveText('saved');
  }

  /** Waits for a result on screen and gives its sum, exactly. */
  async sum(): Promise<bigint> {
    const sum = this.page.locator('eg-view-bar .sum');
    await expect(sum).toHaveText(/\d/);
    await expect(this.page.locator('eg-panes .panes')).toHaveAttribute('aria-busy', 'false');
    return exactIn(await sum.getAttribute('title'));
  }

  /** Services with their profile types, as the picker lists them. */
  async catalog(): Promise<Record<string, string[]>> {
    // A tab in the background draws nothing.
    await this.page.bringToFront();
    await this.page.locator('eg-profile-picker > button').click();
    const all = this.page.locator('eg-profile-picker .pick-row');
    await expect(all.first()).toBeVisible();
    const rows = await all.evaluateAll((each) =>
      each
        .map((row) => ({
          top: Number((row as HTMLElement).dataset['start']),
          title: row.classList.contains('title'),
          text: row.querySelector('.cut')?.textContent ?? '',
        }))
        .sort((a, b) => a.top - b.top),
    );
    await this.page.keyboard.press('Escape');
    const found: Record<string, string[]> = {};
    let service = '';
    for (const { title, text } of rows) {
      if (title) found[(service = text)] = [];
      else found[service]?.push(text);
    }
    return found;
  }

  /** The sum of every profile type, by service and type. */
  async sums(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const [service, types] of Object.entries(await this.catalog())) {
      for (const type of types) {
        await this.pick(`${service} ${type}`);
        found[`${service} ${type}`] = String(await this.sum());
      }
    }
    return found;
  }

  /** Chooses a profile type by the keyboard: the words narrow the list down, Enter takes the first. */
  async pick(words: string): Promise<void> {
    await this.page.locator('eg-profile-picker > button').click();
    await this.page.keyboard.type(words);
    await this.page.keyboard.press('Enter');
    await expect(this.page.locator('eg-profile-picker [popover]')).toBeHidden();
  }

  /** Opens the menu at the end of the bar and chooses an entry. */
  async menu(entry: string): Promise<void> {
    await this.page.locator('eg-main-menu > button').click();
    await this.page.locator('eg-main-menu [popover]').getByText(entry, { exact: true }).click();
  }

  /** Runs a command of the palette by the keyboard: the words narrow the list down, Enter takes the first. */
  async command(words: string): Promise<void> {
    await this.page.keyboard.press('ControlOrMeta+k');
    await expect(this.page.getByRole('combobox', { name: 'Commands, services and profile types' })).toBeFocused();
    await this.page.keyboard.type(words);
    await this.page.keyboard.press('Enter');
    await expect(this.page.locator('eg-palette dialog')).toHaveCount(0);
  }

  /** Lines of the import report by file name: the word at the end, and what stands below. */
  async lines(): Promise<Record<string, { word: string; detail: string }>> {
    const rows = await this.report.locator('.line').evaluateAll((each) =>
      each.map((row) => ({
        path: row.querySelector('.path')?.textContent?.trim() ?? '',
        word: row.querySelector('.word')?.textContent?.trim() ?? '',
        detail: row.querySelector('.second .detail')?.textContent?.trim() ?? '',
      })),
    );
    return Object.fromEntries(rows.map(({ path, word, detail }) => [basename(path), { word, detail }]));
  }

  /** The first rows of the top table, whole names and exact values. */
  async rows(): Promise<{ name: string; self: bigint; total: bigint }[]> {
    const rows = await this.table.locator('.row').evaluateAll((each) =>
      each.map((row) => {
        const [self, , total] = [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.getAttribute('title'));
        return {
          index: Number(row.getAttribute('aria-rowindex')),
          name: row.querySelector('.name')?.textContent ?? null,
          self: self ?? null,
          total: total ?? null,
        };
      }),
    );
    return rows
      .sort((a, b) => a.index - b.index)
      .flatMap(({ name, self, total }) => (name === null ? [] : [{ name, self: exactIn(self), total: exactIn(total) }]));
  }

  /** Number of different colours on the canvas of the flame graph, counted on a grid of pixels. */
  async colours(): Promise<number> {
    return this.graph.locator('canvas').first().evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
      const seen = new Set<number>();
      for (let at = 0; at < data.length; at += 4 * 37) {
        if (data[at + 3] !== 0) seen.add((data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!);
      }
      return seen.size;
    });
  }

  /** Whether the flame graph shows boxes. */
  async drawn(): Promise<void> {
    await expect.poll(() => this.colours(), { message: 'boxes on the canvas' }).toBeGreaterThan(4);
  }

  /** Drags over the time line between two shares of its width. */
  async brush(from: number, to: number): Promise<void> {
    const area = this.page.locator('eg-time-line .u-over');
    const box = await area.boundingBox();
    if (box === null) throw new Error('no time line');
    const y = box.y + box.height / 2;
    await this.page.mouse.move(box.x + box.width * from, y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + box.width * ((from + to) / 2), y);
    await this.page.mouse.move(box.x + box.width * to, y);
    await this.page.mouse.up();
  }
}
