//! The JSON form (<https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>): names in camel case or as in
//! the schema, 64-bit numbers as text or as numbers, ids in hexadecimal.

use emberglass_profile::{ErrorCode, InputError};

use super::json_dictionary::read_dictionary;
use super::raw::{CONTAINERS, File, Profile, Resource, ValueType, other_version};
use crate::json::{Kind, Reader};

pub(super) type Json<'r, 'a, 'p> = Reader<'r, 'a, 'p>;

/// Reads the file.
pub(super) fn read(reader: &mut Json<'_, '_, '_>) -> Result<File, InputError> {
    let mut file = File::default();
    reader.begin_object()?;
    while let Some(key) = reader.next_key()? {
        match key {
            "resourceProfiles" | "resource_profiles" => {
                each_object(reader, |reader| {
                    file.resources.push(read_resource(reader)?);
                    Ok(())
                })?;
            }
            "dictionary" => read_dictionary(reader, &mut file.dictionary, &mut file.symbols)?,
            _ => reader.skip()?,
        }
    }
    Ok(file)
}

/// Enters each object of an array; `each` must read all of its keys.
pub(super) fn each_object(
    reader: &mut Json<'_, '_, '_>,
    mut each: impl FnMut(&mut Json<'_, '_, '_>) -> Result<(), InputError>,
) -> Result<(), InputError> {
    if !reader.enters_array()? {
        return Ok(());
    }
    while reader.next_element()? {
        reader.begin_object()?;
        each(reader)?;
    }
    Ok(())
}

pub(super) fn signed(reader: &mut Json<'_, '_, '_>) -> Result<i64, InputError> {
    let offset = reader.offset();
    if reader.peek()? != Kind::String {
        return Ok(reader.integer_or_skip()?.unwrap_or(0));
    }
    let text = reader.string()?;
    text.parse().map_err(|_error| {
        let shown: String = text.chars().take(40).collect();
        InputError::at(ErrorCode::Malformed, offset, format!("{shown:?} is no whole number of 64 bits"))
    })
}

pub(super) fn unsigned(reader: &mut Json<'_, '_, '_>) -> Result<u64, InputError> {
    let offset = reader.offset();
    let Some(text) = reader.text_or_skip()? else { return Ok(0) };
    text.parse().map_err(|_error| {
        let shown: String = text.chars().take(40).collect();
        InputError::at(ErrorCode::Malformed, offset, format!("{shown:?} is no positive whole number of 64 bits"))
    })
}

pub(super) fn row(reader: &mut Json<'_, '_, '_>) -> Result<u32, InputError> {
    let offset = reader.offset();
    let value = signed(reader)?;
    row_of(Some(value), offset)
}

fn row_of(value: Option<i64>, offset: u64) -> Result<u32, InputError> {
    value
        .and_then(|value| u32::try_from(value).ok())
        .ok_or_else(|| InputError::at(ErrorCode::BadReference, offset, "a reference is no row of a table"))
}

pub(super) fn rows(reader: &mut Json<'_, '_, '_>, out: &mut Vec<u32>) -> Result<(), InputError> {
    let offset = reader.offset();
    if reader.peek()? != Kind::Array {
        return reader.skip();
    }
    let mut bad = false;
    reader.integers(|value| match value.and_then(|value| u32::try_from(value).ok()) {
        Some(row) => out.push(row),
        None => bad = true,
    })?;
    if bad { row_of(None, offset).map(|_row| ()) } else { Ok(()) }
}

fn read_resource(reader: &mut Json<'_, '_, '_>) -> Result<Resource, InputError> {
    let mut resource = Resource::default();
    while let Some(key) = reader.next_key()? {
        match key {
            "resource" => {
                if !reader.enters_object()? {
                    continue;
                }
                while let Some(key) = reader.next_key()? {
                    match key {
                        "attributes" => each_object(reader, |reader| {
                            resource.attributes.push(read_key_value(reader)?);
                            Ok(())
                        })?,
                        _ => reader.skip()?,
                    }
                }
            }
            "scopeProfiles" | "scope_profiles" => each_object(reader, |reader| {
                while let Some(key) = reader.next_key()? {
                    match key {
                        "profiles" => each_object(reader, |reader| {
                            resource.profiles.push(read_profile(reader)?);
                            Ok(())
                        })?,
                        _ => reader.skip()?,
                    }
                }
                Ok(())
            })?,
            _ => reader.skip()?,
        }
    }
    Ok(resource)
}

fn read_key_value(reader: &mut Json<'_, '_, '_>) -> Result<(String, String), InputError> {
    let (mut name, mut value) = (String::new(), String::new());
    while let Some(key) = reader.next_key()? {
        match key {
            "key" => reader.string_or_skip()?.unwrap_or_default().clone_into(&mut name),
            "value" => {
                value = match read_any(reader)? {
                    Any::None => String::new(),
                    Any::Text(text) => text,
                    Any::Number(number) => number.to_string(),
                };
            }
            _ => reader.skip()?,
        }
    }
    Ok((name, value))
}

/// `AnyValue`.
pub(super) enum Any {
    None,
    Text(String),
    Number(i64),
}

pub(super) fn read_any(reader: &mut Json<'_, '_, '_>) -> Result<Any, InputError> {
    let mut any = Any::None;
    if !reader.enters_object()? {
        return Ok(any);
    }
    while let Some(key) = reader.next_key()? {
        any = match key {
            "stringValue" | "string_value" | "doubleValue" | "double_value" | "bytesValue" | "bytes_value" => {
                reader.text_or_skip()?.map_or(Any::None, |text| Any::Text(text.to_owned()))
            }
            "intValue" | "int_value" => Any::Number(signed(reader)?),
            "boolValue" | "bool_value" => match reader.bool_or_skip()? {
                Some(value) => Any::Text(value.to_string()),
                None => Any::None,
            },
            "arrayValue" | "array_value" => {
                reader.skip()?;
                Any::Text("[...]".to_owned())
            }
            "kvlistValue" | "kvlist_value" => {
                reader.skip()?;
                Any::Text("{...}".to_owned())
            }
            _ => {
                reader.skip()?;
                any
            }
        };
    }
    Ok(any)
}

fn read_value_type(reader: &mut Json<'_, '_, '_>) -> Result<ValueType, InputError> {
    let mut read = ValueType::default();
    if reader.peek()? == Kind::Array {
        return Err(other_version(reader.offset(), "a profile has several sample types"));
    }
    if !reader.enters_object()? {
        return Ok(read);
    }
    while let Some(key) = reader.next_key()? {
        match key {
            "typeStrindex" | "type_strindex" => read.kind = row(reader)?,
            "unitStrindex" | "unit_strindex" => read.unit = row(reader)?,
            _ => reader.skip()?,
        }
    }
    Ok(read)
}

fn read_profile(reader: &mut Json<'_, '_, '_>) -> Result<Profile, InputError> {
    let mut profile = Profile::default();
    while let Some(key) = reader.next_key()? {
        match key {
            "sampleType" | "sample_type" => profile.sample_type = read_value_type(reader)?,
            "samples" => each_object(reader, |reader| read_sample(reader, &mut profile))?,
            "timeUnixNano" | "time_unix_nano" => profile.time = unsigned(reader)?,
            "durationNano" | "duration_nano" => profile.duration = unsigned(reader)?,
            "periodType" | "period_type" => profile.period_type = Some(read_value_type(reader)?),
            "period" => profile.period = signed(reader)?,
            "attributeIndices" | "attribute_indices" => rows(reader, &mut profile.attributes)?,
            "profile" => return Err(other_version(reader.offset(), CONTAINERS)),
            "sample" | "locationIndices" | "location_indices" | "timeNanos" | "time_nanos" | "stringTable"
            | "string_table" | "locationTable" | "location_table" => {
                let what = format!("a profile has the key {key:?}");
                return Err(other_version(reader.offset(), &what));
            }
            _ => reader.skip()?,
        }
    }
    Ok(profile)
}

fn read_sample(reader: &mut Json<'_, '_, '_>, profile: &mut Profile) -> Result<(), InputError> {
    let (mut stack, mut link) = (0, 0);
    while let Some(key) = reader.next_key()? {
        match key {
            "stackIndex" | "stack_index" => stack = row(reader)?,
            "linkIndex" | "link_index" => link = row(reader)?,
            "attributeIndices" | "attribute_indices" => rows(reader, &mut profile.sample_attributes.items)?,
            "values" => {
                if reader.enters_array()? {
                    while reader.next_element()? {
                        profile.values.items.push(signed(reader)?);
                    }
                }
            }
            "timestampsUnixNano" | "timestamps_unix_nano" => {
                if reader.enters_array()? {
                    while reader.next_element()? {
                        profile.times.items.push(i64::try_from(unsigned(reader)?).unwrap_or(i64::MAX));
                    }
                }
            }
            "locationsStartIndex" | "locations_start_index" | "locationIndex" => {
                return Err(other_version(reader.offset(), "a sample lists locations"));
            }
            _ => reader.skip()?,
        }
    }
    profile.stacks.push(stack);
    profile.links.push(link);
    profile.sample_attributes.end_row();
    profile.values.end_row();
    profile.times.end_row();
    Ok(())
}
