/** Steps from box to box, for the keyboard. */

import type { DrawList } from './draw-list.ts';
import type { RowIndex } from './row-index.ts';
import { boxOf, hitTest } from './viewport.ts';

export type Direction = 'caller' | 'callee' | 'previous' | 'next';

/** Middle of a box, CSS pixels of the list. */
export function centre(list: DrawList, box: number): number {
  return (list.x[box] ?? 0) + (list.width[box] ?? 0) / 2;
}

/** The box a step leads to, or -1: the caller, the widest callee, the neighbours on the same level. */
export function step(list: DrawList, rows: RowIndex, from: number, direction: Direction): number {
  const level = list.depth[from] ?? 0;
  if (direction === 'caller') return level === 0 ? -1 : hitTest(list, rows, centre(list, from), level - 1);
  if (direction === 'callee') return widestBelow(list, rows, from, level + 1);
  const [first, last] = rows.range(level);
  const at = rows.position(from) + (direction === 'next' ? 1 : -1);
  return at < first || at >= last ? -1 : rows.box(at);
}

function widestBelow(list: DrawList, rows: RowIndex, from: number, level: number): number {
  const [first, last] = rows.range(level);
  let widest = -1;
  for (let at = first; at < last; at += 1) {
    const box = rows.box(at);
    if (widest >= 0 && (list.width[box] ?? 0) <= (list.width[widest] ?? 0)) continue;
    if (hitTest(list, rows, centre(list, box), level - 1) === from) widest = box;
  }
  return widest;
}

/** The box that stands for a node: its own, or that of a run of merged siblings that begins with it; -1 if none. */
export function boxFor(list: DrawList, node: number): number {
  const own = boxOf(list, node);
  return own >= 0 ? own : list.node.indexOf(node);
}
