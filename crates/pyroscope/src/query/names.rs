//! What there is: types, labels, values, series.

use std::collections::{BTreeMap, BTreeSet};

use emberglass_engine::{Database, SeriesSelection, YieldNow};
use emberglass_store::{Backend, Series};

use super::selector::{Conditions, VIRTUAL, label_of, range};
use crate::fault::Fault;
use crate::wire::{
    GetProfileStatsResponse, LabelNamesRequest, LabelPair, LabelValuesRequest, Labels, NamesResponse,
    ProfileTypeMessage, ProfileTypesRequest, ProfileTypesResponse, SeriesRequest, SeriesResponse,
};

async fn found<B: Backend>(
    db: &Database<B>,
    matchers: &[String],
    (start, end): (i64, i64),
    pause: &impl YieldNow,
) -> Result<Vec<Series>, Fault> {
    let conditions = Conditions::parse(matchers.iter().map(String::as_str))?;
    // Without a range everything is asked for.
    let range = if start == 0 && end == 0 { None } else { Some(range(start, end)?) };
    let selection = SeriesSelection {
        matchers: conditions.stored.clone(),
        from: range.map(|(from, _)| from),
        until: range.map(|(_, until)| until),
        metadata: Vec::new(),
    };
    let series = db.totals_of_series(&selection, |series| conditions.accept(series), pause).await?;
    Ok(series.into_iter().map(|(series, _)| series).collect())
}

pub(crate) async fn profile_types<B: Backend>(
    db: &Database<B>,
    request: &ProfileTypesRequest,
    pause: &impl YieldNow,
) -> Result<ProfileTypesResponse, Fault> {
    let all = found(db, &[], (request.start, request.end), pause).await?;
    let types: BTreeMap<String, _> =
        all.into_iter().map(|series| (series.profile_type.to_string(), series.profile_type)).collect();
    let message = |(id, of): (String, emberglass_profile::ProfileType)| ProfileTypeMessage {
        id,
        name: of.name,
        sample_type: of.sample_type,
        sample_unit: of.sample_unit,
        period_type: of.period_type,
        period_unit: of.period_unit,
    };
    Ok(ProfileTypesResponse { profile_types: types.into_iter().map(message).collect() })
}

pub(crate) async fn label_names<B: Backend>(
    db: &Database<B>,
    request: &LabelNamesRequest,
    pause: &impl YieldNow,
) -> Result<NamesResponse, Fault> {
    let all = found(db, &request.matchers, (request.start, request.end), pause).await?;
    let mut names: BTreeSet<String> = BTreeSet::new();
    for series in &all {
        names.extend(series.labels.iter().map(|(name, _)| name.to_owned()));
        names.extend(VIRTUAL.iter().filter(|name| !label_of(series, name).is_empty()).map(|&name| name.to_owned()));
    }
    Ok(NamesResponse { names: names.into_iter().collect() })
}

pub(crate) async fn label_values<B: Backend>(
    db: &Database<B>,
    request: &LabelValuesRequest,
    pause: &impl YieldNow,
) -> Result<NamesResponse, Fault> {
    if request.name.is_empty() {
        return Err(Fault::invalid("`name` is missing: the label whose values are wanted"));
    }
    let all = found(db, &request.matchers, (request.start, request.end), pause).await?;
    let values: BTreeSet<String> = all.iter().map(|series| label_of(series, &request.name)).collect();
    Ok(NamesResponse { names: values.into_iter().filter(|value| !value.is_empty()).collect() })
}

pub(crate) async fn series<B: Backend>(
    db: &Database<B>,
    request: &SeriesRequest,
    pause: &impl YieldNow,
) -> Result<SeriesResponse, Fault> {
    let all = found(db, &request.matchers, (request.start, request.end), pause).await?;
    let mut sets: BTreeSet<Vec<(String, String)>> = BTreeSet::new();
    for series in &all {
        let mut names: BTreeSet<&str> = request.label_names.iter().map(String::as_str).collect();
        if names.is_empty() {
            names.extend(series.labels.iter().map(|(name, _)| name).chain(VIRTUAL));
        }
        let pairs = names.into_iter().map(|name| (name.to_owned(), label_of(series, name)));
        let set: Vec<_> = pairs.filter(|(_, value)| !value.is_empty()).collect();
        if !set.is_empty() {
            sets.insert(set);
        }
    }
    let labels = |set: Vec<(String, String)>| Labels {
        labels: set.into_iter().map(|(name, value)| LabelPair { name, value }).collect(),
    };
    Ok(SeriesResponse { labels_set: sets.into_iter().map(labels).collect() })
}

pub(crate) async fn stats<B: Backend>(
    db: &Database<B>,
    pause: &impl YieldNow,
) -> Result<GetProfileStatsResponse, Fault> {
    let all = db.totals_of_series(&SeriesSelection::default(), |_| true, pause).await?;
    let starts = || all.iter().flat_map(|(_, totals)| totals).map(|total| total.start / 1_000_000);
    Ok(GetProfileStatsResponse {
        data_ingested: !all.is_empty(),
        oldest_profile_time: starts().min().unwrap_or_default(),
        newest_profile_time: starts().max().unwrap_or_default(),
    })
}
