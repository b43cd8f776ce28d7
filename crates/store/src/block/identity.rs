//! What makes two profiles the same.

use emberglass_profile::ContentHash;
use xxhash_rust::xxh3::Xxh3;

use super::{ProfileTable, Series};
use crate::Source;

/// Hash of a profile's content hash, type, labels, start, and its place among those of the source that agree in all
/// of them. Never stored: it follows from what is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(pub u128);

impl Identity {
    pub(crate) fn new(content: ContentHash, series: &Series, start: i64, ordinal: u32) -> Self {
        let mut hasher = Xxh3::new();
        hasher.update(&content.0.to_le_bytes());
        hasher.update(&start.to_le_bytes());
        hasher.update(&ordinal.to_le_bytes());
        let Series { profile_type, labels } = series;
        let mut text = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        text(&profile_type.to_string());
        for (name, value) in labels.iter() {
            text(name);
            text(value);
        }
        Self(hasher.digest128())
    }
}

/// Identities of the profiles of a block by row.
pub(crate) fn identities(series: &[Series], profiles: &ProfileTable, sources: &[Source]) -> Vec<Identity> {
    let mut all: Vec<Identity> = Vec::with_capacity(profiles.len());
    let key = |row: usize| {
        let content = sources.get(profiles.source[row] as usize).map(|source| source.content_hash).unwrap_or_default();
        (profiles.series[row], profiles.start[row], content)
    };
    let mut ordinal = 0;
    for row in 0..profiles.len() {
        let (series_row, start, content) = key(row);
        ordinal = if row > 0 && key(row - 1) == (series_row, start, content) { ordinal + 1 } else { 0 };
        if let Some(series) = series.get(series_row as usize) {
            all.push(Identity::new(content, series, start, ordinal));
        }
    }
    all
}
