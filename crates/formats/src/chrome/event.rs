//! One trace event, read into memory that is used again for the next.

use emberglass_columns::PackedInts;
use emberglass_profile::{FrameId, InputError, Symbols};

use crate::decimal::Decimal;
use crate::json::{Kind, Reader, divide_half_away};
use crate::v8::call_frame::CallFrame;
use crate::values::Decimals;

/// A node of a CPU profile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) id: i64,
    pub(super) parent: Option<i64>,
    pub(super) frame: Option<FrameId>,
}

/// An event; what it does not say is empty.
#[derive(Default)]
pub(super) struct Event {
    pub(super) phase: u8,
    pub(super) name: String,
    pub(super) process: String,
    pub(super) thread: String,
    pub(super) id: String,
    /// Nanoseconds.
    pub(super) time: Option<i64>,
    pub(super) duration: Option<i64>,
    pub(super) args: Args,
    frame: CallFrame,
}

/// What is read of an event's arguments.
#[derive(Default)]
pub(super) struct Args {
    /// `args.name`, of metadata.
    pub(super) name: String,
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) nodes: Vec<Node>,
    /// Parents and children that the nodes list.
    pub(super) links: Vec<(i64, i64)>,
    pub(super) samples: Vec<i64>,
    /// Nanoseconds.
    pub(super) deltas: PackedInts,
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
}

impl Args {
    fn clear(&mut self) {
        self.name.clear();
        self.file.clear();
        self.line = 0;
        self.nodes.clear();
        self.links.clear();
        self.samples.clear();
        self.deltas = PackedInts::default();
        (self.start, self.end) = (None, None);
    }
}

fn nanoseconds(value: Option<Decimal>) -> Option<i64> {
    let value = value?;
    i64::try_from(divide_half_away(i128::from(value.digits), 10i128.pow(u32::from(value.scale)))).ok()
}

fn set(text: &mut String, value: Option<&str>) {
    text.clear();
    text.push_str(value.unwrap_or_default());
}

impl Event {
    /// Reads the object that comes next.
    pub(super) fn read(&mut self, reader: &mut Reader<'_, '_, '_>, symbols: &mut Symbols) -> Result<(), InputError> {
        self.phase = 0;
        self.name.clear();
        self.process.clear();
        self.thread.clear();
        self.id.clear();
        (self.time, self.duration) = (None, None);
        self.args.clear();
        reader.begin_object()?;
        while let Some(key) = reader.next_key()? {
            match key {
                "ph" => self.phase = reader.string_or_skip()?.and_then(|text| text.bytes().next()).unwrap_or(0),
                "name" => set(&mut self.name, reader.text_or_skip()?),
                "pid" => set(&mut self.process, reader.text_or_skip()?),
                "tid" => set(&mut self.thread, reader.text_or_skip()?),
                "id" => set(&mut self.id, reader.text_or_skip()?),
                "ts" => self.time = nanoseconds(reader.decimal_or_skip(3)?),
                "dur" => self.duration = nanoseconds(reader.decimal_or_skip(3)?),
                "args" => self.read_args(reader, symbols)?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn read_args(&mut self, reader: &mut Reader<'_, '_, '_>, symbols: &mut Symbols) -> Result<(), InputError> {
        if !reader.enters_object()? {
            return Ok(());
        }
        while let Some(key) = reader.next_key()? {
            match key {
                "name" => set(&mut self.args.name, reader.text_or_skip()?),
                "filename" => set(&mut self.args.file, reader.string_or_skip()?),
                "line" => {
                    let line = reader.integer_if_whole()?;
                    self.args.line = line.and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
                }
                "data" => self.read_data(reader, symbols)?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn read_data(&mut self, reader: &mut Reader<'_, '_, '_>, symbols: &mut Symbols) -> Result<(), InputError> {
        if !reader.enters_object()? {
            return Ok(());
        }
        while let Some(key) = reader.next_key()? {
            match key {
                "cpuProfile" => self.read_profile(reader, symbols)?,
                other => match Time::of(other) {
                    Some(time) => self.read_time(time, reader)?,
                    None => reader.skip()?,
                },
            }
        }
        Ok(())
    }

    fn read_profile(&mut self, reader: &mut Reader<'_, '_, '_>, symbols: &mut Symbols) -> Result<(), InputError> {
        if !reader.enters_object()? {
            return Ok(());
        }
        while let Some(key) = reader.next_key()? {
            match key {
                "nodes" => self.read_nodes(reader, symbols)?,
                "samples" => {
                    if reader.enters_array()? {
                        reader.integers_inside(|id| self.args.samples.push(id.unwrap_or_default()))?;
                    }
                }
                other => match Time::of(other) {
                    Some(time) => self.read_time(time, reader)?,
                    None => reader.skip()?,
                },
            }
        }
        Ok(())
    }

    fn read_time(&mut self, time: Time, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        match time {
            Time::Start => self.args.start = nanoseconds(reader.decimal_if_fits(3)?),
            Time::End => self.args.end = nanoseconds(reader.decimal_if_fits(3)?),
            Time::Deltas if reader.peek()? == Kind::Array => {
                let mut column = Decimals::default();
                reader.decimals(3, |value| column.push(value.unwrap_or_default()))?;
                self.args.deltas = column.into_whole();
            }
            Time::Deltas => reader.skip()?,
        }
        Ok(())
    }

    fn read_nodes(&mut self, reader: &mut Reader<'_, '_, '_>, symbols: &mut Symbols) -> Result<(), InputError> {
        if !reader.enters_array()? {
            return Ok(());
        }
        while reader.next_element()? {
            let (mut id, mut parent) = (None, None);
            let first_link = self.args.links.len();
            self.frame.clear();
            reader.begin_object()?;
            while let Some(key) = reader.next_key()? {
                match key {
                    "id" => id = reader.integer_or_skip()?,
                    "parent" => parent = reader.integer_or_skip()?,
                    "callFrame" => self.frame.read(reader)?,
                    "children" => {
                        if reader.enters_array()? {
                            reader.integers_inside(|child| self.args.links.push((0, child.unwrap_or_default())))?;
                        }
                    }
                    _ => reader.skip()?,
                }
            }
            let Some(id) = id else { return Err(reader.malformed("a node of a CPU profile has no id")) };
            for link in self.args.links.iter_mut().skip(first_link) {
                link.0 = id;
            }
            self.args.nodes.push(Node { id, parent, frame: self.frame.intern(symbols) });
        }
        Ok(())
    }
}

/// Keys that name times of a CPU profile; they stand beside it or in it.
#[derive(Clone, Copy)]
enum Time {
    Start,
    End,
    Deltas,
}

impl Time {
    fn of(key: &str) -> Option<Self> {
        match key {
            "startTime" => Some(Self::Start),
            "endTime" => Some(Self::End),
            "timeDeltas" => Some(Self::Deltas),
            _ => None,
        }
    }
}
