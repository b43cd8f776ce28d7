//! The top table of files that state costs by function.
//!
//! Call-graph formats carry no full stacks; the stacks put together from them are estimates, and what their
//! function tables say is exact. Files with and without such a table add up by function.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use emberglass_columns::heap_sort_by;
use emberglass_engine::EngineError;
use emberglass_profile::{Batch, FunctionCosts, ProfileEntry};
use emberglass_trie::MergedTrie;
use emberglass_views::{TopPage, TopSort};

/// One function of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CostRow {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) self_value: i64,
    pub(crate) total: i64,
}

/// The function table of a profile's samples, if its format states one.
pub(crate) fn costs_of<'a>(batch: &'a Batch, entry: &ProfileEntry) -> Option<&'a FunctionCosts> {
    batch.function_tables.iter().find(|costs| costs.table == entry.table)
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: String,
    system_name: String,
    file: String,
}

/// Rows by function, times 10^-`scale`.
pub(crate) struct CostTable {
    rows: BTreeMap<Key, CostRow>,
    total: i64,
    scale: u8,
}

fn overflow() -> EngineError {
    EngineError::new("value-overflow", "a sum of values is beyond 64 bits")
}

fn add(sum: &mut i64, value: i64, factor: i64) -> Result<(), EngineError> {
    let scaled = value.checked_mul(factor).ok_or_else(overflow)?;
    *sum = sum.checked_add(scaled).ok_or_else(overflow)?;
    Ok(())
}

impl CostTable {
    /// A table whose values have `scale` decimal places.
    pub(crate) const fn new(scale: u8) -> Self {
        Self { rows: BTreeMap::new(), total: 0, scale }
    }

    fn factor(&self, scale: u8) -> Result<i64, EngineError> {
        10i64.checked_pow(u32::from(self.scale.saturating_sub(scale))).ok_or_else(overflow)
    }

    /// Adds the rows of a table made of stacks; `total` is the sum of their values.
    pub(crate) fn add_page(&mut self, trie: &MergedTrie, page: &TopPage<'_>) -> Result<(), EngineError> {
        let factor = self.factor(trie.output_scale())?;
        add(&mut self.total, trie.output(trie.total()), factor)?;
        for row in &page.rows {
            let function = trie.symbols.functions.get(row.function).unwrap_or_default();
            let key = Key {
                name: row.name.to_owned(),
                system_name: trie.symbols.text(function.system_name).to_owned(),
                file: row.file.to_owned(),
            };
            self.add_row(key, row.line, row.self_value, row.total, factor)?;
        }
        Ok(())
    }

    /// Adds what a file states of its functions.
    pub(crate) fn add_costs(
        &mut self,
        batch: &Batch,
        entry: &ProfileEntry,
        costs: &FunctionCosts,
    ) -> Result<(), EngineError> {
        let (total, scale) = batch.total(entry)?;
        let factor = self.factor(scale)?;
        add(&mut self.total, total, factor)?;
        let column = entry.column as usize;
        let (Some(own), Some(totals)) = (costs.own.get(column), costs.total.get(column)) else { return Ok(()) };
        for ((&id, &own), &total) in costs.function.iter().zip(own).zip(totals) {
            let function = batch.symbols.functions.get(id).unwrap_or_default();
            let key = Key {
                name: batch.symbols.function_name(id).to_owned(),
                system_name: batch.symbols.text(function.system_name).to_owned(),
                file: batch.symbols.text(function.file).to_owned(),
            };
            self.add_row(key, function.start_line, own, total, factor)?;
        }
        Ok(())
    }

    fn add_row(&mut self, key: Key, line: u32, own: i64, total: i64, factor: i64) -> Result<(), EngineError> {
        let Key { name, file, .. } = &key;
        let (name, file) = (name.clone(), file.clone());
        let row = self.rows.entry(key).or_insert_with(|| CostRow { name, file, line, ..CostRow::default() });
        add(&mut row.self_value, own, factor)?;
        add(&mut row.total, total, factor)
    }

    /// Total of the profiles, and the rows in order, largest first.
    pub(crate) fn finish(self, sort: TopSort) -> (i64, Vec<CostRow>) {
        let value = |row: &CostRow| if sort == TopSort::Total { row.total } else { row.self_value };
        let by_name = |a: &CostRow, b: &CostRow| (&a.name, &a.file).cmp(&(&b.name, &b.file));
        let mut rows: Vec<CostRow> = self.rows.into_values().collect();
        heap_sort_by(&mut rows, |a, b| {
            let by_value = if sort == TopSort::Name { Ordering::Equal } else { value(b).cmp(&value(a)) };
            by_value.then_with(|| by_name(a, b))
        });
        (self.total, rows)
    }
}
