//! The dictionary of the protobuf form.

use std::borrow::Cow;

use emberglass_profile::{InputError, StringId, Symbols, Warnings};

use super::proto::{Any, hex, read_any, text};
use super::raw::{Attribute, Dictionary, Function, Line, Location, Mapping, Value, other_version};
use super::wire::{Field, Value as Wire, row};

/// Reads the dictionary in `field`, behind what is in `dictionary` already.
pub(super) fn read_dictionary(
    field: &Field<'_>,
    dictionary: &mut Dictionary,
    symbols: &mut Symbols,
    warnings: &mut Warnings,
) -> Result<(), InputError> {
    dictionary.is_there = true;
    let mut message = field.message()?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => {
                let mut read = Mapping::default();
                let mut message = field.message()?;
                while let Some(field) = message.next()? {
                    match field.number {
                        1 => read.start = field.varint()?,
                        2 => read.limit = field.varint()?,
                        3 => read.offset = field.varint()?,
                        4 => read.file = field.row()?,
                        5 => field.repeated(false, |index, offset| {
                            dictionary.mapping_attributes.items.push(row(index, offset)?);
                            Ok(())
                        })?,
                        _ => {}
                    }
                }
                dictionary.mappings.push(read);
                dictionary.mapping_attributes.end_row();
            }
            2 => read_location(&field, dictionary)?,
            3 => {
                let mut read = Function::default();
                let mut message = field.message()?;
                while let Some(field) = message.next()? {
                    match field.number {
                        1 => read.name = field.row()?,
                        2 => read.system_name = field.row()?,
                        3 => read.file = field.row()?,
                        4 => read.start_line = field.signed()?,
                        _ => {}
                    }
                }
                dictionary.functions.push(read);
            }
            4 => {
                let mut link = (StringId::EMPTY, StringId::EMPTY);
                let mut message = field.message()?;
                while let Some(field) = message.next()? {
                    match field.number {
                        1 => link.0 = symbols.strings.intern(&hex(field.bytes()?)),
                        2 => link.1 = symbols.strings.intern(&hex(field.bytes()?)),
                        _ => {}
                    }
                }
                dictionary.links.push(link);
            }
            5 => {
                let text = text(field.bytes()?);
                if let Cow::Owned(_) = text {
                    warnings.add("invalid-utf8", Some(field.offset as u64), || {
                        "a string is not UTF-8; what is not became \u{fffd}".to_owned()
                    });
                }
                dictionary.strings.push(symbols.strings.intern(&text));
            }
            6 => {
                let attribute = read_attribute(&field, symbols)?;
                dictionary.attributes.push(attribute);
            }
            7 => {
                let mut message = field.message()?;
                while let Some(field) = message.next()? {
                    match (field.number, field.value) {
                        (1, _) => field.repeated(false, |index, offset| {
                            dictionary.stacks.items.push(row(index, offset)?);
                            Ok(())
                        })?,
                        (2, Wire::Varint(_)) => {
                            return Err(other_version(field.offset as u64, "field 7 of the dictionary holds units"));
                        }
                        _ => {}
                    }
                }
                dictionary.stacks.end_row();
            }
            _ => {}
        }
    }
    Ok(())
}

fn read_location(field: &Field<'_>, dictionary: &mut Dictionary) -> Result<(), InputError> {
    let mut read = Location::default();
    let mut message = field.message()?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => read.mapping = field.row()?,
            2 => read.address = field.varint()?,
            3 => {
                let mut line = Line::default();
                let mut message = field.message()?;
                while let Some(field) = message.next()? {
                    match field.number {
                        1 => line.function = field.row()?,
                        2 => line.line = field.signed()?,
                        3 => line.column = field.signed()?,
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

fn read_attribute(field: &Field<'_>, symbols: &mut Symbols) -> Result<Attribute, InputError> {
    let mut read = Attribute::default();
    let mut message = field.message()?;
    while let Some(field) = message.next()? {
        match (field.number, field.value) {
            (1, Wire::Bytes(..)) => {
                return Err(other_version(field.offset as u64, "an attribute spells its key out"));
            }
            (1, _) => read.key = field.row()?,
            (2, _) => {
                read.value = match read_any(&field)? {
                    Any::None => Value::None,
                    Any::Text(text) => Value::Text(symbols.strings.intern(&text)),
                    Any::Number(number) => Value::Number(number),
                };
            }
            (3, _) => read.unit = field.row()?,
            _ => {}
        }
    }
    Ok(read)
}
