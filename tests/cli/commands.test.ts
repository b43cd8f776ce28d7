/** How the commands behave: what they print where, and with which exit status. */

import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { CLI, inRoot } from '../../scripts/lib/paths.mjs';
import { findPprof } from '../../scripts/lib/pprof.mjs';
import { emberglass } from './run.ts';

let folder: string;

/** What `go tool pprof` says; null where there is no Go. */
async function goPprof(...words: string[]): Promise<string | null> {
  const program = findPprof();
  return program === null ? null : (await promisify(execFile)(program, words, { maxBuffer: 64 << 20 })).stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emberglass-cli-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe.concurrent('info', () => {
  test('describes a profile', async () => {
    const { status, out, error } = await emberglass('info', 'go/heap.pb.gz', '--json');
    const { files, errors } = JSON.parse(out) as { files: Record<string, unknown>[]; errors: unknown[] };
    expect([status, error, errors]).toEqual([0, '', []]);
    expect(files[0]).toMatchObject({ file: 'go/heap.pb.gz', format: 'pprof', bytes: 7646, warnings: [] });
    const profiles = files[0]?.profiles as Record<string, unknown>[];
    expect(profiles.map(({ type }) => type)).toEqual([
      'memory:alloc_objects:count:space:bytes',
      'memory:alloc_space:bytes:space:bytes',
      'memory:inuse_objects:count:space:bytes',
      'memory:inuse_space:bytes:space:bytes',
    ]);
    expect(profiles[3]).toMatchObject({
      sample_type: 'inuse_space',
      unit: 'bytes',
      from: '2026-11-23T13:36:11.711706868Z',
      period: 16384,
      labels: {},
    });
  });

  test('prints a table for people', async () => {
    const { status, out } = await emberglass('info', 'go/cpu.pb.gz');
    expect(status).toBe(0);
    expect(out).toMatch(/^go\/cpu\.pb\.gz {2}pprof, 22\.9 KiB\n/);
    expect(out).toMatch(/process_cpu:cpu:nanoseconds:cpu:nanoseconds +\d[\d.]+ s .*2026-11-23 13:36:05\.525\n/);
  });

  test('answers the good files beside a bad one, and fails', async () => {
    const { status, out, error } = await emberglass('info', 'go/cpu.pb.gz', 'malformed/truncated.pb.gz', 'nowhere', 'go/mutex.pb.gz', '--json');
    const { files, errors } = JSON.parse(out) as { files: { file: string }[]; errors: { file: string; code: string; offset: unknown }[] };
    expect(status).toBe(1);
    expect(files.map(({ file }) => file)).toEqual(['go/cpu.pb.gz', 'go/mutex.pb.gz']);
    expect(errors.map(({ file }) => file)).toEqual(['malformed/truncated.pb.gz', 'nowhere']);
    expect(errors[1]).toEqual({ file: 'nowhere', code: 'not-found', message: 'no such file or folder', offset: null });
    expect(error).toContain('emberglass: nowhere: no such file or folder (not-found)\n');
  });

  test('answers all of a file but the total beyond 64 bits', async () => {
    const message = (field: number, ...body: number[]): number[] => [(field << 3) | 2, body.length, ...body];
    const largest = [...Array.from({ length: 8 }, () => 0xff), 0x7f];
    const samples = [...message(2, 0x08, 1, 0x12, 9, ...largest), ...message(2, 0x08, 2, 0x12, 1, 1)];
    const places = [1, 2].flatMap((id) => message(4, 0x08, id, 0x18, id));
    const path = join(folder, 'overflow.pb');
    await writeFile(path, Buffer.from([...message(1, 0x08, 1, 0x10, 1), ...samples, ...places, ...message(6), ...message(6, 0x61)]));
    const { status, out, error } = await emberglass('info', 'go/cpu.pb.gz', path, '--json');
    const { files, errors } = JSON.parse(out) as {
      files: { profiles: { total: number | null; samples: number }[]; warnings: { code: string; message: string; count: number }[] }[];
      errors: unknown[];
    };
    expect([status, error, errors]).toEqual([0, '', []]);
    expect(files.map(({ profiles }) => profiles.at(-1)?.total === null)).toEqual([false, true]);
    expect(files[1]?.profiles).toMatchObject([{ total: null, samples: 2 }]);
    expect(files[1]?.warnings).toMatchObject([{ code: 'value-overflow', message: 'the total is beyond 64 bits: a:a:a::', count: 1 }]);
    const shown = (await emberglass('info', path)).out;
    expect(shown).toMatch(/0 +a:a:a:: +overflow +2 /);
    expect(shown).toContain('warning: the total is beyond 64 bits: a:a:a:: (value-overflow)\n');
  });

  test('answers for a type beside one whose values add up beyond 64 bits', async () => {
    const message = (field: number, ...body: number[]): number[] => [(field << 3) | 2, body.length, ...body];
    const largest = [...Array.from({ length: 8 }, () => 0xff), 0x7f];
    const sample = (place: number, value: number): number[] => message(2, 0x08, place, 0x12, 10, ...largest, value);
    const place = (id: number): number[] => message(4, 0x08, id, 0x18, id);
    const path = join(folder, 'overflowing-type.pb');
    const types = [...message(1, 0x08, 1, 0x10, 1), ...message(1, 0x08, 2, 0x10, 2)];
    const strings = [...message(6), ...message(6, 0x61), ...message(6, 0x62)];
    await writeFile(path, Buffer.from([...types, ...sample(1, 3), ...sample(2, 4), ...place(1), ...place(2), ...strings]));
    const { status, out, error } = await emberglass('top', path, '--type', 'b', '--json');
    expect([status, error]).toEqual([0, '']);
    expect((JSON.parse(out) as { total: number }).total).toBe(7);
    expect(await emberglass('convert', path, '--type', 'b', '--to', 'folded')).toMatchObject({ status: 0, out: '0x1 3\n0x2 4\n' });
    expect(await emberglass('top', path, '--type', 'a')).toMatchObject({ status: 1 });
  });

  test('drops the frames that a file says to drop, if asked', async () => {
    const folded = async (...words: string[]): Promise<string[]> =>
      (await emberglass('convert', 'special/drop-frames.pb', '--type', 'samples', '--to', 'folded', ...words)).out.trim().split('\n');
    expect(await folded()).toContain('main;compute;runtime.mallocgc;memclr 3');
    const pruned = await folded('--drop-frames');
    expect(pruned).toContain('main;compute 10');
    expect(pruned.some((line) => line.includes('memclr'))).toBe(false);
  });

  test('walks folders in order, and skips what no format knows', async () => {
    const root = join(folder, 'walk');
    await mkdir(join(root, 'b', 'deep'), { recursive: true });
    for (const name of ['c.pb.gz', 'b/deep/a.pb.gz', 'a.pb.gz']) await copyFile(inRoot('tests', 'fixtures', 'go', 'mutex.pb.gz'), join(root, name));
    await writeFile(join(root, 'notes.txt'), 'not a profile\n');
    await writeFile(join(root, 'b', 'picture.png'), Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'));
    await symlink(root, join(root, 'b', 'loop'));
    const { status, out, error } = await emberglass('info', root, '--json');
    const { files, errors } = JSON.parse(out) as { files: { file: string }[]; errors: unknown[] };
    expect([status, errors]).toEqual([0, []]);
    expect(files.map(({ file }) => file)).toEqual(['a.pb.gz', 'b/deep/a.pb.gz', 'c.pb.gz'].map((name) => join(root, name)));
    expect(error).toBe(`emberglass: ${root}: warning: 2 files of no known format skipped (unrecognized-format)\n`);
  });

  test('a broken file in a folder fails', async () => {
    const root = join(folder, 'broken');
    await mkdir(root);
    await copyFile(inRoot('tests', 'fixtures', 'malformed', 'truncated.pb.gz'), join(root, 'truncated.pb.gz'));
    const { status, out } = await emberglass('info', root, '--json');
    expect([status, (JSON.parse(out) as { errors: unknown[] }).errors.length]).toEqual([1, 1]);
  });
});

describe.concurrent('top', () => {
  test('without rows it says how to get some', async () => {
    const { status, out } = await emberglass('top', 'go/cpu.pb.gz', '-n', '0');
    expect([status, out.endsWith('\nmore functions: -n 30\n')]).toEqual([0, true]);
  });

  test('counts the same bytes once', async () => {
    const copy = join(folder, 'copy.pb.gz');
    await copyFile(inRoot('tests', 'fixtures', 'go', 'cpu.pb.gz'), copy);
    const once = await emberglass('top', 'go/cpu.pb.gz', '--json');
    const twice = await emberglass('top', 'go/cpu.pb.gz', copy, '--json');
    expect(twice.out).toBe(once.out);
  });

  test('orders and cuts', async () => {
    const { out } = await emberglass('top', 'go/cpu.pb.gz', '--by', 'total', '-n', '3', '--json');
    const { functions } = JSON.parse(out) as { functions: { total: number }[] };
    expect(functions).toHaveLength(3);
    expect(functions.map(({ total }) => total)).toEqual(functions.map(({ total }) => total).sort((a, b) => b - a));
  });

  test('takes a type by its id or by its sample type', async () => {
    const short = await emberglass('top', 'go/heap.pb.gz', '--type', 'alloc_space', '--json');
    const full = await emberglass('top', 'go/heap.pb.gz', '--type', 'memory:alloc_space:bytes:space:bytes', '--json');
    expect(JSON.parse(short.out)).toMatchObject({ type: 'memory:alloc_space:bytes:space:bytes', unit: 'bytes' });
    expect(full.out).toBe(short.out);
  });

  test('prints a table for people', async () => {
    const { status, out } = await emberglass('top', 'go/cpu.pb.gz', '-n', '2');
    expect(status).toBe(0);
    const [heading = '', columns = '', ...rows] = out.trimEnd().split('\n');
    expect(heading).toMatch(/^process_cpu:cpu:nanoseconds:cpu:nanoseconds {2}total [\d.]+ s$/);
    expect(columns).toMatch(/^ *self +% +total +% +function +file$/);
    expect(rows.slice(0, 2).every((row) => /^ *\d+ ms +[\d.]+ % +\d/.test(row))).toBe(true);
    expect(rows[2]).toBe('more functions: -n 20');
  });

  test.each([
    [['top', 'go/cpu.pb.gz', 'go/heap.pb.gz', '--json'], /share no profile type.*go\/cpu\.pb\.gz: .*process_cpu:cpu.*go\/heap\.pb\.gz: .*memory:inuse_space/s],
    [['top', 'go/cpu.pb.gz', '--type', 'bytes'], /no file has the type "bytes"/],
    [['top', 'go/cpu.pb.gz', '--profile', '2'], /no profile 2/],
    [['top'], /needs a file/],
    [['top', 'README.md', '--frames'], /frames/],
    [[], /a command is missing/],
  ])('%j is wrong usage', async (words, message) => {
    const { status, out, error } = await emberglass(...words);
    expect([status, out]).toEqual([2, '']);
    expect(error).toMatch(message);
  });

  test('without any readable file it fails and prints nothing', async () => {
    const { status, out } = await emberglass('top', 'malformed/random.pb.gz', '--json');
    expect([status, out]).toEqual([1, '']);
  });
});

describe.concurrent('convert', () => {
  test('writes folded stacks, sorted, that add up', async () => {
    const { status, out } = await emberglass('convert', 'go/cpu.pb.gz', '--to', 'folded');
    const lines = out.trimEnd().split('\n');
    const { out: top } = await emberglass('top', 'go/cpu.pb.gz', '--json');
    expect(status).toBe(0);
    expect(lines).toEqual([...lines].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    const total = lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    expect(total).toBe((JSON.parse(top) as { total: number }).total);
  });

  test('counts the semicolons it replaced', async () => {
    const { status, out, error } = await emberglass('convert', 'special/weird-names.pb.gz', '--to', 'folded');
    expect(status).toBe(0);
    expect(error).toMatch(/^emberglass: warning: .+ \([a-z-]+(, \d+ times)?\)\n$/m);
    expect(out.trimEnd().split('\n').every((line) => / -?\d+$/.test(line))).toBe(true);
  });

  test('writes flamebearer JSON to a file', async () => {
    const out = join(folder, 'cpu.json');
    const answer = await emberglass('convert', 'go/cpu.pb.gz', '--to', 'flamebearer', '-o', out);
    expect(answer).toEqual({ status: 0, out: '', error: '' });
    const { flamebearer } = JSON.parse(await readFile(out, 'utf8')) as { flamebearer: { names: string[]; levels: number[][]; numTicks: number } };
    expect(flamebearer.names[0]).toBe('total');
    expect(flamebearer.levels[0]).toEqual([0, flamebearer.numTicks, 0, 0]);
  });

  test('lists what it writes, and takes the format from the name of the output', async () => {
    const { status, out } = await emberglass('convert', '--to', 'help');
    const names = out.trimEnd().split('\n').slice(1).map((line) => line.split(' ')[0]);
    expect([status, names.slice(0, 5)]).toEqual([0, ['pprof', 'folded', 'speedscope', 'gecko', 'flamebearer']]);
    const file = join(folder, 'by-name.speedscope.json');
    expect(await emberglass('convert', 'go/heap.pb.gz', '-o', file)).toEqual({ status: 0, out: '', error: '' });
    const { profiles } = JSON.parse(await readFile(file, 'utf8')) as { profiles: { name: string }[] };
    expect(profiles.map(({ name }) => name)).toEqual(['alloc_objects', 'alloc_space', 'inuse_objects', 'inuse_space']);
    const wrong = await emberglass('convert', 'go/heap.pb.gz', '--to', 'lace');
    expect([wrong.status, wrong.error]).toEqual([2, expect.stringContaining('--to takes one of pprof, folded, speedscope, gecko, flamebearer')]);
    expect((await emberglass('convert', 'go/heap.pb.gz')).status).toBe(2);
  });

  test.for(['go/heap.pb.gz', 'java/app.jfr', 'perf/threads.perf.txt', 'special/inlined-unpacked-nomapping.pb.gz'])(
    'go tool pprof agrees about %s as pprof',
    { timeout: 60_000 },
    async (name, { skip }) => {
      const file = join(folder, `${name.replaceAll('/', '-')}.pb.gz`);
      expect((await emberglass('convert', name, '--to', 'pprof', '-o', file)).status).toBe(0);
      const raw = await goPprof('-raw', file);
      if (raw === null) return skip('go is not here: its pprof was not asked');
      const [types = '', ...rows] = raw.slice(raw.indexOf('Samples:\n') + 9, raw.indexOf('Locations\n')).split('\n');
      const sums = types.trim().split(/\s+/).map(() => 0n);
      for (const row of rows) {
        const values = /^((?:\s+-?\d+)+): /.exec(row)?.[1]?.trim().split(/\s+/) ?? [];
        values.forEach((value, at) => (sums[at] = (sums[at] ?? 0n) + BigInt(value)));
      }
      const { out } = await emberglass('info', file, '--json');
      const { files } = JSON.parse(out) as { files: { profiles: { sample_type: string; unit: string; total: number }[] }[] };
      const profiles = files[0]?.profiles ?? [];
      expect(types.trim().split(/\s+/).map((type) => type.replace('[dflt]', ''))).toEqual(profiles.map(({ sample_type, unit }) => `${sample_type}/${unit}`));
      expect(sums).toEqual(profiles.map(({ total }) => BigInt(total)));
      const type = profiles.at(-1)?.sample_type ?? '';
      const top = await goPprof('-top', '-nodecount=1', `-sample_index=${type}`, file);
      const ours = JSON.parse((await emberglass('top', file, '--type', type, '-n', '1', '--json')).out) as { functions: { name: string }[] };
      expect(top).toContain(ours.functions[0]?.name);
    },
  );

  test('a file that cannot be written is an error', async () => {
    const { status, error } = await emberglass('convert', 'go/cpu.pb.gz', '--to', 'folded', '-o', join(folder, 'no', 'such', 'folder'));
    expect(status).toBe(1);
    expect(error).toMatch(/^emberglass: .*no such file or folder \(write-failed\)\n$/);
  });
});

describe.concurrent('the program', () => {
  test('says its version and its help', async () => {
    const { version } = JSON.parse(await readFile(inRoot('package.json'), 'utf8')) as { version: string };
    expect(await emberglass('--version')).toEqual({ status: 0, out: `emberglass ${version}\n`, error: '' });
    const help = await emberglass('--help');
    expect([help.status, help.error]).toEqual([0, '']);
    expect(help.out).toContain('emberglass convert FILE...');
  });

  test('a reader that leaves early is no error', async () => {
    const script = `"${process.execPath}" "${join(CLI, 'emberglass.mjs')}" convert go/allocs.pb.gz go/allocs.pb.gz --to flamebearer | true; exit "\${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', script], { cwd: inRoot('tests', 'fixtures'), stdio: ['ignore', 'ignore', 'pipe'] });
    let error = '';
    child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect([status, error]).toEqual([0, '']);
  });
});
