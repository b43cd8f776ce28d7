//! Samples, and tables like them.

use emberglass_columns::PackedInts;
use emberglass_profile::InputError;

use super::table::{NONE, read_schema};
use crate::decimal::Decimal;
use crate::json::{Kind, Reader};
use crate::values::Decimals;

const NAMES: [&str; 5] = ["stack", "time", "threadCPUDelta", "weight", "timeDeltas"];
const WEIGHT: usize = 3;
/// Milliseconds are read as nanoseconds.
const MILLISECOND: u8 = 6;

/// What the weights are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum WeightType {
    #[default]
    Samples,
    Milliseconds,
    Bytes,
}

/// The columns of a table of samples.
#[derive(Default)]
pub(super) struct Samples {
    pub(super) stack: Vec<u32>,
    /// Nanoseconds after the start of the process.
    pub(super) time: Decimals,
    /// Nanoseconds since the sample before.
    pub(super) deltas: Decimals,
    pub(super) cpu: Decimals,
    pub(super) has_cpu: bool,
    pub(super) weight: Decimals,
    pub(super) weight_type: WeightType,
    /// Weights in milliseconds were read as nanoseconds: their type stood before them.
    pub(super) weight_is_shifted: bool,
}

impl Samples {
    /// Reads the table that comes next.
    pub(super) fn read(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        if !reader.enters_object()? {
            return Ok(());
        }
        let mut schema = vec![Some(0), Some(1)];
        while let Some(key) = reader.next_key()? {
            if let Some(column) = NAMES.iter().position(|name| *name == key) {
                self.read_column(column, reader)?;
                continue;
            }
            match key {
                "schema" => schema = read_schema(reader, &NAMES)?,
                "data" => self.read_rows(reader, &schema)?,
                "weightType" => {
                    self.weight_type = match reader.string_or_skip()? {
                        Some("tracing-ms") => WeightType::Milliseconds,
                        Some("bytes") => WeightType::Bytes,
                        _ => WeightType::Samples,
                    };
                }
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn read_column(&mut self, column: usize, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        if reader.peek()? != Kind::Array {
            return reader.skip();
        }
        if column == 0 {
            let stack = &mut self.stack;
            return reader.integers(|row| stack.push(row.and_then(|row| u32::try_from(row).ok()).unwrap_or(NONE)));
        }
        self.weight_is_shifted |= column == WEIGHT && self.weight_type == WeightType::Milliseconds;
        let shift = if column == WEIGHT && self.weight_is_shifted { MILLISECOND } else { shift_of(column) };
        reader.decimals(shift, |value| self.push(column, value))
    }

    fn push(&mut self, column: usize, value: Option<Decimal>) {
        let known = value.unwrap_or_default();
        match column {
            1 => self.time.push(known),
            2 => {
                self.has_cpu |= value.is_some();
                self.cpu.push(known);
            }
            3 => self.weight.push(known),
            _ => self.deltas.push(known),
        }
    }

    fn read_rows(&mut self, reader: &mut Reader<'_, '_, '_>, schema: &[Option<usize>]) -> Result<(), InputError> {
        if !reader.enters_array()? {
            return Ok(());
        }
        let has_weight = schema.contains(&Some(3));
        while reader.next_element()? {
            let mut stack = NONE;
            let mut cells = [None; NAMES.len()];
            let mut at = 0;
            reader.begin_array()?;
            while reader.next_element()? {
                match schema.get(at) {
                    Some(&Some(0)) => {
                        stack = reader.integer_if_whole()?.and_then(|row| u32::try_from(row).ok()).unwrap_or(NONE);
                    }
                    Some(&Some(column)) => cells[column] = reader.decimal_or_skip(shift_of(column))?,
                    _ => reader.skip()?,
                }
                at += 1;
            }
            self.stack.push(stack);
            self.push(1, cells[1]);
            self.push(2, cells[2]);
            if has_weight {
                self.push(3, cells[3]);
            }
        }
        Ok(())
    }

    /// Time of each sample in nanoseconds after the start of the process; empty where there are none.
    pub(super) fn times(&mut self) -> PackedInts {
        let times = std::mem::take(&mut self.time);
        if times.len() > 0 {
            return times.into_whole();
        }
        let mut now = 0i64;
        let deltas = std::mem::take(&mut self.deltas).into_whole();
        deltas.into_iter().map(|delta| (now = now.saturating_add(delta), now).1).collect()
    }
}

const fn shift_of(column: usize) -> u8 {
    match column {
        1 | 4 => MILLISECOND,
        _ => 0,
    }
}
