/** The top table beside the flame graph, with a splitter between them; one of them alone where there is no room. */

import { css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import '../../elements/top-table.ts';
import type { RowMenuDetail } from '../../elements/row-menu.ts';
import type { FunctionDetail } from '../../elements/top-table.ts';
import '../../flamegraph/flamegraph.ts';
import type { FlameGraph, HoverDetail, LaneDetail, MenuDetail, NodeDetail, SpanDetail, WindowDetail } from '../../flamegraph/flamegraph.ts';
import type { ShownResult } from '../state/app-state.ts';
import { folded } from '../state/lanes.ts';
import { openSource } from '../state/open-source.ts';
import { SPLIT_MAX, SPLIT_MIN } from '../state/view.ts';
import type { Graph } from '../state/view.ts';
import { windowOf } from '../state/time-window.ts';
import { AppView, adoptStyles } from './app-view.ts';
import './breadcrumbs.ts';
import './diff-tools.ts';
import './filter-bar.ts';
import './frame-menu.ts';
import type { FrameMenu } from './frame-menu.ts';
import { graphKey, selectedName, turnLane } from './graph-keys.ts';
import { isLoaded } from './loaded.ts';
import { insteadOfGraph, insteadOfPanes } from './pane-states.ts';
import './query-line.ts';
import { skeleton } from './skeleton.ts';
import './time-bar.ts';

const LABELS: Readonly<Record<Graph, string>> = {
  icicle: 'Flame graph',
  flame: 'Flame graph, the root at the lower edge',
  inverted: 'Flame graph from the leaves',
  sandwich: 'What the functions call',
  time: 'Stacks in order of time',
  diff: 'Flame graph of what changed',
  source: 'Source',
};

/** `<eg-panes>` */
export class PanesView extends AppView {
  protected override render(): TemplateResult {
    const { result, view, narrow } = this.state;
    const shown = result.value;
    if (result.error !== null || (shown === null ? !result.loading : shown.result.profiles === 0)) return html`${this.#filters()}${insteadOfPanes(this.session)}`;
    const panes = narrow && view.panes === 'both' ? 'flame' : view.panes;
    return html`
      ${this.#filters()}
      <div class=${`panes ${panes}`} aria-busy=${result.loading}>
        ${panes === 'flame' ? nothing : this.#table(shown, narrow)}
        ${panes === 'both' ? this.#splitter() : nothing} ${panes === 'table' ? nothing : this.#flame(shown, narrow)}
      </div>
      <eg-frame-menu .session=${this.session}></eg-frame-menu>
      ${result.loading && shown !== null ? html`<div class="busy" aria-hidden="true"></div>` : nothing}
      <eg-query-line .session=${this.session}></eg-query-line>
    `;
  }

  #filters(): TemplateResult {
    return html`<eg-filter-bar .session=${this.session}></eg-filter-bar>`;
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    this.session.graph = this.querySelector<FlameGraph>('emberglass-flamegraph.main');
    this.querySelector<HTMLElement>('.panes')?.style.setProperty('--split', `${this.state.view.split}%`);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session.graph = null;
  }

  #menu(event: CustomEvent<MenuDetail>): void {
    const graph = event.currentTarget as FlameGraph;
    const { source } = graph;
    if (source === null) return;
    event.preventDefault();
    // The address knows the zoom of the main graph.
    const zoom = (node: number): unknown => (source.time !== undefined ? graph.zoomTo(node) : graph === this.session.graph ? this.session.zoom.to(node) : (graph.focusNode = node));
    void this.querySelector<FrameMenu>('eg-frame-menu')?.open(event.detail, source, zoom);
  }

  #rowMenu(event: CustomEvent<RowMenuDetail<FunctionDetail>>): void {
    event.preventDefault();
    const { row, x, y } = event.detail;
    void this.querySelector<FrameMenu>('eg-frame-menu')?.openFor(row, x, y);
  }

  #letters(event: KeyboardEvent): void {
    graphKey(event, this.session, {
      i: () => this.session.showGraph(this.state.view.graph === 'inverted' ? 'icicle' : 'inverted'),
      o: (graph) => this.#openSource(graph),
      l: (graph) => turnLane(graph, this.session),
      d: async (graph) => this.session.bases.choose(await selectedName(graph)),
    });
  }

  #table(shown: ShownResult | null, tab: boolean): TemplateResult {
    return html`<section class="table" id="pane-table" role=${tab ? 'tabpanel' : 'region'} aria-label="Top table">
      ${shown === null
        ? skeleton(14)
        : html`<emberglass-top-table
            .source=${shown.top}
            .search=${this.state.view.search}
            links-places
            @eg-function=${(event: CustomEvent<FunctionDetail>) => this.#searchFor(event.detail)}
            @eg-place=${({ detail }: CustomEvent<FunctionDetail>) => openSource(this.session, detail.file, detail.line)}
            @eg-row-menu=${this.#rowMenu}
          ></emberglass-top-table>`}
    </section>`;
  }

  #flame(shown: ShownResult | null, tab: boolean): TemplateResult {
    const { view } = this.state;
    if (view.graph === 'source') return this.#source(tab);
    const instead = insteadOfGraph(this.session, shown);
    return html`<section class="flame" id="pane-flame" role=${tab ? 'tabpanel' : 'region'} aria-label="Flame graph" @keydown=${this.#letters}>
      <eg-breadcrumbs .session=${this.session}></eg-breadcrumbs>
      ${shown === null || instead !== null ? instead : this.#graphs(shown)}
    </section>`;
  }

  /** The graph, with the callers above in a sandwich. */
  #graphs(shown: ShownResult): TemplateResult {
    const { focus, view } = this.state;
    return html`${view.graph === 'sandwich' && shown.callers !== null
        ? html`<emberglass-flamegraph
            class="callers"
            label=${`Callers of ${view.pivot}`}
            upwards
            .source=${shown.callers}
            .search=${view.search}
            @eg-hover=${({ detail: { info, result } }: CustomEvent<HoverDetail>) => this.session.hover.set({ info, result })}
            @eg-menu=${this.#menu}
          ></emberglass-flamegraph>`
        : nothing}${shown.chart === null ? nothing : html`<eg-time-bar .session=${this.session} .chart=${shown.chart}></eg-time-bar>`}${this.#diffBar(shown)}<emberglass-flamegraph
        class="main"
        .label=${LABELS[view.graph]}
        .upwards=${view.graph === 'flame'}
        .source=${shown.flame}
        .changeColors=${this.state.changeColors}
        .focusNode=${live(focus)}
        .search=${view.search}
        .timeWindow=${live(windowOf(view))}
        .utc=${this.state.utc}
        @eg-window=${(event: CustomEvent<WindowDetail>) => this.session.times.show(event.detail.window, event.detail.step ? 'push' : 'replace')}
        @eg-lane=${({ detail }: CustomEvent<LaneDetail>) => this.session.navigate(folded(this.state.view, detail.name, detail.fold), 'push')}
        @eg-span=${(event: CustomEvent<SpanDetail>) => this.session.store.set({ span: event.detail.span })}
        @eg-stacks=${({ detail: { span } }: CustomEvent<SpanDetail>) => span !== null && this.session.times.showStacks(span)}
        @eg-hover=${({ detail: { info, result } }: CustomEvent<HoverDetail>) => this.session.hover.set({ info, result })}
        @eg-menu=${this.#menu}
        @eg-zoom=${(event: CustomEvent<NodeDetail>) => void this.session.zoom.to(event.detail.node)}
      ></emberglass-flamegraph>`;
  }

  #source(tab: boolean): TemplateResult {
    const failed = (thrown: unknown): void => this.session.notices.report(thrown);
    return html`<section class="flame" id="pane-flame" role=${tab ? 'tabpanel' : 'region'} aria-label="Source">
      <eg-breadcrumbs .session=${this.session}></eg-breadcrumbs>
      ${isLoaded('eg-source', () => import('./source-view.ts'), () => this.requestUpdate(), failed) ? html`<eg-source .session=${this.session}></eg-source>` : skeleton(10)}
    </section>`;
  }

  async #openSource({ selected, source }: FlameGraph): Promise<void> {
    if (selected === null || selected === 0 || source === null) return;
    const { file, line } = await source.node(selected);
    openSource(this.session, file, line);
  }

  /** What is compared with what, where the graph is of a comparison. */
  #diffBar({ flame: { result } }: ShownResult): TemplateResult | typeof nothing {
    if (result.baseTotal === null) return nothing;
    return html`<div class="diff-bar">
      <eg-diff-tools .session=${this.session} .result=${result}></eg-diff-tools>
      <button @click=${() => this.session.navigate({ page: 'compare' }, 'push')}>Open the comparison</button>
    </div>`;
  }

  #splitter(): TemplateResult {
    return html`<div
      class="splitter"
      role="separator"
      tabindex="0"
      aria-label="Width of the top table"
      aria-orientation="vertical"
      aria-valuemin=${SPLIT_MIN}
      aria-valuemax=${SPLIT_MAX}
      aria-valuenow=${this.state.view.split}
      @pointerdown=${this.#grab}
      @keydown=${this.#nudge}
      @dblclick=${() => this.session.navigate({ split: 36 }, 'replace')}
    ></div>`;
  }

  #grab(event: PointerEvent): void {
    const bar = event.currentTarget as HTMLElement;
    const frame = this.querySelector<HTMLElement>('.panes');
    if (event.button !== 0 || frame === null) return;
    event.preventDefault();
    bar.focus();
    bar.setPointerCapture(event.pointerId);
    const move = (each: PointerEvent): void => {
      const { left, width } = frame.getBoundingClientRect();
      this.#split(((each.clientX - left) / width) * 100);
    };
    const stop = (): void => {
      bar.removeEventListener('pointermove', move);
    };
    bar.addEventListener('pointermove', move);
    bar.addEventListener('lostpointercapture', stop, { once: true });
  }

  #nudge(event: KeyboardEvent): void {
    const step = { ArrowLeft: -2, ArrowRight: 2, PageUp: -10, PageDown: 10 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#split(this.state.view.split + step);
  }

  #split(percent: number): void {
    const split = Math.round(Math.min(SPLIT_MAX, Math.max(SPLIT_MIN, percent)));
    if (split !== this.state.view.split) this.session.navigate({ split }, 'replace');
  }

  #searchFor({ name, file, line }: FunctionDetail): void {
    if (this.state.view.graph === 'source' && file !== '') {
      openSource(this.session, file, line);
      return;
    }
    if (this.state.view.graph === 'sandwich') {
      this.session.sandwich(name);
      return;
    }
    this.session.navigate({ search: name === this.state.view.search ? '' : name }, 'push');
  }
}

