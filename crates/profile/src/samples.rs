//! Sample rows: stack, attributes, and one value per sample type.

use std::hash::BuildHasher as _;

use emberglass_columns::{Interner, PackedInts, sorted_rows};
use foldhash::fast::FixedState;

use crate::{AttributeSetId, ErrorCode, InputError, StackId};

/// Values of one sample type, times `10^-scale`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueColumn {
    /// One value a row.
    pub values: Vec<i64>,
    /// Decimal places, at most [`crate::MAX_SCALE`].
    pub scale: u8,
}

impl ValueColumn {
    /// Sum of all rows.
    ///
    /// # Errors
    /// `value-overflow` when the sum leaves the 64-bit range.
    pub fn total(&self) -> Result<i64, InputError> {
        let sum: i128 = self.values.iter().map(|&value| i128::from(value)).sum();
        i64::try_from(sum).map_err(|_overflow| {
            InputError::new(ErrorCode::ValueOverflow, format!("the sum of the values, {sum}, is beyond 64 bits"))
        })
    }
}

/// Rows of samples that share their sample types.
///
/// Rows are distinct in (stack, attributes); records of the source that agree in both are added.
#[derive(Clone, Debug, Default)]
pub struct SampleTable {
    /// Stack of each row.
    pub stack: Vec<StackId>,
    /// Attributes of each row.
    pub attributes: Vec<AttributeSetId>,
    /// One column a sample type, each as long as `stack`.
    pub columns: Vec<ValueColumn>,
    /// Sample records in the source, those with zero values and empty stacks included.
    pub records: u64,
    /// The records in order of time, where the format has a time for each.
    pub timeline: Option<Timeline>,
}

/// Records in order of time: what the rows of a table add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Time of each record in ns: since the epoch where the profile has a start, else of the source's own clock.
    pub time: PackedInts,
    /// Row of the table that the record counts to.
    pub row: PackedInts,
    /// The record's values, one column for each column of the table.
    pub values: Vec<PackedInts>,
}

impl Timeline {
    /// Sorts by time; records of one time keep their order.
    pub fn sort(&mut self) {
        if self.time.is_sorted() {
            return;
        }
        let order = sorted_rows(self.time.len(), &mut |a, b| self.time.get(a as usize).cmp(&self.time.get(b as usize)));
        let permute = |column: &mut PackedInts| *column = column.gather(&order);
        permute(&mut self.time);
        permute(&mut self.row);
        self.values.iter_mut().for_each(permute);
    }

    /// The records with other rows, without those whose row is gone.
    fn with_rows(&self, rows: &[Option<u32>]) -> Self {
        let row_of = |row: i64| usize::try_from(row).ok().and_then(|row| rows.get(row).copied().flatten());
        let kept: Vec<(u32, u32)> =
            self.row.iter().enumerate().filter_map(|(at, row)| Some((at as u32, row_of(row)?))).collect();
        let order: Vec<u32> = kept.iter().map(|&(at, _)| at).collect();
        Self {
            time: self.time.gather(&order),
            row: kept.iter().map(|&(_, row)| row.into()).collect(),
            values: self.values.iter().map(|column| column.gather(&order)).collect(),
        }
    }

    /// Time and row of each record.
    pub fn records(&self) -> impl Iterator<Item = (i64, u32)> {
        self.time.iter().zip(self.row.iter().map(|row| row as u32))
    }
}

impl SampleTable {
    /// The table with the stack `stacks[old]` in place of each; rows that become equal are added up.
    ///
    /// # Errors
    /// `value-overflow` when a row's sum leaves the 64-bit range.
    pub fn with_stacks(&self, stacks: &[StackId]) -> Result<Self, InputError> {
        let stack_of = |row: usize| {
            let old = self.stack.get(row).copied().unwrap_or_default();
            Some(stacks.get(old.index()).copied().unwrap_or_default())
        };
        self.with_rows(stack_of)
    }

    /// The table with another stack for each row, and without the rows that get none; rows that become equal are added up.
    /// Where no record has a time, a row that goes counts as one record.
    ///
    /// # Errors
    /// `value-overflow` when a row's sum leaves the 64-bit range.
    pub fn with_rows(&self, stack_of: impl Fn(usize) -> Option<StackId>) -> Result<Self, InputError> {
        let scales: Vec<u8> = self.columns.iter().map(|column| column.scale).collect();
        let mut builder = SampleTableBuilder::new(&scales);
        let mut rows: Vec<Option<u32>> = Vec::with_capacity(self.stack.len());
        let mut values = Vec::with_capacity(self.columns.len());
        for (row, &attributes) in self.attributes.iter().enumerate().take(self.stack.len()) {
            let Some(stack) = stack_of(row) else {
                rows.push(None);
                continue;
            };
            values.clear();
            values.extend(self.columns.iter().map(|column| column.values.get(row).copied().unwrap_or_default()));
            rows.push(Some(builder.add_row(stack, attributes, &values)?));
        }
        let mut table = builder.finish();
        table.timeline = self.timeline.as_ref().map(|timeline| timeline.with_rows(&rows));
        let gone = rows.iter().filter(|row| row.is_none()).count() as u64;
        table.records = match &table.timeline {
            Some(timeline) if gone > 0 => timeline.time.len() as u64,
            _ => self.records.saturating_sub(gone),
        };
        Ok(table)
    }
}

