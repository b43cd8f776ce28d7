/** How the view of a graph moves: to a node, to a box, along the rows and back. Stage, explorer and times go with it. */

import type { ChartTime } from './chart-time.ts';
import type { Explorer } from './explorer.ts';
import { Navigation, openedView, openedWithin } from './navigation.ts';
import type { Place } from './places.ts';
import type { FlameSource, TimeSpan } from './source.ts';
import type { Stage } from './stage.ts';
import { isWhole, panned, wholeOf, windowOf, zoomedAt } from './viewport.ts';
import type { View } from './viewport.ts';

/** What the element lends; what it draws with is there from its first drawing on. */
export interface MovesHost {
  source(): FlameSource | null;
  stage(): Stage | null;
  explorer(): Explorer | null;
  time(): ChartTime | null;
  /** The focus that the page knows of. */
  focusNode(): number;
  /** The view went to another focus. */
  zoomed(node: number): void;
  failed(error: unknown): void;
}

/** Moves the view of one element. */
export class Moves {
  readonly #host: MovesHost;
  readonly #navigation = new Navigation();

  constructor(host: MovesHost) {
    this.#host = host;
  }

  /** What is in view. */
  get view(): View {
    return this.#navigation.view;
  }

  /** Begins anew with another source, without a way back: at a focus, and of a chart over time at a window. */
  begin(focus: number, window: TimeSpan | null): void {
    this.#navigation.reset(focus);
    const view = this.#host.time()?.use(this.#host.source()?.time, window) ?? null;
    if (view !== null) this.#navigation.drift(view);
  }

  /** Goes where the page says; it needs not be told. */
  follow(focus: number): void {
    this.#navigation.go(wholeOf(focus));
    this.#host.stage()?.show(this.view, true);
    void this.learnFocus(true);
  }

  /** As `follow`, to a window of a chart over time. */
  followWindow(window: TimeSpan | null): void {
    const view = this.#host.time()?.show(window) ?? null;
    if (view !== null) this.go(view);
  }

  /** Goes to a view, from which there is a way back. */
  go(view: View): void {
    this.#navigation.go(view);
    this.#arrive();
  }

  /** Zooms to a node: in a chart over time to the time that it lasts, and from there to all of it. */
  async zoomTo(node: number): Promise<void> {
    const source = this.#host.source();
    if (source?.time === undefined) {
      this.go(wholeOf(node));
      return;
    }
    try {
      const { span } = (await this.#host.explorer()?.node(node)) ?? { span: null };
      if (source !== this.#host.source() || span === null) return;
      const { x0, x1 } = this.view;
      const next = windowOf(0, span);
      this.go(next.x0 === x0 && next.x1 === x1 ? wholeOf(0) : next);
    } catch (error) {
      this.#host.failed(error);
    }
  }

  /** Opens a box of what is painted, around a position in its list. */
  open(box: number, at: number): void {
    const { layer, rows } = this.#host.stage() ?? { layer: null, rows: null };
    if (layer !== null && this.#host.source()?.time !== undefined) {
      if (layer.list.isMerged(box)) this.go(openedWithin(layer, box, at, this.view));
      else void this.zoomTo(layer.list.node[box] ?? 0);
      return;
    }
    if (layer !== null && rows !== null) this.go(openedView(layer, rows, box, at, this.view));
  }

  /** Goes to a match, and brings it to the middle if it is out of sight. */
  goTo(place: Place): void {
    const { x0, x1 } = this.view;
    if (place.at < x0 || place.at >= x1) this.centreAt(place.at);
    this.#host.explorer()?.goTo(place);
  }

  /** On the root: shows all, and forgets the way there. */
  doubleTap(x: number, y: number): void {
    const stage = this.#host.stage();
    const box = stage?.hit(x, y) ?? -1;
    if (stage === null || box < 0 || stage.layer?.list.depth[box] !== 0) return;
    this.go(wholeOf(0));
    this.#navigation.reset(0);
    stage.scrollTo(0);
  }

  /** One step back; false where there is none. */
  back(): boolean {
    const source = this.#host.source();
    const { view } = this;
    if (source === null || (view.focus === 0 && isWhole(view))) return false;
    this.#navigation
      .back(source)
      .then((target) => {
        if (target !== null && source === this.#host.source()) this.#arrive();
      })
      .catch((error: unknown) => this.#host.failed(error));
    return true;
  }

  /** Brings a share of the focus to the middle. */
  centreAt(share: number): void {
    const { view } = this;
    if (!isWhole(view)) this.#drift(panned(view, (share - (view.x0 + view.x1) / 2) / (view.x1 - view.x0)));
  }

  /** Moves by so many CSS pixels. */
  pan(dx: number, dy: number): void {
    const stage = this.#host.stage();
    if (stage === null) return;
    if (dx !== 0 && !isWhole(this.view)) this.#drift(panned(this.view, -dx / stage.width));
    if (dy !== 0) stage.scrollBy(-dy);
  }

  /** Makes what lies at `x`, in CSS pixels, wider or narrower around it. */
  zoomAt(factor: number, x: number): void {
    this.#drift(zoomedAt(this.view, factor, x / (this.#host.stage()?.width ?? 1)));
  }

  /** Learns the total of the focus; with `reveal` brings its level into view. */
  async learnFocus(reveal: boolean): Promise<void> {
    const source = this.#host.source();
    const explorer = this.#host.explorer();
    const { focus } = this.view;
    if (source === null || explorer === null) return;
    try {
      const info = focus === 0 ? null : await explorer.node(focus);
      if (source !== this.#host.source() || focus !== this.view.focus) return;
      explorer.viewTotal = info?.total ?? source.result.total;
      if (reveal && info !== null) this.#host.stage()?.reveal(info.depth);
    } catch (error) {
      if (source === this.#host.source()) this.#host.failed(error);
    }
  }

  /** Shows where the navigation is, and tells. */
  #arrive(): void {
    const { view } = this;
    this.#host.explorer()?.leave();
    this.#host.stage()?.show(view, true);
    this.#host.time()?.moved(true);
    if (view.focus === this.#host.focusNode()) return;
    this.#host.zoomed(view.focus);
    void this.learnFocus(false);
  }

  #drift(view: View): void {
    this.#navigation.drift(view);
    this.#host.stage()?.show(view, false);
    this.#host.time()?.moved(false);
  }
}
