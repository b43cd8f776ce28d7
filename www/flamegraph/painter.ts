/**
 * Paints draw lists on two stacked canvases of the size of the viewport: the boxes with their names below, the marks of
 * the pointer and the selection above, so that moving the pointer repaints no boxes.
 *
 * All edges are whole device pixels. Boxes of one colour are neighbours in a draw list: the fill style changes once for
 * each colour and parity of the level. Gaps are device pixels left out, not strokes.
 */

import { BoxFlag } from '../engine/protocol.ts';
import type { DrawList } from './draw-list.ts';
import { Hatching } from './hatching.ts';
import { LabelCache } from './label-cache.ts';
import type { Palette } from './palette.ts';
import { GlyphWidths } from './text.ts';
import type { Span } from './text.ts';
import { ROW_HEIGHT } from './viewport.ts';
import type { Affine } from './viewport.ts';

/** Font size of the names, CSS pixels. */
const FONT_SIZE = 12;
/** Baseline below the top of a level, CSS pixels. */
const BASELINE = 14;
/** Boxes from this many device pixels on leave a gap at their right edge. */
const LEAST_WITH_GAP = 3;
/** Narrower merged boxes are filled plainly, CSS pixels. */
const LEAST_HATCHED = 4;
/** Of the strip of a folded lane: where it begins in its level, and its height, CSS pixels. */
const STRIP_TOP = 5;
const STRIP_HEIGHT = 9;

/** A draw list and where it goes. */
export interface Layer {
  list: DrawList;
  /** From positions in the list to positions on the screen, CSS pixels. */
  transform: Affine;
  /** Width of the list, CSS pixels. */
  across: number;
  /** The focused node: its callers are painted paler. */
  focus: number;
  /** Ancestors of the focus always go from edge to edge; a list over another one leaves them to it. */
  ancestors: boolean;
}

/** What a search shows, beside the flags in the list. */
export interface SearchMarks {
  active: boolean;
  find: (name: string) => Span | null;
}

/** A box to be marked. */
export interface Mark {
  layer: Layer;
  box: number;
}

/** Left and right edge in device pixels, the right one without the gap; `right <= left` is out of sight. */
interface Extent {
  left: number;
  right: number;
}

/** Paints on a content canvas and an overlay of the same size. */
export class Painter {
  readonly #content: CanvasRenderingContext2D;
  readonly #overlay: CanvasRenderingContext2D;
  readonly #hatching: Hatching;
  #palette: Palette;
  #family = 'monospace';
  #ratio = 1;
  #height = 0;
  #deviceWidth = 0;
  #labels: LabelCache;
  #marked = false;
  #upwards = false;
  #strips: ReadonlySet<number> = new Set();
  #heads: ReadonlySet<number> = new Set();

  constructor(content: HTMLCanvasElement, overlay: HTMLCanvasElement, palette: Palette) {
    const below = content.getContext('2d', { alpha: false });
    const above = overlay.getContext('2d');
    if (below === null || above === null) throw new Error('This browser gives no 2D canvas.');
    this.#content = below;
    this.#overlay = above;
    this.#palette = palette;
    this.#hatching = new Hatching(below);
    this.#labels = this.#freshLabels();
  }

