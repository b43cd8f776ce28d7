/** Writes draw lists as the engine does: the table in `www/engine/protocol.ts`, from the side of the writer. */

import { DRAW_LIST_MAGIC } from '../../www/engine/protocol.ts';
import type { DrawRequest } from '../../www/engine/protocol.ts';

export interface BoxSpec {
  node: number;
  depth: number;
  x: number;
  width: number;
  name?: string;
  self?: bigint;
  total?: bigint;
  /** Of a diff. */
  base?: bigint;
  count?: number;
  color?: number;
  flags?: number;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

/** The buffer of a draw list, of a diff where a box has a base; boxes are sorted as the engine sorts them. */
export function encodeDrawList(specs: readonly BoxSpec[], deepest = 0): ArrayBuffer {
  const isDiff = specs.some(({ base }) => base !== undefined);
  const boxes = specs.map((spec) => ({ self: 0n, total: 0n, base: 0n, count: 1, color: 0, flags: 0, ...spec }));
  boxes.sort((a, b) => a.flags - b.flags || a.color - b.color || a.depth - b.depth || a.x - b.x);
  const names = [...new Set(boxes.flatMap(({ name }) => name ?? []))];
  const encoded = names.map((name) => new TextEncoder().encode(name));
  const nameBytes = encoded.reduce((sum, bytes) => sum + bytes.length, 0);
  const n = boxes.length;
  const buffer = new ArrayBuffer(32 + n * (isDiff ? 48 : 40) + 2 * padded(n * 2) + names.length * 4 + nameBytes);
  const view = new DataView(buffer);
  let at = 0;
  const u32 = (value: number): void => {
    view.setUint32(at, value, true);
    at += 4;
  };
  for (const word of [DRAW_LIST_MAGIC, isDiff ? 2 : 1, n, names.length, nameBytes, deepest, 0, 0]) u32(word);
  for (const column of isDiff ? (['self', 'total', 'base'] as const) : (['self', 'total'] as const)) {
    for (const box of boxes) {
      view.setBigInt64(at, box[column], true);
      at += 8;
    }
  }
  for (const column of ['x', 'width'] as const) {
    for (const box of boxes) {
      view.setFloat32(at, box[column], true);
      at += 4;
    }
  }
  for (const column of ['node', 'depth', 'count'] as const) for (const box of boxes) u32(box[column]);
  for (const { name } of boxes) u32(name === undefined ? 0xffffffff : names.indexOf(name));
  for (const column of ['color', 'flags'] as const) {
    for (const box of boxes) {
      view.setUint16(at, box[column], true);
      at += 2;
    }
    at = padded(at);
  }
  let end = 0;
  for (const bytes of encoded) u32((end += bytes.length));
  const target = new Uint8Array(buffer);
  for (const bytes of encoded) {
    target.set(bytes, at);
    at += bytes.length;
  }
  return buffer;
}

/** A request for all of a node at 1000 CSS pixels. */
export function wholeRequest(focus = 0): DrawRequest {
  return { focus, x0: 0, x1: 1, depth0: 0, depth1: 100, width: 1000, minWidth: 2, nameWidth: 34, search: '' };
}

/** Numbers in [0, 1) that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
