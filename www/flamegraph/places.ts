/** Places in a result that the keyboard goes to, also out of the window: the matches of a search, the end of the heaviest path. Pure. */

import { BoxFlag } from '../engine/protocol.ts';
import { RowIndex } from './row-index.ts';
import { boxFor, centre, step } from './walk.ts';
import type { Drawn } from './viewport.ts';

/** Where a frame is, or several that are too narrow to tell apart. */
export interface Place {
  /** The node, or the first of several. */
  node: number;
  level: number;
  /** Middle, as a share of the focus. */
  at: number;
}

function placeOf({ list, request }: Drawn, box: number): Place {
  const ancestor = ((list.flags[box] ?? 0) & BoxFlag.ancestor) !== 0;
  const share = ancestor ? 0.5 : centre(list, box) / request.width;
  return { node: list.node[box] ?? 0, level: list.depth[box] ?? 0, at: request.x0 + share * (request.x1 - request.x0) };
}

/** The places of a list that match its search, callers before callees, left before right. */
export function matchesOf(drawn: Drawn): Place[] {
  const { list } = drawn;
  const boxes: number[] = [];
  for (let box = 0; box < list.length; box += 1) if (((list.flags[box] ?? 0) & BoxFlag.match) !== 0) boxes.push(box);
  const left = (box: number): number => (((list.flags[box] ?? 0) & BoxFlag.ancestor) !== 0 ? -1 : (list.x[box] ?? 0));
  boxes.sort((a, b) => left(a) - left(b) || (list.depth[a] ?? 0) - (list.depth[b] ?? 0));
  return boxes.map((box) => placeOf(drawn, box));
}

/** Row of the match that a step leads to; `from` is the row of the last one, or -1. Past the end it begins anew. */
export function nextMatch(matches: number, from: number, direction: 1 | -1): number {
  if (from < 0) return direction === 1 ? 0 : matches - 1;
  return (from + direction + matches) % matches;
}

/** The last frame that the widest callees of a node lead to. */
export function heaviestEnd(drawn: Drawn, node: number): Place | null {
  const { list } = drawn;
  const rows = new RowIndex(list);
  let box = boxFor(list, node);
  if (box < 0) return null;
  for (let next = box; next >= 0; next = step(list, rows, box, 'callee')) box = next;
  return placeOf(drawn, box);
}
