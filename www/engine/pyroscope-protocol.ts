/**
 * Requests of Pyroscope's interface and what carries them: from a service worker to a page, and from the page to the worker
 * that answers. `crates/wasm-server` is behind it.
 */

import type { EngineErrorShape, StoredManifest } from './protocol.ts';

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

/** What a service worker asks of a page; the port beside it is for the replies. */
export interface PageRequest {
  emberglass: 'pyroscope';
  asked: Asked;
}

/** Why there is no answer, under Connect's code. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
}

/** What a page replies: that it took the request, then the answer, or why there is none. */
export type PageReply = { taken: true } | { answered: Answered } | { refused: Refusal };

/** A store as the answering worker reads it. */
export interface StoreAccess {
  manifest(): Promise<StoredManifest | null>;
  /** Block, kind and part of each in turn. */
  sections(keys: Float64Array): Promise<(Uint8Array | null)[]>;
}

/** What the page tells the worker: the module to start with, requests, and what the worker asked for. */
export type WorkerRequest =
  | { start: WebAssembly.Module }
  | { id: number; asked: Asked; generation: number }
  | { given: number; value: unknown }
  | { given: number; error: EngineErrorShape };

/** What the worker tells: an answer, that it is lost, or what it needs of the store. */
export type WorkerReply =
  | { id: number; answered: Answered }
  | { lost: string }
  | { need: number; what: 'manifest' }
  | { need: number; what: 'sections'; keys: Float64Array };
