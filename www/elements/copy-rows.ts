/** The selected rows of a top table on the clipboard, as tab-separated values. */

import type { TopRow } from '../engine/protocol.ts';
import type { RowCache } from './row-cache.ts';
import type { RowSelection } from './row-selection.ts';
import type { TopOrder, TopSource } from './source.ts';
import { rowsAsTsv } from './tsv.ts';

/** Copies them and gives their number; 0 where nothing is selected, or a text of the page is. Rows that are not there yet are read first. */
export async function copyRows(event: ClipboardEvent, rows: RowCache<TopSource, TopOrder, TopRow>, { from, until }: RowSelection): Promise<number> {
  const { source } = rows;
  if (source === null || from >= until || getSelection()?.isCollapsed === false) return 0;
  event.preventDefault();
  const loaded: TopRow[] = [];
  for (let index = from; index < until; index += 1) {
    const row = rows.row(index);
    if (row === undefined) break;
    loaded.push(row);
  }
  if (loaded.length === until - from) event.clipboardData?.setData('text/plain', rowsAsTsv(loaded, source.result));
  else await navigator.clipboard.writeText(rowsAsTsv(await rows.range(from, until), source.result));
  return until - from;
}
