/**
 * What the graph costs the page: a profile of millions of nodes is dragged, scrolled, zoomed and pointed at in the production
 * build, and Chromium's own trace says how long the main thread ran script for each frame, and what its longest task was.
 */

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

import { importFiles, inBrowser } from './browser.mjs';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {{ name: string, ph: string, ts: number, dur?: number, tdur?: number, pid: number, tid: number, args?: { data?: { type?: string } } }} TraceEvent */

const FUNCTIONS = 4000;
const STEPS = 120;
const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'];

/** Numbers that look like chance and are the same in every run; [0, 1). */
export function chance(seed = 1) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Writes folded stacks of about so many nodes, all so deep: each stack leaves the one before at some level, most of them deep down.
 * @param {string} path
 * @param {number} nodes
 * @param {number} depth
 */
export async function writeDeep(path, nodes, depth) {
  const random = chance();
  const out = createWriteStream(path);
  const stack = Array.from({ length: depth }, () => 0);
  let made = 0;
  let from = 0;
  while (made < nodes) {
    for (let level = from; level < depth; level += 1) stack[level] = Math.floor(random() * FUNCTIONS);
    made += depth - from;
    const line = `${stack.map((of) => `fn${of}`).join(';')} ${1 + Math.floor(random() * 100)}\n`;
    if (!out.write(line)) await once(out, 'drain');
    from = Math.floor(depth * (1 - random() ** 2));
  }
  out.end();
  await once(out, 'close');
  return made;
}

/** @param {number[]} values */
function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (/** @type {number} */ share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), most: sorted.at(-1) ?? 0 };
}

/**
 * What a trace says of the page's main thread, ms: script for each frame, events of the pointer, the longest task, and the most time of the
 * processor in a task, which does not grow with what else the machine does.
 * @param {TraceEvent[]} events
 */
function measured(events) {
  const frames = events.filter(({ name }) => name === 'FireAnimationFrame');
  const main = frames[0];
  if (main === undefined) throw new Error('the trace has no frames');
  const own = events.filter(({ pid, tid, ph, dur }) => pid === main.pid && tid === main.tid && ph === 'X' && dur !== undefined);
  own.sort((a, b) => a.ts - b.ts);
  const starts = frames.filter(({ pid, tid }) => pid === main.pid && tid === main.tid).map(({ ts }) => ts).toSorted((a, b) => a - b);
  const script = Array.from({ length: starts.length + 1 }, () => 0);
  let longestScript = 0;
  let until = 0;
  let frame = 0;
  for (const { name, ts, dur = 0 } of own) {
    // Only the outermost ones: a call within a call is counted already.
    if ((name !== 'FunctionCall' && name !== 'EvaluateScript') || ts < until) continue;
    until = ts + dur;
    longestScript = Math.max(longestScript, dur / 1000);
    while (frame < starts.length && (starts[frame] ?? 0) <= ts) frame += 1;
    script[frame] = (script[frame] ?? 0) + dur / 1000;
  }
  const tasks = own.filter(({ name }) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask');
  const longest = (/** @type {(task: TraceEvent) => number} */ of) => Math.max(0, ...tasks.map((task) => of(task) / 1000));
  const hovers = own.filter(({ name, args }) => name === 'EventDispatch' && args?.data?.type === 'pointermove').map(({ dur = 0 }) => dur / 1000);
  return { frames: starts.length, script: spread(script.slice(1)), hover: spread(hovers), longestTask: longest(({ dur = 0 }) => dur), longestTaskCpu: longest(({ tdur = 0 }) => tdur), longestScript };
}

/**
 * @param {Page} page
 * @param {() => Promise<void>} body
 */
async function traced(page, body) {
  const session = await page.context().newCDPSession(page);
  /** @type {TraceEvent[]} */
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(.../** @type {TraceEvent[]} */ (/** @type {unknown} */ (value))));
  await session.send('Tracing.start', { traceConfig: { includedCategories: CATEGORIES }, transferMode: 'ReportEvents' });
  await body();
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  return measured(events);
}

