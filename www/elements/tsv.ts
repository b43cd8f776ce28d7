/** Rows as tab-separated values, exact, for spreadsheets. */

import { formatDecimal } from '../engine/format.ts';
import type { QueryResult, TopRow } from '../engine/protocol.ts';
import { placeOf } from '../flamegraph/describe.ts';

/** A cell without the characters that divide cells and rows. */
export function tsvCell(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ');
}

/** A value times 10^-scale, no digit lost. */
export function tsvValue(value: bigint, scale: number): string {
  return formatDecimal(value, scale).replaceAll(',', '');
}

/** A head line and a line for each row: self, total (in the unit of the result, no digit lost), function, file and line. */
export function rowsAsTsv(rows: readonly TopRow[], { unit, scale }: Pick<QueryResult, 'unit' | 'scale'>): string {
  const value = (part: bigint): string => tsvValue(part, scale);
  const head = [`self (${unit})`, `total (${unit})`, 'function', 'file'].map(tsvCell).join('\t');
  const lines = rows.map((row) =>
    [value(row.self), value(row.total), tsvCell(row.name), tsvCell(placeOf({ ...row, binary: '' }))].join('\t'),
  );
  return `${[head, ...lines].join('\n')}\n`;
}
