//! A database of profiles over any back end: ingest, commit, ask, delete.
//!
//! Everything takes `&self`: a host may run an ingest, a commit and several queries at once. State is
//! never borrowed across an await.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use emberglass_labels::{GroupBy, Matchers, SERVICE_NAME, StackEnds, TagFrames};
use emberglass_profile::{Batch, ProfileType, StackTable, Symbols};
use emberglass_query::{
    GroupedSeries, QueryError, QueryRun, Selection, YieldNow, function_shares, grouped_series, kept_grouped_series,
    kept_time_series,
};
use emberglass_store::{Backend, BackendError, CompactStep, Identity, Store, StoreError, TimeSource, Urgency};
use emberglass_trie::{Granularity, MergedTrie};
use emberglass_views::FEWEST;

use crate::answers::{
    CatalogAnswer, CompactAnswer, DeleteAnswer, DrawRequestText, GroupedSeriesAnswer, IngestReceipt, LabelAnswer,
    MissingAnswer, NodeAnswer, PathStepAnswer, ProfileAnswer, ProfilePageAnswer, QueryAnswer, SearchAnswer,
    SelectionText, SeriesAnswer, ServiceAnswer, StatusAnswer, TimelineAnswer, TimelinePage, TopAnswer, TypeAnswer,
    WidenedAnswer,
};
use crate::derive::derive;
use crate::group::CommitGroup;
use crate::merges::{Merge, MergeKey, Merges};
use crate::naming::Naming;
use crate::results::{QueryResult, Results, aggregation_name, overflow};
use crate::significance::Significance;
use crate::timeline::RecordNodes;
use crate::view_answers::{
    CallGraphAnswer, ChildrenAnswer, DeriveRequestText, DiffNodesAnswer, DiffTopAnswer, DiffTopRequestText,
    LinesAnswer, SignificanceAnswer, StacksAnswer,
};
use crate::{EngineError, Shaping, SourceInfo, Ticket, Watch};

/// Staged bytes that are worth a commit of their own.
pub const GROUP_BYTES: usize = 4 << 20;

/// Work of a slice of a compaction: a few milliseconds in wasm.
const SLICE_ROWS: usize = 300_000;
/// Yields that a compaction leaves to queries before each slice.
const QUERY_YIELDS: u32 = 64;

/// Counts what is under way; counts back when dropped.
pub(crate) struct Running<'a>(&'a Cell<u32>);

