/**
 * A filterable list of groups of options: profile types by service, values by label. A combobox with a list box;
 * rows are virtual, all of one height.
 */

import { LitElement, css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from '@tanstack/virtual-core';
import { filterGroups } from '../state/pick.ts';
import type { PickGroup, PickOption } from '../state/pick.ts';
import { adoptStyles } from './app-view.ts';
import { check } from './icons.ts';

const ROW = 26;

type Row = { kind: 'title'; title: string; note: string } | { kind: 'option'; option: PickOption };

/** `<eg-pick-list>`; tells `eg-pick` with the option's id. */
export class PickList extends LitElement {
  static override properties = {
    groups: { attribute: false },
    label: {},
    empty: {},
    filter: { state: true },
    active: { state: true },
  };

  declare groups: readonly PickGroup[];
  declare label: string;
  /** What to say where there is nothing to pick. */
  declare empty: string;
  declare filter: string;
  declare active: number;
  #rows: Row[] = [];
  #virtual: Virtualizer<HTMLElement, HTMLElement> | null = null;
  #unmount: (() => void) | null = null;

  constructor() {
    super();
    this.groups = [];
    this.label = '';
    this.empty = 'Nothing here.';
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
      this.#mount();
      if (this.active >= 0) this.#virtual?.scrollToIndex(this.active, { align: 'center' });
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unmount?.();
    this.#unmount = null;
    this.#virtual = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(): void {
    this.#buildRows();
    if (this.active >= this.#rows.length || this.#rows[this.active]?.kind !== 'option') {
      this.active = this.#rows.findIndex(({ kind }) => kind === 'option');
    }
    this.#configure();
  }

  protected override render(): TemplateResult {
    const items = this.#virtual?.getVirtualItems() ?? [];
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
      <div class="scroll" tabindex="-1" @mousedown=${(event: Event) => event.preventDefault()}>
        <div class="rows" role="listbox" id=${`${this.id}-list`} aria-label=${this.label}>
          ${items.map(({ index, start }) => this.#row(index, start))}
        </div>
        ${this.#rows.length === 0 ? html`<p class="muted none">${this.filter === '' ? this.empty : 'Nothing matches.'}</p>` : nothing}
      </div>
    `;
  }

  protected override updated(): void {
    const scroll = this.querySelector<HTMLElement>('.scroll');
    if (scroll !== null) scroll.style.height = `${Math.max(1, this.#rows.length) * ROW + 8}px`;
    const rows = this.querySelector<HTMLElement>('.rows');
    if (rows !== null) rows.style.height = `${this.#rows.length * ROW}px`;
    for (const row of this.querySelectorAll<HTMLElement>('.pick-row')) {
      row.style.transform = `translateY(${row.dataset['start'] ?? 0}px)`;
    }
  }

  #row(index: number, start: number): TemplateResult {
    const row = this.#rows[index];
    if (row === undefined) return html``;
    if (row.kind === 'title') {
      return html`<div class="pick-row title" role="presentation" data-start=${start}>
        <span class="cut" title=${row.title}>${row.title}</span><span class="note number">${row.note}</span>
      </div>`;
    }
    const { id, text, note, selected } = row.option;
    return html`<div
      class="pick-row option ${index === this.active ? 'active' : ''}"
      role="option"
      id=${`${this.id}-${index}`}
      aria-selected=${selected}
      data-start=${start}
      @click=${() => this.#pick(id)}
      @mousemove=${() => (this.active = index)}
    >
      <span class="tick">${selected ? check : nothing}</span>
      <span class="cut grow mono" title=${text}>${text}</span><span class="note number">${note}</span>
    </div>`;
  }

  #buildRows(): void {
    this.#rows = filterGroups(this.groups, this.filter).flatMap(({ title, note, options }): Row[] => [
      { kind: 'title', title, note },
      ...options.map((option): Row => ({ kind: 'option', option })),
    ]);
  }

  #mount(): void {
    if (this.#virtual !== null) {
      this.#virtual._willUpdate();
      return;
    }
    const scroll = this.querySelector<HTMLElement>('.scroll');
    if (scroll === null) return;
    this.#virtual = new Virtualizer<HTMLElement, HTMLElement>({
      count: this.#rows.length,
      getScrollElement: () => scroll,
      estimateSize: () => ROW,
      overscan: 6,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => this.requestUpdate(),
    });
    this.#unmount = this.#virtual._didMount();
    this.#virtual._willUpdate();
    this.requestUpdate();
  }

  #configure(): void {
    const virtual = this.#virtual;
    if (virtual === null || virtual.options.count === this.#rows.length) return;
    virtual.setOptions({ ...virtual.options, count: this.#rows.length });
    virtual._willUpdate();
  }

  #filterTo(text: string): void {
    this.filter = text;
    this.active = -1;
    this.#virtual?.scrollToOffset(0);
  }

  #key(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      let next = this.active + step;
      while (this.#rows[next] !== undefined && this.#rows[next]?.kind !== 'option') next += step;
      if (this.#rows[next] !== undefined) {
        this.active = next;
        this.#virtual?.scrollToIndex(next, { align: 'auto' });
      }
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const row = this.#rows[this.active];
      if (row?.kind === 'option') this.#pick(row.option.id);
    }
  }

  #pick(id: string): void {
    this.dispatchEvent(new CustomEvent('eg-pick', { detail: { id }, bubbles: true }));
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
      width: 16px;
    }

    .note {
      margin-left: auto;
      padding-left: 12px;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
      font-weight: 400;
    }

    .none {
      padding: 8px;
      margin: 0;
    }
  }
`);

customElements.define('eg-pick-list', PickList);
