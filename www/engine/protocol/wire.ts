/** Messages between the page and a worker. */

import type { EngineMethods } from './methods.ts';
import type { QueryResult } from './results.ts';
import type { EngineStatus } from './status.ts';
import type { EngineErrorShape } from './values.ts';

export const PROTOCOL_VERSION = 1;

/** How far a call is; only calls that take longer than people notice say so. */
export interface CallProgress {
  /** Profiles done, and of how many; the total is 0 where it is not known. */
  done: number;
  total: number;
  /** Of a query, what was merged so far: a result of `done` profiles with a handle of its own. */
  partial?: QueryResult;
}

/** Page to worker. */
export interface Request {
  id: number;
  /**
   * `cancel` gives up the call whose id is its parameter, which is then answered with `cancelled`. `shard` says how large
   * queries are merged, `addShards` hands over the ports of the workers that merge shards, `dropShards` says that they are gone;
   * `serve` opens a storage in such a worker for the port it gets.
   */
  method: keyof EngineMethods | 'decode' | 'next' | 'encode' | 'outputFormats' | 'init' | 'cancel' | 'shard' | 'addShards' | 'dropShards' | 'serve';
  params: unknown[];
}

/** Worker to page. */
export type Reply =
  | { id: number; result: unknown }
  | { id: number; error: EngineErrorShape; fatal?: boolean }
  | { id: number; progress: CallProgress }
  | { event: 'state'; status: EngineStatus }
  | { event: 'committed'; generation: number }
  | { event: 'named'; handle: number }
  /** Workers that merge shards are needed, or were not for a while. */
  | { event: 'wantsShards' }
  | { event: 'shardsIdle' }
  /** How far `verify` is, in bytes. */
  | { event: 'verifying'; done: number; total: number }
  /** Names of C++ stay as they are: what reads them could not be fetched. */
  | { event: 'unnamed'; message: string };
