/** The functions of a comparison. */

import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import type { DiffTopPage, DiffTopRequest, DiffTopRow } from '../../engine/protocol.ts';
import { placeOf } from '../../flamegraph/describe.ts';
import type { DiffSource } from '../state/sources.ts';
import { probabilityCell, significanceTitle } from './diff-cells.ts';
import type { DiffColumn } from './diff-cells.ts';
import { DiffTable } from './diff-table.ts';

/** `<eg-diff-functions>` */
export class DiffFunctions extends DiffTable<DiffTopRow> {
  protected override readonly words = { table: 'Functions of the comparison', singular: 'function', plural: 'functions', file: 'comparison-functions.tsv' };

  constructor() {
    super(24);
  }

  protected override read(source: DiffSource, request: DiffTopRequest, signal: AbortSignal): Promise<DiffTopPage> {
    return source.diffTop(request, signal);
  }

  protected override stacks(): null {
    return null;
  }

  protected override nameTitle({ name, file, line }: DiffTopRow): string {
    const place = placeOf({ file, line, binary: '' });
    return place === '' ? name : `${name}\n${place}`;
  }

  protected override moreColumn(): { column: DiffColumn; cell: (row: DiffTopRow) => TemplateResult } | null {
    const { significance } = this;
    if (significance === null) return null;
    return { column: { sort: 'totalP', words: 'p', title: significanceTitle(significance) }, cell: (row) => html`${row.totalP === undefined ? nothing : probabilityCell(row)}` };
  }
}

customElements.define('eg-diff-functions', DiffFunctions);
