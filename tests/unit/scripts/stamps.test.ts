import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { contentHash, filesBelow } from '../../../scripts/lib/stamps.mjs';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emberglass-stamps-'));
  await mkdir(join(folder, 'src'));
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'src', 'a.ts'), 'a');
  await writeFile(join(folder, 'dist', 'a.js'), 'a');
});

afterEach(() => rm(folder, { recursive: true }));

describe('hashes of inputs', () => {
  test('generated folders count only when named', () => {
    expect(filesBelow([folder])).toEqual([join(folder, 'src', 'a.ts')]);
    expect(filesBelow([join(folder, 'dist'), join(folder, 'missing')])).toEqual([join(folder, 'dist', 'a.js')]);
  });

  test('content, names and versions change them; time does not', async () => {
    const before = contentHash([folder], ['1.0']);
    await writeFile(join(folder, 'src', 'a.ts'), 'a');
    await writeFile(join(folder, 'dist', 'a.js'), 'changed');
    expect(contentHash([folder], ['1.0'])).toBe(before);
    expect(contentHash([folder], ['1.1'])).not.toBe(before);
    await writeFile(join(folder, 'src', 'b.ts'), '');
    expect(contentHash([folder], ['1.0'])).not.toBe(before);
  });
});
