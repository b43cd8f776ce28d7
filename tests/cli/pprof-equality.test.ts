/** Frame filters, tag filters and differences have the numbers that `go tool pprof` has. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { parseExact } from '../../www/cli/exact.ts';
import type { Answer, Values } from './pprof.ts';
import { hasPprof, pprof } from './pprof.ts';
import { emberglass } from './run.ts';

interface Case {
  files: string[];
  type: string;
  unit: string;
  /** Expressions that some frames match: of names, of files, of binaries. */
  tests: string[];
}

const SERIES = 'series/checkout';
const CASES: Case[] = [
  { files: ['go/cpu.pb.gz'], type: 'cpu', unit: 'nanoseconds', tests: ['^main\\.', 'runtime', 'sort|json', 'mallocgc$', 'shop/main\\.go', 'bin/shop', 'no such frame'] },
  { files: ['go/allocs.pb.gz'], type: 'alloc_space', unit: 'bytes', tests: ['^main\\.', 'encoding/', 'runtime'] },
  { files: ['go/heap.pb.gz'], type: 'inuse_space', unit: 'bytes', tests: ['^main\\.', 'runtime\\.'] },
  { files: ['go/mutex.pb.gz'], type: 'delay', unit: 'nanoseconds', tests: ['cachePut', 'sync'] },
  { files: ['go/block.pb.gz'], type: 'contentions', unit: 'count', tests: ['sync', 'chan'] },
  { files: ['go/goroutine.pb.gz'], type: 'goroutine', unit: 'count', tests: ['gopark', 'parkHere'] },
  { files: ['go/threadcreate.pb.gz'], type: 'threadcreate', unit: 'count', tests: ['.'] },
  { files: ['rust/mill.pb'], type: 'cpu', unit: 'nanoseconds', tests: ['mill', 'core::|std::', 'libc'] },
  { files: ['ruby/rbspy.pprof.gz'], type: 'wall', unit: 'nanoseconds', tests: ['main', 'block', '\\.rb'] },
  { files: ['special/inlined-unpacked-nomapping.pb.gz'], type: 'cpu', unit: 'nanoseconds', tests: ['.', 'inlined'] },
  { files: ['special/weird-names.pb.gz'], type: 'cpu', unit: 'nanoseconds', tests: [' ', ';'] },
  { files: [`${SERIES}/eu/1795441002.pb.gz`, `${SERIES}/us/1795441002.pb.gz`], type: 'cpu', unit: 'nanoseconds', tests: ['^main\\.', 'runtime', 'checkout'] },
];

/** The same filter for both, in the order in which pprof applies its own. */
const FRAME_VERBS = { focus: '-focus', ignore: '-ignore', hide: '-hide', show: '-show', 'show-from': '-show_from' } as const;
type FrameVerb = keyof typeof FRAME_VERBS;

interface Row {
  name: string;
  self: string;
  total: string;
}

interface Stack {
  stack: string[];
  self: string;
}

/** An answer of `diff`. */
interface Difference {
  base_total: string;
  head_total: string;
  functions: { name: string; base_self: string; head_self: string; base_total: string; head_total: string }[];
}

async function answer<T>(...words: string[]): Promise<T> {
  const { out, error, status } = await emberglass(...words);
  expect(status, error).toBe(0);
  return parseExact(out) as T;
}

/** What the frame of a label without a value is called. */
const UNKNOWN = '(unknown)';

/** pprof tells functions apart by name: own and inclusive values from the stacks. */
function byName(stacks: readonly Stack[]): Values {
  const values: Values = new Map();
  for (const { stack, self } of stacks) {
    for (const name of new Set(stack)) {
      const known = values.get(name) ?? { self: 0n, total: 0n };
      const own = name === stack.at(-1) ? BigInt(self) : 0n;
      values.set(name, { self: known.self + own, total: known.total + BigInt(self) });
    }
  }
  for (const [name, { self, total }] of values) if (self === 0n && total === 0n) values.delete(name);
  const unknown = values.get(UNKNOWN);
  if (unknown !== undefined) values.set('', unknown);
  values.delete(UNKNOWN);
  return values;
}

