//! The protobuf form.

use std::borrow::Cow;

use emberglass_profile::{ErrorCode, InputError, Warnings};

use super::proto_dictionary::read_dictionary;
use super::raw::{CONTAINERS, File, Profile, Resource, ValueType, other_version};
use crate::protobuf::{Field, Message, Read, Stream, Value as Wire};

/// Bytes of the id of a profile, with which the containers of v1experimental start.
const ID_LEN: usize = 16;

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
            let mut message = Message::nested(dictionary, 0);
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
    let mut message = Message::nested(profile, 0);
    match message.next() {
        Ok(Some(Field { number: 1, value: Wire::Bytes(bytes, _), .. })) => {
            is_value_type(bytes)
                || (bytes.len() == ID_LEN
                    && matches!(message.next(), Ok(Some(Field { number: 2, value: Wire::Fixed64(_), .. }))))
        }
        // A container that has no id.
        Ok(Some(Field { number: 2, value: Wire::Fixed64(_), .. })) => true,
        _ => false,
    }
}

/// True if `bytes` are a `ValueType`; field 3 is what earlier layouts have.
fn is_value_type(bytes: &[u8]) -> bool {
    let mut message = Message::nested(bytes, 0);
    loop {
        match message.next() {
            Ok(Some(Field { number: 1..=3, value: Wire::Varint(_), .. })) => {}
            Ok(None) => return true,
            _ => return false,
        }
    }
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

/// Reads the file. Resources, their profiles and the dictionary are entered, so that only one sample or one row of a
/// table is held.
pub(super) fn read(stream: &mut Stream<'_, '_, '_>, warnings: &mut Warnings) -> Read<File> {
    let mut file = File::default();
    while let Some(head) = stream.next_head()? {
        match head.number {
            1 => {
                stream.enter(&head, "ProfilesData.resource_profiles")?;
                file.resources.push(read_resource(stream)?);
            }
            2 => {
                stream.enter(&head, "ProfilesData.dictionary")?;
                read_dictionary(stream, &mut file.dictionary, &mut file.symbols, warnings)?;
            }
            _ => stream.skip(&head)?,
        }
    }
    Ok(file)
}

fn read_resource(stream: &mut Stream<'_, '_, '_>) -> Read<Resource> {
    let mut resource = Resource::default();
    while let Some(head) = stream.next_head()? {
        match head.number {
            1 => {
                let mut message = stream.field(&head)?.message("ResourceProfiles.resource")?;
                while let Some(field) = message.next()? {
                    if field.number == 1 {
                        resource.attributes.push(read_key_value(&field)?);
                    }
                }
            }
            2 => {
                stream.enter(&head, "ResourceProfiles.scope_profiles")?;
                while let Some(head) = stream.next_head()? {
                    if head.number == 2 {
                        stream.enter(&head, "ScopeProfiles.profiles")?;
                        resource.profiles.push(read_profile(stream)?);
                    } else {
                        stream.skip(&head)?;
                    }
                }
            }
            _ => stream.skip(&head)?,
        }
    }
    Ok(resource)
}

/// A number as a row of a table.
#[inline]
pub(super) fn row(value: u64, offset: u64) -> Read<u32> {
    u32::try_from(value).map_err(|_beyond| {
        let message = format!("{} is no row of a table", value.cast_signed());
        InputError::at(ErrorCode::BadReference, offset, message).into()
    })
}

/// The value of a field that names a row of a table.
#[inline]
pub(super) fn row_of(field: &Field<'_>, name: &str) -> Read<u32> {
    row(field.varint(name)?, field.offset)
}

/// Adds the rows that a repeated field names.
#[inline]
pub(super) fn push_rows(field: &Field<'_>, name: &str, rows: &mut Vec<u32>) -> Read<()> {
    field.repeated(name, |index, offset| {
        rows.push(row(index, offset)?);
        Ok(())
    })
}

/// Bytes as text; what is not UTF-8 is replaced.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn read_key_value(field: &Field<'_>) -> Read<(String, String)> {
    let (mut key, mut value) = (String::new(), String::new());
    let mut message = field.message("Resource.attributes")?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => key = text(field.bytes("KeyValue.key")?.0).into_owned(),
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
pub(super) fn read_any<'a>(field: &Field<'a>) -> Read<Any<'a>> {
    let mut any = Any::None;
    let mut message = field.message("AnyValue")?;
    while let Some(field) = message.next()? {
        any = match field.number {
            1 => Any::Text(text(field.bytes("AnyValue.string_value")?.0)),
            2 => Any::Text(Cow::Borrowed(if field.varint("AnyValue.bool_value")? == 0 { "false" } else { "true" })),
            3 => Any::Number(field.signed("AnyValue.int_value")?),
            4 => Any::Text(Cow::Owned(f64::from_bits(field.fixed64("AnyValue.double_value")?).to_string())),
            5 => Any::Text(Cow::Borrowed("[...]")),
            6 => Any::Text(Cow::Borrowed("{...}")),
            7 => Any::Text(Cow::Owned(hex(field.bytes("AnyValue.bytes_value")?.0))),
            _ => any,
        };
    }
    Ok(any)
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_value_type(field: &Field<'_>) -> Read<ValueType> {
    let mut read = ValueType::default();
    let mut message = field.message("ValueType")?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => read.kind = row_of(&field, "ValueType.type_strindex")?,
            2 => read.unit = row_of(&field, "ValueType.unit_strindex")?,
            _ => {}
        }
    }
    Ok(read)
}

