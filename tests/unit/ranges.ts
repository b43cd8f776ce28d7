/** Both ranges of a comparison, read back from their text. */

import { resolveRange } from '../../www/app/state/time.ts';
import type { View } from '../../www/app/state/view.ts';

interface Range {
  from: bigint;
  until: bigint;
}

export function parseRange(view: Pick<View, 'from' | 'until' | 'baseFrom' | 'baseUntil'>): { head: Range; base: Range } {
  const read = (from: string, until: string): Range => {
    const range = resolveRange(from, until, { now: 0n, end: 0n });
    if (range.from === null || range.until === null) throw new Error('an open range');
    return { from: range.from, until: range.until };
  };
  return { head: read(view.from, view.until), base: read(view.baseFrom, view.baseUntil) };
}
