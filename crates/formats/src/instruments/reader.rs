//! Row by row.

use emberglass_profile::{
    AttributeSetId, Batch, ErrorCode, Frame, FrameId, Function, InputError, ProfileEntry, ProfileType,
    SampleTableBuilder, StackId, Symbols, Warnings,
};
use emberglass_trie::StackBuilder;

use super::value::{self, Quantity, Value};
use crate::decimal::{Decimal, rescaled};
use crate::lines::Line;
use crate::profile_types::type_without_period;
use crate::raw_stacks::check_size;
use crate::values::Decimals;

/// Which cells of a row are which.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    total: usize,
    own: Option<usize>,
    /// What the title says of the unit of the own values.
    own_unit: Option<(Quantity, i64)>,
    name: usize,
}

impl Columns {
    /// The columns that a line of titles names; `None` for another line.
    pub(super) fn of(line: &str) -> Option<Self> {
        let titles: Vec<&str> = line.split('\t').map(str::trim).collect();
        let find = |wanted: &[&str]| titles.iter().position(|title| wanted.contains(title));
        let name = find(&["Symbol Name", "Symbol Names", "Symbol"])?;
        let total = find(&["Running Time", "Weight", "Bytes Used", "Total Bytes", "Cycles", "Count"])?;
        let own = titles.iter().position(|title| title.starts_with("Self"));
        let inside = own.and_then(|at| titles[at].strip_suffix(')')?.split_once('('));
        Some(Self { total, own, own_unit: inside.and_then(|(_, unit)| value::unit(unit)), name })
    }
}

/// A row whose callees may follow.
struct Open {
    indent: usize,
    stack: StackId,
    node: usize,
    profile: usize,
    is_process: bool,
}

struct Node {
    parent: Option<usize>,
    profile: usize,
    stack: StackId,
    total: Decimal,
    own: Option<Decimal>,
}

#[derive(Default)]
pub(super) struct Reader {
    symbols: Symbols,
    stacks: StackBuilder,
    columns: Option<Columns>,
    open: Vec<Open>,
    nodes: Vec<Node>,
    /// Labels of each profile.
    profiles: Vec<Vec<(String, String)>>,
    quantity: Option<Quantity>,
    junk: u64,
    junk_at: Option<(u64, u64)>,
}

impl Reader {
    pub(super) fn line(&mut self, line: Line<'_>) -> Result<(), InputError> {
        if line.text.trim().is_empty() {
            return Ok(());
        }
        if let Some(columns) = Columns::of(line.text) {
            self.columns = Some(columns);
            self.open.clear();
            return Ok(());
        }
        let Some(columns) = self.columns else { return self.note_junk(line) };
        let cells: Vec<&str> = line.text.split('\t').collect();
        let total = cells.get(columns.total).and_then(|cell| value::parse(cell, None));
        let (Some(total), Some(&name)) = (total, cells.get(columns.name)) else { return self.note_junk(line) };
        let own = columns.own.and_then(|at| value::parse(cells.get(at)?, columns.own_unit));
        self.row(name, total, own).map_err(|error| InputError { offset: Some(line.offset), ..error })
    }

    fn note_junk(&mut self, line: Line<'_>) -> Result<(), InputError> {
        self.junk += 1;
        self.junk_at.get_or_insert((line.number, line.offset));
        Ok(())
    }

    fn row(&mut self, cell: &str, total: Value, own: Option<Value>) -> Result<(), InputError> {
        let name = cell.trim();
        let indent = cell.len() - cell.trim_start().len();
        while self.open.last().is_some_and(|open| open.indent >= indent) {
            self.open.pop();
        }
        let printed = total.quantity.or(own.and_then(|own| own.quantity));
        self.quantity = self.quantity.or(printed);
        let caller = self.open.last();
        let may_be_thread = caller.is_none_or(|caller| caller.is_process);
        let process = if caller.is_none() { split_process(name) } else { None };
        let thread = if may_be_thread { split_thread(name) } else { None };
        let stack = caller.map_or(StackId::ROOT, |caller| caller.stack);
        let (parent, inherited) = (caller.map(|caller| caller.node), caller.map(|caller| caller.profile));
        let mut labels = match inherited {
            Some(profile) if thread.is_some() => self.profiles[profile].clone(),
            _ => Vec::new(),
        };
        for (key, value) in [("process", process), ("thread", thread)] {
            if let Some((name, id)) = value {
                labels.push((key.to_owned(), name.to_owned()));
                labels.push((format!("{key}_id"), id.to_owned()));
            }
        }
        let profile = match inherited {
            Some(profile) if labels.is_empty() => profile,
            // Rows without a process share one profile.
            _ => match self.profiles.iter().position(|known| *known == labels) {
                Some(known) => known,
                None => {
                    self.profiles.push(labels);
                    self.profiles.len() - 1
                }
            },
        };
        let is_frame = process.is_none() && thread.is_none();
        let stack = if is_frame { self.child(stack, name)? } else { stack };
        let node = self.nodes.len();
        self.nodes.push(Node { parent, profile, stack, total: total.number, own: own.map(|own| own.number) });
        self.open.push(Open { indent, stack, node, profile, is_process: process.is_some() });
        Ok(())
    }

