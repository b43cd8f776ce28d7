/** The session of one tab: starts the engine, keeps catalog, view and address in step, and carries out what the views ask for. */

import type { EngineClient } from '../../engine/client.ts';
import { compileFormats } from '../../engine/compile.ts';
import { DecodePool } from '../../engine/decode-pool.ts';
import type { EngineError } from '../../engine/errors.ts';
import type { LabelValues } from '../../engine/protocol.ts';
import type { ChangeColors } from '../../flamegraph/palette.ts';
import { addressOf, addressed } from './address.ts';
import { Aside } from './aside.ts';
import { Bases } from './bases.ts';
import { defaultSelection, initialState, shownService } from './app-state.ts';
import type { AppState, GraphHandle, HoverState } from './app-state.ts';
import { CatalogReader } from './catalog-reader.ts';
import { Comparison } from './compare.ts';
import { copyText } from './copy.ts';
import { Deletion } from './deletion.ts';
import { Files } from './files.ts';
import { Imports } from './imports.ts';
import { urlsOf } from './incoming.ts';
import { install } from './install.ts';
import { Links } from './links.ts';
import { serviceMatchers } from './matchers.ts';
import { NoticeBoard } from './notices.ts';
import { OverTime } from './over-time.ts';
import { applyTheme, storeDemangle, storeChangeColors, storeUtc, storedChangeColors, storedDemangle, storedSharding, storedService, storedTheme, storedUtc } from './preferences.ts';
import type { Theme } from './preferences.ts';
import { Profiles } from './profiles.ts';
import { Queries, selectionOf } from './queries.ts';
import { Sparklines } from './sparklines.ts';
import { Saving } from './saving.ts';
import { Storage } from './storage.ts';
import { Store } from './store.ts';
import { TabEngine } from './tab-engine.ts';
import { ChartTimes } from './time-window.ts';
import { encodeView } from './url.ts';
import { DEFAULT_VIEW, patched, sharesZoom } from './view.ts';
import type { Graph, View } from './view.ts';
import { Zoom } from './zoom.ts';

/** Below this width table and graph become tabs. */
const NARROW_QUERY = '(max-width: 719px)';
const DARK_QUERY = '(prefers-color-scheme: dark)';

