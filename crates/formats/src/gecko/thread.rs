//! Threads, and the tables that they have or share.

use emberglass_profile::InputError;

use super::process::{Lib, read_libs};
use super::samples::Samples;
use super::table::{NONE, Table};
use crate::json::{Kind, Reader};

fn gate<const N: usize>(table: &mut Table<N>, flags: &[u32], gates: &[(usize, u32)]) {
    for &(column, bit) in gates {
        for (cell, flags) in table.columns[column].iter_mut().zip(flags) {
            if flags & bit == 0 {
                *cell = NONE;
            }
        }
    }
}

/// Columns of `stackTable`.
pub(super) mod stack {
    pub(in super::super) const NAMES: [&str; 4] = ["prefix", "frame", "category", "prefixOffset"];
    pub(in super::super) const PREFIX: usize = 0;
    pub(in super::super) const FRAME: usize = 1;
    pub(in super::super) const CATEGORY: usize = 2;
    pub(in super::super) const PREFIX_OFFSET: usize = 3;
}

/// Columns of `frameTable`: `location` in Gecko's form, `func` in the processed one, where `flags` say from version
/// 71 on which cells are empty.
pub(super) mod frame {
    use super::Table;

    pub(in super::super) const NAMES: [&str; 8] =
        ["location", "line", "column", "category", "func", "inlineDepth", "lib", "flags"];
    pub(in super::super) const LOCATION: usize = 0;
    pub(in super::super) const LINE: usize = 1;
    pub(in super::super) const COLUMN: usize = 2;
    pub(in super::super) const CATEGORY: usize = 3;
    pub(in super::super) const FUNC: usize = 4;
    pub(in super::super) const INLINE_DEPTH: usize = 5;
    pub(in super::super) const LIB: usize = 6;
    const FLAGS: usize = 7;
    const IS_INLINED: u32 = 1;
    /// The columns that mean nothing in rows without a bit.
    const GATES: [(usize, u32); 4] = [(LIB, 1 << 1), (CATEGORY, 1 << 2), (LINE, 1 << 4), (COLUMN, 1 << 5)];

    /// Empties the cells that the flags say are empty.
    pub(super) fn apply_flags(table: &mut Table<8>) {
        let flags = std::mem::take(&mut table.columns[FLAGS]);
        if !flags.is_empty() {
            table.columns[INLINE_DEPTH] = flags.iter().map(|flags| flags & IS_INLINED).collect();
            super::gate(table, &flags, &GATES);
        }
    }
}

/// Columns of `funcTable`; `flags` from version 75 on.
pub(super) mod func {
    use super::Table;

    pub(in super::super) const NAMES: [&str; 7] =
        ["name", "fileName", "lineNumber", "columnNumber", "resource", "source", "flags"];
    pub(in super::super) const NAME: usize = 0;
    pub(in super::super) const FILE: usize = 1;
    pub(in super::super) const LINE: usize = 2;
    pub(in super::super) const COLUMN: usize = 3;
    pub(in super::super) const RESOURCE: usize = 4;
    pub(in super::super) const SOURCE: usize = 5;
    const FLAGS: usize = 6;
    /// The columns that mean nothing in rows without a bit.
    const GATES: [(usize, u32); 4] = [(RESOURCE, 1 << 2), (SOURCE, 1 << 3), (LINE, 1 << 4), (COLUMN, 1 << 5)];

    /// Empties the cells that the flags say are empty.
    pub(super) fn apply_flags(table: &mut Table<7>) {
        let flags = std::mem::take(&mut table.columns[FLAGS]);
        if !flags.is_empty() {
            super::gate(table, &flags, &GATES);
        }
    }
}

/// Tables that name frames; each may be a thread's own or shared by all.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) stacks: Option<Table<4>>,
    pub(super) frames: Option<Table<8>>,
    pub(super) funcs: Option<Table<7>>,
    /// `lib` of each resource.
    pub(super) resources: Option<Table<1>>,
    /// `filename` of each source, a string.
    pub(super) sources: Option<Table<1>>,
    pub(super) strings: Option<Vec<String>>,
}

