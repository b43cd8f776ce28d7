/** The npm package: what it holds, and that it runs where nothing else is installed. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { publint } from 'publint';
import { expect, test } from 'vitest';

import { ROOT, inRoot } from '../../scripts/lib/paths.mjs';

const run = promisify(execFile);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

test('the packed command line runs on its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emberglass-pack-'));
  try {
    const { stdout: packed } = await run(npm, ['pack', '--json', '--pack-destination', folder], { cwd: ROOT });
    const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
    expect(files.map(({ path }) => path).sort()).toEqual([
      'LICENSE',
      'README.md',
      'package.json',
      'www/cli/dist/emberglass.mjs',
      'www/cli/dist/emberglass_demangle_bg.wasm',
      'www/cli/dist/emberglass_files_bg.wasm',
      'www/cli/dist/emberglass_server_bg.wasm',
      'www/cli/dist/report.html',
    ]);
    await run(npm, ['init', '--yes'], { cwd: folder });
    await run(npm, ['install', '--offline', '--no-audit', '--no-fund', join(folder, filename)], { cwd: folder });
    const { stdout } = await run(join(folder, 'node_modules', '.bin', 'emberglass'), ['info', '--json', inRoot('tests', 'fixtures', 'go', 'mutex.pb.gz')]);
    expect(JSON.parse(stdout)).toMatchObject({ files: [{ format: 'pprof' }], errors: [] });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the package says what it is', async () => {
  expect((await publint({ pkgDir: ROOT, level: 'warning', strict: true })).messages).toEqual([]);
});
