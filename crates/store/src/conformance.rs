//! What every back end must do.
//!
//! [`check`] is called with a way to open a back end onto one storage that is empty at first; every call opens it anew,
//! as another tab or a restart would.

use std::rc::Rc;

use crate::{Backend, BackendError, BlockId, CommitBatch, SectionKey, SectionKind, StoredManifest};

/// Which expectation a back end did not meet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unmet(pub String);

impl From<BackendError> for Unmet {
    fn from(error: BackendError) -> Self {
        Self(format!("unexpected error: {error}"))
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), Unmet> {
    if found == expected { Ok(()) } else { Err(Unmet(format!("{what}: expected {expected:?}, found {found:?}"))) }
}

fn key(block: u64, kind: SectionKind, part: u16) -> SectionKey {
    SectionKey { block: BlockId(block), kind, part }
}

fn batch(from: u64, to: u64, puts: &[(SectionKey, &[u8])], deletes: &[SectionKey]) -> CommitBatch {
    CommitBatch {
        expected_generation: from,
        manifest: StoredManifest { generation: to, bytes: to.to_le_bytes().repeat(3) },
        puts: puts.iter().map(|(key, bytes)| (*key, Rc::new(bytes.to_vec()))).collect(),
        deletes: deletes.to_vec(),
    }
}

/// Runs the suite.
///
/// # Errors
/// The first expectation that is not met.
pub async fn check<B: Backend>(open: impl AsyncFn() -> Result<B, BackendError>) -> Result<(), Unmet> {
    let backend = open().await?;
    starts_empty(&backend).await?;
    stores_and_lists(&backend, &open().await?).await?;
    refuses_another_generation(&backend, &open().await?).await?;
    replaces_in_one_step(&backend, &open().await?).await?;
    keeps_large_values(&backend, &open().await?).await?;
    destroys(&backend, &open().await?).await
}

async fn starts_empty(backend: &impl Backend) -> Result<(), Unmet> {
    expect("manifest of an empty storage", &backend.load().await?, &None)?;
    expect("keys of an empty storage", &backend.list().await?, &Vec::new())?;
    expect("values of no keys", &backend.get(&[]).await?, &Vec::new())?;
    expect("a missing value", &backend.get(&[key(1, SectionKind::Symbols, 0)]).await?, &vec![None])
}

async fn stores_and_lists(backend: &impl Backend, other: &impl Backend) -> Result<(), Unmet> {
    let (a, b, c) =
        (key(1, SectionKind::Symbols, 0), key(1, SectionKind::Samples, 65_535), key(300, SectionKind::Unknown(255), 1));
    let first = batch(0, 1, &[(c, b"c"), (a, b""), (b, &[0, 255, 7])], &[key(9, SectionKind::Series, 0)]);
    backend.commit(first.clone()).await?;
    for backend in [other.load().await?, backend.load().await?] {
        expect("the manifest after a commit", &backend, &Some(first.manifest.clone()))?;
    }
    let values = other.get(&[b, key(1, SectionKind::Samples, 0), a, c, b]).await?;
    let expected = vec![Some(vec![0, 255, 7]), None, Some(Vec::new()), Some(b"c".to_vec()), Some(vec![0, 255, 7])];
    expect("values in the order asked for", &values, &expected)?;
    expect("sorted keys", &other.list().await?, &vec![a, b, c])
}

async fn refuses_another_generation(backend: &impl Backend, other: &impl Backend) -> Result<(), Unmet> {
    let before = (backend.load().await?, backend.list().await?);
    let a = key(1, SectionKind::Symbols, 0);
    for expected_generation in [0, 2, u64::from(u32::MAX)] {
        let late = batch(expected_generation, 7, &[(key(5, SectionKind::Series, 0), b"late"), (a, b"changed")], &[a]);
        let answer = backend.commit(late).await;
        expect("a commit for another generation", &answer, &Err(BackendError::Conflict { found: 1 }))?;
    }
    expect("the storage after a refused commit", &(other.load().await?, other.list().await?), &before)?;
    expect("a value after a refused commit", &other.get(&[a]).await?, &vec![Some(Vec::new())])
}

async fn replaces_in_one_step(backend: &impl Backend, other: &impl Backend) -> Result<(), Unmet> {
    let (a, b, d) =
        (key(1, SectionKind::Symbols, 0), key(1, SectionKind::Samples, 65_535), key(2, SectionKind::Series, 0));
    other.commit(batch(1, 2, &[(a, b"new"), (d, b"d")], &[a, b])).await?;
    let answer = backend.commit(batch(1, 2, &[(d, b"mine")], &[])).await;
    expect("the later of two commits", &answer, &Err(BackendError::Conflict { found: 2 }))?;
    let values = backend.get(&[a, b, d]).await?;
    expect("deletes come before puts", &values, &vec![Some(b"new".to_vec()), None, Some(b"d".to_vec())])
}

async fn keeps_large_values(backend: &impl Backend, other: &impl Backend) -> Result<(), Unmet> {
    let large: Vec<u8> = (0..3_000_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let keys: Vec<SectionKey> = (0..4).map(|part| key(7, SectionKind::Samples, part)).collect();
    let puts: Vec<(SectionKey, &[u8])> = keys.iter().map(|key| (*key, large.as_slice())).collect();
    backend.commit(batch(2, 3, &puts, &[])).await?;
    for value in other.get(&keys).await? {
        if value.as_ref() != Some(&large) {
            return Err(Unmet(format!("a large value changed: {:?} bytes", value.map(|value| value.len()))));
        }
    }
    backend.commit(batch(3, 4, &[], &keys)).await?;
    expect("values that were deleted", &other.get(&keys).await?, &vec![None; 4])
}

async fn destroys(backend: &impl Backend, other: &impl Backend) -> Result<(), Unmet> {
    backend.destroy().await?;
    for (manifest, keys) in [(backend.load().await?, backend.list().await?), (other.load().await?, other.list().await?)]
    {
        expect("the manifest after everything was deleted", &manifest, &None)?;
        expect("the keys after everything was deleted", &keys, &Vec::new())?;
    }
    other.commit(batch(0, 1, &[], &[])).await?;
    let generation = backend.load().await?.map(|stored| stored.generation);
    expect("the first generation after everything was deleted", &generation, &Some(1))
}
