//! What share of each input's values every function has: how much shares differ from input to input.

use emberglass_profile::FunctionId;
use emberglass_store::{Backend, Block, ProfileTable, SectionKind, Store};
use rustc_hash::FxHashMap;

use crate::directories::{SelectedSeries, selected_in_range, without_damage};
use crate::missing::{Gaps, Missing};
use crate::run::Parts;
use crate::yielding::STACK;
use crate::{QueryError, Selection, YieldNow};
use emberglass_trie::Work;

/// Sums over inputs of a share and of its square.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ShareSums {
    /// Of the shares, each from 0 to 1.
    pub shares: f64,
    /// Of their squares.
    pub squares: f64,
}

impl ShareSums {
    fn add(&mut self, share: f64) {
        self.shares += share;
        self.squares += share * share;
    }
}

/// Shares of the functions of a selection, by input: the profiles of one input that differ in the labels of their samples are
/// one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunctionShares {
    /// Inputs; those whose values sum to nothing, or to less, are left out.
    pub inputs: u64,
    /// By name: of the values of stacks that end in a function of that name, and of those that have one, each stack once.
    pub functions: FxHashMap<String, [ShareSums; 2]>,
    /// What of the selection can't be read, or is kept as a sum only: it is not in it.
    pub missing: Option<Missing>,
}

/// What share of each selected input every function has.
///
/// # Errors
/// Those of the store.
pub async fn function_shares<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    pause: &impl YieldNow,
) -> Result<FunctionShares, QueryError> {
    without_damage(store, async || attempt(store, selection, pause).await).await
}

async fn attempt<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    pause: &impl YieldNow,
) -> Result<FunctionShares, QueryError> {
    let mut gaps = Gaps::of(store);
    let found = selected_in_range(store, selection, &mut gaps, pause).await?;
    let mut sums = Sums::default();
    let mut work = Work::default();
    for (directory, series) in found {
        let table = &directory.profiles;
        let rows = rows_by_source(table, &series, |row| {
            let part = table.sample_part.get(row).copied().unwrap_or_default();
            let is_there =
                !gaps.lacks_stacks(directory.id) && !table.is_summed(row) && !gaps.lacks_samples(directory.id, part);
            if !is_there {
                gaps.miss_profile(table.start.get(row).copied().unwrap_or_default());
            }
            is_there
        });
        if rows.is_empty() {
            continue;
        }
        let block = store.block_sliced(directory.id, pause).await?;
        let stacks = Stacks::new(&block, &mut sums);
        work.done(block.stacks.len() * STACK, pause).await;
        let numbers: Vec<u16> = rows.iter().filter_map(|&(_, row)| table.sample_part.get(row).copied()).collect();
        let mut parts = Parts::new(SectionKind::Samples);
        for (at, &(source, row)) in rows.iter().enumerate() {
            let part = parts.of(store, &block, numbers.get(at..).unwrap_or_default()).await?;
            let samples = block.rows(row, &part)?;
            let unit = 10f64.powi(-i32::from(table.scale.get(row).copied().unwrap_or_default()));
            let mut steps = 0;
            for (&stack, &value) in samples.stacks.iter().zip(&samples.values) {
                steps += sums.count(&stacks, stack as usize, value as f64 * unit);
            }
            if rows.get(at + 1).is_none_or(|&(next, _)| next != source) {
                sums.end_input();
            }
            work.done(samples.len() + steps, pause).await;
        }
    }
    let Sums { inputs, names, of, .. } = sums;
    let functions = names.into_iter().map(|(name, id)| (name, of.get(id as usize).copied().unwrap_or_default()));
    Ok(FunctionShares { inputs, functions: functions.collect(), missing: gaps.missing() })
}

/// Selected rows with their inputs, those of one input together.
fn rows_by_source(
    table: &ProfileTable,
    series: &[SelectedSeries],
    mut is_there: impl FnMut(usize) -> bool,
) -> Vec<(u32, usize)> {
    let rows = series.iter().flat_map(|(_, range)| range.clone()).filter(|&row| is_there(row));
    let mut rows: Vec<(u32, usize)> = rows.filter_map(|row| Some((*table.source.get(row)?, row))).collect();
    emberglass_columns::heap_sort(&mut rows);
    rows
}

/// The stacks of a block by the names of their functions.
struct Stacks<'a> {
    parents: &'a [emberglass_profile::StackId],
    /// Name of the function of the innermost frame.
    names: Vec<u32>,
}

impl<'a> Stacks<'a> {
    fn new(block: &'a Block, sums: &mut Sums) -> Self {
        let symbols = &block.symbols;
        let functions = 0..symbols.functions.len() as u32;
        let names: Vec<u32> = functions.map(|at| sums.name(symbols.function_name(FunctionId(at)))).collect();
        let of = |&frame| {
            let frame = symbols.frames.get(frame).unwrap_or_default();
            names.get(frame.function.index()).copied().unwrap_or_default()
        };
        let names = block.stacks.frames().iter().map(of).collect();
        Self { parents: block.stacks.parents(), names }
    }
}

#[derive(Default)]
struct Sums {
    inputs: u64,
    names: FxHashMap<String, u32>,
    of: Vec<[ShareSums; 2]>,
    /// Values of the input under way: by name, those that have some, and all.
    values: Vec<[f64; 2]>,
    touched: Vec<u32>,
    total: f64,
    /// Number of the stack in which a name was seen last.
    seen: Vec<u64>,
    stack: u64,
}

impl Sums {
    fn name(&mut self, name: &str) -> u32 {
        if let Some(&known) = self.names.get(name) {
            return known;
        }
        let id = self.of.len() as u32;
        self.names.insert(name.to_owned(), id);
        self.of.push(<[ShareSums; 2]>::default());
        self.values.push([0.0; 2]);
        self.seen.push(0);
        id
    }

    /// Adds the value of a stack; gives how many frames it has.
    fn count(&mut self, stacks: &Stacks<'_>, stack: usize, value: f64) -> usize {
        self.total += value;
        self.stack += 1;
        let (mut at, mut depth) = (stack, 0);
        // Row 0 is the empty stack.
        while at != 0 {
            let (Some(&name), Some(parent)) = (stacks.names.get(at), stacks.parents.get(at)) else { break };
            let name_at = name as usize;
            if self.seen[name_at] != self.stack {
                self.seen[name_at] = self.stack;
                if self.values[name_at] == [0.0; 2] {
                    self.touched.push(name);
                }
                self.values[name_at][1] += value;
                if depth == 0 {
                    self.values[name_at][0] += value;
                }
            }
            depth += 1;
            at = parent.index();
        }
        depth
    }

    fn end_input(&mut self) {
        let total = std::mem::take(&mut self.total);
        self.inputs += u64::from(total > 0.0);
        for name in std::mem::take(&mut self.touched) {
            let values = std::mem::take(&mut self.values[name as usize]);
            if total > 0.0 {
                for (sums, value) in self.of[name as usize].iter_mut().zip(values) {
                    sums.add(value / total);
                }
            }
        }
    }
}
