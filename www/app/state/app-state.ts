/** The whole state of the app: the view in the URL, what the engine answered, and what lies over it. */

import type { ClientPhase } from '../../engine/client.ts';
import type { EngineError } from '../../engine/errors.ts';
import type { ImportJob } from '../../engine/import-job.ts';
import type {
  Catalog,
  CatalogService,
  CatalogType,
  EngineStatus,
  NodeInfo,
  OutputFormat,
  PathStep,
  QueryResult,
  SearchResult,
  SeriesResult,
  TimeChart,
} from '../../engine/protocol.ts';
import type { TopSource } from '../../elements/source.ts';
import type { ChangeColors } from '../../flamegraph/palette.ts';
import type { PictureScene } from '../../flamegraph/picture.ts';
import type { MatchCount } from '../../flamegraph/reach.ts';
import type { FlameSource, TimeSpan } from '../../flamegraph/source.ts';
import type { LinkedProfile } from './data-link.ts';
import type { Interrupted } from './import-log.ts';
import { DEFAULT_VIEW } from './view.ts';
import type { View } from './view.ts';

/** An answer that is kept on screen while the next one is on its way. */
export interface Answer<Value> {
  loading: boolean;
  value: Value | null;
  error: EngineError | null;
}

/** A merged result with what draws it. */
export interface ShownResult {
  result: QueryResult;
  /** What the graph draws: the result, or a view of it. */
  flame: FlameSource;
  /** The upper half of a sandwich. */
  callers: FlameSource | null;
  /** What the graph draws, if it is a chart over time. */
  chart: ShownChart | null;
  /** What the graph that was asked for lacks; what is drawn is the result then. */
  lacks: '' | 'times' | 'base' | 'graph';
  top: TopSource;
  /** Life of the engine that holds the handle. */
  epoch: number;
}

/** A chart over time as it is drawn. */
export interface ShownChart extends TimeChart {
  /** The chart with all of its lanes; of this one some may be folded. */
  whole: TimeChart;
}

/** How far a query is that takes long: in profiles. */
export interface Reading {
  /** Profiles of a query that are merged, or a graph that is being made of its result. */
  of: 'profiles' | 'graph';
  done: number;
  total: number;
  /** The person stopped it: what is shown has `done` profiles only. */
  stopped: boolean;
}

/** The graph on the page, as far as what is outside of it works with it. */
export interface GraphHandle {
  /** Goes to the next match of the search, or the one before; null where nothing matches. */
  step(direction: 1 | -1, search: string): Promise<MatchCount | null>;
  readonly scene: PictureScene | null;
  focus(): void;
}

/** The time line: totals over `[from, until)`. */
export interface TimeLine {
  from: bigint;
  until: bigint;
  series: SeriesResult;
  unit: string;
  scale: number;
}

/** A line over the page that stays until dismissed. */
export interface Notice {
  id: string;
  kind: 'info' | 'warn' | 'bad';
  text: string;
  code: string | null;
  /** What to do next. */
  action: { label: string; run: () => void } | null;
  /** Called when the person takes the line away. */
  dismissed?: () => void;
}

/** A drawer over the frame. */
export type Panel = 'none' | 'imports';

/** What a person is asked before it is done. */
export interface Question {
  title: string;
  text: string;
  /** Words of the button that does it. */
  action: string;
  run: () => Promise<void>;
}

/** A dialog over everything. */
export type Dialog = 'none' | 'delete' | 'delete-all' | 'keys' | 'about' | 'question' | 'palette' | 'base';

/** All of it. */
export interface AppState {
  boot: 'starting' | 'ready' | 'failed';
  bootError: EngineError | null;
  phase: ClientPhase;
  status: EngineStatus | null;
  catalog: Catalog | null;
  outputFormats: readonly OutputFormat[];
  view: View;
  result: Answer<ShownResult>;
  /** Of the result; null for a query that is quick or through. */
  reading: Reading | null;
  timeLine: Answer<TimeLine>;
  /** The zoomed node of the shown result. */
  focus: number;
  path: readonly PathStep[];
  search: SearchResult | null;
  searchError: EngineError | null;
  /** What is brushed on the axis of a chart over time. */
  span: TimeSpan | null;
  /** The match that was stepped to; null before the first step. */
  match: MatchCount | null;
  imports: readonly ImportJob[];
  /** Imports of the log that did not end. */
  interrupted: readonly Interrupted[];
  /** Moves whenever a line of an import changes. */
  importTick: number;
  notices: readonly Notice[];
  panel: Panel;
  dialog: Dialog;
  /** Of the dialog `question`. */
  question: Question | null;
  dragging: boolean;
  /** The profile that is looked at came with the link. */
  linked: LinkedProfile | null;
  /** Files are only looked at, in memory; what is stored waits. */
  aside: boolean;
  utc: boolean;
  /** Whether names of C++ and Rust are shown demangled. */
  demangle: boolean;
  /** Whether large queries are merged by several workers. */
  sharding: boolean;
  theme: 'system' | 'light' | 'dark';
  changeColors: ChangeColors;
  narrow: boolean;
  /** The system is dark; what is shown is too, unless a theme is chosen. */
  systemDark: boolean;
}

/** What the pointer is over; kept apart because it changes with every move. */
export interface HoverState {
  info: NodeInfo | null;
  /** What its values are of. */
  result: QueryResult | null;
}

/** Nothing asked, nothing answered. */
export function initialState(): AppState {
  return {
    boot: 'starting',
    bootError: null,
    phase: 'idle',
    status: null,
    catalog: null,
    outputFormats: [],
    view: DEFAULT_VIEW,
    result: { loading: false, value: null, error: null },
    reading: null,
    timeLine: { loading: false, value: null, error: null },
    focus: 0,
    path: [],
    search: null,
    searchError: null,
    span: null,
    match: null,
    imports: [],
    interrupted: [],
    importTick: 0,
    notices: [],
    panel: 'none',
    dialog: 'none',
    question: null,
    dragging: false,
    linked: null,
    aside: false,
    utc: false,
    demangle: true,
    sharding: true,
    theme: 'system',
    changeColors: 'blue-orange',
    narrow: false,
    systemDark: false,
  };
}

/** The service and type to show when the address names none: the service imported last, else the first. */
export function defaultSelection(catalog: Catalog, last: string | null): Pick<View, 'service' | 'type'> | null {
  const service = catalog.services.find(({ name }) => name === last) ?? catalog.services[0];
  const type = service?.types.find(({ isDefault }) => isDefault) ?? service?.types.at(-1);
  return service === undefined || type === undefined ? null : { service: service.name, type: type.id };
}

/** The service of the view, if it is stored. */
export function shownService(state: AppState): CatalogService | null {
  return state.catalog?.services.find(({ name }) => name === state.view.service) ?? null;
}

/** The profile type of the view, if its service has it. */
export function shownType(state: AppState): CatalogType | null {
  return shownService(state)?.types.find(({ id }) => id === state.view.type) ?? null;
}

/** Whether nothing is stored: the first page. */
export function isEmpty(state: AppState): boolean {
  return state.boot === 'ready' && state.catalog?.services.length === 0;
}
