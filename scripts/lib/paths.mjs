/** Where things are. All paths are absolute, from the place of this file. */

import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');

/** @param {...string} parts */
export const inRoot = (...parts) => join(ROOT, ...parts);

export const PKG = inRoot('www', 'engine', 'pkg');
export const SITE = inRoot('www', 'dist');
export const REPORT = inRoot('www', 'report', 'dist');
export const CLI = inRoot('www', 'cli', 'dist');
export const MODULES = inRoot('node_modules');
/** Cargo's output; follows CARGO_TARGET_DIR as cargo does. */
export const TARGET = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');

/** Tools that are built once a version and shared by all checkouts. */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'emberglass');

/**
 * Whether Node was started with this module, not another that imports it.
 * @param {string} url its `import.meta.url`
 */
export function isMain(url) {
  const script = process.argv[1];
  return script !== undefined && realpathSync(script) === realpathSync(fileURLToPath(url));
}
