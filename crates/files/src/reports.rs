//! Results as reports: tables, summaries and pictures, see `emberglass_views::report`.

use emberglass_formats::Encoded;
use emberglass_profile::{ProfileType, Warnings};
use emberglass_query::merge_batches;
use emberglass_trie::{Granularity, TreeOverflow};
use emberglass_views::report::{self, Facts, FunctionTable};
use emberglass_views::{FunctionPackages, Layout, TopSort, TopTable};

use crate::EngineError;
use crate::stated::{Part, Stated};

/// One report, of one profile type, with functions by name and file.
pub(crate) struct Report {
    /// Name as users see it, lower case.
    pub(crate) name: &'static str,
    /// What a person calls such a file.
    pub(crate) description: &'static str,
    /// Ending of file names, without the dot.
    pub(crate) extension: &'static str,
    /// Media type of the finished file.
    pub(crate) media_type: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Csv,
    Json,
    Markdown,
    Svg,
    /// The data of the page; the host has the page around it.
    Html,
}

/// All reports.
pub(crate) const REPORTS: &[Report] = &[
    report("csv", "table (CSV)", "csv", "text/csv", Kind::Csv),
    report("json", "table (JSON)", "json", "application/json", Kind::Json),
    report("markdown", "Markdown summary", "md", "text/markdown", Kind::Markdown),
    report("svg", "picture of the flame graph (SVG)", "svg", "image/svg+xml", Kind::Svg),
    report("html", "page with the interactive flame graph (HTML)", "html", "text/html", Kind::Html),
];

const fn report(
    name: &'static str,
    description: &'static str,
    extension: &'static str,
    media_type: &'static str,
    kind: Kind,
) -> Report {
    Report { name, description, extension, media_type, kind }
}

fn overflow(error: TreeOverflow) -> EngineError {
    EngineError::new("value-overflow", error.to_string())
}

/// Writes a report about profiles of one type. Values by function that the source states go before those of the stacks.
///
/// # Errors
/// `value-overflow`.
pub(crate) fn write(
    report: &Report,
    parts: &[Part<'_>],
    profile_type: &ProfileType,
    facts: Facts<'_>,
) -> Result<Encoded, EngineError> {
    let trie = merge_batches(parts, Granularity::Function).map_err(overflow)?;
    let packages = FunctionPackages::new(&trie);
    let text = match report.kind {
        Kind::Svg => {
            let layout = Layout::new(&trie).map_err(overflow)?;
            report::svg(&trie, &packages, &layout, profile_type, &facts, report::SVG_WIDTH).map_err(overflow)?
        }
        Kind::Html => report::payload(&trie, &packages, profile_type, &facts),
        Kind::Csv | Kind::Json | Kind::Markdown => {
            let costs = Stated::of(parts, TopSort::SelfValue)?;
            let top = TopTable::new(&trie).map_err(overflow)?;
            let table = match &costs {
                Some(costs) => costs.table(profile_type, usize::MAX),
                None => FunctionTable::of_stacks(profile_type, &trie, &packages, &top, TopSort::SelfValue, usize::MAX),
            };
            match report.kind {
                Kind::Csv => report::csv(&table),
                Kind::Json => report::json(&table),
                _ => report::markdown(&trie, profile_type, &table, &facts),
            }
        }
    };
    Ok(Encoded { bytes: text.into_bytes(), warnings: Warnings::default() })
}
