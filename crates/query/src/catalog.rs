//! What is stored: services and their profile types.

use std::collections::BTreeMap;
use std::rc::Rc;

use emberglass_labels::SERVICE_NAME;
use emberglass_profile::{Aggregation, ProfileType};
use emberglass_store::{Backend, BlockDirectory, BlockId, Store, StoreError};

use crate::directories::{for_each_directory, with_restart};
use crate::{QueryError, YieldNow};

/// Services sorted by name, and the sums over all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Generation of the manifest.
    pub generation: u64,
    /// Profiles (series x time).
    pub profiles: u64,
    /// Bytes of all sections.
    pub stored_bytes: u64,
    /// Services by name.
    pub services: Vec<CatalogService>,
    /// Blocks that could not be read, and are not counted above.
    pub damaged: Vec<String>,
}

/// All series with one `service_name`; empty for those without.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogService {
    /// The name.
    pub name: String,
    /// Profiles of all types.
    pub profiles: u64,
    /// Start of the first profile, ns since the epoch.
    pub from: i64,
    /// One past the start of the last profile.
    pub until: i64,
    /// Types, sorted by id.
    pub types: Vec<CatalogType>,
}

/// One profile type of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogType {
    /// The type.
    pub profile_type: ProfileType,
    /// Whether its values add up over time.
    pub aggregation: Aggregation,
    /// Profiles.
    pub profiles: u64,
    /// Start of the first profile, ns since the epoch.
    pub from: i64,
    /// One past the start of the last profile.
    pub until: i64,
    /// The type to show first: what the service's latest source names as default, else that source's last.
    pub is_default: bool,
}

/// Profiles of one type of one service.
#[derive(Default)]
struct Tally {
    profiles: u64,
    starts: Option<(i64, i64)>,
    /// Place of the type among the latest source's, preferred if the source names it.
    standing: Option<Standing>,
}

/// Greater for later sources, for what the source names, and for later entries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    start: i64,
    imported: i64,
    content_hash: u128,
    /// 2 if the source names the very profile, 1 if it names the type.
    named: u8,
    entry: u32,
}

/// What is stored.
///
/// # Errors
/// Those of the store; damaged blocks are listed instead.
pub async fn catalog<B: Backend>(store: &Store<B>, pause: &impl YieldNow) -> Result<Catalog, QueryError> {
    with_restart(store, async || {
        let manifest = store.manifest();
        let ids: Vec<BlockId> = manifest.blocks.iter().map(|block| block.id).collect();
        let mut tallies: BTreeMap<String, BTreeMap<ProfileType, Tally>> = BTreeMap::new();
        let mut damaged = Vec::new();
        for_each_directory(store, &ids, pause, |directory| {
            match directory {
                Ok(directory) => count(&directory, &mut tallies),
                Err(error @ StoreError::Damaged { .. }) => {
                    store.quarantine(&error);
                    damaged.push(error.to_string());
                }
                Err(error) => return Err(error.into()),
            }
            Ok(())
        })
        .await?;
        let known = store.quarantined().into_iter().map(|(key, why)| format!("{key} is damaged: {why}"));
        damaged.extend(known);
        emberglass_columns::heap_sort(&mut damaged);
        damaged.dedup();
        let services: Vec<CatalogService> = tallies.into_iter().map(|(name, types)| service(name, types)).collect();
        Ok(Catalog {
            generation: manifest.generation,
            profiles: services.iter().map(|service| service.profiles).sum(),
            stored_bytes: manifest.bytes(),
            services,
            damaged,
        })
    })
    .await
}

fn count(directory: &Rc<BlockDirectory>, tallies: &mut BTreeMap<String, BTreeMap<ProfileType, Tally>>) {
    let table = &directory.profiles;
    for (row, series) in directory.series.iter().enumerate() {
        let rows = table.rows_of_series(row as u32);
        if rows.is_empty() {
            continue;
        }
        let name = series.labels.get(SERVICE_NAME).unwrap_or_default();
        let types = tallies.entry(name.to_owned()).or_default();
        let tally = types.entry(series.profile_type.clone()).or_default();
        for profile in rows {
            let columns = (table.start.get(profile), table.source.get(profile), table.entry.get(profile));
            let (Some(&start), Some(&source), Some(&entry)) = columns else { continue };
            let Some(source) = directory.sources.get(source as usize) else { continue };
            tally.profiles += 1;
            let (first, last) = tally.starts.unwrap_or((start, start));
            tally.starts = Some((first.min(start), last.max(start)));
            let standing = Standing {
                start,
                imported: source.imported,
                content_hash: source.content_hash.0,
                named: match source.default_entry {
                    Some(shown) if shown == entry => 2,
                    _ => u8::from(source.default_sample_type == series.profile_type.sample_type),
                },
                entry,
            };
            tally.standing = tally.standing.max(Some(standing));
        }
    }
}

fn service(name: String, types: BTreeMap<ProfileType, Tally>) -> CatalogService {
    let default = types.iter().max_by_key(|(_, tally)| tally.standing).map(|(profile_type, _)| profile_type.clone());
    let mut service = CatalogService { name, from: i64::MAX, until: i64::MIN, ..CatalogService::default() };
    for (profile_type, tally) in types {
        let Some((first, last)) = tally.starts else { continue };
        let until = last.saturating_add(1);
        service.profiles += tally.profiles;
        service.from = service.from.min(first);
        service.until = service.until.max(until);
        service.types.push(CatalogType {
            aggregation: profile_type.aggregation(),
            is_default: default.as_ref() == Some(&profile_type),
            profile_type,
            profiles: tally.profiles,
            from: first,
            until,
        });
    }
    service
}
