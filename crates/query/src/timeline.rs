//! One profile in order of time: its records, each with the node of the profile's own tree that it counts to.

use std::collections::BTreeMap;
use std::rc::Rc;

use emberglass_columns::heap_sort;
use emberglass_labels::{StackEnds, TagFrame};
use emberglass_profile::{FunctionId, StringId, Symbols};
use emberglass_store::{Backend, Block, Identity, Records, Store};
use emberglass_trie::{Granularity, LayerValues, MergedTrie, Merger, finish};

use crate::directories::with_restart;
use crate::profiles::{StoredProfile, find};
use crate::{QueryError, Selection, YieldNow};

/// Stands for a stack that the tree does not have, since the values of all records under it add up to 0.
pub const NO_NODE: u32 = u32::MAX;

/// A profile whose format has a time for each record.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The profile.
    pub profile: StoredProfile,
    /// Its symbols and stacks.
    pub block: Rc<Block>,
    /// Its records in order of time; stacks are rows of `block.stacks`, values are times 10^-scale of the profile.
    pub records: Records,
    /// The profile as a tree.
    pub trie: MergedTrie,
    /// Node of the tree by stack, or [`NO_NODE`]; of the stacks that no record has or passes it says nothing.
    pub node_of_stack: Vec<u32>,
}

impl Timeline {
    /// The node that a record counts to, or [`NO_NODE`].
    #[must_use]
    pub fn node(&self, record: usize) -> u32 {
        let stack = self.records.stacks.get(record).copied().unwrap_or(NO_NODE);
        self.node_of_stack.get(stack as usize).copied().unwrap_or(NO_NODE)
    }
}

/// The records of the profile of a selection that has an identity; `None` if there is none, or its format has no time
/// for each record.
///
/// # Errors
/// Those of the store, or an overflow.
pub async fn timeline<B: Backend>(
    store: &Store<B>,
    selection: &Selection,
    identity: Identity,
    pause: &impl YieldNow,
) -> Result<Option<Timeline>, QueryError> {
    with_restart(store, async || {
        let Some((profile, at)) = find(store, selection, identity, pause).await? else { return Ok(None) };
        let block = store.block_sliced(at.block, pause).await?;
        // Of a sum nobody knows the records.
        if block.profiles.is_summed(at.row) {
            return Ok(None);
        }
        let Some(records) = store.records(&block, at.row).await? else { return Ok(None) };
        pause.yield_now().await;
        let mut merger = Merger::new(Granularity::Function);
        let ends = StackEnds::default();
        add_profile(&mut merger, store, &block, at.row, &ends).await?;
        let trie = finish(&merger, pause).await?;
        let node_of_stack = NodesOfStacks::new(&trie).of(&block, &ends);
        Ok(Some(Timeline { profile, block, records, trie, node_of_stack }))
    })
    .await
}

/// Adds the rows of one profile of a block, with the frames of labels around each stack.
pub(crate) async fn add_profile<B: Backend>(
    merger: &mut Merger,
    store: &Store<B>,
    block: &Block,
    row: usize,
    ends: &StackEnds,
) -> Result<(), QueryError> {
    let part = block.profiles.sample_part.get(row).copied().unwrap_or_default();
    let part = store.samples(block.id, part).await?;
    let scale = block.profiles.scale.get(row).copied().unwrap_or_default();
    let mut values = vec![0i64; block.stacks.len()];
    let rows = block.rows(row, &part)?;
    let mut add = |values: &[i64]| {
        merger.add_with_ends(ends, &block.symbols, &block.stacks, &LayerValues { values, scale, divisor: 1 })
    };
    for (stack, _, value) in rows.iter() {
        let Some(sum) = values.get_mut(stack.index()) else { continue };
        match sum.checked_add(value) {
            Some(added) => *sum = added,
            None => {
                // The merger's sums are wider.
                add(&values)?;
                values.fill(0);
                if let Some(sum) = values.get_mut(stack.index()) {
                    *sum = value;
                }
            }
        }
    }
    add(&values)?;
    Ok(())
}

fn key_of(symbols: &Symbols, id: FunctionId) -> [&str; 3] {
    let function = symbols.functions.get(id).unwrap_or_default();
    let text = |id: StringId| symbols.text(id);
    [text(function.name), text(function.file), text(function.system_name)]
}

/// Finds the nodes of a trie that the stacks of blocks stand at.
pub(crate) struct NodesOfStacks<'a> {
    functions: BTreeMap<[&'a str; 3], u32>,
    /// Parent, key and node, sorted.
    children: Vec<(u32, u32, u32)>,
}

impl<'a> NodesOfStacks<'a> {
    pub(crate) fn new(trie: &'a MergedTrie) -> Self {
        let functions = (0..trie.symbols.functions.len() as u32).map(FunctionId);
        let functions = functions.map(|id| (key_of(&trie.symbols, id), id.0)).collect();
        let tree = &trie.tree;
        let mut children: Vec<(u32, u32, u32)> =
            (1..tree.len()).map(|node| (tree.parent[node], tree.key[node], node as u32)).collect();
        heap_sort(&mut children);
        Self { functions, children }
    }

    fn child(&self, parent: u32, key: u32) -> u32 {
        let at = self.children.binary_search_by(|&(of, with, _)| (of, with).cmp(&(parent, key)));
        at.ok().and_then(|at| self.children.get(at)).map_or(NO_NODE, |&(.., node)| node)
    }

    /// The node below another that the frames of labels lead to, or [`NO_NODE`].
    fn below(&self, node: u32, frames: &[TagFrame]) -> u32 {
        let key = |frame: &TagFrame| self.functions.get(&[frame.value.as_str(), &frame.key, ""]).copied();
        frames.iter().fold(node, |node, frame| self.child(node, key(frame).unwrap_or(NO_NODE)))
    }

    /// The node of each stack of a block between the frames of labels, or [`NO_NODE`].
    pub(crate) fn of(&self, block: &Block, ends: &StackEnds) -> Vec<u32> {
        let of_function: Vec<u32> = (0..block.symbols.functions.len() as u32)
            .map(|row| self.functions.get(&key_of(&block.symbols, FunctionId(row))).copied().unwrap_or(NO_NODE))
            .collect();
        let mut node_of_stack = vec![NO_NODE; block.stacks.len()];
        if let Some(root) = node_of_stack.first_mut() {
            *root = self.below(0, &ends.roots);
        }
        for stack in 1..node_of_stack.len() {
            let parent = block.stacks.parents()[stack];
            let frame = block.symbols.frames.get(block.stacks.frames()[stack]).unwrap_or_default();
            let key = of_function.get(frame.function.index()).copied().unwrap_or(NO_NODE);
            let parent = node_of_stack[parent.index()];
            node_of_stack[stack] = self.child(parent, key);
        }
        if !ends.leaves.is_empty() {
            node_of_stack.iter_mut().for_each(|node| *node = self.below(*node, &ends.leaves));
        }
        node_of_stack
    }
}
