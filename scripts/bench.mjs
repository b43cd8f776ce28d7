/**
 * `npm run bench`: what things take, in one run, as a table; kept in tests/bench/results. Nothing is a test here.
 *
 *     npm run bench                              all of it, half an hour
 *     npm run bench -- --only native,peers       parts: native, peers, growth, commits, graph, threads, waits, shards, full
 *     npm run bench -- --profiles 100,1000       other lengths of the growth table
 *     npm run bench -- --bytes 100000000         another size of the full store
 *     npm run bench -- --dry                     keep nothing
 *
 * The browser's parts need a build (`npm run build`). Times depend on what else the machine does: compare within one run.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { commits, full, series } from '../tests/bench/browser.mjs';
import { graph, openings, writeDeep } from '../tests/bench/graph.mjs';
import { writeThreads } from '../tests/bench/threads.mjs';
import { native } from '../tests/bench/native.mjs';
import { peers } from '../tests/bench/peers.mjs';
import { keep } from '../tests/bench/results.mjs';
import { draw, pool, writeTar } from '../tests/bench/series.mjs';
import { shards } from '../tests/bench/shards.mjs';
import { waits, writeWide } from '../tests/bench/waits.mjs';
import { bold, elapsed, main, say, seconds } from './lib/log.mjs';
import { ToolError, run } from './lib/run.mjs';
import { serve } from './serve.mjs';

const CPU = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';
const FIRST_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 10_000;
const SAMPLES = 1_000;
const PEER_FILES = 360;
const GRAPH_NODES = 5_000_000;
const GRAPH_DEPTH = 5_000;
const MANY_FILES = 500;
const WAITS_NODES = 2_000_000;

/** @typedef {{ folder: string, url: string, counts: number[], bytes: number }} Place */

/**
 * @param {number} count
 * @param {number} seed
 */
const seriesOf = (count, seed) => ({ service: 'shop', count, samples: SAMPLES, firstMs: FIRST_MS, stepMs: STEP_MS, durationMs: STEP_MS, seed });

/** @param {number} value */
const short = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/**
 * @param {string[]} head
 * @param {(string | number)[][]} rows
 */
function table(head, rows) {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? short(cell) : cell)));
  const widths = head.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (/** @type {string[]} */ row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  process.stdout.write(`\n${bold(line(head))}\n${cells.map(line).join('\n')}\n\n`);
}

/** Ingest, size, open and query as a series gets longer: ten times the profiles should cost at most ten times the time. */
async function growth(/** @type {Place} */ { folder, url, counts }) {
  const stacks = await pool();
  const found = [];
  for (const count of counts) {
    const tar = join(folder, `${count}.tar`);
    say('growth', `${count} profiles`);
    const { rows, bytes } = await writeTar(tar, draw(stacks, seriesOf(count, count)));
    const { imported, fresh, compaction, compacted, open, query, hour } = await series(url, tar, CPU);
    await rm(tar);
    found.push({
      profiles: count,
      gzippedBytes: bytes,
      samples: rows,
      profilesPerS: (count / imported) * 1000,
      mbPerS: bytes / imported / 1000,
      storedBytes: fresh.bytes,
      compactedBytes: compacted.bytes,
      bytesPerSample: compacted.bytes / rows,
      gzippedBytesPerSample: bytes / rows,
      ratio: bytes / compacted.bytes,
      importMs: imported,
      compactionMs: compaction,
      openMs: open,
      coldMs: query.cold,
      warmMs: query.warm,
      hourColdMs: hour.cold,
      hourWarmMs: hour.warm,
      wasmBytes: Math.max(fresh.wasm, compacted.wasm),
    });
  }
  table(
    ['profiles', 'import', 'profiles/s', 'MB/s gz', 'merged in', 'B/sample', 'gz B/sample', 'ratio', 'open', 'cold', 'warm', 'hour', 'warm', 'wasm MiB'],
    found.map((of) => [
      String(of.profiles),
      seconds(of.importMs),
      of.profilesPerS,
      of.mbPerS,
      seconds(of.compactionMs),
      of.bytesPerSample,
      of.gzippedBytesPerSample,
      of.ratio,
      ...[of.openMs, of.coldMs, of.warmMs, of.hourColdMs, of.hourWarmMs].map((ms) => `${short(ms)} ms`),
      of.wasmBytes / 2 ** 20,
    ]),
  );
  return found;
}

