/** Two selections side by side: their results, the difference of these, and both over one range of time. */

import { ClientCode, EngineError } from '../../engine/errors.ts';
import type { EngineClient } from '../../engine/client.ts';
import type { CallProgress, QueryResult, Selection, SeriesResult } from '../../engine/protocol.ts';
import type { FlameSource } from '../../flamegraph/source.ts';
import type { Answer, AppState } from './app-state.ts';
import { baseSelectionOf, selectionOf, timeLineRange } from './queries.ts';
import { SignificanceTest } from './significance.ts';
import { diffSource, flameSource, nodeOfPath, releaseLater } from './sources.ts';
import type { DiffSource } from './sources.ts';
import { Store } from './store.ts';
import type { TimeRange } from './time.ts';

const STEPS = 240;

/** One side. */
export interface Side {
  selection: Selection;
  result: QueryResult;
  series: SeriesResult;
  range: TimeRange;
}

/** The difference of both sides, with what draws and lists it. */
export interface Difference {
  result: QueryResult;
  flame: FlameSource;
  table: DiffSource;
}

/** Both sides and their difference. */
export interface Compared {
  base: Side;
  head: Side;
  /** Null where a side has no profiles. */
  diff: Difference | null;
  /** Life of the engine that holds the results. */
  epoch: number;
  /** Range of both time lines. */
  from: bigint;
  until: bigint;
}

/** What the compare page shows. */
export interface ComparisonState {
  answer: Answer<Compared>;
  /** Profiles that are merged and all that are to be, where that takes long. */
  reading: { done: number; total: number } | null;
  /** The zoomed node of the difference. */
  focus: number;
}

/** Keeps the comparison in step with the view while its page is open. */
export class Comparison {
  readonly store = new Store<ComparisonState>({ answer: { loading: false, value: null, error: null }, reading: null, focus: 0 });
  readonly significance: SignificanceTest;
  readonly #client: () => EngineClient;
  #key = '';
  #sequence = 0;
  #asking: AbortController | null = null;
  #zoom = '';

  constructor(client: () => EngineClient) {
    this.#client = client;
    this.significance = new SignificanceTest(client);
  }

  /** Compares anew if what it depends on changed. */
  update(state: AppState): void {
    const { view, catalog } = state;
    if (view.page !== 'compare' || catalog === null || view.service === '' || view.type === '') return;
    const { service, type, match, from, until, filters, baseService, baseMatch, baseFrom, baseUntil, baseFilters, absolute } = view;
    const client = this.#client();
    const key = JSON.stringify([service, type, match, from, until, filters, baseService, baseMatch, baseFrom, baseUntil, baseFilters, absolute, catalog.generation, client.epoch]);
    if (key !== this.#key) {
      this.#key = key;
      void this.#compare(state, client);
      return;
    }
    if (view.significant) this.significance.want();
    void this.#followZoom(view.zoom);
  }

  /** Runs it again after an error. */
  retry(state: AppState): void {
    this.#key = '';
    this.update(state);
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#asking?.abort();
  }

