/** A popover that makes a matcher: a label, how it compares, and one value or several; also for one that is there already. */

import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { formatCount, groupDigits } from '../../engine/format.ts';
import type { LabelValues } from '../../engine/protocol.ts';
import { narrowingLabels, shownValue } from '../state/labels.ts';
import { addMatcher, anyOf, matchText, valuesOf } from '../state/matchers.ts';
import type { Matcher, MatcherOperator } from '../state/matchers.ts';
import type { PickGroup, PickOption } from '../state/pick.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { chevronLeft, compare } from './icons.ts';
import type { Pick, PickList } from './pick-list.ts';
import { togglePopover } from './popover.ts';

const OPERATORS: readonly (readonly [MatcherOperator, string])[] = [
  ['=', 'is'],
  ['!=', 'is not'],
  ['=~', 'matches the regular expression'],
  ['!~', 'does not match the regular expression'],
];

/** Metadata of profiles is matched by names that begin so. */
const METADATA = '__meta_';

/** What is being made; `row` is that of the matcher in whose place it comes, or null for one more. */
interface Draft {
  row: number | null;
  name: string;
  operator: MatcherOperator;
  values: readonly string[];
}

/** `<eg-matcher-builder>` */
export class MatcherBuilder extends AppView {
  static override properties = {
    ...AppView.properties,
    matchers: { attribute: false },
    labels: { state: true },
    draft: { state: true },
    typed: { state: true },
  };

  /** Those in force; null where the text is not made of plain matchers. */
  declare matchers: readonly Matcher[] | null;
  /** Labels with their values among what the other matchers leave; null while they are read. */
  declare labels: readonly LabelValues[] | null;
  /** Null while a label is being chosen. */
  declare draft: Draft | null;
  declare typed: string;
  #asked = 0;

  constructor() {
    super();
    this.matchers = [];
    this.labels = null;
    this.draft = null;
    this.typed = '';
  }

  /** Opens beside a button: to add a matcher, or to change that of a row. */
  async open(anchor: HTMLElement, row: number | null): Promise<void> {
    const panel = this.#panel;
    if (panel === null) return;
    const wasOpen = panel.matches(':popover-open');
    const matcher = row === null ? undefined : this.matchers?.[row];
    const draft = matcher === undefined ? null : { row, name: matcher.name, operator: matcher.operator, values: valuesOf(matcher) ?? [] };
    if (wasOpen) togglePopover(anchor, panel);
    if (wasOpen && row === null) return;
    this.draft = draft;
    this.typed = '';
    this.labels = null;
    togglePopover(anchor, panel);
    await this.#read(this.matchers?.filter((_, at) => at !== row) ?? []);
  }

  protected override render(): TemplateResult {
    const { draft } = this;
    return html`<div popover="auto" role="dialog" aria-label=${draft === null ? 'Add a label matcher' : `Values of ${draft.name}`} @input=${this.#type} @keydown=${this.#key}>
      ${draft === null ? nothing : this.#head(draft)}
      <eg-pick-list
        id="matcher-list"
        label=${draft === null ? 'Labels' : `Values of ${draft.name}`}
        empty=${this.#empty()}
        .groups=${draft === null ? this.#names() : this.#values(draft)}
        .multiple=${draft !== null}
        @eg-pick=${this.#pick}
      ></eg-pick-list>
      ${draft === null ? nothing : this.#foot(draft)}
    </div>`;
  }

