//! V8's call frames, `Runtime.CallFrame` of the DevTools protocol:
//! <https://chromedevtools.github.io/devtools-protocol/tot/Runtime/#type-CallFrame>.

use emberglass_profile::{Frame, FrameId, Function, InputError, Symbols};

use crate::json::Reader;

/// A function as a profile's node names it. Lines and columns count from 1 here, 0 is unknown.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallFrame {
    name: String,
    url: String,
    line: u32,
    column: u32,
}

impl CallFrame {
    /// Forgets what was read, keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.name.clear();
        self.url.clear();
        (self.line, self.column) = (0, 0);
    }

    /// Reads the object that comes next: the lines of `callFrame` objects count from 0.
    pub(crate) fn read(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        reader.begin_object()?;
        while let Some(key) = reader.next_key()? {
            match Field::of(key) {
                Some(field) => self.read_field(field, 1, reader)?,
                None => reader.skip()?,
            }
        }
        Ok(())
    }

    /// Reads one field; `first_line` is added to lines and columns.
    pub(crate) fn read_field(
        &mut self,
        field: Field,
        first_line: i64,
        reader: &mut Reader<'_, '_, '_>,
    ) -> Result<(), InputError> {
        let place = |number: Option<i64>| {
            number.and_then(|at| at.checked_add(first_line)).and_then(|at| u32::try_from(at).ok()).unwrap_or(0)
        };
        match field {
            Field::Name => {
                self.name.clear();
                self.name.push_str(reader.string_or_skip()?.unwrap_or_default());
            }
            Field::Url => {
                self.url.clear();
                self.url.push_str(reader.string_or_skip()?.unwrap_or_default());
            }
            Field::Line => self.line = place(reader.integer_or_skip()?),
            Field::Column => self.column = place(reader.integer_or_skip()?),
        }
        Ok(())
    }

    /// The frame in `symbols`; `None` for the root of V8's trees, which is no function.
    pub(crate) fn intern(&self, symbols: &mut Symbols) -> Option<FrameId> {
        if self.name == "(root)" && self.url.is_empty() {
            return None;
        }
        let name = if self.name.is_empty() { "(anonymous)" } else { &self.name };
        let name = symbols.strings.intern(name);
        let file = symbols.strings.intern(&self.url);
        let function = symbols.functions.intern(Function { name, file, start_line: self.line, ..Function::default() });
        Some(symbols.frames.intern(Frame { function, line: self.line, column: self.column, ..Frame::default() }))
    }
}

/// A field of a call frame.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Field {
    Name,
    Url,
    Line,
    Column,
}

impl Field {
    /// The field of a key, if it is one.
    pub(crate) fn of(key: &str) -> Option<Self> {
        match key {
            "functionName" => Some(Self::Name),
            "url" => Some(Self::Url),
            "lineNumber" => Some(Self::Line),
            "columnNumber" => Some(Self::Column),
            _ => None,
        }
    }
}
