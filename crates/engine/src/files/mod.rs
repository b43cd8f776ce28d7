//! Files looked at without storing them: what the command line does.
//!
//! Values of several files add up, as google/pprof adds them, whatever the type; each distinct file (same
//! bytes after decompression) counts once.

mod info;

use emberglass_formats::{Progress, decode};
use emberglass_profile::{Batch, ProfileEntry, ProfileType, Warnings};
use emberglass_query::merge_batches;
use emberglass_trie::{Granularity, MergedTrie, TreeOverflow};
use emberglass_views::{FunctionPackages, TopRequest, TopTable};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::EngineError;
use crate::results::top_sort;
use info::{FileInfo, WarningInfo, number};

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

struct Selected {
    profile_type: ProfileType,
    merged: MergedTrie,
}

fn json(value: &impl Serialize) -> Result<String, EngineError> {
    serde_json::to_string(value).map_err(|error| EngineError::new("internal", error.to_string()))
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
        let Selected { profile_type, merged } = self.select(selection, Granularity::Function)?;
        let sort = top_sort(selection.by.as_deref().unwrap_or("self"))?;
        let overflow = |error: TreeOverflow| EngineError::new("value-overflow", error.to_string());
        let table = TopTable::new(&merged).map_err(overflow)?;
        let limit = selection.limit.map_or(usize::MAX, |limit| limit as usize);
        let request = TopRequest { sort, descending: true, offset: 0, limit, filter: None };
        let packages = FunctionPackages::new(&merged);
        let page = table.page(&merged, &packages, &request);
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
        let Selected { profile_type, merged } = self.select(selection, Granularity::Name)?;
        let to = selection.to.as_deref().unwrap_or_default();
        let (bytes, warnings) = crate::export::export(&merged, &profile_type, to)?;
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

    fn select(&self, selection: &FileSelection, granularity: Granularity) -> Result<Selected, EngineError> {
        if self.files.is_empty() {
            return Err(EngineError::new("no-files", "no file could be read"));
        }
        let profile_type = self.choose_type(selection)?;
        let mut parts: Vec<(&Batch, Vec<&ProfileEntry>)> = Vec::new();
        for file in &self.files {
            let entries = file.candidates(selection.profile)?;
            let of_type: Vec<_> = entries.into_iter().filter(|entry| entry.profile_type == profile_type).collect();
            parts.push((&file.batch, of_type));
        }
        let merged = merge_batches(&parts, granularity)
            .map_err(|error| EngineError::new("value-overflow", error.to_string()))?;
        Ok(Selected { profile_type, merged })
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
