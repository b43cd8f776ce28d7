/** What the flame graph draws from. */

import type { DrawRequest, NodeInfo, PathStep, QueryResult, TimeLane } from '../engine/protocol.ts';

/** From when until when a chart over time is, ns since the epoch. */
export interface TimeSpan {
  first: bigint;
  last: bigint;
}

/** All of a chart over time. */
export interface ChartSpan extends TimeSpan {
  /** Whether times are the clock's; else they are counted from the begin. */
  clock: 'epoch' | 'source';
}

/** A result and the ways to look at it. A source stands for one result: another result is another source. */
export interface FlameSource {
  /** Handle of the result in the engine. */
  handle: number;
  result: QueryResult;
  /** Of a chart over time; others have none. */
  time?: ChartSpan;
  /** Its lanes, in their order. Sources with the result of the same whole chart differ by what is folded. */
  lanes?: { rows: readonly TimeLane[]; whole: WholeChart };
  /** Draw list of what is visible; the layout is in `engine/protocol/draw.ts`. `signal` gives it up. */
  draw(request: DrawRequest, signal?: AbortSignal): Promise<ArrayBuffer>;
  node(node: number): Promise<NodeInfo>;
  /** Path to a node, root first; the root itself is not part of it. */
  path(node: number): Promise<PathStep[]>;
  /** The node that a path of stored names leads to, or null. Without it a selection does not outlive a change of the source. */
  find?(names: readonly string[]): Promise<number | null>;
}

/** What a draw list is asked of. */
export type Drawable = Pick<FlameSource, 'result' | 'draw'>;

/** A chart over time with all of its lanes unfolded. */
export interface WholeChart extends Drawable {
  rows: readonly TimeLane[];
}