function changes(functions: Difference['functions']): Values {
  const rows = functions.map((row): [string, { self: bigint; total: bigint }] => {
    const self = BigInt(row.head_self) - BigInt(row.base_self);
    return [row.name, { self, total: BigInt(row.head_total) - BigInt(row.base_total) }];
  });
  return new Map(rows.filter(([, { self, total }]) => self !== 0n || total !== 0n));
}

async function ours({ files, type }: Case, filters: readonly string[]): Promise<Answer> {
  const words = ['query', ...files, '--select', type, '--aggregate', 'sum', '--json', '--drop-frames', ...filters.flatMap((filter) => ['--filter', filter])];
  const [{ total, stacks }, { functions }] = await Promise.all([
    answer<{ total: string; stacks: Stack[] }>(...words, '--view', 'stacks'),
    answer<{ functions: Row[] }>(...words, '--view', 'top'),
  ]);
  const values = byName(stacks);
  // The top table tells apart what has the same name in two files.
  const isAlone = (name: string): boolean => functions.filter((row) => row.name === name).length === 1;
  const rows = functions.filter(({ name, self, total }) => isAlone(name) && !(self === '0' && total === '0'));
  expect(rows.length).toBeGreaterThan(functions.length / 2 - 1);
  for (const { name, self, total } of rows) expect({ self: BigInt(self), total: BigInt(total) }, name).toEqual(values.get(name === UNKNOWN ? '' : name));
  return { total: BigInt(total), values };
}

async function expectEqual(of: Case, filters: readonly string[], flags: readonly string[]): Promise<Answer> {
  const [found, expected] = await Promise.all([ours(of, filters), pprof(of.files, of.type, of.unit, ...flags)]);
  expect(found, flags.join(' ')).toEqual(expected);
  return expected;
}

const named = ({ files }: Case): string => files.join(' and ');
const frames = (verb: FrameVerb, expression: string): [string, string] => [`${verb}:/${expression}/`, `${FRAME_VERBS[verb]}=${expression}`];

