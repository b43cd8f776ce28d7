/**
 * `npm run test:soak`: a month of profiles in a real browser.
 *
 *     npm run test:soak                          20,000 profiles of 10 services over 30 days
 *     npm run test:soak -- --profiles 2000       fewer
 *
 * Stores them as an import does, lets the app merge them, asks for an hour, a day and the month, opens the storage page, and
 * opens the app anew. Fails where a profile or a sample is lost, or where memory grows with what is stored. Times and sizes
 * are printed, and no reason to fail.
 */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { draw, pool } from '../tests/bench/series.mjs';
import { hear, openApp, start } from '../tests/fault/browser.mjs';
import { batchOf } from '../tests/fault/inputs.mjs';
import { elapsed, main, say, seconds } from './lib/log.mjs';
import { ToolError } from './lib/run.mjs';
import { serve } from './serve.mjs';

const SERVICES = 10;
const DAYS = 30;
const SAMPLES = 400;
const TYPE = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';
/** Sample types of a file. */
const TYPES = 2;
const HOUR_MS = 3_600_000;
const FIRST_MS = Date.UTC(2026, 0, 1);
/** Profiles that go to the page at a time. */
const CHUNK = 100;
/** Chunks under way: a commit waits for company. */
const AT_ONCE = 6;
/** What the engine's memory may be at most: far below what is stored, decoded. */
const MOST_WASM_BYTES = 700 << 20;
const MERGED_MS = 600_000;

/**
 * Bytes of memory of all processes of a group, each page counted once; 0 where there is no `/proc`.
 * @param {number} group
 */
async function memoryOf(group) {
  let sum = 0;
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // Behind the name, which may hold spaces: state, parent, group.
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) !== group) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    sum += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
  }
  return sum;
}

/** @param {number} bytes */
const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/**
 * @param {import('@playwright/test').Page} page
 * @param {{ batch: string, source: import('../www/engine/protocol.ts').SourceInfo }[]} work
 */
async function ingest(page, work) {
  await page.evaluate(async (work) => {
    const { client } = globalThis.emberglass;
    await Promise.all(
      work.map(async ({ batch, source }) => {
        await client.call('ingest', Uint8Array.from(atob(batch), (char) => char.charCodeAt(0)), source);
      }),
    );
  }, work);
}

/**
 * One question, asked twice: the first time nothing of it is in memory.
 * @param {import('@playwright/test').Page} page
 * @param {{ matchers: string, from: number | null, until: number | null }} range
 */
async function ask(page, { matchers, from, until }) {
  return await page.evaluate(
    async ({ type, matchers, from, until }) => {
      const { client } = globalThis.emberglass;
      const ns = (/** @type {number | null} */ ms) => (ms === null ? null : BigInt(ms) * 1_000_000n);
      const selection = { profileType: type, matchers, from: ns(from), until: ns(until) };
      const times = [];
      let answer = { profiles: 0, total: 0 };
      for (let round = 0; round < 3; round += 1) {
        const begin = performance.now();
        const { handle, profiles, total, missing, widened } = await client.call('query', selection);
        times.push(performance.now() - begin);
        await client.call('release', handle);
        if (missing !== null || widened !== null) throw new Error('the answer is not whole');
        answer = { profiles, total: Number(total) };
      }
      return { ...answer, cold: times[0] ?? 0, warm: Math.min(...times.slice(1)) };
    },
    { type: TYPE, matchers, from, until },
  );
}