/** @param {Page} page */
const frame = (page) => page.evaluate(() => new Promise((resolve) => globalThis.requestAnimationFrame(() => resolve(null))));

/**
 * What each kind of movement costs, over a profile in a file.
 * @param {string} url
 * @param {string} file
 * @param {string} [view] the button of another view than the first
 */
export async function graph(url, file, view) {
  return await inBrowser(url, async (page) => {
    await page.setViewportSize({ width: 1440, height: 900 });
    let imported = 0;
    const importing = await traced(page, async () => {
      imported = await importFiles(page, file);
      await page.waitForFunction(() => (globalThis.document.querySelector("emberglass-flamegraph")?.shadowRoot?.querySelector("[role=treeitem]") ?? null) !== null, undefined, { timeout: 300_000 });
    });
    /** @type {Record<string, ReturnType<typeof measured>>} */
    const found = { import: importing };
    if (view !== undefined) {
      found['first view'] = await traced(page, async () => {
        await page.locator('eg-breadcrumbs .graphs').getByRole('button', { name: view, exact: true }).click();
        await page.waitForFunction(() => globalThis.document.querySelector('emberglass-flamegraph[timed]')?.shadowRoot?.querySelector('[role=treeitem]') != null, undefined, { timeout: 300_000 });
      });
    }
    const area = await page.locator('emberglass-flamegraph').boundingBox();
    if (area === null) throw new Error('no graph');
    const [left, top] = [area.x + area.width * 0.3, area.y + area.height * 0.4];
    await page.mouse.move(left, top);
    const repeat = async (/** @type {(step: number) => Promise<unknown>} */ body) => {
      for (let step = 0; step < STEPS; step += 1) {
        await body(step);
        await frame(page);
      }
    };
    const held = async (/** @type {string} */ key, /** @type {(step: number) => Promise<unknown>} */ body) => {
      await page.keyboard.down(key);
      await repeat(body);
      await page.keyboard.up(key);
    };
    /** @type {Record<string, () => Promise<void>>} */
    const moves = {
      hover: () => repeat((step) => page.mouse.move(left + ((step * 37) % 400), top + ((step * 23) % 300))),
      zoom: () => held('Control', (step) => page.mouse.wheel(0, step % 60 < 30 ? -40 : 40)),
      pan: async () => {
        await held('Control', (step) => (step < 20 ? page.mouse.wheel(0, -40) : Promise.resolve()));
        await held('Shift', (step) => page.mouse.wheel(0, step % 40 < 20 ? 60 : -60));
      },
      scroll: () => repeat((step) => page.mouse.wheel(0, step % 80 < 40 ? 700 : -700)),
    };
    for (const [name, body] of Object.entries(moves)) found[name] = await traced(page, body);
    const { nodes, depth } = await page.evaluate(() => {
      const graph = /** @type {{ source: { result: { nodes: number, depth: number } } } | null} */ (/** @type {unknown} */ (globalThis.document.querySelector('emberglass-flamegraph')));
      return graph?.source.result ?? { nodes: 0, depth: 0 };
    });
    return { nodes, depth, importMs: imported, moves: found };
  });
}

/**
 * What it costs to open the page, and to choose many files at once.
 * @param {string} url
 * @param {string[]} files
 */
export async function openings(url, files) {
  return await inBrowser(url, async (page) => {
    const opened = await traced(page, async () => {
      await page.reload();
      await page.waitForFunction(() => globalThis.emberglass?.client.phase === 'ready');
      await frame(page);
    });
    const chosen = await traced(page, async () => {
      await importFiles(page, ...files);
    });
    return {
      openLongestTask: opened.longestTask,
      openLongestScript: opened.longestScript,
      chooseLongestTask: chosen.longestTask,
      chooseLongestScript: chosen.longestScript,
    };
  });
}
