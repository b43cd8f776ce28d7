/** The wasm of the command line: a module beside the bundle that holds decoders, merging and encoders but no store. */

import { readFileSync } from 'node:fs';

import { demangle, initSync as initDemangle } from '../engine/pkg/emberglass_demangle.js';
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
  /** Mangled names of C++, each once. */
  mangled_names(): string[];
  /** From now on answers with demangled names; `shown` has what `names` of C++ stand for, '' where one stays as it is. */
  demangle(names: string[], shown: string[]): void;
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

const wasm = (name: string): Uint8Array<ArrayBuffer> => readFileSync(new URL(name, import.meta.url));

let started = false;

/** A new set of files; loads the module at the first call. */
export function newFiles(): Files {
  if (!started) {
    initSync({ module: wasm('emberglass_files_bg.wasm') });
    started = true;
  }
  return new FileSet();
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
