/** Standard output and error: everything is written before the program ends, and a reader may leave early. */

import { writeFileSync } from 'node:fs';

import { EngineError } from '../engine/errors.ts';
import { fileError } from './files.ts';

function isBrokenPipe(error: Error | null | undefined): boolean {
  return error != null && 'code' in error && error.code === 'EPIPE';
}

// The callback of `write` decides; without a listener the same error would end the program.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

/** Writes to standard output; resolves when it is written, or when nobody reads any more. */
export function write(data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => {
      if (error == null || isBrokenPipe(error)) resolve();
      else reject(new EngineError('write-failed', `standard output: ${error.message}`));
    });
  });
}

/** Writes to a file, or to standard output where there is none; throws an `EngineError`. */
export async function writeTo(path: string | null, data: Uint8Array): Promise<void> {
  if (path === null) {
    await write(data);
    return;
  }
  try {
    writeFileSync(path, data);
  } catch (thrown) {
    throw new EngineError('write-failed', `${path}: ${fileError(thrown).message}`);
  }
}

/** A line of complaint on standard error. */
export function complain(text: string): void {
  process.stderr.write(`emberglass: ${text}\n`);
}

/** Text for a terminal: control characters and direction marks of names from files are shown, not obeyed. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u{${character.charCodeAt(0).toString(16)}}`;
  });
}
