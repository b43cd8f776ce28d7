/**
 * Fits names into boxes by arithmetic: widths of glyphs are measured once per font, a name's width is their sum, and a
 * name that is too long loses its middle, so that the end of a path, and what a search found, stays.
 */

const ELLIPSIS = '…';
/** Fewer glyphs of a function's own name say nothing. */
const LEAST_GLYPHS = 3;
/** A function's own name of fewer glyphs is cut at its end, a longer one in its middle. */
const LEAST_FOR_MIDDLE = 9;
/** A function's own name is looked for in so many characters at the end. */
const MOST_OWN = 400;
/** Share of a cut name's room that goes to its beginning. */
const OWN_HEAD = 0.62;
/** Share of the room that may go to the beginning of a path. */
const LEAD = 1 / 3;
/** Glyphs given up for a tail that begins with a part of the name. */
const MOST_WASTE = 6;
/** Between the parts of a path or a name. */
const BOUNDARY = /[/.:\\]/;
/** Between the folders of a path: a beginning is cut after one of these. */
const FOLDER = /[/:\\]/;
/** What compilers append to a name: closures, wrappers, hashes, arguments. */
const APPENDED = /(?:\.func\d+|\.gowrap\d+|\.\d+|-fm|::\{\{closure\}\}|::h[0-9a-f]{16}|\s?\([^()]*\)|\[[^[\]]*\]|<[^<>]*>)+$/;

/** Widths of glyphs in one font, CSS pixels. */
export class GlyphWidths {
  readonly #measure: (glyph: string) => number;
  readonly #ascii = new Float64Array(128).fill(-1);
  readonly #others = new Map<string, number>();

  constructor(measure: (glyph: string) => number) {
    this.#measure = measure;
  }

  /** Width of the glyph that begins at `at` (a UTF-16 index that begins a code point). */
  at(text: string, at: number): number {
    const code = text.charCodeAt(at);
    if (code < 128) {
      const known = this.#ascii[code] as number;
      if (known >= 0) return known;
      const width = this.#measure(String.fromCharCode(code));
      this.#ascii[code] = width;
      return width;
    }
    const glyph = String.fromCodePoint(text.codePointAt(at) ?? code);
    let width = this.#others.get(glyph);
    if (width === undefined) {
      width = this.#measure(glyph);
      this.#others.set(glyph, width);
    }
    return width;
  }

  /** Width of `text` between two indices. */
  of(text: string, from = 0, until = text.length): number {
    let width = 0;
    for (let at = from; at < until; at += isPair(text, at) ? 2 : 1) width += this.at(text, at);
    return width;
  }
}

/** Part of a text, UTF-16 indices: [start, end). */
export type Span = readonly [start: number, end: number];

/** A fitted name. */
export interface Label {
  text: string;
  /** Where the searched part stands in `text`, if it is in there. */
  match: Span | null;
}

function isPair(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xd800 && code < 0xdc00 && at + 1 < text.length;
}

/** Last index that is at most `width` right of `from`. */
function forward(text: string, from: number, width: number, widths: GlyphWidths): number {
  let left = width;
  let at = from;
  while (at < text.length) {
    left -= widths.at(text, at);
    if (left < 0) break;
    at += isPair(text, at) ? 2 : 1;
  }
  return at;
}

/** First index that is at most `width` left of `from`. */
function backward(text: string, from: number, width: number, widths: GlyphWidths): number {
  let left = width;
  let at = from;
  while (at > 0) {
    const step = at > 1 && isPair(text, at - 2) ? 2 : 1;
    left -= widths.at(text, at - step);
    if (left < 0) break;
    at -= step;
  }
  return at;
}

/** Where a function's own name begins: after its module, package or type. */
export function ownNameStart(name: string): number {
  const skipped = Math.max(0, name.length - MOST_OWN);
  const bare = name.slice(skipped).replace(APPENDED, '');
  for (let at = bare.length - 2; at >= 0; at -= 1) if (BOUNDARY.test(bare.charAt(at))) return skipped + at + 1;
  return skipped;
}

/** Moves the start of a tail to where a part of the name begins, if one does soon. */
function snapped(name: string, start: number, own: number): number {
  const last = Math.min(own, start + MOST_WASTE);
  for (let at = start; at <= last; at += 1) if (at === own || BOUNDARY.test(name.charAt(at - 1))) return at;
  return Math.min(start, own);
}

