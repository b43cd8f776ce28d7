/** The arithmetic of the time line: from shares of its width to times, and what stands at its axes. */

import type { SeriesResult } from '../../engine/protocol.ts';
import { formatInstant } from './time.ts';

/** The steps that `[left, right]` (shares of the width, 0 to 1) touches, as a half-open range on step boundaries. */
export function snapRange(line: { series: Pick<SeriesResult, 'start' | 'step'>; from: bigint; until: bigint }, left: number, right: number): {
  from: bigint;
  until: bigint;
} {
  const { start, step } = line.series;
  const span = Number(line.until - line.from);
  const at = (share: number): bigint => line.from + BigInt(Math.round(share * span));
  const floor = (instant: bigint): bigint => (instant - start) / step - ((instant - start) % step < 0n ? 1n : 0n);
  const first = floor(at(Math.max(0, left)));
  const last = floor(at(Math.min(1, right)));
  return { from: start + first * step, until: start + (last + 1n) * step };
}

/** Labels of the time axis in one line: as fine as the steps, with the date where a day begins and on the first one; none before `from`. */
export function tickLabels(seconds: readonly number[], step: number, utc: boolean, from = -Infinity): string[] {
  let day = '';
  return seconds.map((at) => {
    if (at < from) return '';
    const text = formatInstant(BigInt(Math.round(at * 1000)) * 1_000_000n, utc, step < 1);
    const date = text.slice(0, 10);
    const time = step < 60 ? text.slice(11) : text.slice(11, 16);
    const shown = date === day ? time : step < 86_400 ? `${date.slice(5)} ${time}` : date;
    day = date;
    return shown;
  });
}

/** From zero (or below, where values are negative) to a little above the largest value. */
export function valueRange(low: number | null, high: number | null): [number, number] {
  const top = Math.max(0, high ?? 0);
  const bottom = Math.min(0, low ?? 0);
  return top === bottom ? [0, 1] : [bottom * 1.1, top * 1.1];
}
