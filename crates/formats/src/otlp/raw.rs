//! What a file says, in columns, before references are followed: the dictionary may stand behind the profiles.

use emberglass_profile::{ErrorCode, InputError, StringId, Symbols};

/// The whole file.
#[derive(Default)]
pub(super) struct File {
    pub(super) symbols: Symbols,
    pub(super) resources: Vec<Resource>,
    pub(super) dictionary: Dictionary,
}

/// A resource with its profiles.
#[derive(Default)]
pub(super) struct Resource {
    pub(super) attributes: Vec<(String, String)>,
    pub(super) profiles: Vec<Profile>,
}

/// Lists of numbers, one a row.
#[derive(Default)]
pub(super) struct Lists<T> {
    pub(super) items: Vec<T>,
    ends: Vec<u32>,
}

impl<T> Lists<T> {
    /// Ends the row whose items were pushed.
    pub(super) fn end_row(&mut self) {
        self.ends.push(self.items.len() as u32);
    }

    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn row(&self, row: usize) -> &[T] {
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(row).copied().unwrap_or(start);
        self.items.get(start as usize..end as usize).unwrap_or(&[])
    }
}

/// Rows of the string table: a name and a unit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ValueType {
    pub(super) kind: u32,
    pub(super) unit: u32,
}

#[derive(Default)]
pub(super) struct Profile {
    pub(super) sample_type: ValueType,
    pub(super) period_type: Option<ValueType>,
    pub(super) period: i64,
    pub(super) time: u64,
    pub(super) duration: u64,
    pub(super) attributes: Vec<u32>,
    /// Columns by sample.
    pub(super) stacks: Vec<u32>,
    pub(super) links: Vec<u32>,
    pub(super) sample_attributes: Lists<u32>,
    pub(super) values: Lists<i64>,
    pub(super) times: Lists<i64>,
}

#[derive(Default)]
pub(super) struct Dictionary {
    pub(super) is_there: bool,
    pub(super) strings: Vec<StringId>,
    pub(super) mappings: Vec<Mapping>,
    pub(super) mapping_attributes: Lists<u32>,
    pub(super) functions: Vec<Function>,
    pub(super) locations: Vec<Location>,
    pub(super) lines: Lists<Line>,
    pub(super) stacks: Lists<u32>,
    pub(super) attributes: Vec<Attribute>,
    /// Trace and span, in hexadecimal.
    pub(super) links: Vec<(StringId, StringId)>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Mapping {
    pub(super) start: u64,
    pub(super) limit: u64,
    pub(super) offset: u64,
    pub(super) file: u32,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Function {
    pub(super) name: u32,
    pub(super) system_name: u32,
    pub(super) file: u32,
    pub(super) start_line: i64,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Location {
    pub(super) mapping: u32,
    pub(super) address: u64,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Line {
    pub(super) function: u32,
    pub(super) line: i64,
    pub(super) column: i64,
}

/// Value of an attribute.
#[derive(Clone, Copy, Default)]
pub(super) enum Value {
    #[default]
    None,
    Text(StringId),
    Number(i64),
}

#[derive(Clone, Copy, Default)]
pub(super) struct Attribute {
    pub(super) key: u32,
    pub(super) value: Value,
    pub(super) unit: u32,
}

/// What is seen of v1experimental.
pub(super) const CONTAINERS: &str = "profiles are in containers, as in v1experimental";

/// A file of another version.
#[cold]
pub(super) fn other_version(offset: u64, what: &str) -> InputError {
    let message = format!(
        "OTLP profiles of another version: {what}; read is v1development as of opentelemetry-proto 1.9, where tables \
         are in a dictionary and samples name a stack"
    );
    InputError::at(ErrorCode::UnsupportedVersion, offset, message)
}
