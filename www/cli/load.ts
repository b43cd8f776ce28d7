/** Reads files into the engine one after the other, and keeps account of what failed and what was skipped. */

import { ClientCode, EngineError, isTrap } from '../engine/errors.ts';
import type { Files } from './engine.ts';
import type { InputFile } from './files.ts';
import { filesOf, readInput } from './files.ts';
import { complain } from './output.ts';

/** A file that failed, as in the array `errors` of `info --json`. */
export interface FileFailure {
  file: string;
  code: string;
  message: string;
  offset: number | null;
}

/** In a folder, these mean that the file is none of ours. */
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

  /** Says what was skipped, a line a folder. */
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

/** What the engine answers about a file; null, and noted, when that fails. */
export function answer<T>(input: InputFile, account: Account, ask: () => T): T | null {
  try {
    return ask();
  } catch (thrown) {
    if (isTrap(thrown)) {
      account.crashedOn = input.path;
      account.fail(input.path, new EngineError(ClientCode.engineCrashed, `the engine crashed: ${String(thrown)}`));
      return null;
    }
    const error = EngineError.of(thrown);
    if (input.folder !== null && UNRECOGNIZED.has(error.code)) account.skip(input.folder);
    else account.fail(input.path, error);
    return null;
  }
}

/** Decodes one file into the set; false, and noted, when that fails. */
export function addFile(files: Files, input: InputFile, account: Account): boolean {
  return (
    answer(input, account, () => {
      files.add(input.path, readInput(input));
      return true;
    }) ?? false
  );
}
