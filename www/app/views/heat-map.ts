/** The heat map: how many profiles have which value in each step of time; a drag selects the range, a click a step. */

import { css, html } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import type { HeatMap } from '../../engine/protocol.ts';
import { shownType } from '../state/app-state.ts';
import { cellAt, countAt, countText, rowFromTop, rowText, stepsOf, strength, timeTicks, timesOf } from '../state/heat-cells.ts';
import type { Cell } from '../state/heat-cells.ts';
import { formatInstant, formatRange, toRfc3339 } from '../state/time.ts';
import { AppView, adoptStyles } from './app-view.ts';

const LEFT = 92;
const BOTTOM = 20;
/** Room of a label at the time axis. */
const TICK = 132;
const TICK_HEIGHT = 5;

/** `<eg-heat-map>` */
export class HeatMapView extends AppView {
  static override properties = { ...AppView.properties, cell: { state: true } };

  /** Under the pointer, or moved to by keys. */
  declare cell: Cell | null;
  #brushed: [number, number] | null = null;
  readonly #resize = new ResizeObserver(() => this.#draw());

  constructor() {
    super();
    this.cell = null;
  }

  protected override subscriptions(): (() => void)[] {
    return [...super.subscriptions(), this.session.overTime.store.subscribe(() => this.requestUpdate())];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
  }

