//! Compressed names: `(12) name` defines, `(12)` refers.

use std::collections::HashMap;

use emberglass_profile::{StringId, StringTable};
use foldhash::fast::FixedState;

/// The names of one kind: files, functions or objects.
#[derive(Default)]
pub(super) struct Names {
    known: HashMap<u64, StringId, FixedState>,
}

/// What a name turned out to be.
pub(super) enum Name {
    Known(StringId),
    /// A reference to what was never defined; its own text stands for it.
    Undefined(StringId),
}

impl Names {
    /// The string of `text` as it stands behind `fn=` and its like.
    pub(super) fn resolve(&mut self, text: &str, strings: &mut StringTable) -> Name {
        let text = text.trim();
        let Some((id, name)) = split_id(text) else { return Name::Known(strings.intern(text)) };
        if name.is_empty() {
            return match self.known.get(&id) {
                Some(&name) => Name::Known(name),
                None => Name::Undefined(strings.intern(text)),
            };
        }
        let name = strings.intern(name);
        self.known.insert(id, name);
        Name::Known(name)
    }
}

fn split_id(text: &str) -> Option<(u64, &str)> {
    let (id, name) = text.strip_prefix('(')?.split_once(')')?;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((id.parse().ok()?, name.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_defined_once_and_found_again() {
        let mut strings = StringTable::default();
        let mut names = Names::default();
        let mut resolve = |text: &str| match names.resolve(text, &mut strings) {
            Name::Known(id) => strings.get(id).to_owned(),
            Name::Undefined(id) => format!("?{}", strings.get(id)),
        };
        let got =
            ["(1) main", "(1)", "(2)", "(below main)", "(3) (below main)", "(3)", "plain", "(4)x"].map(&mut resolve);
        assert_eq!(got, ["main", "main", "?(2)", "(below main)", "(below main)", "(below main)", "plain", "x"]);
    }
}
