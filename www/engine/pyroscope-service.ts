/**
 * Pyroscope's interface over the store of this page. The worker behind it is started by the first request; one that is lost is
 * replaced by the next.
 */

import { EngineError } from './errors.ts';
import { loadOnce } from './load-once.ts';
import type { EngineClient } from './client.ts';
import type { Answered, Asked, PageReply, PageRequest, WorkerReply, WorkerRequest } from './pyroscope-protocol.ts';
import type { StoredManifest } from './protocol.ts';

/** What the service needs of a `Worker`. */
export interface PyroscopeWorker {
  postMessage(message: WorkerRequest, transfer: Transferable[]): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<WorkerReply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

/** What the service needs of the engine. */
export type StoreOfEngine = Pick<EngineClient, 'call'>;

/** The engine of now, and how a worker is started. */
export interface PyroscopeServiceOptions {
  client: () => StoreOfEngine;
  module: () => Promise<WebAssembly.Module>;
  startWorker?: () => PyroscopeWorker;
}

function startWorker(): PyroscopeWorker {
  return new Worker(new URL('./pyroscope-worker.ts', import.meta.url), { type: 'module', name: 'emberglass pyroscope' });
}

/** Answers requests. */
export class PyroscopeService {
  readonly #options: PyroscopeServiceOptions;
  readonly #waiting = new Map<number, { resolve(answered: Answered): void; reject(why: Error): void }>();
  readonly #module: () => Promise<WebAssembly.Module>;
  #worker: PyroscopeWorker | null = null;
  /** Whose store the worker reads. */
  #of: StoreOfEngine | null = null;
  #lastId = 0;

  constructor(options: PyroscopeServiceOptions) {
    this.#options = options;
    this.#module = loadOnce(() => options.module());
  }

  /** Answers a request; throws why there is no answer. */
  async answer(asked: Asked): Promise<Answered> {
    const client = this.#options.client();
    const [module, { generation }] = await Promise.all([this.#module(), client.call('status')]);
    const worker = this.#workerOf(client, module);
    const id = ++this.#lastId;
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, asked, generation }, [asked.body.buffer as ArrayBuffer]);
    });
  }

  /** Ends the worker; what waits for it is not answered, and told why. */
  stop(why = 'the worker was stopped'): void {
    this.#worker?.terminate();
    this.#worker = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new EngineError('stopped', why));
  }

  #workerOf(client: StoreOfEngine, module: WebAssembly.Module): PyroscopeWorker {
    if (this.#worker !== null && this.#of === client) return this.#worker;
    this.stop('the page opened another store');
    const worker = (this.#options.startWorker ?? startWorker)();
    worker.onmessage = ({ data }) => this.#told(worker, client, data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      if (this.#worker === worker) this.stop(event.message || 'the worker stopped');
    };
    worker.postMessage({ start: module }, []);
    this.#worker = worker;
    this.#of = client;
    return worker;
  }

  #told(worker: PyroscopeWorker, client: StoreOfEngine, reply: WorkerReply): void {
    if (this.#worker !== worker) return;
    if ('lost' in reply) {
      this.stop(reply.lost);
    } else if ('need' in reply) {
      void this.#give(worker, client, reply);
    } else {
      this.#waiting.get(reply.id)?.resolve(reply.answered);
      this.#waiting.delete(reply.id);
    }
  }

  async #give(worker: PyroscopeWorker, client: StoreOfEngine, need: Extract<WorkerReply, { need: number }>): Promise<void> {
    try {
      const value = await (need.what === 'manifest' ? client.call('storedManifest') : client.call('storedSections', need.keys));
      worker.postMessage({ given: need.need, value }, buffersOf(value));
    } catch (thrown) {
      const { code, message } = EngineError.of(thrown);
      worker.postMessage({ given: need.need, error: { code, message, offset: null } }, []);
    }
  }
}

function buffersOf(value: StoredManifest | null | (Uint8Array | null)[]): Transferable[] {
  const views = Array.isArray(value) ? value : [value?.bytes];
  return views.flatMap((view) => (view == null ? [] : [view.buffer as ArrayBuffer]));
}

function isPageRequest(data: unknown): data is PageRequest {
  return typeof data === 'object' && data !== null && (data as Partial<PageRequest>).emberglass === 'pyroscope';
}

/** Answers what the service worker of this page forwards. */
export function answerServiceWorker(container: ServiceWorkerContainer, service: PyroscopeService): void {
  container.addEventListener('message', ({ data, ports }: MessageEvent<unknown>) => {
    const port = ports[0];
    if (port === undefined || !isPageRequest(data)) return;
    const reply = (of: PageReply, transfer: Transferable[] = []): void => port.postMessage(of, transfer);
    reply({ taken: true });
    service.answer(data.asked).then(
      (answered) => reply({ answered }, [answered.body.buffer as ArrayBuffer]),
      (thrown: unknown) => reply({ refused: { status: 500, code: 'internal', message: EngineError.of(thrown).message } }),
    );
  });
  container.startMessages();
}
