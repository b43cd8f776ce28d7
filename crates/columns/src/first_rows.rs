//! The first of many rows in an order, without the rest being sorted.

use std::collections::BinaryHeap;

/// Keeps the rows with the smallest keys; of equal keys those with the smallest rows, as a stable sort would.
#[derive(Clone, Debug, Default)]
pub struct FirstRows {
    limit: usize,
    /// The largest of those kept is on top.
    kept: BinaryHeap<(i64, u32)>,
}

impl FirstRows {
    /// Keeps at most `limit` rows.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, kept: BinaryHeap::new() }
    }

    /// Takes the next row. Costs the logarithm of the limit if it is one of the first so far, else a comparison.
    pub fn push(&mut self, key: i64, row: u32) {
        if self.kept.len() < self.limit {
            self.kept.push((key, row));
        } else if let Some(mut last) = self.kept.peek_mut()
            && (key, row) < *last
        {
            *last = (key, row);
        }
    }

    /// The rows, in order.
    #[must_use]
    pub fn finish(self) -> Vec<u32> {
        self.kept.into_sorted_vec().into_iter().map(|(_, row)| row).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn are_those_of_a_stable_sort(keys in prop::collection::vec(-9i64..9, 0..200), limit in 0usize..250) {
            let mut first = FirstRows::new(limit);
            for (row, &key) in keys.iter().enumerate() {
                first.push(key, row as u32);
            }
            let mut expected: Vec<u32> = (0..keys.len() as u32).collect();
            expected.sort_by_key(|&row| keys[row as usize]);
            expected.truncate(limit);
            prop_assert_eq!(first.finish(), expected);
        }
    }
}
