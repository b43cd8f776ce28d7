/** What `top`, `convert`, `query` and `diff` share: all files in one set, one question to it. */

import { statSync } from 'node:fs';

import { EngineError } from '../engine/errors.ts';
import { UsageError } from './args.ts';
import type { Files } from './engine.ts';
import { demangleNames, newFiles } from './engine.ts';
import { pathForLabels } from './labels-from-path.ts';
import { Account, answer, inputs, members } from './load.ts';
import { complain } from './output.ts';

/** The question does not fit the files: wrong usage, not a broken file. */
const MISFITS: ReadonlySet<string> = new Set(['no-common-type', 'no-such-type', 'no-such-profile', 'ambiguous-type', 'bad-path-template', 'bad-argument']);

interface WarningText {
  code: string;
  message: string;
  offset: number | null;
  count: number;
}

/** Says warnings; `subject` is the file they belong to. */
export function warn(warnings: readonly WarningText[], subject = ''): void {
  for (const { code, message, offset, count } of warnings) {
    const place = offset === null ? '' : `, at byte ${offset}`;
    complain(`${subject === '' ? '' : `${subject}: `}warning: ${message} (${code}${place}${count === 1 ? '' : `, ${count} times`})`);
  }
}

/** What is to be done to the files before they are asked. */
export interface Wishes {
  /** Leave out the frames that files themselves say to drop. */
  dropsFrames: boolean;
  /** Demangle names of C++ and Rust. */
  demangle: boolean;
  /** Frame filters in order. */
  filters: string[];
  /** What frames are told apart by; null for functions. */
  granularity: string | null;
}

/**
 * Reads all files into one set and asks it; gives the exit status. With `compares`, the files of
 * the second argument are compared with those of the first. `labelsFromPath` is a template for labels that filters look at.
 */
export async function merged(
  paths: readonly string[],
  { dropsFrames, demangle, filters, granularity }: Wishes,
  question: (files: Files) => Promise<void>,
  { compares = false, labelsFromPath }: { compares?: boolean; labelsFromPath?: string | undefined } = {},
): Promise<number> {
  const account = new Account();
  const files = newFiles();
  let read = 0;
  for (const [at, path] of paths.entries()) {
    const isHead = compares && at > 0;
    for (const input of inputs([path], account)) {
      const modifiedMs = statSync(input.path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      for (const { found, place } of members(input, account)) {
        const { name } = found;
        const added = answer(name, place, account, () => {
          files.addFrom(found, pathForLabels(input, name), modifiedMs, isHead);
          return true;
        });
        if (added === true) read += 1;
      }
    }
  }
  account.finish();
  if (account.crashedOn !== null) return 1;
  if (read === 0) {
    if (account.failures.length > 0) return 1;
    throw new UsageError('no profile found');
  }
  for (const { file, warnings } of JSON.parse(files.fileWarnings()) as { file: string; warnings: WarningText[] }[]) warn(warnings, file);
  if (dropsFrames) files.dropFrames();
  if (demangle) demangleNames(files);
  try {
    if (filters.length > 0 || granularity !== null) files.filter(filters, granularity ?? undefined, labelsFromPath);
    await question(files);
    warn(JSON.parse(files.warnings()) as WarningText[]);
  } catch (thrown) {
    const error = EngineError.of(thrown);
    if (MISFITS.has(error.code)) throw new UsageError(error.message);
    throw thrown;
  }
  return account.failures.length > 0 ? 1 : 0;
}
