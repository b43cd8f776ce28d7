//! What an encoder is given: profiles of a batch.

use emberglass_profile::{
    AttributeSetId, Batch, ErrorCode, InputError, ProfileEntry, ProfileType, SampleTable, SampleTableBuilder, StackId,
    ValueColumn, Warnings,
};
use emberglass_trie::{Granularity, MergedTrie, Merger};

/// Profiles of one batch, in the order in which they are to be written.
#[derive(Clone, Debug)]
pub struct Export<'a> {
    /// Symbols, stacks and samples.
    pub batch: &'a Batch,
    /// Entries of the batch.
    pub profiles: Vec<&'a ProfileEntry>,
}

/// Profiles of one table that share their labels.
pub(crate) struct Lane<'a> {
    pub(crate) table: &'a SampleTable,
    pub(crate) entries: Vec<&'a ProfileEntry>,
    /// The places of the entries among all that are exported.
    pub(crate) places: Vec<usize>,
    /// True where other profiles of the table have other labels.
    pub(crate) is_part: bool,
}

/// Records of a lane over the stacks of an output: in order of time where every one has a time, else those of
/// equal stacks added up, in the order in which they come.
pub(crate) struct Records {
    /// Nanoseconds; `None` where there are no times.
    pub(crate) time: Option<Vec<i64>>,
    pub(crate) stack: Vec<StackId>,
    /// By entry of the lane.
    pub(crate) values: Vec<ValueColumn>,
}

fn overflow() -> InputError {
    InputError::new(ErrorCode::ValueOverflow, "a sum of values is beyond 64 bits")
}

impl<'a> Export<'a> {
    /// All profiles of a batch.
    #[must_use]
    pub fn all(batch: &'a Batch) -> Self {
        Self { batch, profiles: batch.profiles.iter().collect() }
    }

    /// Type of the first profile.
    #[must_use]
    pub fn profile_type(&self) -> ProfileType {
        self.profiles.first().map(|entry| entry.profile_type.clone()).unwrap_or_default()
    }

    /// The profiles added up.
    ///
    /// # Errors
    /// `value-overflow` for a sum beyond 64 bits.
    pub fn merged(&self, granularity: Granularity) -> Result<MergedTrie, InputError> {
        merge(self.batch, &self.profiles, granularity)
    }

    /// The place of the profile to show first.
    #[must_use]
    pub fn default_profile(&self) -> Option<usize> {
        let wanted = self.batch.default_profile()?;
        self.profiles.iter().position(|entry| std::ptr::eq(*entry, wanted))
    }

    /// The profiles by table and labels.
    pub(crate) fn lanes(&self) -> Vec<Lane<'a>> {
        let mut lanes: Vec<(u32, Lane<'a>)> = Vec::new();
        for (place, &entry) in self.profiles.iter().enumerate() {
            let Some(table) = self.batch.tables.get(entry.table as usize) else { continue };
            if table.columns.len() <= entry.column as usize {
                continue;
            }
            let is_same = |(at, lane): &&mut (u32, Lane<'a>)| {
                *at == entry.table && lane.entries.first().is_some_and(|first| first.labels == entry.labels)
            };
            // Profiles that belong together mostly stand together.
            match lanes.iter_mut().rev().find(is_same) {
                Some((_, lane)) => {
                    lane.entries.push(entry);
                    lane.places.push(place);
                }
                None => {
                    let lane = Lane { table, entries: vec![entry], places: vec![place], is_part: false };
                    lanes.push((entry.table, lane));
                }
            }
        }
        let mut seen = vec![0u32; self.batch.tables.len()];
        for (table, _) in &lanes {
            seen[*table as usize] += 1;
        }
        let of_table = |(table, lane): (u32, Lane<'a>)| Lane { is_part: seen[table as usize] > 1, ..lane };
        lanes.into_iter().map(of_table).collect()
    }
}

/// Profiles of a batch as a trie.
pub(crate) fn merge(
    batch: &Batch,
    entries: &[&ProfileEntry],
    granularity: Granularity,
) -> Result<MergedTrie, InputError> {
    let mut merger = Merger::new(granularity);
    for entry in entries {
        merger.add_profile(batch, entry).map_err(|_overflow| overflow())?;
    }
    merger.finish().map_err(|_overflow| overflow())
}

impl<'a> Lane<'a> {
    /// The values of an entry by row.
    pub(crate) fn column(&self, entry: &ProfileEntry) -> &'a ValueColumn {
        const NONE: &ValueColumn = &ValueColumn { values: Vec::new(), scale: 0 };
        self.table.columns.get(entry.column as usize).unwrap_or(NONE)
    }

