/** `emberglass query`: any question about the profiles of all files. */

import type { Invocation } from './args.ts';
import type { DiffAnswer } from './diff.ts';
import { showDiff } from './diff.ts';
import type { Files, QueryOptions } from './engine.ts';
import type { CardinalityAnswer, EstimateAnswer } from './estimate.ts';
import { showCardinality, showEstimate } from './estimate.ts';
import { parseExact, readable } from './exact.ts';
import { merged } from './merged.ts';
import { printable, write } from './output.ts';
import type { Column } from './table.ts';
import { table } from './table.ts';
import type { TopAnswer } from './top.ts';
import { TABLE_ROWS, share, showTop } from './top.ts';

interface Head {
  type: string;
  unit: string;
  total: string;
}

interface SeriesAnswer extends Head {
  /** Of a function a point has its share too. */
  series: { labels: Record<string, string>; points: [ms: string, value: string, share?: string][] }[];
}

/** Rows by value, or with labels to group by, by these. */
interface HeatMapAnswer extends Head {
  step: string;
  start: string;
  rows: ({ counts: string[] } & ({ from: string; to: string } | { labels: Record<string, string> }))[];
}

interface StacksAnswer extends Head {
  stacks: { stack: string[]; self: string }[];
}

interface TreeNode {
  name: string;
  self: string;
  total: string;
  children: TreeNode[];
}

interface TreeAnswer extends Head {
  tree: TreeNode | null;
}

interface LinesAnswer extends Head {
  lines: { file: string; line: string; function: string; self: string; total: string }[];
}

/** Values of each label, and series, of a table of cardinalities. */
const CARDINALITY_ROWS = 5;

const right = (title: string): Column => ({ title, align: 'right' });
const left = (title: string): Column => ({ title, align: 'left' });

function heading({ type, unit, total }: Head): string {
  return `${printable(type)}  total ${readable(total, unit)}\n`;
}

function nameOf(labels: Record<string, string>): string {
  return printable(Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(' '));
}

function showSeries({ type, unit, series }: SeriesAnswer): string {
  const hasShares = series.some(({ points }) => points[0]?.length === 3);
  const rows = series.flatMap(({ labels, points }) =>
    points.map(([ms, value, part]) => {
      const shown = part === undefined ? [] : [`${(Number(part) * 100).toFixed(2)} %`];
      return [new Date(Number(ms)).toISOString(), readable(value, unit), ...shown, nameOf(labels)];
    }),
  );
  const columns = [left('step'), right('value'), ...(hasShares ? [right('share')] : []), left('labels')];
  return `${printable(type)}\n${table(columns, rows)}`;
}

/** The densest cells are full, empty ones blank. */
const SHADES = [...' .:-=+*#%@'];
/** Columns of a heat map in text; neighbouring steps are shown as one. */
const HEAT_COLUMNS = 80;

function showHeatMap({ type, unit, step, start, rows }: HeatMapAnswer): string {
  const steps = rows[0]?.counts.length ?? 0;
  const each = Math.max(1, Math.ceil(steps / HEAT_COLUMNS));
  const cells = rows.map(({ counts }) => {
    const sums = Array.from({ length: Math.ceil(steps / each) }, () => 0);
    counts.forEach((count, at) => (sums[Math.floor(at / each)]! += Number(count)));
    return sums;
  });
  const most = cells.flat().reduce((most, count) => Math.max(most, count), 1);
  const shade = (count: number): string => (count === 0 ? SHADES[0]! : SHADES[Math.ceil((count / most) * (SHADES.length - 1))]!);
  const name = (row: HeatMapAnswer['rows'][number]): string => ('labels' in row ? nameOf(row.labels) : `from ${readable(row.from, unit)}`);
  const lines = rows.map((row, at) => [name(row), (cells[at] ?? []).map(shade).join('')]);
  // Of values the greatest stand above, as in a chart.
  if (rows[0] !== undefined && 'from' in rows[0]) lines.reverse();
  const head = `${printable(type)}  from ${new Date(Number(start)).toISOString()}, ${Number(step) * each} ms a column\n`;
  return head + table([left('row'), left('density')], lines);
}

function showStacks(answer: StacksAnswer): string {
  const rows = answer.stacks.map(({ stack, self }) => [readable(self, answer.unit), share(self, answer.total), printable(stack.join(';'))]);
  return heading(answer) + table([right('self'), right('%'), left('stack')], rows);
}

function showLines(answer: LinesAnswer): string {
  const { unit, total } = answer;
  const rows = answer.lines.map((of) => {
    const place = of.file === '' ? '' : `${printable(of.file)}:${of.line}`;
    return [readable(of.self, unit), share(of.self, total), readable(of.total, unit), share(of.total, total), place, printable(of.function)];
  });
  return heading(answer) + table([right('self'), right('%'), right('total'), right('%'), left('line'), left('function')], rows);
}

function showTree(answer: TreeAnswer): string {
  const rows: string[][] = [];
  const open = answer.tree === null ? [] : [{ node: answer.tree, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    const name = `${'  '.repeat(depth)}${printable(node.name)}`;
    rows.push([readable(node.total, answer.unit), share(node.total, answer.total), readable(node.self, answer.unit), name]);
    open.push(...node.children.map((child) => ({ node: child, depth: depth + 1 })).reverse());
  }
  return heading(answer) + table([right('total'), right('%'), right('self'), left('function')], rows);
}

function show(files: Files, options: QueryOptions): string {
  const rows = options.limit ?? TABLE_ROWS;
  // One more than is shown tells whether there are more.
  const ask = (view: QueryOptions['view'], limit: number): unknown => parseExact(files.query({ ...options, view, limit }));
  switch (options.view) {
    case 'top':
      return showTop(ask('top', rows + 1) as TopAnswer, rows);
    case 'diff':
      return showDiff(ask('diff', rows + 1) as DiffAnswer, rows);
    case 'stacks':
      return showStacks(ask('stacks', rows) as StacksAnswer);
    case 'series':
      return showSeries(ask('series', rows) as SeriesAnswer);
    case 'lines':
      return showLines(ask('lines', options.file === undefined ? rows : (options.limit ?? 0xffffffff)) as LinesAnswer);
    case 'call-graph':
      return files.query({ ...options, dot: true, limit: rows });
    case 'heatmap':
      return showHeatMap(parseExact(files.query(options)) as HeatMapAnswer);
    case 'estimate':
      return showEstimate(parseExact(files.query(options)) as EstimateAnswer);
    case 'cardinality':
      return showCardinality(ask('cardinality', options.limit ?? CARDINALITY_ROWS) as CardinalityAnswer, nameOf);
    case 'flamegraph':
    case 'tree':
      return showTree(ask('tree', rows) as TreeAnswer);
  }
}

/** Runs the command; gives the exit status. */
export async function query({ paths, json, options, wishes }: Extract<Invocation, { command: 'query' }>): Promise<number> {
  return await merged(
    paths,
    wishes,
    async (files) => {
      await write(json ? `${files.query(options)}\n` : show(files, options));
    },
    { labelsFromPath: options.labelsFromPath },
  );
}
