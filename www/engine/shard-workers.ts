/**
 * The page's side of sharding: the workers that merge shards of large queries, beside the engine's. Started together when the
 * engine wants them, ended together when it does not or as soon as one of them fails: it answers alone then.
 */

import { PROTOCOL_VERSION } from './protocol.ts';
import type { DatabasePlace, Reply, Request, Sharding } from './protocol.ts';
import { endWorker, startShardWorker } from './worker-port.ts';
import type { WorkerPort } from './worker-port.ts';

const MOST_WORKERS = 3;
/** Losses after which no worker is started again. */
const MOST_LOSSES = 3;

/** How a machine with `cores` cores merges large queries: with a worker for each core beside the engine's, up to 3. */
export function shardingFor(cores: number): Sharding {
  return { workers: Math.max(0, Math.min(MOST_WORKERS, cores - 1)) };
}

/** What they need of the client. */
export interface ShardWorkersOptions {
  /** The storage, which they only read. What is in memory is in that of one worker, and is merged by that one. */
  place: DatabasePlace;
  module: WebAssembly.Module | Promise<WebAssembly.Module>;
  /** How large queries are merged, at first; null for by the engine alone. */
  sharding: Sharding | null;
  /** Tells the engine's worker. */
  send: (method: Request['method'], params: unknown[]) => Promise<unknown>;
  startWorker?: (() => WorkerPort) | undefined;
}

/** The workers. */
export class ShardWorkers {
  readonly #options: ShardWorkersOptions;
  #sharding: Sharding | null;
  #workers: WorkerPort[] = [];
  #losses = 0;
  /** Tells a start from those that ended before it was through. */
  #turn = 0;

  constructor(options: ShardWorkersOptions) {
    this.#options = options;
    this.#sharding = options.place.backend === 'memory' ? null : options.sharding;
  }

  /** Chooses anew; the engine hears of it by `tell`. */
  choose(sharding: Sharding | null): void {
    this.stop();
    this.#losses = 0;
    this.#sharding = this.#options.place.backend === 'memory' ? null : sharding;
  }

  /** Tells an engine that was just started. */
  async opened(): Promise<void> {
    if (this.#sharding !== null && this.#losses < MOST_LOSSES) await this.tell();
  }

  /** Tells the engine how large queries are merged. */
  async tell(): Promise<void> {
    await this.#options.send('shard', [this.#sharding]);
  }

  /** The engine wants workers. */
  async start(): Promise<void> {
    const { module, send } = this.#options;
    this.stop();
    const turn = this.#turn;
    try {
      const compiled = await module;
      if (turn !== this.#turn) return;
      const count = this.#losses < MOST_LOSSES ? (this.#sharding?.workers ?? 0) : 0;
      await send('addShards', [Array.from({ length: count }, () => this.#startWorker(compiled))]);
    } catch {
      this.#lose();
    }
  }

  /** Ends them. */
  stop(): void {
    this.#turn += 1;
    for (const worker of this.#workers.splice(0)) endWorker(worker);
  }

  /** The port by which the engine asks it, at once if it likes. */
  #startWorker(module: WebAssembly.Module): MessagePort {
    const worker = (this.#options.startWorker ?? startShardWorker)();
    this.#workers.push(worker);
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.#lose();
    };
    worker.onmessageerror = () => this.#lose();
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ id: 0, method: 'init', params: [module] }, []);
    worker.postMessage({ id: 1, method: 'serve', params: [this.#options.place, port2] }, [port2]);
    return port1;
  }

  #receive(reply: Reply): void {
    const isOtherVersion = 'result' in reply && reply.id === 0 && reply.result !== PROTOCOL_VERSION;
    if ('error' in reply || isOtherVersion) this.#lose();
  }

  /** What was asked of them has no answer. */
  #lose(): void {
    this.#losses += 1;
    this.stop();
    this.#options.send('dropShards', []).catch(() => undefined);
  }
}
