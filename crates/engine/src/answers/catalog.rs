//! What is stored: services, types, inputs, labels.

use emberglass_query::LabelValues;
use serde::Serialize;

/// What is stored; see `Catalog`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogAnswer {
    /// Generation of the manifest.
    pub generation: f64,
    /// Profiles in all.
    pub profiles: u32,
    /// Bytes of all sections.
    pub stored_bytes: f64,
    /// Services by name.
    pub services: Vec<ServiceAnswer>,
    /// What can't be read, one sentence a block; its profiles are not among the services.
    pub damaged: Vec<String>,
}

/// One service; see `CatalogService`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAnswer {
    /// `service_name`.
    pub name: String,
    /// Its profiles.
    pub profiles: u32,
    /// Start of the first, ns.
    pub from: i64,
    /// One past the start of the last.
    pub until: i64,
    /// Its profile types by id.
    pub types: Vec<TypeAnswer>,
}

/// One profile type of a service; see `CatalogType`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeAnswer {
    /// Profile type id.
    pub id: String,
    /// Its sample type.
    pub sample_type: String,
    /// Base unit.
    pub unit: String,
    /// `sum` or `average`.
    pub aggregation: &'static str,
    /// Profiles of this type.
    pub profiles: u32,
    /// Start of the first, ns.
    pub from: i64,
    /// One past the start of the last.
    pub until: i64,
    /// The type to show first.
    pub is_default: bool,
}

/// One input that profiles come from; see `Upload`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadAnswer {
    /// Names it.
    pub id: String,
    /// Path as dropped, or the file's name.
    pub name: String,
    /// Its format.
    pub format: String,
    /// Size of the file as it was.
    pub bytes: f64,
    /// When the import began, ms since the epoch.
    pub imported_ms: f64,
    /// `file`, `modified` or `imported`: what dates its profiles.
    pub time_source: &'static str,
    /// Profiles that are stored of it.
    pub profiles: u32,
    /// Their types, sorted.
    pub types: Vec<String>,
    /// Labels that all of them have, with the same value.
    pub labels: Vec<(String, String)>,
    /// Names of labels of some of them, or with different values.
    pub varying: Vec<String>,
    /// Start of the first, ns.
    pub from: i64,
    /// One past the start of the last.
    pub until: i64,
    /// What was noticed on decoding it.
    pub warnings: Vec<WarningAnswer>,
}

/// A remark about an input; see `Warning`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WarningAnswer {
    /// Stable, kebab-case.
    pub code: String,
    /// In words.
    pub message: String,
    /// Byte offset into the inflated input.
    pub offset: Option<f64>,
    /// How often.
    pub count: f64,
}

/// Values of a label, or of a key of metadata; see `LabelValues`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelAnswer {
    /// Label name, or key.
    pub name: String,
    /// Its values.
    pub values: Vec<LabelValueAnswer>,
}

/// One value of a label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelValueAnswer {
    /// The value.
    pub value: String,
    /// Profiles that carry it.
    pub profiles: u32,
}

impl From<LabelValues> for LabelAnswer {
    fn from(LabelValues { name, values }: LabelValues) -> Self {
        let value = |(value, profiles): (String, u64)| LabelValueAnswer { value, profiles: profiles as u32 };
        Self { name, values: values.into_iter().map(value).collect() }
    }
}
