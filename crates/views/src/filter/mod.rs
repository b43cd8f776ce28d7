//! Frame filters: which stacks of a merged trie are looked at, and which of their frames.
//!
//! A filter is a pure function from trie to trie; a list of them is applied in order. What each does to a stack:
//!
//! | verb | a stack | as in |
//! |---|---|---|
//! | `focus` | stays if a frame matches | google/pprof |
//! | `ignore` | goes if a frame matches | google/pprof |
//! | `hide` | loses the frames that match; goes if none is left | google/pprof |
//! | `show` | loses the frames that do not match; goes if none is left | google/pprof |
//! | `show-from` | begins at the outermost frame that matches; goes if none does | google/pprof |
//! | `merge` | loses the frames that match: their callers have their values | Firefox Profiler, merge function |
//! | `drop` | goes if a frame matches | Firefox Profiler, drop samples with function |
//! | `collapse` | where a function that matches calls itself again, loses what lies between | Firefox Profiler, collapse recursion |
//! | `collapse-function` | ends at the outermost frame that matches | Firefox Profiler, collapse function |
//!
//! google/pprof: `FilterSamplesByName` and `ShowFrom` in <https://github.com/google/pprof/blob/main/profile/filter.go>; Firefox
//! Profiler: <https://github.com/firefox-devtools/profiler/blob/main/docs-user/guide-filtering-call-trees.md>. The first five look
//! at name, file and binary of a frame as pprof does, the others at the name, unless the filter says where. An empty stack goes by
//! each of the first five, as it does in pprof; the others leave it, and stacks that they empty, in the total.
//!
//! `tagfocus`, `tagignore`, `tagroot` and `tagleaf` are about the labels of samples, which a merged trie has no more: they are
//! applied while merging, before all others; or to profiles that are not merged yet, with all others. `tagroot` and `tagleaf` come
//! first, as in pprof, so that other filters find their frames.

mod batch;
mod granularity;
mod label_frames;
mod nodes;
mod presets;
mod rows;
mod test;
mod text;

use emberglass_labels::{LabelSet, StackEnds, TagFilter, TagFrames};
use emberglass_profile::{Batch, InputError, StackTable, Symbols};
use emberglass_trie::{MergedTrie, NoYield, TreeOverflow, Work, YieldNow, at_once, merge_within, slices};
use rows::StackRows;
use rustc_hash::FxBuildHasher;
use test::Subject;

pub use granularity::FrameGranularity;
pub use presets::Preset;
pub use test::{Field, FrameTest};
pub use text::FilterError;

use crate::Names;
use crate::layout::filled;

/// Units of work of a row that a verb goes over, see [`Work`].
const SWEPT: usize = 2;

