/**
 * Somebody who presses everything: clicks, keys, drags and wheels at random over recorded profiles, wide and narrow. Nothing may
 * go wrong on the way, and the page must work as ever behind it. `EMBERGLASS_WALK_SECONDS=600` walks for ten minutes,
 * `EMBERGLASS_WALK_SEED` somewhere else.
 */

import type { Page } from '@playwright/test';

import { App, expectedOf } from './app.ts';
import { expect, fixture, test } from './harness.ts';

const SECONDS = Number(process.env['EMBERGLASS_WALK_SECONDS'] ?? 40);
const SEED = Number(process.env['EMBERGLASS_WALK_SEED'] ?? 7);
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 480, height: 800 };
/** What a failure tells of the way to it. */
const REMEMBERED = 25;
/** A step that takes longer than this has hung. */
const STEP_MS = 20_000;
/** Codes that nothing a person does may bring up. */
const FAULTS = /^(internal|engine-crashed|engine-failed|decoder-crashed|stale-handle|closed|bad-argument|.*overflow.*)$/;
const CPU = fixture('go', 'cpu.pb.gz');
const FILES = [CPU, fixture('chrome', 'trace-object.json.gz')];

const KEYS = [
  ...['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Enter', 'Escape', 'Tab', 'Shift+Tab', 'Home', 'End', 'PageDown', ' '],
  ...['/', '?', 's', 'i', 'f', 'h', 'u', 'c', 'd', 'n', 'Shift+N', 'Shift+F10', 'ControlOrMeta+k', 'Alt+ArrowLeft', 'Alt+ArrowRight', 'Backspace'],
];
const TEXTS = ['run', '/^main/', '/(/', 'region', '{', 'service_name="checkout"', '-1h', '2026-11-01', '💥', 'a'.repeat(300), '0', 'hide:/runtime/'];

/** Numbers below `below` that are the same for the same seed. */
function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Target {
  x: number;
  y: number;
  what: string;
}

/** What can be pressed and is not covered, shadow trees included. */
function targets(page: Page): Promise<Target[]> {
  return page.evaluate(() => {
    const found: { x: number; y: number; what: string }[] = [];
    const roots: (Document | ShadowRoot)[] = [document];
    for (let root = roots.pop(); root !== undefined; root = roots.pop()) {
      for (const element of root.querySelectorAll<HTMLElement>('*')) {
        if (element.shadowRoot !== null) roots.push(element.shadowRoot);
        if (!element.matches('button, a[href], input:not([type=file]), select, summary, [role=option], [role=row], [role=tab], [role=menuitem], [role=slider], canvas, .u-over')) continue;
        if (element instanceof HTMLAnchorElement && (element.target === '_blank' || element.origin !== location.origin)) continue;
        const { left, top, width, height } = element.getBoundingClientRect();
        const [x, y] = [left + width / 2, top + height / 2];
        if (width < 2 || height < 2 || x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue;
        const hit = root.elementFromPoint(x, y);
        if (hit === null || !(element.contains(hit) || hit.contains(element))) continue;
        found.push({ x, y, what: `${element.localName} ${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)}` });
      }
    }
    return found;
  });
}

/** One step of the walk; `say` hears what it is before it is done. */
async function step(app: App, pick: (below: number) => number, say: (what: string) => void): Promise<void> {
  const { page } = app;
  const { width, height } = page.viewportSize() ?? WIDE;
  const point = (): [number, number] => [pick(width), pick(height)];
  switch (pick(12)) {
    case 0:
    case 1:
    case 2: {
      const key = KEYS[pick(KEYS.length)] ?? 'Escape';
      say(`press ${key}`);
      await page.keyboard.press(key);
      return;
    }
    case 3: {
      const text = TEXTS[pick(TEXTS.length)] ?? '';
      say(`type ${text.slice(0, 30)}`);
      await page.keyboard.type(text);
      return;
    }
    case 4: {
      const [x, y] = point();
      const zooms = pick(3) === 0;
      say(`wheel${zooms ? ' with Ctrl' : ''} at ${x}, ${y}`);
      await page.mouse.move(x, y);
      if (zooms) await page.keyboard.down('Control');
      await page.mouse.wheel(0, pick(1200) - 600);
      await page.keyboard.up('Control');
      return;
    }
    case 5: {
      const [[x, y], [toX, toY]] = [point(), point()];
      say(`drag ${x}, ${y} to ${toX}, ${toY}`);
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(toX, toY, { steps: 4 });
      await page.mouse.up();
      return;
    }
    case 6: {
      const [x, y] = point();
      const button = pick(2) === 0 ? 'right' : 'left';
      say(`click ${button} at ${x}, ${y}`);
      await page.mouse.click(x, y, { button, clickCount: 1 + pick(2) });
      return;
    }
    default: {
      const all = await targets(page);
      const target = all[pick(Math.max(1, all.length))];
      say(target === undefined ? 'nothing to press' : `click ${target.what}`);
      if (target !== undefined) await page.mouse.click(target.x, target.y);
    }
  }
}

async function inTime(work: Promise<void>, problem: () => string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(problem())), STEP_MS);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

test('a walk of clicks and keys at random leaves the page whole', async ({ page, problems }) => {
  test.setTimeout((SECONDS + 120) * 1000);
  // A dialog of the system would wait for a person; without it files are downloaded.
  await page.addInitScript(() => {
    for (const name of ['showSaveFilePicker', 'showOpenFilePicker', 'showDirectoryPicker', 'print']) Reflect.deleteProperty(globalThis, name);
  });
  const app = await App.withSeries(page);
  await app.choose(...FILES);
  await app.imported();

  const pick = chance(SEED);
  const way: string[] = [];
  const until = Date.now() + SECONDS * 1000;
  let steps = 0;
  while (Date.now() < until) {
    await inTime(step(app, pick, (what) => way.push(what)), () => `hangs in the last of\n${way.slice(-REMEMBERED).join('\n')}`);
    steps += 1;
    way.splice(0, way.length - REMEMBERED);
    const notices = await page.locator('eg-notices .notice:has(code)').evaluateAll((all) => all.map((each) => [each.querySelector('code')?.textContent ?? '', each.textContent ?? '']));
    expect(notices.filter(([code]) => FAULTS.test(code ?? '')), `behind:\n${way.join('\n')}`).toEqual([]);
    expect(problems.unexpected, `behind:\n${way.join('\n')}`).toEqual([]);
    if (steps % 60 === 0) await page.setViewportSize(steps % 120 === 0 ? WIDE : NARROW);
    // Somebody who presses everything also deletes what is stored.
    if (steps % 40 === 0 && (await app.empty.count()) > 0) await app.choose(...FILES);
    if (steps % 200 === 0) await page.reload();
  }
  test.info().annotations.push({ type: 'steps', description: String(steps) });
  expect(steps).toBeGreaterThan(SECONDS);

  await page.setViewportSize(WIDE);
  await page.goto('about:blank');
  await app.open();
  await app.choose(CPU);
  await app.imported();
  const [cpu] = (await expectedOf(CPU)).filter(({ type }) => type === 'cpu');
  expect(await app.sum()).toBe(BigInt(cpu?.total ?? -1));
  await app.drawn();
});
