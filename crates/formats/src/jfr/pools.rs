//! The constant pools of a chunk: what events refer to by number.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use emberglass_profile::InputError;
use foldhash::fast::FixedState;

use super::bytes::Text;
use super::chunk::{Body, Header};
use super::metadata::{Class, Metadata};
use super::program::{Program, Value};

type Map<V> = HashMap<i64, V, FixedState>;

/// A text of a pool, or where it is.
#[derive(Clone, Debug, Default)]
pub(super) enum Pooled {
    #[default]
    None,
    Here(String),
    There(i64),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Thread {
    os_name: Pooled,
    os_id: i64,
    java_name: Pooled,
    java_id: i64,
}

/// One frame of a stack trace, by numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RawFrame {
    pub(super) method: i64,
    pub(super) line: i64,
    pub(super) kind: i64,
}

/// What events need of the pools.
#[derive(Debug, Default)]
pub(super) struct Pools {
    strings: Map<Pooled>,
    symbols: Map<Pooled>,
    /// Symbol of each class's name.
    classes: Map<i64>,
    /// Class and symbol of the name of each method.
    methods: Map<(i64, i64)>,
    threads: Map<Thread>,
    states: Map<Pooled>,
    frame_types: Map<Pooled>,
    /// Frames of each stack trace, leaf first: a range of `frames`.
    traces: Map<(u32, u32)>,
    frames: Vec<RawFrame>,
}

#[derive(Clone, Copy)]
enum Kind {
    String,
    Symbol,
    Class,
    Method,
    Thread,
    State,
    FrameType,
    Trace,
    Other,
}

const NOTHING: &[&str] = &[];

impl Kind {
    fn of(name: &str) -> (Self, &'static [&'static str]) {
        match name {
            "java.lang.String" => (Self::String, &[""]),
            "jdk.types.Symbol" => (Self::Symbol, &["string"]),
            "java.lang.Class" => (Self::Class, &["name"]),
            "jdk.types.Method" => (Self::Method, &["type", "name"]),
            "java.lang.Thread" => (Self::Thread, &["osName", "osThreadId", "javaName", "javaThreadId"]),
            "jdk.types.ThreadState" => (Self::State, &["name"]),
            "jdk.types.FrameType" => (Self::FrameType, &["description"]),
            "jdk.types.StackTrace" => (Self::Trace, &["frames.method", "frames.lineNumber", "frames.type"]),
            _ => (Self::Other, NOTHING),
        }
    }
}

fn pooled(value: Value<'_>) -> Pooled {
    match value {
        Value::Number(key) | Value::Text(Text::Pool(key)) => Pooled::There(key),
        Value::Text(text) => text.decode().map_or(Pooled::None, Pooled::Here),
        Value::Other => Pooled::None,
    }
}

fn number(value: Value<'_>) -> i64 {
    match value {
        Value::Number(number) => number,
        _ => 0,
    }
}

