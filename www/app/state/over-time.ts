/** What the strip over the panes shows beside the total: series by labels, and the heat map; asked for while they are shown. */

import { EngineError } from '../../engine/errors.ts';
import type { EngineClient } from '../../engine/client.ts';
import type { GroupedSeries, HeatMap } from '../../engine/protocol.ts';
import { shownType } from './app-state.ts';
import type { Answer, AppState } from './app-state.ts';
import { serviceMatchers } from './matchers.ts';
import { selectionOf, timeLineRange } from './queries.ts';
import { Store } from './store.ts';

const STEPS = 240;
/** Lines that are told apart; the others are one. */
const GROUPS = 20;
const ROWS = 20;

/** Series by labels over the range of the time line. */
export interface Groups {
  series: GroupedSeries;
  from: bigint;
  until: bigint;
}

export interface OverTimeState {
  groups: Answer<Groups>;
  heat: Answer<HeatMap>;
}

/** Nothing was asked yet. */
function nothingYet<T>(): Answer<T> {
  return { loading: false, value: null, error: null };
}

/** Keeps them in step with the view. */
export class OverTime {
  readonly store = new Store<OverTimeState>({ groups: nothingYet(), heat: nothingYet() });
  readonly #client: () => EngineClient;
  #key = '';
  #asking: AbortController | null = null;

  constructor(client: () => EngineClient) {
    this.#client = client;
  }

  /** Asks anew if what is shown depends on something that changed. */
  update(state: AppState): void {
    const { view, catalog } = state;
    const { service, type, match, from, until, strip, by } = view;
    if (catalog === null || service === '' || type === '' || strip === 'total' || (strip === 'groups' && by === '')) return;
    const client = this.#client();
    const key = JSON.stringify([strip, service, type, match, by, strip === 'heat' ? [from, until] : '', catalog.generation, client.epoch]);
    if (key === this.#key) return;
    this.#key = key;
    this.#asking?.abort();
    this.#asking = new AbortController();
    if (strip === 'groups') void this.#ask('groups', this.#groups(state, client, this.#asking.signal), this.#asking.signal);
    else void this.#ask('heat', this.#heat(state, client, this.#asking.signal), this.#asking.signal);
  }

  /** Asks again, after an error. */
  retry(state: AppState): void {
    this.#key = '';
    this.update(state);
  }

  async #groups(state: AppState, client: EngineClient, signal: AbortSignal): Promise<Groups> {
    const { service, type, match, by } = state.view;
    const shown = shownType(state);
    const range = timeLineRange(shown?.from ?? 0n, shown?.until ?? 1n);
    const selection = { profileType: type, matchers: serviceMatchers(service, match), ...range };
    return { series: await client.follow({ signal }, 'groupedSeries', selection, by, STEPS, GROUPS), ...range };
  }

  async #heat(state: AppState, client: EngineClient, signal: AbortSignal): Promise<HeatMap> {
    const { profileType, matchers, from, until } = selectionOf(state);
    return await client.follow({ signal }, 'heatMap', { profileType, matchers, from, until }, { steps: STEPS, rows: ROWS, groupBy: state.view.by });
  }

  async #ask<Name extends keyof OverTimeState>(name: Name, answer: Promise<NonNullable<OverTimeState[Name]['value']>>, signal: AbortSignal): Promise<void> {
    const set = (patch: Partial<Answer<NonNullable<OverTimeState[Name]['value']>>>): void => {
      const field = { [name]: { ...this.store.state[name], ...patch } };
      this.store.set(field);
    };
    set({ loading: true, error: null });
    try {
      const value = await answer;
      if (!signal.aborted) set({ loading: false, value });
    } catch (thrown) {
      // What was given up is asked otherwise already.
      if (!signal.aborted) set({ loading: false, value: null, error: EngineError.of(thrown) });
    }
  }
}
