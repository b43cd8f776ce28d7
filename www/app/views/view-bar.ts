/** The row of tabs: which panes are open, the search and what it found, the sum of all that is shown. */

import { css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { exactValue, formatCount, formatPercent, formatValue, groupDigits } from '../../engine/format.ts';
import { adviceFor } from '../state/advice.ts';
import { togglePane } from '../state/view.ts';
import type { Panes } from '../state/view.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { chevronDown, chevronUp, flame, search as searchIcon, table } from './icons.ts';

const SEARCH_PAUSE_MS = 120;

/** `<eg-view-bar>` */
export class ViewBar extends AppView {
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** The search that is being typed has an entry in the history. */
  #typing = false;

  /** Puts the cursor into the search field. */
  focusSearch(): void {
    const input = this.querySelector('input');
    input?.focus();
    input?.select();
  }

  protected override render(): TemplateResult {
    return html`
      ${this.state.narrow ? this.#tabs() : this.#toggles()}
      <div class="find">
        <label class="field">
          ${searchIcon}
          <span class="unseen">Search functions: text, or /regular expression/</span>
          <input
            type="search"
            placeholder="Search, or /regex/"
            title="Text anywhere in a name or file, or /regular expression/  ( / ). Enter: next match, Shift+Enter: the one before"
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            aria-invalid=${this.state.searchError !== null}
            @input=${this.#type}
            @keydown=${this.#key}
            @blur=${() => (this.#typing = false)}
          />
        </label>
        ${this.#steps()}
        <output class="number cut found" role="status">${this.#found()}</output>
      </div>
      ${this.#sum()}
    `;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const input = this.querySelector('input');
    if (input !== null && this.#timer === null && input.value !== this.state.view.search) input.value = this.state.view.search;
  }

  #toggles(): TemplateResult {
    const { panes, graph } = this.state.view;
    const button = (pane: 'table' | 'flame', label: string, icon: TemplateResult): TemplateResult => {
      const open = panes === 'both' || panes === pane;
      return html`<button class="tab" aria-pressed=${open} title=${`${open ? 'Hide' : 'Show'} the ${label.toLowerCase()}`} @click=${() => this.session.navigate({ panes: togglePane(panes, pane) }, 'replace')}>
        ${icon}${label}
      </button>`;
    };
    return html`<div class="tabs" role="group" aria-label="Panes">${button('table', 'Top table', table)}${button('flame', graph === 'source' ? 'Source' : 'Flame graph', flame)}</div>`;
  }

  #tabs(): TemplateResult {
    const shown = this.state.view.panes === 'table' ? 'table' : 'flame';
    const tab = (pane: 'table' | 'flame', label: string): TemplateResult =>
      html`<button class="tab" role="tab" id=${`tab-${pane}`} aria-selected=${pane === shown} tabindex=${pane === shown ? 0 : -1} @click=${() => this.session.navigate({ panes: pane }, 'replace')}>
        ${label}
      </button>`;
    return html`<div class="tabs" role="tablist" aria-label="Panes" @keydown=${this.#tabKey}>${tab('table', 'Top')}${tab('flame', this.state.view.graph === 'source' ? 'Source' : 'Flame')}</div>`;
  }

  #steps(): TemplateResult | typeof nothing {
    const { search, view, narrow } = this.state;
    if (search === null || search.functions === 0 || view.panes === 'table' || narrow) return nothing;
    return html`<span class="steps">
      <button class="bare square" aria-label="Previous match" title="Previous match (Shift+Enter)" @click=${() => this.#step(-1)}>${chevronUp}</button>
      <button class="bare square" aria-label="Next match" title="Next match (Enter)" @click=${() => this.#step(1)}>${chevronDown}</button>
    </span>`;
  }

  #step(direction: 1 | -1): void {
    this.session.stepMatch(direction).catch((thrown: unknown) => this.session.notices.report(thrown));
  }

  #found(): TemplateResult | typeof nothing {
    const { search, searchError, result, view, match } = this.state;
    if (searchError !== null) {
      return html`<span class="wrong" title=${adviceFor(searchError.code)}>${searchError.message} <code>${searchError.code}</code></span>`;
    }
    const shown = result.value;
    if (search === null || shown === null || view.search === '') return nothing;
    const { unit, scale, total } = shown.result;
    if (search.functions === 0) return html`no match`;
    return html`<span title=${`${formatCount(search.functions, 'function')}, ${formatCount(search.nodes, 'frame')}: ${exactValue(search.sum, unit, scale)}`}
      >${match === null ? nothing : html`match ${groupDigits(match.place)} of ${groupDigits(match.of)} · `}${groupDigits(search.functions)} of ${groupDigits(shown.result.functions)} · <b>${formatPercent(search.sum, total)}</b></span
    >`;
  }

  #sum(): TemplateResult {
    const shown = this.state.result.value;
    if (shown === null) return html`<span class="sum"></span>`;
    const { total, unit, scale, aggregation, sampleType, profiles } = shown.result;
    const average = aggregation === 'average' && profiles > 1;
    const name = average ? 'Average' : 'Sum';
    const title = `${name} of ${sampleType} over ${formatCount(profiles, 'profile')}: ${exactValue(total, unit, scale)}`;
    return html`<span class="sum number" title=${title}><span class="muted">${average ? 'ø' : 'Σ'}</span> ${formatValue(total, unit, scale)}</span>`;
  }

  #type(event: InputEvent): void {
    const { value } = event.target as HTMLInputElement;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(value), SEARCH_PAUSE_MS);
  }

  /** Searches; what is typed in one go is one step back. */
  #search(search: string): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (search === this.state.view.search) return;
    this.session.navigate({ search }, this.#typing ? 'replace' : 'push');
    this.#typing = true;
  }

  #key(event: KeyboardEvent): void {
    const input = event.target as HTMLInputElement;
    if (event.key === 'Enter') {
      event.preventDefault();
      this.#search(input.value);
      this.#step(event.shiftKey ? -1 : 1);
      return;
    }
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    event.preventDefault();
    if (input.value === '') input.blur();
    else {
      input.value = '';
      this.#search('');
    }
  }

  #tabKey(event: KeyboardEvent): void {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const panes: Panes = this.state.view.panes === 'table' ? 'flame' : 'table';
    this.session.navigate({ panes }, 'replace');
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  }
}

