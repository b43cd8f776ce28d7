//! Selections: a type, matchers and a range in milliseconds, both ends inclusive.

use emberglass_engine::{Selection, SeriesSelection};
use emberglass_labels::{Matcher, MatcherOp, Matchers};
use emberglass_profile::{Aggregation, ProfileType};
use emberglass_store::Series;

use crate::fault::Fault;

/// Labels that follow from the type and the service, and are not stored.
pub(crate) const VIRTUAL: [&str; 7] =
    ["__name__", "__period_type__", "__period_unit__", "__profile_type__", "__service_name__", "__type__", "__unit__"];

/// Value of a label of a series, one of [`VIRTUAL`] or its own; empty where it has none.
pub(crate) fn label_of(series: &Series, name: &str) -> String {
    let Series { profile_type, labels } = series;
    match name {
        "__name__" => profile_type.name.clone(),
        "__period_type__" => profile_type.period_type.clone(),
        "__period_unit__" => profile_type.period_unit.clone(),
        "__profile_type__" => profile_type.to_string(),
        "__service_name__" => labels.get("service_name").unwrap_or_default().to_owned(),
        "__type__" => profile_type.sample_type.clone(),
        "__unit__" => profile_type.sample_unit.clone(),
        other => labels.get(other).unwrap_or_default().to_owned(),
    }
}

/// Conditions, those on labels that are not stored apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    pub(crate) stored: Matchers,
    of_type: Vec<Matcher>,
}

impl Conditions {
    /// Reads selectors; all of them must hold.
    pub(crate) fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, Fault> {
        let mut conditions = Self::default();
        for text in texts {
            if text.trim().is_empty() {
                return Err(Fault::invalid("the label selector is empty: `{}` selects everything"));
            }
            let matchers = Matchers::parse(text)
                .map_err(|error| Fault::invalid(format!("the label selector {text:?} can't be read: {error}")))?;
            for matcher in matchers.iter() {
                match matcher.name() {
                    "__service_name__" => {
                        let renamed = Matcher::new("service_name", matcher.op(), matcher.value());
                        conditions.stored.push(renamed.map_err(Fault::invalid)?);
                    }
                    name if VIRTUAL.contains(&name) => conditions.of_type.push(matcher.clone()),
                    _ => conditions.stored.push(matcher.clone()),
                }
            }
        }
        Ok(conditions)
    }

    /// True if the conditions on labels that are not stored hold.
    pub(crate) fn accept(&self, series: &Series) -> bool {
        self.of_type.iter().all(|matcher| matcher.matches(&label_of(series, matcher.name())))
    }

    /// The type that the conditions name, if they do.
    fn named_type(&self) -> Option<&str> {
        let named = |matcher: &&Matcher| matcher.name() == "__profile_type__" && matcher.op() == MatcherOp::Equal;
        self.of_type.iter().find(named).map(Matcher::value)
    }
}

/// A range in milliseconds, both ends inclusive, as nanoseconds of which the second is exclusive.
pub(crate) fn range(start: i64, end: i64) -> Result<(i64, i64), Fault> {
    if start <= 0 && end <= 0 {
        return Err(Fault::refused("missing_time_range", "the time range is missing"));
    }
    if end < start {
        return Err(Fault::refused("invalid_time_range", "the range ends before it starts"));
    }
    Ok((start.saturating_mul(1_000_000), end.saturating_add(1).saturating_mul(1_000_000)))
}

/// A type by its id, which may end with `:delta`.
pub(crate) fn profile_type(id: &str) -> Result<ProfileType, Fault> {
    id.strip_suffix(":delta").unwrap_or(id).parse().map_err(|error| Fault::invalid(format!("{error}")))
}

/// Profiles of one type. Everything adds up, as in Pyroscope.
#[derive(Clone, Debug)]
pub(crate) struct Selected {
    pub(crate) profile_type: ProfileType,
    pub(crate) conditions: Conditions,
    /// Milliseconds.
    pub(crate) start: i64,
    pub(crate) end: i64,
}

impl Selected {
    pub(crate) fn new(id: &str, selector: &str, start: i64, end: i64) -> Result<Self, Fault> {
        let profile_type = profile_type(id)?;
        let conditions = Conditions::parse([selector])?;
        range(start, end)?;
        Ok(Self { profile_type, conditions, start, end })
    }

    /// `TYPE{name="value"}`, or `{__profile_type__="TYPE"}`.
    pub(crate) fn of_query(query: &str, start: i64, end: i64) -> Result<Self, Fault> {
        let (id, selector) = query.split_at(query.find('{').unwrap_or(query.len()));
        let selector = if selector.is_empty() { "{}" } else { selector };
        let conditions = Conditions::parse([selector])?;
        let id = if id.trim().is_empty() {
            conditions.named_type().unwrap_or_default().to_owned()
        } else {
            id.trim().to_owned()
        };
        range(start, end)?;
        Ok(Self { profile_type: profile_type(&id)?, conditions, start, end })
    }

    /// The series, for totals over time.
    pub(crate) fn series(&self) -> Result<SeriesSelection, Fault> {
        let (from, until) = range(self.start, self.end)?;
        Ok(SeriesSelection {
            matchers: self.conditions.stored.clone(),
            from: Some(from),
            until: Some(until),
            metadata: Vec::new(),
        })
    }

    /// The profiles, for a merge; `None` where conditions on the type exclude it.
    pub(crate) fn profiles(&self) -> Result<Option<Selection>, Fault> {
        let (from, until) = range(self.start, self.end)?;
        let of_type = Series { profile_type: self.profile_type.clone(), labels: Default::default() };
        Ok(self.conditions.accept(&of_type).then(|| Selection {
            profile_type: self.profile_type.clone(),
            matchers: self.conditions.stored.clone(),
            from: Some(from),
            until: Some(until),
            cut_samples: false,
            metadata: Vec::new(),
            aggregate: Some(Aggregation::Sum),
            ..Selection::default()
        }))
    }
}
