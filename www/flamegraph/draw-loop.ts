/**
 * Asks a source for draw lists: one question under way, of those that wait the newest. Answers of an older source, and
 * to questions from before it, are dropped by their number. A question with another search, which may take long, is given up.
 */

import type { DrawRequest } from '../engine/protocol.ts';
import { DrawList } from './draw-list.ts';
import type { FlameSource } from './source.ts';
import type { Drawn } from './viewport.ts';

/** What the answers go to. */
export interface DrawLoopHost {
  /** An answer. */
  drawn(drawn: Drawn): void;
  /** A question that was not answered. */
  failed(error: unknown, request: DrawRequest): void;
}

/** The questions of one element. */
export class DrawLoop {
  readonly #host: DrawLoopHost;
  #source: FlameSource | null = null;
  #sequence = 0;
  /** Number of the question under way; 0: none. */
  #under = 0;
  /** It, and what gives it up. */
  #asking: { request: DrawRequest; controller: AbortController } | null = null;
  #next: DrawRequest | null = null;
  #last: DrawRequest | null = null;

  constructor(host: DrawLoopHost) {
    this.#host = host;
  }

  /** The newest question, answered or not; null before the first and after `use` and `forget`. */
  get last(): DrawRequest | null {
    return this.#last;
  }

  /** Asks this source from now on. */
  use(source: FlameSource | null): void {
    this.#asking?.controller.abort();
    this.#asking = null;
    this.#source = source;
    this.#under = 0;
    this.#next = null;
    this.#last = null;
  }

  /** Forgets what was asked, so that the same may be asked again. */
  forget(): void {
    this.#last = null;
  }

  /** Asks, at once or when the question under way is answered. */
  ask(request: DrawRequest): void {
    this.#last = request;
    if (this.#under === 0) {
      void this.#ask(request);
      return;
    }
    this.#next = request;
    if (this.#asking !== null && this.#asking.request.search !== request.search) this.#asking.controller.abort();
  }

  async #ask(request: DrawRequest): Promise<void> {
    const source = this.#source;
    if (source === null) return;
    this.#sequence += 1;
    const sequence = this.#sequence;
    this.#under = sequence;
    const controller = new AbortController();
    this.#asking = { request, controller };
    try {
      const list = new DrawList(await source.draw(request, controller.signal));
      if (this.#under === sequence) this.#host.drawn({ list, request });
    } catch (error) {
      if (this.#under === sequence && !controller.signal.aborted) this.#host.failed(error, request);
    }
    if (this.#under !== sequence) return;
    this.#under = 0;
    const next = this.#next;
    this.#next = null;
    if (next !== null) void this.#ask(next);
  }
}
