/** What the page of a report answers, against sums over plain stacks. */

import { describe, expect, test } from 'vitest';

import { DrawList } from '../../www/flamegraph/draw-list.ts';
import { BoxFlag } from '../../www/engine/protocol.ts';
import type { Report } from '../../www/report/payload.ts';
import { readReport } from '../../www/report/payload.ts';
import { ReportSource, displayName } from '../../www/report/source.ts';
import { seeded, wholeRequest } from './draw-list-encoder.ts';

type Stack = [path: number[], value: bigint];

/** A report of stacks over functions f0, f1, ... as the engine writes it: depth first, children by function. */
function reportOf(stacks: readonly Stack[], functions = 6): Report {
  const values = new Map<string, bigint>();
  for (const [path, value] of stacks) {
    for (let end = 0; end <= path.length; end += 1) {
      const key = path.slice(0, end).join();
      values.set(key, (values.get(key) ?? 0n) + (end === path.length ? value : 0n));
    }
  }
  const paths = [...values.keys(), ''].map((key) => (key === '' ? [] : key.split(',').map(Number)));
  const unique = [...new Map(paths.map((path) => [path.join(), path])).values()].sort((a, b) => {
    for (let at = 0; at < Math.min(a.length, b.length); at += 1) if (a[at] !== b[at]) return (a[at] as number) - (b[at] as number);
    return a.length - b.length;
  });
  const rows = Array.from({ length: functions }, (_, row) => row);
  return readReport(
    JSON.stringify({
      'emberglass-report': 1,
      title: 't',
      selection: '',
      type: 'samples:samples:count::',
      scale: 0,
      profiles: 1,
      samples: null,
      from: null,
      until: null,
      strings: ['', 'lib.c', ...rows.map((row) => `f${row}`)],
      functions: {
        name: rows.map((row) => row + 2),
        system: rows.map(() => 0),
        file: rows.map((row) => row % 2),
        package: rows.map(() => 0),
        binary: rows.map(() => 0),
        line: rows.map((row) => row),
        color: rows.map((row) => 1 + row),
      },
      nodes: {
        depth: unique.map((path) => path.length),
        function: unique.map((path) => path.at(-1) ?? 0),
        self: unique.map((path) => String(values.get(path.join()) ?? 0n)),
      },
    }),
  );
}

function randomStacks(seed: number, most = 60): Stack[] {
  const random = seeded(seed);
  const below = (end: number): number => Math.floor(random() * end);
  return Array.from({ length: 1 + below(most) }, () => [Array.from({ length: below(6) }, () => below(6)), BigInt(1 + below(50))]);
}

const sum = (stacks: readonly Stack[], holds: (path: number[]) => boolean): bigint => stacks.reduce((all, [path, value]) => (holds(path) ? all + value : all), 0n);

