/**
 * `<emberglass-flamegraph>`: a result as a flame graph, root on top.
 *
 * The element holds no tree: the stage asks the source for what is visible and paints it, the explorer does what people do
 * with the boxes, the moves bring other parts into view. Here they are put together. `www/elements/README.md` describes
 * the public surface.
 */

import { LitElement, html } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import type { NodeInfo } from '../engine/protocol.ts';
import { carried } from './carry.ts';
import { ChartTime } from './chart-time.ts';
import { asksForMenu } from './events.ts';
import type { ErrorDetail, HoverDetail, MenuDetail, NodeDetail } from './events.ts';
import { Explorer } from './explorer.ts';
import { flameStyles } from './flamegraph-styles.ts';
import { Gestures } from './gestures.ts';
import { LaneButtons } from './lane-buttons.ts';
import type { LaneDetail } from './lane-buttons.ts';
import { messageOf, problemOf } from './messages.ts';
import type { Problem } from './messages.ts';
import { Minimap } from './minimap.ts';
import { Moves } from './moves.ts';
import type { ChangeColors } from './palette.ts';
import type { PictureScene } from './picture.ts';
import { Reach } from './reach.ts';
import type { MatchCount } from './reach.ts';
import type { FlameSource, TimeSpan } from './source.ts';
import { Stage } from './stage.ts';
import { stageParts } from './stage-parts.ts';
import { tokens } from './tokens.ts';
import { tooltipStyles } from './tooltip.ts';
import { wholeOf } from './viewport.ts';

export type { LaneDetail } from './lane-buttons.ts';
export type { SpanDetail, WindowDetail } from './chart-time.ts';
export type { ErrorDetail, HoverDetail, MenuDetail, NodeDetail } from './events.ts';

/** `<emberglass-flamegraph>` */
export class FlameGraph extends LitElement {
  static override shadowRootOptions: ShadowRootInit = { ...LitElement.shadowRootOptions, delegatesFocus: true };
  static override styles = [tokens, flameStyles, tooltipStyles];
  static override properties = {
    source: { attribute: false },
    focusNode: { attribute: 'focus-node', type: Number },
    search: {},
    upwards: { type: Boolean },
    label: {},
    changeColors: { attribute: 'change-colors' },
    timeWindow: { attribute: false },
    utc: { type: Boolean },
    phase: { state: true },
    problem: { state: true },
  };

  /** What is shown; null shows an empty state. */
  declare source: FlameSource | null;
  /** The zoomed node; 0 is the root. The element changes it too and says so by `eg-zoom`. */
  declare focusNode: number;
  /** Marks matching frames: a substring in any case, or `/re/`. */
  declare search: string;
  /** Callees stand above their callers, the root at the lower edge. */
  declare upwards: boolean;
  /** What the graph is, for assistive technology. */
  declare label: string;
  /** How the changes of a diff are coloured. */
  declare changeColors: ChangeColors;
  /** Of a chart over time what is in view; null for all. The element changes it too and says so by `eg-window`. */
  declare timeWindow: TimeSpan | null;
  /** Clock times are in UTC, and not in the local zone. */
  declare utc: boolean;
  declare protected phase: 'loading' | 'shown';
  declare protected problem: Problem | null;

