/** What the selection is compared with: what lies before it, a value of a label, another service, a file. */

import { formatCount, groupDigits } from '../../engine/format.ts';
import type { Upload } from '../../engine/protocol.ts';
import { BASES } from '../state/bases.ts';
import type { BaseKind } from '../state/bases.ts';
import { narrowingLabels, shownValue } from '../state/labels.ts';
import { matchersOf } from '../state/matchers.ts';
import type { PickGroup, PickOption } from '../state/pick.ts';
import { PickDialog } from './pick-dialog.ts';

/** What was picked, as an option's id. */
type Picked = ['earlier', BaseKind] | ['value', label: string, value: string] | ['service', string] | ['file', string];

function option(of: Picked, text: string, note: string): PickOption {
  return { id: JSON.stringify(of), text, note, selected: false };
}

/** `<eg-base-picker>` */
export class BasePicker extends PickDialog {
  protected override readonly dialog = 'base';
  protected override readonly words = {
    dialog: 'Compare with',
    list: 'Earlier times, values of labels, services and files',
    waiting: 'Reading labels and files…',
    empty: 'Nothing to compare with.',
    isTitled: true,
  };
  #uploads: readonly Upload[] = [];

  protected override async groups(): Promise<readonly PickGroup[]> {
    const { view, catalog } = this.state;
    const [labels, uploads] = await Promise.all([this.session.labels(), this.session.engine.client.call('uploads')]);
    this.#uploads = uploads.filter(({ types }) => types.includes(view.type));
    const matchers = matchersOf(view.match) ?? [];
    const chosen = (name: string, value: string): boolean => matchers.some((each) => each.name === name && each.operator === '=' && each.value === value);
    const earlier = BASES.map(({ kind, words, title }) => option(['earlier', kind], words, title));
    const values = narrowingLabels(labels).flatMap(({ name, values }) => {
      const others = values.filter(({ value }) => !chosen(name, value));
      if (others.length === 0) return [];
      const options = others.map(({ value, profiles }) => option(['value', name, value], shownValue(value), groupDigits(profiles)));
      return [{ title: name, note: formatCount(others.length, 'value'), options }];
    });
    const services = (catalog?.services ?? []).flatMap(({ name, types }) => {
      const type = name === view.service ? undefined : types.find(({ id }) => id === view.type);
      return type === undefined ? [] : [option(['service', name], name, groupDigits(type.profiles))];
    });
    const files = this.#uploads.map(({ id, name, profiles }) => option(['file', id], name, formatCount(profiles, 'profile')));
    return [
      { title: 'Earlier', note: '', options: earlier },
      ...values,
      { title: 'Services', note: formatCount(services.length, 'service'), options: services },
      { title: 'Files', note: formatCount(files.length, 'file'), options: files },
    ].filter(({ options }) => options.length > 0);
  }

  protected override picked(id: string): void {
    const { bases } = this.session;
    const picked = JSON.parse(id) as Picked;
    if (picked[0] === 'earlier') bases.earlier(picked[1]);
    else if (picked[0] === 'value') bases.value(picked[1], picked[2]);
    else if (picked[0] === 'service') bases.service(picked[1]);
    else {
      const upload = this.#uploads.find((each) => each.id === picked[1]);
      if (upload !== undefined) bases.upload(upload);
    }
  }
}

customElements.define('eg-base-picker', BasePicker);
