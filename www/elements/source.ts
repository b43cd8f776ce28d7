/** What the top table reads from. */

import type { QueryResult, TopPage, TopSort } from '../engine/protocol.ts';

/** A result and the way to page through its functions. A source stands for one result: another result is another source. */
export interface TopSource {
  /** Handle of the result in the engine. */
  handle: number;
  result: QueryResult;
  /** Rows [offset, offset + limit) of the functions that match `search`, in that order; `signal` aborts what nobody waits for any more. */
  top(sort: TopSort, descending: boolean, offset: number, limit: number, search: string, signal?: AbortSignal): Promise<TopPage>;
}

/** In which order the functions, and which. */
export interface TopOrder {
  sort: TopSort;
  descending: boolean;
  search: string;
}

/** Reads rows for a `RowCache`. */
export function readTop(source: TopSource, { sort, descending, search }: TopOrder, offset: number, limit: number, signal: AbortSignal): Promise<TopPage> {
  return source.top(sort, descending, offset, limit, search, signal);
}
