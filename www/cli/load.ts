/** Reads files and archives into the engine one after the other, and keeps account of what failed and what was skipped. */

import { ClientCode, EngineError, isTrap } from '../engine/errors.ts';
import type { Files, Found, Opened } from './engine.ts';
import { openFile } from './engine.ts';
import type { InputFile } from './files.ts';
import { filesOf, openInput } from './files.ts';
import { complain } from './output.ts';

/** A file that failed, as in the array `errors` of `info --json`. */
export interface FileFailure {
  file: string;
  code: string;
  message: string;
  offset: number | null;
}

/** In a folder or an archive, these mean that the file is none of ours. */
const UNRECOGNIZED: ReadonlySet<string> = new Set(['unrecognized-format', 'empty-input']);

/** What became of the files so far. */
export class Account {
  readonly failures: FileFailure[] = [];
  /** The file that the engine crashed on; nothing can be asked of it after that. */
  crashedOn: string | null = null;
  readonly #skipped = new Map<string, number>();

  /** Notes a failure and says it. */
  fail(file: string, error: EngineError): void {
    const { code, message, offset } = error;
    this.failures.push({ file, code, message, offset });
    complain(`${file}: ${error.describe()}`);
  }

  skip(folder: string): void {
    this.#skipped.set(folder, (this.#skipped.get(folder) ?? 0) + 1);
  }

  /** Says what was skipped, a line a folder or archive. */
  finish(): void {
    for (const [folder, count] of this.#skipped) {
      complain(`${folder}: warning: ${count === 1 ? '1 file' : `${count} files`} of no known format skipped (unrecognized-format)`);
    }
  }
}

function filesOrFailure(path: string, account: Account): InputFile[] {
  try {
    return filesOf(path);
  } catch (thrown) {
    account.fail(path, EngineError.of(thrown));
    return [];
  }
}

/** The files of all arguments, in the order given; after a crash of the engine the rest are noted as not read. */
export function* inputs(paths: readonly string[], account: Account): Generator<InputFile> {
  for (const argument of paths) {
    for (const input of filesOrFailure(argument, account)) {
      if (account.crashedOn === null) yield input;
      else account.fail(input.path, new EngineError(ClientCode.engineCrashed, `not read: the engine crashed on ${account.crashedOn}`));
    }
  }
}

/** What the engine answers about a file; null, and noted, when that fails. `place` is the folder or archive it is in. */
export function answer<T>(file: string, place: string | null, account: Account, ask: () => T): T | null {
  try {
    return ask();
  } catch (thrown) {
    if (isTrap(thrown)) {
      account.crashedOn = file;
      account.fail(file, new EngineError(ClientCode.engineCrashed, `the engine crashed: ${String(thrown)}`));
      return null;
    }
    const error = EngineError.of(thrown);
    if (place !== null && UNRECOGNIZED.has(error.code)) account.skip(place);
    else account.fail(file, error);
    return null;
  }
}

/** A file or member that is in a set now. */
export interface Added {
  name: string;
  /** The folder or archive it is in. */
  place: string | null;
  files: Files;
}

/** A file or member that is decoded, or was refused, which shows when it is added to something. */
export interface Decoded {
  found: Found;
  /** The folder or archive it is in. */
  place: string | null;
}

/** Decodes a file, or the members of an archive or a pack one after the other. What can't be opened is noted. */
export function* members(input: InputFile, account: Account): Generator<Decoded> {
  const access = answer(input.path, input.folder, account, () => openInput(input));
  if (access === null) return;
  let opened: Opened | null = null;
  try {
    opened = answer(input.path, null, account, () => openFile(access, input.path));
    while (opened !== null && account.crashedOn === null) {
      const file = opened;
      const found = answer(input.path, null, account, () => file.next());
      if (found === null || found === undefined) return;
      yield { found, place: found.archived ? input.path : input.folder };
    }
  } finally {
    if (account.crashedOn === null) opened?.free();
    access.close();
  }
}

/**
 * Decodes a file, or the members of an archive one after the other, each into the set that `target` gives for it.
 * What fails is noted and left out.
 */
export function* decoded(input: InputFile, target: () => Files, account: Account): Generator<Added> {
  for (const { found, place } of members(input, account)) {
    const { name } = found;
    const files = answer(name, place, account, () => {
      const set = target();
      set.add(found);
      return set;
    });
    if (files !== null) yield { name, place, files };
  }
}
