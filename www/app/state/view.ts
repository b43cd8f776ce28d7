/** What the address of the page says: what is shown, by names and expressions, never by numbers of the engine. */

/** Which panes are open. Below 720 px `both` shows the flame graph alone. */
export type Panes = 'both' | 'table' | 'flame';

/** Pages that may lie over the frame. */
export const PAGES = ['storage', 'files'] as const;
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
  /** Names of the functions on the path to the zoomed frame, root first; empty at the root. */
  zoom: readonly string[];
  search: string;
  panes: Panes;
  /** Width of the top table, percent of the row. */
  split: number;
  /** What lies over the frame; empty for nothing. */
  page: PageName;
}

/** What a URL without a word shows. */
export const DEFAULT_VIEW: View = {
  service: '',
  type: '',
  match: '',
  from: '',
  until: '',
  zoom: [],
  search: '',
  panes: 'both',
  split: 36,
  page: '',
};

/** Bounds of `split`. */
export const SPLIT_MIN = 15;
export const SPLIT_MAX = 85;

/** Which panes are open after pressing a toggle; the last one cannot be closed. */
export function togglePane(panes: Panes, pane: 'table' | 'flame'): Panes {
  if (panes === 'both') return pane === 'table' ? 'flame' : 'table';
  return panes === pane ? panes : 'both';
}
