/** The wasm of `serve`: a module beside the bundle that holds store, queries and Pyroscope's interface. */

import { readFileSync } from 'node:fs';

import type { Answer } from '../engine/pkg/emberglass_server.js';
import { Server, initSync, memory_bytes } from '../engine/pkg/emberglass_server.js';
import type { Answered, Asked } from '../engine/pyroscope-protocol.ts';

/** Answers requests from memory. */
export interface Backend {
  handle(asked: Asked): Promise<Answered>;
  /** The answer to a request whose body is larger than `bytes`; it is counted. */
  tooLarge(bytes: number): Answered;
  /** Merges blocks that came together. */
  compact(): Promise<void>;
  /** Bytes of the module's memory. */
  memory(): number;
}

function answered(answer: Answer): Answered {
  const { status, content_type: contentType, body } = answer;
  answer.free();
  return { status, contentType, body };
}

/** Loads the module; blocks beyond `maxBytes` are dropped, the oldest first. */
export async function openBackend(maxBytes: number): Promise<Backend> {
  initSync({ module: readFileSync(new URL('emberglass_server_bg.wasm', import.meta.url)) });
  const server = await Server.open(maxBytes);
  return {
    async handle({ method, target, headers, body }) {
      return answered(await server.handle(method, target, headers, body, Date.now()));
    },
    tooLarge: (bytes) => answered(server.too_large(bytes)),
    async compact() {
      await server.compact();
    },
    memory: () => memory_bytes(),
  };
}
