/** Menus of rows of a table: asked for by the pointer at a point, by keys at the active row. */

import type { LitElement } from 'lit';
import type { RowSelection } from './row-selection.ts';

/** Of a menu at a row, from its left edge, CSS pixels. */
const INSET = 16;
/** The number that the first row of a table has: numbers begin with 1, and the head has one. */
const FIRST_ROW = 2;

/** Detail of `eg-row-menu`. */
export interface RowMenuDetail<Row> {
  row: Row;
  /** Where, pixels of the window. */
  x: number;
  y: number;
}

/** A table whose rows have menus. */
export interface MenuTable<Row> {
  host: LitElement;
  /** Selector of its rows, which have their number as `aria-rowindex`. */
  rows: string;
  selection: RowSelection;
  row(index: number): Row | undefined;
  /** What shows a row, where it is in the document. */
  element(index: number): Element | null;
}

/** Offers a menu for the row under the pointer, or for the active one, and selects it. True if the page took it. */
export function offerRowMenu<Row>({ host, rows, selection, row, element }: MenuTable<Row>, at: MouseEvent | null): boolean {
  const under = at?.target instanceof Element ? at.target.closest<HTMLElement>(rows) : null;
  const index = under === null ? selection.active : Number(under.ariaRowIndex) - FIRST_ROW;
  const of = row(index);
  if (of === undefined) return false;
  if (!selection.has(index)) selection.go(index, false);
  host.requestUpdate();
  const { x, y } = at !== null && under !== null ? { x: at.clientX, y: at.clientY } : below(element(index) ?? host);
  const detail: RowMenuDetail<Row> = { row: of, x, y };
  return !host.dispatchEvent(new CustomEvent('eg-row-menu', { detail, bubbles: true, composed: true, cancelable: true }));
}

function below(element: Element): { x: number; y: number } {
  const { left, bottom } = element.getBoundingClientRect();
  return { x: left + INSET, y: bottom };
}
