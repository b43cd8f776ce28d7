/**
 * All levels of a part of a result in one draw list of bounded size, for what looks beyond the window: stepping from match
 * to match, the minimap, pictures. The larger the result, the wider are the boxes that are merged.
 */

import type { DrawRequest } from '../engine/protocol.ts';
import { DrawList } from './draw-list.ts';
import type { Drawable } from './source.ts';
import type { Drawn, View } from './viewport.ts';

/** More boxes would hold up the page. */
const MOST_BOXES = 60_000;
/** No box is so wide. */
export const NO_NAMES = 1e9;

/** What of the result, and how it is to be drawn. */
export interface Overview {
  view: View;
  /** CSS pixels. */
  width: number;
  /** Boxes are merged below this width at least, CSS pixels. */
  minWidth: number;
  /** Boxes from this width on carry a name, CSS pixels; `NO_NAMES`. */
  nameWidth: number;
  search: string;
}

/** The request for all levels of a result that is `depth` levels deep. */
export function overviewRequest({ view, width, minWidth, nameWidth, search }: Overview, depth: number): DrawRequest {
  const levels = depth + 1;
  return { ...view, depth0: 0, depth1: levels, width, minWidth: Math.max(minWidth, (width * levels) / MOST_BOXES), nameWidth, search };
}

/** Asks a source for all levels. */
export async function overviewOf(source: Drawable, wanted: Overview): Promise<Drawn> {
  const request = overviewRequest(wanted, source.result.depth);
  return { list: new DrawList(await source.draw(request)), request };
}
