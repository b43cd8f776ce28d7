//! A set of labels.

use std::fmt;

/// Labels sorted by name; every name once, no empty values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelSet {
    pairs: Vec<(String, String)>,
}

impl LabelSet {
    /// Value of the label `name`, if it has one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.position(name).ok()?;
        Some(&self.pairs[at].1)
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.pairs.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    /// Sets a label; an empty value removes it.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match (self.position(&name), value.is_empty()) {
            (Ok(at), true) => {
                self.pairs.remove(at);
            }
            (Ok(at), false) => self.pairs[at].1 = value,
            (Err(_), true) => {}
            (Err(at), false) => self.pairs.insert(at, (name, value)),
        }
    }

    /// Sets a label unless there is one of that name.
    pub fn insert_if_absent(&mut self, name: &str, value: &str) {
        if self.get(name).is_none() {
            self.insert(name, value);
        }
    }

    /// Names and values by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Number of labels.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// True without labels.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for LabelSet {
    /// Later pairs win over earlier ones of the same name.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut set = Self::default();
        for (name, value) in pairs {
            set.insert(name, value);
        }
        set
    }
}

impl fmt::Display for LabelSet {
    /// As a selector that matches this set: `{region="eu", service_name="shop"}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (at, (name, value)) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            crate::parser::write_name(f, name)?;
            f.write_str("=")?;
            crate::parser::write_quoted(f, value)?;
        }
        f.write_str("}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equals_a_map_without_empty_values(pairs in proptest::collection::vec(("[a-d]", "[xy]?"), 0..20)) {
            let set: LabelSet = pairs.iter().cloned().collect();
            let mut naive: BTreeMap<String, String> = pairs.into_iter().collect();
            naive.retain(|_, value| !value.is_empty());
            let got: BTreeMap<String, String> = set.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            prop_assert_eq!(set.len(), naive.len());
            prop_assert_eq!(got, naive);
        }

        #[test]
        fn printed_sets_match_themselves(pairs in proptest::collection::vec((".{1,6}", ".{0,6}"), 0..5)) {
            let set: LabelSet = pairs.into_iter().collect();
            let matchers = crate::Matchers::parse(&set.to_string()).unwrap();
            prop_assert!(matchers.matches(&set));
            prop_assert_eq!(matchers.iter().count(), set.len());
        }
    }
}
