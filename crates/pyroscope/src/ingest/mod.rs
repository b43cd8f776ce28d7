//! What is pushed: requests to batches, and batches into the database.

pub(crate) mod decode;
mod lines;
mod multipart;
mod name;
mod shape;
mod types;

use std::collections::BTreeMap;

use emberglass_engine::{Database, SourceInfo};
use emberglass_profile::{Batch, InputError};
use emberglass_store::Backend;
use serde_json::Value;

use crate::fault::{Code, Fault};
use crate::wire::PushRequest;
use crate::{Request, time};
use decode::As;

const NAME_LIMIT: usize = 1024;
const VALUE_LIMIT: usize = 2048;
/// Labels that say how a profile was sent, not what it is of.
const NOT_STORED: [&str; 4] = ["__session_id__", "__delta__", "__order__", "__name__"];

/// A batch with what the request says of it.
#[derive(Debug)]
pub(crate) struct Pushed {
    pub(crate) batch: Batch,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) bytes: usize,
}

fn unprocessable(error: &InputError) -> Fault {
    Fault::malformed(Code::Unprocessable, error)
}

/// `POST /ingest`.
pub(crate) fn ingest(request: &Request, body: &[u8], now: i64) -> Result<Pushed, Fault> {
    let query = request.query();
    let named = name::parse(query.get("name"))?;
    let given = |name| time::parse(query.get(name), now);
    let from = given("from").unwrap_or(now);
    if given("until").is_some_and(|until| until < from) {
        return Err(Fault::refused("invalid_time_range", "`until` lies before `from`"));
    }
    let rate = query.get("sampleRate").parse().ok().filter(|&rate| rate > 0).unwrap_or(100);
    let media = request.media_type();
    let is_form = media == "multipart/form-data";
    let parts = if is_form { multipart::parts(request.header("content-type"), body)? } else { Vec::new() };
    let part = |name: &str| parts.iter().find(|part| part.name == name).map(|part| part.body);
    let format = match (query.get("format"), media.as_str()) {
        ("", "binary/octet-stream+trie") => "trie",
        ("", "binary/octet-stream+tree") => "tree",
        ("", _) if is_form => "pprof",
        ("", _) => "groups",
        (format, _) => format,
    };
    let field = |name: &str| match part(name) {
        Some(body) => Ok(body),
        None if is_form => Err(Fault::invalid(format!("the form has no part {name:?}"))),
        None => Ok(body),
    };
    let mut app = named.app.as_str();
    let batch = match format {
        "pprof" => {
            if part("prev_profile").is_some_and(|body| !body.is_empty()) {
                let message = "the agent sends a previous profile to subtract: update it, deltas are made by the agent";
                return Err(Fault::refused("malformed_profile", message));
            }
            let mut batch = decode::decode(field("profile")?, As::Pprof).map_err(|error| unprocessable(&error))?;
            shape::pprof(&mut batch, &shown_names(part("sample_type_config"))?, query.get("spyName"));
            batch
        }
        "jfr" => {
            let labels = part("labels").filter(|labels| !labels.is_empty());
            let mut batch = decode::decode(field("jfr")?, As::Jfr(labels)).map_err(|error| unprocessable(&error))?;
            shape::jfr(&mut batch, rate).map_err(|error| unprocessable(&error))?;
            batch
        }
        "groups" | "folded" | "lines" | "trie" | "tree" | "speedscope" => {
            let (without_suffix, kind) = types::of_name(app)?;
            app = without_suffix;
            let how = match format {
                "lines" => As::Lines,
                "trie" => As::Trie,
                "tree" => As::Tree,
                "speedscope" => As::Speedscope,
                _ => As::Groups,
            };
            let mut batch = decode::decode(field("profile")?, how).map_err(|error| unprocessable(&error))?;
            shape::as_type(&mut batch, &kind, rate).map_err(|error| unprocessable(&error))?;
            batch
        }
        other => {
            let message = format!("no format {other:?}: pprof, jfr, groups, lines, trie, tree and speedscope are read");
            return Err(Fault::invalid(message));
        }
    };
    let mut labels = named.labels.clone();
    let given_service = labels.iter().any(|(name, _)| name == "service_name");
    labels.push((if given_service { "app_name" } else { "service_name" }.to_owned(), app.to_owned()));
    let spy = Some(query.get("spyName")).filter(|spy| !spy.is_empty()).unwrap_or("unknown");
    labels.push(("pyroscope_spy".to_owned(), spy.to_owned()));
    pushed(batch, labels, from, body.len())
}

