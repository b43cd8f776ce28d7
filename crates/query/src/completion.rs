//! What can stand at a position of a selector that is being written, with how many profiles each has: no sample is read.

use std::collections::BTreeMap;
use std::ops::Range;

use emberglass_columns::heap_sort_by;
use emberglass_labels::{META_PREFIX, SERVICE_NAME, Selector, Spot, TypeName, Typed, Wanted, name_text};
use emberglass_profile::ProfileType;
use emberglass_store::{Backend, BlockDirectory, Metadata, Series, Store};

use crate::directories::{for_each_in_range, with_restart};
use crate::missing::Gaps;
use crate::{QueryError, Selection, YieldNow};

/// A selector that is being written.
#[derive(Clone, Debug, Default)]
pub struct CompletionRequest<'a> {
    /// The text.
    pub text: &'a str,
    /// Byte offset of the position.
    pub at: usize,
    /// The type of the profiles that count where the text names none; all without.
    pub profile_type: Option<ProfileType>,
    /// First start of the profiles that count, ns since the epoch; `None` is open.
    pub from: Option<i64>,
    /// One past their last start.
    pub until: Option<i64>,
    /// Most candidates.
    pub limit: usize,
}

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CandidateKind {
    /// A profile type id, a sample type, or a service, a dot and a sample type.
    Type,
    /// A service, behind which a dot and a sample type are still missing.
    Service,
    /// The name of a label.
    Name,
    /// The name that metadata of profiles is matched by, `__meta_KEY`.
    Metadata,
    /// An operator.
    Operator,
    /// A value of a label.
    Value,
    /// A bracket or a comma.
    Punctuation,
}

impl CandidateKind {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Service => "service",
            Self::Name => "name",
            Self::Metadata => "metadata",
            Self::Operator => "operator",
            Self::Value => "value",
            Self::Punctuation => "punctuation",
        }
    }
}

/// Something that can stand at the position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// As it is shown.
    pub text: String,
    /// As it is written in the place of the range.
    pub insert: String,
    /// What it is.
    pub kind: CandidateKind,
    /// Profiles (series x time) that have it and that the rest of the selector selects; 0 for operators and punctuation.
    pub profiles: u64,
}

/// What can stand at a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// First byte of the text that a candidate stands in the place of.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// What could stand there, in words.
    pub expected: &'static str,
    /// What is wanted there first.
    pub kind: CandidateKind,
    /// What is typed, then what begins with it, then what has it elsewhere, each by falling number of profiles and then by
    /// text; what can stand behind something that is complete comes last.
    pub candidates: Vec<Candidate>,
    /// How many more there are.
    pub more: u64,
}

/// What can stand at a position of a selector.
///
/// # Errors
/// Those of the store; what is damaged is left out.
pub async fn complete<B: Backend>(
    store: &Store<B>,
    request: &CompletionRequest<'_>,
    pause: &impl YieldNow,
) -> Result<Completion, QueryError> {
    let spot = Spot::find(request.text, request.at);
    let mut candidates = candidates(store, &spot, request, pause).await?;
    let follows = follows(&spot.wanted, &candidates);
    let limit = request.limit.saturating_sub(follows.len());
    let more = candidates.len().saturating_sub(limit) as u64;
    candidates.truncate(limit);
    candidates.extend(follows);
    Ok(Completion {
        start: spot.range.start,
        end: spot.range.end,
        expected: spot.wanted.expected(),
        kind: kind_of(&spot.wanted),
        candidates,
        more,
    })
}

