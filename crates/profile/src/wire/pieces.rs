//! The bytes of a batch, made as they are taken.

use std::collections::VecDeque;

/// Bytes that are collected before they are handed out.
pub(super) const PIECE: usize = 1 << 20;

/// Appends rows until there are so many bytes or more; false once no row is left.
type PutRows<'b> = dyn FnMut(&mut Vec<u8>, usize) -> bool + 'b;

/// Something to write.
pub(super) enum Part<'b> {
    Bytes(Vec<u8>),
    Rows(Box<PutRows<'b>>),
}

/// A batch as bytes, a MiB or little more at a time: between two pieces others can have their turn, and a large batch need
/// not be held twice.
pub struct WirePieces<'b> {
    parts: VecDeque<Part<'b>>,
    bytes: Vec<u8>,
}

impl<'b> WirePieces<'b> {
    pub(super) fn new(parts: Vec<Part<'b>>) -> Self {
        Self { parts: parts.into(), bytes: Vec::new() }
    }

    /// Writes the next bytes; `None` once all are written.
    pub fn next_piece(&mut self) -> Option<&[u8]> {
        self.bytes.clear();
        while self.bytes.len() < PIECE
            && let Some(part) = self.parts.front_mut()
        {
            let has_more = match part {
                Part::Bytes(bytes) => {
                    self.bytes.append(bytes);
                    false
                }
                Part::Rows(put) => put(&mut self.bytes, PIECE),
            };
            if !has_more {
                self.parts.pop_front();
            }
        }
        (!self.bytes.is_empty()).then_some(self.bytes.as_slice())
    }
}