describe.skipIf(!hasPprof)('as go tool pprof (skipped without Go)', () => {
  test.each(CASES)('the functions of $files', async (of) => {
    await expectEqual(of, [], []);
  });

  for (const of of CASES) {
    test.each(Object.keys(FRAME_VERBS) as FrameVerb[])(`%s in ${named(of)}`, async (verb) => {
      for (const expression of of.tests) {
        const [filter, flag] = frames(verb, expression);
        await expectEqual(of, [filter], [flag]);
      }
    });
  }

  test('several filters at once', async () => {
    const [cpu] = CASES as [Case];
    const wanted = [frames('focus', '^main\\.'), frames('ignore', 'mallocgc$'), frames('hide', 'runtime'), frames('show-from', 'json|sort')];
    const left = await expectEqual(cpu, wanted.map(([filter]) => filter), wanted.map(([, flag]) => flag));
    expect(left.values.size).toBeGreaterThan(3);
  });

  test.each([
    { filter: 'tagfocus:tenant=/acme|globex/', flag: '-tagfocus=tenant=acme|globex' },
    { filter: 'tagfocus:/tenant:a/', flag: '-tagfocus=tenant:a' },
    { filter: 'tagfocus:/acme|search/', flag: '-tagfocus=acme|search' },
    { filter: 'tagfocus:pod=/./', flag: '-tagfocus=pod=.' },
    { filter: 'tagignore:handler=/search/', flag: '-tagignore=handler=search' },
    { filter: 'tagignore:/^handler/', flag: '-tagignore=^handler' },
  ])('$flag', async ({ filter, flag }) => {
    const of = CASES.filter(({ type }) => type === 'cpu').filter(({ files }) => files.some((file) => file.startsWith('go/') || file.startsWith(SERIES)));
    expect(of).toHaveLength(2);
    for (const one of of) await expectEqual(one, [filter], [flag]);
  });

  test.each([
    { filter: 'tagfocus:bytes=16kb', flag: '-tagfocus=bytes=16kb' },
    { filter: 'tagfocus:4kb:', flag: '-tagfocus=4kb:' },
    { filter: 'tagfocus::1kb', flag: '-tagfocus=:1kb' },
    { filter: 'tagignore:bytes=100b:8kb', flag: '-tagignore=bytes=100b:8kb' },
    { filter: 'tagfocus:bytes=5', flag: '-tagfocus=bytes=5' },
  ])('$flag in a heap', async ({ filter, flag }) => {
    for (const type of ['alloc_space', 'inuse_space']) {
      await expectEqual({ files: ['go/heap.pb.gz'], type, unit: 'bytes', tests: [] }, [filter], [flag]);
    }
  });

  test.each([
    { filters: ['tagroot:tenant'], flags: ['-tagroot=tenant'] },
    { filters: ['tagroot:handler,tenant'], flags: ['-tagroot=handler,tenant'] },
    { filters: ['tagleaf:handler'], flags: ['-tagleaf=handler'] },
    { filters: ['tagroot:tenant', 'tagleaf:handler,pod'], flags: ['-tagroot=tenant', '-tagleaf=handler,pod'] },
    { filters: ['tagroot:tenant', 'focus:/^acme$/'], flags: ['-tagroot=tenant', '-focus=^acme$'] },
    { filters: ['tagroot:tenant', 'tagignore:tenant=/acme/', 'show-from:/handle|globex/'], flags: ['-tagroot=tenant', '-tagignore=tenant=acme', '-show_from=handle|globex'] },
    { filters: ['tagleaf:tenant', 'hide:/^tenant$/'], flags: ['-tagleaf=tenant', '-hide=^tenant$'] },
  ])('$flags', async ({ filters, flags }) => {
    const [cpu] = CASES as [Case];
    await expectEqual(cpu, filters, flags);
  });

  test('numbers as frames', async () => {
    const [filters, flags] = [['tagroot:bytes'], ['-tagroot=bytes']];
    await expectEqual({ files: ['go/heap.pb.gz'], type: 'alloc_space', unit: 'bytes', tests: [] }, filters, flags);
  });

  test('top, convert and diff filter as query does', async () => {
    const [cpu] = CASES as [Case];
    const [filter, flag] = frames('hide', '^runtime');
    const { values } = await pprof(cpu.files, cpu.type, cpu.unit, flag);
    const { functions } = await answer<{ functions: Row[] }>('top', ...cpu.files, '--type', 'cpu', '--filter', filter, '--json');
    expect(new Map(functions.map(({ name, self, total }) => [name, { self: BigInt(self), total: BigInt(total) }]))).toEqual(values);

    const folder = mkdtempSync(join(tmpdir(), 'emberglass-'));
    const out = join(folder, 'out.pb.gz');
    const converted = await emberglass('convert', ...cpu.files, '--to', 'pprof', '--filter', filter, '-o', out);
    expect(converted.status, converted.error).toBe(0);
    expect((await pprof([out], cpu.type, cpu.unit)).values).toEqual(values);
    rmSync(folder, { recursive: true });

    const [base, head] = [`${SERIES}/eu/1795441002.pb.gz`, `${SERIES}/eu/1795441024.pb.gz`];
    const difference = await answer<Difference>('diff', base, head, '--type', 'cpu', '--filter', filter, '--json');
    expect(changes(difference.functions)).toEqual((await pprof([head], 'cpu', 'nanoseconds', `-diff_base=${base}`, flag)).values);
  });

  test.each(['-diff_base', '-base'])('a difference as %s', async (flag) => {
    const [base, head] = [`${SERIES}/eu/1795441002.pb.gz`, `${SERIES}/eu/1795441024.pb.gz`];
    const { functions, base_total, head_total } = await answer<Difference>('diff', base, head, '--type', 'cpu', '--json');
    const { total, values } = await pprof([head], 'cpu', 'nanoseconds', `${flag}=${base}`);
    expect(changes(functions)).toEqual(values);
    expect(BigInt(head_total) - BigInt(base_total)).toBe(total);
  });
});
