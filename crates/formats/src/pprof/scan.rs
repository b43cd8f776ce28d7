//! First pass: where things are in the file.
//!
//! Tables may stand behind what refers to them (the string table usually stands last), so that one pass
//! over the outermost message notes the ranges of everything, and samples are read in a pass of their own.

use emberglass_profile::{ErrorCode, InputError};

use super::strings::{Span, StringIndex};
use super::wire::{Field, Message, Read, malformed};
use crate::Meter;

/// Numbers of the fields of `Profile`.
pub(super) mod field {
    pub(in super::super) const SAMPLE_TYPE: u32 = 1;
    pub(in super::super) const SAMPLE: u32 = 2;
    pub(in super::super) const MAPPING: u32 = 3;
    pub(in super::super) const LOCATION: u32 = 4;
    pub(in super::super) const FUNCTION: u32 = 5;
    pub(in super::super) const STRING: u32 = 6;
    pub(in super::super) const DROP_FRAMES: u32 = 7;
    pub(in super::super) const KEEP_FRAMES: u32 = 8;
    pub(in super::super) const TIME: u32 = 9;
    pub(in super::super) const DURATION: u32 = 10;
    pub(in super::super) const PERIOD_TYPE: u32 = 11;
    pub(in super::super) const PERIOD: u32 = 12;
    pub(in super::super) const COMMENT: u32 = 13;
    pub(in super::super) const DEFAULT_SAMPLE_TYPE: u32 = 14;
    pub(in super::super) const DOC_URL: u32 = 15;
}

/// Sample types beyond this are refused: each is a profile of its own, two bytes of input can ask for one.
const MAX_SAMPLE_TYPES: usize = 1024;

/// `ValueType`: a name and a unit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ValueType {
    pub(super) kind: StringIndex,
    pub(super) unit: StringIndex,
}

impl ValueType {
    pub(super) fn read(field: &Field<'_>) -> Read<Self> {
        let mut read = Self::default();
        let mut message = field.message("ValueType")?;
        (read.kind.offset, read.unit.offset) = (field.offset, field.offset);
        while let Some(field) = message.next()? {
            match field.number {
                1 => read.kind = string_index(&field, "ValueType.type")?,
                2 => read.unit = string_index(&field, "ValueType.unit")?,
                _ => {}
            }
        }
        Ok(read)
    }
}

/// The parts of `Profile`.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) sample_types: Vec<ValueType>,
    pub(super) samples: u64,
    pub(super) mappings: Vec<Span>,
    pub(super) locations: Vec<Span>,
    pub(super) functions: Vec<Span>,
    pub(super) strings: Vec<Span>,
    pub(super) drop_frames: Option<StringIndex>,
    pub(super) keep_frames: Option<StringIndex>,
    pub(super) default_sample_type: Option<StringIndex>,
    pub(super) doc_url: Option<StringIndex>,
    pub(super) comments: Vec<StringIndex>,
    pub(super) time: i64,
    pub(super) duration: i64,
    pub(super) period: i64,
    pub(super) period_offset: usize,
    pub(super) period_type: Option<ValueType>,
}

/// An index into the string table.
pub(super) fn string_index(field: &Field<'_>, name: &str) -> Read<StringIndex> {
    Ok(StringIndex { index: field.varint(name)?, offset: field.offset })
}

fn span(field: &Field<'_>, name: &str) -> Read<Span> {
    let (bytes, start) = field.bytes(name)?;
    // The whole input has fewer bytes than a u32 counts.
    Ok(Span { start: start as u32, len: bytes.len() as u32 })
}

/// Notes the parts of the profile in `bytes`, which must be shorter than 4 GiB.
pub(super) fn scan(bytes: &[u8], meter: &mut Meter<'_>) -> Read<Parts> {
    let mut parts = Parts::default();
    let mut message = Message::outermost(bytes);
    while let Some(field) = message.next()? {
        meter.reach(field.offset as u64)?;
        match field.number {
            field::SAMPLE => {
                let _sample = field.bytes("Profile.sample")?;
                parts.samples += 1;
            }
            field::LOCATION => parts.locations.push(span(&field, "Profile.location")?),
            field::FUNCTION => parts.functions.push(span(&field, "Profile.function")?),
            field::STRING => parts.strings.push(span(&field, "Profile.string_table")?),
            field::MAPPING => parts.mappings.push(span(&field, "Profile.mapping")?),
            _ => parts.read_rare(&field)?,
        }
    }
    if parts.sample_types.is_empty() {
        return Err(malformed(bytes.len(), "there is no sample type, so that this is not a pprof profile"));
    }
    Ok(parts)
}

impl Parts {
    fn read_rare(&mut self, field: &Field<'_>) -> Read<()> {
        match field.number {
            field::SAMPLE_TYPE => {
                self.sample_types.push(ValueType::read(field)?);
                if self.sample_types.len() > MAX_SAMPLE_TYPES {
                    let message = format!("more than {MAX_SAMPLE_TYPES} sample types");
                    return Err(InputError::at(ErrorCode::TooLarge, field.offset as u64, message).into());
                }
            }
            field::DROP_FRAMES => self.drop_frames = Some(string_index(field, "Profile.drop_frames")?),
            field::KEEP_FRAMES => self.keep_frames = Some(string_index(field, "Profile.keep_frames")?),
            field::TIME => self.time = field.signed("Profile.time_nanos")?,
            field::DURATION => self.duration = field.signed("Profile.duration_nanos")?,
            field::PERIOD_TYPE => self.period_type = Some(ValueType::read(field)?),
            field::PERIOD => {
                self.period = field.signed("Profile.period")?;
                self.period_offset = field.offset;
            }
            field::COMMENT => field.repeated("Profile.comment", |index, offset| {
                self.comments.push(StringIndex { index, offset });
                Ok(())
            })?,
            field::DEFAULT_SAMPLE_TYPE => {
                self.default_sample_type = Some(string_index(field, "Profile.default_sample_type")?);
            }
            field::DOC_URL => self.doc_url = Some(string_index(field, "Profile.doc_url")?),
            _ => {}
        }
        Ok(())
    }
}
