/** The arithmetic of a heat map: where cells lie, what a cell is about, and how strong its colour is. */

import { formatCount, formatValue } from '../../engine/format.ts';
import type { HeatMap, HeatMapRow } from '../../engine/protocol.ts';
import { clockStep, clockTimes } from '../../flamegraph/time-ticks.ts';
import { tickLabels } from './time-axis.ts';

/** A cell: number of its step, and of its row. */
export interface Cell {
  step: number;
  row: number;
}

/** Number of steps. */
export function stepsOf({ counts, rows }: HeatMap): number {
  return rows.length === 0 ? 0 : counts.length / rows.length;
}

/** The cell at shares of width and height (0 at the left and at the top), or null outside. Rows of values grow upwards. */
export function cellAt(map: HeatMap, x: number, y: number): Cell | null {
  const steps = stepsOf(map);
  if (steps === 0 || x < 0 || y < 0 || x >= 1 || y >= 1) return null;
  const down = Math.floor(y * map.rows.length);
  return { step: Math.floor(x * steps), row: isOfValues(map) ? map.rows.length - 1 - down : down };
}

/** Where the row lies: 0 at the top. */
export function rowFromTop(map: HeatMap, row: number): number {
  return isOfValues(map) ? map.rows.length - 1 - row : row;
}

export function countAt(map: HeatMap, { step, row }: Cell): number {
  return map.counts[row * stepsOf(map) + step] ?? 0;
}

/** Times of a run of steps, half open. */
export function timesOf({ start, step }: HeatMap, first: number, last: number): { from: bigint; until: bigint } {
  return { from: start + step * BigInt(first), until: start + step * BigInt(last + 1) };
}

/** Ticks of the time axis at round times, at least `gap` of `width` apart: shares of the width, and what they say. */
export function timeTicks(map: HeatMap, width: number, gap: number, utc: boolean): { at: number; text: string }[] {
  const span = Number(map.step) * stepsOf(map);
  const step = clockStep(span, width, gap);
  const times = clockTimes(map.start, 0, span, step, utc);
  const seconds = times.map((at) => Number((map.start + BigInt(at)) / 1000n) / 1e6);
  return tickLabels(seconds, step / 1e9, utc).map((text, tick) => ({ at: (times[tick] ?? 0) / span, text }));
}

/** From 0 to 1: few stand out from none, and many from few. */
export function strength(count: number, most: number): number {
  return count === 0 || most === 0 ? 0 : 0.12 + 0.88 * (Math.log1p(count) / Math.log1p(most));
}

/** What a row is about. */
export function rowText(row: HeatMapRow, unit: string): string {
  if ('labels' in row) return row.labels.map(([, value]) => (value === '' ? '(none)' : value)).join(' · ');
  return row.until - row.from <= 1n ? formatValue(row.from, unit, row.scale) : `${formatValue(row.from, unit, row.scale)} – ${formatValue(row.until, unit, row.scale)}`;
}

/** What a cell counts. */
export function countText(map: HeatMap, count: number): string {
  return formatCount(count, isOfValues(map) ? 'profile' : 'sample record');
}

function isOfValues({ rows: [first] }: HeatMap): boolean {
  return first === undefined || !('labels' in first);
}
