//! Files looked at without storing them: what the command line does.
//!
//! Values of several files add up, as google/pprof adds them, whatever the type; each distinct file (same
//! bytes after decompression) counts once.

use std::cell::RefCell;
use std::collections::BTreeSet;

use emberglass_engine::{EngineError, top_sort};
use emberglass_formats::{Encoded, Export, Member, Progress, decode};
use emberglass_profile::{Batch, ProfileEntry, ProfileType, Warnings, base_name};
use emberglass_query::merge_batches;
use emberglass_trie::{Granularity, MergedTrie, TreeOverflow, join_batches};
use emberglass_views::report::{self, DiffOptions, Facts, FunctionTable};
use emberglass_views::{Change, FunctionDiff, FunctionPackages, Names, TopTable};
use serde::{Deserialize, Serialize};

use crate::cumulative::of_files;
use crate::export::{Output, output};
use crate::facts::{facts, joined, noticed};
use crate::info::{FileInfo, FileWarnings, WarningInfo};
use crate::reports;
use crate::stated::{Part, Stated};

/// Decoded files, in the order they were added.
#[derive(Debug, Default)]
pub struct FileSet {
    pub(crate) files: Vec<File>,
    /// Those of the last answer.
    warnings: RefCell<Warnings>,
}

#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) batch: Batch,
    pub(crate) place: Place,
}

/// Where a file comes from, as far as questions about labels, times and sides need it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// The path that labels are read from.
    pub path: String,
    /// Last modification, ms since the epoch: dates profiles without a time.
    pub modified_ms: f64,
    /// True for the side that is compared with the base.
    pub is_head: bool,
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
    /// What functions of a diff became: `new`, `gone`, `grown`, `shrunk`; all without.
    pub only: Vec<String>,
    /// Output format of `convert`.
    pub to: Option<String>,
}

pub(crate) fn json(value: &impl Serialize) -> Result<String, EngineError> {
    serde_json::to_string(value).map_err(|error| EngineError::new("internal", error.to_string()))
}

pub(crate) fn overflow(error: TreeOverflow) -> EngineError {
    EngineError::new("value-overflow", error.to_string())
}

