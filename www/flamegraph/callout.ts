/** What is said of one box at a time, the one under the pointer or the selected one: in the tooltip and to the page. */

import type { NodeInfo } from '../engine/protocol.ts';
import { mergedName } from './describe.ts';
import type { DrawList } from './draw-list.ts';
import type { FlameSource } from './source.ts';
import { Tooltip } from './tooltip.ts';

/** Answers of a source kept. */
const MOST_KNOWN = 1024;

/** Where the tooltip goes: beside a point of the window, or into a corner of a rectangle, beside a box that is in it. */
export type Anchor = { x: number; y: number } | { frame: DOMRectReadOnly; box: DOMRectReadOnly };

/** Who hears of boxes. */
export interface CalloutHost {
  /** The frame now spoken of; null for none. */
  told(info: NodeInfo | null): void;
  failed(error: unknown): void;
}

/** Asks a source about boxes, the last one first, and shows the answer. */
export class Callout {
  readonly #tooltip: Tooltip;
  readonly #host: CalloutHost;
  #source: FlameSource | null = null;
  #known = new Map<number, NodeInfo>();
  /** The box that is shown or asked for. */
  #key = '';
  #anchor: Anchor = { x: 0, y: 0 };
  #told = false;

  constructor(tooltip: HTMLElement, host: CalloutHost) {
    this.#tooltip = new Tooltip(tooltip);
    this.#host = host;
  }

  /** Asks this source from now on. */
  use(source: FlameSource | null): void {
    this.clear();
    this.#source = source;
    this.#known = new Map();
  }

  /** What the source says of a node. */
  async node(node: number): Promise<NodeInfo> {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const source = this.#source;
    if (source === null) throw new Error('There is no source to ask.');
    const info = await source.node(node);
    if (source === this.#source) {
      const oldest = this.#known.keys().next();
      if (this.#known.size >= MOST_KNOWN && oldest.done !== true) this.#known.delete(oldest.value);
      this.#known.set(node, info);
    }
    return info;
  }

  /** Speaks of a box. `view` is the total of the focus, which percentages of the view are of. */
  async show(list: DrawList, box: number, view: bigint, anchor: Anchor): Promise<void> {
    const node = list.node[box] ?? 0;
    const key = `${node} ${list.count[box]} ${view}`;
    this.#anchor = anchor;
    if (key === this.#key) {
      if (this.#tooltip.shown) this.#place();
      return;
    }
    this.#key = key;
    const source = this.#source;
    if (source === null) return;
    try {
      const info = inBox(await this.node(node), list, box);
      if (this.#key !== key || source !== this.#source) return;
      this.#tooltip.show({ info, count: list.count[box] ?? 1, view, begin: beginOf(info, source) }, source.result);
      this.#place();
      this.#told = true;
      this.#host.told(info);
    } catch (error) {
      if (source === this.#source) this.#host.failed(error);
    }
  }

  /** Hides the tooltip; the page is not told. */
  hide(): void {
    this.#key = '';
    this.#tooltip.hide();
  }

  /** Speaks of no box. */
  clear(): void {
    this.hide();
    if (!this.#told) return;
    this.#told = false;
    this.#host.told(null);
  }

  #place(): void {
    if ('frame' in this.#anchor) this.#tooltip.dock(this.#anchor.frame, this.#anchor.box);
    else this.#tooltip.move(this.#anchor.x, this.#anchor.y);
  }
}

/** How long after the begin of a chart over time a box begins, ns; null elsewhere. */
function beginOf({ span }: NodeInfo, { time }: FlameSource): bigint | null {
  return span === null || time === undefined ? null : BigInt(Math.round(span[0] * Number(time.last - time.first)));
}

/** A node's own words, or the sums of a box that holds several. */
function inBox(info: NodeInfo, list: DrawList, box: number): NodeInfo {
  if (!list.isMerged(box)) return info;
  return {
    ...info,
    name: mergedName(list.count[box] ?? 0),
    systemName: '',
    file: '',
    line: 0,
    package: '',
    binary: '',
    self: list.self[box] ?? 0n,
    total: list.total[box] ?? 0n,
    baseTotal: list.base?.[box] ?? null,
    children: 0,
  };
}
