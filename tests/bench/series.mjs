/**
 * Series of profiles of any length, drawn from recorded ones: each is a draw over all stacks of `tests/fixtures/series`, with
 * weights that change from one to the next. Equal seeds give equal bytes.
 */

import { open, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { randomFrom } from '../../scripts/lib/random.mjs';
import { inRoot } from '../../scripts/lib/paths.mjs';
import { PERIOD, read, write } from './pprof.mjs';

/** @typedef {import('./pprof.mjs').Stack} Stack */

const POOL = inRoot('tests', 'fixtures', 'series');
const BLOCK = 512;

/**
 * @typedef {object} Series
 * @property {string} service
 * @property {number} count profiles
 * @property {number} samples of each
 * @property {number} firstMs start of the first
 * @property {number} stepMs from one to the next
 * @property {number} durationMs of each
 * @property {number} seed
 *
 * @typedef {object} Drawn
 * @property {string} name
 * @property {number} startMs
 * @property {Buffer} bytes the gzipped file
 * @property {number} rows different stacks
 * @property {number} nanoseconds the sum of the profile's CPU time
 */

/** All stacks of the recorded series with what they count. */
export async function pool() {
  const files = (await readdir(POOL, { recursive: true })).filter((name) => name.endsWith('.pb.gz')).sort();
  /** @type {Map<string, { stack: Stack, count: number }>} */
  const found = new Map();
  const frames = new Map();
  for (const file of files) {
    for (const { stack, count } of read(await readFile(join(POOL, file)), frames)) {
      const key = JSON.stringify(stack);
      const known = found.get(key);
      if (known === undefined) found.set(key, { stack, count });
      else known.count += count;
    }
  }
  return [...found.values()];
}

/**
 * The profiles of a series, one after the other.
 * @param {Awaited<ReturnType<typeof pool>>} stacks
 * @param {Series} series
 * @returns {Generator<Drawn>}
 */
export function* draw(stacks, { service, count, samples, firstMs, stepMs, durationMs, seed }) {
  const random = randomFrom(seed);
  // Close enough to a normal distribution.
  const normal = () => random() + random() + random() + random() - 2;
  const sums = new Float64Array(stacks.length);
  for (let at = 0; at < count; at += 1) {
    let sum = 0;
    for (const [row, { count }] of stacks.entries()) sums[row] = sum += count * Math.exp(0.5 * normal());
    const counts = new Uint32Array(stacks.length);
    for (let sample = 0; sample < samples; sample += 1) {
      const row = find(sums, random() * sum);
      counts[row] = (counts[row] ?? 0) + 1;
    }
    /** @type {[Stack, number][]} */
    const drawn = [];
    for (const [row, { stack }] of stacks.entries()) if (counts[row]) drawn.push([stack, counts[row]]);
    const startMs = firstMs + at * stepMs;
    const bytes = write(drawn, { service, startMs, durationMs });
    yield { name: `${startMs}.pb.gz`, startMs, bytes, rows: drawn.length, nanoseconds: samples * PERIOD };
  }
}

/**
 * The first row whose sum passes `value`.
 * @param {Float64Array} sums
 * @param {number} value
 */
function find(sums, value) {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Writes profiles as a tar; gives what is in it.
 * @param {string} path
 * @param {Iterable<Drawn>} profiles
 */
export async function writeTar(path, profiles) {
  const file = await open(path, 'w');
  const sum = { files: 0, bytes: 0, rows: 0, nanoseconds: 0, startsMs: /** @type {number[]} */ ([]) };
  try {
    for (const { name, startMs, bytes, rows, nanoseconds } of profiles) {
      await file.write(Buffer.concat([tarHeader(name, bytes.length), bytes, Buffer.alloc(-bytes.length & (BLOCK - 1))]));
      sum.files += 1;
      sum.bytes += bytes.length;
      sum.rows += rows;
      sum.nanoseconds += nanoseconds;
      sum.startsMs.push(startMs);
    }
    await file.write(Buffer.alloc(2 * BLOCK));
  } finally {
    await file.close();
  }
  return sum;
}

/**
 * @param {string} name
 * @param {number} size
 */
function tarHeader(name, size) {
  const header = Buffer.alloc(BLOCK);
  const octal = (/** @type {number} */ value, /** @type {number} */ at, /** @type {number} */ length) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at);
  header.write(name, 0);
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  octal(header.reduce((sum, byte) => sum + byte, 0), 148, 7);
  return header;
}
