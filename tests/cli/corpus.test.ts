/**
 * The command line over recorded pprof profiles: totals, sample counts, self and total values of every sample type are
 * exactly those of an independent reader (FILE.expected.json). Numbers are compared as texts, because they need all 64 bits.
 */

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

import { describe, expect, test } from 'vitest';

import { inRoot } from '../../scripts/lib/paths.mjs';
import { filesBelow } from '../../scripts/lib/stamps.mjs';
import { parseExact } from '../../www/cli/exact.ts';
import { emberglass } from './run.ts';

type Values = [name: string, value: string][];

interface Expected {
  profiles: { type: string; unit: string; total: string; samples: string; top_self: Values; top_total: Values }[];
}

interface Info {
  files: { profiles: { sample_type: string; unit: string; total: string; samples: string }[] }[];
  errors: unknown[];
}

interface Top {
  type: string;
  unit: string;
  total: string;
  functions: { name: string; self: string; total: string }[];
}

/** Units that are stored as another, with their size in it. */
const FACTORS: Readonly<Record<string, bigint>> = { microseconds: 1_000n, milliseconds: 1_000_000n, seconds: 1_000_000_000n };

const FIXTURES = inRoot('tests', 'fixtures');
const SUFFIX = '.expected.json';
const recorded = filesBelow([FIXTURES])
  .filter((path) => /(pprof\.gz|\.pb|\.pb\.gz)\.expected\.json$/.test(path) && !path.includes('otlp'))
  .map((path) => relative(FIXTURES, path.slice(0, -SUFFIX.length)));

function readExpected<T>(path: string): T {
  return parseExact(readFileSync(inRoot('tests', 'fixtures', path + SUFFIX), 'utf8')) as T;
}

async function top(...words: string[]): Promise<Top> {
  const { status, out, error } = await emberglass('top', ...words, '--json');
  expect([status, error]).toEqual([0, '']);
  return parseExact(out) as Top;
}

/** Values by name: self values of functions that share it add up; their totals lie between the largest and the sum. */
function byName(functions: Top['functions']) {
  const named = new Map<string, { self: bigint; totals: bigint[] }>();
  for (const { name, self, total } of functions) {
    const entry = named.get(name) ?? { self: 0n, totals: [] };
    named.set(name, { self: entry.self + BigInt(self), totals: [...entry.totals, BigInt(total)] });
  }
  return named;
}

function expectValues({ functions }: Top, selfs: Values, totals: Values, factor: bigint): void {
  const named = byName(functions);
  for (const [name, value] of selfs) expect([name, named.get(name)?.self]).toEqual([name, BigInt(value) * factor]);
  for (const [name, value] of totals) {
    const found = named.get(name)?.totals ?? [];
    const wanted = BigInt(value) * factor;
    const sum = found.reduce((a, b) => a + b, 0n);
    const holds = found.length <= 1 ? sum === wanted : wanted <= sum && found.every((total) => total <= wanted);
    expect(holds, `total of ${name}: ${found.join(', ')} for ${wanted}`).toBe(true);
  }
}

describe.concurrent('recorded profiles', () => {
  test.each(recorded)('%s', async (path) => {
    const expected = readExpected<Expected>(path);
    const { status, out } = await emberglass('info', path, '--json');
    const info = parseExact(out) as Info;
    expect([status, info.errors]).toEqual([0, []]);
    const profiles = info.files[0]?.profiles ?? [];
    expect(profiles.map(({ total, samples }) => [total, samples])).toEqual(
      expected.profiles.map(({ unit, total, samples }) => [String(BigInt(total) * (FACTORS[unit] ?? 1n)), samples]),
    );
    for (const [number, { unit, total, top_self, top_total }] of expected.profiles.entries()) {
      const factor = FACTORS[unit] ?? 1n;
      const answer = await top(path, '--profile', String(number));
      expect(answer.total).toBe(String(BigInt(total) * factor));
      expectValues(answer, top_self, top_total, factor);
    }
  });

  test.each(['eu', 'us'])('30 profiles of checkout/%s add up', async (region) => {
    interface Part {
      total: string;
      top_self: Values;
      top_total: Values;
    }
    const { series } = readExpected<{ series: Record<string, { merged_total: string; split_time_nanos: string; before: Part; after: Part }> }>('series/series');
    const expected = series[`checkout/${region}`];
    if (expected === undefined) throw new Error('no such series');
    const folder = `series/checkout/${region}`;
    const files = filesBelow([inRoot('tests', 'fixtures', folder)]).filter((path) => path.endsWith('.pb.gz'));
    expect((await top(...files, '--type', 'cpu')).total).toBe(expected.merged_total);
    for (const [part, chosen] of [
      [expected.before, files.slice(0, 15)],
      [expected.after, files.slice(15)],
    ] as const) {
      const answer = await top(...chosen, '--type', 'cpu');
      expect(answer.total).toBe(part.total);
      expectValues(answer, part.top_self, part.top_total, 1n);
    }
  });
});

describe.concurrent('malformed files', () => {
  const malformed = filesBelow([inRoot('tests', 'fixtures', 'malformed')]).filter((path) => !path.endsWith('.json'));
  test.each(malformed.map((path) => relative(FIXTURES, path)))('%s is refused with a code', async (path) => {
    const { status, out, error } = await emberglass('info', path, '--json');
    const { files, errors } = parseExact(out) as { files: unknown[]; errors: { file: string; code: string; message: string }[] };
    expect([status, files, errors.length]).toEqual([1, [], 1]);
    expect(errors[0]).toMatchObject({ file: path, code: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/) as string });
    expect(error).toMatch(new RegExp(`^emberglass: ${path}: .+ \\(${errors[0]?.code ?? ''}(, at byte \\d+)?\\)\n$`));
  });
});
