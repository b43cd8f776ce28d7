/** What a search finds among the functions of a report: `/re/` is a regular expression, `"name"` a whole name, everything else a substring in any case. */

import type { SearchResult } from '../engine/protocol.ts';
import type { Functions } from './payload.ts';
import type { CallTree } from './tree.ts';

/** A pattern that is none. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly code = 'bad-pattern';
}

/** The name between quotes, if the pattern is one. */
function wholeName(pattern: string): string | null {
  return pattern.length > 2 && pattern.startsWith('"') && pattern.endsWith('"') ? pattern.slice(1, -1) : null;
}

function tester(pattern: string): (text: string) => boolean {
  if (pattern.length > 2 && pattern.startsWith('/') && pattern.endsWith('/')) {
    const source = pattern.slice(1, -1);
    const anyCase = source.startsWith('(?i)');
    try {
      const expression = new RegExp(anyCase ? source.slice(4) : source, anyCase ? 'iu' : 'u');
      return (text) => expression.test(text);
    } catch (thrown) {
      throw new PatternError(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
  const lower = pattern.toLowerCase();
  return (text) => text.toLowerCase().includes(lower);
}

/** What one pattern found. */
export class Found {
  readonly result: SearchResult;
  /** Which functions match, by row. */
  readonly functions: readonly boolean[];
  /** Matching nodes among the first rows. */
  readonly #until: Uint32Array;

  /** Looks for a pattern that is not empty; throws `PatternError`. `shown` are the names as they are shown. */
  constructor(pattern: string, functions: Functions, shown: readonly string[], tree: CallTree) {
    const whole = wholeName(pattern);
    const test = whole === null ? tester(pattern) : (name: string): boolean => name === whole;
    this.functions = shown.map((name, row) => {
      const [full = '', file = ''] = [functions.name[row], functions.file[row]];
      return test(full) || (name !== full && test(name)) || (whole === null && file !== '' && test(file));
    });
    this.#until = new Uint32Array(tree.length + 1);
    let nodes = 0;
    let sum = 0n;
    let countedUntil = 0;
    for (let node = 0; node < tree.length; node += 1) {
      if (node > 0 && this.functions[tree.function[node] as number] === true) {
        nodes += 1;
        if (node >= countedUntil) {
          countedUntil = tree.end[node] as number;
          sum += tree.total[node] as bigint;
        }
      }
      this.#until[node + 1] = nodes;
    }
    this.result = { functions: this.functions.filter(Boolean).length, nodes, sum };
  }

  /** True if one of the nodes [from, until) matches. */
  any(from: number, until: number): boolean {
    return (this.#until[until] as number) > (this.#until[from] as number);
  }
}