type FastMap<K, V> = std::collections::HashMap<K, V, FxBuildHasher>;

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
    /// Takes the other frames out, and stacks that have no other.
    Show,
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
    const ALL: [Self; 9] = [
        Self::Focus,
        Self::Ignore,
        Self::Hide,
        Self::Show,
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
            Self::Show => "show",
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
            Self::Focus | Self::Ignore | Self::Hide | Self::Show | Self::ShowFrom => Field::Any,
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
    /// The values of labels as the outermost frames; that of the first label of the first such filter is the root.
    TagRoot(Vec<String>),
    /// The values of labels as the innermost frames; that of the last label of the last such filter is the leaf.
    TagLeaf(Vec<String>),
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

    /// Which samples are merged at all.
    #[must_use]
    pub fn tags(&self) -> Vec<TagFilter> {
        let tags =
            self.list.iter().filter_map(|filter| if let Filter::Tags(tags) = filter { Some(tags) } else { None });
        tags.cloned().collect()
    }

    /// Labels whose values become frames; those of the granularity are the outermost.
    #[must_use]
    pub fn tag_frames(&self, granularity: FrameGranularity) -> TagFrames {
        let roots = granularity.root_label().map(str::to_owned);
        let mut frames = TagFrames { roots: roots.into_iter().collect(), leaves: Vec::new() };
        for filter in &self.list {
            match filter {
                Filter::TagRoot(keys) => frames.roots.extend(keys.iter().cloned()),
                Filter::TagLeaf(keys) => frames.leaves.extend(keys.iter().cloned()),
                Filter::Frames { .. } | Filter::Tags(_) | Filter::Preset(_) => {}
            }
        }
        frames
    }

    /// Applies the filters by frames; `names_of` gives the names that a trie is shown with, which filters match as they match
    /// the stored ones.
    ///
    /// # Errors
    /// [`TreeOverflow`] when values of different signs leave the 64-bit range once their nodes are one.
    pub fn apply(&self, trie: MergedTrie, names_of: &dyn Fn(&MergedTrie) -> Names) -> Result<MergedTrie, TreeOverflow> {
        at_once(self.apply_sliced(trie, async |trie: &MergedTrie| names_of(trie), &NoYield))
    }

    /// As [`Self::apply`], in slices.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub async fn apply_sliced(
        &self,
        trie: MergedTrie,
        names_of: impl AsyncFn(&MergedTrie) -> Names,
        pause: &impl YieldNow,
    ) -> Result<MergedTrie, TreeOverflow> {
        if !self.has_frames() {
            return Ok(trie);
        }
        let names = names_of(&trie).await;
        let tree = &trie.tree;
        let mut rows = StackRows::of_tree(tree, pause).await;
        // A filter that finds nothing has nothing to make anew.
        let is_left = !self.sweep(&mut rows, &Subject::functions(&trie, &names), pause).await;
        if is_left && (rows.to.first() == Some(&0) || tree.self_value.first() == Some(&0)) {
            return Ok(trie);
        }
        let mut values = filled(rows.parent.len(), 0i64, pause).await;
        let mut work = Work::default();
        for part in slices(0..rows.to.len()) {
            work.done(part.len() * SWEPT, pause).await;
            for (&to, &value) in rows.to[part.clone()].iter().zip(&tree.self_value[part]) {
                if let Some(sum) = values.get_mut(to as usize) {
                    *sum = sum.checked_add(value).ok_or(TreeOverflow)?;
                }
            }
        }
        merge_within(&trie, &rows.parent, &rows.key, &values, pause).await
    }

    /// Applies all filters, and a granularity, to the profiles of a batch, whose labels its source adds `labels` to. What formats
    /// state for each function can't be filtered, and goes.
    ///
    /// # Errors
    /// `value-overflow` when values of different signs leave the 64-bit range once their stacks are one.
    pub fn apply_to_batch(
        &self,
        granularity: FrameGranularity,
        batch: &mut Batch,
        labels: &LabelSet,
    ) -> Result<(), InputError> {
        batch::apply(self, granularity, batch, labels)
    }

    /// Which stacks stay, between the frames of labels that `ends` names; by row.
    #[must_use]
    pub fn keeps(&self, symbols: &Symbols, stacks: &StackTable, ends: &StackEnds, names: &Names) -> Vec<bool> {
        let subject = Subject::frames(symbols, names, ends);
        let mut rows = StackRows::between(stacks, ends, symbols.frames.len() as u32);
        at_once(self.sweep(&mut rows, &subject, &NoYield));
        rows.to.iter().map(|&to| to != rows::NONE).collect()
    }

    /// True if a filter is by frames.
    #[must_use]
    pub fn has_frames(&self) -> bool {
        self.list.iter().any(|filter| matches!(filter, Filter::Frames { .. } | Filter::Preset(_)))
    }

    /// Applies the filters by frames to stacks of frames of `of`; false if no stack with frames changed.
    async fn sweep(&self, rows: &mut StackRows, of: &Subject<'_>, pause: &impl YieldNow) -> bool {
        let mut changes = false;
        let mut work = Work::default();
        let mut apply = async |verb: Verb, test: &FrameTest| {
            let matching = test.keys(of, pause).await;
            changes |= rows.apply(verb, &matching, pause).await;
            work.done(rows.parent.len() * SWEPT, pause).await;
        };
        for filter in &self.list {
            match filter {
                Filter::Frames { verb, test } => apply(*verb, test).await,
                Filter::Preset(preset) => {
                    for (verb, test) in preset.filters() {
                        apply(verb, &test).await;
                    }
                }
                Filter::Tags(_) | Filter::TagRoot(_) | Filter::TagLeaf(_) => {}
            }
        }
        changes
    }
}

impl Verb {
    /// True if no stack without frames stays.
    const fn needs_frames(self) -> bool {
        matches!(self, Self::Focus | Self::Ignore | Self::Hide | Self::Show | Self::ShowFrom)
    }
}
