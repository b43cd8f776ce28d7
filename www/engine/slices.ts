/** Work of the main thread in slices: pointers, keys and frames go between them. */

/** Milliseconds after which others have their turn. */
const SLICE_MS = 8;

/** Says when a slice is over. */
export class Slices {
  #begunMs = performance.now();

  /** Whether others should have their turn now. */
  get isOver(): boolean {
    return performance.now() - this.#begunMs >= SLICE_MS;
  }

  /** Begins another slice when the others had their turn. */
  async next(): Promise<void> {
    const { scheduler } = globalThis as { scheduler?: { yield?: () => Promise<void> } };
    if (scheduler?.yield !== undefined) await scheduler.yield();
    else await new Promise<void>((resolve) => setTimeout(resolve));
    this.#begunMs = performance.now();
  }
}
