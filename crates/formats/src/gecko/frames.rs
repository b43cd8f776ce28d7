//! From a thread's tables to frames.

use emberglass_profile::{
    ErrorCode, Frame, FrameId, Function, FunctionId, InputError, Mapping, MappingId, StringId, Symbols,
};

use super::process::Lib;
use super::table::{NONE, Table};
use super::thread::{Tables, frame, func};

/// The binaries of a process as mappings.
pub(super) struct Binaries {
    by_row: Vec<MappingId>,
    /// First address, one past the last, mapping; by address.
    by_address: Vec<(u64, u64, MappingId)>,
}

impl Binaries {
    pub(super) fn new(libs: &[Lib], symbols: &mut Symbols) -> Self {
        let mut by_row = Vec::with_capacity(libs.len());
        let mut by_address = Vec::new();
        for lib in libs {
            let path = if lib.path.is_empty() { &lib.name } else { &lib.path };
            let build_id = if lib.code_id.is_empty() { &lib.breakpad_id } else { &lib.code_id };
            let file = symbols.strings.intern(path);
            let build_id = symbols.strings.intern(build_id);
            let (start, limit, offset) = (lib.start, lib.end, lib.offset);
            let mapping = symbols.mappings.intern(Mapping { start, limit, offset, file, build_id });
            by_row.push(mapping);
            if start < limit {
                by_address.push((start, limit, mapping));
            }
        }
        by_address.sort_unstable();
        Self { by_row, by_address }
    }

    fn at(&self, address: u64) -> MappingId {
        let after = self.by_address.partition_point(|&(start, ..)| start <= address);
        let before = after.checked_sub(1).and_then(|at| self.by_address.get(at));
        before.filter(|&&(_, limit, _)| address < limit).map_or(MappingId::NONE, |&(.., mapping)| mapping)
    }
}

/// A thread's own tables before the shared ones.
pub(super) struct View<'t> {
    pub(super) own: &'t Tables,
    pub(super) shared: &'t Tables,
}

impl<'t> View<'t> {
    fn pick<T>(&self, of: impl Fn(&'t Tables) -> Option<&'t T>) -> Option<&'t T> {
        of(self.own).or_else(|| of(self.shared))
    }

    pub(super) fn stacks(&self) -> Option<&'t Table<4>> {
        self.pick(|tables| tables.stacks.as_ref())
    }

    pub(super) fn frames(&self) -> Option<&'t Table<8>> {
        self.pick(|tables| tables.frames.as_ref())
    }

    fn text(&self, row: u32) -> Result<&'t str, InputError> {
        let strings = self.pick(|tables| tables.strings.as_ref());
        let text = strings.and_then(|strings| strings.get(row as usize));
        text.map(String::as_str).ok_or_else(|| bad("string", row))
    }
}

/// A reference to a row that does not exist.
#[cold]
pub(super) fn bad(table: &str, row: u32) -> InputError {
    let message = format!("a thread names {table} {row}, which does not exist");
    InputError::new(ErrorCode::BadReference, message)
}

fn place(cell: u32) -> u32 {
    if cell == NONE { 0 } else { cell }
}

/// Frame of each row of the frame table; `None` for the root.
pub(super) fn resolve(
    view: &View<'_>,
    binaries: &Binaries,
    symbols: &mut Symbols,
) -> Result<Vec<Option<FrameId>>, InputError> {
    let Some(table) = view.frames() else { return Ok(Vec::new()) };
    let funcs = view.pick(|tables| tables.funcs.as_ref());
    let functions = match funcs {
        Some(funcs) => resolve_functions(view, funcs, binaries, symbols)?,
        None => Vec::new(),
    };
    let mut frames = Vec::with_capacity(table.len());
    for row in 0..table.len() {
        let line = table.get(frame::LINE, row);
        let column = table.get(frame::COLUMN, row);
        let (function, start, mapping) = match (table.get(frame::FUNC, row), table.get(frame::LOCATION, row)) {
            (NONE, NONE) => return Err(bad("function of frame", row as u32)),
            (NONE, location) => match locate(view.text(location)?, binaries, symbols) {
                Some(found) => found,
                None => {
                    frames.push(None);
                    continue;
                }
            },
            (func, _) => match functions.get(func as usize) {
                Some(&Some(found)) => found,
                Some(None) => {
                    frames.push(None);
                    continue;
                }
                None => return Err(bad("function", func)),
            },
        };
        let mapping = match table.get(frame::LIB, row) {
            NONE => mapping,
            lib => binaries.by_row.get(lib as usize).copied().ok_or_else(|| bad("library", lib))?,
        };
        let (line, column) = if line == NONE { start } else { (line, place(column)) };
        let depth = table.get(frame::INLINE_DEPTH, row);
        let inlined = depth != NONE && depth > 0;
        frames.push(Some(symbols.frames.intern(Frame { function, line, column, mapping, inlined })));
    }
    Ok(frames)
}

