/** Results of queries, their views and their nodes. */

import type { Aggregation } from './selection.ts';

/**
 * Where a top table comes from: the stacks; what the format states for each function (callgrind, pstats: their stacks are
 * estimates); or, where profiles of both kinds are merged, from both.
 */
export type TopFrom = 'stacks' | 'function-costs' | 'mixed';

/** How a result is looked at: from the root down, from the leaves up, from some functions up or down, or beside another. */
export type ResultView = 'flame' | 'inverted' | 'callers' | 'callees' | 'diff' | 'time';

/** A merged trie kept in the engine under `handle` until released (the engine keeps the 16 used last). */
export interface QueryResult {
  handle: number;
  profileType: string;
  sampleType: string;
  unit: string;
  aggregation: Aggregation;
  /** Profiles merged. */
  profiles: number;
  /** Sum of all values (samples with an empty stack included), times 10^-scale. */
  total: bigint;
  scale: number;
  nodes: number;
  /** Rows of its top table. */
  functions: number;
  /** Where its top table comes from. */
  topFrom: TopFrom;
  depth: number;
  /** True where some value is negative (a difference): box widths then follow absolute values. */
  negative: boolean;
  /** How it is looked at; `query` gives `flame`, `timeChart` `time`, `derive` the others. */
  view: ResultView;
  /** Of a diff, the total of the base, times 10^-scale; the other values are those of the head. Else null. */
  baseTotal: bigint | null;
  /** What of the selection can't be read, and is not in the numbers. */
  missing: Missing | null;
  /** The range that it is of, where that is wider than the selection's: of some profiles only sums over steps of time are left. */
  widened: { from: bigint; until: bigint } | null;
  /** Milliseconds spent in the engine. */
  elapsedMs: number;
}

/**
 * Another view of a result:
 * - `inverted`: all stacks from the leaves up, refined where `draw`, `node`, `children` and `resolve` look;
 * - `callers` and `callees`: stacks through functions of a pattern (as of `search`; `"name"` is a whole name), cut at the
 *   outermost of them: callers above it with the function below the root, and what it calls below it;
 * - `diff`: the nodes of `handle` (the head) and of `base`, of one unit. A box is as wide as the larger own values of the two
 *   below it; `normalised` compares shares, and then widens the base to the head's total.
 */
export type DeriveRequest =
  | { handle: number; kind: 'inverted' }
  | { handle: number; kind: 'callers' | 'callees'; pattern: string }
  | { handle: number; kind: 'diff'; base: number; normalised: boolean };

/** What the status line says about one box. */
export interface NodeInfo {
  node: number;
  name: string;
  systemName: string;
  file: string;
  line: number;
  package: string;
  binary: string;
  depth: number;
  self: bigint;
  total: bigint;
  children: number;
  /** Of a diff, the values of the base; else null. */
  baseSelf: bigint | null;
  baseTotal: bigint | null;
  /** In a chart over time, begin and end as shares of its width; else null. */
  span: [from: number, until: number] | null;
}

/** One step of a path, root first (the root itself is not part of it). */
export interface PathStep {
  node: number;
  /** Stored name of the function: what leads here again (`resolve`). */
  name: string;
  /** Its name as it is shown. */
  shown: string;
  total: bigint;
}

/**
 * What a search found: `/re/` is a regular expression, `"name"` a whole name as it stands between the outer quotes, everything
 * else a case-insensitive substring. In an inverted result nodes are those of the stacks from the root down.
 */
export interface SearchResult {
  /** Functions whose name or file matches. */
  functions: number;
  /** Nodes of those functions. */
  nodes: number;
  /** Sum of the matching stacks, each counted once. */
  sum: bigint;
}

/** Profiles that are stored, belong to an answer, and can't be read. */
export interface Missing {
  profiles: number;
  /** Some of them may not belong to the selection: their labels can't be read either. */
  atMost: boolean;
  from: bigint;
  until: bigint;
}
