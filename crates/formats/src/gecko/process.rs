//! Processes, which nest in Gecko's form, with what they say about themselves.

use emberglass_profile::InputError;

use super::thread::{TableKey, Tables, Thread};
use crate::decimal::Decimal;
use crate::json::{Kind, Reader, divide_half_away};

/// One process; the processed format has one for the whole file.
#[derive(Default)]
pub(super) struct Process {
    pub(super) meta: Meta,
    pub(super) libs: Vec<Lib>,
    pub(super) threads: Vec<Thread>,
}

/// What a process says about the recording.
#[derive(Default)]
pub(super) struct Meta {
    /// Nanoseconds since the epoch.
    pub(super) start: Option<i64>,
    pub(super) cpu_unit: String,
    pub(super) categories: Vec<String>,
    /// Version of the processed format; 0 in Gecko's form.
    pub(super) processed_version: i64,
    /// Further facts, as text.
    pub(super) facts: Vec<(&'static str, String)>,
}

/// A binary.
#[derive(Default)]
pub(super) struct Lib {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) offset: u64,
    pub(super) name: String,
    pub(super) path: String,
    pub(super) code_id: String,
    pub(super) breakpad_id: String,
}

fn nanoseconds(value: Option<Decimal>) -> Option<i64> {
    let value = value?;
    i64::try_from(divide_half_away(i128::from(value.digits), 10i128.pow(u32::from(value.scale)))).ok()
}

/// Reads the file: its processes, outer ones first, and the tables that all threads share.
pub(super) fn read(reader: &mut Reader<'_, '_, '_>) -> Result<(Vec<Process>, Tables), InputError> {
    let mut processes = vec![Process::default()];
    let mut shared = Tables::default();
    // Rows of the processes that are being read, outermost first.
    let mut open = vec![0];
    reader.begin_object()?;
    'keys: while let Some(&at) = open.last() {
        while let Some(key) = reader.next_key()? {
            let Some(process) = processes.get_mut(at) else { break };
            match key {
                "meta" => process.meta.read(reader)?,
                "libs" => process.libs = read_libs(reader)?,
                "threads" => {
                    if reader.enters_array()? {
                        while reader.next_element()? {
                            process.threads.push(Thread::read(reader)?);
                        }
                    }
                }
                "shared" => read_shared(&mut shared, reader)?,
                "processes" => {
                    if reader.enters_array()? && enter_next(reader)? {
                        open.push(processes.len());
                        processes.push(Process::default());
                        continue 'keys;
                    }
                }
                _ => reader.skip()?,
            }
        }
        open.pop();
        // Back in the outer process's `processes`.
        if !open.is_empty() && enter_next(reader)? {
            open.push(processes.len());
            processes.push(Process::default());
        }
    }
    Ok((processes, shared))
}

/// Enters the next object of an array; false at its end.
fn enter_next(reader: &mut Reader<'_, '_, '_>) -> Result<bool, InputError> {
    while reader.next_element()? {
        if reader.enters_object()? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn read_shared(shared: &mut Tables, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
    if !reader.enters_object()? {
        return Ok(());
    }
    while let Some(key) = reader.next_key()? {
        match TableKey::of(key) {
            Some(kind) => shared.read(kind, reader)?,
            None => reader.skip()?,
        }
    }
    Ok(())
}

pub(super) fn read_libs(reader: &mut Reader<'_, '_, '_>) -> Result<Vec<Lib>, InputError> {
    let mut libs = Vec::new();
    if !reader.enters_array()? {
        return Ok(libs);
    }
    while reader.next_element()? {
        let mut lib = Lib::default();
        if reader.enters_object()? {
            while let Some(key) = reader.next_key()? {
                match key {
                    "start" => lib.start = address(reader)?,
                    "end" => lib.end = address(reader)?,
                    "offset" => lib.offset = address(reader)?,
                    "name" => reader.string_or_skip()?.unwrap_or_default().clone_into(&mut lib.name),
                    "path" => reader.string_or_skip()?.unwrap_or_default().clone_into(&mut lib.path),
                    "codeId" => reader.string_or_skip()?.unwrap_or_default().clone_into(&mut lib.code_id),
                    "breakpadId" => reader.string_or_skip()?.unwrap_or_default().clone_into(&mut lib.breakpad_id),
                    _ => reader.skip()?,
                }
            }
        }
        libs.push(lib);
    }
    Ok(libs)
}

fn address(reader: &mut Reader<'_, '_, '_>) -> Result<u64, InputError> {
    Ok(reader.integer_if_whole()?.and_then(|address| u64::try_from(address).ok()).unwrap_or(0))
}

impl Meta {
    fn read(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        if !reader.enters_object()? {
            return Ok(());
        }
        while let Some(key) = reader.next_key()? {
            match key {
                // Milliseconds.
                "startTime" => self.start = nanoseconds(reader.decimal_if_fits(6)?).filter(|&start| start != 0),
                "preprocessedProfileVersion" => {
                    self.processed_version = reader.integer_if_whole()?.unwrap_or(0);
                    self.facts.push(("processed_version", self.processed_version.to_string()));
                }
                "version" => self.fact("gecko_version", reader)?,
                "product" => self.fact("product", reader)?,
                "oscpu" => self.fact("oscpu", reader)?,
                "interval" => self.fact("interval_ms", reader)?,
                "sampleUnits" => self.read_units(reader)?,
                "categories" => self.read_categories(reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn fact(&mut self, name: &'static str, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        if let Some(text) = reader.text_or_skip()? {
            self.facts.push((name, text.to_owned()));
        }
        Ok(())
    }

    fn read_units(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        if !reader.enters_object()? {
            return Ok(());
        }
        while let Some(key) = reader.next_key()? {
            match key {
                "threadCPUDelta" => reader.string_or_skip()?.unwrap_or_default().clone_into(&mut self.cpu_unit),
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn read_categories(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        if reader.peek()? != Kind::Array {
            return reader.skip();
        }
        reader.begin_array()?;
        while reader.next_element()? {
            let mut name = String::new();
            if reader.enters_object()? {
                while let Some(key) = reader.next_key()? {
                    match key {
                        "name" => reader.string_or_skip()?.unwrap_or_default().clone_into(&mut name),
                        _ => reader.skip()?,
                    }
                }
            }
            self.categories.push(name);
        }
        Ok(())
    }
}
