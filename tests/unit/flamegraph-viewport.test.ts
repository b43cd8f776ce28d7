import { describe, expect, it } from 'vitest';
import { BoxFlag } from '../../www/engine/protocol.ts';
import { DrawList } from '../../www/flamegraph/draw-list.ts';
import { RowIndex } from '../../www/flamegraph/row-index.ts';
import {
  LEAST_SPAN,
  ROW_HEIGHT,
  boxOf,
  contentHeight,
  hitTest,
  isWhole,
  levelAt,
  levelTop,
  levelsIn,
  narrowed,
  nested,
  opened,
  panned,
  scrollToFocus,
  scrollToReveal,
  stretch,
  wholeOf,
  windowAt,
  zoomedAt,
} from '../../www/flamegraph/viewport.ts';
import { encodeDrawList, seeded, wholeRequest } from './draw-list-encoder.ts';
import type { BoxSpec } from './draw-list-encoder.ts';

describe('views', () => {
  it('zoom around a point, which stays', () => {
    const view = zoomedAt(wholeOf(3), 4, 0.25);
    expect(view.focus).toBe(3);
    expect(view.x1 - view.x0).toBeCloseTo(0.25);
    expect(view.x0 + 0.25 * (view.x1 - view.x0)).toBeCloseTo(0.25);
    expect(isWhole(zoomedAt(view, 1 / 8, 0.9))).toBe(true);
  });

  it('stay within the focus and above the least span, whatever is done', () => {
    const random = seeded(1);
    let view = wholeOf(0);
    for (let round = 0; round < 2000; round += 1) {
      const choice = random();
      if (choice < 0.4) view = zoomedAt(view, Math.exp(random() * 8 - 3.4), random());
      else if (choice < 0.8) view = panned(view, random() * 6 - 3);
      else view = narrowed(view, random() * 0.5, 0.5 + random() * 0.5);
      expect(view.x0).toBeGreaterThanOrEqual(0);
      expect(view.x1).toBeLessThanOrEqual(1);
      expect(view.x1 - view.x0).toBeGreaterThanOrEqual(LEAST_SPAN * 0.999);
    }
  });
});

describe('levels', () => {
  it('lead to heights and back', () => {
    for (const scrollTop of [0, 7, 20, 333.5]) {
      for (const level of [0, 1, 17, 400]) {
        const top = levelTop(level, scrollTop);
        expect(levelAt(top, scrollTop)).toBe(level);
        expect(levelAt(top + ROW_HEIGHT - 0.5, scrollTop)).toBe(level);
      }
    }
    expect(levelsIn(0, 100)).toEqual([0, 5]);
    expect(levelsIn(30, 100)).toEqual([1, 7]);
    expect(levelsIn(0, 0)).toEqual([0, 1]);
    expect(contentHeight(4)).toBe(100);
    expect(contentHeight(10_000_000)).toBeLessThan(17_000_000);
  });

  it('are revealed by the least scroll', () => {
    expect(scrollToReveal(5, 60, 200)).toBe(60);
    expect(scrollToReveal(0, 60, 200)).toBe(0);
    expect(scrollToReveal(30, 0, 200)).toBe(30 * 20 + 40 - 200);
    expect(scrollToReveal(2, 100, 10)).toBe(40);
  });

  it('stay where they are on zoom while there is room below, else come to a third of the height', () => {
    expect(scrollToFocus(5, 40, 60, 600)).toBe(60);
    expect(scrollToFocus(29, 60, 0, 600)).toBe(29 * 20 - 200);
    expect(scrollToFocus(28, 29, 0, 600)).toBe(0);
    expect(scrollToFocus(2, 100, 1000, 600)).toBe(0);
    expect(scrollToFocus(50, 52, 900, 600)).toBe(53 * 20 - 600);
  });
});

