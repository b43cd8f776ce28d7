//! Questions to files as to a store: a selector, a range of time, a view.

use emberglass_engine::{EngineError, Significance, aggregation_name, top_sort};
use emberglass_formats::flamebearer;
use emberglass_labels::{GroupBy, Matchers, Selector, SelectorError, TypeName};
use emberglass_profile::{Aggregation, ProfileType, Warnings};
use emberglass_query::{
    MomentError, NoYield, ProfileTotal, QueryOutput, Selection, SeriesSelection, StackCondition, StackTotal,
    cardinality, catalog, density, estimate, function_shares, parse_moment, parse_span, run, series, stack_totals,
};
use emberglass_store::{MemoryBackend, Store};
use emberglass_trie::{Granularity, MergedTrie};
use emberglass_views::report::{self, DiffOptions, DiffSureness, FunctionTable};
use emberglass_views::{CallGraph, FunctionDiff, FunctionPackages, Names, TopTable, lines};
use serde::Deserialize;

use crate::cumulative::{deltas, of_selection};
use crate::facts::joined;
use crate::file_set::{FileSet, changes, overflow};
use crate::packing::at_once;
use crate::query_costs::{cardinality_json, estimate_json};
use crate::query_heat_map::heat_map_json;
use crate::query_series::{Found, PerStep, Step, series_json};
use crate::stated::Stated;

/// Steps of a heat map whose step is not given, at most.
const HEAT_MAP_STEPS: u32 = 240;

/// A question; see `QueryOptions` in `www/cli/engine.ts`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct QueryOptions {
    /// Labels from the leading folders of paths.
    pub labels_from_path: Option<String>,
    /// Which profiles.
    pub select: String,
    /// First start, as [`parse_moment`] reads it.
    pub from: Option<String>,
    /// One past the last start.
    pub until: Option<String>,
    /// Whether samples are cut at the edges of the range.
    pub cut_samples: bool,
    /// The other side of a diff; without it the same selector. Without both its times the range is the same.
    pub select_base: Option<String>,
    /// See `from`.
    pub from_base: Option<String>,
    /// See `until`.
    pub until_base: Option<String>,
    /// The time it is, ms since the epoch.
    pub now_ms: f64,
    /// Labels that a series is told apart by.
    pub group_by: String,
    /// The function whose part of a series is asked for.
    pub function: Option<String>,
    /// Step of a series or heat map, as [`parse_span`] reads it.
    pub step: Option<String>,
    /// `flamegraph`, `top`, `stacks`, `series`, `heatmap`, `diff`, `tree`, `lines`, `call-graph`, `estimate`, `cardinality`.
    pub view: String,
    /// Of `lines`: a path, or the end of one.
    pub file: Option<String>,
    /// The call graph in DOT, not as JSON.
    pub dot: bool,
    /// Order of `top` and `lines`, and which value of the function of a series: `self` (else `total`).
    pub by: Option<String>,
    /// What functions of a diff became: `new`, `gone`, `grown`, `shrunk`; all without.
    pub only: Vec<String>,
    /// Most rows.
    pub limit: Option<u32>,
    /// `sum`, `average` or, of a series, `rate` or `delta`; without it what suits the type.
    pub aggregate: Option<String>,
    /// Of `diff`: how sure it is that functions changed.
    pub significance: bool,
}

fn in_option(option: &str, error: &impl std::fmt::Display) -> EngineError {
    EngineError::new("bad-argument", format!("{option}: {error}"))
}

fn read_selector(option: &str, text: &str) -> Result<(TypeName, Matchers), EngineError> {
    let selector = Selector::parse(text).map_err(|error: SelectorError| in_option(option, &error))?;
    let matchers = selector.matchers().map_err(|error| in_option(option, &error))?;
    Ok((selector.type_name, matchers))
}

fn read_moment(option: &str, text: Option<&String>, now_ms: f64) -> Result<Option<i64>, EngineError> {
    let now = (now_ms as i64).saturating_mul(1_000_000);
    text.map(|text| parse_moment(text, now).map_err(|error: MomentError| in_option(option, &error))).transpose()
}

/// A selector and a range; the type is chosen among what is there.
struct Wanted {
    type_name: TypeName,
    matchers: Matchers,
    from: Option<i64>,
    until: Option<i64>,
}

