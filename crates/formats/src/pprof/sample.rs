//! One sample, read field by field: the way for samples that come for the first time.

use emberglass_profile::{
    Attribute, AttributeSetId, AttributeSets, AttributeValue, ErrorCode, FrameId, InputError, StringTable, Warnings,
};

use super::memo::Split;
use super::scan::string_index;
use super::strings::{StringIndex, Strings};
use super::symbols::Locations;
use crate::protobuf::{Field, Message, Read, bad_reference};

/// Most frames of one stack that inlined functions can make of a few bytes.
const MAX_DEPTH: usize = 16 << 20;

/// One sample; its memory is used again for the next.
#[derive(Default)]
pub(super) struct Sample {
    /// Frames, leaf first.
    pub(super) frames: Vec<FrameId>,
    pub(super) values: Vec<i64>,
    labels: Vec<Label>,
    attributes: Vec<Attribute>,
}

#[derive(Clone, Copy, Default)]
struct Label {
    key: StringIndex,
    text: StringIndex,
    number: i64,
    unit: StringIndex,
}

impl Sample {
    pub(super) fn read(&mut self, field: &Field<'_>, locations: &Locations) -> Read<()> {
        self.frames.clear();
        self.values.clear();
        self.labels.clear();
        let mut message = field.message("Profile.sample")?;
        while let Some(field) = message.next()? {
            match field.number {
                1 => field.repeated("Sample.location_id", |id, offset| match locations.frame(id) {
                    Some(frame) => {
                        self.frames.push(frame);
                        Ok(())
                    }
                    None => self.push_frames(id, locations, offset),
                })?,
                2 => field.repeated("Sample.value", |value, _| {
                    self.values.push(value.cast_signed());
                    Ok(())
                })?,
                3 => self.labels.push(Label::read(&field)?),
                _ => {}
            }
        }
        Ok(())
    }

    fn push_frames(&mut self, id: u64, locations: &Locations, offset: u64) -> Read<()> {
        if !locations.extend(id, &mut self.frames) {
            return Err(bad_reference(offset, format_args!("a sample names location {id}, which does not exist")));
        }
        if self.frames.len() > MAX_DEPTH {
            let message = format!("a stack has more than {MAX_DEPTH} frames");
            return Err(InputError::at(ErrorCode::TooLarge, offset, message).into());
        }
        Ok(())
    }

    /// Reads only the values of a sample that is known otherwise.
    #[inline]
    pub(super) fn read_values(&mut self, split: &Split<'_>) -> Read<()> {
        self.values.clear();
        let mut message = Message::nested(split.values, split.values_start());
        while let Some(field) = message.next()? {
            field.repeated("Sample.value", |value, _| {
                self.values.push(value.cast_signed());
                Ok(())
            })?;
        }
        Ok(())
    }

    pub(super) fn intern_labels(
        &mut self,
        strings: &mut Strings<'_>,
        table: &mut StringTable,
        sets: &mut AttributeSets,
        warnings: &mut Warnings,
    ) -> Read<AttributeSetId> {
        if self.labels.is_empty() {
            return Ok(AttributeSetId::EMPTY);
        }
        self.attributes.clear();
        for label in &self.labels {
            self.attributes.push(label.intern(strings, table, warnings)?);
        }
        Ok(sets.intern(&mut self.attributes))
    }
}

impl Label {
    fn read(field: &Field<'_>) -> Read<Self> {
        let mut label = Self::default();
        let mut message = field.message("Sample.label")?;
        while let Some(field) = message.next()? {
            match field.number {
                1 => label.key = string_index(&field, "Label.key")?,
                2 => label.text = string_index(&field, "Label.str")?,
                3 => label.number = field.signed("Label.num")?,
                4 => label.unit = string_index(&field, "Label.num_unit")?,
                _ => {}
            }
        }
        Ok(label)
    }

    fn intern(&self, strings: &mut Strings<'_>, table: &mut StringTable, warnings: &mut Warnings) -> Read<Attribute> {
        let key = strings.intern(self.key, table, warnings)?;
        let value = if self.text.index != 0 {
            AttributeValue::Text(strings.intern(self.text, table, warnings)?)
        } else {
            AttributeValue::Number(self.number, strings.intern(self.unit, table, warnings)?)
        };
        Ok(Attribute { key, value })
    }
}
