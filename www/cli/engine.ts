/** The wasm of the command line: a module beside the bundle that holds decoders, merging and encoders but no store. */

import { readFileSync } from 'node:fs';

import { FileSet, initSync } from '../engine/pkg/emberglass_files.js';

/** Which profiles of the files; without `type` their default, without `profile` all entries of the type. */
export interface Selection {
  type?: string;
  profile?: number;
}

/** Question of `top`. */
export interface TopOptions extends Selection {
  by: 'self' | 'total';
  limit?: number;
}

/** Question of `convert`. */
export interface ConvertOptions extends Selection {
  to: string;
}

/**
 * Files decoded and kept in memory. Everything throws `{ code, message, offset }`; texts are JSON with exact
 * numbers, so they go out as they are and never through `JSON.parse`.
 */
export interface Files {
  /** Decodes one file; `unrecognized-format` when no format knows it. */
  add(name: string, bytes: Uint8Array): void;
  /** The array `files` of `info --json`. */
  info(): string;
  /** `{"type","unit","total","functions":[...]}` of the files merged, each distinct one counted once. */
  top(options: TopOptions): string;
  /** The files merged, in another format. */
  convert(options: ConvertOptions): Uint8Array;
  /** `[{"code","message","offset","count"}]` of the last conversion. */
  warnings(): string;
  free(): void;
}

let started = false;

/** A new set of files; loads the module at the first call. */
export function newFiles(): Files {
  if (!started) {
    initSync({ module: readFileSync(new URL('emberglass_files_bg.wasm', import.meta.url)) });
    started = true;
  }
  return new FileSet();
}
