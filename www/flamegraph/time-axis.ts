/** The axis over a chart over time: when what stands below happens, on the clock or counted from the begin of the chart. */

import type { Palette } from './palette.ts';
import type { ChartSpan } from './source.ts';
import { clockTicks, offsetTicks } from './time-ticks.ts';
import type { View } from './viewport.ts';

/** Height, CSS pixels; also in flamegraph-styles.ts. */
const HEIGHT = 20;

/** What is painted beside the ticks. */
export interface AxisLook {
  width: number;
  palette: Palette;
  family: string;
  utc: boolean;
  /** Shares of the chart that are brushed. */
  brushed: readonly [number, number] | null;
}

/** The axis of one element. */
export class TimeAxis {
  readonly #canvas: HTMLCanvasElement;
  #painted: unknown[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  /** Paints the part that is in view, `width` CSS pixels wide. */
  paint({ first, last, clock }: ChartSpan, { x0, x1 }: View, { width, palette, family, utc, brushed }: AxisLook): void {
    const ratio = devicePixelRatio;
    const key = [first, last, clock, x0, x1, width, palette, family, utc, brushed?.[0], brushed?.[1], ratio];
    if (key.every((part, at) => part === this.#painted[at])) return;
    this.#painted = key;
    const canvas = this.#canvas;
    const [wide, high] = [Math.round(width * ratio), Math.round(HEIGHT * ratio)];
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
      canvas.style.width = `${width}px`;
    }
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { background, dark } = palette.theme;
    context.fillStyle = `rgb(${background.join()})`;
    context.fillRect(0, 0, width, HEIGHT);
    if (brushed !== null) {
      const [left, right] = brushed.map((share) => ((share - x0) / (x1 - x0)) * width) as [number, number];
      context.fillStyle = dark ? 'rgb(240 140 80 / 0.45)' : 'rgb(220 100 30 / 0.3)';
      context.fillRect(left, 0, Math.max(1, right - left), HEIGHT);
    }
    const all = Number(last - first);
    const [from, span] = [x0 * all, Math.max(1, (x1 - x0) * all)];
    context.font = `11px ${family}`;
    context.textBaseline = 'middle';
    const line = dark ? 'rgb(255 255 255 / 0.25)' : 'rgb(0 0 0 / 0.25)';
    const text = dark ? 'rgb(255 255 255 / 0.75)' : 'rgb(0 0 0 / 0.72)';
    for (const tick of clock === 'epoch' ? clockTicks(first, from, span, width, utc) : offsetTicks(from, span, width)) {
      const x = Math.round(((tick.at - from) / span) * width);
      context.fillStyle = line;
      context.fillRect(x, 0, 1, HEIGHT);
      // A time that is cut reads as another one.
      if (x + 4 + context.measureText(tick.text).width > width) continue;
      context.fillStyle = text;
      context.fillText(tick.text, x + 4, HEIGHT / 2);
    }
  }
}
