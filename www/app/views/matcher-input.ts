/** Label matchers: a text field for people who type, and a list of the labels that there are. */

import { css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { groupDigits } from '../../engine/format.ts';
import type { Completion } from '../../engine/protocol.ts';
import type { AppState } from '../state/app-state.ts';
import { innerMatchers, matchersOf, offsetInMatch, quote } from '../state/matchers.ts';
import { selectionOf } from '../state/queries.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { close, plus } from './icons.ts';
import './matcher-builder.ts';
import type { MatcherBuilder } from './matcher-builder.ts';
import './matcher-chips.ts';
import type { ChipEdit } from './matcher-chips.ts';
import { togglePopover } from './popover.ts';

/** Candidates that are listed. */
const CANDIDATES = 50;

/** Candidates with the part of the typed text that they stand in the place of. */
interface ShownCompletion {
  found: Completion;
  /** The text it is of. */
  of: string;
  start: number;
  end: number;
}

/** The engine's code for matchers that cannot be read. */
const BAD_SELECTOR = 'bad-selector';

/** What is wrong with the matchers as they were typed, or null if nothing is. */
export function matcherProblem(state: AppState): string | null {
  const error = state.result.error;
  if (error?.code !== BAD_SELECTOR) return null;
  const at = error.offset === null ? null : offsetInMatch(state.view.service, state.view.match, error.offset);
  const what = error.message.replace(/ at byte \d+/, '');
  return at === null ? what : `${what}, at character ${at + 1}`;
}

/** `<eg-matcher-input>`: chips, and while it has the focus their text, with what can stand at the caret. */
export class MatcherInput extends AppView {
  static override properties = { ...AppView.properties, typing: { state: true }, completion: { state: true }, active: { state: true } };

  declare typing: boolean;
  declare completion: ShownCompletion | null;
  /** The candidate that Enter takes; -1 for none. */
  declare active: number;
  #asked = 0;

  constructor() {
    super();
    this.typing = false;
    this.completion = null;
    this.active = -1;
  }

  protected override render(): TemplateResult {
    const { view } = this.state;
    const problem = matcherProblem(this.state);
    const matchers = this.typing || problem !== null ? null : matchersOf(view.match);
    const isOpen = this.completion !== null;
    return html`
      <div class=${`field ${matchers !== null && matchers.length > 0 ? 'chipped' : ''}`}>
        <input
          type="text"
          class="mono"
          role="combobox"
          aria-label="Label matchers"
          aria-invalid=${problem !== null}
          aria-autocomplete="list"
          aria-expanded=${isOpen}
          aria-controls="matcher-candidates"
          aria-activedescendant=${isOpen && this.active >= 0 ? `matcher-candidate-${this.active}` : nothing}
          placeholder='{label="value"}'
          title=${problem ?? 'Label matchers: = != =~ !~'}
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          ?disabled=${view.service === ''}
          @change=${(event: Event) => this.#apply((event.target as HTMLInputElement).value)}
          @focus=${() => (this.typing = true)}
          @blur=${this.#left}
          @input=${this.#ask}
          @click=${this.#ask}
          @keydown=${this.#key}
        />
        ${matchers === null || matchers.length === 0 ? nothing : html`<eg-matcher-chips .session=${this.session} .matchers=${matchers} @eg-edit-text=${this.#edit} @eg-edit=${this.#editChip}></eg-matcher-chips>`}
        ${view.match === ''
          ? nothing
          : html`<button class="bare square clear" aria-label="Remove all matchers" title="Remove all matchers" @click=${() => this.#apply('')}>
              ${close}
            </button>`}
        <div class="candidates" popover="manual" id="matcher-candidates" role="listbox" aria-label="What can stand here" @mousedown=${(event: Event) => event.preventDefault()}>
          ${this.#candidates()}
        </div>
      </div>
      <button
        class="bare add"
        aria-haspopup="dialog"
        aria-expanded="false"
        title="Narrow down by a label"
        ?disabled=${view.service === ''}
        @click=${this.#add}
      >
        ${plus}<span>label</span>
      </button>
      <eg-matcher-builder .session=${this.session} .matchers=${matchersOf(view.match)}></eg-matcher-builder>
    `;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const input = this.#input;
    if (input !== null && document.activeElement !== input) input.value = this.state.view.match;
    const panel = this.querySelector<HTMLElement>('.candidates');
    if (panel === null || input === null) return;
    if ((this.completion !== null) !== panel.matches(':popover-open')) togglePopover(input, panel);
    panel.querySelector('.active')?.scrollIntoView({ block: 'nearest' });
  }

  get #input(): HTMLInputElement | null {
    return this.querySelector<HTMLInputElement>('.field input');
  }

  #candidates(): TemplateResult | typeof nothing {
    const { completion } = this;
    if (completion === null) return nothing;
    const { candidates, expected, more } = completion.found;
    if (candidates.length === 0) return html`<p class="muted">${expected}</p>`;
    return html`${candidates.map(
      ({ text, kind, profiles }, row) => html`<div class=${`candidate ${row === this.active ? 'active' : ''}`} role="option" id=${`matcher-candidate-${row}`} aria-selected=${row === this.active} @click=${() => void this.#insert(row)} @mousemove=${() => (this.active = row)}>
        <span class="cut mono">${text}</span><span class="note number">${profiles > 0 ? groupDigits(profiles) : kind}</span>
      </div>`,
    )}
    ${more > 0 ? html`<p class="muted">and ${groupDigits(more)} more: type to narrow them down</p>` : nothing}`;
  }

  /** Asks what can stand at the caret. */
  async #ask(): Promise<void> {
    const asked = (this.#asked += 1);
    const input = this.#input;
    if (input === null) return;
    const { service, type } = this.state.view;
    const { lead, prefix } = inService(service, input.value);
    const at = Math.max(lead, input.selectionStart ?? input.value.length);
    try {
      const { from, until } = selectionOf(this.state);
      const range = { ...(from === null ? {} : { from }), ...(until === null ? {} : { until }) };
      const request = { text: prefix + input.value.slice(lead), at: prefix.length + at - lead, profileType: type, limit: CANDIDATES, ...range };
      const found = await this.session.engine.client.call('complete', request);
      if (asked !== this.#asked || document.activeElement !== input) return;
      const shift = lead - prefix.length;
      const [start, end] = [Math.max(0, found.start + shift), Math.max(0, found.end + shift)];
      // What stands there already completes nothing.
      const typed = input.value.slice(start, end);
      this.completion = { found: { ...found, candidates: found.candidates.filter(({ insert }) => insert !== typed) }, of: input.value, start, end };
      this.active = -1;
    } catch {
      // Help with typing is no reason to say that something is wrong: applying the text will.
      if (asked === this.#asked) this.completion = null;
    }
  }

  async #insert(row: number): Promise<void> {
    const input = this.#input;
    const wanted = this.completion?.found.candidates[row];
    if (wanted === undefined || input === null) return;
    // Who types fast is ahead of the list.
    if (this.completion?.of !== input.value) await this.#ask();
    const { completion } = this;
    const candidate = completion?.found.candidates.find(({ text }) => text === wanted.text) ?? completion?.found.candidates[0];
    if (completion === null || candidate === undefined || completion.of !== input.value) return;
    const before = input.value.slice(0, completion.start) + candidate.insert;
    input.value = before + input.value.slice(completion.end);
    input.setSelectionRange(before.length, before.length);
    await this.#ask();
  }

  #left(): void {
    this.typing = false;
    this.#close();
  }

  #close(): void {
    this.#asked += 1;
    this.completion = null;
    this.active = -1;
  }

  /** From a chip to the text of all. */
  #edit(): void {
    this.typing = true;
    void this.updateComplete.then(() => this.#input?.focus());
  }

  #apply(text: string): void {
    const inner = innerMatchers(text);
    const match = inner === '' ? '' : `{${inner}}`;
    const input = this.#input;
    if (input !== null) input.value = match;
    if (match !== this.state.view.match) this.session.navigate({ match, zoom: [] }, 'push');
  }

  #key(event: KeyboardEvent): void {
    const input = event.target as HTMLInputElement;
    const count = this.completion?.found.candidates.length ?? 0;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      if (count === 0) void this.#ask();
      else this.active = (this.active + step + count + (this.active < 0 && step < 0 ? 1 : 0)) % count;
    } else if (event.key === 'Tab' && !event.shiftKey && count > 0 && (this.active >= 0 || this.#isNarrowed())) {
      event.preventDefault();
      void this.#insert(Math.max(0, this.active));
    } else if (event.key === 'Enter') {
      if (this.active >= 0) {
        event.preventDefault();
        void this.#insert(this.active);
      } else {
        this.#close();
        this.#apply(input.value);
      }
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (this.completion !== null) this.#close();
      else {
        input.value = this.state.view.match;
        input.blur();
      }
    }
  }

  /** Something is typed of what the candidates are: Tab completes it, else Tab goes on to the next control. */
  #isNarrowed(): boolean {
    const { completion } = this;
    return completion !== null && completion.end > completion.start;
  }

  #add(event: Event): void {
    void this.#builder?.open(event.currentTarget as HTMLElement, null);
  }

  #editChip({ detail }: CustomEvent<ChipEdit>): void {
    void this.#builder?.open(detail.anchor, detail.row);
  }

  get #builder(): MatcherBuilder | null {
    return this.querySelector<MatcherBuilder>('eg-matcher-builder');
  }
}

/** What stands before the person's text, whose own brace it takes the place of: only profiles of the service count. */
function inService(service: string, text: string): { lead: number; prefix: string } {
  const lead = /^\s*\{?/.exec(text)?.[0].length ?? 0;
  return { lead, prefix: `{service_name=${quote(service)}, ` };
}

adoptStyles(css`
  eg-matcher-input {
    display: flex;
    align-items: center;
    gap: 4px;
    min-width: 0;

    .field {
      position: relative;
      flex: 1;
      min-width: 0;
    }

    .field input {
      width: 100%;
      padding-right: 28px;
    }

    .field.chipped > input:not(:focus) {
      color: transparent;
    }

    .candidates {
      width: min(420px, calc(100vw - 24px));
      max-height: min(360px, 60vh);
      overflow: auto;
      padding: 4px;
    }

    .candidates p {
      margin: 0;
      padding: 4px 8px;
    }

    .candidate {
      display: flex;
      align-items: center;
      gap: 12px;
      height: 26px;
      padding: 0 8px;
      border-radius: var(--eg-radius);
      cursor: default;
    }

    .candidate.active {
      background: var(--eg-bg-hover);
    }

    .candidate .note {
      margin-left: auto;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
    }

    .clear {
      position: absolute;
      z-index: 1;
      right: 0;
      top: 0;
      color: var(--eg-text-muted);
    }

    .add {
      padding: 0 8px 0 4px;
      gap: 2px;
      color: var(--eg-text-muted);
    }
  }
`);

customElements.define('eg-matcher-input', MatcherInput);
