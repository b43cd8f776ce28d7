//! What is known of an input beside its bytes, and the labels that follow from it.

use emberglass_labels::{LabelSet, SERVICE_NAME, labels_from_path};
use emberglass_profile::{Batch, file_stem};
use emberglass_store::{Origin, TimeSource};
use serde::Deserialize;

use crate::EngineError;

const NANOS_PER_MS: i64 = 1_000_000;

/// Whole milliseconds first: their product with a million is beyond what `f64` holds exactly.
fn nanos(ms: f64) -> i64 {
    let whole = ms.floor();
    (whole as i64).saturating_mul(NANOS_PER_MS).saturating_add(((ms - whole) * NANOS_PER_MS as f64) as i64)
}

fn from_path(template: &str, path: &str) -> Result<LabelSet, EngineError> {
    labels_from_path(template, path).map_err(|error| EngineError::new("bad-path-template", error.to_string()))
}

/// What a template takes from a path: pairs of label and value.
///
/// # Errors
/// `bad-path-template`.
pub fn path_labels(template: &str, path: &str) -> Result<Vec<(String, String)>, EngineError> {
    let labels = from_path(template, path)?;
    Ok(labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// An input as the host knows it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SourceInfo {
    /// Path as dropped, or the file's name.
    pub name: String,
    /// Size of the file as it was.
    pub bytes: f64,
    /// Last modification, ms since the epoch.
    pub modified_ms: Option<f64>,
    /// When the import began, ms since the epoch.
    pub imported_ms: f64,
    /// Labels given by the user; they win over everything else.
    pub labels: Vec<(String, String)>,
    /// `{service_name}/{region}/`: labels from the leading folders of `name`.
    pub path_template: Option<String>,
}

impl SourceInfo {
    /// What the store needs to know.
    ///
    /// # Errors
    /// As [`Self::labels`].
    pub fn origin(&self, batch: &Batch) -> Result<Origin, EngineError> {
        let (fallback_start, fallback_source) = self.fallback_start();
        Ok(Origin {
            name: self.name.clone(),
            bytes: self.bytes as u64,
            labels: self.labels(batch)?,
            imported: nanos(self.imported_ms),
            fallback_start,
            fallback_source,
        })
    }

    /// Start for profiles that have none of their own: the modification time, else the import.
    #[must_use]
    pub fn fallback_start(&self) -> (i64, TimeSource) {
        match self.modified_ms {
            Some(ms) => (nanos(ms), TimeSource::Modified),
            None => (nanos(self.imported_ms), TimeSource::Imported),
        }
    }

    /// Labels of every profile of the input. `service_name` is, in this order: a given label, one from the
    /// path, the source's own service, the process of all its profiles, the main binary, the file's stem.
    ///
    /// # Errors
    /// `bad-path-template`.
    pub fn labels(&self, batch: &Batch) -> Result<LabelSet, EngineError> {
        let mut labels = match &self.path_template {
            Some(template) => from_path(template, &self.name)?,
            None => LabelSet::default(),
        };
        for (name, value) in &self.labels {
            labels.insert(name, value);
        }
        for service in
            [&batch.service_name, batch.process_name(), batch.main_binary(), file_stem(&self.name), "unknown"]
        {
            labels.insert_if_absent(SERVICE_NAME, service);
        }
        Ok(labels)
    }
}

#[cfg(test)]
mod tests {
    use emberglass_profile::{Mapping, ProfileEntry};

    use super::*;

    #[test]
    fn the_service_is_named_by_the_best_source_there_is() {
        let service =
            |source: &SourceInfo, batch: &Batch| source.labels(batch).unwrap().get(SERVICE_NAME).unwrap().to_owned();
        let mut source = SourceInfo { name: "shop/eu/cpu.pb.gz".to_owned(), ..SourceInfo::default() };
        let mut batch = Batch::default();
        assert_eq!(service(&source, &batch), "cpu");
        let file = batch.symbols.strings.intern("/usr/bin/checkoutd");
        batch.symbols.mappings.push(Mapping { file, ..Mapping::default() });
        assert_eq!(service(&source, &batch), "checkoutd");
        let labels = vec![("process".to_owned(), "checkout".to_owned())];
        batch.profiles.push(ProfileEntry { labels, ..ProfileEntry::default() });
        assert_eq!(service(&source, &batch), "checkout");
        batch.service_name = "own".to_owned();
        assert_eq!(service(&source, &batch), "own");
        source.path_template = Some("{service_name}/{region}/".to_owned());
        assert_eq!(service(&source, &batch), "shop");
        source.labels.push((SERVICE_NAME.to_owned(), "given".to_owned()));
        assert_eq!(service(&source, &batch), "given");
        assert_eq!(source.labels(&batch).unwrap().get("region"), Some("eu"));
    }

    #[test]
    fn files_without_a_clock_are_dated_by_modification_then_import() {
        let mut source = SourceInfo { imported_ms: 1_795_440_971_731.0, ..SourceInfo::default() };
        assert_eq!(source.fallback_start(), (1_795_440_971_731_000_000, TimeSource::Imported));
        source.modified_ms = Some(5.0);
        assert_eq!(source.fallback_start(), (5_000_000, TimeSource::Modified));
    }
}
