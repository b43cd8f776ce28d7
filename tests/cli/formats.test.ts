/**
 * The command line over recorded profiles of every other format, against an independent reader (FILE.expected.json).
 *
 * Each expected profile has an entry of the same total and number of samples, after conversion to the base unit, and
 * that entry's top table holds the expected self and total values. Times that are expected in seconds are rounded to
 * microseconds there, and compared as such; integers are compared exactly.
 */

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

import { describe, expect, test } from 'vitest';

import { inRoot } from '../../scripts/lib/paths.mjs';
import { filesBelow } from '../../scripts/lib/stamps.mjs';
import { emberglass } from './run.ts';

type Values = [name: string, value: number][];

interface Profile {
  type: string;
  unit: string;
  total: number;
  samples?: number;
  top_self: Values;
  top_total: Values;
}

interface Entry {
  total: number;
  samples: number;
}

interface Row {
  name: string;
  self: number;
  total: number;
}

/** What one of a source's units may be in base units. */
const FACTORS: Readonly<Record<string, readonly number[]>> = {
  microseconds: [1e3],
  milliseconds: [1e6],
  seconds: [1e9],
  Seconds: [1e9],
  'Time_(10ns)': [1, 10],
};

const FIXTURES = inRoot('tests', 'fixtures');
const SUFFIX = '.expected.json';
const recorded = filesBelow([FIXTURES])
  .filter((path) => path.endsWith(SUFFIX) && !/(series|malformed|pprof\.gz|(?<!otlp)\.pb|(?<!otlp)\.pb\.gz)\.expected\.json$/.test(path))
  .map((path) => relative(FIXTURES, path.slice(0, -SUFFIX.length)));

function isNear(got: number, wanted: number, factor: number): boolean {
  if (factor === 1) return Number.isInteger(wanted) ? got === wanted : Math.abs(got - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted));
  return Math.abs(got - wanted * factor) <= Math.max(2e-6 * Math.abs(wanted * factor), 0.5e-6 * factor + 1);
}

/** The functions of an expected name, which is cut after 400 characters where it is very long. */
function named(rows: Row[], name: string): Row[] {
  const exact = rows.filter((row) => row.name === name);
  if (exact.length > 0) return exact;
  const start = name.slice(0, 400);
  return rows.filter((row) => row.name.trim() === name.trim() || (name.includes('…[') && row.name.startsWith(start)));
}

/** What does not hold of an expected profile in a top table; empty if all does. */
function faults(rows: Row[], { top_self, top_total }: Profile, factor: number): string[] {
  const found: string[] = [];
  for (const [name, value] of top_self) {
    const self = named(rows, name).reduce((sum, row) => sum + row.self, 0);
    if (!isNear(self, value, factor)) found.push(`self of ${name}: ${self} for ${value}`);
  }
  for (const [name, value] of top_total) {
    const totals = named(rows, name).map((row) => row.total);
    const sum = totals.reduce((a, b) => a + b, 0);
    // A name counts once a stack there, a function here: of several functions the name's total lies between.
    const between = totals.length > 1 && Math.max(...totals) <= value * factor * 1.000001 && value * factor <= sum * 1.000001;
    if (!isNear(sum, value, factor) && !between) found.push(`total of ${name}: ${sum} for ${value}`);
  }
  return found;
}

async function answer<T>(...words: string[]): Promise<T> {
  const { status, out, error } = await emberglass(...words, '--json');
  expect(status, error).toBe(0);
  return JSON.parse(out) as T;
}

describe.concurrent('recorded profiles of other formats', () => {
  test.each(recorded)('%s', { timeout: 60_000 }, async (path) => {
    const expected = JSON.parse(readFileSync(inRoot('tests', 'fixtures', path + SUFFIX), 'utf8')) as { format: string; profiles: Profile[] };
    const entries = (await answer<{ files: { profiles: Entry[] }[] }>('info', path)).files[0]?.profiles ?? [];
    const used = new Set<number>();
    for (const profile of expected.profiles.filter(({ type }) => !type.endsWith('/backward'))) {
      const tried: string[] = [];
      let holds = false;
      for (const factor of FACTORS[profile.unit] ?? [1]) {
        for (const [number, { total, samples }] of entries.entries()) {
          if (holds || used.has(number) || !isNear(total, profile.total, factor)) continue;
          const counts = profile.samples === undefined || samples === profile.samples || expected.format.includes('pstats');
          if (!counts) {
            tried.push(`entry ${number} has ${samples} samples, not ${profile.samples ?? 0}`);
            continue;
          }
          // A recording without symbols has no names to compare.
          const { functions } = await answer<{ functions: Row[] }>('top', path, '--profile', String(number));
          const wrong = path.endsWith('.perf.data') ? [] : faults(functions, profile, factor);
          holds = wrong.length === 0;
          if (holds) used.add(number);
          else tried.push(...wrong);
        }
      }
      expect(holds, `${profile.type} [${profile.unit}] ${profile.total}: ${tried.slice(0, 3).join('; ') || 'no entry has this total'}`).toBe(true);
    }
  });
});
