//! Lanes of charts over time, and charts with some of them folded.

use std::rc::Rc;

use emberglass_profile::FunctionId;
use emberglass_query::YieldNow;
use emberglass_store::Backend;
use emberglass_trie::MergedTrie;
use emberglass_views::fold_lanes;
use serde::{Deserialize, Serialize};

use crate::ahead::Ahead;
use crate::answers::QueryAnswer;
use crate::derive::{TimeView, View};
use crate::{Database, EngineError};

/// Which lanes of a chart are folded; see `FoldRequest`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FoldRequestText {
    /// All but `names`, instead of `names` alone.
    pub all: bool,
    /// Names of lanes.
    pub names: Vec<String>,
}

/// A lane of a chart over time; see `TimeLane`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeLaneAnswer {
    /// Its node.
    pub node: u32,
    /// What it is called.
    pub name: String,
    /// Its level; the root's is 0.
    pub level: u32,
    /// True if it is folded.
    pub is_folded: bool,
}

/// A chart with lanes folded; see `FoldedChart`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FoldedChartAnswer {
    /// The calls that are left, as a result.
    pub result: QueryAnswer,
    /// All lanes, in their order.
    pub lanes: Vec<TimeLaneAnswer>,
}

impl FoldRequestText {
    fn is_folded(&self, name: &str) -> bool {
        self.names.iter().any(|of| of == name) != self.all
    }
}

fn lane_name(trie: &MergedTrie, lane: u32) -> &str {
    let function = trie.tree.key.get(lane as usize).copied().unwrap_or_default();
    trie.symbols.function_name(FunctionId(function))
}

/// The lanes of a chart; those of `folds` are folded.
pub(crate) fn lanes_of(trie: &MergedTrie, lanes: &[u32], folds: Option<&FoldRequestText>) -> Vec<TimeLaneAnswer> {
    let lane = |&node: &u32| {
        let name = lane_name(trie, node).to_owned();
        let is_folded = folds.is_some_and(|folds| folds.is_folded(&name));
        TimeLaneAnswer { node, level: trie.tree.depth.get(node as usize).copied().unwrap_or_default(), is_folded, name }
    };
    lanes.iter().map(lane).collect()
}

impl<B: Backend> Database<B> {
    /// A chart over time with some lanes folded: of these there is one row with their outermost calls. It is a result of its own; the values are
    /// those of the whole chart.
    ///
    /// # Errors
    /// `unknown-handle`; `bad-argument` if the result is no chart, or one with folded lanes.
    pub async fn fold_lanes(
        &self,
        handle: u32,
        folds: &FoldRequestText,
        pause: &impl YieldNow,
    ) -> Result<FoldedChartAnswer, EngineError> {
        let of = self.results.get(handle)?;
        let View::Time(TimeView { lanes, is_whole: true }) = &of.view else {
            return Err(EngineError::new("bad-argument", "the result is no whole chart over time"));
        };
        let trie = &of.trie;
        let folded =
            fold_lanes(trie, of.lay_out(pause).await?, lanes, |lane| folds.is_folded(lane_name(trie, lane)), pause)
                .await;
        let answers = lanes_of(&folded.trie, &folded.lanes, Some(folds));
        let view = View::Time(TimeView { lanes: folded.lanes, is_whole: false });
        let result = of.derived(Rc::new(folded.trie), view).with_layout(folded.layout);
        result.prepare(&self.naming, Ahead::Draw(""), pause).await?;
        let (handle, result) = self.results.keep(result);
        Ok(FoldedChartAnswer { result: result.answer(handle), lanes: answers })
    }
}
