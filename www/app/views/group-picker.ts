/** What lines over time, or rows of the heat map, are told apart by: a button, and a list of labels and of leading parts of them. */

import { css, html } from 'lit';
import type { TemplateResult } from 'lit';
import { formatCount } from '../../engine/format.ts';
import type { LabelValues } from '../../engine/protocol.ts';
import { groupChoices, groupNames, groupText } from '../state/group-by.ts';
import type { GroupChoice } from '../state/group-by.ts';
import type { PickGroup, PickOption } from '../state/pick.ts';
import { AppView, adoptStyles } from './app-view.ts';
import { chevronDown } from './icons.ts';
import type { Pick, PickList } from './pick-list.ts';
import './pick-list.ts';
import { togglePopover } from './popover.ts';

/** `<eg-group-picker>` */
export class GroupPicker extends AppView {
  static override properties = { ...AppView.properties, labels: { attribute: false }, words: {}, none: {} };

  /** Null until they are known. */
  declare labels: readonly LabelValues[] | null;
  /** What the button is called. */
  declare words: string;
  /** What there is without any label; empty where one is needed. */
  declare none: string;

  constructor() {
    super();
    this.labels = null;
    this.words = '';
    this.none = '';
  }

  protected override render(): TemplateResult {
    const { by } = this.state.view;
    const text = by === '' ? this.none || '…' : by;
    return html`<button class="open" aria-haspopup="dialog" aria-expanded="false" aria-label=${`${this.words}: ${text}`} title=${`${this.words}: ${text}`} ?disabled=${this.labels === null} @click=${this.#open}>
        <span class="cut mono">${text}</span>${chevronDown}
      </button>
      <div popover="auto" role="dialog" aria-label=${this.words}>
        <eg-pick-list id="group-list" label=${this.words} empty="These profiles carry no labels." .groups=${this.#groups()} .multiple=${true} @eg-pick=${this.#pick}></eg-pick-list>
        <p class="muted"><kbd>Shift</kbd> <kbd>Enter</kbd>, or the box, for several</p>
      </div>`;
  }

  #groups(): PickGroup[] {
    const chosen = groupNames(this.state.view.by);
    const choices = groupChoices(this.labels ?? []);
    const option = ({ by, values, parts }: GroupChoice): PickOption => ({
      id: by,
      text: by,
      note: `${parts === null ? '' : `first ${parts === 1 ? 'part' : `${parts} parts`} · `}${formatCount(values, 'value')}`,
      selected: chosen.includes(by),
    });
    const group = (title: string, of: readonly GroupChoice[]): PickGroup[] => (of.length === 0 ? [] : [{ title, note: '', options: of.map(option) }]);
    const none: PickGroup[] = this.none === '' ? [] : [{ title: 'Without labels', note: '', options: [{ id: '', text: this.none, note: '', selected: chosen.length === 0 }] }];
    return [...none, ...group('Labels', choices.filter(({ parts }) => parts === null)), ...group('Leading parts of values', choices.filter(({ parts }) => parts !== null))];
  }

  #open(event: Event): void {
    const panel = this.querySelector<HTMLElement>('[popover]');
    if (panel === null) return;
    togglePopover(event.currentTarget as HTMLElement, panel);
    if (panel.matches(':popover-open')) this.querySelector<PickList>('eg-pick-list')?.open();
  }

  #pick({ detail: { id, several } }: CustomEvent<Pick>): void {
    const chosen = groupNames(this.state.view.by);
    const toggled = chosen.includes(id) ? chosen.filter((name) => name !== id) : [...chosen, id];
    if (!several || id === '') this.querySelector<HTMLElement>('[popover]')?.hidePopover();
    const by = several && id !== '' ? groupText(toggled) : id;
    // Where a label is needed the last one stays.
    if (by !== this.state.view.by && (by !== '' || this.none !== '')) this.session.navigate({ by }, 'replace');
  }
}

adoptStyles(css`
  eg-group-picker {
    display: flex;
    min-width: 0;

    .open {
      min-width: 0;
      max-width: 300px;
      height: 24px;
      padding: 0 4px 0 8px;
    }

    [popover] {
      font-size: var(--eg-size);
    }

    eg-pick-list {
      width: min(360px, calc(100vw - 24px));
    }

    p {
      margin: 0;
      padding: 6px;
      font-size: var(--eg-size-small);
    }
  }
`);

customElements.define('eg-group-picker', GroupPicker);
