/** The worker that answers requests of Pyroscope's interface from the page's store, which it reads through the page. */

import init, { Server } from './pkg/emberglass_server.js';
import { EngineError } from './errors.ts';
import type { Answered, Asked, StoreAccess, WorkerReply, WorkerRequest } from './pyroscope-protocol.ts';

type Need = { what: 'manifest' } | { what: 'sections'; keys: Float64Array };

const needs = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
let lastNeed = 0;
let started: Promise<unknown> | null = null;
let server: Server | null = null;
let generation = -1;
/** One request after the other: they share the module's memory. */
let turn: Promise<void> = Promise.resolve();

function post(reply: WorkerReply, transfer: Transferable[] = []): void {
  self.postMessage(reply, { transfer });
}

function need(wanted: Need): Promise<unknown> {
  const id = ++lastNeed;
  return new Promise((resolve, reject) => {
    needs.set(id, { resolve, reject });
    post({ need: id, ...wanted });
  });
}

const access: StoreAccess = {
  manifest: async () => (await need({ what: 'manifest' })) as Awaited<ReturnType<StoreAccess['manifest']>>,
  sections: async (keys) => (await need({ what: 'sections', keys })) as (Uint8Array | null)[],
};

async function answer({ method, target, headers, body }: Asked, stored: number): Promise<Answered> {
  await started;
  if (server === null) server = await Server.open_page(access);
  else if (stored !== generation) await server.refresh();
  generation = stored;
  const answer = await server.handle(method, target, headers, body, Date.now());
  const { status, content_type: contentType, body: answered } = answer;
  answer.free();
  return { status, contentType, body: answered };
}

self.onmessage = ({ data }: MessageEvent<WorkerRequest>) => {
  if ('start' in data) {
    started = init({ module_or_path: data.start });
  } else if ('given' in data) {
    const waiting = needs.get(data.given);
    needs.delete(data.given);
    if ('error' in data) waiting?.reject(data.error);
    else waiting?.resolve(data.value);
  } else {
    const { id, asked, generation: stored } = data;
    turn = turn.then(async () => {
      try {
        const answered = await answer(asked, stored);
        post({ id, answered }, [answered.body.buffer as ArrayBuffer]);
      } catch (thrown) {
        post({ lost: EngineError.of(thrown).message });
      }
    });
  }
};

// A trap inside a future surfaces here and not as the rejection of a call.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  post({ lost: EngineError.of(event.reason).message });
});