impl Pools {
    pub(super) fn read(chunk: &Header, body: &dyn Body, metadata: &Metadata) -> Result<Self, InputError> {
        let mut pools = Self::default();
        let mut programs: Map<(Kind, Program)> = Map::default();
        let mut seen = HashSet::<u64, FixedState>::default();
        let mut at = chunk.pools_at;
        // Checkpoints that overlap would have the same bytes read again and again.
        let mut budget = chunk.size;
        while seen.insert(at) {
            let mut reader = chunk.event(body, at)?;
            let _size = reader.number(4)?;
            let kind = reader.long()?;
            if kind != 1 {
                return Err(reader.malformed("constants of the chunk are another event"));
            }
            let (_start, _duration) = (reader.long()?, reader.long()?);
            let delta = reader.long()?;
            let _flags = reader.byte()?;
            for _ in 0..reader.count()? {
                let class = reader.long()?;
                let (kind, program) = match programs.entry(class) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(slot) => {
                        let Some(Class { name, .. }) = metadata.classes.get(&class) else {
                            return Err(reader.malformed(format!("constants of the unknown type {class}")));
                        };
                        let (kind, wanted) = Kind::of(name);
                        slot.insert((kind, Program::new(metadata, class, wanted)?))
                    }
                };
                for _ in 0..reader.count()? {
                    let key = reader.long()?;
                    pools.read_value(*kind, key, program, &mut reader)?;
                }
            }
            budget = budget
                .checked_sub(reader.position() as u64)
                .ok_or_else(|| reader.malformed("the constants of the chunk lie across each other"))?;
            let next = at.checked_add_signed(delta);
            match next {
                Some(next) if delta != 0 => at = next,
                _ => break,
            }
        }
        Ok(pools)
    }

    fn read_value(
        &mut self,
        kind: Kind,
        key: i64,
        program: &Program,
        reader: &mut super::bytes::Bytes<'_>,
    ) -> Result<(), InputError> {
        let first = self.frames.len() as u32;
        let mut text = Pooled::None;
        let mut pair = (0, 0);
        let mut thread = Thread::default();
        let frames = &mut self.frames;
        program.read(reader, |slot, value| match (kind, slot) {
            (Kind::String | Kind::Symbol | Kind::State | Kind::FrameType, _) => text = pooled(value),
            (Kind::Class | Kind::Method, 0) => pair.0 = number(value),
            (Kind::Method, _) => pair.1 = number(value),
            (Kind::Thread, 0) => thread.os_name = pooled(value),
            (Kind::Thread, 1) => thread.os_id = number(value),
            (Kind::Thread, 2) => thread.java_name = pooled(value),
            (Kind::Thread, _) => thread.java_id = number(value),
            (Kind::Trace, 0) => frames.push(RawFrame { method: number(value), ..RawFrame::default() }),
            (Kind::Trace, slot) => {
                if let Some(frame) = frames.get_mut(first as usize..).and_then(<[_]>::last_mut) {
                    *(if slot == 1 { &mut frame.line } else { &mut frame.kind }) = number(value);
                }
            }
            _ => {}
        })?;
        match kind {
            Kind::String => drop(self.strings.insert(key, text)),
            Kind::Symbol => drop(self.symbols.insert(key, text)),
            Kind::State => drop(self.states.insert(key, text)),
            Kind::FrameType => drop(self.frame_types.insert(key, text)),
            Kind::Class => drop(self.classes.insert(key, pair.0)),
            Kind::Method => drop(self.methods.insert(key, pair)),
            Kind::Thread => drop(self.threads.insert(key, thread)),
            Kind::Trace => drop(self.traces.insert(key, (first, self.frames.len() as u32))),
            Kind::Other => {}
        }
        Ok(())
    }

    fn text<'p>(&'p self, pooled: &'p Pooled) -> &'p str {
        let found = match pooled {
            Pooled::There(key) => self.strings.get(key).unwrap_or(&Pooled::None),
            other => other,
        };
        if let Pooled::Here(text) = found { text } else { "" }
    }

    fn symbol(&self, key: i64) -> &str {
        // Some writers name classes and methods by plain strings.
        self.symbols.get(&key).or_else(|| self.strings.get(&key)).map_or("", |symbol| self.text(symbol))
    }

    /// Name of a class with points.
    pub(super) fn class_name(&self, key: i64) -> String {
        self.classes.get(&key).map_or(String::new(), |&name| self.symbol(name).replace('/', "."))
    }

    /// `package.Class.method`.
    pub(super) fn method_name(&self, key: i64) -> String {
        let Some(&(class, name)) = self.methods.get(&key) else { return String::new() };
        let class = self.class_name(class);
        let name = self.symbol(name);
        if class.is_empty() { name.to_owned() } else { format!("{class}.{name}") }
    }

    /// Name and id of a thread: Java's, else the system's.
    pub(super) fn thread(&self, key: i64) -> (&str, i64) {
        let Some(thread) = self.threads.get(&key) else { return ("", 0) };
        let java_name = self.text(&thread.java_name);
        let name = if java_name.is_empty() { self.text(&thread.os_name) } else { java_name };
        (name, if thread.java_id > 0 { thread.java_id } else { thread.os_id })
    }

    pub(super) fn state(&self, key: i64) -> &str {
        self.states.get(&key).map_or("", |state| self.text(state))
    }

    pub(super) fn is_inlined(&self, kind: i64) -> bool {
        self.frame_types.get(&kind).is_some_and(|kind| self.text(kind) == "Inlined")
    }

    /// A text of an event.
    pub(super) fn event_text(&self, value: Value<'_>) -> String {
        self.text(&pooled(value)).to_owned()
    }

    /// Frames of a stack trace, leaf first.
    pub(super) fn trace(&self, key: i64) -> &[RawFrame] {
        let (from, to) = self.traces.get(&key).copied().unwrap_or_default();
        self.frames.get(from as usize..to as usize).unwrap_or_default()
    }
}
