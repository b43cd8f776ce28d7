/** What a box is, beside the pointer: a popover of the platform (top layer, cut by nothing), moved to stay in the window. */

import { css, html, nothing, render } from 'lit';
import { exactValue, formatPercent, formatValue } from '../engine/format.ts';
import type { NodeInfo, QueryResult } from '../engine/protocol.ts';
import { placeOf } from './describe.ts';

/** Distance from the pointer and from the edges of the window, CSS pixels. */
const AWAY = 14;
const EDGE = 8;

/** A box in words. */
export interface Description {
  info: NodeInfo;
  /** Siblings, if several in one box. */
  count: number;
  /** Total of the focus, which percentages of the view are of. */
  view: bigint;
  /** In a chart over time, how long after its begin the box begins, ns; else null. */
  begin: bigint | null;
}

/** The tooltip of one flame graph. */
export class Tooltip {
  readonly #root: HTMLElement;
  #described: Description | null = null;

  /** @param root an empty element of the class `tooltip` */
  constructor(root: HTMLElement) {
    this.#root = root;
    root.popover = 'manual';
  }

  /** True while it is shown. */
  get shown(): boolean {
    return this.#described !== null;
  }

  /** Shows a description; `move` or `dock` place it. */
  show(description: Description, result: QueryResult): void {
    this.#described = description;
    render(content(description, result), this.#root);
    if (this.#root.isConnected && !this.#root.matches(':popover-open')) this.#root.showPopover();
  }

  /** Moves it to the lower left corner of a rectangle of the window, or to another where that would cover a box. */
  dock(frame: DOMRectReadOnly, box: DOMRectReadOnly): void {
    const { offsetWidth: width, offsetHeight: height } = this.#root;
    const left = frame.left + EDGE;
    const top = frame.bottom - EDGE - height;
    const corners = [[left, top], [frame.right - EDGE - width, top], [left, frame.top + EDGE]] as const;
    const covers = ([x, y]: readonly [number, number]): boolean => x < box.right && x + width > box.left && y < box.bottom && y + height > box.top;
    const [x, y] = corners.find((corner) => !covers(corner)) ?? corners[0];
    this.#root.style.left = `${Math.round(x)}px`;
    this.#root.style.top = `${Math.round(y)}px`;
  }

  /** Moves it beside another point. */
  move(x: number, y: number): void {
    const { offsetWidth, offsetHeight } = this.#root;
    const { clientWidth, clientHeight } = document.documentElement;
    const right = x + AWAY;
    const left = right + offsetWidth + EDGE <= clientWidth ? right : x - AWAY - offsetWidth;
    const below = y + AWAY;
    const top = below + offsetHeight + EDGE <= clientHeight ? below : y - AWAY - offsetHeight;
    this.#root.style.left = `${Math.round(Math.max(EDGE, Math.min(left, clientWidth - EDGE - offsetWidth)))}px`;
    this.#root.style.top = `${Math.round(Math.max(EDGE, Math.min(top, clientHeight - EDGE - offsetHeight)))}px`;
  }

  /** Hides it. */
  hide(): void {
    if (this.#described === null) return;
    this.#described = null;
    if (this.#root.matches(':popover-open')) this.#root.hidePopover();
  }
}

function content({ info, count, view, begin }: Description, { unit, scale, total, baseTotal }: QueryResult): unknown {
  const place = placeOf(info);
  const zoomed = view !== total;
  const line = (name: string, value: bigint, of = total): unknown => html`<dt>${name}</dt>
    <dd title=${exactValue(value, unit, scale)}>${formatValue(value, unit, scale)}</dd>
    ${zoomed ? html`<dd>${of === total ? formatPercent(value, view) : ''}</dd>` : nothing}
    <dd>${formatPercent(value, of)}</dd>`;
  return html`
    <div class=${count > 1 ? 'name several' : 'name'}>${info.name}</div>
    ${place === '' ? nothing : html`<div class="place">${place}</div>`}
    <dl class=${zoomed ? 'zoomed' : ''}>
      ${zoomed ? html`<span class="of">of view</span><span class="of">of all</span>` : nothing}
      ${line('Total', info.total)} ${line('Self', info.self)}
      ${info.baseTotal === null || baseTotal === null ? nothing : line('Base', info.baseTotal, baseTotal)}
      ${begin === null ? nothing : html`<dt>Begins</dt><dd title=${exactValue(begin, unit)}>${formatValue(begin, unit)}</dd>`}
    </dl>
    ${count > 1 ? html`<div class="hint">Too narrow to tell apart; click to open</div>` : nothing}
  `;
}

export const tooltipStyles = css`
  .tooltip {
    position: fixed;
    inset: auto;
    width: max-content;
    max-width: min(480px, calc(100vw - 16px));
    margin: 0;
    padding: 8px 10px;
    border: 0;
    border-radius: 6px;
    background: var(--_bg-overlay);
    color: var(--_text);
    box-shadow: var(--_shadow);
    font: 12px / 18px var(--_font);
    pointer-events: none;

    .name {
      font: 600 12px / 18px var(--_mono);
      overflow-wrap: anywhere;
    }

    .several {
      font-family: var(--_font);
    }

    .place {
      color: var(--_text-muted);
      font: 12px / 18px var(--_mono);
      overflow-wrap: anywhere;
    }

    dl {
      display: grid;
      grid-template-columns: max-content auto auto;
      column-gap: 16px;
      justify-content: start;
      margin: 6px 0 0;
      font-variant-numeric: tabular-nums;
    }

    dl.zoomed {
      grid-template-columns: max-content auto auto auto;
    }

    dt,
    .of,
    .hint {
      color: var(--_text-muted);
    }

    .of:first-child {
      grid-column-start: 3;
    }

    dd,
    .of {
      margin: 0;
      text-align: right;
    }

    .hint {
      margin-top: 6px;
    }
  }
`;
