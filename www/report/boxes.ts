/** Which boxes of a call tree are visible: the rules of `crates/views/src/draw.rs`, over the columns of a report. Pure. */

import { BoxFlag } from '../engine/protocol.ts';
import type { DrawRequest } from '../engine/protocol.ts';
import type { CallTree } from './tree.ts';

/** One box; see the table in `engine/protocol.ts`. */
export interface Box {
  node: number;
  depth: number;
  count: number;
  x: number;
  width: number;
  self: bigint;
  total: bigint;
  color: number;
  flags: number;
}

/** What a search marks: true if one of the nodes [from, until) matches. */
export type AnyMatch = (from: number, until: number) => boolean;

/** The boxes of a request, sorted by (flags, colour, level, x). */
export function visibleBoxes(tree: CallTree, colorOf: (node: number) => number, request: DrawRequest, anyMatch: AnyMatch): Box[] {
  const focus = request.focus < tree.length ? request.focus : 0;
  const boxes = ancestors(tree, colorOf, request, focus, anyMatch);
  const drawing = new Drawing(tree, colorOf, request, focus, anyMatch, boxes);
  let parents = [focus];
  const last = Math.min(request.depth1, tree.deepest + 1);
  for (let level = (tree.depth[focus] as number) + 1; level < last && parents.length > 0; level += 1) {
    const wide: number[] = [];
    for (const parent of parents) drawing.children(parent, level, wide);
    parents = wide;
  }
  return boxes.sort((a, b) => a.flags - b.flags || a.color - b.color || a.depth - b.depth || a.x - b.x || a.node - b.node);
}

/** The path from the root to the focus, full width. */
function ancestors(tree: CallTree, colorOf: (node: number) => number, { depth0, depth1, width }: DrawRequest, focus: number, anyMatch: AnyMatch): Box[] {
  const boxes: Box[] = [];
  for (let node = focus; ; node = tree.parent[node] as number) {
    const depth = tree.depth[node] as number;
    if (depth >= depth0 && depth < depth1) {
      const flags = BoxFlag.ancestor | (node > 0 && anyMatch(node, node + 1) ? BoxFlag.match : 0);
      boxes.push({ node, depth, count: 1, x: 0, width, self: tree.self[node] as bigint, total: tree.total[node] as bigint, color: colorOf(node), flags });
    }
    if (node === 0) return boxes;
  }
}

class Drawing {
  readonly #tree: CallTree;
  readonly #colorOf: (node: number) => number;
  readonly #request: DrawRequest;
  readonly #anyMatch: AnyMatch;
  readonly #boxes: Box[];
  /** Visible range in weights, and CSS pixels of a weight. */
  readonly #left: number;
  readonly #right: number;
  readonly #scale: number;
  readonly #least: number;

  constructor(tree: CallTree, colorOf: (node: number) => number, request: DrawRequest, focus: number, anyMatch: AnyMatch, boxes: Box[]) {
    this.#tree = tree;
    this.#colorOf = colorOf;
    this.#request = request;
    this.#anyMatch = anyMatch;
    this.#boxes = boxes;
    const weight = tree.weight[focus] as number;
    const start = tree.x[focus] as number;
    this.#left = start + request.x0 * weight;
    this.#right = start + request.x1 * weight;
    this.#scale = request.width / Math.max(Number.MIN_VALUE, this.#right - this.#left);
    this.#least = Math.max(Number.MIN_VALUE, request.minWidth / this.#scale);
  }

  #weightAt(position: number): number {
    return this.#tree.weight[this.#tree.order[position] as number] as number;
  }

  #xAt(position: number): number {
    return this.#tree.x[this.#tree.order[position] as number] as number;
  }

  /** Boxes of the visible children of `parent`; those that are not narrow are added to `wide`. */
  children(parent: number, level: number, wide: number[]): void {
    const { childStart, childEnd, order } = this.#tree;
    const start = childStart[parent] as number;
    const end = childEnd[parent] as number;
    let at = this.#firstVisible(start, end);
    while (at < end && this.#xAt(at) < this.#right) {
      const isWide = this.#weightAt(at) >= this.#least;
      let [from, until] = [at, at + 1];
      if (isWide) {
        wide.push(order[at] as number);
      } else {
        while (from > start && this.#weightAt(from - 1) < this.#least) from -= 1;
        while (until < end && this.#weightAt(until) < this.#least) until += 1;
      }
      if (level >= this.#request.depth0) this.#push(from, until, parent, level);
      at = until;
    }
  }

  /** The first position whose node ends right of the left edge. */
  #firstVisible(start: number, end: number): number {
    let low = start;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#xAt(middle) + this.#weightAt(middle) <= this.#left) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #pixel(x: number): number {
    return (x - this.#left) * this.#scale;
  }

  #push(from: number, until: number, parent: number, depth: number): void {
    const { order, x, weight, end, selfUntil, totalUntil } = this.#tree;
    const { width, minWidth } = this.#request;
    const first = order[from] as number;
    const last = order[until - 1] as number;
    const count = until - from;
    let left = this.#pixel(x[first] as number);
    let right = this.#pixel((x[last] as number) + (weight[last] as number));
    const isNarrow = (weight[first] as number) < this.#least;
    if (right - left < minWidth) {
      const parentLeft = this.#pixel(x[parent] as number);
      const parentRight = this.#pixel((x[parent] as number) + (weight[parent] as number));
      left = Math.max(parentLeft, Math.min(left, parentRight - minWidth));
      right = left + minWidth;
    }
    const [shown, stop] = [Math.min(width, Math.max(0, left)), Math.min(width, Math.max(0, right))];
    const matches = this.#anyMatch(first, isNarrow ? (end[last] as number) : first + 1);
    this.#boxes.push({
      node: first,
      depth,
      count,
      x: shown,
      width: stop - shown,
      self: BigInt.asIntN(64, (selfUntil[until] as bigint) - (selfUntil[from] as bigint)),
      total: BigInt.asIntN(64, (totalUntil[until] as bigint) - (totalUntil[from] as bigint)),
      color: count > 1 ? 0 : this.#colorOf(first),
      flags: (count > 1 ? BoxFlag.merged : 0) | (matches ? BoxFlag.match : 0),
    });
  }
}
