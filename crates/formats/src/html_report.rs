//! Emberglass's own report: a page with an interactive flame graph that holds its data.
//!
//! Format: HTML with one `<script type="application/json" id="emberglass-profile">`, whose text is described where it is
//! written (`crates/views/src/report/page.rs`); that text alone is read, too. Version 1.
//!
//! Semantics: one profile of the type that the report names, its values exactly as they are shown there; a record is
//! a node with a value of its own, unless the report says how many samples there were. Nothing is left out but colours
//! and packages, which follow from names and files.

use emberglass_profile::{
    AttributeSetId, Batch, ErrorCode, Frame, FrameId, Function, InputError, MAX_SCALE, Mapping, ProfileEntry,
    ProfileType, SampleTableBuilder, StackId, StringId, Symbols,
};
use emberglass_trie::StackBuilder;
use memchr::memmem;

use crate::json::{Kind, Reader, Shape};
use crate::raw_stacks::check_size;
use crate::window::Window;
use crate::{About, Confidence, Context, Format, Input, Meter};

/// The decoder of reports.
#[derive(Clone, Copy, Debug, Default)]
pub struct HtmlReport;

/// What a page of this format says in its first bytes.
const MARK: &[u8] = b"name=\"emberglass-report\"";
/// What the data stands behind.
const OPENING: &[u8] = b"<script type=\"application/json\" id=\"emberglass-profile\">";
/// Key of the version.
const VERSION_KEY: &str = "emberglass-report";
const VERSION: i64 = 1;

impl Format for HtmlReport {
    fn name(&self) -> &'static str {
        "html-report"
    }

    fn about() -> About {
        About {
            title: "Emberglass's own page with the interactive flame graph",
            files: &["*.html"],
            specifications: &["https://html.spec.whatwg.org/multipage/scripting.html#data-block"],
            recognised: "HTML that names itself an `emberglass-report`, or its data as JSON",
            kept: "The page's profile: functions, files, lines, binaries, stacks, type, times",
            dropped: "Colours and packages: they follow from names",
            limits: "Read in slices; no more stacks than memory has room for",
        }
    }

    fn sniff(&self, prefix: &[u8], _file_name: &str) -> Confidence {
        let text = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix).trim_ascii_start();
        let is_page = text.first() == Some(&b'<') && memmem::find(text, MARK).is_some();
        let is_data = || Shape::of(text).is_some_and(|shape| !shape.is_array && shape.has(VERSION_KEY));
        if is_page || is_data() { Confidence::Certain } else { Confidence::No }
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let Context { meter, warnings, .. } = context;
        let is_page = find_data(input, meter)?;
        let mut reader = Reader::new(input, meter)?;
        let mut report = Report::default();
        report.read(&mut reader)?;
        match is_page {
            // The rest of the page is no data.
            true => reader.report_replaced(warnings),
            false => reader.finish(warnings)?,
        }
        report.build()
    }
}

/// Goes to the data of a page; true, unless the file is the data alone.
fn find_data(input: &mut Input<'_>, meter: &mut Meter<'_>) -> Result<bool, InputError> {
    let mut window = Window::new(input, meter);
    window.skip_byte_order_mark()?;
    if window.peek_token()? == Some(b'{') {
        input.rewind();
        return Ok(false);
    }
    loop {
        let rest = window.rest();
        if let Some(at) = memmem::find(rest, OPENING) {
            window.advance(at + OPENING.len());
            let position = window.offset();
            input.seek(position);
            return Ok(true);
        }
        let searched = rest.len().saturating_sub(OPENING.len() - 1);
        window.advance(searched);
        if !window.fill()? {
            return Err(malformed("the page holds no profile: its data element is missing"));
        }
    }
}

/// The columns as they stand in the file.
#[derive(Default)]
struct Report {
    symbols: Symbols,
    strings: Vec<StringId>,
    /// Name, system name, file and binary of each function, as rows of `strings`; its line.
    functions: [Vec<u32>; 5],
    depth: Vec<u32>,
    function: Vec<u32>,
    own: Vec<i64>,
    profile_type: String,
    title: String,
    selection: String,
    scale: i64,
    samples: Option<i64>,
    from: Option<i64>,
    until: Option<i64>,
    has_version: bool,
}

/// Keys of the columns of functions, in the order of [`Report::functions`].
const COLUMNS: [&str; 5] = ["name", "system", "file", "binary", "line"];