  #stage: Stage | null = null;
  #explorer: Explorer | null = null;
  #gestures: Gestures | null = null;
  #minimap: Minimap | null = null;
  #time: ChartTime | null = null;
  #lanes: LaneButtons | null = null;
  readonly #moves = new Moves({
    source: () => this.source,
    stage: () => this.#stage,
    explorer: () => this.#explorer,
    time: () => this.#time,
    focusNode: () => this.focusNode,
    zoomed: (node) => {
      this.focusNode = node;
      this.#emit('eg-zoom', { node } satisfies NodeDetail);
    },
    failed: (error) => this.#report(error),
  });
  readonly #reach = new Reach({
    source: () => this.source,
    focus: () => this.#moves.view.focus,
    // With the map, which comes and goes with what is folded.
    width: () => Math.max(1, this.offsetWidth),
    pattern: () => this.#stage?.pattern ?? '',
    selected: () => this.#explorer?.selected ?? null,
    goTo: (place) => this.#moves.goTo(place),
    unfold: (name) => this.#emit('eg-lane', { name, fold: false } satisfies LaneDetail),
  });

  constructor() {
    super();
    this.source = null;
    this.focusNode = 0;
    this.search = '';
    this.upwards = false;
    this.label = 'Flame graph';
    this.changeColors = 'blue-orange';
    this.timeWindow = null;
    this.utc = false;
    this.phase = 'loading';
    this.problem = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#connect();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#explorer?.stop();
    this.#stage?.disconnect();
    this.#gestures?.stop();
  }

  /** Goes to the next match of the search, or the one before; null where nothing matches. */
  step(direction: 1 | -1, search = this.search): Promise<MatchCount | null> {
    return this.#reach.step(direction, search);
  }

  /** Zooms to a node: in a chart over time to the time that it lasts, and from there to all of it. */
  zoomTo(node: number): Promise<void> {
    return this.#moves.zoomTo(node);
  }

  /** Takes the span away that is brushed on the axis of a chart over time. */
  clearSpan(): void {
    this.#time?.clear();
  }

  /** Takes the focus for the keys of the graph. */
  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>('.tree')?.focus(options);
  }

  /** The selected node; null before one was selected. */
  get selected(): number | null {
    return this.#explorer?.selected ?? null;
  }

  /** What a picture of the graph is drawn from (`picture.ts`): what is between the edges, all its levels. */
  get scene(): PictureScene | null {
    const { source, upwards } = this;
    if (source === null || this.#stage === null) return null;
    const { palette, family, pattern: search, width } = this.#stage;
    return { source, view: this.#moves.view, width, search, palette, family, upwards };
  }

  protected override render(): TemplateResult {
    const empty = this.#isEmpty;
    const retry = (): void => void ((this.problem = null), this.#stage?.retry());
    return html`
      <div class="scroller" tabindex="-1">
        <div class="spacer">
          <div class="stage">
            <canvas class="content" aria-hidden="true"></canvas>
            <canvas class="overlay" aria-hidden="true"></canvas>
            <div
              class="tree"
              role=${empty || this.phase === 'loading' ? 'group' : 'tree'}
              tabindex="0"
              aria-label=${this.label}
              aria-haspopup="menu"
              @keydown=${this.#keydown}
              @focus=${() => this.#explorer?.focused()}
              @blur=${() => this.#explorer?.blurred()}
              @pointerdown=${this.#pressed}
              @click=${this.#clickedItem}
              @contextmenu=${this.#contextMenu}
            ></div>
            <div class="lanes" role="group" aria-label="Lanes" @contextmenu=${this.#contextMenu} @wheel=${this.#wheelOverLane}></div>
          </div>
        </div>
      </div>
      <canvas class="axis" role="slider" tabindex="0" aria-label="Span of the time axis" aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"></canvas>
      <div class="map" aria-hidden="true"><canvas></canvas><div class="frame"></div></div>
      ${messageOf({ isEmpty: empty, hasSource: this.source !== null, problem: this.problem, isLoading: this.phase === 'loading' }, retry)}
      <div class="tooltip" aria-hidden="true"></div>
      <div class="unseen announcer" role="status"></div>
      <div class="probe"></div>
    `;
  }

  protected override firstUpdated(): void {
    const find = <E extends Element>(selector: string): E => this.renderRoot.querySelector(selector) as E;
    const parts = stageParts(this.renderRoot);
    const stage = new Stage(parts, { drew: () => this.#drew(), painted: () => this.#painted(), failed: (error) => this.#failed(error) });
    this.#stage = stage;
    this.#explorer = new Explorer(
      stage,
      { surface: find('.tree'), tooltip: find('.tooltip'), announcer: find('.announcer') },
      {
        open: (box, at) => this.#moves.open(box, at),
        home: () => this.#moves.go(wholeOf(0)),
        end: () => void this.#reach.end().catch((error: unknown) => this.#report(error)),
        back: () => this.#moves.back(),
        focus: () => this.#moves.view.focus,
        selected: (node) => this.#emit('eg-select', { node } satisfies NodeDetail),
        told: (info) => this.#told(info),
        failed: (error) => this.#report(error),
        frame: () => this.#frame(),
      },
    );
    this.#minimap = new Minimap(find('.map'), parts.scroller, {
      scrollTo: (top) => stage.scrollTo(top),
      centreAt: (share) => this.#moves.centreAt(share),
      failed: (error) => this.#report(error),
    });
    this.#time = new ChartTime(find('.axis'), {
      view: () => this.#moves.view,
      changed: () => this.#painted(),
      told: (type: string, detail: unknown) => this.#emit(type, detail),
    });
    this.#lanes = new LaneButtons(find('.lanes'), { fold: (detail) => this.#emit('eg-lane', detail), reveal: (level) => stage.reveal(level) });
    this.#connect();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('source')) return;
    this.toggleAttribute('timed', this.source?.time !== undefined);
    this.problem = null;
    this.phase = 'loading';
  }

  protected override updated(changed: PropertyValues): void {
    const stage = this.#stage;
    if (stage === null) return;
    if (changed.has('search')) stage.search(this.search);
    if (changed.has('changeColors')) stage.color(this.changeColors);
    if (changed.has('upwards')) {
      stage.turn(this.upwards);
      if (this.#explorer !== null) this.#explorer.upwards = this.upwards;
    }
    if (changed.has('source')) {
      this.#moves.begin(this.focusNode, this.timeWindow);
      const selected = this.selected;
      this.#explorer?.use(this.source);
      this.#lanes?.use(this.source?.lanes?.rows ?? []);
      void this.#carry(changed.get('source') as FlameSource | null | undefined, selected);
      stage.use(this.source, this.#moves.view);
      void this.#moves.learnFocus(true);
    } else if (changed.has('focusNode') && this.focusNode !== this.#moves.view.focus) {
      this.#moves.follow(this.focusNode);
    } else if (changed.has('timeWindow')) {
      this.#moves.followWindow(this.timeWindow);
    } else if (changed.has('utc')) {
      this.#painted();
    }
  }

  get #isEmpty(): boolean {
    return this.source === null || this.source.result.nodes === 0;
  }

  #connect(): void {
    this.#stage?.connect();
    const explorer = this.#explorer;
    const surface = this.renderRoot.querySelector<HTMLElement>('.tree');
    if (explorer === null || surface === null) return;
    this.#gestures = new Gestures(surface, {
      hover: (x, y, { clientX, clientY }) => explorer.hover(x, y, clientX, clientY),
      leave: () => explorer.leave(),
      tap: (x, y, touch) => explorer.tap(x, y, touch),
      doubleTap: (x, y) => this.#moves.doubleTap(x, y),
      longPress: (at) => void this.#offerMenu(at),
      pan: (dx, dy) => this.#moves.pan(dx, dy),
      zoom: (factor, x) => this.#moves.zoomAt(factor, x),
    });
  }

  #drew(): void {
    this.phase = 'shown';
    this.problem = null;
    // A map makes the boxes narrower: it is there before they are painted.
    this.#map();
  }

  #painted(): void {
    this.#explorer?.painted();
    const stage = this.#stage;
    if (stage === null) return;
    if (stage.layer !== null) this.#reach.painted();
    this.#lanes?.place(stage.scrollTop, stage.height);
    this.#time?.paint(this.#moves.view, stage.width, stage.palette, stage.family, this.utc);
    this.#map();
  }

  #map(): void {
    if (this.#stage === null) return;
    const { palette, pattern: search, height, contentHeight, scrollTop } = this.#stage;
    const { source, upwards, offsetWidth: hostWidth } = this;
    this.#minimap?.follow({ source, palette, search, view: this.#moves.view, upwards, hostWidth, height, contentHeight, scrollTop });
  }

  /** There is no picture. */
  #failed(error: unknown): void {
    this.problem = problemOf(error);
    this.#report(error);
  }

  /** Something was not answered; the picture stays. */
  #report(error: unknown): void {
    this.#emit('eg-error', { error } satisfies ErrorDetail);
  }

  #emit(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  #told(info: NodeInfo | null): void {
    const result = this.source?.result ?? null;
    const share = info === null || result === null || result.total === 0n ? 0 : Number(info.total) / Number(result.total);
    this.#emit('eg-hover', { info, share, result } satisfies HoverDetail);
  }

  /** Where the boxes are; an axis is above. */
  #frame(): DOMRect {
    return (this.renderRoot.querySelector('.scroller') ?? this).getBoundingClientRect();
  }

  /** Offers a menu for a box: at a point of the window, or for the selected one. True if the page took it. */
  #offerMenu(at: { clientX: number; clientY: number } | null): boolean {
    const { left, top } = this.#frame();
    const detail = this.#explorer?.menu(at === null ? null : { x: at.clientX - left, y: at.clientY - top }) ?? null;
    if (detail === null) return false;
    return !this.dispatchEvent(new CustomEvent<MenuDetail>('eg-menu', { detail, bubbles: true, composed: true, cancelable: true }));
  }

  #contextMenu(event: MouseEvent): void {
    if (this.#offerMenu(event)) event.preventDefault();
  }

  /** The surface below has the gestures. */
  #wheelOverLane(event: WheelEvent): void {
    if (!event.ctrlKey && !event.shiftKey && event.deltaX === 0) return;
    event.preventDefault();
    this.renderRoot.querySelector('.tree')?.dispatchEvent(new WheelEvent('wheel', event));
  }

  /** Selects in this source what was selected in the one before, if paths mean the same in both. */
  async #carry(before: FlameSource | null | undefined, selected: number | null): Promise<void> {
    const { source } = this;
    const node = await carried(before, source, selected);
    if (node !== null && source === this.source) this.#explorer?.adopt(node);
  }

  #pressed(event: PointerEvent): void {
    if (event.pointerType !== 'touch') this.#explorer?.pressed();
  }

  #keydown(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (asksForMenu(event)) {
      if (this.#offerMenu(null)) event.preventDefault();
      return;
    }
    if (this.#explorer?.act(event.key) === true) event.preventDefault();
  }

  #clickedItem(event: Event): void {
    const node = event.target instanceof HTMLElement ? event.target.dataset['node'] : undefined;
    if (node !== undefined) this.#explorer?.pressItem(Number(node));
  }
}

customElements.define('emberglass-flamegraph', FlameGraph);

declare global {
  interface HTMLElementTagNameMap {
    'emberglass-flamegraph': FlameGraph;
  }
}
