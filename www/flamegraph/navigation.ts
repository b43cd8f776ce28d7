/** Which part of the result is in view, and the way back from it. */

import type { FlameSource } from './source.ts';
import type { Layer } from './layer.ts';
import type { RowIndex } from './row-index.ts';
import { hitTest, isWhole, narrowed, opened, sameView, wholeOf } from './viewport.ts';
import type { View } from './viewport.ts';

/** The view that a box opens to: all of it; of a merged one its caller, or if that is the focus, what is around `at` fills the width. */
export function openedView({ list, across }: Layer, rows: RowIndex, box: number, at: number, from: View): View {
  if (!list.isMerged(box)) return wholeOf(list.node[box] ?? 0);
  const caller = hitTest(list, rows, (list.x[box] ?? 0) + (list.width[box] ?? 0) / 2, (list.depth[box] ?? 0) - 1);
  const node = caller < 0 ? from.focus : (list.node[caller] ?? 0);
  return node === from.focus ? openedWithin({ list, across }, box, at, from) : wholeOf(node);
}

/** The window of a focus that a merged box opens to: what is around `at` fills the width. */
export function openedWithin({ list, across }: Pick<Layer, 'list' | 'across'>, box: number, at: number, from: View): View {
  const [left, right] = opened(list.x[box] ?? 0, list.width[box] ?? 0, list.count[box] ?? 1, at, across);
  return narrowed(from, left / across, right / across);
}

/** The view and the wider ones before it. */
export class Navigation {
  #view: View = wholeOf(0);
  #trail: View[] = [];

  get view(): View {
    return this.#view;
  }

  /** Begins anew, without a way back. */
  reset(focus: number): void {
    this.#view = wholeOf(focus);
    this.#trail = [];
  }

  /** Goes to a view, from which `back` leads to the one now. */
  go(view: View): void {
    if (sameView(view, this.#view)) return;
    this.#trail.push(this.#view);
    this.#view = view;
  }

  /** Moves within the focus; `back` does not lead here. */
  drift(view: View): void {
    this.#view = view;
  }

  /**
   * One step back: to the last view that was wider, else to all of the focus, else to the root. Null at the root.
   * Where the way back depends on the callers of the focus, the source is asked.
   */
  async back(source: FlameSource): Promise<View | null> {
    const from = this.#view;
    if (from.focus === 0 && isWhole(from)) return null;
    const callers = new Set([0]);
    if (from.focus !== 0) {
      for (const { node } of await source.path(from.focus)) if (node !== from.focus) callers.add(node);
    }
    if (!sameView(from, this.#view)) return null;
    const wider = (view: View): boolean =>
      view.focus === from.focus ? view.x1 - view.x0 > from.x1 - from.x0 : callers.has(view.focus);
    let target = this.#trail.pop();
    while (target !== undefined && !wider(target)) target = this.#trail.pop();
    target ??= isWhole(from) ? wholeOf(0) : wholeOf(from.focus);
    this.#view = target;
    return target;
  }
}
