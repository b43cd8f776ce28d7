/**
 * The painted part of the flame graph: the scroller with the two canvases, the draw lists, the zoom between them.
 *
 * Everything that changes what is painted goes through `#schedule`, which paints once a frame. While a draw list is
 * under way the last one is painted, stretched to the view. Draw lists reach over the upper and lower edge of the
 * viewport, so that a scroll is painted at once.
 *
 * Scroll positions are counted from the edge that the root is at, also where that is the lower one.
 */

import type { DrawRequest } from '../engine/protocol.ts';
import { BoxFlag } from '../engine/protocol.ts';
import type { DrawList } from './draw-list.ts';
import { requestFor, serves } from './coverage.ts';
import { DrawLoop } from './draw-loop.ts';
import type { Layer } from './layer.ts';
import { Painter } from './painter.ts';
import type { Mark, SearchMarks } from './painter.ts';
import { Palette } from './palette.ts';
import type { ChangeColors } from './palette.ts';
import { RowIndex } from './row-index.ts';
import type { FlameSource } from './source.ts';
import { matchFinder } from './match.ts';
import { themeOf, watchTheme } from './theme.ts';
import { Transition, plainLayer } from './transition.ts';
import { contentHeight, hitTest, isWhole, levelAt, levelsIn, sameView, scrollToFocus, scrollToReveal, stretch, wholeOf } from './viewport.ts';
import type { Drawn, View } from './viewport.ts';

/** Elements that the stage works on. */
export interface StageParts {
  scroller: HTMLElement;
  /** As tall as all levels. */
  spacer: HTMLElement;
  /** As tall as the viewport, stays in it. */
  stage: HTMLElement;
  content: HTMLCanvasElement;
  overlay: HTMLCanvasElement;
  probe: HTMLElement;
}

/** Who hears of the stage. */
export interface StageHost {
  /** A draw list came. */
  drew(): void;
  /** Another picture was painted: another list, another scroll position, a step of a zoom. */
  painted(): void;
  /** The source gave no draw list. */
  failed(error: unknown): void;
}

/** Paints one source into one set of elements. */
export class Stage {
  readonly #parts: StageParts;
  readonly #host: StageHost;
  readonly #painter: Painter;
  readonly #loop = new DrawLoop({ drawn: (drawn) => this.#take(drawn), failed: (error, request) => this.#fail(error, request) });
  readonly #stop: (() => void)[] = [];
  #palette: Palette;
  #family: string;
  #changes: ChangeColors = 'blue-orange';

  #source: FlameSource | null = null;
  #view: View = wholeOf(0);
  #search = '';
  #searched = { pattern: '', find: matchFinder('') };
  #marks: SearchMarks = { active: false, find: this.#searched.find };
  /** A pattern that the engine refused: drawn without. */
  #refused = '';

  #width = 0;
  #height = 0;
  /** What was measured last. */
  #size = '';
  /** Size of the canvas in device pixels as the browser says it. */
  #exact = { width: 0, height: 0 };
  #spacerHeight = 0;
  #upwards = false;
  #frame = 0;
  #drawn: Drawn | null = null;
  #rows: RowIndex | null = null;
  /** What is painted belongs to a former source. */
  #stale = false;
  /** The change of the view is to be shown as a zoom when its list is there. */
  #zooming = false;
  #transition: Transition | null = null;
  #layer: Layer | null = null;

  constructor(parts: StageParts, host: StageHost) {
    this.#parts = parts;
    this.#host = host;
    const { theme, family } = themeOf(parts.probe);
    this.#palette = new Palette(theme);
    this.#family = family;
    this.#painter = new Painter(parts.content, parts.overlay, this.#palette);
    this.#painter.style(this.#palette, family);
  }

