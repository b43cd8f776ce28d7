/**
 * The lines of a file with what they cost: beside its text, where that is at hand, else only the lines that cost. Rows are virtual: a
 * file may have a hundred thousand lines.
 */

import { LitElement, css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { rowFor } from '../../elements/row-selection.ts';
import { exactValue, formatPercent, formatValue } from '../../engine/format.ts';
import type { QueryResult, SourceLine } from '../../engine/protocol.ts';
import type { FileLines } from '../state/source-state.ts';
import { nextHot } from '../state/source-text.ts';
import type { SourceText } from '../state/source-text.ts';
import { adoptStyles } from './app-view.ts';
import { VirtualList } from './virtual-list.ts';

const ROW = 20;
const PAGE_ROWS = 30;

/** `<eg-source-lines>`; tells `eg-line` with the line that was gone to, `eg-shown` with the one it is at, however it came there. */
export class SourceLines extends LitElement {
  static override properties = { lines: { attribute: false }, text: { attribute: false }, line: { attribute: false }, result: { attribute: false }, active: { state: true } };

  declare lines: FileLines;
  declare text: SourceText | null;
  /** The line to show; 0 for the one that costs most. */
  declare line: number;
  declare result: QueryResult;
  /** Line that the keys are at; 0 is the line that is unknown. */
  declare active: number;
  /** Numbers of the lines beyond the text, or of all without it. */
  #extra: number[] = [];
  /** How the active row comes into view with the next drawing. */
  #reveal: 'auto' | 'center' | null = null;
  readonly #list = new VirtualList(this, ROW);

  constructor() {
    super();
    this.text = null;
    this.line = 0;
    this.active = 0;
  }

  /** Goes to a line and takes it into view; one that is not there becomes the nearest. */
  go(line: number, align: 'auto' | 'center' = 'center'): void {
    this.active = this.#lineAt(this.#rowOf(line)) ?? line;
    this.#reveal = align;
    this.requestUpdate();
    this.dispatchEvent(new CustomEvent('eg-line', { detail: { line: this.active } }));
  }

  /** Goes to the next line that costs, or the one before. */
  step(direction: 1 | -1): void {
    const next = nextHot(this.lines.hot, this.active, direction);
    if (next !== null) this.go(next);
  }

  /** Goes to the line that costs most. */
  hottest(): void {
    const [first] = this.lines.hot;
    if (first !== undefined) this.go(first);
  }

  /** Takes the focus. */
  override focus(): void {
    this.querySelector<HTMLElement>('.scroll')?.focus();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { text, lines } = this;
    if (changed.has('lines') || changed.has('text')) {
      this.#extra = lines.lines.map(({ line }) => line).filter((line) => text === null || line === 0 || line > text.count);
      this.#reveal = 'center';
    }
    const isOther = changed.has('lines') && changed.get('lines')?.file !== lines.file;
    if (isOther || (changed.has('line') && this.line !== this.active)) {
      const line = this.line === 0 ? (lines.hot[0] ?? lines.lines[0]?.line ?? 1) : this.line;
      this.active = this.#lineAt(this.#rowOf(line)) ?? line;
      this.#reveal = 'center';
    }
    this.#list.count = this.#count;
  }

  protected override updated(changed: PropertyValues<this>): void {
    this.#list.mount();
    if (changed.has('active') || changed.has('lines')) this.dispatchEvent(new CustomEvent('eg-shown', { detail: { line: this.active } }));
    for (const bar of this.querySelectorAll<HTMLElement>('[data-heat]')) bar.style.width = `${bar.dataset['heat'] ?? 0}%`;
    if (this.#reveal === null) return;
    this.#list.reveal(this.#rowOf(this.active), this.#reveal);
    this.#reveal = null;
  }

  protected override render(): TemplateResult {
    const { file } = this.lines;
    // A row out of view is not in the page.
    const isDrawn = this.#list.items.some(({ index }) => this.#lineAt(index) === this.active);
    return html`<div class="head muted" aria-hidden="true">
        <span class="value">Self</span><span class="value">Total</span><span class="heat" title="Above the self value, below the total, of the largest in the file"></span><span class="no">Line</span>
      </div>
      <div class="scroll mono" role="listbox" tabindex="0" aria-label=${`Lines of ${file}`} aria-activedescendant=${isDrawn ? `source-line-${this.active}` : nothing} @keydown=${this.#key}>
      <div class="rows" role="presentation">${this.#list.items.map(({ index, start }) => this.#row(index, start))}</div>
    </div>`;
  }

  get #count(): number {
    return (this.text?.count ?? 0) + this.#extra.length;
  }

  #lineAt(row: number): number | undefined {
    const count = this.text?.count ?? 0;
    return row < count ? row + 1 : this.#extra[row - count];
  }

  /** The row of a line, or the nearest one before. */
  #rowOf(line: number): number {
    const count = this.text?.count ?? 0;
    if (line > 0 && line <= count) return line - 1;
    const at = this.#extra.findLastIndex((each) => (line === 0 ? each === 0 : each <= line && each !== 0));
    return at >= 0 ? count + at : Math.max(0, Math.min(count, this.#count) - 1);
  }

  #row(index: number, start: number): TemplateResult | typeof nothing {
    const line = this.#lineAt(index);
    if (line === undefined) return nothing;
    const cost = this.lines.byLine.get(line);
    const isActive = line === this.active;
    return html`<div
      class=${`line-row ${isActive ? 'active' : ''}`}
      role="option"
      id=${`source-line-${line}`}
      aria-selected=${isActive}
      aria-posinset=${index + 1}
      aria-setsize=${this.#count}
      data-start=${start}
      @click=${() => this.go(line, 'auto')}
    >
      <span class="gutter"
        >${this.#value('Self', cost, cost?.self)}${this.#value('Total', cost, cost?.total)}<span class="heat" aria-hidden="true">${this.#heat(cost)}</span
        ><span class="no number muted">${line === 0 ? '?' : line}</span></span
      ><span class="code">${this.#code(line, cost)}</span>
    </div>`;
  }

  #code(line: number, cost: SourceLine | undefined): TemplateResult | string {
    const { text } = this;
    if (text !== null && line > 0 && line <= text.count) return text.line(line);
    const names = (cost?.functions ?? []).map((each) => each.function).join(', ');
    const words = line === 0 ? 'line unknown · ' : text === null ? '' : 'beyond the end · ';
    return html`<span class="muted">${words}${names}</span>`;
  }

  #value(words: string, cost: SourceLine | undefined, value = 0n): TemplateResult {
    const { unit, scale, total } = this.result;
    if (cost === undefined || value === 0n) return html`<span class="value"></span>`;
    return html`<span class="number value" title=${`${words}: ${exactValue(value, unit, scale)}, ${formatPercent(value, total)}`}>${formatValue(value, unit, scale)}</span>`;
  }

  /** Two bars, each of the largest value in the file: self above, total below. */
  #heat(cost: SourceLine | undefined): TemplateResult | typeof nothing {
    if (cost === undefined) return nothing;
    const share = (value: bigint, most: bigint): number => (value <= 0n || most <= 0n ? 0 : Number((value * 1000n) / most) / 10);
    return html`<i class="of-self" data-heat=${share(cost.self, this.lines.mostSelf)}></i><i class="of-total" data-heat=${share(cost.total, this.lines.mostTotal)}></i>`;
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const row = this.#rowOf(this.active);
    const to = rowFor(event.key, row, PAGE_ROWS, this.#count);
    const act = { n: () => this.step(1), N: () => this.step(-1), h: () => this.hottest() }[event.key];
    if (to === null && act === undefined) return;
    event.preventDefault();
    if (act !== undefined) act();
    else if (to !== null) this.go(this.#lineAt(to) ?? 0, 'auto');
  }
}

