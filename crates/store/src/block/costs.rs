//! The function costs section: what formats of call graphs state for each function.
//!
//! Part 0 says which profiles have a table, and where ([`super::parts::Places`]); it is there if any has. The other
//! parts hold the tables one profile after the other:
//!
//! | field | type | invariant |
//! |---|---|---|
//! | functions `n` | varint | |
//! | function | place, svb x n | function row - function row before - 1, the first as it is: they rise |
//! | own | numbers x n | own value of the function |
//! | total | numbers x n | own values and those of calls to others, as the format states it |

use emberglass_columns::{ByteReader, sorted_rows};

use super::columns::put_len;
use super::numbers::{put_numbers, take_numbers};
use super::parts::{PartWriter, part_count, read_at, slice};
use super::rows::{read_rising_gaps, rising_gaps};
use crate::{Fault, StoreError};

/// Own and total values by function, as the format of one profile states them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// Function rows, ascending, distinct.
    pub functions: Vec<u32>,
    /// Own values, times 10^-scale of the profile.
    pub own: Vec<i64>,
    /// Total values.
    pub total: Vec<i64>,
}

impl Costs {
    /// Function, own value and total of each row.
    pub fn iter(&self) -> impl Iterator<Item = (u32, i64, i64)> {
        self.functions.iter().zip(&self.own).zip(&self.total).map(|((&function, &own), &total)| (function, own, total))
    }

    /// The same rows in terms of another table of functions, sorted; rows of one function are added.
    pub(crate) fn translate(&self, functions: &[u32]) -> Result<Self, StoreError> {
        let mut rows: Vec<(u32, i64, i64)> = Vec::with_capacity(self.functions.len());
        for (function, own, total) in self.iter() {
            let function = functions.get(function as usize).copied().filter(|&row| row != u32::MAX);
            rows.push((function.ok_or(StoreError::BadBatch("a cost without its function"))?, own, total));
        }
        let order = sorted_rows(rows.len(), &mut |a, b| rows[a as usize].0.cmp(&rows[b as usize].0));
        let mut out = Self::default();
        for (function, own, total) in order.into_iter().map(|row| rows[row as usize]) {
            match (out.functions.last(), out.own.last_mut(), out.total.last_mut()) {
                (Some(&last), Some(own_sum), Some(total_sum)) if last == function => {
                    *own_sum = own_sum.checked_add(own).ok_or(StoreError::ValueOverflow)?;
                    *total_sum = total_sum.checked_add(total).ok_or(StoreError::ValueOverflow)?;
                }
                _ => {
                    out.functions.push(function);
                    out.own.push(own);
                    out.total.push(total);
                }
            }
        }
        Ok(out)
    }
}

/// Appends a table; returns where it starts and how long it is.
pub(crate) fn write(part: &mut PartWriter, costs: &Costs) -> (usize, usize) {
    let start = part.bytes.len();
    put_len(&mut part.bytes, costs.functions.len());
    part.put_column(start, &rising_gaps(&costs.functions, false));
    put_numbers(part, start, &costs.own);
    put_numbers(part, start, &costs.total);
    (start, part.bytes.len() - start)
}

/// Reads the table at `offset` of a part's payload, `len` bytes long, over `functions` functions.
pub(crate) fn read(part: &[u8], offset: u32, len: u32, functions: usize) -> Result<Costs, Fault> {
    let (before, bytes) = slice(part, offset, len)?;
    let reader = &mut ByteReader::new(bytes);
    let count = part_count(reader, part)?;
    let place = reader.varint()?;
    let beyond = Fault::Invariant("a cost without its function");
    let functions = read_at(place, before, reader, |reader| read_rising_gaps(reader, count, false, functions, beyond))?;
    let own = take_numbers(reader, before, count)?;
    let total = take_numbers(reader, before, count)?;
    Ok(Costs { functions, own, total })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn tables_round_trip(tables in proptest::collection::vec(proptest::collection::btree_map(0u32..50, any::<(i64, i64)>(), 0..30), 1..4)) {
            let mut part = PartWriter::default();
            let mut written = Vec::new();
            for table in &tables {
                let mut costs = Costs::default();
                for (&function, &(own, total)) in table {
                    costs.functions.push(function);
                    costs.own.push(own);
                    costs.total.push(total);
                }
                written.push((write(&mut part, &costs), costs));
            }
            for ((offset, len), costs) in written {
                prop_assert_eq!(read(&part.bytes, offset as u32, len as u32, 50), Ok(costs));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, offset in 0u32..40, len in 0u32..60) {
            if let Ok(costs) = read(&bytes, offset, len, 1000) {
                prop_assert!(costs.iter().all(|(function, ..)| function < 1000));
            }
        }

        #[test]
        fn translated_rows_add_up_by_function(list in proptest::collection::vec((0u32..9, -9i64..9), 0..20)) {
            let costs = Costs {
                functions: list.iter().map(|row| row.0).collect(),
                own: list.iter().map(|row| row.1).collect(),
                total: list.iter().map(|row| row.1 * 2).collect(),
            };
            let table = [5, 4, 3, 5, 1, 0, 9, 9, 8];
            let mut naive: BTreeMap<u32, (i64, i64)> = BTreeMap::new();
            for (function, value) in list {
                let sums = naive.entry(table[function as usize]).or_default();
                *sums = (sums.0 + value, sums.1 + value * 2);
            }
            let got: Vec<_> = costs.translate(&table).unwrap().iter().map(|(f, own, total)| (f, (own, total))).collect();
            prop_assert_eq!(got, naive.into_iter().collect::<Vec<_>>());
        }
    }
}
