//! Flamebearer JSON: what Pyroscope's render interface answers and its web page saves.
//!
//! Source of the format: `pkg/og/structs/flamebearer/flamebearer.go` in <https://github.com/grafana/pyroscope>; there is
//! no specification. With `version` and without, the older form with its metadata inside of `flamebearer` too.
//!
//! Semantics:
//! - `single` is one profile, `double` two, with the label `side`: `left` and `right`;
//! - a record is a bar with a value of its own (of either side); the outermost bar is the whole, not a frame;
//! - values are as `units` says: `samples` at a rate of 1e9 are nanoseconds; the sample type is `name`, or the units where that
//!   names an application;
//! - `timeline` gives start and duration.
//!
//! Bars that Pyroscope folded into `other` are one frame of that name: what they were is not in the file.
//! Left out: the values of `timeline`, `groups`, `heatmap`.

use emberglass_profile::{
    AttributeSetId, Batch, ErrorCode, Frame, FrameId, Function, InputError, ProfileEntry, ProfileType,
    SampleTableBuilder, StackId, Symbols, base_unit,
};
use emberglass_trie::StackBuilder;

use crate::extension::named;
use crate::json::{Kind, Reader, Shape};
use crate::raw_stacks::check_size;
use crate::{Confidence, Context, Format, Input};

/// The flamebearer decoder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flamebearer;

impl Format for Flamebearer {
    fn name(&self) -> &'static str {
        "flamebearer"
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let Some(shape) = Shape::of(prefix).filter(|shape| !shape.is_array) else { return Confidence::No };
        let is_old = shape.has("names") && shape.has("levels");
        named(shape.has("flamebearer") || is_old, file_name, &[".flamebearer.json", ".flamebearer"])
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let Context { meter, warnings, .. } = context;
        let mut reader = Reader::new(input, meter)?;
        let mut file = File::default();
        reader.begin_object()?;
        file.read(&mut reader)?;
        reader.finish(warnings)?;
        file.build()
    }
}

#[derive(Default)]
struct File {
    symbols: Symbols,
    names: Vec<FrameId>,
    /// The numbers of all levels, and where each ends.
    numbers: Vec<i64>,
    ends: Vec<usize>,
    levels_at: u64,
    has_levels: bool,
    is_double: bool,
    units: String,
    name: String,
    spy: String,
    rate: String,
    start: Option<i64>,
    slots: i64,
    slot_length: i64,
}

impl File {
    /// Reads the keys of the object that was entered and of those in it that matter.
    fn read(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        while let Some(key) = reader.next_key()? {
            match key {
                "flamebearer" | "metadata" => {
                    if reader.enters_object()? {
                        self.read_inner(reader)?;
                    }
                }
                "timeline" => self.read_timeline(reader)?,
                other => match Key::of(other) {
                    Some(key) => self.read_key(key, reader)?,
                    None => reader.skip()?,
                },
            }
        }
        Ok(())
    }

    fn read_inner(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        while let Some(key) = reader.next_key()? {
            match Key::of(key) {
                Some(key) => self.read_key(key, reader)?,
                None => reader.skip()?,
            }
        }
        Ok(())
    }

    fn read_key(&mut self, key: Key, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        let text = match key {
            Key::Names => return self.read_names(reader),
            Key::Levels => return self.read_levels(reader),
            Key::Format => {
                self.is_double |= reader.string_or_skip()? == Some("double");
                return Ok(());
            }
            Key::Units => &mut self.units,
            Key::Name => &mut self.name,
            Key::Spy => &mut self.spy,
            Key::Rate => &mut self.rate,
        };
        reader.text_or_skip()?.unwrap_or_default().clone_into(text);
        Ok(())
    }

    fn read_names(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        reader.begin_array()?;
        while reader.next_element()? {
            let name = self.symbols.strings.intern(reader.string()?);
            let function = self.symbols.functions.intern(Function { name, ..Function::default() });
            self.names.push(self.symbols.frames.intern(Frame { function, ..Frame::default() }));
        }
        Ok(())
    }

    fn read_levels(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        self.has_levels = true;
        self.levels_at = reader.offset();
        reader.begin_array()?;
        while reader.next_element()? {
            reader.integers(|number| self.numbers.push(number.unwrap_or_default()))?;
            self.ends.push(self.numbers.len());
        }
        Ok(())
    }

