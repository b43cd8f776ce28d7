/** The files of the source by what they cost: a list that is filtered and sorted; Enter or a click opens one. */

import { LitElement, css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { rowFor } from '../../elements/row-selection.ts';
import { exactValue, formatCount, formatPercent, formatValue } from '../../engine/format.ts';
import type { QueryResult, SourceFile } from '../../engine/protocol.ts';
import { adoptStyles } from './app-view.ts';
import { VirtualList } from './virtual-list.ts';

const ROW = 24;
const PAGE_ROWS = 20;
type Order = 'self' | 'total' | 'file';
const ORDERS: readonly { order: Order; words: string }[] = [
  { order: 'self', words: 'Self' },
  { order: 'total', words: 'Total' },
  { order: 'file', words: 'File' },
];

/** `<eg-source-files>`; tells `eg-file` with the path of a file that was chosen. */
export class SourceFiles extends LitElement {
  static override properties = {
    files: { attribute: false },
    result: { attribute: false },
    filter: { state: true },
    order: { state: true },
    active: { state: true },
  };

  declare files: readonly SourceFile[];
  /** Of the files: unit, scale and the whole. */
  declare result: QueryResult;
  declare filter: string;
  declare order: Order;
  /** Row that the keys are at. */
  declare active: number;
  #rows: readonly SourceFile[] = [];
  readonly #list = new VirtualList(this, ROW);

  constructor() {
    super();
    this.files = [];
    this.filter = '';
    this.order = 'total';
    this.active = 0;
  }

  /** Takes the focus. */
  override focus(): void {
    this.querySelector<HTMLElement>('.scroll')?.focus();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { filter, order } = this;
    if (changed.has('files') || changed.has('filter') || changed.has('order')) {
      const words = filter.toLowerCase().split(/\s+/);
      const rows = this.files.filter(({ file }) => words.every((word) => file.toLowerCase().includes(word)));
      const by = (a: SourceFile, b: SourceFile): number => (order === 'file' || a[order] === b[order] ? (a.file < b.file ? -1 : 1) : a[order] < b[order] ? 1 : -1);
      this.#rows = rows.sort(by);
      this.active = Math.min(this.active, Math.max(0, this.#rows.length - 1));
    }
    this.#list.count = this.#rows.length;
  }

  protected override updated(): void {
    this.#list.mount();
  }

  protected override render(): TemplateResult {
    const count = this.#rows.length;
    return html`
      <div class="tools">
        <input
          type="search"
          aria-label="Filter files"
          placeholder="Filter files"
          autocomplete="off"
          spellcheck="false"
          .value=${this.filter}
          @input=${(event: InputEvent) => (this.filter = (event.target as HTMLInputElement).value)}
          @keydown=${this.#key}
        />
        <span class="segments" role="group" aria-label="Sort by">
          ${ORDERS.map(({ order, words }) => html`<button aria-pressed=${order === this.order} @click=${() => (this.order = order)}>${words}</button>`)}
        </span>
        <span class="muted number" role="status">${formatCount(count, 'file')}</span>
      </div>
      ${count === 0
        ? html`<p class="muted none">No file has these words in its path.</p>`
        : html`<div class="head muted" aria-hidden="true"><span class="value">Self</span><span class="value">Total</span><span>File</span></div>
          <div class="scroll" role="listbox" tabindex="0" aria-label="Files of the source" aria-activedescendant=${this.#list.items.some(({ index }) => index === this.active) ? `source-file-${this.active}` : nothing} @keydown=${this.#key}>
            <div class="rows" role="presentation">${this.#list.items.map(({ index, start }) => this.#row(index, start))}</div>
          </div>`}
    `;
  }

  #row(index: number, start: number): TemplateResult | typeof nothing {
    const row = this.#rows[index];
    if (row === undefined) return nothing;
    const { unit, scale, total } = this.result;
    const cell = (value: bigint, words: string): TemplateResult =>
      html`<span class="number value" title=${`${words}: ${exactValue(value, unit, scale)}, ${formatPercent(value, total)}`}>${formatValue(value, unit, scale)}</span>`;
    return html`<div
      class=${`file-row ${index === this.active ? 'active' : ''}`}
      role="option"
      id=${`source-file-${index}`}
      aria-selected=${index === this.active}
      aria-posinset=${index + 1}
      aria-setsize=${this.#rows.length}
      data-start=${start}
      @click=${() => this.#open(index)}
    >
      ${cell(row.self, 'Self')}${cell(row.total, 'Total')}<span class="mono cut grow" title=${row.file}><bdi>${row.file === '' ? '(no file known)' : row.file}</bdi></span>
      <span class="number muted lines">${row.lines === 0 ? 'no lines' : formatCount(row.lines, 'line')}</span>
    </div>`;
  }

  #open(index: number): void {
    const file = this.#rows[index]?.file ?? '';
    this.active = index;
    if (file !== '') this.dispatchEvent(new CustomEvent('eg-file', { detail: { file } }));
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const isField = event.target instanceof HTMLInputElement;
    // In the field they move the caret.
    const to = isField && (event.key === 'Home' || event.key === 'End') ? null : rowFor(event.key, this.active, PAGE_ROWS, this.#rows.length);
    if (to === null && event.key !== 'Enter') return;
    event.preventDefault();
    if (to === null) this.#open(this.active);
    else {
      this.active = to;
      this.#list.reveal(to);
    }
  }
}

adoptStyles(css`
  eg-source-files {
    display: flex;
    flex-direction: column;
    flex: 1;
    min-height: 0;

    .tools {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px;
      padding: 6px 8px;
      border-bottom: 1px solid var(--eg-line);
    }

    .tools input {
      flex: 1 1 140px;
    }

    .none {
      margin: 16px;
    }

    .head {
      display: flex;
      flex: none;
      gap: 12px;
      padding: 0 8px;
      border-bottom: 1px solid var(--eg-line);
      font-size: var(--eg-size-small);
    }

    .scroll {
      flex: 1;
      min-height: 0;
      overflow: hidden auto;
    }

    .rows {
      position: relative;
    }

    .file-row {
      position: absolute;
      inset: 0 0 auto;
      display: flex;
      align-items: center;
      gap: 12px;
      height: 24px;
      padding: 0 8px;
    }

    .file-row:hover {
      background: var(--eg-bg-hover);
    }

    .scroll:focus .active,
    .tools:focus-within ~ .scroll .active {
      background: var(--eg-bg-selected);
    }

    .value {
      flex: none;
      width: 68px;
      text-align: right;
    }

    /* The end of a path tells more than its begin. */
    .file-row .mono {
      direction: rtl;
      text-align: left;
    }

    @media (max-width: 719px) {
      .lines {
        display: none;
      }
    }
  }
`);

customElements.define('eg-source-files', SourceFiles);
