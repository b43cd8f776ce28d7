//! The top table of profiles whose formats state costs by function.
//!
//! Call-graph formats carry no full stacks; the stacks put together from them are estimates, and what their
//! function tables say is exact. Profiles with and without such a table add up by function.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use emberglass_columns::heap_sort_by;
use emberglass_profile::{Batch, Function, FunctionCosts, FunctionId, MappingId, ProfileEntry, Symbols};
use emberglass_query::StatedCosts;
use emberglass_trie::{MergedTrie, Tree};
use emberglass_views::{FunctionPackages, Names, TopRequest, TopSort, TopTable};

use crate::EngineError;

/// One function of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CostRow {
    /// Stored name; `(unknown)` for an empty one.
    pub name: String,
    /// File, empty where unknown.
    pub file: String,
    /// First line, 0 where unknown.
    pub line: u32,
    /// Own value.
    pub self_value: i64,
    /// Own values and those of calls to others.
    pub total: i64,
}

/// The function table of a profile's samples, if its format states one.
#[must_use]
pub fn costs_of<'a>(batch: &'a Batch, entry: &ProfileEntry) -> Option<&'a FunctionCosts> {
    batch.function_tables.iter().find(|costs| costs.table == entry.table)
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: String,
    file: String,
    system_name: String,
}

/// Where the rows of a top table come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TopFrom {
    /// From what formats state for each function.
    FunctionCosts,
    /// From that and, of other profiles, from stacks.
    Mixed,
}

/// A top table that does not follow from stacks.
#[derive(Debug)]
pub(crate) struct CostTop {
    /// The functions of the table; its tree is empty.
    pub(crate) functions: MergedTrie,
    pub(crate) table: TopTable,
    pub(crate) from: TopFrom,
}

impl CostTop {
    /// Puts the values into a batch of one profile, as what its format states of the functions.
    pub(crate) fn state(&self, batch: &mut Batch) {
        let function = batch.symbols.absorb(&self.functions.symbols).functions;
        let rows = 0..self.table.len() as u32;
        let (own, total) = rows.map(|row| self.table.values(FunctionId(row))).unzip();
        batch.function_tables.push(FunctionCosts { table: 0, function, own: vec![own], total: vec![total] });
    }
}

/// What a function without a name is shown as.
const UNKNOWN: &str = "(unknown)";

/// Rows by function, times 10^-`scale`.
#[derive(Debug)]
pub struct CostTable {
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
    #[must_use]
    pub const fn new(scale: u8) -> Self {
        Self { rows: BTreeMap::new(), total: 0, scale }
    }

    fn factor(&self, scale: u8) -> Result<i64, EngineError> {
        10i64.checked_pow(u32::from(self.scale.saturating_sub(scale))).ok_or_else(overflow)
    }

    /// Adds the functions of profiles that have nothing but stacks.
    ///
    /// # Errors
    /// `value-overflow`.
    pub fn add_stacks(&mut self, trie: &MergedTrie) -> Result<(), EngineError> {
        let (names, packages) = (Names::default(), FunctionPackages::default());
        let top = TopTable::new(trie).map_err(|error| EngineError::new("value-overflow", error.to_string()))?;
        let request = TopRequest { sort: TopSort::Name, descending: false, offset: 0, limit: usize::MAX, filter: None };
        let factor = self.factor(trie.output_scale())?;
        add(&mut self.total, trie.output(trie.total()), factor)?;
        for row in &top.page(trie, &names, &packages, &request).rows {
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
    ///
    /// # Errors
    /// `value-overflow`.
    pub fn add_costs(&mut self, batch: &Batch, entry: &ProfileEntry, costs: &FunctionCosts) -> Result<(), EngineError> {
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

    /// Adds what formats state of the functions of stored profiles.
    ///
    /// # Errors
    /// `value-overflow`.
    pub fn add_stated(&mut self, stated: &StatedCosts) -> Result<(), EngineError> {
        let factor = self.factor(stated.scale)?;
        for row in &stated.functions {
            let (file, system_name) = (row.file.clone(), row.system_name.clone());
            let name = if row.name.is_empty() { UNKNOWN.to_owned() } else { row.name.clone() };
            self.add_row(Key { name, file, system_name }, row.line, row.own, row.total, factor)?;
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

    /// The rows as a table to page through; `trie` is what the profiles merge to.
    pub(crate) fn into_top(self, trie: &MergedTrie, from: TopFrom) -> CostTop {
        let mut mappings: BTreeMap<[&str; 3], MappingId> = BTreeMap::new();
        for (row, &mapping) in trie.mapping.iter().enumerate() {
            let Some(function) = trie.symbols.functions.get(FunctionId(row as u32)) else { continue };
            let text = |id| trie.symbols.text(id);
            mappings.insert([text(function.name), text(function.file), text(function.system_name)], mapping);
        }
        // The binaries come first, under the rows that they have in the trie.
        let mut functions = MergedTrie {
            tree: Tree::default(),
            symbols: Symbols { mappings: trie.symbols.mappings.clone(), ..Symbols::default() },
            line: Vec::new(),
            mapping: Vec::new(),
            granularity: trie.granularity,
            scale: self.scale,
            divisor: 1,
            output_digits: 0,
            negative: false,
        };
        let (mut own, mut total) = (Vec::new(), Vec::new());
        for (Key { name, file, system_name }, row) in self.rows {
            let mapping = mappings.get(&[name.as_str(), file.as_str(), system_name.as_str()]).copied();
            let strings = &mut functions.symbols.strings;
            let function = Function {
                name: strings.intern(&name),
                system_name: strings.intern(&system_name),
                file: strings.intern(&file),
                start_line: row.line,
            };
            functions.symbols.functions.intern(function);
            functions.line.push(row.line);
            functions.mapping.push(mapping.unwrap_or_default());
            own.push(row.self_value);
            total.push(row.total);
        }
        CostTop { functions, table: TopTable::from_values(own, total), from }
    }

    /// Total of the profiles, and the rows in order, largest first.
    #[must_use]
    pub fn finish(self, sort: TopSort) -> (i64, Vec<CostRow>) {
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
