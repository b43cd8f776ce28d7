//! Results as reports: tables, summaries and pictures, see `emberglass_views::report`.

use emberglass_profile::ProfileType;
use emberglass_trie::{MergedTrie, TreeOverflow};
use emberglass_views::report::{self, Facts, FunctionTable};
use emberglass_views::{FunctionPackages, Layout, TopSort, TopTable};

use crate::EngineError;
use crate::stated::Stated;

/// Formats that are reports; they want functions by name and file, not by name only.
const REPORTS: [&str; 5] = ["csv", "json", "markdown", "svg", "html"];

/// What a report is of.
pub(crate) struct Subject<'a> {
    pub(crate) trie: &'a MergedTrie,
    pub(crate) profile_type: &'a ProfileType,
    pub(crate) facts: Facts<'a>,
    /// Values by function where the source states them: they go before those of the stacks.
    pub(crate) costs: Option<&'a Stated>,
}

/// True for the name of a report.
pub(crate) fn is_report(format: &str) -> bool {
    REPORTS.contains(&format)
}

fn overflow(error: TreeOverflow) -> EngineError {
    EngineError::new("value-overflow", error.to_string())
}

/// Writes a report: `csv`, `json`, `markdown`, `svg`, or the data of the page for `html` (the host has the page).
///
/// # Errors
/// `value-overflow`; `unknown-format` for what is no report.
pub(crate) fn write(format: &str, subject: &Subject<'_>) -> Result<String, EngineError> {
    let Subject { trie, profile_type, facts, costs } = subject;
    let packages = FunctionPackages::new(trie);
    match format {
        "svg" => {
            let layout = Layout::new(trie).map_err(overflow)?;
            report::svg(trie, &packages, &layout, profile_type, facts, report::SVG_WIDTH).map_err(overflow)
        }
        "html" => Ok(report::payload(trie, &packages, profile_type, facts)),
        "csv" | "json" | "markdown" => {
            let top = TopTable::new(trie).map_err(overflow)?;
            let table = match costs {
                Some(costs) => costs.table(profile_type, usize::MAX),
                None => FunctionTable::of_stacks(profile_type, trie, &packages, &top, TopSort::SelfValue, usize::MAX),
            };
            Ok(match format {
                "csv" => report::csv(&table),
                "json" => report::json(&table),
                _ => report::markdown(trie, profile_type, &table, facts),
            })
        }
        other => Err(EngineError::new("unknown-format", format!("{other:?} is no report"))),
    }
}
