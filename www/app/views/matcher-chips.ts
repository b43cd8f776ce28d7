/** Label matchers as chips over their text: each can be changed, or removed. */

import { css, html } from 'lit';
import type { TemplateResult } from 'lit';
import { shownValue } from '../state/labels.ts';
import { matchText } from '../state/matchers.ts';
import type { Matcher } from '../state/matchers.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { close } from './icons.ts';

/** A chip that is to be changed, with the button that says so. */
export interface ChipEdit {
  row: number;
  anchor: HTMLElement;
}

/** `<eg-matcher-chips>`; tells `eg-edit-text` where the text itself is to be edited, `eg-edit` (`ChipEdit`) where a chip is. */
export class MatcherChips extends AppView {
  static override properties = { ...AppView.properties, matchers: { attribute: false } };

  declare matchers: readonly Matcher[];

  constructor() {
    super();
    this.matchers = [];
  }

  protected override render(): TemplateResult {
    return html`<ul aria-label="Label matchers in force" @click=${this.#beside}>
      ${this.matchers.map((each, row) => this.#chip(each, row))}
    </ul>`;
  }

  #chip({ name, operator, value }: Matcher, row: number): TemplateResult {
    const text = `${name} ${operator} ${shownValue(value)}`;
    return html`<li class="chip ${operator.startsWith('!') ? 'not' : ''}">
      <button class="bare cut mono" aria-haspopup="dialog" aria-expanded="false" title=${`${text}: change it`} @click=${(event: Event) => this.#edit(event, row)} @keydown=${(event: KeyboardEvent) => this.#key(event, row)}>
        <span class="muted">${name}</span> ${operator} ${shownValue(value)}
      </button>
      <button class="bare square" aria-label=${`Remove ${text}`} title="Remove" @click=${() => this.#remove(row)}>${close}</button>
    </li>`;
  }

  /** A press beside the chips goes to the text. */
  #beside(event: Event): void {
    if (event.target === event.currentTarget) this.dispatchEvent(new CustomEvent('eg-edit-text'));
  }

  #key(event: KeyboardEvent, row: number): void {
    if (event.key !== 'Delete' && event.key !== 'Backspace') return;
    event.preventDefault();
    this.#remove(row);
  }

  #edit(event: Event, row: number): void {
    const detail: ChipEdit = { row, anchor: event.currentTarget as HTMLElement };
    this.dispatchEvent(new CustomEvent('eg-edit', { detail }));
  }

  #remove(row: number): void {
    this.session.navigate({ match: matchText(this.matchers.filter((_, at) => at !== row)), zoom: [] }, 'push');
  }
}

adoptStyles(css`
  eg-matcher-chips {
    position: absolute;
    inset: 1px 28px 1px 1px;
    display: flex;
    min-width: 0;
    border-radius: var(--eg-radius);
    background: var(--eg-bg);

    ul {
      display: flex;
      flex: 1;
      align-items: center;
      gap: 4px;
      min-width: 0;
      margin: 0;
      padding: 0 4px;
      overflow: auto hidden;
      scrollbar-width: none;
      list-style: none;
      cursor: text;
    }

    .chip {
      display: flex;
      flex: none;
      align-items: center;
      max-width: 320px;
      height: 20px;
      border: 1px solid var(--eg-line-strong);
      border-radius: var(--eg-radius);
      background: var(--eg-bg-raised);
      font-size: var(--eg-size-small);
    }

    .chip.not {
      border-style: dashed;
    }

    .chip button {
      height: 18px;
      padding: 0 2px 0 6px;
    }

    .chip button.square {
      width: 20px;
      padding: 0;
    }
  }
`);

customElements.define('eg-matcher-chips', MatcherChips);