adoptStyles(css`
  eg-source-lines {
    display: flex;
    flex-direction: column;
    flex: 1;
    min-height: 0;

    .head {
      display: flex;
      flex: none;
      gap: 8px;
      padding: 0 8px;
      border-bottom: 1px solid var(--eg-line);
      font-size: var(--eg-size-small);
    }

    .scroll {
      flex: 1;
      min-width: 0;
      overflow: auto;
    }

    .rows {
      position: relative;
    }

    .line-row {
      position: absolute;
      top: 0;
      left: 0;
      display: flex;
      min-width: 100%;
      width: max-content;
      height: 20px;
    }

    .gutter {
      position: sticky;
      z-index: 1;
      left: 0;
      display: flex;
      flex: none;
      gap: 8px;
      padding: 0 8px;
      border-right: 1px solid var(--eg-line);
      background: var(--eg-bg);
    }

    .line-row:hover,
    .line-row:hover .gutter {
      background: var(--eg-bg-hover);
    }

    .active,
    .active .gutter,
    .active:hover,
    .active:hover .gutter {
      background: var(--eg-bg-selected);
    }

    .value {
      flex: none;
      width: 62px;
      text-align: right;
    }

    .no {
      flex: none;
      min-width: 44px;
      text-align: right;
    }

    .heat {
      position: relative;
      flex: none;
      width: 48px;
    }

    .heat i {
      position: absolute;
      top: 11px;
      left: 0;
      height: 5px;
      border-radius: 1px;
      background: var(--eg-text-muted);
    }

    .heat .of-self {
      top: 4px;
      height: 6px;
      background: var(--eg-accent);
    }

    .code {
      padding: 0 12px 0 8px;
      white-space: pre;
      tab-size: 4;
    }

    @media (max-width: 719px) {
      .gutter,
      .head {
        gap: 4px;
        padding: 0 4px;
      }

      .value {
        width: 54px;
      }

      .heat {
        width: 16px;
      }

      .no {
        min-width: 32px;
      }
    }
  }
`);

customElements.define('eg-source-lines', SourceLines);
