//! What is known of a profile beside its labels: what its input states, by key.
//!
//! Matchers ask for it under the name of a label, `__meta_KEY`, but it is not part of the profile's series.

use std::borrow::Cow;
use std::ops::Range;

use emberglass_labels::Matchers;

use crate::{BlockDirectory, Series, Source};

/// Values of one key that stand side by side in a source: one text, with line breaks between them.
const BETWEEN: &str = "\n";

/// The metadata of one profile.
#[derive(Clone, Copy, Debug)]
pub struct Metadata<'a> {
    pub(crate) source: &'a Source,
    pub(crate) series: &'a Series,
    /// Sampling period; 0 where unknown.
    pub(crate) period: i64,
}

impl<'a> Metadata<'a> {
    /// Keys that every format may have a value for, beside those that it states itself.
    const COMMON: [&'static str; 5] = ["comment", "format", "period", "period_type", "period_unit"];

    /// The value of a key; empty without one. What the source states under a key comes before what is known otherwise.
    #[must_use]
    pub fn get(&self, key: &str) -> Cow<'a, str> {
        let Self { source, series, period } = *self;
        let mut stated = source.metadata.iter().filter(|(name, _)| name == key).map(|(_, value)| value.as_str());
        if let Some(first) = stated.next() {
            return join(first, stated);
        }
        let profile_type = &series.profile_type;
        match key {
            "comment" => {
                let mut comments = source.comments.iter().map(String::as_str);
                comments.next().map_or(Cow::Borrowed(""), |first| join(first, comments))
            }
            "format" => Cow::Borrowed(&source.format),
            "period" if period != 0 => Cow::Owned(period.to_string()),
            "period_type" => Cow::Borrowed(&profile_type.period_type),
            "period_unit" => Cow::Borrowed(&profile_type.period_unit),
            _ => Cow::Borrowed(""),
        }
    }

    /// Keys that have a value, each once.
    pub fn keys(self) -> impl Iterator<Item = &'a str> {
        let stated = &self.source.metadata;
        let is_stated = |key: &str, until: usize| stated.iter().take(until).any(|(name, _)| name == key);
        let first = stated.iter().enumerate().filter(move |(at, (name, _))| !is_stated(name, *at));
        let common = Self::COMMON.into_iter().filter(move |key| !is_stated(key, usize::MAX));
        first.map(|(_, (name, _))| name.as_str()).chain(common).filter(move |key| !self.get(key).is_empty())
    }

    /// True if every condition holds; their names are keys.
    #[must_use]
    pub fn matches(&self, matchers: &Matchers) -> bool {
        matchers.iter().all(|matcher| matcher.matches(&self.get(matcher.name())))
    }
}

fn join<'a>(first: &'a str, rest: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    rest.fold(Cow::Borrowed(first), |joined, next| Cow::Owned(format!("{joined}{BETWEEN}{next}")))
}

impl BlockDirectory {
    /// The metadata of the profile at `row`.
    #[must_use]
    pub fn metadata(&self, row: usize) -> Option<Metadata<'_>> {
        let table = &self.profiles;
        Some(Metadata {
            source: self.sources.get(*table.source.get(row)? as usize)?,
            series: self.series.get(*table.series.get(row)? as usize)?,
            period: *table.period.get(row)?,
        })
    }

    /// Rows of profiles that match and start in [`from`, `until`), `None` is open: row of the series, and a range of profile
    /// rows that is not empty. A series comes several times where metadata tells its profiles apart.
    #[must_use]
    pub fn select(&self, matchers: &Matchers, from: Option<i64>, until: Option<i64>) -> Vec<(u32, Range<usize>)> {
        let (of_labels, of_metadata) = matchers.split();
        let rows = self.index.select(&of_labels).into_iter();
        let ranges = rows.map(|row| (row, self.profiles.rows_in(row, from, until)));
        let ranges = ranges.filter(|(_, range)| !range.is_empty());
        if of_metadata.is_empty() {
            return ranges.collect();
        }
        let mut selected: Vec<(u32, Range<usize>)> = Vec::new();
        for (series, range) in ranges {
            for row in range {
                if !self.metadata(row).is_some_and(|metadata| metadata.matches(&of_metadata)) {
                    continue;
                }
                match selected.last_mut() {
                    Some((last, rows)) if *last == series && rows.end == row => rows.end += 1,
                    _ => selected.push((series, row..row + 1)),
                }
            }
        }
        selected
    }
}
