/**
 * The page's side of the engine worker: typed calls, events, and recovery from a crash.
 *
 * Invariants:
 * - Every call settles: with its answer, with the engine's error, or with `engine-crashed` when the worker trapped.
 * - A crashed worker is never asked again. A new one is started with growing pauses and opens the same database;
 *   after `CRASH_LIMIT` crashes within a minute the client gives up and says so (`failed`).
 * - Handles of results belong to one `epoch` (one life of the worker) and must not be used in a later one.
 */

import { Emitter } from './emitter.ts';
import { ClientCode, EngineError } from './errors.ts';
import { PROTOCOL_VERSION } from './protocol.ts';
import type { CallProgress, EngineMethods, EngineStatus, Reply, Request, Sharding, StoragePlace, WatchedMethod } from './protocol.ts';
import { ShardWorkers } from './shard-workers.ts';
import { endWorker, startEngineWorker } from './worker-port.ts';
import type { WorkerPort } from './worker-port.ts';

/** Crashes within `CRASH_WINDOW_MS` after which the client stops restarting. */
export const CRASH_LIMIT = 5;
const CRASH_WINDOW_MS = 60_000;
const RESTART_PAUSES_MS = [0, 250, 500, 1000, 2000];

/** Where the worker is in its life. */
export type ClientPhase = 'idle' | 'starting' | 'ready' | 'restarting' | 'failed' | 'closed';

/** Methods that callers may use; opening is the client's own business. */
export type CallMethod = Exclude<keyof EngineMethods, 'open'>;

/** How a caller follows a call that may take long. */
export interface Following {
  /** Gives it up: the call is rejected with `cancelled` at once, and the engine stops within a slice of work. */
  signal?: AbortSignal | undefined;
  /** Of a call about a result: the life of the engine that the result is of; another one refuses with `stale-handle`. */
  epoch?: number;
  /** How far it is, and for a query what was merged so far. */
  onProgress?: (progress: CallProgress) => void;
}

/** What the client tells. */
export interface ClientEvents {
  /** The store's state changed: saving, saved, degraded, read-only. */
  state: EngineStatus;
  /** A commit became visible, of this tab or of another one. */
  committed: { generation: number };
  /** The worker's life changed. */
  phase: ClientPhase;
  /** The engine crashed and is back on the same data: results are gone, queries must run again. */
  restarted: { error: EngineError };
  /** The engine is gone for good. */
  failed: { error: EngineError };
  /** Names of a result are shown otherwise than before: what was drawn of it is out of date. */
  named: { handle: number; epoch: number };
  /** How far `verify` is, in bytes. */
  verifying: { done: number; total: number };
  /** Names of C++ stay as they are: what reads them could not be fetched. */
  unnamed: { message: string };
  /** A call was answered with an error; the caller hears of it too. */
  refused: { error: EngineError };
}

/** How to open the engine, and where profiles are kept. */
export interface ClientOptions extends StoragePlace {
  /** A second copy, kept equal to the first; what one lacks is taken from the other. */
  replica?: StoragePlace | Promise<StoragePlace | undefined>;
  /** Name of the database. */
  name: string;
  /** The compiled engine (see `compileEngine`). */
  module: WebAssembly.Module | Promise<WebAssembly.Module>;
  /** Whether names are shown demangled, at first; see `setDemangle`. They are without it. */
  demangle?: boolean;
  /** False for a client that only copies a database which it can't open (`copyStorage`); true without it. */
  opens?: boolean;
  /** How large queries are merged, at first; see `setSharding`. By the engine's worker alone without it. */
  shards?: Sharding | null;
  /** Start the workers; for tests and for hosts that bundle them in their own way. */
  startWorker?: () => WorkerPort;
  startShardWorker?: () => WorkerPort;
  /** Time for the restart pauses; for tests. */
  sleep?: (milliseconds: number) => Promise<void>;
}

interface PendingCall {
  resolve(result: unknown): void;
  reject(error: EngineError): void;
  onProgress?: Following['onProgress'];
}

/** One engine worker and its database. */
export class EngineClient extends Emitter<ClientEvents> {
  readonly #options: ClientOptions;
  readonly #pending = new Map<number, PendingCall>();
  readonly #shards: ShardWorkers;
  #worker: WorkerPort | null = null;
  #nextId = 1;
  #phase: ClientPhase = 'idle';
  #epoch = 0;
  #status: EngineStatus | null = null;
  #ready: Promise<EngineStatus | null> | null = null;
  #crashes: number[] = [];
  #lastCrash: EngineError | null = null;
  #demangle: boolean;

