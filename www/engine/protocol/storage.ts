/** What the store keeps, where, and what deleting, packing and checking it answers. */

/** The manifest as a store keeps it. */
export interface StoredManifest {
  generation: number;
  bytes: Uint8Array;
}

/** What a deletion did. */
export interface DeleteResult {
  profiles: number;
  /** Profiles of which only the samples went, and sums over steps of time stay. */
  summed: number;
}

/** What compacting did; all 0 if nothing was due or it is under way already. */
export interface CompactResult {
  /** Blocks that became fewer ones. */
  blocks: number;
  /** Bytes of their sections before, and of the new blocks' sections. */
  bytesBefore: number;
  bytesAfter: number;
}

/** What an export handed out so far. */
export interface ExportResult {
  blocks: number;
  profiles: number;
  /** Bytes of the file. */
  bytes: number;
  /** Blocks that could not be read, in words, and how many profiles they have at most. */
  leftOut: string[];
  leftOutProfiles: number;
  /** Stored bytes handed out, of how many. */
  done: number;
  total: number;
}

/** What importing a piece of a pack did. */
export interface ImportedBlock {
  profiles: number;
  /** Profiles that were stored before. */
  duplicates: number;
}

/** What importing a pack did so far. */
export interface PackImportResult extends ImportedBlock {
  /** Profiles of damaged blocks, which were left out. */
  damaged: number;
}

/** Where profiles are kept. `memory` forgets them with the page. */
export type BackendKind = 'indexeddb' | 'opfs' | 'directory' | 'memory';

/** One place for profiles; `directory` is one that the user picked, with permission to write. */
export interface StoragePlace {
  backend: BackendKind;
  directory?: FileSystemDirectoryHandle;
}

/** Where a database is. */
export interface DatabasePlace extends StoragePlace {
  name: string;
}

/** Limits of all profiles, or of one service's; null for none. */
export interface RetentionLimits {
  /** Profiles that started longer ago than this go. */
  maxAgeMs: number | null;
  /** Samples of profiles that started longer ago go, where sums over steps of time stay. */
  maxSampleAgeMs: number | null;
  /** Beyond so many bytes the oldest go. */
  maxBytes: number | null;
}

/** What may be dropped. Nothing goes that it does not name. */
export interface RetentionPolicy {
  all: RetentionLimits;
  /** By `service_name`; the age in place of that of all. */
  services: Record<string, RetentionLimits>;
  /** When the storage is full the oldest blocks make room; else what is new is refused. */
  evictWhenFull: boolean;
}

/** What a walk over everything stored found. */
export interface ScrubResult {
  /** When it ended, ms since the epoch. */
  atMs: number;
  sections: number;
  bytes: number;
  /** Sections that can't be used. */
  bad: number;
  /** Sections that the other copy replaced. */
  repaired: number;
}

/** A section that is kept out of answers. */
export interface QuarantinedSection {
  block: number;
  section: string;
  fault: string;
  /** Bytes, profiles and range (ns) of its block. */
  bytes: number;
  profiles: number;
  from: bigint;
  until: bigint;
}

/** What is stored, in numbers. */
export interface StorageReport {
  bytes: number;
  /** Profiles (series x time), those of blocks that can't be read included. */
  profiles: number;
  blocks: number;
  /** By how often blocks were merged: 0 for those of commits. */
  levels: { level: number; blocks: number; bytes: number; profiles: number }[];
  /** `bytes`: of each block as large a share as its rows are of all. */
  services: { service: string; profiles: number; bytes: number; from: bigint; until: bigint }[];
  quarantined: QuarantinedSection[];
  /** Sections that the other copy replaced since the database was opened. */
  repaired: number;
  lastScrub: ScrubResult | null;
  /** Blocks that were never merged. */
  backlog: { blocks: number; bytes: number };
  retention: RetentionPolicy;
}
