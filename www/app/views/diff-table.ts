/** The functions of a comparison: what each had and has, and by how much its share changed; read page by page. */

import { LitElement, css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { exactValue, formatCount, formatValue } from '../../engine/format.ts';
import { EngineError } from '../../engine/errors.ts';
import type { DiffSort, DiffTopPage, DiffTopRequest, DiffTopRow, QueryResult } from '../../engine/protocol.ts';
import type { ChangeFilter } from '../state/view.ts';
import { adviceFor } from '../state/advice.ts';
import { adoptStyles } from './app-view.ts';
import { VirtualList } from './virtual-list.ts';

const ROW = 24;
const PAGE = 200;

const COLUMNS: readonly [DiffSort, string, string][] = [
  ['name', 'Function', 'Name of the function'],
  ['baseTotal', 'Base', 'Total of the base'],
  ['total', 'Head', 'Total of the head'],
  ['totalChange', 'Change', 'Share of the head’s total less share of the base’s, percentage points'],
  ['selfChange', 'Self', 'The same of self values'],
];

/** Where the rows come from. A source stands for one result. */
export interface DiffSource {
  result: QueryResult;
  diffTop(request: DiffTopRequest): Promise<DiffTopPage>;
}

/** Percentage points with their sign. */
export function formatChange(change: number): string {
  const points = change * 100;
  const digits = Math.abs(points) >= 10 ? 1 : Math.abs(points) >= 0.01 || points === 0 ? 2 : 3;
  return `${points > 0 ? '+' : points < 0 ? '−' : ''}${Math.abs(points).toFixed(digits)}`;
}

/** `<eg-diff-table>`; tells `eg-function` with the name of a row that was chosen. */
export class DiffTable extends LitElement {
  static override properties = { source: { attribute: false }, filter: {}, pattern: {}, sort: { state: true }, descending: { state: true }, count: { state: true }, error: { state: true } };

  declare source: DiffSource | null;
  declare filter: ChangeFilter;
  declare pattern: string;
  declare sort: DiffSort;
  declare descending: boolean;
  declare count: number | null;
  declare error: EngineError | null;
  readonly #list = new VirtualList(this, ROW);
  #pages = new Map<number, DiffTopRow[] | null>();
  #question = 0;

  constructor() {
    super();
    this.source = null;
    this.filter = 'all';
    this.pattern = '';
    this.sort = 'totalChange';
    this.descending = true;
    this.count = null;
    this.error = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (['source', 'filter', 'pattern', 'sort', 'descending'].some((name) => changed.has(name))) {
      this.#question += 1;
      this.#pages = new Map();
      void this.#read(0);
    }
    this.#list.count = this.count ?? 0;
  }

  protected override updated(): void {
    this.#list.mount();
    for (const { index } of this.#list.items) void this.#read(Math.floor(index / PAGE));
  }

  protected override render(): TemplateResult {
    const { count, error } = this;
    return html`
      <div class="table" role="table" aria-label="Functions of the comparison" aria-rowcount=${(count ?? 0) + 1}>
        <div role="rowgroup">
          <div class="row titles" role="row" aria-rowindex="1">
            ${COLUMNS.map(
              ([sort, words, title]) => html`<span role="columnheader" class=${sort === 'name' ? 'name' : 'end'} aria-sort=${sort !== this.sort ? 'none' : this.descending ? 'descending' : 'ascending'}>
                <button class="bare" title=${title} @click=${() => this.#order(sort)}>${words}${sort !== this.sort ? '' : this.descending ? ' ▾' : ' ▴'}</button>
              </span>`,
            )}
          </div>
        </div>
        <div class="scroll" tabindex="0" role="rowgroup" aria-label="Rows">
          <div class="rows" role="presentation">${this.#list.items.map(({ index, start }) => this.#row(index, start))}</div>
          ${count === 0 && error === null ? html`<p class="muted none">No function is ${this.filter === 'all' ? 'in either side' : this.filter}${this.pattern === '' ? '' : ' and matches the search'}.</p>` : nothing}
          ${error === null ? nothing : html`<p class="none" role="alert">${error.message} <code>${error.code}</code>. ${adviceFor(error.code)}</p>`}
        </div>
      </div>
      <p class="muted number count" role="status">${count === null ? '' : formatCount(count, 'function')}</p>
    `;
  }

  #row(index: number, start: number): TemplateResult {
    const row = this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
    const result = this.source?.result;
    if (row === undefined || result === undefined) return html`<div class="row" role="row" data-start=${start} aria-rowindex=${index + 2}></div>`;
    const value = (each: bigint): TemplateResult => html`<span role="cell" class="end number" title=${exactValue(each, result.unit, result.scale)}>${formatValue(each, result.unit, result.scale)}</span>`;
    const change = (each: number): TemplateResult => html`<span role="cell" class="end number ${each > 0 ? 'more' : each < 0 ? 'less' : ''}" title=${`${each * 100} percentage points`}>${formatChange(each)}</span>`;
    return html`<div class="row" role="row" data-start=${start} aria-rowindex=${index + 2}>
      <span role="cell" class="name">
        <button class="bare mono cut" title=${row.name} @click=${() => this.#choose(row.name)}>${row.name}</button>
        ${row.change === 'new' || row.change === 'gone' ? html`<span class="tag ${row.change}">${row.change}</span>` : nothing}
      </span>
      ${value(row.baseTotal)} ${value(row.total)} ${change(row.totalChange)} ${change(row.selfChange)}
    </div>`;
  }

  #order(sort: DiffSort): void {
    this.descending = sort === this.sort ? !this.descending : sort !== 'name';
    this.sort = sort;
  }

  #choose(name: string): void {
    this.dispatchEvent(new CustomEvent('eg-function', { detail: { name } }));
  }

  async #read(page: number): Promise<void> {
    const { source, sort, descending, pattern, filter } = this;
    if (source === null || this.#pages.has(page)) return;
    const question = this.#question;
    this.#pages.set(page, null);
    try {
      const { rows, count } = await source.diffTop({ sort, descending, offset: page * PAGE, limit: PAGE, pattern, filter });
      if (question !== this.#question) return;
      this.#pages.set(page, rows);
      this.count = count;
      this.error = null;
      this.requestUpdate();
    } catch (thrown) {
      if (question !== this.#question) return;
      this.count = 0;
      this.error = EngineError.of(thrown);
    }
  }
}

adoptStyles(css`
  eg-diff-table {
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;

    .table {
      display: flex;
      flex: 1;
      flex-direction: column;
      min-height: 0;
    }

    .scroll {
      flex: 1;
      min-height: 0;
      overflow: auto;
      scrollbar-gutter: stable;
    }

    .rows {
      position: relative;
    }

    .row {
      display: grid;
      grid-template-columns: minmax(80px, 1fr) 76px 76px 68px 68px;
      align-items: center;
      height: 24px;
      padding: 0 8px;
    }

    .rows .row {
      position: absolute;
      inset: 0 0 auto;
    }

    .titles {
      height: 28px;
      border-bottom: 1px solid var(--eg-line);
    }

    .titles button {
      height: 24px;
      padding: 0;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
    }

    .end {
      text-align: right;
    }

    .name {
      display: flex;
      align-items: center;
      gap: 6px;
      min-width: 0;
    }

    .name .mono {
      display: block;
      height: 22px;
      padding: 0;
      text-align: left;
    }

    .tag {
      flex: none;
      padding: 0 4px;
      border: 1px solid var(--eg-line-strong);
      border-radius: 3px;
      color: var(--eg-text-muted);
      font-size: 11px;
      line-height: 14px;
    }

    .more {
      color: var(--eg-accent-text);
    }

    .less {
      color: var(--eg-focus);
    }

    .none {
      margin: 0;
      padding: 12px;
    }

    .count {
      flex: none;
      margin: 0;
      padding: 2px 8px;
      border-top: 1px solid var(--eg-line);
      font-size: var(--eg-size-small);
    }
  }
`);

customElements.define('eg-diff-table', DiffTable);
