/**
 * Rows of the top table, paged from a source when they are looked at. After a change of order or search the former rows
 * stay until the first page of the new ones is there; answers that nobody waits for any more are dropped.
 */

import type { TopRow, TopSort } from '../engine/protocol.ts';
import type { TopSource } from './source.ts';

/** Rows of a page. */
export const PAGE = 200;
/** Pages kept of one order. */
const MOST_PAGES = 64;

/** In which order, and which. */
export interface Order {
  sort: TopSort;
  descending: boolean;
  search: string;
}

/** Who hears of rows. */
export interface RowCacheHost {
  /** Rows came, or their number changed; `fresh` when they are those of another source or order. */
  changed(fresh: boolean): void;
  failed(error: unknown): void;
}

/** Pages of one source in one order. */
class Rows {
  readonly source: TopSource;
  readonly order: Order;
  readonly pages = new Map<number, readonly TopRow[]>();
  readonly asked = new Set<number>();
  count = 0;

  constructor(source: TopSource, order: Order) {
    this.source = source;
    this.order = order;
  }

  page(number: number): Promise<{ rows: TopRow[]; count: number }> {
    const { sort, descending, search } = this.order;
    return this.source.top(sort, descending, number * PAGE, PAGE, search);
  }
}

/** The rows of one table. */
export class RowCache {
  readonly #host: RowCacheHost;
  /** What is shown, and what will be shown instead once its first page is there. */
  #shown: Rows | null = null;
  #next: Rows | null = null;

  constructor(host: RowCacheHost) {
    this.#host = host;
  }

  /** Number of rows; null before the first answer. */
  get count(): number | null {
    return this.#shown?.count ?? null;
  }

  /** The source of the shown rows. */
  get source(): TopSource | null {
    return this.#shown?.source ?? null;
  }

  /** True while other rows than the shown ones are under way. */
  get waiting(): boolean {
    return this.#next !== null;
  }

  /** Shows another source or another order, from about row `near` on. */
  use(source: TopSource | null, order: Order, near: number): void {
    if (source === null) {
      this.#shown = null;
      this.#next = null;
      this.#host.changed(true);
      return;
    }
    this.#next = new Rows(source, order);
    void this.#load(this.#next, Math.floor(near / PAGE));
  }

  /** A row, or undefined while it is under way. */
  row(index: number): TopRow | undefined {
    const rows = this.#shown;
    if (rows === null || index < 0 || index >= rows.count) return undefined;
    const number = Math.floor(index / PAGE);
    const page = rows.pages.get(number);
    if (page === undefined) {
      void this.#load(rows, number);
      return undefined;
    }
    return page[index % PAGE];
  }

  /** Rows [from, until), whether they were looked at or not. */
  async range(from: number, until: number): Promise<TopRow[]> {
    const rows = this.#shown;
    if (rows === null) return [];
    const { sort, descending, search } = rows.order;
    const page = await rows.source.top(sort, descending, from, until - from, search);
    return page.rows;
  }

  async #load(rows: Rows, number: number): Promise<void> {
    if (rows.asked.has(number)) return;
    rows.asked.add(number);
    try {
      const page = await rows.page(number);
      if (rows !== this.#shown && rows !== this.#next) return;
      rows.pages.set(number, page.rows);
      rows.count = page.count;
      this.#trim(rows, number);
      const fresh = rows === this.#next;
      if (fresh) {
        this.#shown = rows;
        this.#next = null;
      }
      this.#host.changed(fresh);
    } catch (error) {
      rows.asked.delete(number);
      if (rows !== this.#shown && rows !== this.#next) return;
      if (rows === this.#next) this.#next = null;
      this.#host.failed(error);
    }
  }

  #trim(rows: Rows, keep: number): void {
    for (const number of rows.pages.keys()) {
      if (rows.pages.size <= MOST_PAGES) return;
      if (number === keep) continue;
      rows.pages.delete(number);
      rows.asked.delete(number);
    }
  }
}