adoptStyles(css`
  eg-panes {
    position: relative;
    display: flex;
    flex-direction: column;
    min-height: 0;
    overflow: hidden;

    .panes {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      flex: 1;
      min-height: 0;
    }

    .panes.both {
      grid-template-columns: minmax(160px, var(--split, 36%)) 0 minmax(160px, 1fr);
    }

    section {
      display: flex;
      flex-direction: column;
      min-width: 0;
      min-height: 0;
      overflow: hidden;
    }

    emberglass-top-table,
    emberglass-flamegraph {
      flex: 1;
      min-height: 0;
    }

    .diff-bar {
      display: flex;
      flex: none;
      flex-wrap: wrap;
      align-items: center;
      gap: 4px 12px;
      padding: 4px 8px;
      border-bottom: 1px solid var(--eg-line);
    }

    emberglass-flamegraph.callers {
      border-bottom: 1px solid var(--eg-line-strong);
    }

    .panes.both .flame {
      border-left: 1px solid var(--eg-line);
    }

    .splitter {
      position: relative;
      z-index: 2;
      width: 9px;
      margin-left: -4px;
      cursor: col-resize;
      touch-action: none;
    }

    .splitter::after {
      content: '';
      position: absolute;
      inset: 0 3px;
      background: transparent;
      transition: background var(--eg-motion);
    }

    .splitter:hover::after,
    .splitter:active::after,
    .splitter:focus-visible::after {
      background: var(--eg-focus);
    }

    .splitter:focus-visible {
      outline: none;
    }

    .busy {
      position: absolute;
      z-index: 3;
      inset: 0 0 auto;
      height: 2px;
      background: linear-gradient(90deg, transparent, var(--eg-accent), transparent) 0 0 / 40% 100% no-repeat;
      opacity: 0;
      animation: eg-busy 1.2s 150ms linear infinite;
    }
  }

  @keyframes eg-busy {
    from {
      background-position: -60% 0;
      opacity: 1;
    }

    to {
      background-position: 160% 0;
      opacity: 1;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    eg-panes .busy {
      animation: none;
      opacity: 1;
      background: var(--eg-accent);
    }
  }
`);

customElements.define('eg-panes', PanesView);
