/** What the selection is compared with: what lies before it, or a value of a label. */

import { formatCount, groupDigits } from '../../engine/format.ts';
import { BASES } from '../state/compare.ts';
import type { BaseKind } from '../state/compare.ts';
import { narrowingLabels, shownValue } from '../state/labels.ts';
import { matchersOf } from '../state/matchers.ts';
import type { PickGroup } from '../state/pick.ts';
import { PickDialog } from './pick-dialog.ts';

/** `<eg-base-picker>` */
export class BasePicker extends PickDialog {
  protected override readonly dialog = 'base';
  protected override readonly words = {
    dialog: 'Compare with',
    list: 'Earlier times, labels and their values',
    waiting: 'Reading the labels…',
    empty: 'Nothing to compare with.',
    isTitled: true,
  };

  protected override async groups(): Promise<readonly PickGroup[]> {
    const matchers = matchersOf(this.state.view.match) ?? [];
    const chosen = (name: string, value: string): boolean => matchers.some((each) => each.name === name && each.operator === '=' && each.value === value);
    const found = await this.session.labels();
    const earlier = BASES.map(({ kind, words, title }) => ({ id: JSON.stringify([kind]), text: words, note: title, selected: false }));
    const values = narrowingLabels(found).flatMap(({ name, values }) => {
      const others = values.filter(({ value }) => !chosen(name, value));
      if (others.length === 0) return [];
      const options = others.map(({ value, profiles }) => ({ id: JSON.stringify([name, value]), text: shownValue(value), note: groupDigits(profiles), selected: false }));
      return [{ title: name, note: formatCount(others.length, 'value'), options }];
    });
    return [{ title: 'Earlier', note: '', options: earlier }, ...values];
  }

  protected override picked(id: string): void {
    const [name, value] = JSON.parse(id) as [BaseKind] | [string, string];
    if (value === undefined) this.session.compareWith(name as BaseKind);
    else this.session.compareWithValue(name, value);
  }
}

customElements.define('eg-base-picker', BasePicker);
