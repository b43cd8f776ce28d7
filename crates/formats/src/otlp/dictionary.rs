//! The dictionary with its references followed.

use emberglass_profile::{
    self as profile, AttributeValue, ErrorCode, Frame, FrameId, FunctionId, InputError, MappingId, StackId, StringId,
    Symbols, Warnings,
};
use emberglass_trie::StackBuilder;

use super::raw::{Attribute, Dictionary, Lists, Value};
use crate::raw_stacks::check_size;

/// Most frames of all stacks together: inlined lines multiply the input.
const MOST_FRAMES: u64 = 256 << 20;

/// A reference to a row that does not exist.
#[cold]
pub(super) fn bad(table: &str, row: u32) -> InputError {
    let message = format!("{table} {row} is named, but does not exist");
    InputError::new(ErrorCode::BadReference, message)
}

/// Rows of the batch by rows of the dictionary.
pub(super) struct Resolved {
    pub(super) stacks: Vec<StackId>,
    pub(super) attributes: Vec<Option<profile::Attribute>>,
    pub(super) strings: Vec<StringId>,
    pub(super) links: Vec<(StringId, StringId)>,
}

impl Resolved {
    /// The string of a row; row 0 is always there.
    pub(super) fn string(&self, row: u32) -> Result<StringId, InputError> {
        string(&self.strings, row)
    }
}

fn string(strings: &[StringId], row: u32) -> Result<StringId, InputError> {
    match strings.get(row as usize) {
        Some(&string) => Ok(string),
        None if row == 0 => Ok(StringId::EMPTY),
        None => Err(bad("string", row)),
    }
}

/// Interns all of the dictionary.
pub(super) fn resolve(
    raw: Dictionary,
    symbols: &mut Symbols,
    stacks: &mut StackBuilder,
    warnings: &mut Warnings,
) -> Result<Resolved, InputError> {
    let mut attributes = Vec::with_capacity(raw.attributes.len());
    for attribute in &raw.attributes {
        attributes.push(resolve_attribute(attribute, &raw.strings)?);
    }
    let mappings = resolve_mappings(&raw, &attributes, symbols)?;
    let mut functions = Vec::with_capacity(raw.functions.len());
    for function in &raw.functions {
        functions.push(symbols.functions.intern(profile::Function {
            name: string(&raw.strings, function.name)?,
            system_name: string(&raw.strings, function.system_name)?,
            file: string(&raw.strings, function.file)?,
            start_line: line(function.start_line, warnings),
        }));
    }
    let frames = resolve_locations(&raw, &mappings, &functions, symbols, warnings)?;
    let mut rows = Vec::with_capacity(raw.stacks.len());
    let mut budget = MOST_FRAMES;
    for row in 0..raw.stacks.len() {
        let mut stack = StackId::ROOT;
        for &location in raw.stacks.row(row).iter().rev() {
            if location as usize >= frames.len() {
                return Err(bad("location", location));
            }
            let frames = frames.row(location as usize);
            budget = budget.checked_sub(frames.len() as u64).ok_or_else(|| {
                InputError::new(ErrorCode::TooLarge, "the stacks of the profile are too many or too deep to hold")
            })?;
            for &frame in frames {
                stack = stacks.child(stack, frame);
            }
        }
        check_size(stacks, None)?;
        rows.push(stack);
    }
    let Dictionary { strings, links, .. } = raw;
    Ok(Resolved { stacks: rows, attributes, strings, links })
}

fn line(line: i64, warnings: &mut Warnings) -> u32 {
    u32::try_from(line).unwrap_or_else(|_beyond| {
        warnings.add("line-out-of-range", None, || format!("line {line} is out of range; it became 0"));
        0
    })
}

fn resolve_attribute(raw: &Attribute, strings: &[StringId]) -> Result<Option<profile::Attribute>, InputError> {
    let key = string(strings, raw.key)?;
    let value = match raw.value {
        Value::None => return Ok(None),
        Value::Text(text) => AttributeValue::Text(text),
        Value::Number(number) => AttributeValue::Number(number, string(strings, raw.unit)?),
    };
    Ok((key != StringId::EMPTY).then_some(profile::Attribute { key, value }))
}

fn resolve_mappings(
    raw: &Dictionary,
    attributes: &[Option<profile::Attribute>],
    symbols: &mut Symbols,
) -> Result<Vec<MappingId>, InputError> {
    let mut mappings = Vec::with_capacity(raw.mappings.len());
    for (row, mapping) in raw.mappings.iter().enumerate() {
        let mut build_id = StringId::EMPTY;
        for &attribute in raw.mapping_attributes.row(row) {
            let attribute = attributes.get(attribute as usize).ok_or_else(|| bad("attribute", attribute))?;
            if let Some(profile::Attribute { key, value: AttributeValue::Text(text) }) = attribute
                && symbols.text(*key).contains("build_id")
                && (build_id == StringId::EMPTY || symbols.text(*key).ends_with(".gnu"))
            {
                build_id = *text;
            }
        }
        let file = string(&raw.strings, mapping.file)?;
        let (start, limit, offset) = (mapping.start, mapping.limit, mapping.offset);
        mappings.push(symbols.mappings.intern(profile::Mapping { start, limit, offset, file, build_id }));
    }
    Ok(mappings)
}

/// Frames of each location, outermost function first.
fn resolve_locations(
    raw: &Dictionary,
    mappings: &[MappingId],
    functions: &[FunctionId],
    symbols: &mut Symbols,
    warnings: &mut Warnings,
) -> Result<Lists<FrameId>, InputError> {
    let mut frames = Lists::default();
    for (row, location) in raw.locations.iter().enumerate() {
        let mapping = match mappings.get(location.mapping as usize) {
            Some(&mapping) => mapping,
            None if location.mapping == 0 => MappingId::NONE,
            None => return Err(bad("mapping", location.mapping)),
        };
        let lines = raw.lines.row(row);
        if lines.is_empty() {
            let name = match location.address {
                0 => StringId::EMPTY,
                address => symbols.strings.intern(&format!("{address:#x}")),
            };
            let function = symbols.functions.intern(profile::Function { name, ..profile::Function::default() });
            frames.items.push(symbols.frames.intern(Frame { function, mapping, ..Frame::default() }));
        }
        for (at, from) in lines.iter().enumerate().rev() {
            let function = functions.get(from.function as usize).copied();
            let function = function.ok_or_else(|| bad("function", from.function))?;
            let inlined = at + 1 < lines.len();
            let (line, column) = (line(from.line, warnings), line(from.column, warnings));
            frames.items.push(symbols.frames.intern(Frame { function, line, column, mapping, inlined }));
        }
        frames.end_row();
    }
    Ok(frames)
}
