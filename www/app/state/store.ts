/** One plain state object with listeners. Listeners hear once per microtask, however many changes there were. */

/** Holds a state; `set` replaces fields. */
export class Store<State extends object> {
  #state: State;
  #scheduled = false;
  readonly #listeners = new Set<(state: State) => void>();

  constructor(initial: State) {
    this.#state = initial;
  }

  /** The state now; never change it in place. */
  get state(): Readonly<State> {
    return this.#state;
  }

  /** Replaces fields. Does nothing if all of them are the same already. */
  set(patch: Partial<State>): void {
    const same = (Object.keys(patch) as (keyof State)[]).every((key) => Object.is(this.#state[key], patch[key]));
    if (same) return;
    this.#state = { ...this.#state, ...patch };
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      for (const listener of [...this.#listeners]) listener(this.#state);
    });
  }

  /** Calls `listener` after changes, until the returned function is called. */
  subscribe(listener: (state: State) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
