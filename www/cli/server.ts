/** The wasm of `serve`: a module beside the bundle that holds store, queries and Pyroscope's interface. */

import { readFileSync } from 'node:fs';

import { Server, initSync, memory_bytes } from '../engine/pkg/emberglass_server.js';

/** A request as it came. */
export interface Asked {
  method: string;
  /** Path and query. */
  target: string;
  /** Names and values in turn. */
  headers: string[];
  body: Uint8Array;
}

/** What it is answered with. */
export interface Answered {
  status: number;
  /** Empty without a body. */
  contentType: string;
  body: Uint8Array;
}

/** Answers requests from memory. */
export interface Backend {
  handle(asked: Asked): Promise<Answered>;
  /** Merges blocks that came together. */
  compact(): Promise<void>;
  /** Bytes of the module's memory. */
  memory(): number;
}

/** Loads the module; blocks beyond `maxBytes` are dropped, the oldest first. */
export async function openBackend(maxBytes: number): Promise<Backend> {
  initSync({ module: readFileSync(new URL('emberglass_server_bg.wasm', import.meta.url)) });
  const server = await Server.open(maxBytes);
  return {
    async handle({ method, target, headers, body }) {
      const answer = await server.handle(method, target, headers, body, Date.now());
      const answered = { status: answer.status, contentType: answer.content_type, body: answer.body };
      answer.free();
      return answered;
    },
    async compact() {
      await server.compact();
    },
    memory: () => memory_bytes(),
  };
}