fn merge(parts: &[Part<'_>], granularity: Granularity) -> Result<MergedTrie, EngineError> {
    merge_batches(parts, granularity).map_err(overflow)
}

/// What functions of a diff are to have become.
///
/// # Errors
/// `bad-argument`.
pub(crate) fn changes(names: &[String]) -> Result<Vec<Change>, EngineError> {
    let read = |name: &String| {
        let wrong =
            || EngineError::new("bad-argument", format!("--only takes new, gone, grown or shrunk, not {name:?}"));
        Change::parse(name).filter(|known| *known != Change::Same).ok_or_else(wrong)
    };
    names.iter().map(read).collect()
}

impl FileSet {
    /// Decodes one file and keeps it.
    ///
    /// # Errors
    /// The input's own error.
    pub fn add(&mut self, name: &str, bytes: &[u8], progress: &mut dyn Progress) -> Result<(), EngineError> {
        let batch = decode(bytes, name, progress)?;
        let place = Place { path: name.to_owned(), ..Place::default() };
        self.files.push(File { name: name.to_owned(), bytes: bytes.len() as u64, batch, place });
        Ok(())
    }

    /// Keeps a file, or a member of an archive, that is decoded.
    ///
    /// # Errors
    /// Why it could not be decoded.
    pub fn add_member(&mut self, member: Member) -> Result<(), EngineError> {
        let place = Place { path: member.name.clone(), ..Place::default() };
        self.add_member_of(member, place)
    }

    /// As [`Self::add_member`], and remembers where it comes from. A time that an archive states wins.
    ///
    /// # Errors
    /// Why it could not be decoded.
    pub fn add_member_of(&mut self, member: Member, mut place: Place) -> Result<(), EngineError> {
        let Member { name, bytes, modified, result, .. } = member;
        place.modified_ms = modified.map_or(place.modified_ms, |seconds| seconds as f64 * 1000.0);
        self.files.push(File { name, bytes, batch: result?, place });
        Ok(())
    }

    /// JSON text of the array `files`: format, size, profiles and warnings of each. A profile whose sum is beyond 64 bits
    /// has the total `null`, and its file the warning `value-overflow`.
    ///
    /// # Errors
    /// None in practice: `internal` if the text can't be built.
    pub fn info(&self) -> Result<String, EngineError> {
        let files = self.files.iter().map(|file| FileInfo::new(&file.name, file.bytes, &file.batch));
        json(&files.collect::<Result<Vec<_>, _>>()?)
    }

    /// JSON text of an array of `{"file","warnings"}`, one for each file.
    ///
    /// # Errors
    /// None in practice: `internal` if the text can't be built.
    pub fn file_warnings(&self) -> Result<String, EngineError> {
        json(&self.files.iter().map(|file| FileWarnings::new(&file.name, &file.batch)).collect::<Vec<_>>())
    }

    /// JSON text `{"type","unit","total","functions":[...]}`.
    ///
    /// # Errors
    /// `no-files`, `no-such-type`, `no-such-profile`, `no-common-type`, `value-overflow`.
    pub fn top(&self, selection: &FileSelection) -> Result<String, EngineError> {
        let sort = top_sort(selection.by.as_deref().unwrap_or("self"))?;
        let (profile_type, parts) = self.select(selection)?;
        self.say(of_files(&self.files, Some(&profile_type), selection, |_| true)?);
        let limit = selection.limit.map_or(usize::MAX, |limit| limit as usize);
        if let Some(costs) = Stated::of(&parts, sort)? {
            return Ok(report::json(&costs.table(&profile_type, limit)));
        }
        let merged = merge(&parts, Granularity::Function)?;
        let names = Names::default();
        let packages = FunctionPackages::new(&merged, &names);
        let top = TopTable::new(&merged).map_err(overflow)?;
        Ok(report::json(&FunctionTable::of_stacks(&profile_type, &merged, &names, &packages, &top, sort, limit)))
    }

    /// JSON text of the functions of the base's files beside those of the head's; each side adds up.
    ///
    /// # Errors
    /// As [`Self::top`].
    pub fn diff(&self, selection: &FileSelection) -> Result<String, EngineError> {
        let profile_type = self.choose_type(selection)?;
        let side = |is_head: bool| {
            let parts = self.of_type(&profile_type, selection, |file| file.place.is_head == is_head)?;
            merge(&parts, Granularity::Name)
        };
        let (base, head) = (side(false)?, side(true)?);
        let of_side =
            |is_head: bool| of_files(&self.files, Some(&profile_type), selection, |file| file.place.is_head == is_head);
        self.say(joined([of_side(false)?, of_side(true)?]));
        let diff = FunctionDiff::new(&base, &head).map_err(overflow)?;
        let limit = selection.limit.map_or(usize::MAX, |limit| limit as usize);
        let only = changes(&selection.only)?;
        Ok(report::diff_json(&profile_type, &base, &head, &diff, &DiffOptions { only: &only, sureness: None, limit }))
    }

    /// The files merged and written in another format. Formats that hold many profiles get all of them unless the
    /// selection names a type or a number; the others those of one type.
    ///
    /// # Errors
    /// As [`Self::top`], and `unknown-format`, `no-profiles`.
    pub fn convert(&self, selection: &FileSelection) -> Result<Vec<u8>, EngineError> {
        let mut wanted = None;
        let Encoded { bytes, warnings } = match output(selection.to.as_deref().unwrap_or_default())? {
            Output::Report(report) => {
                let (profile_type, parts) = self.select(selection)?;
                wanted = Some(profile_type.clone());
                let (title, noticed) = (self.title(), noticed(&parts));
                let facts = Facts { title: &title, warnings: noticed.as_slice(), ..facts(&parts) };
                reports::write(report, &parts, &profile_type, facts)?
            }
            Output::Stacks(encoder) => {
                let takes_all = encoder.holds_many() && selection.r#type.is_none() && selection.profile.is_none();
                let parts = match takes_all {
                    true => self.all()?,
                    false => {
                        let (profile_type, parts) = self.select(selection)?;
                        wanted = Some(profile_type);
                        parts
                    }
                };
                match parts.as_slice() {
                    [(batch, profiles)] => encoder.encode(&Export { batch, profiles: profiles.clone() })?,
                    parts => encoder.encode(&Export::all(&join_batches(parts)?))?,
                }
            }
        };
        let noticed = of_files(&self.files, wanted.as_ref(), selection, |_| true)?;
        self.say(joined([warnings, noticed]));
        Ok(bytes)
    }

    /// All profiles of each distinct file.
    fn all(&self) -> Result<Vec<Part<'_>>, EngineError> {
        let mut seen = BTreeSet::new();
        let distinct = self.files.iter().filter(|file| seen.insert(file.batch.content_hash));
        let parts: Vec<Part<'_>> = distinct.map(|file| (&file.batch, file.batch.profiles.iter().collect())).collect();
        if parts.iter().all(|(_, profiles)| profiles.is_empty()) {
            return Err(EngineError::new("no-profiles", "no file holds a profile"));
        }
        Ok(parts)
    }

    /// The name of the first file, and how many more there are.
    fn title(&self) -> String {
        let first = self.files.first().map_or("", |file| base_name(&file.name));
        match self.files.len() {
            0 | 1 => first.to_owned(),
            2 => format!("{first} and 1 more file"),
            count => format!("{first} and {} more files", count - 1),
        }
    }

    /// Keeps the warnings of an answer.
    pub(crate) fn say(&self, warnings: Warnings) {
        *self.warnings.borrow_mut() = warnings;
    }

    /// JSON text of the array of warnings of the last answer.
    ///
    /// # Errors
    /// None in practice: `internal` if the text can't be built.
    pub fn warnings(&self) -> Result<String, EngineError> {
        json(&self.warnings.borrow().as_slice().iter().map(WarningInfo::from).collect::<Vec<_>>())
    }

    /// The type, and the profiles of it that each distinct file has.
    pub(crate) fn select(&self, selection: &FileSelection) -> Result<(ProfileType, Vec<Part<'_>>), EngineError> {
        if self.files.is_empty() {
            return Err(EngineError::new("no-files", "no file could be read"));
        }
        let profile_type = self.choose_type(selection)?;
        let parts = self.of_type(&profile_type, selection, |_| true)?;
        Ok((profile_type, parts))
    }

    /// The profiles of a type in each distinct file that `takes` accepts.
    fn of_type(
        &self,
        profile_type: &ProfileType,
        selection: &FileSelection,
        takes: impl Fn(&File) -> bool,
    ) -> Result<Vec<Part<'_>>, EngineError> {
        let mut parts: Vec<Part<'_>> = Vec::new();
        let mut seen = BTreeSet::new();
        for file in self.files.iter().filter(|file| takes(file)) {
            let entries = file.candidates(selection.profile)?;
            if seen.insert(file.batch.content_hash) {
                let of_type = entries.into_iter().filter(|entry| entry.profile_type == *profile_type);
                parts.push((&file.batch, of_type.collect()));
            }
        }
        Ok(parts)
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
    pub(crate) fn candidates(&self, profile: Option<u32>) -> Result<Vec<&ProfileEntry>, EngineError> {
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
