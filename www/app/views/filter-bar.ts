/** The filters of the shown result in their order, each with a way to undo it, and a field for another one. */

import { css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { typedFilter } from '../state/filters.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { close, plus } from './icons.ts';

/** `<eg-filter-bar>`: of the selection, or of the base that it is compared with. */
export class FilterBar extends AppView {
  static override properties = { ...AppView.properties, base: { type: Boolean }, writing: { state: true } };

  /** The filters are those of the base. */
  declare base: boolean;
  /** The field is open. */
  declare protected writing: boolean;
  #enter = false;

  constructor() {
    super();
    this.base = false;
    this.writing = false;
  }

  /** Opens the field for a filter. */
  write(): void {
    this.writing = true;
    this.#enter = true;
    this.requestUpdate();
  }

  protected override render(): TemplateResult | typeof nothing {
    const filters = this.#filters;
    if (filters.length === 0 && !this.writing) return nothing;
    return html`<div class="bar" role="group" aria-label=${this.base ? 'Filters of the base' : 'Filters'}>
      <ol>
        ${filters.map(
          (filter, row) => html`<li>
            <span class="chip mono">
              <span class="cut" title=${filter}>${filter}</span>
              <button class="bare" aria-label=${`Remove the filter ${filter}`} title="Remove" @click=${() => this.#remove(row)}>${close}</button>
            </span>
          </li>`,
        )}
        <li>
          ${this.writing
            ? html`<input
                type="text"
                class="mono"
                aria-label="Filter: verb:name or verb:/regular expression/"
                placeholder="hide:/^runtime\\./"
                title="focus, ignore, hide, show, show-from, merge, drop, collapse, collapse-function; @function, @file, @package or @binary may follow. tagfocus, tagignore, tagroot and tagleaf are by labels. A name alone is a focus."
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                @keydown=${this.#key}
                @blur=${this.#left}
              />`
            : html`<button class="bare square" aria-label="Add a filter" title="Add a filter" @click=${() => this.write()}>${plus}</button>`}
        </li>
      </ol>
      ${filters.length === 0
        ? nothing
        : html`<button class="bare" title=${this.base ? 'Remove the last filter' : 'Remove the last filter (u)'} @click=${() => this.#set(filters.slice(0, -1))}>Undo</button>
            ${filters.length > 1 ? html`<button class="bare" @click=${() => this.#set([])}>Remove all</button>` : nothing}`}
    </div>`;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (!this.#enter) return;
    this.#enter = false;
    this.querySelector('input')?.focus();
  }

  get #filters(): readonly string[] {
    const { filters, baseFilters } = this.state.view;
    return this.base ? (baseFilters ?? []) : filters;
  }

  #set(filters: readonly string[]): void {
    if (this.base) this.session.navigate({ baseFilters: filters }, 'push');
    else this.session.setFilters(filters);
  }

  #remove(row: number): void {
    this.#set(this.#filters.filter((_, each) => each !== row));
  }

  #key(event: KeyboardEvent): void {
    const input = event.target as HTMLInputElement;
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      this.writing = false;
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const filter = typedFilter(input.value);
      if (filter !== '') this.#set([...this.#filters, filter]);
      this.writing = false;
    }
  }

  #left(event: FocusEvent): void {
    if ((event.target as HTMLInputElement).value === '') this.writing = false;
  }
}

adoptStyles(css`
  eg-filter-bar {
    flex: none;
    display: block;

    .bar {
      display: flex;
      align-items: center;
      height: 29px;
      padding: 0 8px;
      border-bottom: 1px solid var(--eg-line);
    }

    ol {
      display: flex;
      align-items: center;
      flex: 1;
      gap: 4px;
      min-width: 0;
      margin: 0;
      padding: 0;
      overflow: auto hidden;
      scrollbar-width: none;
      list-style: none;
    }

    li {
      flex: none;
    }

    .chip {
      display: flex;
      align-items: center;
      max-width: 320px;
      height: 22px;
      padding-left: 7px;
      border: 1px solid var(--eg-line-strong);
      border-radius: var(--eg-radius);
      background: var(--eg-bg-raised);
    }

    button {
      height: 24px;
      padding: 0 6px;
      border: 0;
      font-size: var(--eg-size-small);
    }

    .chip button {
      width: 22px;
      height: 20px;
      padding: 0;
    }

    input {
      width: 240px;
      height: 24px;
    }

    @media (max-width: 719px) {
      .bar {
        height: auto;
        min-height: 29px;
      }

      ol {
        flex-wrap: wrap;
        max-height: 84px;
        padding: 3px 0;
        overflow: hidden auto;
      }
    }
  }
`);

customElements.define('eg-filter-bar', FilterBar);
