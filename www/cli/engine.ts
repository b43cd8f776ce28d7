/** The wasm of the command line: a module beside the bundle that holds decoders, merging and encoders but no store. */

import { readFileSync } from 'node:fs';

import type { FileAccess, OutputFormat } from '../engine/protocol.ts';
import { FileSet, OpenFile, initSync } from '../engine/pkg/emberglass_files.js';

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

/** A file, or a member of an archive, decoded or refused. */
export interface Found {
  /** Name of the file; for a member followed by the path in the archive. */
  readonly name: string;
  /** True for a member of an archive. */
  readonly archived: boolean;
}

/** A file under decoding. */
export interface Opened {
  /** Decodes the file, or its next member if it is an archive; undefined behind the last. */
  next(): Found | undefined;
  free(): void;
}

/**
 * Files decoded and kept in memory. Everything throws `{ code, message, offset }`; texts are JSON with exact
 * numbers, so they go out as they are and never through `JSON.parse`.
 */
export interface Files {
  /** Takes a decoded file; throws why it could not be decoded: `unrecognized-format` when no format knows it. */
  add(found: Found): void;
  /** The array `files` of `info --json`. */
  info(): string;
  /** `[{"file","warnings":[{"code","message","offset","count"}]}]`. */
  fileWarnings(): string;
  /** Drops the frames that the files themselves say to drop; `bad-frame-filter` for an expression that can't be read. */
  dropFrames(): void;
  /** `{"type","unit","total","functions":[...]}` of the files merged, each distinct one counted once. */
  top(options: TopOptions): string;
  /** The formats that `convert` writes. */
  output_formats(): OutputFormat[];
  /** The files merged, in another format. */
  convert(options: ConvertOptions): Uint8Array;
  /** `[{"code","message","offset","count"}]` of the last conversion. */
  warnings(): string;
  free(): void;
}

let started = false;

/** Loads the module at the first call. */
function start(): void {
  if (started) return;
  initSync({ module: readFileSync(new URL('emberglass_files_bg.wasm', import.meta.url)) });
  started = true;
}

/** A new set of files. */
export function newFiles(): Files {
  start();
  const set = new FileSet();
  return {
    add: (found) => set.add(found as Parameters<FileSet['add']>[0]),
    info: () => set.info(),
    top: (options) => set.top(options),
    convert: (options) => set.convert(options),
    warnings: () => set.warnings(),
    free: () => set.free(),
  };
}

/** Opens a file for decoding; what is wrong with it shows when it is added. */
export function openFile(file: FileAccess, name: string): Opened {
  start();
  return new OpenFile(file, name);
}
