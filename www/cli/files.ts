/** Files named on the command line, and those in folders: found in order, read one at a time. */

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { EngineError } from '../engine/errors.ts';

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

/** The bytes of a file; throws an `EngineError`. */
export function readInput({ path }: InputFile): Uint8Array {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw fileError(thrown);
  }
}
