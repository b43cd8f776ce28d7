/**
 * The call tree of a report with its totals, and where every node lies: what `crates/views/src/layout.rs` computes for the
 * app, small enough for a file that is opened without the engine.
 */

import type { Report } from './payload.ts';
import { ReportError } from './payload.ts';

/** Columns by node; row 0 is the root, and a subtree is the rows from a node to its `end`. */
export interface CallTree {
  length: number;
  parent: Uint32Array;
  depth: Uint32Array;
  /** Row of the functions; meaningless for the root. */
  function: Uint32Array;
  end: Uint32Array;
  self: BigInt64Array;
  total: BigInt64Array;
  deepest: number;
  /** True where some self value is negative. */
  negative: boolean;
  /** Width: the total, or with negative values the sum of the absolute self values below. */
  weight: Float64Array;
  /** Left edge, in weights. */
  x: Float64Array;
  /** Nodes by level, from left to right: the children of a node are neighbours. */
  order: Uint32Array;
  /** Where in `order` a node's children are: [childStart, childEnd). */
  childStart: Uint32Array;
  childEnd: Uint32Array;
  /** Sums of self and total over the first positions of `order`. */
  selfUntil: BigInt64Array;
  totalUntil: BigInt64Array;
}

/** The tree of a report; throws `ReportError` where a depth does not follow the one before it. */
export function treeOf({ depth, function: rows, self }: Pick<Report, 'depth' | 'function' | 'self'>): CallTree {
  const length = depth.length;
  const parent = new Uint32Array(length);
  const end = new Uint32Array(length).fill(length);
  const path: number[] = [];
  let deepest = 0;
  for (let node = 0; node < length; node += 1) {
    const level = depth[node] as number;
    if (level > path.length || (level === 0) !== (node === 0)) throw new ReportError(`Node ${node} has the depth ${level}.`);
    for (const closed of path.splice(level)) end[closed] = node;
    parent[node] = path[level - 1] ?? 0;
    path.push(node);
    deepest = Math.max(deepest, level);
  }
  const total = self.slice();
  const weight = new Float64Array(length);
  const negative = self.some((value) => value < 0n);
  for (let node = length - 1; node >= 0; node -= 1) {
    const value = Number(negative ? self[node] : total[node]);
    weight[node] = (weight[node] as number) + (negative ? Math.abs(value) : 0);
    if (!negative) weight[node] = value;
    if (node === 0) break;
    const above = parent[node] as number;
    total[above] = (total[above] as bigint) + (total[node] as bigint);
    if (negative) weight[above] = (weight[above] as number) + (weight[node] as number);
  }
  return { length, parent, depth, function: rows, end, self, total, deepest, negative, weight, ...placed(parent, depth, deepest, self, total, weight) };
}

type Placed = Pick<CallTree, 'x' | 'order' | 'childStart' | 'childEnd' | 'selfUntil' | 'totalUntil'>;

function placed(parent: Uint32Array, depth: Uint32Array, deepest: number, self: BigInt64Array, total: BigInt64Array, weight: Float64Array): Placed {
  const length = parent.length;
  const next = new Uint32Array(deepest + 2);
  for (const level of depth) next[level + 1] = (next[level + 1] as number) + 1;
  for (let level = 1; level < next.length; level += 1) next[level] = (next[level] as number) + (next[level - 1] as number);
  const x = new Float64Array(length);
  const free = new Float64Array(length);
  const order = new Uint32Array(length);
  const childStart = new Uint32Array(length);
  const childEnd = new Uint32Array(length);
  for (let node = 0; node < length; node += 1) {
    const level = depth[node] as number;
    const position = next[level] as number;
    next[level] = position + 1;
    order[position] = node;
    if (node === 0) continue;
    const above = parent[node] as number;
    if (childEnd[above] === 0) childStart[above] = position;
    childEnd[above] = position + 1;
    x[node] = free[above] as number;
    free[above] = (free[above] as number) + (weight[node] as number);
    free[node] = x[node] as number;
  }
  const selfUntil = new BigInt64Array(length + 1);
  const totalUntil = new BigInt64Array(length + 1);
  for (let position = 0; position < length; position += 1) {
    const node = order[position] as number;
    selfUntil[position + 1] = (selfUntil[position] as bigint) + (self[node] as bigint);
    totalUntil[position + 1] = (totalUntil[position] as bigint) + (total[node] as bigint);
  }
  return { x, order, childStart, childEnd, selfUntil, totalUntil };
}
