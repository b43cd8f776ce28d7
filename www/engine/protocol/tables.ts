/** Tables of a result: functions, nodes, stacks, lines and calls. */

/** One child of a node, a row of a call tree. */
export interface ChildRow {
  node: number;
  name: string;
  file: string;
  line: number;
  package: string;
  /** As in a draw list. */
  color: number;
  self: bigint;
  total: bigint;
  hasChildren: boolean;
  /** Of a diff, the values of the base; else null. */
  baseSelf: bigint | null;
  baseTotal: bigint | null;
}

/** A page of the children of a node; `count` is their number in all. */
export interface ChildrenPage {
  rows: ChildRow[];
  count: number;
}

/** One whole stack. */
export interface StackRow {
  /** Node in which it ends; null in the views `inverted` and `callers`. */
  node: number | null;
  /** Names, outermost function first; of a deep stack the 512 innermost. */
  stack: string[];
  /** Functions in the stack. */
  depth: number;
  self: bigint;
}

/** A page of whole stacks, the heaviest first; `count` is their number in all. */
export interface StacksPage {
  rows: StackRow[];
  count: number;
}

/** One line of a function. */
export interface LineRow {
  /** Empty where unknown. */
  file: string;
  /** 0 where unknown. */
  line: number;
  /** Stored name; an inlined function has lines of its own. */
  function: string;
  self: bigint;
  /** Sum of the stacks through it, each counted once. */
  total: bigint;
}

/** A page of lines; `count` is their number in all. */
export interface LinesPage {
  rows: LineRow[];
  count: number;
}

/** One file of the source. */
export interface SourceFile {
  /** Its path as the profile has it; empty for all that has none. */
  file: string;
  /** Lines with a cost, those of each function counted. */
  lines: number;
  self: bigint;
  /** Sum of the stacks through it, each counted once. */
  total: bigint;
}

/** One line of a file, whichever functions it is of. */
export interface SourceLine {
  /** 0 where unknown. */
  line: number;
  self: bigint;
  /** Sum of the stacks through it, each counted once. */
  total: bigint;
  /** Functions that the line is of (several where it was inlined, or compiled more than once), the largest total first. */
  functions: LineRow[];
}

/** Calls of one function by another. */
export interface CallEdge {
  /** `function` of the rows. */
  caller: number;
  callee: number;
  /** Sum of the stacks with such a call, each counted once. */
  value: bigint;
}

/** The functions with the largest totals and the calls among them, by falling value. */
export interface CallGraphResult {
  functions: TopRow[];
  edges: CallEdge[];
  functionsLeftOut: number;
  edgesLeftOut: number;
}

/** One row of the top table. */
export interface TopRow {
  /** Row of the function in the result; stable for the handle. */
  function: number;
  name: string;
  file: string;
  line: number;
  /** Package the colour comes from. */
  package: string;
  color: number;
  self: bigint;
  total: bigint;
}

export type TopSort = 'self' | 'total' | 'name';

/** A page of the top table; `count` is the number of rows in all (after `search`). */
export interface TopPage {
  rows: TopRow[];
  count: number;
}
