//! The string table of a file, interned as it is used.

use std::borrow::Cow;

use emberglass_profile::{ErrorCode, InputError, StringId, StringTable, Warnings};

use super::wire::{Read, bad_reference, malformed};

const UNSEEN: u32 = u32::MAX;
/// Most bytes of text in one batch: the string table counts them with 32 bits.
const TEXT_LIMIT: usize = u32::MAX as usize - 1;

/// A range of the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) len: u32,
}

impl Span {
    pub(super) fn of(self, bytes: &[u8]) -> &[u8] {
        let start = self.start as usize;
        bytes.get(start..start + self.len as usize).unwrap_or(&[])
    }
}

/// An index into the string table, and where it stands in the input.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StringIndex {
    pub(super) index: u64,
    pub(super) offset: usize,
}

/// The strings by index.
pub(super) struct Strings<'a> {
    bytes: &'a [u8],
    spans: Vec<Span>,
    rows: Vec<u32>,
}

impl<'a> Strings<'a> {
    /// Strings at `spans` of `bytes`.
    ///
    /// # Errors
    /// `malformed` unless the first string is empty.
    pub(super) fn new(bytes: &'a [u8], spans: Vec<Span>) -> Read<Self> {
        match spans.first() {
            None => Err(malformed(bytes.len(), "there is no string table")),
            Some(first) if first.len > 0 => Err(malformed(first.start as usize, "the first string is not empty")),
            Some(_) => Ok(Self { bytes, rows: vec![UNSEEN; spans.len()], spans }),
        }
    }

    /// The text at an index; replaces what is not UTF-8.
    pub(super) fn text(&self, at: StringIndex, warnings: &mut Warnings) -> Read<Cow<'a, str>> {
        let span = usize::try_from(at.index).ok().and_then(|index| self.spans.get(index));
        let Some(span) = span else {
            let (index, len) = (at.index.cast_signed(), self.spans.len());
            return Err(bad_reference(at.offset, format_args!("string {index} of a table of {len}")));
        };
        let text = String::from_utf8_lossy(span.of(self.bytes));
        if let Cow::Owned(replaced) = &text {
            warnings.add("invalid-utf8", Some(u64::from(span.start)), || {
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

/// Interns `text` unless the table would be full.
pub(super) fn intern_bounded(table: &mut StringTable, text: &str) -> Read<StringId> {
    if table.text_bytes().saturating_add(text.len()) > TEXT_LIMIT {
        return Err(InputError::new(ErrorCode::TooLarge, "the names of the profile are more than 4 GiB of text").into());
    }
    Ok(table.intern(text))
}
