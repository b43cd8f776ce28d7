import { describe, expect, it } from 'vitest';
import { BoxFlag } from '../../www/engine/protocol.ts';
import { DrawList, DrawListError } from '../../www/flamegraph/draw-list.ts';
import { encodeDrawList } from './draw-list-encoder.ts';

const three = encodeDrawList(
  [
    { node: 0, depth: 0, x: 0, width: 1000, name: 'total', total: 9_223_372_036_854_775_807n, flags: BoxFlag.ancestor },
    { node: 4, depth: 1, x: 0, width: 600.5, name: 'größer::日本', self: -3n, total: 60n, color: 7 },
    { node: 9, depth: 1, x: 600.5, width: 3, count: 41, self: 5n, total: 40n, flags: BoxFlag.merged | BoxFlag.match },
  ],
  12,
);

function changed(change: (view: DataView) => void): ArrayBuffer {
  const copy = three.slice(0);
  change(new DataView(copy));
  return copy;
}

describe('DrawList', () => {
  it('gives each column of each box', () => {
    const list = new DrawList(three);
    expect(list.length).toBe(3);
    expect(list.deepest).toBe(12);
    expect([...list.node]).toEqual([4, 9, 0]);
    expect([...list.depth]).toEqual([1, 1, 0]);
    expect([...list.x]).toEqual([0, 600.5, 0]);
    expect([...list.width]).toEqual([600.5, 3, 1000]);
    expect([...list.self]).toEqual([-3n, 5n, 0n]);
    expect([...list.total]).toEqual([60n, 40n, 9_223_372_036_854_775_807n]);
    expect([...list.count]).toEqual([1, 41, 1]);
    expect([...list.color]).toEqual([7, 0, 0]);
    expect([...list.flags]).toEqual([0, BoxFlag.merged | BoxFlag.match, BoxFlag.ancestor]);
  });

  it('decodes names of any script, and knows boxes without one', () => {
    const list = new DrawList(three);
    expect([0, 1, 2].map((box) => list.name(box))).toEqual(['größer::日本', '', 'total']);
    expect([0, 1, 2].map((box) => list.isNamed(box))).toEqual([true, false, true]);
    expect(list.isMerged(1)).toBe(true);
    expect(list.isMerged(0)).toBe(false);
  });

  it('copies nothing', () => {
    const list = new DrawList(three);
    for (const column of [list.self, list.x, list.node, list.color, list.flags]) expect(column.buffer).toBe(three);
  });

  it('reads an empty list and an odd number of boxes', () => {
    expect(new DrawList(encodeDrawList([])).length).toBe(0);
    for (const boxes of [1, 2, 5]) {
      const list = new DrawList(encodeDrawList(Array.from({ length: boxes }, (_, node) => ({ node, depth: 1, x: node, width: 1, name: `f${node}`, color: node + 1 }))));
      expect([...list.color].at(-1)).toBe(boxes);
      expect(list.name(boxes - 1)).toBe(`f${boxes - 1}`);
    }
  });

  it('reads the totals of the base of a diff', () => {
    const list = new DrawList(encodeDrawList([
      { node: 0, depth: 0, x: 0, width: 100, name: 'total', total: 7n, base: 9n, color: 5 },
      { node: 1, depth: 1, x: 0, width: 50, total: 0n, base: 9n, color: 1 },
    ]));
    expect(list.base).toEqual(new BigInt64Array([9n, 9n]));
    expect([...list.total]).toEqual([0n, 7n]);
    expect([...list.width]).toEqual([50, 100]);
    expect(list.name(1)).toBe('total');
    expect(new DrawList(three).base).toBeNull();
  });

  it.each([
    ['a buffer shorter than the header', new ArrayBuffer(31), /header of 32 bytes; this one has 31/],
    ['another magic', changed((view) => view.setUint32(0, 0xdeadbeef, true)), /Not a draw list: it begins with 0xdeadbeef/],
    ['another version', changed((view) => view.setUint32(4, 3, true)), /version 3; this page reads versions 1 and 2/],
    ['a version with a column that is not there', changed((view) => view.setUint32(4, 2, true)), /this one has/],
    ['more boxes than it holds', changed((view) => view.setUint32(8, 4, true)), /4 boxes and 2 names has \d+ bytes/],
    ['a number of boxes that no buffer holds', changed((view) => view.setUint32(8, 0xffffffff, true)), /this one has/],
    ['a cut end', three.slice(0, -1), /this one has/],
    ['names that end elsewhere', changed((view) => view.setUint32(view.byteLength - 26, 3, true)), /names/],
  ])('refuses %s', (_, buffer, message) => {
    const read = (): DrawList => new DrawList(buffer);
    expect(read).toThrow(DrawListError);
    expect(read).toThrow(message);
  });

  it('refuses a name that the list does not hold, when it is asked for', () => {
    const row = 32 + 3 * 36;
    const list = new DrawList(changed((view) => view.setUint32(row, 77, true)));
    expect(() => list.name(0)).toThrow(/has no name 77/);
  });
});
