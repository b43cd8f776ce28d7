//! Boxes as bytes, for the page.
//!
//! Little endian; `n` boxes, `m` names:
//!
//! | part | type | content |
//! |---|---|---|
//! | header | u32 x 8 | magic `EGDL`, version (1, of diffs 2), `n`, `m`, bytes of names, deepest level at or below the focus, 0, 0 |
//! | self, total | i64 x n each | values; of diffs the head's |
//! | base | i64 x n | in version 2 only: totals of the base |
//! | x, width | f32 x n each | CSS pixels |
//! | node, depth, count, name | u32 x n each | name: row of the names or `0xffffffff` |
//! | color, flags | u16 x n each | each padded to a multiple of 4 bytes |
//! | name ends | u32 x m | end of each name in the bytes |
//! | names | bytes | UTF-8 |
//!
//! The reader is `www/flamegraph/draw-list.ts`; levels count from the root, which is level 0.

use std::collections::HashMap;

use emberglass_profile::FunctionId;
use emberglass_trie::{MergedTrie, TreeOverflow};
use rustc_hash::FxBuildHasher;

use crate::draw::{DrawBox, DrawRequest, time_boxes, visible_boxes};
use crate::inverted_draw::inverted_boxes;
use crate::{DiffTree, FunctionPackages, InvertedError, InvertedTree, Layout, Names, ROOT_NAME, Search};

/// `EGDL`, the first four bytes of a draw list, little endian.
pub const DRAW_LIST_MAGIC: u32 = 0x4c44_4745;
/// Version of the layout.
pub const DRAW_LIST_VERSION: u32 = 1;
/// Version of the layout with a column of the base's totals.
pub const DRAW_LIST_VERSION_DIFF: u32 = 2;
const NO_NAME: u32 = u32::MAX;

/// The draw list of a request, see the module's table. `search` marks matching boxes.
///
/// # Errors
/// [`TreeOverflow`] when values of different signs in one box add up beyond 64 bits.
pub fn draw_list(
    trie: &MergedTrie,
    layout: &Layout,
    names: &Names,
    packages: &FunctionPackages,
    search: Option<&Search>,
    request: &DrawRequest,
) -> Result<Vec<u8>, TreeOverflow> {
    let boxes = visible_boxes(trie, layout, packages, search, request)?;
    let focus = if (request.focus as usize) < trie.tree.len() { request.focus } else { 0 };
    let deepest = layout.deepest_below(&trie.tree, focus);
    let function_of = |node| trie.function(node);
    Ok(encode(DRAW_LIST_VERSION, &boxes, &DrawnNames::new(trie, names, &boxes, function_of, request), deepest))
}

/// The draw list of a diff of layout `layout` ([`DiffTree::layout`]): boxes have the base's totals, too, and are coloured by
/// what changed.
///
/// # Errors
/// As [`draw_list`].
pub fn diff_draw_list(
    diff: &DiffTree,
    layout: &Layout,
    names: &Names,
    search: Option<&Search>,
    request: &DrawRequest,
) -> Result<Vec<u8>, TreeOverflow> {
    let trie = &diff.trie;
    let boxes = diff.visible_boxes(layout, search, request)?;
    let focus = if (request.focus as usize) < trie.tree.len() { request.focus } else { 0 };
    let deepest = layout.deepest_below(&trie.tree, focus);
    let function_of = |node| trie.function(node);
    Ok(encode(DRAW_LIST_VERSION_DIFF, &boxes, &DrawnNames::new(trie, names, &boxes, function_of, request), deepest))
}

