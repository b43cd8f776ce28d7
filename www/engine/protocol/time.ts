/** Answers over time: series, heat maps, timelines and time charts. */

import type { Missing, QueryResult } from './results.ts';

/** Totals over time for the time line. Empty steps hold 0. */
export interface SeriesResult {
  /** Start of the first step, ns. */
  start: bigint;
  /** Step, ns. */
  step: bigint;
  /** Sum (or average) per step; exact up to 2^53, for drawing. */
  values: Float64Array;
  /** Profiles per step. */
  profiles: Uint32Array;
  /** What of the selection can't be read. */
  missing: Missing | null;
}

/** Totals over time of one value of some labels, or of several. */
export interface SeriesGroup {
  /** Names and values, by name. */
  labels: [name: string, value: string][];
  /** As in `SeriesResult`. */
  values: Float64Array;
  profiles: Uint32Array;
}

/** Totals over time by labels. */
export interface GroupedSeries {
  /** Start of the first step, ns. */
  start: bigint;
  /** Step, ns. */
  step: bigint;
  /** By falling sum. */
  groups: SeriesGroup[];
  /** The groups beyond these as one, and how many they are; null if there are none. */
  rest: (SeriesGroup & { count: number }) | null;
  missing: Missing | null;
}

/** How a selection is cut into the cells of a heat map. */
export interface HeatMapRequest {
  /** Length of a step, ns; without it a round one with which there are at most `steps` (240 without it). */
  step?: bigint;
  steps?: number;
  /** Most rows; 20 without it. */
  rows?: number;
  /** Labels whose values are the rows: cells count sample records then. Without it rows are ranges of values, and cells count profiles. */
  groupBy?: string;
}

/** A row of a heat map: values in [`from`, `until`), times 10^-`scale`, or labels. */
export type HeatMapRow = { from: bigint; until: bigint; scale: number } | { labels: [name: string, value: string][] };

/**
 * How dense a selection is over time. A profile whose format has a time for each record counts in every step in which it has some,
 * so that steps may be shorter than profiles.
 */
export interface HeatMap {
  /** Start of the first step, ns. */
  start: bigint;
  /** Step, ns. */
  step: bigint;
  profiles: number;
  /** The least values first, or the labels with the most records. */
  rows: HeatMapRow[];
  /** Counts of the first row by step, then of the next. */
  counts: Float64Array;
  missing: Missing | null;
}

/** One profile with its records in order of time. Its result is kept as any other; nodes are those of the result. */
export interface Timeline {
  result: QueryResult;
  records: number;
  /** Whether times are since the epoch or of the source's own clock. */
  clock: 'epoch' | 'source';
  /** Time of the first and of the last record, ns. */
  first: bigint;
  last: bigint;
}

/**
 * A selection as stacks over time: a lane for each thread (or series without one), in it the calls from their begin to their end. It is a result whose
 * nodes are lanes and calls in order of time, with their time in nanoseconds as value; the root is as wide as all of it.
 */
export interface TimeChart {
  result: QueryResult;
  /** Time of the left and of the right edge, ns since the epoch. */
  first: bigint;
  last: bigint;
  /** Whether times are the clock's; `source`: the files do not say when they were recorded. */
  clock: 'epoch' | 'source';
  lanes: TimeLane[];
  /** Profiles beyond those that a chart holds. */
  leftOut: number;
  /** Profiles without a time for each record. */
  untimed: number;
  /** Levels beyond those that a chart holds. */
  levelsLeftOut: number;
}

/** A lane of a chart over time. */
export interface TimeLane {
  node: number;
  name: string;
  /** The root's is 0. */
  level: number;
  isFolded: boolean;
}

/** Which lanes of a chart are folded: those of `names`, or all but those. */
export interface FoldRequest {
  all: boolean;
  names: readonly string[];
}

/** A chart over time with folded lanes, which have one row with their outermost calls. A result of its own. */
export interface FoldedChart {
  result: QueryResult;
  lanes: TimeLane[];
}

/** Records in order of time, one row a record. */
export interface TimelinePage {
  /** Nanoseconds. */
  time: BigInt64Array;
  /** Node of the result that the record counts to; 0xffffffff where its stack's values add up to 0. */
  node: Uint32Array;
  /** Value, times 10^-scale of the result. */
  value: BigInt64Array;
}
