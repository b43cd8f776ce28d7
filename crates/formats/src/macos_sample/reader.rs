//! Line by line: the head, the call graph, the binaries.

use std::collections::HashMap;

use emberglass_profile::{
    AttributeSetId, Batch, ErrorCode, Frame, FrameId, Function, InputError, Mapping, MappingId, ProfileEntry,
    ProfileType, SampleTableBuilder, StackId, StringId, Symbols, Warnings, base_name, base_unit,
};
use emberglass_trie::StackBuilder;
use foldhash::fast::FixedState;

use super::date;
use super::row::{self, Named, Row};
use crate::lines::Line;
use crate::raw_stacks::{check_size, resolve};

/// Most facts of the head that are kept.
const MAX_FACTS: usize = 64;

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Section {
    #[default]
    Head,
    Graph,
    Images,
    Other,
}

/// A frame before its binary is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    name: StringId,
    binary: StringId,
    file: StringId,
    line: u32,
}

struct Open {
    indent: usize,
    stack: StackId,
    thread: usize,
    node: usize,
}

struct Node {
    thread: usize,
    /// Over rows of `places`.
    stack: StackId,
    /// Samples less those of the children so far.
    own: i64,
}

#[derive(Default)]
pub(super) struct Reader {
    section: Section,
    symbols: Symbols,
    places: Vec<Place>,
    rows: HashMap<Place, u32, FixedState>,
    stacks: StackBuilder,
    open: Vec<Open>,
    nodes: Vec<Node>,
    /// Labels of each thread.
    threads: Vec<Vec<(String, String)>>,
    images: HashMap<StringId, MappingId, FixedState>,
    facts: Vec<(String, String)>,
    /// Nanoseconds.
    period: i64,
    junk: u64,
    junk_at: Option<(u64, u64)>,
}

impl Reader {
    pub(super) fn line(&mut self, line: Line<'_>) -> Result<(), InputError> {
        let text = line.text;
        if text.trim().is_empty() {
            // The graph has no empty lines.
            if self.section == Section::Graph && !self.nodes.is_empty() {
                self.section = Section::Other;
            }
            return Ok(());
        }
        match (self.section, text.trim_end()) {
            (_, "Call graph:") => self.section = Section::Graph,
            (_, "Binary Images:") => self.section = Section::Images,
            (Section::Head, _) => self.head(text),
            (Section::Graph, _) if !text.starts_with([' ', '\t']) => self.section = Section::Other,
            (Section::Graph, _) => match row::parse(text) {
                Some(row) => {
                    return self.row(row).map_err(|error| InputError { offset: Some(line.offset), ..error });
                }
                None => {
                    self.junk += 1;
                    self.junk_at.get_or_insert((line.number, line.offset));
                }
            },
            (Section::Images, _) => self.image(text),
            (Section::Other, _) => {}
        }
        Ok(())
    }

    fn head(&mut self, text: &str) {
        if let Some(rest) = text.strip_prefix("Analysis of sampling ")
            && let Some((_, period)) = rest.rsplit_once(" every ")
        {
            self.period = period_of(period).unwrap_or(0);
            return;
        }
        let Some((key, value)) = text.split_once(':') else { return };
        let (key, value) = (key.trim(), value.trim());
        let is_key = !key.is_empty() && !value.is_empty() && !key.starts_with("Sampling process");
        if is_key && self.facts.len() < MAX_FACTS {
            self.facts.push((key.to_lowercase().replace([' ', '/'], "_"), value.to_owned()));
        }
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), InputError> {
        let Row { indent, samples, text } = row;
        while self.open.last().is_some_and(|open| open.indent >= indent) {
            self.open.pop();
        }
        let thread = if self.open.is_empty() { row::thread(text) } else { None };
        let (stack, inherited) = self.open.last().map_or((StackId::ROOT, None), |open| (open.stack, Some(open.thread)));
        if let Some(caller) = self.open.last() {
            let own = &mut self.nodes[caller.node].own;
            *own = own.checked_sub(samples).ok_or_else(overflow)?;
        }
        let at = match inherited {
            Some(at) => at,
            None => {
                self.threads.push(thread.map_or_else(Vec::new, thread_labels));
                self.threads.len() - 1
            }
        };
        let stack = if thread.is_some() { stack } else { self.child(stack, text)? };
        self.open.push(Open { indent, stack, thread: at, node: self.nodes.len() });
        self.nodes.push(Node { thread: at, stack, own: samples });
        Ok(())
    }

    fn child(&mut self, stack: StackId, text: &str) -> Result<StackId, InputError> {
        let Self { symbols, places, rows, stacks, .. } = self;
        if symbols.strings.text_bytes() + text.len() > u32::MAX as usize {
            return Err(InputError::new(ErrorCode::TooLarge, "the names of the file pass 4 GiB"));
        }
        let Named { name, binary, address, file, line } = row::name(text);
        let name = if name == "???" && !address.is_empty() { address } else { name };
        let binary = if binary == "<unknown binary>" { "" } else { binary };
        let place = Place {
            name: symbols.strings.intern(name),
            binary: symbols.strings.intern(binary),
            file: symbols.strings.intern(file),
            line,
        };
        let row = *rows.entry(place).or_insert_with(|| {
            places.push(place);
            places.len() as u32 - 1
        });
        check_size(stacks, None)?;
        Ok(stacks.child(stack, FrameId(row)))
    }

