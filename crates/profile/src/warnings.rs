//! Counted remarks about an input that was accepted.

/// One kind of remark; further ones of the same code are counted, the first one's words and offset stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable code, kebab-case.
    pub code: String,
    /// What was noticed.
    pub message: String,
    /// Byte offset of the first.
    pub offset: Option<u64>,
    /// How often.
    pub count: u64,
}

/// Warnings by code, in order of first appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warnings {
    list: Vec<Warning>,
}

impl Warnings {
    /// Counts one warning; `message` is only asked for the first of its code.
    pub fn add(&mut self, code: &str, offset: Option<u64>, message: impl FnOnce() -> String) {
        self.add_many(code, 1, offset, message);
    }

    /// Counts `count` warnings of one code, up to what 64 bits hold: files state counts themselves. Nothing for 0.
    pub fn add_many(&mut self, code: &str, count: u64, offset: Option<u64>, message: impl FnOnce() -> String) {
        if count == 0 {
            return;
        }
        match self.list.iter_mut().find(|warning| warning.code == code) {
            Some(warning) => warning.count = warning.count.saturating_add(count),
            None => self.list.push(Warning { code: code.to_owned(), message: message(), offset, count }),
        }
    }

    /// The warnings.
    #[must_use]
    pub fn as_slice(&self) -> &[Warning] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_that_a_file_states_do_not_overflow() {
        let mut warnings = Warnings::default();
        for count in [u64::MAX - 1, 0, 7] {
            warnings.add_many("lost-samples", count, None, || "lost".to_owned());
        }
        assert_eq!(warnings.as_slice()[0].count, u64::MAX);
    }
}
