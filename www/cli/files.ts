/** Files named on the command line, and those in folders: found in order, read piece by piece. */

import { closeSync, fstatSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { EngineError } from '../engine/errors.ts';
import type { FileAccess } from '../engine/protocol.ts';

/** A file to look at. */
export interface InputFile {
  path: string;
  /** The folder argument it was found in; `null` when the file itself was named. */
  folder: string | null;
}

/** A problem of the file system as an error with a code. */
export function fileError(thrown: unknown): EngineError {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
  if (code === 'ENOENT') return new EngineError('not-found', 'no such file or folder');
  if (code === 'EACCES' || code === 'EPERM') return new EngineError('unreadable-file', 'permission denied');
  if (code === 'EISDIR') return new EngineError('unreadable-file', 'it is a folder');
  return new EngineError('unreadable-file', thrown instanceof Error ? thrown.message : String(thrown));
}

/** All regular files below a folder, sorted by path; links to folders are not followed, so that no walk is endless. */
function walk(folder: string): InputFile[] {
  const found: InputFile[] = [];
  const open = [folder];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    const folders: string[] = [];
    for (const entry of entries) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) folders.push(child);
      else if (entry.isFile() || (entry.isSymbolicLink() && isFile(child))) found.push({ path: child, folder });
    }
    open.push(...folders.reverse());
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * The files of an argument: itself, or what its folder holds.
 * Throws an `EngineError` when it is not there or cannot be read.
 */
export function filesOf(argument: string): InputFile[] {
  try {
    return statSync(argument).isDirectory() ? walk(argument) : [{ path: argument, folder: null }];
  } catch (thrown) {
    throw fileError(thrown);
  }
}

/** A file that is open; `close` it. */
export interface OpenInput extends FileAccess {
  close(): void;
}

/** Opens a file; throws an `EngineError`. Pipes and the like, which can be read but once, are read at once. */
export function openInput({ path }: InputFile): OpenInput {
  try {
    const descriptor = openSync(path, 'r');
    const { size, mtimeMs } = fstatSync(descriptor);
    if (!fstatSync(descriptor).isFile()) {
      const bytes = readFileSync(descriptor);
      closeSync(descriptor);
      return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length), close: () => undefined };
    }
    const read = (offset: number, length: number): Uint8Array => {
      const now = fstatSync(descriptor);
      if (now.size !== size || now.mtimeMs !== mtimeMs) throw new EngineError('unreadable-file', 'the file changed while it was read');
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    };
    return { size, read, close: () => closeSync(descriptor) };
  } catch (thrown) {
    throw fileError(thrown);
  }
}
