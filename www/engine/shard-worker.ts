/**
 * A worker that merges shards of large queries for the engine's worker, which asks through a port of its own. It opens the same
 * storage for itself, so that reading, inflating and merging go on side by side; it writes nothing.
 */

import init, { Engine, protocol_version } from './pkg/emberglass_engine.js';
import { errorShape, isTrap } from './errors.ts';
import type { DatabasePlace, Reply, Request } from './protocol.ts';
import type { ShardAnswered, ShardAsked } from './shard-protocol.ts';

const open = new Map<number, AbortController>();
let started: Promise<unknown> | null = null;

function post(reply: Reply): void {
  self.postMessage(reply);
}

/** Tells the page that this instance is lost; it answers by terminating the worker. */
function fatal(thrown: unknown): void {
  post({ id: 0, error: errorShape(thrown), fatal: true });
}

async function serve(place: DatabasePlace, port: MessagePort): Promise<void> {
  await started;
  const engine = await Engine.open(place);
  port.onmessage = ({ data }: MessageEvent<ShardAsked>) => {
    if ('cancel' in data) open.get(data.cancel)?.abort();
    else void answer(engine, port, data);
  };
}

async function answer(engine: Engine, port: MessagePort, asked: Exclude<ShardAsked, { cancel: number }>): Promise<void> {
  const { id, selection, index, of, generation } = asked;
  const controller = new AbortController();
  open.set(id, controller);
  let part: Uint8Array | null = null;
  try {
    part = (await engine.part(selection, index, of, generation, { signal: controller.signal })) as Uint8Array | null;
  } catch (thrown) {
    // Of what it can't read or merge there is no part: the engine that asked meets the same, and says so.
    if (isTrap(thrown)) fatal(thrown);
  } finally {
    open.delete(id);
  }
  port.postMessage({ id, part } satisfies ShardAnswered, part === null ? [] : [part.buffer as ArrayBuffer]);
}

self.onmessage = async ({ data: { id, method, params } }: MessageEvent<Request>) => {
  try {
    if (method === 'init') {
      started = init({ module_or_path: params[0] as WebAssembly.Module });
      await started;
      post({ id, result: protocol_version() });
    } else if (method === 'serve') {
      await serve(params[0] as DatabasePlace, params[1] as MessagePort);
      post({ id, result: null });
    }
  } catch (thrown) {
    post({ id, error: errorShape(thrown) });
  }
};

// A trap inside a future of the engine surfaces here and not as the rejection of a call.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  if (isTrap(event.reason)) fatal(event.reason);
});
