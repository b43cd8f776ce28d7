/** Errors of the engine as JavaScript errors: a stable kebab-case `code`, and where in the input it happened. */

import type { EngineErrorShape } from './protocol.ts';

/** What the engine, its workers or this client refuse with. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** Stable, kebab-case; programs decide by it. */
  readonly code: string;
  /** Byte offset into the (inflated) input, where the error belongs to one. */
  readonly offset: number | null;

  constructor(code: string, message: string, offset: number | null = null) {
    super(message);
    this.code = code;
    this.offset = offset;
  }

  /** From the plain object that crosses the worker boundary. */
  static from(shape: EngineErrorShape): EngineError {
    return new EngineError(shape.code, shape.message, shape.offset ?? null);
  }

  /** Any thrown value as an `EngineError`; what is none gets the code `internal`. */
  static of(thrown: unknown): EngineError {
    return thrown instanceof EngineError ? thrown : EngineError.from(errorShape(thrown));
  }

  /** `message (code, at byte N)`, as on the command line. */
  describe(): string {
    return `${this.message} ${this.reference()}`;
  }

  /** `(code, at byte N)`. */
  reference(): string {
    const place = this.offset === null ? '' : `, at byte ${this.offset}`;
    return `(${this.code}${place})`;
  }
}

/** Codes that this client gives, beside those of the engine. */
export const ClientCode = {
  /** The engine worker trapped; it is being restarted, and the call may be repeated. */
  engineCrashed: 'engine-crashed',
  /** The engine crashed too often, or its data could not be opened again. */
  engineFailed: 'engine-failed',
  /** The decoder trapped on this file. */
  decoderCrashed: 'decoder-crashed',
  /** The client or the pool was closed. */
  closed: 'closed',
  /** The user or the caller gave up. */
  cancelled: 'cancelled',
  /** The platform refused to read the file. */
  unreadableFile: 'unreadable-file',
  /** Page and worker speak different protocol versions: a reload loads both anew. */
  protocolMismatch: 'protocol-mismatch',
  /** The handle belongs to an engine that has been restarted since. */
  staleHandle: 'stale-handle',
  /** Something that has no code of its own. */
  internal: 'internal',
} as const;

/** Any thrown value in the shape that crosses the boundary. */
export function errorShape(thrown: unknown): EngineErrorShape {
  if (thrown instanceof EngineError) {
    return { code: thrown.code, message: thrown.message, offset: thrown.offset };
  }
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string') {
    const shape = thrown as Partial<EngineErrorShape> & { code: string };
    return { code: shape.code, message: String(shape.message ?? shape.code), offset: shape.offset ?? null };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: ClientCode.internal, message, offset: null };
}

/**
 * Whether a thrown value means that the wasm instance must be thrown away: a trap, or a stack that ran out
 * inside it. Both leave its memory half written.
 */
export function isTrap(thrown: unknown): boolean {
  return (
    thrown instanceof WebAssembly.RuntimeError ||
    (thrown instanceof RangeError && /call stack/i.test(thrown.message))
  );
}
