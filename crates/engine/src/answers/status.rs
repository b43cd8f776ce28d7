//! How the storage is, and what was done to it.

use serde::Serialize;

/// Numbers for the status line; see `EngineStatus`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusAnswer {
    /// `saved`, `saving`, `degraded`, `read-only`.
    pub state: &'static str,
    /// `indexeddb`, `opfs`, `directory` or `memory`.
    pub backend: &'static str,
    /// The second copy; `None` where there is one only.
    pub replica: Option<ReplicaAnswer>,
    /// What the connection to the storage is doing: `open` where all is well.
    pub connection: &'static str,
    /// What the browser said when it found the stored database unreadable and made an empty one in its place; `None`
    /// where it did not, or does not tell.
    pub dropped: Option<String>,
    /// What waits for storage that fails; `None` while it does not.
    pub unsaved: Option<UnsavedAnswer>,
    /// When the last walk over everything ended, ms since the epoch; `None` before the first.
    pub last_scrub_ms: Option<f64>,
    /// Sections that can't be used.
    pub quarantined: u32,
    /// Generation of the manifest.
    pub generation: f64,
    /// Blocks.
    pub blocks: u32,
    /// Bytes of all sections.
    pub stored_bytes: f64,
    /// Size of wasm memory; 0 elsewhere.
    pub wasm_bytes: f64,
}

/// How the second copy stands to the first; see `ReplicaStatus`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaAnswer {
    /// As the back end of the status.
    pub backend: &'static str,
    /// `in-step`, `behind`, `primary-behind`, `parted`.
    pub state: &'static str,
    /// What is wrong; empty where nothing is.
    pub why: String,
    /// Since when, ms since the epoch; 0 where nothing is.
    pub since_ms: f64,
}

/// What is in memory only, and why; see `UnsavedStatus`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnsavedAnswer {
    /// Inputs that wait.
    pub inputs: u32,
    /// Their bytes, as decoded.
    pub bytes: f64,
    /// Code of what fails.
    pub code: String,
    /// What fails.
    pub why: String,
    /// Since when, ms since the epoch.
    pub since_ms: f64,
}

/// What compacting did; see `CompactResult`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CompactAnswer {
    /// Blocks that became fewer ones.
    pub blocks: u32,
    /// Bytes of their sections before.
    pub bytes_before: f64,
    /// Bytes of the new ones.
    pub bytes_after: f64,
}

/// What a deletion did; see `DeleteResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DeleteAnswer {
    /// Profiles deleted.
    pub profiles: u32,
    /// Profiles of which only the samples went, and sums over steps of time stay.
    pub summed: u32,
}
