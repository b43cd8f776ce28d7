//! Functions by their values: the table that CSV, JSON and the Markdown summary are written from.
//!
//! CSV follows RFC 4180 (<https://www.rfc-editor.org/rfc/rfc4180>): CRLF, a header row, fields in quotes where they
//! have to be. Names are verbatim, also those that a spreadsheet would take for a formula: the file is for programs, too.

use emberglass_profile::{ProfileType, format_scaled};
use emberglass_trie::MergedTrie;

use super::numbers::percent_decimal;
use super::text::put_json;
use crate::{FunctionPackages, TopRequest, TopSort, TopTable};

/// One function. Values are times 10^-scale of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionRow<'a> {
    /// Its name as the source gives it.
    pub name: &'a str,
    /// Its file, empty where unknown.
    pub file: &'a str,
    /// Line to show, 0 where unknown.
    pub line: u32,
    /// Its package, empty where nothing tells.
    pub package: &'a str,
    /// Path of its binary, empty where unknown.
    pub binary: &'a str,
    /// Value of samples that end in it.
    pub self_value: i64,
    /// Value of samples that pass through it, each counted once.
    pub total: i64,
}

/// Functions in order, and the total they are shares of.
#[derive(Clone, Debug)]
pub struct FunctionTable<'a> {
    /// Type of the values.
    pub profile_type: &'a ProfileType,
    /// Total of the profiles.
    pub total: i64,
    /// Values are times 10^-scale.
    pub scale: u8,
    /// The functions.
    pub rows: Vec<FunctionRow<'a>>,
}

impl<'a> FunctionTable<'a> {
    /// The first `limit` functions of a merged trie, largest first.
    #[must_use]
    pub fn of_stacks(
        profile_type: &'a ProfileType,
        trie: &'a MergedTrie,
        packages: &'a FunctionPackages,
        top: &TopTable,
        sort: TopSort,
        limit: usize,
    ) -> Self {
        let request = TopRequest { sort, descending: sort != TopSort::Name, offset: 0, limit, filter: None };
        let page = top.page(trie, packages, &request);
        let binary = |row: usize| {
            let mapping = trie.mapping.get(row).and_then(|&id| trie.symbols.mappings.get(id)).unwrap_or_default();
            trie.symbols.text(mapping.file)
        };
        let rows = page.rows.into_iter().map(|row| FunctionRow {
            name: row.name,
            file: row.file,
            line: row.line,
            package: row.package,
            binary: binary(row.function.index()),
            self_value: row.self_value,
            total: row.total,
        });
        Self { profile_type, total: trie.output(trie.total()), scale: trie.output_scale(), rows: rows.collect() }
    }
}

/// `{"type","unit","total","functions":[{"name","file","line","self","total"}]}`, numbers as exact decimals.
#[must_use]
pub fn json(table: &FunctionTable<'_>) -> String {
    let mut out = String::from("{\"type\":");
    put_json(&mut out, &table.profile_type.to_string());
    out.push_str(",\"unit\":");
    put_json(&mut out, &table.profile_type.sample_unit);
    out.push_str(",\"total\":");
    out.push_str(&format_scaled(table.total, table.scale));
    out.push_str(",\"functions\":[");
    for (at, row) in table.rows.iter().enumerate() {
        out.push_str(if at == 0 { "{\"name\":" } else { ",{\"name\":" });
        put_json(&mut out, row.name);
        out.push_str(",\"file\":");
        put_json(&mut out, row.file);
        out.push_str(",\"line\":");
        out.push_str(&row.line.to_string());
        out.push_str(",\"self\":");
        out.push_str(&format_scaled(row.self_value, table.scale));
        out.push_str(",\"total\":");
        out.push_str(&format_scaled(row.total, table.scale));
        out.push('}');
    }
    out.push_str("]}");
    out
}

/// One line a function: self and total in the base unit that the header names, their shares in percent, name, file,
/// line (empty where unknown), package, binary.
#[must_use]
pub fn csv(table: &FunctionTable<'_>) -> String {
    let unit = &table.profile_type.sample_unit;
    let titled = |name: &str| if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") };
    let mut out = String::new();
    let header = [&titled("self"), &titled("total"), "self %", "total %", "name", "file", "line", "package", "binary"];
    put_record(&mut out, &header);
    for row in &table.rows {
        let line = if row.line == 0 { String::new() } else { row.line.to_string() };
        put_record(
            &mut out,
            &[
                &format_scaled(row.self_value, table.scale),
                &format_scaled(row.total, table.scale),
                &percent_decimal(row.self_value, table.total),
                &percent_decimal(row.total, table.total),
                row.name,
                row.file,
                &line,
                row.package,
                row.binary,
            ],
        );
    }
    out
}

fn put_record(out: &mut String, fields: &[&str]) {
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        let is_plain = !field.contains([',', '"', '\r', '\n']) && field.trim() == *field;
        if is_plain {
            out.push_str(field);
        } else {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        }
    }
    out.push_str("\r\n");
}
