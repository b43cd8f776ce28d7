/**
 * Rows of a table, paged from a source when they are looked at. After a change of order or search the former rows
 * stay until the first page of the new ones is there; answers that nobody waits for any more are dropped.
 */

/** Rows of a page. */
export const PAGE = 200;
/** Pages kept of one order. */
const MOST_PAGES = 64;

/** Who reads rows, and hears of them. `Order` says in which order, and which. */
export interface RowCacheHost<Source, Order, Row> {
  /** Rows [offset, offset + limit) of a source, and how many there are; `signal` aborts what nobody waits for any more. */
  read(source: Source, order: Order, offset: number, limit: number, signal: AbortSignal): Promise<{ rows: Row[]; count: number }>;
  /** Rows came, or their number changed; `fresh` when they are those of another source or order. */
  changed(fresh: boolean): void;
  failed(error: unknown): void;
}

/** Pages of one source in one order. */
class Rows<Source, Order, Row> {
  readonly source: Source;
  readonly order: Order;
  readonly pages = new Map<number, readonly Row[]>();
  readonly asked = new Set<number>();
  /** Aborts what is under way once these are neither shown nor to be shown. */
  readonly unwanted = new AbortController();
  count = 0;

  constructor(source: Source, order: Order) {
    this.source = source;
    this.order = order;
  }
}

/** The rows of one table. */
export class RowCache<Source, Order, Row> {
  readonly #host: RowCacheHost<Source, Order, Row>;
  /** What is shown, and what will be shown instead once its first page is there. */
  #shown: Rows<Source, Order, Row> | null = null;
  #next: Rows<Source, Order, Row> | null = null;

  constructor(host: RowCacheHost<Source, Order, Row>) {
    this.#host = host;
  }

  /** Number of rows; null before the first answer. */
  get count(): number | null {
    return this.#shown?.count ?? null;
  }

  /** The source of the shown rows. */
  get source(): Source | null {
    return this.#shown?.source ?? null;
  }

  /** True while other rows than the shown ones are under way. */
  get waiting(): boolean {
    return this.#next !== null;
  }

  /** Shows another source or another order, from about row `near` on. */
  use(source: Source | null, order: Order, near: number): void {
    this.#next?.unwanted.abort();
    if (source === null) {
      this.#shown?.unwanted.abort();
      this.#shown = null;
      this.#next = null;
      this.#host.changed(true);
      return;
    }
    this.#next = new Rows(source, order);
    void this.#load(this.#next, Math.floor(near / PAGE));
  }

  /** A row, or undefined while it is under way. */
  row(index: number): Row | undefined {
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
  async range(from: number, until: number): Promise<Row[]> {
    const rows = this.#shown;
    if (rows === null) return [];
    // Asked for by a person: what is shown meanwhile is another matter.
    return (await this.#host.read(rows.source, rows.order, from, until - from, new AbortController().signal)).rows;
  }

  async #load(rows: Rows<Source, Order, Row>, number: number): Promise<void> {
    if (rows.asked.has(number)) return;
    rows.asked.add(number);
    try {
      const page = await this.#host.read(rows.source, rows.order, number * PAGE, PAGE, rows.unwanted.signal);
      if (rows !== this.#shown && rows !== this.#next) return;
      rows.pages.set(number, page.rows);
      rows.count = page.count;
      this.#trim(rows, number);
      const fresh = rows === this.#next;
      if (fresh) {
        this.#shown?.unwanted.abort();
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

  #trim(rows: Rows<Source, Order, Row>, keep: number): void {
    for (const number of rows.pages.keys()) {
      if (rows.pages.size <= MOST_PAGES) return;
      if (number === keep) continue;
      rows.pages.delete(number);
      rows.asked.delete(number);
    }
  }
}
