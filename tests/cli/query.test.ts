/** Questions about the series of the fixtures, against what other tools say of it. */

import { readFile } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { inRoot } from '../../scripts/lib/paths.mjs';
import { emberglass } from './run.ts';

interface Side {
  total: number;
  top_self: [string, number][];
  top_total: [string, number][];
}

interface Expected {
  split_time_nanos: number;
  before: Side;
  after: Side;
}

interface TopJson {
  aggregation: string;
  profiles: number;
  total: number;
  functions: { name: string; self: number; total: number }[];
}

const LABELS = ['--labels-from-path', '{service_name}/{region}/'];
const CPU = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';
/** The start of the profile that the regression begins with, which is beyond what a `number` holds. */
const SPLIT = /"checkout\/eu":.*?"split_time_nanos": ?(\d+)/s;

async function expectations(): Promise<{ eu: Expected; split: string }> {
  const text = await readFile(inRoot('tests', 'fixtures', 'series', 'series.expected.json'), 'utf8');
  const { series } = JSON.parse(text) as { series: Record<string, Expected> };
  const [eu, split] = [series['checkout/eu'], SPLIT.exec(text)?.[1]];
  if (eu === undefined || split === undefined) throw new Error('the series checkout/eu is not in the expectations');
  return { eu, split };
}

