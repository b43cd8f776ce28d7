/** Draw lists: what is asked for and how the buffers that carry them are laid out (`crates/views/src/draw_list.rs` writes them). */

/** The visible part of the flame graph that the page asks for. */
export interface DrawRequest {
  /** Zoomed node; 0 is the root. */
  focus: number;
  /** Visible share of the focused node's width, 0 <= x0 < x1 <= 1. */
  x0: number;
  x1: number;
  /** Visible levels [depth0, depth1); level 0 is the root. The path from the root to `focus` is drawn full width. */
  depth0: number;
  depth1: number;
  /** Width of the drawing area, CSS pixels. */
  width: number;
  /** Boxes narrower than this are merged with their narrow neighbours, CSS pixels. */
  minWidth: number;
  /** Boxes narrower than this carry no name, CSS pixels. */
  nameWidth: number;
  /** Marks matching boxes; same syntax as `search`. Empty: none. */
  search: string;
}

/**
 * A draw list in one buffer, little endian:
 *
 * | part | type | content |
 * |---|---|---|
 * | header | u32 x 8 | magic `EGDL`, version (1, of diffs 2), boxes `n`, names `m`, bytes of names, deepest level below the focus, 0, 0 |
 * | self, total | i64 x n each | values of the box; of a merged box the sums; of a diff the head's |
 * | base | i64 x n | in version 2 only: totals of the base |
 * | x, width | f32 x n each | CSS pixels |
 * | node | u32 x n | node id; of a merged box its first node |
 * | depth | u32 x n | level, 0 is the root |
 * | count | u32 x n | siblings held by a merged box, else 1 |
 * | name | u32 x n | row of the names, or 0xffffffff |
 * | color | u16 x n | 0 runtime grey, 1..=COLOR_BUCKETS package hue, of most of a merged box over time (0 in other graphs); in version 2 the change, 1..=DIFF_COLORS |
 * | flags | u16 x n | BoxFlag bits |
 * | name ends | u32 x m | end of each name in the bytes (the first starts at 0) |
 * | names | bytes | UTF-8 |
 *
 * Boxes are sorted by (flags, colour, depth, x) so that the painter switches its fill style rarely.
 * Columns of 16-bit values are padded to a multiple of 4 bytes.
 */
export const DRAW_LIST_MAGIC = 0x4c444745;

/** Number of package hues. */
export const COLOR_BUCKETS = 32;

/**
 * Colours of a diff: (head - base) / (head + base) in steps, of shares where normalised. 1 is gone, 8 as it was (and nothing
 * else), 15 new.
 */
export const DIFF_COLORS = 15;

/** Bits of the `flags` column. */
export const BoxFlag = {
  /** Several narrow siblings in one box. */
  merged: 1,
  /** Matches the search. */
  match: 2,
  /** An ancestor of the focused node (or the focused node). */
  ancestor: 4,
} as const;
