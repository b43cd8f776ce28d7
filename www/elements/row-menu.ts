/** Menus of rows of a table: asked for by the pointer at a point, by keys at the active row. */

/** Of a menu at a row, from its left edge, CSS pixels. */
const INSET = 16;

/** Detail of `eg-row-menu`. */
export interface RowMenuDetail<Row> {
  row: Row;
  /** Where, pixels of the window. */
  x: number;
  y: number;
}

/** Whether a key asks for the menu. */
export function asksForMenu({ key, shiftKey }: KeyboardEvent): boolean {
  return key === 'ContextMenu' || (shiftKey && key === 'F10');
}

/** Offers a menu for a row at a point, or below the row's element. True if the page took it. */
export function offerRowMenu<Row>(host: HTMLElement, row: Row, at: MouseEvent | Element): boolean {
  const { x, y } = at instanceof Element ? below(at) : { x: at.clientX, y: at.clientY };
  const detail: RowMenuDetail<Row> = { row, x, y };
  return !host.dispatchEvent(new CustomEvent('eg-row-menu', { detail, bubbles: true, composed: true, cancelable: true }));
}

function below(element: Element): { x: number; y: number } {
  const { left, bottom } = element.getBoundingClientRect();
  return { x: left + INSET, y: bottom };
}
