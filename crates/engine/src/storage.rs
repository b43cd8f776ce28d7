//! What is stored, in numbers, and what keeps it in order: retention, verification.

use std::collections::BTreeMap;

use emberglass_labels::SERVICE_NAME;
use emberglass_query::YieldNow;
use emberglass_store::{Backend, Limits, RetentionPolicy, ScrubReport, StoreError};
use serde::{Deserialize, Serialize};

use crate::answers::DeleteAnswer;
use crate::{Database, EngineError};

const MS: f64 = 1_000_000.0;

/// What is stored; see `StorageReport` in protocol.ts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StorageAnswer {
    /// Bytes of all sections.
    pub bytes: f64,
    /// Profiles (series x time), those of blocks that can't be read included.
    pub profiles: f64,
    /// Blocks.
    pub blocks: u32,
    /// By how often blocks were merged.
    pub levels: Vec<LevelAnswer>,
    /// By `service_name`.
    pub services: Vec<StoredServiceAnswer>,
    /// What can't be used.
    pub quarantined: Vec<QuarantineAnswer>,
    /// Sections that another copy replaced since the database was opened.
    pub repaired: f64,
    /// The last walk over everything; `None` before the first.
    pub last_scrub: Option<ScrubAnswer>,
    /// Blocks that were never merged.
    pub backlog: BacklogAnswer,
    /// What may be dropped.
    pub retention: RetentionText,
}

/// Blocks of one level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LevelAnswer {
    /// 0 for those of commits.
    pub level: u8,
    /// How many.
    pub blocks: u32,
    /// Their bytes.
    pub bytes: f64,
    /// Their profiles.
    pub profiles: f64,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StoredServiceAnswer {
    /// `service_name`.
    pub service: String,
    /// Its profiles.
    pub profiles: f64,
    /// Of each block as large a share as its rows are of all.
    pub bytes: f64,
    /// Start of the first, ns.
    pub from: i64,
    /// One past the start of the last.
    pub until: i64,
}

/// A section that is kept out of answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuarantineAnswer {
    /// Number of its block.
    pub block: f64,
    /// What it holds.
    pub section: String,
    /// What is wrong with it.
    pub fault: String,
    /// Bytes of the block.
    pub bytes: f64,
    /// Profiles of the block.
    pub profiles: u32,
    /// Start of the block's first profile, ns.
    pub from: i64,
    /// One past the start of its last.
    pub until: i64,
}

/// What a walk over everything found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScrubAnswer {
    /// When it ended, ms since the epoch.
    pub at_ms: f64,
    /// Sections read.
    pub sections: f64,
    /// Their bytes.
    pub bytes: f64,
    /// Those that can't be used.
    pub bad: u32,
    /// Those that another copy replaced.
    pub repaired: f64,
}

/// Blocks that wait to be merged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct BacklogAnswer {
    /// How many.
    pub blocks: u32,
    /// Their bytes.
    pub bytes: f64,
}

/// Limits of all profiles or of one service; `None` for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LimitsText {
    /// Profiles that started longer ago than this go, ms.
    pub max_age_ms: Option<f64>,
    /// Samples of profiles that started longer ago go, ms, where sums over steps of time stay.
    pub max_sample_age_ms: Option<f64>,
    /// Bytes; beyond them the oldest go, their samples first.
    pub max_bytes: Option<f64>,
}

/// What may be dropped; see `RetentionPolicy` in protocol.ts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RetentionText {
    /// Of all profiles.
    pub all: LimitsText,
    /// By `service_name`.
    pub services: BTreeMap<String, LimitsText>,
    /// When the storage is full the oldest make room.
    pub evict_when_full: bool,
}

impl From<Limits> for LimitsText {
    fn from(limits: Limits) -> Self {
        Self {
            max_age_ms: limits.max_age.map(|age| age as f64 / MS),
            max_sample_age_ms: limits.max_sample_age.map(|age| age as f64 / MS),
            max_bytes: limits.max_bytes.map(|bytes| bytes as f64),
        }
    }
}

impl LimitsText {
    fn limits(self) -> Result<Limits, EngineError> {
        let bad = |what: &str, found: f64| {
            Err(EngineError::new("bad-argument", format!("{what} of {found} is no limit: more than 0 is expected")))
        };
        let ages = [self.max_age_ms, self.max_sample_age_ms];
        if let Some(age) = ages.into_iter().flatten().find(|age| !(*age > 0.0 && age.is_finite())) {
            return bad("an age in milliseconds", age);
        }
        if let Some(bytes) = self.max_bytes.filter(|bytes| !(*bytes > 0.0 && bytes.is_finite())) {
            return bad("a number of bytes", bytes);
        }
        Ok(Limits {
            max_age: self.max_age_ms.map(|age| (age * MS) as i64),
            max_sample_age: self.max_sample_age_ms.map(|age| (age * MS) as i64),
            max_bytes: self.max_bytes.map(|bytes| bytes as u64),
        })
    }
}

impl From<&RetentionPolicy> for RetentionText {
    fn from(policy: &RetentionPolicy) -> Self {
        let services = policy.services.iter().map(|(name, limits)| (name.clone(), (*limits).into()));
        Self { all: policy.all.into(), services: services.collect(), evict_when_full: policy.evict_when_full }
    }
}

impl From<&ScrubReport> for ScrubAnswer {
    fn from(report: &ScrubReport) -> Self {
        Self {
            at_ms: report.at as f64 / MS,
            sections: report.sections as f64,
            bytes: report.bytes as f64,
            bad: report.bad.len() as u32,
            repaired: report.repaired as f64,
        }
    }
}

