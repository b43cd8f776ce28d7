//! Second pass: mappings, functions, and the frames of each location.

use emberglass_profile::{Frame, FrameId, Function, FunctionId, Mapping, MappingId, StringId, Symbols, Warnings};

use super::ids::IdMap;
use super::kept::{Kept, Span};
use super::scan::{Parts, string_index};
use super::strings::{StringIndex, Strings};
use crate::protobuf::{Field, Message, Read, bad_reference, malformed};
use crate::texts::intern_bounded;

/// The frames of each location by id.
///
/// Nearly every location is one frame: its id leads straight to the frame.
pub(super) struct Locations {
    /// A frame, or [`MANY`] plus a row of `ranges`.
    ids: IdMap,
    /// First frame and number of frames of a location that has not just one.
    ranges: Vec<(u32, u32)>,
    frames: Vec<FrameId>,
}

/// Marks rows of `Locations::ranges` among frames; there are fewer of both.
const MANY: u32 = 1 << 31;

impl Locations {
    fn new(count: usize) -> Self {
        Self { ids: IdMap::new(count), ranges: Vec::new(), frames: Vec::new() }
    }

    /// The frame of a location that has just one, and an id like those of its neighbours: the quick way.
    #[inline(always)]
    pub(super) fn frame(&self, id: u64) -> Option<FrameId> {
        let row = self.ids.dense(id);
        (row < MANY).then_some(FrameId(row))
    }

    /// Adds the frames of any location, innermost function first; false if there is none with that id.
    pub(super) fn extend(&self, id: u64, frames: &mut Vec<FrameId>) -> bool {
        match self.ids.get(id) {
            None => return false,
            Some(row @ 0..MANY) => frames.push(FrameId(row)),
            Some(row) => {
                let (start, len) = self.ranges[(row - MANY) as usize];
                frames.extend_from_slice(&self.frames[start as usize..start as usize + len as usize]);
            }
        }
        true
    }

    /// The row that stands for `frames`, innermost function first.
    fn push(&mut self, frames: &[FrameId]) -> u32 {
        if let &[frame] = frames {
            return frame.0;
        }
        self.ranges.push((self.frames.len() as u32, frames.len() as u32));
        self.frames.extend_from_slice(frames);
        self.ranges.len() as u32 - 1 + MANY
    }
}

/// Reads the tables into `symbols`.
pub(super) fn read(
    kept: &Kept<'_>,
    parts: &Parts,
    strings: &mut Strings<'_>,
    symbols: &mut Symbols,
    warnings: &mut Warnings,
) -> Read<Locations> {
    let mut reader = Reader { kept, strings, symbols, warnings, lines: Vec::new() };
    let mappings = reader.mappings(&parts.mappings)?;
    let functions = reader.functions(&parts.functions)?;
    reader.locations(&parts.locations, &mappings, &functions)
}

struct Reader<'r, 'k> {
    kept: &'r Kept<'r>,
    strings: &'r mut Strings<'k>,
    symbols: &'r mut Symbols,
    warnings: &'r mut Warnings,
    /// Lines of one location, kept for its memory.
    lines: Vec<Line>,
}

#[derive(Clone, Copy, Default)]
struct Line {
    function: u64,
    line: i64,
    column: i64,
    offset: u64,
}

#[derive(Default)]
struct Location {
    id: u64,
    mapping: u64,
    address: u64,
    is_folded: bool,
}

