/**
 * Numbers as people say them: three significant digits with a unit, and the exact value beside it.
 * Pure functions without locale surprises: a thousands comma and a decimal point everywhere, as on the command line.
 */

/** A step of a unit family: values of at least `from` base units are written in `name`. */
interface Step {
  name: string;
  size: number;
}

const TIME: readonly Step[] = [
  { name: 'ns', size: 1 },
  { name: 'µs', size: 1e3 },
  { name: 'ms', size: 1e6 },
  { name: 's', size: 1e9 },
  { name: 'min', size: 60e9 },
  { name: 'h', size: 3600e9 },
  { name: 'd', size: 86400e9 },
];

const BYTES: readonly Step[] = [
  { name: 'B', size: 1 },
  { name: 'KiB', size: 2 ** 10 },
  { name: 'MiB', size: 2 ** 20 },
  { name: 'GiB', size: 2 ** 30 },
  { name: 'TiB', size: 2 ** 40 },
  { name: 'PiB', size: 2 ** 50 },
  { name: 'EiB', size: 2 ** 60 },
];

/** Units of profiles that belong to a family, with their size in the family's base unit. */
const FAMILIES: Readonly<Record<string, { steps: readonly Step[]; factor: number }>> = {
  nanoseconds: { steps: TIME, factor: 1 },
  microseconds: { steps: TIME, factor: 1e3 },
  milliseconds: { steps: TIME, factor: 1e6 },
  seconds: { steps: TIME, factor: 1e9 },
  bytes: { steps: BYTES, factor: 1 },
  kilobytes: { steps: BYTES, factor: 2 ** 10 },
  megabytes: { steps: BYTES, factor: 2 ** 20 },
};

const EXACT_NAMES: Readonly<Record<string, string>> = {
  nanoseconds: 'ns',
  microseconds: 'µs',
  milliseconds: 'ms',
  seconds: 's',
  bytes: 'B',
  kilobytes: 'KiB',
  megabytes: 'MiB',
  count: '',
};

/** Digits with a comma between groups of three; `-` in front where negative. */
export function groupDigits(integer: bigint | number): string {
  const text = String(integer);
  const sign = text.startsWith('-') ? '-' : '';
  return sign + text.slice(sign.length).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A non-negative number below 10,000 with three significant digits: `1.23`, `12.3`, `123`, `1,023`. */
function threeDigits(value: number): string {
  if (value >= 99.95) return groupDigits(Math.round(value));
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Rounded as `threeDigits` rounds, to see whether a value reaches the next unit. */
function rounded(value: number): number {
  if (value >= 99.95) return Math.round(value);
  return value >= 9.995 ? Math.round(value * 10) / 10 : Math.round(value * 100) / 100;
}

function inFamily(value: number, steps: readonly Step[]): string {
  const size = Math.abs(value);
  let row = 0;
  while (row + 1 < steps.length) {
    const here = steps[row] as Step;
    const next = steps[row + 1] as Step;
    if (rounded(size / here.size) * here.size < next.size) break;
    row += 1;
  }
  const step = steps[row] as Step;
  const scaled = size / step.size;
  const sign = value < 0 ? '-' : '';
  if (row === 0 && Number.isInteger(scaled)) return `${sign}${groupDigits(scaled)} ${step.name}`;
  return `${sign}${threeDigits(scaled)} ${step.name}`;
}

/** A value times 10^-scale as a plain decimal with grouped digits; no digit is lost. */
export function formatDecimal(value: bigint, scale = 0): string {
  if (scale === 0) return groupDigits(value);
  const negative = value < 0n;
  const digits = String(negative ? -value : value).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  const text = groupDigits(BigInt(whole)) + (fraction === '' ? '' : `.${fraction}`);
  return negative ? `-${text}` : text;
}

/**
 * A profile value for reading: `33.7 s`, `1.20 GiB`, `13,259,425`.
 * `unit` is the unit of the profile type; `scale` is the number of decimals the value carries.
 */
export function formatValue(value: bigint, unit: string, scale = 0): string {
  const family = FAMILIES[unit];
  if (family !== undefined) return inFamily((Number(value) / 10 ** scale) * family.factor, family.steps);
  const noun = unit === '' || unit === 'count' ? '' : ` ${unit}`;
  if (scale === 0) return groupDigits(value) + noun;
  const plain = Number(value) / 10 ** scale;
  const sign = plain < 0 ? '-' : '';
  return sign + (Math.abs(plain) < 1000 ? threeDigits(Math.abs(plain)) : groupDigits(Math.round(Math.abs(plain)))) + noun;
}

/** The exact value with its unit, for tooltips and copies: `33,712,345,678 ns`. */
export function exactValue(value: bigint, unit: string, scale = 0): string {
  const name = EXACT_NAMES[unit] ?? unit;
  const text = formatDecimal(value, scale);
  return name === '' ? text : `${text} ${name}`;
}

/** A share in percent: `12.4 %`, `0.53 %`, `<0.01 %`; `0 %` of nothing. */
export function formatPercent(part: bigint, whole: bigint): string {
  if (whole === 0n || part === 0n) return '0 %';
  const share = (Number(part) / Number(whole)) * 100;
  const size = Math.abs(share);
  const sign = share < 0 ? '-' : '';
  if (size < 0.01) return `${sign}<0.01 %`;
  if (part === whole) return '100 %';
  const text = size >= 9.995 ? size.toFixed(1) : size.toFixed(2);
  return `${sign}${text} %`;
}

/** A size in bytes: `1.20 GiB`. */
export function formatBytes(bytes: number): string {
  return inFamily(bytes, BYTES);
}

/** A duration in nanoseconds: `33.7 s`. */
export function formatDuration(nanoseconds: bigint | number): string {
  return inFamily(Number(nanoseconds), TIME);
}

/** A count with its noun, in the singular for one: `1 profile`, `4,821 samples`. */
export function formatCount(count: number | bigint, singular: string, plural = `${singular}s`): string {
  return `${groupDigits(count)} ${count === 1 || count === 1n ? singular : plural}`;
}

/** The short name of a profile type id for people: `process_cpu:cpu:nanoseconds:cpu:nanoseconds` is `process_cpu:cpu`. */
export function shortType(profileType: string): string {
  return profileType.split(':').slice(0, 2).join(':');
}
