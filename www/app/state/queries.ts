/**
 * Keeps what is shown in step with the view and the data: runs the query, the time line, the zoom and the search
 * again when what they depend on changed, shows the answer that belongs to the newest question, and gives handles back.
 */

import { ClientCode, EngineError } from '../../engine/errors.ts';
import type { EngineClient } from '../../engine/client.ts';
import type { CallProgress, QueryResult, Selection } from '../../engine/protocol.ts';
import { shownType } from './app-state.ts';
import type { AppState, Reading, ShownChart, ShownResult, TimeLine } from './app-state.ts';
import { serviceMatchers } from './matchers.ts';
import { graphKeyOf, graphsOf } from './graphs.ts';
import type { Graphs } from './graphs.ts';
import { flameSource, nodeOfPath, releaseLater, timeSource, topSource } from './sources.ts';
import type { NoticeBoard } from './notices.ts';
import type { Store } from './store.ts';
import { fromMs, resolveRange } from './time.ts';

const SERIES_STEPS = 240;
/** Air around the data of the time line, so that a single profile has somewhere to stand. */
const LEAST_SPAN = 60_000_000_000n;
/** A graph that takes longer to make says so. */
const PATIENCE_MS = 200;
const MAKING: Reading = { done: 0, total: 0, stopped: false, of: 'graph' };

/** The range the time line covers for data in `[from, until)`. */
export function timeLineRange(from: bigint, until: bigint): { from: bigint; until: bigint } {
  const span = until - from;
  const air = span < LEAST_SPAN ? (LEAST_SPAN - span) / 2n : span / 100n;
  return { from: from - air, until: until + air };
}

/** The selection of a view, with its expressions resolved. */
export function selectionOf(state: AppState): Selection {
  const { service, type, match, from, until, cut, filters } = state.view;
  const anchors = { now: fromMs(Date.now()), end: shownType(state)?.until ?? fromMs(Date.now()) };
  return { profileType: type, matchers: serviceMatchers(service, match), filters: [...filters], ...(cut ? { cutSamples: true } : {}), ...resolveRange(from, until, anchors) };
}

/** The base of a view, with its expressions resolved. */
export function baseSelectionOf(state: AppState): Selection {
  const { baseService, baseMatch, baseFrom, baseUntil, baseFilters, filters, type, service } = state.view;
  const anchors = { now: fromMs(Date.now()), end: shownType(state)?.until ?? fromMs(Date.now()) };
  const matchers = serviceMatchers(baseService === '' ? service : baseService, baseMatch);
  return { profileType: type, matchers, filters: [...(baseFilters ?? filters)], ...resolveRange(baseFrom, baseUntil, anchors) };
}

/** Runs queries for one store and client. */
export class Queries {
  readonly #store: Store<AppState>;
  readonly #client: EngineClient;
  readonly #notices: NoticeBoard;
  #queryKey = '';
  #seriesKey = '';
  #searchKey = '';
  /** The graph that is wanted, and the one that is shown. */
  #graphKey = '';
  #shownGraphKey = '';
  #querySequence = 0;
  /** Gives the query up that is under way. */
  #asking: AbortController | null = null;
  /** Stops the graph that is being made of a result. */
  #making: AbortController | null = null;
  /** Give up what a newer question takes the place of: another graph of the result, the search in it. */
  #graphing: AbortController | null = null;
  #searching: AbortController | null = null;
  /** What is shown of the query under way. */
  #partial: ShownResult | null = null;
  #seriesSequence = 0;
  #searchSequence = 0;
  #zoomSequence = 0;

  constructor(store: Store<AppState>, client: EngineClient, notices: NoticeBoard) {
    this.#store = store;
    this.#client = client;
    this.#notices = notices;
  }