async fn candidates<B: Backend>(
    store: &Store<B>,
    spot: &Spot,
    request: &CompletionRequest<'_>,
    pause: &impl YieldNow,
) -> Result<Vec<Candidate>, QueryError> {
    Ok(match &spot.wanted {
        Wanted::Type { typed, .. } => {
            let found = tally(store, spot, request, pause, heads(typed)).await?;
            ranked(
                typed,
                found,
                |kind, text| if kind == CandidateKind::Service { format!("{text}.") } else { text.to_owned() },
            )
        }
        Wanted::Name { typed, .. } => {
            let found = tally(store, spot, request, pause, |directory, series, rows, counts| {
                for (name, _) in series.labels.iter() {
                    add(counts, CandidateKind::Name, name, rows.len() as u64);
                }
                for key in rows.filter_map(|row| directory.metadata(row)).flat_map(Metadata::keys) {
                    add(counts, CandidateKind::Metadata, key, 1);
                }
            });
            // Keys are shown, typed and counted under the name that they have here.
            let mut found = found.await?;
            for (key, profiles) in found.remove(&CandidateKind::Metadata).unwrap_or_default() {
                add(&mut found, CandidateKind::Metadata, &format!("{META_PREFIX}{key}"), profiles);
            }
            ranked(typed, found, |_, text| name_text(text))
        }
        Wanted::Value { name, typed, .. } => {
            let found = tally(store, spot, request, pause, |directory, series, rows, counts| {
                if let Some(key) = name.strip_prefix(META_PREFIX) {
                    let values = rows.filter_map(|row| directory.metadata(row)).map(|metadata| metadata.get(key));
                    for value in values.filter(|value| !value.is_empty()) {
                        add(counts, CandidateKind::Value, &value, 1);
                    }
                } else if let Some(value) = series.labels.get(name) {
                    add(counts, CandidateKind::Value, value, rows.len() as u64);
                }
            });
            ranked(typed, found.await?, |_, text| spot.wanted.value_text(text))
        }
        Wanted::Operator { typed } => {
            let found = Wanted::operators().iter().filter(|op| op.starts_with(typed.text()));
            found.map(|op| fixed(op, (*op).to_owned(), CandidateKind::Operator)).collect()
        }
        Wanted::Punctuation(marks) => {
            marks.iter().map(|mark| fixed(mark, (*mark).to_owned(), CandidateKind::Punctuation)).collect()
        }
    })
}

/// What can stand behind what is typed, if that is complete.
fn follows(wanted: &Wanted, candidates: &[Candidate]) -> Vec<Candidate> {
    let (typed, follows, kind) = match wanted {
        Wanted::Type { typed, follows } => (typed, follows, CandidateKind::Punctuation),
        Wanted::Name { typed, follows } => (typed, follows, CandidateKind::Operator),
        Wanted::Value { extends: Some(more), .. } => {
            return vec![fixed(&format!("={more}"), (*more).to_owned(), CandidateKind::Operator)];
        }
        _ => return Vec::new(),
    };
    let is_whole = |of: &&Candidate| of.text == typed.text() && of.kind != CandidateKind::Service;
    let whole = candidates.iter().find(is_whole);
    let behind =
        |whole: &Candidate| follows.iter().map(|mark| fixed(mark, format!("{}{mark}", whole.insert), kind)).collect();
    whole.map(behind).unwrap_or_default()
}

const fn kind_of(wanted: &Wanted) -> CandidateKind {
    match wanted {
        Wanted::Type { .. } => CandidateKind::Type,
        Wanted::Name { .. } => CandidateKind::Name,
        Wanted::Operator { .. } => CandidateKind::Operator,
        Wanted::Value { .. } => CandidateKind::Value,
        Wanted::Punctuation(_) => CandidateKind::Punctuation,
    }
}

fn fixed(text: &str, insert: String, kind: CandidateKind) -> Candidate {
    Candidate { text: text.to_owned(), insert, kind, profiles: 0 }
}

/// Profiles by what they have.
type Counts = BTreeMap<CandidateKind, BTreeMap<String, u64>>;

fn add(counts: &mut Counts, kind: CandidateKind, text: &str, profiles: u64) {
    let of_kind = counts.entry(kind).or_default();
    match of_kind.get_mut(text) {
        Some(count) => *count += profiles,
        None => {
            of_kind.insert(text.to_owned(), profiles);
        }
    }
}

