import { describe, expect, it } from 'vitest';
import { BoxFlag } from '../../www/engine/protocol.ts';
import { DrawList } from '../../www/flamegraph/draw-list.ts';
import { overviewRequest, NO_NAMES } from '../../www/flamegraph/overview.ts';
import { heaviestEnd, matchesOf, nextMatch } from '../../www/flamegraph/places.ts';
import type { Drawn } from '../../www/flamegraph/viewport.ts';
import { encodeDrawList, wholeRequest } from './draw-list-encoder.ts';
/** `all` > `main` > (`a` > `x`, `b` > (`y` > `deep`, `z`)); `main` is the focus. */
const DRAWN: Drawn = {
  request: { ...wholeRequest(1), width: 100 },
  list: new DrawList(
    encodeDrawList(
      [
        { node: 0, depth: 0, x: 0, width: 100, flags: BoxFlag.ancestor },
        { node: 1, depth: 1, x: 0, width: 100, flags: BoxFlag.ancestor | BoxFlag.match },
        { node: 2, depth: 2, x: 0, width: 40, flags: BoxFlag.match },
        { node: 3, depth: 3, x: 0, width: 40 },
        { node: 4, depth: 2, x: 40, width: 60 },
        { node: 5, depth: 3, x: 40, width: 35, flags: BoxFlag.match },
        { node: 6, depth: 4, x: 40, width: 35, count: 3, flags: BoxFlag.merged | BoxFlag.match },
        { node: 9, depth: 3, x: 75, width: 25 },
      ],
      4,
    ),
  ),
};

describe('the matches of a search', () => {
  it('are in the order of the call tree, several narrow ones as one', () => {
    expect(matchesOf(DRAWN)).toEqual([
      { node: 1, level: 1, at: 0.5 },
      { node: 2, level: 2, at: 0.2 },
      { node: 5, level: 3, at: expect.closeTo(0.575) as number },
      { node: 6, level: 4, at: expect.closeTo(0.575) as number },
    ]);
  });

  it('are placed in the focus, also when a part of it was drawn', () => {
    const part: Drawn = { ...DRAWN, request: { ...DRAWN.request, x0: 0.5, x1: 0.7 } };
    expect(matchesOf(part)[1]?.at).toBeCloseTo(0.5 + 0.2 * 0.2);
  });

  it('are a ring', () => {
    const walk = (direction: 1 | -1): number[] => {
      let at = -1;
      return Array.from({ length: 5 }, () => (at = nextMatch(4, at, direction)));
    };
    expect(walk(1)).toEqual([0, 1, 2, 3, 0]);
    expect(walk(-1)).toEqual([3, 2, 1, 0, 3]);
  });
});

describe('the end of the heaviest path', () => {
  it('follows the widest callee at each step', () => {
    expect(heaviestEnd(DRAWN, 1)).toEqual({ node: 6, level: 4, at: expect.closeTo(0.575) as number });
    expect(heaviestEnd(DRAWN, 2)?.node).toBe(3);
    expect(heaviestEnd(DRAWN, 9)?.node).toBe(9);
  });

  it('is nowhere for a node that is not drawn', () => {
    expect(heaviestEnd(DRAWN, 1234)).toBeNull();
  });
});

describe('the request for all levels', () => {
  const wanted = { view: { focus: 7, x0: 0, x1: 1 }, width: 1440, minWidth: 2, nameWidth: NO_NAMES, search: 'f' };

  it('asks for every level', () => {
    expect(overviewRequest(wanted, 30)).toMatchObject({ focus: 7, depth0: 0, depth1: 31, minWidth: 2, search: 'f' });
  });

  it('has at most as many boxes as a page takes at once, however deep the result is', () => {
    for (const depth of [10, 500, 5000, 100_000]) {
      const { width, minWidth, depth1 } = overviewRequest(wanted, depth);
      expect((width / minWidth) * depth1).toBeLessThanOrEqual(60_001);
    }
  });
});
