/** Where levels are on a canvas: all edges are whole device pixels, and a level is one of them shorter than the step to the next. */

import { ROW_HEIGHT } from './viewport.ts';

/** Of the strip of a folded lane: where it begins in its level, and its height, CSS pixels. */
const STRIP_TOP = 5;
const STRIP_HEIGHT = 9;

/** Boxes from this many device pixels on leave a gap at their right edge. */
const LEAST_WITH_GAP = 3;

/** Where a box ends that is between two device pixels: before its gap, and at least one after its begin. */
export function paintedEnd(left: number, right: number): number {
  if (right - left >= LEAST_WITH_GAP) return right - 1;
  return right <= left ? left + 1 : right;
}

/** The levels of one canvas. */
export class Grid {
  /** Size of the canvas, device pixels, and how many of them are a CSS pixel. */
  width = 0;
  height = 0;
  ratio = 1;
  /** Callees stand above their callers, the root at the lower edge. */
  upwards = false;
  /** Levels that are thin: what folded lanes do. */
  strips: ReadonlySet<number> = new Set();

  resize(width: number, height: number, ratio: number): void {
    this.width = width;
    this.height = height;
    this.ratio = ratio;
  }

  /** Top of level 0 from the edge that the root is at, device pixels: each level is a whole number of them after it. */
  origin(scrollTop: number): number {
    return -Math.round(scrollTop * this.ratio);
  }

  /** Top of what begins `top` device pixels after the edge that the root is at. */
  from(top: number, height: number): number {
    return this.upwards ? this.height - top - height : top;
  }

  /** Where a level is from the edge that the root is at, device pixels, without the gap after it. */
  band(level: number, origin: number): { top: number; height: number } {
    const step = ROW_HEIGHT * this.ratio;
    const top = Math.round(level * step) + origin;
    if (this.strips.has(level)) return { top: top + Math.round(STRIP_TOP * this.ratio), height: Math.round(STRIP_HEIGHT * this.ratio) };
    return { top, height: Math.round((level + 1) * step) + origin - 1 - top };
  }

  /** Levels that are at least partly in the canvas, [first, first + count). */
  inView(origin: number): { first: number; count: number } {
    const step = ROW_HEIGHT * this.ratio;
    const first = Math.max(0, Math.floor((-origin - 1) / step));
    return { first, count: Math.max(0, Math.ceil((this.height - origin) / step) - first) };
  }

  /** Top and height of a level in the viewport, CSS pixels. */
  place(level: number, scrollTop: number): { top: number; height: number } {
    const [inset, height] = this.strips.has(level) ? [STRIP_TOP, STRIP_HEIGHT] : [0, ROW_HEIGHT];
    const top = level * ROW_HEIGHT - scrollTop + inset;
    return { top: this.upwards ? this.height / this.ratio - top - height : top, height };
  }
}
