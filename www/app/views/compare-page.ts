/**
 * The compare page, in the place of the frame: two selections with linked time lines, the functions or nodes that changed, the
 * graph of both.
 */

import { html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import '../../flamegraph/flamegraph.ts';
import type { FlameGraph, HoverDetail, MenuDetail, NodeDetail } from '../../flamegraph/flamegraph.ts';
import { exactValue, formatCount, formatValue, groupDigits } from '../../engine/format.ts';
import type { DiffNodeRow, DiffTopRow } from '../../engine/protocol.ts';
import type { RowMenuDetail } from '../../elements/row-menu.ts';
import { adviceFor } from '../state/advice.ts';
import { BASES } from '../state/bases.ts';
import type { Compared, Difference, Side } from '../state/compare.ts';
import { innerMatchers } from '../state/matchers.ts';
import { missingWords, widenedWords } from '../state/notices.ts';
import { openSource } from '../state/open-source.ts';
import { toldOf } from '../state/significance.ts';
import { formatInstant, formatOpenRange, formatRange, toRfc3339 } from '../state/time.ts';
import type { TimeRange } from '../state/time.ts';
import { CHANGES, DIFF_ROWS } from '../state/view.ts';
import type { ChangeFilter, DiffRows, View } from '../state/view.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { comparePageStyles } from './compare-page-styles.ts';
import './diff-functions.ts';
import './diff-nodes.ts';
import './diff-tools.ts';
import type { FilterBar } from './filter-bar.ts';
import type { FrameMenu } from './frame-menu.ts';
import { graphKey } from './graph-keys.ts';
import { close } from './icons.ts';
import { readingLine } from './reading-line.ts';
import './significance-tools.ts';
import './time-strip.ts';

const CHANGE_WORDS: Readonly<Record<ChangeFilter, string>> = { all: 'All', new: 'New', gone: 'Gone', grown: 'Grown', shrunk: 'Shrunk' };
const ROW_WORDS: Readonly<Record<DiffRows, { words: string; title: string }>> = {
  functions: { words: 'Functions', title: 'By function, wherever it is called' },
  nodes: { words: 'Nodes', title: 'By node of the graph: every path on its own' },
};

/** `<eg-compare-page>` */
export class ComparePage extends AppView {
  static override properties = { ...AppView.properties, place: { state: true }, pane: { state: true } };

  /** Share of the time lines' width that is pointed at. */
  declare place: number | null;
  /** What is shown where there is room for one. */
  declare pane: 'table' | 'flame';

  constructor() {
    super();
    this.place = null;
    this.pane = 'table';
  }

  protected override subscriptions(): (() => void)[] {
    const { comparison } = this.session;
    return [...super.subscriptions(), comparison.store.subscribe(() => this.requestUpdate()), comparison.significance.store.subscribe(() => this.requestUpdate())];
  }

  protected override willUpdate(): void {
    this.session.comparison.update(this.state);
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    this.session.graph = this.querySelector<FlameGraph>('emberglass-flamegraph');
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session.graph = null;
  }

  protected override firstUpdated(): void {
    this.querySelector<HTMLElement>('h2')?.focus();
  }

  protected override render(): TemplateResult {
    const { answer } = this.session.comparison.store.state;
    const { value } = answer;
    return html`
      <div class="head">
        <h2 tabindex="-1">Compare</h2>
        <span class="grow"></span>
        <div class="bases">
          ${BASES.map(({ kind, words, title }) => html`<button title=${title} @click=${() => this.#do(() => this.session.bases.earlier(kind))}>${words.charAt(0).toUpperCase() + words.slice(1)}</button>`)}
          <button title="Choose a value of a label, a service or a file as the base" @click=${() => this.session.bases.choose()}>With…</button>
        </div>
        <button title="The base becomes the head, the head the base" @click=${this.#swap}>Swap</button>
        <button class="bare square" aria-label="Close the comparison" title="Close (Esc)" @click=${() => this.session.navigate({ page: '' }, 'push')}>${close}</button>
      </div>
      ${this.#base(value)} ${this.#head(value)}
      <div class="body" aria-busy=${answer.loading}>${this.#reading()}${this.#body()}</div>
      <eg-frame-menu .session=${this.session}></eg-frame-menu>
    `;
  }

  #base(value: Compared | null): TemplateResult {
    const { view, catalog } = this.state;
    const service = view.baseService === '' ? view.service : view.baseService;
    const isOwn = view.baseFilters !== null;
    const field = (name: 'baseMatch' | 'baseFrom' | 'baseUntil', words: string, placeholder: string): TemplateResult =>
      html`<input type="text" class="mono" aria-label=${words} title=${words} placeholder=${placeholder} autocomplete="off" autocapitalize="off" spellcheck="false" .value=${name === 'baseMatch' ? view.baseMatch : view[name]}
        @change=${(event: Event) => this.#set(name, (event.target as HTMLInputElement).value)} />`;
    return html`<section class="side base" aria-label="Base">
      <div class="what">
        <b class="letter">A</b>
        <select aria-label="Service of the base" @change=${(event: Event) => this.session.navigate({ baseService: (event.target as HTMLSelectElement).value }, 'push')}>
          ${(catalog?.services ?? []).map(({ name }) => html`<option value=${name} ?selected=${name === service}>${name}</option>`)}
        </select>
        ${field('baseMatch', 'Labels of the base', '{label="value"}')} ${field('baseFrom', 'Base from', 'open')} ${field('baseUntil', 'Base until', 'open')}
        <button
          class="own"
          aria-pressed=${isOwn}
          title=${isOwn ? 'Look at both sides through the same filters of frames again' : 'Filters of frames for the base alone; both sides share them otherwise'}
          @click=${() => this.session.navigate({ baseFilters: isOwn ? null : [...view.filters] }, 'push')}
        >
          Own filters
        </button>
        ${isOwn ? this.#addFilter('Filter…', 'Add a filter of the base') : nothing} ${this.#total(value, 'base')}
      </div>
      ${this.#strip(value, 'base', (from, until) => ({ baseFrom: from, baseUntil: until }))} ${this.#notes(value?.base)}
      ${isOwn ? html`<eg-filter-bar base .session=${this.session}></eg-filter-bar>` : nothing}
    </section>`;
  }

  #head(value: Compared | null): TemplateResult {
    const { view, utc } = this.state;
    return html`<section class="side head-side" aria-label="Head">
      <div class="what">
        <b class="letter">B</b>
        <span class="cut grow" title="Chosen in the bar at the top"
          ><b>${view.service}</b> ${innerMatchers(view.match)} <span class="muted number range">${value === null ? '' : formatOpenRange(value.head.range, utc)}</span></span
        >
        ${this.#addFilter('Filter…', view.baseFilters === null ? 'Add a filter of frames, of both sides' : 'Add a filter of the head')} ${this.#total(value, 'head')}
      </div>
      ${this.#strip(value, 'head', (start, end) => ({ from: start, until: end }))} ${this.#notes(value?.head)}
      <eg-filter-bar .session=${this.session}></eg-filter-bar>
    </section>`;
  }

  /** What the numbers of a side lack, or hold beyond its range. */
  #notes(side: Side | undefined): TemplateResult | typeof nothing {
    const { missing = null, widened = null } = side?.result ?? {};
    if (missing === null && widened === null) return nothing;
    return html`<p class="note" role="status">${missing === null ? nothing : missingWords(missing)} ${widened === null ? nothing : widenedWords(widened, this.state.utc)}</p>`;
  }

  #addFilter(words: string, title: string): TemplateResult {
    return html`<button class="bare" title=${title} @click=${(event: Event) => (event.target as HTMLElement).closest('.side')?.querySelector<FilterBar>('eg-filter-bar')?.write()}>${words}</button>`;
  }

  /** What a side adds up to; while its time lines are pointed at, what it has there. */
  #total(value: Compared | null, side: 'base' | 'head'): TemplateResult | typeof nothing {
    if (value === null) return nothing;
    const { result, range } = value[side];
    const { total, unit, scale, profiles } = result;
    const there = this.#there(value, value[side]);
    return html`<span class="number sum" title=${exactValue(total, unit, scale)}
      ><span class="muted" title=${formatOpenRange(range, this.state.utc)}>${there === null ? `${formatCount(profiles, 'profile')} · Σ` : there.when}</span> ${there === null ? formatValue(total, unit, scale) : there.value}</span
    >`;
  }

  #there({ from, until }: Compared, { series, result }: Side): { when: string; value: string } | null {
    if (this.place === null || series.step === 0n) return null;
    const step = Number((from + BigInt(Math.round(this.place * Number(until - from))) - series.start) / series.step);
    const when = formatInstant(series.start + series.step * BigInt(step), this.state.utc);
    const value = series.values[step];
    return { when, value: value === undefined || (series.profiles[step] ?? 0) === 0 ? '–' : formatValue(BigInt(Math.round(value)), result.unit) };
  }

  #strip(value: Compared | null, side: 'base' | 'head', patch: (from: string, until: string) => Partial<View>): TemplateResult {
    if (value === null) return html`<div class="strip-room"></div>`;
    const { from, until } = value;
    const { series, range } = value[side];
    const { utc } = this.state;
    return html`<eg-time-strip
      .series=${series}
      .span=${{ from, until }}
      .range=${range}
      .place=${this.place}
      .label=${`Time line of the ${side}, ${formatRange(from, until, utc)}; selected: ${formatOpenRange(range, utc)}`}
      @eg-place=${(event: CustomEvent<number | null>) => (this.place = event.detail)}
      @eg-brush=${({ detail }: CustomEvent<TimeRange>) => {
        if (detail.from !== null && detail.until !== null) this.session.navigate(patch(toRfc3339(detail.from), toRfc3339(detail.until)), 'push');
      }}
    ></eg-time-strip>`;
  }

  #reading(): TemplateResult | typeof nothing {
    const { answer, reading } = this.session.comparison.store.state;
    if (!answer.loading || reading === null) return nothing;
    const words = `${groupDigits(reading.done)} of ${formatCount(reading.total, 'profile')}`;
    return readingLine({ label: 'Profiles that are merged', words, done: reading.done, total: Math.max(1, reading.total), stop: () => this.session.comparison.stop() });
  }

  #body(): TemplateResult {
    const { answer } = this.session.comparison.store.state;
    const { value, error } = answer;
    if (error !== null) {
      return html`<div class="state" role="alert">
        <h2>These cannot be compared</h2>
        <p>${error.message} <code>${error.code}</code>. ${adviceFor(error.code)}</p>
        <div class="row"><button class="primary" @click=${() => this.session.comparison.retry(this.state)}>Try again</button></div>
      </div>`;
    }
    if (value === null) return html`<div class="skeleton"></div>`;
    if (value.diff === null) {
      const side = value.base.result.profiles === 0 ? 'The base (A)' : 'The head (B)';
      return html`<div class="state">
        <h2>${side} has no profiles</h2>
        <p>Select a range of its time line, or other labels.</p>
        <div class="row"><button class="primary" @click=${() => this.#do(() => this.session.bases.earlier('before'))}>Compare with just before</button></div>
      </div>`;
    }
    return this.#difference(value.diff);
  }

  #difference(diff: Difference): TemplateResult {
    const { view, narrow, changeColors } = this.state;
    const only = narrow ? this.pane : 'both';
    return html`
      <div class="tools ${only}">
        ${narrow
          ? html`<div class="segments" role="group" aria-label="Pane">
              <button aria-pressed=${this.pane === 'table'} @click=${() => (this.pane = 'table')}>Table</button>
              <button aria-pressed=${this.pane === 'flame'} @click=${() => (this.pane = 'flame')}>Flame</button>
            </div>`
          : nothing}
        <div class="segments list" role="group" aria-label="What is listed">
          ${DIFF_ROWS.map((rows) => html`<button aria-pressed=${rows === view.rows} title=${ROW_WORDS[rows].title} @click=${() => this.session.navigate({ rows }, 'replace')}>${ROW_WORDS[rows].words}</button>`)}
        </div>
        <div class="segments list" role="group" aria-label="Which of them">
          ${CHANGES.map((change) => html`<button aria-pressed=${change === view.change} @click=${() => this.session.navigate({ change }, 'replace')}>${CHANGE_WORDS[change]}</button>`)}
        </div>
        <eg-significance-tools class="list" .session=${this.session}></eg-significance-tools>
        <input type="search" aria-label="Search functions: text, or /regular expression/" placeholder="Search, or /regex/" autocomplete="off" spellcheck="false" .value=${view.search} @change=${(event: Event) => this.session.navigate({ search: (event.target as HTMLInputElement).value }, 'replace')} />
        <eg-diff-tools .session=${this.session} .result=${diff.result}></eg-diff-tools>
      </div>
      <div class="panes ${only}">
        ${only === 'flame' ? nothing : this.#table(diff)}
        ${only === 'table'
          ? nothing
          : html`<emberglass-flamegraph
              label="Flame graph of the comparison"
              .changeColors=${changeColors}
              .source=${diff.flame}
              .focusNode=${live(this.session.comparison.store.state.focus)}
              .search=${view.search}
              @eg-hover=${({ detail: { info, result } }: CustomEvent<HoverDetail>) => this.session.hover.set({ info, result })}
              @eg-zoom=${(event: CustomEvent<NodeDetail>) => this.#zoom(event.detail.node)}
              @eg-menu=${this.#menu}
              @keydown=${(event: KeyboardEvent) => graphKey(event, this.session)}
            ></emberglass-flamegraph>`}
      </div>
    `;
  }

  #table({ table, flame }: Difference): TemplateResult {
    const { view } = this.state;
    const told = toldOf(this.session.comparison.significance.store.state.test);
    const copied = ({ detail }: CustomEvent<{ rows: number }>): void => this.session.notices.confirm(`Copied ${formatCount(detail.rows, 'row')}.`);
    const toPlace = ({ detail: { file, line } }: CustomEvent<DiffTopRow | DiffNodeRow>): void => openSource(this.session, file, line);
    const menu = (event: CustomEvent<RowMenuDetail<DiffTopRow | DiffNodeRow>>): void => {
      event.preventDefault();
      const { row, x, y } = event.detail;
      const panel = this.querySelector<FrameMenu>('eg-frame-menu');
      void ('node' in row ? panel?.open({ node: row.node, x, y }, flame, (node) => this.#zoom(node), true) : panel?.openFor(row, x, y));
    };
    return view.rows === 'functions'
      ? html`<eg-diff-functions .source=${table} .filter=${view.change} .pattern=${view.search} .absolute=${view.absolute} .significant=${view.significant} .significance=${told} @eg-row=${this.#find} @eg-place=${toPlace} @eg-row-menu=${menu} @eg-copied=${copied}></eg-diff-functions>`
      : html`<eg-diff-nodes .source=${table} .filter=${view.change} .pattern=${view.search} .absolute=${view.absolute} .significant=${view.significant} .significance=${told} @eg-row=${this.#show} @eg-place=${toPlace} @eg-row-menu=${menu} @eg-copied=${copied}></eg-diff-nodes>`;
  }

  /** Searches for a function, or no longer. */
  #find({ detail }: CustomEvent<DiffTopRow>): void {
    this.session.navigate({ search: detail.name === this.state.view.search ? '' : detail.name }, 'replace');
  }

  /** Shows a node in the graph, or all of it again. */
  #show({ detail }: CustomEvent<DiffNodeRow>): void {
    this.#zoom(detail.node === this.session.comparison.store.state.focus ? 0 : detail.node);
    this.pane = 'flame';
  }

  #zoom(node: number): void {
    this.#do(async () => this.session.navigate({ zoom: await this.session.comparison.zoomTo(node) }, 'push'));
  }

  #menu(event: CustomEvent<MenuDetail>): void {
    const { source } = event.currentTarget as FlameGraph;
    if (source === null) return;
    event.preventDefault();
    void this.querySelector<FrameMenu>('eg-frame-menu')?.open(event.detail, source, (node) => this.#zoom(node));
  }

  #set(name: 'baseMatch' | 'baseFrom' | 'baseUntil', text: string): void {
    const inner = innerMatchers(text);
    const value = name !== 'baseMatch' ? text.trim() : inner === '' ? '' : `{${inner}}`;
    this.session.navigate({ [name]: value }, 'push');
  }

  #swap(): void {
    const { service, match, from, until, filters, baseService, baseMatch, baseFrom, baseUntil, baseFilters } = this.state.view;
    const head = { service: baseService === '' ? service : baseService, match: baseMatch, from: baseFrom, until: baseUntil, filters: baseFilters ?? filters };
    this.session.navigate({ ...head, baseService: service, baseMatch: match, baseFrom: from, baseUntil: until, baseFilters: baseFilters === null ? null : filters }, 'push');
  }

  #do(action: () => unknown): void {
    Promise.resolve()
      .then(action)
      .catch((thrown: unknown) => this.session.notices.report(thrown));
  }
}

adoptStyles(comparePageStyles);

customElements.define('eg-compare-page', ComparePage);
