//! `.cpuprofile`: what V8's CPU profiler saves, from Node, Chrome and many tools.
//!
//! Specification: <https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile>; the older form
//! has one tree, `head`, whose nodes hold their children, and `timestamps` in place of `timeDeltas`.
//!
//! Semantics:
//! - two profiles, `samples` (count) and then `cpu` (nanoseconds); the label `thread` is the profile's title
//!   where it has one;
//! - a sample lasts until the next one, the last until `endTime` (without one, 0); samples whose times run
//!   backwards are sorted, stably. The time before the first sample counts to nothing;
//! - without times of the samples only their number counts; without samples, the nodes' `hitCount` does. In the
//!   older form without `timestamps` the samples are spread evenly from `startTime` to `endTime`;
//! - `(root)` is left out of stacks; `(program)`, `(idle)` and `(garbage collector)` are frames; a function
//!   without a name is `(anonymous)`; lines and columns are those where the function starts, from 1;
//! - there is no wall clock: no start.
//!
//! Left out: `positionTicks` (lines within a function, per node and not per sample), `deoptReason`, `bailoutReason`,
//! script and call ids.

use emberglass_columns::PackedInts;
use emberglass_profile::{AttributeSetId, Batch, InputError, SampleTableBuilder, Symbols, Warnings};
use emberglass_trie::StackBuilder;

use super::call_frame::{CallFrame, Field};
use super::cpu::{NodeTree, Samples, entries};
use crate::decimal::Decimal;
use crate::extension::named;
use crate::json::{Kind, Reader, Shape, divide_half_away};
use crate::values::Decimals;
use crate::{About, Confidence, Context, Format, Input};

/// The `.cpuprofile` decoder.
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuProfile;

impl Format for CpuProfile {
    fn name(&self) -> &'static str {
        "cpuprofile"
    }

    fn about() -> About {
        About {
            title: "V8's CPU profiles, from Chrome and Node",
            files: &["*.cpuprofile"],
            specifications: &["https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile"],
            recognised: "`nodes` with a `callFrame`, the older `head` with a `hitCount`, or `timeDeltas`",
            kept: "Samples and their times, names, scripts, lines and columns, both forms, the title",
            dropped: "`positionTicks` (lines by node, not by sample), reasons of deoptimisation, ids of scripts",
            limits: "Read in slices; no more stacks than the file has nodes",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let Some(shape) = Shape::of(prefix).filter(|shape| !shape.is_array) else { return Confidence::No };
        let has_nodes = shape.has("nodes") && shape.has_under("nodes", "callFrame");
        let has_head = shape.has("head") && shape.has_under("head", "hitCount");
        let has_columns = shape.has("timeDeltas") || (shape.has("startTime") && shape.has("samples"));
        named(has_nodes || has_head || has_columns, file_name, &[".cpuprofile"])
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let Context { meter, warnings, .. } = context;
        let mut reader = Reader::new(input, meter)?;
        let mut file = File::default();
        file.read(&mut reader, warnings)?;
        reader.finish(warnings)?;
        file.build(warnings)
    }
}

#[derive(Default)]
struct File {
    symbols: Symbols,
    tree: NodeTree,
    /// Parent and child ids.
    links: Vec<(i64, i64)>,
    hits: Vec<(i64, i64)>,
    samples: PackedInts,
    deltas: Option<PackedInts>,
    timestamps: Option<PackedInts>,
    start: Option<i64>,
    end: Option<i64>,
    has_head: bool,
    title: String,
}

/// A node that is being read.
#[derive(Default)]
struct Node {
    id: Option<i64>,
    parent: Option<i64>,
    hits: i64,
    frame: CallFrame,
    children: Vec<i64>,
}

impl File {
    fn read(&mut self, reader: &mut Reader<'_, '_, '_>, warnings: &mut Warnings) -> Result<(), InputError> {
        // Start and end are microseconds, in the older form seconds: which of them is known at the end.
        let (mut start, mut end) = (None, None);
        reader.begin_object()?;
        while let Some(key) = reader.next_key()? {
            match key {
                "nodes" => {
                    reader.begin_array()?;
                    while reader.next_element()? {
                        self.read_tree(reader, warnings)?;
                    }
                }
                "head" => {
                    self.has_head = true;
                    self.read_tree(reader, warnings)?;
                }
                "samples" => reader.integers(|id| self.samples.push(id.unwrap_or_default()))?,
                "timeDeltas" => self.deltas = read_times(reader)?,
                "timestamps" => self.timestamps = read_times(reader)?,
                "startTime" => start = reader.decimal_or_skip(3)?,
                "endTime" => end = reader.decimal_or_skip(3)?,
                "title" | "name" => self.title = reader.string_or_skip()?.unwrap_or_default().to_owned(),
                _ => reader.skip()?,
            }
        }
        let is_seconds = self.has_head && self.deltas.is_none();
        let whole = |time: Decimal| {
            let nanos = i128::from(time.digits) * if is_seconds { 1_000_000 } else { 1 };
            i64::try_from(divide_half_away(nanos, 10i128.pow(u32::from(time.scale)))).ok()
        };
        (self.start, self.end) = (start.and_then(whole), end.and_then(whole));
        Ok(())
    }

