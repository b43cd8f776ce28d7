/** Arguments: what was asked for, or why it cannot be understood. */

import { parseArgs } from 'node:util';

import type { DiffOptions, QueryOptions, Selection, TopOptions } from './engine.ts';
import { CHANGES, VIEWS } from './engine.ts';
import type { Wishes } from './merged.ts';

/** Wrong usage; exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** One parsed command line. */
export type Invocation =
  | { command: 'help' }
  | { command: 'version' }
  | { command: 'info'; paths: string[]; json: boolean }
  | { command: 'top'; paths: string[]; json: boolean; options: TopOptions; wishes: Wishes }
  | { command: 'convert'; paths: string[]; to: string | null; selection: Selection; out: string | null; wishes: Wishes }
  | { command: 'query'; paths: string[]; json: boolean; options: QueryOptions; wishes: Wishes }
  | { command: 'diff'; paths: [string, string]; json: boolean; options: DiffOptions; gate: number | null; wishes: Wishes }
  | { command: 'pack'; paths: string[]; labelsFromPath: string | null; out: string }
  | { command: 'serve'; host: string; port: number; maxMemory: number };

const OPTIONS = {
  json: { type: 'boolean' },
  type: { type: 'string' },
  profile: { type: 'string' },
  by: { type: 'string' },
  select: { type: 'string' },
  from: { type: 'string' },
  until: { type: 'string' },
  'select-base': { type: 'string' },
  'from-base': { type: 'string' },
  'until-base': { type: 'string' },
  'group-by': { type: 'string' },
  step: { type: 'string' },
  function: { type: 'string' },
  view: { type: 'string' },
  file: { type: 'string' },
  filter: { type: 'string', multiple: true },
  granularity: { type: 'string' },
  aggregate: { type: 'string' },
  significance: { type: 'boolean' },
  only: { type: 'string' },
  'fail-above': { type: 'string' },
  'drop-frames': { type: 'boolean' },
  'cut-samples': { type: 'boolean' },
  number: { type: 'string', short: 'n' },
  to: { type: 'string' },
  out: { type: 'string', short: 'o' },
  'labels-from-path': { type: 'string' },
  demangle: { type: 'boolean' },
  host: { type: 'string' },
  port: { type: 'string' },
  'max-memory': { type: 'string' },
  'no-demangle': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

type OptionName = keyof typeof OPTIONS;

/** What the files are made into before they are asked. */
const SHAPES = ['filter', 'granularity', 'drop-frames', 'demangle', 'no-demangle'] as const;

const ALLOWED: Readonly<Record<string, readonly OptionName[]>> = {
  info: ['json'],
  top: ['json', 'type', 'profile', 'by', 'number', ...SHAPES],
  query: [
    ...(['json', 'labels-from-path', 'select', 'from', 'until', 'select-base', 'from-base', 'until-base', 'group-by', 'step', 'function', 'view', 'file', 'significance'] as const),
    ...(['by', 'aggregate', 'cut-samples', 'only', 'number'] as const),
    ...SHAPES,
  ],
  diff: ['json', 'type', 'profile', 'only', 'fail-above', 'number', ...SHAPES],
  pack: ['labels-from-path', 'out'],
  convert: ['type', 'profile', 'to', 'out', ...SHAPES],
  serve: ['host', 'port', 'max-memory'],
};

function wholeNumber(option: string, text: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(value)) throw new UsageError(`${option} takes a whole number, not ${JSON.stringify(text)}`);
  return value;
}

/** Bytes, with the endings KiB, MiB and GiB (or k, m, g). */
function byteCount(option: string, text: string): number {
  const [, digits, unit] = /^(\d{1,9})\s*(?:([kmg])(?:i?b)?)?$/i.exec(text) ?? [];
  if (digits === undefined) throw new UsageError(`${option} takes a size (512MiB, 2GiB), not ${JSON.stringify(text)}`);
  return Number(digits) * 1024 ** (unit === undefined ? 0 : 'kmg'.indexOf(unit.toLowerCase()) + 1);
}

/** Percentage points, with or without the sign, as a share. */
function percentage(option: string, text: string): number {
  const [, digits] = /^(\d{1,3}(?:\.\d{1,9})?)\s*%?$/.exec(text) ?? [];
  if (digits === undefined) throw new UsageError(`${option} takes percentage points (5%, 0.5), not ${JSON.stringify(text)}`);
  return Number(digits) / 100;
}

function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new UsageError(`${option} takes ${choices.join(' or ')}, not ${JSON.stringify(text)}`);
  return choice;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** Views of `query` that count profiles and labels, which filters can't change. */
const COUNTED: ReadonlySet<string> = new Set<(typeof VIEWS)[number]>(['estimate', 'cardinality']);

/** Views of `query` over time, or that know no samples: none of theirs is cut. */
const UNCUT: ReadonlySet<string> = new Set<(typeof VIEWS)[number]>(['series', 'heatmap', 'cardinality']);

/** Whether samples are cut at the edges of a range. */
function cutsSamples(values: ReturnType<typeof parse>['values'], view: string): boolean {
  if (values['cut-samples'] !== true) return false;
  if (UNCUT.has(view)) throw new UsageError('--cut-samples goes with views of stacks and estimate');
  const edges = [values.from, values.until, values['from-base'], values['until-base']];
  if (edges.every((edge) => edge === undefined)) throw new UsageError('--cut-samples needs a range: --from or --until');
  return true;
}