    /// The records of the lane's entries; `stack_of` gives what a row's stack is in the output.
    ///
    /// # Errors
    /// `value-overflow`.
    pub(crate) fn records(
        &self,
        mut stack_of: impl FnMut(StackId, AttributeSetId) -> StackId,
    ) -> Result<Records, InputError> {
        let SampleTable { stack, attributes, timeline, .. } = self.table;
        let rows: Vec<StackId> = stack.iter().zip(attributes).map(|(&stack, &set)| stack_of(stack, set)).collect();
        let scales: Vec<u8> = self.entries.iter().map(|entry| self.column(entry).scale).collect();
        if let Some(timeline) = timeline
            && self.has_times()
        {
            let values = self.entries.iter().zip(scales).map(|(entry, scale)| {
                let values = timeline.values.get(entry.column as usize).map(|values| values.iter().collect());
                let values = values.unwrap_or_default();
                ValueColumn { values, scale }
            });
            let stack_at = |(_time, row): (i64, u32)| rows.get(row as usize).copied().unwrap_or_default();
            return Ok(Records {
                time: Some(timeline.time.iter().collect()),
                stack: timeline.records().map(stack_at).collect(),
                values: values.collect(),
            });
        }
        let mut sums = SampleTableBuilder::new(&scales);
        let mut values = Vec::with_capacity(scales.len());
        for (row, &stack) in rows.iter().enumerate() {
            values.clear();
            values.extend(self.entries.iter().map(|entry| self.value(entry, row)));
            if !self.is_part || values.iter().any(|&value| value != 0) {
                sums.add(stack, AttributeSetId::EMPTY, &values)?;
            }
        }
        let SampleTable { stack, columns, .. } = sums.finish();
        Ok(Records { time: None, stack, values: columns })
    }

    /// Value of an entry in a row.
    pub(crate) fn value(&self, entry: &ProfileEntry, row: usize) -> i64 {
        self.column(entry).values.get(row).copied().unwrap_or(0)
    }

    /// True if every record of the lane has a time.
    pub(crate) fn has_times(&self) -> bool {
        self.table.timeline.is_some() && self.entries.iter().all(|entry| self.is_timed(entry))
    }

    /// True if the records with times add up to the rows.
    fn is_timed(&self, entry: &ProfileEntry) -> bool {
        let timeline = self.table.timeline.as_ref().and_then(|timeline| timeline.values.get(entry.column as usize));
        timeline.is_some_and(|values| {
            let sum = values.iter().map(i128::from).sum::<i128>();
            sum == self.column(entry).values.iter().copied().map(i128::from).sum()
        })
    }
}

/// Names that stand for something else in a format: counts them, and says the first.
pub(crate) fn warn_renamed(warnings: &mut Warnings, name: &str, why: &str) {
    warnings.add("renamed-frames", None, || format!("a name {why}, and is written without it: {name:?}"));
}

/// Whole numbers from a column of fractions: what is rounded off one record goes into the next, so that sums stay
/// right to the last unit.
#[derive(Default)]
pub(crate) struct Whole {
    unit: i128,
    sum: i128,
    written: i128,
    /// Values that were no whole numbers.
    pub(crate) rounded: u64,
}

impl Whole {
    /// Of values times `10^-scale`.
    pub(crate) fn new(scale: u8) -> Self {
        Self { unit: 10i128.pow(u32::from(scale)), ..Self::default() }
    }

    pub(crate) fn next(&mut self, value: i128) -> Result<i64, InputError> {
        self.sum += value;
        self.rounded += u64::from(value % self.unit != 0);
        let sum = crate::name_tree::rounded(self.sum, self.unit);
        let whole = sum - self.written;
        self.written = sum;
        i64::try_from(whole).map_err(|_overflow| overflow())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rounded_off_goes_into_the_next() {
        let mut whole = Whole::new(1);
        let values: Vec<i64> = [5, 5, 0, -3, 14].into_iter().map(|value| whole.next(value).unwrap()).collect();
        assert_eq!(values, [1, 0, 0, 0, 1]);
        assert_eq!(whole.rounded, 4);
    }
}