impl QueryOptions {
    fn wanted(&self) -> Result<Wanted, EngineError> {
        let (type_name, matchers) = read_selector("--select", &self.select)?;
        Ok(Wanted {
            type_name,
            matchers,
            from: read_moment("--from", self.from.as_ref(), self.now_ms)?,
            until: read_moment("--until", self.until.as_ref(), self.now_ms)?,
        })
    }

    /// The other side of a diff.
    fn base(&self, head: &Wanted) -> Result<Wanted, EngineError> {
        if self.select_base.is_none() && self.from_base.is_none() && self.until_base.is_none() {
            let message = "--view diff needs the other side: --select-base, --from-base or --until-base";
            return Err(EngineError::new("bad-argument", message));
        }
        let (type_name, matchers) = match &self.select_base {
            None => (head.type_name.clone(), head.matchers.clone()),
            Some(text) => read_selector("--select-base", text)?,
        };
        let is_moved = self.from_base.is_some() || self.until_base.is_some();
        let (from, until) = match is_moved {
            true => (
                read_moment("--from-base", self.from_base.as_ref(), self.now_ms)?,
                read_moment("--until-base", self.until_base.as_ref(), self.now_ms)?,
            ),
            false => (head.from, head.until),
        };
        Ok(Wanted { type_name, matchers, from, until })
    }

    fn aggregation(&self) -> Result<Option<Aggregation>, EngineError> {
        match self.aggregate.as_deref() {
            None => Ok(None),
            Some("sum") => Ok(Some(Aggregation::Sum)),
            Some("rate" | "delta") if self.view == "series" => Ok(Some(Aggregation::Sum)),
            Some("rate" | "delta") => Err(in_option("--aggregate", &"rate and delta go with --view series")),
            Some("average") => Ok(Some(Aggregation::Average)),
            Some(other) => Err(in_option("--aggregate", &format!("expected sum or average, found {other:?}"))),
        }
    }

    fn step(&self) -> Result<Option<i64>, EngineError> {
        let step = self.step.as_deref().map(parse_span).transpose();
        step.map_err(|error: MomentError| in_option("--step", &error))
    }

    fn limit(&self) -> usize {
        self.limit.map_or(usize::MAX, |limit| limit as usize)
    }
}

