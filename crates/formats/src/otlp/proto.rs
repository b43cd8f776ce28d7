//! The protobuf form.

use std::borrow::Cow;

use emberglass_profile::InputError;

use super::proto_dictionary::read_dictionary;
use super::raw::{File, Profile, Resource, ValueType, other_version};
use super::wire::{Field, Message, Value as Wire, row};
use crate::{Context, Meter};

/// True if `prefix` starts like profiles of OpenTelemetry; its last field may be cut off.
pub(super) fn looks_like(prefix: &[u8]) -> bool {
    // Resource profiles, scope profiles, profile: its first field is a value type.
    let inside = |bytes, wanted: u32, others: &[u32]| descend(bytes, wanted, others);
    let Some(profile) = inside(prefix, 1, &[2])
        .and_then(|resource| inside(resource, 2, &[1, 3]))
        .and_then(|scope| inside(scope, 2, &[1, 3]))
    else {
        // The dictionary may stand first. The first row of each of its tables is the empty one, by the specification,
        // which tells it from a sample of pprof.
        return descend(prefix, 2, &[]).is_some_and(|dictionary| {
            let mut message = Message::new(dictionary, 0);
            while let Ok(Some(field)) = message.next() {
                match (field.number, field.value) {
                    (1 | 5, Wire::Bytes([], _)) => return true,
                    (1..=7, Wire::Bytes(..)) => {}
                    _ => return false,
                }
            }
            false
        });
    };
    let mut message = Message::new(profile, 0);
    let Ok(Some(field)) = message.next() else { return false };
    let Wire::Bytes(bytes, _) = field.value else { return false };
    let mut inner = Message::new(bytes, 0);
    let is_type = loop {
        match inner.next() {
            Ok(Some(Field { number: 1 | 2, value: Wire::Varint(_), .. })) => {}
            Ok(None) => break true,
            _ => break false,
        }
    };
    field.number == 1 && is_type
}

/// The content of the first field `wanted`, as much as is there; fields of `others` may stand before it.
fn descend<'a>(bytes: &'a [u8], wanted: u32, others: &[u32]) -> Option<&'a [u8]> {
    let mut rest = bytes;
    loop {
        let mut reader = emberglass_columns::ByteReader::new(rest);
        let key = reader.varint().ok()?;
        let len = usize::try_from(reader.varint().ok()?).ok()?;
        let content = rest.get(reader.position()..)?;
        let number = u32::try_from(key >> 3).ok()?;
        if key & 7 != 2 || !(number == wanted || others.contains(&number)) {
            return None;
        }
        if number == wanted {
            return Some(content.get(..len).unwrap_or(content));
        }
        rest = content.get(len..)?;
    }
}

/// Reads the file.
pub(super) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<File, InputError> {
    let mut file = File::default();
    let Context { meter, warnings, .. } = context;
    let mut message = Message::new(bytes, 0);
    while let Some(field) = message.next()? {
        meter.reach(field.offset as u64)?;
        match field.number {
            1 => {
                let resource = read_resource(&field, meter)?;
                file.resources.push(resource);
            }
            2 => read_dictionary(&field, &mut file.dictionary, &mut file.symbols, warnings)?,
            _ => {}
        }
    }
    Ok(file)
}

fn read_resource(field: &Field<'_>, meter: &mut Meter<'_>) -> Result<Resource, InputError> {
    let mut resource = Resource::default();
    let mut message = field.message()?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => {
                let mut message = field.message()?;
                while let Some(field) = message.next()? {
                    if field.number == 1 {
                        resource.attributes.push(read_key_value(&field)?);
                    }
                }
            }
            2 => {
                let mut message = field.message()?;
                while let Some(field) = message.next()? {
                    if field.number == 2 {
                        resource.profiles.push(read_profile(&field, meter)?);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(resource)
}

/// Bytes as text; what is not UTF-8 is replaced.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn read_key_value(field: &Field<'_>) -> Result<(String, String), InputError> {
    let (mut key, mut value) = (String::new(), String::new());
    let mut message = field.message()?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => key = text(field.bytes()?).into_owned(),
            2 => {
                value = match read_any(&field)? {
                    Any::None => String::new(),
                    Any::Text(text) => text.into_owned(),
                    Any::Number(number) => number.to_string(),
                };
            }
            _ => {}
        }
    }
    Ok((key, value))
}

