//! Selectors: a profile type and conditions on labels in one text.
//!
//! `TYPE{matchers}`, where either part may be missing. TYPE is a profile type id with its five parts
//! (`process_cpu:cpu:nanoseconds:cpu:nanoseconds`) or a sample type (`cpu`). In the older form, `app.cpu{...}`, what
//! stands before the last dot is the service, and what follows it a sample type.

use std::fmt;

use emberglass_profile::ProfileType;

use crate::{Matcher, MatcherOp, Matchers, SERVICE_NAME, SelectorError, parser};

/// The name that stands before the matchers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TypeName {
    /// None: any type.
    #[default]
    Any,
    /// A profile type id.
    Id(ProfileType),
    /// A sample type: any profile type that has it.
    SampleType(String),
    /// The older form: a service and a sample type.
    Application {
        /// Before the last dot.
        service: String,
        /// After it.
        sample_type: String,
    },
}

impl TypeName {
    /// True for the types that are meant.
    #[must_use]
    pub fn matches(&self, profile_type: &ProfileType) -> bool {
        match self {
            Self::Any => true,
            Self::Id(id) => id == profile_type,
            Self::SampleType(name) | Self::Application { sample_type: name, .. } => *name == profile_type.sample_type,
        }
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => Ok(()),
            Self::Id(id) => id.fmt(f),
            Self::SampleType(name) => f.write_str(name),
            Self::Application { service, sample_type } => write!(f, "{service}.{sample_type}"),
        }
    }
}

/// Which profiles, but for their time.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    /// The name before the matchers.
    pub type_name: TypeName,
    /// The matchers as they are written.
    pub written: Matchers,
}

impl Selector {
    /// Reads a selector; the empty text selects everything.
    ///
    /// # Errors
    /// The position and what was expected there.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let (head, matchers) = parser::parse_with_head(text)?;
        let mut written = Matchers::default();
        matchers.into_iter().for_each(|matcher| written.push(matcher));
        let refused = |expected: &str| SelectorError {
            position: head.position,
            expected: expected.to_owned(),
            found: format!("{:?}", head.name),
        };
        let type_name = match (head.name, head.name.rsplit_once('.')) {
            ("", _) => TypeName::Any,
            (name, _) if name.contains(':') => {
                let id = name.parse().map_err(|_error| {
                    refused("five parts, name:sample_type:sample_unit:period_type:period_unit, or a sample type")
                })?;
                TypeName::Id(id)
            }
            (name, None) => TypeName::SampleType(name.to_owned()),
            (_, Some(("", _) | (_, ""))) => {
                return Err(refused("a profile type, or a service, a dot and a sample type"));
            }
            (_, Some((service, sample_type))) => {
                TypeName::Application { service: service.to_owned(), sample_type: sample_type.to_owned() }
            }
        };
        Ok(Self { type_name, written })
    }

    /// All conditions: those that are written, and the service of the older form.
    ///
    /// # Errors
    /// None in practice: an equality always compiles.
    pub fn matchers(&self) -> Result<Matchers, String> {
        let mut all = self.written.clone();
        if let TypeName::Application { service, .. } = &self.type_name {
            all.push(Matcher::new(SERVICE_NAME, MatcherOp::Equal, service)?);
        }
        Ok(all)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.type_name, self.written)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::LabelSet;

    const CPU: &str = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";

    fn error(text: &str) -> String {
        Selector::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_type_may_stand_before_the_matchers() {
        let shop: LabelSet = [("service_name", "shop")].into_iter().collect();
        let cpu: ProfileType = CPU.parse().unwrap();
        for (text, matches_type, matches_labels) in [
            ("", true, true),
            ("{}", true, true),
            (CPU, true, true),
            ("memory:inuse_space:bytes:space:bytes", false, true),
            ("cpu", true, true),
            ("wall{service_name=\"shop\"}", false, true),
            ("shop.cpu", true, true),
            (" cart.cpu {} ", true, false),
            ("shop.cpu{region=\"eu\"}", true, false),
        ] {
            let selector = Selector::parse(text).unwrap();
            let got = (selector.type_name.matches(&cpu), selector.matchers().unwrap().matches(&shop));
            assert_eq!(got, (matches_type, matches_labels), "{text}");
        }
    }

    #[test]
    fn the_older_form_is_told_from_the_others() {
        let form = |text: &str| Selector::parse(text).unwrap().type_name;
        assert_eq!(form(&format!("{CPU}{{a=\"b\"}}")), TypeName::Id(CPU.parse().unwrap()));
        assert_eq!(form("cpu{}"), TypeName::SampleType("cpu".to_owned()));
        let old = TypeName::Application { service: "my.app".to_owned(), sample_type: "cpu".to_owned() };
        assert_eq!(form("my.app.cpu{}"), old);
    }

    #[test]
    fn errors_name_position_and_expectation() {
        assert_eq!(
            error(" memory:inuse_space{}"),
            "expected five parts, name:sample_type:sample_unit:period_type:period_unit, or a sample type at byte 1, \
             found \"memory:inuse_space\""
        );
        assert_eq!(error("cpu wall"), "expected \"{\" or the end at byte 4, found \"w\"");
        assert_eq!(
            error("app.{}"),
            "expected a profile type, or a service, a dot and a sample type at byte 0, found \"app.\""
        );
        assert_eq!(error("cpu{a=}"), "expected a quoted value at byte 6, found \"}\"");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a.:{}=\" \u{e9}]{0,24}") {
            let _parsed = Selector::parse(&text);
        }

        #[test]
        fn printed_selectors_read_back(name in "[a-z.:]{0,12}", value in ".{0,8}") {
            if let Ok(mut selector) = Selector::parse(&name) {
                selector.written.push(Matcher::new("a b", MatcherOp::NotEqual, value).unwrap());
                let again = Selector::parse(&selector.to_string()).unwrap();
                prop_assert_eq!(again.to_string(), selector.to_string());
                prop_assert_eq!(again.type_name, selector.type_name);
            }
        }
    }
}
