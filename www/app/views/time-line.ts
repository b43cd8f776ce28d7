/** The time line: totals of the shown type per step over all its data; a drag selects the range, a double click all of it. */

import { css, html, nothing, unsafeCSS } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import uPlot from 'uplot';
import uplotStyles from 'uplot/dist/uPlot.min.css?inline';
import { EngineError } from '../../engine/errors.ts';
import { formatCount, formatValue } from '../../engine/format.ts';
import { adviceFor } from '../state/advice.ts';
import { shownType } from '../state/app-state.ts';
import type { TimeLine } from '../state/app-state.ts';
import { selectionOf } from '../state/queries.ts';
import { formatInstant, toRfc3339 } from '../state/time.ts';
import { snapRange, tickLabels, valueRange } from '../state/time-axis.ts';
import { AppView, adoptStyles } from './app-view.ts';

const HEIGHT = 96;
const NARROW_HEIGHT = 56;
/** A label further left would touch those of the values, CSS pixels from the first bar to its middle. */
const LEAST_LEFT = 44;

/** `<eg-time-line>` */
export class TimeLineView extends AppView {
  static override properties = { ...AppView.properties, hovered: { state: true } };

  declare hovered: number | null;
  #plot: uPlot | null = null;
  #drawn = '';
  #line: TimeLine | null = null;
  #plotted: TimeLine | null = null;
  #marked = '';
  readonly #resize = new ResizeObserver(() => this.#fit());

  constructor() {
    super();
    this.hovered = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
    this.#destroy();
  }

  protected override render(): TemplateResult {
    const { timeLine } = this.state;
    return html`
      <div class="plot" role="img" aria-label=${this.#summary()}></div>
      <div class="readout number" aria-hidden="true">${this.#readout()}</div>
      ${timeLine.error === null
        ? nothing
        : html`<p class="wrong">${timeLine.error.message} <code>${timeLine.error.code}</code>. ${adviceFor(timeLine.error.code)}</p>`}
    `;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const { timeLine, utc, theme, systemDark } = this.state;
    const line = timeLine.value;
    this.#line = line;
    if (line === null) {
      this.#destroy();
      return;
    }
    const key = `${line.unit} ${utc} ${theme} ${systemDark}`;
    if (this.#plot === null || key !== this.#drawn) {
      this.#destroy();
      this.#drawn = key;
      this.#create(line);
    }
    if (this.#plotted !== line) this.#plot?.setData(this.#data(line));
    // Not with every change: a drag under way would lose what it has selected.
    const { from, until } = this.state.view;
    const marked = `${from} ${until}`;
    if (this.#plotted !== line || this.#marked !== marked) this.#showSelection();
    this.#plotted = line;
    this.#marked = marked;
  }

  #summary(): string {
    const { timeLine, utc, view } = this.state;
    const type = shownType(this.state);
    if (timeLine.value === null || type === null) return 'Time line, empty';
    return `Time line of ${view.service}: ${formatCount(type.profiles, 'profile')} from ${formatInstant(type.from, utc)} to ${formatInstant(type.until, utc)}. The range can also be set with the time range button.`;
  }

  #readout(): string {
    const line = this.state.timeLine.value;
    if (line === null) return '';
    const step = this.hovered;
    if (step === null) return '';
    const { series } = line;
    const value = series.values[step];
    if (value === undefined) return '';
    const start = series.start + series.step * BigInt(step);
    const fine = series.step < 1_000_000_000n;
    const profiles = series.profiles[step] ?? 0;
    const what = profiles === 0 ? 'no profiles' : `${formatValue(BigInt(Math.round(value)), line.unit)} · ${formatCount(profiles, 'profile')}`;
    return `${formatInstant(start, this.state.utc, fine)} · ${what}`;
  }

