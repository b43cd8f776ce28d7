/**
 * A few decode workers, started when the first file comes. One file per worker at a time, read or written; a cancelled
 * file ends its worker at once (a decoder inside wasm hears nothing), and the next file starts a new one.
 */

import { ClientCode, EngineError } from './errors.ts';
import { loadOnce } from './load-once.ts';
import { PROTOCOL_VERSION } from './protocol.ts';
import type { Encoded, Member, OutputFormat, ReportFacts, Reply, Request } from './protocol.ts';
import { endWorker, startDecodeWorker } from './worker-port.ts';
import type { WorkerPort } from './worker-port.ts';

/** wasm memory never shrinks: a worker that took a file of this size is not used again. */
const RETIRE_AFTER_BYTES = 64 * 2 ** 20;
const MOST_WORKERS = 4;

/** What is known while a file is being decoded, in bytes of it. */
export interface DecodeProgress {
  done: number;
  total: number;
}

/** How to decode one file. */
export interface DecodeOptions {
  signal?: AbortSignal;
  onProgress?: (progress: DecodeProgress) => void;
}

/** How to build a pool. */
export interface PoolOptions {
  /** Loads the module of file formats (see `compileFormats`): asked when the first worker starts. */
  module: () => Promise<WebAssembly.Module>;
  /** Number of workers; by default one less than the processor has cores, 1 to 4. */
  size?: number;
  startWorker?: () => WorkerPort;
}

interface Job {
  request: Request;
  transfer: Transferable[];
  /** Size of what goes in; of an archive that of the largest member, if that is larger. */
  bytes: number;
  options: DecodeOptions;
  worker: PoolWorker | null;
  /** Why it ended before its end. */
  failure: EngineError | null;
  resolve(result: unknown): void;
  reject(error: EngineError): void;
  /** Stops listening to the abort signal. */
  forget(): void;
}

interface PoolWorker {
  port: WorkerPort;
  ready: boolean;
  job: Job | null;
}

/** Workers to use on a machine with `cores` cores. */
export function poolSize(cores: number): number {
  return Math.max(1, Math.min(MOST_WORKERS, cores - 1));
}