describe('the source of a report', () => {
  test('adds up functions as a sum over stacks does', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const stacks = randomStacks(seed);
      const source = new ReportSource(reportOf(stacks));
      expect(source.result.total).toBe(sum(stacks, () => true));
      const { rows, count } = await source.top('total', true, 0, 100, '');
      expect(count).toBe(6);
      for (const { function: row, self, total } of rows) {
        expect(self).toBe(sum(stacks, (path) => path.at(-1) === row));
        expect(total).toBe(sum(stacks, (path) => path.includes(row)));
      }
      expect(rows.map(({ total }) => total)).toEqual(rows.map(({ total }) => total).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
      const pages = [...(await source.top('self', true, 0, 4, '')).rows, ...(await source.top('self', true, 4, 4, '')).rows];
      expect(pages).toEqual((await source.top('self', true, 0, 100, '')).rows);
      expect((await source.top('name', false, 0, 2, '')).rows.map(({ name }) => name)).toEqual(['f0', 'f1']);
    }
  });

  test('finds stacks once, by names and files', async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const stacks = randomStacks(seed);
      const source = new ReportSource(reportOf(stacks));
      expect(source.search('F3')?.sum).toBe(sum(stacks, (path) => path.includes(3)));
      expect(source.search('LIB')?.sum).toBe(sum(stacks, (path) => path.some((row) => row % 2 === 1)));
      expect(source.search('/^f[12]$/')).toMatchObject({ functions: 2, sum: sum(stacks, (path) => path.includes(1) || path.includes(2)) });
      expect((await source.top('self', true, 0, 100, '/^f[12]$/')).count).toBe(2);
    }
    const source = new ReportSource(reportOf([[[1], 1n]]));
    expect(source.search('')).toBeNull();
    expect(() => source.search('/(/')).toThrow(expect.objectContaining({ code: 'bad-pattern' }));
  });

  test('draws boxes that hold what their caller has over its own value', async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const stacks = randomStacks(seed, 200);
      const source = new ReportSource(reportOf(stacks));
      for (const minWidth of [2, 40, 150]) {
        const list = new DrawList(await source.draw({ ...wholeRequest(), minWidth, search: 'f3' }));
        const below = new Map<number, bigint>();
        for (let box = 0; box < list.length; box += 1) {
          const [node, depth] = [list.node[box] as number, list.depth[box] as number];
          if (depth === 0) continue;
          const caller = (await source.path(node)).at(-2)?.node ?? 0;
          below.set(caller, (below.get(caller) ?? 0n) + (list.total[box] as bigint));
          expect(list.width[box]).toBeGreaterThanOrEqual(Math.fround(minWidth) - 1e-3);
        }
        for (const [caller, total] of below) {
          const info = await source.node(caller);
          expect(total).toBe(info.total - info.self);
        }
        expect(list.total[[...list.depth].indexOf(0)]).toBe(source.result.total);
      }
    }
  });

  test('keeps boxes what they are while the view moves', async () => {
    const stacks = randomStacks(7, 400);
    const source = new ReportSource(reportOf(stacks));
    const part = new DrawList(await source.draw({ ...wholeRequest(), x0: 0.2, x1: 0.6, minWidth: 30 }));
    const more = new DrawList(await source.draw({ ...wholeRequest(), x0: 0.1, x1: 0.5, minWidth: 30 }));
    const known = new Map(Array.from({ length: more.length }, (_, box) => [`${more.node[box]} ${more.count[box]}`, more.total[box]]));
    let shared = 0;
    for (let box = 0; box < part.length; box += 1) {
      const total = known.get(`${part.node[box]} ${part.count[box]}`);
      if (total === undefined) continue;
      shared += 1;
      expect(part.total[box]).toBe(total);
    }
    expect(shared).toBeGreaterThan(5);
  });

  test('draws the focus and its callers from edge to edge', async () => {
    const source = new ReportSource(reportOf([[[0, 1, 2], 5n], [[0, 3], 5n]]));
    const [, , third] = await source.path(3);
    expect(third?.name).toBe('f2');
    const list = new DrawList(await source.draw({ ...wholeRequest(2) }));
    const boxes = Array.from({ length: list.length }, (_, box) => [list.name(box), list.width[box], list.flags[box]]);
    expect(boxes).toEqual(expect.arrayContaining([['total', 1000, BoxFlag.ancestor], ['f0', 1000, BoxFlag.ancestor], ['f1', 1000, BoxFlag.ancestor], ['f2', 1000, 0]]));
    expect(boxes).toHaveLength(4);
  });

  test('is as wide as absolute values where some are negative', async () => {
    const source = new ReportSource(reportOf([[[0], -30n], [[1], 10n]]));
    expect(source.result).toMatchObject({ negative: true, total: -20n });
    const list = new DrawList(await source.draw(wholeRequest()));
    const width = (name: string): number | undefined => list.width[Array.from({ length: list.length }, (_, box) => list.name(box)).indexOf(name)];
    expect([width('f0'), width('f1')]).toEqual([750, 250]);
  });

  test('answers for stacks of 100,000 frames', async () => {
    expect(new ReportSource(reportOf([])).result.nodes).toBe(0);
    const depth = Array.from({ length: 100_001 }, (_, row) => row);
    const deep = new ReportSource({
      ...reportOf([]),
      depth: Uint32Array.from(depth),
      function: new Uint32Array(100_001),
      self: BigInt64Array.from(depth, (row) => (row === 100_000 ? 7n : 0n)),
    });
    expect((await deep.top('total', true, 0, 1, '')).rows[0]?.total).toBe(7n);
    expect((await deep.path(100_000)).length).toBe(100_000);
    const list = new DrawList(await deep.draw({ ...wholeRequest(), depth0: 99_990, depth1: 200_000 }));
    expect([list.deepest, list.length]).toEqual([100_000, 11]);
  });
});

describe('readReport', () => {
  const good = { 'emberglass-report': 1, type: 'a:b:c::', scale: 0, strings: [''], functions: { name: [], system: [], file: [], package: [], binary: [], line: [], color: [] }, nodes: { depth: [0], function: [0], self: ['9223372036854775807'] } };

  test('reads 64-bit values exactly', () => {
    expect(readReport(JSON.stringify(good)).self[0]).toBe(9_223_372_036_854_775_807n);
  });

  test.each([
    ['{', /cut off or damaged/],
    [JSON.stringify({ ...good, 'emberglass-report': 2 }), /version 2/],
    [JSON.stringify({ ...good, nodes: { ...good.nodes, depth: [] } }), /differ in length/],
    [JSON.stringify({ ...good, nodes: { depth: [0, 1], function: [0, 0], self: [0, 0] } }), /no row or number/],
    [JSON.stringify({ ...good, functions: { ...good.functions, name: [3] } }), /no row or number/],
  ])('refuses %s', (text, message) => {
    expect(() => readReport(text)).toThrow(message);
  });

  test('a depth that does not follow the one before it is refused', () => {
    const report = { ...reportOf([]), depth: Uint32Array.of(0, 2), function: Uint32Array.of(0, 0), self: BigInt64Array.of(0n, 1n) };
    expect(() => new ReportSource(report)).toThrow(/depth 2/);
  });
});

test('type arguments of Go are cut as everywhere', () => {
  expect(displayName('a.F[go.shape.int].func1.G[go.shape.[4]uint8]')).toBe('a.F[...].func1.G[...]');
  expect(displayName('broken[go.shape.[]int')).toBe('broken[go.shape.[]int');
  expect(displayName('java.lang.Object[]')).toBe('java.lang.Object[]');
});
