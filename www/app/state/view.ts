/** What the address of the page says: what is shown, by names and expressions, never by numbers of the engine. */

/** Which panes are open. Below 720 px `both` shows the flame graph alone. */
export type Panes = 'both' | 'table' | 'flame';

/**
 * How the graph stands: `icicle` from the root down, `flame` from the root up, `inverted` from the leaves, `sandwich` the callers of
 * some functions above, what they call below, `time` in order of time,
 * `diff` beside what the selection is compared with, `source` in its place the lines of the source.
 */
export const GRAPHS = ['icicle', 'flame', 'inverted', 'sandwich', 'time', 'diff', 'source'] as const;
export type Graph = (typeof GRAPHS)[number];

/** What the strip over the panes shows of time: the total, a line for each value of labels, or how dense it is. */
export const STRIPS = ['total', 'groups', 'heat'] as const;
export type Strip = (typeof STRIPS)[number];

/** Pages that may lie over the frame. */
export const PAGES = ['storage', 'files', 'profiles', 'compare'] as const;
export type PageName = '' | (typeof PAGES)[number];

/** The part of the state that is in the URL. */
export interface View {
  service: string;
  /** Five-part profile type id. */
  type: string;
  /** Label matchers as typed, with or without braces; empty for all. */
  match: string;
  /** Expression of the start of the range, empty for open; see `time.ts`. */
  from: string;
  /** Expression of its end (exclusive), empty for open. */
  until: string;
  /** Of profiles that have a time for each sample only the samples in the range count. */
  cut: boolean;
  /** What of a chart over time is in view, RFC 3339; empty for all of it. */
  windowFrom: string;
  windowUntil: string;
  /** Lanes of a chart over time that are folded, by their names; all but these, if `foldsAll`. */
  folds: readonly string[];
  foldsAll: boolean;
  /** Names of the functions on the path to the zoomed frame, root first; empty at the root. */
  zoom: readonly string[];
  search: string;
  /** Frame filters, the first one first. */
  filters: readonly string[];
  graph: Graph;
  /** Functions of the sandwich, as a search names them: `"name"` is a whole name. Empty: none chosen. */
  pivot: string;
  /** File of the source, as the profile has its path; empty: the list of files. */
  file: string;
  /** Its line, from 1; 0 for the one that costs most. */
  line: number;
  strip: Strip;
  /** Labels that the strip groups by, as the engine reads them (`region, pod/2`); empty for none. */
  by: string;
  panes: Panes;
  /** Width of the top table, percent of the row. */
  split: number;
  /** What lies over the frame; empty for nothing. */
  page: PageName;
  /** What the selection is compared with, on the page for it: a service (empty: the same), matchers and a range, as above. */
  baseService: string;
  baseMatch: string;
  baseFrom: string;
  baseUntil: string;
  /** Frame filters of the base; null: those of the selection. */
  baseFilters: readonly string[] | null;
  /** Values are compared as they are, not as shares of their side. */
  absolute: boolean;
  /** What the comparison lists: functions, or nodes of the graph. */
  rows: DiffRows;
  /** Which of them. */
  change: ChangeFilter;
  /** Only those of functions that changed significantly. */
  significant: boolean;
}

/** What a comparison can list. */
export const DIFF_ROWS = ['functions', 'nodes'] as const;
export type DiffRows = (typeof DIFF_ROWS)[number];

/** Which rows of a comparison are listed. */
export const CHANGES = ['all', 'new', 'gone', 'grown', 'shrunk'] as const;
export type ChangeFilter = (typeof CHANGES)[number];

/** What a URL without a word shows. */
export const DEFAULT_VIEW: View = {
  service: '',
  type: '',
  match: '',
  from: '',
  until: '',
  cut: false,
  windowFrom: '',
  windowUntil: '',
  folds: [],
  foldsAll: false,
  zoom: [],
  search: '',
  filters: [],
  graph: 'icicle',
  pivot: '',
  file: '',
  line: 0,
  strip: 'total',
  by: '',
  panes: 'both',
  split: 36,
  page: '',
  baseService: '',
  baseMatch: '',
  baseFrom: '',
  baseUntil: '',
  baseFilters: null,
  absolute: false,
  rows: 'functions',
  change: 'all',
  significant: false,
};

/** True if two graphs show the same tree, in which a zoom means the same. */
export function sameTree(a: Graph, b: Graph): boolean {
  const tree = (graph: Graph): Graph => (graph === 'flame' || graph === 'source' ? 'icicle' : graph);
  return tree(a) === tree(b);
}

/** True if a zoom of one graph means the same in the other, or waits there: all that begins at the root. */
export function sharesZoom(a: Graph, b: Graph): boolean {
  const isRooted = (graph: Graph): boolean => graph !== 'inverted' && graph !== 'sandwich';
  return a === b || (isRooted(a) && isRooted(b));
}

/** True if the address says what the selection is compared with. */
export function isCompared({ baseService, baseMatch, baseFrom, baseUntil }: View): boolean {
  return [baseService, baseMatch, baseFrom, baseUntil].some((text) => text !== '');
}

/** A view with other fields: whole profiles count in another range, and another service or type is seen over all of its time. */
export function patched(view: View, patch: Partial<View>): View {
  const ranged = 'from' in patch || 'until' in patch ? { cut: false } : {};
  const other = (patch.service ?? view.service) !== view.service || (patch.type ?? view.type) !== view.type;
  return { ...view, ...ranged, ...(other ? { windowFrom: '', windowUntil: '', folds: [], foldsAll: false } : {}), ...patch };
}

/** Bounds of `split`. */
export const SPLIT_MIN = 15;
export const SPLIT_MAX = 85;

/** Which panes are open after pressing a toggle; the last one cannot be closed. */
export function togglePane(panes: Panes, pane: 'table' | 'flame'): Panes {
  if (panes === 'both') return pane === 'table' ? 'flame' : 'table';
  return panes === pane ? panes : 'both';
}
