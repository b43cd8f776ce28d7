/**
 * The engine's side of sharding: which queries are worth it, and the questions that are open.
 *
 * The workers are the page's ([ShardWorkers](shard-workers.ts)): they are asked for when the first query needs them, and let go
 * when none did for a while, because each has a module and a cache of its own. A part that does not come is no error: its
 * shard is merged by the engine itself.
 */

import type { CallProgress, Selection } from './protocol.ts';
import type { ShardAnswered, ShardAsked } from './shard-protocol.ts';

/** Bytes of samples from which on several workers answer a query sooner than one, even if they have to be started for it. */
export const SHARD_BYTES = 16 * 2 ** 20;
/** Workers that nobody asked for this long are let go. */
const IDLE_MS = 60_000;

/** What the worker lends. */
export interface ShardsHost {
  /** The workers are needed: `take` gets their ports. */
  want(): void;
  /** They are not needed for now. */
  release(): void;
}

/** How a query is followed by the engine; see `CallWatch` in `crates/wasm`. */
export interface QueryWatch {
  signal: AbortSignal;
  told: (progress: CallProgress) => void;
  others: (sampleBytes: number) => number;
  part: (index: number, of: number, generation: number) => Promise<Uint8Array | null>;
}

/** The other engines over the same storage, by the ports of their workers. */
export class Shards {
  readonly #count: number;
  readonly #fromBytes: number;
  readonly #host: ShardsHost;
  readonly #open = new Map<number, (part: Uint8Array | null) => void>();
  #ports: readonly MessagePort[] | null = null;
  /** Asked before the ports were there. */
  #waiting: (() => void)[] = [];
  #nextId = 1;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(count: number, fromBytes: number, host: ShardsHost) {
    this.#count = count;
    this.#fromBytes = fromBytes;
    this.#host = host;
  }

  /** Follows a query that may be sharded. */
  watch(selection: Selection, signal: AbortSignal, told: QueryWatch['told']): QueryWatch {
    return {
      signal,
      told,
      others: (sampleBytes) => (sampleBytes >= this.#fromBytes ? this.#count : 0),
      part: (index, of, generation) => this.#part({ id: this.#nextId++, selection, index, of, generation }, signal),
    };
  }

  /** The workers are there. */
  take(ports: readonly MessagePort[]): void {
    this.#ports = ports;
    for (const port of ports) {
      port.onmessage = ({ data }: MessageEvent<ShardAnswered>) => this.#settle(data.id, data.part);
    }
    for (const ask of this.#waiting.splice(0)) ask();
  }

  /** The workers are gone: what was asked of them has no part. */
  drop(): void {
    clearTimeout(this.#idle);
    for (const port of this.#ports ?? []) port.close();
    this.#ports = null;
    this.#waiting = [];
    for (const id of [...this.#open.keys()]) this.#settle(id, null);
  }

  #part(asked: Exclude<ShardAsked, { cancel: number }>, signal: AbortSignal): Promise<Uint8Array | null> {
    const { id, index } = asked;
    return new Promise((resolve) => {
      const port = (): MessagePort | undefined => this.#ports?.[index - 1];
      const giveUp = (): void => {
        port()?.postMessage({ cancel: id } satisfies ShardAsked);
        this.#settle(id, null);
      };
      this.#open.set(id, (part) => {
        signal.removeEventListener('abort', giveUp);
        resolve(part);
      });
      signal.addEventListener('abort', giveUp);
      clearTimeout(this.#idle);
      const ask = (): void => {
        const to = port();
        if (to === undefined) this.#settle(id, null);
        else if (this.#open.has(id)) to.postMessage(asked);
      };
      if (this.#ports !== null) ask();
      else if (this.#waiting.push(ask) === 1) this.#host.want();
    });
  }

  #settle(id: number, part: Uint8Array | null): void {
    const settle = this.#open.get(id);
    this.#open.delete(id);
    settle?.(part);
    if (this.#open.size > 0 || this.#ports === null) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.drop();
      this.#host.release();
    }, IDLE_MS);
  }
}