  /** Names of a result are shown otherwise: draws and lists it anew. */
  renamed(epoch: number, handle: number | null): void {
    const { answer } = this.store.state;
    const { value } = answer;
    if (value === null || value.diff === null || value.epoch !== epoch || (handle !== null && handle !== value.diff.result.handle)) return;
    this.store.set({ answer: { ...answer, value: { ...value, diff: differenceOf(this.#client(), epoch, value.diff.result) } } });
  }

  /** Zooms to a node of the difference; gives the names of its path, for the address. */
  async zoomTo(node: number): Promise<string[]> {
    this.store.set({ focus: node });
    const diff = this.store.state.answer.value?.diff ?? null;
    const names = node === 0 || diff === null ? [] : (await diff.table.path(node)).map(({ name }) => name);
    this.#zoom = JSON.stringify(names);
    return names;
  }

  /** The node of a zoom that came by the address. */
  async #followZoom(names: readonly string[]): Promise<void> {
    const { value } = this.store.state.answer;
    const key = JSON.stringify(names);
    if (value === null || value.diff === null || key === this.#zoom) return;
    this.#zoom = key;
    const focus = await this.#nodeOf(value.epoch, value.diff.result.handle, names).catch(() => 0);
    if (this.store.state.answer.value === value && this.#zoom === key) this.store.set({ focus });
  }

  #nodeOf(epoch: number, handle: number, names: readonly string[]): Promise<number> {
    return nodeOfPath((part) => this.#client().callIn(epoch, 'resolve', handle, part), names);
  }

  async #compare(state: AppState, client: EngineClient): Promise<void> {
    const sequence = (this.#sequence += 1);
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.store.set({ answer: { ...this.store.state.answer, loading: true, error: null }, reading: null });
    const handles: number[] = [];
    let epoch = client.epoch;
    try {
      const selections = { base: baseSelectionOf(state), head: selectionOf(state) };
      const span = spanOf(state);
      const progress: CallProgress[] = [];
      const side = async (selection: Selection, at: number): Promise<Side> => {
        const { from, until } = selection;
        const onProgress = (now: CallProgress): void => {
          if (now.partial !== undefined) client.call('release', now.partial.handle).catch(() => undefined);
          progress[at] = now;
          if (sequence === this.#sequence) this.store.set({ reading: sumOf(progress) });
        };
        const [result, series] = await Promise.all([
          client.follow({ signal: asking.signal, onProgress }, 'query', selection).then((found) => {
            handles.push(found.handle);
            return found;
          }),
          client.follow({ signal: asking.signal }, 'series', { ...selection, ...span }, STEPS),
        ]);
        return { selection, result, series, range: { from, until } };
      };
      const [base, head] = await Promise.all([side(selections.base, 0), side(selections.head, 1)]);
      epoch = client.epoch;
      let diff: Difference | null = null;
      let focus = 0;
      if (base.result.profiles > 0 && head.result.profiles > 0) {
        const result = await client.follow({ epoch, signal: asking.signal }, 'derive', { handle: head.result.handle, kind: 'diff', base: base.result.handle, normalised: !state.view.absolute });
        handles.push(result.handle);
        diff = differenceOf(client, epoch, result);
        focus = await this.#nodeOf(epoch, result.handle, state.view.zoom);
      }
      if (sequence !== this.#sequence) {
        releaseLater(client, epoch, handles);
        return;
      }
      this.#releaseShown(client);
      this.#zoom = JSON.stringify(state.view.zoom);
      const value: Compared = { base, head, diff, epoch, from: span.from, until: span.until };
      this.store.set({ answer: { loading: false, value, error: null }, reading: null, focus });
      void this.significance.use(value, state.view.significant);
    } catch (thrown) {
      releaseLater(client, epoch, handles);
      if (sequence !== this.#sequence) return;
      asking.abort();
      // The key stays: the same question would have the same answer, until somebody asks for it.
      this.#releaseShown(client);
      void this.significance.use(null, false);
      const error = EngineError.of(thrown);
      const told = error.code === ClientCode.cancelled ? new EngineError(error.code, 'the comparison was stopped') : error;
      this.store.set({ answer: { loading: false, value: null, error: told }, reading: null });
    }
  }

  #releaseShown(client: EngineClient): void {
    const shown = this.store.state.answer.value;
    if (shown === null) return;
    const { base, head, diff, epoch } = shown;
    releaseLater(client, epoch, [base.result.handle, head.result.handle, ...(diff === null ? [] : [diff.result.handle])]);
  }
}

function differenceOf(client: EngineClient, epoch: number, result: QueryResult): Difference {
  return { result, flame: flameSource(client, epoch, result), table: diffSource(client, epoch, result) };
}

/** What both time lines cover: all data of both services. */
function spanOf({ view, catalog }: AppState): { from: bigint; until: bigint } {
  const types = [view.service, view.baseService].flatMap((name) => catalog?.services.find((each) => each.name === name)?.types.find(({ id }) => id === view.type) ?? []);
  const first = types.reduce((least, { from }) => (from < least ? from : least), types[0]?.from ?? 0n);
  const last = types.reduce((most, { until }) => (until > most ? until : most), types[0]?.until ?? 1n);
  return timeLineRange(first, last);
}

function sumOf(progress: readonly CallProgress[]): { done: number; total: number } {
  return progress.reduce((sum, { done, total }) => ({ done: sum.done + done, total: sum.total + total }), { done: 0, total: 0 });
}
