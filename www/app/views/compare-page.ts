/** The compare page, in the place of the frame: two selections with linked time lines, the functions that changed, the graph of both. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import '../../flamegraph/flamegraph.ts';
import type { HoverDetail } from '../../flamegraph/flamegraph.ts';
import { exactValue, formatCount, formatValue } from '../../engine/format.ts';
import { adviceFor } from '../state/advice.ts';
import { BASES } from '../state/compare.ts';
import type { Compared, Side } from '../state/compare.ts';
import { innerMatchers } from '../state/matchers.ts';
import { formatRange, toRfc3339 } from '../state/time.ts';
import type { TimeRange } from '../state/time.ts';
import { CHANGES } from '../state/view.ts';
import type { ChangeFilter } from '../state/view.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { comparePageStyles } from './compare-page-styles.ts';
import './diff-table.ts';
import './diff-tools.ts';
import type { DiffSource } from './diff-table.ts';
import { close } from './icons.ts';
import './time-strip.ts';

const WORDS: Readonly<Record<ChangeFilter, string>> = { all: 'All', new: 'New', gone: 'Gone', grown: 'Grown', shrunk: 'Shrunk' };

/** `<eg-compare-page>` */
export class ComparePage extends AppView {
  static override properties = { ...AppView.properties, place: { state: true }, pane: { state: true } };

  /** Share of the time lines' width that is pointed at. */
  declare place: number | null;
  /** What is shown where there is room for one. */
  declare pane: 'table' | 'flame';
  #source: DiffSource | null = null;

  constructor() {
    super();
    this.place = null;
    this.pane = 'table';
  }

  protected override subscriptions(): (() => void)[] {
    return [...super.subscriptions(), this.session.comparison.store.subscribe(() => this.requestUpdate())];
  }