impl<'a> Running<'a> {
    pub(crate) fn new(count: &'a Cell<u32>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }

    /// `None` if there is one.
    fn exclusive(count: &'a Cell<u32>) -> Option<Self> {
        (count.get() == 0).then(|| Self::new(count))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// The database.
#[derive(Debug)]
pub struct Database<B> {
    pub(crate) store: Store<B>,
    group: CommitGroup,
    results: Results,
    naming: RefCell<Naming>,
    merges: Merges,
    /// Queries under way.
    pub(crate) queries: Cell<u32>,
    /// Compactions under way: at most one.
    compactions: Cell<u32>,
    /// Why the last commit failed; `None` once one succeeded.
    failure: RefCell<Option<EngineError>>,
}

/// An input that is staged: durable once its ticket is committed.
#[derive(Clone, Debug, PartialEq)]
pub struct StagedInput {
    /// What to tell the user then.
    pub receipt: IngestReceipt,
    /// What to wait for.
    pub ticket: Ticket,
}

pub(crate) const fn time_source_name(source: TimeSource) -> &'static str {
    match source {
        TimeSource::File => "file",
        TimeSource::Modified => "modified",
        TimeSource::Imported => "imported",
    }
}

/// A selection of one type.
pub(crate) fn selection(text: &SelectionText) -> Result<Selection, EngineError> {
    Ok(Selection { profile_type: text.profile_type.parse()?, ..selection_of_all(text)? })
}

/// A selection of all types where it names none.
pub(crate) fn selection_of_types(text: &SelectionText) -> Result<Selection, EngineError> {
    if text.profile_type.is_empty() { selection_of_all(text) } else { selection(text) }
}

fn selection_of_all(text: &SelectionText) -> Result<Selection, EngineError> {
    Ok(Selection {
        profile_type: ProfileType::default(),
        matchers: Matchers::parse(&text.matchers)?,
        tags: Vec::new(),
        tag_frames: TagFrames::default(),
        from: text.from,
        until: text.until,
        cut_samples: text.cut_samples,
        aggregate: None,
    })
}

/// Reads labels such as `region, pod/2`.
pub(crate) fn labels_to_group_by(text: &str) -> Result<GroupBy, EngineError> {
    GroupBy::parse(text).map_err(|error| EngineError::new("bad-argument", format!("labels to group by: {error}")))
}

/// A selection by its filters by labels, too, and all of its filters.
fn filtered_selection(of: &SelectionText) -> Result<(Shaping, Selection), EngineError> {
    let shaping = Shaping::read(&of.filters, of.granularity.as_deref())?;
    let selected = Selection { tags: shaping.tags(), tag_frames: shaping.tag_frames(), ..selection(of)? };
    Ok((shaping, selected))
}

impl<B: Backend> Database<B> {
    /// Opens what a back end holds.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn open(backend: B) -> Result<Self, EngineError> {
        Ok(Self {
            store: Store::open(backend).await?,
            group: CommitGroup::default(),
            results: Results::default(),
            naming: RefCell::default(),
            merges: Merges::default(),
            queries: Cell::new(0),
            compactions: Cell::new(0),
            failure: RefCell::new(None),
        })
    }

    /// The back end.
    pub const fn backend(&self) -> &B {
        self.store.backend()
    }

    /// Lets queries that are under way go first.
    pub(crate) async fn after_queries(&self, pause: &impl YieldNow) {
        for _ in 0..QUERY_YIELDS {
            pause.yield_now().await;
            if self.queries.get() == 0 {
                break;
            }
        }
    }

    /// Numbers for the status line; the host adds the back end's name and its memory.
    pub fn status(&self) -> StatusAnswer {
        let manifest = self.store.manifest();
        let state = match &*self.failure.borrow() {
            Some(_) => "degraded",
            None if self.group.is_pending() => "saving",
            None => "saved",
        };
        StatusAnswer {
            state,
            backend: "",
            replica: None,
            connection: "open",
            unsaved: None,
            last_scrub_ms: manifest.scrub.as_ref().map(|scrub| scrub.at as f64 / 1e6),
            quarantined: self.store.quarantined().len() as u32,
            generation: manifest.generation as f64,
            blocks: manifest.blocks.len() as u32,
            stored_bytes: manifest.bytes() as f64,
            wasm_bytes: 0.0,
        }
    }

    /// Reads the manifest anew; true if another tab changed it.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn refresh(&self) -> Result<bool, EngineError> {
        Ok(self.store.refresh().await?)
    }

    /// Stages a batch for the next commit.
    ///
    /// # Errors
    /// What is wrong with the batch or the source, or what the storage says.
    pub async fn stage(&self, batch: &Batch, source: &SourceInfo) -> Result<StagedInput, EngineError> {
        let default = batch.default_profile();
        let origin = source.origin(batch)?;
        let report = self.store.stage(batch, &origin).await?;
        let (from, last) = report.starts.unwrap_or((origin.fallback_start, origin.fallback_start));
        let has_own_time = default.is_some_and(|entry| entry.start.is_some());
        let receipt = IngestReceipt {
            stored: report.profiles > 0,
            service: origin.labels.get(SERVICE_NAME).unwrap_or_default().to_owned(),
            default_type: default.map(|entry| entry.profile_type.to_string()).unwrap_or_default(),
            from,
            until: last.saturating_add(1),
            profiles: report.profiles,
            time_source: time_source_name(if has_own_time { TimeSource::File } else { origin.fallback_source }),
        };
        Ok(StagedInput { receipt, ticket: self.group.take_ticket() })
    }

    /// Bytes that wait for a commit.
    pub fn staged_bytes(&self) -> usize {
        self.store.staged_bytes()
    }

