/** `emberglass query`: any question about the profiles of all files. */

import type { Invocation } from './args.ts';
import type { DiffAnswer } from './diff.ts';
import { showDiff } from './diff.ts';
import type { Files, QueryOptions } from './engine.ts';
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
  series: { labels: Record<string, string>; points: [string, string][] }[];
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

const right = (title: string): Column => ({ title, align: 'right' });
const left = (title: string): Column => ({ title, align: 'left' });

function heading({ type, unit, total }: Head): string {
  return `${printable(type)}  total ${readable(total, unit)}\n`;
}

function showSeries({ type, unit, series }: SeriesAnswer): string {
  const rows = series.flatMap(({ labels, points }) => {
    const name = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    return points.map(([ms, value]) => [new Date(Number(ms)).toISOString(), readable(value, unit), printable(name.join(' '))]);
  });
  return `${printable(type)}\n${table([left('step'), right('value'), left('labels')], rows)}`;
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
    case 'flamegraph':
    case 'tree':
      return showTree(ask('tree', rows) as TreeAnswer);
  }
}

/** Runs the command; gives the exit status. */
export async function query({ paths, json, options, dropsFrames, demangle }: Extract<Invocation, { command: 'query' }>): Promise<number> {
  return await merged(paths, { dropsFrames, demangle }, async (files) => {
    await write(json ? `${files.query(options)}\n` : show(files, options));
  });
}
