/** The boxes of a draw list by level and x: for the pointer, the keyboard and the accessible tree. Built when first needed. */

import type { DrawList } from './draw-list.ts';

/** Positions are kept to 1/64 pixel while sorting. */
const FINE = 64;
/** Boxes of a list fit in this many. */
const MOST_BOXES = 2 ** 26;

/** Order of a list's boxes by (level, x). Positions in the order are not boxes: `box` tells which box is at one. */
export class RowIndex {
  readonly #order: Uint32Array;
  readonly #position: Uint32Array;
  /** Start of each level's positions, from `#first` on, and the end of the last. */
  readonly #starts: Uint32Array;
  readonly #first: number;

  constructor(list: DrawList) {
    const { length, depth, x } = list;
    let first = Number.POSITIVE_INFINITY;
    let last = -1;
    for (const level of depth) {
      if (level < first) first = level;
      if (level > last) last = level;
    }
    this.#first = length === 0 ? 0 : first;
    const starts = new Uint32Array(length === 0 ? 1 : last - first + 2);
    for (const level of depth) starts[level - this.#first + 1] = (starts[level - this.#first + 1] ?? 0) + 1;
    for (let row = 1; row < starts.length; row += 1) starts[row] = (starts[row] ?? 0) + (starts[row - 1] ?? 0);
    const next = starts.slice();
    const keys = new Float64Array(length);
    for (let box = 0; box < length; box += 1) {
      const row = (depth[box] ?? 0) - this.#first;
      const at = next[row] ?? 0;
      next[row] = at + 1;
      keys[at] = Math.round((x[box] ?? 0) * FINE) * MOST_BOXES + box;
    }
    this.#order = new Uint32Array(length);
    this.#position = new Uint32Array(length);
    for (let row = 0; row + 1 < starts.length; row += 1) keys.subarray(starts[row], starts[row + 1]).sort();
    for (let at = 0; at < length; at += 1) {
      const box = (keys[at] ?? 0) % MOST_BOXES;
      this.#order[at] = box;
      this.#position[box] = at;
    }
    this.#starts = starts;
  }

  /** Positions [start, end) of a level, from left to right. */
  range(level: number): [start: number, end: number] {
    const row = level - this.#first;
    if (row < 0 || row + 1 >= this.#starts.length) return [0, 0];
    return [this.#starts[row] ?? 0, this.#starts[row + 1] ?? 0];
  }

  /** The box at a position. */
  box(position: number): number {
    return this.#order[position] ?? 0;
  }

  /** The position of a box. */
  position(box: number): number {
    return this.#position[box] ?? 0;
  }
}
