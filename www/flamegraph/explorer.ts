/**
 * What is done with the boxes that are painted: pointing at one, selecting one, walking from one to another; and what is
 * said of it, in the tooltip, to the page and to assistive technology. Zooming is the host's.
 */

import type { NodeInfo } from '../engine/protocol.ts';
import { AccessibleTree } from './accessible-tree.ts';
import { Callout } from './callout.ts';
import type { Anchor } from './callout.ts';
import { NAME_WIDTH } from './coverage.ts';
import { mergedName, placeOf, spoken } from './describe.ts';
import { Later } from './later.ts';
import type { Place } from './places.ts';
import type { FlameSource } from './source.ts';
import type { Stage } from './stage.ts';
import { boxFor, centre, step } from './walk.ts';
import type { Direction } from './walk.ts';
import { hitTest } from './viewport.ts';

/** The accessible tree follows when nothing changed for this long, ms. */
const SETTLE = 160;
/** Keys that wait for the end of a zoom. */
const MOST_WAITING = 32;

const STEPS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'caller',
  ArrowDown: 'callee',
  ArrowLeft: 'previous',
  ArrowRight: 'next',
};

/** The arrows of a graph whose callees stand above. */
const TURNED: Readonly<Record<string, Direction>> = { ...STEPS, ArrowUp: 'callee', ArrowDown: 'caller' };

/** Elements that the explorer works on. */
export interface ExplorerParts {
  /** Takes the focus, the pointers and the items of the accessible tree. */
  surface: HTMLElement;
  tooltip: HTMLElement;
  /** A live region. */
  announcer: HTMLElement;
}

/** What happens elsewhere. */
export interface ExplorerHost {
  /** Zoom to a box of the list that is painted; `at` is a position in the list that stays in view. */
  open(box: number, at: number): void;
  /** Zoom to the root. */
  home(): void;
  /** Go to the end of the heaviest path from the selected frame. */
  end(): void;
  /** One step back; false where there is none. */
  back(): boolean;
  /** The focus is this node. */
  focus(): number;
  selected(node: number): void;
  /** The frame that is spoken of; null for none. */
  told(info: NodeInfo | null): void;
  failed(error: unknown): void;
  /** Where a tooltip without a pointer goes. */
  frame(): DOMRectReadOnly;
}

/** A box that a menu is asked for. */
export interface Menued {
  /** The node, or the first of several. */
  node: number;
  /** Frames in the box. */
  count: number;
  /** Where, pixels of the window. */
  x: number;
  y: number;
}

/** The explorer of one stage. */
export class Explorer {
  readonly #stage: Stage;
  readonly #parts: ExplorerParts;
  readonly #host: ExplorerHost;
  readonly #tree: AccessibleTree;
  readonly #callout: Callout;
  #source: FlameSource | null = null;
  #unfolded: ReadonlyMap<number, boolean> = new Map();
  readonly #settling = new Later(() => this.#mirror(), SETTLE);
  #viewTotal = 0n;
  /** Callees stand above their callers. */
  upwards = false;
  /** Where the selection goes when what is there was drawn. */
  #target: Place | null = null;

  /** Keys that were pressed during a zoom, the first one first. */
  #waiting: string[] = [];

  #hovered = -1;
  #pointer: { x: number; y: number; anchor: Anchor } | null = null;
  #selected: number | null = null;
  /** The selection is painted when it was made by keyboard or touch. */
  #marking = false;

  constructor(stage: Stage, parts: ExplorerParts, host: ExplorerHost) {
    this.#stage = stage;
    this.#parts = parts;
    this.#host = host;
    this.#tree = new AccessibleTree(parts.surface);
    this.#callout = new Callout(parts.tooltip, host);
  }

  /** Explores another source. */
  use(source: FlameSource | null): void {
    this.#source = source;
    this.#unfolded = new Map(source?.lanes?.rows.map(({ node, isFolded }) => [node, !isFolded]));
    this.#selected = null;
    this.#target = null;
    this.#waiting = [];
    this.#viewTotal = source?.result.total ?? 0n;
    this.leave();
    this.#callout.use(source);
    this.#tree.clear();
  }

