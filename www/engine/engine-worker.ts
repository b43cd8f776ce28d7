/**
 * The engine worker: one wasm instance, one database. Takes requests, calls the method of that name on the wasm
 * `Engine`, and answers; columns travel as transferred buffers. After each commit it tells the page and, by
 * BroadcastChannel `emberglass:<database>`, the other tabs, whose workers then read the manifest again.
 */

import init, { Engine, protocol_version } from './pkg/emberglass_engine.js';
import { DemanglerMissing, demangleResult } from './demangler.ts';
import { ClientCode, errorShape, isTrap } from './errors.ts';
import type { EngineMethods, EngineStatus, QueryResult, Reply, Request, StoreState } from './protocol.ts';

/** Blocks are merged when nothing was written for this long. */
const IDLE_MS = 10_000;
/** Methods after which the generation may have moved. */
const WRITES: ReadonlySet<string> = new Set<keyof EngineMethods>(['ingest', 'flush', 'delete', 'compact', 'clear']);
/** Methods and their wasm names: the compiler holds both sides of the boundary together here. */
const METHODS: Readonly<Record<Exclude<keyof EngineMethods, 'open'>, keyof Engine>> = {
  status: 'status',
  refresh: 'refresh',
  ingest: 'ingest',
  flush: 'flush',
  catalog: 'catalog',
  labels: 'labels',
  query: 'query',
  release: 'release',
  series: 'series',
  profiles: 'profiles',
  timeline: 'timeline',
  timelinePage: 'timeline_page',
  top: 'top',
  draw: 'draw',
  search: 'search',
  node: 'node',
  path: 'path',
  resolve: 'resolve',
  batch: 'batch',
  setDemangle: 'set_demangle',
  delete: 'delete_profiles',
  compact: 'compact',
  clear: 'clear',
  trap: 'trap',
};

type Callable = Record<string, (...params: unknown[]) => unknown>;

let engine: Engine | null = null;
let channel: BroadcastChannel | null = null;
let generation = -1;
let toldState: StoreState | null = null;
let writesPending = 0;
/** The result asked for last. */
let newest = 0;
let idleTimer: ReturnType<typeof setTimeout> | undefined;

function post(reply: Reply, transfer: Transferable[] = []): void {
  self.postMessage(reply, { transfer });
}

/** Tells the page that this instance is lost; it answers by terminating the worker. */
function fatal(id: number, thrown: unknown): void {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  post({ id, error: { code: ClientCode.engineCrashed, message, offset: null }, fatal: true });
}

function tell(status: EngineStatus, force = false): void {
  const state = writesPending > 0 && status.state === 'saved' ? 'saving' : status.state;
  if (!force && state === toldState && status.generation === generation) return;
  toldState = state;
  post({ event: 'state', status: { ...status, state } });
}

function currentStatus(): EngineStatus | null {
  return engine === null ? null : (engine.status() as EngineStatus);
}

/** Tells page and tabs of a commit, if there was one; `own` is false when another tab made it. */
function noticeCommit(own: boolean): void {
  const status = currentStatus();
  if (status === null) return;
  const moved = status.generation !== generation;
  tell(status, moved);
  if (!moved) return;
  generation = status.generation;
  post({ event: 'committed', generation });
  if (own) channel?.postMessage({ generation });
}

async function open(config: Parameters<EngineMethods['open']>[0]): Promise<EngineStatus> {
  engine = await Engine.open(config.backend, config.name);
  engine.set_demangle(config.demangle);
  const status = engine.status() as EngineStatus;
  generation = status.generation;
  toldState = status.state;
  if (config.backend === 'indexeddb') {
    channel = new BroadcastChannel(`emberglass:${config.name}`);
    channel.onmessage = (event: MessageEvent<{ generation: number }>) => {
      if (event.data.generation !== generation) void followOtherTab();
    };
  }
  return status;
}

async function followOtherTab(): Promise<void> {
  if (engine === null) return;
  try {
    await engine.refresh();
    noticeCommit(false);
  } catch (thrown) {
    if (isTrap(thrown)) fatal(0, thrown);
    else {
      const status = currentStatus();
      if (status !== null) tell(status, true);
    }
  }
}

/** Merges blocks once nothing was written for a while. */
function compactWhenIdle(): void {
  clearTimeout(idleTimer);
  idleTimer = setTimeout(() => void compactNow(), IDLE_MS);
}

async function compactNow(): Promise<void> {
  if (engine === null) return;
  try {
    await engine.compact(true);
    noticeCommit(true);
  } catch (thrown) {
    // What can't be merged stays as it is; the next write tries again.
    if (isTrap(thrown)) fatal(0, thrown);
  }
}

async function call(method: string, params: unknown[]): Promise<unknown> {
  if (engine === null) throw { code: 'not-open', message: 'the engine is not open', offset: null };
  if (!Object.hasOwn(METHODS, method)) throw { code: 'unknown-method', message: `no method ${method}`, offset: null };
  const target = engine as unknown as Callable;
  const run = (): unknown => target[METHODS[method as keyof typeof METHODS]]?.(...params);
  if (method === 'refresh') {
    const changed = await run();
    noticeCommit(false);
    return changed;
  }
  if (!WRITES.has(method)) return await run();
  writesPending += 1;
  try {
    const answer = run();
    const status = currentStatus();
    if (status !== null) tell(status);
    return await answer;
  } finally {
    writesPending -= 1;
    if (writesPending === 0) compactWhenIdle();
    queueMicrotask(() => {
      try {
        noticeCommit(true);
      } catch (thrown) {
        if (isTrap(thrown)) fatal(0, thrown);
      }
    });
  }
}

/** Demangles the names of a result while it is the newest, and tells the page when they are there. */
async function nameResult(handle: number): Promise<void> {
  const of = engine;
  newest = handle;
  if (of === null) return;
  try {
    if (await demangleResult(of, handle, () => newest === handle)) post({ event: 'named', handle });
  } catch (thrown) {
    // The names stay as they are; a handle that was released meanwhile needs none.
    if (thrown instanceof DemanglerMissing) post({ event: 'unnamed', message: thrown.message });
    else if (isTrap(thrown)) fatal(0, thrown);
  }
}

/** The buffers of an answer that can move instead of being copied. */
function buffersOf(result: unknown): Transferable[] {
  if (result instanceof ArrayBuffer) return [result];
  if (ArrayBuffer.isView(result)) return [result.buffer as ArrayBuffer];
  if (typeof result !== 'object' || result === null) return [];
  const found = new Set<ArrayBuffer>();
  for (const value of Object.values(result)) {
    if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer);
  }
  return [...found];
}

async function dispatch({ method, params }: Request): Promise<unknown> {
  if (method === 'init') {
    await init({ module_or_path: params[0] as WebAssembly.Module });
    return protocol_version();
  }
  if (method === 'open') return await open(params[0] as Parameters<EngineMethods['open']>[0]);
  const result = await call(method, params);
  if (method === 'query') void nameResult((result as QueryResult).handle);
  if (method === 'setDemangle') void nameResult(newest);
  return result;
}

self.onmessage = async (event: MessageEvent<Request>) => {
  const { id } = event.data;
  try {
    const result = await dispatch(event.data);
    post({ id, result }, buffersOf(result));
  } catch (thrown) {
    if (isTrap(thrown)) fatal(id, thrown);
    else post({ id, error: errorShape(thrown) });
  }
};

// A trap inside a future of the engine surfaces here and not as the rejection of a call.
self.addEventListener('error', (event) => {
  event.preventDefault();
  fatal(0, event.error ?? event.message);
});
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  if (isTrap(event.reason)) fatal(0, event.reason);
});