/// A function, the line and column where it starts, and its binary.
type Found = (FunctionId, (u32, u32), MappingId);

fn resolve_functions(
    view: &View<'_>,
    funcs: &Table<7>,
    binaries: &Binaries,
    symbols: &mut Symbols,
) -> Result<Vec<Option<Found>>, InputError> {
    let resources = view.pick(|tables| tables.resources.as_ref());
    let sources = view.pick(|tables| tables.sources.as_ref());
    let mut found = Vec::with_capacity(funcs.len());
    for row in 0..funcs.len() {
        let name = match funcs.get(func::NAME, row) {
            NONE => "",
            name => view.text(name)?,
        };
        if name == "(root)" {
            found.push(None);
            continue;
        }
        let source = match funcs.get(func::SOURCE, row) {
            NONE => NONE,
            source => sources.map_or(NONE, |sources| sources.get(0, source as usize)),
        };
        let file = match (funcs.get(func::FILE, row), source) {
            (NONE, NONE) => StringId::EMPTY,
            (NONE, file) | (file, _) => symbols.strings.intern(view.text(file)?),
        };
        let (line, column) = (place(funcs.get(func::LINE, row)), place(funcs.get(func::COLUMN, row)));
        let name = symbols.strings.intern(name);
        let function = symbols.functions.intern(Function { name, file, start_line: line, ..Function::default() });
        let lib = match funcs.get(func::RESOURCE, row) {
            NONE => NONE,
            resource => resources.map_or(NONE, |resources| resources.get(0, resource as usize)),
        };
        let mapping = binaries.by_row.get(lib as usize).copied().unwrap_or(MappingId::NONE);
        found.push(Some((function, (line, column), mapping)));
    }
    Ok(found)
}

/// What a location of Gecko's form names; `None` for the root.
fn locate(location: &str, binaries: &Binaries, symbols: &mut Symbols) -> Option<Found> {
    if location == "(root)" {
        return None;
    }
    let address = location.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
    if let Some(address) = address {
        let name = symbols.strings.intern(location);
        let function = symbols.functions.intern(Function { name, ..Function::default() });
        return Some((function, (0, 0), binaries.at(address)));
    }
    let (name, file, line, column) = split(location);
    let name = symbols.strings.intern(name);
    let file = symbols.strings.intern(file);
    let function = symbols.functions.intern(Function { name, file, start_line: line, ..Function::default() });
    Some((function, (line, column), MappingId::NONE))
}

/// Name, file, line and column of `name (file:line:column)`, where column and line may be missing; all of it is
/// the name for anything else.
fn split(location: &str) -> (&str, &str, u32, u32) {
    let parts = location.strip_suffix(')').and_then(|inner| inner.rsplit_once(" ("));
    let Some((name, place)) = parts.filter(|(_, place)| !place.is_empty()) else { return (location, "", 0, 0) };
    let Some((rest, last)) = split_number(place) else { return (name, place, 0, 0) };
    match split_number(rest) {
        Some((file, line)) => (name, file, line, last),
        None => (name, rest, last, 0),
    }
}

/// What stands before and behind the last `:`, if that is a number.
fn split_number(place: &str) -> Option<(&str, u32)> {
    let (rest, digits) = place.rsplit_once(':')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    Some((rest, digits.parse().ok().filter(|_| is_number)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_from_their_places() {
        for (location, parts) in [
            ("f (a.js:12:3)", ("f", "a.js", 12, 3)),
            ("f (chrome://x/a.js:12)", ("f", "chrome://x/a.js", 12, 0)),
            ("get a/< (https://x:80/a.js:1:2)", ("get a/<", "https://x:80/a.js", 1, 2)),
            ("ns::f(int)", ("ns::f(int)", "", 0, 0)),
            ("f (native)", ("f", "native", 0, 0)),
            ("f ()", ("f ()", "", 0, 0)),
            ("f (a:b)", ("f", "a:b", 0, 0)),
            ("f (a.js:99999999999:1)", ("f", "a.js:99999999999", 1, 0)),
            ("XRE_Main", ("XRE_Main", "", 0, 0)),
        ] {
            assert_eq!(split(location), parts);
        }
    }
}