  /** Runs what is out of date. */
  update(): void {
    const { view, catalog } = this.#store.state;
    if (catalog === null) return;
    if (view.service === '' || view.type === '') {
      this.#clear();
      return;
    }
    const generation = catalog.generation;
    const scope = [view.service, view.type, view.match, generation, this.#client.epoch];
    const queryKey = JSON.stringify([...scope, view.from, view.until, view.cut, view.filters]);
    const seriesKey = JSON.stringify(scope);
    if (queryKey !== this.#queryKey) {
      this.#queryKey = queryKey;
      void this.#query();
    } else {
      void this.#graph();
      void this.#search();
    }
    if (seriesKey !== this.#seriesKey) {
      this.#seriesKey = seriesKey;
      void this.#series();
    }
  }

  /** Forgets what was asked, so that everything runs again: the engine is a new one, or the person asked for it. */
  invalidate(): void {
    this.#queryKey = '';
    this.#seriesKey = '';
    this.#searchKey = '';
    this.#graphKey = '';
    this.#shownGraphKey = '';
  }

  /** Names of a result are shown otherwise: draws, lists and searches it anew. */
  renamed(epoch: number, handle: number | null): void {
    const { result, path, focus } = this.#store.state;
    const shown = result.value;
    if (shown === null || shown.epoch !== epoch || (handle !== null && !handlesOf(shown).includes(handle))) return;
    const value: ShownResult = {
      ...shown,
      flame: shown.chart === null ? flameSource(this.#client, epoch, shown.flame.result) : timeSource(this.#client, epoch, shown.chart),
      callers: shown.callers === null ? null : flameSource(this.#client, epoch, shown.callers.result),
      top: topSource(this.#client, epoch, shown.result),
    };
    this.#store.set({ result: { ...result, value } });
    this.#searchKey = '';
    void this.#search();
    if (path.length > 0) void this.#rename(value, focus);
  }

  async #rename(shown: ShownResult, focus: number): Promise<void> {
    try {
      const path = await shown.flame.path(focus);
      if (this.#store.state.result.value === shown && this.#store.state.focus === focus) this.#store.set({ path });
    } catch (thrown) {
      this.#fail(shown, thrown);
    }
  }

  #clear(): void {
    this.#queryKey = '';
    this.#seriesKey = '';
    this.#querySequence += 1;
    this.#seriesSequence += 1;
    this.#asking?.abort();
    this.#release(this.#store.state.result.value);
    this.#store.set({
      result: { loading: false, value: null, error: null },
      reading: null,
      timeLine: { loading: false, value: null, error: null },
      focus: 0,
      path: [],
      search: null,
      searchError: null,
    });
  }

  /** Stops the query that is under way: what it has so far stays on the page, and says so. */
  stop(): void {
    const { result, reading } = this.#store.state;
    if (reading === null || reading.stopped) return;
    if (reading.of === 'graph') {
      this.#making?.abort();
      return;
    }
    if (this.#asking === null) return;
    this.#querySequence += 1;
    this.#asking.abort();
    this.#asking = null;
    const { value } = result;
    if (value?.result.handle === this.#partial?.result.handle && value !== null) {
      this.#store.set({ result: { loading: false, value, error: null }, reading: { ...reading, done: value.result.profiles, stopped: true } });
      return;
    }
    // Nothing of this question is there yet: what the page shows belongs to another one.
    const error = new EngineError(ClientCode.cancelled, 'the query was stopped before anything was merged');
    this.#store.set({ result: { loading: false, value: null, error }, reading: null, focus: 0, path: [], search: null });
  }

  async #query(): Promise<void> {
    const sequence = (this.#querySequence += 1);
    const store = this.#store;
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.#partial = null;
    store.set({ result: { ...store.state.result, loading: true, error: null }, reading: null });
    try {
      const selection = selectionOf(store.state);
      const onProgress = ({ done, total, partial }: CallProgress): void => {
        if (sequence !== this.#querySequence) return;
        store.set({ reading: { done, total, stopped: false, of: 'profiles' } });
        if (partial === undefined) return;
        // A chart over time is read beside the query: there is no part of it.
        if (store.state.view.graph === 'time') this.#client.call('release', partial.handle).catch(() => undefined);
        else this.#show(sequence, partial, true, asking.signal).catch((thrown: unknown) => this.#notices.report(thrown));
      };
      const result = await this.#client.follow({ signal: asking.signal, onProgress }, 'query', selection);
      if (!(await this.#show(sequence, result, false, asking.signal))) return;
      this.#notices.missing(result.missing);
      this.#notices.widened(result.widened);
    } catch (thrown) {
      if (sequence !== this.#querySequence) return;
      // A crash runs everything again when the engine is back.
      this.#queryKey = '';
      store.set({ result: { loading: false, value: null, error: EngineError.of(thrown) }, reading: null, focus: 0, path: [], search: null });
    }
  }

  /** Shows a result, or what there is of it so far; false if another question was asked meanwhile. */
  async #show(sequence: number, result: QueryResult, isPartial: boolean, superseded: AbortSignal): Promise<boolean> {
    const store = this.#store;
    const epoch = this.#client.epoch;
    const graphKey = graphKeyOf(store.state.view);
    const shown: ShownResult = {
      result,
      epoch,
      ...(await this.#graphsOf(epoch, result, superseded)),
      top: topSource(this.#client, epoch, result),
    };
    const zoom = sequence === this.#querySequence ? await this.#resolveZoom(shown, store.state.view.zoom) : null;
    // What came in between is newer.
    const isLate = isPartial && !store.state.result.loading;
    if (zoom === null || sequence !== this.#querySequence || isLate) {
      this.#release(shown);
      return false;
    }
    this.#release(store.state.result.value);
    this.#searchKey = '';
    this.#graphing?.abort();
    this.#graphKey = graphKey;
    this.#shownGraphKey = graphKey;
    this.#partial = isPartial ? shown : null;
    store.set({ result: { loading: isPartial, value: shown, error: null }, ...(isPartial ? {} : { reading: null }), ...zoom });
    void this.#graph();
    void this.#search();
    return true;
  }

  /** What draws a result as the view says. `superseded` gives it up; a person who stops it gets the result as it is. */
  async #graphsOf(epoch: number, result: QueryResult, superseded: AbortSignal, chart: ShownChart | null = null): Promise<Graphs> {
    const stopped = new AbortController();
    this.#making = stopped;
    const store = this.#store;
    const looking = { view: store.state.view, selection: () => selectionOf(store.state), base: () => baseSelectionOf(store.state), chart };
    const timer = setTimeout(() => {
      if (store.state.reading === null) store.set({ reading: MAKING });
    }, PATIENCE_MS);
    try {
      return await graphsOf(this.#client, epoch, result, looking, AbortSignal.any([superseded, stopped.signal]));
    } catch (thrown) {
      if (!stopped.signal.aborted) throw thrown;
      return { flame: flameSource(this.#client, epoch, result), callers: null, chart: null, lacks: 'graph' };
    } finally {
      clearTimeout(timer);
      if (this.#making === stopped) this.#making = null;
      if (store.state.reading === MAKING) store.set({ reading: null });
    }
  }

  /** Follows a change of the graph, then the zoom. */
  async #graph(): Promise<void> {
    const { result, view } = this.#store.state;
    const shown = result.value;
    const key = graphKeyOf(view);
    if (shown === null || key === this.#graphKey) {
      await this.#zoom();
      return;
    }
    this.#graphKey = key;
    this.#graphing?.abort();
    if (key === this.#shownGraphKey) {
      await this.#zoom();
      return;
    }
    const graphing = new AbortController();
    this.#graphing = graphing;
    try {
      const value: ShownResult = { ...shown, ...(await this.#graphsOf(shown.epoch, shown.result, graphing.signal, shown.chart)) };
      const zoom = await this.#resolveZoom(value, view.zoom);
      if (graphing.signal.aborted || this.#store.state.result.value !== shown) {
        this.#release(value, shown);
        if (graphing.signal.aborted) return;
        // Its names changed meanwhile.
        this.#graphKey = this.#shownGraphKey;
        await this.#graph();
        return;
      }
      this.#shownGraphKey = key;
      this.#release(shown, value);
      const { loading } = this.#store.state.result;
      if (this.#partial === shown) this.#partial = value;
      // Whatever is folded, the matches of a chart over time are the same.
      const sameChart = value.chart !== null && value.chart.whole === shown.chart?.whole;
      this.#store.set({ result: { loading, value, error: null }, ...zoom, ...(sameChart ? {} : { match: null }) });
      await this.#zoom();
    } catch (thrown) {
      if (graphing.signal.aborted) return;
      this.#graphKey = this.#shownGraphKey;
      this.#notices.report(thrown);
    }
  }

  async #series(): Promise<void> {
    const sequence = (this.#seriesSequence += 1);
    const store = this.#store;
    const type = shownType(store.state);
    if (type === null) {
      store.set({ timeLine: { loading: false, value: null, error: null } });
      return;
    }
    store.set({ timeLine: { ...store.state.timeLine, loading: true, error: null } });
    try {
      const range = timeLineRange(type.from, type.until);
      const { service, match } = store.state.view;
      const selection = { profileType: type.id, matchers: serviceMatchers(service, match), ...range };
      const series = await this.#client.call('series', selection, SERIES_STEPS);
      if (sequence !== this.#seriesSequence) return;
      const value: TimeLine = { ...range, series, unit: type.unit, scale: 0 };
      store.set({ timeLine: { loading: false, value, error: null } });
    } catch (thrown) {
      if (sequence !== this.#seriesSequence) return;
      this.#seriesKey = '';
      store.set({ timeLine: { loading: false, value: null, error: EngineError.of(thrown) } });
    }
  }

  /** Follows a zoom path that came by the URL; a zoom that began in the graph is there already. */
  async #zoom(): Promise<void> {
    const { result, view, path } = this.#store.state;
    if (result.value === null || view.graph === 'time' || samePath(view.zoom, path)) return;
    const sequence = (this.#zoomSequence += 1);
    try {
      const zoom = await this.#resolveZoom(result.value, view.zoom);
      if (sequence === this.#zoomSequence && this.#store.state.result.value === result.value) this.#store.set(zoom);
    } catch (thrown) {
      if (sequence === this.#zoomSequence) this.#fail(result.value, thrown);
    }
  }

  /** Says what went wrong with what is shown; what is not shown any more needs nothing. */
  #fail(shown: ShownResult, thrown: unknown): void {
    const { result } = this.#store.state;
    if (result.value === shown) this.#store.set({ result: { ...result, error: EngineError.of(thrown) } });
  }

  /** The node the longest known beginning of a path of names leads to. */
  async #resolveZoom(shown: ShownResult, names: readonly string[]): Promise<Pick<AppState, 'focus' | 'path'>> {
    // Time has a window instead.
    if (shown.chart !== null) return { focus: 0, path: [] };
    const { handle } = shown.flame;
    const focus = await nodeOfPath((part) => this.#client.callIn(shown.epoch, 'resolve', handle, part), names);
    const path = focus === 0 ? [] : await this.#client.callIn(shown.epoch, 'path', handle, focus);
    return { focus, path };
  }

  async #search(): Promise<void> {
    const { result, view } = this.#store.state;
    const shown = result.value;
    const key = JSON.stringify([view.search, shown?.result.handle, shown?.epoch]);
    if (key === this.#searchKey) return;
    this.#searchKey = key;
    const sequence = (this.#searchSequence += 1);
    this.#searching?.abort();
    const searching = new AbortController();
    this.#searching = searching;
    if (shown === null || view.search === '') {
      this.#store.set({ search: null, searchError: null });
      return;
    }
    try {
      const { signal } = searching;
      const search = await this.#client.follow({ epoch: shown.epoch, signal }, 'search', shown.result.handle, view.search);
      if (sequence === this.#searchSequence) this.#store.set({ search, searchError: null });
    } catch (thrown) {
      if (sequence === this.#searchSequence) this.#store.set({ search: null, searchError: EngineError.of(thrown) });
    }
  }

  /** Gives back the handles that are not those of `kept`. */
  #release(shown: ShownResult | null, kept: ShownResult | null = null): void {
    if (shown === null) return;
    const held = kept === null ? [] : handlesOf(kept);
    releaseLater(this.#client, shown.epoch, handlesOf(shown).filter((each) => !held.includes(each)));
  }
}

function handlesOf({ result, flame, callers, chart }: ShownResult): number[] {
  return [...new Set([result.handle, flame.handle, ...(callers === null ? [] : [callers.handle]), ...(chart === null ? [] : [chart.whole.result.handle])])];
}

function samePath(names: readonly string[], path: readonly { name: string }[]): boolean {
  return names.length === path.length && names.every((name, row) => name === path[row]?.name);
}
