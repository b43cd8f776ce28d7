//! What is known of a result besides its trie.

use emberglass_profile::{Warning, format_rfc3339};

/// What a report says about where its numbers come from. Everything may be missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// What the profiles are of: a service or a file; empty where nothing tells.
    pub title: &'a str,
    /// The selection, as matchers; empty where there is none.
    pub selection: &'a str,
    /// Profiles merged.
    pub profiles: Option<u64>,
    /// Sample records merged.
    pub samples: Option<u64>,
    /// Start of the range, ns since the epoch.
    pub from: Option<i64>,
    /// Its end.
    pub until: Option<i64>,
    /// What was noticed on the way.
    pub warnings: &'a [Warning],
}

impl<'a> Facts<'a> {
    /// The title, or a word for it.
    pub(super) const fn heading(&self) -> &'a str {
        if self.title.is_empty() { "Profile" } else { self.title }
    }

    /// `2026-11-23 13:36:05 UTC to 2026-11-23 13:36:15 UTC`, if a time is known.
    pub(super) fn range(&self) -> Option<String> {
        match (self.from, self.until) {
            (None, None) => None,
            (Some(from), Some(until)) if until > from => Some(format!("{} to {}", second(from), second(until))),
            (Some(from), None) => Some(format!("from {}", second(from))),
            (None, Some(until)) => Some(format!("until {}", second(until))),
            (Some(from), Some(_)) => Some(second(from)),
        }
    }
}

fn second(time: i64) -> String {
    let text = format_rfc3339(time);
    let whole = text.split('.').next().unwrap_or(&text);
    format!("{} UTC", whole.replace('T', " "))
}
