import { describe, expect, it } from 'vitest';
import { BoxFlag } from '../../www/engine/protocol.ts';
import type { QueryResult } from '../../www/engine/protocol.ts';
import { placeAmongSiblings, treeBoxes } from '../../www/flamegraph/accessible-tree.ts';
import type { Scene } from '../../www/flamegraph/accessible-tree.ts';
import { DrawList } from '../../www/flamegraph/draw-list.ts';
import { Navigation } from '../../www/flamegraph/navigation.ts';
import { RowIndex } from '../../www/flamegraph/row-index.ts';
import type { FlameSource } from '../../www/flamegraph/source.ts';
import { Transition, plainLayer } from '../../www/flamegraph/transition.ts';
import { narrowed, wholeOf } from '../../www/flamegraph/viewport.ts';
import { boxFor, step } from '../../www/flamegraph/walk.ts';
import { encodeDrawList, wholeRequest } from './draw-list-encoder.ts';

/** A source whose node 1 calls 2, 2 calls 3, and so on; 100 and more are called by the root. */
const chain = {
  path: async (node: number) => (node >= 100 ? [node] : Array.from({ length: node }, (_, at) => at + 1)).map((each) => ({ node: each, name: `f${each}`, shown: `f${each}`, total: 1n })),
} as FlameSource;

describe('Navigation', () => {
  it('goes back the way it came, and ends at the root', async () => {
    const navigation = new Navigation();
    navigation.go(wholeOf(2));
    navigation.go(wholeOf(5));
    expect(await navigation.back(chain)).toEqual(wholeOf(2));
    expect(await navigation.back(chain)).toEqual(wholeOf(0));
    expect(await navigation.back(chain)).toBeNull();
  });

  it('goes outwards only: what is not wider is left out', async () => {
    const navigation = new Navigation();
    navigation.go(wholeOf(5));
    navigation.go(wholeOf(100));
    navigation.go(wholeOf(3));
    expect(await navigation.back(chain)).toEqual(wholeOf(0));
  });

  it('leads from a part of the focus to all of it, then to its callers', async () => {
    const navigation = new Navigation();
    navigation.reset(4);
    navigation.go(narrowed(navigation.view, 0.2, 0.4));
    navigation.drift(narrowed(navigation.view, 0.1, 0.2));
    expect(await navigation.back(chain)).toEqual(wholeOf(4));
    navigation.drift(narrowed(navigation.view, 0.1, 0.2));
    expect(await navigation.back(chain)).toEqual(wholeOf(4));
    expect(await navigation.back(chain)).toEqual(wholeOf(0));
  });

  it('gives way to whoever went elsewhere meanwhile', async () => {
    const navigation = new Navigation();
    navigation.go(wholeOf(2));
    const back = navigation.back(chain);
    navigation.go(wholeOf(7));
    expect(await back).toBeNull();
    expect(navigation.view).toEqual(wholeOf(7));
  });
});

/**
 * ```
 * 0 0000000000
 * 1 1111112222
 * 2 33444  55m      m: a merged box
 * ```
 */
const list = new DrawList(
  encodeDrawList([
    { node: 0, depth: 0, x: 0, width: 1000, name: 'total', flags: BoxFlag.ancestor },
    { node: 1, depth: 1, x: 0, width: 600, name: 'a', color: 3 },
    { node: 2, depth: 1, x: 600, width: 400, name: 'b', color: 2 },
    { node: 3, depth: 2, x: 0, width: 200, name: 'c', color: 9 },
    { node: 4, depth: 2, x: 200, width: 300, name: 'd', color: 1 },
    { node: 5, depth: 2, x: 700, width: 200, name: 'e', color: 5 },
    { node: 6, depth: 2, x: 900, width: 20, flags: BoxFlag.merged, count: 7 },
  ]),
);
const rows = new RowIndex(list);
const node = (box: number): number => (box < 0 ? -1 : (list.node[box] ?? -1));
const walk = (from: number, ...directions: Parameters<typeof step>[3][]): number => node(directions.reduce((box, direction) => (box < 0 ? box : step(list, rows, box, direction)), boxFor(list, from)));

