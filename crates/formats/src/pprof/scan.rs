//! First pass: all but the samples.
//!
//! Tables may stand behind what refers to them (the string table usually stands last), so that one pass
//! over the outermost message keeps their rows, and samples are read in a pass of their own.

use emberglass_profile::{ErrorCode, InputError};

use super::kept::{Kept, Span};
use super::strings::StringIndex;
use crate::protobuf::{Field, Read, malformed};

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
    pub(super) period_offset: u64,
    pub(super) period_type: Option<ValueType>,
}

/// An index into the string table.
pub(super) fn string_index(field: &Field<'_>, name: &str) -> Read<StringIndex> {
    Ok(StringIndex { index: field.varint(name)?, offset: field.offset })
}

impl Parts {
    /// Notes one field of the profile; rows of tables go to `kept`.
    #[inline]
    pub(super) fn read(&mut self, field: &Field<'_>, kept: &mut Kept<'_>) -> Read<()> {
        match field.number {
            field::SAMPLE => {
                let _sample = field.bytes("Profile.sample")?;
            }
            field::LOCATION => self.locations.push(kept.keep(field, "Profile.location")?),
            field::FUNCTION => self.functions.push(kept.keep(field, "Profile.function")?),
            field::STRING => self.strings.push(kept.keep(field, "Profile.string_table")?),
            field::MAPPING => self.mappings.push(kept.keep(field, "Profile.mapping")?),
            _ => self.read_rare(field)?,
        }
        Ok(())
    }

    /// Refuses what can't be a profile, at the end of an input of `len` bytes.
    pub(super) fn check(&self, len: u64) -> Read<()> {
        if self.sample_types.is_empty() {
            return Err(malformed(len, "there is no sample type, so that this is not a pprof profile"));
        }
        Ok(())
    }

    fn read_rare(&mut self, field: &Field<'_>) -> Read<()> {
        match field.number {
            field::SAMPLE_TYPE => {
                self.sample_types.push(ValueType::read(field)?);
                if self.sample_types.len() > MAX_SAMPLE_TYPES {
                    let message = format!("more than {MAX_SAMPLE_TYPES} sample types");
                    return Err(InputError::at(ErrorCode::TooLarge, field.offset, message).into());
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