  /** Sets the size in device pixels and how many of them are a CSS pixel. */
  resize(deviceWidth: number, deviceHeight: number, ratio: number): void {
    for (const { canvas } of [this.#content, this.#overlay]) {
      if (canvas.width !== deviceWidth) canvas.width = deviceWidth;
      if (canvas.height !== deviceHeight) canvas.height = deviceHeight;
    }
    this.#deviceWidth = deviceWidth;
    this.#height = deviceHeight / ratio;
    if (ratio !== this.#ratio) {
      this.#ratio = ratio;
      this.#labels = this.#freshLabels();
      this.#hatching.forget();
    }
  }

  /** Sets whether callees stand above their callers, the root at the lower edge, instead of below them. */
  turn(upwards: boolean): void {
    this.#upwards = upwards;
  }

  /** Sets the levels of lanes, whose names are written by others, and those that are thin and without names: what folded lanes do. */
  lay(heads: ReadonlySet<number>, strips: ReadonlySet<number>): void {
    this.#heads = heads;
    this.#strips = strips;
  }

  /** Sets the colours and the font family of names. */
  style(palette: Palette, family: string): void {
    this.#palette = palette;
    this.#hatching.forget();
    if (family !== this.#family) {
      this.#family = family;
      this.#labels = this.#freshLabels();
    }
  }

  /** Paints layers, the later ones over the earlier ones. */
  paint(layers: readonly Layer[], scrollTop: number, search: SearchMarks): void {
    const context = this.#content;
    const { canvas } = context;
    context.fillStyle = `rgb(${this.#palette.theme.background.join()})`;
    context.fillRect(0, 0, canvas.width, canvas.height);
    for (const layer of layers) this.#boxes(layer, scrollTop, search.active);
    context.font = this.#font();
    context.textRendering = 'optimizeSpeed';
    context.textBaseline = 'alphabetic';
    const top = layers.at(-1);
    for (const layer of layers) if (layer === top || layer.ancestors) this.#names(layer, scrollTop, search, layer === top ? null : top);
  }

  /** Paints the marks, and where the view is in the focus, [0, 1), unless it shows all of it. */
  mark(hovered: Mark | null, selected: Mark | null, scrollTop: number, within: Span | null): void {
    const context = this.#overlay;
    if (this.#marked) context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    this.#marked = hovered !== null || selected !== null || within !== null;
    const { dark, focus } = this.#palette.theme;
    const line = Math.max(1, Math.round(this.#ratio));
    if (hovered !== null) this.#outline(hovered, scrollTop, dark ? 'rgb(255 255 255 / 85%)' : 'rgb(0 0 0 / 70%)', line, dark ? 'rgb(255 255 255 / 9%)' : 'rgb(0 0 0 / 6%)');
    if (selected !== null) this.#outline(selected, scrollTop, `rgb(${focus.join()})`, 2 * line, null);
    if (within !== null) this.#window(within, line);
  }

  /** A bar at the lower edge: the part of the focus that is in view. */
  #window([from, until]: Span, line: number): void {
    const context = this.#overlay;
    const { width, height } = context.canvas;
    const thick = 3 * line;
    const ink = this.#palette.theme.dark ? '255 255 255' : '0 0 0';
    context.fillStyle = `rgb(${ink} / 12%)`;
    context.fillRect(0, height - thick, width, thick);
    const thumb = Math.max(12 * line, Math.round((until - from) * width));
    context.fillStyle = `rgb(${ink} / 50%)`;
    context.fillRect(Math.min(width - thumb, Math.round(from * width)), height - thick, thumb, thick);
  }

  /** Left edge, top, width and height of a box in the viewport, CSS pixels. */
  place(layer: Layer, box: number, scrollTop: number): { left: number; top: number; width: number; height: number } {
    const { left, right } = this.#extent(layer, box);
    const level = layer.list.depth[box] ?? 0;
    const [inset, height] = this.#strips.has(level) ? [STRIP_TOP, STRIP_HEIGHT] : [0, ROW_HEIGHT];
    const top = level * ROW_HEIGHT - scrollTop + inset;
    return {
      left: left / this.#ratio,
      top: this.#upwards ? this.#height - top - height : top,
      width: Math.max(0, right - left) / this.#ratio,
      height,
    };
  }

  #font(): string {
    return `${FONT_SIZE * this.#ratio}px ${this.#family}`;
  }

  #freshLabels(): LabelCache {
    const context = this.#content;
    const font = this.#font();
    const ratio = this.#ratio;
    return new LabelCache(
      new GlyphWidths((glyph) => {
        if (context.font !== font) context.font = font;
        context.textRendering = 'optimizeSpeed';
        return context.measureText(glyph).width / ratio;
      }),
    );
  }

  /** Top of level 0 in device pixels: each level is a whole number of them below it. */
  #origin(scrollTop: number): number {
    return -Math.round(scrollTop * this.#ratio);
  }

  /** Top of what begins `top` device pixels after the edge that the root is at. */
  #from(top: number, height: number): number {
    return this.#upwards ? this.#content.canvas.height - top - height : top;
  }

