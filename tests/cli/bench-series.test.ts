/** The made series of the benches: what they say is in them is in them. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { draw, pool, writeTar } from '../bench/series.mjs';
import { emberglass } from './run.ts';

const SERIES = { service: 'shop', count: 5, samples: 300, firstMs: Date.UTC(2026, 0, 1), stepMs: 10_000, durationMs: 10_000, seed: 3 };

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'emberglass-series-'))));
afterAll(() => rm(folder, { recursive: true }));

test('a series is as long, as large and as old as it says, and differs from profile to profile', async () => {
  const tar = join(folder, 'series.tar');
  const { files, rows, nanoseconds } = await writeTar(tar, draw(await pool(), SERIES));
  expect(files).toBe(SERIES.count);
  const { out } = await emberglass('info', '--json', tar);
  const { files: found } = JSON.parse(out) as { files: { profiles: { type: string; total: number; samples: number; from: string }[] }[] };
  const cpu = found.map(({ profiles }) => profiles.find(({ type }) => type === 'process_cpu:cpu:nanoseconds:cpu:nanoseconds'));
  expect(cpu).toHaveLength(SERIES.count);
  expect(cpu.reduce((sum, profile) => sum + (profile?.total ?? 0), 0)).toBe(nanoseconds);
  expect(nanoseconds).toBe(SERIES.count * SERIES.samples * 10_000_000);
  expect(cpu.reduce((sum, profile) => sum + (profile?.samples ?? 0), 0)).toBe(rows);
  expect(new Set(cpu.map((profile) => profile?.samples)).size).toBeGreaterThan(1);
});

test('equal seeds give equal bytes, others do not', async () => {
  const stacks = await pool();
  const bytes = (seed: number) => Array.from(draw(stacks, { ...SERIES, seed }), (drawn) => drawn.bytes.toString('base64'));
  const first = bytes(1);
  expect(bytes(1)).toEqual(first);
  expect(bytes(2)).not.toEqual(first);
});
