/** How sure the changes of a comparison are: asked of the engine where that is quick, else when the person wants to know. */

import { ClientCode, EngineError } from '../../engine/errors.ts';
import type { EngineClient } from '../../engine/client.ts';
import { FEWEST_INPUTS } from '../../engine/protocol.ts';
import type { Estimate, SignificanceAnswer } from '../../engine/protocol.ts';
import type { Compared } from './compare.ts';
import { Store } from './store.ts';

/** Bytes of rows up to which nobody has to ask: about a second. */
const QUICK_BYTES = 8 << 20;

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
  if ([base, head].some(({ selection }) => (selection.filters ?? []).length > 0)) return { state: 'filtered' };
  const [ofBase, ofHead] = [base.result.profiles, head.result.profiles];
  if (Math.min(ofBase, ofHead) < FEWEST_INPUTS) return { state: 'few', base: ofBase, head: ofHead };
  return { state: 'offered', profiles: ofBase + ofHead };
}

/** Bytes of rows of the profiles of a selection, at most: sums in their place, which have more rows, are not read for this. */
export function rowBytesOf({ profiles, rollups, rolledUp, rowBytes }: Estimate): number {
  const read = profiles - rolledUp + rollups;
  return read === 0 ? 0 : (rowBytes / read) * profiles;
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
  async use(compared: Compared | null, wanted: boolean): Promise<void> {
    this.#running?.abort();
    this.#running = null;
    this.#compared = compared;
    const test: SignificanceState = compared === null || compared.diff === null ? { state: 'none' } : beforeReading(compared);
    this.store.set({ test });
    if (test.state !== 'offered' || compared === null) return;
    const isQuick = wanted || (await this.#isQuick(compared));
    if (isQuick && compared === this.#compared && this.#running === null) this.start();
  }

  async #isQuick({ base, head }: Compared): Promise<boolean> {
    const client = this.#client();
    // Where it can't be told it is offered.
    const estimates = await Promise.all([base, head].map(({ selection }) => client.call('estimate', selection))).catch(() => null);
    return estimates !== null && estimates.reduce((sum, each) => sum + rowBytesOf(each), 0) <= QUICK_BYTES;
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