  get #map(): HeatMap | null {
    return this.session.overTime.store.state.heat.value;
  }

  protected override render(): TemplateResult {
    const { loading } = this.session.overTime.store.state.heat;
    return html`<canvas
        tabindex="0"
        role="img"
        aria-label=${this.#summary()}
        aria-busy=${loading}
        aria-keyshortcuts="ArrowLeft ArrowRight ArrowUp ArrowDown Enter"
        @pointerdown=${this.#down}
        @pointermove=${(event: PointerEvent) => (this.cell = this.#cellOf(event))}
        @pointerleave=${() => (this.cell = null)}
        @dblclick=${() => this.session.navigate({ from: '', until: '' }, 'push')}
        @keydown=${this.#key}
        @blur=${() => (this.cell = null)}
      ></canvas>
      <div class="readout number" role="status">${this.#readout()}</div>`;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const map = this.#map;
    const { cell } = this;
    if (map !== null && cell !== null && (cell.step >= stepsOf(map) || cell.row >= map.rows.length)) this.cell = null;
    this.#draw();
  }

  get #unit(): string {
    return shownType(this.state)?.unit ?? '';
  }

  #summary(): string {
    const map = this.#map;
    if (map === null || stepsOf(map) === 0) return 'Heat map, empty';
    const { from, until } = timesOf(map, 0, stepsOf(map) - 1);
    return `Heat map of ${this.state.view.service}, ${formatRange(from, until, this.state.utc)}: ${map.rows.length} rows, ${stepsOf(map)} steps. Arrow keys move, Enter selects a step.`;
  }

  #readout(): string {
    const map = this.#map;
    if (map === null) return '';
    if (stepsOf(map) === 0) return 'No profiles in this range.';
    if (this.cell === null) return '';
    const { from } = timesOf(map, this.cell.step, this.cell.step);
    const row = map.rows[this.cell.row];
    const when = formatInstant(from, this.state.utc, map.step < 1_000_000_000n);
    return `${when} · ${row === undefined ? '' : rowText(row, this.#unit)} · ${countText(map, countAt(map, this.cell))}`;
  }

  #draw(): void {
    const canvas = this.querySelector('canvas');
    const context = canvas?.getContext('2d') ?? null;
    if (canvas === null || context === null) return;
    const { clientWidth: width, clientHeight: height } = canvas;
    const ratio = devicePixelRatio;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    const map = this.#map;
    if (map === null || stepsOf(map) === 0) return;
    const style = getComputedStyle(this);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    this.#cells(context, map, width - LEFT, height - BOTTOM, color('--eg-accent'));
    context.fillStyle = color('--eg-text-muted');
    context.font = `11px ${style.getPropertyValue('--eg-font')}`;
    this.#axes(context, map, width, height);
    this.#marks(context, map, width - LEFT, height - BOTTOM, color);
  }

  #cells(context: CanvasRenderingContext2D, map: HeatMap, width: number, height: number, accent: string): void {
    const steps = stepsOf(map);
    const most = map.counts.reduce((largest, count) => Math.max(largest, count), 0);
    const [wide, high] = [width / steps, height / map.rows.length];
    context.fillStyle = accent;
    for (const [at, count] of map.counts.entries()) {
      if (count === 0) continue;
      const row = rowFromTop(map, Math.floor(at / steps));
      context.globalAlpha = strength(count, most);
      // A gap between cells only where there is room for one.
      context.fillRect(LEFT + (at % steps) * wide, row * high, Math.max(1, wide - (wide > 4 ? 1 : 0)), Math.max(1, high - (high > 4 ? 1 : 0)));
    }
    context.globalAlpha = 1;
  }

  #axes(context: CanvasRenderingContext2D, map: HeatMap, width: number, height: number): void {
    const { rows } = map;
    const high = (height - BOTTOM) / rows.length;
    const every = Math.max(1, Math.ceil(16 / high));
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    for (const [at, row] of rows.entries()) {
      if (at % every !== 0) continue;
      const text = 'labels' in row ? rowText(row, this.#unit) : rowText({ ...row, until: row.from }, this.#unit);
      context.fillText(fitted(context, text, LEFT - 12), LEFT - 6, (rowFromTop(map, at) + 0.5) * high);
    }
    context.textAlign = 'left';
    for (const { at, text } of timeTicks(map, width - LEFT, TICK, this.state.utc)) {
      const left = Math.round(LEFT + at * (width - LEFT));
      context.fillRect(left, height - BOTTOM, 1, TICK_HEIGHT);
      if (left + 4 + context.measureText(text).width <= width) context.fillText(text, left + 4, height - BOTTOM / 2);
    }
  }

  #marks(context: CanvasRenderingContext2D, map: HeatMap, width: number, height: number, color: (name: string) => string): void {
    const steps = stepsOf(map);
    if (this.#brushed !== null) {
      const [first, last] = ordered(this.#brushed);
      context.globalAlpha = 0.2;
      context.fillStyle = color('--eg-focus');
      context.fillRect(LEFT + (first * width) / steps, 0, ((last - first + 1) * width) / steps, height);
      context.globalAlpha = 1;
    }
    if (this.cell === null) return;
    context.strokeStyle = color('--eg-text');
    context.lineWidth = 1;
    const high = height / map.rows.length;
    context.strokeRect(LEFT + (this.cell.step * width) / steps - 0.5, rowFromTop(map, this.cell.row) * high - 0.5, width / steps + 1, high + 1);
  }

  #cellOf(event: PointerEvent): Cell | null {
    const map = this.#map;
    const { left, top, width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    if (map === null) return null;
    return cellAt(map, (event.clientX - left - LEFT) / (width - LEFT), (event.clientY - top) / (height - BOTTOM));
  }

  #down(event: PointerEvent): void {
    const start = this.#cellOf(event);
    if (event.button !== 0 || start === null) return;
    const canvas = event.currentTarget as HTMLCanvasElement;
    canvas.setPointerCapture(event.pointerId);
    this.#brushed = [start.step, start.step];
    const drag = (each: PointerEvent): void => {
      const cell = this.#cellOf(each);
      if (cell !== null) this.#brushed = [start.step, cell.step];
    };
    canvas.addEventListener('pointermove', drag);
    canvas.addEventListener(
      'lostpointercapture',
      () => {
        canvas.removeEventListener('pointermove', drag);
        const brushed = this.#brushed;
        this.#brushed = null;
        if (brushed !== null) this.#select(...ordered(brushed));
      },
      { once: true },
    );
  }

  #select(first: number, last: number): void {
    const map = this.#map;
    if (map === null) return;
    const { from, until } = timesOf(map, first, last);
    this.session.navigate({ from: toRfc3339(from), until: toRfc3339(until) }, 'push');
  }

  #key(event: KeyboardEvent): void {
    const map = this.#map;
    if (map === null || stepsOf(map) === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const { step, row } = this.cell ?? { step: 0, row: 0 };
    const up = rowFromTop(map, 0) === 0 ? -1 : 1;
    const moves: Readonly<Record<string, Cell>> = {
      ArrowLeft: { step: step - 1, row },
      ArrowRight: { step: step + 1, row },
      ArrowUp: { step, row: row + up },
      ArrowDown: { step, row: row - up },
      Home: { step: 0, row },
      End: { step: stepsOf(map) - 1, row },
    };
    const moved = moves[event.key];
    if (moved === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    if (moved === undefined) this.#select(step, step);
    else this.cell = this.cell === null ? { step: 0, row: 0 } : { step: Math.min(stepsOf(map) - 1, Math.max(0, moved.step)), row: Math.min(map.rows.length - 1, Math.max(0, moved.row)) };
  }
}

function ordered([a, b]: [number, number]): [number, number] {
  return a < b ? [a, b] : [b, a];
}

/** The text, cut in the middle where it is wider than `width`. */
function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  for (let kept = text.length - 1; kept > 2; kept -= 1) {
    const half = Math.ceil(kept / 2);
    const cut = `${text.slice(0, half)}…${text.slice(text.length - (kept - half))}`;
    if (context.measureText(cut).width <= width) return cut;
  }
  return '…';
}

adoptStyles(css`
  eg-heat-map {
    position: relative;
    display: block;

    canvas {
      display: block;
      width: calc(100% - 28px);
      height: 160px;
      cursor: crosshair;
      touch-action: pan-y;
    }

    .readout {
      position: absolute;
      top: 2px;
      right: 32px;
      padding: 0 6px;
      border-radius: 3px;
      background: color-mix(in oklch, var(--eg-bg) 88%, transparent);
      font-size: 11px;
      pointer-events: none;
    }

    @media (max-width: 719px) {
      canvas {
        width: 100%;
        height: 120px;
      }
    }
  }
`);

customElements.define('eg-heat-map', HeatMapView);
