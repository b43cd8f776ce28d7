/** Google's pprof, as the Go toolchain brings it. */

import { spawnSync } from 'node:child_process';

import { which } from './run.mjs';

/** @type {string | null | undefined} */
let found;

/**
 * The program itself, or null without Go. `go tool pprof` looks for it anew at each start, which takes ten times as long as pprof needs.
 * @returns {string | null}
 */
export function findPprof() {
  if (found !== undefined) return found;
  const go = which('go');
  if (go === null) return (found = null);
  // Newer toolchains build it when it is first asked for.
  spawnSync(go, ['tool', 'pprof', '-h']);
  const { status, stdout } = spawnSync(go, ['tool', '-n', 'pprof'], { encoding: 'utf8' });
  return (found = status === 0 ? which(stdout.trim()) : null);
}
