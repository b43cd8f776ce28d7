//! How values of a type lie in a chunk, as a flat list of steps.
//!
//! Types nest, and a damaged file may nest them in a circle: they are spelt out once, with a limit, and read
//! by a loop.

use emberglass_profile::{ErrorCode, InputError};

use super::bytes::{Bytes, Text};
use super::metadata::Metadata;

/// Most steps of one type.
const MAX_STEPS: usize = 4096;
/// Most types inside of each other.
const MAX_DEPTH: usize = 32;

/// One primitive value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Number(i64),
    Text(Text<'a>),
    /// A floating-point number; no field read here is one.
    Other,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Byte(u8),
    /// A number of so many bytes where the chunk is not compressed.
    Number(usize, u8),
    Skip(usize),
    Text(u8),
    /// An array: the steps up to this one are each of its elements.
    Array(usize),
}

/// Marks values that nobody asked for.
const UNUSED: u8 = u8::MAX;

/// The steps of one type.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    steps: Vec<Step>,
}

/// A type while it is spelt out: its fields up to the next one, and its path.
struct Open<'m> {
    fields: std::slice::Iter<'m, super::metadata::Field>,
    path: String,
    /// The array that the type is the element of.
    array: Option<usize>,
}

impl Program {
    /// Spells out a type; a value at the path `wanted[n]` (fields, with points between them) is reported as `n`.
    pub(super) fn new(metadata: &Metadata, class: i64, wanted: &[&str]) -> Result<Self, InputError> {
        let mut program = Self::default();
        let Some(top) = metadata.classes.get(&class) else { return Ok(program) };
        if let Some(step) = primitive(&top.name, slot_of("", wanted)) {
            program.steps.push(step);
            return Ok(program);
        }
        let mut open = vec![Open { fields: top.fields.iter(), path: String::new(), array: None }];
        loop {
            let depth = open.len();
            let Some(Open { fields, path, array }) = open.last_mut() else { return Ok(program) };
            if program.steps.len() > MAX_STEPS || depth > MAX_DEPTH {
                let message = format!("the type {:?} of the recording is too large, or holds itself", top.name);
                return Err(InputError::new(ErrorCode::Malformed, message));
            }
            let Some(field) = fields.next() else {
                if let Some(array) = *array {
                    program.steps[array] = Step::Array(program.steps.len());
                }
                open.pop();
                continue;
            };
            let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
            let slot = slot_of(&path, wanted);
            let array = field.is_array.then_some(program.steps.len());
            if field.is_array {
                program.steps.push(Step::Array(0));
            }
            let class = metadata.classes.get(&field.class);
            let step = if field.is_pooled {
                Some(Step::Number(8, slot))
            } else {
                class.and_then(|class| primitive(&class.name, slot))
            };
            match (step, class) {
                (Some(step), _) => {
                    program.steps.push(step);
                    if let Some(array) = array {
                        program.steps[array] = Step::Array(program.steps.len());
                    }
                }
                (None, Some(class)) => open.push(Open { fields: class.fields.iter(), path, array }),
                (None, None) => {
                    let message = format!("the field {path:?} of {:?} has an unknown type", top.name);
                    return Err(InputError::new(ErrorCode::BadReference, message));
                }
            }
        }
    }

    /// Reads one value, and hands what was asked for to `each`.
    #[inline]
    pub(super) fn read<'a>(
        &self,
        reader: &mut Bytes<'a>,
        mut each: impl FnMut(u8, Value<'a>),
    ) -> Result<(), InputError> {
        // Arrays that are open: first step of the element, step behind it, elements left.
        let mut open: Vec<(usize, usize, usize)> = Vec::new();
        let mut at = 0;
        loop {
            while let Some((first, end, left)) = open.last_mut() {
                if at < *end {
                    break;
                }
                if *left > 1 {
                    *left -= 1;
                    at = *first;
                    break;
                }
                open.pop();
            }
            let Some(&step) = self.steps.get(at) else { return Ok(()) };
            at += 1;
            let (slot, value) = match step {
                Step::Byte(slot) => (slot, Value::Number(i64::from(reader.byte()?))),
                Step::Number(len, slot) => (slot, Value::Number(reader.number(len)?)),
                Step::Text(slot) => (slot, Value::Text(reader.text()?)),
                Step::Skip(len) => {
                    reader.take(len)?;
                    (UNUSED, Value::Other)
                }
                Step::Array(end) => {
                    let count = reader.count()?;
                    if count == 0 || end <= at {
                        at = end.max(at);
                    } else {
                        open.push((at, end, count));
                    }
                    continue;
                }
            };
            if slot != UNUSED {
                each(slot, value);
            }
        }
    }
}

fn slot_of(path: &str, wanted: &[&str]) -> u8 {
    wanted.iter().position(|&name| name == path).map_or(UNUSED, |slot| slot as u8)
}

fn primitive(name: &str, slot: u8) -> Option<Step> {
    Some(match name {
        "boolean" | "byte" => Step::Byte(slot),
        "short" | "char" => Step::Number(2, slot),
        "int" => Step::Number(4, slot),
        "long" => Step::Number(8, slot),
        "float" => Step::Skip(4),
        "double" => Step::Skip(8),
        "java.lang.String" => Step::Text(slot),
        _ => return None,
    })
}
