/** Runs the built command line as a person would. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { CLI, inRoot } from '../../scripts/lib/paths.mjs';

export interface Outcome {
  status: number | null;
  out: string;
  error: string;
}

/** Runs `emberglass` with these words, in tests/fixtures. */
export function emberglass(...words: string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(CLI, 'emberglass.mjs'), ...words], { cwd: inRoot('tests', 'fixtures') });
    const [out, error]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => error.push(chunk));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, out: Buffer.concat(out).toString(), error: Buffer.concat(error).toString() }));
  });
}
