/** Brushing of a time axis by keyboard. */

import type { View } from './viewport.ts';

/** Shares of a chart, the lower one first. */
export type Shares = readonly [number, number];

/** Of what is in view: a step, and the width of a span that begins. */
const STEP = 1 / 40;
const FIRST = 1 / 10;

/**
 * The span that a key leads to, within what is in view; null for other keys. Arrows begin one in the middle, move it and, with Shift, move
 * its end; Home and End take it to the edges, with Shift its nearest end.
 */
export function brushedBy(key: string, extend: boolean, span: Shares | null, { x0, x1 }: Pick<View, 'x0' | 'x1'>): Shares | null {
  const direction = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, Home: -1, End: 1 }[key];
  if (direction === undefined) return null;
  const width = x1 - x0;
  const middle = (x0 + x1) / 2;
  if (span === null || span[1] <= x0 || span[0] >= x1) return [middle - (width * FIRST) / 2, middle + (width * FIRST) / 2];
  const [from, until] = [Math.max(x0, span[0]), Math.min(x1, span[1])];
  const step = STEP * width;
  const isFar = key === 'Home' || key === 'End';
  if (extend) {
    if (isFar) return direction < 0 ? [x0, until] : [from, x1];
    // At least a step is left, so that there is something to move.
    return [from, Math.min(x1, Math.max(from + step, until + direction * step))];
  }
  const by = isFar ? direction * width : direction * step;
  const start = Math.min(x1 - (until - from), Math.max(x0, from + by));
  return [start, start + (until - from)];
}
