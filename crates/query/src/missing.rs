//! What an answer had to leave out, because it can't be read.

use std::collections::BTreeMap;

use emberglass_store::{Backend, BlockId, BlockMeta, SectionKey, SectionKind, Store, StoreError};

/// Profiles that are stored, belong to the answer, and are not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// How many (series x time).
    pub profiles: u64,
    /// True if some of them may not have belonged to the selection: their labels can't be read either.
    pub at_most: bool,
    /// Start of the first, ns.
    pub from: i64,
    /// One past the start of the last.
    pub until: i64,
}

impl Missing {
    fn add(&mut self, other: Self) {
        self.profiles += other.profiles;
        self.at_most |= other.at_most;
        self.from = self.from.min(other.from);
        self.until = self.until.max(other.until);
    }
}

/// The sections that can't be used, and what that takes out of an answer.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    quarantined: BTreeMap<SectionKey, String>,
    missing: Option<Missing>,
}

impl Gaps {
    pub(crate) fn of<B: Backend>(store: &Store<B>) -> Self {
        Self { quarantined: store.quarantined(), missing: None }
    }

    /// Without what its labels and profiles are, nothing of a block can be told.
    pub(crate) fn lacks_directory(&self, block: BlockId) -> bool {
        self.kinds(block).any(|kind| matches!(kind, SectionKind::Series | SectionKind::Profiles | SectionKind::Sources))
    }

    /// True if no sample of a block can be placed, or one of its tables misleads.
    pub(crate) fn lacks_stacks(&self, block: BlockId) -> bool {
        self.kinds(block)
            .any(|kind| matches!(kind, SectionKind::Symbols | SectionKind::Stacks | SectionKind::FunctionCosts))
    }

    pub(crate) fn lacks_rollups(&self, block: BlockId, part: u16) -> bool {
        self.quarantined.contains_key(&SectionKey { block, kind: SectionKind::Rollups, part })
    }

    pub(crate) fn lacks_samples(&self, block: BlockId, part: u16) -> bool {
        self.quarantined.contains_key(&SectionKey { block, kind: SectionKind::Samples, part })
    }

    /// True if records of a block can't be read.
    pub(crate) fn lacks_records(&self, block: BlockId) -> bool {
        self.lacks_stacks(block) || self.kinds(block).any(|kind| kind == SectionKind::Timelines)
    }

    fn kinds(&self, block: BlockId) -> impl Iterator<Item = SectionKind> {
        let first = SectionKey { block, kind: SectionKind::Symbols, part: 0 };
        self.quarantined
            .range(first..)
            .map(|(key, _)| key)
            .take_while(move |key| key.block == block)
            .map(|key| key.kind)
    }

    /// A block of which nothing is known but what the manifest says.
    pub(crate) fn miss_block(&mut self, meta: &BlockMeta, (from, until): (Option<i64>, Option<i64>)) {
        let (first, last) = (meta.first_start, meta.last_start.saturating_add(1));
        self.miss(Missing {
            profiles: u64::from(meta.profiles),
            at_most: true,
            from: from.map_or(first, |from| from.max(first)),
            until: until.map_or(last, |until| until.min(last)),
        });
    }

    /// A profile that would have been part of the answer.
    pub(crate) fn miss_profile(&mut self, start: i64) {
        self.miss(Missing { profiles: 1, at_most: false, from: start, until: start.saturating_add(1) });
    }

    fn miss(&mut self, missing: Missing) {
        match &mut self.missing {
            Some(all) => all.add(missing),
            none => *none = Some(missing),
        }
    }

    pub(crate) const fn missing(&self) -> Option<Missing> {
        self.missing
    }
}

/// True for damage that asking again leaves out, now that the store knows of it.
pub(crate) fn can_go_without<B: Backend>(store: &Store<B>, error: &StoreError) -> bool {
    let StoreError::Damaged { key, .. } = error else { return false };
    let known = store.quarantined().contains_key(key);
    store.quarantine(error);
    !known && store.quarantined().contains_key(key)
}
