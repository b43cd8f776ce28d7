//! Files looked at without storing them: what the command line does.
//!
//! Values of several files add up, as google/pprof adds them, whatever the type; each distinct file (same
//! bytes after decompression) counts once.

use std::collections::{BTreeMap, BTreeSet};

use emberglass_engine::{EngineError, top_sort};
use emberglass_formats::{Progress, decode};
use emberglass_profile::{Batch, ProfileEntry, ProfileType, Warnings};
use emberglass_query::merge_batches;
use emberglass_trie::{Granularity, MergedTrie, TreeOverflow};
use emberglass_views::{FunctionPackages, Names, TopRequest, TopSort, TopTable};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::costs::{CostTable, costs_of};
use crate::export::{Encoded, export};
use crate::info::{FileInfo, WarningInfo, number};
use crate::rename::{demangle, names_of_cpp};

/// Decoded files, in the order they were added.
#[derive(Debug, Default)]
pub struct FileSet {
    files: Vec<File>,
    warnings: Warnings,
}

#[derive(Debug)]
struct File {
    name: String,
    bytes: u64,
    batch: Batch,
}

/// Which profiles of the files, and how many rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FileSelection {
    /// Full profile type id or sample type; without it the files' default.
    pub r#type: Option<String>,
    /// Only the Nth profile of each file, from 0, as `info` lists them.
    pub profile: Option<u32>,
    /// Order of the top table: `self` (without it) or `total`.
    pub by: Option<String>,
    /// Most rows of the top table.
    pub limit: Option<u32>,
    /// Output format of `convert`.
    pub to: Option<String>,
}

#[derive(Serialize)]
struct TopOutput<'a> {
    r#type: String,
    unit: &'a str,
    total: Box<RawValue>,
    functions: Vec<TopFunction<'a>>,
}

#[derive(Serialize)]
struct TopFunction<'a> {
    name: &'a str,
    file: &'a str,
    line: u32,
    #[serde(rename = "self")]
    self_value: Box<RawValue>,
    total: Box<RawValue>,
}

/// A batch and some of its profiles.
type Part<'a> = (&'a Batch, Vec<&'a ProfileEntry>);

fn json(value: &impl Serialize) -> Result<String, EngineError> {
    serde_json::to_string(value).map_err(|error| EngineError::new("internal", error.to_string()))
}

fn overflow(error: TreeOverflow) -> EngineError {
    EngineError::new("value-overflow", error.to_string())
}

fn merge(parts: &[Part<'_>], granularity: Granularity) -> Result<MergedTrie, EngineError> {
    merge_batches(parts, granularity).map_err(overflow)
}

const fn first_rows(sort: TopSort, limit: usize) -> TopRequest<'static> {
    TopRequest { sort, descending: true, offset: 0, limit, filter: None }
}

