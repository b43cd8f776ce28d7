//! Sums by stack, with the decimal places that the numbers turn out to have.

use emberglass_profile::{ErrorCode, InputError, SampleTable, StackId, ValueColumn};

use crate::decimal::{Decimal, rescaled};

const NO_ROW: u32 = u32::MAX;

/// Sums of `N` numbers for each stack. A column's scale grows with the first number that needs it.
pub(super) struct Rows<const N: usize> {
    /// Row by stack.
    row_of: Vec<u32>,
    stack: Vec<StackId>,
    columns: [ValueColumn; N],
    records: u64,
}

impl<const N: usize> Default for Rows<N> {
    fn default() -> Self {
        let columns = std::array::from_fn(|_| ValueColumn::default());
        Self { row_of: Vec::new(), stack: Vec::new(), columns, records: 0 }
    }
}

fn overflow() -> InputError {
    InputError::new(ErrorCode::ValueOverflow, "the counts of one stack add up beyond 64 bits")
}

impl<const N: usize> Rows<N> {
    /// Adds one line.
    #[inline]
    pub(super) fn add(&mut self, stack: StackId, numbers: &[Decimal; N]) -> Result<(), InputError> {
        self.add_many(stack, numbers, 1)
    }

    /// Adds `lines` lines whose sums are `numbers`.
    pub(super) fn add_many(&mut self, stack: StackId, numbers: &[Decimal; N], lines: u64) -> Result<(), InputError> {
        self.records += lines;
        let row = self.row(stack);
        for (column, number) in self.columns.iter_mut().zip(numbers) {
            if number.scale > column.scale {
                for value in &mut column.values {
                    *value = rescaled(*value, column.scale, number.scale).ok_or_else(overflow)?;
                }
                column.scale = number.scale;
            }
            let value = number.at_scale(column.scale).ok_or_else(overflow)?;
            let sum = &mut column.values[row];
            *sum = sum.checked_add(value).ok_or_else(overflow)?;
        }
        Ok(())
    }

    fn row(&mut self, stack: StackId) -> usize {
        if self.row_of.len() <= stack.index() {
            self.row_of.resize(stack.index() + 1, NO_ROW);
        }
        let row = &mut self.row_of[stack.index()];
        if *row == NO_ROW {
            *row = self.stack.len() as u32;
            self.stack.push(stack);
            self.columns.iter_mut().for_each(|column| column.values.push(0));
        }
        *row as usize
    }

    /// The finished table.
    pub(super) fn finish(self) -> SampleTable {
        SampleTable {
            attributes: vec![emberglass_profile::AttributeSetId::EMPTY; self.stack.len()],
            stack: self.stack,
            columns: self.columns.into(),
            records: self.records,
            timeline: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_grow_and_sums_stay_exact() {
        let mut rows = Rows::<1>::default();
        for (stack, text) in [(1, "100"), (2, "1.5"), (1, "0.25"), (1, "1e2")] {
            rows.add(StackId(stack), &[Decimal::parse(text).unwrap()]).unwrap();
        }
        let table = rows.finish();
        assert_eq!(table.stack, [StackId(1), StackId(2)]);
        assert_eq!(table.columns, [ValueColumn { values: vec![20_025, 150], scale: 2 }]);
        assert_eq!(table.records, 4);
    }

    #[test]
    fn sums_and_scales_beyond_64_bits_are_errors() {
        let mut rows = Rows::<1>::default();
        rows.add(StackId(1), &[Decimal::parse("9223372036854775807").unwrap()]).unwrap();
        for text in ["1", "0.5"] {
            let error = rows.add(StackId(1), &[Decimal::parse(text).unwrap()]).unwrap_err();
            assert_eq!(error.code, ErrorCode::ValueOverflow);
        }
    }
}
