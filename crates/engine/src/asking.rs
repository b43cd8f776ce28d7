//! Questions to the store: what there is, merged results, numbers over time.

use std::rc::Rc;

use emberglass_labels::{GroupBy, Matchers, StackEnds, TagFrames};
use emberglass_profile::{ProfileType, StackTable, Symbols};
use emberglass_query::{
    GroupedSeries, QueryRun, Selection, Shard, YieldNow, grouped_series, kept_grouped_series, kept_time_series,
};
use emberglass_store::{Backend, Identity};
use emberglass_trie::MergedTrie;

use crate::answers::{
    CatalogAnswer, GroupedSeriesAnswer, LabelAnswer, MissingAnswer, ProfileAnswer, ProfilePageAnswer, QueryAnswer,
    SelectionText, SeriesAnswer, ServiceAnswer, TimelineAnswer, TypeAnswer, WidenedAnswer,
};
use crate::database::Running;
use crate::merges::{Merge, MergeKey};
use crate::naming::Naming;
use crate::results::{QueryResult, aggregation_name, overflow};
use crate::timeline::RecordNodes;
use crate::{Database, EngineError, Shaping, Watch};

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
        metadata: Vec::new(),
        aggregate: None,
    })
}

/// Reads labels such as `region, pod/2`.
pub(crate) fn labels_to_group_by(text: &str) -> Result<GroupBy, EngineError> {
    GroupBy::parse(text).map_err(|error| EngineError::new("bad-argument", format!("labels to group by: {error}")))
}

/// A selection by its filters by labels, too, and all of its filters.
pub(crate) fn filtered_selection(of: &SelectionText) -> Result<(Shaping, Selection), EngineError> {
    let shaping = Shaping::read(&of.filters, of.granularity.as_deref())?;
    let selected = Selection { tags: shaping.tags(), tag_frames: shaping.tag_frames(), ..selection(of)? };
    Ok((shaping, selected))
}

impl<B: Backend> Database<B> {
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
        let mut result = self.shaped(&merge, &shaping, watch).await?;
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
        let plan = run.plan();
        let planned = plan.generation;
        let others = if plan.blocks() > 1 { watch.others(plan.sample_bytes) } else { 0 };
        let of_all = Shard { index: 0, of: others + 1 };
        let is_shared = others > 0 && run.keep_shard(&self.store, of_all);
        let others = if is_shared { 1..of_all.of } else { 0..0 };
        let parts: Vec<_> = others.map(|index| watch.part(Shard { index, ..of_all }, planned)).collect();
        self.merge_what_is_left(&mut run, shaping, watch).await?;
        for (index, part) in (1..).zip(parts) {
            if run.shard() == Shard::WHOLE {
                break;
            }
            run.take_part(index, part.await.as_deref(), watch).await.map_err(overflow)?;
            self.merge_what_is_left(&mut run, shaping, watch).await?;
        }
        // Of what was read: more may have been stored meanwhile.
        let generation = run.plan().generation;
        let merge = Rc::new(Merge::from(run.finish(watch).await.map_err(overflow)?));
        self.merges.keep(key(generation), &merge);
        Ok(merge)
    }

    /// Merges the blocks that are left, and shows what is merged so far where that is wanted.
    async fn merge_what_is_left(
        &self,
        run: &mut QueryRun,
        shaping: &Shaping,
        watch: &impl Watch,
    ) -> Result<(), EngineError> {
        let mut is_more = true;
        while is_more {
            is_more = run.step(&self.store, watch).await?;
            let (done, all) = run.progress();
            if done < all && watch.wants_partial() {
                let merge = Merge::from(run.partial(watch).await.map_err(overflow)?);
                watch.partial(self.kept(self.shaped(&merge, shaping, watch).await?, &merge));
            }
        }
        Ok(())
    }

    /// The part of another engine's query over the same storage, as of a generation of it, for [`Watch::part`] there; `None`
    /// where this engine can't have it.
    ///
    /// # Errors
    /// A bad selection, or what the storage says.
    pub async fn part(
        &self,
        of: &SelectionText,
        shard: Shard,
        generation: u64,
        pause: &impl YieldNow,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        let (shaping, selected) = filtered_selection(of)?;
        let (store, asked) = (&self.store, (shard, generation));
        let run = QueryRun::start_shard(store, selected, shaping.merged_by(), asked, pause).await?;
        let Some(mut run) = run else { return Ok(None) };
        while run.step(store, pause).await? {}
        Ok(run.part(pause).await)
    }

    /// A merge as it was asked for.
    async fn shaped(
        &self,
        merge: &Merge,
        shaping: &Shaping,
        pause: &impl YieldNow,
    ) -> Result<QueryResult, EngineError> {
        let Merge { profile_type, aggregation, profiles, trie, .. } = merge;
        let trie = match shaping.is_plain() {
            true => Rc::clone(trie),
            false => {
                let trie = MergedTrie::clone(trie);
                let names_of = async |trie: &MergedTrie| Naming::names_sliced(&self.naming, trie, pause).await;
                Rc::new(shaping.apply(trie, names_of, pause).await?)
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

    /// Which stacks of a block the filters leave.
    pub(crate) fn keeps<'a>(
        &'a self,
        shaping: &'a Shaping,
    ) -> impl Fn(&Symbols, &StackTable, &StackEnds) -> Vec<bool> + 'a {
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
}
