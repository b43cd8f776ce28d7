//! GHC: the JSON of its cost-centre profiler, `+RTS -pj`.
//!
//! Specification: <https://downloads.haskell.org/ghc/latest/docs/users_guide/profiling.html#json-profile-format>.
//!
//! Semantics:
//! - `profile` is a tree of cost-centre stacks: a node's `ticks` and `alloc` are its own. Three profiles: `ticks`
//!   (count), `alloc` (bytes), `time` (ticks times `tick_interval`, in nanoseconds), the last the default; a record
//!   is a node with ticks or allocations;
//! - a frame's name is `Module.label`, its file and line are those of `src_loc`; `MAIN.MAIN`, the root, is a frame;
//! - `program`, `arguments`, `rts_arguments`, `end_time` and the totals become metadata; `total_time` is the duration;
//!   `end_time` has no time zone, so that there is no start.
//!
//! Left out: `entries` (numbers of calls), columns of `src_loc`, `is_caf`.

use std::collections::HashMap;

use emberglass_profile::{
    AttributeSetId, Batch, ErrorCode, Frame, FrameId, Function, InputError, ProfileEntry, SampleTableBuilder, StackId,
    Symbols,
};
use emberglass_trie::StackBuilder;
use foldhash::fast::FixedState;

use crate::decimal::Decimal;
use crate::extension::named;
use crate::json::{Kind, Reader, Shape, divide_half_away};
use crate::profile_types::type_without_period;
use crate::raw_stacks::{check_size, resolve};
use crate::{About, Confidence, Context, Format, Input};

/// The decoder of GHC's profiles.
#[derive(Clone, Copy, Debug, Default)]
pub struct GhcProf;

/// Nanoseconds of a tick where the file does not say them: GHC's default of a millisecond.
const DEFAULT_INTERVAL: i64 = 1_000_000;

impl Format for GhcProf {
    fn name(&self) -> &'static str {
        "ghc-prof"
    }

    fn about() -> About {
        About {
            title: "GHC's cost centres (`+RTS -pj`)",
            files: &["*.ghc.json"],
            specifications: &["https://downloads.haskell.org/ghc/latest/docs/users_guide/profiling.html"],
            recognised: "A JSON object with `rts_arguments`, `cost_centres` or `tick_interval`",
            kept: "Ticks, allocations and time by stack of cost centres, their places in the source, the program and its arguments",
            dropped: "Numbers of entries: no view needs them",
            limits: "Read in slices",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let Some(shape) = Shape::of(prefix).filter(|shape| !shape.is_array) else { return Confidence::No };
        let fits = shape.has("rts_arguments") || shape.has("cost_centres") || shape.has("tick_interval");
        named(fits, file_name, &[".ghc.json"])
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let Context { meter, warnings, .. } = context;
        let mut reader = Reader::new(input, meter)?;
        let mut file = File::default();
        file.read(&mut reader)?;
        reader.finish(warnings)?;
        file.build()
    }
}

/// A node of the tree with costs of its own.
struct Costs {
    /// Over rows of the cost centres.
    stack: StackId,
    ticks: i64,
    alloc: i64,
}

#[derive(Default)]
struct File {
    symbols: Symbols,
    /// Row of each cost centre by its id.
    rows: HashMap<i64, u32, FixedState>,
    /// Frame of each row; `None` until it is defined.
    frames: Vec<Option<FrameId>>,
    /// The id of each row.
    ids: Vec<i64>,
    stacks: StackBuilder,
    costs: Vec<Costs>,
    /// Nanoseconds.
    interval: Option<i64>,
    duration: i64,
    facts: Vec<(String, String)>,
    has_profile: bool,
}

/// A node that is being read: its children wait for its id.
#[derive(Default)]
struct Node {
    stack: StackId,
    id: Option<i64>,
    ticks: i64,
    alloc: i64,
}

