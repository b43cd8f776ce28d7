/** Aligned columns. */

/** A column: its heading, and on which side its cells line up. */
export interface Column {
  title: string;
  align: 'left' | 'right';
}

/** Lines of a table, heading first; the last column is not padded. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], indent = ''): string {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, at) => lines.reduce((width, cells) => Math.max(width, cells[at]?.length ?? 0), 0));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, at) => {
        const cell = cells[at] ?? '';
        if (align === 'right') return cell.padStart(widths[at] ?? 0);
        return at === columns.length - 1 ? cell : cell.padEnd(widths[at] ?? 0);
      })
      .join('  ')
      .trimEnd();
  return lines.map((cells) => `${indent}${line(cells)}\n`).join('');
}
