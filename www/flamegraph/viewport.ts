/**
 * The geometry of the flame graph, as pure functions: which part of the result is in view, where its levels are, how
 * positions in one draw list relate to another, and what lies under a point.
 *
 * Three kinds of x: a *share* of the focused node's width (0 to 1), a position in a *list* (CSS pixels when the list was
 * asked for), and a position on the *screen* (CSS pixels now). An `Affine` leads from one to another.
 */

import { BoxFlag } from '../engine/protocol.ts';
import type { DrawRequest } from '../engine/protocol.ts';
import type { DrawList } from './draw-list.ts';
import type { RowIndex } from './row-index.ts';

/** Height of a level, CSS pixels. */
export const ROW_HEIGHT = 20;
/** Least share of the focused node that can be in view. */
export const LEAST_SPAN = 1e-9;
/** Browsers place nothing further down than this. */
const MOST_HEIGHT = 16_000_000;

/** What is in view from left to right: [x0, x1) of the focused node. */
export interface View {
  focus: number;
  x0: number;
  x1: number;
}

/** `to = scale * from + offset` */
export interface Affine {
  scale: number;
  offset: number;
}

export const IDENTITY: Affine = { scale: 1, offset: 0 };

/** All of a node. */
export function wholeOf(focus: number): View {
  return { focus, x0: 0, x1: 1 };
}

/** True if the view shows all of its focus. */
export function isWhole(view: View): boolean {
  return view.x0 <= 0 && view.x1 >= 1;
}

/** True for the same part of the same node. */
export function sameView(a: View, b: View): boolean {
  return a.focus === b.focus && a.x0 === b.x0 && a.x1 === b.x1;
}

/** The view moved and resized into [0, 1], at least `LEAST_SPAN` wide. */
function bounded(focus: number, x0: number, span: number): View {
  const size = Math.min(1, Math.max(LEAST_SPAN, span));
  const start = Math.min(1 - size, Math.max(0, x0));
  return size === 1 ? wholeOf(focus) : { focus, x0: start, x1: start + size };
}

/** The view `factor` times narrower, what is at `at` (0 left edge, 1 right edge) staying where it is. */
export function zoomedAt(view: View, factor: number, at: number): View {
  const span = view.x1 - view.x0;
  const next = Math.min(1, Math.max(LEAST_SPAN, span / factor));
  return bounded(view.focus, view.x0 + at * (span - next), next);
}

/** The view moved to the right by a share of its own width. */
export function panned(view: View, by: number): View {
  const span = view.x1 - view.x0;
  return bounded(view.focus, view.x0 + by * span, span);
}

/** A window of a focus, from one share of its width to another. */
export function windowOf(focus: number, [from, until]: readonly [number, number]): View {
  return bounded(focus, from, until - from);
}

/** The part of the view between two shares of its width. */
export function narrowed(view: View, from: number, until: number): View {
  const span = view.x1 - view.x0;
  return bounded(view.focus, view.x0 + from * span, (until - from) * span);
}

/** Width that a merged box's siblings get, on average, when it opens, CSS pixels. */
const OPENED_WIDTH = 24;

/**
 * The part of a list that opens a merged box: all of the box if its siblings then are wide enough, else a part of it around `at`.
 *
 * @param x left edge of the box, `width` its width, `across` that of the list, CSS pixels
 * @param count siblings in the box
 */
export function opened(x: number, width: number, count: number, at: number, across: number): [from: number, until: number] {
  const size = Math.min(width, ((width / count) * across) / OPENED_WIDTH);
  const from = Math.max(x, Math.min(x + width - size, at - size / 2));
  return [from, from + size];
}

/** Height of all levels down to `deepest`, CSS pixels. */
export function contentHeight(deepest: number): number {
  return Math.min(MOST_HEIGHT, (deepest + 1) * ROW_HEIGHT);
}

/** Top of a level in the viewport, CSS pixels. */
export function levelTop(level: number, scrollTop: number): number {
  return level * ROW_HEIGHT - scrollTop;
}

/** Level at a height in the viewport. */
export function levelAt(y: number, scrollTop: number): number {
  return Math.floor((y + scrollTop) / ROW_HEIGHT);
}

