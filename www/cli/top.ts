/** `emberglass top`: functions by their values, over all files together. */

import { formatPercent } from '../engine/format.ts';
import type { TopOptions } from './engine.ts';
import { parseExact, readable, scaled } from './exact.ts';
import type { Wishes } from './merged.ts';
import { merged } from './merged.ts';
import { printable, write } from './output.ts';
import type { Column } from './table.ts';
import { table } from './table.ts';

/** The answer of `top`, every number as the text it was. */
export interface TopAnswer {
  type: string;
  unit: string;
  total: string;
  functions: { name: string; file: string; line: string; self: string; total: string }[];
}

/** Rows of a table without -n. */
export const TABLE_ROWS = 30;

const COLUMNS: readonly Column[] = [
  { title: 'self', align: 'right' },
  { title: '%', align: 'right' },
  { title: 'total', align: 'right' },
  { title: '%', align: 'right' },
  { title: 'function', align: 'left' },
  { title: 'file', align: 'left' },
];

/** A part of a whole in percent; both are exact decimals. */
export function share(part: string, whole: string): string {
  const [a, b] = [scaled(part), scaled(whole)];
  const digits = Math.max(a.scale, b.scale);
  const raise = ({ value, scale }: typeof a): bigint => value * 10n ** BigInt(digits - scale);
  return formatPercent(raise(a), raise(b));
}

/** The first `rows` functions as a table. */
export function showTop({ type, unit, total, functions }: TopAnswer, rows: number): string {
  const shown = functions.slice(0, rows).map((row) => [
    readable(row.self, unit),
    share(row.self, total),
    readable(row.total, unit),
    share(row.total, total),
    printable(row.name),
    printable(row.file === '' || row.line === '0' ? row.file : `${row.file}:${row.line}`),
  ]);
  const more = functions.length > rows ? `more functions: -n ${rows === 0 ? TABLE_ROWS : rows * 10}\n` : '';
  return `${printable(type)}  total ${readable(total, unit)}\n${table(COLUMNS, shown)}${more}`;
}

/** Runs the command; gives the exit status. */
export async function top(paths: readonly string[], options: TopOptions, json: boolean, wishes: Wishes): Promise<number> {
  return await merged(paths, wishes, async (files) => {
    if (json) {
      await write(`${files.top(options)}\n`);
      return;
    }
    const rows = options.limit ?? TABLE_ROWS;
    // One more than is shown tells whether there are more.
    const answer = parseExact(files.top({ ...options, limit: rows + 1 })) as TopAnswer;
    await write(showTop(answer, rows));
  });
}