/** End of the longest beginning of `name` that ends with a folder and is at most `width` wide; 0 if there is none. */
function leadEnd(name: string, width: number, widths: GlyphWidths): number {
  for (let at = forward(name, 0, width, widths); at > 0; at -= 1) if (FOLDER.test(name.charAt(at - 1))) return at;
  return 0;
}

/** The label of a name whose function fits: of the path before it the beginning and the end, or else only the end. */
function cutPath(name: string, own: number, space: number, widths: GlyphWidths): { head: number; tail: number } {
  const tailIn = (width: number): number => snapped(name, backward(name, name.length, width, widths), own);
  const head = leadEnd(name, space * LEAD, widths);
  const tail = tailIn(space - widths.of(name, 0, head));
  if (head > 0 && tail > head && tail < own && BOUNDARY.test(name.charAt(tail - 1))) return { head, tail };
  return { head: 0, tail: tailIn(space) };
}

/**
 * The label of `name` in `room` CSS pixels, or null where nothing that can be read fits.
 *
 * A name that is too long loses the middle of the path before the function's own name; where that does not fit either,
 * the own name is cut. `nameWidth` is the width of the whole name; `match`, the part that a search found, stays visible
 * if it can.
 */
export function fitLabel(name: string, nameWidth: number, room: number, widths: GlyphWidths, match: Span | null): Label | null {
  if (nameWidth <= room) return { text: name, match };
  const dots = widths.at(ELLIPSIS, 0);
  const own = ownNameStart(name);
  const ownWidth = widths.of(name, own);
  if (ownWidth + dots <= room) {
    const { head, tail } = cutPath(name, own, room - dots, widths);
    if (match !== null && match[1] > head && match[0] < tail) return around(name, match, own, room, widths);
    const text = name.slice(0, head) + ELLIPSIS + name.slice(tail);
    return { text, match: match === null || match[1] <= head ? match : shifted(match, head + ELLIPSIS.length - tail) };
  }
  const cut = ownWidth <= room ? { text: name.slice(own), match: null } : cutOwn(name, own, room - dots, widths);
  if (cut === null || match === null) return cut;
  const at = cut.text.indexOf(name.slice(match[0], match[1]));
  return at >= 0 ? { text: cut.text, match: [at, at + match[1] - match[0]] } : around(name, match, own, room, widths);
}

/** A function's own name cut into `space` CSS pixels and an ellipsis. */
function cutOwn(name: string, own: number, space: number, widths: GlyphWidths): Label | null {
  const most = forward(name, own, space, widths);
  if (most - own < LEAST_GLYPHS) return null;
  if (most - own < LEAST_FOR_MIDDLE) return { text: name.slice(own, most) + ELLIPSIS, match: null };
  const head = forward(name, own, space * OWN_HEAD, widths);
  const tail = backward(name, name.length, space - widths.of(name, own, head), widths);
  return { text: name.slice(own, head) + ELLIPSIS + name.slice(tail), match: null };
}

/** The label that shows the searched part and the function's own name, or where only one fits the searched part; null where neither does. */
function around(name: string, match: Span, own: number, room: number, widths: GlyphWidths): Label | null {
  const dots = widths.at(ELLIPSIS, 0);
  const matchWidth = widths.of(name, match[0], match[1]);
  if (match[1] <= own && matchWidth + widths.of(name, own) + 2 * dots <= room) {
    const tail = snapped(name, backward(name, name.length, room - matchWidth - 2 * dots, widths), own);
    if (tail > match[1]) {
      const text = ELLIPSIS + name.slice(match[0], match[1]) + ELLIPSIS + name.slice(tail);
      return { text, match: [ELLIPSIS.length, ELLIPSIS.length + match[1] - match[0]] };
    }
    const start = Math.min(match[0], backward(name, name.length, room - dots, widths));
    return { text: ELLIPSIS + name.slice(start), match: shifted(match, ELLIPSIS.length - start) };
  }
  const end = forward(name, match[0], room - 2 * dots, widths);
  if (end === match[0]) return null;
  const after = end < name.length ? ELLIPSIS : '';
  const left = room - dots - (after === '' ? 0 : dots) - widths.of(name, match[0], end);
  const start = backward(name, match[0], left, widths);
  const before = start > 0 ? ELLIPSIS : '';
  return {
    text: before + name.slice(start, end) + after,
    match: shifted([match[0], Math.min(match[1], end)], before.length - start),
  };
}

function shifted(span: Span, by: number): Span {
  return [span[0] + by, span[1] + by];
}
