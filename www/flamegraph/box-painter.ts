/**
 * Paints the boxes of draw lists, without their names. Boxes of one colour are neighbours in a draw list: the fill style
 * changes once for each colour and parity of the level. Gaps are device pixels left out, not strokes.
 */

import { BoxFlag } from '../engine/protocol.ts';
import type { DrawList } from './draw-list.ts';
import { paintedEnd } from './grid.ts';
import type { Grid } from './grid.ts';
import { Hatching } from './hatching.ts';
import type { Layer } from './layer.ts';
import type { Palette } from './palette.ts';
import { Stripes } from './stripes.ts';

/** Narrower merged boxes are filled plainly, CSS pixels. */
const LEAST_HATCHED = 4;
/** Levels of more boxes are painted as stripes. */
const MOST_RECTANGLES = 128;

/** The levels of a layer that are at least partly in the canvas, from `first` on: where each is, device pixels. */
interface Levels {
  first: number;
  tops: Int32Array;
  heights: Int32Array;
  /** Its row of the stripes, or -1. */
  stripes: Int32Array;
  /** Number of rows of the stripes. */
  dense: number;
}

/** What the runs of one layer share. */
interface Pass {
  layer: Layer;
  levels: Levels;
  palette: Palette;
  searching: boolean;
  /** What is to be hatched when all boxes are painted, by its lines: left, top, width, height of each. */
  hatched: Map<string, number[]>;
}

/** Paints boxes on one canvas. */
export class BoxPainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #grid: Grid;
  readonly #hatching: Hatching;
  readonly #stripes = new Stripes();

  constructor(context: CanvasRenderingContext2D, grid: Grid) {
    this.#context = context;
    this.#grid = grid;
    this.#hatching = new Hatching(context);
  }

  /** Forgets what depends on the colours and the density of the screen. */
  forget(): void {
    this.#hatching.forget();
  }

  /** Paints the boxes of a layer, over what is there. */
  paint(layer: Layer, scrollTop: number, palette: Palette, searching: boolean): void {
    const { list, ancestors } = layer;
    const { flags, color } = list;
    const origin = this.#grid.origin(scrollTop);
    const levels = this.#levels(list, origin);
    const pass: Pass = { layer, levels, palette, searching, hatched: new Map() };
    let start = 0;
    while (start < list.length) {
      const flag = flags[start] ?? 0;
      const hue = color[start] ?? 0;
      let end = start + 1;
      while (end < list.length && flags[end] === flag && color[end] === hue) end += 1;
      if (ancestors || (flag & BoxFlag.ancestor) === 0) {
        this.#run(pass, start, end, 0);
        this.#run(pass, start, end, 1);
      }
      start = end;
    }
    if (levels.dense > 0) {
      this.#stripes.end();
      levels.stripes.forEach((row, at) => {
        if (row >= 0) this.#stripes.paint(this.#context, row, levels.tops[at] ?? 0, levels.heights[at] ?? 0);
      });
    }
    for (const [color, rectangles] of pass.hatched) this.#hatching.fill(rectangles, color, this.#grid.ratio, this.#grid.from(origin, 0));
  }

  /** Where the levels in view are, and which of them are made as stripes. */
  #levels(list: DrawList, origin: number): Levels {
    const { first, count } = this.#grid.inView(origin);
    const [tops, heights, boxes] = [new Int32Array(count), new Int32Array(count), new Uint32Array(count)];
    for (let row = 0; row < count; row += 1) {
      const { top, height } = this.#grid.band(first + row, origin);
      tops[row] = this.#grid.from(top, height);
      heights[row] = height;
    }
    if (list.length > MOST_RECTANGLES) for (const level of list.depth) if (level >= first && level < first + count) boxes[level - first] = (boxes[level - first] as number) + 1;
    const { width } = this.#grid;
    let dense = 0;
    // An element that is not displayed has no width.
    const stripes = new Int32Array(count).map((_, row) => ((boxes[row] ?? 0) > MOST_RECTANGLES && width > 0 ? dense++ : -1));
    if (dense > 0) this.#stripes.begin(width, dense);
    return { first, tops, heights, stripes, dense };
  }

  /** Boxes of one colour on even or odd levels. */
  #run({ layer, levels, palette, searching, hatched }: Pass, start: number, end: number, odd: 0 | 1): void {
    const context = this.#context;
    const { list, transform } = layer;
    const { x, width, depth } = list;
    const flag = list.flags[start] ?? 0;
    const fixed = (flag & BoxFlag.ancestor) !== 0;
    const paint = palette.paint(list.color[start] ?? 0, flag, odd, searching, fixed);
    const { first, tops, heights, stripes } = levels;
    context.fillStyle = paint.fill;
    const ratio = this.#grid.ratio;
    const most = this.#grid.width;
    const scale = fixed ? 0 : transform.scale * ratio;
    const offset = fixed ? 0 : transform.offset * ratio;
    const leastHatched = (flag & BoxFlag.merged) === 0 ? Number.POSITIVE_INFINITY : LEAST_HATCHED * ratio;
    for (let box = start; box < end; box += 1) {
      const level = depth[box] as number;
      const row = level - first;
      if ((level & 1) !== odd || row < 0 || row >= tops.length) continue;
      let left = 0;
      let right = most;
      if (!fixed) {
        left = Math.round((x[box] as number) * scale + offset);
        right = Math.round(((x[box] as number) + (width[box] as number)) * scale + offset);
        if (right <= 0 || left >= most) continue;
        right = Math.min(most, paintedEnd(left, right));
        left = Math.max(0, left);
      }
      if (fixed) context.fillStyle = list.node[box] === layer.focus ? palette.paint(list.color[box] ?? 0, flag, odd, searching).fill : paint.fill;
      const top = tops[row] as number;
      const height = heights[row] as number;
      const stripe = stripes[row] as number;
      if (stripe >= 0 && !fixed) this.#stripes.fill(stripe, left, right, paint.pixel);
      else context.fillRect(left, top, right - left, height);
      if (right - left < leastHatched) continue;
      const others = hatched.get(paint.hatch);
      if (others === undefined) hatched.set(paint.hatch, [left, top, right - left, height]);
      else others.push(left, top, right - left, height);
    }
  }
}