  /** Begins to follow size, scroll position and colours. */
  connect(): void {
    const { scroller, content, probe } = this.#parts;
    const observer = new ResizeObserver((entries) => this.#resize(entries));
    observer.observe(scroller);
    try {
      observer.observe(content, { box: 'device-pixel-content-box' });
    } catch {
      // Without that box the size is the one in CSS pixels times the ratio.
    }
    const scrolled = (): void => this.#schedule();
    scroller.addEventListener('scroll', scrolled, { passive: true });
    this.#stop.push(
      () => observer.disconnect(),
      () => scroller.removeEventListener('scroll', scrolled),
      watchTheme(probe, () => this.#restyle()),
    );
    this.#restyle();
  }

  /** Stops following. */
  disconnect(): void {
    for (const stop of this.#stop.splice(0)) stop();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /** Shows another source; what was painted stays until its first list is there. */
  use(source: FlameSource | null, view: View): void {
    this.#source = source;
    this.#loop.use(source);
    this.#view = view;
    this.#zooming = false;
    this.#transition = null;
    this.#refused = '';
    this.#stale = true;
    if (source === null) this.#drawn = null;
    this.#schedule();
  }

  /** Asks again after a failure. */
  retry(): void {
    this.#loop.forget();
    this.#schedule();
  }

  /** Shows another part; with `zoom` on the way there, if motion is welcome. */
  show(view: View, zoom: boolean): void {
    const zooms = zoom && !sameView(view, this.#view);
    this.#view = view;
    if (zooms) {
      this.#zooming = true;
      this.#transition = null;
    }
    this.#schedule();
  }

  /** Paints changes in these colours. */
  color(changes: ChangeColors): void {
    this.#changes = changes;
    this.#restyle();
  }

  /** Marks what matches a pattern. */
  search(pattern: string): void {
    this.#search = pattern;
    this.#schedule();
  }

  /** Width of the canvas, CSS pixels. */
  get width(): number {
    return this.#width;
  }

  get height(): number {
    return this.#height;
  }

  /** How far the root's edge is out of view, CSS pixels. */
  get scrollTop(): number {
    const { scrollTop } = this.#parts.scroller;
    return this.#upwards ? Math.max(0, this.#spacerHeight - this.#height - scrollTop) : scrollTop;
  }

  /** Height of all levels, CSS pixels. */
  get contentHeight(): number {
    return this.#spacerHeight;
  }

  /** Turns the graph: callees above their callers, or below them. */
  turn(upwards: boolean): void {
    if (upwards === this.#upwards) return;
    const from = this.scrollTop;
    this.#upwards = upwards;
    this.#painter.turn(upwards);
    this.scrollTo(from);
    this.#schedule();
  }

  get painter(): Painter {
    return this.#painter;
  }

  /** The list that is painted; null before the first of a source. */
  get drawn(): Drawn | null {
    return this.#stale ? null : this.#drawn;
  }

  /** The list where it is painted, unless a zoom is on its way. */
  get layer(): Layer | null {
    return this.#stale || this.#transition !== null || this.#zooming ? null : this.#layer;
  }

  /** The boxes of the list by level and x. */
  get rows(): RowIndex | null {
    const drawn = this.drawn;
    return drawn === null ? null : (this.#rows ??= new RowIndex(drawn.list));
  }

  /** Box at a point of the viewport, or -1. */
  hit(x: number, y: number): number {
    const { layer, rows } = this;
    if (layer === null || rows === null || x < 0 || y < 0 || x >= this.#width || y >= this.#height) return -1;
    const { list, transform } = layer;
    const level = levelAt(this.#upwards ? this.#height - y : y, this.scrollTop);
    const box = hitTest(list, rows, (x - transform.offset) / transform.scale, level);
    if (box >= 0) return box;
    const [first, last] = rows.range(level);
    const only = last > first ? rows.box(first) : -1;
    return only >= 0 && ((list.flags[only] ?? 0) & BoxFlag.ancestor) !== 0 ? only : -1;
  }

  /** Paints the marks of the pointer and the selection; -1 is none. */
  mark(hovered: number, selected: number): void {
    const layer = this.layer;
    const of = (box: number): Mark | null => (layer === null || box < 0 ? null : { layer, box });
    const { x0, x1 } = this.#view;
    const marks = [of(hovered), of(selected)] as const;
    // To ask for the position lays the page out.
    const top = marks.every((each) => each === null) ? 0 : this.scrollTop;
    this.#painter.mark(...marks, top, isWhole(this.#view) ? null : [x0, x1]);
  }

  /** Scrolls as little as brings a level into view. */
  reveal(level: number): void {
    this.scrollTo(scrollToReveal(level, this.scrollTop, this.#height));
  }

  /** Scrolls as the browser does, down for more than 0. */
  scrollBy(dy: number): void {
    this.#parts.scroller.scrollTop += dy;
  }

  scrollTo(top: number): void {
    this.#parts.scroller.scrollTop = this.#upwards ? this.#spacerHeight - this.#height - top : top;
  }

  /** The pattern that is marked: empty for one that the engine refused. */
  get pattern(): string {
    return this.#search === this.#refused ? '' : this.#search;
  }

  get palette(): Palette {
    return this.#palette;
  }

  /** Font of the names. */
  get family(): string {
    return this.#family;
  }

  #restyle(): void {
    const { theme, family } = themeOf(this.#parts.probe);
    this.#palette = new Palette(theme, this.#changes);
    this.#family = family;
    this.#painter.style(this.#palette, family);
    this.#schedule();
  }

  /** The observer comes after the frame was painted: what was measured then is not painted twice. */
  #resize(entries: readonly ResizeObserverEntry[]): void {
    const exact = entries.find((entry) => entry.target === this.#parts.content)?.devicePixelContentBoxSize?.[0];
    if (exact !== undefined) this.#exact = { width: exact.inlineSize, height: exact.blockSize };
    if (!this.#measure()) return;
    // A canvas that changes its size is empty until it is painted: at once.
    cancelAnimationFrame(this.#frame);
    this.#paint(performance.now());
  }

  /** Takes the size that the scroller has now; true if it is another one. */
  #measure(): boolean {
    const { scroller, stage } = this.#parts;
    const { width: whole, height } = scroller.getBoundingClientRect();
    const width = Math.max(0, whole - (scroller.offsetWidth - scroller.clientWidth));
    const ratio = devicePixelRatio;
    const [wide, high] = [width * ratio, height * ratio];
    const { width: exactWidth, height: exactHeight } = this.#exact;
    // The exact size is of the last frame, and where the density is emulated in other pixels than the ratio says.
    const usable = Math.abs(exactWidth - wide) < 2 && Math.abs(exactHeight - high) < 2;
    const device = usable ? [exactWidth, exactHeight] : [Math.round(wide), Math.round(high)];
    const size = [width, height, ratio, ...device].join();
    if (size === this.#size) return false;
    this.#size = size;
    const from = this.scrollTop;
    this.#width = width;
    this.#height = height;
    stage.style.height = `${height}px`;
    this.#fitSpacer(from);
    this.#painter.resize(device[0] ?? 0, device[1] ?? 0, ratio);
    return true;
  }

  #schedule(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame((now) => this.#paint(now));
  }

  /** Asks for what is in view, unless it was asked for. */
  #ask(): void {
    if (this.#source === null || this.#width < 1 || this.#height < 1) return;
    const [first, last] = levelsIn(this.scrollTop, this.#height);
    const need = { view: this.#view, first, last, width: this.#width, search: this.pattern };
    const { last: asked } = this.#loop;
    const deepest = this.#drawn?.request === asked ? (this.#drawn?.list.deepest ?? null) : null;
    if (asked === null || !serves(asked, need, deepest)) this.#loop.ask(requestFor(need));
  }

  #take(drawn: Drawn): void {
    const { request } = drawn;
    const before = this.#stale ? null : this.#drawn;
    const current = sameView(request, this.#view);
    if (before !== null && !current && request.focus !== this.#view.focus) return;
    if (request.search !== this.#searched.pattern) this.#searched = { pattern: request.search, find: matchFinder(request.search) };
    this.#marks = { active: request.search !== '', find: this.#searched.find };
    this.#drawn = drawn;
    this.#rows = null;
    if (this.#stale) this.#layLanes();
    this.#stale = false;
    if (this.#zooming && current) {
      this.#zooming = false;
      this.#settle(before, drawn);
    } else if (this.#transition === null) {
      this.#fitSpacer();
    }
    if (this.#transition !== null && !sameView(this.#transition.target.request, request)) this.#endTransition();
    this.#host.drew();
    this.#schedule();
  }

  #layLanes(): void {
    const lanes = this.#source?.lanes?.rows ?? [];
    this.#painter.lay(new Set(lanes.map(({ level }) => level)), new Set(lanes.flatMap(({ level, isFolded }) => (isFolded ? [level + 1] : []))));
  }

  /** Goes from one list to another, and to where the focus is in sight. */
  #settle(before: Drawn | null, drawn: Drawn): void {
    const { list, request } = drawn;
    const from = this.scrollTop;
    const level = before?.request.focus === request.focus ? -1 : levelOf(list, request.focus);
    const to = level < 0 ? Math.min(from, Math.max(0, contentHeight(list.deepest) - this.#height)) : scrollToFocus(level, list.deepest, from, this.#height);
    const still = before === null || matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#transition = still ? null : Transition.between(before, drawn, performance.now(), [from, to]);
    if (this.#transition === null) {
      this.#fitSpacer();
      this.scrollTo(to);
    } else if (contentHeight(list.deepest) > this.#spacerHeight) {
      this.#fitSpacer();
    }
  }

  #endTransition(): void {
    this.#transition = null;
    this.#fitSpacer();
  }

  #fitSpacer(from = this.scrollTop): void {
    this.#spacerHeight = Math.max(this.#height, contentHeight(this.#drawn?.list.deepest ?? 0));
    this.#parts.spacer.style.height = `${this.#spacerHeight}px`;
    // What is added or taken away is at the end of the levels, wherever that is.
    if (this.#upwards) this.scrollTo(from);
  }

  #fail(error: unknown, request: DrawRequest): void {
    if (request.search !== '' && request.search === this.#search) {
      this.#refused = request.search;
      this.#schedule();
      return;
    }
    this.#host.failed(error);
  }

  #paint(now: number): void {
    this.#frame = 0;
    this.#measure();
    const transition = this.#transition;
    if (transition !== null) {
      this.scrollTo(transition.scrollTop(now));
      if (transition.isOver(now)) this.#endTransition();
      else this.#schedule();
    }
    this.#ask();
    const layers = this.#layers(now);
    this.#layer = layers.at(-1) ?? null;
    this.#painter.paint(layers, this.scrollTop, this.#marks);
    this.#host.painted();
  }

  #layers(now: number): Layer[] {
    const drawn = this.#drawn;
    if (drawn === null) return [];
    if (this.#transition !== null) return this.#transition.layers(now, this.#width);
    const { request } = drawn;
    if (this.#zooming || this.#stale || request.focus !== this.#view.focus) return [plainLayer(drawn, { scale: this.#width / request.width, offset: 0 })];
    return [plainLayer(drawn, stretch(request, this.#view, this.#width))];
  }
}

/** Level of a node that has a box of its own in the list, or -1. */
function levelOf(list: DrawList, node: number): number {
  for (let box = 0; box < list.length; box += 1) {
    if (list.node[box] === node && !list.isMerged(box)) return list.depth[box] ?? -1;
  }
  return -1;
}
