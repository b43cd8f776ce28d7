/** What `go tool pprof` answers about files of tests/fixtures. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';

import { Profile } from 'pprof-format';

import { inRoot } from '../../scripts/lib/paths.mjs';
import { findPprof } from '../../scripts/lib/pprof.mjs';

/** Own and inclusive values of functions by name. */
export type Values = Map<string, { self: bigint; total: bigint }>;

export interface Answer {
  /** Sum of the samples that are left. */
  total: bigint;
  /** Functions with a value other than 0. */
  values: Values;
}

const run = promisify(execFile);
/** Everything: neither small functions nor small calls are left out, and no name is changed. */
const ALL = ['-symbolize=none', '-nodecount=1000000', '-nodefraction=0', '-edgefraction=0'];

const PPROF = findPprof();

export const hasPprof = PPROF !== null;

/** Runs a report that is a profile: those round nothing. */
async function profile(report: string, words: readonly string[]): Promise<Profile> {
  const folder = mkdtempSync(join(tmpdir(), 'pprof-'));
  try {
    const output = join(folder, 'report.pb.gz');
    const options = { cwd: inRoot('tests', 'fixtures'), env: { ...process.env, PPROF_TMPDIR: folder } };
    await run(PPROF ?? 'pprof', [report, ...ALL, `-output=${output}`, ...words], options);
    return Profile.decode(gunzipSync(readFileSync(output)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The rows of `-top` and the total, in `unit`, the unit of the type. */
export async function pprof(files: readonly string[], type: string, unit: string, ...flags: string[]): Promise<Answer> {
  const words = [`-sample_index=${type}`, `-unit=${unit}`, ...flags, ...files];
  const [top, samples] = await Promise.all([profile('-topproto', words), profile('-proto', words)]);
  return { total: totalOf(samples, type), values: valuesOf(top) };
}

/** The reader gives negative numbers as what they are without a sign. */
const signed = (value: number | bigint): bigint => BigInt.asIntN(64, BigInt(value));
const text = (of: Profile, at: number | bigint): string => of.stringTable.strings[Number(at)] ?? '';

function totalOf(of: Profile, type: string): bigint {
  const column = of.sampleType.findIndex((known) => text(of, known.type) === type);
  return of.sample.reduce((sum, { value }) => sum + signed(value[column] ?? 0), 0n);
}

/** Each sample of what `-topproto` writes is a function with its inclusive and its own value. */
function valuesOf(top: Profile): Values {
  const functions = new Map(top.function.map((of) => [Number(of.id), text(top, of.name)]));
  const locations = new Map(top.location.map((of) => [Number(of.id), functions.get(Number(of.line[0]?.functionId)) ?? '']));
  const values: Values = new Map();
  for (const sample of top.sample) {
    const name = locations.get(Number(sample.locationId[0])) ?? '';
    const [total = 0n, self = 0n] = sample.value.map(signed);
    if (values.has(name)) throw new Error(`pprof has ${name} twice`);
    if (self !== 0n || total !== 0n) values.set(name, { self, total });
  }
  return values;
}