/// Calls `each` for every series of a block that the rest of the selector selects, with its profiles.
async fn tally<B: Backend>(
    store: &Store<B>,
    spot: &Spot,
    request: &CompletionRequest<'_>,
    pause: &impl YieldNow,
    each: impl Fn(&BlockDirectory, &Series, Range<usize>, &mut Counts),
) -> Result<Counts, QueryError> {
    let range = Selection { from: request.from, until: request.until, ..Selection::default() };
    let named = match &spot.type_name {
        TypeName::Any if !matches!(spot.wanted, Wanted::Type { .. }) => request.profile_type.as_ref(),
        _ => None,
    };
    let accepts = |series: &Series| {
        let is_of_service = match &spot.type_name {
            TypeName::Application { service, .. } => series.labels.get(SERVICE_NAME) == Some(service),
            _ => true,
        };
        is_of_service
            && spot.type_name.matches(&series.profile_type)
            && named.is_none_or(|wanted| *wanted == series.profile_type)
    };
    with_restart(store, async || {
        let mut counts = Counts::new();
        for_each_in_range(store, &range, &mut Gaps::of(store), pause, |_, directory| {
            for (row, rows) in directory.select(&spot.matchers, request.from, request.until) {
                if let Some(series) = directory.series.get(row as usize).filter(|series| accepts(series)) {
                    each(&directory, series, rows, &mut counts);
                }
            }
        })
        .await?;
        Ok(counts)
    })
    .await
}

/// What a series gives to the place before the matchers. Names that would be read as something else are left out.
fn heads(typed: &Typed) -> impl Fn(&BlockDirectory, &Series, Range<usize>, &mut Counts) {
    |_, series, rows, counts| {
        let profiles = rows.len() as u64;
        let profile_type = &series.profile_type;
        let means = |text: &str| Selector::parse(text).map(|selector| selector.type_name).ok();
        let id = profile_type.to_string();
        if means(&id).is_some_and(|means| means == TypeName::Id(profile_type.clone())) {
            add(counts, CandidateKind::Type, &id, profiles);
        }
        let sample_type = &profile_type.sample_type;
        if means(sample_type).is_some_and(|means| means == TypeName::SampleType(sample_type.clone())) {
            add(counts, CandidateKind::Type, sample_type, profiles);
        }
        let Some(service) = series.labels.get(SERVICE_NAME) else { return };
        let application = format!("{service}.{sample_type}");
        let wanted = TypeName::Application { service: service.to_owned(), sample_type: sample_type.clone() };
        if means(&application).is_some_and(|means| means == wanted) {
            add(counts, CandidateKind::Service, service, profiles);
            if typed.text().to_lowercase().starts_with(&format!("{}.", service.to_lowercase())) {
                add(counts, CandidateKind::Type, &application, profiles);
            }
        }
    }
}

/// The candidates that what is typed is in, in order.
fn ranked(typed: &Typed, counts: Counts, insert: impl Fn(CandidateKind, &str) -> String) -> Vec<Candidate> {
    let counted =
        counts.into_iter().flat_map(|(kind, texts)| texts.into_iter().map(move |(text, of)| (kind, text, of)));
    let ranks = counted.filter_map(|(kind, text, profiles)| {
        let rank = typed.rank(&text)?;
        Some((rank, Candidate { insert: insert(kind, &text), text, kind, profiles }))
    });
    let mut ranks: Vec<(u8, Candidate)> = ranks.collect();
    heap_sort_by(&mut ranks, |(a, of_a), (b, of_b)| {
        let more_first = of_b.profiles.cmp(&of_a.profiles);
        a.cmp(b).then(more_first).then_with(|| (&of_a.text, of_a.kind).cmp(&(&of_b.text, of_b.kind)))
    });
    ranks.into_iter().map(|(_, candidate)| candidate).collect()
}
