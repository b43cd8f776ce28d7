/**
 * `<emberglass-top-table>`: the functions of a result with their self and total values, as a virtual table.
 *
 * Only the rows in view are in the document; they come in pages from the source (`RowCache`), which sorts and searches.
 * `README.md` describes the public surface.
 */

import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from '@tanstack/virtual-core';
import type { VirtualizerOptions } from '@tanstack/virtual-core';
import { LitElement, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { formatCount, groupDigits } from '../engine/format.ts';
import type { TopRow, TopSort } from '../engine/protocol.ts';
import { asksForMenu } from '../flamegraph/events.ts';
import { problemOf } from '../flamegraph/messages.ts';
import type { Problem } from '../flamegraph/messages.ts';
import { themeOf, watchTheme } from '../flamegraph/theme.ts';
import { tokens } from '../flamegraph/tokens.ts';
import { copyRows } from './copy-rows.ts';
import { RowCache } from './row-cache.ts';
import { offerRowMenu } from './row-menu.ts';
import { RowSelection } from './row-selection.ts';
import { readTop } from './source.ts';
import type { TopOrder, TopSource } from './source.ts';
import { cells } from './top-table-cells.ts';
import { origin, tableState } from './top-table-messages.ts';
import { topTableStyles } from './top-table-styles.ts';

export type { TopSource } from './source.ts';

/** Height of a row, CSS pixels. */
const ROW_HEIGHT = 24;
const OVERSCAN = 8;
/** Height of the head, which stays in view, CSS pixels. */
const HEAD_HEIGHT = 28;

/** Detail of `eg-function` and `eg-place`, and the row of `eg-row-menu`. */
export interface FunctionDetail extends Pick<TopRow, 'name' | 'file' | 'line' | 'package'> {
  /** Row of the function in the result. */
  function: number;
}

/** `<emberglass-top-table>` */
export class TopTable extends LitElement {
  static override shadowRootOptions: ShadowRootInit = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [tokens, topTableStyles];
  static override properties = {
    source: { attribute: false },
    search: {},
    sort: {},
    descending: { type: Boolean },
    linksPlaces: { type: Boolean, attribute: 'links-places' },
    problem: { state: true },
    dark: { state: true },
  };

  /** What is shown; null shows an empty state. */
  declare source: TopSource | null;
  /** Shows only functions whose name or file matches: a substring in any case, or `/re/`. */
  declare search: string;
  declare sort: TopSort;
  declare descending: boolean;
  /** The file of a row is a link, which tells `eg-place`; so does the key o. */
  declare linksPlaces: boolean;
  declare protected problem: Problem | null;
  declare protected dark: boolean;

  readonly #rows = new RowCache<TopSource, TopOrder, TopRow>({
    read: readTop,
    changed: (fresh) => this.#changed(fresh),
    failed: (error) => this.#failed(error),
  });
  readonly #selection = new RowSelection();
  #virtualizer: Virtualizer<HTMLElement, HTMLElement> | null = null;
  #unmount: (() => void) | null = null;
  #unwatch: (() => void) | null = null;
  #message = '';

  constructor() {
    super();
    this.source = null;
    this.search = '';
    this.sort = 'self';
    this.descending = true;
    this.linksPlaces = false;
    this.problem = null;
    this.dark = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#connect();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unmount?.();
    this.#unwatch?.();
  }

  protected override firstUpdated(): void {
    this.#connect();
  }

  protected override willUpdate(changed: PropertyValues): void {
    const other = changed.has('source');
    if (!other && !changed.has('search') && !changed.has('sort') && !changed.has('descending')) return;
    this.problem = null;
    const { search, sort, descending } = this;
    const stays = other && !changed.has('search');
    this.#rows.use(this.source, { search, sort, descending }, stays ? (this.#virtualizer?.range?.startIndex ?? 0) : 0);
  }

  protected override render(): TemplateResult {
    const count = this.#rows.count ?? 0;
    const { active } = this.#selection;
    const items = this.#virtualizer?.getVirtualItems() ?? [];
    const seen = items.some(({ index }) => index === active);
    return html`
      <div
        class="grid"
        role="grid"
        tabindex="0"
        aria-label="Top table"
        aria-rowcount=${count + 1}
        aria-colcount="5"
        aria-multiselectable="true"
        aria-busy=${this.#rows.waiting}
        aria-activedescendant=${seen ? `row-${active}` : nothing}
        @keydown=${this.#keydown}
        @copy=${this.#copied}
        @contextmenu=${this.#contextMenu}
        @focus=${this.#focused}
      >
        <div class="header" role="rowgroup">
          <div class="head" role="row" aria-rowindex="1">
            ${this.#column('self', 'Self', 'number')}
            <div role="columnheader" class="number">Self %</div>
            ${this.#column('total', 'Total', 'number')}
            <div role="columnheader" class="number">Total %</div>
            ${this.#column('name', 'Function', 'function')}
          </div>
        </div>
        <div class="body" role="rowgroup">
          <div class="window" role="presentation">
            ${repeat(
              items,
              ({ index }) => index,
              ({ index }) => this.#row(index),
            )}
          </div>
        </div>
      </div>
      <div class="ring"></div>
      ${tableState({ problem: this.problem, isEmpty: this.source === null, count: this.#rows.count, isWaiting: this.#rows.waiting, search: this.search }, () => this.#retry())}
      <div class="unseen" role="status">${this.#message}</div>
      <div class="probe"></div>
    `;
  }

  protected override updated(): void {
    const virtualizer = this.#virtualizer;
    if (virtualizer === null) return;
    const start = virtualizer.getVirtualItems()[0]?.start ?? 0;
    const find = (selector: string): HTMLElement => this.renderRoot.querySelector(selector) as HTMLElement;
    find('.body').style.height = `${virtualizer.getTotalSize() - HEAD_HEIGHT}px`;
    find('.window').style.transform = `translateY(${Math.max(0, start - HEAD_HEIGHT)}px)`;
  }

  #column(sort: TopSort, label: string, kind: string): TemplateResult {
    const sorted = this.sort === sort ? (this.descending ? 'descending' : 'ascending') : 'none';
    return html`<div role="columnheader" class=${kind} aria-sort=${sorted}>
      <button tabindex="-1" @click=${() => this.#sortBy(sort)}>${label}</button>
      ${sort === 'name' ? html`<span class="count">${this.#counted()}${origin(this.#rows.source?.result.topFrom ?? 'stacks')}</span>` : nothing}
    </div>`;
  }

  #counted(): string {
    const { count, source } = this.#rows;
    if (count === null || source === null) return '';
    const all = source.result.functions;
    return this.search === '' || count === all ? groupDigits(count) : `${groupDigits(count)} of ${groupDigits(all)}`;
  }

  #row(index: number): TemplateResult {
    const row = this.#rows.row(index);
    const { active } = this.#selection;
    const result = this.#rows.source?.result;
    return html`<div
      class=${index === active ? 'row active' : 'row'}
      role="row"
      id=${`row-${index}`}
      aria-rowindex=${index + 2}
      aria-selected=${this.#selection.has(index)}
      @click=${(event: MouseEvent) => this.#clicked(event, index)}
    >
      ${row === undefined || result === undefined ? html`<div role="gridcell" aria-colspan="5"><span class="skeleton"></span></div>` : cells(row, result, this.dark, (event) => this.#choose(event, row), this.linksPlaces ? (event) => this.#goToPlace(event, row) : null)}
    </div>`;
  }

  #connect(): void {
    const scroller = this.renderRoot.querySelector<HTMLElement>('.grid');
    const probe = this.renderRoot.querySelector('.probe');
    if (scroller === null || probe === null) return;
    this.#virtualizer = new Virtualizer(this.#options(scroller));
    this.#unmount = this.#virtualizer._didMount();
    this.#virtualizer._willUpdate();
    const restyle = (): void => {
      this.dark = themeOf(probe).theme.dark;
    };
    this.#unwatch = watchTheme(probe, restyle);
    restyle();
    this.requestUpdate();
  }

  #options(scroller: HTMLElement): VirtualizerOptions<HTMLElement, HTMLElement> {
    return {
      count: this.#rows.count ?? 0,
      getScrollElement: () => scroller,
      estimateSize: () => ROW_HEIGHT,
      overscan: OVERSCAN,
      paddingStart: HEAD_HEIGHT,
      scrollPaddingStart: HEAD_HEIGHT,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => this.requestUpdate(),
    };
  }

  #changed(fresh: boolean): void {
    const virtualizer = this.#virtualizer;
    const count = this.#rows.count ?? 0;
    if (fresh) {
      this.problem = null;
      this.#selection.clear();
      this.#message = this.search === '' ? '' : formatCount(count, 'matching function');
    }
    if (virtualizer !== null && virtualizer.options.count !== count) {
      virtualizer.setOptions({ ...virtualizer.options, count });
      virtualizer._willUpdate();
    }
    this.requestUpdate();
  }

  #failed(error: unknown): void {
    this.problem = problemOf(error);
    this.dispatchEvent(new CustomEvent('eg-error', { detail: { error }, bubbles: true, composed: true }));
  }

  #retry(): void {
    this.problem = null;
    const { search, sort, descending } = this;
    this.#rows.use(this.source, { search, sort, descending }, 0);
  }

  #sortBy(sort: TopSort): void {
    this.descending = this.sort === sort ? !this.descending : sort !== 'name';
    this.sort = sort;
    this.renderRoot.querySelector('.grid')?.scrollTo({ top: 0 });
  }

  #clicked(event: MouseEvent, index: number): void {
    this.#selection.go(index, event.shiftKey);
    this.requestUpdate();
  }

  #choose(event: MouseEvent, row: TopRow): void {
    if (event.shiftKey || event.ctrlKey || event.metaKey || getSelection()?.isCollapsed === false) return;
    this.#emit('eg-function', row);
  }

  #goToPlace(event: MouseEvent, row: TopRow): void {
    if (!event.shiftKey && !event.ctrlKey && !event.metaKey) this.#emit('eg-place', row);
  }

  #emit(type: 'eg-function' | 'eg-place', row: TopRow): void {
    this.dispatchEvent(new CustomEvent(type, { detail: detailOf(row), bubbles: true, composed: true }));
  }

  /** Offers a menu for the row under the pointer, or for the active one. True if the page took it. */
  #offerMenu(at: MouseEvent | null): boolean {
    const row = (index: number): FunctionDetail | undefined => {
      const of = this.#rows.row(index);
      return of === undefined ? undefined : detailOf(of);
    };
    return offerRowMenu({ host: this, rows: '.row', selection: this.#selection, row, element: (index) => this.renderRoot.querySelector(`#row-${index}`) }, at);
  }

  #contextMenu(event: MouseEvent): void {
    if (this.#offerMenu(event)) event.preventDefault();
  }

  #focused(): void {
    if (this.#selection.active >= 0 || (this.#rows.count ?? 0) === 0) return;
    this.#selection.go(this.#virtualizer?.range?.startIndex ?? 0, false);
    this.requestUpdate();
  }

  #keydown(event: KeyboardEvent): void {
    const count = this.#rows.count ?? 0;
    if (count === 0 || event.altKey) return;
    const row = this.#rows.row(this.#selection.active);
    const isCommand = event.ctrlKey || event.metaKey;
    if (asksForMenu(event)) {
      if (!this.#offerMenu(null)) return;
    } else if (event.key === 'Enter' && event.target === event.currentTarget) {
      if (row !== undefined) this.#emit('eg-function', row);
    } else if (event.key === 'o' && !isCommand && this.linksPlaces) {
      if (row !== undefined && row.file !== '') this.#emit('eg-place', row);
    } else if (isCommand && event.key === 'a') {
      this.#selection.all(count);
    } else {
      const page = Math.max(1, Math.floor(((this.#virtualizer?.scrollRect?.height ?? 0) - HEAD_HEIGHT) / ROW_HEIGHT));
      const to = this.#selection.step(event.key, page, count);
      if (to === null || isCommand) return;
      this.#selection.go(to, event.shiftKey);
      this.#virtualizer?.scrollToIndex(to);
    }
    event.preventDefault();
    this.requestUpdate();
  }

  #copied(event: ClipboardEvent): void {
    copyRows(event, this.#rows, this.#selection)
      .then((count) => {
        if (count === 0) return;
        this.#message = `Copied ${formatCount(count, 'row')}`;
        this.requestUpdate();
      })
      .catch((error: unknown) => this.#failed(error));
  }
}

function detailOf({ name, file, line, package: ofPackage, function: of }: TopRow): FunctionDetail {
  return { name, file, line, package: ofPackage, function: of };
}

customElements.define('emberglass-top-table', TopTable);

declare global {
  interface HTMLElementTagNameMap {
    'emberglass-top-table': TopTable;
  }
}