async function commitTimes(/** @type {Place} */ { url }) {
  const times = await commits(url);
  const at = (/** @type {number} */ share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const found = { commits: times.length, p50Ms: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99) };
  table(['commits of one profile', 'p50', 'p90', 'p99'], [[String(times.length), ...[found.p50Ms, found.p90Ms, found.p99Ms].map((ms) => `${short(ms)} ms`)]]);
  return found;
}

function moved(/** @type {string} */ title, /** @type {Awaited<ReturnType<typeof graph>>['moves']} */ moves) {
  table(
    [title, 'frames', 'script p50', 'p99', 'most', 'pointer p99', 'longest task', 'processor'],
    Object.entries(moves).map(([name, { frames, script, hover, longestTask, longestTaskCpu }]) => [name, String(frames), ...[script.p50, script.p99, script.most, hover.p99, longestTask, longestTaskCpu].map((ms) => `${short(ms)} ms`)]),
  );
}

/** What the graph of a large profile costs the page's main thread. */
async function ofGraph(/** @type {Place} */ { folder, url }) {
  const file = join(folder, 'deep.folded');
  say('graph', 'writing the profile');
  await writeDeep(file, GRAPH_NODES, GRAPH_DEPTH);
  const found = await graph(url, file);
  await rm(file);
  moved(`${found.nodes} nodes, ${found.depth} levels`, found.moves);
  const files = Array.from({ length: MANY_FILES }, (_, row) => join(folder, `small-${row}.folded`));
  await Promise.all(files.map((path, row) => writeFile(path, `main;f${row} 1\n`)));
  const longest = await openings(url, files);
  table(
    ['longest', 'task', 'script'],
    [
      ['opening the page', `${short(longest.openLongestTask)} ms`, `${short(longest.openLongestScript)} ms`],
      [`choosing ${MANY_FILES} files`, `${short(longest.chooseLongestTask)} ms`, `${short(longest.chooseLongestScript)} ms`],
    ],
  );
  return { ...found, ...longest };
}

/**
 * @param {string} folder
 * @param {number} bytes
 */
async function largePack(folder, bytes) {
  const pack = join(folder, 'full.emberglass');
  await run(['cargo', 'run', '--quiet', '--release', '--package', 'emberglass-query', '--example', 'large_pack', '--', pack, String(bytes)]);
  return pack;
}

async function fullStore(/** @type {Place} */ { folder, url, bytes }) {
  const pack = await largePack(folder, bytes);
  say('full', 'importing');
  const { imported, stored, open, hour, wasm } = await full(url, pack, CPU);
  if (stored.bytes < bytes * 0.9) throw new ToolError(`${stored.bytes} bytes of ${bytes} are stored`);
  const found = { bytes: stored.bytes, blocks: stored.blocks, profiles: stored.profiles, importMs: imported, openMs: open, hourColdMs: hour.cold, hourWarmMs: hour.warm, wasmBytes: wasm };
  table(
    ['MB stored', 'blocks', 'profiles', 'imported in', 'cold open', 'hour, cold', 'warm', 'wasm MiB'],
    [[short(found.bytes / 1e6), String(found.blocks), String(found.profiles), seconds(imported), ...[open, hour.cold, hour.warm].map((ms) => `${short(ms)} ms`), wasm / 2 ** 20]],
  );
  return found;
}

