//! The store: immutable blocks of checksummed sections, a manifest, group commits, and the back ends below them.
//!
//! Invariants:
//! - a commit is one back-end transaction over sections and manifest, conditional on the generation it was made for:
//!   what [`Store::commit`] acknowledged is stored, and stored once, by the identity of each profile;
//! - a section is verified on every read; what fails is an error that names it, never a wrong number;
//! - a block never changes, and its id is never given to another.

mod backend;
mod block;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod connection;
mod envelope;
mod error;
mod faulty;
mod files;
mod ids;
mod lock;
mod lru;
mod manifest;
mod memory;
mod metadata;
mod migrations;
mod pack;
mod policy;
mod replicated;
mod scrub;
mod section;
mod source;
mod store;

pub use backend::{Backend, BackendError, CommitBatch, StoredManifest};
pub use block::{
    Added, Block, BlockBuilder, BlockDirectory, BlockOptions, Costs, EncodedBlock, Identity, ProfileTable, Records,
    Rollup, Rows, SampleAttributes, Series, holding_alone, settle,
};
pub use connection::{Connection, ConnectionEvent, ConnectionStep};
pub use envelope::{Compression, FORMAT_VERSION, Fault};
pub use error::StoreError;
pub use faulty::{FaultMode, FaultyBackend};
pub use files::{FileRange, Files, FilesBackend};
pub use ids::BlockId;
pub use lock::{Guard, Lock};
pub use manifest::{BlockMeta, Manifest, SectionMeta};
pub use memory::MemoryBackend;
pub use metadata::Metadata;
pub use migrations::MANIFEST_VERSION;
pub use pack::{
    PACK_MAGIC, PACK_VERSION, PackEnd, PackError, PackItem, PackReader, PackWriter, PackedBlock, PackedFile,
    StorageCopy, packed_files,
};
pub use policy::{Limits, RetentionPolicy};
pub use replicated::{Pairing, ReplicaHealth, ReplicatedBackend, Resync, Side};
pub use scrub::ScrubReport;
pub use section::{SectionKey, SectionKind};
pub use source::{Origin, Source, SourceKey, TimeSource};
pub use store::{
    CommitReport, CompactReport, CompactStep, Compaction, DeleteReport, Export, ExportReport, ExportSelection,
    ImportReport, LeftOut, RecordSpan, SamplePart, Scrub, StageReport, Store, StoreOptions, Urgency,
};
