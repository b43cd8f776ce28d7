/** A selection outlives a change of the source: the same path is selected in the next one. */

import type { ResultView } from '../engine/protocol.ts';
import { nodeAmong } from './lanes.ts';
import type { FlameSource } from './source.ts';

/** Results whose paths begin at the root. */
const ROOTED: ReadonlySet<string> = new Set<ResultView>(['flame', 'time', 'diff']);

/** The node of `source` that was selected in the source before; null if paths do not mean the same in both. */
export async function carried(before: FlameSource | null | undefined, source: FlameSource | null, selected: number | null): Promise<number | null> {
  const begins = (of: FlameSource): boolean => ROOTED.has(of.result.view);
  if (before === null || before === undefined || source?.find === undefined || selected === null || selected === 0 || !begins(before) || !begins(source)) return null;
  if (before.lanes !== undefined && before.lanes.whole.result === source.lanes?.whole.result) return nodeAmong(before.lanes.rows, source.lanes.rows, selected);
  try {
    const path = await before.path(selected);
    return path.length === 0 ? null : await source.find(path.map(({ name }) => name));
  } catch {
    // The source before may be gone, and with it what was selected.
    return null;
  }
}
