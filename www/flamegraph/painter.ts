/**
 * Paints draw lists on two stacked canvases of the size of the viewport: the boxes with their names below, the marks of
 * the pointer and the selection above, so that moving the pointer repaints no boxes.
 *
 * All edges are whole device pixels.
 */

import { BoxFlag } from '../engine/protocol.ts';
import { BoxPainter } from './box-painter.ts';
import { Grid, paintedEnd } from './grid.ts';
import { LabelCache } from './label-cache.ts';
import type { Layer } from './layer.ts';
import type { Palette } from './palette.ts';
import { GlyphWidths } from './text.ts';
import type { Span } from './text.ts';

/** Font size of the names, CSS pixels. */
const FONT_SIZE = 12;
/** Baseline below the top of a level, CSS pixels. */
const BASELINE = 14;

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
  readonly #grid = new Grid();
  readonly #boxes: BoxPainter;
  #palette: Palette;
  #family = 'monospace';
  #labels: LabelCache;
  #marked = false;
  #heads: ReadonlySet<number> = new Set();

  constructor(content: HTMLCanvasElement, overlay: HTMLCanvasElement, palette: Palette) {
    const below = content.getContext('2d', { alpha: false });
    const above = overlay.getContext('2d');
    if (below === null || above === null) throw new Error('This browser gives no 2D canvas.');
    this.#content = below;
    this.#overlay = above;
    this.#palette = palette;
    this.#boxes = new BoxPainter(below, this.#grid);
    this.#labels = this.#freshLabels();
  }

  /** Sets the size in device pixels and how many of them are a CSS pixel. */
  resize(deviceWidth: number, deviceHeight: number, ratio: number): void {
    for (const { canvas } of [this.#content, this.#overlay]) {
      if (canvas.width !== deviceWidth) canvas.width = deviceWidth;
      if (canvas.height !== deviceHeight) canvas.height = deviceHeight;
    }
    const denser = ratio !== this.#grid.ratio;
    this.#grid.resize(deviceWidth, deviceHeight, ratio);
    if (denser) {
      this.#labels = this.#freshLabels();
      this.#boxes.forget();
    }
  }

  /** Sets whether callees stand above their callers, the root at the lower edge, instead of below them. */
  turn(upwards: boolean): void {
    this.#grid.upwards = upwards;
  }

  /** Sets the levels of lanes, whose names are written by others, and those that are thin and without names: what folded lanes do. */
  lay(heads: ReadonlySet<number>, strips: ReadonlySet<number>): void {
    this.#heads = heads;
    this.#grid.strips = strips;
  }

  /** Sets the colours and the font family of names. */
  style(palette: Palette, family: string): void {
    this.#palette = palette;
    this.#boxes.forget();
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
    for (const layer of layers) this.#boxes.paint(layer, scrollTop, this.#palette, search.active);
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
    const line = Math.max(1, Math.round(this.#grid.ratio));
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
    const { ratio } = this.#grid;
    return { left: left / ratio, ...this.#grid.place(layer.list.depth[box] ?? 0, scrollTop), width: Math.max(0, right - left) / ratio };
  }

  #font(): string {
    return `${FONT_SIZE * this.#grid.ratio}px ${this.#family}`;
  }

  #freshLabels(): LabelCache {
    const context = this.#content;
    const font = this.#font();
    const ratio = this.#grid.ratio;
    return new LabelCache(
      new GlyphWidths((glyph) => {
        if (context.font !== font) context.font = font;
        context.textRendering = 'optimizeSpeed';
        return context.measureText(glyph).width / ratio;
      }),
    );
  }

  #extent({ list, transform }: Layer, box: number): Extent {
    const most = this.#grid.width;
    if (((list.flags[box] ?? 0) & BoxFlag.ancestor) !== 0) return { left: 0, right: most };
    const scale = transform.scale * this.#grid.ratio;
    const offset = transform.offset * this.#grid.ratio;
    const x = list.x[box] ?? 0;
    const left = Math.round(x * scale + offset);
    const right = paintedEnd(left, Math.round((x + (list.width[box] ?? 0)) * scale + offset));
    return { left: Math.max(0, left), right: Math.min(most, right) };
  }

  #names(layer: Layer, scrollTop: number, search: SearchMarks, over: Layer | null | undefined): void {
    const context = this.#content;
    const { list } = layer;
    const ratio = this.#grid.ratio;
    const origin = this.#grid.origin(scrollTop);
    const bottom = this.#grid.height;
    const labels = this.#labels.of(list, layer.transform.scale, search.find);
    const covered = over === null || over === undefined ? null : this.#covered(over);
    const leastMerged = labels.leastMerged / layer.transform.scale;
    let ink = '';
    for (let box = 0; box < list.length; box += 1) {
      if (list.isMerged(box) ? (list.width[box] as number) < leastMerged : !list.isNamed(box)) continue;
      const level = list.depth[box] as number;
      if (this.#grid.strips.has(level) || this.#heads.has(level)) continue;
      const flag = list.flags[box] as number;
      if (!layer.ancestors && (flag & BoxFlag.ancestor) !== 0) continue;
      const { top, height } = this.#grid.band(level, origin);
      if (top >= bottom || top + height <= 0) continue;
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
      const y = this.#grid.from(top, height) + Math.round(BASELINE * ratio);
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
      left: Math.round(transform.offset * this.#grid.ratio),
      right: Math.round((transform.offset + transform.scale * across) * this.#grid.ratio),
    };
  }

  #outline({ layer, box }: Mark, scrollTop: number, color: string, line: number, fill: string | null): void {
    const context = this.#overlay;
    const { left, right } = this.#extent(layer, box);
    if (right <= left) return;
    const level = layer.list.depth[box] ?? 0;
    const { top: start, height } = this.#grid.band(level, this.#grid.origin(scrollTop));
    const top = this.#grid.from(start, height);
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