impl File {
    fn read(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        reader.begin_object()?;
        while let Some(key) = reader.next_key()? {
            match key {
                "cost_centres" => self.read_centres(reader)?,
                "profile" => self.read_tree(reader)?,
                "tick_interval" => {
                    let interval = reader.integer_if_whole()?.and_then(|interval| interval.checked_mul(1000));
                    self.interval = interval.filter(|&interval| interval > 0);
                }
                "total_time" => {
                    let Decimal { digits, scale, .. } = reader.decimal_if_fits(9)?.unwrap_or_default();
                    self.duration = divide_half_away(i128::from(digits), 10i128.pow(u32::from(scale))) as i64;
                }
                "arguments" | "rts_arguments" => {
                    let key = key.to_owned();
                    self.read_words(key, reader)?;
                }
                "program" | "end_time" | "total_ticks" | "total_alloc" | "initial_capabilities" => {
                    let key = key.to_owned();
                    if let Some(text) = reader.text_or_skip()? {
                        self.facts.push((key, text.to_owned()));
                    }
                }
                _ => reader.skip()?,
            }
        }
        if !self.has_profile {
            return Err(reader.malformed("there is no profile in the file"));
        }
        Ok(())
    }

    fn read_words(&mut self, key: String, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        let mut words = String::new();
        if reader.peek()? != Kind::Array {
            return reader.skip();
        }
        reader.begin_array()?;
        while reader.next_element()? {
            if let Some(word) = reader.text_or_skip()? {
                if !words.is_empty() {
                    words.push(' ');
                }
                words.push_str(word);
            }
        }
        if !words.is_empty() {
            self.facts.push((key, words));
        }
        Ok(())
    }

    fn row(&mut self, id: i64) -> u32 {
        let Self { rows, ids, frames, .. } = self;
        *rows.entry(id).or_insert_with(|| {
            ids.push(id);
            frames.push(None);
            ids.len() as u32 - 1
        })
    }

    fn read_centres(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        reader.begin_array()?;
        while reader.next_element()? {
            let (mut id, mut label, mut module) = (None, String::new(), String::new());
            let (mut file, mut line) = (String::new(), 0);
            reader.begin_object()?;
            while let Some(key) = reader.next_key()? {
                match key {
                    "id" => id = reader.integer_if_whole()?,
                    "label" => reader.string_or_skip()?.unwrap_or_default().clone_into(&mut label),
                    "module" => reader.string_or_skip()?.unwrap_or_default().clone_into(&mut module),
                    "src_loc" => {
                        let (source, start) = place(reader.string_or_skip()?.unwrap_or_default());
                        source.clone_into(&mut file);
                        line = start;
                    }
                    _ => reader.skip()?,
                }
            }
            let Some(id) = id else { return Err(reader.malformed("a cost centre has no id")) };
            let name = if module.is_empty() { label } else { format!("{module}.{label}") };
            let symbols = &mut self.symbols;
            let (name, file) = (symbols.strings.intern(&name), symbols.strings.intern(&file));
            let function = Function { name, file, start_line: line, ..Function::default() };
            let function = symbols.functions.intern(function);
            let frame = symbols.frames.intern(Frame { function, line, ..Frame::default() });
            let row = self.row(id) as usize;
            self.frames[row] = Some(frame);
        }
        Ok(())
    }

