/** Writes boxes as a draw list, the buffer that the flame graph reads; the layout is the table in `engine/protocol.ts`. */

import { DRAW_LIST_MAGIC } from '../engine/protocol.ts';
import type { Box } from './boxes.ts';

const VERSION = 1;
const HEADER_WORDS = 8;
const NO_NAME = 0xffffffff;

function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}

/** The draw list of boxes; `nameOf` is asked for those that are not merged and at least `nameWidth` wide. */
export function encodeBoxes(boxes: readonly Box[], nameWidth: number, deepest: number, nameOf: (node: number) => string): ArrayBuffer {
  const rowOf = new Map<string, number>();
  const names = boxes.map(({ node, count, width }) => {
    if (count > 1 || width < nameWidth) return NO_NAME;
    const name = nameOf(node);
    const known = rowOf.get(name) ?? rowOf.size;
    rowOf.set(name, known);
    return known;
  });
  const encoder = new TextEncoder();
  const texts = [...rowOf.keys()].map((name) => encoder.encode(name));
  const bytes = texts.reduce((sum, { length }) => sum + length, 0);
  const n = boxes.length;
  const buffer = new ArrayBuffer(HEADER_WORDS * 4 + n * 40 + 2 * padded(n * 2) + texts.length * 4 + bytes);
  let at = 0;
  const take = (size: number): number => {
    const from = at;
    at += size;
    return from;
  };
  new Uint32Array(buffer, take(HEADER_WORDS * 4), HEADER_WORDS).set([DRAW_LIST_MAGIC, VERSION, n, texts.length, bytes, deepest]);
  for (const key of ['self', 'total'] as const) new BigInt64Array(buffer, take(n * 8), n).set(boxes.map((box) => box[key]));
  for (const key of ['x', 'width'] as const) new Float32Array(buffer, take(n * 4), n).set(boxes.map((box) => box[key]));
  for (const key of ['node', 'depth', 'count'] as const) new Uint32Array(buffer, take(n * 4), n).set(boxes.map((box) => box[key]));
  new Uint32Array(buffer, take(n * 4), n).set(names);
  for (const key of ['color', 'flags'] as const) new Uint16Array(buffer, take(padded(n * 2)), n).set(boxes.map((box) => box[key]));
  const ends = new Uint32Array(buffer, take(texts.length * 4), texts.length);
  let end = 0;
  texts.forEach((text, row) => {
    new Uint8Array(buffer, take(text.length), text.length).set(text);
    end += text.length;
    ends[row] = end;
  });
  return buffer;
}
