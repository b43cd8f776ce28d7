//! What formats of call graphs state for each function, added up.
//!
//! Such formats carry no full stacks: the stacks put together from them are estimates, and the values of functions are
//! exact only here. The other profiles of a selection count by their stacks.

use std::collections::BTreeMap;

use emberglass_profile::{Function, FunctionId, MAX_SCALE};
use emberglass_store::{Block, Costs};
use emberglass_trie::{MergedTrie, Merger, TreeOverflow, finish};

use crate::YieldNow;

/// The costs by function of a selection.
#[derive(Clone, Debug)]
pub struct StatedCosts {
    /// The profiles whose format states nothing for each function, as one tree.
    pub of_stacks: MergedTrie,
    /// What the formats of the others state, by name, file and system name.
    pub functions: Vec<StatedFunction>,
    /// Decimal places of the values of `functions`.
    pub scale: u8,
}

/// One function. Its total may exceed the profiles': where functions call each other in a cycle, the calls around it are
/// counted each time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedFunction {
    /// Name as the source gives it, empty where unknown.
    pub name: String,
    /// Linker's name.
    pub system_name: String,
    /// File, empty where unknown.
    pub file: String,
    /// First line, 0 where unknown.
    pub line: u32,
    /// Own value.
    pub own: i64,
    /// Own values and those of calls to other functions.
    pub total: i64,
}

/// Name, file and system name.
type Key = [String; 3];

#[derive(Clone, Copy, Debug, Default)]
struct Values {
    line: u32,
    own: i128,
    total: i128,
}

/// Sums under way; values are times 10^-[`MAX_SCALE`].
#[derive(Clone, Debug)]
pub(crate) struct StatedSums {
    pub(crate) of_stacks: Merger,
    functions: BTreeMap<Key, Values>,
    scale: u8,
}

impl StatedSums {
    /// `of_stacks` holds the profiles so far.
    pub(crate) const fn new(of_stacks: Merger) -> Self {
        Self { of_stacks, functions: BTreeMap::new(), scale: 0 }
    }

    /// Adds what the format of a profile of `block` states.
    pub(crate) fn add(&mut self, block: &Block, scale: u8, costs: &Costs) {
        self.scale = self.scale.max(scale);
        let factor = 10i128.pow(u32::from(MAX_SCALE.saturating_sub(scale)));
        let text = |id| block.symbols.text(id).to_owned();
        for (row, own, total) in costs.iter() {
            let function = block.symbols.functions.get(FunctionId(row)).unwrap_or_default();
            let Function { name, system_name, file, start_line } = function;
            let values = self.functions.entry([text(name), text(file), text(system_name)]).or_default();
            values.line = if values.line == 0 { start_line } else { values.line };
            // 128 bits hold 2^64 profiles of the largest values there are.
            values.own = values.own.saturating_add(i128::from(own) * factor);
            values.total = values.total.saturating_add(i128::from(total) * factor);
        }
    }

    /// The sums.
    pub(crate) async fn finish(self, pause: &impl YieldNow) -> Result<StatedCosts, TreeOverflow> {
        let Self { of_stacks, functions, scale } = self;
        let factor = 10i128.pow(u32::from(MAX_SCALE.saturating_sub(scale)));
        let narrow = |sum: i128| i64::try_from(sum / factor).ok().ok_or(TreeOverflow);
        let functions = functions.into_iter().map(|([name, file, system_name], Values { line, own, total })| {
            Ok(StatedFunction { name, system_name, file, line, own: narrow(own)?, total: narrow(total)? })
        });
        Ok(StatedCosts {
            functions: functions.collect::<Result<_, _>>()?,
            of_stacks: finish(&of_stacks, pause).await?,
            scale,
        })
    }
}