/// The draw list of a chart over time ([`crate::TimeChart`]) of layout `layout` with these lanes.
///
/// # Errors
/// As [`draw_list`].
pub fn time_draw_list(
    trie: &MergedTrie,
    layout: &Layout,
    lanes: &[u32],
    names: &Names,
    packages: &FunctionPackages,
    search: Option<&Search>,
    request: &DrawRequest,
) -> Result<Vec<u8>, TreeOverflow> {
    let boxes = time_boxes(trie, layout, lanes, packages, search, request)?;
    let deepest = layout.levels().saturating_sub(1);
    let function_of = |node| trie.function(node);
    Ok(encode(DRAW_LIST_VERSION, &boxes, &DrawnNames::new(trie, names, &boxes, function_of, request), deepest))
}

/// The draw list of an inverted tree, which is refined as far as the request shows it.
///
/// # Errors
/// [`InvertedError`].
pub fn inverted_draw_list(
    trie: &MergedTrie,
    inverted: &mut InvertedTree,
    names: &Names,
    packages: &FunctionPackages,
    search: Option<&Search>,
    request: &DrawRequest,
) -> Result<Vec<u8>, InvertedError> {
    let boxes = inverted_boxes(trie, inverted, packages, search, request)?;
    let deepest = inverted.deepest_below(request.focus);
    let function_of = |node| inverted.function(node);
    Ok(encode(DRAW_LIST_VERSION, &boxes, &DrawnNames::new(trie, names, &boxes, function_of, request), deepest))
}

/// Distinct names of a draw list.
#[derive(Default)]
struct DrawnNames {
    text: String,
    ends: Vec<u32>,
    row_of: HashMap<u32, u32, FxBuildHasher>,
    /// Row of the name of each box.
    rows: Vec<u32>,
}

impl DrawnNames {
    fn new(
        trie: &MergedTrie,
        names: &Names,
        boxes: &[DrawBox],
        function_of: impl Fn(u32) -> Option<FunctionId>,
        request: &DrawRequest,
    ) -> Self {
        let mut drawn = Self::default();
        for of in boxes {
            let is_named = of.count <= 1 && f64::from(of.width) >= request.name_width;
            let row = if is_named { drawn.row(trie, names, function_of(of.node)) } else { NO_NAME };
            drawn.rows.push(row);
        }
        drawn
    }

    fn row(&mut self, trie: &MergedTrie, names: &Names, function: Option<FunctionId>) -> u32 {
        let key = function.map_or(u32::MAX, |function| function.0);
        let Self { text, ends, row_of, .. } = self;
        *row_of.entry(key).or_insert_with(|| {
            match function {
                Some(function) => text.push_str(names.get(trie, function)),
                None => text.push_str(ROOT_NAME),
            }
            ends.push(text.len() as u32);
            ends.len() as u32 - 1
        })
    }
}

fn encode(version: u32, boxes: &[DrawBox], names: &DrawnNames, deepest: u32) -> Vec<u8> {
    let n = boxes.len();
    let mut out = Vec::with_capacity(32 + n * 52 + 8 + names.ends.len() * 4 + names.text.len());
    let header = [DRAW_LIST_MAGIC, version, n as u32, names.ends.len() as u32, names.text.len() as u32, deepest, 0, 0];
    put(&mut out, header.iter(), |word| word.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.self_value.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.total.to_le_bytes());
    if version == DRAW_LIST_VERSION_DIFF {
        put(&mut out, boxes.iter(), |of| of.base.to_le_bytes());
    }
    put(&mut out, boxes.iter(), |of| of.x.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.width.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.node.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.depth.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.count.to_le_bytes());
    put(&mut out, names.rows.iter(), |row| row.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.color.to_le_bytes());
    out.resize(out.len().next_multiple_of(4), 0);
    put(&mut out, boxes.iter(), |of| of.flags.to_le_bytes());
    out.resize(out.len().next_multiple_of(4), 0);
    put(&mut out, names.ends.iter(), |end| end.to_le_bytes());
    out.extend_from_slice(names.text.as_bytes());
    out
}

fn put<T, const N: usize>(out: &mut Vec<u8>, values: impl Iterator<Item = T>, bytes: impl Fn(T) -> [u8; N]) {
    for value in values {
        out.extend_from_slice(&bytes(value));
    }
}
