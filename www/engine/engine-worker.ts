/**
 * The engine worker: one wasm instance, one database. Takes requests, calls the method of that name on the wasm
 * `Engine`, and answers; columns travel as transferred buffers. Of several tabs one writes ([`Tabs`](tabs.ts)); after each
 * commit it tells the page and the other tabs, whose workers then read the manifest again.
 */

import init, { Engine, PackFile, StorageCopyExport, protocol_version } from './pkg/emberglass_engine.js';
import { DemanglerMissing, demangleResult } from './demangler.ts';
import { ClientCode, errorShape, isTrap } from './errors.ts';
import { Packs } from './packs.ts';
import type { PackMethod } from './packs.ts';
import { WATCHED } from './protocol.ts';
import type { CallProgress, EngineMethods, EngineStatus, QueryResult, Reply, Request, ScrubResult, Selection, Sharding } from './protocol.ts';
import { SHARD_BYTES, Shards } from './shards.ts';
import { Tabs } from './tabs.ts';
import type { WriterStatus } from './tabs.ts';

/** The store is put in order when nothing was written for this long. */
const IDLE_MS = 10_000;
/** Everything stored is read again after this long. */
const SCRUB_EVERY_MS = 86_400_000;
/** Methods after which the generation may have moved. */
const WRITES: ReadonlySet<string> = new Set<keyof EngineMethods>([
  'ingest', 'importBlock', 'flush', 'delete', 'compact', 'clear', 'setRetention', 'retain', 'discardDamaged', 'resync', 'keepCopy',
]);
/** Pauses before two copies that are not equal are looked at again. */
const RESYNC_PAUSES_MS = [2000, 5000, 15_000, 60_000];
/** Methods and their wasm names: the compiler holds both sides of the boundary together here. */
const METHODS: Readonly<Record<Exclude<keyof EngineMethods, 'open' | 'stopVerify' | PackMethod>, keyof Engine>> = {
  status: 'status',
  refresh: 'refresh',
  storedManifest: 'stored_manifest',
  storedSections: 'stored_sections',
  ingest: 'ingest',
  flush: 'flush',
  storedFiles: 'stored_files',
  catalog: 'catalog',
  uploads: 'uploads',
  labelsFromPath: 'labels_from_path',
  labels: 'labels',
  metadata: 'metadata',
  complete: 'complete',
  estimate: 'estimate',
  cardinality: 'cardinality',
  query: 'query',
  derive: 'derive',
  release: 'release',
  series: 'series',
  groupedSeries: 'grouped_series',
  heatMap: 'heat_map',
  profiles: 'profiles',
  timeline: 'timeline',
  timeChart: 'time_chart',
  foldLanes: 'fold_lanes',
  timelinePage: 'timeline_page',
  top: 'top',
  diffTop: 'diff_top',
  diffNodes: 'diff_nodes',
  significance: 'significance',
  children: 'children',
  stacks: 'stacks',
  lines: 'lines',
  sourceFiles: 'source_files',
  sourceLines: 'source_lines',
  callGraph: 'call_graph',
  draw: 'draw',
  search: 'search',
  node: 'node',
  path: 'path',
  resolve: 'resolve',
  batch: 'batch',
  setDemangle: 'set_demangle',
  delete: 'delete_profiles',
  compact: 'compact',
  storage: 'storage',
  setRetention: 'set_retention',
  retain: 'retain',
  verify: 'verify',
  discardDamaged: 'discard_damaged',
  resync: 'resync',
  keepCopy: 'keep_copy',
  importBlock: 'import_block',
  clear: 'clear',
  trap: 'trap',
};

/** Calls under way that can be given up, by the ids of their requests. */
const watched = new Map<number, AbortController>();
const isWatched = (method: string): boolean => (WATCHED as readonly string[]).includes(method);

type Callable = Record<string, (...params: unknown[]) => unknown>;

let engine: Engine | null = null;
const packs = new Packs({
  begin: async (selection) => {
    if (engine === null) throw { code: 'not-open', message: 'the engine is not open', offset: null };
    return selection === 'unsaved' ? engine.begin_export_of_unsaved() : await engine.begin_export(selection);
  },
  beginCopy: (of) => StorageCopyExport.begin(of),
  file: () => new PackFile(),
  store: (block) => call('importBlock', [block]),
});
let tabs: Tabs | null = null;
let shards: Shards | null = null;
let generation = -1;
/** What was told last, as text. */
let toldStatus = '';
/** What another tab, which writes, said last. */
let ofWriter: WriterStatus | null = null;
let writesPending = 0;
let resyncAttempts = 0;
let resyncTimer: ReturnType<typeof setTimeout> | undefined;
/** The result asked for last. */
let newest = 0;
/** The walk over everything that is under way. */
let verifying: Promise<ScrubResult | null> | null = null;
let stopsVerifying = false;
let idleTimer: ReturnType<typeof setTimeout> | undefined;