    /// Reads the tree, however deep. A node's id must stand before its children, as GHC writes it.
    fn read_tree(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        self.has_profile = true;
        let mut open = vec![Node::default()];
        reader.begin_object()?;
        'keys: while let Some(&mut Node { stack: parent, .. }) = open.last_mut() {
            while let Some(key) = reader.next_key()? {
                let Some(node) = open.last_mut() else { break };
                match key {
                    "id" => {
                        let id = reader.integer_if_whole()?;
                        node.id = id;
                        let Some(id) = id else { continue };
                        let row = self.row(id);
                        let stack = self.stacks.child(parent, FrameId(row));
                        check_size(&self.stacks, Some(reader.offset()))?;
                        if let Some(node) = open.last_mut() {
                            node.stack = stack;
                        }
                    }
                    "ticks" => node.ticks = reader.integer_or_skip()?.unwrap_or_default(),
                    "alloc" => node.alloc = reader.integer_or_skip()?.unwrap_or_default(),
                    "children" => {
                        let Node { id, stack, .. } = *node;
                        if reader.enters_array()? && reader.next_element()? {
                            if id.is_none() {
                                return Err(reader.malformed("the id of a node stands behind its children"));
                            }
                            reader.begin_object()?;
                            open.push(Node { stack, ..Node::default() });
                            continue 'keys;
                        }
                    }
                    _ => reader.skip()?,
                }
            }
            let Some(Node { stack, id, ticks, alloc }) = open.pop() else { break };
            if id.is_none() {
                return Err(reader.malformed("a node has no id"));
            }
            if ticks != 0 || alloc != 0 {
                self.costs.push(Costs { stack, ticks, alloc });
            }
            // Back in the parent's children.
            if let Some(&Node { stack, .. }) = open.last()
                && reader.next_element()?
            {
                reader.begin_object()?;
                open.push(Node { stack, ..Node::default() });
            }
        }
        Ok(())
    }

    fn build(self) -> Result<Batch, InputError> {
        let Self { symbols, frames, ids, stacks: raw, costs, interval, duration, facts, .. } = self;
        if let Some(row) = frames.iter().position(Option::is_none) {
            let message = format!("the tree names cost centre {}, which does not exist", ids[row]);
            return Err(InputError::new(ErrorCode::BadReference, message));
        }
        let mut stacks = StackBuilder::default();
        let rows = resolve(raw, &frames, &mut stacks);
        let interval = interval.unwrap_or(DEFAULT_INTERVAL);
        let mut table = SampleTableBuilder::new(&[0, 0, 0]);
        for Costs { stack, ticks, alloc } in costs {
            let time = ticks.checked_mul(interval).ok_or_else(|| {
                InputError::new(ErrorCode::ValueOverflow, format!("the time of {ticks} ticks is beyond 64 bits"))
            })?;
            let stack = rows.get(stack.index()).copied().unwrap_or_default();
            table.add(stack, AttributeSetId::EMPTY, &[ticks, alloc, time])?;
        }
        let types =
            [("process_cpu", "ticks", "count"), ("memory", "alloc", "bytes"), ("process_cpu", "time", "nanoseconds")];
        let entry = |(column, (name, sample_type, unit)): (usize, (&str, &str, &str))| ProfileEntry {
            profile_type: type_without_period(name, sample_type, unit),
            column: column as u32,
            duration,
            ..ProfileEntry::default()
        };
        Ok(Batch {
            symbols,
            stacks: stacks.finish(),
            tables: vec![table.finish()],
            profiles: types.into_iter().enumerate().map(entry).collect(),
            metadata: facts,
            ..Batch::default()
        })
    }
}

/// File and line of `Main.hs:12:3-45`, `Main.hs:(12,3)-(14,5)`; neither of `<built-in>`.
fn place(src_loc: &str) -> (&str, u32) {
    if src_loc.starts_with('<') {
        return ("", 0);
    }
    let digits = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next().unwrap_or("").parse().unwrap_or(0);
    if let Some((file, span)) = src_loc.rsplit_once(":(") {
        return (file, digits(span));
    }
    let Some((rest, _columns)) = src_loc.rsplit_once(':') else { return (src_loc, 0) };
    match rest.rsplit_once(':') {
        Some((file, line)) => (file, digits(line)),
        None => (src_loc, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_files_and_lines() {
        for (src_loc, expected) in [
            ("Shop.hs:7:1-45", ("Shop.hs", 7)),
            ("src/A b.hs:(12,1)-(15,20)", ("src/A b.hs", 12)),
            ("C:\\x.hs:3:4", ("C:\\x.hs", 3)),
            ("<built-in>", ("", 0)),
            ("<entire-module>", ("", 0)),
            ("", ("", 0)),
            ("x.hs", ("x.hs", 0)),
        ] {
            assert_eq!(place(src_loc), expected, "{src_loc}");
        }
    }
}
