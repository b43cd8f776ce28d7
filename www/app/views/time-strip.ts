/** A small time line: a bar a step, the selected range, the pointer's place shared with other strips, a brush to select. */

import { LitElement, css, html, nothing, svg } from 'lit';
import type { TemplateResult } from 'lit';
import type { SeriesResult } from '../../engine/protocol.ts';
import { snapRange } from '../state/time-axis.ts';
import type { TimeRange } from '../state/time.ts';
import { adoptStyles } from './app-view.ts';

/** `<eg-time-strip>`; tells `eg-brush` with a range, and `eg-place` with the share of the width under the pointer, or null. */
export class TimeStrip extends LitElement {
  static override properties = { series: { attribute: false }, span: { attribute: false }, range: { attribute: false }, place: { attribute: false }, label: {}, brushed: { state: true } };

  declare series: SeriesResult | null;
  /** What the width stands for. */
  declare span: { from: bigint; until: bigint };
  declare range: TimeRange;
  /** Share of the width that is pointed at, here or in another strip. */
  declare place: number | null;
  declare label: string;
  /** Shares between which a drag under way is. */
  declare brushed: [number, number] | null;

  constructor() {
    super();
    this.series = null;
    this.span = { from: 0n, until: 1n };
    this.range = { from: null, until: null };
    this.place = null;
    this.label = '';
    this.brushed = null;
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const { brushed, place } = this;
    const selected = brushed ?? [this.#share(this.range.from, 0), this.#share(this.range.until, 1)];
    const [left, right] = [Math.min(...selected) * 1000, Math.max(...selected) * 1000];
    return html`<svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label=${this.label}
      @pointerdown=${this.#down} @pointermove=${this.#move} @pointerleave=${() => this.#tell('eg-place', null)}>
      ${this.#isOpen && brushed === null ? nothing : svg`<rect class="range" x=${left} y="0" width=${Math.max(2, right - left)} height="100"></rect>`}
      ${svg`<path class="bars" d=${this.#bars()}></path>`}
      ${place === null ? nothing : svg`<path class="place" d=${`M${place * 1000} 0V100`} vector-effect="non-scaling-stroke"></path>`}
    </svg>`;
  }

  /** Without a range all is shown, and nothing is marked. */
  get #isOpen(): boolean {
    return this.range.from === null && this.range.until === null;
  }

  #share(instant: bigint | null, open: number): number {
    if (instant === null) return open;
    const { from, until } = this.span;
    return Math.min(1, Math.max(0, Number(instant - from) / Number(until - from)));
  }

  #bars(): string {
    const { series } = this;
    if (series === null || series.values.length === 0) return '';
    const most = series.values.reduce((largest, value) => Math.max(largest, value), 0);
    if (most === 0) return '';
    const step = (Number(series.step) / Number(this.span.until - this.span.from)) * 1000;
    const first = this.#share(series.start, 0) * 1000;
    const bars: string[] = [];
    for (const [row, value] of series.values.entries()) {
      if ((series.profiles[row] ?? 0) === 0) continue;
      const height = Math.max(3, (value / most) * 96);
      const width = Math.max(1.5, step * 0.8);
      bars.push(`M${(first + row * step).toFixed(2)} 100v-${height.toFixed(2)}h${width.toFixed(2)}v${height.toFixed(2)}z`);
    }
    return bars.join('');
  }

  #at(event: PointerEvent): number {
    const { left, width } = this.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / width));
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0 || this.series === null) return;
    const target = event.currentTarget as SVGElement;
    target.setPointerCapture(event.pointerId);
    const start = this.#at(event);
    const drag = (each: PointerEvent): void => void (this.brushed = [start, this.#at(each)]);
    target.addEventListener('pointermove', drag);
    target.addEventListener(
      'lostpointercapture',
      () => {
        target.removeEventListener('pointermove', drag);
        const { brushed, series, span } = this;
        this.brushed = null;
        if (brushed === null || series === null || brushed[0] === brushed[1]) return;
        this.#tell('eg-brush', snapRange({ series, ...span }, Math.min(...brushed), Math.max(...brushed)));
      },
      { once: true },
    );
  }

  #move(event: PointerEvent): void {
    this.#tell('eg-place', this.#at(event));
  }

  #tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

adoptStyles(css`
  eg-time-strip {
    display: block;
    height: 44px;

    svg {
      display: block;
      width: 100%;
      height: 100%;
      cursor: crosshair;
      touch-action: pan-y;
    }

    .bars {
      fill: var(--eg-strip, var(--eg-accent));
    }

    .range {
      fill: var(--eg-bg-selected);
    }

    .place {
      stroke: var(--eg-text);
      stroke-width: 1;
    }
  }
`);

customElements.define('eg-time-strip', TimeStrip);
