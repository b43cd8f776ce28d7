/** What decoders and encoders take and give. */

import type { EngineErrorShape, LabelPair, Warning } from './values.ts';

/** What the page knows of an input beside its bytes. */
export interface SourceInfo {
  /** Path as dropped (`folder/file.pb.gz`) or the file's name. */
  name: string;
  /** Size of the file, as it was. */
  bytes: number;
  /** Last modification in ms since the epoch, if the platform tells. */
  modifiedMs: number | null;
  /** When the import began, ms since the epoch. */
  importedMs: number;
  /** Labels given by the user; they win over what the file says. */
  labels: LabelPair[];
  /** `{service_name}/{region}/`: labels taken from leading folders of `name`. */
  pathTemplate: string | null;
}

/** What decoding one file gave; `batch` goes to the engine as it is. */
export interface Decoded {
  batch: Uint8Array;
  format: string;
  profiles: number;
  warnings: Warning[];
}

/** One file under decoding: itself, or a member of the archive that it is. */
export interface Member {
  /** Name of the file; for a member followed by the path in the archive. */
  name: string;
  /** Size; of a member as unpacked. */
  bytes: number;
  /** Last modification of a member in ms since the epoch, if the archive tells. */
  modifiedMs: number | null;
  /** False for the file itself. */
  archived: boolean;
  /** What it holds; null where `error` says why not. */
  decoded: Decoded | null;
  error: EngineErrorShape | null;
}

/** A file that decoders read piece by piece, as they need it: never all of it at once. */
export interface FileAccess {
  /** Size in bytes. */
  readonly size: number;
  /** The bytes from `offset` on: `length` of them, or what is left. Throws an `Error` whose message people read. */
  read(offset: number, length: number): Uint8Array;
}

/** What encoding gave: the bytes of a file, and what could not be said in its format. */
export interface Encoded {
  bytes: Uint8Array;
  warnings: Warning[];
}

/** The answer to an ingest: sent only after the commit that holds it is durable. */
export interface IngestReceipt {
  /** False when the same bytes with the same labels, types and times were stored before. */
  stored: boolean;
  service: string;
  /** Type to show first. */
  defaultType: string;
  /** Range of the profiles of this file: [from, until), ns. */
  from: bigint;
  until: bigint;
  /** Profiles (series x time) written. */
  profiles: number;
  /** Where `from` comes from: the file, its modification time, or the time of import. */
  timeSource: 'file' | 'modified' | 'imported';
}

/** A format that results and files are written in. */
export interface OutputFormat {
  /** What `encode` and `--to` take. */
  name: string;
  /** What a person calls such a file. */
  description: string;
  /** Endings of file names, without the first dot; the first is given to new files. */
  extensions: string[];
  mediaType: string;
  /** Whether one file holds profiles of several types and threads. */
  holdsMany: boolean;
}

/** What a report says about where its numbers come from. */
export interface ReportFacts {
  title?: string;
  /** Matchers. */
  selection?: string;
  /** Profiles merged. */
  profiles?: number;
  /** The range, ns. */
  from?: bigint | null;
  until?: bigint | null;
}
