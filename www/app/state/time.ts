/**
 * Times: expressions of a range, and instants for people.
 *
 * An expression is empty (open), an RFC 3339 instant with up to nine digits, a local date and time
 * (`2026-11-24 13:05:59.25`), or relative: `now`, `now-15m`, `end-1h` (before the end of the data). Units: s m h d w.
 */

import { EngineError } from '../../engine/errors.ts';

/** Nanoseconds of the units of relative expressions. */
const UNITS: Readonly<Record<string, bigint>> = {
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};

/** A half-open range in nanoseconds since the epoch; null is open. */
export interface TimeRange {
  from: bigint | null;
  until: bigint | null;
}

/** What relative expressions refer to, ns. */
export interface TimeAnchors {
  now: bigint;
  /** One past the start of the last profile. */
  end: bigint;
}

/** Ranges on offer: label and expressions. */
export const PRESETS: readonly { label: string; short: string; from: string; until: string }[] = [
  { label: 'All data', short: 'All data', from: '', until: '' },
  { label: 'Last 5 minutes of data', short: 'Last 5 min', from: 'end-5m', until: '' },
  { label: 'Last 15 minutes of data', short: 'Last 15 min', from: 'end-15m', until: '' },
  { label: 'Last hour of data', short: 'Last 1 h', from: 'end-1h', until: '' },
  { label: 'Last 6 hours of data', short: 'Last 6 h', from: 'end-6h', until: '' },
  { label: 'Last 24 hours of data', short: 'Last 24 h', from: 'end-24h', until: '' },
  { label: 'Last 7 days of data', short: 'Last 7 d', from: 'end-7d', until: '' },
  { label: 'Last 30 days of data', short: 'Last 30 d', from: 'end-30d', until: '' },
  { label: 'Last hour until now', short: '1 h to now', from: 'now-1h', until: '' },
  { label: 'Last 24 hours until now', short: '24 h to now', from: 'now-24h', until: '' },
];

/** Nanoseconds of a `Date` value. */
export function fromMs(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds)) * 1_000_000n;
}

/** Milliseconds since the epoch, rounded down. */
export function toMs(nanoseconds: bigint): number {
  const below = nanoseconds % 1_000_000n < 0n ? 1n : 0n;
  return Number(nanoseconds / 1_000_000n - below);
}

/** The instant an expression means, or null for the open (empty) one. */
export function resolveTime(expression: string, anchors: TimeAnchors): bigint | null {
  const text = expression.trim();
  if (text === '') return null;
  const relative = /^(now|end)(?:\s*-\s*(\d{1,9})([smhdw]))?$/.exec(text);
  if (relative !== null) {
    const [, anchor, amount, unit] = relative;
    const base = anchor === 'now' ? anchors.now : anchors.end;
    return amount === undefined ? base : base - BigInt(amount) * (UNITS[unit as string] ?? 0n);
  }
  return parseInstant(text);
}

/** Both ends of a range; an end before the start is refused. */
export function resolveRange(from: string, until: string, anchors: TimeAnchors): TimeRange {
  const range = { from: resolveTime(from, anchors), until: resolveTime(until, anchors) };
  if (range.from !== null && range.until !== null && range.until <= range.from) {
    throw new EngineError('bad-time-range', 'the range ends before it starts');
  }
  return range;
}

function parseInstant(text: string): bigint {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:\d{2})?$/i.exec(text);
  if (match !== null) {
    const [, date, minutes = '00:00', seconds = '00', fraction = '', zone = ''] = match;
    const ms = Date.parse(`${date}T${minutes}:${seconds}${zone.toUpperCase()}`);
    if (!Number.isNaN(ms)) return fromMs(ms) + BigInt(fraction.padEnd(9, '0'));
  }
  throw new EngineError('bad-time', `not a time: ${text}`);
}

/** RFC 3339 in UTC with as many digits as the instant has (0, 3, 6 or 9): what the URL holds. */
export function toRfc3339(nanoseconds: bigint): string {
  const ms = toMs(nanoseconds);
  const rest = nanoseconds - (nanoseconds / 1_000_000_000n - (nanoseconds % 1_000_000_000n < 0n ? 1n : 0n)) * 1_000_000_000n;
  const digits = String(rest).padStart(9, '0').replace(/(000){1,3}$/, '');
  return `${new Date(ms).toISOString().slice(0, 19)}${digits === '' ? '' : `.${digits}`}Z`;
}

/** `2026-11-24 13:05:59`, with milliseconds where asked, in the local zone or UTC. */
export function formatInstant(nanoseconds: bigint, utc: boolean, milliseconds = false): string {
  const date = new Date(toMs(nanoseconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [year, month, day, hour, minute, second] = utc
    ? [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
    : [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
  const fraction = milliseconds ? `.${String(date.getUTCMilliseconds()).padStart(3, '0')}` : '';
  return `${year}-${two(month + 1)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}${fraction}`;
}

/** `UTC`, or the local offset at that instant: `+01:00`. */
export function zoneName(nanoseconds: bigint, utc: boolean): string {
  if (utc) return 'UTC';
  const minutes = -new Date(toMs(nanoseconds)).getTimezoneOffset();
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return minutes === 0 ? 'UTC' : `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** A range for a button: one date if both ends are on the same day. */
export function formatRange(from: bigint, until: bigint, utc: boolean): string {
  const fine = until - from < 10_000_000_000n;
  const start = formatInstant(from, utc, fine);
  const end = formatInstant(until, utc, fine);
  if (start === end) return start;
  return start.slice(0, 10) === end.slice(0, 10) ? `${start} – ${end.slice(11)}` : `${start} – ${end}`;
}

/** A range that may be open for people: `from 2026-11-24 13:05:59`, `until …`, or `all data`. */
export function formatOpenRange({ from, until }: TimeRange, utc: boolean): string {
  if (from !== null && until !== null) return formatRange(from, until, utc);
  if (from !== null) return `from ${formatInstant(from, utc)}`;
  return until === null ? 'all data' : `until ${formatInstant(until, utc)}`;
}
