/**
 * The codec between `View` and the fragment of the URL: `#v=1&service=shop&type=...`. The fragment never leaves the
 * browser, so neither do names of services and functions. Fields with their default value are left out; fields that
 * a later version adds are ignored here.
 */

import { CHANGES, DEFAULT_VIEW, DIFF_ROWS, GRAPHS, PAGES, SPLIT_MAX, SPLIT_MIN, STRIPS } from './view.ts';
import type { Panes, View } from './view.ts';

const VERSION = '1';
/** A longer path of names is left out: addresses have bounds. */
const LONGEST_ZOOM = 60_000;

/** Fields of what is compared with, and their names in the address. */
const BASE = [
  ['baseService', 'base-service'],
  ['baseMatch', 'base-match'],
  ['baseFrom', 'base-from'],
  ['baseUntil', 'base-until'],
] as const;

/** Joins names by `;`; a `;` or `\` inside a name gets a `\` before it. */
export function joinPath(names: readonly string[]): string {
  return names.map((name) => name.replace(/[\\;]/g, '\\$&')).join(';');
}

/** The inverse of `joinPath`. An empty text is the empty path. */
export function splitPath(text: string): string[] {
  if (text === '') return [];
  const names: string[] = [];
  let name = '';
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] as string;
    if (char === '\\' && i + 1 < text.length) {
      i += 1;
      name += text[i];
    } else if (char === ';') {
      names.push(name);
      name = '';
    } else {
      name += char;
    }
  }
  names.push(name);
  return names;
}

/** The fragment (without `#`) that says this view; empty for the default view. */
export function encodeView(view: View): string {
  const fields = new URLSearchParams();
  for (const key of ['service', 'type', 'match', 'from', 'until'] as const) {
    if (view[key] !== '') fields.set(key, view[key]);
  }
  if (view.cut) fields.set('cut', '1');
  if (view.windowFrom !== '') fields.set('window-from', view.windowFrom);
  if (view.windowUntil !== '') fields.set('window-until', view.windowUntil);
  if (view.foldsAll) fields.set('folded', 'all');
  for (const lane of view.folds) fields.append(view.foldsAll ? 'unfold' : 'fold', lane);
  const zoom = joinPath(view.zoom);
  if (view.zoom.length > 0 && zoom.length <= LONGEST_ZOOM) fields.set('zoom', zoom);
  if (view.search !== '') fields.set('search', view.search);
  for (const filter of view.filters) fields.append('filter', filter);
  if (view.graph !== DEFAULT_VIEW.graph) fields.set('view', view.graph);
  if (view.pivot !== '') fields.set('pivot', view.pivot);
  if (view.file !== '') fields.set('file', view.file);
  if (view.line > 0) fields.set('line', String(view.line));
  if (view.strip !== DEFAULT_VIEW.strip) fields.set('strip', view.strip);
  if (view.by !== '') fields.set('by', view.by);
  if (view.panes !== DEFAULT_VIEW.panes) fields.set('panes', view.panes);
  if (view.split !== DEFAULT_VIEW.split) fields.set('split', String(view.split));
  if (view.page !== '') fields.set('page', view.page);
  for (const [key, name] of BASE) {
    if (view[key] !== '') fields.set(name, view[key]);
  }
  // Filters of its own that are none are one empty field.
  for (const filter of view.baseFilters?.length === 0 ? [''] : (view.baseFilters ?? [])) fields.append('base-filter', filter);
  if (view.absolute) fields.set('absolute', '1');
  if (view.rows !== DEFAULT_VIEW.rows) fields.set('rows', view.rows);
  if (view.change !== DEFAULT_VIEW.change) fields.set('change', view.change);
  if (view.significant) fields.set('significant', '1');
  const text = fields.toString();
  // Characters that a fragment may hold as they are stay readable.
  return text === '' ? '' : `v=${VERSION}&${text.replaceAll('%3A', ':').replaceAll('%3B', ';').replaceAll('%2F', '/')}`;
}

/** The view a fragment says (with or without `#`), or null if it says none. */
export function decodeView(fragment: string): View | null {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''));
  if (fields.get('v') === null) return null;
  const text = (key: string): string => fields.get(key) ?? '';
  const panes = text('panes');
  const line = Number(text('line'));
  const foldsAll = text('folded') === 'all';
  const split = Math.round(Number(fields.get('split') ?? DEFAULT_VIEW.split));
  return {
    service: text('service'),
    type: text('type'),
    match: text('match'),
    from: text('from'),
    until: text('until'),
    cut: text('cut') === '1',
    windowFrom: text('window-from'),
    windowUntil: text('window-until'),
    folds: fields.getAll(foldsAll ? 'unfold' : 'fold'),
    foldsAll,
    zoom: splitPath(text('zoom')),
    search: text('search'),
    filters: fields.getAll('filter').filter((filter) => filter !== ''),
    graph: GRAPHS.find((graph) => graph === text('view')) ?? DEFAULT_VIEW.graph,
    pivot: text('pivot'),
    file: text('file'),
    line: Number.isSafeInteger(line) && line > 0 ? line : 0,
    strip: STRIPS.find((strip) => strip === text('strip')) ?? DEFAULT_VIEW.strip,
    by: text('by'),
    panes: isPanes(panes) ? panes : DEFAULT_VIEW.panes,
    split: Number.isFinite(split) ? Math.min(SPLIT_MAX, Math.max(SPLIT_MIN, split)) : DEFAULT_VIEW.split,
    page: PAGES.find((page) => page === text('page')) ?? '',
    baseService: text('base-service'),
    baseMatch: text('base-match'),
    baseFrom: text('base-from'),
    baseUntil: text('base-until'),
    baseFilters: fields.has('base-filter') ? fields.getAll('base-filter').filter((filter) => filter !== '') : null,
    absolute: text('absolute') === '1',
    rows: DIFF_ROWS.find((rows) => rows === text('rows')) ?? DEFAULT_VIEW.rows,
    change: CHANGES.find((change) => change === text('change')) ?? DEFAULT_VIEW.change,
    significant: text('significant') === '1',
  };
}

function isPanes(text: string): text is Panes {
  return text === 'both' || text === 'table' || text === 'flame';
}
