/**
 * Profiles of several services over many days: each a draw of samples from the stacks of a recorded service
 * (tests/fixtures/series), so that profiles differ as those of a sampling profiler do.
 */

import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { CLI, inRoot } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run.mjs';

/**
 * @typedef {object} Drawn
 * @property {string} name
 * @property {string} service
 * @property {number} startMs
 * @property {number} value the sum of its samples
 * @property {string} text folded stacks
 */

/** The stacks of the recorded service with their weights, `stack;of;frames` each. */
export async function pool() {
  const folder = inRoot('tests', 'fixtures', 'series', 'checkout');
  const files = await readdir(folder, { recursive: true });
  const profiles = files.filter((file) => file.endsWith('.pb.gz')).map((file) => join(folder, file));
  const out = join(tmpdir(), `emberglass-pool-${process.pid}.folded`);
  await run([process.execPath, join(CLI, 'emberglass.mjs'), 'convert', ...profiles, '--to', 'folded', '-o', out]);
  const folded = await readFile(out, 'utf8');
  await rm(out);
  const lines = folded.split('\n').filter((line) => line !== '');
  const stacks = lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
  const weights = lines.map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
  return { stacks, weights };
}

/**
 * Draws `samples` samples for the profile with this number.
 * @param {{ stacks: string[], weights: number[] }} pool
 * @param {{ number: number, service: string, startMs: number, samples: number, random: () => number }} of
 * @returns {Drawn}
 */
export function draw({ stacks, weights }, { number, service, startMs, samples, random }) {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  // Sorted points along the weights: one walk over the pool instead of a search for each.
  const points = Float64Array.from({ length: samples }, () => random() * whole).sort();
  const lines = [];
  let end = 0;
  let next = 0;
  stacks.forEach((stack, at) => {
    end += weights[at] ?? 0;
    const first = next;
    while (next < samples && (points[next] ?? 0) < end) next += 1;
    if (next > first) lines.push(`${service};${stack} ${next - first}`);
  });
  lines.push('');
  return { name: `${service}-${number}.folded`, service, startMs, value: next, text: lines.join('\n') };
}

/** @param {Drawn} of */
export const packed = (of) => gzipSync(of.text);
