/** Which profiles a question is about, and what can be told before it is asked. */

import type { Missing } from './results.ts';

/** Which profiles: a profile type, label matchers, and a half-open range of start times in nanoseconds. */
export interface Selection {
  /** Five-part profile type id, e.g. `process_cpu:cpu:nanoseconds:cpu:nanoseconds`. */
  profileType: string;
  /** `{service_name="shop", region=~"eu-.*"}`; `{}` selects all. */
  matchers: string;
  /** Inclusive; `null` is open. */
  from: bigint | null;
  /** Exclusive; `null` is open. */
  until: bigint | null;
  /**
   * Of profiles that have a time for each sample only those count whose time is in the range, wherever the profile starts;
   * only queries, time charts and estimates take it.
   */
  cutSamples?: boolean;
  /** Frame filters in their order, such as `hide:/^runtime/` (docs/queries.md); only queries, time charts and series take them. */
  filters?: string[];
  /** What frames are told apart by, `thread` functions below threads; only queries, series and heat maps take it. */
  granularity?: 'function' | 'file' | 'line' | 'package' | 'binary' | 'thread';
}

/** Whether values of a type add up over time or are averaged over it. */
export type Aggregation = 'sum' | 'average';

/** Which profiles an export or a deletion takes. */
export interface StoredSelection extends Selection {
  /** Ids of uploads: only profiles of these. */
  uploads?: string[];
}

/** A selector that is being written, and a position in it. */
export interface CompletionRequest {
  text: string;
  /** As JavaScript counts: UTF-16 code units. */
  at: number;
  /** Type of the profiles that count where the text names none; without it all. */
  profileType?: string;
  /** Range of starts of the profiles that count, ns. */
  from?: bigint | null;
  until?: bigint | null;
  /** Most candidates. */
  limit: number;
}

/**
 * `type` also stands for a service, a dot and a sample type; behind a `service` the dot and the sample type are still
 * missing; `metadata` is a name that metadata of profiles is matched by.
 */
export type CandidateKind = 'type' | 'service' | 'name' | 'metadata' | 'operator' | 'value' | 'punctuation';

/** Something that can stand at a position. */
export interface Candidate {
  /** As it is shown. */
  text: string;
  /** As it is written in the place of [start, end): quoted and escaped where it must be. */
  insert: string;
  kind: CandidateKind;
  /** Profiles that have it among those that the rest of the text selects; 0 for operators and punctuation. */
  profiles: number;
}

/** What can stand at a position of a selector. */
export interface Completion {
  /** What a candidate stands in the place of, in UTF-16 code units. */
  start: number;
  end: number;
  /** In words, as errors have it; to be shown where there are no candidates. */
  expected: string;
  /** What is wanted first. Candidates of other kinds are what can stand behind something that is whole. */
  kind: CandidateKind;
  /** What begins with what is typed, then what has it elsewhere; the most profiles first. */
  candidates: Candidate[];
  /** How many more there are. */
  more: number;
}

/** What a query would read, and what it would answer about. */
export interface Estimate {
  /** Profiles (series x time). */
  profiles: number;
  series: number;
  blocks: number;
  /** Sums over steps of time that would be read in the place of profiles, and how many profiles these hold. */
  rollups: number;
  rolledUp: number;
  /** Bytes of the rows that would be decoded. */
  rowBytes: number;
  /** Stored bytes of all that would be needed, and how many of them are in memory. */
  bytes: number;
  cachedBytes: number;
  /** Most nodes that the answer can have; null where only reading would tell. */
  nodes: number | null;
  missing: Missing | null;
  /** The range that would be read, where it is wider than the selection's. */
  widened: { from: bigint; until: bigint } | null;
}

/** What the series of a selection are told apart by. */
export interface Cardinality {
  /** Types and labels that are different. */
  series: number;
  profiles: number;
  /** The label with the most values first; of each the values of the most series. */
  labels: {
    name: string;
    values: number;
    series: number;
    top: { value: string; series: number; profiles: number }[];
  }[];
  /** Profiles of a series: the least, that of the series in the middle, the most. */
  profilesPerSeries: { least: number; median: number; most: number };
  /** The series with the most profiles. */
  largest: { type: string; labels: Record<string, string>; profiles: number }[];
}
