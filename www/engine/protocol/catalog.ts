/** What is stored: services, types, labels, inputs and profiles. */

import type { IngestReceipt } from './files.ts';
import type { Aggregation } from './selection.ts';
import type { LabelPair, Warning } from './values.ts';

/** One profile type of one service. */
export interface CatalogType {
  id: string;
  sampleType: string;
  unit: string;
  aggregation: Aggregation;
  profiles: number;
  /** Start of the first profile, ns. */
  from: bigint;
  /** One past the start of the last profile, ns: [from, until) holds them all. */
  until: bigint;
  /** The type the service's own profiles name as default, else the last sample type. */
  isDefault: boolean;
}

/** One service: all series with that `service_name`. */
export interface CatalogService {
  name: string;
  profiles: number;
  from: bigint;
  until: bigint;
  types: CatalogType[];
}

/** What is stored: services sorted by name. */
export interface Catalog {
  generation: number;
  profiles: number;
  /** Bytes of all stored sections. */
  storedBytes: number;
  services: CatalogService[];
  /** What can't be read, one sentence a block; its profiles are not among the services. */
  damaged: string[];
}

/** One input that stored profiles come from. */
export interface Upload {
  id: string;
  /** Path as dropped; of a member of an archive the archive's, followed by the path in it. */
  name: string;
  format: string;
  /** Size of the file, as it was. */
  bytes: number;
  /** When the import began, ms since the epoch. */
  importedMs: number;
  timeSource: IngestReceipt['timeSource'];
  /** Profiles that are stored of it. */
  profiles: number;
  /** Their types, sorted. */
  types: string[];
  /** Labels that all of them have, with the same value. */
  labels: LabelPair[];
  /** Names of labels of some of them, or with different values. */
  varying: string[];
  /** Range of their starts: [from, until), ns. */
  from: bigint;
  until: bigint;
  warnings: Warning[];
}

/** Values of one label among the series of a selection, with the profiles that carry them. */
export interface LabelValues {
  name: string;
  values: { value: string; profiles: number }[];
}

/** One stored profile of a selection. */
export interface StoredProfile {
  /** Names it, whatever is stored beside it. */
  id: string;
  labels: LabelPair[];
  start: bigint;
  /** Nanoseconds; 0 where unknown. */
  duration: bigint;
  /** Sum of the values, times 10^-scale. */
  total: bigint;
  scale: number;
  /** Sample records. */
  records: number;
  /** Name of the input it comes from. */
  source: string;
}

/** Profiles by start; `count` is their number in all. */
export interface ProfilePage {
  rows: StoredProfile[];
  count: number;
}

/** A file as an import knows it. */
export interface FileName {
  /** Path as dropped. */
  name: string;
  bytes: number;
}
