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
  /** `cancel` gives up the call whose id is its parameter, which is then answered with `cancelled`. */
  method: keyof EngineMethods | 'decode' | 'next' | 'encode' | 'outputFormats' | 'init' | 'cancel';
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
  /** How far `verify` is, in bytes. */
  | { event: 'verifying'; done: number; total: number }
  /** Names of C++ stay as they are: what reads them could not be fetched. */
  | { event: 'unnamed'; message: string };
