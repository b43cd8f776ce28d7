/** Methods of the engine worker. */

import type { Catalog, FileName, LabelValues, ProfilePage, Upload } from './catalog.ts';
import type { DiffNodesPage, DiffTopPage, DiffTopRequest, SignificanceAnswer } from './diff.ts';
import type { DrawRequest } from './draw.ts';
import type { IngestReceipt, SourceInfo } from './files.ts';
import type { DeriveRequest, NodeInfo, PathStep, QueryResult, SearchResult } from './results.ts';
import type { Cardinality, Completion, CompletionRequest, Estimate, Selection, StoredSelection } from './selection.ts';
import type { EngineStatus } from './status.ts';
import type {
  CompactResult,
  DatabasePlace,
  DeleteResult,
  ExportResult,
  ImportedBlock,
  PackImportResult,
  RetentionPolicy,
  ScrubResult,
  StoragePlace,
  StorageReport,
  StoredManifest,
} from './storage.ts';
import type { CallGraphResult, ChildrenPage, LinesPage, SourceFile, SourceLine, StacksPage, TopPage, TopSort } from './tables.ts';
import type {
  GroupedSeries,
  HeatMap,
  HeatMapRequest,
  SeriesResult,
  TimeChart,
  FoldRequest,
  FoldedChart,
  Timeline,
  TimelinePage,
} from './time.ts';
import type { LabelPair } from './values.ts';

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
  /** A chart over time with lanes folded; `handle` is of the whole chart. */
  foldLanes(handle: number, folds: FoldRequest): FoldedChart;
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
  /** Files of the source of such a result, by falling total; the one with an empty path is all that has none. */
  sourceFiles(handle: number): SourceFile[];
  /** Lines of one of these files, by line. */
  sourceLines(handle: number, file: string): SourceLine[];
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
export const WATCHED = [
  ...(['catalog', 'uploads', 'labels', 'query', 'series', 'groupedSeries', 'heatMap', 'profiles', 'timeline', 'timeChart', 'foldLanes'] as const),
  ...(['derive', 'top', 'draw', 'search', 'stacks', 'lines', 'sourceFiles', 'sourceLines', 'callGraph', 'diffTop', 'diffNodes', 'significance', 'batch'] as const),
] as const satisfies (keyof EngineMethods)[];

export type WatchedMethod = (typeof WATCHED)[number];
