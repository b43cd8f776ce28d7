/** Fitted names of draw lists: computed once for a box and a scale, so that scrolling fits nothing again. */

import { mergedName } from './describe.ts';
import type { DrawList } from './draw-list.ts';
import { fitLabel } from './text.ts';
import type { GlyphWidths, Label, Span } from './text.ts';

/** Room left of a name, and right of it, CSS pixels. */
const PADDING = 4;

/** Labels of one list at one scale. */
export class Labels {
  readonly padding = PADDING;
  readonly scale: number;
  readonly find: (name: string) => Span | null;
  readonly #list: DrawList;
  readonly #widths: GlyphWidths;
  readonly #nameWidths: number[] = [];
  readonly #matches: (Span | null | undefined)[] = [];
  readonly #labels = new Map<number, { room: number; label: Label | null }>();

  constructor(list: DrawList, scale: number, find: (name: string) => Span | null, widths: GlyphWidths) {
    this.#list = list;
    this.scale = scale;
    this.find = find;
    this.#widths = widths;
  }

  /** Merged boxes below this width have no label, CSS pixels. */
  get leastMerged(): number {
    return this.#widths.of(mergedName(2)) + 2 * PADDING;
  }

  /** Label of a box of that many CSS pixels; null where none fits. */
  label(box: number, width: number): Label | null {
    const room = width - 2 * PADDING;
    const known = this.#labels.get(box);
    if (known !== undefined && Math.abs(known.room - room) < 0.5) return known.label;
    const label = this.#fit(box, room);
    this.#labels.set(box, { room, label });
    return label;
  }

  /** Where a part of a label begins and ends, CSS pixels from its start. */
  extent(text: string, [start, end]: Span): [from: number, until: number] {
    const from = this.#widths.of(text, 0, start);
    return [from, from + this.#widths.of(text, start, end)];
  }

  #fit(box: number, room: number): Label | null {
    const list = this.#list;
    if (list.isMerged(box)) {
      const text = mergedName(list.count[box] ?? 0);
      return this.#widths.of(text) <= room ? { text, match: null } : null;
    }
    const row = list.nameRow(box);
    const name = list.name(box);
    const nameWidth = (this.#nameWidths[row] ??= this.#widths.of(name));
    let match = this.#matches[row];
    if (match === undefined) {
      match = this.find(name);
      this.#matches[row] = match;
    }
    return fitLabel(name, nameWidth, room, this.#widths, match);
  }
}

/** Labels of the lists in use, in one font. */
export class LabelCache {
  readonly #widths: GlyphWidths;
  readonly #labels = new WeakMap<DrawList, Labels>();

  constructor(widths: GlyphWidths) {
    this.#widths = widths;
  }

  /** Labels of a list at a scale, what `find` finds in a name kept visible. */
  of(list: DrawList, scale: number, find: (name: string) => Span | null): Labels {
    const known = this.#labels.get(list);
    if (known?.scale === scale && known.find === find) return known;
    const fresh = new Labels(list, scale, find, this.#widths);
    this.#labels.set(list, fresh);
    return fresh;
  }
}
