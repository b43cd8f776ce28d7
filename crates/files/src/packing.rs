//! Files made into one pack, merged and deflated as far as the store does it.
//!
//! The same files with the same names in the same order give the same bytes: files are dated by what they say, else by their
//! modification.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use emberglass_engine::{EngineError, GROUP_BYTES, SourceInfo};
use emberglass_formats::Member;
use emberglass_labels::{LabelSet, SERVICE_NAME};
use emberglass_profile::{Batch, ProfileEntry};
use emberglass_store::{CompactStep, Compaction, Export, ExportSelection, MemoryBackend, Origin, Store, Urgency};

const MS_A_SECOND: f64 = 1000.0;
/// Work between two reports.
const SLICE_ROWS: usize = 3_000_000;

/// Collects profiles for one pack.
#[derive(Debug)]
pub struct Packer {
    store: Store<MemoryBackend>,
    template: Option<String>,
    stage: Stage,
    /// Bytes of blocks that were merged, and of all blocks as they came.
    merged: u64,
    total: u64,
    files: u64,
    duplicates: u64,
}

#[derive(Debug)]
enum Stage {
    Collect,
    Plan,
    Compact(Box<Compaction>),
    Export(Box<Export>),
    Done,
}

/// Runs what never waits: memory answers at once.
pub(crate) fn at_once<T, E: Into<EngineError>>(future: impl Future<Output = Result<T, E>>) -> Result<T, EngineError> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result.map_err(Into::into),
        Poll::Pending => Err(EngineError::new("internal", "the memory had to be waited for")),
    }
}

/// What the store needs to know of a file. What comes from a pack keeps its services, unless labels come from the path.
pub(crate) fn origin_of(source: &SourceInfo, batch: &Batch) -> Result<Origin, EngineError> {
    let mut origin = source.origin(batch)?;
    let is_named = |entry: &ProfileEntry| entry.label(SERVICE_NAME).is_some();
    if source.path_template.is_none() && batch.profiles.iter().all(is_named) {
        origin.labels = LabelSet::default();
    }
    Ok(origin)
}

impl Packer {
    /// Nothing yet. `template` names labels in the leading folders of paths.
    ///
    /// # Errors
    /// None in practice.
    pub fn new(template: Option<&str>) -> Result<Self, EngineError> {
        Ok(Self {
            store: at_once(Store::open(MemoryBackend::default()))?,
            template: template.map(str::to_owned),
            stage: Stage::Collect,
            merged: 0,
            total: 0,
            files: 0,
            duplicates: 0,
        })
    }

    /// Takes a decoded file. `path` is what it is called in the pack, and what the template is for; `modified_ms` dates
    /// profiles that have no time, ms since the epoch. A member of a pack has its labels.
    ///
    /// # Errors
    /// Why it could not be decoded, or can't be stored.
    pub fn add(&mut self, member: Member, path: &str, modified_ms: f64) -> Result<(), EngineError> {
        let Member { bytes, modified, result, .. } = member;
        let batch = result?;
        let source = SourceInfo {
            name: path.to_owned(),
            bytes: bytes as f64,
            modified_ms: Some(modified.map_or(modified_ms, |seconds| seconds as f64 * MS_A_SECOND)),
            path_template: self.template.clone(),
            ..SourceInfo::default()
        };
        let origin = origin_of(&source, &batch)?;
        let report = at_once(self.store.stage(&batch, &origin))?;
        self.files += 1;
        self.duplicates += u64::from(report.profiles == 0 && report.duplicates > 0);
        if self.store.staged_bytes() >= GROUP_BYTES {
            at_once(self.store.commit())?;
        }
        Ok(())
    }

    /// Does some of the work after the last file, and gives the next bytes of the pack: none where there is more to do
    /// first. To be called until [`Self::is_done`].
    ///
    /// # Errors
    /// `no-profiles`; others none in practice.
    pub fn step(&mut self) -> Result<Vec<u8>, EngineError> {
        match &mut self.stage {
            Stage::Collect => {
                at_once(self.store.commit())?;
                self.total = self.store.manifest().bytes();
                if self.total == 0 {
                    return Err(EngineError::new("no-profiles", "no file holds a profile"));
                }
                self.stage = Stage::Plan;
            }
            Stage::Plan => {
                self.stage = match self.store.plan_compaction(Urgency::All) {
                    Some(compaction) => Stage::Compact(Box::new(compaction)),
                    None => Stage::Export(Box::new(self.store.plan_export(ExportSelection::default()))),
                };
            }
            Stage::Compact(compaction) => {
                if let CompactStep::Done(report) = at_once(self.store.compact_step(compaction, SLICE_ROWS))? {
                    self.merged += report.bytes_before;
                    self.stage = Stage::Plan;
                }
            }
            Stage::Export(export) => {
                let bytes = at_once(self.store.export_step(export, SLICE_ROWS))?;
                if export.is_done() {
                    self.stage = Stage::Done;
                }
                return Ok(bytes);
            }
            Stage::Done => {}
        }
        Ok(Vec::new())
    }

    /// True once the last bytes were given.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }

    /// Bytes merged, and about how many there are.
    #[must_use]
    pub const fn progress(&self) -> (u64, u64) {
        (self.merged, self.total)
    }

    /// Profiles, files, and how many of these had been added before.
    #[must_use]
    pub fn counts(&self) -> (u64, u64, u64) {
        (self.store.manifest().profiles(), self.files, self.duplicates)
    }
}
