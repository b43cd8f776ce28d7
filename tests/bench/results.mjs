/** Results of runs, kept by class of machine: numbers of different classes do not compare. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, totalmem } from 'node:os';
import { join } from 'node:path';

import { inRoot } from '../../scripts/lib/paths.mjs';

const FOLDER = inRoot('tests', 'bench', 'results');

/** What tells how fast a machine is, and nothing of whose it is. */
function machine() {
  const all = cpus();
  return { platform: platform(), arch: arch(), cpus: all.length, cpu: all[0]?.model.trim() ?? '', memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version };
}

/**
 * Appends a run to the file of this machine's class; gives the file's name.
 * @param {object} numbers
 */
export async function keep(numbers) {
  const of = machine();
  const name = `${of.platform}-${of.arch}-${of.cpus}.json`;
  const path = join(FOLDER, name);
  await mkdir(FOLDER, { recursive: true });
  const before = await readFile(path, 'utf8').catch(() => '[]');
  const runs = [...JSON.parse(before), { date: new Date().toISOString().slice(0, 10), machine: of, ...numbers }];
  await writeFile(path, `${JSON.stringify(runs, null, 1)}\n`);
  return `tests/bench/results/${name}`;
}
