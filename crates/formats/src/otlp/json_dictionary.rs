//! The dictionary of the JSON form.

use emberglass_profile::{InputError, StringId, Symbols};

use super::json::{Any, Json, each_object, read_any, row, rows, signed, unsigned};
use super::raw::{Attribute, Dictionary, Function, Line, Location, Mapping, Value, other_version};

/// Reads the dictionary that comes next, behind what is in `dictionary` already.
pub(super) fn read_dictionary(
    reader: &mut Json<'_, '_, '_>,
    dictionary: &mut Dictionary,
    symbols: &mut Symbols,
) -> Result<(), InputError> {
    dictionary.is_there = true;
    if !reader.enters_object()? {
        return Ok(());
    }
    while let Some(key) = reader.next_key()? {
        match key {
            "mappingTable" | "mapping_table" => each_object(reader, |reader| read_mapping(reader, dictionary))?,
            "locationTable" | "location_table" => each_object(reader, |reader| read_location(reader, dictionary))?,
            "functionTable" | "function_table" => each_object(reader, |reader| {
                let mut read = Function::default();
                while let Some(key) = reader.next_key()? {
                    match key {
                        "nameStrindex" | "name_strindex" => read.name = row(reader)?,
                        "systemNameStrindex" | "system_name_strindex" => read.system_name = row(reader)?,
                        "filenameStrindex" | "filename_strindex" => read.file = row(reader)?,
                        "startLine" | "start_line" => read.start_line = signed(reader)?,
                        _ => reader.skip()?,
                    }
                }
                dictionary.functions.push(read);
                Ok(())
            })?,
            "linkTable" | "link_table" => each_object(reader, |reader| {
                let mut link = (StringId::EMPTY, StringId::EMPTY);
                while let Some(key) = reader.next_key()? {
                    match key {
                        "traceId" | "trace_id" => link.0 = intern(reader, symbols)?,
                        "spanId" | "span_id" => link.1 = intern(reader, symbols)?,
                        _ => reader.skip()?,
                    }
                }
                dictionary.links.push(link);
                Ok(())
            })?,
            "stringTable" | "string_table" => {
                if reader.enters_array()? {
                    while reader.next_element()? {
                        let string = intern(reader, symbols)?;
                        dictionary.strings.push(string);
                    }
                }
            }
            "attributeTable" | "attribute_table" => each_object(reader, |reader| {
                let attribute = read_attribute(reader, symbols)?;
                dictionary.attributes.push(attribute);
                Ok(())
            })?,
            "stackTable" | "stack_table" => each_object(reader, |reader| {
                while let Some(key) = reader.next_key()? {
                    match key {
                        "locationIndices" | "location_indices" => rows(reader, &mut dictionary.stacks.items)?,
                        _ => reader.skip()?,
                    }
                }
                dictionary.stacks.end_row();
                Ok(())
            })?,
            "attributeUnits" | "attribute_units" => {
                return Err(other_version(reader.offset(), "units of attributes have a table of their own"));
            }
            _ => reader.skip()?,
        }
    }
    Ok(())
}

fn intern(reader: &mut Json<'_, '_, '_>, symbols: &mut Symbols) -> Result<StringId, InputError> {
    Ok(symbols.strings.intern(reader.string_or_skip()?.unwrap_or_default()))
}

fn read_mapping(reader: &mut Json<'_, '_, '_>, dictionary: &mut Dictionary) -> Result<(), InputError> {
    let mut read = Mapping::default();
    while let Some(key) = reader.next_key()? {
        match key {
            "memoryStart" | "memory_start" => read.start = unsigned(reader)?,
            "memoryLimit" | "memory_limit" => read.limit = unsigned(reader)?,
            "fileOffset" | "file_offset" => read.offset = unsigned(reader)?,
            "filenameStrindex" | "filename_strindex" => read.file = row(reader)?,
            "attributeIndices" | "attribute_indices" => rows(reader, &mut dictionary.mapping_attributes.items)?,
            _ => reader.skip()?,
        }
    }
    dictionary.mappings.push(read);
    dictionary.mapping_attributes.end_row();
    Ok(())
}

fn read_location(reader: &mut Json<'_, '_, '_>, dictionary: &mut Dictionary) -> Result<(), InputError> {
    let mut read = Location::default();
    while let Some(key) = reader.next_key()? {
        match key {
            "mappingIndex" | "mapping_index" => read.mapping = row(reader)?,
            "address" => read.address = unsigned(reader)?,
            "lines" => each_object(reader, |reader| {
                let mut line = Line::default();
                while let Some(key) = reader.next_key()? {
                    match key {
                        "functionIndex" | "function_index" => line.function = row(reader)?,
                        "line" => line.line = signed(reader)?,
                        "column" => line.column = signed(reader)?,
                        _ => reader.skip()?,
                    }
                }
                dictionary.lines.items.push(line);
                Ok(())
            })?,
            "line" => return Err(other_version(reader.offset(), "a location has the key \"line\"")),
            _ => reader.skip()?,
        }
    }
    dictionary.locations.push(read);
    dictionary.lines.end_row();
    Ok(())
}

fn read_attribute(reader: &mut Json<'_, '_, '_>, symbols: &mut Symbols) -> Result<Attribute, InputError> {
    let mut read = Attribute::default();
    while let Some(key) = reader.next_key()? {
        match key {
            "keyStrindex" | "key_strindex" => read.key = row(reader)?,
            "unitStrindex" | "unit_strindex" => read.unit = row(reader)?,
            "value" => {
                read.value = match read_any(reader)? {
                    Any::None => Value::None,
                    Any::Text(text) => Value::Text(symbols.strings.intern(&text)),
                    Any::Number(number) => Value::Number(number),
                };
            }
            "key" => return Err(other_version(reader.offset(), "an attribute spells its key out")),
            _ => reader.skip()?,
        }
    }
    Ok(read)
}
