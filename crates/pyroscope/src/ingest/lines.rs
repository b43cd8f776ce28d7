//! The text formats: `groups`, a stack and a count a line, and `lines`, a stack a line.

use emberglass_profile::{
    AttributeSetId, Batch, ErrorCode, Frame, Function, InputError, ProfileEntry, SampleTableBuilder, Symbols,
};
use emberglass_trie::StackBuilder;

/// Reads stacks, outermost frame first, frames between `;`. With `counted` the last word of a line is a whole number, a
/// line of one word is left out; else each line counts once.
pub(crate) fn read(body: &[u8], counted: bool) -> Result<Batch, InputError> {
    let mut symbols = Symbols::default();
    let mut stacks = StackBuilder::default();
    let mut table = SampleTableBuilder::new(&[0]);
    let mut offset = 0;
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        let start = offset;
        offset += line.len();
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches(['\n', '\r']);
        if text.is_empty() {
            continue;
        }
        let (stack, value) = match text.rsplit_once(' ') {
            _ if !counted => (text, 1),
            None => continue,
            Some((stack, count)) => {
                let value = count.parse::<i64>().map_err(|_bad| {
                    let message = format!("{count:?} at the end of a line is not a whole number of samples");
                    InputError::at(ErrorCode::Malformed, start as u64, message)
                })?;
                (stack, value)
            }
        };
        let frames: Vec<_> = stack
            .split(';')
            .map(|name| {
                let name = symbols.strings.intern(name);
                let function = symbols.functions.intern(Function { name, ..Function::default() });
                symbols.frames.intern(Frame { function, ..Frame::default() })
            })
            .collect();
        table.add(stacks.insert(frames.iter().copied()), AttributeSetId::EMPTY, &[value])?;
    }
    let table = table.finish();
    if table.records == 0 {
        return Err(InputError::new(ErrorCode::EmptyInput, "there is no stack in it"));
    }
    let profiles = vec![ProfileEntry::default()];
    Ok(Batch { symbols, stacks: stacks.finish(), tables: vec![table], profiles, ..Batch::default() })
}