  /** Selects a node that was selected in another source, unless something was selected meanwhile. */
  adopt(node: number): void {
    if (this.#selected !== null) return;
    this.#selected = node;
    this.#mark();
  }

  /** What the source says of a node. */
  node(node: number): Promise<NodeInfo> {
    return this.#callout.node(node);
  }

  /** Total of the focus, which percentages of the view are of. */
  set viewTotal(total: bigint) {
    this.#viewTotal = total;
  }

  /** After the stage painted another picture. */
  painted(): void {
    if (this.#stage.layer === null) {
      this.#settling.stop();
      this.#callout.hide();
    } else {
      this.#arrive();
      this.#point();
      for (const key of this.#waiting.splice(0)) this.act(key);
      this.#settling.putOff();
    }
    this.#mark();
  }

  /** Stops what waits. */
  stop(): void {
    this.#settling.stop();
    this.leave();
  }

  /** The pointer is there. */
  hover(x: number, y: number, clientX: number, clientY: number): void {
    this.#pointer = { x, y, anchor: { x: clientX, y: clientY } };
    this.#point();
  }

  /** Finds what is under the pointer now. */
  #point(): void {
    const list = this.#stage.layer?.list;
    if (this.#pointer === null || list === undefined) return;
    const { x, y, anchor } = this.#pointer;
    this.#hovered = this.#stage.hit(x, y);
    this.#parts.surface.classList.toggle('over', this.#hovered >= 0);
    if (this.#hovered >= 0) this.#speakOf(this.#hovered, anchor);
    else this.#callout.clear();
    this.#mark();
  }

  #speakOf(box: number, anchor: Anchor): void {
    const list = this.#stage.layer?.list;
    if (list === undefined) return;
    void this.#callout.show(list, box, this.#viewTotal, anchor);
  }

  /** The pointer left. */
  leave(): void {
    this.#pointer = null;
    this.#hovered = -1;
    this.#parts.surface.classList.remove('over');
    this.#callout.clear();
    this.#mark();
  }

  /** A mouse is used: the selection is not painted. */
  pressed(): void {
    this.#marking = false;
  }

  /** A click, or a tap of a finger: a click zooms, a tap selects first. */
  tap(x: number, y: number, touch: boolean): void {
    const box = this.#stage.hit(x, y);
    const { layer } = this.#stage;
    if (box < 0 || layer === null) return;
    const { list, transform } = layer;
    const at = (x - transform.offset) / transform.scale;
    const again = list.node[box] === this.#selected;
    this.#select(box);
    if (!touch) {
      this.#host.open(box, at);
      return;
    }
    this.#marking = true;
    if (again) this.#host.open(box, at);
    else this.#speakOf(box, { frame: this.#host.frame(), box: this.#rectOf(box) });
    this.#mark();
  }

  get #selectedBox(): number {
    const list = this.#stage.layer?.list;
    return list === undefined || this.#selected === null ? -1 : boxFor(list, this.#selected);
  }

  #select(box: number): void {
    const node = box < 0 ? null : (this.#stage.layer?.list.node[box] ?? null);
    if (node === this.#selected) return;
    this.#selected = node;
    if (node !== null) this.#host.selected(node);
  }

  #mark(): void {
    const shown = this.#marking ? this.#selectedBox : -1;
    this.#stage.mark(this.#hovered, shown);
  }

  /** The surface took the focus. */
  focused(): void {
    if (!this.#parts.surface.matches(':focus-visible')) return;
    this.#marking = true;
    if (this.#selectedBox < 0) this.#moveTo(this.#boxOfFocus());
    else this.#mark();
  }

  /** The surface lost the focus. */
  blurred(): void {
    this.#marking = false;
    if (this.#pointer === null) this.#callout.clear();
    this.#mark();
  }

  #boxOfFocus(): number {
    const list = this.#stage.layer?.list;
    return list === undefined ? -1 : boxFor(list, this.#host.focus());
  }

  /** Does what a key means, after a zoom that is on its way; false for a key that means nothing here. */
  act(key: string): boolean {
    if (key === 'Escape') return this.#host.back();
    const direction = (this.upwards ? TURNED : STEPS)[key];
    if (direction === undefined && key !== 'Enter' && key !== ' ' && key !== 'Home' && key !== 'End') return false;
    this.#marking = true;
    const list = this.#stage.layer?.list;
    const { rows } = this.#stage;
    if (list === undefined || rows === null || this.#waiting.length > 0) {
      if (this.#waiting.length < MOST_WAITING) this.#waiting.push(key);
      return true;
    }
    const from = this.#selectedBox;
    if (key === 'Home') {
      this.#stage.scrollTo(0);
      this.#moveTo(boxFor(list, 0));
      this.#host.home();
    } else if (key === 'End') {
      this.#host.end();
    } else if (direction === undefined) {
      if (from >= 0) this.#host.open(from, centre(list, from));
    } else {
      const to = from < 0 ? this.#boxOfFocus() : step(list, rows, from, direction);
      if (to >= 0) this.#moveTo(to);
    }
    return true;
  }

  /** The selected node. */
  get selected(): number | null {
    return this.#selected;
  }

  /** Selects what is at a place, which may be out of view. */
  goTo(place: Place): void {
    this.#target = place;
    this.#marking = true;
    this.#stage.reveal(place.level);
    this.#arrive();
  }

  /** Selects the target, once it is in the list that is painted. */
  #arrive(): void {
    const place = this.#target;
    const { layer, rows, drawn } = this.#stage;
    if (place === null || layer === null || rows === null || drawn === null) return;
    const { depth0, depth1, x0, x1, width } = drawn.request;
    if (place.level < depth0 || place.level >= depth1) return;
    const own = boxFor(layer.list, place.node);
    const box = own >= 0 ? own : hitTest(layer.list, rows, ((place.at - x0) / (x1 - x0)) * width, place.level);
    if (box < 0) return;
    this.#target = null;
    this.#moveTo(box);
  }

  /** The box that a menu is asked for: the one at a point of the viewport, else the selected one. */
  menu(at: { x: number; y: number } | null): Menued | null {
    const { layer } = this.#stage;
    const box = at === null ? this.#selectedBox : this.#stage.hit(at.x, at.y);
    if (layer === null || box < 0) return null;
    const { left, top } = this.#host.frame();
    const own = this.#rectOf(box);
    const { x, y } = at === null ? { x: own.left + Math.min(16, own.width / 2), y: own.bottom } : { x: left + at.x, y: top + at.y };
    this.#select(box);
    this.#marking = true;
    this.leave();
    return { node: layer.list.node[box] ?? 0, count: layer.list.count[box] ?? 1, x, y };
  }

  /** Where a box is painted, pixels of the window. */
  #rectOf(box: number): DOMRectReadOnly {
    const { layer, scrollTop, painter } = this.#stage;
    if (layer === null) return new DOMRect();
    const frame = this.#host.frame();
    const { left, top, width, height } = painter.place(layer, box, scrollTop);
    return new DOMRect(frame.left + left, frame.top + top, width, height);
  }

  /** Selects a box by keyboard: it is brought into view, painted, described and announced. */
  #moveTo(box: number): void {
    const list = this.#stage.layer?.list;
    if (list === undefined || box < 0) return;
    this.#pointer = null;
    this.#hovered = -1;
    this.#select(box);
    this.#stage.reveal(list.depth[box] ?? 0);
    this.#mirror();
    this.#mark();
    this.#speakOf(box, { frame: this.#host.frame(), box: this.#rectOf(box) });
    this.#announce(box).catch((error: unknown) => this.#host.failed(error));
  }

  /** Brings the accessible tree in step with what is painted. */
  #mirror(): void {
    const { layer, rows, scrollTop, height, painter } = this.#stage;
    const result = this.#source?.result;
    if (layer === null || rows === null || result === undefined) return;
    this.#tree.update({ layer, rows, scrollTop, height, result, nameWidth: NAME_WIDTH, selected: this.#selectedBox, unfolded: this.#unfolded }, painter);
  }

  /** Says where a frame is; its name and values are said by the item of the tree. */
  async #announce(box: number): Promise<void> {
    const source = this.#source;
    const list = this.#stage.layer?.list;
    if (source === null || list === undefined) return;
    const node = list.node[box] ?? 0;
    const info = await this.#callout.node(node);
    if (source !== this.#source || node !== this.#selected) return;
    const name = list.isMerged(box) ? mergedName(list.count[box] ?? 0) : info.name;
    const place = list.isMerged(box) ? '' : placeOf(info);
    const words = spoken(name, list.total[box] ?? 0n, list.self[box] ?? 0n, source.result);
    this.#parts.announcer.textContent = place === '' ? `Selected: ${words}` : `Selected: ${words}, ${place}`;
  }

  /** A press by assistive technology on an item of the tree. */
  pressItem(node: number): void {
    const list = this.#stage.layer?.list;
    const box = list === undefined ? -1 : boxFor(list, node);
    if (list === undefined || box < 0) return;
    this.#select(box);
    this.#host.open(box, centre(list, box));
  }
}
