/** How sure the changes of a comparison are: asked of the engine where that is quick, else when the person wants to know. */

import { ClientCode, EngineError } from '../../engine/errors.ts';
import type { EngineClient } from '../../engine/client.ts';
import { FEWEST_INPUTS } from '../../engine/protocol.ts';
import type { SignificanceAnswer } from '../../engine/protocol.ts';
import type { Compared } from './compare.ts';
import { Store } from './store.ts';

/** Profiles of both sides up to which nobody has to ask: each is read on its own. */
const QUICK_PROFILES = 1000;

/** What is known. */
export type SignificanceState =
  /** Nothing is compared. */
  | { state: 'none' }
  /** It is told of all of a selection only. */
  | { state: 'filtered' }
  | { state: 'few'; base: number; head: number }
  /** It is told when somebody asks; `profiles` are to be read. */
  | { state: 'offered'; profiles: number }
  | { state: 'running'; share: number | null }
  | { state: 'told'; answer: SignificanceAnswer }
  | { state: 'failed'; error: EngineError };

/** The answer, where there is one that says something of functions. */
export function toldOf(of: SignificanceState): SignificanceAnswer | null {
  return of.state === 'told' ? of.answer : null;
}

/** What can be said of both sides before anything is read. */
export function beforeReading({ base, head }: Compared): SignificanceState {
  if (base.filters.length > 0 || head.filters.length > 0) return { state: 'filtered' };
  const [ofBase, ofHead] = [base.result.profiles, head.result.profiles];
  // Several profiles may be of one input: where that is quick, the engine counts.
  if (Math.min(ofBase, ofHead) < FEWEST_INPUTS && ofBase + ofHead > QUICK_PROFILES) return { state: 'few', base: ofBase, head: ofHead };
  return { state: 'offered', profiles: ofBase + ofHead };
}

/** Whether the functions of the comparison that is shown changed by more than chance. */
export class SignificanceTest {
  readonly store = new Store<{ test: SignificanceState }>({ test: { state: 'none' } });
  readonly #client: () => EngineClient;
  #compared: Compared | null = null;
  #running: AbortController | null = null;

  constructor(client: () => EngineClient) {
    this.#client = client;
  }

  /** Goes on to another comparison; asks where that is quick or `wanted`. */
  use(compared: Compared | null, wanted: boolean): void {
    this.#running?.abort();
    this.#running = null;
    this.#compared = compared;
    const test: SignificanceState = compared === null || compared.diff === null ? { state: 'none' } : beforeReading(compared);
    this.store.set({ test });
    if (test.state === 'offered' && (wanted || test.profiles <= QUICK_PROFILES)) this.start();
  }

  /** Asks, unless it is known, under way or was stopped. */
  want(): void {
    if (this.store.state.test.state === 'offered' && this.#running === null) this.start();
  }

  /** Asks. */
  start(): void {
    const compared = this.#compared;
    if (compared?.diff == null || this.store.state.test.state === 'running') return;
    const running = new AbortController();
    this.#running = running;
    this.store.set({ test: { state: 'running', share: null } });
    void this.#ask(compared.epoch, compared.diff.result.handle, running);
  }

  /** Gives up what is under way; it can be asked again. */
  stop(): void {
    this.#running?.abort();
  }

  async #ask(epoch: number, handle: number, running: AbortController): Promise<void> {
    const set = (test: SignificanceState): void => {
      if (this.#running === running) this.store.set({ test });
    };
    try {
      const onProgress = ({ done, total }: { done: number; total: number }): void => set({ state: 'running', share: total === 0 ? null : Math.min(1, done / total) });
      const client = this.#client();
      // After a crash the comparison is made anew, and this is asked of that one.
      if (client.epoch !== epoch) return;
      const answer = await client.follow({ signal: running.signal, onProgress }, 'significance', handle);
      set(answer.enough ? { state: 'told', answer } : { state: 'few', base: answer.baseInputs, head: answer.headInputs });
    } catch (thrown) {
      const error = EngineError.of(thrown);
      const compared = this.#compared;
      set(error.code === ClientCode.cancelled && compared !== null ? beforeReading(compared) : { state: 'failed', error });
    }
  }
}