    /// Commits what is staged; waits for its turn if a commit is under way.
    ///
    /// # Errors
    /// What the storage says. The staged data stays staged.
    pub async fn flush(&self) -> Result<(), EngineError> {
        if !self.group.is_pending() {
            return Ok(());
        }
        let covered = self.group.begin().await;
        let result = self.store.commit().await.map(|_report| ()).map_err(EngineError::from);
        *self.failure.borrow_mut() = result.clone().err();
        self.group.finish(covered, result.clone());
        result
    }

    /// Waits until a staged input is durable.
    ///
    /// # Errors
    /// Why the commit that should have stored it failed.
    pub async fn committed(&self, ticket: Ticket) -> Result<(), EngineError> {
        self.group.committed(ticket).await
    }

    /// What is stored.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn catalog(&self, pause: &impl YieldNow) -> Result<CatalogAnswer, EngineError> {
        let catalog = emberglass_query::catalog(&self.store, pause).await?;
        let services = catalog.services.into_iter().map(|service| ServiceAnswer {
            name: service.name,
            profiles: service.profiles as u32,
            from: service.from,
            until: service.until,
            types: service
                .types
                .into_iter()
                .map(|of| TypeAnswer {
                    id: of.profile_type.to_string(),
                    sample_type: of.profile_type.sample_type.clone(),
                    unit: of.profile_type.sample_unit.clone(),
                    aggregation: aggregation_name(of.aggregation),
                    profiles: of.profiles as u32,
                    from: of.from,
                    until: of.until,
                    is_default: of.is_default,
                })
                .collect(),
        });
        Ok(CatalogAnswer {
            generation: catalog.generation as f64,
            profiles: catalog.profiles as u32,
            stored_bytes: catalog.stored_bytes as f64,
            services: services.collect(),
            damaged: catalog.damaged,
        })
    }

    /// Labels and values among the series of a selection.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn labels(&self, of: &SelectionText, pause: &impl YieldNow) -> Result<Vec<LabelAnswer>, EngineError> {
        let labels = emberglass_query::labels(&self.store, &selection(of)?, pause).await?;
        Ok(labels.into_iter().map(LabelAnswer::from).collect())
    }

    /// Metadata of the profiles of a selection, by key; those of all types where it names none.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn metadata(&self, of: &SelectionText, pause: &impl YieldNow) -> Result<Vec<LabelAnswer>, EngineError> {
        let metadata = emberglass_query::metadata(&self.store, &selection_of_types(of)?, pause).await?;
        Ok(metadata.into_iter().map(LabelAnswer::from).collect())
    }

    /// Merges a selection; the result is kept under a handle.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn query(&self, of: &SelectionText, watch: &impl Watch) -> Result<QueryAnswer, EngineError> {
        self.naming.borrow_mut().trim();
        let _running = Running::new(&self.queries);
        let (shaping, selected) = filtered_selection(of)?;
        let merge = self.merged(of, &selected, &shaping, watch).await?;
        let mut result = self.shaped(&merge, &shaping)?;
        if shaping.is_plain() {
            if let Some(stated) = &merge.stated {
                result = result.with_stated(stated)?;
            }
            result = result.with_selection(selected);
        }
        Ok(self.kept(result, &merge))
    }

    /// What a selection has, before filters by frames.
    async fn merged(
        &self,
        of: &SelectionText,
        selected: &Selection,
        shaping: &Shaping,
        watch: &impl Watch,
    ) -> Result<Rc<Merge>, EngineError> {
        let merged_by = shaping.merged_by();
        let of = SelectionText { filters: shaping.merged_with(), ..of.clone() };
        let key = |generation| MergeKey { of: of.clone(), merged_by, generation };
        if let Some(merge) = self.merges.get(&key(self.store.manifest().generation)) {
            return Ok(merge);
        }
        let mut run = QueryRun::start(&self.store, selected.clone(), merged_by, watch).await?;
        while run.step(&self.store, watch).await? {
            if watch.wants_partial() {
                let merge = Merge::from(run.partial(watch).await.map_err(overflow)?);
                watch.partial(self.kept(self.shaped(&merge, shaping)?, &merge));
            }
        }
        let generation = self.store.manifest().generation;
        let merge = Rc::new(Merge::from(run.finish(watch).await.map_err(overflow)?));
        self.merges.keep(key(generation), &merge);
        Ok(merge)
    }

    /// A merge as it was asked for.
    fn shaped(&self, merge: &Merge, shaping: &Shaping) -> Result<QueryResult, EngineError> {
        let Merge { profile_type, aggregation, profiles, trie, .. } = merge;
        let trie = match shaping.is_plain() {
            true => Rc::clone(trie),
            false => {
                let trie = MergedTrie::clone(trie);
                Rc::new(shaping.apply(trie, &|trie| self.naming.borrow().names(trie))?)
            }
        };
        Ok(QueryResult::new(profile_type.clone(), *aggregation, *profiles, trie))
    }

    /// Keeps a result of a merge under a handle.
    fn kept(&self, result: QueryResult, merge: &Merge) -> QueryAnswer {
        let (handle, result) = self.results.keep(result);
        let (missing, widened) = (merge.missing.map(MissingAnswer::from), merge.widened.map(WidenedAnswer::from));
        QueryAnswer { missing, widened, ..result.answer(handle) }
    }

    /// Forgets a result.
    pub fn release(&self, handle: u32) {
        self.results.release(handle);
    }

    /// A page of the profiles of a selection, by start.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn profiles(
        &self,
        of: &SelectionText,
        offset: u32,
        limit: u32,
        pause: &impl YieldNow,
    ) -> Result<ProfilePageAnswer, EngineError> {
        let selection = selection(of)?;
        let (rows, count) =
            emberglass_query::profiles(&self.store, &selection, offset as usize, limit as usize, pause).await?;
        let rows = rows.into_iter().map(|profile| ProfileAnswer {
            id: format!("{:032x}", profile.identity.0),
            labels: profile.labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            start: profile.start,
            duration: profile.duration,
            total: profile.total,
            scale: profile.scale,
            records: profile.records as f64,
            source: profile.source,
        });
        Ok(ProfilePageAnswer { rows: rows.collect(), count: count as u32 })
    }

    /// One profile of a selection with its records in order of time, under a handle as any result; `None` if it is
    /// gone, or if its format has no time for each record.
    ///
    /// # Errors
    /// A bad selection or id, or what the storage says.
    pub async fn timeline(
        &self,
        of: &SelectionText,
        id: &str,
        pause: &impl YieldNow,
    ) -> Result<Option<TimelineAnswer>, EngineError> {
        let selection = selection(of)?;
        let identity = u128::from_str_radix(id, 16)
            .map_err(|_bad| EngineError::new("bad-argument", format!("{id:?} is not the id of a profile")))?;
        let found = emberglass_query::timeline(&self.store, &selection, Identity(identity), pause).await?;
        let Some(timeline) = found else { return Ok(None) };
        let aggregation = selection.profile_type.aggregation();
        let (records, own_clock) = (timeline.records.len() as u32, timeline.records.own_clock);
        let time = &timeline.records.time;
        let (first, last) = (time.first().copied().unwrap_or_default(), time.last().copied().unwrap_or_default());
        let (records_by_node, trie) = RecordNodes::new(timeline);
        let result =
            QueryResult::new(selection.profile_type, aggregation, 1, Rc::new(trie)).with_timeline(records_by_node);
        let (handle, result) = self.results.keep(result);
        let clock = if own_clock { "source" } else { "epoch" };
        Ok(Some(TimelineAnswer { result: result.answer(handle), records, clock, first, last }))
    }

    /// A page of at most [`crate::PAGE_RECORDS`] records of a result of [`Self::timeline`].
    ///
    /// # Errors
    /// `unknown-handle`; `bad-argument` for a result without records or too large a page.
    pub fn timeline_page(&self, handle: u32, offset: u32, limit: u32) -> Result<TimelinePage, EngineError> {
        let result = self.results.get(handle)?;
        let none = || EngineError::new("bad-argument", format!("the result {handle} has no records in order of time"));
        result.timeline().ok_or_else(none)?.page(offset, limit)
    }

    /// Which stacks of a block the filters leave.
    fn keeps<'a>(&'a self, shaping: &'a Shaping) -> impl Fn(&Symbols, &StackTable, &StackEnds) -> Vec<bool> + 'a {
        |symbols, stacks, ends| shaping.keeps(symbols, stacks, ends, &self.naming.borrow().names_of(symbols))
    }

    /// Totals over time of the stacks that the filters leave, in at most `steps` steps.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn series(
        &self,
        of: &SelectionText,
        steps: u32,
        pause: &impl YieldNow,
    ) -> Result<SeriesAnswer, EngineError> {
        let (shaping, selected) = filtered_selection(of)?;
        let series = match shaping.chooses_stacks() {
            false => emberglass_query::time_series(&self.store, &selected, steps, pause).await?,
            true => {
                let _running = Running::new(&self.queries);
                let keeps = self.keeps(&shaping);
                kept_time_series(&self.store, &selected, steps, keeps, pause).await?
            }
        };
        let missing = series.missing.map(MissingAnswer::from);
        Ok(SeriesAnswer {
            start: series.start,
            step: series.step,
            values: series.values,
            profiles: series.profiles,
            missing,
        })
    }

    /// Totals over time, of the stacks that the filters leave, for each value of labels (`region`, `pod/2`): the `limit` largest, and the others as one.
    ///
    /// # Errors
    /// A bad selection or `bad-argument` for the labels, or what the storage says.
    pub async fn grouped_series(
        &self,
        of: &SelectionText,
        group_by: &str,
        steps: u32,
        limit: u32,
        pause: &impl YieldNow,
    ) -> Result<GroupedSeriesAnswer, EngineError> {
        let ((shaping, selected), group_by) = (filtered_selection(of)?, labels_to_group_by(group_by)?);
        let limit = limit as usize;
        let series = match shaping.chooses_stacks() {
            false => grouped_series(&self.store, &selected, &group_by, steps, limit, pause).await?,
            true => {
                let _running = Running::new(&self.queries);
                let keeps = self.keeps(&shaping);
                kept_grouped_series(&self.store, &selected, &group_by, (steps, limit), keeps, pause).await?
            }
        };
        let GroupedSeries { start, step, groups, rest, missing } = series;
        Ok(GroupedSeriesAnswer { start, step, groups, rest, missing: missing.map(MissingAnswer::from) })
    }

    /// A page of the top table of a result.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `bad-pattern`, `value-overflow`.
    pub fn top(
        &self,
        handle: u32,
        sort: &str,
        descending: bool,
        offset: u32,
        limit: u32,
        search: &str,
    ) -> Result<TopAnswer, EngineError> {
        self.results.get(handle)?.top(&self.naming.borrow(), sort, descending, offset, limit, search)
    }

    /// The visible part of a result's flame graph as a draw list.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-pattern`, `value-overflow`.
    pub fn draw(&self, handle: u32, request: &DrawRequestText) -> Result<Vec<u8>, EngineError> {
        self.results.get(handle)?.draw(&self.naming.borrow(), request)
    }

    /// What a pattern finds in a result.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-pattern`, `value-overflow`.
    pub fn search(&self, handle: u32, pattern: &str) -> Result<SearchAnswer, EngineError> {
        self.results.get(handle)?.search(&self.naming.borrow(), pattern)
    }

    /// What is known of a node of a result.
    ///
    /// # Errors
    /// `unknown-handle`, `unknown-node`.
    pub fn node(&self, handle: u32, node: u32) -> Result<NodeAnswer, EngineError> {
        self.results.get(handle)?.node(&self.naming.borrow(), node)
    }

    /// The path from the root to a node of a result.
    ///
    /// # Errors
    /// `unknown-handle`.
    pub fn path(&self, handle: u32, node: u32) -> Result<Vec<PathStepAnswer>, EngineError> {
        Ok(self.results.get(handle)?.path(&self.naming.borrow(), node))
    }

    /// The node that a path of function names leads to.
    ///
    /// # Errors
    /// `unknown-handle`, `too-large`.
    pub fn resolve(&self, handle: u32, names: &[String]) -> Result<Option<u32>, EngineError> {
        self.results.get(handle)?.resolve(names)
    }

    /// Another view of a result, as a result of its own.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `bad-pattern`, `value-overflow`.
    pub fn derive(&self, request: &DeriveRequestText) -> Result<QueryAnswer, EngineError> {
        let of = self.results.get(request.handle)?;
        let base = if request.kind == "diff" { Some(self.results.get(request.base)?) } else { None };
        let derived = derive(&of, base.as_deref(), &self.naming.borrow(), request)?;
        let (handle, result) = self.results.keep(derived);
        Ok(result.answer(handle))
    }

    /// A page of the functions of a diff.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument`, `bad-pattern`, `value-overflow`.
    pub fn diff_top(&self, handle: u32, request: &DiffTopRequestText) -> Result<DiffTopAnswer, EngineError> {
        self.results.get(handle)?.diff_top(&self.naming.borrow(), request)
    }

    /// A page of the nodes of a diff, as of its functions.
    ///
    /// # Errors
    /// As [`Self::diff_top`].
    pub fn diff_nodes(&self, handle: u32, request: &DiffTopRequestText) -> Result<DiffNodesAnswer, EngineError> {
        self.results.get(handle)?.diff_nodes(&self.naming.borrow(), request)
    }

    /// Finds out how sure the changes of a diff are; its functions say so from then on.
    ///
    /// # Errors
    /// `unknown-handle`, `bad-argument` where not all of what was selected is compared, or what the storage says.
    pub async fn significance(&self, handle: u32, pause: &impl YieldNow) -> Result<SignificanceAnswer, EngineError> {
        let result = self.results.get(handle)?;
        let diff = result.as_diff()?;
        let found = match diff.significance.get() {
            Some(found) => found,
            None => {
                let _running = Running::new(&self.queries);
                let sides = diff.selections.as_deref().ok_or_else(|| {
                    let message = "whether changes are significant can be told of selections without filters";
                    EngineError::new("bad-argument", message)
                })?;
                let base = function_shares(&self.store, &sides[0], pause).await?;
                let head = function_shares(&self.store, &sides[1], pause).await?;
                diff.significance.get_or_init(|| Significance::new(&base, &head))
            }
        };
        let [base_inputs, head_inputs] = found.inputs.map(|inputs| inputs as u32);
        Ok(SignificanceAnswer {
            base_inputs,
            head_inputs,
            fewest: FEWEST as u32,
            enough: found.is_enough(),
            changed: found.changed() as u32,
        })
    }

    /// A page of the children of a node: by `self` or `total` the largest first, or by `name`.
    ///
    /// # Errors
    /// `unknown-handle`, `unknown-node`, `bad-argument`, `too-large`.
    pub fn children(
        &self,
        handle: u32,
        node: u32,
        sort: &str,
        offset: u32,
        limit: u32,
    ) -> Result<ChildrenAnswer, EngineError> {
        self.results.get(handle)?.children(&self.naming.borrow(), node, sort, offset, limit)
    }

    /// A page of whole stacks, the heaviest first.
    ///
    /// # Errors
    /// `unknown-handle`.
    pub fn stacks(&self, handle: u32, offset: u32, limit: u32) -> Result<StacksAnswer, EngineError> {
        Ok(self.results.get(handle)?.stacks(&self.naming.borrow(), offset, limit))
    }

    /// A page of the lines of a result of [`Self::query`], or of its inverted view: those of `file` (a path or its end) by
    /// file and line, without it all by falling self value. Reads the selection again when it is first asked.
    ///
    /// # Errors
    /// `unknown-handle`; `bad-argument` for another view; what the storage says.
    pub async fn lines(
        &self,
        handle: u32,
        file: Option<&str>,
        offset: u32,
        limit: u32,
        pause: &impl YieldNow,
    ) -> Result<LinesAnswer, EngineError> {
        let result = self.results.get(handle)?;
        let none = || EngineError::new("bad-argument", "lines are those of all that a query selected: ask its result");
        let selected = result.selection.as_ref().ok_or_else(none)?;
        if result.by_line.get().is_none() {
            let _running = Running::new(&self.queries);
            let output = emberglass_query::run(&self.store, selected, Granularity::Line, pause).await?;
            result.by_line.get_or_init(|| output.trie);
        }
        result.by_line.get().map_or_else(|| Err(none()), |trie| QueryResult::lines(trie, file, offset, limit))
    }

    /// The `limit` functions of a result with the largest totals, and the calls among them.
    ///
    /// # Errors
    /// `unknown-handle`, `value-overflow`.
    pub fn call_graph(&self, handle: u32, limit: u32) -> Result<CallGraphAnswer, EngineError> {
        self.results.get(handle)?.call_graph(&self.naming.borrow(), limit)
    }

    /// Whether names are shown demangled (they are, unless told otherwise) or as they are stored.
    pub fn set_demangle(&self, demangle: bool) {
        self.naming.borrow_mut().set_demangle(demangle);
    }

    /// Names of C++ in a result that nothing is known about yet, at most `limit`; none while names are shown as they
    /// are stored. The host demangles them and hands the answers to [`Self::set_demangled`].
    ///
    /// # Errors
    /// `unknown-handle`.
    pub fn mangled_names(&self, handle: u32, limit: usize) -> Result<Vec<String>, EngineError> {
        Ok(self.results.get(handle)?.unknown_names(&self.naming.borrow(), limit))
    }

    /// Takes demangled names; `None` for one that stays as it is. All results show them from now on.
    pub fn set_demangled(&self, names: impl IntoIterator<Item = (String, Option<String>)>) {
        self.naming.borrow_mut().learn(names);
    }

    /// A result as a batch, to be written in another format, with what formats state of its functions.
    ///
    /// # Errors
    /// `unknown-handle`, `value-overflow`.
    pub fn batch(&self, handle: u32) -> Result<Batch, EngineError> {
        self.results.get(handle)?.batch()
    }

    /// Merges blocks that came together, in slices: all that are not in their last form, or with `idle` only where it is
    /// worth it. Queries go first. Does nothing while another compaction is under way.
    ///
    /// # Errors
    /// What the storage says. Blocks that can't be read stay as they are.
    pub async fn compact(&self, idle: bool, pause: &impl YieldNow) -> Result<CompactAnswer, EngineError> {
        let mut answer = CompactAnswer::default();
        let Some(_running) = Running::exclusive(&self.compactions) else { return Ok(answer) };
        let urgency = if idle { Urgency::Idle } else { Urgency::All };
        while let Some(mut compaction) = self.store.plan_compaction(urgency) {
            loop {
                self.after_queries(pause).await;
                match self.store.compact_step(&mut compaction, SLICE_ROWS).await {
                    Ok(CompactStep::More) => {}
                    Ok(CompactStep::Done(report)) => {
                        answer.blocks += report.blocks as u32;
                        answer.bytes_before += report.bytes_before as f64;
                        answer.bytes_after += report.bytes_after as f64;
                        break;
                    }
                    // The store does not plan with these blocks again, and the catalogue names what is damaged.
                    Err(error) if !matches!(error, StoreError::Backend(_) | StoreError::Contention(_)) => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(answer)
    }

    /// Deletes the profiles that match, whatever their type; or, where it names uploads, those of these uploads.
    ///
    /// # Errors
    /// A bad selector, or what the storage says.
    pub async fn delete(&self, of: &SelectionText) -> Result<DeleteAnswer, EngineError> {
        if let Some(uploads) = &of.uploads {
            return self.delete_uploads(uploads).await;
        }
        let report = self.store.delete(&Matchers::parse(&of.matchers)?, of.from, of.until).await?;
        Ok(DeleteAnswer { profiles: (report.profiles + report.staged) as u32, summed: 0 })
    }

    /// Deletes everything.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn clear(&self) -> Result<(), EngineError> {
        self.store.clear().await?;
        self.merges.clear();
        Ok(())
    }
}

impl From<QueryError> for EngineError {
    fn from(error: QueryError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<BackendError> for EngineError {
    fn from(error: BackendError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
