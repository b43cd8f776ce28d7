//! Labels to group by.
//!
//! `region, path/2`: names between commas, quoted where they must be; a number behind the last slash of a name that is
//! not quoted takes that many leading parts of the values, which are split at `/` and `.`. So `path/2` puts
//! `shop/cart/add` and `shop/cart/drop` into the group `shop/cart`.

use crate::{LabelSet, META_PREFIX, SelectorError, parser};

/// One label, or the first parts of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupLabel {
    /// Name of the label.
    pub name: String,
    /// Leading parts of the value; all without.
    pub parts: Option<usize>,
}

impl GroupLabel {
    /// The value that groups a set; empty for a set without the label.
    #[must_use]
    pub fn value<'a>(&self, labels: &'a LabelSet) -> &'a str {
        let value = labels.get(&self.name).unwrap_or("");
        let Some(parts) = self.parts else { return value };
        let mut ends = value.match_indices(['/', '.']).map(|(at, _)| at).filter(|&at| at > 0);
        ends.nth(parts.saturating_sub(1)).map_or(value, |end| &value[..end])
    }
}

/// Labels to group by, in order; none makes one group of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupBy {
    /// The labels.
    pub labels: Vec<GroupLabel>,
}

impl GroupBy {
    /// Reads names between commas; the empty text names none.
    ///
    /// # Errors
    /// The position and what was expected there.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let mut labels = Vec::new();
        for (position, name, quoted) in parser::parse_names(text)? {
            let hierarchical = name.rsplit_once('/').filter(|_| !quoted);
            labels.push(match hierarchical.map(|(label, parts)| (label, parts, parts.parse::<usize>())) {
                Some((label, _, Ok(parts))) if parts > 0 && !label.is_empty() => {
                    GroupLabel { name: label.to_owned(), parts: Some(parts) }
                }
                Some((label, parts, _)) if parts.bytes().all(|byte| byte.is_ascii_digit()) => {
                    return Err(SelectorError {
                        position: position + label.len() + 1,
                        expected: "a number of parts from 1 on behind a label name and a slash".to_owned(),
                        found: format!("{parts:?}"),
                    });
                }
                _ => GroupLabel { name, parts: None },
            });
        }
        Ok(Self { labels })
    }

    /// Keys of the metadata that is grouped by.
    #[must_use]
    pub fn metadata(&self) -> Vec<String> {
        self.labels.iter().filter_map(|label| label.name.strip_prefix(META_PREFIX)).map(str::to_owned).collect()
    }

    /// The labels of the group that a set belongs to. One that takes parts keeps the name of its label.
    #[must_use]
    pub fn group(&self, labels: &LabelSet) -> LabelSet {
        self.labels.iter().map(|label| (label.name.as_str(), label.value(labels))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn group(text: &str) -> String {
        let set: LabelSet =
            [("region", "eu.west.1"), ("path", "/shop/cart/add"), ("a/2", "x.y.z")].into_iter().collect();
        GroupBy::parse(text).unwrap().group(&set).to_string()
    }

    fn error(text: &str) -> String {
        GroupBy::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn values_are_whole_or_cut_after_some_parts() {
        assert_eq!(group(""), "{}");
        assert_eq!(group("region"), "{region=\"eu.west.1\"}");
        assert_eq!(group("region/2, path/1"), "{path=\"/shop\", region=\"eu.west\"}");
        assert_eq!(group("region/9,pod"), "{region=\"eu.west.1\"}");
        assert_eq!(group("'a/2'"), "{a/2=\"x.y.z\"}");
    }

    #[test]
    fn errors_name_position_and_expectation() {
        let parts = "expected a number of parts from 1 on behind a label name and a slash";
        assert_eq!(error("region, path/0"), format!("{parts} at byte 13, found \"0\""));
        assert_eq!(error("path/"), format!("{parts} at byte 5, found \"\""));
        assert_eq!(error("a,"), "expected a label name at byte 2, found the end");
        assert_eq!(error("a b"), "expected \",\" or the end at byte 2, found \"b\"");
    }

    proptest! {
        #[test]
        fn a_group_has_the_first_parts(parts in proptest::collection::vec("[a-c]{1,3}", 1..5), taken in 1usize..6) {
            let set: LabelSet = [("l", parts.join("/"))].into_iter().collect();
            let label = GroupLabel { name: "l".to_owned(), parts: Some(taken) };
            prop_assert_eq!(label.value(&set), parts[..taken.min(parts.len())].join("/"));
        }
    }
}
