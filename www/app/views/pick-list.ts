/**
 * A filterable list of groups of options: profile types by service, values by label. A combobox with a list box;
 * rows are virtual, all of one height.
 */

import { LitElement, css, html, nothing, svg } from 'lit';
import type { TemplateResult } from 'lit';
import { filterGroups } from '../state/pick.ts';
import type { PickGroup, PickOption } from '../state/pick.ts';
import { SPARK_STEPS, sparkPath } from '../state/sparklines.ts';
import { adoptStyles } from './app-view.ts';
import { check } from './icons.ts';
import { VirtualList } from './virtual-list.ts';

const ROW = 26;

type Row = { kind: 'title'; title: string; note: string } | { kind: 'option'; option: PickOption };

/** What was picked; `several`: it is one of several, and others follow. */
export interface Pick {
  id: string;
  several: boolean;
}

/** `<eg-pick-list>`; tells `eg-pick` (`Pick`), and `eg-shown` with the ids of those that came into view. */
export class PickList extends LitElement {
  static override properties = {
    groups: { attribute: false },
    label: {},
    empty: {},
    multiple: { attribute: false },
    filter: { state: true },
    active: { state: true },
  };

  declare groups: readonly PickGroup[];
  declare label: string;
  /** What to say where there is nothing to pick. */
  declare empty: string;
  /** Several may be picked: with Shift, or by the box before an option. */
  declare multiple: boolean;
  declare filter: string;
  declare active: number;
  #rows: Row[] = [];
  /** Ids of the options in view. */
  #shown = '';
  readonly #list = new VirtualList(this, ROW);

  constructor() {
    super();
    this.groups = [];
    this.label = '';
    this.empty = 'Nothing here.';
    this.multiple = false;
    this.filter = '';
    this.active = -1;
  }

  /** Empties the filter, goes to the selected option, takes the focus. Call it when the list becomes visible. */
  open(): void {
    this.filter = '';
    this.#buildRows();
    this.active = this.#rows.findIndex((row) => row.kind === 'option' && row.option.selected);
    if (this.active < 0) this.active = this.#rows.findIndex(({ kind }) => kind === 'option');
    void this.updateComplete.then(() => {
      this.querySelector('input')?.focus();
      this.#list.mount();
      if (this.active >= 0) this.#list.reveal(this.active, 'center');
    });
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(): void {
    this.#buildRows();
    if (this.active >= this.#rows.length || this.#rows[this.active]?.kind !== 'option') {
      this.active = this.#rows.findIndex(({ kind }) => kind === 'option');
    }
    this.#list.count = this.#rows.length;
  }

  protected override render(): TemplateResult {
    return html`
      <input
        type="text"
        role="combobox"
        aria-label=${this.label}
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls=${`${this.id}-list`}
        aria-activedescendant=${this.active >= 0 ? `${this.id}-${this.active}` : nothing}
        placeholder="Filter"
        autocomplete="off"
        spellcheck="false"
        .value=${this.filter}
        @input=${(event: InputEvent) => this.#filterTo((event.target as HTMLInputElement).value)}
        @keydown=${this.#key}
      />
      <div class="scroll" tabindex="0" @mousedown=${(event: Event) => event.preventDefault()}>
        <div class="rows" role="listbox" id=${`${this.id}-list`} aria-label=${this.label} aria-multiselectable=${this.multiple ? 'true' : nothing}>
          ${this.#list.items.map(({ index, start }) => this.#row(index, start))}
        </div>
        ${this.#rows.length === 0 ? html`<p class="muted none">${this.filter === '' ? this.empty : 'Nothing matches.'}</p>` : nothing}
      </div>
    `;
  }

  protected override updated(): void {
    const scroll = this.querySelector<HTMLElement>('.scroll');
    if (scroll !== null) scroll.style.height = `${Math.max(1, this.#rows.length) * ROW + 8}px`;
    const shown = this.#list.items.flatMap(({ index }) => {
      const row = this.#rows[index];
      return row?.kind === 'option' ? [row.option.id] : [];
    });
    if (shown.join() === this.#shown) return;
    this.#shown = shown.join();
    this.dispatchEvent(new CustomEvent('eg-shown', { detail: { ids: shown } }));
  }