/// Names under which the agent shows its sample types.
fn shown_names(config: Option<&[u8]>) -> Result<Vec<String>, Fault> {
    let Some(config) = config else { return Ok(Vec::new()) };
    let read: BTreeMap<String, Value> = serde_json::from_slice(config)
        .map_err(|error| Fault::invalid(format!("the part \"sample_type_config\" can't be read: {error}")))?;
    let names = read.values().filter_map(|of| of.get("display-name").and_then(Value::as_str));
    Ok(names.map(str::to_owned).collect())
}

/// `push.v1.PusherService/Push`.
pub(crate) fn push(request: PushRequest, now: i64) -> Result<Vec<Pushed>, Fault> {
    let mut all = Vec::new();
    for series in request.series {
        let mut labels: Vec<(String, String)> =
            series.labels.into_iter().map(|label| (label.name, label.value)).collect();
        let name = labels.iter().find(|(name, _)| name == "__name__").map(|(_, value)| value.clone());
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            let message = "a series has no label `__name__`, the name of its profile type";
            return Err(Fault::refused("missing_labels", message));
        };
        if !labels.iter().any(|(name, value)| name == "service_name" && !value.is_empty()) {
            labels.push(("service_name".to_owned(), "unknown_service".to_owned()));
        }
        for sample in series.samples {
            let bytes = sample.raw_profile.len();
            let mut batch = decode::decode(&sample.raw_profile, As::Pprof)
                .map_err(|error| Fault::malformed(Code::InvalidArgument, &error))?;
            let is_delta = name.strip_prefix("godeltaprof_");
            for entry in &mut batch.profiles {
                entry.profile_type.name = is_delta.unwrap_or(&name).to_owned();
            }
            all.push(pushed(batch, labels.clone(), now, bytes)?);
        }
    }
    if all.is_empty() {
        return Err(Fault::invalid("there is no profile in the request"));
    }
    Ok(all)
}

/// OTLP/HTTP: a batch for each service.
pub(crate) fn otlp(body: &[u8], now: i64) -> Result<Vec<Pushed>, Fault> {
    let mut batch = decode::decode(body, As::Otlp).map_err(|error| Fault::malformed(Code::InvalidArgument, &error))?;
    shape::otlp(&mut batch).map_err(|error| unprocessable(&error))?;
    let mut by_service: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for mut entry in std::mem::take(&mut batch.profiles) {
        let service = match (entry.label("service_name"), entry.label("process")) {
            (Some(service), _) => service.to_owned(),
            (None, Some(process)) => format!("unknown_service:{process}"),
            (None, None) => "unknown_service".to_owned(),
        };
        entry.labels.retain(|(name, _)| name != "service_name");
        by_service.entry(service).or_default().push(entry);
    }
    let of_service = |(service, profiles)| {
        let batch = Batch { profiles, ..batch.clone() };
        pushed(batch, vec![("service_name".to_owned(), service)], now, body.len())
    };
    by_service.into_iter().map(of_service).collect()
}

fn pushed(mut batch: Batch, mut labels: Vec<(String, String)>, from: i64, bytes: usize) -> Result<Pushed, Fault> {
    let mut names: Vec<&str> = labels.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        let message = format!("the label {:?} is there twice", pair[0]);
        return Err(Fault::refused("duplicate_label_names", message));
    }
    for (name, value) in &labels {
        if name.is_empty() {
            return Err(Fault::refused("invalid_labels", "a label has no name"));
        }
        if name.len() > NAME_LIMIT {
            let message = format!("the name of a label has {} bytes, {NAME_LIMIT} are taken", name.len());
            return Err(Fault::refused("label_name_too_long", message));
        }
        if value.len() > VALUE_LIMIT {
            let message = format!("the label {name:?} has {} bytes, {VALUE_LIMIT} are taken", value.len());
            return Err(Fault::refused("label_value_too_long", message));
        }
    }
    labels.retain(|(name, _)| !NOT_STORED.contains(&name.as_str()));
    for entry in &mut batch.profiles {
        entry.start.get_or_insert(from);
    }
    Ok(Pushed { batch, labels, bytes })
}

/// Stores what was pushed; returns once the back end has it.
pub(crate) async fn store<B: Backend>(db: &Database<B>, all: &[Pushed], now: i64) -> Result<u64, Fault> {
    let mut profiles = 0;
    for Pushed { batch, labels, bytes } in all {
        let source = SourceInfo {
            name: "push".to_owned(),
            bytes: *bytes as f64,
            imported_ms: (now / 1_000_000) as f64,
            labels: labels.clone(),
            ..SourceInfo::default()
        };
        profiles += u64::from(db.stage(batch, &source).await?.receipt.profiles);
    }
    db.flush().await?;
    Ok(profiles)
}
