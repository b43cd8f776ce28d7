/**
 * Names of C++ for the engine: what reads them is a module of its own, fetched when a result has such names. It runs in
 * the engine's worker, in slices, and never takes the engine down: what it crashes on is shown as it is.
 */

import init, { demangle, initSync } from './pkg/emberglass_demangle.js';

/** What the demangler needs of the engine. */
export interface NamesOfEngine {
  /** `MangledNames`: those of a result that nothing is known about yet. */
  mangled_names(handle: number, from: number, limit: number): unknown;
  /** Takes what they stand for; '' for one that stays as it is. */
  set_demangled(names: string[], shown: string[]): void;
}

/** Names of C++, and where to go on: null at the end. */
interface MangledNames {
  names: string[];
  next: number | null;
}

/** Names a slice: a few milliseconds. */
const SLICE = 256;

/** What reads names of C++ could not be fetched or started. */
export class DemanglerMissing extends Error {}

let loading: Promise<WebAssembly.Module> | null = null;

async function load(): Promise<WebAssembly.Module> {
  const response = await fetch(new URL('./pkg/emberglass_demangle_bg.wasm', import.meta.url));
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  const module = await WebAssembly.compile(await response.arrayBuffer());
  await init({ module_or_path: module });
  return module;
}

/** The module, ready to be called; what could not be loaded is tried again for the next result. */
async function loaded(): Promise<WebAssembly.Module> {
  loading ??= load();
  try {
    return await loading;
  } catch (thrown) {
    loading = null;
    throw new DemanglerMissing(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function demangled(name: string, module: WebAssembly.Module): string {
  try {
    return demangle(name) ?? '';
  } catch {
    // A trap: the instance is lost, the next name gets another.
    initSync({ module });
    return '';
  }
}

/** Lets other messages of the worker through. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Tells the engine what the names of a result stand for; true if there were any. Stops when `wanted` says no. */
export async function demangleResult(engine: NamesOfEngine, handle: number, wanted: () => boolean): Promise<boolean> {
  let module: WebAssembly.Module | null = null;
  let from: number | null = 0;
  while (from !== null && wanted()) {
    const { names, next } = engine.mangled_names(handle, from, SLICE) as MangledNames;
    if (names.length > 0) {
      const demangler = (module ??= await loaded());
      engine.set_demangled(
        names,
        names.map((name) => demangled(name, demangler)),
      );
    }
    from = next;
    if (from !== null) await pause();
  }
  return module !== null;
}
