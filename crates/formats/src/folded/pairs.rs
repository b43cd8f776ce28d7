//! Lines that end with two numbers, as long as all lines of the file do.
//!
//! `main;frame 12 3` is a stack with the counts 12 and 3 in a differential file, and the frame `frame 12` with
//! the count 3 in any other. Only the last line tells, so that both readings are kept until then: one entry
//! for each distinct (stack, first number).

use std::collections::HashMap;

use emberglass_profile::{ErrorCode, InputError, SampleTable, StackId, StringId, StringTable};
use foldhash::fast::FixedState;

use super::decode::Place;
use super::rows::Rows;
use crate::decimal::Decimal;

/// What is known of such lines.
#[derive(Default)]
pub(super) struct Pairs {
    rows: HashMap<(StackId, StringId), u32, FixedState>,
    entries: Vec<Entry>,
    texts: StringTable,
}

struct Entry {
    stack: StackId,
    place: Place,
    base_text: StringId,
    base: Decimal,
    comparison: Decimal,
    lines: u64,
}

/// One entry in the reading with one number.
pub(super) struct Pair<'a> {
    pub(super) parent: StackId,
    pub(super) leaf: StringId,
    /// The first number with the space before it.
    pub(super) base_text: &'a str,
    /// Sum of the second numbers.
    pub(super) comparison: Decimal,
    pub(super) lines: u64,
}

fn overflow() -> InputError {
    InputError::new(ErrorCode::ValueOverflow, "the counts of one stack add up beyond 64 bits")
}

impl Pairs {
    /// Adds one line.
    pub(super) fn add(
        &mut self,
        stack: StackId,
        place: Place,
        base_text: &str,
        [base, comparison]: [Decimal; 2],
    ) -> Result<(), InputError> {
        let base_text = self.texts.intern(base_text);
        let new = self.entries.len() as u32;
        let row = *self.rows.entry((stack, base_text)).or_insert(new);
        if row == new {
            self.entries.push(Entry { stack, place, base_text, base, comparison, lines: 1 });
            return Ok(());
        }
        let entry = &mut self.entries[row as usize];
        entry.lines += 1;
        let sum = &mut entry.comparison;
        let scale = sum.scale.max(comparison.scale);
        let digits = sum.at_scale(scale).zip(comparison.at_scale(scale)).and_then(|(a, b)| a.checked_add(b));
        *sum = Decimal { digits: digits.ok_or_else(overflow)?, scale, is_rounded: false };
        Ok(())
    }

    /// The entries in the reading with one number.
    pub(super) fn iter(&self) -> impl Iterator<Item = Pair<'_>> {
        self.entries.iter().map(|entry| Pair {
            parent: entry.place.0,
            leaf: entry.place.1,
            base_text: self.texts.get(entry.base_text),
            comparison: entry.comparison,
            lines: entry.lines,
        })
    }

    /// The table in the reading with two numbers.
    pub(super) fn table(self) -> Result<SampleTable, InputError> {
        let mut rows = Rows::<2>::default();
        for Entry { stack, base, comparison, lines, .. } in self.entries {
            let lines_signed = i64::try_from(lines).map_err(|_beyond| overflow())?;
            let digits = base.digits.checked_mul(lines_signed);
            let base = Decimal { digits: digits.ok_or_else(overflow)?, ..base };
            rows.add_many(stack, &[base, comparison], lines)?;
        }
        Ok(rows.finish())
    }
}
