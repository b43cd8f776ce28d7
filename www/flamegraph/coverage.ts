/** Which draw list is needed for what is in view, and whether one that was asked for will do. Pure. */

import type { DrawRequest } from '../engine/protocol.ts';
import { sameView } from './viewport.ts';
import type { View } from './viewport.ts';

/** Boxes narrower than this are merged, CSS pixels. */
const MIN_WIDTH = 2;
/** Boxes from this width on carry a name, CSS pixels. */
export const NAME_WIDTH = 34;

/** What is in view. */
export interface Need {
  view: View;
  /** Levels [first, last). */
  first: number;
  last: number;
  /** CSS pixels. */
  width: number;
  search: string;
}

/** Levels above and below those in view that are asked for too, so that a scroll is painted at once. */
function overscan({ first, last }: Need): number {
  return Math.ceil((last - first) / 2);
}

/** The request for a need. */
export function requestFor(need: Need): DrawRequest {
  const over = overscan(need);
  return {
    ...need.view,
    depth0: Math.max(0, need.first - over),
    depth1: need.last + over,
    width: need.width,
    minWidth: MIN_WIDTH,
    nameWidth: NAME_WIDTH,
    search: need.search,
  };
}

/** True if the answer to `asked` serves the need, with air above and below. `deepest`: the deepest level, if it is known. */
export function serves(asked: DrawRequest, need: Need, deepest: number | null): boolean {
  const air = Math.ceil(overscan(need) / 3);
  return (
    sameView(asked, need.view) &&
    asked.width === need.width &&
    asked.search === need.search &&
    (asked.depth0 === 0 || asked.depth0 <= need.first - air) &&
    (asked.depth1 >= need.last + air || (deepest !== null && asked.depth1 > deepest && asked.depth0 <= need.first))
  );
}
