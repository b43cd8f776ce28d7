/** Packs on the command line: one file that answers as its files do. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { emberglass } from './run.ts';

interface Info {
  files: { file: string; profiles: { type: string; labels: Record<string, string> }[] }[];
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emberglass-pack-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('pack', () => {
  test('the same files give the same bytes, and answers are those of the files', async () => {
    const [a, b] = [join(folder, 'a.emberglass'), join(folder, 'b.emberglass')];
    const made = await emberglass('pack', 'series', '--labels-from-path', '{service_name}/{region}/', '-o', a);
    expect(made.status, made.error).toBe(0);
    expect(made.error).toMatch(/a\.emberglass: \d+ profiles of \d+ files/);
    expect((await emberglass('pack', 'series', '--labels-from-path', '{service_name}/{region}/', '-o', b)).status).toBe(0);
    expect((await readFile(a)).equals(await readFile(b))).toBe(true);

    const { files } = JSON.parse((await emberglass('info', a, '--json')).out) as Info;
    const labels = new Set(files.flatMap(({ profiles }) => profiles.map(({ labels: { service_name, region } }) => `${String(service_name)}/${String(region)}`)));
    expect([...labels].sort()).toContain('checkout/eu');
    const [plain, packed] = await Promise.all([emberglass('top', 'series', '--json'), emberglass('top', a, '--json')]);
    expect(packed.status).toBe(0);
    expect(packed.out).toBe(plain.out);
  });

  test('what is wrong is said', async () => {
    expect((await emberglass('pack', 'go/cpu.pb.gz')).status).toBe(2);
    const bad = await emberglass('pack', 'go/cpu.pb.gz', '--labels-from-path', 'a/{b/', '-o', join(folder, 'c.emberglass'));
    expect(bad.status).toBe(1);
    expect(bad.error).toContain('bad-path-template');
  });
});
