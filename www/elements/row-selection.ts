/** Selected rows of a table: a range between where the selection began and the active row. */

/** The row that a key leads to from `row`, of `count` rows shown `page` at a time; null for other keys. */
export function rowFor(key: string, row: number, page: number, count: number): number | null {
  const to = { ArrowUp: row - 1, ArrowDown: row + 1, PageUp: row - page, PageDown: row + page, Home: 0, End: count - 1 }[key];
  return to === undefined ? null : Math.max(0, Math.min(count - 1, to));
}

/** A range of rows. Without a selection the active row is -1. */
export class RowSelection {
  #anchor = -1;
  #active = -1;

  /** The row that keys move. */
  get active(): number {
    return this.#active;
  }

  /** First selected row. */
  get from(): number {
    return Math.max(0, Math.min(this.#anchor, this.#active));
  }

  /** One past the last selected row. */
  get until(): number {
    return Math.max(this.#anchor, this.#active) + 1;
  }

  has(row: number): boolean {
    return this.#active >= 0 && row >= this.from && row < this.until;
  }

  /** Makes a row the active one; with `extend` the rows up to it are selected. */
  go(row: number, extend: boolean): void {
    this.#active = row;
    if (!extend || this.#anchor < 0) this.#anchor = row;
  }

  /** Selects all of `count` rows. */
  all(count: number): void {
    this.#anchor = 0;
    this.#active = count - 1;
  }

  clear(): void {
    this.#anchor = -1;
    this.#active = -1;
  }

  /** The row that a key leads to, of `count` rows shown `page` at a time; null for other keys. */
  step(key: string, page: number, count: number): number | null {
    // The first press shows the first row.
    return rowFor(key, key === 'ArrowDown' ? this.#active : Math.max(0, this.#active), page, count);
  }
}