  /** Where a level is from the edge that the root is at, device pixels, without the gap below it. */
  #band(level: number, origin: number): { top: number; height: number } {
    const step = ROW_HEIGHT * this.#ratio;
    const top = Math.round(level * step) + origin;
    if (this.#strips.has(level)) return { top: top + Math.round(STRIP_TOP * this.#ratio), height: Math.round(STRIP_HEIGHT * this.#ratio) };
    return { top, height: Math.round((level + 1) * step) + origin - 1 - top };
  }

  #extent({ list, transform }: Layer, box: number): Extent {
    const most = this.#deviceWidth;
    if (((list.flags[box] ?? 0) & BoxFlag.ancestor) !== 0) return { left: 0, right: most };
    const scale = transform.scale * this.#ratio;
    const offset = transform.offset * this.#ratio;
    const x = list.x[box] ?? 0;
    const left = Math.round(x * scale + offset);
    let right = Math.round((x + (list.width[box] ?? 0)) * scale + offset);
    if (right - left >= LEAST_WITH_GAP) right -= 1;
    else if (right <= left) right = left + 1;
    return { left: Math.max(0, left), right: Math.min(most, right) };
  }

  #boxes(layer: Layer, scrollTop: number, searching: boolean): void {
    const { list, ancestors } = layer;
    const { flags, color } = list;
    let start = 0;
    while (start < list.length) {
      const flag = flags[start] ?? 0;
      const hue = color[start] ?? 0;
      let end = start + 1;
      while (end < list.length && flags[end] === flag && color[end] === hue) end += 1;
      if (ancestors || (flag & BoxFlag.ancestor) === 0) {
        this.#run(layer, start, end, 0, scrollTop, searching);
        this.#run(layer, start, end, 1, scrollTop, searching);
      }
      start = end;
    }
  }

  /** Boxes of one colour on even or odd levels. */
  #run(layer: Layer, start: number, end: number, odd: 0 | 1, scrollTop: number, searching: boolean): void {
    const context = this.#content;
    const { list, transform } = layer;
    const { x, width, depth } = list;
    const flag = list.flags[start] ?? 0;
    const fixed = (flag & BoxFlag.ancestor) !== 0;
    const paint = this.#palette.paint(list.color[start] ?? 0, flag, odd, searching, fixed);
    context.fillStyle = paint.fill;
    const ratio = this.#ratio;
    const most = this.#deviceWidth;
    const scale = fixed ? 0 : transform.scale * ratio;
    const offset = fixed ? 0 : transform.offset * ratio;
    const origin = this.#origin(scrollTop);
    const bottom = this.#height * ratio;
    const hatched: number[] = [];
    const merged = (flag & BoxFlag.merged) !== 0;
    for (let box = start; box < end; box += 1) {
      const level = depth[box] as number;
      if ((level & 1) !== odd) continue;
      const { top, height } = this.#band(level, origin);
      if (top >= bottom || top + height <= 0) continue;
      let left = 0;
      let right = most;
      if (!fixed) {
        left = Math.round((x[box] as number) * scale + offset);
        right = Math.round(((x[box] as number) + (width[box] as number)) * scale + offset);
        if (right <= 0 || left >= most) continue;
        if (right - left >= LEAST_WITH_GAP) right -= 1;
        else if (right <= left) right = left + 1;
        if (left < 0) left = 0;
        if (right > most) right = most;
      }
      if (fixed) context.fillStyle = list.node[box] === layer.focus ? this.#palette.paint(list.color[box] ?? 0, flag, odd, searching).fill : paint.fill;
      const y = this.#from(top, height);
      context.fillRect(left, y, right - left, height);
      if (merged && right - left >= LEAST_HATCHED * ratio) hatched.push(left, y, right - left, height);
    }
    if (hatched.length > 0) this.#hatching.fill(hatched, paint.hatch, ratio, this.#from(origin, 0));
  }

  #names(layer: Layer, scrollTop: number, search: SearchMarks, over: Layer | null | undefined): void {
    const context = this.#content;
    const { list } = layer;
    const ratio = this.#ratio;
    const origin = this.#origin(scrollTop);
    const bottom = this.#height * ratio;
    const labels = this.#labels.of(list, layer.transform.scale, search.find);
    const covered = over === null || over === undefined ? null : this.#covered(over);
    let ink = '';
    for (let box = 0; box < list.length; box += 1) {
      const merged = list.isMerged(box);
      if (!merged && !list.isNamed(box)) continue;
      const level = list.depth[box] as number;
      if (this.#strips.has(level) || this.#heads.has(level)) continue;
      const flag = list.flags[box] as number;
      if (!layer.ancestors && (flag & BoxFlag.ancestor) !== 0) continue;
      const top = Math.round(level * ROW_HEIGHT * ratio) + origin;
      if (top >= bottom || top + ROW_HEIGHT * ratio <= 0) continue;
      const { left, right } = this.#extent(layer, box);
      if (right <= left) continue;
      if (covered !== null && level >= covered.level && left >= covered.left - 1 && right <= covered.right) continue;
      const label = labels.label(box, (right - left) / ratio);
      if (label === null) continue;
      const passed = (flag & BoxFlag.ancestor) !== 0 && list.node[box] !== layer.focus;
      const paint = this.#palette.paint(list.color[box] as number, flag, (level & 1) as 0 | 1, search.active, passed);
      if (paint.text !== ink) {
        ink = paint.text;
        context.fillStyle = ink;
      }
      const x = left + Math.round(labels.padding * ratio);
      const y = this.#from(top, Math.round((level + 1) * ROW_HEIGHT * ratio) + origin - 1 - top) + Math.round(BASELINE * ratio);
      context.fillText(label.text, x, y);
      if (search.active && label.match !== null && (flag & BoxFlag.match) !== 0) {
        const [from, until] = labels.extent(label.text, label.match);
        const line = Math.max(1, Math.round(ratio));
        context.fillRect(x + Math.round(from * ratio), y + 2 * line, Math.round((until - from) * ratio), line);
      }
    }
  }

  /** What a layer hides: levels from the first without ancestors on, between two device pixels. */
  #covered({ list, transform, across }: Layer): Extent & { level: number } {
    let level = Number.POSITIVE_INFINITY;
    for (let box = 0; box < list.length; box += 1) {
      if (((list.flags[box] ?? 0) & BoxFlag.ancestor) === 0) level = Math.min(level, list.depth[box] ?? level);
    }
    return {
      level,
      left: Math.round(transform.offset * this.#ratio),
      right: Math.round((transform.offset + transform.scale * across) * this.#ratio),
    };
  }

  #outline({ layer, box }: Mark, scrollTop: number, color: string, line: number, fill: string | null): void {
    const context = this.#overlay;
    const { left, right } = this.#extent(layer, box);
    if (right <= left) return;
    const level = layer.list.depth[box] ?? 0;
    const { top: start, height } = this.#band(level, this.#origin(scrollTop));
    const top = this.#from(start, height);
    const width = right - left;
    if (fill !== null) {
      context.fillStyle = fill;
      context.fillRect(left, top, width, height);
    }
    context.fillStyle = color;
    if (width <= 3 * line) {
      context.fillRect(left, top, width, height);
      return;
    }
    context.fillRect(left, top, width, line);
    context.fillRect(left, top + height - line, width, line);
    context.fillRect(left, top + line, line, height - 2 * line);
    context.fillRect(right - line, top + line, line, height - 2 * line);
  }
}
