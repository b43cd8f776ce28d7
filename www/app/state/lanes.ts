/** Which lanes of a chart over time are folded, as the address says it. */

import type { FoldRequest } from '../../engine/protocol.ts';
import type { View } from './view.ts';

type Folds = Pick<View, 'foldsAll' | 'folds'>;

/** What the engine is asked for; null where no lane is folded. */
export function foldsOf({ foldsAll, folds }: Folds): FoldRequest | null {
  return foldsAll || folds.length > 0 ? { all: foldsAll, names: folds } : null;
}

/** Whether a lane is folded. */
export function isFolded({ foldsAll, folds }: Folds, lane: string): boolean {
  return folds.includes(lane) !== foldsAll;
}

/** Folds or unfolds a lane. */
export function folded(view: Folds, lane: string, fold: boolean): Folds {
  const others = view.folds.filter((name) => name !== lane);
  return { foldsAll: view.foldsAll, folds: fold === view.foldsAll ? others : [...others, lane] };
}

/** Folds or unfolds all lanes. */
export function foldedAll(fold: boolean): Folds {
  return { foldsAll: fold, folds: [] };
}
