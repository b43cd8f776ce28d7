/** Lanes of a chart over time: which one a node is in, and where it is in the same chart with other lanes folded. Pure. */

import type { TimeLane } from '../engine/protocol.ts';
import type { Place } from './places.ts';

/** Lanes as they are drawn, and those of the whole chart. */
export interface FoldedLanes {
  rows: readonly TimeLane[];
  whole: { rows: readonly TimeLane[] };
}

/** Which of the lanes of a chart a node is in, or -1 for the root: nodes of a lane follow it. */
export function laneAt(lanes: readonly TimeLane[], node: number): number {
  return lanes.findLastIndex((lane) => lane.node <= node);
}

/** A node of a chart in one whose lanes are folded otherwise: calls of a lane keep their order; of one that folded or unfolded it is the lane. */
export function nodeAmong(before: readonly TimeLane[], lanes: readonly TimeLane[], node: number): number | null {
  const at = laneAt(before, node);
  const [from, to] = [before[at], lanes[at]];
  if (from === undefined || to === undefined) return null;
  return from.isFolded === to.isFolded ? node - from.node + to.node : to.node;
}

/** The folded lane that a call of the whole chart is in; null for a lane itself, and for a call of one that is unfolded. */
export function foldedOver({ rows, whole }: FoldedLanes, node: number): TimeLane | null {
  const at = laneAt(whole.rows, node);
  const lane = rows[at];
  return lane !== undefined && lane.isFolded && whole.rows[at]?.node !== node ? lane : null;
}

/** Where a place of the whole chart is among the lanes as they are; it may not be in a folded one. */
export function placeAmong({ rows, whole }: FoldedLanes, place: Place): Place {
  const at = laneAt(whole.rows, place.node);
  const [from, to] = [whole.rows[at], rows[at]];
  if (from === undefined || to === undefined) return place;
  return { ...place, node: place.node - from.node + to.node, level: place.level - from.level + to.level };
}
