/** Words for boxes. */

import { formatCount, formatPercent, formatValue } from '../engine/format.ts';
import type { NodeInfo, QueryResult } from '../engine/protocol.ts';

/** A frame's place in the source: `file:line`, the file, the binary, or nothing. */
export function placeOf(info: Pick<NodeInfo, 'file' | 'line' | 'binary'>): string {
  if (info.file === '') return info.binary;
  return info.line > 0 ? `${info.file}:${info.line}` : info.file;
}

/** What stands for several frames in one box. */
export function mergedName(count: number): string {
  return formatCount(count, 'frame');
}

/** What a box says to a screen reader: name, total with its share of all, self. */
export function spoken(name: string, total: bigint, self: bigint, result: QueryResult): string {
  const { unit, scale } = result;
  const share = formatPercent(total, result.total);
  return `${name}, total ${formatValue(total, unit, scale)}, ${share}, self ${formatValue(self, unit, scale)}`;
}
