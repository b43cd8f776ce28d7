//! Frame filters: which stacks of a merged trie are looked at, and which of their frames.
//!
//! A filter is a pure function from trie to trie; a list of them is applied in order. What each does to a stack:
//!
//! | verb | a stack | as in |
//! |---|---|---|
//! | `focus` | stays if a frame matches | google/pprof |
//! | `ignore` | goes if a frame matches | google/pprof |
//! | `hide` | loses the frames that match; goes if none is left | google/pprof |
//! | `show-from` | begins at the outermost frame that matches; goes if none does | google/pprof |
//! | `merge` | loses the frames that match: their callers have their values | Firefox Profiler, merge function |
//! | `drop` | goes if a frame matches | Firefox Profiler, drop samples with function |
//! | `collapse` | where a function that matches calls itself again, loses what lies between | Firefox Profiler, collapse recursion |
//! | `collapse-function` | ends at the outermost frame that matches | Firefox Profiler, collapse function |
//!
//! google/pprof: `FilterSamplesByName` and `ShowFrom` in <https://github.com/google/pprof/blob/main/profile/filter.go>; Firefox
//! Profiler: <https://github.com/firefox-devtools/profiler/blob/main/docs-user/guide-filtering-call-trees.md>. The first four look
//! at name, file and binary of a frame as pprof does, the others at the name, unless the filter says where. An empty stack goes by
//! each of the first four, as it does in pprof; the others leave it, and stacks that they empty, in the total.
//!
//! `tagfocus`, `tagignore`, `tagroot` and `tagleaf` are about the labels of samples, which a merged trie has no more: they are
//! applied while merging, before all others, as pprof does.

mod apply;
mod granularity;
mod presets;
mod test;
mod text;

use emberglass_labels::TagFilter;
use emberglass_trie::{MergedTrie, TreeOverflow};

pub use granularity::FrameGranularity;
pub use presets::Preset;
pub use test::{Field, FrameTest};
pub use text::FilterError;

use crate::Names;

/// What a filter does to the stacks with a frame that matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// Keeps those stacks.
    Focus,
    /// Leaves them out.
    Ignore,
    /// Takes the frames out, and stacks that have no other.
    Hide,
    /// Lets the stacks begin at the outermost frame that matches; leaves out those without.
    ShowFrom,
    /// Takes the frames out, and gives their values to their callers.
    Merge,
    /// Leaves the stacks out.
    Drop,
    /// Takes recursion out.
    Collapse,
    /// Takes what the frames call out.
    CollapseFunction,
}

impl Verb {
    const ALL: [Self; 8] = [
        Self::Focus,
        Self::Ignore,
        Self::Hide,
        Self::ShowFrom,
        Self::Merge,
        Self::Drop,
        Self::Collapse,
        Self::CollapseFunction,
    ];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Focus => "focus",
            Self::Ignore => "ignore",
            Self::Hide => "hide",
            Self::ShowFrom => "show-from",
            Self::Merge => "merge",
            Self::Drop => "drop",
            Self::Collapse => "collapse",
            Self::CollapseFunction => "collapse-function",
        }
    }

    /// Where it looks unless the filter says it.
    const fn default_field(self) -> Field {
        match self {
            Self::Focus | Self::Ignore | Self::Hide | Self::ShowFrom => Field::Any,
            Self::Merge | Self::Drop | Self::Collapse | Self::CollapseFunction => Field::Function,
        }
    }
}

/// One filter.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Filter {
    /// By frames.
    Frames {
        /// What to do.
        verb: Verb,
        /// Which frames.
        test: FrameTest,
    },
    /// By the labels of samples.
    Tags(TagFilter),
    /// The value of a label as the outermost frame; that of the first such filter is closest to the root.
    TagRoot(String),
    /// The value of a label as the innermost frame; that of the last such filter is the leaf.
    TagLeaf(String),
    /// A list of filters with a name.
    Preset(Preset),
}

/// Filters in order.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    list: Vec<Filter>,
}

impl Filters {
    /// Reads one filter from each text.
    ///
    /// # Errors
    /// The first text that can't be read, and why.
    pub fn parse<T: AsRef<str>>(texts: &[T]) -> Result<Self, FilterError> {
        let list = texts.iter().map(|text| text.as_ref().parse());
        Ok(Self { list: list.collect::<Result<_, _>>()? })
    }

    /// True without filters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The filters as they are written.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Filter> {
        self.list.iter()
    }

    /// True if a filter is about labels.
    #[must_use]
    pub fn has_tags(&self) -> bool {
        self.list.iter().any(|filter| matches!(filter, Filter::Tags(_) | Filter::TagRoot(_) | Filter::TagLeaf(_)))
    }

    /// Which samples are merged at all.
    #[must_use]
    pub fn tags(&self) -> Vec<TagFilter> {
        let tags =
            self.list.iter().filter_map(|filter| if let Filter::Tags(tags) = filter { Some(tags) } else { None });
        tags.cloned().collect()
    }

    /// Labels whose values become the outermost frames.
    #[must_use]
    pub fn tag_roots(&self) -> Vec<String> {
        let keys =
            self.list.iter().filter_map(|filter| if let Filter::TagRoot(key) = filter { Some(key) } else { None });
        keys.cloned().collect()
    }

    /// Labels whose values become the innermost frames.
    #[must_use]
    pub fn tag_leaves(&self) -> Vec<String> {
        let keys =
            self.list.iter().filter_map(|filter| if let Filter::TagLeaf(key) = filter { Some(key) } else { None });
        keys.cloned().collect()
    }

    /// Applies the filters by frames; `names_of` gives the names that a trie is shown with, which filters match as they match
    /// the stored ones.
    ///
    /// # Errors
    /// [`TreeOverflow`] when values of different signs leave the 64-bit range once their nodes are one.
    pub fn apply(&self, trie: MergedTrie, names_of: &dyn Fn(&MergedTrie) -> Names) -> Result<MergedTrie, TreeOverflow> {
        let mut filtered = trie;
        let one = |trie: &MergedTrie, verb: Verb, test: &FrameTest| {
            let matching = test.functions(trie, &names_of(trie));
            if matching.contains(&true) || verb.needs_no_match(trie) {
                apply::apply(trie, verb, &matching).map(Some)
            } else {
                Ok(None)
            }
        };
        for filter in &self.list {
            match filter {
                Filter::Frames { verb, test } => {
                    if let Some(changed) = one(&filtered, *verb, test)? {
                        filtered = changed;
                    }
                }
                Filter::Preset(preset) => {
                    for (verb, test) in preset.filters() {
                        if let Some(changed) = one(&filtered, verb, &test)? {
                            filtered = changed;
                        }
                    }
                }
                Filter::Tags(_) | Filter::TagRoot(_) | Filter::TagLeaf(_) => {}
            }
        }
        Ok(filtered)
    }
}

impl Verb {
    /// True if no stack without frames stays.
    const fn needs_frames(self) -> bool {
        matches!(self, Self::Focus | Self::Ignore | Self::Hide | Self::ShowFrom)
    }

    /// True if a trie without a frame that matches does not stay as it is.
    fn needs_no_match(self, trie: &MergedTrie) -> bool {
        let has_empty_stack = trie.tree.self_value.first().is_some_and(|&value| value != 0);
        matches!(self, Self::Focus | Self::ShowFrom) || self.needs_frames() && has_empty_stack
    }
}
