/** `emberglass diff`: functions of two sides beside each other, and the gate for builds. */

import { FEWEST_INPUTS } from '../engine/protocol.ts';
import type { Invocation } from './args.ts';
import type { Change } from './engine.ts';
import { parseExact, readable } from './exact.ts';
import { merged } from './merged.ts';
import { complain, printable, write } from './output.ts';
import type { Column } from './table.ts';
import { table } from './table.ts';
import { TABLE_ROWS } from './top.ts';

/** Exit status where a share grew beyond the gate. */
const GROWN = 3;

/** The answer of `diff`, every number as the text it was. */
export interface DiffAnswer {
  type: string;
  unit: string;
  base_total: string;
  head_total: string;
  functions: { name: string; base_total: string; head_total: string; self_change: string; total_change: string; change: Change | 'same'; total_p?: string }[];
  significance?: { base_inputs: string; head_inputs: string; enough: boolean };
}

const COLUMNS: readonly Column[] = [
  { title: 'base', align: 'right' },
  { title: 'head', align: 'right' },
  { title: 'change', align: 'right' },
  { title: 'self change', align: 'right' },
  { title: '', align: 'left' },
  { title: 'function', align: 'left' },
];

/** The change of a share in percentage points. */
function points(change: string): string {
  const value = Number(change) * 100;
  return `${value > 0 ? '+' : ''}${value.toFixed(2)} %`;
}

function probability(p: string | undefined): string {
  if (p === undefined) return '';
  const value = Number(p);
  return value < 0.0001 ? '<0.0001' : value.toFixed(4);
}

/** The first `rows` functions as a table. */
export function showDiff({ type, unit, base_total, head_total, functions, significance }: DiffAnswer, rows: number): string {
  const isTold = significance?.enough === true;
  const columns = isTold ? [...COLUMNS.slice(0, 3), { title: 'p', align: 'right' } as const, ...COLUMNS.slice(3)] : COLUMNS;
  const shown = functions.slice(0, rows).map((row) => {
    const p = isTold ? [probability(row.total_p)] : [];
    return [readable(row.base_total, unit), readable(row.head_total, unit), points(row.total_change), ...p, points(row.self_change), row.change, printable(row.name)];
  });
  const totals = `base ${readable(base_total, unit)}  head ${readable(head_total, unit)}`;
  const more = functions.length > rows ? `more functions: -n ${rows === 0 ? TABLE_ROWS : rows * 10}\n` : '';
  return `${printable(type)}  ${totals}\n${sureness(significance)}${table(columns, shown)}${more}`;
}

function sureness(significance: DiffAnswer['significance']): string {
  if (significance === undefined) return '';
  const { base_inputs, head_inputs, enough } = significance;
  const inputs = `${base_inputs} and ${head_inputs} profiles`;
  return enough ? `p: how likely the change is by chance, from ${inputs}\n` : `not enough profiles to say how sure a change is: ${inputs}, at least ${FEWEST_INPUTS} on each side\n`;
}

/** Functions whose share of the total, own or in all, grew by more than `gate`. */
function grown({ functions }: DiffAnswer, gate: number): string[] {
  const found = functions.filter((row) => Number(row.total_change) > gate || Number(row.self_change) > gate);
  return found.map(({ name, total_change }) => `${printable(name)} ${points(total_change)}`);
}

/** Runs the command; gives the exit status. */
export async function diff({ paths, json, options, gate, wishes }: Extract<Invocation, { command: 'diff' }>): Promise<number> {
  let exceeded: string[] = [];
  const status = await merged(
    paths,
    wishes,
    async (files) => {
      const rows = options.limit ?? TABLE_ROWS;
      const text = files.diff(json ? options : { ...options, limit: rows + 1 });
      await write(json ? `${text}\n` : showDiff(parseExact(text) as DiffAnswer, rows));
      // The gate looks at all functions, whatever is printed.
      if (gate !== null) exceeded = grown(parseExact(files.diff({ ...options, only: [], limit: 0xffff_ffff })) as DiffAnswer, gate);
    },
    { compares: true },
  );
  if (status !== 0 || gate === null || exceeded.length === 0) return status;
  const [first = '', ...others] = exceeded;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  complain(`grown by more than ${String(Number((gate * 100).toFixed(9)))} percentage points: ${first}${more}`);
  return GROWN;
}