/** The pool. `size` files are decoded at once; more wait in the order they came. */
export class DecodePool {
  readonly size: number;
  readonly #options: PoolOptions;
  readonly #workers = new Set<PoolWorker>();
  readonly #waiting: Job[] = [];
  readonly #module: () => Promise<WebAssembly.Module>;
  #starting = 0;
  #nextId = 1;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#module = loadOnce(() => options.module());
    this.size = options.size ?? poolSize(globalThis.navigator?.hardwareConcurrency ?? 2);
  }

  /** Starts one worker before there is work: the first import need not wait for it, nor for the network. */
  warm(): void {
    if (!this.#closed && this.#workers.size + this.#starting === 0) void this.#startWorker();
  }

  /**
   * Decodes a file, or all members of the archive that it is. The next member is decoded when it is asked for, and the
   * worker waits that long. What is wrong with a file or a member is part of it; throws `cancelled`, or
   * `decoder-crashed` if the decoder trapped.
   */
  async *decode(file: Blob, name: string, options: DecodeOptions = {}): AsyncGenerator<Member, void, void> {
    const job = this.#jobOf('decode', [file, name], [], file.size, options);
    try {
      for (let member = await this.#start(job); member !== null; member = await this.#next(job)) {
        yield member as Member;
      }
    } finally {
      job.forget();
      // The caller wants no more of it: the worker holds an open archive.
      if (job.worker?.job === job) {
        this.#end(job.worker);
        this.#pump();
      }
    }
  }

  /**
   * Writes a batch, which moves to the worker, as a file; reports say `facts`. Of `html` it writes the profile, and the
   * page around it is the caller's (`www/report/assemble.ts`). Rejects with the encoder's error, or as `decode` throws.
   */
  encode(batch: Uint8Array, format: string, facts: ReportFacts = {}, options: DecodeOptions = {}): Promise<Encoded> {
    const transfer = [batch.buffer as ArrayBuffer];
    const job = this.#jobOf('encode', [batch, format, facts], transfer, batch.byteLength, options);
    return this.#start(job) as Promise<Encoded>;
  }

  /** The formats that `encode` writes. */
  outputFormats(): Promise<OutputFormat[]> {
    return this.#start(this.#jobOf('outputFormats', [], [], 0, {})) as Promise<OutputFormat[]>;
  }

  #jobOf(
    method: 'decode' | 'encode' | 'outputFormats',
    params: unknown[],
    transfer: Transferable[],
    bytes: number,
    options: DecodeOptions,
  ): Job {
    const request = { id: this.#nextId, method, params };
    this.#nextId += 1;
    const nothing = (): void => undefined;
    return { request, transfer, bytes, options, worker: null, failure: null, resolve: nothing, reject: nothing, forget: nothing };
  }

  #start(job: Job): Promise<unknown> {
    const { signal } = job.options;
    if (this.#closed) return Promise.reject(new EngineError(ClientCode.closed, 'the decoders were closed'));
    if (signal?.aborted === true) return Promise.reject(cancelled());
    const abort = (): void => this.#cancel(job);
    signal?.addEventListener('abort', abort, { once: true });
    job.forget = () => signal?.removeEventListener('abort', abort);
    return new Promise((resolve, reject) => {
      Object.assign(job, { resolve, reject });
      this.#waiting.push(job);
      this.#pump();
    });
  }

  /** Asks the worker that holds the job's file for more of it. */
  #next(job: Job): Promise<unknown> {
    const { worker, failure, request } = job;
    if (failure !== null) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      Object.assign(job, { resolve, reject });
      worker?.port.postMessage({ id: request.id, method: 'next', params: [] }, []);
    });
  }

  /** Ends all workers; what is under way is rejected with `closed`. */
  close(): void {
    this.#closed = true;
    const error = new EngineError(ClientCode.closed, 'the decoders were closed');
    const jobs = [...this.#waiting.splice(0), ...[...this.#workers].flatMap((worker) => worker.job ?? [])];
    for (const worker of [...this.#workers]) this.#end(worker);
    for (const job of jobs) this.#fail(job, error);
  }

  #pump(): void {
    for (const worker of this.#workers) {
      if (!worker.ready || worker.job !== null) continue;
      const job = this.#waiting.shift();
      if (job === undefined) return;
      worker.job = job;
      job.worker = worker;
      worker.port.postMessage(job.request, job.transfer);
    }
    const starting = this.#starting + [...this.#workers].filter((worker) => !worker.ready).length;
    const room = this.size - this.#workers.size - this.#starting;
    for (let more = Math.min(this.#waiting.length - starting, room); more > 0; more -= 1) void this.#startWorker();
  }

  async #startWorker(): Promise<void> {
    this.#starting += 1;
    let module: WebAssembly.Module;
    try {
      module = await this.#module();
    } catch (thrown) {
      this.#failWaiting(EngineError.of(thrown));
      return;
    } finally {
      this.#starting -= 1;
    }
    if (this.#closed) return;
    const worker: PoolWorker = { port: (this.#options.startWorker ?? startDecodeWorker)(), ready: false, job: null };
    this.#workers.add(worker);
    worker.port.onmessage = (event) => this.#receive(worker, event.data);
    worker.port.onerror = (event) => {
      event.preventDefault?.();
      this.#lost(worker, event.message || 'the decode worker stopped');
    };
    worker.port.onmessageerror = () => this.#lost(worker, 'an answer of the decode worker could not be read');
    worker.port.postMessage({ id: 0, method: 'init', params: [module] }, []);
  }

  #receive(worker: PoolWorker, reply: Reply): void {
    if ('event' in reply) return;
    if (reply.id === 0) {
      this.#started(worker, reply);
      return;
    }
    const job = worker.job;
    if (job === null || job.request.id !== reply.id) return;
    if ('progress' in reply) {
      job.options.onProgress?.(reply.progress);
      return;
    }
    if ('error' in reply) {
      if (reply.fatal === true) this.#lost(worker, reply.error.message);
      else {
        this.#release(worker, job);
        this.#fail(job, EngineError.from(reply.error));
      }
      return;
    }
    if (job.request.method === 'decode' && reply.result !== null) {
      job.bytes = Math.max(job.bytes, (reply.result as Member).bytes);
    } else {
      this.#release(worker, job);
      job.forget();
    }
    job.resolve(reply.result);
  }

  #started(worker: PoolWorker, reply: Exclude<Reply, { event: unknown }>): void {
    if ('result' in reply && reply.result === PROTOCOL_VERSION) {
      worker.ready = true;
      this.#pump();
      return;
    }
    this.#end(worker);
    this.#failWaiting(
      'error' in reply
        ? EngineError.from(reply.error)
        : new EngineError(ClientCode.protocolMismatch, 'page and decoder are of different versions'),
    );
  }

  #release(worker: PoolWorker, job: Job): void {
    worker.job = null;
    job.worker = null;
    if (job.bytes >= RETIRE_AFTER_BYTES) this.#end(worker);
    this.#pump();
  }

  #cancel(job: Job): void {
    const place = this.#waiting.indexOf(job);
    if (place >= 0) this.#waiting.splice(place, 1);
    if (job.worker !== null) this.#end(job.worker);
    this.#fail(job, cancelled());
    this.#pump();
  }

  /** A worker is gone: its file is to blame, the others go on in a new one. */
  #lost(worker: PoolWorker, message: string): void {
    if (!this.#workers.has(worker)) return;
    const { job, ready } = worker;
    this.#end(worker);
    const error = new EngineError(ClientCode.decoderCrashed, `the decoder crashed: ${message}`);
    if (job !== null) this.#fail(job, error);
    if (ready) this.#pump();
    else this.#failWaiting(error);
  }

  #failWaiting(error: EngineError): void {
    for (const job of this.#waiting.splice(0)) this.#fail(job, error);
  }

  #fail(job: Job, error: EngineError): void {
    job.worker = null;
    job.failure ??= error;
    job.forget();
    job.reject(error);
  }

  #end(worker: PoolWorker): void {
    this.#workers.delete(worker);
    endWorker(worker.port);
  }
}

function cancelled(): EngineError {
  return new EngineError(ClientCode.cancelled, 'cancelled');
}
