//! The profiles of a selection as stacks over time, for hosts.

use std::rc::Rc;

use emberglass_labels::LabelSet;
use emberglass_query::{Lanes, NO_NODE, YieldNow};
use emberglass_store::Backend;
use emberglass_views::{LaneRecords, TimeCharting};
use serde::Serialize;

use crate::answers::{MissingAnswer, QueryAnswer};
use crate::asking::filtered_selection;
use crate::derive::{TimeView, View};
use crate::lane_folds::{TimeLaneAnswer, lanes_of};
use crate::naming::Naming;
use crate::results::QueryResult;
use crate::{Database, EngineError, SelectionText};

/// Most records of a chart.
const MOST_RECORDS: u64 = 2_000_000;
/// Records looked at between two turns of others.
const SLICE: usize = 20_000;
/// Unit of the values of a chart.
const UNIT: &str = "nanoseconds";
const SERVICE: &str = "service_name";

/// A chart over time; see `TimeChart`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeChartAnswer {
    /// The calls as a result.
    pub result: QueryAnswer,
    /// Time of the left edge, ns since the epoch.
    pub first: i64,
    /// Time of the right edge.
    pub last: i64,
    /// `epoch` if times are the clock's, `source` if the files do not say when they were recorded: times are counted from when
    /// they were written or imported then.
    pub clock: &'static str,
    /// Lanes, in their order.
    pub lanes: Vec<TimeLaneAnswer>,
    /// Profiles beyond those that a chart holds.
    pub left_out: u32,
    /// Profiles without a time for each record.
    pub untimed: u32,
    /// Levels beyond those that a chart holds.
    pub levels_left_out: u32,
}

impl<B: Backend> Database<B> {
    /// The profiles of a selection whose formats have a time for each record as stacks over time, a lane for each thread (or series without one),
    /// under a handle as any result; `None` if there are none. Where filters leave a record out, the lane is
    /// empty.
    ///
    /// # Errors
    /// A bad selection, `value-overflow`, or what the storage says.
    pub async fn time_chart(
        &self,
        of: &SelectionText,
        pause: &impl YieldNow,
    ) -> Result<Option<TimeChartAnswer>, EngineError> {
        let (shaping, selected) = filtered_selection(of)?;
        let mut found = emberglass_query::lanes(&self.store, &selected, MOST_RECORDS, lane_of, pause).await?;
        if found.lanes.is_empty() {
            return Ok(None);
        }
        if shaping.chooses_stacks() {
            let names = Naming::names_sliced(&self.naming, &found.trie, pause).await;
            let (trie, node_of) = shaping.apply_to_nodes(found.trie, &names, pause).await;
            found.trie = trie;
            for node in found.lanes.iter_mut().flat_map(|lane| &mut lane.node) {
                *node = node_of.get(*node as usize).copied().unwrap_or(NO_NODE);
            }
        }
        let names = lane_names(&found);
        let profile_type = &selected.profile_type;
        let lasts = |values: &[i64]| -> Vec<i64> {
            if profile_type.sample_unit != UNIT {
                return Vec::new();
            }
            let power = 10i64.saturating_pow(u32::from(found.trie.scale));
            values.iter().map(|value| value / power).collect()
        };
        let lasts: Vec<Vec<i64>> = found.lanes.iter().map(|lane| lasts(&lane.value)).collect();
        let records: Vec<LaneRecords<'_>> = (found.lanes.iter().zip(&names).zip(&lasts))
            .map(|((lane, name), lasts)| LaneRecords { name, time: &lane.time, node: &lane.node, lasts })
            .collect();
        let mut charting = TimeCharting::new(&found.trie, &records);
        while charting.step(SLICE) {
            pause.yield_now().await;
        }
        let chart = charting.finish();
        let lanes = lanes_of(&chart.trie, &chart.lanes, None);
        let mut timed = profile_type.clone();
        timed.sample_unit = UNIT.to_owned();
        let view = View::Time(TimeView { lanes: chart.lanes, is_whole: true });
        let aggregation = profile_type.aggregation();
        let result = QueryResult::of(timed, aggregation, found.profiles as u32, Rc::new(chart.trie), view);
        let (handle, result) = self.results.keep(result.with_layout(chart.layout));
        Ok(Some(TimeChartAnswer {
            result: QueryAnswer { missing: found.missing.map(MissingAnswer::from), ..result.answer(handle) },
            first: chart.first,
            last: chart.last,
            clock: if found.is_dated { "epoch" } else { "source" },
            lanes,
            left_out: found.left_out as u32,
            untimed: found.untimed as u32,
            levels_left_out: chart.left_out,
        }))
    }
}

/// What a lane is of: the thread, whatever it does.
fn lane_of(labels: &LabelSet) -> LabelSet {
    let is_thread = labels.get("thread").or_else(|| labels.get("thread_id")).is_some();
    let own = labels.iter().filter(|&(name, _)| !is_thread || name != "category");
    own.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Names of the lanes: what tells their series apart; of a single one what there is to say beside its service.
fn lane_names(found: &Lanes) -> Vec<String> {
    let labels = found.lanes.iter().map(|lane| &lane.labels);
    let is_common = |name: &str, value: &str| match found.lanes.len() {
        1 => name == SERVICE,
        _ => labels.clone().all(|other| other.get(name) == Some(value)),
    };
    let name_of = |labels: &LabelSet| {
        let own = labels.iter().filter(|&(name, value)| !is_common(name, value));
        let words: Vec<String> = own.map(|(name, value)| format!("{name}={value}")).collect();
        if words.is_empty() { labels.get(SERVICE).unwrap_or_default().to_owned() } else { words.join(", ") }
    };
    labels.clone().map(name_of).collect()
}