/** Understands the words after the program's name; throws `UsageError`. */
export function parseInvocation(argv: readonly string[]): Invocation {
  const { values, positionals } = parse(argv);
  if (values.help === true) return { command: 'help' };
  if (values.version === true) return { command: 'version' };
  const [command, ...paths] = positionals;
  const allowed = command === undefined ? undefined : ALLOWED[command];
  if (command === undefined || allowed === undefined) {
    const commands = Object.keys(ALLOWED).join(', ');
    throw new UsageError(command === undefined ? `a command is missing: ${commands}` : `no command ${JSON.stringify(command)}: ${commands}`);
  }
  const foreign = (Object.keys(values) as OptionName[]).find((name) => !allowed.includes(name));
  if (foreign !== undefined) throw new UsageError(`${command} takes no ${foreign === 'number' ? '-n' : `--${foreign}`}`);
  if (command === 'serve') {
    if (paths.length > 0) throw new UsageError('serve takes no file: profiles are pushed to it');
    const port = wholeNumber('--port', values.port ?? '4040');
    if (port > 65_535) throw new UsageError(`--port takes a number up to 65535, not ${port}`);
    return { command, host: values.host ?? '127.0.0.1', port, maxMemory: byteCount('--max-memory', values['max-memory'] ?? '512MiB') };
  }
  if (paths.length === 0 && values.to !== 'help') throw new UsageError(`${command} needs a file or a folder`);

  const json = values.json === true;
  const selection: Selection = {
    ...(values.type === undefined ? {} : { type: values.type }),
    ...(values.profile === undefined ? {} : { profile: wholeNumber('--profile', values.profile) }),
  };
  if (values.demangle === true && values['no-demangle'] === true) throw new UsageError('--demangle and --no-demangle exclude each other');
  // Tables are for people; what programs read keeps the words of the source.
  const isTable = command === 'top' || command === 'query' || command === 'diff';
  const demangle = values.demangle ?? (isTable && !json && values['no-demangle'] !== true);
  if (command === 'info') return { command, paths, json };
  const wishes: Wishes = {
    dropsFrames: values['drop-frames'] === true,
    demangle,
    filters: values.filter ?? [],
    granularity: values.granularity ?? null,
  };
  const limit = values.number === undefined ? {} : { limit: wholeNumber('-n', values.number) };
  const only = values.only === undefined ? {} : { only: values.only.split(',').map((change) => oneOf('--only', change, CHANGES)) };
  if (command === 'query') {
    const view = oneOf('--view', values.view ?? 'top', VIEWS);
    if (view !== 'series' && view !== 'heatmap' && (values['group-by'] !== undefined || values.step !== undefined)) {
      throw new UsageError('--group-by and --step go with --view series and heatmap');
    }
    if (view !== 'series' && (values.function !== undefined || values.aggregate === 'rate' || values.aggregate === 'delta')) {
      throw new UsageError('--function and --aggregate rate or delta go with --view series');
    }
    if (COUNTED.has(view) && (values.filter !== undefined || values.granularity !== undefined)) {
      throw new UsageError('--filter and --granularity go with views of values');
    }
    if (view !== 'lines' && values.file !== undefined) throw new UsageError('--file goes with --view lines');
    if (view !== 'diff' && values.only !== undefined) throw new UsageError('--only goes with --view diff');
    const isMoved = values['select-base'] !== undefined || values['from-base'] !== undefined || values['until-base'] !== undefined;
    if (view !== 'diff' && values.significance !== undefined) throw new UsageError('--significance goes with --view diff');
    if (isMoved !== (view === 'diff')) throw new UsageError('--select-base, --from-base and --until-base name the other side of --view diff');
    const texts = Object.entries({
      labelsFromPath: values['labels-from-path'],
      from: values.from,
      until: values.until,
      selectBase: values['select-base'],
      fromBase: values['from-base'],
      untilBase: values['until-base'],
      step: values.step,
      file: values.file,
      function: values.function,
    }).filter(([, text]) => text !== undefined);
    const options: QueryOptions = {
      ...(Object.fromEntries(texts) as Partial<QueryOptions>),
      select: values.select ?? '',
      nowMs: Date.now(),
      groupBy: values['group-by'] ?? '',
      view,
      ...(values.significance === true ? { significance: true } : {}),
      ...(cutsSamples(values, view) ? { cutSamples: true } : {}),
      by: oneOf('--by', values.by ?? (view === 'series' ? 'total' : 'self'), ['self', 'total'] as const),
      ...limit,
      ...only,
      ...(values.aggregate === undefined ? {} : { aggregate: oneOf('--aggregate', values.aggregate, ['sum', 'average', 'rate', 'delta'] as const) }),
    };
    return { command, paths, json, options, wishes };
  }
  if (command === 'diff') {
    const [base, head, ...more] = paths;
    if (base === undefined || head === undefined || more.length > 0) throw new UsageError('diff needs two files or folders: BASE HEAD');
    const gate = values['fail-above'] === undefined ? null : percentage('--fail-above', values['fail-above']);
    return { command, paths: [base, head], json, options: { ...selection, ...limit, ...only }, gate, wishes };
  }
  if (command === 'pack') {
    if (values.out === undefined) throw new UsageError('pack needs -o FILE.emberglass');
    return { command, paths, labelsFromPath: values['labels-from-path'] ?? null, out: values.out };
  }
  if (command === 'top') {
    const by = oneOf('--by', values.by ?? 'self', ['self', 'total'] as const);
    return { command, paths, json, options: { ...selection, by, ...limit }, wishes };
  }
  return { command: 'convert', paths, to: values.to ?? null, selection, out: values.out ?? null, wishes };
}
