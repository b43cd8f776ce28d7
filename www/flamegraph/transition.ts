/**
 * The zoom from one draw list to another: the wider of the two is painted through a window that narrows (or widens), the
 * other one over it where it belongs. Pure: time comes in.
 */

import { IDENTITY, nested, stretch, windowAt } from './viewport.ts';
import type { Affine, Drawn } from './viewport.ts';
import type { Layer } from './layer.ts';

/** How long a zoom takes, ms. */
const DURATION = 120;

function easeOut(share: number): number {
  return 1 - (1 - share) ** 3;
}

/** The layer of a list that is painted as it was asked for, or stretched. */
export function plainLayer({ list, request }: Drawn, transform: Affine = IDENTITY): Layer {
  return { list, transform, across: request.width, focus: request.focus, ancestors: true };
}

interface Pair {
  outer: Drawn;
  inner: Drawn;
  /** From positions in `inner` to positions in `outer`. */
  relation: Affine;
}

function pairOf(from: Drawn, to: Drawn): (Pair & { inwards: boolean }) | null {
  const [a, b] = [from.request, to.request];
  if (a.focus === b.focus) {
    const inwards = b.x1 - b.x0 <= a.x1 - a.x0;
    const [outer, inner] = inwards ? [from, to] : [to, from];
    return { outer, inner, inwards, relation: stretch(inner.request, outer.request, outer.request.width) };
  }
  const deeper = nested(from, to);
  if (deeper !== null) return { outer: from, inner: to, inwards: true, relation: deeper };
  const higher = nested(to, from);
  return higher === null ? null : { outer: to, inner: from, inwards: false, relation: higher };
}

/** A zoom under way. */
export class Transition {
  readonly #pair: Pair;
  readonly #inwards: boolean;
  readonly #from: readonly [number, number];
  readonly #to: readonly [number, number];
  readonly #start: number;
  readonly #scroll: readonly [number, number];

  private constructor(pair: Pair, inwards: boolean, start: number, scroll: readonly [number, number]) {
    this.#pair = pair;
    this.#inwards = inwards;
    this.#start = start;
    this.#scroll = scroll;
    const { offset, scale } = pair.relation;
    const whole = [0, pair.outer.request.width] as const;
    const part = [offset, offset + scale * pair.inner.request.width] as const;
    this.#from = inwards ? whole : part;
    this.#to = inwards ? part : whole;
  }

  /**
   * A zoom that begins at `start` (ms) and scrolls from one position to another; null between lists that have no place in
   * each other.
   */
  static between(from: Drawn, to: Drawn, start: number, scroll: readonly [number, number]): Transition | null {
    const pair = pairOf(from, to);
    return pair === null ? null : new Transition(pair, pair.inwards, start, scroll);
  }

  /** The list it ends with. */
  get target(): Drawn {
    return this.#inwards ? this.#pair.inner : this.#pair.outer;
  }

  /** True when it is over at `now` (ms). */
  isOver(now: number): boolean {
    return now - this.#start >= DURATION;
  }

  #progress(now: number): number {
    return easeOut(Math.min(1, Math.max(0, (now - this.#start) / DURATION)));
  }

  /** Where to scroll at `now` (ms). */
  scrollTop(now: number): number {
    const [from, to] = this.#scroll;
    return from + (to - from) * this.#progress(now);
  }

  /** What to paint at `now` (ms) on a screen of that width. */
  layers(now: number, width: number): Layer[] {
    const { outer, inner, relation } = this.#pair;
    const [left, right] = windowAt(this.#from, this.#to, this.#progress(now));
    const scale = width / (right - left);
    const offset = -left * scale;
    return [
      plainLayer(outer, { scale, offset }),
      {
        list: inner.list,
        transform: { scale: relation.scale * scale, offset: relation.offset * scale + offset },
        across: inner.request.width,
        focus: inner.request.focus,
        ancestors: false,
      },
    ];
  }
}
