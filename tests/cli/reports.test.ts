/** The reports that `convert` writes, as files. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { formatValue } from '../../www/engine/format.ts';
import { DrawList } from '../../www/flamegraph/draw-list.ts';
import { readReport } from '../../www/report/payload.ts';
import { ReportSource } from '../../www/report/source.ts';
import { emberglass } from './run.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emberglass-reports-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** The text of a report of a fixture. */
async function converted(path: string, to: string): Promise<string> {
  const { status, out, error } = await emberglass('convert', path, '--to', to);
  expect(status, error).toBe(0);
  return out;
}

/** The source that the page of a fixture shows. */
async function sourceOf(path: string): Promise<ReportSource> {
  const page = await converted(path, 'html');
  const [, payload = ''] = /<script type="application\/json" id="emberglass-profile">([^<]*)<\/script>/.exec(page) ?? [];
  return new ReportSource(readReport(payload));
}

const FIXTURES = ['go/cpu.pb.gz', 'go/heap.pb.gz', 'special/weird-names.pb.gz', 'special/base-subtract.pb.gz', 'special/deep-400.pb.gz'];

describe.concurrent('reports', () => {
  test.each(FIXTURES)('%s: the page is imported with the same functions and values', async (path) => {
    const file = join(folder, `${path.replace('/', '-')}.html`);
    expect(await emberglass('convert', path, '--to', 'html', '-o', file)).toMatchObject({ status: 0, out: '' });
    const again = await emberglass('top', file, '--json');
    const once = await emberglass('top', path, '--json');
    expect([again.status, again.error, again.out]).toEqual([0, '', once.out]);
    expect(await converted(file, 'folded')).toBe(await converted(path, 'folded'));
  });

  test.each(FIXTURES)('%s: the page answers what the engine answers', async (path) => {
    const source = await sourceOf(path);
    const { rows } = await source.top('self', true, 0, 1_000_000, '');
    const { out } = await emberglass('top', path, '--json');
    const { total, functions } = JSON.parse(out) as { total: number; functions: { name: string; file: string; line: number; self: number; total: number }[] };
    expect(Number(source.result.total)).toBe(total);
    const key = ({ name, file, line, self, total: all }: { name: string; file: string; line: number; self: number | bigint; total: number | bigint }): string =>
      [name.replace(/\[go\.shape\..*\]/, '[...]'), file, line, self, all].join(' ');
    expect(rows.map(key).sort()).toEqual(functions.map(key).sort());
  });

  test.each(FIXTURES)('%s: the page draws the boxes of the picture', async (path) => {
    const source = await sourceOf(path);
    const svg = await converted(path, 'svg');
    const { unit, scale } = source.result;
    const request = { focus: 0, x0: 0, x1: 1, depth0: 0, depth1: 200, width: 1168, minWidth: 1.5, nameWidth: 1e9, search: '' };
    const list = new DrawList(await source.draw(request));
    const round = (value: number): number => Math.round(value * 100) / 100;
    const top = Number(/<rect x="16" y="(\d+)"/.exec(svg)?.[1]);
    const drawn = Array.from({ length: list.length }, (_, box) => {
      const [x = 0, width = 0, depth = 0, total = 0n] = [list.x[box], list.width[box], list.depth[box], list.total[box]];
      return `${round(x + 16)} ${top + depth * 20} ${round(width >= 3 ? width - 1 : width)} ${formatValue(total, unit, scale)}`;
    });
    const pictured = [...svg.matchAll(/\ntotal ([^\n<]+), [^\n,<]+<\/title><rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"/g)].map(
      ([, total, x, y, width]) => `${Number(x)} ${y} ${Number(width)} ${total}`,
    );
    expect(pictured.length).toBeGreaterThan(0);
    expect(drawn.sort()).toEqual(pictured.sort());
  });

  test('tables have a row for each function, and a header with the unit', async () => {
    const lines = (await converted('go/cpu.pb.gz', 'csv')).split('\r\n');
    expect(lines[0]).toBe('self (nanoseconds),total (nanoseconds),self %,total %,name,file,line,package,binary');
    expect(lines[1]).toBe('350000000,350000000,6.6414,6.6414,runtime.asyncPreempt,runtime/preempt_amd64.s,7,runtime,/srv/demo-dev/bin/shop');
    expect(lines).toHaveLength(369);
    expect(await converted('go/cpu.pb.gz', 'json')).toBe((await emberglass('top', 'go/cpu.pb.gz', '--json')).out.trimEnd());
  });

  test('the page allows its own script and style only, and asks for nothing', async () => {
    const page = await converted('go/mutex.pb.gz', 'html');
    const [, policy = ''] = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(page) ?? [];
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[\w+/]+='; style-src 'sha256-[\w+/]+='; img-src data:; /);
    expect(page).not.toMatch(/\b(?:src|href)="(?!data:)/);
  });

  test('the same profile makes the same report', async () => {
    for (const to of ['csv', 'markdown', 'svg', 'html']) {
      const out = join(folder, `same.${to}`);
      await emberglass('convert', 'go/heap.pb.gz', '--to', to, '-o', out);
      expect(await readFile(out, 'utf8')).toBe(await converted('go/heap.pb.gz', to));
    }
  });
});