  #data(line: TimeLine): uPlot.AlignedData {
    const { start, step, values, profiles } = line.series;
    const x = new Float64Array(values.length);
    const base = Number(start - line.from) / 1e9 + Number(line.from / 1000n) / 1e6;
    const half = Number(step) / 2e9;
    for (let row = 0; row < x.length; row += 1) x[row] = base + (Number(step) / 1e9) * row + half;
    // A step without profiles is a gap, not a measured zero.
    const y = Array.from(values, (value, row) => ((profiles[row] ?? 0) === 0 ? null : value));
    return [x, y];
  }

  #create(line: TimeLine): void {
    const host = this.querySelector<HTMLElement>('.plot');
    if (host === null) return;
    const style = getComputedStyle(this);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const font = `11px ${style.getPropertyValue('--eg-font')}`;
    const axis: uPlot.Axis = {
      stroke: color('--eg-text-muted'),
      font,
      ticks: { show: false },
      grid: { stroke: color('--eg-line'), width: 1 },
    };
    const { utc, narrow } = this.state;
    this.#plot = new uPlot(
      {
        width: Math.max(100, host.clientWidth),
        height: narrow ? NARROW_HEIGHT : HEIGHT,
        // Above the bars is room for what the strip can show instead.
        padding: [narrow ? 8 : 26, narrow ? 0 : 28, narrow ? 4 : 0, 0],
        legend: { show: false },
        // Below the bars, so that they keep their colour.
        select: { show: true, over: false, left: 0, top: 0, width: 0, height: 0 },
        cursor: {
          y: false,
          points: { show: false },
          drag: { x: true, y: false, setScale: false, uni: 0 },
          bind: { dblclick: () => () => { this.session.navigate({ from: '', until: '' }, 'push'); return null; } },
        },
        ...(utc ? { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') } : {}),
        scales: { x: { time: true, range: () => this.#xRange() }, y: { range: (_plot, low, high) => valueRange(low, high) } },
        axes: [
          {
            ...axis,
            show: !narrow,
            size: 22,
            gap: 4,
            space: 100,
            grid: { show: false },
            values: (plot, splits, _axis, _space, step) => tickLabels(splits, step, utc, plot.posToVal(LEAST_LEFT, 'x')),
          },
          {
            ...axis,
            show: !narrow,
            size: 64,
            gap: 6,
            space: 22,
            values: (_plot, splits) =>
              splits.map((value) => (value === 0 ? '0' : formatValue(BigInt(Math.round(value)), this.#line?.unit ?? ''))),
          },
        ],
        series: [
          {},
          {
            stroke: color('--eg-accent'),
            fill: color('--eg-accent'),
            width: 0,
            points: { show: false },
            ...(uPlot.paths.bars === undefined ? {} : { paths: uPlot.paths.bars({ size: [0.8, Infinity, 2], align: 0 }) }),
          },
        ],
        hooks: {
          setCursor: [(plot) => this.#hover(plot)],
          setSelect: [(plot) => this.#select(plot)],
        },
      },
      this.#data(line),
      host,
    );
  }

  #xRange(): [number, number] {
    const line = this.#line;
    return line === null ? [0, 1] : [Number(line.from / 1000n) / 1e6, Number(line.until / 1000n) / 1e6];
  }

  #hover(plot: uPlot): void {
    const line = this.#line;
    const left = plot.cursor.left ?? -1;
    const width = plot.over.clientWidth;
    if (line === null || left < 0 || width === 0) {
      this.hovered = null;
      return;
    }
    const { from } = snapRange(line, left / width, left / width);
    this.hovered = Number((from - line.series.start) / line.series.step);
  }

  #select(plot: uPlot): void {
    const line = this.#line;
    const { left, width } = plot.select;
    const whole = plot.over.clientWidth;
    // uPlot divides by its width when it is resized, which was 0 while it was hidden.
    if (line === null || whole === 0 || !Number.isFinite(left + width)) return;
    // A click without a drag takes the mark away on the plot, but changes nothing.
    if (width < 3) {
      this.#showSelection();
      return;
    }
    const { from, until } = snapRange(line, left / whole, (left + width) / whole);
    this.session.navigate({ from: toRfc3339(from), until: toRfc3339(until) }, 'push');
  }

  /** Marks the range of the view; with none chosen all is shown and nothing is marked. */
  #showSelection(): void {
    const plot = this.#plot;
    const line = this.#line;
    if (plot === null || line === null) return;
    const { from, until } = this.#range();
    const open = this.state.view.from === '' && this.state.view.until === '';
    const span = Number(line.until - line.from);
    const whole = plot.over.clientWidth;
    const at = (instant: bigint): number => Math.min(1, Math.max(0, Number(instant - line.from) / span)) * whole;
    const left = from === null ? 0 : at(from);
    const right = until === null ? whole : at(until);
    plot.setSelect({ left: open ? 0 : left, top: 0, width: open ? 0 : Math.max(2, right - left), height: plot.over.clientHeight }, false);
    this.classList.toggle('ranged', !open);
  }

  #range(): { from: bigint | null; until: bigint | null } {
    try {
      return selectionOf(this.state);
    } catch (thrown) {
      EngineError.of(thrown);
      return { from: null, until: null };
    }
  }

  #fit(): void {
    const host = this.querySelector<HTMLElement>('.plot');
    if (this.#plot === null || host === null) return;
    const height = this.state.narrow ? NARROW_HEIGHT : HEIGHT;
    if (this.#plot.width === host.clientWidth && this.#plot.height === height) return;
    if (this.#plot.height !== height) {
      this.#drawn = '';
      this.requestUpdate();
      return;
    }
    this.#plot.setSize({ width: Math.max(100, host.clientWidth), height });
    this.#showSelection();
  }

  #destroy(): void {
    this.#plot?.destroy();
    this.#plot = null;
    this.#plotted = null;
  }
}

adoptStyles(
  unsafeCSS(uplotStyles),
  css`
    eg-time-line {
      position: relative;
      display: block;
      height: 95px;

      .plot {
        height: 100%;
      }

      .uplot {
        font-family: var(--eg-font);
      }

      .u-over {
        cursor: crosshair;
      }

      &:not(.ranged) .u-select {
        border: 0;
      }

      .u-select {
        background: color-mix(in oklch, var(--eg-focus) 16%, transparent);
        border-inline: 1px solid var(--eg-focus);
      }

      .u-cursor-x {
        border-right: 1px solid var(--eg-text-muted);
      }

      .readout {
        position: absolute;
        top: 3px;
        right: 212px;
        padding: 0 6px;
        border-radius: 3px;
        background: color-mix(in oklch, var(--eg-bg) 85%, transparent);
        color: var(--eg-text-muted);
        font-size: 11px;
        pointer-events: none;
      }

      .wrong {
        position: absolute;
        inset: 0;
        display: grid;
        place-content: center;
        margin: 0;
        color: var(--eg-bad);
        background: var(--eg-bg);
      }

      @media (max-width: 719px) {
        height: 56px;

        .readout {
          right: 12px;
        }
      }
    }
  `,
);

customElements.define('eg-time-line', TimeLineView);
