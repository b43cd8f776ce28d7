/** Label matchers as chips over their text: each can be negated, given another value, or removed. */

import { css, html } from 'lit';
import type { TemplateResult } from 'lit';
import { groupDigits } from '../../engine/format.ts';
import type { LabelValues } from '../../engine/protocol.ts';
import { matchText } from '../state/matchers.ts';
import type { Matcher, MatcherOperator } from '../state/matchers.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { close } from './icons.ts';
import type { PickList } from './pick-list.ts';
import { togglePopover } from './popover.ts';

const OPERATORS: readonly (readonly [MatcherOperator, string])[] = [
  ['=', 'is'],
  ['!=', 'is not'],
  ['=~', 'matches the regular expression'],
  ['!~', 'does not match the regular expression'],
];

/** `<eg-matcher-chips>`; tells `eg-edit-text` where the text itself is to be edited. */
export class MatcherChips extends AppView {
  static override properties = { ...AppView.properties, matchers: { attribute: false }, editing: { state: true } };

  declare matchers: readonly Matcher[];
  /** The chip whose values are open. */
  declare editing: number;

  constructor() {
    super();
    this.matchers = [];
    this.editing = -1;
  }

  protected override render(): TemplateResult {
    const matcher = this.matchers[this.editing];
    return html`
      <ul aria-label="Label matchers in force" @click=${this.#beside}>
        ${this.matchers.map((each, row) => this.#chip(each, row))}
      </ul>
      <div popover="auto" class="values" role="dialog" aria-label=${matcher === undefined ? 'A matcher' : `Values of ${matcher.name}`}>
        <div class="segments" role="group" aria-label="How it compares">
          ${OPERATORS.map(([operator, words]) => html`<button class="mono" aria-pressed=${operator === matcher?.operator} title=${words} aria-label=${words} @click=${() => this.#change({ operator })}>${operator}</button>`)}
        </div>
        <eg-pick-list id="value-list" label=${`Values of ${matcher?.name ?? ''}`} empty="No profile of the range has this label." @eg-pick=${(event: CustomEvent<{ id: string }>) => this.#pick(event.detail.id)}></eg-pick-list>
      </div>
    `;
  }

  #chip({ name, operator, value }: Matcher, row: number): TemplateResult {
    const text = `${name} ${operator} ${value === '' ? '(none)' : value}`;
    return html`<li class="chip ${operator.startsWith('!') ? 'not' : ''}">
      <button class="bare cut mono" aria-haspopup="dialog" aria-expanded="false" title=${`${text}: change it`} @click=${(event: Event) => void this.#open(event, row)} @keydown=${(event: KeyboardEvent) => this.#key(event, row)}>
        <span class="muted">${name}</span> ${operator} ${value === '' ? '(none)' : value}
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

  async #open(event: Event, row: number): Promise<void> {
    const anchor = event.currentTarget as HTMLElement;
    const panel = this.querySelector<HTMLElement>('.values');
    const list = this.querySelector<PickList>('eg-pick-list');
    const matcher = this.matchers[row];
    if (panel === null || list === null || matcher === undefined) return;
    this.editing = row;
    try {
      // The values among what the other matchers leave.
      const labels = await this.session.labels(matchText(this.matchers.filter((_, at) => at !== row)));
      list.groups = [{ title: matcher.name, note: '', options: optionsOf(labels, matcher) }];
      if (!panel.matches(':popover-open')) togglePopover(anchor, panel);
      list.open();
    } catch (thrown) {
      this.session.notices.report(thrown);
    }
  }

  #pick(id: string): void {
    const { operator } = this.matchers[this.editing] ?? { operator: '=' as const };
    const exact: MatcherOperator = operator.startsWith('!') ? '!=' : '=';
    this.querySelector<HTMLElement>('.values')?.hidePopover();
    this.#change({ value: JSON.parse(id) as string, operator: exact });
  }

  #change(patch: Partial<Matcher>): void {
    this.#set(this.matchers.map((matcher, row) => (row === this.editing ? { ...matcher, ...patch } : matcher)));
  }

  #remove(row: number): void {
    this.#set(this.matchers.filter((_, at) => at !== row));
  }

  #set(matchers: readonly Matcher[]): void {
    this.session.navigate({ match: matchText(matchers), zoom: [] }, 'push');
  }
}

function optionsOf(labels: readonly LabelValues[], { name, value }: Matcher): { id: string; text: string; note: string; selected: boolean }[] {
  const values = labels.find((label) => label.name === name)?.values ?? [];
  return values.map((each) => ({ id: JSON.stringify(each.value), text: each.value === '' ? '(none)' : each.value, note: groupDigits(each.profiles), selected: each.value === value }));
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

    .values .segments {
      margin-bottom: 4px;
    }
  }
`);

customElements.define('eg-matcher-chips', MatcherChips);