  constructor(options: ClientOptions) {
    super();
    this.#options = options;
    this.#demangle = options.demangle ?? true;
    const { backend, directory, name, module, shards, startShardWorker } = options;
    this.#shards = new ShardWorkers({
      place: directory === undefined ? { backend, name } : { backend, name, directory },
      module,
      sharding: shards ?? null,
      send: (method, params) => this.#send(method, params),
      startWorker: startShardWorker,
    });
  }

  /** Number of the worker's present life. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Where the worker is in its life. */
  get phase(): ClientPhase {
    return this.#phase;
  }

  /** The status told last, or null before the first. */
  get status(): EngineStatus | null {
    return this.#status;
  }

  /** Starts the worker and opens the database; later calls give the same answer. Null for a client that opens none. */
  start(): Promise<EngineStatus | null> {
    if (this.#ready === null) {
      this.#setPhase('starting');
      this.#ready = this.#bringUp();
      this.#ready.catch((thrown: unknown) => this.#fail(EngineError.of(thrown)));
    }
    return this.#ready;
  }

  /** Calls a method of the engine, after a restart that may be under way. */
  async call<Method extends CallMethod>(
    method: Method,
    ...params: Parameters<EngineMethods[Method]>
  ): Promise<ReturnType<EngineMethods[Method]>> {
    await this.start();
    return (await this.#send(method, params)) as ReturnType<EngineMethods[Method]>;
  }

  /** Like `call`, for what may take long. */
  async follow<Method extends WatchedMethod>(
    { signal, onProgress, epoch }: Following,
    method: Method,
    ...params: Parameters<EngineMethods[Method]>
  ): Promise<ReturnType<EngineMethods[Method]>> {
    await this.start();
    if (epoch !== undefined) this.#expect(epoch);
    if (signal?.aborted === true) throw new EngineError(ClientCode.cancelled, 'given up');
    const id = this.#nextId;
    const answer = this.#send(method, params, onProgress);
    const giveUp = (): void => {
      const call = this.#pending.get(id);
      if (call === undefined) return;
      this.#pending.delete(id);
      call.reject(new EngineError(ClientCode.cancelled, 'given up'));
      this.#send('cancel', [id]).catch(() => undefined);
    };
    signal?.addEventListener('abort', giveUp);
    try {
      return (await answer) as ReturnType<EngineMethods[Method]>;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Like `call`, for handles of results: refuses with `stale-handle` when the worker was restarted since `epoch`. */
  async callIn<Method extends CallMethod>(
    epoch: number,
    method: Method,
    ...params: Parameters<EngineMethods[Method]>
  ): Promise<ReturnType<EngineMethods[Method]>> {
    await this.start();
    this.#expect(epoch);
    return (await this.#send(method, params)) as ReturnType<EngineMethods[Method]>;
  }

  #expect(epoch: number): void {
    if (this.#epoch !== epoch) {
      throw new EngineError(ClientCode.staleHandle, 'the engine was restarted; this result is gone, query again');
    }
  }

  /** Whether names are shown demangled or as they are stored; outlives a crash of the engine. */
  async setDemangle(on: boolean): Promise<void> {
    this.#demangle = on;
    await this.call('setDemangle', on);
  }

  /**
   * Has large queries of what is stored merged by several workers, or with null by the engine's alone: the answers are the same.
   * Outlives a crash of the engine.
   */
  async setSharding(sharding: Sharding | null): Promise<void> {
    this.#shards.choose(sharding);
    await this.start();
    await this.#shards.tell();
  }

  /** Ends the worker. Pending calls are rejected with `closed`. */
  close(): void {
    this.#drop(new EngineError(ClientCode.closed, 'the engine was closed'));
    this.#setPhase('closed');
    this.#ready = Promise.reject(new EngineError(ClientCode.closed, 'the engine was closed'));
    this.#ready.catch(() => undefined);
  }

  async #launch(): Promise<EngineStatus | null> {
    const module = await this.#options.module;
    if (this.#phase === 'closed') throw new EngineError(ClientCode.closed, 'the engine was closed');
    const worker = (this.#options.startWorker ?? startEngineWorker)();
    this.#worker = worker;
    this.#epoch += 1;
    worker.onmessage = (event) => this.#receive(event.data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      if (this.#worker === worker) this.#crashed(event.message || 'the engine worker stopped');
    };
    worker.onmessageerror = () => {
      if (this.#worker === worker) this.#crashed('an answer of the engine could not be read');
    };
    const version = await this.#send('init', [module]);
    if (version !== PROTOCOL_VERSION) {
      throw new EngineError(
        ClientCode.protocolMismatch,
        `the engine speaks protocol ${String(version)}, this page ${PROTOCOL_VERSION}`,
      );
    }
    if (this.#options.opens === false) return null;
    const { backend, directory, name } = this.#options;
    const replica = await this.#options.replica;
    const config: Parameters<EngineMethods['open']>[0] = { backend, name, demangle: this.#demangle };
    if (directory !== undefined) config.directory = directory;
    if (replica !== undefined) config.replica = replica;
    const status = (await this.#send('open', [config])) as EngineStatus;
    await this.#shards.opened();
    this.#setStatus(status);
    this.#setPhase('ready');
    return status;
  }

  #send(method: Request['method'], params: unknown[], onProgress?: Following['onProgress']): Promise<unknown> {
    const worker = this.#worker;
    if (worker === null) {
      return Promise.reject(new EngineError(ClientCode.engineCrashed, 'the engine is restarting; try again'));
    }
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onProgress });
      try {
        worker.postMessage({ id, method, params }, transferables(method, params));
      } catch (thrown) {
        this.#pending.delete(id);
        reject(EngineError.of(thrown));
      }
    });
  }

  #receive(reply: Reply): void {
    if ('event' in reply) {
      if (reply.event === 'state') this.#setStatus(reply.status);
      else if (reply.event === 'named') this.emit('named', { handle: reply.handle, epoch: this.#epoch });
      else if (reply.event === 'verifying') this.emit('verifying', { done: reply.done, total: reply.total });
      else if (reply.event === 'unnamed') this.emit('unnamed', { message: reply.message });
      else if (reply.event === 'wantsShards') void this.#shards.start();
      else if (reply.event === 'shardsIdle') this.#shards.stop();
      else this.emit('committed', { generation: reply.generation });
      return;
    }
    if ('progress' in reply) {
      this.#pending.get(reply.id)?.onProgress?.(reply.progress);
      return;
    }
    if ('error' in reply && reply.fatal === true) {
      this.#crashed(reply.error.message);
      return;
    }
    const call = this.#pending.get(reply.id);
    if (call === undefined) return;
    this.#pending.delete(reply.id);
    if (!('error' in reply)) {
      call.resolve(reply.result);
      return;
    }
    const error = EngineError.from(reply.error);
    call.reject(error);
    this.emit('refused', { error });
  }

  /** Ends the worker and rejects what waits for it. */
  #drop(error: EngineError): void {
    this.#shards.stop();
    const worker = this.#worker;
    this.#worker = null;
    if (worker !== null) endWorker(worker);
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    for (const call of calls) call.reject(error);
  }

  #crashed(message: string): void {
    const error = new EngineError(ClientCode.engineCrashed, message);
    this.#lastCrash = error;
    const opening = this.#phase === 'starting' || this.#phase === 'restarting';
    this.#drop(error);
    const now = Date.now();
    this.#crashes = this.#crashes.filter((at) => now - at < CRASH_WINDOW_MS);
    this.#crashes.push(now);
    // A crash while opening has just rejected `init` or `open`: #bringUp hears of it there.
    if (!opening) this.#beginRestart(error);
  }

  #beginRestart(error: EngineError): void {
    this.#setPhase('restarting');
    this.#ready = this.#bringUp();
    this.#ready.then(
      () => this.emit('restarted', { error }),
      (thrown: unknown) => this.#fail(EngineError.of(thrown)),
    );
  }

  /** Launches until the database is open, a launch fails for good, or there were too many crashes. */
  async #bringUp(): Promise<EngineStatus | null> {
    const sleep = this.#options.sleep ?? pause;
    for (;;) {
      const crashes = this.#crashes.length;
      if (crashes >= CRASH_LIMIT) {
        throw new EngineError(
          ClientCode.engineFailed,
          `the engine crashed ${crashes} times within a minute; the last time: ${this.#lastCrash?.message ?? ''}`,
        );
      }
      if (crashes > 0) await sleep(RESTART_PAUSES_MS[crashes - 1] ?? 0);
      try {
        return await this.#launch();
      } catch (thrown) {
        const error = EngineError.of(thrown);
        if (error.code !== ClientCode.engineCrashed) throw error;
      }
    }
  }

  #fail(error: EngineError): void {
    if (this.#phase === 'closed') return;
    this.#drop(error);
    this.#setPhase('failed');
    this.emit('failed', { error });
  }

  #setPhase(phase: ClientPhase): void {
    if (this.#phase === phase) return;
    this.#phase = phase;
    this.emit('phase', phase);
  }

  #setStatus(status: EngineStatus): void {
    this.#status = status;
    this.emit('state', status);
  }
}

/** What moves to the worker instead of being copied: the batch of an ingest, and ports. */
function transferables(method: Request['method'], params: unknown[]): Transferable[] {
  const first = params[0];
  if (method === 'addShards') return [...(first as MessagePort[])];
  return method === 'ingest' && first instanceof Uint8Array ? [first.buffer as ArrayBuffer] : [];
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