impl FileSet {
    /// JSON text of the answer to a question. All views say `aggregation` and `profiles` first, but for `flamegraph`, which
    /// is flamebearer, and a call graph in DOT.
    ///
    /// # Errors
    /// `bad-argument`, `bad-path-template`, `no-such-type`, `ambiguous-type`, `value-overflow`.
    pub fn query(&self, options: &QueryOptions) -> Result<String, EngineError> {
        let wanted = options.wanted()?;
        let group_by =
            GroupBy::parse(&options.group_by).map_err(|error: SelectorError| in_option("--group-by", &error))?;
        let aggregate = options.aggregation()?;
        let store = self.stored(options.labels_from_path.as_deref())?;
        let profile_type = match (options.view.as_str(), &wanted.type_name) {
            // Series of all types are counted together.
            ("cardinality", TypeName::Any) => ProfileType::default(),
            _ => choose_type(&store, &wanted)?,
        };
        let selection = |of: &Wanted| Selection {
            profile_type: profile_type.clone(),
            matchers: of.matchers.clone(),
            from: of.from,
            until: of.until,
            cut_samples: options.cut_samples,
            metadata: group_by.metadata(),
            aggregate,
            ..Selection::default()
        };
        let head = selection(&wanted);
        // Sides of a diff add up each on its own.
        let is_apart = options.view == "heatmap" || options.aggregate.as_deref() == Some("delta");
        self.say(if is_apart { Warnings::default() } else { of_selection(&store, &head)? });
        let merge = |selection: &Selection, granularity| at_once(run(&store, selection, granularity, &NoYield));
        match options.view.as_str() {
            "series" => series_of(&store, options, &head, &group_by),
            "heatmap" => {
                let step = options.step()?;
                let density = at_once(density(&store, &head, step, HEAT_MAP_STEPS, &NoYield))?;
                heat_map_json(&head, &group_by, options.limit, &density)
            }
            "top" => with_facts(&merge(&head, Granularity::Function)?, |output| top(output, options)),
            "tree" => with_facts(&merge(&head, Granularity::Function)?, |output| {
                Ok(report::tree_json(&output.profile_type, &output.trie, &Names::default(), options.limit()))
            }),
            "stacks" => with_facts(&merge(&head, Granularity::Function)?, |output| {
                Ok(report::stacks_json(&output.profile_type, &output.trie, &Names::default(), options.limit()))
            }),
            "flamegraph" => {
                let output = merge(&head, Granularity::Name)?;
                let metadata = flamebearer::Metadata::of(&output.profile_type);
                let limit = options.limit.map(|limit| limit as usize);
                Ok(flamebearer::encode(&output.trie, &metadata, limit)?.0)
            }
            "diff" => {
                let only = changes(&options.only)?;
                let base = options.base(&wanted)?;
                if base.type_name != wanted.type_name && choose_type(&store, &base)? != profile_type {
                    return Err(EngineError::new("bad-argument", "--select-base selects another profile type"));
                }
                let sides = [selection(&base), head];
                self.say(joined([of_selection(&store, &sides[0])?, of_selection(&store, &sides[1])?]));
                let significance = match options.significance {
                    true => Some(significance_of(&store, &sides)?),
                    false => None,
                };
                let [base, head] = sides;
                let base = merge(&base, Granularity::Name)?;
                let head = merge(&head, Granularity::Name)?;
                let diff = FunctionDiff::new(&base.trie, &head.trie).map_err(overflow)?;
                let of = |name: &str| significance.as_ref().and_then(|of| of.of(name));
                let sureness = significance.as_ref().map(|found| DiffSureness {
                    inputs: found.inputs,
                    is_enough: found.is_enough(),
                    of: &of,
                });
                let options = DiffOptions { only: &only, sureness, limit: options.limit() };
                Ok(report::diff_json(&profile_type, &base.trie, &head.trie, &diff, &options))
            }
            "lines" => with_facts(&merge(&head, Granularity::Line)?, |output| {
                let sort = top_sort(options.by.as_deref().unwrap_or("self"))?;
                let rows = lines(&output.trie, options.file.as_deref(), sort).map_err(overflow)?;
                Ok(report::lines_json(&output.profile_type, &output.trie, &rows, options.limit()))
            }),
            "call-graph" => {
                let output = merge(&head, Granularity::Function)?;
                let graph = CallGraph::new(&output.trie).map_err(overflow)?;
                let QueryOutput { profile_type, trie, .. } = &output;
                if options.dot {
                    return Ok(report::call_graph_dot(profile_type, trie, &graph, options.limit()));
                }
                with_facts(&output, |_| Ok(report::call_graph_json(profile_type, trie, &graph, options.limit())))
            }
            "estimate" => estimate_json(&head, &at_once(estimate(&store, &head, &NoYield))?),
            "cardinality" => cardinality_json(&at_once(cardinality(&store, &head, options.limit(), &NoYield))?),
            other => {
                let known = "flamegraph, top, stacks, series, heatmap, diff, tree, lines, call-graph, estimate or \
                             cardinality";
                let message = format!("--view takes {known}, not {other:?}");
                Err(EngineError::new("bad-argument", message))
            }
        }
    }

    /// The files in a store that lives as long as the question.
    fn stored(&self, template: Option<&str>) -> Result<Store<MemoryBackend>, EngineError> {
        let store = at_once(Store::open(MemoryBackend::default()))?;
        for file in &self.files {
            at_once(store.stage(&file.batch, &file.origin(template)?))?;
        }
        at_once(store.commit())?;
        Ok(store)
    }
}

/// How sure it is that functions changed between base and head.
fn significance_of(store: &Store<MemoryBackend>, [base, head]: &[Selection; 2]) -> Result<Significance, EngineError> {
    let base = at_once(function_shares(store, base, &NoYield))?;
    let head = at_once(function_shares(store, head, &NoYield))?;
    Ok(Significance::new(&base, &head))
}

