/** Which value of a label the selection is compared with. */

import { formatCount, groupDigits } from '../../engine/format.ts';
import { narrowingLabels, shownValue } from '../state/labels.ts';
import { matchersOf } from '../state/matchers.ts';
import type { PickGroup } from '../state/pick.ts';
import { PickDialog } from './pick-dialog.ts';

/** `<eg-base-picker>` */
export class BasePicker extends PickDialog {
  protected override readonly dialog = 'base-value';
  protected override readonly words = {
    dialog: 'Compare with a label value',
    list: 'Labels and the values to compare with',
    waiting: 'Reading the labels…',
    empty: 'These profiles carry no labels to compare by. Labels can be given when files are added, or on the files page.',
    isTitled: true,
  };

  protected override async groups(): Promise<readonly PickGroup[]> {
    const matchers = matchersOf(this.state.view.match) ?? [];
    const chosen = (name: string, value: string): boolean => matchers.some((each) => each.name === name && each.operator === '=' && each.value === value);
    const found = await this.session.labels();
    return narrowingLabels(found).flatMap(({ name, values }) => {
      const others = values.filter(({ value }) => !chosen(name, value));
      if (others.length === 0) return [];
      const options = others.map(({ value, profiles }) => ({ id: JSON.stringify([name, value]), text: shownValue(value), note: groupDigits(profiles), selected: false }));
      return [{ title: name, note: formatCount(others.length, 'value'), options }];
    });
  }

  protected override picked(id: string): void {
    const [name, value] = JSON.parse(id) as [string, string];
    this.session.compareWithValue(name, value);
  }
}

customElements.define('eg-base-picker', BasePicker);
