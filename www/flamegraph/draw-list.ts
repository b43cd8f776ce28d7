/**
 * Reader of draw lists: views of the columns in the buffer as it came, nothing copied; names are decoded when asked for.
 * The layout is the table in `engine/protocol.ts`. A buffer of another magic, version or length is refused as a whole.
 */

import { BoxFlag, COLOR_BUCKETS, DRAW_LIST_MAGIC } from '../engine/protocol.ts';

const VERSION = 1;
/** Of diffs: with a column of the base's totals. */
const VERSION_DIFF = 2;
const HEADER_BYTES = 32;
/** Bytes of one box in the columns of 64 and 32 bits: self, total, x, width, node, depth, count, name (and base). */
const WIDE_BYTES = 40;
const NO_NAME = 0xffffffff;

/** A draw list that cannot be read. */
export class DrawListError extends Error {
  /** Stable code, as the engine's errors have one. */
  readonly code = 'bad-draw-list';

  constructor(message: string) {
    super(message);
    this.name = 'DrawListError';
  }
}

function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}

/** The boxes of one answer, as columns; a box is a row of them. Boxes are sorted by (flags, colour, depth, x). */
export class DrawList {
  /** Number of boxes. */
  readonly length: number;
  /** Deepest level at or below the focus; the root's is 0. */
  readonly deepest: number;
  /** Values; of a merged box the sums. */
  readonly self: BigInt64Array;
  readonly total: BigInt64Array;
  /** Totals of the base, of a diff; else null. */
  readonly base: BigInt64Array | null;
  /** Left edge and width, CSS pixels. */
  readonly x: Float32Array;
  readonly width: Float32Array;
  /** Node; of a merged box its first. */
  readonly node: Uint32Array;
  /** Level; the root's is 0. */
  readonly depth: Uint32Array;
  /** Siblings held. */
  readonly count: Uint32Array;
  /** 0 is the runtime's grey, else a package hue; of a diff the change, behind the hues. */
  readonly color: Uint16Array;
  /** `BoxFlag` bits. */
  readonly flags: Uint16Array;

  readonly #nameRow: Uint32Array;
  readonly #nameEnd: Uint32Array;
  readonly #nameBytes: Uint8Array;
  /** All names in one string where each byte is a character; cut, not decoded. */
  #ascii: string | null = null;
  readonly #decoded: (string | undefined)[] = [];

  /**
   * Reads a buffer.
   *
   * @throws {DrawListError} if it is no draw list of this version, or not of the length its header says.
   */
  constructor(buffer: ArrayBuffer) {
    if (buffer.byteLength < HEADER_BYTES) {
      throw new DrawListError(`A draw list has a header of ${HEADER_BYTES} bytes; this one has ${buffer.byteLength} bytes.`);
    }
    const [magic = 0, version = 0, boxes = 0, names = 0, nameBytes = 0, deepest = 0] = new Uint32Array(buffer, 0, 6);
    if (magic !== DRAW_LIST_MAGIC) throw new DrawListError(`Not a draw list: it begins with 0x${magic.toString(16).padStart(8, '0')}.`);
    const isDiff = version === VERSION_DIFF;
    if (version !== VERSION && !isDiff) {
      throw new DrawListError(`Draw list of version ${version}; this page reads versions ${VERSION} and ${VERSION_DIFF}.`);
    }
    const bytes = HEADER_BYTES + boxes * (isDiff ? WIDE_BYTES + 8 : WIDE_BYTES) + 2 * padded(boxes * 2) + names * 4 + nameBytes;
    if (buffer.byteLength !== bytes) {
      throw new DrawListError(`A draw list of ${boxes} boxes and ${names} names has ${bytes} bytes; this one has ${buffer.byteLength}.`);
    }
    this.length = boxes;
    this.deepest = deepest;
    let at = HEADER_BYTES;
    const take = (size: number): number => {
      const from = at;
      at += size;
      return from;
    };
    this.self = new BigInt64Array(buffer, take(boxes * 8), boxes);
    this.total = new BigInt64Array(buffer, take(boxes * 8), boxes);
    this.base = isDiff ? new BigInt64Array(buffer, take(boxes * 8), boxes) : null;
    this.x = new Float32Array(buffer, take(boxes * 4), boxes);
    this.width = new Float32Array(buffer, take(boxes * 4), boxes);
    this.node = new Uint32Array(buffer, take(boxes * 4), boxes);
    this.depth = new Uint32Array(buffer, take(boxes * 4), boxes);
    this.count = new Uint32Array(buffer, take(boxes * 4), boxes);
    this.#nameRow = new Uint32Array(buffer, take(boxes * 4), boxes);
    this.color = new Uint16Array(buffer, take(padded(boxes * 2)), boxes);
    if (isDiff) for (let box = 0; box < boxes; box += 1) this.color[box] = (this.color[box] ?? 0) + COLOR_BUCKETS;
    this.flags = new Uint16Array(buffer, take(padded(boxes * 2)), boxes);
    this.#nameEnd = new Uint32Array(buffer, take(names * 4), names);
    this.#nameBytes = new Uint8Array(buffer, at, nameBytes);
    if (names > 0 && this.#nameEnd[names - 1] !== nameBytes) {
      throw new DrawListError(`The names of a draw list end at ${this.#nameEnd[names - 1]} of ${nameBytes} bytes.`);
    }
  }

  /** True if the box carries a name. */
  isNamed(box: number): boolean {
    return this.#nameRow[box] !== NO_NAME;
  }

  /** Row of the box's name among the distinct names, for tables beside the list; -1 without a name. */
  nameRow(box: number): number {
    const row = this.#nameRow[box];
    return row === undefined || row === NO_NAME ? -1 : row;
  }

  /** Name of a box; empty without one. */
  name(box: number): string {
    const row = this.nameRow(box);
    if (row < 0) return '';
    return (this.#decoded[row] ??= this.#decode(row));
  }

  /** True if the box holds several siblings. */
  isMerged(box: number): boolean {
    return ((this.flags[box] ?? 0) & BoxFlag.merged) !== 0;
  }

  #decode(row: number): string {
    const end = this.#nameEnd[row];
    const start = row === 0 ? 0 : this.#nameEnd[row - 1];
    if (start === undefined || end === undefined || start > end) {
      throw new DrawListError(`A draw list of ${this.#nameEnd.length} names has no name ${row}.`);
    }
    this.#ascii ??= new TextDecoder().decode(this.#nameBytes);
    if (this.#ascii.length === this.#nameBytes.length) return this.#ascii.slice(start, end);
    return new TextDecoder().decode(this.#nameBytes.subarray(start, end));
  }
}
