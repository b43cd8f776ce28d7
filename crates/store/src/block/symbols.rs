//! The symbols section: what names frames, in an order that depends on the content only.
//!
//! | field | type | invariant |
//! |---|---|---|
//! | strings | dictionary | row 0 is the empty string |
//! | functions `n` | varint | sorted by (name, file, system name) |
//! | name | rising svb x n | string row |
//! | system name | svb x n | 0: same as the name; else string row + 1 |
//! | file | near svb x n | string row |
//! | start line | svb x n | 0: unknown |
//! | mappings `m` | varint | without row 0, "no mapping" |
//! | mapping x m | 5 varints | start, limit - start (mod 2^64), offset, string rows of file and build id |
//! | frames `k` | varint | sorted by (function, line, column, mapping, inlined) |
//! | function | rising svb x k | function row |
//! | line | svb x k | zig-zagged difference (mod 2^32) to the line before in the function, else to its start line |
//! | column | svb x k | 0: unknown |
//! | mapping | near svb x k | mapping row |
//! | inlined | svb x k | 0 or 1 |

use emberglass_columns::{ByteReader, put_u64, svb};
use emberglass_profile::{Frame, Function, FunctionId, Mapping, MappingId, StringId, Symbols};

use super::columns::{
    expect_end, near_column, put_len, put_near, put_rising, rising_column, svb_column, svb_count, unzigzag32, zigzag32,
};
use super::dictionary;
use crate::Fault;

/// Symbols in the order of the section; ids are rows of these.
#[derive(Debug, Default)]
pub(crate) struct SortedSymbols<'a> {
    /// Without the empty string.
    pub(crate) strings: Vec<&'a str>,
    pub(crate) functions: Vec<Function>,
    /// Without "no mapping".
    pub(crate) mappings: Vec<Mapping>,
    pub(crate) frames: Vec<Frame>,
}

fn line_before(frame: Frame, before: Option<Frame>, start_line: u32) -> u32 {
    match before {
        Some(before) if before.function == frame.function => before.line,
        _ => start_line,
    }
}

pub(crate) fn write(symbols: &SortedSymbols<'_>) -> Vec<u8> {
    let SortedSymbols { strings, functions, mappings, frames } = symbols;
    let mut out = Vec::new();
    dictionary::write(&mut out, strings.iter().copied());

    put_len(&mut out, functions.len());
    put_rising(&mut out, functions.iter().map(|function| function.name.0).collect());
    let system_name = |function: &Function| match function.system_name == function.name {
        true => 0,
        false => function.system_name.0 + 1,
    };
    svb::encode(&functions.iter().map(system_name).collect::<Vec<_>>(), &mut out);
    put_near(&mut out, functions.iter().map(|function| function.file.0).collect());
    svb::encode(&functions.iter().map(|function| function.start_line).collect::<Vec<_>>(), &mut out);

    put_len(&mut out, mappings.len());
    for Mapping { start, limit, offset, file, build_id } in mappings {
        for number in [*start, limit.wrapping_sub(*start), *offset, u64::from(file.0), u64::from(build_id.0)] {
            put_u64(&mut out, number);
        }
    }

    put_len(&mut out, frames.len());
    put_rising(&mut out, frames.iter().map(|frame| frame.function.0).collect());
    let mut before = None;
    let lines = frames.iter().map(|&frame| {
        let start_line = functions.get(frame.function.index()).map_or(0, |function| function.start_line);
        let expected = line_before(frame, before, start_line);
        before = Some(frame);
        zigzag32(frame.line.wrapping_sub(expected))
    });
    let lines: Vec<u32> = lines.collect();
    svb::encode(&lines, &mut out);
    svb::encode(&frames.iter().map(|frame| frame.column).collect::<Vec<_>>(), &mut out);
    put_near(&mut out, frames.iter().map(|frame| frame.mapping.0).collect());
    svb::encode(&frames.iter().map(|frame| u32::from(frame.inlined)).collect::<Vec<_>>(), &mut out);
    out
}

pub(crate) fn read(bytes: &[u8]) -> Result<Symbols, Fault> {
    let reader = &mut ByteReader::new(bytes);
    let mut symbols = Symbols::default();
    dictionary::read(reader, |text| {
        symbols.strings.intern(text);
        Ok(())
    })?;
    read_functions(reader, &mut symbols)?;
    let strings = symbols.strings.len();
    for _ in 0..reader.count()? {
        let (start, size, offset) = (reader.varint()?, reader.varint()?, reader.varint()?);
        let (file, build_id) = (StringId(reader.varint_u32()?), StringId(reader.varint_u32()?));
        if file.index() >= strings || build_id.index() >= strings {
            return Err(Fault::Invariant("a mapping without its strings"));
        }
        symbols.mappings.push(Mapping { start, limit: start.wrapping_add(size), offset, file, build_id });
    }
    read_frames(reader, &mut symbols)?;
    expect_end(reader)?;
    Ok(symbols)
}

fn read_functions(reader: &mut ByteReader<'_>, symbols: &mut Symbols) -> Result<(), Fault> {
    let count = svb_count(reader)?;
    let name = rising_column(reader, count)?;
    let system_name = svb_column(reader, count)?;
    let file = near_column(reader, count)?;
    let start_line = svb_column(reader, count)?;
    let strings = symbols.strings.len();
    for row in 0..count {
        let name = StringId(name[row]);
        let system_name = system_name[row].checked_sub(1).map_or(name, StringId);
        let file = StringId(file[row]);
        if [name, system_name, file].iter().any(|id| id.index() >= strings) {
            return Err(Fault::Invariant("a function without its strings"));
        }
        let id = symbols.functions.intern(Function { name, system_name, file, start_line: start_line[row] });
        if id.index() != row {
            return Err(Fault::Invariant("a function twice"));
        }
    }
    Ok(())
}

fn read_frames(reader: &mut ByteReader<'_>, symbols: &mut Symbols) -> Result<(), Fault> {
    let count = svb_count(reader)?;
    let function = rising_column(reader, count)?;
    let line = svb_column(reader, count)?;
    let column = svb_column(reader, count)?;
    let mapping = near_column(reader, count)?;
    let inlined = svb_column(reader, count)?;
    let mut before = None;
    for row in 0..count {
        let of =
            symbols.functions.get(FunctionId(function[row])).ok_or(Fault::Invariant("a frame without function"))?;
        let mut frame = Frame {
            function: FunctionId(function[row]),
            line: 0,
            column: column[row],
            mapping: MappingId(mapping[row]),
            inlined: inlined[row] == 1,
        };
        frame.line = line_before(frame, before, of.start_line).wrapping_add(unzigzag32(line[row]));
        if frame.mapping.index() >= symbols.mappings.len() || inlined[row] > 1 {
            return Err(Fault::Invariant("a frame without its mapping"));
        }
        if symbols.frames.intern(frame).index() != row {
            return Err(Fault::Invariant("a frame twice"));
        }
        before = Some(frame);
    }
    Ok(())
}
