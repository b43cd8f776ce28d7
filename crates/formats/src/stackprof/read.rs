//! The file, read once from front to back.

use std::collections::HashMap;

use emberglass_columns::PackedInts;
use emberglass_profile::{Function, FunctionId, InputError, Symbols};

use crate::json::{Kind, Reader};
use crate::values::Decimals;

/// A method.
#[derive(Clone, Copy, Default)]
pub(super) struct Method {
    pub(super) function: FunctionId,
    pub(super) line: u32,
    pub(super) own: i64,
    pub(super) total: i64,
}

#[derive(Default)]
pub(super) struct File {
    pub(super) mode: String,
    /// Microseconds, in the mode `object` allocations.
    pub(super) interval: i64,
    pub(super) samples: i64,
    pub(super) missed: u64,
    pub(super) symbols: Symbols,
    pub(super) methods: Vec<Method>,
    pub(super) rows: HashMap<u64, u32, foldhash::fast::FixedState>,
    pub(super) raw: Option<Vec<u64>>,
    pub(super) lines: Option<Vec<u64>>,
    /// Nanoseconds.
    pub(super) deltas: Option<PackedInts>,
    pub(super) times: Option<PackedInts>,
}

pub(super) fn read(reader: &mut Reader<'_, '_, '_>) -> Result<File, InputError> {
    let mut file = File::default();
    reader.begin_object()?;
    while let Some(key) = reader.next_key()? {
        match key {
            "mode" => reader.string_or_skip()?.unwrap_or_default().clone_into(&mut file.mode),
            "interval" => file.interval = reader.integer_if_whole()?.unwrap_or(0),
            "samples" => file.samples = reader.integer_if_whole()?.unwrap_or(0),
            "missed_samples" => {
                let missed = reader.integer_if_whole()?;
                file.missed = missed.and_then(|missed| u64::try_from(missed).ok()).unwrap_or(0);
            }
            "frames" => file.read_methods(reader)?,
            "raw" => file.raw = read_numbers(reader)?,
            "raw_lines" => file.lines = read_numbers(reader)?,
            "raw_timestamp_deltas" => file.deltas = read_times(reader)?,
            "raw_sample_timestamps" => file.times = read_times(reader)?,
            _ => reader.skip()?,
        }
    }
    Ok(file)
}

/// Ids are addresses, up to 64 bits without a sign.
fn read_numbers(reader: &mut Reader<'_, '_, '_>) -> Result<Option<Vec<u64>>, InputError> {
    if reader.peek()? != Kind::Array {
        reader.skip()?;
        return Ok(None);
    }
    let mut numbers = Vec::new();
    reader.integers(|number| numbers.push(number.unwrap_or(0).cast_unsigned()))?;
    Ok(Some(numbers))
}

/// Microseconds as nanoseconds.
fn read_times(reader: &mut Reader<'_, '_, '_>) -> Result<Option<PackedInts>, InputError> {
    if reader.peek()? != Kind::Array {
        reader.skip()?;
        return Ok(None);
    }
    let mut times = Decimals::default();
    reader.decimals(3, |time| times.push(time.unwrap_or_default()))?;
    Ok(Some(times.into_whole()))
}

impl File {
    fn read_methods(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        reader.begin_object()?;
        while let Some(id) = reader.next_key()? {
            let id = id.parse::<u64>().ok();
            let mut function = Function::default();
            let mut method = Method::default();
            reader.begin_object()?;
            while let Some(key) = reader.next_key()? {
                match key {
                    "name" => {
                        function.name = self.symbols.strings.intern(reader.string_or_skip()?.unwrap_or_default());
                    }
                    "file" => {
                        function.file = self.symbols.strings.intern(reader.string_or_skip()?.unwrap_or_default());
                    }
                    "line" => {
                        let line = reader.integer_if_whole()?;
                        function.start_line = line.and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
                    }
                    "samples" => method.own = reader.integer_if_whole()?.unwrap_or(0),
                    "total_samples" => method.total = reader.integer_if_whole()?.unwrap_or(0),
                    _ => reader.skip()?,
                }
            }
            let Some(id) = id else { return Err(reader.malformed("the id of a frame is no number")) };
            method.line = function.start_line;
            method.function = self.symbols.functions.intern(function);
            self.rows.insert(id, self.methods.len() as u32);
            self.methods.push(method);
        }
        Ok(())
    }
}