describe('step', () => {
  it('leads to the caller, the widest callee and the neighbours', () => {
    expect(walk(0, 'callee')).toBe(1);
    expect(walk(1, 'callee')).toBe(4);
    expect(walk(2, 'callee')).toBe(5);
    expect(walk(4, 'caller')).toBe(1);
    expect(walk(4, 'next')).toBe(5);
    expect(walk(5, 'next')).toBe(6);
    expect(walk(6, 'caller')).toBe(2);
    expect(walk(3, 'next', 'next', 'previous')).toBe(4);
    expect(walk(5, 'caller', 'caller')).toBe(0);
  });

  it('ends at the edges', () => {
    for (const [from, direction] of [[0, 'caller'], [3, 'callee'], [3, 'previous'], [6, 'next'], [0, 'next']] as const) expect(walk(from, direction)).toBe(-1);
  });

  it('reaches every box from the root', () => {
    const reached = new Set([0]);
    const queue = [0];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      for (const direction of ['caller', 'callee', 'previous', 'next'] as const) {
        const to = walk(at, direction);
        if (to < 0 || reached.has(to)) continue;
        reached.add(to);
        queue.push(to);
      }
    }
    expect(reached.size).toBe(list.length);
  });
});

describe('the accessible tree', () => {
  const scene = (selected: number): Scene => ({
    layer: plainLayer({ list, request: wholeRequest() }),
    rows,
    scrollTop: 0,
    height: 200,
    result: {} as QueryResult,
    nameWidth: 34,
    selected: boxFor(list, selected),
    unfolded: new Map(),
  });

  it('holds what can be named, and the selected box, callers first and left before right', () => {
    expect(treeBoxes(scene(-1)).map(node)).toEqual([0, 1, 3, 4, 2, 5]);
    expect(treeBoxes(scene(6)).map(node)).toEqual([0, 1, 3, 4, 2, 5, 6]);
    expect(treeBoxes({ ...scene(-1), scrollTop: 25 }).map(node)).toEqual([1, 3, 4, 2, 5]);
  });

  it('knows the place of a box among those of its caller', () => {
    const place = (of: number): [number, number] => {
      const found = placeAmongSiblings(scene(-1), boxFor(list, of));
      return [found.place, found.of];
    };
    expect([0, 1, 2, 3, 4, 5, 6].map(place)).toEqual([[1, 1], [1, 2], [2, 2], [1, 2], [2, 2], [1, 2], [2, 2]]);
  });

  it('keeps the widest where there are many', () => {
    const many = new DrawList(encodeDrawList(Array.from({ length: 2000 }, (_, at) => ({ node: at, depth: 0, x: at * 100, width: 40 + (at % 50), name: 'f' }))));
    const boxes = treeBoxes({ ...scene(-1), layer: plainLayer({ list: many, request: wholeRequest() }), selected: 0 });
    expect(boxes).toHaveLength(241);
    expect(Math.min(...boxes.filter((box) => box !== 0).map((box) => many.width[box] ?? 0))).toBeGreaterThanOrEqual(84);
  });
});

describe('Transition', () => {
  const outer = { list, request: wholeRequest() };
  const inner = {
    list: new DrawList(encodeDrawList([{ node: 4, depth: 1, x: 0, width: 1000, flags: BoxFlag.ancestor }])),
    request: wholeRequest(4),
  };

  it('widens the box of a callee to all of the screen', () => {
    const zoom = Transition.between(outer, inner, 0, [100, 40]);
    const [base, over] = zoom?.layers(0, 1000) ?? [];
    expect(base?.transform).toEqual({ scale: 1, offset: -0 });
    expect(over?.transform.scale).toBeCloseTo(0.3);
    expect(over?.transform.offset).toBeCloseTo(200);
    const [, end] = zoom?.layers(120, 1000) ?? [];
    expect(end?.transform.scale).toBeCloseTo(1);
    expect(end?.transform.offset).toBeCloseTo(0);
    expect(zoom?.scrollTop(0)).toBe(100);
    expect(zoom?.scrollTop(500)).toBe(40);
    expect(zoom?.isOver(119)).toBe(false);
    expect(zoom?.isOver(120)).toBe(true);
    expect(zoom?.target).toBe(inner);
  });

  it('runs the other way for a caller', () => {
    const zoom = Transition.between(inner, outer, 0, [0, 0]);
    const [base] = zoom?.layers(0, 1000) ?? [];
    expect((base?.transform.scale ?? 0) * 200 + (base?.transform.offset ?? 0)).toBeCloseTo(0);
    expect((base?.transform.scale ?? 0) * 500 + (base?.transform.offset ?? 0)).toBeCloseTo(1000);
    expect(zoom?.target).toBe(outer);
  });

  it('is none between parts that have no place in each other', () => {
    const elsewhere = { list: inner.list, request: wholeRequest(77) };
    expect(Transition.between(inner, elsewhere, 0, [0, 0])).toBeNull();
  });
});
