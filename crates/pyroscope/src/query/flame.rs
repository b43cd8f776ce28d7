//! Merged profiles: flame graphs, tree bytes, pprof.

use emberglass_engine::{Database, YieldNow};
use emberglass_formats::flamebearer::Flamebearer;
use emberglass_formats::{Encoder as _, Export, pprof, pyroscope};
use emberglass_profile::InputError;
use emberglass_store::Backend;
use emberglass_trie::{Granularity, MergedTrie, Merger};
use prost::Message as _;

use super::cut;
use super::selector::Selected;
use crate::fault::{Code, Fault};
use crate::ingest::decode::inflate;
use crate::wire::{
    DiffRequest, DiffResponse, FORMAT_DOT, FORMAT_PPROF, FORMAT_TREE, FlameGraph, Level, Profile,
    SelectMergeProfileRequest, SelectMergeStacktracesRequest, SelectMergeStacktracesResponse, StackTraceSelector,
};

/// Nodes of a flame graph where the request does not say.
pub(super) const DEFAULT_NODES: usize = 8192;
const MOST_NODES: usize = 1 << 20;

pub(super) fn internal(error: &InputError) -> Fault {
    Fault::new(Code::Internal, error.to_string())
}

fn overflow(error: emberglass_trie::TreeOverflow) -> Fault {
    Fault::new(Code::Internal, error.to_string())
}

/// How many nodes are wanted.
pub(super) fn nodes(asked: Option<i64>) -> usize {
    match asked {
        Some(asked) if asked > 0 => usize::try_from(asked).unwrap_or(MOST_NODES).min(MOST_NODES),
        _ => DEFAULT_NODES,
    }
}

/// The profiles of a selection as one trie.
pub(super) async fn merged<B: Backend>(
    db: &Database<B>,
    selected: &Selected,
    granularity: Granularity,
    pause: &impl YieldNow,
) -> Result<MergedTrie, Fault> {
    match selected.profiles()? {
        Some(selection) => {
            let trie = db.merge(&selection, granularity, pause).await?.trie;
            if granularity == Granularity::Name {
                cut::without_type_parameters(trie).map_err(overflow)
            } else {
                Ok(trie)
            }
        }
        None => Merger::new(granularity).finish().map_err(overflow),
    }
}

fn refuse_ids(ids: &[String]) -> Result<(), Fault> {
    if ids.is_empty() { Ok(()) } else { Err(Fault::new(Code::Unimplemented, "single profiles are not selected by id")) }
}

async fn of_request<B: Backend>(
    db: &Database<B>,
    request: &SelectMergeStacktracesRequest,
    pause: &impl YieldNow,
) -> Result<MergedTrie, Fault> {
    refuse_ids(&request.profile_id_selector)?;
    let selected = Selected::new(&request.profile_type_id, &request.label_selector, request.start, request.end)?;
    let trie = merged(db, &selected, Granularity::Name, pause).await?;
    below(trie, &call_site(request.stack_trace_selector.as_ref())?)
}

/// The functions that the selected stacks begin with, root first.
pub(super) fn call_site(selector: Option<&StackTraceSelector>) -> Result<Vec<String>, Fault> {
    let Some(StackTraceSelector { call_site, go_pgo }) = selector else { return Ok(Vec::new()) };
    if go_pgo.is_some() {
        return Err(Fault::new(Code::Unimplemented, "profiles for Go's optimiser (`go_pgo`) are not answered"));
    }
    Ok(call_site.iter().map(|site| site.name.clone()).collect())
}

fn below(trie: MergedTrie, call_site: &[String]) -> Result<MergedTrie, Fault> {
    if call_site.is_empty() { Ok(trie) } else { cut::below(&trie, call_site).map_err(overflow) }
}