    fn child(&mut self, stack: StackId, name: &str) -> Result<StackId, InputError> {
        let Self { symbols, stacks, .. } = self;
        if symbols.strings.text_bytes() + name.len() > u32::MAX as usize {
            return Err(InputError::new(ErrorCode::TooLarge, "the names of the file pass 4 GiB"));
        }
        let name = symbols.strings.intern(name);
        let function = symbols.functions.intern(Function { name, ..Function::default() });
        let frame: FrameId = symbols.frames.intern(Frame { function, ..Frame::default() });
        check_size(stacks, None)?;
        Ok(stacks.child(stack, frame))
    }

    /// Own values, and how many rows have less than their children together.
    fn own_values(&self) -> Result<(Decimals, u64), InputError> {
        let mut own = Decimals::default();
        if self.nodes.iter().any(|node| node.own.is_some()) {
            self.nodes.iter().for_each(|node| own.push(node.own.unwrap_or_default()));
            return Ok((own, 0));
        }
        let scale = self.nodes.iter().map(|node| node.total.scale).max().unwrap_or(0);
        let overflow = || InputError::new(ErrorCode::ValueOverflow, "a value is beyond 64 bits");
        let total = |node: &Node| rescaled(node.total.digits, node.total.scale, scale).ok_or_else(overflow);
        let mut rest = self.nodes.iter().map(total).collect::<Result<Vec<i64>, _>>()?;
        for node in &self.nodes {
            if let Some(parent) = node.parent {
                rest[parent] = rest[parent].checked_sub(total(node)?).ok_or_else(overflow)?;
            }
        }
        let lacking = rest.iter().filter(|&&value| value < 0).count() as u64;
        rest.iter().for_each(|&value| own.push(Decimal { digits: value.max(0), scale, is_rounded: false }));
        Ok((own, lacking))
    }

    pub(super) fn finish(self, warnings: &mut Warnings) -> Result<Batch, InputError> {
        if self.columns.is_none() {
            let message = "the file has no line with the titles of its columns";
            return Err(InputError::new(ErrorCode::UnrecognizedFormat, message));
        }
        let first = self.junk_at.map_or(0, |(number, _)| number);
        warnings.add_many("unreadable-line", self.junk, self.junk_at.map(|(_, offset)| offset), || {
            format!("lines that are no rows of the tree are left out, first line {first}")
        });
        let (mut own, lacking) = self.own_values()?;
        warnings.add_many("inconsistent-values", lacking, None, || {
            "rows have less than their children together; their own value counts as 0".to_owned()
        });
        own.fit_sum(1)?;
        warnings.add_many("rounded-values", own.rounded(), None, || {
            "values with more decimal places than can be kept were rounded".to_owned()
        });
        let mut tables: Vec<SampleTableBuilder> =
            self.profiles.iter().map(|_| SampleTableBuilder::new(&[own.scale()])).collect();
        for (node, value) in self.nodes.iter().zip(own.values().iter()) {
            if value != 0 {
                tables[node.profile].add(node.stack, AttributeSetId::EMPTY, &[value])?;
            }
        }
        let profile_type = profile_type(self.quantity);
        let is_one = tables.len() == 1;
        let mut batch = Batch { symbols: self.symbols, stacks: self.stacks.finish(), ..Batch::default() };
        for (table, labels) in tables.into_iter().zip(self.profiles) {
            let table = table.finish();
            // A process whose threads have all of it is no profile of its own.
            if table.records == 0 && !is_one {
                continue;
            }
            let row = batch.tables.len() as u32;
            batch.profiles.push(ProfileEntry {
                profile_type: profile_type.clone(),
                table: row,
                labels,
                ..ProfileEntry::default()
            });
            batch.tables.push(table);
        }
        Ok(batch)
    }
}

/// Name and id of `Name (12)`.
fn split_process(name: &str) -> Option<(&str, &str)> {
    let (name, id) = name.strip_suffix(')')?.rsplit_once(" (")?;
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| (name.trim_end(), id))
}

/// Name and id of `Name  0x12`.
fn split_thread(name: &str) -> Option<(&str, &str)> {
    let (name, id) = name.rsplit_once("  0x")?;
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| (name.trim_end(), id))
}

fn profile_type(quantity: Option<Quantity>) -> ProfileType {
    let (name, sample_type, sample_unit) = match quantity {
        Some(Quantity::Time) => ("process_cpu", "time", "nanoseconds"),
        Some(Quantity::Space) => ("memory", "space", "bytes"),
        Some(Quantity::Cycles) => ("process_cpu", "cycles", "count"),
        None => ("samples", "samples", "count"),
    };
    type_without_period(name, sample_type, sample_unit)
}
