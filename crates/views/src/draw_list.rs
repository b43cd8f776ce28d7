//! Boxes as bytes, for the page.
//!
//! Little endian; `n` boxes, `m` names:
//!
//! | part | type | content |
//! |---|---|---|
//! | header | u32 x 8 | magic `EGDL`, version 1, `n`, `m`, bytes of names, deepest level at or below the focus, 0, 0 |
//! | self, total | i64 x n each | values |
//! | x, width | f32 x n each | CSS pixels |
//! | node, depth, count, name | u32 x n each | name: row of the names or `0xffffffff` |
//! | color, flags | u16 x n each | each padded to a multiple of 4 bytes |
//! | name ends | u32 x m | end of each name in the bytes |
//! | names | bytes | UTF-8 |
//!
//! The reader is `www/flamegraph/draw-list.ts`; levels count from the root, which is level 0.

use std::collections::HashMap;

use emberglass_trie::{MergedTrie, TreeOverflow};
use rustc_hash::FxBuildHasher;

use crate::draw::{DrawBox, DrawRequest, visible_boxes};
use crate::{FunctionPackages, Layout, Names, ROOT_NAME, Search};

/// `EGDL`, the first four bytes of a draw list, little endian.
pub const DRAW_LIST_MAGIC: u32 = 0x4c44_4745;
/// Version of the layout.
pub const DRAW_LIST_VERSION: u32 = 1;
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
    let mut drawn = DrawnNames::default();
    let name_rows: Vec<u32> = boxes.iter().map(|of| drawn.row(trie, names, of, request.name_width)).collect();
    let focus = if (request.focus as usize) < trie.tree.len() { request.focus } else { 0 };
    let deepest = layout.deepest_below(&trie.tree, focus);
    Ok(encode(&boxes, &name_rows, &drawn, deepest))
}

/// Distinct names of a draw list.
#[derive(Default)]
struct DrawnNames {
    text: String,
    ends: Vec<u32>,
    row_of: HashMap<u32, u32, FxBuildHasher>,
}

impl DrawnNames {
    fn row(&mut self, trie: &MergedTrie, names: &Names, of: &DrawBox, name_width: f64) -> u32 {
        if of.count > 1 || f64::from(of.width) < name_width {
            return NO_NAME;
        }
        let function = trie.function(of.node);
        let key = function.map_or(u32::MAX, |function| function.0);
        let Self { text, ends, row_of } = self;
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

fn encode(boxes: &[DrawBox], name_rows: &[u32], names: &DrawnNames, deepest: u32) -> Vec<u8> {
    let n = boxes.len();
    let mut out = Vec::with_capacity(32 + n * 44 + 8 + names.ends.len() * 4 + names.text.len());
    let header =
        [DRAW_LIST_MAGIC, DRAW_LIST_VERSION, n as u32, names.ends.len() as u32, names.text.len() as u32, deepest, 0, 0];
    put(&mut out, header.iter(), |word| word.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.self_value.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.total.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.x.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.width.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.node.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.depth.to_le_bytes());
    put(&mut out, boxes.iter(), |of| of.count.to_le_bytes());
    put(&mut out, name_rows.iter(), |row| row.to_le_bytes());
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
