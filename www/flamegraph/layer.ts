/** What is painted: draw lists, and where each of them goes. */

import type { DrawList } from './draw-list.ts';
import type { Affine } from './viewport.ts';

/** A draw list and where it goes. */
export interface Layer {
  list: DrawList;
  /** From positions in the list to positions on the screen, CSS pixels. */
  transform: Affine;
  /** Width of the list, CSS pixels. */
  across: number;
  /** The focused node: its callers are painted paler. */
  focus: number;
  /** Ancestors of the focus always go from edge to edge; a list over another one leaves them to it. */
  ancestors: boolean;
}