impl Report {
    fn read(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        reader.begin_object()?;
        while let Some(key) = reader.next_key()? {
            match key {
                VERSION_KEY => self.check_version(reader)?,
                "title" => reader.string_or_skip()?.unwrap_or_default().clone_into(&mut self.title),
                "selection" => reader.string_or_skip()?.unwrap_or_default().clone_into(&mut self.selection),
                "type" => reader.string()?.clone_into(&mut self.profile_type),
                "scale" => self.scale = reader.integer()?,
                "samples" => self.samples = reader.integer_or_skip()?,
                "from" => self.from = optional(reader)?,
                "until" => self.until = optional(reader)?,
                "strings" => {
                    reader.begin_array()?;
                    while reader.next_element()? {
                        let text = self.symbols.strings.intern(reader.string()?);
                        self.strings.push(text);
                    }
                }
                "functions" => {
                    reader.begin_object()?;
                    while let Some(key) = reader.next_key()? {
                        match COLUMNS.iter().position(|column| *column == key) {
                            Some(at) => column(reader, &mut self.functions[at])?,
                            None => reader.skip()?,
                        }
                    }
                }
                "nodes" => {
                    reader.begin_object()?;
                    while let Some(key) = reader.next_key()? {
                        match key {
                            "depth" => column(reader, &mut self.depth)?,
                            "function" => column(reader, &mut self.function)?,
                            "self" => column(reader, &mut self.own)?,
                            _ => reader.skip()?,
                        }
                    }
                }
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn check_version(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        let offset = reader.offset();
        let version = reader.integer()?;
        self.has_version = true;
        if version == VERSION {
            return Ok(());
        }
        let message = format!("a report of version {version}; version {VERSION} is read");
        Err(InputError::at(ErrorCode::UnsupportedVersion, offset, message))
    }

    fn build(mut self) -> Result<Batch, InputError> {
        if !self.has_version {
            return Err(malformed("the data of the report names no version"));
        }
        let scale = u8::try_from(self.scale).ok().filter(|&scale| scale <= MAX_SCALE);
        let scale = scale.ok_or_else(|| malformed(format!("there is no scale {}", self.scale)))?;
        let profile_type: ProfileType = self
            .profile_type
            .parse()
            .map_err(|error: emberglass_profile::ProfileTypeError| malformed(error.to_string()))?;
        let frames = self.frames()?;
        let mut stacks = StackBuilder::default();
        let mut table = SampleTableBuilder::new(&[scale]);
        self.walk(&frames, &mut stacks, &mut table)?;
        let mut table = table.finish();
        if let Some(samples) = self.samples.and_then(|samples| u64::try_from(samples).ok()) {
            table.records = samples;
        }
        let duration = self.from.zip(self.until).map_or(0, |(from, until)| until.saturating_sub(from).max(0));
        let metadata = [("title", self.title), ("selection", self.selection)].into_iter();
        Ok(Batch {
            symbols: self.symbols,
            stacks: stacks.finish(),
            tables: vec![table],
            profiles: vec![ProfileEntry { profile_type, start: self.from, duration, ..ProfileEntry::default() }],
            metadata: metadata.filter(|(_, text)| !text.is_empty()).map(|(key, text)| (key.to_owned(), text)).collect(),
            ..Batch::default()
        })
    }

    /// The frame of each function.
    fn frames(&mut self) -> Result<Vec<FrameId>, InputError> {
        let Self { symbols, strings, functions: [name, system, file, binary, line], .. } = self;
        let count = name.len();
        if [&*system, file, binary, line].iter().any(|column| column.len() != count) {
            return Err(malformed("the columns of the functions differ in length"));
        }
        let text = |row: u32| {
            let id = strings.get(row as usize).copied();
            id.ok_or_else(|| InputError::new(ErrorCode::BadReference, format!("there is no text {row}")))
        };
        let mut frames = Vec::with_capacity(count);
        for at in 0..count {
            let (name, system_name, file) = (text(name[at])?, text(system[at])?, text(file[at])?);
            let function = symbols.functions.intern(Function { name, system_name, file, start_line: line[at] });
            let mapping = symbols.mappings.intern(Mapping { file: text(binary[at])?, ..Mapping::default() });
            frames.push(symbols.frames.intern(Frame { function, mapping, ..Frame::default() }));
        }
        Ok(frames)
    }

    fn walk(
        &self,
        frames: &[FrameId],
        stacks: &mut StackBuilder,
        table: &mut SampleTableBuilder,
    ) -> Result<(), InputError> {
        let Self { depth, function, own, .. } = self;
        if depth.len() != function.len() || depth.len() != own.len() {
            return Err(malformed("the columns of the nodes differ in length"));
        }
        // Stacks from the root down to the last node.
        let mut path: Vec<StackId> = Vec::new();
        for (row, ((&depth, &function), &value)) in depth.iter().zip(function).zip(own).enumerate() {
            let level = depth as usize;
            if level > path.len() || (level == 0) != (row == 0) {
                let message = format!("node {row} has the depth {depth}, which does not follow the one before it");
                return Err(malformed(message));
            }
            path.truncate(level);
            let stack = match path.last() {
                None => StackId::ROOT,
                Some(&caller) => {
                    let frame = frames.get(function as usize).ok_or_else(|| {
                        InputError::new(ErrorCode::BadReference, format!("node {row}: there is no function {function}"))
                    })?;
                    stacks.child(caller, *frame)
                }
            };
            path.push(stack);
            if value != 0 {
                table.add(stack, AttributeSetId::EMPTY, &[value])?;
            }
            check_size(stacks, None)?;
        }
        Ok(())
    }
}

#[cold]
fn malformed(message: impl Into<String>) -> InputError {
    InputError::new(ErrorCode::Malformed, message)
}

/// An integer that is a number or, beyond what other readers keep exact, a text.
fn integer(reader: &mut Reader<'_, '_, '_>) -> Result<i64, InputError> {
    if reader.peek()? != Kind::String {
        return reader.integer();
    }
    let offset = reader.offset();
    let text = reader.string()?;
    text.parse()
        .map_err(|_error| InputError::at(ErrorCode::Malformed, offset, "a text where a whole number was expected"))
}

/// As [`integer`]; `None` for `null`.
fn optional(reader: &mut Reader<'_, '_, '_>) -> Result<Option<i64>, InputError> {
    if reader.is_null()? { Ok(None) } else { integer(reader).map(Some) }
}

fn column<T: TryFrom<i64>>(reader: &mut Reader<'_, '_, '_>, values: &mut Vec<T>) -> Result<(), InputError> {
    values.clear();
    reader.begin_array()?;
    while reader.next_element()? {
        let offset = reader.offset();
        let value = integer(reader)?;
        let Ok(value) = T::try_from(value) else {
            return Err(InputError::at(
                ErrorCode::Malformed,
                offset,
                format!("{value} is beyond the range of its column"),
            ));
        };
        values.push(value);
    }
    Ok(())
}