/** One tab. */
export class Session {
  readonly store = new Store<AppState>(initialState());
  readonly hover = new Store<HoverState>({ info: null, result: null });
  readonly notices = new NoticeBoard(this.store);
  readonly pool: DecodePool;
  readonly imports: Imports;
  readonly aside: Aside;
  readonly bases: Bases;
  readonly deletion: Deletion;
  readonly saving: Saving;
  readonly links: Links;
  readonly engine: TabEngine;
  readonly zoom: Zoom;
  readonly storage = new Storage(() => this.engine.client, this.notices);
  readonly files = new Files(() => this.engine.client);
  readonly comparison = new Comparison(() => this.engine.client);
  readonly overTime = new OverTime(() => this.engine.client);
  readonly profiles = new Profiles(() => this.engine.client);
  readonly times = new ChartTimes((patch, mode) => this.navigate(patch, mode));
  readonly sparklines = new Sparklines(() => this.engine.client);
  #queries: Queries;
  readonly #catalog = new CatalogReader({
    store: this.store,
    client: () => this.engine.client,
    notices: this.notices,
    changed: () => this.#queries.update(),
    grown: () => this.#showSomething(),
  });
  /** The graph on the page, while there is one. */
  graph: GraphHandle | null = null;

  constructor() {
    this.pool = new DecodePool({ module: () => compileFormats() });
    this.engine = new TabEngine({
      store: this.store,
      notices: this.notices,
      storage: this.storage,
      replaced: () => void (this.#queries = this.#ask()),
      opened: () => this.#catalog.refresh(),
      ready: () => this.#showSomething(),
      committed: () => this.#catalog.committed(),
      renamed: (epoch, handle) => this.#renamed(epoch, handle),
      restarted: (error) => this.#restarted(error),
    });
    this.#queries = this.#ask();
    this.imports = new Imports({
      store: this.store,
      client: () => this.engine.client,
      pool: this.pool,
      refreshCatalog: () => this.#catalog.refresh(),
      navigate: (patch, mode) => this.navigate(patch, mode),
      showSomething: () => this.#showSomething(),
      report: (thrown) => this.notices.report(thrown),
    });
    const { store, notices, pool, imports } = this;
    const client = (): EngineClient => this.engine.client;
    const navigate = (patch: Partial<View>, mode: 'push' | 'replace'): void => this.navigate(patch, mode);
    this.aside = new Aside({ store, notices, imports, navigate, switchTo: (backend, prepare) => this.engine.switchTo(backend, prepare) });
    this.bases = new Bases({ store, navigate, report: (thrown) => notices.report(thrown) });
    this.deletion = new Deletion({ client, imports, deleted: (text) => this.#deleted(text) });
    this.saving = new Saving({ store, client, pool, notices, graph: () => this.graph });
    this.links = new Links({ store, client, pool, notices, saving: this.saving });
    this.zoom = new Zoom({ store, navigate, report: (thrown) => notices.report(thrown) });
  }

  /** Reads preferences and address, opens the engine, and shows what is there. */
  async start(): Promise<void> {
    const theme = storedTheme();
    applyTheme(theme);
    const [narrow, dark] = [matchMedia(NARROW_QUERY), matchMedia(DARK_QUERY)];
    narrow.addEventListener('change', () => this.store.set({ narrow: narrow.matches }));
    dark.addEventListener('change', () => this.store.set({ systemDark: dark.matches }));
    const { linked, view } = addressed(location.hash, (thrown) => this.notices.report(thrown));
    this.store.set({ theme, utc: storedUtc(), changeColors: storedChangeColors(), demangle: storedDemangle(), sharding: storedSharding(), narrow: narrow.matches, systemDark: dark.matches, view });
    addEventListener('popstate', () => this.#follow());
    this.engine.follow();
    const urls = urlsOf(location.hash);
    await (linked === null ? this.engine.start() : this.aside.openLinked(linked));
    void this.aside.takeIncoming(urls);
    void install(this.notices);
    void this.imports.findInterrupted().then(() => this.notices.interrupted(this.store.state.interrupted));
    this.pool.warm();
    this.pool.outputFormats().then(
      (outputFormats) => this.store.set({ outputFormats }),
      (thrown: unknown) => this.notices.report(thrown),
    );
  }

  /** Changes the view and the address. */
  navigate(patch: Partial<View>, mode: 'push' | 'replace'): void {
    const view = patched(this.store.state.view, patch);
    const before = encodeView(this.store.state.view);
    const after = encodeView(view);
    this.store.set(view.search === this.store.state.view.search ? { view } : { view, match: null });
    if (after !== before) {
      const url = addressOf(view, this.store.state.linked);
      if (mode === 'push') history.pushState(null, '', url);
      else history.replaceState(null, '', url);
    }
    this.#queries.update();
  }

  /** Looks through these filters; the zoom stays as far as its path is left. */
  setFilters(filters: readonly string[]): void {
    this.navigate({ filters }, 'push');
  }

  /** Looks through one more filter. */
  addFilter(filter: string): void {
    this.setFilters([...this.store.state.view.filters, filter]);
  }

  /** Takes the last filter back. */
  undoFilter(): void {
    const { filters } = this.store.state.view;
    if (filters.length > 0) this.setFilters(filters.slice(0, -1));
  }

  /** Shows another graph; a zoom stays where it means the same, and waits where there is no such zoom. */
  showGraph(graph: Graph): void {
    const { view } = this.store.state;
    if (graph === view.graph) return;
    this.navigate(sharesZoom(graph, view.graph) ? { graph } : { graph, zoom: [] }, 'push');
  }

  /** Shows the callers of a function above, what it calls below. */
  sandwich(name: string): void {
    const { panes } = this.store.state.view;
    this.navigate({ graph: 'sandwich', pivot: `"${name}"`, zoom: [], page: '', panes: panes === 'table' ? 'both' : panes }, 'push');
  }

  /** Labels of the shown service and type in the selected range, of profiles that the matchers leave. */
  async labels(match = ''): Promise<LabelValues[]> {
    const selection = selectionOf(this.store.state);
    return await this.engine.client.call('labels', { ...selection, matchers: serviceMatchers(this.store.state.view.service, match) });
  }

  /** Metadata of the same profiles, by key. */
  async metadata(match = ''): Promise<LabelValues[]> {
    const selection = selectionOf(this.store.state);
    return await this.engine.client.call('metadata', { ...selection, matchers: serviceMatchers(this.store.state.view.service, match) });
  }

  /** Goes to the next match of the search, or the one before. */
  async stepMatch(direction: 1 | -1): Promise<void> {
    const { search } = this.store.state.view;
    const match = (await this.graph?.step(direction, search)) ?? null;
    if (this.store.state.view.search === search) this.store.set({ match });
  }

  /** Copies a text; `what` is what a person calls it. */
  copy(text: string, what: string): Promise<void> {
    return copyText(text, what, this.notices);
  }

  /** Chooses whether names of C++ and Rust are shown demangled. */
  async setDemangle(demangle: boolean): Promise<void> {
    storeDemangle(demangle);
    this.store.set({ demangle });
    await this.engine.client.setDemangle(demangle);
    this.#renamed(this.engine.client.epoch, null);
  }

  #renamed(epoch: number, handle: number | null): void {
    this.#queries.renamed(epoch, handle);
    this.comparison.renamed(epoch, handle);
  }

  /** Chooses the theme. */
  setTheme(theme: Theme): void {
    applyTheme(theme);
    this.store.set({ theme });
  }

  /** Chooses the colours of changes. */
  setChangeColors(changeColors: ChangeColors): void {
    storeChangeColors(changeColors);
    this.store.set({ changeColors });
  }

  /** Chooses between local time and UTC. */
  setUtc(utc: boolean): void {
    storeUtc(utc);
    this.store.set({ utc });
  }

  /** Shows what is stored: the service imported last, or the first. */
  showStored(): void {
    const { catalog, view } = this.store.state;
    const choice = catalog === null ? null : defaultSelection(catalog, storedService());
    const { panes, split } = view;
    this.navigate({ ...DEFAULT_VIEW, panes, split, ...choice }, 'push');
  }

  /** Stops the query under way. */
  stopQuery(): void {
    this.#queries.stop();
  }

  /** Runs the queries again, after an error. */
  retry(): void {
    this.#queries.invalidate();
    this.#queries.update();
  }

  #ask(): Queries {
    return new Queries(this.store, this.engine.client, this.notices);
  }

  /** Fills in what the view leaves open: a service where there is data, a type where there is a service. */
  #showSomething(): void {
    const { catalog, view, imports } = this.store.state;
    if (catalog === null) return;
    if (view.service !== '' && (view.type !== '' || shownService(this.store.state) === null)) {
      this.#queries.update();
      return;
    }
    // An import under way shows its own service.
    if (view.service === '' && imports.some((job) => job.running)) return;
    const choice =
      view.service === ''
        ? defaultSelection(catalog, storedService())
        : defaultSelection({ ...catalog, services: catalog.services.filter(({ name }) => name === view.service) }, null);
    if (choice !== null) this.navigate(choice, 'replace');
  }

  async #deleted(text: string): Promise<void> {
    await this.#catalog.refresh();
    this.notices.confirm(text);
    if (shownService(this.store.state) === null) {
      const { panes, split } = this.store.state.view;
      this.navigate({ ...DEFAULT_VIEW, panes, split }, 'push');
      this.#showSomething();
    }
  }

  #follow(): void {
    const { linked, view } = addressed(location.hash, (thrown) => this.notices.report(thrown));
    const before = this.store.state.linked;
    if (linked?.text !== before?.text) {
      const opened = linked === null ? this.aside.leaveLink(view) : this.aside.openLinked(linked);
      opened.catch((thrown: unknown) => this.notices.report(thrown));
      return;
    }
    this.store.set({ view });
    this.#showSomething();
  }

  #restarted(error: EngineError): void {
    this.#queries.invalidate();
    this.notices.restarted(error);
    this.#catalog.refresh().catch((thrown: unknown) => this.notices.report(thrown));
  }
}
