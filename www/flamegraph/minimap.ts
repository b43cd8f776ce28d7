/**
 * The minimap beside a graph that is much taller than its window: all levels of the focus, and a frame around what is in
 * view, which a drag moves. It says nothing that the keyboard cannot reach: the arrows bring into view what they select.
 */

import { BoxFlag } from '../engine/protocol.ts';
import { NO_NAMES, overviewOf } from './overview.ts';
import type { Palette } from './palette.ts';
import type { FlameSource } from './source.ts';
import { wholeOf } from './viewport.ts';
import type { Drawn, View } from './viewport.ts';

/** Width, CSS pixels; also in flamegraph-styles.ts. */
const WIDTH = 56;
/** A graph of at least this many window heights has a map. */
const LEAST_HEIGHTS = 2.5;
/** Narrower elements have no room for it, CSS pixels. */
const LEAST_WIDTH = 420;
/** Least height of the frame, CSS pixels. */
const LEAST_FRAME = 6;

/** What is in view now. */
export interface MapScene {
  source: FlameSource | null;
  palette: Palette;
  search: string;
  view: View;
  upwards: boolean;
  /** Width of the element, height of the window and of all levels, distance of the window from the root's edge; CSS pixels. */
  hostWidth: number;
  height: number;
  contentHeight: number;
  scrollTop: number;
}

/** What a drag on the map does. */
export interface MapHost {
  scrollTo(top: number): void;
  /** A share of the focus comes to the middle of the window. */
  centreAt(share: number): void;
  failed(error: unknown): void;
}

/** The map of one element. */
export class Minimap {
  readonly #root: HTMLElement;
  readonly #scroller: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #frame: HTMLElement;
  readonly #host: MapHost;
  #key: unknown[] = [];
  #drawn: Drawn | null = null;
  #painted: unknown[] = [];
  #scene: MapScene | null = null;

  constructor(root: HTMLElement, scroller: HTMLElement, host: MapHost) {
    this.#root = root;
    this.#scroller = scroller;
    this.#canvas = root.querySelector('canvas') as HTMLCanvasElement;
    this.#frame = root.querySelector('.frame') as HTMLElement;
    this.#host = host;
    root.addEventListener('pointerdown', (event) => this.#press(event));
    root.addEventListener('pointermove', (event) => {
      if (root.hasPointerCapture(event.pointerId)) this.#drag(event);
    });
  }

  /** Shows what is in view. */
  follow(scene: MapScene): void {
    const { source, hostWidth, height, contentHeight, view, search } = scene;
    this.#scene = scene;
    const shown = source !== null && hostWidth >= LEAST_WIDTH && height > 0 && contentHeight >= LEAST_HEIGHTS * height;
    this.#root.classList.toggle('shown', shown);
    this.#scroller.classList.toggle('mapped', shown);
    if (!shown || source === null) return;
    const key = [source, view.focus, search];
    if (key.some((part, at) => part !== this.#key[at])) {
      this.#key = key;
      this.#ask(source, view.focus, search).catch((error: unknown) => {
        if (key === this.#key) this.#host.failed(error);
      });
    }
    this.#paint(scene);
    this.#place(scene);
  }

  async #ask(source: FlameSource, focus: number, search: string): Promise<void> {
    const key = this.#key;
    const drawn = await overviewOf(source, { view: wholeOf(focus), width: WIDTH, minWidth: 1, nameWidth: NO_NAMES, search });
    if (key !== this.#key) return;
    this.#drawn = drawn;
    if (this.#scene !== null) this.#paint(this.#scene);
  }

  #paint({ palette, height, upwards }: MapScene): void {
    const drawn = this.#drawn;
    const ratio = devicePixelRatio;
    const painted = [drawn, palette, height, upwards, ratio];
    if (drawn === null || painted.every((part, at) => part === this.#painted[at])) return;
    this.#painted = painted;
    const canvas = this.#canvas;
    canvas.width = Math.round(WIDTH * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) return;
    const { list, request } = drawn;
    context.fillStyle = `rgb(${palette.theme.background.join()})`;
    context.fillRect(0, 0, canvas.width, canvas.height);
    const across = canvas.width / request.width;
    const down = canvas.height / (list.deepest + 1);
    const searching = request.search !== '';
    for (let box = 0; box < list.length; box += 1) {
      const level = list.depth[box] ?? 0;
      // Of levels in one row of pixels the first is seen, and what is searched for.
      if (level > 0 && Math.floor(level * down) === Math.floor((level - 1) * down) && ((list.flags[box] ?? 0) & BoxFlag.match) === 0) continue;
      context.fillStyle = palette.paint(list.color[box] ?? 0, list.flags[box] ?? 0, (level & 1) as 0 | 1, searching).fill;
      const top = level * down;
      const tall = Math.max(1, down);
      context.fillRect((list.x[box] ?? 0) * across, upwards ? canvas.height - top - tall : top, Math.max(1, (list.width[box] ?? 0) * across), tall);
    }
  }

  #place({ height, contentHeight, scrollTop, view, upwards }: MapScene): void {
    const tall = Math.max(LEAST_FRAME, (height / contentHeight) * height);
    const top = Math.min(height - tall, (scrollTop / contentHeight) * height);
    const { style } = this.#frame;
    style.height = `${tall}px`;
    style.top = `${upwards ? height - top - tall : top}px`;
    style.left = `${view.x0 * 100}%`;
    style.width = `max(${LEAST_FRAME}px, ${(view.x1 - view.x0) * 100}%)`;
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.#root.setPointerCapture(event.pointerId);
    this.#drag(event);
  }

  #drag(event: PointerEvent): void {
    const scene = this.#scene;
    if (scene === null) return;
    const { left, top, width, height } = this.#root.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientY - top) / height));
    this.#host.scrollTo((scene.upwards ? 1 - share : share) * scene.contentHeight - scene.height / 2);
    this.#host.centreAt(Math.min(1, Math.max(0, (event.clientX - left) / width)));
  }
}
