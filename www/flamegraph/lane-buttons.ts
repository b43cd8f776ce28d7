/**
 * The names of the lanes of a chart over time as buttons that fold and unfold them, over the rows that the lanes begin with. Those in
 * view are in the document, and the one with the focus; one of them is on the way of the Tab key, the arrows lead from lane to lane.
 */

import type { TimeLane } from '../engine/protocol.ts';
import { ROW_HEIGHT } from './viewport.ts';

/** Detail of `eg-lane`. */
export interface LaneDetail {
  name: string;
  /** It is to be folded, or unfolded. */
  fold: boolean;
}

/** What happens elsewhere. */
export interface LaneButtonsHost {
  fold(detail: LaneDetail): void;
  /** Brings a level into view. */
  reveal(level: number): void;
}

/** The buttons of one graph. */
export class LaneButtons {
  readonly #root: HTMLElement;
  readonly #host: LaneButtonsHost;
  readonly #buttons = new Map<number, HTMLButtonElement>();
  #lanes: readonly TimeLane[] = [];
  /** The lane that the Tab key leads to. */
  #current = 0;
  #painted = '';

  /** @param root an empty element over the rows */
  constructor(root: HTMLElement, host: LaneButtonsHost) {
    this.#root = root;
    this.#host = host;
    root.addEventListener('click', (event) => {
      const at = this.#at(event);
      const lane = this.#lanes[at];
      if (lane !== undefined) this.#fold(at, !lane.isFolded);
    });
    root.addEventListener('keydown', (event) => this.#key(event));
    root.addEventListener('focusin', (event) => {
      this.#current = Math.max(0, this.#at(event));
      this.#aim();
    });
  }

  /** Takes the lanes of another source; of lanes of the same names the buttons stay, and with them the focus. */
  use(lanes: readonly TimeLane[]): void {
    const same = lanes.length === this.#lanes.length && lanes.every(({ name }, at) => name === this.#lanes[at]?.name);
    this.#lanes = lanes;
    this.#painted = '';
    if (same) return;
    this.#buttons.clear();
    this.#root.replaceChildren();
    this.#current = 0;
  }

  /** Places what is in view. */
  place(scrollTop: number, height: number): void {
    const key = `${scrollTop} ${height}`;
    if (key === this.#painted) return;
    this.#painted = key;
    const shown = new Set(this.#lanes.flatMap(({ level }, at) => ((level + 1) * ROW_HEIGHT > scrollTop && level * ROW_HEIGHT < scrollTop + height ? [at] : [])));
    const held = this.#focused;
    for (const [at, button] of this.#buttons) {
      if (shown.has(at) || at === held) continue;
      button.remove();
      this.#buttons.delete(at);
    }
    let before: Element | null = null;
    for (const at of [...new Set([...shown, ...(held < 0 ? [] : [held])])].sort((a, b) => a - b)) {
      const lane = this.#lanes[at];
      if (lane === undefined) continue;
      const button = this.#buttons.get(at) ?? this.#make(at);
      button.ariaExpanded = String(!lane.isFolded);
      button.style.transform = `translateY(${lane.level * ROW_HEIGHT - scrollTop}px)`;
      const next: Element | null = before === null ? this.#root.firstElementChild : before.nextElementSibling;
      if (next !== button) this.#root.insertBefore(button, next);
      before = button;
    }
    if (!shown.has(this.#current) && this.#current !== held) this.#current = Math.max(0, Math.min(...shown));
    this.#aim();
  }

  get #focused(): number {
    const root = this.#root.getRootNode() as Document | ShadowRoot;
    for (const [at, button] of this.#buttons) if (button === root.activeElement) return at;
    return -1;
  }

  #make(at: number): HTMLButtonElement {
    const { name = '' } = this.#lanes[at] ?? {};
    const button = document.createElement('button');
    button.type = 'button';
    button.ariaLabel = name;
    // Where there is no room the end stays, which tells threads apart.
    const end = name.lastIndexOf(', ') + 1 || name.length;
    for (const part of [name.slice(0, end), name.slice(end)]) button.append(Object.assign(document.createElement('span'), { textContent: part }));
    button.title = `${name}\nA click folds and unfolds the lane`;
    button.dataset['lane'] = String(at);
    this.#buttons.set(at, button);
    return button;
  }

  #aim(): void {
    for (const [at, button] of this.#buttons) button.tabIndex = at === this.#current ? 0 : -1;
  }

  #at({ target }: Event): number {
    const lane = target instanceof Element ? target.closest<HTMLElement>('[data-lane]')?.dataset['lane'] : undefined;
    return lane === undefined ? -1 : Number(lane);
  }

  #fold(at: number, fold: boolean): void {
    const lane = this.#lanes[at];
    if (lane !== undefined && lane.isFolded !== fold) this.#host.fold({ name: lane.name, fold });
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const at = this.#at(event);
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      event.preventDefault();
      this.#fold(at, event.key === 'ArrowLeft');
      return;
    }
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: this.#lanes.length - 1 }[event.key];
    const lane = to === undefined ? undefined : this.#lanes[to];
    if (to === undefined) return;
    event.preventDefault();
    if (lane === undefined) return;
    this.#current = to;
    // It is there before it is scrolled to.
    if (!this.#buttons.has(to)) this.#root.append(this.#make(to));
    this.#buttons.get(to)?.focus({ preventScroll: true });
    this.#painted = '';
    this.#host.reveal(lane.level);
  }
}
