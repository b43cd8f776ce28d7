/** The axis over a chart over time: when what stands below happens, counted from the begin of the chart. */

import type { Palette } from './palette.ts';
import type { TimeSpan } from './source.ts';
import type { View } from './viewport.ts';

/** Height, CSS pixels; also in flamegraph-styles.ts. */
const HEIGHT = 20;
/** Least distance of two ticks, CSS pixels. */
const LEAST_GAP = 96;
const UNITS: readonly (readonly [nanoseconds: number, name: string])[] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
];
/** From here on times are hours, minutes and seconds, ns. */
const CLOCK = 120e9;

/** The step of 1, 2 or 5 times a power of ten, ns, with which ticks are at least `gap` of `width` apart in `span` ns. */
export function tickStep(span: number, width: number, gap = LEAST_GAP): number {
  const least = Math.max(1, (span * gap) / Math.max(1, width));
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * (1 - 1e-9)) ?? 10 * power;
}

/** A time after the begin as a tick has it, as exact as ticks of `step` need. Nanoseconds. */
export function tickText(time: number, step: number): string {
  if (time >= CLOCK) {
    const decimals = Math.max(0, -Math.floor(Math.log10(step / 1e9) + 1e-9));
    const seconds = ((time / 1e9) % 60).toFixed(decimals);
    const minutes = Math.floor(time / 60e9);
    const padded = seconds.padStart(decimals === 0 ? 2 : decimals + 3, '0');
    return minutes < 60 ? `${minutes}:${padded}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${padded}`;
  }
  if (time === 0) return '0';
  const [unit, name] = UNITS.find(([size]) => time >= size) ?? ([1, 'ns'] as const);
  return `${(time / unit).toFixed(Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9)))} ${name}`;
}

/** The axis of one element. */
export class TimeAxis {
  readonly #canvas: HTMLCanvasElement;
  #painted: unknown[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  /** Paints the part that is in view, `width` CSS pixels wide. */
  paint({ first, last }: TimeSpan, { x0, x1 }: View, width: number, palette: Palette, family: string): void {
    const ratio = devicePixelRatio;
    const key = [first, last, x0, x1, width, palette, family, ratio];
    if (key.every((part, at) => part === this.#painted[at])) return;
    this.#painted = key;
    const canvas = this.#canvas;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(HEIGHT * ratio);
    canvas.style.width = `${width}px`;
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) return;
    context.scale(ratio, ratio);
    const { background, dark } = palette.theme;
    context.fillStyle = `rgb(${background.join()})`;
    context.fillRect(0, 0, width, HEIGHT);
    const all = Number(last - first);
    const [from, span] = [x0 * all, Math.max(1, (x1 - x0) * all)];
    const step = tickStep(span, width);
    context.font = `11px ${family}`;
    context.textBaseline = 'middle';
    const line = dark ? 'rgb(255 255 255 / 0.25)' : 'rgb(0 0 0 / 0.25)';
    const text = dark ? 'rgb(255 255 255 / 0.75)' : 'rgb(0 0 0 / 0.72)';
    for (let tick = Math.ceil(from / step); tick * step <= from + span; tick += 1) {
      const x = Math.round(((tick * step - from) / span) * width);
      context.fillStyle = line;
      context.fillRect(x, 0, 1, HEIGHT);
      context.fillStyle = text;
      context.fillText(tickText(tick * step, step), x + 4, HEIGHT / 2);
    }
  }
}
