//! The tables of a file, kept until all of them are there.

use emberglass_profile::{ErrorCode, InputError};

use crate::protobuf::{Field, Message, Read};

/// Most bytes of the tables of one file.
const MOST_BYTES: usize = 1 << 30;

/// A range of what is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) len: u32,
}

/// Bytes of fields: all of the input, or copies of the fields of which tables are made.
pub(super) enum Kept<'a> {
    All(&'a [u8]),
    Copies { bytes: Vec<u8>, runs: Vec<Run> },
}

/// Fields that stand one behind the other in the input.
pub(super) struct Run {
    at: u32,
    offset: u64,
}

impl Kept<'_> {
    pub(super) const fn nothing() -> Self {
        Self::Copies { bytes: Vec::new(), runs: Vec::new() }
    }

    /// Keeps the content of a field.
    pub(super) fn keep(&mut self, field: &Field<'_>, name: &str) -> Read<Span> {
        let (content, start) = field.bytes(name)?;
        let at = match self {
            // All that is held has fewer bytes than a u32 counts.
            Self::All(_) => start as u32,
            Self::Copies { bytes, runs } => {
                let header = (start - field.offset) as usize;
                if bytes.len() + header + content.len() > MOST_BYTES {
                    let message = format!("the names and locations of the profile are more than {MOST_BYTES} bytes");
                    return Err(InputError::at(ErrorCode::TooLarge, field.offset, message).into());
                }
                let at = bytes.len() as u32;
                let follows = |run: &Run| run.offset + u64::from(at - run.at) == field.offset;
                if !runs.last().is_some_and(follows) {
                    runs.push(Run { at, offset: field.offset });
                }
                // Its key and length take their place, so that one run is one distance to the input.
                bytes.resize(bytes.len() + header, 0);
                bytes.extend_from_slice(content);
                at + header as u32
            }
        };
        Ok(Span { start: at, len: content.len() as u32 })
    }

    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        let bytes = match self {
            Self::All(bytes) => bytes,
            Self::Copies { bytes, .. } => bytes.as_slice(),
        };
        let start = span.start as usize;
        bytes.get(start..start + span.len as usize).unwrap_or(&[])
    }

    /// Where a range starts in the input.
    pub(super) fn offset(&self, span: Span) -> u64 {
        match self {
            Self::All(_) => u64::from(span.start),
            Self::Copies { runs, .. } => {
                let row = runs.partition_point(|run| run.at <= span.start).saturating_sub(1);
                runs.get(row).map_or(0, |run| run.offset + u64::from(span.start - run.at))
            }
        }
    }

    pub(super) fn message(&self, span: Span) -> Message<'_> {
        Message::nested(self.bytes(span), self.offset(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_know_where_they_were() {
        let input = [0x32, 2, b'a', b'b', 0x32, 1, b'c', 0x10, 7, 0x32, 0x83, 0, b'd', b'e', b'f'];
        let all = Kept::All(&input);
        let mut copies = Kept::nothing();
        let mut message = Message::outermost(&input);
        let mut seen = Vec::new();
        while let Some(field) = message.next().unwrap() {
            if field.number == 6 {
                let span = copies.keep(&field, "x").unwrap();
                let place = Kept::All(&input).keep(&field, "x").unwrap();
                assert_eq!(copies.offset(span), all.offset(place));
                assert_eq!(copies.bytes(span), all.bytes(place));
                seen.push(copies.bytes(span).to_vec());
            }
        }
        assert_eq!(seen, [&b"ab"[..], b"c", b"def"]);
        assert!(matches!(copies, Kept::Copies { runs, .. } if runs.len() == 2));
    }
}