adoptStyles(css`
  eg-view-bar {
    display: flex;
    align-items: center;
    gap: 8px;
    height: 33px;
    padding: 0 12px 0 8px;
    border-bottom: 1px solid var(--eg-line);

    .tabs {
      display: flex;
      gap: 2px;
      height: 32px;
    }

    .tab {
      height: 32px;
      padding: 0 8px;
      border: 0;
      border-radius: 0;
      border-bottom: 2px solid transparent;
      background: none;
      color: var(--eg-text-muted);
    }

    .tab[aria-selected='true'] {
      border-bottom-color: var(--eg-accent);
      color: var(--eg-text);
    }

    .tab[aria-pressed] {
      height: 24px;
      margin: 4px 0;
      border: 0;
      border-radius: var(--eg-radius);
    }

    .tab[aria-pressed='true'] {
      background: var(--eg-bg-hover);
      color: var(--eg-text);
    }

    .find {
      display: flex;
      align-items: center;
      gap: 10px;
      flex: 1;
      min-width: 0;
      justify-content: flex-end;
    }

    .field {
      position: relative;
      width: 260px;
      min-width: 96px;
    }

    .field .icon {
      position: absolute;
      left: 6px;
      top: 4px;
      color: var(--eg-text-muted);
    }

    .field input {
      width: 100%;
      height: 24px;
      padding-left: 26px;
      font: var(--eg-size-small) / 20px var(--eg-mono);
    }

    .steps {
      display: flex;
      flex: none;
    }

    .steps .square {
      width: 24px;
      height: 24px;
    }

    .found {
      order: -1;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
    }

    .found b {
      color: var(--eg-accent-text);
      font-weight: 600;
    }

    .wrong {
      color: var(--eg-bad);
    }

    .sum {
      min-width: 72px;
      text-align: right;
      font-weight: 600;
    }

    .sum .muted {
      font-weight: 400;
    }

    @media (max-width: 719px) {
      .find {
        flex-direction: row-reverse;
        justify-content: flex-start;
      }

      .field {
        width: auto;
        flex: 1;
      }

      .found {
        order: 0;
        flex: none;
        max-width: 40%;
      }

      .sum {
        min-width: 0;
      }
    }
  }
`);

customElements.define('eg-view-bar', ViewBar);
