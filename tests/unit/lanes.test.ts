import { describe, expect, it } from 'vitest';
import type { QueryResult, TimeLane } from '../../www/engine/protocol.ts';
import { folded, foldedAll, foldsOf, isFolded } from '../../www/app/state/lanes.ts';
import { DEFAULT_VIEW, patched } from '../../www/app/state/view.ts';
import { carried } from '../../www/flamegraph/carry.ts';
import type { FlameSource } from '../../www/flamegraph/source.ts';

describe('which lanes are folded', () => {
  it('is said by the names of those that are, or of those that are not', () => {
    const open = foldedAll(false);
    expect(foldsOf(open)).toBeNull();
    const one = folded(open, 'a', true);
    expect(foldsOf(one)).toEqual({ all: false, names: ['a'] });
    expect(['a', 'b'].map((lane) => isFolded(one, lane))).toEqual([true, false]);
    expect(folded(one, 'a', true)).toEqual(one);
    expect(folded(one, 'a', false)).toEqual(open);
    const all = folded(foldedAll(true), 'b', false);
    expect(foldsOf(all)).toEqual({ all: true, names: ['b'] });
    expect(['a', 'b'].map((lane) => isFolded(all, lane))).toEqual([true, false]);
    expect(folded(all, 'b', true)).toEqual(foldedAll(true));
  });

  it('is forgotten with the service', () => {
    const view = { ...DEFAULT_VIEW, service: 'shop', ...folded(foldedAll(true), 'b', false) };
    expect(foldsOf(patched(view, { search: 'x' }))).not.toBeNull();
    expect(foldsOf(patched(view, { service: 'cart' }))).toBeNull();
  });
});

describe('a selection in a chart', () => {
  const chart = (lanes: TimeLane[], of = 7): FlameSource => ({
    handle: lanes.length,
    result: { view: 'time' } as QueryResult,
    lanes: { chart: of, rows: lanes },
    draw: () => Promise.reject(new Error('not asked')),
    node: () => Promise.reject(new Error('not asked')),
    path: () => Promise.resolve([]),
    find: () => Promise.resolve(null),
  });
  const lane = (node: number, name: string, level: number, isFolded = false): TimeLane => ({ node, name, level, isFolded });
  const whole = chart([lane(1, 'a', 1), lane(10, 'b', 4), lane(30, 'c', 9)]);
  const some = chart([lane(1, 'a', 1), lane(10, 'b', 4, true), lane(13, 'c', 6)]);

  it('stays with its call when another lane is folded', async () => {
    expect(await carried(whole, some, 5)).toBe(5);
    expect(await carried(whole, some, 42)).toBe(25);
    expect(await carried(some, whole, 25)).toBe(42);
    expect(await carried(whole, some, 30)).toBe(13);
  });

  it('is its lane when that one folds or unfolds', async () => {
    expect(await carried(whole, some, 22)).toBe(10);
    expect(await carried(some, whole, 12)).toBe(10);
  });

  it('means nothing in another chart', async () => {
    expect(await carried(whole, chart([lane(1, 'a', 1)], 8), 5)).toBeNull();
  });
});
