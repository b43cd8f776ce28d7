/**
 * What did not change is not built again. A step's inputs and outputs are hashed by content; the hashes of its last
 * run are kept below node_modules/.cache, so that a checkout knows without the help of git.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { MODULES, ROOT } from './paths.mjs';

const FILE = join(MODULES, '.cache', 'emberglass', 'stamps.json');
const SKIPPED = new Set(['node_modules', 'dist', 'pkg', 'target', '.git']);

/**
 * All files below the given files and folders, sorted; generated folders are left out unless named themselves.
 * @param {readonly string[]} paths
 * @returns {string[]}
 */
export function filesBelow(paths) {
  const found = [];
  const open = [...paths];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (!existsSync(path)) continue;
    let entries;
    try {
      entries = readdirSync(path, { withFileTypes: true });
    } catch {
      found.push(path);
      continue;
    }
    for (const entry of entries) {
      if (entry.isDirectory() && SKIPPED.has(entry.name)) continue;
      open.push(join(path, entry.name));
    }
  }
  return found.sort();
}

/**
 * @param {readonly string[]} paths files and folders
 * @param {readonly string[]} [words] versions and settings that belong to the inputs
 */
export function contentHash(paths, words = []) {
  const hash = createHash('sha256');
  for (const word of words) hash.update(`${word}\0`);
  for (const file of filesBelow(paths)) {
    const bytes = readFileSync(file);
    hash.update(`${relative(ROOT, file)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** @returns {Record<string, { inputs: string, outputs: string }>} */
function load() {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8'));
  } catch {
    return {};
  }
}

/**
 * Runs a build step unless its inputs and outputs are what they were after its last run.
 * @param {string} name
 * @param {{ inputs: readonly string[], words?: readonly string[], outputs: readonly string[] }} step
 * @param {() => Promise<void>} body
 * @returns {Promise<boolean>} whether it ran
 */
export async function unlessFresh(name, { inputs, words, outputs }, body) {
  const before = contentHash(inputs, words);
  const last = load()[name];
  const present = outputs.every((path) => existsSync(path));
  if (present && last?.inputs === before && last.outputs === contentHash(outputs)) return false;
  await body();
  const stamps = { ...load(), [name]: { inputs: before, outputs: contentHash(outputs) } };
  mkdirSync(join(FILE, '..'), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(stamps, null, 2)}\n`);
  return true;
}