describe.concurrent('query', () => {
  test('selects by labels and time', async () => {
    const { eu, split } = await expectations();
    const select = `${CPU}{service_name="checkout", region="eu"}`;
    for (const [range, side] of [
      ['--until', eu.before],
      ['--from', eu.after],
    ] as const) {
      const { status, out } = await emberglass('query', 'series', ...LABELS, '--select', select, range, split, '--view', 'top', '--json');
      const answer = JSON.parse(out) as TopJson;
      // Each of the 15 files has samples with the label of a handler and samples without: two series.
      expect([status, answer.aggregation, answer.profiles, answer.total]).toEqual([0, 'sum', 2 * 15, side.total]);
      const of = new Map(answer.functions.map((row) => [row.name, row]));
      for (const [name, own] of side.top_self) expect([name, of.get(name)?.self]).toEqual([name, own]);
      for (const [name, total] of side.top_total) expect([name, of.get(name)?.total]).toEqual([name, total]);
    }
  });

  test('says what a question would cost, and what series are told apart by', async () => {
    const of = ['query', 'series', ...LABELS, '--select', `${CPU}{service_name="checkout"}`];
    const ask = async <Answer>(view: string): Promise<Answer> => JSON.parse((await emberglass(...of, '--view', view, '--json')).out) as Answer;
    const [top, estimate] = [await ask<TopJson>('top'), await ask<{ profiles: number; series: number; nodes: null }>('estimate')];
    expect([estimate.profiles, estimate.nodes]).toEqual([top.profiles, null]);
    const cardinality = await ask<{ series: number; profiles: number; labels: { label: string; values: number; top: { profiles: number }[] }[] }>('cardinality');
    expect([cardinality.series, cardinality.profiles]).toEqual([estimate.series, top.profiles]);
    const service = cardinality.labels.find(({ label }) => label === 'service_name');
    expect([service?.values, service?.top.map(({ profiles }) => profiles)]).toEqual([1, [top.profiles]]);
    const table = await emberglass(...of, '--view', 'cardinality');
    expect([table.status, table.out.split('\n')[0]]).toEqual([0, expect.stringMatching(`^${cardinality.series} series, ${top.profiles} profiles: `)]);
    expect((await emberglass(...of, '--view', 'estimate')).out).toContain('not known before reading');
  });

  test('cuts samples at the edges of a range', async () => {
    const of = ['query', 'java/app.jfr', '--select', 'samples{service_name!="x"}', '--json'];
    const total = async (...words: string[]): Promise<number> => (JSON.parse((await emberglass(...of, ...words)).out) as TopJson).total;
    const { files } = JSON.parse((await emberglass('info', 'java/app.jfr', '--json')).out) as { files: { profiles: { type: string; from: string }[] }[] };
    const start = files[0]?.profiles.find(({ type }) => type.includes(':samples:'))?.from;
    if (start === undefined) throw new Error('the recording has no samples');
    const edge = new Date(Date.parse(start) + 5000).toISOString();
    const [whole, before, behind] = await Promise.all([total(), total('--until', edge, '--cut-samples'), total('--from', edge, '--cut-samples')]);
    expect(before).toBeGreaterThan(0);
    expect(behind).toBeGreaterThan(0);
    expect(before + behind).toBe(whole);
    const wrong = async (...words: string[]): Promise<string> => (await emberglass(...of, ...words)).error;
    expect(await wrong('--cut-samples')).toContain('--cut-samples needs a range');
    expect(await wrong('--cut-samples', '--from', edge, '--view', 'series')).toContain('goes with views of stacks and estimate');
  });

  test('names what regressed first', async () => {
    const { split } = await expectations();
    const range = ['--from', split, '--from-base', '2026-11-01T00:00:00Z', '--until-base', split];
    const words = ['--select', 'checkout.cpu{region="eu"}', '--view', 'diff', ...range, '-n', '1'];
    const { status, out } = await emberglass('query', 'series', ...LABELS, ...words, '--json');
    const { functions } = JSON.parse(out) as { functions: { name: string; base_total: number; total_change: number }[] };
    expect(status).toBe(0);
    expect(functions).toMatchObject([{ name: 'main.applyDiscounts', base_total: 0 }]);
    expect(functions[0]?.total_change).toBeCloseTo(0.7164, 4);
    const shown = await emberglass('query', 'series', ...LABELS, ...words);
    expect(shown.out).toMatch(/\+71\.64 % .* main\.applyDiscounts\nmore functions: -n 10\n$/);
  });

  test('says how sure it is that functions changed, where enough profiles tell', async () => {
    const { split } = await expectations();
    const words = ['query', 'series', ...LABELS, '--select', 'checkout.cpu{region="eu"}', '--view', 'diff', '--significance', '--until-base', split];
    const { out } = await emberglass(...words, '--from', split, '--json');
    interface Sure {
      significance: { enough: boolean; base_inputs: number; head_inputs: number };
      functions: { name: string; total_change: number; self_p: number; total_p: number }[];
    }
    const { significance, functions } = JSON.parse(out) as Sure;
    expect(significance).toMatchObject({ enough: true, base_inputs: 15, head_inputs: 15 });
    const p = new Map(functions.map(({ name, total_p }) => [name, total_p]));
    expect(p.get('main.applyDiscounts')).toBeLessThan(1e-6);
    // What changed by a sample or two is chance.
    const rare = functions.filter(({ total_change }) => Math.abs(total_change) < 0.002);
    expect(rare.length).toBeGreaterThan(20);
    expect(rare.filter(({ total_p }) => total_p <= 0.05)).toEqual([]);
    expect((await emberglass(...words, '--from', split, '-n', '3')).out).toMatch(/p: how likely the change is by chance, from 15 and 15 profiles\n.* p {2}.*\n.*<0\.0001 .*main\.applyDiscounts/);

    const few = ['--from', split, '--until', String(Number(split) + 8)];
    const unsure = JSON.parse((await emberglass(...words, ...few, '--json')).out) as Sure;
    expect(unsure.significance.enough).toBe(false);
    expect(unsure.functions.every((row) => !('total_p' in row))).toBe(true);
    expect((await emberglass(...words, ...few)).out).toContain('not enough profiles to say');
    // Of what filters leave the shares are others.
    const filtered = JSON.parse((await emberglass(...words, '--from', split, '--filter', 'ignore:main.applyDiscounts', '--json')).out) as Sure;
    expect(filtered.functions.some(({ name }) => name === 'main.applyDiscounts')).toBe(false);
    expect(filtered.significance.enough).toBe(true);
  });

  test('prints every view for people', async () => {
    const words = ['query', 'go/cpu.pb.gz', '-n', '2', '--view'];
    const [tree, stacks, series] = await Promise.all(['tree', 'stacks', 'series'].map((view) => emberglass(...words, view)));
    expect(tree?.out).toMatch(/total 5\.27 s\n total +% +self {2}function\n5\.27 s +100 % +0 ns {2}total\n/);
    expect(stacks?.out.split('\n')).toHaveLength(5);
    expect(series?.out).toMatch(/2026-11-23T13:36:05\.000Z {2}5\.27 s\n$/);
  });

  test('shows how dense samples are over time, below the length of a profile', async () => {
    const { profiles } = JSON.parse(await readFile(inRoot('tests/fixtures/perf/threads.perf.txt.expected.json'), 'utf8')) as { profiles: { samples: number }[] };
    const words = ['query', 'perf/threads.perf.txt', '--view', 'heatmap', '--step', '10ms', '--group-by', 'thread'];
    const { status, out } = await emberglass(...words, '--json');
    const { step, rows } = JSON.parse(out) as { step: number; rows: { labels: { thread?: string }; counts: number[] }[] };
    expect([status, step]).toEqual([0, 10]);
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.every(({ labels }) => labels.thread !== undefined)).toBe(true);
    expect(rows[0]?.counts.length).toBeGreaterThan(10);
    const sum = rows.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count, 0);
    expect(sum).toBe(profiles[0]?.samples);
    const shown = await emberglass(...words);
    expect(shown.out).toMatch(/ms a column\nrow +density\n/);
  });

  test('follows one function over time', async () => {
    const { split, eu } = await expectations();
    const words = ['query', 'series', ...LABELS, '--select', 'checkout.cpu{region="eu"}', '--view', 'series', '--step', '1h'];
    const { out } = await emberglass(...words, '--from', split, '--function', 'main.applyDiscounts', '--json');
    const { function: name, series } = JSON.parse(out) as { function: string; series: { points: [number, number, number][] }[] };
    expect(name).toBe('main.applyDiscounts');
    const value = eu.after.top_total.find(([name]) => name === 'main.applyDiscounts')?.[1] ?? NaN;
    const points = series[0]?.points ?? [];
    expect(points.reduce((sum, point) => sum + point[1], 0)).toBe(value);
    expect(points[0]?.[2]).toBeCloseTo(value / eu.after.total, 5);
    const rate = await emberglass(...words, '--aggregate', 'rate', '--json');
    expect(JSON.parse(rate.out)).toMatchObject({ aggregation: 'rate', unit: 'nanoseconds/s' });
    expect((await emberglass('query', 'go/cpu.pb.gz', '--function', 'x')).status).toBe(2);
  });

  test('prints lines of a file and the call graph in DOT', async () => {
    const lines = await emberglass('query', 'go/cpu.pb.gz', '--view', 'lines', '--json');
    const all = JSON.parse(lines.out) as { lines: { file: string; line: number; self: number }[] };
    const first = all.lines.find(({ file }) => file !== '');
    const name = first?.file.split('/').at(-1) ?? '';
    const shown = await emberglass('query', 'go/cpu.pb.gz', '--view', 'lines', '--file', name);
    expect(shown.out).toMatch(/total 5\.27 s\n +self +% +total +% {2}line +function\n/);
    expect(shown.out).toContain(`${first?.file}:${first?.line}`);
    const graph = await emberglass('query', 'go/cpu.pb.gz', '--view', 'call-graph', '-n', '3');
    expect(graph.status).toBe(0);
    expect(graph.out).toMatch(/^digraph calls \{\n/);
    expect(graph.out.match(/^ {2}n\d \[label=/gm)).toHaveLength(3);
    const { error, status } = await emberglass('query', 'go/cpu.pb.gz', '--file', name);
    expect([status, error]).toEqual([2, expect.stringContaining('--file goes with --view lines')]);
  });

  test('says what it does not understand, and where', async () => {
    const { status, out, error } = await emberglass('query', 'go/cpu.pb.gz', '--select', 'cpu{a=}');
    expect([status, out]).toEqual([2, '']);
    expect(error).toContain('--select: expected a quoted value at byte 6, found "}"');
  });
});

