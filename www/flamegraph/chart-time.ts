/** The times of a chart over time: its axis, the window that is in view, and the span that is brushed on the axis. */

import { brushedBy } from './brush-keys.ts';
import type { Shares } from './brush-keys.ts';
import { Later } from './later.ts';
import type { Palette } from './palette.ts';
import type { ChartSpan, TimeSpan } from './source.ts';
import { TimeAxis } from './time-axis.ts';
import { spanWords } from './time-ticks.ts';
import { isWhole, sameView, windowOf } from './viewport.ts';
import type { View } from './viewport.ts';

/** A move is told when it is over for so long, ms. */
const SETTLE = 250;
/** A shorter drag is a click, CSS pixels. */
const SLACK = 3;

/** Detail of `eg-window`. */
export interface WindowDetail {
  /** What is in view; null for all. */
  window: TimeSpan | null;
  /** A step from which there is a way back, and not a move. */
  step: boolean;
}

/** Detail of `eg-span`. */
export interface SpanDetail {
  /** What is brushed; null for nothing. */
  span: TimeSpan | null;
}

/** What the element lends. */
export interface ChartTimeHost {
  view(): View;
  /** Paints anew. */
  changed(): void;
  told(type: 'eg-window', detail: WindowDetail): void;
  told(type: 'eg-span' | 'eg-stacks', detail: SpanDetail): void;
}

/** The window of a view, to the nanosecond; null for all of the chart. */
export function spanOf({ first, last }: TimeSpan, { x0, x1 }: Pick<View, 'x0' | 'x1'>): TimeSpan {
  const at = (share: number): bigint => first + BigInt(Math.round(share * Number(last - first)));
  const from = at(x0);
  const until = at(x1);
  return { first: from, last: until > from ? until : from + 1n };
}

/** The shares of a chart that a span is between, within the chart; null if it is outside. */
export function sharesOf({ first, last }: TimeSpan, span: TimeSpan): [number, number] | null {
  const all = Number(last - first);
  if (all <= 0 || span.last <= first || span.first >= last || span.last <= span.first) return null;
  return [Math.max(0, Number(span.first - first) / all), Math.min(1, Number(span.last - first) / all)];
}

/** The times of one element. */
export class ChartTime {
  readonly #canvas: HTMLCanvasElement;
  readonly #host: ChartTimeHost;
  readonly #axis: TimeAxis;
  #time: ChartSpan | undefined;
  #brushed: Shares | null = null;
  readonly #telling = new Later(() => this.#tell(false), SETTLE);
  /** What was told last, or given. */
  #window: TimeSpan | null = null;
  /** The view of the window that was given. */
  #given: View | null = null;

  constructor(canvas: HTMLCanvasElement, host: ChartTimeHost) {
    this.#canvas = canvas;
    this.#host = host;
    this.#axis = new TimeAxis(canvas);
    canvas.addEventListener('pointerdown', (event) => this.#brush(event));
    canvas.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Takes another chart, or none, and the window that is to be in view; gives its view. */
  use(time: ChartSpan | undefined, window: TimeSpan | null): View | null {
    this.#telling.stop();
    this.clear();
    this.#time = time;
    this.#window = null;
    return this.show(window);
  }

  /** The view of a window that came from outside; null where that is in view already, or there is no chart. */
  show(window: TimeSpan | null): View | null {
    if (this.#time === undefined || same(window, this.#window)) return null;
    this.#telling.stop();
    this.#window = window;
    const shares = window === null ? null : sharesOf(this.#time, window);
    this.#given = windowOf(0, shares ?? [0, 1]);
    return this.#given;
  }

  /** The view is another one. */
  moved(step: boolean): void {
    this.#telling.stop();
    if (this.#time === undefined) return;
    if (step) this.#tell(true);
    else this.#telling.putOff();
  }

  paint(view: View, width: number, palette: Palette, family: string, utc: boolean): void {
    if (this.#time === undefined) return;
    this.#axis.paint(this.#time, view, { width, palette, family, utc, brushed: this.#brushed });
    this.#say(this.#time, utc);
  }

  /** Takes the brushed span away. */
  clear(): void {
    if (this.#brushed === null) return;
    this.#brushed = null;
    this.#host.told('eg-span', { span: null });
    this.#host.changed();
  }

  #tell(step: boolean): void {
    const view = this.#host.view();
    if (this.#time === undefined || (this.#given !== null && sameView(view, this.#given))) return;
    this.#given = null;
    const window = isWhole(view) ? null : spanOf(this.#time, view);
    if (same(window, this.#window)) return;
    this.#window = window;
    this.#host.told('eg-window', { window, step });
  }

  /** What is brushed, to whoever does not see it. */
  #say(time: ChartSpan, utc: boolean): void {
    const { dataset } = this.#canvas;
    const brushed = this.#brushed;
    const key = brushed === null ? '' : `${time.first} ${brushed.join()} ${utc}`;
    if (dataset['said'] === key) return;
    dataset['said'] = key;
    this.#canvas.ariaValueNow = String(Math.round((brushed?.[0] ?? 0) * 100));
    this.#canvas.ariaValueText = brushed === null ? 'No span: the arrow keys begin one' : spanWords(time, spanOf(time, { x0: brushed[0], x1: brushed[1] }), utc);
  }

  #key(event: KeyboardEvent): void {
    const time = this.#time;
    if (time === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const brushed = this.#brushed;
    if (event.key === 'Escape' && brushed !== null) this.clear();
    else if (event.key === 'Enter' && brushed !== null) this.#host.told('eg-stacks', { span: spanOf(time, { x0: brushed[0], x1: brushed[1] }) });
    else {
      const next = brushedBy(event.key, event.shiftKey, brushed, this.#host.view());
      if (next === null) return;
      this.#brushed = next;
      this.#host.changed();
      this.#host.told('eg-span', { span: spanOf(time, { x0: next[0], x1: next[1] }) });
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #brush(event: PointerEvent): void {
    const time = this.#time;
    if (event.button !== 0 || time === undefined) return;
    event.preventDefault();
    const canvas = this.#canvas;
    const { left, width } = canvas.getBoundingClientRect();
    const { x0, x1 } = this.#host.view();
    const at = (x: number): number => x0 + Math.min(1, Math.max(0, (x - left) / width)) * (x1 - x0);
    const start = event.clientX;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    const move = ({ clientX }: PointerEvent): void => {
      const ends = [at(start), at(clientX)].sort((a, b) => a - b) as [number, number];
      this.#brushed = Math.abs(clientX - start) < SLACK ? null : ends;
      this.#host.changed();
    };
    const stop = (): void => {
      canvas.removeEventListener('pointermove', move);
      const brushed = this.#brushed;
      this.#host.told('eg-span', { span: brushed === null ? null : spanOf(time, { x0: brushed[0], x1: brushed[1] }) });
    };
    move(event);
    canvas.addEventListener('pointermove', move);
    canvas.addEventListener('lostpointercapture', stop, { once: true });
  }
}

function same(a: TimeSpan | null, b: TimeSpan | null): boolean {
  return a?.first === b?.first && a?.last === b?.last;
}