await main(async () => {
  const { values } = parseArgs({ options: { profiles: { type: 'string' }, seed: { type: 'string' } } });
  const count = Number(values.profiles ?? 20_000);
  const seed = Number(values.seed ?? 7);
  const userData = await mkdtemp(join(tmpdir(), 'emberglass-soak-'));
  const site = await serve({ port: 0 });
  const browser = await start(userData);
  try {
    const page = browser.context.pages()[0] ?? (await browser.context.newPage());
    /** @type {string[]} */
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await openApp(page, site.url);
    await hear(page, () => undefined);

    const stacks = await pool();
    const perService = Math.ceil(count / SERVICES);
    const stepMs = Math.floor((DAYS * 24 * HOUR_MS) / perService);
    const series = Array.from({ length: SERVICES }, (_, at) =>
      draw(stacks, { service: `service${at}`, count: perService, samples: SAMPLES, firstMs: FIRST_MS, stepMs, durationMs: 10_000, seed: seed + at }),
    );
    /** @type {{ service: string, startMs: number, nanoseconds: number }[]} */
    const all = [];
    let gzipped = 0;
    let storing = 0;
    let mostWasm = 0;
    /** @type {Promise<void>[]} */
    const underWay = [];
    for (let at = 0; at < count; at += CHUNK) {
      /** @type {Parameters<typeof ingest>[1]} */
      const work = [];
      for (let number = at; number < Math.min(count, at + CHUNK); number += 1) {
        const next = series[number % SERVICES]?.next();
        if (next === undefined || next.done === true) continue;
        const { name, startMs, bytes, nanoseconds } = next.value;
        const service = `service${number % SERVICES}`;
        gzipped += bytes.length;
        all.push({ service, startMs, nanoseconds });
        const source = { name: `${service}/${name}`, bytes: bytes.length, modifiedMs: startMs, importedMs: FIRST_MS, labels: [/** @type {[string, string]} */ (['service_name', service])], pathTemplate: null };
        work.push({ batch: await batchOf(name, bytes), source });
      }
      const begin = performance.now();
      underWay.push(ingest(page, work));
      if (underWay.length === AT_ONCE) await underWay.shift();
      storing += performance.now() - begin;
      if (at % (count / 10) < CHUNK) {
        const status = await page.evaluate(() => globalThis.emberglass.client.call('status'));
        mostWasm = Math.max(mostWasm, status.wasmBytes);
        say('soak', `${all.length} of ${count} profiles, ${mib(status.storedBytes)} stored, engine ${mib(status.wasmBytes)}, browser ${mib(await memoryOf(browser.group))}`);
      }
    }
    const begun = performance.now();
    await Promise.all(underWay);
    storing += performance.now() - begun;
    say('stored', `${count} profiles in ${seconds(storing)}: ${Math.round(count / (storing / 1000))} a second, durable`);

    // The app merges by itself while nothing happens.
    const begin = performance.now();
    for (;;) {
      const { backlog } = await page.evaluate(() => globalThis.emberglass.client.call('storage'));
      if (backlog.blocks < 4) break;
      if (performance.now() - begin > MERGED_MS) throw new ToolError(`after ${seconds(MERGED_MS)} ${backlog.blocks} blocks still wait to be merged`);
      await page.waitForTimeout(500);
    }
    say('merged', `by itself within ${seconds(performance.now() - begin)}`);
    await page.evaluate(() => globalThis.emberglass.client.call('compact', true));
    const report = await page.evaluate(() => globalThis.emberglass.client.call('storage'));
    say('size', `${mib(report.bytes)}, ${(gzipped / report.bytes).toFixed(1)} times smaller than the gzipped files; levels ${report.levels.map(({ level, blocks }) => `${level}: ${blocks}`).join(', ')}`);
    if (report.profiles !== count * TYPES) problems.push(`${count * TYPES} profiles of both types were acknowledged, ${report.profiles} are stored`);
    if (report.services.length !== SERVICES) problems.push(`${report.services.length} services`);

    await page.reload();
    await openApp(page, site.url);
    const endMs = FIRST_MS + DAYS * 24 * HOUR_MS;
    const middle = FIRST_MS + 15 * 24 * HOUR_MS + 17 * 60_000;
    const one = '{service_name="service3"}';
    for (const [words, matchers, from, until] of /** @type {const} */ ([
      ['an hour of one service', one, middle, middle + HOUR_MS],
      ['a day of one service', one, middle, middle + 24 * HOUR_MS],
      ['the month of one service', one, FIRST_MS, endMs],
      ['an hour of all', '{}', middle, middle + HOUR_MS],
      ['a day of all', '{}', middle, middle + 24 * HOUR_MS],
      ['the month of all', '{}', null, null],
    ])) {
      const inside = all.filter(({ service, startMs }) => (matchers === '{}' || service === 'service3') && (from === null || startMs >= from) && (until === null || startMs < until));
      const { profiles, total, cold, warm } = await ask(page, { matchers, from, until });
      say('query', `${words}: ${profiles} profiles, ${cold.toFixed(0)} ms cold, ${warm.toFixed(1)} ms warm`);
      const expected = inside.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0);
      if (profiles !== inside.length || total !== expected) problems.push(`${words}: ${profiles} profiles with ${total} ns, not ${inside.length} with ${expected}`);
    }

    await page.goto(`${site.url}#v=1&page=storage`);
    await openApp(page, `${site.url}#v=1&page=storage`);
    const shown = page.locator('eg-storage-page');
    await shown.getByText('service9').waitFor();
    const status = await page.evaluate(() => globalThis.emberglass.client.call('status'));
    mostWasm = Math.max(mostWasm, status.wasmBytes);
    const { usage } = await page.evaluate(() => navigator.storage.estimate());
    say('memory', `engine ${mib(status.wasmBytes)}, at most ${mib(mostWasm)}; browser ${mib(await memoryOf(browser.group))}; the browser counts ${mib(usage ?? 0)} on disk`);
    if (mostWasm > MOST_WASM_BYTES) problems.push(`the engine took ${mib(mostWasm)}`);
    for (const problem of problems) say('problem', problem);
    process.stdout.write(`${elapsed()}\nsoak ${count} profiles: ${problems.length === 0 ? 'none lost' : `${problems.length} problems`}\n`);
    if (problems.length > 0) process.exitCode = 1;
  } finally {
    await browser.kill();
    await site.close();
    await rm(userData, { recursive: true, force: true, maxRetries: 5 });
  }
});
