/**
 * Reader of the profile in a report: the JSON text that the engine writes for the page. What its keys mean stands in
 * `crates/views/src/report/page.rs`. A text of another version, or with columns of different lengths, is refused.
 */

/** Version that is read. */
const VERSION = 1;

/** A report that cannot be read. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
  /** Stable code, as the engine's errors have one. */
  readonly code = 'bad-report';
}

/** Functions by row. */
export interface Functions {
  length: number;
  name: readonly string[];
  system: readonly string[];
  file: readonly string[];
  package: readonly string[];
  binary: readonly string[];
  /** 0 where unknown. */
  line: readonly number[];
  color: readonly number[];
}

/** A profile as the report has it. */
export interface Report {
  title: string;
  selection: string;
  profileType: string;
  /** Values are times 10^-scale. */
  scale: number;
  profiles: number | null;
  samples: number | null;
  /** ns since the epoch. */
  from: bigint | null;
  until: bigint | null;
  functions: Functions;
  /** Call tree, depth first; row 0 is the root. */
  depth: Uint32Array;
  function: Uint32Array;
  self: BigInt64Array;
}

type Columns = Record<string, unknown>;

function list(columns: Columns, key: string): unknown[] {
  const value = columns[key];
  if (!Array.isArray(value)) throw new ReportError(`The report has no column ${key}.`);
  return value as unknown[];
}

function whole(value: unknown, below: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= below) {
    throw new ReportError(`${String(value)} is no row or number of this report.`);
  }
  return value;
}

function time(value: unknown): bigint | null {
  return typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : null;
}

function count(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function functionsOf(columns: Columns, strings: readonly unknown[]): Functions {
  const texts = (key: string): string[] => list(columns, key).map((row) => text(strings[whole(row, strings.length)]));
  const numbers = (key: string): number[] => list(columns, key).map((value) => whole(value, 2 ** 32));
  const name = texts('name');
  const functions: Functions = {
    length: name.length,
    name: name.map((each) => (each === '' ? '(unknown)' : each)),
    system: texts('system'),
    file: texts('file'),
    package: texts('package'),
    binary: texts('binary'),
    line: numbers('line'),
    color: numbers('color'),
  };
  for (const key of ['system', 'file', 'package', 'binary', 'line', 'color'] as const) {
    if (functions[key].length !== name.length) throw new ReportError('The columns of the functions differ in length.');
  }
  return functions;
}

/** Reads the text of a report; throws `ReportError`. */
export function readReport(json: string): Report {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new ReportError('The data of the report is cut off or damaged.');
  }
  const report = parsed as Columns;
  if (report['emberglass-report'] !== VERSION) {
    throw new ReportError(`A report of version ${String(report['emberglass-report'])}; this page reads version ${VERSION}.`);
  }
  const functions = functionsOf(report['functions'] as Columns, list(report, 'strings'));
  const nodes = report['nodes'] as Columns;
  const depth = Uint32Array.from(list(nodes, 'depth'), (value) => whole(value, 2 ** 32));
  const rows = Uint32Array.from(list(nodes, 'function'), (value, row) => (row === 0 ? 0 : whole(value, functions.length)));
  const self = BigInt64Array.from(list(nodes, 'self'), (value) => BigInt(value as number | string));
  if (depth.length === 0 || depth.length !== rows.length || depth.length !== self.length) {
    throw new ReportError('The columns of the call tree differ in length.');
  }
  return {
    title: text(report['title']),
    selection: text(report['selection']),
    profileType: text(report['type']),
    scale: whole(report['scale'], 10),
    profiles: count(report['profiles']),
    samples: count(report['samples']),
    from: time(report['from']),
    until: time(report['until']),
    functions,
    depth,
    function: rows,
    self,
  };
}
