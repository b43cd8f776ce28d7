/** What the client and the pool need of a `Worker`, and how they start one. */

import type { Reply, Request } from './protocol.ts';

/** A worker, or a stand-in for it. */
export interface WorkerPort {
  postMessage(message: Request, transfer: Transferable[]): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Reply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
}

/** Ends a worker, of which nothing is heard any more. */
export function endWorker(worker: WorkerPort): void {
  worker.onmessage = null;
  worker.onerror = null;
  worker.onmessageerror = null;
  worker.terminate();
}

/** Starts the engine worker. The literal form is what bundlers recognise. */
export function startEngineWorker(): WorkerPort {
  return new Worker(new URL('./engine-worker.ts', import.meta.url), { type: 'module', name: 'emberglass engine' });
}

/** Starts a worker that merges shards of queries. */
export function startShardWorker(): WorkerPort {
  return new Worker(new URL('./shard-worker.ts', import.meta.url), { type: 'module', name: 'emberglass shard' });
}

/** Starts a decode worker. */
export function startDecodeWorker(): WorkerPort {
  return new Worker(new URL('./decode-worker.ts', import.meta.url), { type: 'module', name: 'emberglass decoder' });
}
