//! What is open: one bit each, so that a million levels are 128 KiB.

/// Most objects and arrays that may be open at once.
pub(crate) const MAX_DEPTH: usize = 1 << 23;

/// The open objects (bit set) and arrays, outermost first.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    words: Vec<u64>,
    depth: usize,
}

impl Nesting {
    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    /// Opens one more; false beyond [`MAX_DEPTH`].
    #[inline]
    pub(super) fn push(&mut self, is_object: bool) -> bool {
        if self.depth == MAX_DEPTH {
            return false;
        }
        let (word, bit) = (self.depth / 64, self.depth % 64);
        if word == self.words.len() {
            self.words.push(0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word = *word & !(1 << bit) | u64::from(is_object) << bit;
        }
        self.depth += 1;
        true
    }

    /// Closes the innermost.
    #[inline]
    pub(super) fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// True inside an object, false inside an array and outside of everything.
    #[inline]
    pub(super) fn is_object(&self) -> bool {
        let Some(at) = self.depth.checked_sub(1) else { return false };
        self.words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equals_a_stack_of_flags(steps in proptest::collection::vec(proptest::option::of(any::<bool>()), 0..400)) {
            let mut nesting = Nesting::default();
            let mut naive: Vec<bool> = Vec::new();
            for step in steps {
                match step {
                    Some(is_object) => {
                        prop_assert!(nesting.push(is_object));
                        naive.push(is_object);
                    }
                    None => {
                        nesting.pop();
                        naive.pop();
                    }
                }
                prop_assert_eq!(nesting.depth(), naive.len());
                prop_assert_eq!(nesting.is_object(), naive.last().copied().unwrap_or(false));
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let mut nesting = Nesting::default();
        assert!((0..MAX_DEPTH).all(|_| nesting.push(true)));
        assert!(!nesting.push(true));
    }
}
