/** A Chromium that can be killed: started as a process group of its own, driven over the debugging protocol. */

import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { chromium } from '@playwright/test';

import { CHROMIUM_FLAGS, findChromium } from '../../scripts/lib/chromium.mjs';
import { ToolError } from '../../scripts/lib/run.mjs';

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {import('./inputs.mjs').Input} Input */

const START_MS = 30_000;

/** Keeps the workers of a page within reach, so that a test can end one as a browser would. */
function watchWorkers() {
  const Original = globalThis.Worker;
  /** @type {Worker[]} */
  const workers = [];
  Object.assign(globalThis, { faultWorkers: workers });
  globalThis.Worker = class extends Original {
    /**
     * @param {string | URL} url
     * @param {WorkerOptions} [options]
     */
    constructor(url, options) {
      super(url, options);
      if (options?.name === 'emberglass engine') workers.push(this);
    }
  };
}

/** Ends the engine's worker of a page, and tells the page as a browser would. */
export function endWorker() {
  const worker = /** @type {{ faultWorkers: Worker[] }} */ (/** @type {unknown} */ (globalThis)).faultWorkers.at(-1);
  worker?.terminate();
  worker?.dispatchEvent(new ErrorEvent('error', { message: 'terminated' }));
}

/**
 * Starts Chromium on a folder that outlives it.
 * @param {string} userData
 * @param {boolean} [twice] the app keeps a second copy in the private file system
 */
export async function start(userData, twice = false) {
  const executable = findChromium();
  if (executable === null) throw new ToolError('no chromium: run node scripts/setup.mjs --tests');
  const portFile = join(userData, 'DevToolsActivePort');
  await rm(portFile, { force: true });
  const flags = [...CHROMIUM_FLAGS, '--remote-debugging-port=0', `--user-data-dir=${userData}`, 'about:blank'];
  const child = spawn(executable, flags, { detached: true, stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const port = await devToolsPort(portFile);
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const context = browser.contexts()[0] ?? (await browser.newContext());
  await context.addInitScript(watchWorkers);
  if (twice) await context.addInitScript(() => globalThis.localStorage.setItem('emberglass:replica', 'opfs'));
  return {
    context,
    /** The process group of the browser. */
    group: child.pid ?? 0,
    /** SIGKILL for every process of it. */
    kill: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await gone;
      await browser.close().catch(() => undefined);
    },
  };
}

/** @param {string} file */
async function devToolsPort(file) {
  const until = performance.now() + START_MS;
  while (performance.now() < until) {
    const port = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
    if (port > 0) return port;
    await pause(50);
  }
  throw new ToolError('chromium did not start');
}

/**
 * Opens the app, and waits for its engine.
 * @param {Page} page
 * @param {string} url
 */
export async function openApp(page, url) {
  await page.goto(url);
  await page.waitForFunction(() => globalThis.emberglass?.client.phase === 'ready', undefined, { timeout: START_MS });
}

/**
 * Waits until both copies are equal.
 * @param {Page} page
 */
export async function inStep(page) {
  const equal = () => globalThis.emberglass.client.status?.replica?.state === 'in-step';
  await page.waitForFunction(equal, undefined, { timeout: START_MS });
}

/**
 * Has `store` tell of each input that the engine answered, at once: from then on it must never be lost.
 * @param {Page} page
 * @param {(name: string) => void} acknowledged
 */
export async function hear(page, acknowledged) {
  await page.exposeFunction('faultAcknowledged', acknowledged).catch((error) => {
    if (!String(error).includes('already')) throw error;
  });
}

/**
 * Stores inputs as an import does, some at a time; what the engine does not answer is sent again.
 * @param {Page} page
 * @param {Input[]} list
 * @param {(input: Input) => object} sourceOf
 */
export async function store(page, list, sourceOf) {
  const work = list.map((input) => ({ batch: input.batch, source: sourceOf(input) }));
  await page.evaluate(async (work) => {
    const { client } = globalThis.emberglass;
    const tell = /** @type {{ faultAcknowledged: (name: string) => Promise<void> }} */ (/** @type {unknown} */ (globalThis)).faultAcknowledged;
    const queue = [...work];
    const one = async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
        const source = /** @type {import('../../www/engine/protocol.ts').SourceInfo} */ (item.source);
        for (let attempt = 0; ; attempt += 1) {
          const batch = Uint8Array.from(atob(item.batch), (char) => char.charCodeAt(0));
          try {
            await client.call('ingest', batch, source);
            break;
          } catch (thrown) {
            if (attempt >= 200) throw thrown;
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        }
        await tell(source.name);
      }
    };
    // Commits and compactions run beside the import. One that failed must not leave the others storing behind the test's back.
    const importing = Promise.allSettled(Array.from({ length: 12 }, one));
    let busy = true;
    void importing.then(() => (busy = false));
    while (busy) {
      await client.call('flush').catch(() => undefined);
      await client.call('compact', false).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const outcome of await importing) if (outcome.status === 'rejected') throw outcome.reason;
  }, work);
}

/**
 * Everything that is stored: names of inputs with their sums, and what can't be read.
 * @param {Page} page
 * @returns {Promise<{ rows: [string, number][], faults: string[] }>}
 */
export async function stored(page) {
  return await page.evaluate(async () => {
    const { client } = globalThis.emberglass;
    await client.call('refresh');
    const catalog = await client.call('catalog');
    /** @type {[string, number][]} */
    const rows = [];
    const faults = [...catalog.damaged];
    const { dropped } = await client.call('status');
    if (dropped !== null) faults.push(`the browser dropped its database: ${dropped}`);
    for (const { name, types } of catalog.services) {
      for (const { id } of types) {
        const selection = { profileType: id, matchers: `{service_name="${name}"}`, from: null, until: null };
        let sum = 0n;
        for (let offset = 0, count = 1; offset < count; ) {
          const page = await client.call('profiles', selection, offset, 500);
          count = page.count;
          offset += Math.max(1, page.rows.length);
          for (const { source, total } of page.rows) {
            rows.push([source, Number(total)]);
            sum += total;
          }
        }
        // Reads every sample, and must agree with the table of profiles.
        try {
          const { handle, total } = await client.call('query', selection);
          if (total !== sum) faults.push(`${name}: samples add up to ${total}, profiles to ${sum}`);
          await client.call('release', handle);
        } catch (thrown) {
          faults.push(String(thrown));
        }
      }
    }
    return { rows, faults };
  });
}
