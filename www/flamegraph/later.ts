/** Runs something when it was not put off for a while. Putting it off costs nothing: one timer goes on, however often that is. */
export class Later {
  readonly #run: () => void;
  readonly #pause: number;
  #armed = false;
  /** When it is to run; null for not at all. */
  #due: number | null = null;

  /** `pause` in ms. */
  constructor(run: () => void, pause: number) {
    this.#run = run;
    this.#pause = pause;
  }

  /** Runs it after the pause, unless it is put off again or stopped. */
  putOff(): void {
    this.#due = performance.now() + this.#pause;
    if (!this.#armed) this.#arm(this.#pause);
  }

  stop(): void {
    this.#due = null;
  }

  #arm(ms: number): void {
    this.#armed = true;
    setTimeout(() => this.#ring(), ms);
  }

  #ring(): void {
    this.#armed = false;
    if (this.#due === null) return;
    const left = this.#due - performance.now();
    if (left > 0) {
      this.#arm(left);
      return;
    }
    this.#due = null;
    this.#run();
  }
}
