/**
 * Rows of one height, of which only those in view exist: what the top table needs of `@tanstack/virtual-core`, under its
 * names, in a twentieth of its size. `vite.report.config.ts` puts it in its place, because the whole of a report is in
 * every file.
 */

import type { VirtualItem, VirtualizerOptions } from '@tanstack/virtual-core';

type Options = VirtualizerOptions<HTMLElement, HTMLElement>;
type Item = Pick<VirtualItem, 'index' | 'start'>;

/** These watch the scroller in the library; here the virtualizer does. */
export const elementScroll = null;
export const observeElementOffset = null;
export const observeElementRect = null;

/** The rows of one scroller. */
export class Virtualizer {
  options: Options;
  scrollRect: { height: number } = { height: 0 };
  #top = 0;

  constructor(options: Options) {
    this.options = options;
  }

  /** Follows the scroller until the answer is called. */
  _didMount(): () => void {
    const scroller = this.options.getScrollElement();
    if (scroller === null) return () => undefined;
    const scrolled = (): void => {
      this.#top = scroller.scrollTop;
      this.#changed();
    };
    const observer = new ResizeObserver(() => {
      this.scrollRect = { height: scroller.clientHeight };
      this.#changed();
    });
    scroller.addEventListener('scroll', scrolled, { passive: true });
    observer.observe(scroller);
    return () => {
      scroller.removeEventListener('scroll', scrolled);
      observer.disconnect();
    };
  }

  _willUpdate(): void {
    this.#top = Math.min(this.#top, Math.max(0, this.getTotalSize() - this.scrollRect.height));
  }

  setOptions(options: Options): void {
    this.options = options;
  }

  get #size(): number {
    return this.options.estimateSize(0);
  }

  get #before(): number {
    return this.options.paddingStart ?? 0;
  }

  /** First and last row in view; null without rows. */
  get range(): { startIndex: number; endIndex: number } | null {
    const { count } = this.options;
    if (count === 0) return null;
    const at = (y: number): number => Math.max(0, Math.min(count - 1, Math.floor((y - this.#before) / this.#size)));
    return { startIndex: at(this.#top), endIndex: at(this.#top + this.scrollRect.height) };
  }

  getVirtualItems(): Item[] {
    const { range } = this;
    if (range === null) return [];
    const { overscan = 1, count } = this.options;
    const first = Math.max(0, range.startIndex - overscan);
    const last = Math.min(count - 1, range.endIndex + overscan);
    return Array.from({ length: last - first + 1 }, (_, row) => ({ index: first + row, start: this.#before + (first + row) * this.#size }));
  }

  getTotalSize(): number {
    return this.#before + this.options.count * this.#size;
  }

  /** Scrolls as little as brings a row into view. */
  scrollToIndex(index: number): void {
    const scroller = this.options.getScrollElement();
    if (scroller === null) return;
    const top = this.#before + index * this.#size;
    const hidden = this.options.scrollPaddingStart ?? 0;
    if (top - hidden < scroller.scrollTop) scroller.scrollTop = top - hidden;
    else if (top + this.#size > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + this.#size - scroller.clientHeight;
  }

  #changed(): void {
    this.options.onChange?.(this as never, false);
  }
}
