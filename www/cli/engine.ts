/** The wasm of the command line: a module beside the bundle that holds decoders, merging and encoders but no store. */

import { readFileSync } from 'node:fs';

import type { FileAccess, OutputFormat } from '../engine/protocol.ts';
import { demangle, initSync as initDemangle } from '../engine/pkg/emberglass_demangle.js';
import { FilePacker, FileSet, OpenFile, initSync } from '../engine/pkg/emberglass_files.js';

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

/** What becomes of a function from the base of a diff to its head. */
export const CHANGES = ['new', 'gone', 'grown', 'shrunk'] as const;
export type Change = (typeof CHANGES)[number];

/** Question of `diff`. */
export interface DiffOptions extends Selection {
  limit?: number;
  /** Only functions of which this became; all without. */
  only?: Change[];
}

/** Question of `convert`. */
export interface ConvertOptions extends Selection {
  to: string;
}

/** Views of `query`. */
export const VIEWS = ['flamegraph', 'top', 'stacks', 'series', 'heatmap', 'diff', 'tree', 'lines', 'call-graph', 'estimate', 'cardinality'] as const;

/** Question of `query`; times and steps are texts, which the engine reads. */
export interface QueryOptions {
  labelsFromPath?: string;
  select: string;
  from?: string;
  until?: string;
  /** Whether samples are cut at the edges of the range. */
  cutSamples?: boolean;
  /** The other side of `diff`: without a selector this one's; without both times this one's range. */
  selectBase?: string;
  fromBase?: string;
  untilBase?: string;
  /** The time it is, ms since the epoch. */
  nowMs: number;
  groupBy: string;
  step?: string;
  /** Whose part of a series; `by` says which of its values. */
  function?: string;
  view: (typeof VIEWS)[number];
  /** Of `lines`: a path, or the end of one. */
  file?: string;
  /** The call graph in DOT, not as JSON. */
  dot?: boolean;
  by: 'self' | 'total';
  limit?: number;
  /** Of a diff only functions of which this became; all without. */
  only?: Change[];
  aggregate?: 'sum' | 'average' | 'rate' | 'delta';
  /** Of `diff`: how sure it is that functions changed. */
  significance?: boolean;
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
  /** As `add`, with the path that labels are read from, its modification, and the side of a comparison. */
  addFrom(found: Found, path: string, modifiedMs: number, isHead: boolean): void;
  /** The array `files` of `info --json`. */
  info(): string;
  /** `[{"file","warnings":[{"code","message","offset","count"}]}]`. */
  fileWarnings(): string;
  /** Drops the frames that the files themselves say to drop; `bad-frame-filter` for an expression that can't be read. */
  dropFrames(): void;
  /**
   * Applies frame filters in order, then tells frames apart by `granularity`: function (without it), file, line, package, binary
   * or thread. `template` names labels in the leading folders of paths. `bad-filter` for one that can't be read.
   */
  filter(filters: string[], granularity: string | undefined, template: string | undefined): void;
  /** Mangled names of C++, each once. */
  mangled_names(): string[];
  /** From now on answers with demangled names; `shown` has what `names` of C++ stand for, '' where one stays as it is. */
  demangle(names: string[], shown: string[]): void;
  /** `{"type","unit","total","functions":[...]}` of the files merged, each distinct one counted once. */
  top(options: TopOptions): string;
  /** The answer to a question; `bad-argument` for one that can't be read. */
  query(options: QueryOptions): string;
  /** The functions of both sides, those whose share grew most first. */
  diff(options: DiffOptions): string;
  /** The formats that `convert` writes. */
  output_formats(): OutputFormat[];
  /** The files merged, in another format. */
  convert(options: ConvertOptions): Uint8Array;
  /** `[{"code","message","offset","count"}]` of the last answer. */
  warnings(): string;
  free(): void;
}

/** Files that become one pack. Everything throws `{ code, message, offset }`. */
export interface Packer {
  /** Takes a decoded file under the path that labels are read from; `modifiedMs` dates profiles without a time. */
  add(found: Found, path: string, modifiedMs: number): void;
  /** Works on, and gives the next bytes: none where there is more to do first; undefined behind the last. */
  step(): Uint8Array | undefined;
  /** Bytes merged, bytes there are, profiles, files, files that were added before. */
  counts(): Float64Array;
}

const wasm = (name: string): Uint8Array<ArrayBuffer> => readFileSync(new URL(name, import.meta.url));

let started = false;

/** Loads the module at the first call. */
function start(): void {
  if (started) return;
  initSync({ module: wasm('emberglass_files_bg.wasm') });
  started = true;
}

/** A new set of files. */
export function newFiles(): Files {
  start();
  const set = new FileSet();
  return {
    add: (found) => set.add(found as Parameters<FileSet['add']>[0]),
    addFrom: (found, path, modifiedMs, isHead) => set.addFrom(found as Parameters<FileSet['addFrom']>[0], path, modifiedMs, isHead),
    mangled_names: () => set.mangled_names(),
    demangle: (names, shown) => set.demangle(names, shown),
    info: () => set.info(),
    fileWarnings: () => set.fileWarnings(),
    dropFrames: () => set.dropFrames(),
    filter: (filters, granularity, template) => set.filter(filters, granularity, template),
    output_formats: () => set.output_formats() as OutputFormat[],
    top: (options) => set.top(options),
    query: (options) => set.query(options),
    diff: (options) => set.diff(options),
    convert: (options) => set.convert(options),
    warnings: () => set.warnings(),
    free: () => set.free(),
  };
}

/** A new pack; `template` names labels in the leading folders of paths. */
export function newPacker(template: string | null): Packer {
  start();
  const packer = new FilePacker(template);
  return {
    add: (found, path, modifiedMs) => packer.add(found as Parameters<FilePacker['add']>[0], path, modifiedMs),
    step: () => packer.step(),
    counts: () => packer.counts(),
  };
}

/** Opens a file for decoding; what is wrong with it shows when it is added. */
export function openFile(file: FileAccess, name: string): Opened {
  start();
  return new OpenFile(file, name);
}

/** What a name of C++ stands for, '' for one that stays as it is; a crash costs the name and the instance. */
function demangled(name: string, module: WebAssembly.Module): string {
  try {
    return demangle(name) ?? '';
  } catch {
    initDemangle({ module });
    return '';
  }
}

/** Demangles the names of all files; what reads names of C++ is loaded only where there are some. */
export function demangleNames(files: Files): void {
  const names = files.mangled_names();
  if (names.length === 0) {
    files.demangle([], []);
    return;
  }
  const module = new WebAssembly.Module(wasm('emberglass_demangle_bg.wasm'));
  initDemangle({ module });
  files.demangle(
    names,
    names.map((name) => demangled(name, module)),
  );
}
