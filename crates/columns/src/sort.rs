//! Sorting with little code.
//!
//! The standard library's sorts are specialised for every type and comparison, at about 10 KB of wasm each. What is
//! sorted here is mostly rows of columns, so that one copy that takes its comparison as an object serves
//! them all, and a heap sort of a few hundred bytes the short lists.

use std::cmp::Ordering;

/// Sorts rows by a comparison; rows that compare equal keep their order.
pub fn sort_rows(rows: &mut [u32], compare: &mut dyn FnMut(u32, u32) -> Ordering) {
    rows.sort_by(|&a, &b| compare(a, b));
}

/// The rows `0..len` in the order of a comparison; rows that compare equal stay in ascending order.
#[must_use]
pub fn sorted_rows(len: usize, compare: &mut dyn FnMut(u32, u32) -> Ordering) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..len as u32).collect();
    sort_rows(&mut rows, compare);
    rows
}

/// Sorts a list in ascending order; equal items may change places. For lists that are short, or sorted rarely.
pub fn heap_sort<T: Ord>(items: &mut [T]) {
    heap_sort_by(items, Ord::cmp);
}

/// Like [`heap_sort`], by a comparison.
pub fn heap_sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let mut len = items.len();
    let mut root = len / 2;
    loop {
        if root > 0 {
            root -= 1;
        } else if len > 1 {
            len -= 1;
            items.swap(0, len);
        } else {
            return;
        }
        let mut at = root;
        loop {
            let mut child = 2 * at + 1;
            if child >= len {
                break;
            }
            if child + 1 < len && compare(&items[child], &items[child + 1]).is_lt() {
                child += 1;
            }
            if compare(&items[at], &items[child]).is_ge() {
                break;
            }
            items.swap(at, child);
            at = child;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(mut items: Vec<u8>) {
            let mut expected = items.clone();
            expected.sort_unstable();
            let mut by_row: Vec<usize> = (0..items.len()).collect();
            by_row.sort_by_key(|&row| items[row]);
            let rows = sorted_rows(items.len(), &mut |a, b| items[a as usize].cmp(&items[b as usize]));
            prop_assert!(rows.iter().map(|&row| row as usize).eq(by_row));
            heap_sort(&mut items);
            prop_assert_eq!(items, expected);
        }
    }
}
