/** A list of rows of one height of which only those in view are in the page; there may be a hundred thousand. */

import type { LitElement, ReactiveController } from 'lit';
import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from '@tanstack/virtual-core';
import type { VirtualItem } from '@tanstack/virtual-core';

/** Rows that are drawn beyond those in view. */
const OVERSCAN = 6;

/**
 * Which rows a view draws, and where. The view marks its elements: `.scroll`, in it `.rows`, and rows by `data-start`. A head
 * of some height that stays in view lies over the beginning of `.rows`.
 */
export class VirtualList implements ReactiveController {
  readonly #host: LitElement;
  readonly #height: number;
  readonly #head: number;
  #count = 0;
  #virtual: Virtualizer<HTMLElement, HTMLElement> | null = null;
  #unmount: (() => void) | null = null;

  constructor(host: LitElement, height: number, head = 0) {
    this.#host = host;
    this.#height = height;
    this.#head = head;
    host.addController(this);
  }

  /** Number of rows; say it before drawing. */
  set count(count: number) {
    this.#count = count;
    const virtual = this.#virtual;
    if (virtual === null || virtual.options.count === count) return;
    virtual.setOptions({ ...virtual.options, count });
    virtual._willUpdate();
  }

  /** The rows to draw. */
  get items(): VirtualItem[] {
    return this.#virtual?.getVirtualItems() ?? [];
  }

  /** The view may draw another one in its place. */
  get #scroll(): HTMLElement | null {
    return this.#host.querySelector<HTMLElement>('.scroll');
  }

  /** Begins to follow the element that scrolls, or looks at it again after it was hidden or drawn anew. */
  mount(): void {
    if (this.#virtual !== null) {
      this.#virtual._willUpdate();
      return;
    }
    if (this.#scroll === null) return;
    this.#virtual = new Virtualizer<HTMLElement, HTMLElement>({
      count: this.#count,
      getScrollElement: () => this.#scroll,
      estimateSize: () => this.#height,
      overscan: OVERSCAN,
      paddingStart: this.#head,
      scrollPaddingStart: this.#head,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => this.#host.requestUpdate(),
    });
    this.#unmount = this.#virtual._didMount();
    this.#virtual._willUpdate();
    this.#host.requestUpdate();
  }

  /** How many rows there is room for. */
  get page(): number {
    return Math.max(1, Math.floor(((this.#virtual?.scrollRect?.height ?? 0) - this.#head) / this.#height));
  }

  /** Scrolls a row into view. */
  reveal(row: number, align: 'auto' | 'center' | 'start' = 'auto'): void {
    this.#virtual?.scrollToIndex(row, { align });
  }

  hostDisconnected(): void {
    this.#unmount?.();
    this.#unmount = null;
    this.#virtual = null;
  }

  hostUpdated(): void {
    const rows = this.#host.querySelector<HTMLElement>('.rows');
    if (rows !== null) rows.style.height = `${this.#head + this.#count * this.#height}px`;
    for (const row of this.#host.querySelectorAll<HTMLElement>('[data-start]')) row.style.transform = `translateY(${row.dataset['start'] ?? 0}px)`;
  }
}
