/** The cells of a row of the top table. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { exactValue, formatPercent, formatValue } from '../engine/format.ts';
import type { QueryResult, TopRow } from '../engine/protocol.ts';
import { placeOf } from '../flamegraph/describe.ts';
import { swatchColor } from '../flamegraph/palette.ts';
import { fileOf, splitName } from './names.ts';

/** A share for a bar, 0 to 1. */
function shareOf(part: bigint, whole: bigint): string {
  const share = whole === 0n ? 0 : Math.abs(Number(part) / Number(whole));
  return Math.min(1, share).toFixed(4);
}

/** What a click does. */
type Act = (event: MouseEvent) => void;

/**
 * Self and total with their shares, and the function: its name whole, in two parts of which the first is cut first, and its place, a
 * link where there is a way to `open` it.
 */
export function cells(row: TopRow, result: QueryResult, dark: boolean, choose: Act, open: Act | null): TemplateResult {
  const { unit, scale, total } = result;
  const value = (part: bigint): TemplateResult => html`
    <div role="gridcell" class="number" title=${exactValue(part, unit, scale)}>${formatValue(part, unit, scale)}</div>
    <div role="gridcell" class="number share" .style=${`--share:${shareOf(part, total)}`}>${formatPercent(part, total)}</div>
  `;
  const place = placeOf({ ...row, binary: '' });
  const [lead, end] = splitName(row.name);
  return html`${value(row.self)}${value(row.total)}
    <div role="gridcell" class="function" title=${place === '' ? row.name : `${row.name}\n${place}`}>
      <span class="name" @click=${choose}
        ><span class="swatch" .style=${`--swatch:${swatchColor(row.color, dark)}`}></span><span class="lead">${lead}</span
        ><span class="end">${end}</span></span
      >${place === ''
        ? nothing
        : open === null
          ? html`<span class="place">${fileOf(place)}</span>`
          : html`<button class="place" tabindex="-1" title=${`Open ${place} in the source view`} @click=${open}>${fileOf(place)}</button>`}
    </div>`;
}
