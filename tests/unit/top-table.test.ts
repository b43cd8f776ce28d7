import { describe, expect, it } from 'vitest';
import type { QueryResult, TopRow, TopSort } from '../../www/engine/protocol.ts';
import { fileOf, splitName } from '../../www/elements/names.ts';
import { PAGE, RowCache } from '../../www/elements/row-cache.ts';
import { RowSelection } from '../../www/elements/row-selection.ts';
import { readTop } from '../../www/elements/source.ts';
import type { TopOrder, TopSource } from '../../www/elements/source.ts';
import { rowsAsTsv } from '../../www/elements/tsv.ts';

function row(index: number): TopRow {
  return { function: index, name: `f${index}`, file: 'a/b.go', line: 7, package: 'p', color: 1, self: BigInt(index), total: 2n };
}

/** A source of `count` rows that answers when told to. */
function source(count: number): { source: TopSource; asked: string[]; aborted: string[]; release: () => Promise<void>; fail: { with: unknown } } {
  const asked: string[] = [];
  const aborted: string[] = [];
  const waiting: (() => void)[] = [];
  const fail: { with: unknown } = { with: null };
  const top = async (sort: TopSort, descending: boolean, offset: number, limit: number, search: string, signal?: AbortSignal) => {
    asked.push(`${sort} ${descending} ${offset} ${search}`);
    signal?.addEventListener('abort', () => aborted.push(sort));
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (fail.with !== null) throw fail.with;
    const rows = Array.from({ length: Math.max(0, Math.min(limit, count - offset)) }, (_, at) => row(offset + at));
    return { rows, count };
  };
  const release = async (): Promise<void> => {
    for (const resolve of waiting.splice(0)) resolve();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { source: { handle: 1, result: {} as QueryResult, top }, asked, aborted, release, fail };
}

function cache(): { rows: RowCache<TopSource, TopOrder, TopRow>; log: string[] } {
  const log: string[] = [];
  const rows = new RowCache<TopSource, TopOrder, TopRow>({
    read: readTop,
    changed: (fresh) => log.push(fresh ? 'fresh' : 'more'),
    failed: (error) => log.push(`failed ${String(error)}`),
  });
  return { rows, log };
}

const order = { sort: 'self', descending: true, search: '' } as const;

describe('RowCache', () => {
  it('asks for a page once, when a row of it is looked at', async () => {
    const { source: from, asked, release } = source(1000);
    const { rows, log } = cache();
    rows.use(from, order, 0);
    expect(rows.count).toBeNull();
    expect(rows.row(0)).toBeUndefined();
    await release();
    expect(rows.count).toBe(1000);
    expect(rows.row(5)?.name).toBe('f5');
    expect(rows.row(PAGE + 1)).toBeUndefined();
    expect(rows.row(PAGE + 2)).toBeUndefined();
    await release();
    expect(rows.row(PAGE + 1)?.name).toBe(`f${PAGE + 1}`);
    expect(asked).toEqual(['self true 0 ', `self true ${PAGE} `]);
    expect(log).toEqual(['fresh', 'more']);
    expect(rows.row(1000)).toBeUndefined();
    expect(rows.row(-1)).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it('shows the former rows until the first page of another order is there', async () => {
    const { source: from, release } = source(300);
    const { rows, log } = cache();
    rows.use(from, order, 0);
    await release();
    rows.use(from, { ...order, search: 'f1' }, 0);
    expect(rows.row(3)?.name).toBe('f3');
    expect(rows.waiting).toBe(true);
    await release();
    expect(rows.waiting).toBe(false);
    expect(log).toEqual(['fresh', 'fresh']);
  });

  it('drops answers to an order that is no longer wanted', async () => {
    const { source: from, aborted, release } = source(300);
    const { rows, log } = cache();
    rows.use(from, order, 0);
    rows.use(from, { ...order, sort: 'name' }, 0);
    expect(aborted).toEqual(['self']);
    rows.use(null, order, 0);
    expect(aborted).toEqual(['self', 'name']);
    await release();
    expect(rows.count).toBeNull();
    expect(log).toEqual(['fresh']);
  });

  it('gives up pages of the former order once another is shown', async () => {
    const { source: from, aborted, release } = source(1000);
    const { rows, log } = cache();
    rows.use(from, order, 0);
    await release();
    rows.row(500);
    rows.use(from, { ...order, sort: 'name' }, 0);
    expect(aborted).toEqual([]);
    await release();
    expect(aborted).toEqual(['self', 'self']);
    expect(log).toEqual(['fresh', 'more', 'fresh']);
  });

  it('tells of failures, and asks again when the row is looked at again', async () => {
    const { source: from, asked, release, fail } = source(1000);
    const { rows, log } = cache();
    rows.use(from, order, 0);
    await release();
    fail.with = 'lost';
    rows.row(500);
    await release();
    expect(log).toEqual(['fresh', 'failed lost']);
    fail.with = null;
    rows.row(500);
    await release();
    expect(rows.row(500)?.name).toBe('f500');
    expect(asked).toHaveLength(3);
  });

  it('begins near a row', async () => {
    const { source: from, asked, release } = source(1000);
    const { rows } = cache();
    rows.use(from, order, PAGE + 3);
    await release();
    expect(asked).toEqual([`self true ${PAGE} `]);
    expect(rows.row(PAGE)?.name).toBe(`f${PAGE}`);
  });
});

describe('RowSelection', () => {
  it('is a range from where it began to the active row', () => {
    const selection = new RowSelection();
    expect(selection.has(0)).toBe(false);
    selection.go(5, false);
    selection.go(3, true);
    expect([selection.from, selection.until, selection.active]).toEqual([3, 6, 3]);
    selection.go(9, true);
    expect([selection.from, selection.until]).toEqual([5, 10]);
    selection.go(1, false);
    expect([selection.from, selection.until]).toEqual([1, 2]);
    selection.all(40);
    expect([selection.from, selection.until, selection.active]).toEqual([0, 40, 39]);
    selection.clear();
    expect([selection.has(0), selection.active, selection.until]).toEqual([false, -1, 0]);
  });

  it('steps within the rows', () => {
    const selection = new RowSelection();
    expect(selection.step('ArrowDown', 10, 100)).toBe(0);
    expect(selection.step('ArrowUp', 10, 100)).toBe(0);
    selection.go(50, false);
    const step = (key: string): number | null => selection.step(key, 10, 100);
    expect(['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End', 'x'].map(step)).toEqual([51, 49, 60, 40, 0, 99, null]);
    selection.go(99, false);
    expect(['ArrowDown', 'PageDown'].map(step)).toEqual([99, 99]);
  });
});

describe('splitName', () => {
  it.each([
    ['github.com/acme/shop/internal/store.(*Index).lookup', 'store.(*Index).lookup'],
    ['encoding/json.Unmarshal', 'json.Unmarshal'],
    ['runtime.mallocgc', 'runtime.mallocgc'],
    ['main.Map[github.com/a/b.T]', 'main.Map[github.com/a/b.T]'],
    ['java.util.concurrent.FutureTask.run', 'FutureTask.run'],
    ['alloc::vec::Vec<a::b::T>::push', 'Vec<a::b::T>::push'],
    ['<a::B as c::D>::fold', 'fold'],
    ['std::sort(int*)', 'std::sort(int*)'],
    ['run_forever (asyncio/base_events.py:603)', 'run_forever (asyncio/base_events.py:603)'],
    ['main', 'main'],
    ['', ''],
  ])('of %s ends with %s', (name, end) => {
    const parts = splitName(name);
    expect(parts[1]).toBe(end);
    expect(parts.join('')).toBe(name);
  });

  it('gives the file of a path', () => {
    expect(fileOf('/usr/lib/go/src/sort/sort.go:12')).toBe('sort.go:12');
    expect(fileOf('C:\\src\\a.cpp')).toBe('a.cpp');
    expect(fileOf('a.js')).toBe('a.js');
  });
});

describe('rowsAsTsv', () => {
  it('writes exact values and no more cells than columns', () => {
    const odd = { ...row(1), name: 'a\tb\nc', self: 9_223_372_036_854_775_807n, line: 0 };
    expect(rowsAsTsv([odd, row(2)], { unit: 'bytes', scale: 0 })).toBe(
      'self (bytes)\ttotal (bytes)\tfunction\tfile\n9223372036854775807\t2\ta b c\ta/b.go\n2\t2\tf2\ta/b.go:7\n',
    );
    expect(rowsAsTsv([{ ...row(1), self: -1_234_500n }], { unit: 'count', scale: 3 }).split('\n')[1]).toBe('-1234.5\t0.002\tf1\ta/b.go:7');
  });
});
