//! The tree and the samples of a CPU profile, as `.cpuprofile` files and Chrome traces carry them.

use std::collections::HashMap;

use emberglass_columns::{PackedInts, sorted_rows};
use emberglass_profile::{
    AttributeSetId, ErrorCode, FrameId, InputError, ProfileEntry, SampleTable, SampleTableBuilder, StackId, Warnings,
};
use emberglass_trie::StackBuilder;

use crate::profile_types::type_without_period;

/// A tree of call frames whose nodes come in any order.
#[derive(Default)]
pub(crate) struct NodeTree {
    /// Row of each node by its id.
    rows: HashMap<i64, u32, foldhash::fast::FixedState>,
    ids: Vec<i64>,
    /// Frame of each row, `None` for a root.
    frames: Vec<Option<FrameId>>,
    /// Id of each row's parent.
    parents: Vec<Option<i64>>,
}

impl NodeTree {
    /// Adds a node; one whose id was there before is left out, with a warning.
    pub(crate) fn add(&mut self, id: i64, parent: Option<i64>, frame: Option<FrameId>, warnings: &mut Warnings) {
        let row = self.ids.len() as u32;
        if self.rows.contains_key(&id) {
            warnings.add("duplicate-node", None, || format!("node {id} is there twice; the first counts"));
            return;
        }
        self.rows.insert(id, row);
        self.ids.push(id);
        self.frames.push(frame);
        self.parents.push(parent);
    }

    /// Says that `child` hangs below `parent`; both may come later.
    pub(crate) fn link(&mut self, links: &[(i64, i64)]) {
        for (parent, child) in links {
            if let Some(slot) = self.rows.get(child).and_then(|&row| self.parents.get_mut(row as usize)) {
                slot.get_or_insert(*parent);
            }
        }
    }

    /// Stack of each node.
    ///
    /// # Errors
    /// `bad-reference` for a parent that does not exist, `malformed` for nodes that are their own ancestors.
    pub(crate) fn stacks(&self, stacks: &mut StackBuilder) -> Result<NodeStacks<'_>, InputError> {
        const UNKNOWN: u32 = u32::MAX;
        const ON_THE_WAY: u32 = u32::MAX - 1;
        let mut of_row = vec![UNKNOWN; self.ids.len()];
        let mut way: Vec<u32> = Vec::new();
        for start in 0..self.ids.len() {
            let mut at = start;
            let mut stack = loop {
                match of_row[at] {
                    UNKNOWN => {}
                    ON_THE_WAY => {
                        let message = format!("node {} is its own ancestor", self.ids[at]);
                        return Err(InputError::new(ErrorCode::Malformed, message));
                    }
                    known => break StackId(known),
                }
                of_row[at] = ON_THE_WAY;
                way.push(at as u32);
                let Some(parent) = self.parents[at] else { break StackId::ROOT };
                match self.rows.get(&parent) {
                    Some(&row) => at = row as usize,
                    None => {
                        let message = format!("node {} names parent {parent}, which does not exist", self.ids[at]);
                        return Err(InputError::new(ErrorCode::BadReference, message));
                    }
                }
            };
            while let Some(row) = way.pop() {
                if let Some(frame) = self.frames[row as usize] {
                    stack = stacks.child(stack, frame);
                }
                of_row[row as usize] = stack.0;
            }
        }
        Ok(NodeStacks { tree: self, of_row })
    }
}

/// The stacks of a tree's nodes.
pub(crate) struct NodeStacks<'t> {
    tree: &'t NodeTree,
    of_row: Vec<u32>,
}

impl NodeStacks<'_> {
    /// Stack of the node with an id.
    ///
    /// # Errors
    /// `bad-reference` if there is none.
    pub(crate) fn of(&self, id: i64) -> Result<StackId, InputError> {
        let row = self.tree.rows.get(&id).and_then(|&row| self.of_row.get(row as usize));
        row.map(|&stack| StackId(stack)).ok_or_else(|| {
            InputError::new(ErrorCode::BadReference, format!("a sample names node {id}, which does not exist"))
        })
    }
}

/// Samples of one profile: nodes, and their times in nanoseconds.
#[derive(Default)]
pub(crate) struct Samples {
    pub(crate) nodes: PackedInts,
    /// As long as `nodes`, or empty where the profile has no times.
    pub(crate) times: PackedInts,
    pub(crate) end: i64,
}

impl Samples {
    /// Counts, and nanoseconds where there are times: a sample lasts until the next one, the last until the end.
    pub(crate) fn table(mut self, stacks: &NodeStacks<'_>, warnings: &mut Warnings) -> Result<SampleTable, InputError> {
        if self.times.is_empty() && !self.nodes.is_empty() {
            let mut table = SampleTableBuilder::new(&[0]);
            for node in self.nodes {
                table.add(stacks.of(node)?, AttributeSetId::EMPTY, &[1])?;
            }
            return Ok(table.finish());
        }
        self.sort(warnings);
        let mut table = SampleTableBuilder::new(&[0, 0]);
        let Self { nodes, times, end } = self;
        let mut times = times.into_iter().peekable();
        for node in nodes {
            let Some(time) = times.next() else { break };
            let span = times.peek().copied().unwrap_or(end).saturating_sub(time).max(0);
            table.add_at(time, stacks.of(node)?, AttributeSetId::EMPTY, &[1, span])?;
        }
        Ok(table.finish())
    }

    fn sort(&mut self, warnings: &mut Warnings) {
        if self.times.is_sorted() {
            return;
        }
        let pairs = self.times.iter().zip(self.times.iter().skip(1));
        let back = pairs.filter(|(before, after)| after < before).count() as u64;
        warnings.add_many("times-run-backwards", back, None, || {
            "samples whose times run backwards were sorted by time".to_owned()
        });
        let order =
            sorted_rows(self.times.len(), &mut |a, b| self.times.get(a as usize).cmp(&self.times.get(b as usize)));
        self.nodes = self.nodes.gather(&order);
        self.times = self.times.gather(&order);
    }
}

/// The profiles of a table: `samples`, and `cpu` where it has times.
pub(crate) fn entries(table: u32, columns: usize, labels: &[(String, String)], duration: i64) -> Vec<ProfileEntry> {
    let types = [("samples", "count"), ("cpu", "nanoseconds")];
    let entry = |(column, (sample_type, unit)): (usize, (&str, &str))| ProfileEntry {
        profile_type: type_without_period("process_cpu", sample_type, unit),
        table,
        column: column as u32,
        labels: labels.to_vec(),
        duration,
        ..ProfileEntry::default()
    };
    types.into_iter().enumerate().take(columns).map(entry).collect()
}
