//! How the frames of a question are filtered, and what they are told apart by.

use emberglass_labels::{LabelSet, StackEnds, TagFilter, TagFrames};
use emberglass_profile::{Batch, StackTable, Symbols};
use emberglass_query::YieldNow;
use emberglass_trie::{Granularity, MergedTrie};
use emberglass_views::Names;
use emberglass_views::filter::{Filter, FilterError, Filters, FrameGranularity};

use crate::EngineError;
use crate::results::overflow;

/// Frame filters in order, and a granularity.
#[derive(Clone, Debug)]
pub struct Shaping {
    filters: Filters,
    granularity: FrameGranularity,
}

impl From<FilterError> for EngineError {
    fn from(error: FilterError) -> Self {
        Self { offset: Some(error.position as u64), ..Self::new("bad-filter", error.to_string()) }
    }
}

impl Shaping {
    /// Reads filters, and the name of a granularity; without one frames are told apart by function.
    ///
    /// # Errors
    /// `bad-filter`; `bad-argument` for a granularity that there is not.
    pub fn read(filters: &[String], granularity: Option<&str>) -> Result<Self, EngineError> {
        let filters = Filters::parse(filters)?;
        let known = granularity.map_or(Some(FrameGranularity::Function), FrameGranularity::parse);
        let granularity = known.ok_or_else(|| {
            let found = granularity.unwrap_or_default();
            EngineError::new(
                "bad-argument",
                format!("frames are told apart by function, file, line, package, binary or thread, not {found:?}"),
            )
        })?;
        Ok(Self { filters, granularity })
    }

    /// True if nothing is changed.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.filters.is_empty() && self.granularity == FrameGranularity::Function
    }

    /// What profiles are merged by.
    #[must_use]
    pub fn merged_by(&self) -> Granularity {
        self.granularity.merged_by()
    }

    /// The filters that decide what is merged, as they are written.
    #[must_use]
    pub fn merged_with(&self) -> Vec<String> {
        let of_labels = |filter: &&Filter| !matches!(filter, Filter::Frames { .. } | Filter::Preset(_));
        self.filters.iter().filter(of_labels).map(ToString::to_string).collect()
    }

    /// Which series are merged at all.
    #[must_use]
    pub fn tags(&self) -> Vec<TagFilter> {
        self.filters.tags()
    }

    /// Labels whose values stand in the stacks as frames.
    #[must_use]
    pub fn tag_frames(&self) -> TagFrames {
        self.filters.tag_frames(self.granularity)
    }

    /// True if stacks may be left out by their frames.
    #[must_use]
    pub fn chooses_stacks(&self) -> bool {
        self.filters.has_frames()
    }

    /// Which stacks stay between the frames of labels, by row.
    #[must_use]
    pub fn keeps(&self, symbols: &Symbols, stacks: &StackTable, ends: &StackEnds, names: &Names) -> Vec<bool> {
        self.filters.keeps(symbols, stacks, ends, names)
    }

    /// Changes profiles that are not merged; `labels` are those that their source adds to their own.
    ///
    /// # Errors
    /// `value-overflow`.
    pub fn apply_to_batch(&self, batch: &mut Batch, labels: &LabelSet) -> Result<(), EngineError> {
        if self.is_plain() {
            return Ok(());
        }
        Ok(self.filters.apply_to_batch(self.granularity, batch, labels)?)
    }

    /// The trie without what the filters by frames leave out, and by its nodes where their stacks are then; see
    /// [`Filters::apply_to_nodes`].
    pub async fn apply_to_nodes(
        &self,
        trie: MergedTrie,
        names: &Names,
        pause: &impl YieldNow,
    ) -> (MergedTrie, Vec<u32>) {
        self.filters.apply_to_nodes(trie, names, pause).await
    }

    /// The trie as it was asked for; `names_of` gives the names that it is shown with.
    ///
    /// # Errors
    /// `value-overflow`.
    pub async fn apply(
        &self,
        trie: MergedTrie,
        names_of: impl AsyncFn(&MergedTrie) -> Names,
        pause: &impl YieldNow,
    ) -> Result<MergedTrie, EngineError> {
        if self.is_plain() {
            return Ok(trie);
        }
        let filtered = self.filters.apply_sliced(trie, &names_of, pause).await.map_err(overflow)?;
        self.granularity.apply_sliced(filtered, &names_of, pause).await.map_err(overflow)
    }
}
