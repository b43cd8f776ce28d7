//! The colours of boxes on light ground: those of `www/flamegraph/palette.ts`, which computes them (a unit test there
//! holds the two together).

use crate::COLOR_BUCKETS;

/// Fill and text of a box as `0xrrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint {
    /// The box.
    pub fill: u32,
    /// Text on it.
    pub text: u32,
}

/// The page.
pub(super) const BACKGROUND: u32 = 0xfefcfb;
/// Headings.
pub(super) const INK: u32 = 0x231e1b;
/// Everything else.
pub(super) const MUTED: u32 = 0x5d5751;
/// Names on boxes.
const NAME: u32 = 0x1a1511;

/// Fills of merged boxes on even and odd levels.
const MERGED: [u32; 2] = [0xefecea, 0xe7e4e2];

/// Fills on even and odd levels by colour; 0 is the grey of run times.
const FILLS: [[u32; 2]; COLOR_BUCKETS as usize + 1] = [
    [0xdbd8d6, 0xd3d1cf],
    [0xfdbac1, 0xf5b3ba],
    [0xe2b7bb, 0xdaafb3],
    [0xffc2b3, 0xf9b9a9],
    [0xe6bcb2, 0xdeb5aa],
    [0xfecaa4, 0xf6c29c],
    [0xe5c3ab, 0xddbba4],
    [0xf4d39e, 0xeccb96],
    [0xdecaa9, 0xd7c2a1],
    [0xe3dca0, 0xdbd498],
    [0xd4d0aa, 0xccc8a3],
    [0xcde2aa, 0xc5daa2],
    [0xc6d3b0, 0xbecca8],
    [0xb5e5b9, 0xaeddb2],
    [0xb7d5b9, 0xafcdb1],
    [0xa0e5cb, 0x98ddc4],
    [0xa9d3c3, 0xa1ccbb],
    [0x91e1dd, 0x8ad9d5],
    [0xa0cfcd, 0x98c8c5],
    [0x8fdaec, 0x87d2e4],
    [0x9dcad5, 0x95c2cd],
    [0x98d1f6, 0x91c9ee],
    [0xa0c3da, 0x99bcd2],
    [0xa9c8fa, 0xa1c1f2],
    [0xa9bddc, 0xa1b5d4],
    [0xbdc0f8, 0xb5b9f0],
    [0xb5b7db, 0xadb0d3],
    [0xd1baf0, 0xcab3e8],
    [0xc2b4d6, 0xbaacce],
    [0xe4b7e3, 0xdcafdb],
    [0xcfb2ce, 0xc7abc6],
    [0xf3b7d3, 0xebafcb],
    [0xdab3c5, 0xd2acbd],
];

/// Paint of a box of a colour (0..=[`COLOR_BUCKETS`]) on a level.
#[must_use]
pub fn paint(color: u16, is_merged: bool, level: u32) -> Paint {
    let pair = if is_merged { &MERGED } else { FILLS.get(usize::from(color)).unwrap_or(&FILLS[0]) };
    Paint { fill: pair[level as usize % 2], text: NAME }
}
