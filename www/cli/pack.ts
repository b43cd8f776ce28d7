/** `emberglass pack`: files merged and deflated into one file of the store. */

import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';

import { EngineError } from '../engine/errors.ts';
import { formatBytes } from '../engine/format.ts';
import type { Invocation } from './args.ts';
import { UsageError } from './args.ts';
import type { Packer } from './engine.ts';
import { newPacker } from './engine.ts';
import { fileError } from './files.ts';
import { pathForLabels } from './labels-from-path.ts';
import { Account, answer, members, inputs } from './load.ts';
import { complain } from './output.ts';

/** Progress is said at most this often, and only to a terminal. */
const SAY_MS = 200;

/** A line on standard error that is written over. */
class ProgressLine {
  readonly #shown = process.stderr.isTTY === true;
  #last = 0;

  say(text: string): void {
    const now = Date.now();
    if (!this.#shown || now - this.#last < SAY_MS) return;
    this.#last = now;
    process.stderr.write(`\r\u001b[K${text}`);
  }

  clear(): void {
    if (this.#shown && this.#last > 0) process.stderr.write('\r\u001b[K');
  }
}

/** Writes all pieces; the file is there once all are. */
function writePack(path: string, packer: Packer, line: ProgressLine): number {
  const partial = `${path}.partial`;
  let bytes = 0;
  try {
    const descriptor = openSync(partial, 'w');
    try {
      for (let piece = packer.step(); piece !== undefined; piece = packer.step()) {
        for (let at = 0; at < piece.length; ) at += writeSync(descriptor, piece, at);
        bytes += piece.length;
        const [merged = 0, total = 0] = packer.counts();
        line.say(bytes === 0 ? `merging ${formatBytes(merged)} of ${formatBytes(total)}` : `writing ${formatBytes(bytes)}`);
      }
    } finally {
      closeSync(descriptor);
    }
    renameSync(partial, path);
  } catch (thrown) {
    rmSync(partial, { force: true });
    if (thrown instanceof Error && 'syscall' in thrown) throw new EngineError('write-failed', `${path}: ${fileError(thrown).message}`);
    throw thrown;
  }
  return bytes;
}

/** Runs the command; gives the exit status. */
export function pack({ paths, labelsFromPath, out }: Extract<Invocation, { command: 'pack' }>): number {
  const account = new Account();
  const packer = newPacker(labelsFromPath);
  const line = new ProgressLine();
  let read = 0;
  let inputBytes = 0;
  for (const input of inputs(paths, account)) {
    if (input.path === out) continue;
    const info = statSync(input.path, { throwIfNoEntry: false });
    for (const { found, place } of members(input, account)) {
      const { name } = found;
      const added = answer(name, place, account, () => {
        packer.add(found, pathForLabels(input, name), info?.mtimeMs ?? 0);
        return true;
      });
      if (added === true) read += 1;
      line.say(`${String(read)} files read`);
    }
    inputBytes += info?.size ?? 0;
  }
  line.clear();
  account.finish();
  if (account.crashedOn !== null) return 1;
  if (read === 0) {
    if (account.failures.length > 0) return 1;
    throw new UsageError('no profile found');
  }
  const bytes = writePack(out, packer, line);
  line.clear();
  const [, , profiles = 0, , duplicates = 0] = packer.counts();
  const share = bytes === 0 ? 0 : inputBytes / bytes;
  const twice = duplicates === 0 ? '' : `, ${String(duplicates)} of them twice`;
  complain(`${out}: ${String(profiles)} profiles of ${String(read)} files${twice}, ${formatBytes(bytes)}: 1/${share.toFixed(1)} of the files' ${formatBytes(inputBytes)}`);
  return account.failures.length > 0 ? 1 : 0;
}
