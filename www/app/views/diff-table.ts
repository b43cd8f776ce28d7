/** A table of a comparison: what rows had and have, and by how much they changed; sorted and read page by page in the engine. */

import { LitElement, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { EngineError } from '../../engine/errors.ts';
import { formatCount, groupDigits } from '../../engine/format.ts';
import type { DiffSort, DiffTopRequest, SignificanceAnswer } from '../../engine/protocol.ts';
import { RowCache } from '../../elements/row-cache.ts';
import { offerRowMenu } from '../../elements/row-menu.ts';
import { RowSelection } from '../../elements/row-selection.ts';
import { asksForMenu } from '../../flamegraph/events.ts';
import { adviceFor } from '../state/advice.ts';
import { saveFile } from '../state/save-file.ts';
import type { DiffSource } from '../state/sources.ts';
import type { ChangeFilter } from '../state/view.ts';
import { adoptStyles } from './app-view.ts';
import { diffRowsAsTsv, nameText, placeLink, valueCells, valueColumns } from './diff-cells.ts';
import type { AnyDiffRow, DiffColumn, DiffScale } from './diff-cells.ts';
import { diffTableStyles } from './diff-table-styles.ts';
import { VirtualList } from './virtual-list.ts';

const HEAD = 29;
/** Most rows that are listed, and saved: a list of more is higher than browsers let it be. */
const MOST_ROWS = 100_000;

/** In which order, and which; `told` moves when what is known of the rows does. */
type DiffOrder = Omit<DiffTopRequest, 'offset' | 'limit'> & { told: SignificanceAnswer | null };

/**
 * Rows of one kind; tells `eg-row` with a row that was chosen, `eg-place` with one whose source is to be opened, `eg-row-menu` where a menu
 * is asked for, and `eg-copied` with the number of rows.
 */
export abstract class DiffTable<Row extends AnyDiffRow> extends LitElement {
  static override properties = {
    source: { attribute: false },
    filter: {},
    pattern: {},
    absolute: { type: Boolean },
    significant: { type: Boolean },
    significance: { attribute: false },
    sort: { state: true },
    descending: { state: true },
    error: { state: true },
  };

  declare source: DiffSource | null;
  declare filter: ChangeFilter;
  declare pattern: string;
  declare absolute: boolean;
  /** Only what changed significantly, where that is known. */
  declare significant: boolean;
  declare significance: SignificanceAnswer | null;
  declare sort: DiffSort;
  declare descending: boolean;
  declare error: EngineError | null;
  protected abstract readonly words: { table: string; singular: string; plural: string; file: string };
  readonly #list: VirtualList;
  readonly #rows = new RowCache<DiffSource, DiffOrder, Row>({
    read: (source, { told: _, ...order }, offset, limit, signal) => this.read(source, { ...order, offset, limit }, signal),
    changed: (fresh) => this.#changed(fresh),
    failed: (error) => (this.error = EngineError.of(error)),
  });
  readonly #selection = new RowSelection();

  constructor(rowHeight: number) {
    super();
    this.#list = new VirtualList(this, rowHeight, HEAD);
    this.source = null;
    this.filter = 'all';
    this.pattern = '';
    this.absolute = false;
    this.significant = false;
    this.significance = null;
    this.sort = 'totalChange';
    this.descending = true;
    this.error = null;
  }

  /** A page of the rows. */
  protected abstract read(source: DiffSource, request: DiffTopRequest, signal: AbortSignal): Promise<{ rows: Row[]; count: number }>;

  /** What the name says to whoever points at it. */
  protected abstract nameTitle(row: Row): string;

  /** A line below the name, where there is one. */
  protected below(_row: Row): TemplateResult | typeof nothing {
    return nothing;
  }

  /** Whole stacks of rows that are nodes, as a copy has them; null for functions. */
  protected abstract stacks(source: DiffSource, rows: readonly Row[]): Promise<string[]> | null;

  /** A column behind the others, where there is one. */
  protected moreColumn(): { column: DiffColumn; cell: (row: Row) => TemplateResult } | null {
    return null;
  }

  /** Rows that are listed; null before the first answer. */
  get #count(): number | null {
    const { count } = this.#rows;
    return count === null ? null : Math.min(count, MOST_ROWS);
  }

  /** The rows in view that are there. */
  protected get shown(): Row[] {
    return this.#list.items.flatMap(({ index }) => this.#rows.row(index) ?? []);
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (['source', 'filter', 'pattern', 'significant', 'significance', 'sort', 'descending'].some((name) => changed.has(name))) {
      const { source, filter, pattern, sort, descending, significance } = this;
      this.error = null;
      this.#rows.use(source, { filter, pattern, sort, descending, significant: this.significant && significance !== null, told: significance }, 0);
    }
    this.#list.count = this.#count ?? 0;
  }

  protected override updated(): void {
    this.#list.mount();
  }

  protected override render(): TemplateResult {
    const { error } = this;
    const count = this.#count;
    const { active } = this.#selection;
    const { items } = this.#list;
    const more = this.moreColumn();
    return html`
      <div
        class="grid scroll ${more === null ? '' : 'told'}"
        role="grid"
        tabindex="0"
        aria-label=${this.words.table}
        aria-rowcount=${(count ?? 0) + 1}
        aria-multiselectable="true"
        aria-busy=${this.#rows.waiting}
        aria-activedescendant=${items.some(({ index }) => index === active) ? this.#id(active) : nothing}
        @keydown=${this.#key}
        @focus=${this.#focused}
        @copy=${this.#copied}
        @contextmenu=${this.#contextMenu}
      >
        <div class="titles row" role="row" aria-rowindex="1">
          ${this.#title({ sort: 'name', words: this.words.singular.charAt(0).toUpperCase() + this.words.singular.slice(1), title: 'Name of the function' })}
          ${valueColumns(this.absolute).map((column) => this.#title(column))}${more === null ? nothing : this.#title(more.column)}
        </div>
        <div class="rows" role="rowgroup">${items.map(({ index, start }) => this.#row(index, start, more?.cell ?? null))}</div>
        ${count === 0 && error === null ? html`<div class="none" role="row"><p class="muted" role="gridcell">${this.#emptyWords()}</p></div>` : nothing}
      </div>
      ${error === null ? nothing : html`<p class="wrong" role="alert">${error.message} <code>${error.code}</code>. ${adviceFor(error.code)}</p>`}
      <div class="count">
        <span class="muted number grow" role="status">${this.#counted()}</span>
        <button class="link" ?disabled=${(count ?? 0) === 0} @click=${() => void this.#save()}>Save as TSV</button>
      </div>
    `;
  }

  #title({ sort, words, title }: DiffColumn): TemplateResult {
    const isSorted = sort === this.sort;
    return html`<span role="columnheader" class=${sort === 'name' ? 'name' : `end ${sort === 'totalP' ? 'p' : sort}`} aria-sort=${!isSorted ? 'none' : this.descending ? 'descending' : 'ascending'}>
      <button class="bare" tabindex="-1" title=${title} @click=${() => this.#order(sort)}>${words}${!isSorted ? '' : this.descending ? ' ▾' : ' ▴'}</button>
    </span>`;
  }

  #row(index: number, start: number, more: ((row: Row) => TemplateResult) | null): TemplateResult {
    const row = this.#rows.row(index);
    const scale = this.#scale;
    const state = `${index === this.#selection.active ? 'active' : ''} ${row?.change ?? ''}`;
    return html`<div class="row ${state}" role="row" id=${this.#id(index)} data-start=${start} aria-rowindex=${index + 2} aria-selected=${this.#selection.has(index)} @click=${(event: MouseEvent) => this.#clicked(event, index)}>
      ${row === undefined || scale === null
        ? html`<span role="gridcell"></span>`
        : html`<span role="gridcell" class="name"
              ><span class="lines"
                ><span class="first"
                  ><span class="label">${nameText(row.name, this.nameTitle(row))}${row.change === 'new' || row.change === 'gone' ? html`<span class="tag ${row.change}">${row.change}</span>` : nothing}</span
                  >${placeLink(row, () => this.#tell('eg-place', row))}</span
                >${this.below(row)}</span
              ></span
            >
            ${valueCells(row, scale)}${more === null ? nothing : more(row)}`}
    </div>`;
  }

  get #scale(): DiffScale | null {
    const { source } = this.#rows;
    return source === null ? null : { result: source.result, absolute: this.absolute, significance: this.significance };
  }

  #id(index: number): string {
    return `${this.localName}-${index}`;
  }

  #counted(): string {
    const { count } = this.#rows;
    if (count === null) return '';
    const all = formatCount(count, this.words.singular, this.words.plural);
    return count > MOST_ROWS ? `the first ${groupDigits(MOST_ROWS)} of ${all}: search, filter or sort the other way for others` : all;
  }

  #emptyWords(): string {
    const sure = this.significant && this.significance !== null ? ' significantly' : '';
    const what = this.filter === 'all' ? (sure === '' ? 'is in either side' : `changed${sure}`) : `is${sure} ${this.filter}`;
    return `No ${this.words.singular} ${what}${this.pattern === '' ? '' : ' and matches the search'}.`;
  }

  #changed(fresh: boolean): void {
    if (fresh) this.#selection.clear();
    this.requestUpdate();
  }

  #order(sort: DiffSort): void {
    // What is least likely by chance comes first.
    this.descending = sort === this.sort ? !this.descending : sort !== 'name' && sort !== 'totalP';
    this.sort = sort;
    this.querySelector('.grid')?.scrollTo({ top: 0 });
  }

  #clicked(event: MouseEvent, index: number): void {
    this.#selection.go(index, event.shiftKey);
    this.requestUpdate();
    if (!event.shiftKey && !event.ctrlKey && !event.metaKey && event.target instanceof Element && event.target.closest('.name') !== null && event.target.closest('.place') === null) this.#choose(index);
  }

  #choose(index: number): void {
    const row = this.#rows.row(index);
    if (row !== undefined) this.#tell('eg-row', row);
  }

  #tell(type: 'eg-row' | 'eg-place', row: Row): void {
    this.dispatchEvent(new CustomEvent<Row>(type, { detail: row }));
  }

  /** Offers a menu for the row under the pointer, or for the active one. True if the page took it. */
  #offerMenu(at: MouseEvent | null): boolean {
    const element = (index: number): Element | null => this.querySelector(`#${this.#id(index)}`);
    return offerRowMenu({ host: this, rows: '.rows .row', selection: this.#selection, row: (index) => this.#rows.row(index), element }, at);
  }

  #contextMenu(event: MouseEvent): void {
    if (this.#offerMenu(event)) event.preventDefault();
  }

  #focused(): void {
    if (this.#selection.active >= 0 || (this.#count ?? 0) === 0) return;
    this.#selection.go(this.#list.items[0]?.index ?? 0, false);
    this.requestUpdate();
  }

  #key(event: KeyboardEvent): void {
    const count = this.#count ?? 0;
    if (count === 0 || event.altKey) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const row = this.#rows.row(this.#selection.active);
    if (asksForMenu(event)) {
      if (!this.#offerMenu(null)) return;
    } else if (event.key === 'Enter' && event.target === event.currentTarget) this.#choose(this.#selection.active);
    else if (event.key === 'o' && !isCommand) {
      if (row !== undefined && row.file !== '') this.#tell('eg-place', row);
    } else if (isCommand && event.key === 'a') this.#selection.all(count);
    else {
      const to = isCommand ? null : this.#selection.step(event.key, this.#list.page, count);
      if (to === null) return;
      this.#selection.go(to, event.shiftKey);
      this.#list.reveal(to);
    }
    event.preventDefault();
    this.requestUpdate();
  }

  #copied(event: ClipboardEvent): void {
    const { from, until } = this.#selection;
    if (from >= until || getSelection()?.isCollapsed === false) return;
    event.preventDefault();
    const rows = until - from;
    this.#text(from, until)
      .then((text) => navigator.clipboard.writeText(text))
      .then(() => this.dispatchEvent(new CustomEvent('eg-copied', { detail: { rows } })))
      .catch((thrown: unknown) => (this.error = EngineError.of(thrown)));
  }

  async #save(): Promise<void> {
    try {
      saveFile(new Blob([await this.#text(0, this.#count ?? 0)], { type: 'text/tab-separated-values' }), this.words.file);
    } catch (thrown) {
      this.error = EngineError.of(thrown);
    }
  }

  async #text(from: number, until: number): Promise<string> {
    const { source } = this.#rows;
    const scale = this.#scale;
    if (source === null || scale === null) return '';
    const rows = await this.#rows.range(from, until);
    return diffRowsAsTsv(rows, scale, await this.stacks(source, rows));
  }
}

adoptStyles(diffTableStyles);
