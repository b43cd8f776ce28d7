/**
 * What crosses between the page and the engine: the methods of the engine worker, the types of their
 * arguments and answers, and the layout of the buffers that carry columns.
 *
 * One word for one thing: the names here are the names in the Rust crates and on the command line.
 * 64-bit values (profile values, nanoseconds) are `bigint`; counts that stay below 2^53 are `number`.
 * `crates/wasm/src/engine.rs` is the other side; the table of methods in `engine-worker.ts` makes the compiler hold the two
 * together.
 */

/** Version of this protocol; a worker of another version is refused. */
export const PROTOCOL_VERSION = 1;

/** An error of the engine. `code` is stable (kebab-case); `offset` is a byte offset into the (inflated) input. */
export interface EngineErrorShape {
  code: string;
  message: string;
  offset: number | null;
}

/** A counted remark about an input that was accepted. */
export interface Warning {
  code: string;
  message: string;
  offset: number | null;
  count: number;
}

/** A label name and its value. */
export type LabelPair = [name: string, value: string];

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
   * only queries and estimates take it.
   */
  cutSamples?: boolean;
  /** Frame filters in their order, such as `hide:/^runtime/` (docs/queries.md); only queries and series take them. */
  filters?: string[];
  /** What frames are told apart by, `thread` functions below threads; only queries and series take it. */
  granularity?: 'function' | 'file' | 'line' | 'package' | 'binary' | 'thread';
}

/** Whether values of a type add up over time or are averaged over it. */
export type Aggregation = 'sum' | 'average';

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

/** Which profiles an export or a deletion takes. */
export interface StoredSelection extends Selection {
  /** Ids of uploads: only profiles of these. */
  uploads?: string[];
}

/** Values of one label among the series of a selection, with the profiles that carry them. */
export interface LabelValues {
  name: string;
  values: { value: string; profiles: number }[];
}

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

