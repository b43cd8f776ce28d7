//! Texts within the bounds of a string table.

use emberglass_profile::{ErrorCode, InputError, StringId, StringTable};

/// Most bytes of text in one batch: the string table counts them with 32 bits.
const TEXT_LIMIT: usize = u32::MAX as usize - 1;

/// Interns `text` unless the table would be full.
///
/// # Errors
/// `too-large`.
pub(crate) fn intern_bounded(table: &mut StringTable, text: &str) -> Result<StringId, Box<InputError>> {
    if table.text_bytes().saturating_add(text.len()) > TEXT_LIMIT {
        return Err(InputError::new(ErrorCode::TooLarge, "the names of the profile are more than 4 GiB of text").into());
    }
    Ok(table.intern(text))
}