function post(reply: Reply, transfer: Transferable[] = []): void {
  self.postMessage(reply, { transfer });
}

/** Tells the page that this instance is lost; it answers by terminating the worker. */
function fatal(id: number, thrown: unknown): void {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  post({ id, error: { code: ClientCode.engineCrashed, message, offset: null }, fatal: true });
}

/** Tells page and tabs how things stand, if that changed. */
function tell(force = false): void {
  const status = currentStatus();
  if (status === null) return;
  const text = JSON.stringify({ ...status, wasmBytes: 0 });
  if (!force && text === toldStatus) return;
  toldStatus = text;
  post({ event: 'state', status });
  tabs?.announce({ generation: status.generation, unsaved: status.unsaved });
  resyncLater(status);
}

/** As the engine sees it, with what only the tabs know. */
function currentStatus(): EngineStatus | null {
  if (engine === null) return null;
  const status = engine.status() as EngineStatus;
  status.role = tabs?.role ?? 'alone';
  if (status.role === 'reader' && status.unsaved === null && ofWriter?.unsaved != null && writesPending > 0) {
    status.unsaved = ofWriter.unsaved;
    status.state = 'degraded';
  }
  if (status.role === 'superseded' || status.connection === 'refused') status.state = 'read-only';
  if (writesPending > 0 && status.state === 'saved') status.state = 'saving';
  return status;
}

/** Tells of a commit, if there was one. */
function noticeCommit(): void {
  const status = currentStatus();
  if (status === null) return;
  const moved = status.generation !== generation;
  generation = status.generation;
  tell(moved);
  if (moved) post({ event: 'committed', generation });
}

async function open(config: Parameters<EngineMethods['open']>[0]): Promise<EngineStatus> {
  const opened = await Engine.open(config);
  engine = opened;
  opened.set_demangle(config.demangle);
  opened.observe(() => queueMicrotask(() => tell()));
  generation = (opened.status() as EngineStatus).generation;
  if (config.backend !== 'memory') {
    tabs = new Tabs(config.name, {
      run: async (method, params) => {
        try {
          return await runHere(method, params);
        } catch (thrown) {
          // After whoever asked was told.
          if (isTrap(thrown)) setTimeout(() => fatal(0, thrown));
          throw thrown;
        }
      },
      refresh: followOtherTab,
      told: (status) => {
        ofWriter = status;
        if (status.generation !== generation) void followOtherTab();
        else tell();
      },
      changed: () => tell(),
    });
    await tabs.join();
  }
  const status = currentStatus() as EngineStatus;
  toldStatus = JSON.stringify({ ...status, wasmBytes: 0 });
  resyncLater(status);
  tidyWhenIdle();
  return status;
}

/** Merges large queries with other workers from now on, or alone. */
function shard(sharding: Sharding | null): void {
  shards?.drop();
  shards = null;
  if (sharding === null || sharding.workers === 0) return;
  const want = (): void => post({ event: 'wantsShards' });
  shards = new Shards(sharding.workers, sharding.fromBytes ?? SHARD_BYTES, { want, release: () => post({ event: 'shardsIdle' }) });
}

async function followOtherTab(): Promise<void> {
  if (engine === null) return;
  try {
    await engine.refresh();
    noticeCommit();
  } catch (thrown) {
    if (isTrap(thrown)) fatal(0, thrown);
    else tell(true);
  }
}

/** Looks again, after a growing pause, at two copies that are not equal. */
function resyncLater({ replica, role }: EngineStatus): void {
  if (replica === null || replica.state === 'in-step' || replica.state === 'parted') {
    resyncAttempts = 0;
    return;
  }
  if (resyncTimer !== undefined || role === 'reader') return;
  const pause = RESYNC_PAUSES_MS[Math.min(resyncAttempts, RESYNC_PAUSES_MS.length - 1)];
  resyncAttempts += 1;
  resyncTimer = setTimeout(() => void resyncNow(), pause);
}

