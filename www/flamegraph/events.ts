/** What the events of the flame graph carry, and the key that asks for one. */

import type { NodeInfo, QueryResult } from '../engine/protocol.ts';
import type { Menued } from './explorer.ts';

/** Detail of `eg-hover`. */
export interface HoverDetail {
  /** The frame under the pointer, or the one selected by keyboard; of a merged box the sums; null for none. */
  info: NodeInfo | null;
  /** Share of the total of the result, 0 to 1. */
  share: number;
  /** The result that its values are of; of a chart over time they are times. */
  result: QueryResult | null;
}

/** Detail of `eg-zoom` and `eg-select`. */
export interface NodeDetail {
  node: number;
}

/** Detail of `eg-menu`. */
export type MenuDetail = Menued;

/** Detail of `eg-error`. */
export interface ErrorDetail {
  error: unknown;
}

/** Whether a key asks for a menu. */
export function asksForMenu({ key, shiftKey }: KeyboardEvent): boolean {
  return key === 'ContextMenu' || (shiftKey && key === 'F10');
}
