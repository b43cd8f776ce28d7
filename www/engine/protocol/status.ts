/** How the engine and its store are. */

import type { BackendKind } from './storage.ts';

/** How safe the data is right now. */
export type StoreState = 'saved' | 'saving' | 'degraded' | 'read-only';

/** How the second copy stands to the first. */
export interface ReplicaStatus {
  backend: BackendKind;
  /** `parted`: each has something that the other lacks; `keepCopy` decides. */
  state: 'in-step' | 'behind' | 'primary-behind' | 'parted';
  /** What is wrong; empty where nothing is. */
  why: string;
  /** Since when, ms since the epoch; 0 where nothing is. */
  sinceMs: number;
}

/** What is in memory only, because the storage fails; it is stored as soon as that answers again. */
export interface UnsavedStatus {
  inputs: number;
  /** Size of the files. */
  bytes: number;
  code: string;
  why: string;
  sinceMs: number;
}

/**
 * `writer` writes for all tabs, a `reader` sends its writes to it; `alone` where the browser has no locks; `superseded`
 * when a tab with a newer page took over.
 */
export type TabRole = 'alone' | 'writer' | 'reader' | 'superseded';

/** Numbers for the storage page and the status line. */
export interface EngineStatus {
  state: StoreState;
  backend: BackendKind;
  /** The second copy, if there is one. */
  replica: ReplicaStatus | null;
  /** What the connection to the storage is doing: `refused` means that only a newer page can open it. */
  connection: 'open' | 'closed' | 'released' | 'opening' | 'waiting' | 'lost' | 'refused';
  /** What the browser said when it found the stored database unreadable and made an empty one in its place; null where it did not, or does not tell. */
  dropped: string | null;
  unsaved: UnsavedStatus | null;
  /** Whether this tab writes, or sends its writes to the one that does. */
  role: TabRole;
  /** When everything stored was read last (`verify`), ms since the epoch. */
  lastScrubMs: number | null;
  /** Sections that can't be used. */
  quarantined: number;
  generation: number;
  blocks: number;
  storedBytes: number;
  wasmBytes: number;
}