/** Everything asked of a large store, by one worker and by several. */
async function ofShards(/** @type {Place} */ { folder, url, bytes }) {
  const pack = await largePack(folder, bytes / 4);
  say('shards', 'importing');
  const { found, ...stored } = await shards(url, pack, CPU);
  await rm(pack);
  const alone = found[0];
  table(
    [`${short(stored.storedBytes / 1e6)} MB, ${stored.blocks} blocks`, 'cold', 'times as fast', 'again', 'times as fast'],
    found.map(({ workers, cold, warm }) => [
      workers === 0 ? 'the engine alone' : `and ${workers} more`,
      ...[`${short(cold)} ms`, (alone?.cold ?? cold) / cold, `${short(warm)} ms`, (alone?.warm ?? warm) / warm],
    ]),
  );
  return { ...stored, found };
}

async function besidePeers(/** @type {Place} */ { folder }) {
  const files = [];
  const into = join(folder, 'peers');
  await mkdir(into);
  for (const { name, bytes } of draw(await pool(), seriesOf(PEER_FILES, 1))) {
    await writeFile(join(into, name), bytes);
    files.push(join(into, name));
  }
  const compared = await peers(files);
  table(
    ['', 'beside', 'times as fast'],
    compared.map(({ what, peer, ms, peerMs }) => [what, peer, ms === null || peerMs === null ? 'skipped: it is missing' : peerMs / ms]),
  );
  return compared;
}

/** The same of a time chart: a million samples over 200 threads. */
async function ofThreads(/** @type {Place} */ { folder, url }) {
  const file = join(folder, 'threads.json');
  say('threads', 'writing the recording');
  await writeThreads(file, 1_000_000, 200);
  const found = await graph(url, file, 'Time');
  await rm(file);
  moved(`${found.nodes} calls, ${found.depth} levels`, found.moves);
  return found;
}

/** How long other calls wait beside each question about millions of nodes. */
async function ofWaits(/** @type {Place} */ { folder, url }) {
  const files = /** @type {[string, string]} */ (['base', 'head'].map((name) => join(folder, `${name}.folded`)));
  say('waits', 'writing the profiles');
  for (const [row, file] of files.entries()) await writeWide(file, WAITS_NODES, row + 1);
  const found = await waits(url, files);
  for (const file of files) await rm(file);
  table([`${found.nodes} nodes`, 'took', 'longest wait'], found.questions.map(({ question, ms, wait }) => [question, `${short(ms)} ms`, `${short(wait)} ms`]));
  return found;
}

/** @type {Record<string, (place: Place) => Promise<unknown>>} in the order they run */
const PARTS = { native, peers: besidePeers, commits: commitTimes, growth, graph: ofGraph, threads: ofThreads, waits: ofWaits, shards: ofShards, full: fullStore };

await main(async () => {
  const options = /** @type {const} */ ({
    only: { type: 'string' },
    profiles: { type: 'string', default: '100,1000,10000' },
    bytes: { type: 'string', default: '1000000000' },
    dry: { type: 'boolean', default: false },
  });
  const { values } = parseArgs({ options });
  const only = values.only?.split(',') ?? Object.keys(PARTS);
  const unknown = only.find((name) => !(name in PARTS));
  if (unknown !== undefined) throw new ToolError(`no part ${unknown}; there are ${Object.keys(PARTS).join(', ')}`);
  const counts = values.profiles.split(',').map(Number);
  const bytes = Number(values.bytes);
  if (![...counts, bytes].every((number) => number > 0)) throw new ToolError('--profiles and --bytes take numbers above 0');
  const folder = await mkdtemp(join(tmpdir(), 'emberglass-bench-'));
  const site = await serve({ port: 0 });
  try {
    /** @type {Record<string, unknown>} */
    const numbers = {};
    for (const [name, part] of Object.entries(PARTS)) {
      if (only.includes(name)) numbers[name] = await part({ folder, url: site.url, counts, bytes });
    }
    if (!values.dry) say('kept', await keep(numbers));
  } finally {
    await site.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  process.stdout.write(`${elapsed()}\n`);
});
