/** The boxes of a draw list by level and x: for the pointer, the keyboard and the accessible tree. Built when first needed. */

import type { DrawList } from './draw-list.ts';

/** Positions are kept to 1/64 pixel while sorting. */
const FINE = 64;
/** Boxes of a list fit in this many. */
const MOST_BOXES = 2 ** 26;

/**
 * Order of a list's boxes by (level, x). Positions in the order are not boxes: `box` tells which box is at one. A level is
 * sorted when it is first asked for: the pointer is on one of fifty.
 */
export class RowIndex {
  readonly #list: DrawList;
  /** By position: the x of the box and the box; of a level that is not sorted yet, in the order of the list. */
  readonly #keys: Float64Array;
  readonly #position: Uint32Array;
  /** Start of each level's positions, from `#first` on, and the end of the last. */
  readonly #starts: Uint32Array;
  readonly #first: number;
  readonly #sorted: Uint8Array;

  constructor(list: DrawList) {
    const { length, depth, x } = list;
    let first = Number.POSITIVE_INFINITY;
    let last = -1;
    for (const level of depth) {
      if (level < first) first = level;
      if (level > last) last = level;
    }
    this.#list = list;
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
    this.#keys = keys;
    this.#position = new Uint32Array(length);
    this.#starts = starts;
    this.#sorted = new Uint8Array(starts.length);
  }

  /** Positions [start, end) of a level, from left to right. */
  range(level: number): [start: number, end: number] {
    const row = level - this.#first;
    if (row < 0 || row + 1 >= this.#starts.length) return [0, 0];
    const start = this.#starts[row] ?? 0;
    const end = this.#starts[row + 1] ?? 0;
    if (this.#sorted[row] === 0) this.#sort(row, start, end);
    return [start, end];
  }

  /** The box at a position of a range. */
  box(position: number): number {
    return (this.#keys[position] ?? 0) % MOST_BOXES;
  }

  /** The position of a box. */
  position(box: number): number {
    this.range(this.#list.depth[box] ?? 0);
    return this.#position[box] ?? 0;
  }

  #sort(row: number, start: number, end: number): void {
    this.#keys.subarray(start, end).sort();
    for (let at = start; at < end; at += 1) this.#position[this.box(at)] = at;
    this.#sorted[row] = 1;
  }
}