describe('positions', () => {
  it('in a list lead to the screen of another view of the same focus', () => {
    const { scale, offset } = stretch({ x0: 0, x1: 0.5, width: 1000 }, { focus: 0, x0: 0.25, x1: 0.5 }, 800);
    expect(scale * 500 + offset).toBeCloseTo(0);
    expect(scale * 1000 + offset).toBeCloseTo(800);
  });

  it('in the list of a node lead to its box in the list of a caller', () => {
    const outer = new DrawList(
      encodeDrawList([
        { node: 0, depth: 0, x: 0, width: 1000, flags: BoxFlag.ancestor },
        { node: 7, depth: 1, x: 200, width: 400 },
        { node: 8, depth: 1, x: 600, width: 5, count: 9, flags: BoxFlag.merged },
      ]),
    );
    const inner = { list: new DrawList(encodeDrawList([])), request: { ...wholeRequest(7), x0: 0.5, x1: 1 } };
    const relation = nested({ list: outer, request: wholeRequest() }, inner);
    expect(relation?.offset).toBeCloseTo(400);
    expect((relation?.scale ?? 0) * 1000).toBeCloseTo(200);
    expect(boxOf(outer, 0)).toBe(-1);
    expect(boxOf(outer, 8)).toBe(-1);
    expect(nested({ list: outer, request: wholeRequest() }, { ...inner, request: wholeRequest(8) })).toBeNull();
  });

  it('of a zoom begin and end where they should, and keep the point that does not move', () => {
    const from = [0, 1000] as const;
    const to = [300, 310] as const;
    expect(windowAt(from, to, 0)).toEqual([0, 1000]);
    const [left, right] = windowAt(from, to, 1);
    expect([left, right]).toEqual([expect.closeTo(300), expect.closeTo(310)]);
    const still = 300 / (1 - 10 / 1000);
    const at = still / 1000;
    for (const progress of [0.1, 0.5, 0.9]) {
      const [l, r] = windowAt(from, to, progress);
      expect(l + at * (r - l)).toBeCloseTo(still, 3);
    }
    expect(windowAt([0, 10], [5, 15], 0.5)).toEqual([2.5, 12.5]);
  });
});

describe('opened', () => {
  it('is all of a box with few siblings, and a part of one with many', () => {
    expect(opened(100, 30, 4, 110, 1000)).toEqual([100, 130]);
    const [from, until] = opened(0, 1000, 20_000, 500, 1000);
    expect((until - from) / 1000).toBeCloseTo(1 / 480);
    expect((from + until) / 2).toBeCloseTo(500);
    expect(opened(0, 1000, 20_000, 0, 1000)[0]).toBe(0);
    expect(opened(0, 1000, 20_000, 1000, 1000)[1]).toBeCloseTo(1000);
  });
});

describe('hitTest', () => {
  function naive(list: DrawList, x: number, level: number): number {
    let found = -1;
    for (let box = 0; box < list.length; box += 1) {
      const left = list.x[box] ?? 0;
      if (list.depth[box] === level && x >= left && x < left + (list.width[box] ?? 0)) found = box;
    }
    return found;
  }

  it('finds what a look at every box finds', () => {
    const random = seeded(9);
    for (let round = 0; round < 60; round += 1) {
      const boxes: BoxSpec[] = [];
      for (let depth = 3; depth < 9; depth += 1) {
        let x = Math.floor(random() * 40);
        while (x < 1000) {
          const width = 1 + Math.floor(random() * 90);
          const merged = width < 20;
          if (random() < 0.7) boxes.push({ node: boxes.length, depth, x, width, color: Math.floor(random() * 5), flags: merged ? BoxFlag.merged : 0 });
          x += width;
        }
      }
      const list = new DrawList(encodeDrawList(boxes));
      const rows = new RowIndex(list);
      for (let probe = 0; probe < 200; probe += 1) {
        const x = random() * 1050;
        const level = Math.floor(random() * 12);
        expect(hitTest(list, rows, x, level)).toBe(naive(list, x, level));
      }
    }
  });

  it('prefers the box painted over the edge of another', () => {
    const list = new DrawList(
      encodeDrawList([
        { node: 1, depth: 1, x: 0, width: 100, color: 4 },
        { node: 2, depth: 1, x: 98, width: 2, color: 0, flags: BoxFlag.merged, count: 3 },
        { node: 3, depth: 1, x: 100, width: 50, color: 2 },
      ]),
    );
    const rows = new RowIndex(list);
    const at = (x: number): number => list.node[hitTest(list, rows, x, 1)] ?? -1;
    expect([97, 98.5, 99.9, 100, 149, 150].map(at)).toEqual([1, 2, 2, 3, 3, -1]);
  });

  it('finds nothing in an empty list', () => {
    const list = new DrawList(encodeDrawList([]));
    expect(hitTest(list, new RowIndex(list), 5, 0)).toBe(-1);
  });
});

describe('RowIndex', () => {
  it('orders each level from left to right, and knows where a box is', () => {
    const list = new DrawList(
      encodeDrawList([
        { node: 1, depth: 2, x: 50, width: 10, color: 1 },
        { node: 2, depth: 2, x: 10.25, width: 10, color: 9 },
        { node: 3, depth: 2, x: 10.5, width: 10, color: 3 },
        { node: 4, depth: 5, x: 0, width: 10 },
      ]),
    );
    const rows = new RowIndex(list);
    const [first, last] = rows.range(2);
    const nodes = Array.from({ length: last - first }, (_, at) => list.node[rows.box(first + at)]);
    expect(nodes).toEqual([2, 3, 1]);
    for (let position = 0; position < list.length; position += 1) expect(rows.position(rows.box(position))).toBe(position);
    expect(rows.range(3)).toEqual([3, 3]);
    expect(rows.range(0)).toEqual([0, 0]);
    expect(rows.range(6)).toEqual([0, 0]);
  });
});
