//! The dictionary of the protobuf form.

use std::borrow::Cow;

use emberglass_profile::{StringId, Symbols, Warnings};

use super::proto::{Any, hex, push_rows, read_any, row_of, text};
use super::raw::{Attribute, Dictionary, Function, Line, Location, Mapping, Value, other_version};
use crate::protobuf::{Field, Read, Stream, Value as Wire};
use crate::texts::intern_bounded;

/// Reads the dictionary that was entered, behind what is in `dictionary` already.
pub(super) fn read_dictionary(
    stream: &mut Stream<'_, '_, '_>,
    dictionary: &mut Dictionary,
    symbols: &mut Symbols,
    warnings: &mut Warnings,
) -> Read<()> {
    dictionary.is_there = true;
    while let Some(field) = stream.next()? {
        match field.number {
            1 => read_mapping(&field, dictionary)?,
            2 => read_location(&field, dictionary)?,
            3 => dictionary.functions.push(read_function(&field)?),
            4 => {
                let mut link = (StringId::EMPTY, StringId::EMPTY);
                let mut message = field.message("ProfilesDictionary.link_table")?;
                while let Some(field) = message.next()? {
                    match field.number {
                        1 => link.0 = symbols.strings.intern(&hex(field.bytes("Link.trace_id")?.0)),
                        2 => link.1 = symbols.strings.intern(&hex(field.bytes("Link.span_id")?.0)),
                        _ => {}
                    }
                }
                dictionary.links.push(link);
            }
            5 => {
                let text = text(field.bytes("ProfilesDictionary.string_table")?.0);
                if let Cow::Owned(_) = text {
                    warnings.add("invalid-utf8", Some(field.offset), || {
                        "a string is not UTF-8; what is not became \u{fffd}".to_owned()
                    });
                }
                dictionary.strings.push(intern_bounded(&mut symbols.strings, &text)?);
            }
            6 => dictionary.attributes.push(read_attribute(&field, symbols)?),
            7 => read_stack(&field, dictionary)?,
            _ => {}
        }
    }
    Ok(())
}

fn read_mapping(field: &Field<'_>, dictionary: &mut Dictionary) -> Read<()> {
    let mut read = Mapping::default();
    let mut message = field.message("ProfilesDictionary.mapping_table")?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => read.start = field.varint("Mapping.memory_start")?,
            2 => read.limit = field.varint("Mapping.memory_limit")?,
            3 => read.offset = field.varint("Mapping.file_offset")?,
            4 => read.file = row_of(&field, "Mapping.filename_strindex")?,
            5 => push_rows(&field, "Mapping.attribute_indices", &mut dictionary.mapping_attributes.items)?,
            _ => {}
        }
    }
    dictionary.mappings.push(read);
    dictionary.mapping_attributes.end_row();
    Ok(())
}

fn read_function(field: &Field<'_>) -> Read<Function> {
    let mut read = Function::default();
    let mut message = field.message("ProfilesDictionary.function_table")?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => read.name = row_of(&field, "Function.name_strindex")?,
            2 => read.system_name = row_of(&field, "Function.system_name_strindex")?,
            3 => read.file = row_of(&field, "Function.filename_strindex")?,
            4 => read.start_line = field.signed("Function.start_line")?,
            _ => {}
        }
    }
    Ok(read)
}

fn read_stack(field: &Field<'_>, dictionary: &mut Dictionary) -> Read<()> {
    let mut message = field.message("ProfilesDictionary.stack_table")?;
    while let Some(field) = message.next()? {
        match (field.number, field.value) {
            (1, _) => push_rows(&field, "Stack.location_indices", &mut dictionary.stacks.items)?,
            (2, Wire::Varint(_)) => {
                return Err(other_version(field.offset, "field 7 of the dictionary holds units").into());
            }
            _ => {}
        }
    }
    dictionary.stacks.end_row();
    Ok(())
}

fn read_location(field: &Field<'_>, dictionary: &mut Dictionary) -> Read<()> {
    let mut read = Location::default();
    let mut message = field.message("ProfilesDictionary.location_table")?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => read.mapping = row_of(&field, "Location.mapping_index")?,
            2 => read.address = field.varint("Location.address")?,
            3 => {
                let mut line = Line::default();
                let mut message = field.message("Location.lines")?;
                while let Some(field) = message.next()? {
                    match field.number {
                        1 => line.function = row_of(&field, "Line.function_index")?,
                        2 => line.line = field.signed("Line.line")?,
                        3 => line.column = field.signed("Line.column")?,
                        _ => {}
                    }
                }
                dictionary.lines.items.push(line);
            }
            _ => {}
        }
    }
    dictionary.locations.push(read);
    dictionary.lines.end_row();
    Ok(())
}

fn read_attribute(field: &Field<'_>, symbols: &mut Symbols) -> Read<Attribute> {
    let mut read = Attribute::default();
    let mut message = field.message("ProfilesDictionary.attribute_table")?;
    while let Some(field) = message.next()? {
        match (field.number, field.value) {
            (1, Wire::Bytes(..)) => {
                return Err(other_version(field.offset, "an attribute spells its key out").into());
            }
            (1, _) => read.key = row_of(&field, "KeyValueAndUnit.key_strindex")?,
            (2, _) => {
                read.value = match read_any(&field)? {
                    Any::None => Value::None,
                    Any::Text(text) => Value::Text(intern_bounded(&mut symbols.strings, &text)?),
                    Any::Number(number) => Value::Number(number),
                };
            }
            (3, _) => read.unit = row_of(&field, "KeyValueAndUnit.unit_strindex")?,
            _ => {}
        }
    }
    Ok(read)
}
