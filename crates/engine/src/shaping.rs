//! How the frames of a question are filtered, and what they are told apart by.

use emberglass_labels::TagFilter;
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
    /// `bad-filter`, also for what takes label values as frames; `bad-argument` for a granularity that there is not.
    pub fn read(filters: &[String], granularity: Option<&str>) -> Result<Self, EngineError> {
        let filters = Filters::parse(filters)?;
        if let Some(of) = filters.iter().find(|filter| matches!(filter, Filter::TagRoot(_) | Filter::TagLeaf(_))) {
            return Err(EngineError::new(
                "bad-filter",
                format!("{of}: label values can't be frames here: group by the label"),
            ));
        }
        let known = granularity.map_or(Some(FrameGranularity::Function), FrameGranularity::parse);
        let granularity = known.filter(|known| known.root_label().is_none()).ok_or_else(|| {
            let found = granularity.unwrap_or_default();
            EngineError::new(
                "bad-argument",
                format!("frames are told apart by function, file, line, package or binary, not {found:?}"),
            )
        })?;
        Ok(Self { filters, granularity })
    }

    /// True if nothing is changed.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.filters.is_empty() && self.granularity == FrameGranularity::Function
    }

    /// What profiles are merged by that would otherwise be by `plain`: filters look at files and packages, which names alone
    /// do not tell.
    #[must_use]
    pub fn merged_by(&self, plain: Granularity) -> Granularity {
        match self.granularity {
            FrameGranularity::Line => Granularity::Line,
            _ if self.is_plain() => plain,
            _ => Granularity::Function,
        }
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

    /// The trie as it was asked for; `names_of` gives the names that it is shown with.
    ///
    /// # Errors
    /// `value-overflow`.
    pub fn apply(&self, trie: MergedTrie, names_of: &dyn Fn(&MergedTrie) -> Names) -> Result<MergedTrie, EngineError> {
        if self.is_plain() {
            return Ok(trie);
        }
        let filtered = self.filters.apply(trie, names_of).map_err(overflow)?;
        self.granularity.apply(filtered, names_of).map_err(overflow)
    }
}