/// Adds records up to rows.
#[derive(Debug)]
pub struct SampleTableBuilder {
    table: SampleTable,
    interner: Interner,
}

fn hash(stack: StackId, attributes: AttributeSetId) -> u64 {
    FixedState::with_seed(0).hash_one((stack, attributes))
}

impl SampleTableBuilder {
    /// A table with one column per entry of `scales`.
    #[must_use]
    pub fn new(scales: &[u8]) -> Self {
        let columns = scales.iter().map(|&scale| ValueColumn { values: Vec::new(), scale }).collect();
        Self { table: SampleTable { columns, ..SampleTable::default() }, interner: Interner::default() }
    }

    /// Adds one record; missing values count as 0.
    ///
    /// # Errors
    /// `value-overflow` when a row's sum leaves the 64-bit range.
    pub fn add(&mut self, stack: StackId, attributes: AttributeSetId, values: &[i64]) -> Result<(), InputError> {
        self.add_row(stack, attributes, values).map(|_row| ())
    }

    /// Adds one record with its time; [`Self::finish`] sorts the records by time, stably.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn add_at(
        &mut self,
        time: i64,
        stack: StackId,
        attributes: AttributeSetId,
        values: &[i64],
    ) -> Result<(), InputError> {
        let row = self.add_row(stack, attributes, values)?;
        let columns = self.table.columns.len();
        let timeline = self
            .table
            .timeline
            .get_or_insert_with(|| Timeline { values: vec![PackedInts::default(); columns], ..Timeline::default() });
        timeline.time.push(time);
        timeline.row.push(row.into());
        for (at, column) in timeline.values.iter_mut().enumerate() {
            column.push(values.get(at).copied().unwrap_or_default());
        }
        Ok(())
    }

    /// As [`Self::add`]; gives the row that the record counts to.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn add_row(&mut self, stack: StackId, attributes: AttributeSetId, values: &[i64]) -> Result<u32, InputError> {
        let Self { table, interner } = self;
        table.records += 1;
        let hash_of_row = hash(stack, attributes);
        let found = interner
            .find(hash_of_row, |at| (table.stack[at as usize], table.attributes[at as usize]) == (stack, attributes));
        if let Some(row) = found {
            for (column, &value) in table.columns.iter_mut().zip(values) {
                let sum = &mut column.values[row as usize];
                *sum = sum.checked_add(value).ok_or_else(|| {
                    InputError::new(ErrorCode::ValueOverflow, "the values of one stack add up beyond 64 bits")
                })?;
            }
            return Ok(row);
        }
        let row = table.stack.len() as u32;
        table.stack.push(stack);
        table.attributes.push(attributes);
        for (at, column) in table.columns.iter_mut().enumerate() {
            column.values.push(values.get(at).copied().unwrap_or_default());
        }
        interner.insert(hash_of_row, row, |at| hash(table.stack[at as usize], table.attributes[at as usize]));
        Ok(row)
    }

    /// The finished rows.
    #[must_use]
    pub fn finish(mut self) -> SampleTable {
        if let Some(timeline) = &mut self.table.timeline {
            timeline.sort();
        }
        self.table
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_equal_a_map_from_key_to_sum(records in proptest::collection::vec((0u32..9, 0u32..3, -50i64..50), 0..200)) {
            let mut builder = SampleTableBuilder::new(&[0, 2]);
            let mut naive: BTreeMap<(u32, u32), i64> = BTreeMap::new();
            for &(stack, attributes, value) in &records {
                builder.add(StackId(stack), AttributeSetId(attributes), &[value, 1]).unwrap();
                *naive.entry((stack, attributes)).or_default() += value;
            }
            let table = builder.finish();
            prop_assert_eq!(table.records, records.len() as u64);
            prop_assert_eq!(table.columns[1].total().unwrap(), records.len() as i64);
            let got: BTreeMap<_, _> = (0..table.stack.len())
                .map(|row| ((table.stack[row].0, table.attributes[row].0), table.columns[0].values[row]))
                .collect();
            prop_assert_eq!(got.len(), table.stack.len());
            prop_assert_eq!(got, naive);
        }
    }

    #[test]
    fn records_with_times_are_kept_in_order_of_time() {
        let mut builder = SampleTableBuilder::new(&[0]);
        for (time, stack, value) in [(5, 1, 10), (3, 2, 20), (5, 2, 30), (4, 1, 40)] {
            builder.add_at(time, StackId(stack), AttributeSetId::EMPTY, &[value]).unwrap();
        }
        let table = builder.finish();
        let timeline = table.timeline.unwrap();
        assert_eq!(timeline.time, [3, 4, 5, 5]);
        assert_eq!(timeline.row, [1, 0, 0, 1]);
        assert_eq!(timeline.values[0], [20, 40, 10, 30]);
        assert_eq!(table.columns[0].values, [50, 50]);
    }

    #[test]
    fn sums_beyond_64_bits_are_errors() {
        let mut builder = SampleTableBuilder::new(&[0]);
        builder.add(StackId(1), AttributeSetId::EMPTY, &[i64::MAX]).unwrap();
        let error = builder.add(StackId(1), AttributeSetId::EMPTY, &[1]).unwrap_err();
        assert_eq!(error.code, ErrorCode::ValueOverflow);
        let column = ValueColumn { values: vec![i64::MIN, -1], scale: 0 };
        assert_eq!(column.total().unwrap_err().code, ErrorCode::ValueOverflow);
    }
}