impl<B: Backend> Database<B> {
    /// What is stored, in numbers.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn storage(&self, pause: &impl YieldNow) -> Result<StorageAnswer, EngineError> {
        let store = &self.store;
        let manifest = store.manifest();
        let mut levels: BTreeMap<u8, LevelAnswer> = BTreeMap::new();
        let mut services: BTreeMap<String, StoredServiceAnswer> = BTreeMap::new();
        for meta in &manifest.blocks {
            let level = levels.entry(meta.level).or_insert(LevelAnswer { level: meta.level, ..LevelAnswer::default() });
            level.blocks += 1;
            level.bytes += meta.bytes() as f64;
            level.profiles += f64::from(meta.profiles);
            pause.yield_now().await;
            let directory = match store.directory(meta.id).await {
                Ok(directory) => directory,
                // It is among what is quarantined.
                Err(error @ StoreError::Damaged { .. }) => {
                    store.quarantine(&error);
                    continue;
                }
                // Another tab was faster; it tells so.
                Err(StoreError::Stale { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            let table = &directory.profiles;
            let all = table.weights();
            for (row, series) in directory.series.iter().enumerate() {
                let rows = table.rows_of_series(row as u32);
                let (Some(first), Some(last)) =
                    (table.start.get(rows.start), table.start.get(rows.end.wrapping_sub(1)))
                else {
                    continue;
                };
                let own: f64 = rows.clone().map(|row| table.weight(row)).sum();
                let name = series.labels.get(SERVICE_NAME).unwrap_or_default();
                let service = services.entry(name.to_owned()).or_insert_with(|| StoredServiceAnswer {
                    service: name.to_owned(),
                    profiles: 0.0,
                    bytes: 0.0,
                    from: *first,
                    until: last.saturating_add(1),
                });
                service.profiles += rows.len() as f64;
                service.bytes += meta.bytes() as f64 * own / all;
                service.from = service.from.min(*first);
                service.until = service.until.max(last.saturating_add(1));
            }
        }
        let quarantined = store.quarantined().into_iter().filter_map(|(key, fault)| {
            let meta = manifest.block(key.block)?;
            Some(QuarantineAnswer {
                block: key.block.0 as f64,
                section: format!("{}, part {}", key.kind, key.part),
                fault,
                bytes: meta.bytes() as f64,
                profiles: meta.profiles,
                from: meta.first_start,
                until: meta.last_start.saturating_add(1),
            })
        });
        let backlog = levels.get(&0).map(|level| BacklogAnswer { blocks: level.blocks, bytes: level.bytes });
        Ok(StorageAnswer {
            bytes: manifest.bytes() as f64,
            profiles: manifest.profiles() as f64,
            blocks: manifest.blocks.len() as u32,
            levels: levels.into_values().collect(),
            services: services.into_values().collect(),
            quarantined: quarantined.collect(),
            repaired: store.repaired() as f64,
            last_scrub: manifest.scrub.as_ref().map(ScrubAnswer::from),
            backlog: backlog.unwrap_or_default(),
            retention: RetentionText::from(&manifest.policy),
        })
    }

    /// Says what may be dropped from now on, and drops it, as of `now` (ns since the epoch).
    ///
    /// # Errors
    /// `bad-argument`, or what the storage says.
    pub async fn set_retention(&self, retention: &RetentionText, now: i64) -> Result<DeleteAnswer, EngineError> {
        let mut policy = RetentionPolicy {
            all: retention.all.limits()?,
            evict_when_full: retention.evict_when_full,
            ..RetentionPolicy::default()
        };
        for (name, limits) in &retention.services {
            policy.services.push((name.clone(), limits.limits()?));
        }
        self.store.set_policy(policy).await?;
        self.retain(now).await
    }

    /// Drops what the policy says, as of `now` (ns since the epoch).
    ///
    /// # Errors
    /// What the storage says.
    pub async fn retain(&self, now: i64) -> Result<DeleteAnswer, EngineError> {
        let report = self.store.retain(now).await?;
        Ok(DeleteAnswer { profiles: report.profiles as u32, summed: report.summed as u32 })
    }

    /// Reads everything that is stored, in slices, and says what is damaged; what another copy has is mended. `now` gives
    /// the time (ns since the epoch) when it is done; `progress` hears of bytes read and of how many, and ends it with
    /// `false`: then nothing is stored of it, and there is no answer.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn verify(
        &self,
        now: impl Fn() -> i64,
        mut progress: impl FnMut(u64, u64) -> bool,
        pause: &impl YieldNow,
    ) -> Result<Option<ScrubAnswer>, EngineError> {
        let store = &self.store;
        let mut scrub = store.start_scrub();
        while !store.scrub_step(&mut scrub).await? {
            let (done, of) = scrub.progress();
            if !progress(done, of) {
                return Ok(None);
            }
            self.after_queries(pause).await;
        }
        Ok(Some(ScrubAnswer::from(&store.finish_scrub(scrub, now()).await?)))
    }

    /// Deletes the blocks that have quarantined sections, with all their profiles.
    ///
    /// # Errors
    /// What the storage says.
    pub async fn discard_damaged(&self) -> Result<DeleteAnswer, EngineError> {
        let report = self.store.discard_damaged().await?;
        Ok(DeleteAnswer { profiles: report.profiles as u32, summed: report.summed as u32 })
    }
}