/// The top table where some profile states its costs by function.
fn top_of_costs(
    profile_type: &ProfileType,
    parts: &[Part<'_>],
    sort: TopSort,
    limit: usize,
) -> Result<String, EngineError> {
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
    let mut table = CostTable::new(scale);
    let merged = merge(&of_stacks, Granularity::Function)?;
    let names = Names::default();
    let packages = FunctionPackages::new(&merged, &names);
    let rows = TopTable::new(&merged).map_err(overflow)?;
    table.add_page(&merged, &rows.page(&merged, &names, &packages, &first_rows(TopSort::Name, usize::MAX)))?;
    for (batch, entry) in of_costs {
        if let Some(costs) = costs_of(batch, entry) {
            table.add_costs(batch, entry, costs)?;
        }
    }
    let (total, rows) = table.finish(sort);
    let functions = rows.iter().take(limit).map(|row| {
        Ok(TopFunction {
            name: &row.name,
            file: &row.file,
            line: row.line,
            self_value: number(row.self_value, scale)?,
            total: number(row.total, scale)?,
        })
    });
    json(&TopOutput {
        r#type: profile_type.to_string(),
        unit: &profile_type.sample_unit,
        total: number(total, scale)?,
        functions: functions.collect::<Result<_, EngineError>>()?,
    })
}

impl FileSet {
    /// Decodes one file and keeps it.
    ///
    /// # Errors
    /// The input's own error.
    pub fn add(&mut self, name: &str, bytes: &[u8], progress: &mut dyn Progress) -> Result<(), EngineError> {
        let batch = decode(bytes, name, progress)?;
        self.files.push(File { name: name.to_owned(), bytes: bytes.len() as u64, batch });
        Ok(())
    }

    /// Mangled names of C++ in the files, each once, sorted.
    #[must_use]
    pub fn mangled_names(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.files.iter().flat_map(|file| names_of_cpp(&file.batch)).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// From now on answers with demangled names: those of Rust by itself, those of C++ as `cpp` has them.
    pub fn demangle(&mut self, cpp: &BTreeMap<String, String>) {
        for file in &mut self.files {
            demangle(&mut file.batch, cpp);
        }
    }

    /// JSON text of the array `files`: format, size, profiles and warnings of each.
    ///
    /// # Errors
    /// `value-overflow`.
    pub fn info(&self) -> Result<String, EngineError> {
        let files = self.files.iter().map(|file| FileInfo::new(&file.name, file.bytes, &file.batch));
        json(&files.collect::<Result<Vec<_>, _>>()?)
    }

    /// JSON text `{"type","unit","total","functions":[...]}`.
    ///
    /// # Errors
    /// `no-files`, `no-such-type`, `no-such-profile`, `no-common-type`, `value-overflow`.
    pub fn top(&self, selection: &FileSelection) -> Result<String, EngineError> {
        let sort = top_sort(selection.by.as_deref().unwrap_or("self"))?;
        let (profile_type, parts) = self.select(selection)?;
        let limit = selection.limit.map_or(usize::MAX, |limit| limit as usize);
        let has_costs = |(batch, entries): &(&Batch, Vec<&ProfileEntry>)| {
            entries.iter().any(|entry| costs_of(batch, entry).is_some())
        };
        if parts.iter().any(has_costs) {
            return top_of_costs(&profile_type, &parts, sort, limit);
        }
        let merged = merge(&parts, Granularity::Function)?;
        let names = Names::default();
        let packages = FunctionPackages::new(&merged, &names);
        let table = TopTable::new(&merged).map_err(overflow)?;
        let page = table.page(&merged, &names, &packages, &first_rows(sort, limit));
        let scale = merged.output_scale();
        let functions = page.rows.iter().map(|row| {
            Ok(TopFunction {
                name: row.name,
                file: row.file,
                line: row.line,
                self_value: number(row.self_value, scale)?,
                total: number(row.total, scale)?,
            })
        });
        json(&TopOutput {
            r#type: profile_type.to_string(),
            unit: &profile_type.sample_unit,
            total: number(merged.output(merged.total()), scale)?,
            functions: functions.collect::<Result<_, EngineError>>()?,
        })
    }

    /// The files merged and written in another format.
    ///
    /// # Errors
    /// As [`Self::top`], and `unknown-format`.
    pub fn convert(&mut self, selection: &FileSelection) -> Result<Vec<u8>, EngineError> {
        let (profile_type, parts) = self.select(selection)?;
        let merged = merge(&parts, Granularity::Name)?;
        let to = selection.to.as_deref().unwrap_or_default();
        let Encoded { bytes, warnings } = export(&merged, &profile_type, to)?;
        self.warnings = warnings;
        Ok(bytes)
    }

    /// JSON text of the array of warnings of the last conversion.
    ///
    /// # Errors
    /// None in practice: `internal` if the text can't be built.
    pub fn warnings(&self) -> Result<String, EngineError> {
        json(&self.warnings.as_slice().iter().map(WarningInfo::from).collect::<Vec<_>>())
    }

    /// The type, and the profiles of it that each distinct file has.
    fn select(&self, selection: &FileSelection) -> Result<(ProfileType, Vec<Part<'_>>), EngineError> {
        if self.files.is_empty() {
            return Err(EngineError::new("no-files", "no file could be read"));
        }
        let profile_type = self.choose_type(selection)?;
        let mut parts: Vec<Part<'_>> = Vec::new();
        let mut seen = BTreeSet::new();
        for file in &self.files {
            let entries = file.candidates(selection.profile)?;
            if seen.insert(file.batch.content_hash) {
                let of_type = entries.into_iter().filter(|entry| entry.profile_type == profile_type);
                parts.push((&file.batch, of_type.collect()));
            }
        }
        Ok((profile_type, parts))
    }

    /// The type asked for, else the first default that all files have, else the last type that all have.
    fn choose_type(&self, selection: &FileSelection) -> Result<ProfileType, EngineError> {
        let mut of_files = Vec::new();
        for file in &self.files {
            of_files.push(file.candidates(selection.profile)?);
        }
        let in_all = |wanted: &ProfileType| {
            of_files.iter().all(|entries| entries.iter().any(|entry| entry.profile_type == *wanted))
        };
        let all = of_files.iter().flatten().map(|entry| &entry.profile_type);
        let found = match &selection.r#type {
            Some(name) => {
                let named: Vec<_> = all.filter(|profile_type| profile_type.is_named(name)).collect();
                if named.is_empty() {
                    let message = format!("no file has the type {name:?}; {}", self.type_list());
                    return Err(EngineError::new("no-such-type", message));
                }
                named.into_iter().rfind(|profile_type| in_all(profile_type))
            }
            None => {
                let defaults = self.files.iter().zip(&of_files).filter_map(|(file, entries)| {
                    let default = file.batch.default_profile().map(|entry| &entry.profile_type);
                    let single = entries.last().map(|entry| &entry.profile_type);
                    if selection.profile.is_some() { single } else { default }
                });
                defaults.filter(|wanted| in_all(wanted)).chain(all.rev().filter(|wanted| in_all(wanted))).next()
            }
        };
        found.cloned().ok_or_else(|| {
            EngineError::new("no-common-type", format!("the files share no profile type; {}", self.type_list()))
        })
    }

    fn type_list(&self) -> String {
        let lines = self.files.iter().map(|file| {
            let types: Vec<String> = file.batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect();
            format!("\n  {}: {}", file.name, if types.is_empty() { "none".to_owned() } else { types.join(", ") })
        });
        format!("they have:{}", lines.collect::<String>())
    }
}

impl File {
    fn candidates(&self, profile: Option<u32>) -> Result<Vec<&ProfileEntry>, EngineError> {
        let Some(number) = profile else { return Ok(self.batch.profiles.iter().collect()) };
        let entry = self.batch.profiles.get(number as usize).ok_or_else(|| {
            let count = self.batch.profiles.len();
            EngineError::new(
                "no-such-profile",
                format!("{} has no profile {number}: it has {count}, from 0", self.name),
            )
        })?;
        Ok(vec![entry])
    }
}
