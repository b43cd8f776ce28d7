//! The string table of a file, interned as it is used.

use std::borrow::Cow;

use emberglass_profile::{StringId, StringTable, Warnings};

use super::kept::{Kept, Span};
use crate::protobuf::{Read, bad_reference, malformed};
use crate::texts::intern_bounded;

const UNSEEN: u32 = u32::MAX;

/// An index into the string table, and where it stands in the input.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StringIndex {
    pub(super) index: u64,
    pub(super) offset: u64,
}

/// The strings by index.
pub(super) struct Strings<'k> {
    kept: &'k Kept<'k>,
    spans: Vec<Span>,
    rows: Vec<u32>,
}

impl<'k> Strings<'k> {
    /// Strings at `spans` of `kept`, out of an input of `len` bytes.
    ///
    /// # Errors
    /// `malformed` unless the first string is empty.
    pub(super) fn new(kept: &'k Kept<'k>, spans: Vec<Span>, len: u64) -> Read<Self> {
        match spans.first() {
            None => Err(malformed(len, "there is no string table")),
            Some(&first) if first.len > 0 => Err(malformed(kept.offset(first), "the first string is not empty")),
            Some(_) => Ok(Self { kept, rows: vec![UNSEEN; spans.len()], spans }),
        }
    }

    /// The text at an index; replaces what is not UTF-8.
    pub(super) fn text(&self, at: StringIndex, warnings: &mut Warnings) -> Read<Cow<'k, str>> {
        let span = usize::try_from(at.index).ok().and_then(|index| self.spans.get(index));
        let Some(&span) = span else {
            let (index, len) = (at.index.cast_signed(), self.spans.len());
            return Err(bad_reference(at.offset, format_args!("string {index} of a table of {len}")));
        };
        let text = String::from_utf8_lossy(self.kept.bytes(span));
        if let Cow::Owned(replaced) = &text {
            warnings.add("invalid-utf8", Some(self.kept.offset(span)), || {
                format!(
                    "a string is not UTF-8; what is not became \u{fffd}: {:?}",
                    replaced.chars().take(60).collect::<String>()
                )
            });
        }
        Ok(text)
    }

    /// The row in `table` of the text at an index.
    #[inline]
    pub(super) fn intern(
        &mut self,
        at: StringIndex,
        table: &mut StringTable,
        warnings: &mut Warnings,
    ) -> Read<StringId> {
        let seen = usize::try_from(at.index).ok().and_then(|index| self.rows.get(index));
        if let Some(&row) = seen
            && row != UNSEEN
        {
            return Ok(StringId(row));
        }
        let text = self.text(at, warnings)?;
        let row = intern_bounded(table, &text)?;
        if let Some(slot) = self.rows.get_mut(at.index as usize) {
            *slot = row.0;
        }
        Ok(row)
    }
}
