/** A report as the flame graph and the top table read it: what the engine answers elsewhere, from the columns in the page. */

import type { TopSource } from '../elements/source.ts';
import type { DrawRequest, NodeInfo, PathStep, QueryResult, SearchResult, TopPage, TopRow, TopSort } from '../engine/protocol.ts';
import type { FlameSource } from '../flamegraph/source.ts';
import { visibleBoxes } from './boxes.ts';
import { encodeBoxes } from './encode.ts';
import { Found } from './pattern.ts';
import type { Report } from './payload.ts';
import { treeOf } from './tree.ts';
import type { CallTree } from './tree.ts';

const ROOT_NAME = 'total';
const GO_SHAPE = '[go.shape.';

/** A name as it is shown: Go's type arguments are cut to `[...]`. */
export function displayName(name: string): string {
  let shown = '';
  let rest = name;
  for (let at = rest.indexOf(GO_SHAPE); at >= 0; at = rest.indexOf(GO_SHAPE)) {
    let open = 0;
    let end = at;
    do {
      const letter = rest.charAt(end);
      if (letter === '[') open += 1;
      else if (letter === ']') open -= 1;
      end += 1;
    } while (open > 0 && end < rest.length);
    if (open > 0) break;
    shown += `${rest.slice(0, at)}[...]`;
    rest = rest.slice(end);
  }
  return shown + rest;
}

/** Compares by UTF-16 units: the same order in every browser. */
function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Answers from one report. */
export class ReportSource implements FlameSource, TopSource {
  readonly handle = 0;
  readonly result: QueryResult;
  readonly #report: Report;
  readonly #tree: CallTree;
  readonly #names: readonly string[];
  readonly #self: BigInt64Array;
  readonly #total: BigInt64Array;
  readonly #orders = new Map<TopSort, readonly number[]>();
  #searched: { pattern: string; found: Found } | null = null;

  constructor(report: Report) {
    const tree = treeOf(report);
    const { functions, profileType, scale, profiles } = report;
    this.#report = report;
    this.#tree = tree;
    this.#names = functions.name.map(displayName);
    this.#self = new BigInt64Array(functions.length);
    this.#total = new BigInt64Array(functions.length);
    const openUntil = new Uint32Array(functions.length);
    for (let node = 1; node < tree.length; node += 1) {
      const row = tree.function[node] as number;
      this.#self[row] = (this.#self[row] as bigint) + (tree.self[node] as bigint);
      // A stack counts once towards a function, however often it recurs in it.
      if (node < (openUntil[row] as number)) continue;
      openUntil[row] = tree.end[node] as number;
      this.#total[row] = (this.#total[row] as bigint) + (tree.total[node] as bigint);
    }
    const [, sampleType = '', unit = ''] = profileType.split(':');
    this.result = {
      handle: 0,
      profileType,
      sampleType,
      unit,
      aggregation: 'sum',
      topFrom: 'stacks',
      profiles: profiles ?? 1,
      total: tree.total[0] as bigint,
      scale,
      nodes: tree.length - 1,
      functions: functions.length,
      depth: tree.deepest,
      negative: tree.negative,
      view: 'flame',
      baseTotal: null,
      missing: null,
      widened: null,
    elapsedMs: 0,
    };
  }

  #found(pattern: string): Found | null {
    if (pattern === '') return null;
    if (this.#searched?.pattern !== pattern) {
      this.#searched = { pattern, found: new Found(pattern, this.#report.functions, this.#names, this.#tree) };
    }
    return this.#searched.found;
  }

  /** What a pattern finds; null for the empty one. Throws `PatternError`. */
  search(pattern: string): SearchResult | null {
    return this.#found(pattern)?.result ?? null;
  }

  #name(node: number): string {
    return node === 0 ? ROOT_NAME : (this.#names[this.#tree.function[node] as number] as string);
  }

  async draw(request: DrawRequest): Promise<ArrayBuffer> {
    const tree = this.#tree;
    const found = this.#found(request.search);
    const { color } = this.#report.functions;
    const colorOf = (node: number): number => (node === 0 ? 0 : (color[tree.function[node] as number] as number));
    const boxes = visibleBoxes(tree, colorOf, request, (from, until) => found?.any(from, until) ?? false);
    return encodeBoxes(boxes, request.nameWidth, this.#deepestBelow(request.focus), (node) => this.#name(node));
  }

  #deepestBelow(focus: number): number {
    if (focus === 0) return this.#tree.deepest;
    const end = this.#tree.end[focus] ?? 0;
    let deepest = 0;
    for (let node = focus; node < end; node += 1) deepest = Math.max(deepest, this.#tree.depth[node] as number);
    return deepest;
  }

  async node(node: number): Promise<NodeInfo> {
    const tree = this.#tree;
    const { functions } = this.#report;
    const row = tree.function[node] as number;
    const text = (column: readonly string[]): string => (node === 0 ? '' : (column[row] as string));
    return {
      node,
      name: this.#name(node),
      systemName: text(functions.system),
      file: text(functions.file),
      line: node === 0 ? 0 : (functions.line[row] as number),
      package: text(functions.package),
      binary: text(functions.binary),
      depth: tree.depth[node] as number,
      self: tree.self[node] as bigint,
      total: tree.total[node] as bigint,
      children: (tree.childEnd[node] as number) - (tree.childStart[node] as number),
      baseSelf: null,
      baseTotal: null,
      span: null,
    };
  }

  async path(node: number): Promise<PathStep[]> {
    const steps: PathStep[] = [];
    for (let at = node; at > 0; at = this.#tree.parent[at] as number) {
      const name = this.#name(at);
      steps.push({ node: at, name, shown: name, total: this.#tree.total[at] as bigint });
    }
    return steps.reverse();
  }

  /** Rows in ascending order. */
  #order(sort: TopSort): readonly number[] {
    const known = this.#orders.get(sort);
    if (known !== undefined) return known;
    const names = this.#names;
    const { file } = this.#report.functions;
    const byName = (a: number, b: number): number => byText(names[a] as string, names[b] as string) || byText(file[a] as string, file[b] as string);
    const column = sort === 'self' ? this.#self : this.#total;
    const rows = Array.from(names, (_, row) => row).sort((a, b) => {
      if (sort === 'name') return byName(a, b);
      const [left, right] = [column[a] as bigint, column[b] as bigint];
      // The largest come first, in the order of their names.
      return left < right ? -1 : left > right ? 1 : byName(b, a);
    });
    this.#orders.set(sort, rows);
    return rows;
  }

  async top(sort: TopSort, descending: boolean, offset: number, limit: number, search: string): Promise<TopPage> {
    const found = this.#found(search);
    const all = this.#order(sort);
    const matching = found === null ? all : all.filter((row) => found.functions[row] === true);
    const count = matching.length;
    const rows = descending ? matching.slice(Math.max(0, count - offset - limit), count - offset).reverse() : matching.slice(offset, offset + limit);
    return { rows: rows.map((row) => this.#row(row)), count };
  }

  #row(row: number): TopRow {
    const { functions } = this.#report;
    return {
      function: row,
      name: this.#names[row] as string,
      file: functions.file[row] as string,
      line: functions.line[row] as number,
      package: functions.package[row] as string,
      color: functions.color[row] as number,
      self: this.#self[row] as bigint,
      total: this.#total[row] as bigint,
    };
  }
}