async function resyncNow(): Promise<void> {
  try {
    await engine?.resync();
  } catch (thrown) {
    if (isTrap(thrown)) fatal(0, thrown);
  }
  resyncTimer = undefined;
  tell(true);
}

/** Puts the store in order once nothing was written for a while. */
function tidyWhenIdle(): void {
  clearTimeout(idleTimer);
  idleTimer = setTimeout(() => void tidy(), IDLE_MS);
}

/** Merges blocks, drops what the policy says, and once a day reads everything. */
async function tidy(): Promise<void> {
  if (engine === null || tabs?.role === 'reader') return;
  try {
    await engine.compact(true);
    noticeCommit();
    await engine.retain();
    noticeCommit();
    const last = currentStatus()?.lastScrubMs ?? null;
    if (writesPending === 0 && (last === null || Date.now() - last > SCRUB_EVERY_MS)) {
      await verify(() => writesPending === 0);
    }
  } catch (thrown) {
    // What can't be done stays as it is; the next write tries again.
    if (isTrap(thrown)) fatal(0, thrown);
  }
}

/** Reads everything that is stored, while `wanted` says so; one walk at a time. */
async function verify(wanted: () => boolean): Promise<ScrubResult | null> {
  if (engine === null) return null;
  if (verifying === null) {
    stopsVerifying = false;
    const progress = (done: number, total: number): boolean => {
      post({ event: 'verifying', done, total });
      return !stopsVerifying && wanted();
    };
    verifying = (engine.verify(progress) as Promise<ScrubResult | null>).finally(() => {
      verifying = null;
      noticeCommit();
    });
  }
  return await verifying;
}

async function call(method: string, params: unknown[]): Promise<unknown> {
  if (engine === null) throw { code: 'not-open', message: 'the engine is not open', offset: null };
  if (method === 'stopVerify') {
    stopsVerifying = true;
    return undefined;
  }
  if (!Object.hasOwn(METHODS, method)) throw { code: 'unknown-method', message: `no method ${method}`, offset: null };
  const known = method as keyof typeof METHODS;
  if (method === 'verify') return await verify(() => true);
  if (method === 'refresh') {
    const changed = await runHere(known, params);
    noticeCommit();
    return changed;
  }
  if (method === 'status') return currentStatus();
  if (!WRITES.has(method)) return await runHere(known, params);
  return tabs === null ? await runHere(known, params) : await countWrite(tabs.write(known, params));
}

/** Calls a method that may take long, and passes on how far it is. */
async function callWatched(id: number, method: string, params: unknown[]): Promise<unknown> {
  const controller = new AbortController();
  watched.set(id, controller);
  const told = (progress: CallProgress): void => post({ id, progress });
  try {
    const { signal } = controller;
    const watch = method === 'query' ? shards?.watch(params[0] as Selection, signal, told) : undefined;
    return await call(method, [...params, watch ?? { signal, told }]);
  } finally {
    watched.delete(id);
  }
}

/** Calls a method of this tab's engine; of writes it is noticed when they begin and end. */
async function runHere(method: keyof EngineMethods, params: unknown[]): Promise<unknown> {
  const target = engine as unknown as Callable;
  const run = (): unknown => target[METHODS[method as keyof typeof METHODS]]?.(...params);
  if (!WRITES.has(method)) return await run();
  return await countWrite(Promise.resolve(run()));
}

/** Shows that something is being stored until it is. */
async function countWrite(answer: Promise<unknown>): Promise<unknown> {
  writesPending += 1;
  try {
    tell();
    return await answer;
  } finally {
    writesPending -= 1;
    if (writesPending === 0) tidyWhenIdle();
    queueMicrotask(() => {
      try {
        noticeCommit();
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

async function dispatch({ id, method, params }: Request): Promise<unknown> {
  if (method === 'cancel') {
    watched.get(params[0] as number)?.abort();
    return undefined;
  }
  if (method === 'init') {
    await init({ module_or_path: params[0] as WebAssembly.Module });
    return protocol_version();
  }
  if (method === 'shard') return shard(params[0] as Sharding | null);
  if (method === 'addShards') return shards?.take(params[0] as MessagePort[]);
  if (method === 'dropShards') return shards?.drop();
  if (method === 'open') return await open(params[0] as Parameters<EngineMethods['open']>[0]);
  const result = packs.has(method) ? await packs.call(method, params) : await (isWatched(method) ? callWatched(id, method, params) : call(method, params));
  if (method === 'query' || method === 'derive') void nameResult((result as QueryResult).handle);
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
