/** Two selections side by side: their results, the difference of these, and both over one range of time. */

import { EngineError } from '../../engine/errors.ts';
import type { EngineClient } from '../../engine/client.ts';
import type { QueryResult, Selection, SeriesResult } from '../../engine/protocol.ts';
import type { Answer, AppState, ShownResult } from './app-state.ts';
import { addMatcher, matchersOf, matchText } from './matchers.ts';
import { baseSelectionOf, selectionOf, timeLineRange } from './queries.ts';
import { flameSource, topSource } from './sources.ts';
import { Store } from './store.ts';
import { toRfc3339 } from './time.ts';
import type { TimeRange } from './time.ts';
import type { View } from './view.ts';

const STEPS = 240;
const HOUR = 3_600_000_000_000n;
/** Draw calls under way may still use an old handle for this long. */
const RELEASE_AFTER_MS = 2000;

/** What a selection is compared with, by one click. */
export type BaseKind = 'before' | 'hour' | 'day';

/** These in words. */
export const BASES: readonly { kind: BaseKind; words: string; title: string }[] = [
  { kind: 'before', words: 'just before', title: 'As long a time, right before the selected one' },
  { kind: 'hour', words: 'the hour before', title: 'The same range, an hour earlier' },
  { kind: 'day', words: 'the day before', title: 'The same time of the day before' },
];

/** One side. */
export interface Side {
  result: QueryResult;
  series: SeriesResult;
  range: TimeRange;
}

/** Both sides and their difference. */
export interface Compared {
  base: Side;
  head: Side;
  /** Null where a side has no profiles. */
  diff: ShownResult | null;
  /** Range of both time lines. */
  from: bigint;
  until: bigint;
}

/** What is compared with what: the head keeps its range, or gets one; the base lies before it. */
export function comparison(kind: BaseKind, range: TimeRange, data: { from: bigint; until: bigint }): Pick<View, 'from' | 'until' | 'baseFrom' | 'baseUntil'> {
  const text = (from: bigint, until: bigint, shift: bigint): Pick<View, 'from' | 'until' | 'baseFrom' | 'baseUntil'> => ({
    from: toRfc3339(from),
    until: toRfc3339(until),
    baseFrom: toRfc3339(from - shift),
    baseUntil: toRfc3339(until - shift),
  });
  const until = range.until ?? data.until;
  if (range.from !== null) return text(range.from, until, kind === 'before' ? until - range.from : kind === 'hour' ? HOUR : 24n * HOUR);
  if (kind === 'before') {
    const half = (until - data.from + 1n) / 2n;
    return text(until - half, until, half);
  }
  const span = kind === 'hour' ? HOUR : 24n * HOUR;
  return text(until - span, until, span);
}

/**
 * The matchers of both sides where the base is a value of a label. The head keeps its matchers; where none of them is of the
 * label it is the rest of the selection, since what both sides hold would hide what they differ in.
 */
export function valueComparison(match: string, name: string, value: string): Pick<View, 'match' | 'baseMatch'> {
  const matchers = matchersOf(match);
  const others = matchers?.filter((each) => each.name !== name);
  const head = others?.length === matchers?.length ? addMatcher(match, name, value, '!=') : match;
  return { match: head, baseMatch: addMatcher(others === undefined ? match : matchText(others), name, value) };
}

/** Keeps the comparison in step with the view while its page is open. */
export class Comparison {
  readonly store = new Store<{ answer: Answer<Compared> }>({ answer: { loading: false, value: null, error: null } });
  readonly #client: () => EngineClient;
  #key = '';
  #sequence = 0;

  constructor(client: () => EngineClient) {
    this.#client = client;
  }

  /** Compares anew if what it depends on changed. */
  update(state: AppState): void {
    const { view, catalog } = state;
    if (view.page !== 'compare' || catalog === null || view.service === '' || view.type === '') return;
    const { service, type, match, from, until, baseService, baseMatch, baseFrom, baseUntil, absolute } = view;
    const client = this.#client();
    const key = JSON.stringify([service, type, match, from, until, baseService, baseMatch, baseFrom, baseUntil, absolute, catalog.generation, client.epoch]);
    if (key === this.#key) return;
    this.#key = key;
    void this.#compare(state, client);
  }

  /** Runs it again after an error. */
  retry(state: AppState): void {
    this.#key = '';
    this.update(state);
  }

  async #compare(state: AppState, client: EngineClient): Promise<void> {
    const sequence = (this.#sequence += 1);
    this.store.set({ answer: { ...this.store.state.answer, loading: true, error: null } });
    const handles: number[] = [];
    let epoch = client.epoch;
    try {
      const selections = { base: baseSelectionOf(state), head: selectionOf(state) };
      const spans = [state.view.service, state.view.baseService].flatMap(
        (name) => state.catalog?.services.find((each) => each.name === name)?.types.find(({ id }) => id === state.view.type) ?? [],
      );
      const first = spans.reduce((least, { from }) => (from < least ? from : least), spans[0]?.from ?? 0n);
      const last = spans.reduce((most, { until }) => (until > most ? until : most), spans[0]?.until ?? 1n);
      const span = timeLineRange(first, last);
      const side = async (selection: Selection): Promise<Side> => {
        const { from, until } = selection;
        const [result, series] = await Promise.all([client.call('query', selection), client.call('series', { ...selection, ...span }, STEPS)]);
        handles.push(result.handle);
        return { result, series, range: { from, until } };
      };
      const [base, head] = await Promise.all([side(selections.base), side(selections.head)]);
      epoch = client.epoch;
      let diff: ShownResult | null = null;
      if (base.result.profiles > 0 && head.result.profiles > 0) {
        const result = await client.callIn(epoch, 'derive', { handle: head.result.handle, kind: 'diff', base: base.result.handle, normalised: !state.view.absolute });
        handles.push(result.handle);
        diff = { result, epoch, flame: flameSource(client, epoch, result), top: topSource(client, epoch, result), callers: null, chart: null, lacks: '' };
      }
      if (sequence !== this.#sequence) {
        this.#release(client, epoch, handles);
        return;
      }
      this.#releaseShown(client);
      this.store.set({ answer: { loading: false, value: { base, head, diff, from: span.from, until: span.until }, error: null } });
    } catch (thrown) {
      this.#release(client, epoch, handles);
      if (sequence !== this.#sequence) return;
      // The key stays: the same question would have the same answer, until somebody asks for it.
      this.#releaseShown(client);
      this.store.set({ answer: { loading: false, value: null, error: EngineError.of(thrown) } });
    }
  }

  #releaseShown(client: EngineClient): void {
    const shown = this.store.state.answer.value;
    if (shown === null || shown.diff === null) return;
    this.#release(client, shown.diff.epoch, [shown.base.result.handle, shown.head.result.handle, shown.diff.result.handle]);
  }

  #release(client: EngineClient, epoch: number, handles: readonly number[]): void {
    setTimeout(() => {
      for (const handle of handles) client.callIn(epoch, 'release', handle).catch(() => undefined);
    }, RELEASE_AFTER_MS);
  }
}
