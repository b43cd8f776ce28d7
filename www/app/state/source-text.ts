/** A text by lines, and whether it is the one that the costs are of. */

import { EngineError } from '../../engine/errors.ts';
import { formatBytes } from '../../engine/format.ts';
import type { SourceLine } from '../../engine/protocol.ts';

/** A larger file is no source that a person reads. */
export const MOST_BYTES = 64 << 20;
/** Letters of a line that are shown. */
const MOST_LETTERS = 2000;

/** A text whose lines are found without cutting it up. */
export class SourceText {
  readonly #text: string;
  /** Begin of each line, and the end of the last. */
  readonly #starts: number[];

  constructor(text: string) {
    this.#text = text.replace(/^\u{feff}/u, '');
    const starts = [0];
    for (let at = this.#text.indexOf('\n'); at >= 0; at = this.#text.indexOf('\n', at + 1)) starts.push(at + 1);
    // A last line end ends a line, it begins none.
    if (starts.at(-1) !== this.#text.length) starts.push(this.#text.length);
    this.#starts = starts;
  }

  get count(): number {
    return this.#starts.length - 1;
  }

  /** The text of a line, the first one is 1; empty beyond the end. */
  line(line: number): string {
    const [start, end] = [this.#starts[line - 1], this.#starts[line]];
    if (start === undefined || end === undefined) return '';
    const text = this.#text.slice(start, Math.min(end, start + MOST_LETTERS)).replace(/\r?\n$/, '');
    return end - start > MOST_LETTERS + 1 ? `${text}…` : text;
  }
}

/** Reads a text; throws where it is none. */
export async function readText(blob: Blob, name: string): Promise<SourceText> {
  if (blob.size > MOST_BYTES) throw new EngineError('source-too-large', `${name} has ${formatBytes(blob.size)}, more than the ${formatBytes(MOST_BYTES)} of a text to look at`);
  const text = await blob.text();
  if (text.slice(0, 8192).includes('\0')) throw new EngineError('source-no-text', `${name} is not a text`);
  return new SourceText(text);
}

/** Lines with a cost that this text cannot have: beyond its end, or blank. It is of another version then. */
export function strayLines(text: SourceText, lines: readonly SourceLine[]): { beyond: number; blank: number } {
  let beyond = 0;
  let blank = 0;
  for (const { line } of lines) {
    if (line === 0) continue;
    if (line > text.count) beyond += 1;
    else if (text.line(line).trim() === '') blank += 1;
  }
  return { beyond, blank };
}

/** Lines that cost, the most expensive first, by self value and, where nothing ends in the file, by total. */
export function hotLines(lines: readonly SourceLine[]): number[] {
  const bySelf = lines.some(({ line, self }) => line !== 0 && self > 0n);
  const value = ({ self, total }: SourceLine): bigint => (bySelf ? self : total);
  const hot = lines.filter((each) => each.line !== 0 && value(each) > 0n);
  return hot.sort((a, b) => (value(a) === value(b) ? a.line - b.line : value(a) < value(b) ? 1 : -1)).map(({ line }) => line);
}

/** The next hot line in reading order behind `from`, or before it; around the end. Null where none is hot. */
export function nextHot(hot: readonly number[], from: number, direction: 1 | -1): number | null {
  const inOrder = [...hot].sort((a, b) => a - b);
  const found = direction === 1 ? inOrder.find((line) => line > from) : inOrder.findLast((line) => line < from);
  return found ?? (direction === 1 ? inOrder[0] : inOrder.at(-1)) ?? null;
}
