/** Profiles that count from the start of their process on: two of one, the second a little later. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { Profile } from 'pprof-format';
import { describe, expect, test } from 'vitest';

import { inRoot } from '../../scripts/lib/paths.mjs';
import { parseExact } from '../../www/cli/exact.ts';
import { emberglass } from './run.ts';

const FILES = ['go/heap.pb.gz', 'go/allocs.pb.gz'] as const;
const CODE = 'cumulative-profiles';

async function total(file: string, type: string): Promise<bigint> {
  const { out, error } = await emberglass('top', file, '--type', type, '--json');
  expect(error).toBe('');
  return BigInt((parseExact(out) as { total: string }).total);
}

describe('profiles that count from the start', () => {
  test.each([
    ['top', ...FILES, '--type', 'alloc_space', '--json'],
    ['query', ...FILES, '--select', 'alloc_objects', '--json'],
    ['query', ...FILES, '--select', 'alloc_space', '--view', 'series'],
    ['convert', ...FILES, '--to', 'folded', '--type', 'alloc_space'],
    ['convert', ...FILES, '--to', 'pprof'],
  ])('are told when they add up: %s', async (...words) => {
    const { status, error } = await emberglass(...words);
    expect(status).toBe(0);
    expect(error.match(new RegExp(CODE, 'g'))).toHaveLength(1);
  });

  test.each([
    ['top', ...FILES, '--type', 'inuse_space'],
    ['top', FILES[0], '--type', 'alloc_space'],
    ['top', FILES[0], FILES[0], '--type', 'alloc_space'],
    ['diff', ...FILES, '--type', 'alloc_space'],
    ['top', 'series/checkout/eu/1795441002.pb.gz', 'series/checkout/eu/1795441024.pb.gz', '--type', 'cpu'],
    ['query', ...FILES, '--select', 'alloc_space', '--view', 'series', '--aggregate', 'delta'],
  ])('are not told where nothing of them adds up: %s %s %s %s %s', async (...words) => {
    const { status, error } = await emberglass(...words);
    expect({ status, error }).toEqual({ status: 0, error: '' });
  });

  test('a side of a comparison adds up', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'emberglass-'));
    const out = join(folder, 'both.emberglass');
    expect((await emberglass('pack', ...FILES, '-o', out)).status).toBe(0);
    const { error } = await emberglass('diff', FILES[0], out, '--type', 'alloc_space');
    expect(error).toContain(`${CODE}, 2 times`);
    rmSync(folder, { recursive: true });
  });

  test('a delta is what came between, and after a restart all', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'emberglass-'));
    // A process at 10 s, at 20 s with three times as much, and another one at 30 s with half of it.
    const paths = [2n, 6n, 1n].map((times, at) => {
      const profile = Profile.decode(gunzipSync(readFileSync(inRoot('tests', 'fixtures', FILES[0]))));
      for (const sample of profile.sample) sample.value = sample.value.map((value) => BigInt(value) * times);
      profile.timeNanos = BigInt(at + 1) * 10_000_000_000n;
      const path = join(folder, `${at}.pb`);
      writeFileSync(path, profile.encode());
      return path;
    });
    const one = await total(paths[2]!, 'alloc_space');
    expect(one > 0n).toBe(true);
    const ask = ['query', ...paths, '--select', 'alloc_space', '--view', 'series', '--aggregate', 'delta', '--step', '10s', '--json'];
    const { out, error } = await emberglass(...ask);
    expect(error).toBe('');
    const { aggregation, series } = parseExact(out) as { aggregation: string; series: { points: string[][] }[] };
    expect(aggregation).toBe('delta');
    expect(series.map(({ points }) => points)).toEqual([[['20000', String(4n * one)], ['30000', String(one)]]]);

    // Of what stays after a filter, too.
    const focused = await emberglass(...ask, '--filter', 'focus:/^main\\./');
    const values = (parseExact(focused.out) as { series: typeof series }).series[0]?.points.map(([, value]) => BigInt(value ?? 0)) ?? [];
    expect(values).toHaveLength(2);
    expect(values[0]).toBe(4n * (values[1] ?? 0n));
    expect((values[1] ?? 0n) < one).toBe(true);
    rmSync(folder, { recursive: true });
  });

  test('a state has no delta', async () => {
    const { status, error } = await emberglass('query', ...FILES, '--select', 'inuse_space', '--view', 'series', '--aggregate', 'delta');
    expect(status).toBe(2);
    expect(error).toContain('--aggregate');
  });
});
