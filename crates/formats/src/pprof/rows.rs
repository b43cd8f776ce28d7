//! The rows of the sample table by number, so that a sample whose row is known costs no hash.

use std::hash::BuildHasher as _;

use emberglass_columns::Interner;
use emberglass_profile::{AttributeSetId, SampleTable, StackId, ValueColumn};
use foldhash::fast::FixedState;

/// A sample table under construction; rows are distinct in (stack, attributes).
pub(super) struct Rows {
    table: SampleTable,
    interner: Interner,
}

fn hash(stack: StackId, attributes: AttributeSetId) -> u64 {
    FixedState::with_seed(0).hash_one((stack, attributes))
}

impl Rows {
    pub(super) fn new(columns: usize) -> Self {
        let table = SampleTable { columns: vec![ValueColumn::default(); columns], ..SampleTable::default() };
        Self { table, interner: Interner::default() }
    }

    /// The row of (stack, attributes), with zeros if it is new.
    pub(super) fn row(&mut self, stack: StackId, attributes: AttributeSetId) -> u32 {
        let Self { table, interner } = self;
        let hash_of_row = hash(stack, attributes);
        let found = interner
            .find(hash_of_row, |at| (table.stack[at as usize], table.attributes[at as usize]) == (stack, attributes));
        found.unwrap_or_else(|| {
            let row = table.stack.len() as u32;
            table.stack.push(stack);
            table.attributes.push(attributes);
            for column in &mut table.columns {
                column.values.push(0);
            }
            interner.insert(hash_of_row, row, |at| hash(table.stack[at as usize], table.attributes[at as usize]));
            row
        })
    }

    /// Adds one record to a row; `values` are times `factors` of the base unit.
    #[inline]
    pub(super) fn add(&mut self, row: u32, values: &[i64], factors: &[i64]) -> Result<(), &'static str> {
        self.table.records += 1;
        for ((column, &value), &factor) in self.table.columns.iter_mut().zip(values).zip(factors) {
            let sum = &mut column.values[row as usize];
            let value = match factor {
                // WebAssembly has no multiplication that tells an overflow: the checked one is a call.
                1 => value,
                _ => value.checked_mul(factor).ok_or("a value is beyond 64 bits in its base unit")?,
            };
            *sum = sum.checked_add(value).ok_or("the values of one stack add up beyond 64 bits")?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> SampleTable {
        self.table
    }
}