fn read_profile(stream: &mut Stream<'_, '_, '_>) -> Read<Profile> {
    let mut profile = Profile::default();
    let mut has_type = false;
    while let Some(field) = stream.next()? {
        match (field.number, field.value) {
            (1, Wire::Bytes(bytes, _)) if bytes.len() == ID_LEN && !is_value_type(bytes) => {
                return Err(other_version(field.offset, CONTAINERS).into());
            }
            (2, Wire::Fixed64(_)) | (8, Wire::Bytes(..)) if !has_type => {
                return Err(other_version(field.offset, CONTAINERS).into());
            }
            (1, _) if has_type => {
                return Err(other_version(field.offset, "a profile has several sample types").into());
            }
            (1, _) => {
                profile.sample_type = read_value_type(&field)?;
                has_type = true;
            }
            (2, _) => read_sample(&field, &mut profile)?,
            (3, Wire::Fixed64(time)) => profile.time = time,
            (3, _) => return Err(other_version(field.offset, "a profile lists locations").into()),
            (4, Wire::Bytes(..)) => return Err(other_version(field.offset, "a profile has tables of its own").into()),
            (5 | 7, Wire::Varint(_)) | (6 | 8, Wire::Bytes(..)) => {
                return Err(other_version(field.offset, "the fields of a profile have other numbers").into());
            }
            (4, _) => profile.duration = field.varint("Profile.duration_nano")?,
            (5, _) => profile.period_type = Some(read_value_type(&field)?),
            (6, _) => profile.period = field.signed("Profile.period")?,
            (11, _) => push_rows(&field, "Profile.attribute_indices", &mut profile.attributes)?,
            _ => {}
        }
    }
    Ok(profile)
}

fn read_sample(field: &Field<'_>, profile: &mut Profile) -> Read<()> {
    let (mut stack, mut link) = (0, 0);
    let mut message = field.message("Profile.samples")?;
    while let Some(field) = message.next()? {
        match (field.number, field.value) {
            (1, Wire::Bytes(..)) | (3, Wire::Bytes(..)) => {
                return Err(other_version(field.offset, "a sample lists locations").into());
            }
            (1, _) => stack = row_of(&field, "Sample.stack_index")?,
            (2, _) => push_rows(&field, "Sample.attribute_indices", &mut profile.sample_attributes.items)?,
            (3, _) => link = row_of(&field, "Sample.link_index")?,
            (4, _) => field.repeated("Sample.values", |value, _| {
                profile.values.items.push(value.cast_signed());
                Ok(())
            })?,
            (5, _) => field.repeated_fixed64("Sample.timestamps_unix_nano", |time| {
                profile.times.items.push(i64::try_from(time).unwrap_or(i64::MAX));
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