    fn read_timeline(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        if !reader.enters_object()? {
            return Ok(());
        }
        while let Some(key) = reader.next_key()? {
            match key {
                "startTime" => {
                    let start = reader.integer_if_whole()?;
                    self.start = start.and_then(|start| start.checked_mul(1_000_000_000)).filter(|&start| start > 0);
                }
                "durationDelta" => self.slot_length = reader.integer_if_whole()?.unwrap_or(0),
                "samples" => {
                    if reader.peek()? == Kind::Array {
                        reader.begin_array()?;
                        while reader.next_element()? {
                            reader.skip()?;
                            self.slots += 1;
                        }
                    } else {
                        reader.skip()?;
                    }
                }
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    #[cold]
    fn malformed(&self, level: usize, what: &str) -> InputError {
        let message = format!("level {level} of the flame graph: {what}");
        InputError::at(ErrorCode::Malformed, self.levels_at, message)
    }

    fn build(mut self) -> Result<Batch, InputError> {
        if !self.has_levels {
            return Err(InputError::new(ErrorCode::Malformed, "there are no levels, so that this is no flamebearer"));
        }
        let sides = if self.is_double { 2 } else { 1 };
        let mut stacks = StackBuilder::default();
        let mut table = SampleTableBuilder::new(&[0, 0][..sides]);
        self.walk(sides, &mut stacks, &mut table)?;
        let mut batch = Batch { symbols: std::mem::take(&mut self.symbols), ..Batch::default() };
        batch.stacks = stacks.finish();
        batch.tables.push(table.finish());
        let profile_type = self.profile_type();
        for (column, side) in ["left", "right"].into_iter().enumerate().take(sides) {
            let labels = if sides == 2 { vec![("side".to_owned(), side.to_owned())] } else { Vec::new() };
            batch.profiles.push(ProfileEntry {
                profile_type: profile_type.clone(),
                column: column as u32,
                labels,
                start: self.start,
                duration: self.slots.saturating_mul(self.slot_length).saturating_mul(1_000_000_000).max(0),
                ..ProfileEntry::default()
            });
        }
        for (key, value) in [("name", self.name), ("agent", self.spy), ("sample_rate", self.rate)] {
            if !value.is_empty() {
                batch.metadata.push((key.to_owned(), value));
            }
        }
        Ok(batch)
    }

    fn profile_type(&self) -> ProfileType {
        let is_time = self.units == "samples" && self.rate.parse::<f64>().is_ok_and(|rate| rate == 1e9);
        let (name, sample_type, unit) = match self.units.as_str() {
            "samples" if is_time => ("process_cpu", "cpu", "nanoseconds"),
            "samples" | "" => ("process_cpu", "samples", "count"),
            "objects" => ("memory", "objects", "count"),
            "goroutines" => ("goroutines", "goroutines", "count"),
            "lock_nanoseconds" => ("mutex", "lock_nanoseconds", "nanoseconds"),
            "lock_samples" => ("mutex", "lock_samples", "count"),
            other => match base_unit(other) {
                ("bytes", 1) => ("memory", other, "bytes"),
                ("nanoseconds", 1) => ("samples", other, "nanoseconds"),
                _ => ("samples", other, other),
            },
        };
        // Older files have the name of the application there, with dots and labels.
        let is_type = !self.name.is_empty() && !self.name.contains(['.', '{', ' ']);
        ProfileType {
            name: name.to_owned(),
            sample_type: if is_type { &self.name } else { sample_type }.to_owned(),
            sample_unit: unit.to_owned(),
            ..ProfileType::default()
        }
    }

    /// Goes down level by level: a bar lies under the bar that covers it on each side.
    fn walk(&self, sides: usize, stacks: &mut StackBuilder, table: &mut SampleTableBuilder) -> Result<(), InputError> {
        let width = 3 * sides + 1;
        let mut above: Vec<Bar> = Vec::new();
        let mut from = 0;
        for (level, &end) in self.ends.iter().enumerate() {
            let numbers = self.numbers.get(from..end).unwrap_or(&[]);
            from = end;
            if numbers.len() % width != 0 {
                let what = format!("{} numbers are not a multiple of {width}", numbers.len());
                return Err(self.malformed(level, &what));
            }
            let mut row = Vec::with_capacity(numbers.len() / width);
            let mut after = [0i64; 2];
            let mut parent = 0;
            for numbers in numbers.chunks_exact(width) {
                let mut bar = Bar::default();
                let mut own = [0i64; 2];
                for side in 0..sides {
                    let [offset, total, value] = [0, 1, 2].map(|at| numbers[3 * side + at]);
                    let start = after[side].checked_add(offset).filter(|&start| start >= 0);
                    let span = start.zip(start.and_then(|start| start.checked_add(total)));
                    let Some((start, stop)) = span.filter(|_| total >= 0 && offset >= 0) else {
                        return Err(self.malformed(level, "a bar has a negative or too large place"));
                    };
                    (bar.start[side], bar.stop[side], own[side], after[side]) = (start, stop, value, stop);
                }
                let name = numbers[width - 1];
                let frame = usize::try_from(name).ok().and_then(|name| self.names.get(name));
                let Some(&frame) = frame else {
                    let message = format!("level {level} of the flame graph: there is no name {name}");
                    return Err(InputError::at(ErrorCode::BadReference, self.levels_at, message));
                };
                if level > 0 {
                    while above.get(parent).is_some_and(|above| !above.covers(&bar)) {
                        parent += 1;
                    }
                    let Some(above) = above.get(parent) else {
                        return Err(self.malformed(level, "a bar lies under none"));
                    };
                    bar.stack = stacks.child(above.stack, frame);
                }
                if own != [0, 0] {
                    table.add(bar.stack, AttributeSetId::EMPTY, &own[..sides])?;
                }
                row.push(bar);
            }
            check_size(stacks, Some(self.levels_at))?;
            above = row;
        }
        Ok(())
    }
}

/// Where a bar lies on each side, and its stack.
#[derive(Clone, Copy, Default)]
struct Bar {
    start: [i64; 2],
    stop: [i64; 2],
    stack: StackId,
}

impl Bar {
    fn covers(&self, other: &Self) -> bool {
        (0..2).all(|side| self.start[side] <= other.start[side] && other.stop[side] <= self.stop[side])
    }
}

/// Keys that stand in `flamebearer`, in `metadata`, or outside of both.
#[derive(Clone, Copy)]
enum Key {
    Names,
    Levels,
    Format,
    Units,
    Name,
    Spy,
    Rate,
}

impl Key {
    fn of(key: &str) -> Option<Self> {
        match key {
            "names" => Some(Self::Names),
            "levels" => Some(Self::Levels),
            "format" => Some(Self::Format),
            "units" => Some(Self::Units),
            "name" => Some(Self::Name),
            "spyName" => Some(Self::Spy),
            "sampleRate" => Some(Self::Rate),
            _ => None,
        }
    }
}
