//! What was merged last, before filters: a filter that is added, changed or taken back merges nothing anew.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use emberglass_profile::{Aggregation, ProfileType};
use emberglass_query::{Missing, QueryOutput, StatedCosts, Widened};
use emberglass_trie::{Granularity, MergedTrie};

use crate::SelectionText;

/// Nodes of all that is kept: about 40 bytes each.
const MAX_NODES: usize = 2_000_000;

/// What decides what a merge gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MergeKey {
    /// The selection, of its filters those that decide what is merged.
    pub(crate) of: SelectionText,
    pub(crate) merged_by: Granularity,
    /// Generation of the store.
    pub(crate) generation: u64,
}

/// What a query merged.
#[derive(Debug)]
pub(crate) struct Merge {
    pub(crate) profile_type: ProfileType,
    pub(crate) aggregation: Aggregation,
    pub(crate) profiles: u32,
    pub(crate) trie: Rc<MergedTrie>,
    pub(crate) missing: Option<Missing>,
    pub(crate) widened: Option<Widened>,
    pub(crate) stated: Option<StatedCosts>,
}

impl From<QueryOutput> for Merge {
    fn from(output: QueryOutput) -> Self {
        let QueryOutput { trie, profiles, aggregation, missing, widened, profile_type, stated } = output;
        let (trie, profiles) = (Rc::new(trie), profiles as u32);
        Self { profile_type, aggregation, profiles, trie, missing, widened, stated }
    }
}

/// Merges by what they are of; the one used last is in front.
#[derive(Debug, Default)]
pub(crate) struct Merges {
    kept: RefCell<VecDeque<(MergeKey, Rc<Merge>)>>,
}

impl Merges {
    pub(crate) fn get(&self, key: &MergeKey) -> Option<Rc<Merge>> {
        let mut kept = self.kept.borrow_mut();
        let at = kept.iter().position(|(known, _)| known == key)?;
        let used = kept.remove(at)?;
        let merge = Rc::clone(&used.1);
        kept.push_front(used);
        Some(merge)
    }

    /// Keeps what is whole and not too large; what is of another generation goes.
    pub(crate) fn keep(&self, key: MergeKey, merge: &Rc<Merge>) {
        let mut kept = self.kept.borrow_mut();
        kept.retain(|(known, _)| known.generation == key.generation);
        if merge.missing.is_some() {
            return;
        }
        kept.push_front((key, Rc::clone(merge)));
        let mut nodes = 0;
        kept.retain(|(_, merge)| {
            nodes += merge.trie.tree.len();
            nodes <= MAX_NODES
        });
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.kept.borrow_mut().clear();
    }
}