    /// `0x1000 - 0x1fff +name (version) <build id> /path`.
    fn image(&mut self, text: &str) {
        let Some((range, rest)) = text.split_once(" - ") else { return };
        let end = rest.trim_start().split(' ').next().unwrap_or("");
        let (Some(start), Some(last)) = (hex(range), hex(end)) else { return };
        let Some((_, rest)) = rest.split_once(" <") else { return };
        let Some((build_id, path)) = rest.split_once('>') else { return };
        let path = path.trim();
        if path.is_empty() {
            return;
        }
        let Self { symbols, images, .. } = self;
        let name = symbols.strings.intern(base_name(path));
        let (file, build_id) = (symbols.strings.intern(path), symbols.strings.intern(build_id));
        let limit = last.saturating_add(1);
        let mapping = symbols.mappings.intern(Mapping { start, limit, offset: 0, file, build_id });
        images.entry(name).or_insert(mapping);
    }

    pub(super) fn finish(self, warnings: &mut Warnings) -> Result<Batch, InputError> {
        let Self { mut symbols, places, stacks: raw, nodes, threads, mut images, facts, period, junk, junk_at, .. } =
            self;
        if nodes.is_empty() {
            return Err(InputError::new(ErrorCode::UnrecognizedFormat, "the file has no call graph of sample"));
        }
        let first = junk_at.map_or(0, |(number, _)| number);
        warnings.add_many("unreadable-line", junk, junk_at.map(|(_, offset)| offset), || {
            format!("lines of the call graph that are no rows are left out, first line {first}")
        });
        let frames: Vec<Option<FrameId>> = places
            .iter()
            .map(|&Place { name, binary, file, line }| {
                let mapping = match binary {
                    StringId::EMPTY => MappingId::NONE,
                    file => *images
                        .entry(binary)
                        .or_insert_with(|| symbols.mappings.intern(Mapping { file, ..Mapping::default() })),
                };
                let function = symbols.functions.intern(Function { name, file, ..Function::default() });
                Some(symbols.frames.intern(Frame { function, line, mapping, ..Frame::default() }))
            })
            .collect();
        let mut stacks = StackBuilder::default();
        let rows = resolve(raw, &frames, &mut stacks);
        let mut tables: Vec<SampleTableBuilder> = threads.iter().map(|_| SampleTableBuilder::new(&[0])).collect();
        let mut records = vec![0u64; threads.len()];
        let mut lacking = 0;
        for Node { thread, stack, own } in nodes {
            lacking += u64::from(own < 0);
            if own > 0 {
                let stack = rows.get(stack.index()).copied().unwrap_or_default();
                tables[thread].add(stack, AttributeSetId::EMPTY, &[own])?;
                records[thread] = records[thread].saturating_add(own.unsigned_abs());
            }
        }
        warnings.add_many("inconsistent-values", lacking, None, || {
            "rows have less samples than their children together; their own count as 0".to_owned()
        });
        let fact = |name: &str| facts.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        let process = process_labels(fact("process"));
        let start = date::parse(fact("date_time"));
        let profile_type = ProfileType {
            name: "wall".to_owned(),
            sample_type: "samples".to_owned(),
            sample_unit: "count".to_owned(),
            period_type: if period > 0 { "wall" } else { "" }.to_owned(),
            period_unit: if period > 0 { "nanoseconds" } else { "" }.to_owned(),
        };
        let mut batch = Batch { symbols, stacks: stacks.finish(), ..Batch::default() };
        for ((table, labels), records) in tables.into_iter().zip(threads).zip(records) {
            let mut table = table.finish();
            table.records = records;
            let total: i64 = table.columns.iter().flat_map(|column| &column.values).sum();
            batch.profiles.push(ProfileEntry {
                profile_type: profile_type.clone(),
                table: batch.tables.len() as u32,
                labels: process.iter().cloned().chain(labels).collect(),
                start,
                duration: total.saturating_mul(period),
                period,
                ..ProfileEntry::default()
            });
            batch.tables.push(table);
        }
        batch.metadata = facts;
        Ok(batch)
    }
}

fn overflow() -> InputError {
    InputError::new(ErrorCode::ValueOverflow, "the samples of a row are beyond 64 bits")
}

fn thread_labels((id, name, queue): (&str, &str, &str)) -> Vec<(String, String)> {
    let is_both = !name.is_empty() && !queue.is_empty();
    let shown = if name.is_empty() { queue } else { name };
    [("thread", shown), ("thread_id", id), ("queue", if is_both { queue } else { "" })]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Labels of `name [12]`.
fn process_labels(process: &str) -> Vec<(String, String)> {
    let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    match process.strip_suffix(']').and_then(|text| text.rsplit_once(" [")) {
        Some((name, id)) => vec![label("process", name), label("process_id", id)],
        None if process.is_empty() => Vec::new(),
        None => vec![label("process", process)],
    }
}

/// Nanoseconds of `1 millisecond`.
fn period_of(text: &str) -> Option<i64> {
    let (number, unit) = text.trim().split_once(' ')?;
    match base_unit(unit.trim()) {
        ("nanoseconds", factor) => number.parse::<i64>().ok()?.checked_mul(factor).filter(|&period| period > 0),
        _ => None,
    }
}

fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text.trim().strip_prefix("0x")?, 16).ok()
}
