//! All that names a frame.

use crate::{
    Frame, FrameId, FrameTable, Function, FunctionId, FunctionTable, Mapping, MappingId, MappingTable, StringId,
    StringTable,
};

/// Strings, functions, mappings and frames of one batch, block or result.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    /// Strings.
    pub strings: StringTable,
    /// Functions.
    pub functions: FunctionTable,
    /// Mappings.
    pub mappings: MappingTable,
    /// Frames.
    pub frames: FrameTable,
}

/// Rows that [`Symbols::absorb`] gave to what it added.
#[derive(Clone, Debug, Default)]
pub struct Absorbed {
    /// By row of the other's functions.
    pub functions: Vec<FunctionId>,
    /// By row of the other's frames.
    pub frames: Vec<FrameId>,
}

impl Symbols {
    /// Text of a string.
    #[must_use]
    pub fn text(&self, id: StringId) -> &str {
        self.strings.get(id)
    }

    /// Name of a function as it is shown: `(unknown)` for an empty one.
    #[must_use]
    pub fn function_name(&self, id: FunctionId) -> &str {
        let name = self.functions.get(id).map_or("", |function| self.strings.get(function.name));
        if name.is_empty() { "(unknown)" } else { name }
    }

    /// Adds every symbol of `other`; returns the row here of each of its functions and frames.
    ///
    /// Functions, mappings and strings that are equal here and there share a row.
    pub fn absorb(&mut self, other: &Self) -> Absorbed {
        let Self { strings, functions, mappings, frames } = other;
        let strings: Vec<StringId> = strings.iter().map(|text| self.strings.intern(text)).collect();
        let string = |id: StringId| strings.get(id.index()).copied().unwrap_or_default();
        let functions: Vec<FunctionId> = functions
            .iter()
            .map(|Function { name, system_name, file, start_line }| {
                self.functions.intern(Function {
                    name: string(name),
                    system_name: string(system_name),
                    file: string(file),
                    start_line,
                })
            })
            .collect();
        let mappings: Vec<MappingId> = mappings
            .iter()
            .map(|Mapping { start, limit, offset, file, build_id }| {
                self.mappings.intern(Mapping { start, limit, offset, file: string(file), build_id: string(build_id) })
            })
            .collect();
        let frames = frames
            .iter()
            .map(|frame| {
                self.frames.intern(Frame {
                    function: functions.get(frame.function.index()).copied().unwrap_or_default(),
                    mapping: mappings.get(frame.mapping.index()).copied().unwrap_or_default(),
                    ..frame
                })
            })
            .collect();
        Absorbed { functions, frames }
    }
}
