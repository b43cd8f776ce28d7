/** Columns and cells of the tables of a comparison, and the same rows as tab-separated values. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { exactValue, formatCount, formatValue } from '../../engine/format.ts';
import { SIGNIFICANT } from '../../engine/protocol.ts';
import type { DiffNodeRow, DiffSort, DiffTopRow, QueryResult, SignificanceAnswer } from '../../engine/protocol.ts';
import { fileOf, splitName } from '../../elements/names.ts';
import { tsvCell, tsvValue } from '../../elements/tsv.ts';
import { placeOf } from '../../flamegraph/describe.ts';

/** A row of either table. */
export type AnyDiffRow = DiffTopRow | DiffNodeRow;

/** How the rows of a table are compared. */
export interface DiffScale {
  result: Pick<QueryResult, 'unit' | 'scale'>;
  /** Values as they are, not shares. */
  absolute: boolean;
  /** How sure changes are; null where that is not known. */
  significance: SignificanceAnswer | null;
}

/** A column with what it is sorted by. */
export interface DiffColumn {
  sort: DiffSort;
  words: string;
  title: string;
}

/** The columns of values. */
export function valueColumns(absolute: boolean): readonly DiffColumn[] {
  const change = absolute ? 'of the head less that of the base' : 'as a share of the head’s total less its share of the base’s, percentage points';
  return [
    { sort: 'baseTotal', words: 'Base', title: 'Total of the base (A)' },
    { sort: 'total', words: 'Head', title: 'Total of the head (B)' },
    { sort: 'totalChange', words: 'Change', title: `Total ${change}` },
    { sort: 'selfChange', words: 'Self', title: `Self value ${change}` },
  ];
}

/** What the column of probabilities holds, as far as it is known how many were asked at once. */
export function significanceTitle({ baseInputs, headInputs }: SignificanceAnswer): string {
  return (
    `Probability that the share of the total changed as much by chance: Welch’s t-test, two-sided, over the function’s share of each of ${formatCount(baseInputs, 'input')} of the base and ` +
    `${formatCount(headInputs, 'input')} of the head, adjusted for the number of functions (Benjamini and Hochberg). * marks what is significant: at most ${SIGNIFICANT}, of the total or the self value.`
  );
}

/** Percentage points with their sign. */
export function formatChange(change: number): string {
  const points = change * 100;
  const digits = Math.abs(points) >= 10 ? 1 : Math.abs(points) >= 0.01 || points === 0 ? 2 : 3;
  return `${points > 0 ? '+' : points < 0 ? '−' : ''}${Math.abs(points).toFixed(digits)}`;
}

/** A difference of values with its sign. */
export function formatDifference(difference: bigint, unit: string, scale: number): string {
  const text = formatValue(difference < 0n ? -difference : difference, unit, scale);
  return `${difference > 0n ? '+' : difference < 0n ? '−' : ''}${text}`;
}

/** An adjusted probability. */
export function formatProbability(p: number): string {
  return p < 0.0001 ? '<0.0001' : p.toFixed(4);
}

/** Whether the total or the self value of a function changed significantly. */
export function isSignificant({ selfP, totalP }: Pick<DiffTopRow, 'selfP' | 'totalP'>): boolean {
  return Math.min(selfP ?? 1, totalP ?? 1) <= SIGNIFICANT;
}

/** A function's name, of which the lead is cut first; marks come from the table. */
export function nameText(name: string, title: string): TemplateResult {
  const [lead, end] = splitName(name);
  return html`<span class="mono text" title=${title}>${lead === '' ? nothing : html`<span class="lead muted">${lead}</span>`}<span class="tail">${end}</span></span>`;
}

/** The place of a row behind its name, a link to the source; nothing where no file is known. It gives way where there is no room. */
export function placeLink(row: AnyDiffRow, open: (event: MouseEvent) => void): TemplateResult | typeof nothing {
  const place = placeOf({ ...row, binary: '' });
  return place === '' ? nothing : html`<button class="bare mono place" tabindex="-1" title=${`Open ${place} in the source view`} @click=${open}>${fileOf(place)}</button>`;
}

/** The cells behind the name. */
export function valueCells(row: AnyDiffRow, { result, absolute }: DiffScale): TemplateResult {
  const { unit, scale } = result;
  const value = (each: bigint): TemplateResult => html`<span role="gridcell" class="end number" title=${exactValue(each, unit, scale)}>${formatValue(each, unit, scale)}</span>`;
  const change = (base: bigint, head: bigint, share: number): TemplateResult => {
    const sign = absolute ? Number(head > base) - Number(head < base) : Math.sign(share);
    const exact = `${exactValue(head - base, unit, scale)}; ${share * 100} percentage points`;
    return html`<span role="gridcell" class="end number change ${sign > 0 ? 'more' : sign < 0 ? 'less' : ''}" title=${exact}>${absolute ? formatDifference(head - base, unit, scale) : formatChange(share)}</span>`;
  };
  return html`${value(row.baseTotal)} ${value(row.total)} ${change(row.baseTotal, row.total, row.totalChange)} ${change(row.baseSelf, row.self, row.selfChange)}`;
}

/** The cell of the probability. */
export function probabilityCell(row: DiffTopRow): TemplateResult {
  const { totalP, selfP } = row;
  const exact = totalP === null || selfP === null ? 'Not in the profiles that were tested' : `${isSignificant(row) ? 'Significant' : 'Not significant'}: total ${totalP}, self ${selfP}`;
  return html`<span role="gridcell" class="end number p" title=${exact}>${totalP === null ? '–' : formatProbability(totalP)}${isSignificant(row) ? html`<b class="mark" role="img" aria-label="significant">*</b>` : nothing}</span>`;
}

const HEAD = ['base self', 'head self', 'base total', 'head total'] as const;

/** A head line and a line for each row; values lose no digit, changes are of shares from -1 to 1. `stacks` are those of nodes. */
export function diffRowsAsTsv(rows: readonly AnyDiffRow[], { result, significance }: DiffScale, stacks: readonly string[] | null): string {
  const { unit, scale } = result;
  const isTold = significance !== null && stacks === null;
  const head = [...HEAD.map((words) => `${words} (${unit})`), 'self change', 'total change', 'change', ...(isTold ? ['self p', 'total p', 'significant'] : []), stacks === null ? 'function' : 'stack'];
  const lines = rows.map((row, at) => {
    const values = [row.baseSelf, row.self, row.baseTotal, row.total].map((value) => tsvValue(value, scale));
    const sure = isTold && 'totalP' in row ? [row.selfP, row.totalP].map((p) => (p === null ? '' : String(p))).concat(isSignificant(row) ? 'yes' : 'no') : [];
    return [...values, String(row.selfChange), String(row.totalChange), row.change, ...sure, stacks?.[at] ?? row.name];
  });
  return `${[head, ...lines].map((line) => line.map(tsvCell).join('\t')).join('\n')}\n`;
}
