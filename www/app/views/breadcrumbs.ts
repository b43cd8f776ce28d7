/** How the graph stands, and the path to the zoomed frame; a click on a step goes back to it. */

import { css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { exactValue, formatPercent, formatValue } from '../../engine/format.ts';
import { GRAPHS, isCompared } from '../state/view.ts';
import type { Graph } from '../state/view.ts';
import { AppView, adoptStyles } from './app-view.ts';
import type { FilterBar } from './filter-bar.ts';

/** More steps than this are folded in the middle. */
const MOST_STEPS = 40;

const GRAPH_NAMES: Readonly<Record<Graph, { label: string; title: string }>> = {
  icicle: { label: 'Icicle', title: 'From the root down' },
  flame: { label: 'Flame', title: 'From the root up' },
  inverted: { label: 'Inverted', title: 'From the leaves: who calls what costs most (i)' },
  sandwich: { label: 'Sandwich', title: 'Callers of a function above, what it calls below (s)' },
  diff: { label: 'Diff', title: 'Beside what it is compared with' },
  time: { label: 'Time', title: 'Stacks in order of time, a lane for each thread' },
  source: { label: 'Source', title: 'What each line of the source costs' },
};

/** `<eg-breadcrumbs>` */
export class Breadcrumbs extends AppView {
  protected override render(): TemplateResult {
    const { path, result } = this.state;
    const shown = result.value;
    if (shown === null) return html``;
    const { total, unit, scale } = shown.result;
    const steps = path.length > MOST_STEPS ? path.slice(-MOST_STEPS) : path;
    const folded = path.length - steps.length;
    const value = (part: bigint): string => `${exactValue(part, unit, scale)}, ${formatPercent(part, total)}`;
    return html`<div class="bar">${this.#graphs()}<nav aria-label="Zoomed frames">
      <ol>
        <li><button class="bare crumb" title=${value(total)} aria-current=${path.length === 0 ? 'true' : nothing} @click=${() => this.session.zoom.to(0)}>all</button></li>
        ${folded === 0 ? nothing : html`<li class="muted">${folded} more</li>`}
        ${steps.map(
          (step, row) => html`<li>
            <button
              class="bare crumb mono"
              title=${`${step.shown}: ${value(step.total)}`}
              aria-current=${row === steps.length - 1 ? 'true' : nothing}
              @click=${() => this.session.zoom.to(step.node)}
            >
              <span class="cut">${step.shown}</span>
            </button>
          </li>`,
        )}
      </ol>
      ${path.length === 0
        ? nothing
        : html`<span class="share number muted" title=${value(path.at(-1)?.total ?? 0n)}
            >${formatValue(path.at(-1)?.total ?? 0n, unit, scale)} · ${formatPercent(path.at(-1)?.total ?? 0n, total)}</span
          >`}
    </nav></div>`;
  }

  #graphs(): TemplateResult {
    const { view } = this.state;
    const { graph } = view;
    return html`<div class="graphs" role="group" aria-label="View of the graph">
      ${GRAPHS.filter((each) => each !== 'diff' || each === graph || isCompared(view)).map(
        (each) =>
          html`<button class="bare" aria-pressed=${each === graph} title=${GRAPH_NAMES[each].title} @click=${() => this.session.showGraph(each)}>
            ${GRAPH_NAMES[each].label}
          </button>`,
      )}
    </div>
    <button class="bare add" title="Add a filter of frames" @click=${() => this.closest('eg-panes')?.querySelector<FilterBar>('eg-filter-bar')?.write()}>Filter…</button>`;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const list = this.querySelector('ol');
    if (list !== null) list.scrollLeft = list.scrollWidth;
  }
}

adoptStyles(css`
  eg-breadcrumbs {
    flex: none;
    display: block;
    height: 25px;
    border-bottom: 1px solid var(--eg-line);

    .bar {
      display: flex;
      align-items: center;
    }

    .graphs {
      display: flex;
      flex: none;
      gap: 1px;
      padding: 0 6px 0 4px;
      border-right: 1px solid var(--eg-line);
    }

    .graphs button {
      height: 20px;
      padding: 0 6px;
      border: 0;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
    }

    .graphs button[aria-pressed='true'] {
      background: var(--eg-bg-selected);
      color: var(--eg-text);
    }

    .add {
      flex: none;
      height: 20px;
      padding: 0 6px;
      border: 0;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
    }

    nav {
      flex: 1;
      min-width: 0;
      display: flex;
      align-items: center;
      height: 24px;
      padding: 0 12px 0 4px;
    }

    ol {
      display: flex;
      flex: 1;
      min-width: 0;
      margin: 0;
      padding: 0;
      list-style: none;
      overflow: auto hidden;
      scrollbar-width: none;
    }

    li {
      display: flex;
      align-items: center;
      flex: none;
      font-size: var(--eg-size-small);
    }

    li + li::before {
      content: '›';
      padding: 0 2px;
      color: var(--eg-text-muted);
    }

    .crumb {
      height: 20px;
      max-width: 240px;
      padding: 0 5px;
      border: 0;
      color: var(--eg-text-muted);
      font-size: var(--eg-size-small);
    }

    .crumb[aria-current] {
      color: var(--eg-text);
    }

    .share {
      padding-left: 12px;
      font-size: var(--eg-size-small);
    }
  }
`);

customElements.define('eg-breadcrumbs', Breadcrumbs);