/// Values over time, of all stacks or of those of a function.
fn series_of(
    store: &Store<MemoryBackend>,
    options: &QueryOptions,
    head: &Selection,
    group_by: &GroupBy,
) -> Result<String, EngineError> {
    let function = options.function.as_deref();
    let found: Found = match function {
        Some(name) => {
            let condition = match options.by.as_deref() {
                Some("self") => StackCondition::EndingIn(name.to_owned()),
                _ => StackCondition::Through(name.to_owned()),
            };
            at_once(stack_totals(store, head, &condition, |name, wanted| name == wanted, &NoYield))?.series
        }
        None => {
            let (matchers, metadata) = (head.matchers.clone(), head.metadata.clone());
            let of = SeriesSelection { matchers, from: head.from, until: head.until, metadata };
            let found = at_once(series(store, &of, |one| one.profile_type == head.profile_type, &NoYield))?;
            let whole = |&ProfileTotal { start, total, scale }: &ProfileTotal| StackTotal {
                start,
                profiles: 1,
                value: total,
                total,
                scale,
            };
            found.into_iter().map(|(series, totals)| (series.labels, totals.iter().map(whole).collect())).collect()
        }
    };
    let is_delta = options.aggregate.as_deref() == Some("delta");
    if is_delta && head.profile_type.aggregation() == Aggregation::Average {
        let message =
            format!("{} is a state, and no count that grows: delta is of types that add up", head.profile_type);
        return Err(in_option("--aggregate", &message));
    }
    let found = if is_delta { deltas(&found) } else { found };
    let step = Step::new(options.step()?, head, &found)?;
    let per_step = match options.aggregate.as_deref() {
        Some("rate") => PerStep::Rate,
        Some("delta") => PerStep::Delta,
        _ => PerStep::Value(head.aggregation()),
    };
    series_json(head, per_step, group_by, step, options.limit(), function, &found)
}

/// The type of the selected profiles that the selector names; without a name the one that most of the services have as
/// default.
fn choose_type(store: &Store<MemoryBackend>, wanted: &Wanted) -> Result<ProfileType, EngineError> {
    if let TypeName::Id(id) = &wanted.type_name {
        return Ok(id.clone());
    }
    let catalog = at_once(catalog(store, &NoYield))?;
    let of_services = || catalog.services.iter().flat_map(|service| &service.types);
    let everywhere = SeriesSelection { matchers: wanted.matchers.clone(), ..SeriesSelection::default() };
    let named = |of: &ProfileType| wanted.type_name.matches(of);
    let found = at_once(series(store, &everywhere, |one| named(&one.profile_type), &NoYield))?;
    let mut types: Vec<&ProfileType> = found.iter().map(|(one, _)| &one.profile_type).collect();
    types.dedup();
    match types.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let mut known: Vec<String> = of_services().map(|of| of.profile_type.to_string()).collect();
            known.sort();
            known.dedup();
            let message = format!("nothing that is selected has the type; the files have:\n  {}", known.join("\n  "));
            Err(EngineError::new("no-such-type", message))
        }
        several => {
            let is_default =
                |of: &&&ProfileType| of_services().any(|known| known.is_default && known.profile_type == ***of);
            let mut defaults = several.iter().filter(is_default);
            match (&wanted.type_name, defaults.next(), defaults.next()) {
                (TypeName::Any, Some(default), None) => Ok((*default).clone()),
                _ => {
                    let names: Vec<String> = several.iter().map(ToString::to_string).collect();
                    let message = format!("the selection has several types; name one:\n  {}", names.join("\n  "));
                    Err(EngineError::new("ambiguous-type", message))
                }
            }
        }
    }
}

/// Puts what is known of an answer before its fields.
fn with_facts(
    output: &QueryOutput,
    view: impl FnOnce(&QueryOutput) -> Result<String, EngineError>,
) -> Result<String, EngineError> {
    let json = view(output)?;
    let fields = json.strip_prefix('{').unwrap_or(&json);
    let aggregation = aggregation_name(output.aggregation);
    Ok(format!("{{\"aggregation\":\"{aggregation}\",\"profiles\":{},{fields}", output.profiles))
}

/// The top table; of formats that state values by function, those.
fn top(output: &QueryOutput, options: &QueryOptions) -> Result<String, EngineError> {
    let sort = top_sort(options.by.as_deref().unwrap_or("self"))?;
    let trie: &MergedTrie = &output.trie;
    let profile_type = &output.profile_type;
    if let Some(stated) = &output.stated {
        return Ok(report::json(&Stated::of_stored(trie, stated, sort)?.table(profile_type, options.limit())));
    }
    let names = Names::default();
    let packages = FunctionPackages::new(trie, &names);
    let top = TopTable::new(trie).map_err(overflow)?;
    Ok(report::json(&FunctionTable::of_stacks(profile_type, trie, &names, &packages, &top, sort, options.limit())))
}
