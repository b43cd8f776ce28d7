/** Where the ticks of a time axis stand, and what they say. Nanoseconds. */

import { formatValue } from '../engine/format.ts';
import type { ChartSpan, TimeSpan } from './source.ts';

/** Least distance of two ticks, CSS pixels. */
const LEAST_GAP = 96;
const UNITS: readonly (readonly [nanoseconds: number, name: string])[] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
];
/** From here on times are hours, minutes and seconds, ns. */
const CLOCK = 120e9;
const MILLISECOND = 1e6;
const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Steps of a clock from a second on; longer ones are days. */
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30].flatMap((count) => [count * SECOND, count * MINUTE]).concat([1, 2, 3, 6, 12].map((count) => count * HOUR), DAY).sort((a, b) => a - b);

/** A tick: nanoseconds after the begin of the chart, and its text. */
export interface Tick {
  at: number;
  text: string;
}

/** The step of 1, 2 or 5 times a power of ten, ns, with which ticks are at least `gap` of `width` apart in `span` ns. */
export function tickStep(span: number, width: number, gap = LEAST_GAP): number {
  const least = Math.max(1, (span * gap) / Math.max(1, width));
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * (1 - 1e-9)) ?? 10 * power;
}

/** As `tickStep`, in steps of a clock: from a second on those that divide a minute, an hour or a day; then whole days. */
export function clockStep(span: number, width: number, gap = LEAST_GAP): number {
  const least = Math.max(1, (span * gap) / Math.max(1, width));
  if (least <= SECOND / 2) return tickStep(span, width, gap);
  return CLOCK_STEPS.find((step) => step >= least * (1 - 1e-9)) ?? DAY * tickStep(span / DAY, width, gap);
}

/** A time after the begin as a tick has it, as exact as ticks of `step` need. */
export function tickText(time: number, step: number): string {
  if (time >= CLOCK) {
    const decimals = Math.max(0, -Math.floor(Math.log10(step / 1e9) + 1e-9));
    const seconds = ((time / 1e9) % 60).toFixed(decimals);
    const minutes = Math.floor(time / 60e9);
    const padded = seconds.padStart(decimals === 0 ? 2 : decimals + 3, '0');
    return minutes < 60 ? `${minutes}:${padded}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${padded}`;
  }
  if (time === 0) return '0';
  const [unit, name] = UNITS.find(([size]) => time >= size) ?? ([1, 'ns'] as const);
  return `${(time / unit).toFixed(Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9)))} ${name}`;
}

/** What the clocks of a zone are ahead of UTC at an instant, ns; a multiple of a minute. */
function ahead(instant: bigint, utc: boolean): number {
  return utc ? 0 : -new Date(Number(instant / 1_000_000n)).getTimezoneOffset() * MINUTE;
}

/**
 * An instant on the clock as a tick has it, as exact as ticks of `step` need: `10:23`, `10:23:45.120`; below a millisecond only
 * the seconds, `:45.123456`; the date where a day begins.
 */
export function clockText(instant: bigint, step: number, utc: boolean): string {
  const local = instant + BigInt(ahead(instant, utc));
  const [day, inDay] = [BigInt(DAY), Number(((local % BigInt(DAY)) + BigInt(DAY)) % BigInt(DAY))];
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  if (inDay === 0) return new Date(Number((local / day) * 86_400_000n)).toISOString().slice(5, 10);
  const minutes = `${two(inDay / HOUR)}:${two((inDay % HOUR) / MINUTE)}`;
  if (step >= MINUTE) return minutes;
  const decimals = step >= SECOND ? 0 : Math.min(9, Math.ceil((9 - Math.log10(step) - 1e-9) / 3) * 3);
  const fraction = decimals === 0 ? '' : `.${String(inDay % SECOND).padStart(9, '0').slice(0, decimals)}`;
  const seconds = `:${two((inDay % MINUTE) / SECOND)}${fraction}`;
  return decimals > 3 ? seconds : `${minutes}${seconds}`;
}

/** The multiples of `step` on the clock between `from` and `from + span` ns after `first`: ns after `first`. */
export function clockTimes(first: bigint, from: number, span: number, step: number, utc: boolean): number[] {
  const begin = first + BigInt(Math.floor(from));
  // Ticks stand at round times of the zone.
  const past = Number((begin + BigInt(ahead(begin, utc))) % BigInt(Math.round(step)));
  const times: number[] = [];
  for (let at = Math.floor(from) - past; at <= from + span; at += step) {
    if (at >= from) times.push(at);
  }
  return times;
}

/** The ticks of what is between `from` and `from + span` ns after `first`, on the clock. */
export function clockTicks(first: bigint, from: number, span: number, width: number, utc: boolean): Tick[] {
  const step = clockStep(span, width);
  return clockTimes(first, from, span, step, utc).map((at) => ({ at, text: clockText(first + BigInt(Math.round(at)), step, utc) }));
}

/** The same, counted from the begin. */
export function offsetTicks(from: number, span: number, width: number): Tick[] {
  const step = tickStep(span, width);
  const ticks: Tick[] = [];
  for (let tick = Math.ceil(from / step); tick * step <= from + span; tick += 1) ticks.push({ at: tick * step, text: tickText(tick * step, step) });
  return ticks;
}

/** The step that tells a hundredth of `length` ns. */
function fineStep(length: number): number {
  return 10 ** Math.floor(Math.log10(Math.max(1, length / 100)));
}

/** The ends of a span of a chart, counted from its begin and as exact as it takes to tell them apart. */
export function offsetsText(first: bigint, span: TimeSpan): [from: string, until: string] {
  const step = fineStep(Number(span.last - span.first));
  return [tickText(Number(span.first - first), step), tickText(Number(span.last - first), step)];
}

/** A span of a chart in words, with its length; the clock to the millisecond. */
export function spanWords({ first, clock }: ChartSpan, span: TimeSpan, utc: boolean): string {
  const length = span.last - span.first;
  if (clock === 'source') return `${offsetsText(first, span).join(' to ')}, ${formatValue(length, 'nanoseconds')}`;
  const words = (at: bigint): string => clockText(at, Math.max(fineStep(Number(length)), MILLISECOND), utc);
  return `${words(span.first)} to ${words(span.last)}, ${formatValue(length, 'nanoseconds')}`;
}