describe.concurrent('diff', () => {
  const sides = ['series/checkout/eu/1795440986.pb.gz', 'series/checkout/eu/1795440987.pb.gz'];

  test('fails above the gate and only there', async () => {
    const { out } = await emberglass('diff', ...sides, '--json');
    const { functions } = JSON.parse(out) as { functions: { name: string; self_change: number; total_change: number }[] };
    const largest = Math.max(...functions.flatMap((row) => [row.self_change, row.total_change]));
    expect(largest).toBeGreaterThan(0);
    const above = await emberglass('diff', ...sides, '--fail-above', `${(largest * 100 - 0.001).toFixed(6)}%`, '-n', '0', '--json');
    expect([above.status, JSON.parse(above.out)]).toMatchObject([3, { functions: [] }]);
    expect(above.error).toContain('grown by more than');
    expect((await emberglass('diff', ...sides, '--fail-above', (largest * 100 + 0.001).toFixed(6))).status).toBe(0);
  });

  test('functions by what became of them are all functions', async () => {
    interface Row {
      name: string;
      base_total: number;
      head_total: number;
      total_change: number;
      change: string;
    }
    const rows = async (...words: string[]): Promise<Row[]> => {
      const { status, out, error } = await emberglass('diff', ...sides, '--json', ...words);
      expect(status, error).toBe(0);
      return (JSON.parse(out) as { functions: Row[] }).functions;
    };
    const all = await rows();
    const is: Record<string, (row: Row) => boolean> = {
      new: (row) => row.base_total === 0,
      gone: (row) => row.head_total === 0,
      grown: (row) => row.base_total !== 0 && row.head_total !== 0 && row.total_change > 0,
      shrunk: (row) => row.base_total !== 0 && row.head_total !== 0 && row.total_change < 0,
    };
    for (const [change, holds] of Object.entries(is)) {
      const only = await rows('--only', change);
      expect(only.length).toBeGreaterThan(0);
      expect(only).toEqual(all.filter(holds));
      expect(only.every((row) => row.change === change)).toBe(true);
    }
    expect(await rows('--only', 'new,gone')).toEqual(all.filter((row) => row.base_total === 0 || row.head_total === 0));
    expect(await rows('--only', 'shrunk', '-n', '2')).toHaveLength(2);
    const words = ['--labels-from-path', '{region}/', '--view', 'diff', '--select', 'cpu{region="us"}', '--select-base', 'cpu{region="eu"}'];
    const { out } = await emberglass('query', 'series/checkout', ...words, '--only', 'gone,new', '--json');
    const changes = (JSON.parse(out) as { functions: Row[] }).functions.map((row) => row.change);
    expect(new Set(changes)).toEqual(new Set(['gone', 'new']));
    // The gate is for all functions, whatever is shown.
    expect((await emberglass('diff', ...sides, '--only', 'gone', '--fail-above', '0')).status).toBe(3);
  });

  test('a file is like itself', async () => {
    const { status, out } = await emberglass('diff', 'go/cpu.pb.gz', 'go/cpu.pb.gz', '--json', '--fail-above', '0');
    const { functions } = JSON.parse(out) as { functions: { self_change: number; total_change: number }[] };
    expect(status).toBe(0);
    expect(functions.length).toBeGreaterThan(30);
    expect(functions.every((row) => row.self_change === 0 && row.total_change === 0)).toBe(true);
  });
});
