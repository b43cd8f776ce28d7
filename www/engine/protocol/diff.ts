/** Tables of a diff. */

/** What became of something: the base has none of it, the head has none of it, or both have. */
export type Change = 'new' | 'gone' | 'grown' | 'shrunk' | 'same';

/**
 * Of a diff that is not normalised the changes are those of values, not of shares. `totalP` is of functions only; rows without a
 * probability come last either way.
 */
export type DiffSort = 'totalChange' | 'selfChange' | 'self' | 'total' | 'baseSelf' | 'baseTotal' | 'name' | 'totalP';

/** Which rows of a diff's functions. `pattern` as of `search`; empty: all. */
export interface DiffTopRequest {
  sort: DiffSort;
  descending: boolean;
  offset: number;
  limit: number;
  pattern: string;
  filter: 'all' | Exclude<Change, 'same'>;
  /** Only functions that changed significantly; of no effect before `significance` was asked. */
  significant?: boolean;
}

/** One function name of a diff: of the head `self` and `total`. */
export interface DiffTopRow {
  /** Row of its first function in the result. */
  function: number;
  name: string;
  /** Where it is: empty and 0 where unknown. */
  file: string;
  line: number;
  package: string;
  change: Change;
  baseSelf: bigint;
  self: bigint;
  baseTotal: bigint;
  total: bigint;
  /** Share of the head's total minus share of the base's, from -1 to 1. */
  selfChange: number;
  totalChange: number;
  /**
   * Adjusted probability that the share of the self value, or of the total, differs as much by chance; null before `significance`
   * was asked, or without enough inputs.
   */
  selfP: number | null;
  totalP: number | null;
}

/** One node of a diff. */
export interface DiffNodeRow extends Omit<DiffTopRow, 'function' | 'selfP' | 'totalP'> {
  node: number;
}

/** A page of a diff's nodes; `count` is the number of rows in all. */
export interface DiffNodesPage {
  rows: DiffNodeRow[];
  count: number;
}

/** Fewest inputs on each side of a comparison for `significance` to say something. */
export const FEWEST_INPUTS = 8;

/** Up to this a probability counts as significant. */
export const SIGNIFICANT = 0.05;

/**
 * How sure the changes of a diff's functions are: Welch's t-test over the share that a function has of each input, two-sided,
 * adjusted for the number of functions (Benjamini and Hochberg). A probability of at most 0.05 counts as significant.
 */
export interface SignificanceAnswer {
  baseInputs: number;
  headInputs: number;
  /** Fewest inputs on each side. */
  fewest: number;
  /** Whether there are enough on both sides: else nothing is said of any function. */
  enough: boolean;
  /** Functions that changed significantly. */
  changed: number;
}

/** A page of a diff's functions; `count` is the number of rows in all (after `pattern` and `filter`). */
export interface DiffTopPage {
  rows: DiffTopRow[];
  count: number;
}
