import { describe, expect, it } from 'vitest';
import type { QueryResult, TimeLane } from '../../www/engine/protocol.ts';
import { folded, foldedAll, foldsOf, isFolded } from '../../www/app/state/lanes.ts';
import { DEFAULT_VIEW, patched } from '../../www/app/state/view.ts';
import { carried } from '../../www/flamegraph/carry.ts';
import { foldedOver, placeAmong } from '../../www/flamegraph/lanes.ts';
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

const RESULT = { view: 'time' } as QueryResult;
const lane = (node: number, name: string, level: number, isFolded = false): TimeLane => ({ node, name, level, isFolded });
const WHOLE = [lane(1, 'a', 1), lane(10, 'b', 4), lane(30, 'c', 9)];
/** The same with the second lane folded. */
const SOME = [lane(1, 'a', 1), lane(10, 'b', 4, true), lane(13, 'c', 6)];

describe('a selection in a chart', () => {
  const chart = (lanes: TimeLane[], of = RESULT): FlameSource => ({
    handle: lanes.length,
    result: { view: 'time' } as QueryResult,
    lanes: { rows: lanes, whole: { result: of, rows: WHOLE, draw: () => Promise.reject(new Error('not asked')) } },
    draw: () => Promise.reject(new Error('not asked')),
    node: () => Promise.reject(new Error('not asked')),
    path: () => Promise.resolve([]),
    find: () => Promise.resolve(null),
  });
  const whole = chart(WHOLE);
  const some = chart(SOME);

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
    expect(await carried(whole, chart([lane(1, 'a', 1)], { ...RESULT }), 5)).toBeNull();
  });
});

describe('a place of a whole chart', () => {
  const lanes = { rows: SOME, whole: { rows: WHOLE } };

  it('is under a folded lane, unless it is the lane', () => {
    expect(foldedOver(lanes, 22)?.name).toBe('b');
    expect([0, 1, 5, 10, 30, 42].map((node) => foldedOver(lanes, node))).toEqual([null, null, null, null, null, null]);
    expect(foldedOver({ ...lanes, rows: WHOLE }, 22)).toBeNull();
  });

  it('is where its lane is', () => {
    expect(placeAmong(lanes, { node: 5, level: 3, at: 0.1 })).toEqual({ node: 5, level: 3, at: 0.1 });
    expect(placeAmong(lanes, { node: 10, level: 4, at: 0.5 })).toEqual({ node: 10, level: 4, at: 0.5 });
    expect(placeAmong(lanes, { node: 42, level: 11, at: 0.2 })).toEqual({ node: 25, level: 8, at: 0.2 });
  });
});
