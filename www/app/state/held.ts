/**
 * Remembers, apart from the database, that something is stored in it: a browser that can't read a database may give an
 * empty one in its place, and nothing in that tells what was there.
 */

import type { EngineStatus } from '../../engine/protocol.ts';
import { storedHeld, storeHeld } from './preferences.ts';

/** What is known of data that is gone. */
export interface Gone {
  /** Bytes that were stored; null where only the browser says that something was. */
  bytes: number | null;
  /** When that was last seen, ms since the epoch. */
  seenMs: number | null;
  /** What the browser says; null where it says nothing. */
  why: string | null;
  /** Whether the second copy had it. */
  restored: boolean;
}

interface Held {
  bytes: number;
  atMs: number;
}

/** Of one page. */
export class HeldData {
  #generation = 0;
  /** What is gone, until the person has heard of it. */
  #gone: Gone | null = null;
  /** What the browser said that the person has heard. */
  #heard: string | null = null;
  #dropped: string | null = null;
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Takes what the engine tells; gives what is gone, or null where all is there that was, or the person has heard of it. */
  told(status: EngineStatus): Gone | null {
    const { backend, generation, dropped } = status;
    if (backend === 'memory') return null;
    this.#dropped = dropped;
    if (this.#gone === null || status.replica !== null) this.#gone = this.#missed(status);
    if (generation > 0 && generation !== this.#generation) {
      this.#generation = generation;
      this.#remember(status);
    }
    return this.#gone;
  }

  /** The person has heard that it is gone. */
  heard(backend: EngineStatus['backend']): void {
    this.#gone = null;
    this.#heard = this.#dropped;
    if (this.#generation === 0) storeHeld(backend, null);
  }

  #missed({ backend, generation, blocks, dropped, replica }: EngineStatus): Gone | null {
    const told = dropped !== null && dropped !== this.#heard;
    const held = generation === 0 ? parsed(storedHeld(backend)) : null;
    if (held === null && !told) return null;
    const why = told && dropped !== '' ? dropped : null;
    return { bytes: held?.bytes ?? null, seenMs: held?.atMs ?? null, why, restored: replica !== null && blocks > 0 };
  }

  #remember({ backend, blocks, storedBytes }: EngineStatus): void {
    const held: Held = { bytes: storedBytes, atMs: this.#now() };
    storeHeld(backend, blocks === 0 ? null : JSON.stringify(held));
  }
}

function parsed(text: string | null): Held | null {
  if (text === null || text === '') return null;
  try {
    const held = JSON.parse(text) as Partial<Held>;
    return typeof held.bytes === 'number' && typeof held.atMs === 'number' ? { bytes: held.bytes, atMs: held.atMs } : null;
  } catch {
    return null;
  }
}
