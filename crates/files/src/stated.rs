//! What profiles state of their functions, as a table.

use emberglass_engine::{CostRow, CostTable, EngineError, costs_of};
use emberglass_profile::{Batch, ProfileEntry, ProfileType};
use emberglass_query::{StatedCosts, merge_batches};
use emberglass_trie::{Granularity, MergedTrie};
use emberglass_views::report::{FunctionRow, FunctionTable};
use emberglass_views::{TopSort, package_of};

/// A batch and some of its profiles.
pub(crate) type Part<'a> = (&'a Batch, Vec<&'a ProfileEntry>);

/// Functions in order, with the total of the profiles.
#[derive(Debug)]
pub(crate) struct Stated {
    rows: Vec<CostRow>,
    total: i64,
    scale: u8,
}

impl Stated {
    /// What the profiles state of their functions, those without such a table added up from their stacks; `None`
    /// where none states anything.
    ///
    /// # Errors
    /// `value-overflow`.
    pub(crate) fn of(parts: &[Part<'_>], sort: TopSort) -> Result<Option<Self>, EngineError> {
        let mut scale = 0;
        let mut of_stacks = Vec::new();
        let mut of_costs = Vec::new();
        for (batch, entries) in parts {
            let (stated, plain): (Vec<_>, Vec<_>) =
                entries.iter().copied().partition(|entry| costs_of(batch, entry).is_some());
            for entry in entries {
                scale = scale.max(batch.total(entry)?.1);
            }
            of_costs.extend(stated.into_iter().map(|entry| (*batch, entry)));
            of_stacks.push((*batch, plain));
        }
        if of_costs.is_empty() {
            return Ok(None);
        }
        let mut table = CostTable::new(scale);
        let merged = merge_batches(&of_stacks, Granularity::Function)
            .map_err(|error| EngineError::new("value-overflow", error.to_string()))?;
        table.add_stacks(&merged)?;
        for (batch, entry) in of_costs {
            if let Some(costs) = costs_of(batch, entry) {
                table.add_costs(batch, entry, costs)?;
            }
        }
        let (total, rows) = table.finish(sort);
        Ok(Some(Self { rows, total, scale }))
    }

    /// The same of stored profiles, which are merged in `trie`.
    ///
    /// # Errors
    /// `value-overflow`.
    pub(crate) fn of_stored(trie: &MergedTrie, stated: &StatedCosts, sort: TopSort) -> Result<Self, EngineError> {
        let scale = trie.output_scale();
        let mut table = CostTable::new(scale);
        table.add_stacks(&stated.of_stacks)?;
        table.add_stated(stated)?;
        let (_, rows) = table.finish(sort);
        Ok(Self { rows, total: trie.output(trie.total()), scale })
    }

    /// The first `limit` functions.
    pub(crate) fn table<'a>(&'a self, profile_type: &'a ProfileType, limit: usize) -> FunctionTable<'a> {
        let rows = self.rows.iter().take(limit).map(|row| FunctionRow {
            name: &row.name,
            file: &row.file,
            line: row.line,
            package: package_of(&row.name, &row.file, "").name,
            binary: "",
            self_value: row.self_value,
            total: row.total,
        });
        FunctionTable { profile_type, total: self.total, scale: self.scale, rows: rows.collect() }
    }
}