fn graph(laid: Flamebearer) -> FlameGraph {
    let Flamebearer { names, levels, ticks, max_self, .. } = laid;
    let (left_ticks, right_ticks) = match ticks.as_slice() {
        &[left, right] => (left, right),
        _ => (0, 0),
    };
    FlameGraph {
        names,
        levels: levels.into_iter().map(|values| Level { values }).collect(),
        total: ticks.iter().fold(0, |sum: i64, &ticks| sum.saturating_add(ticks)),
        max_self,
        left_ticks,
        right_ticks,
    }
}

pub(crate) async fn merge_stacktraces<B: Backend>(
    db: &Database<B>,
    request: &SelectMergeStacktracesRequest,
    pause: &impl YieldNow,
) -> Result<SelectMergeStacktracesResponse, Fault> {
    let mut answer = SelectMergeStacktracesResponse::default();
    let max_nodes = nodes(request.max_nodes);
    match request.format {
        FORMAT_PPROF => {
            let of = SelectMergeProfileRequest {
                profile_type_id: request.profile_type_id.clone(),
                label_selector: request.label_selector.clone(),
                start: request.start,
                end: request.end,
                stack_trace_selector: request.stack_trace_selector.clone(),
                profile_id_selector: request.profile_id_selector.clone(),
            };
            answer.pprof = Some(merge_profile(db, &of, pause).await?);
        }
        FORMAT_DOT => return Err(Fault::new(Code::Unimplemented, "graphs in DOT are not answered")),
        FORMAT_TREE => {
            let trie = of_request(db, request, pause).await?;
            answer.tree = pyroscope::tree::encode(&trie, Some(max_nodes)).map_err(|error| internal(&error))?;
        }
        _ => {
            let trie = of_request(db, request, pause).await?;
            let laid = Flamebearer::new(&[&trie], Some(max_nodes)).map_err(|error| internal(&error))?;
            answer.flamegraph = Some(graph(laid));
        }
    }
    Ok(answer)
}

pub(crate) async fn diff<B: Backend>(
    db: &Database<B>,
    request: &DiffRequest,
    pause: &impl YieldNow,
) -> Result<DiffResponse, Fault> {
    let (Some(left), Some(right)) = (&request.left, &request.right) else {
        return Err(Fault::invalid("`left` and `right` are both needed"));
    };
    let max_nodes = nodes(left.max_nodes.max(right.max_nodes));
    let (left, right) = (of_request(db, left, pause).await?, of_request(db, right, pause).await?);
    let laid = Flamebearer::new(&[&left, &right], Some(max_nodes)).map_err(|error| internal(&error))?;
    Ok(DiffResponse { flamegraph: Some(graph(laid)) })
}

/// pprof, never cut.
pub(crate) async fn merge_profile<B: Backend>(
    db: &Database<B>,
    request: &SelectMergeProfileRequest,
    pause: &impl YieldNow,
) -> Result<Profile, Fault> {
    refuse_ids(&request.profile_id_selector)?;
    let selected = Selected::new(&request.profile_type_id, &request.label_selector, request.start, request.end)?;
    let call_site = call_site(request.stack_trace_selector.as_ref())?;
    let granularity = if call_site.is_empty() { Granularity::Function } else { Granularity::Name };
    let trie = below(merged(db, &selected, granularity, pause).await?, &call_site)?;
    let mut batch = trie.to_batch(selected.profile_type.clone()).map_err(overflow)?;
    for entry in &mut batch.profiles {
        entry.start = Some(selected.end.saturating_mul(1_000_000));
        entry.period = match entry.profile_type.period_type.as_str() {
            "cpu" => 1_000_000_000,
            "space" => 512 << 10,
            _ => 1,
        };
    }
    let written = pprof::Pprof.encode(&Export::all(&batch)).map_err(|error| internal(&error))?;
    let bytes = inflate(&written.bytes).map_err(|error| internal(&error))?;
    Profile::decode(bytes.as_slice()).map_err(|error| Fault::new(Code::Internal, error.to_string()))
}