/** The manifest as a store keeps it. */
export interface StoredManifest {
  generation: number;
  bytes: Uint8Array;
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

/** What became of something: the base has none of it, the head has none of it, or both have. */
export type Change = 'new' | 'gone' | 'grown' | 'shrunk' | 'same';

export type DiffSort = 'totalChange' | 'selfChange' | 'self' | 'total' | 'baseSelf' | 'baseTotal' | 'name';

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

/** The visible part of the flame graph that the page asks for. */
export interface DrawRequest {
  /** Zoomed node; 0 is the root. */
  focus: number;
  /** Visible share of the focused node's width, 0 <= x0 < x1 <= 1. */
  x0: number;
  x1: number;
  /** Visible levels [depth0, depth1); level 0 is the root. The path from the root to `focus` is drawn full width. */
  depth0: number;
  depth1: number;
  /** Width of the drawing area, CSS pixels. */
  width: number;
  /** Boxes narrower than this are merged with their narrow neighbours, CSS pixels. */
  minWidth: number;
  /** Boxes narrower than this carry no name, CSS pixels. */
  nameWidth: number;
  /** Marks matching boxes; same syntax as `search`. Empty: none. */
  search: string;
}

/**
 * A draw list in one buffer, little endian:
 *
 * | part | type | content |
 * |---|---|---|
 * | header | u32 x 8 | magic `EGDL`, version (1, of diffs 2), boxes `n`, names `m`, bytes of names, deepest level below the focus, 0, 0 |
 * | self, total | i64 x n each | values of the box; of a merged box the sums; of a diff the head's |
 * | base | i64 x n | in version 2 only: totals of the base |
 * | x, width | f32 x n each | CSS pixels |
 * | node | u32 x n | node id; of a merged box its first node |
 * | depth | u32 x n | level, 0 is the root |
 * | count | u32 x n | siblings held by a merged box, else 1 |
 * | name | u32 x n | row of the names, or 0xffffffff |
 * | color | u16 x n | 0 runtime grey, 1..=COLOR_BUCKETS package hue; in version 2 the change, 1..=DIFF_COLORS |
 * | flags | u16 x n | BoxFlag bits |
 * | name ends | u32 x m | end of each name in the bytes (the first starts at 0) |
 * | names | bytes | UTF-8 |
 *
 * Boxes are sorted by (flags, colour, depth, x) so that the painter switches its fill style rarely.
 * Columns of 16-bit values are padded to a multiple of 4 bytes.
 */
export const DRAW_LIST_MAGIC = 0x4c444745;
/** Number of package hues. */
export const COLOR_BUCKETS = 32;
/**
 * Colours of a diff: (head - base) / (head + base) in steps, of shares where normalised. 1 is gone, 8 as it was (and nothing
 * else), 15 new.
 */
export const DIFF_COLORS = 15;
/** Bits of the `flags` column. */
export const BoxFlag = {
  /** Several narrow siblings in one box. */
  merged: 1,
  /** Matches the search. */
  match: 2,
  /** An ancestor of the focused node (or the focused node). */
  ancestor: 4,
} as const;

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
  lanes: number;
  /** Profiles beyond those that a chart holds. */
  leftOut: number;
  /** Profiles without a time for each record. */
  untimed: number;
  /** Levels beyond those that a chart holds. */
  levelsLeftOut: number;
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

/** A file as an import knows it. */
export interface FileName {
  /** Path as dropped. */
  name: string;
  bytes: number;
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

/** How safe the data is right now. */
export type StoreState = 'saved' | 'saving' | 'degraded' | 'read-only';

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

/** Profiles that are stored, belong to an answer, and can't be read. */
export interface Missing {
  profiles: number;
  /** Some of them may not belong to the selection: their labels can't be read either. */
  atMost: boolean;
  from: bigint;
  until: bigint;
}

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

/** Methods of the engine worker. */
export interface EngineMethods {
  open(config: DatabasePlace & { demangle: boolean; replica?: StoragePlace }): EngineStatus;
  status(): EngineStatus;
  /** Reads the manifest again (another tab wrote); true if it changed. */
  refresh(): boolean;
  /** The manifest as it is stored, or null before the first commit. */
  storedManifest(): StoredManifest | null;
  /** Sections as they are stored, null for one that is not: block, kind and part of each in turn. */
  storedSections(keys: Float64Array): (Uint8Array | null)[];
  ingest(batch: Uint8Array, source: SourceInfo): IngestReceipt;
  /** Commits what is staged now, without waiting for the group to fill. */
  flush(): void;
  /** For each file whether profiles of it are stored, of an archive whether some of a member are. */
  storedFiles(files: FileName[]): boolean[];
  catalog(): Catalog;
  /** The inputs that stored profiles come from, newest import first. */
  uploads(): Upload[];
  /** Labels that a template such as `{service_name}/{region}/` takes from a path; throws `bad-path-template`. */
  labelsFromPath(template: string, path: string): LabelPair[];
  labels(selection: Selection): LabelValues[];
  /** Metadata of profiles by key, of all types where the selection names none; selectors match it as `__meta_KEY`. */
  metadata(selection: Selection): LabelValues[];
  /** What can stand at a position of a selector, which need not be whole; reads no sample. */
  complete(request: CompletionRequest): Completion;
  query(selection: Selection): QueryResult;
  /** What `query` would read, without reading a sample. */
  estimate(selection: Selection): Estimate;
  /** What series are told apart by, those of all types where the selection names none: at most `limit` values and series. */
  cardinality(selection: Selection, limit: number): Cardinality;
  /** Another view of a result, as a result of its own: everything that takes a handle takes it. */
  derive(request: DeriveRequest): QueryResult;
  release(handle: number): void;
  /** Totals over time for each value of labels (`region`, `pod/2, region`): the `limit` largest, and the others as one. */
  groupedSeries(selection: Selection, groupBy: string, steps: number, limit: number): GroupedSeries;
  series(selection: Selection, steps: number): SeriesResult;
  /** Counts by step of time and by value, or by labels. Throws `too-many-steps`. */
  heatMap(selection: Selection, request: HeatMapRequest): HeatMap;
  /** Profiles of a selection one by one, by start. */
  profiles(selection: Selection, offset: number, limit: number): ProfilePage;
  /** One profile of a selection in order of time; null if it is gone or its format has no time for each record. */
  timeline(selection: Selection, id: string): Timeline | null;
  /** The profiles of a selection that have a time for each record as stacks over time; null if there are none. Of filters those of labels count. */
  timeChart(selection: Selection): TimeChart | null;
  /** Records [offset, offset + limit) of a timeline; at most 65,536 at a time. */
  timelinePage(handle: number, offset: number, limit: number): TimelinePage;
  top(handle: number, sort: TopSort, descending: boolean, offset: number, limit: number, search: string): TopPage;
  /** Functions of a diff. */
  diffTop(handle: number, request: DiffTopRequest): DiffTopPage;
  diffNodes(handle: number, request: DiffTopRequest): DiffNodesPage;
  /** Finds out how sure the changes of a diff are: `diffTop` says so from then on. Throws `bad-argument` where filters are in the way. */
  significance(handle: number): SignificanceAnswer;
  /** Children of a node: by `self` or `total` the largest first, or by `name`. */
  children(handle: number, node: number, sort: TopSort, offset: number, limit: number): ChildrenPage;
  /** Whole stacks, the heaviest first. */
  stacks(handle: number, offset: number, limit: number): StacksPage;
  /**
   * Lines of a result of `query` or its inverted view: those of `file` (a path, or the end of one) by file and line; all, by
   * falling self value, with null. Reads the selection again when it is first asked.
   */
  lines(handle: number, file: string | null, offset: number, limit: number): LinesPage;
  /** The `limit` functions with the largest totals and the calls among them. */
  callGraph(handle: number, limit: number): CallGraphResult;
  draw(handle: number, request: DrawRequest): ArrayBuffer;
  search(handle: number, pattern: string): SearchResult;
  node(handle: number, node: number): NodeInfo;
  path(handle: number, node: number): PathStep[];
  /** The node a path of stored function names leads to, or null. */
  resolve(handle: number, names: string[]): number | null;
  /** Whether names are shown demangled or as they are stored; those of C++ follow with the event `named`. */
  setDemangle(on: boolean): void;
  /** The result as a batch, for `encode` of a decode worker. */
  batch(handle: number): Uint8Array;
  /** Deletes profiles, whatever their type; where it names `uploads`, all of these. */
  delete(selection: Pick<StoredSelection, 'matchers' | 'from' | 'until' | 'uploads'>): DeleteResult;
  /** Merges stored blocks, in slices beside everything else: with `idle` only where it is worth it, else all. */
  compact(idle: boolean): CompactResult;
  storage(): StorageReport;
  /** Says what may be dropped from now on, and drops it. */
  setRetention(policy: RetentionPolicy): DeleteResult;
  /** Drops what the policy says. */
  retain(): DeleteResult;
  /** Reads everything that is stored; `verifying` tells how far. Null if `stopVerify` ended it. */
  verify(): ScrubResult | null;
  /** Ends what `verify` began, in this tab. */
  stopVerify(): void;
  /** Deletes the blocks that have quarantined sections, with all their profiles. */
  discardDamaged(): DeleteResult;
  /** Looks at both copies and copies what one lacks; true if they are equal then. */
  resync(): boolean;
  /** Makes the other copy equal to this one, whatever it holds. */
  keepCopy(which: 'primary' | 'replica'): void;
  /** Begins to hand out a selection (an empty type: all types), everything, or what waits to be stored, as a pack; gives its number. */
  beginExport(selection: StoredSelection | 'unsaved' | null): number;
  /** Begins to hand out a database as it is: one that `open` refuses, because a newer page wrote it, and such a page can read. */
  beginCopy(of: DatabasePlace): number;
  /** The next bytes of the file; null behind the last. */
  exportNext(session: number): Uint8Array | null;
  /** What was handed out, and forgets the export. */
  endExport(session: number): ExportResult;
  /** Begins to import a pack; gives its number. */
  beginImport(): number;
  /** Stores the blocks that these next bytes complete: what is stored before is known by its content. */
  importNext(session: number, bytes: Uint8Array): PackImportResult;
  /** Behind the last bytes: throws `pack-truncated` if the file is cut; what came whole is stored all the same. */
  endImport(session: number): PackImportResult;
  /** Stores what is not stored yet of one block of a pack. */
  importBlock(bytes: Uint8Array): ImportedBlock;
  /** Deletes every profile and the database. */
  clear(): void;
  /** Raises a real wasm trap; exists so that crash recovery can be tested. */
  trap(): void;
}

/** Methods that may take long: they tell how far they are, and can be given up. */
export const WATCHED = ['catalog', 'uploads', 'labels', 'query', 'series', 'groupedSeries', 'heatMap', 'profiles', 'timeline', 'timeChart', 'lines', 'significance'] as const satisfies (keyof EngineMethods)[];
export type WatchedMethod = (typeof WATCHED)[number];

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
