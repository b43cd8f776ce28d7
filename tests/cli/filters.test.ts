/** Frame filters on the command line: parts of a profile that are the whole together. */

import { describe, expect, test } from 'vitest';

import { emberglass } from './run.ts';

interface Top {
  total: number;
  functions: { name: string; self: number; total: number }[];
}

async function top(...words: string[]): Promise<Top> {
  const { out, error, status } = await emberglass('query', 'go/cpu.pb.gz', '--select', 'cpu', '--json', ...words);
  expect({ status, error }).toEqual({ status: 0, error: '' });
  return JSON.parse(out) as Top;
}

describe('filters', () => {
  test('what has a frame and what has not are the whole', async () => {
    const whole = await top();
    const some = whole.functions.toSorted((a, b) => b.total - a.total).find(({ total }) => total < whole.total);
    expect(some).toBeDefined();
    const name = some?.name ?? '';
    const focused = await top('--filter', `focus@function:"${name}"`);
    const ignored = await top('--filter', `ignore@function:"${name}"`);
    expect(focused.total).toBe(some?.total);
    expect(focused.total + ignored.total).toBe(whole.total);
    expect(ignored.functions.map((row) => row.name)).not.toContain(name);
    // Every view filters by the same: file names, too.
    const { out } = await emberglass('query', 'go/cpu.pb.gz', '--select', 'cpu', '--view', 'flamegraph', '--json', '--filter', 'focus@file:/runtime/');
    const filed = await top('--filter', 'focus@file:/runtime/');
    expect(filed.total).toBeGreaterThan(0);
    expect(filed.total).toBeLessThan(whole.total);
    expect((JSON.parse(out) as { flamebearer: { numTicks: number } }).flamebearer.numTicks).toBe(filed.total);
    // Hidden frames take no sample with them.
    const hidden = await top('--filter', `hide@function:"${name}"`);
    expect(hidden.total).toBe(whole.total);
    expect(hidden.functions.map((row) => row.name)).not.toContain(name);
  });

  test('a series and a heat map are of the stacks that stay', async () => {
    const files = ['series/checkout', '--labels-from-path', '{region}/', '--select', 'cpu', '--json', '--filter', 'focus:/^main\\./', '--filter', 'tagfocus:region=eu'];
    const ask = async (...words: string[]): Promise<unknown> => {
      const { out, error, status } = await emberglass('query', ...files, ...words);
      expect(status, error).toBe(0);
      return JSON.parse(out);
    };
    const { total } = (await ask()) as Top;
    const { series } = (await ask('--view', 'series')) as { series: { points: [number, number][] }[] };
    expect(total).toBeGreaterThan(0);
    expect(series.flatMap(({ points }) => points).reduce((sum, [, value]) => sum + value, 0)).toBe(total);
    // Each row of the heat map is as high as the values in it.
    const { rows } = (await ask('--view', 'heatmap')) as { rows: { from: number; to: number; counts: number[] }[] };
    const inRows = (end: 'from' | 'to'): number => rows.reduce((sum, row) => sum + row[end] * row.counts.reduce((some, count) => some + count, 0), 0);
    expect(inRows('from')).toBeLessThanOrEqual(total);
    expect(inRows('to')).toBeGreaterThan(total);
  });

  test('threads stand at the root', async () => {
    const { out } = await emberglass('query', 'gecko/threads.samply.json.gz', '--view', 'tree', '--granularity', 'thread', '--json');
    const { tree, total } = JSON.parse(out) as { total: number; tree: { children: { name: string; total: number }[] } };
    expect(tree.children.length).toBeGreaterThan(2);
    expect(tree.children.reduce((sum, child) => sum + child.total, 0)).toBe(total);
    for (const { name, total: of } of tree.children) {
      const { out: ofThread } = await emberglass('query', 'gecko/threads.samply.json.gz', '--json', '--filter', `tagfocus:thread="${name}"`);
      expect((JSON.parse(ofThread) as Top).total).toBe(of);
    }
  });

  test('frames are packages, and what is no filter is told', async () => {
    const packages = await top('--granularity', 'package');
    expect(packages.functions.map(({ name }) => name)).toContain('runtime');
    expect(packages.total).toBe((await top()).total);
    const { status, error } = await emberglass('query', 'go/cpu.pb.gz', '--select', 'cpu', '--filter', 'fokus:x');
    expect(status).toBe(1);
    expect(error).toContain('bad-filter');
  });
});