/** Levels [first, last) that are at least partly in a viewport of that height. */
export function levelsIn(scrollTop: number, height: number): [first: number, last: number] {
  return [Math.max(0, Math.floor(scrollTop / ROW_HEIGHT)), Math.max(1, Math.ceil((scrollTop + height) / ROW_HEIGHT))];
}

/** The least change of `scrollTop` that brings a level into view with `margin` levels around it. */
export function scrollToReveal(level: number, scrollTop: number, height: number, margin = 1): number {
  const air = Math.min(margin * ROW_HEIGHT, Math.max(0, (height - ROW_HEIGHT) / 2));
  const top = level * ROW_HEIGHT;
  if (top - air < scrollTop) return Math.max(0, top - air);
  return Math.max(scrollTop, top + ROW_HEIGHT + air - height);
}

/**
 * Where to scroll when a node becomes the focus: nowhere if that leaves room for what is below it, else so far
 * that it stands at a third of the height, and never past the end of the levels.
 */
export function scrollToFocus(level: number, deepest: number, scrollTop: number, height: number): number {
  const most = Math.max(0, contentHeight(deepest) - height);
  const top = levelTop(level, scrollTop);
  const below = (deepest + 1 - level) * ROW_HEIGHT;
  const fits = top >= 0 && (top + below <= height || top <= height / 2);
  const wanted = fits ? scrollTop : Math.max(0, Math.min(level * ROW_HEIGHT, level * ROW_HEIGHT - height / 3));
  return Math.min(most, wanted);
}

/** From positions in a list of `from` to the screen that shows `to`; both of the same focus. */
export function stretch(from: Pick<DrawRequest, 'x0' | 'x1' | 'width'>, to: View, width: number): Affine {
  const span = to.x1 - to.x0;
  return {
    scale: ((from.x1 - from.x0) / from.width) * (width / span),
    offset: ((from.x0 - to.x0) / span) * width,
  };
}

/** Where a node's own box is in a list, or -1: it is merged, out of view, or an ancestor drawn at full width. */
export function boxOf(list: DrawList, node: number): number {
  for (let box = 0; box < list.length; box += 1) {
    if (list.node[box] === node && (((list.flags[box] ?? 0) & (BoxFlag.merged | BoxFlag.ancestor)) === 0)) return box;
  }
  return -1;
}

/** A draw list with what was asked for. */
export interface Drawn {
  list: DrawList;
  request: DrawRequest;
}

/** From positions in `inner` to positions in `outer`, where `inner` shows a node that has a box in `outer`. */
export function nested(outer: Drawn, inner: Drawn): Affine | null {
  const box = boxOf(outer.list, inner.request.focus);
  if (box < 0) return null;
  const width = outer.list.width[box] ?? 0;
  if (width <= 0) return null;
  const { x0, x1, width: across } = inner.request;
  const scale = (((x1 - x0) / across) * width);
  return { scale, offset: (outer.list.x[box] ?? 0) + x0 * width };
}

/** The window [left, right) of a zoom at `progress` (0 to 1): the point that does not move is kept, the speed is even. */
export function windowAt(from: readonly [number, number], to: readonly [number, number], progress: number): [number, number] {
  const [w0, w1] = [from[1] - from[0], to[1] - to[0]];
  if (Math.abs(w1 - w0) < 1e-6 * Math.max(w0, w1)) {
    const left = from[0] + (to[0] - from[0]) * progress;
    return [left, left + w0];
  }
  const width = w0 * (w1 / w0) ** progress;
  const left = from[0] + ((to[0] - from[0]) * (w0 - width)) / (w0 - w1);
  return [left, left + width];
}

/** Box at a position in a list, or -1. Of boxes that overlap the one painted last. */
export function hitTest(list: DrawList, rows: RowIndex, x: number, level: number): number {
  const [first, last] = rows.range(level);
  let low = first;
  let high = last;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list.x[rows.box(middle)] ?? 0) <= x) low = middle + 1;
    else high = middle;
  }
  let found = -1;
  // A box drawn at its least width can cover the edge of a neighbour on either side.
  for (let at = Math.max(first, low - 2); at < low; at += 1) {
    const box = rows.box(at);
    if (x < (list.x[box] ?? 0) + (list.width[box] ?? 0)) found = Math.max(found, box);
  }
  return found;
}