impl Tables {
    /// Reads the value of `key` if it is one of these tables.
    pub(super) fn read(&mut self, kind: TableKey, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        match kind {
            TableKey::Stacks => self.stacks.insert(Table::default()).read(reader, &stack::NAMES),
            TableKey::Frames => {
                let frames = self.frames.insert(Table::default());
                frames.read(reader, &frame::NAMES)?;
                frame::apply_flags(frames);
                Ok(())
            }
            TableKey::Funcs => {
                let funcs = self.funcs.insert(Table::default());
                funcs.read(reader, &func::NAMES)?;
                func::apply_flags(funcs);
                Ok(())
            }
            TableKey::Resources => self.resources.insert(Table::default()).read(reader, &["lib"]),
            TableKey::Sources => self.sources.insert(Table::default()).read(reader, &["filename"]),
            TableKey::Strings => {
                let strings = self.strings.insert(Vec::new());
                if reader.peek()? != Kind::Array {
                    return reader.skip();
                }
                reader.begin_array()?;
                while reader.next_element()? {
                    strings.push(reader.string_or_skip()?.unwrap_or_default().to_owned());
                }
                Ok(())
            }
        }
    }
}

/// Keys of [`Tables`].
#[derive(Clone, Copy)]
pub(super) enum TableKey {
    Stacks,
    Frames,
    Funcs,
    Resources,
    Sources,
    Strings,
}

impl TableKey {
    pub(super) fn of(key: &str) -> Option<Self> {
        match key {
            "stackTable" => Some(Self::Stacks),
            "frameTable" => Some(Self::Frames),
            "funcTable" => Some(Self::Funcs),
            "resourceTable" => Some(Self::Resources),
            "sources" | "sourceTable" => Some(Self::Sources),
            "stringTable" | "stringArray" => Some(Self::Strings),
            _ => None,
        }
    }
}

/// One thread.
#[derive(Default)]
pub(super) struct Thread {
    pub(super) name: String,
    pub(super) process_name: String,
    pub(super) process_type: String,
    pub(super) process_id: String,
    pub(super) thread_id: String,
    pub(super) samples: Samples,
    /// Name of the table and its rows: allocations.
    pub(super) allocations: Vec<(&'static str, Samples)>,
    pub(super) tables: Tables,
    pub(super) markers: u64,
    /// Libraries of its own, up to version 40 of the processed format.
    pub(super) libs: Vec<Lib>,
}

impl Thread {
    /// Reads the thread that comes next.
    pub(super) fn read(reader: &mut Reader<'_, '_, '_>) -> Result<Self, InputError> {
        let mut thread = Self::default();
        reader.begin_object()?;
        while let Some(key) = reader.next_key()? {
            if let Some(kind) = TableKey::of(key) {
                thread.tables.read(kind, reader)?;
                continue;
            }
            let text = match key {
                "name" => &mut thread.name,
                "processName" => &mut thread.process_name,
                "processType" => &mut thread.process_type,
                "pid" => &mut thread.process_id,
                "tid" => &mut thread.thread_id,
                "samples" => {
                    thread.samples.read(reader)?;
                    continue;
                }
                "jsAllocations" => {
                    thread.read_allocations("jsAllocations", reader)?;
                    continue;
                }
                "nativeAllocations" => {
                    thread.read_allocations("nativeAllocations", reader)?;
                    continue;
                }
                "libs" => {
                    thread.libs = read_libs(reader)?;
                    continue;
                }
                "markers" => {
                    thread.markers += count_rows(reader)?;
                    continue;
                }
                _ => {
                    reader.skip()?;
                    continue;
                }
            };
            reader.text_or_skip()?.unwrap_or_default().clone_into(text);
        }
        Ok(thread)
    }

    fn read_allocations(&mut self, name: &'static str, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        let mut samples = Samples::default();
        samples.read(reader)?;
        if !samples.stack.is_empty() {
            self.allocations.push((name, samples));
        }
        Ok(())
    }
}

/// Rows of a table that is passed over: its `length`, or the elements of its `data`.
fn count_rows(reader: &mut Reader<'_, '_, '_>) -> Result<u64, InputError> {
    let mut rows = 0;
    if !reader.enters_object()? {
        return Ok(rows);
    }
    while let Some(key) = reader.next_key()? {
        let is_length = key == "length";
        let is_data = key == "data";
        if is_length {
            let length = reader.integer_if_whole()?;
            rows = length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0).max(rows);
        } else if is_data && reader.enters_array()? {
            let mut count = 0;
            while reader.next_element()? {
                reader.skip()?;
                count += 1;
            }
            rows = rows.max(count);
        } else if !is_data {
            reader.skip()?;
        }
    }
    Ok(rows)
}