  #row(index: number, start: number): TemplateResult {
    const row = this.#rows[index];
    if (row === undefined) return html``;
    if (row.kind === 'title') {
      return html`<div class="pick-row title" role="presentation" data-start=${start}>
        <span class="cut" title=${row.title}>${row.title}</span><span class="note number">${row.note}</span>
      </div>`;
    }
    const { id, text, note, selected, spark } = row.option;
    return html`<div
      class="pick-row option ${index === this.active ? 'active' : ''}"
      role="option"
      id=${`${this.id}-${index}`}
      aria-selected=${selected}
      data-start=${start}
      @click=${(event: MouseEvent) => this.#pick(id, event.shiftKey || event.ctrlKey || event.metaKey)}
      @mousemove=${() => (this.active = index)}
    >
      <span class=${this.multiple ? 'tick box' : 'tick'} @click=${this.multiple ? (event: Event) => this.#tick(event, id) : nothing}>${selected ? check : nothing}</span>
      <span class="cut grow mono" title=${text}>${text}</span>
      ${spark === undefined ? nothing : html`<svg class="spark" viewBox=${`0 0 ${SPARK_STEPS} 1`} preserveAspectRatio="none" aria-hidden="true">${svg`<path d=${sparkPath(spark ?? [])}></path>`}</svg>`}
      <span class="note number">${note}</span>
    </div>`;
  }

  #buildRows(): void {
    this.#rows = filterGroups(this.groups, this.filter).flatMap(({ title, note, options }): Row[] => [
      { kind: 'title', title, note },
      ...options.map((option): Row => ({ kind: 'option', option })),
    ]);
  }

  #filterTo(text: string): void {
    this.filter = text;
    this.active = -1;
    this.#list.reveal(0, 'start');
  }

  #key(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      let next = this.active + step;
      while (this.#rows[next] !== undefined && this.#rows[next]?.kind !== 'option') next += step;
      if (this.#rows[next] !== undefined) {
        this.active = next;
        this.#list.reveal(next);
      }
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const row = this.#rows[this.active];
      if (row?.kind === 'option') this.#pick(row.option.id, event.shiftKey);
    }
  }

  #tick(event: Event, id: string): void {
    event.stopPropagation();
    this.#pick(id, true);
  }

  #pick(id: string, shifted: boolean): void {
    const detail: Pick = { id, several: this.multiple && shifted };
    this.dispatchEvent(new CustomEvent('eg-pick', { detail, bubbles: true }));
  }
}

adoptStyles(css`
  eg-pick-list {
    display: flex;
    flex-direction: column;
    gap: 4px;
    width: min(440px, calc(100vw - 24px));
    min-height: 0;

    input {
      flex: none;
    }

    .scroll {
      max-height: min(442px, 60vh);
      overflow: auto;
      position: relative;
    }

    .rows {
      position: relative;
    }

    .pick-row {
      position: absolute;
      inset: 0 0 auto;
      display: flex;
      align-items: center;
      gap: 6px;
      height: 26px;
      padding: 0 8px 0 6px;
      border-radius: var(--eg-radius);
    }

    .pick-row.title {
      font-weight: 600;
      padding-top: 4px;
    }

    .pick-row.active {
      background: var(--eg-bg-hover);
    }

    .pick-row[aria-selected='true'] {
      color: var(--eg-accent-text);
    }

    .tick {
      flex: none;
      width: 16px;
      height: 16px;
    }

    .tick.box {
      margin-right: 2px;
      border: 1px solid var(--eg-line-strong);
      border-radius: 3px;
      background: var(--eg-bg);
    }

    .tick.box svg {
      margin: -1px;
    }

    .note {
      margin-left: auto;
      padding-left: 12px;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
      font-weight: 400;
    }

    .spark + .note {
      min-width: 128px;
      text-align: right;
    }

    .spark {
      flex: none;
      width: 72px;
      height: 16px;
      fill: var(--eg-accent);
    }

    .none {
      padding: 8px;
      margin: 0;
    }
  }
`);

customElements.define('eg-pick-list', PickList);
