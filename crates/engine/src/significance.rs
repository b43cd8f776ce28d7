//! How sure it is that functions changed: whether their shares differ by more between two selections than from input to input.

use emberglass_query::{FunctionShares, ShareSums};
use emberglass_trie::{Work, YieldNow, slices};
use emberglass_views::{FEWEST, FunctionDiff, Spread, adjusted, welch};
use rustc_hash::FxHashMap;

/// Below this a change counts as significant: of those that do, one in twenty is by chance.
pub const SIGNIFICANT: f64 = 0.05;

/// Units of work of looking a name up.
const LOOK_UP: usize = 20;

/// Probabilities that the functions of a diff changed as much by chance: Welch's t-test over the share that a function has of
/// each input, two-sided, adjusted for the number of functions (Benjamini and Hochberg).
#[derive(Clone, Debug, Default)]
pub struct Significance {
    /// Inputs of each side: base, head.
    pub inputs: [u64; 2],
    /// By name: of the self value and of the total. Empty where a side has not enough inputs.
    functions: FxHashMap<String, [f64; 2]>,
}

impl Significance {
    /// Of two selections.
    #[must_use]
    pub fn new(base: &FunctionShares, head: &FunctionShares) -> Self {
        let inputs = [base.inputs, head.inputs];
        if inputs.iter().any(|&inputs| inputs < FEWEST) {
            return Self { inputs, ..Self::default() };
        }
        let mut names: Vec<&String> = base.functions.keys().collect();
        names.extend(head.functions.keys().filter(|name| !base.functions.contains_key(*name)));
        let spread = |side: &FunctionShares, name: &str, at: usize| {
            let ShareSums { shares, squares } = side.functions.get(name).map(|sums| sums[at]).unwrap_or_default();
            Spread::of_sums(side.inputs, shares, squares)
        };
        let [own, total] = [0, 1].map(|at| {
            let probability = |name: &&String| welch(spread(base, name, at), spread(head, name, at)).unwrap_or(1.0);
            adjusted(&names.iter().map(probability).collect::<Vec<f64>>())
        });
        let functions = names.into_iter().cloned().zip(own.into_iter().zip(total).map(|(own, total)| [own, total]));
        Self { inputs, functions: functions.collect() }
    }

    /// True if there are enough inputs on both sides.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        self.inputs.iter().all(|&inputs| inputs >= FEWEST)
    }

    /// Of the function of a name: the self value's and the total's.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<[f64; 2]> {
        self.functions.get(name).copied()
    }

    /// Of the totals of a diff's rows, by the first function of each of `count`.
    pub(crate) async fn of_totals(&self, diff: &FunctionDiff, count: usize, pause: &impl YieldNow) -> Vec<Option<f64>> {
        let (mut found, mut work) = (vec![None; count], Work::default());
        for part in slices(0..diff.rows.len()) {
            work.done(part.len() * LOOK_UP, pause).await;
            for row in &diff.rows[part] {
                if let Some(of) = found.get_mut(row.functions.start as usize) {
                    *of = self.of(&row.name).map(|[_, total]| total);
                }
            }
        }
        found
    }

    /// True if the function's self value or total changed significantly.
    #[must_use]
    pub fn is_significant(&self, name: &str) -> bool {
        self.of(name).is_some_and(|of| of.iter().any(|&p| p <= SIGNIFICANT))
    }

    /// Functions that changed significantly.
    #[must_use]
    pub fn changed(&self) -> usize {
        self.functions.keys().filter(|name| self.is_significant(name)).count()
    }
}