  protected override willUpdate(): void {
    this.session.comparison.update(this.state);
    const diff = this.session.comparison.store.state.answer.value?.diff ?? null;
    if (diff?.result === this.#source?.result) return;
    const { client } = this.session;
    this.#source = diff === null ? null : { result: diff.result, diffTop: (request) => client.callIn(diff.epoch, 'diffTop', diff.result.handle, request) };
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
          ${BASES.map(({ kind, words, title }) => html`<button title=${title} @click=${() => this.#do(() => this.session.compareWith(kind))}>${words.charAt(0).toUpperCase() + words.slice(1)}</button>`)}
          <button title="Choose a value of a label as the base" @click=${() => this.session.store.set({ dialog: 'base' })}>A label value…</button>
          <button @click=${this.#swap}>Swap</button>
        </div>
        <button class="bare square" aria-label="Close the comparison" title="Close (Esc)" @click=${() => this.session.navigate({ page: '' }, 'push')}>${close}</button>
      </div>
      ${this.#base(value)} ${this.#head(value)}
      <div class="body" aria-busy=${answer.loading}>${this.#body()}</div>
    `;
  }

  #base(value: Compared | null): TemplateResult {
    const { view, catalog } = this.state;
    const service = view.baseService === '' ? view.service : view.baseService;
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
        ${this.#total(value?.base)}
      </div>
      ${this.#strip(value, value?.base ?? null, (from, until) => ({ baseFrom: from, baseUntil: until }))}
    </section>`;
  }

  #head(value: Compared | null): TemplateResult {
    const { view, utc } = this.state;
    const { from, until } = value?.head.range ?? { from: null, until: null };
    const range = from === null || until === null ? 'all data' : formatRange(from, until, utc);
    return html`<section class="side head-side" aria-label="Head">
      <div class="what">
        <b class="letter">B</b>
        <span class="cut grow" title="Chosen in the bar at the top"><b>${view.service}</b> ${innerMatchers(view.match)} <span class="muted number">${range}</span></span>
        ${this.#total(value?.head)}
      </div>
      ${this.#strip(value, value?.head ?? null, (start, end) => ({ from: start, until: end }))}
    </section>`;
  }

  #total(side: Side | undefined): TemplateResult | typeof nothing {
    if (side === undefined) return nothing;
    const { total, unit, scale, profiles } = side.result;
    return html`<span class="number sum" title=${exactValue(total, unit, scale)}><span class="muted">${formatCount(profiles, 'profile')} · Σ</span> ${formatValue(total, unit, scale)}</span>`;
  }

  #strip(value: Compared | null, side: Side | null, patch: (from: string, until: string) => Record<string, string>): TemplateResult {
    if (value === null || side === null) return html`<div class="strip-room"></div>`;
    const { from, until } = value;
    return html`<eg-time-strip
      .series=${side.series}
      .span=${{ from, until }}
      .range=${side.range}
      .place=${this.place}
      .label=${`Time line of ${side === value.base ? 'the base' : 'the head'}, ${formatRange(from, until, this.state.utc)}`}
      @eg-place=${(event: CustomEvent<number | null>) => (this.place = event.detail)}
      @eg-brush=${({ detail }: CustomEvent<TimeRange>) => {
        if (detail.from !== null && detail.until !== null) this.session.navigate(patch(toRfc3339(detail.from), toRfc3339(detail.until)), 'push');
      }}
    ></eg-time-strip>`;
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
        <div class="row"><button class="primary" @click=${() => this.#do(() => this.session.compareWith('before'))}>Compare with just before</button></div>
      </div>`;
    }
    return this.#difference(value, value.diff);
  }

  #difference({ base, head }: Compared, diff: NonNullable<Compared['diff']>): TemplateResult {
    const { view, narrow } = this.state;
    const { unit, scale } = head.result;
    const only = narrow ? this.pane : 'both';
    return html`
      <div class="tools">
        ${narrow
          ? html`<div class="segments" role="group" aria-label="Pane">
              <button aria-pressed=${this.pane === 'table'} @click=${() => (this.pane = 'table')}>Table</button>
              <button aria-pressed=${this.pane === 'flame'} @click=${() => (this.pane = 'flame')}>Flame</button>
            </div>`
          : nothing}
        <div class="segments" role="group" aria-label="Which functions">
          ${CHANGES.map((change) => html`<button aria-pressed=${change === view.change} @click=${() => this.session.navigate({ change }, 'replace')}>${WORDS[change]}</button>`)}
        </div>
        <input type="search" aria-label="Search functions: text, or /regular expression/" placeholder="Search, or /regex/" autocomplete="off" spellcheck="false" .value=${view.search} @change=${(event: Event) => this.session.navigate({ search: (event.target as HTMLInputElement).value }, 'replace')} />
        <eg-diff-tools .session=${this.session}></eg-diff-tools>
        <span class="number totals" title=${`${exactValue(base.result.total, unit, scale)} → ${exactValue(head.result.total, unit, head.result.scale)}`}
          >${formatValue(base.result.total, unit, base.result.scale)} → ${formatValue(head.result.total, unit, head.result.scale)}</span
        >
      </div>
      <div class="panes ${only}">
        ${only === 'flame' ? nothing : html`<eg-diff-table .source=${this.#source} .filter=${view.change} .pattern=${view.search} @eg-function=${this.#find}></eg-diff-table>`}
        ${only === 'table'
          ? nothing
          : html`<emberglass-flamegraph .changeColors=${this.state.changeColors} .source=${diff.flame} .search=${view.search} @eg-hover=${(event: CustomEvent<HoverDetail>) => this.session.hover.set({ info: event.detail.info })}></emberglass-flamegraph>`}
      </div>
    `;
  }

  #find({ detail }: CustomEvent<{ name: string }>): void {
    this.session.navigate({ search: detail.name === this.state.view.search ? '' : detail.name }, 'replace');
  }

  #set(name: 'baseMatch' | 'baseFrom' | 'baseUntil', text: string): void {
    const inner = innerMatchers(text);
    const value = name !== 'baseMatch' ? text.trim() : inner === '' ? '' : `{${inner}}`;
    this.session.navigate({ [name]: value }, 'push');
  }

  #swap(): void {
    const { service, match, from, until, baseService, baseMatch, baseFrom, baseUntil } = this.state.view;
    this.session.navigate(
      { service: baseService === '' ? service : baseService, match: baseMatch, from: baseFrom, until: baseUntil, baseService: service, baseMatch: match, baseFrom: from, baseUntil: until },
      'push',
    );
  }

  #do(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      this.session.notices.report(thrown);
    }
  }
}

adoptStyles(comparePageStyles);

customElements.define('eg-compare-page', ComparePage);