    /// Reads a node with the nodes inside of it, however deep.
    fn read_tree(&mut self, reader: &mut Reader<'_, '_, '_>, warnings: &mut Warnings) -> Result<(), InputError> {
        let mut open = vec![Node::default()];
        reader.begin_object()?;
        'keys: while let Some(node) = open.last_mut() {
            while let Some(key) = reader.next_key()? {
                match key {
                    "id" => node.id = reader.integer_or_skip()?,
                    "parent" => node.parent = reader.integer_or_skip()?,
                    "hitCount" => node.hits = reader.integer_or_skip()?.unwrap_or_default(),
                    "callFrame" => node.frame.read(reader)?,
                    "children" => {
                        if reader.enters_array()? && self.enter_children(reader, node)? {
                            open.push(Node::default());
                            continue 'keys;
                        }
                    }
                    other => match Field::of(other) {
                        Some(field) => node.frame.read_field(field, 0, reader)?,
                        None => reader.skip()?,
                    },
                }
            }
            let done = open.pop().unwrap_or_default();
            let Some(id) = done.id else { return Err(reader.malformed("a node has no id")) };
            self.add(id, done, warnings);
            let Some(parent) = open.last_mut() else { break };
            parent.children.push(id);
            // Back in the parent's children.
            if self.enter_children(reader, parent)? {
                open.push(Node::default());
            }
        }
        Ok(())
    }

    /// Goes on in an array of children: ids are taken, true for a node, which is entered.
    fn enter_children(&mut self, reader: &mut Reader<'_, '_, '_>, node: &mut Node) -> Result<bool, InputError> {
        while reader.next_element()? {
            match reader.peek()? {
                Kind::Object => {
                    reader.begin_object()?;
                    return Ok(true);
                }
                _ => node.children.push(reader.integer()?),
            }
        }
        Ok(false)
    }

    fn add(&mut self, id: i64, node: Node, warnings: &mut Warnings) {
        let frame = node.frame.intern(&mut self.symbols);
        self.tree.add(id, node.parent, frame, warnings);
        self.links.extend(node.children.iter().map(|&child| (id, child)));
        if node.hits > 0 {
            self.hits.push((id, node.hits));
        }
    }

    /// Times of the samples in nanoseconds, as many as there are samples; empty where they have none.
    fn times(&mut self, warnings: &mut Warnings) -> PackedInts {
        let count = self.samples.len();
        let mut times = match (self.timestamps.take(), self.deltas.take()) {
            (Some(times), _) => times,
            (None, Some(deltas)) => {
                let mut now = self.start.unwrap_or(0);
                deltas.into_iter().map(|delta| (now = now.saturating_add(delta), now).1).collect()
            }
            (None, None) => match (self.start, self.end) {
                (Some(start), Some(end)) if self.has_head && count > 0 && end > start => {
                    let at = |row: usize| i128::from(end - start) * row as i128 / count as i128;
                    (0..count).map(|row| start + at(row) as i64).collect()
                }
                _ => return PackedInts::default(),
            },
        };
        let missing = count.saturating_sub(times.len()) as u64;
        warnings.add_many("missing-times", missing, None, || {
            "some samples have no time; they count as taken with the last that has one".to_owned()
        });
        let last = times.last().or(self.start).unwrap_or(0);
        times.extend(std::iter::repeat_n(last, count.saturating_sub(times.len())));
        times
    }

    fn build(mut self, warnings: &mut Warnings) -> Result<Batch, InputError> {
        let times = self.times(warnings);
        let Self { symbols, mut tree, links, hits, samples, start, end, title, .. } = self;
        tree.link(&links);
        let mut stacks = StackBuilder::default();
        let nodes = tree.stacks(&mut stacks)?;
        let table = if samples.is_empty() && !hits.is_empty() {
            let mut table = SampleTableBuilder::new(&[0]);
            for &(id, count) in &hits {
                table.add(nodes.of(id)?, AttributeSetId::EMPTY, &[count])?;
            }
            let mut table = table.finish();
            table.records = hits.iter().map(|&(_, count)| count.unsigned_abs()).sum();
            table
        } else {
            let last = times.iter().max().unwrap_or(0);
            let end = end.unwrap_or(last);
            Samples { nodes: samples, times, end }.table(&nodes, warnings)?
        };
        let duration = start.zip(end).map_or(0, |(start, end)| end.saturating_sub(start).max(0));
        let labels = if title.is_empty() { Vec::new() } else { vec![("thread".to_owned(), title)] };
        let profiles = entries(0, table.columns.len(), &labels, duration);
        Ok(Batch { symbols, stacks: stacks.finish(), tables: vec![table], profiles, ..Batch::default() })
    }
}

/// Microseconds as nanoseconds; `None` for no array.
fn read_times(reader: &mut Reader<'_, '_, '_>) -> Result<Option<PackedInts>, InputError> {
    if reader.peek()? != Kind::Array {
        reader.skip()?;
        return Ok(None);
    }
    let mut column = Decimals::default();
    reader.decimals(3, |value| column.push(value.unwrap_or_default()))?;
    Ok(Some(column.into_whole()))
}
