//! The inputs that stored profiles come from, whatever blocks these are in.

use std::collections::{BTreeMap, BTreeSet};

use emberglass_columns::heap_sort_by;
use emberglass_profile::{ContentHash, Warning};
use emberglass_store::{Backend, BlockDirectory, Source, SourceKey, StoreError};

use crate::answers::{DeleteAnswer, UploadAnswer, WarningAnswer};
use crate::database::{Database, time_source_name};
use crate::{EngineError, YieldNow};

/// Blocks whose directories are read together.
const TOGETHER: usize = 64;
const MAX_ATTEMPTS: u32 = 8;
/// Digits of a content hash in an id; `:` and the name follow.
const HASH_DIGITS: usize = 32;
const NANOS_PER_MS: i64 = 1_000_000;

/// What the profiles of one input have in common.
struct Upload {
    source: Source,
    profiles: u32,
    types: BTreeSet<String>,
    labels: BTreeMap<String, String>,
    varying: BTreeSet<String>,
    from: i64,
    until: i64,
}

impl Upload {
    const fn new(source: Source) -> Self {
        Self {
            source,
            profiles: 0,
            types: BTreeSet::new(),
            labels: BTreeMap::new(),
            varying: BTreeSet::new(),
            from: i64::MAX,
            until: i64::MIN,
        }
    }

    /// Takes the labels of a further series.
    fn add_labels<'l>(&mut self, labels: impl Iterator<Item = (&'l str, &'l str)>) {
        let own: BTreeMap<String, String> = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        if self.types.is_empty() {
            self.labels = own;
            return;
        }
        let missing: Vec<String> = self.labels.keys().filter(|name| !own.contains_key(*name)).cloned().collect();
        let differing = own.iter().filter(|(name, value)| self.labels.get(*name) != Some(*value));
        let apart: Vec<String> = differing.map(|(name, _)| name.clone()).chain(missing).collect();
        for name in apart {
            self.labels.remove(&name);
            self.varying.insert(name);
        }
    }

    fn answer(self) -> UploadAnswer {
        let Self { source, profiles, types, labels, varying, from, until } = self;
        UploadAnswer {
            id: format!("{:0width$x}:{}", source.content_hash.0, source.name, width = HASH_DIGITS),
            bytes: source.bytes as f64,
            imported_ms: (source.imported / NANOS_PER_MS) as f64,
            time_source: time_source_name(source.time_source),
            warnings: source.warnings.into_iter().map(warning_answer).collect(),
            name: source.name,
            format: source.format,
            profiles,
            types: types.into_iter().collect(),
            labels: labels.into_iter().collect(),
            varying: varying.into_iter().collect(),
            from,
            until,
        }
    }
}

fn warning_answer(warning: Warning) -> WarningAnswer {
    let Warning { code, message, offset, count } = warning;
    WarningAnswer { code, message, offset: offset.map(|offset| offset as f64), count: count as f64 }
}

/// Adds what a block has of its inputs.
fn add_block(uploads: &mut BTreeMap<SourceKey, Upload>, directory: &BlockDirectory) {
    let table = &directory.profiles;
    let keys: Vec<SourceKey> = directory.sources.iter().map(Source::key).collect();
    // Rows are sorted by series: the labels of one are compared once an input.
    let mut compared: BTreeSet<(u32, u32)> = BTreeSet::new();
    for (row, (&source, &series)) in table.source.iter().zip(&table.series).enumerate() {
        let (Some(key), Some(of), Some(&start)) =
            (keys.get(source as usize), directory.sources.get(source as usize), table.start.get(row))
        else {
            continue;
        };
        let upload = match uploads.get_mut(key) {
            Some(upload) => upload,
            None => uploads.entry(key.clone()).or_insert_with(|| Upload::new(of.clone())),
        };
        upload.profiles += 1;
        upload.from = upload.from.min(start);
        upload.until = upload.until.max(start.saturating_add(1));
        if compared.insert((source, series))
            && let Some(series) = directory.series.get(series as usize)
        {
            upload.add_labels(series.labels.iter());
            upload.types.insert(series.profile_type.to_string());
        }
    }
}

/// What ids of uploads name.
///
/// # Errors
/// `bad-argument`.
pub(crate) fn source_keys(ids: &[String]) -> Result<BTreeSet<SourceKey>, EngineError> {
    let key = |id: &String| {
        let (hash, name) = id.split_once(':')?;
        let content_hash = ContentHash(u128::from_str_radix(hash, 16).ok()?);
        Some(SourceKey { content_hash, name: name.to_owned() })
    };
    let bad = |id| EngineError::new("bad-argument", format!("{id:?} is not the id of an upload"));
    ids.iter().map(|id| key(id).ok_or_else(|| bad(id))).collect()
}

impl<B: Backend> Database<B> {
    /// The inputs that stored profiles come from, newest import first, then by name. Blocks that can't be read count as
    /// empty.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn uploads(&self, pause: &impl YieldNow) -> Result<Vec<UploadAnswer>, EngineError> {
        let mut attempts = 0;
        loop {
            match self.read_uploads(pause).await {
                Err(StoreError::Stale { .. }) if attempts < MAX_ATTEMPTS => {
                    attempts += 1;
                    self.refresh().await?;
                }
                other => return Ok(other?),
            }
        }
    }

    async fn read_uploads(&self, pause: &impl YieldNow) -> Result<Vec<UploadAnswer>, StoreError> {
        let mut uploads = BTreeMap::new();
        let ids: Vec<_> = self.store.manifest().blocks.iter().map(|block| block.id).collect();
        for ids in ids.chunks(TOGETHER) {
            for directory in self.store.directories(ids).await?.into_iter().flatten() {
                add_block(&mut uploads, &directory);
                pause.yield_now().await;
            }
        }
        let mut answers: Vec<UploadAnswer> = uploads.into_values().map(Upload::answer).collect();
        heap_sort_by(&mut answers, |a, b| b.imported_ms.total_cmp(&a.imported_ms).then_with(|| a.name.cmp(&b.name)));
        Ok(answers)
    }

    /// Deletes all that is stored of uploads.
    pub(crate) async fn delete_uploads(&self, ids: &[String]) -> Result<DeleteAnswer, EngineError> {
        let keys = source_keys(ids)?;
        self.flush().await?;
        let report = self.store.delete_sources(&keys).await?;
        Ok(DeleteAnswer { profiles: report.profiles as u32, summed: 0 })
    }
}