  get #panel(): HTMLElement | null {
    return this.querySelector<HTMLElement>('[popover]');
  }

  get #list(): PickList | null {
    return this.querySelector<PickList>('eg-pick-list');
  }

  #head({ row, name, operator }: Draft): TemplateResult {
    return html`<div class="built">
      ${row === null ? html`<button class="bare square" aria-label="Another label" title="Another label (Backspace)" @click=${this.#back}>${chevronLeft}</button>` : nothing}
      <b class="mono cut grow" title=${name}>${name}</b>
      <div class="segments" role="group" aria-label="How it compares" @mousedown=${(event: Event) => event.preventDefault()}>
        ${OPERATORS.map(([each, words]) => html`<button class="mono" aria-pressed=${each === operator} title=${words} aria-label=${words} @click=${() => this.#compareBy(each)}>${each}</button>`)}
      </div>
      ${row === null ? nothing : html`<button class="bare square" aria-label="Compare with another value" title="Compare with another value" @click=${this.#compare}>${compare}</button>`}
    </div>`;
  }

  #foot({ values }: Draft): TemplateResult {
    return html`<div class="built">
      <span class="muted cut grow"><kbd>Enter</kbd> one value · <kbd>Shift</kbd> <kbd>Enter</kbd> several</span>
      <button class="primary" ?disabled=${values.length === 0} @click=${this.#apply}>Apply${values.length > 1 ? ` ${formatCount(values.length, 'value')}` : ''}</button>
    </div>`;
  }

  #compare(): void {
    this.#panel?.hidePopover();
    this.session.bases.choose();
  }

  #empty(): string {
    if (this.labels === null) return 'Reading the labels…';
    if (this.draft === null) return 'These profiles carry no labels to narrow them down by. Labels can be given when files are added, or on the files page.';
    return 'No profile of the range has this label.';
  }

  #names(): PickGroup[] {
    const group = (title: string, isOf: (name: string) => boolean): PickGroup[] => {
      const options = (this.labels ?? [])
        .filter(({ name }) => isOf(name))
        .map(({ name, values }): PickOption => ({ id: JSON.stringify([name]), text: name, note: formatCount(values.length, 'value'), selected: false }));
      return options.length === 0 ? [] : [{ title, note: '', options }];
    };
    return [...group('Labels', (name) => !name.startsWith(METADATA)), ...group('Metadata', (name) => name.startsWith(METADATA))];
  }

  #values({ name, operator, values }: Draft): PickGroup[] {
    const known = this.labels?.find((label) => label.name === name)?.values ?? [];
    const options = known.map(({ value, profiles }): PickOption => ({
      id: JSON.stringify([name, value]),
      text: shownValue(value),
      note: groupDigits(profiles),
      selected: values.includes(value),
    }));
    const groups: PickGroup[] = options.length === 0 ? [] : [{ title: 'Values', note: 'profiles', options }];
    if (!operator.endsWith('~') || this.typed === '') return groups;
    // The list shows what holds the words that are typed, so that this one is always there.
    return [{ title: 'Regular expression', note: '', options: [{ id: JSON.stringify([name, this.typed, 'expression']), text: this.typed, note: '', selected: false }] }, ...groups];
  }

  /** Reads the labels of what some matchers leave. */
  async #read(others: readonly Matcher[]): Promise<void> {
    const asked = (this.#asked += 1);
    this.#list?.open();
    try {
      const match = matchText(others);
      const [labels, metadata] = await Promise.all([this.session.labels(match), this.session.metadata(match)]);
      if (asked !== this.#asked) return;
      this.labels = [...narrowingLabels(labels), ...metadata.map(({ name, values }) => ({ name: METADATA + name, values }))];
      await this.updateComplete;
      this.#list?.open();
    } catch (thrown) {
      this.#panel?.hidePopover();
      this.session.notices.report(thrown);
    }
  }

  #type(event: Event): void {
    this.typed = (event.target as HTMLInputElement).value;
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== 'Backspace' || !(event.target instanceof HTMLInputElement) || event.target.value !== '') return;
    event.preventDefault();
    if (this.draft !== null) {
      if (this.draft.row === null) this.#back();
      return;
    }
    if (this.matchers === null) return;
    const left = this.matchers.slice(0, -1);
    this.#set(matchText(left));
    void this.#read(left);
  }

  #back(): void {
    this.draft = null;
    this.#reopen();
  }

  /** The list with other options: from its top, without what was typed. */
  #reopen(): void {
    this.typed = '';
    void this.updateComplete.then(() => this.#list?.open());
  }

  #pick({ detail }: CustomEvent<Pick>): void {
    const [name, value, kind] = JSON.parse(detail.id) as [name: string, value?: string, kind?: 'expression'];
    const { draft } = this;
    if (draft === null || value === undefined) {
      this.draft = { row: null, name, operator: '=', values: [] };
      this.#reopen();
      return;
    }
    if (kind === 'expression') {
      this.#put({ name, operator: draft.operator, value });
      return;
    }
    if (detail.several) {
      const values = draft.values.includes(value) ? draft.values.filter((each) => each !== value) : [...draft.values, value];
      this.draft = { ...draft, values };
      return;
    }
    this.#put(anyOf(name, draft.values.length > 1 ? [...new Set([...draft.values, value])] : [value], draft.operator.startsWith('!')));
  }

  #apply(): void {
    const { draft } = this;
    if (draft !== null) this.#put(anyOf(draft.name, draft.values, draft.operator.startsWith('!')));
  }

  /** Another way to compare: at once where the matcher is in force already. */
  #compareBy(operator: MatcherOperator): void {
    const { draft } = this;
    if (draft === null) return;
    this.draft = { ...draft, operator };
    if (draft.row !== null) this.#set(this.#with(draft.row, { ...draft, value: this.matchers?.[draft.row]?.value ?? '', operator }));
  }

  /** Takes the matcher into force. */
  #put(matcher: Matcher): void {
    const row = this.draft?.row ?? null;
    this.#panel?.hidePopover();
    this.#set(row === null ? addMatcher(this.state.view.match, matcher.name, matcher.value, matcher.operator) : this.#with(row, matcher));
  }

  /** The text of the matchers with another one in a row. */
  #with(row: number, matcher: Matcher): string {
    return matchText((this.matchers ?? []).map((each, at) => (at === row ? matcher : each)));
  }

  #set(match: string): void {
    if (match !== this.state.view.match) this.session.navigate({ match, zoom: [] }, 'push');
  }
}

adoptStyles(css`
  eg-matcher-builder {
    [popover] {
      width: min(448px, calc(100vw - 16px));
    }

    eg-pick-list {
      width: 100%;
    }

    .built {
      display: flex;
      align-items: center;
      gap: 8px;
      min-height: 36px;
      padding: 4px 2px;
    }

    .built .segments button {
      min-width: 36px;
    }
  }
`);

customElements.define('eg-matcher-builder', MatcherBuilder);
