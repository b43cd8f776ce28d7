/** What crosses between the engine's worker and those that merge shards of its queries, through a port for each of them. */

import type { Selection } from './protocol.ts';

/** Asks for the part of one of `of` shards of a query, as of a generation of the store; or gives such a question up. */
export type ShardAsked = { id: number; selection: Selection; index: number; of: number; generation: number } | { cancel: number };

/** The part, or null where there is none. */
export interface ShardAnswered {
  id: number;
  part: Uint8Array | null;
}