impl<'r> Reader<'r, '_> {
    fn message(&self, span: Span) -> Message<'r> {
        self.kept.message(span)
    }

    fn intern(&mut self, at: StringIndex) -> Read<StringId> {
        self.strings.intern(at, &mut self.symbols.strings, self.warnings)
    }

    /// Maps an id to a row; a second row of the same id is left out.
    fn register(&mut self, ids: &mut IdMap, kind: &str, id: u64, row: u32, span: Span) -> Read<()> {
        if id == 0 {
            return Err(malformed(self.kept.offset(span), format_args!("a {kind} has the id 0")));
        }
        if !ids.insert(id, row) {
            self.warnings.add("duplicate-id", Some(self.kept.offset(span)), || {
                format!("{kind} {id} is there more than once; the first counts")
            });
        }
        Ok(())
    }

    fn mappings(&mut self, spans: &[Span]) -> Read<IdMap> {
        let mut ids = IdMap::new(spans.len());
        for &span in spans {
            let (mut id, mut mapping) = (0, Mapping::default());
            let mut message = self.message(span);
            while let Some(field) = message.next()? {
                match field.number {
                    1 => id = field.varint("Mapping.id")?,
                    2 => mapping.start = field.varint("Mapping.memory_start")?,
                    3 => mapping.limit = field.varint("Mapping.memory_limit")?,
                    4 => mapping.offset = field.varint("Mapping.file_offset")?,
                    5 => mapping.file = self.intern(string_index(&field, "Mapping.filename")?)?,
                    6 => mapping.build_id = self.intern(string_index(&field, "Mapping.build_id")?)?,
                    _ => {}
                }
            }
            let row = self.symbols.mappings.push(mapping);
            self.register(&mut ids, "mapping", id, row.0, span)?;
        }
        Ok(ids)
    }

    fn functions(&mut self, spans: &[Span]) -> Read<IdMap> {
        let mut ids = IdMap::new(spans.len());
        for &span in spans {
            let (mut id, mut function) = (0, Function::default());
            let mut message = self.message(span);
            while let Some(field) = message.next()? {
                match field.number {
                    1 => id = field.varint("Function.id")?,
                    2 => function.name = self.intern(string_index(&field, "Function.name")?)?,
                    3 => function.system_name = self.intern(string_index(&field, "Function.system_name")?)?,
                    4 => function.file = self.intern(string_index(&field, "Function.filename")?)?,
                    5 => function.start_line = self.line(field.signed("Function.start_line")?, field.offset),
                    _ => {}
                }
            }
            let row = self.symbols.functions.intern(function);
            self.register(&mut ids, "function", id, row.0, span)?;
        }
        Ok(ids)
    }

    /// A line or column number; 0, which means unknown, for one that no file has.
    fn line(&mut self, line: i64, offset: u64) -> u32 {
        u32::try_from(line).unwrap_or_else(|_out_of_range| {
            self.warnings.add("line-out-of-range", Some(offset), || {
                format!("line or column {line} is out of range and left out")
            });
            0
        })
    }

    fn locations(&mut self, spans: &[Span], mappings: &IdMap, functions: &IdMap) -> Read<Locations> {
        let mut read = Locations::new(spans.len());
        let mut frames = Vec::new();
        let mut folded = 0;
        for &span in spans {
            let location = self.location(span)?;
            folded += u64::from(location.is_folded);
            let mapping = self.mapping(mappings, &location, span);
            frames.clear();
            self.push_frames(&mut frames, &location, mapping, functions)?;
            let row = read.push(&frames);
            self.register(&mut read.ids, "location", location.id, row, span)?;
        }
        self.warnings.add_many("folded-locations", folded, None, || {
            "some locations are folded: several functions share their address, one of them is named".to_owned()
        });
        Ok(read)
    }

    /// Reads a location; its lines go to `self.lines`, innermost first.
    fn location(&mut self, span: Span) -> Read<Location> {
        let mut location = Location::default();
        self.lines.clear();
        let mut message = self.message(span);
        while let Some(field) = message.next()? {
            match field.number {
                1 => location.id = field.varint("Location.id")?,
                2 => location.mapping = field.varint("Location.mapping_id")?,
                3 => location.address = field.varint("Location.address")?,
                4 => self.lines.push(read_line(&field)?),
                5 => location.is_folded = field.varint("Location.is_folded")? != 0,
                _ => {}
            }
        }
        Ok(location)
    }

    fn mapping(&mut self, mappings: &IdMap, location: &Location, span: Span) -> MappingId {
        let id = location.mapping;
        match mappings.get(id) {
            Some(row) => MappingId(row),
            None if id == 0 => MappingId::NONE,
            None => {
                self.warnings.add("unknown-mapping", Some(self.kept.offset(span)), || {
                    format!("location {} names mapping {id}, which does not exist", location.id)
                });
                MappingId::NONE
            }
        }
    }

    /// Adds the frames of the location whose lines were read last, innermost function first.
    fn push_frames(
        &mut self,
        frames: &mut Vec<FrameId>,
        location: &Location,
        mapping: MappingId,
        functions: &IdMap,
    ) -> Read<()> {
        let lines = std::mem::take(&mut self.lines);
        if lines.is_empty() {
            let function = self.address(location.address)?;
            frames.push(self.symbols.frames.intern(Frame { function, mapping, ..Frame::default() }));
        }
        for (at, line) in lines.iter().enumerate() {
            let function = match functions.get(line.function) {
                Some(row) => FunctionId(row),
                None if line.function == 0 => self.address(location.address)?,
                None => {
                    let message =
                        format!("location {} names function {}, which does not exist", location.id, line.function);
                    return Err(bad_reference(line.offset, message));
                }
            };
            let frame = Frame {
                function,
                line: self.line(line.line, line.offset),
                column: self.line(line.column, line.offset),
                mapping,
                inlined: at + 1 < lines.len(),
            };
            frames.push(self.symbols.frames.intern(frame));
        }
        self.lines = lines;
        Ok(())
    }

    /// The function that stands for an address without a name.
    fn address(&mut self, address: u64) -> Read<FunctionId> {
        let name = match address {
            0 => StringId::EMPTY,
            _ => intern_bounded(&mut self.symbols.strings, &format!("{address:#x}"))?,
        };
        Ok(self.symbols.functions.intern(Function { name, ..Function::default() }))
    }
}

fn read_line(field: &Field<'_>) -> Read<Line> {
    let mut line = Line { offset: field.offset, ..Line::default() };
    let mut message = field.message("Location.line")?;
    while let Some(field) = message.next()? {
        match field.number {
            1 => line.function = field.varint("Line.function_id")?,
            2 => line.line = field.signed("Line.line")?,
            3 => line.column = field.signed("Line.column")?,
            _ => {}
        }
    }
    Ok(line)
}