/// `AnyValue`.
pub(super) enum Any<'a> {
    None,
    Text(Cow<'a, str>),
    Number(i64),
}

/// Reads an `AnyValue`.
pub(super) fn read_any<'a>(field: &Field<'a>) -> Result<Any<'a>, InputError> {
    let mut any = Any::None;
    let mut message = field.message()?;
    while let Some(field) = message.next()? {
        any = match field.number {
            1 => Any::Text(text(field.bytes()?)),
            2 => Any::Text(Cow::Borrowed(if field.varint()? == 0 { "false" } else { "true" })),
            3 => Any::Number(field.signed()?),
            4 => Any::Text(Cow::Owned(f64::from_bits(field.varint()?).to_string())),
            5 => Any::Text(Cow::Borrowed("[...]")),
            6 => Any::Text(Cow::Borrowed("{...}")),
            7 => Any::Text(Cow::Owned(hex(field.bytes()?))),
            _ => any,
        };
    }
    Ok(any)
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_value_type(field: &Field<'_>) -> Result<ValueType, InputError> {
    let mut read = ValueType::default();
    let mut message = field.message()?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => read.kind = field.row()?,
            2 => read.unit = field.row()?,
            _ => {}
        }
    }
    Ok(read)
}

fn read_profile(field: &Field<'_>, meter: &mut Meter<'_>) -> Result<Profile, InputError> {
    let mut profile = Profile::default();
    let mut message = field.message()?;
    while let Some(field) = message.next()? {
        meter.reach(field.offset as u64)?;
        match (field.number, field.value) {
            (1, _) => profile.sample_type = read_value_type(&field)?,
            (2, _) => read_sample(&field, &mut profile)?,
            (3, Wire::Fixed64(time)) => profile.time = time,
            (3, _) => return Err(other_version(field.offset as u64, "a profile lists locations")),
            (4, Wire::Bytes(..)) => return Err(other_version(field.offset as u64, "a profile has tables of its own")),
            (4, _) => profile.duration = field.varint()?,
            (5, _) => profile.period_type = Some(read_value_type(&field)?),
            (6, _) => profile.period = field.signed()?,
            (11, _) => field.repeated(false, |index, offset| {
                profile.attributes.push(row(index, offset)?);
                Ok(())
            })?,
            _ => {}
        }
    }
    Ok(profile)
}

fn read_sample(field: &Field<'_>, profile: &mut Profile) -> Result<(), InputError> {
    let (mut stack, mut link) = (0, 0);
    let mut message = field.message()?;
    while let Some(field) = message.next()? {
        match (field.number, field.value) {
            (1, Wire::Bytes(..)) | (3, Wire::Bytes(..)) => {
                return Err(other_version(field.offset as u64, "a sample lists locations"));
            }
            (1, _) => stack = field.row()?,
            (2, _) => field.repeated(false, |index, offset| {
                profile.sample_attributes.items.push(row(index, offset)?);
                Ok(())
            })?,
            (3, _) => link = field.row()?,
            (4, _) => field.repeated(false, |value, _| {
                profile.values.items.push(value.cast_signed());
                Ok(())
            })?,
            (5, _) => field.repeated(true, |time, _| {
                profile.times.items.push(i64::try_from(time).unwrap_or(i64::MAX));
                Ok(())
            })?,
            _ => {}
        }
    }
    profile.stacks.push(stack);
    profile.links.push(link);
    profile.sample_attributes.end_row();
    profile.values.end_row();
    profile.times.end_row();
    Ok(())
}
