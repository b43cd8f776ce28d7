//! Postings: which series carry which label.

use std::collections::BTreeMap;

use emberglass_columns::sort_rows;

use crate::{LabelSet, Matcher, Matchers};

/// For every label name and value the sorted rows of the series that carry it.
#[derive(Clone, Debug, Default)]
pub struct SeriesIndex {
    postings: BTreeMap<String, BTreeMap<String, Vec<u32>>>,
    series: u32,
}

impl SeriesIndex {
    /// Indexes `series` by row.
    pub fn build<'a>(series: impl IntoIterator<Item = &'a LabelSet>) -> Self {
        let mut index = Self::default();
        for labels in series {
            let row = index.series;
            index.series += 1;
            for (name, value) in labels.iter() {
                let values = match index.postings.get_mut(name) {
                    Some(values) => values,
                    None => index.postings.entry(name.to_owned()).or_default(),
                };
                match values.get_mut(value) {
                    Some(rows) => rows.push(row),
                    None => {
                        values.insert(value.to_owned(), vec![row]);
                    }
                }
            }
        }
        index
    }

    /// Rows of the series for which every condition holds, sorted.
    #[must_use]
    pub fn select(&self, matchers: &Matchers) -> Vec<u32> {
        let mut selected: Option<Vec<u32>> = None;
        for matcher in matchers.iter() {
            let rows = self.rows_of(matcher);
            let both = match selected {
                None => rows,
                Some(before) => intersect(&before, &rows),
            };
            if both.is_empty() {
                return both;
            }
            selected = Some(both);
        }
        selected.unwrap_or_else(|| (0..self.series).collect())
    }

    fn rows_of(&self, matcher: &Matcher) -> Vec<u32> {
        let values = self.postings.get(matcher.name());
        let mut rows = Vec::new();
        for (_, with_value) in values.into_iter().flatten().filter(|(value, _)| matcher.matches(value)) {
            rows.extend_from_slice(with_value);
        }
        if matcher.matches("") {
            let mut without = vec![true; self.series as usize];
            for row in values.into_iter().flatten().flat_map(|(_, rows)| rows) {
                without[*row as usize] = false;
            }
            rows.extend((0..self.series).filter(|&row| without[row as usize]));
        }
        sort_rows(&mut rows, &mut |a, b| a.cmp(&b));
        rows
    }

    /// Label names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.postings.keys().map(String::as_str)
    }

    /// Values of a label with the rows that carry them, sorted by value.
    pub fn values(&self, name: &str) -> impl Iterator<Item = (&str, &[u32])> {
        self.postings.get(name).into_iter().flatten().map(|(value, rows)| (value.as_str(), rows.as_slice()))
    }

    /// Number of series.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.series as usize
    }

    /// True without series.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.series == 0
    }
}

fn intersect(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut rows = Vec::with_capacity(a.len().min(b.len()));
    let mut rest = b;
    for &row in a {
        let skip = rest.partition_point(|&other| other < row);
        rest = &rest[skip..];
        if rest.first() == Some(&row) {
            rows.push(row);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn selects_what_every_matcher_matches(
            series in proptest::collection::vec(proptest::collection::vec(("[ab]", "[xyz]?"), 0..3), 0..30),
            conditions in proptest::collection::vec(("[abc]", 0usize..4, "[xyz]?|x\\|y|.*"), 0..4),
        ) {
            let series: Vec<LabelSet> = series.into_iter().map(|pairs| pairs.into_iter().collect()).collect();
            let mut matchers = Matchers::default();
            for (name, op, value) in conditions {
                let op = [crate::MatcherOp::Equal, crate::MatcherOp::NotEqual, crate::MatcherOp::Match, crate::MatcherOp::NotMatch][op];
                let Ok(matcher) = Matcher::new(name, op, value) else { continue };
                matchers.push(matcher);
            }
            let naive: Vec<u32> =
                (0..series.len() as u32).filter(|&row| matchers.matches(&series[row as usize])).collect();
            prop_assert_eq!(SeriesIndex::build(&series).select(&matchers), naive);
        }
    }
}
