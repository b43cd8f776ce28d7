//! Carrying profiles from one database to another, as a pack.

use emberglass_labels::Matchers;
use emberglass_store::{
    Backend, Export, ExportReport, ExportSelection, ImportReport, PackError, PackItem, PackReader, PackWriter,
    PackedBlock,
};
use serde::Serialize;

use crate::database::Database;
use crate::uploads::source_keys;
use crate::{EngineError, SelectionText, YieldNow};

/// Bytes that are handed out at a time, about.
const CHUNK_BYTES: usize = 1 << 20;
/// Work of a slice of an export: a few milliseconds in wasm.
const SLICE_ROWS: usize = 300_000;

/// What an export handed out; see `ExportResult`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportAnswer {
    /// Blocks.
    pub blocks: u32,
    /// Profiles.
    pub profiles: u32,
    /// Bytes of the file.
    pub bytes: f64,
    /// What could not be read, in words.
    pub left_out: Vec<String>,
    /// Profiles of these blocks, at most.
    pub left_out_profiles: u32,
    /// Bytes of stored blocks done, and of all of them.
    pub done: f64,
    /// See `done`.
    pub total: f64,
}

/// What importing a block did; see `ImportedBlock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportAnswer {
    /// Profiles stored.
    pub profiles: u32,
    /// Profiles that were stored before.
    pub duplicates: u32,
}

impl From<PackError> for EngineError {
    fn from(error: PackError) -> Self {
        let offset = match error {
            PackError::Damaged { offset, .. } | PackError::Truncated { offset, .. } => Some(offset),
            _ => None,
        };
        Self { offset, ..Self::new(error.code(), error.to_string()) }
    }
}

impl<B: Backend> Database<B> {
    /// Begins to hand out a selection as a pack; everything without one. With an empty type all types.
    ///
    /// # Errors
    /// A bad selection, or what the storage says of what is staged.
    pub async fn begin_export(&self, of: Option<&SelectionText>) -> Result<Export, EngineError> {
        let selection = match of {
            None => ExportSelection::default(),
            Some(of) => ExportSelection {
                profile_type: match of.profile_type.is_empty() {
                    true => None,
                    false => Some(of.profile_type.parse()?),
                },
                matchers: Matchers::parse(&of.matchers)?,
                from: of.from,
                until: of.until,
                sources: of.uploads.as_deref().map(source_keys).transpose()?,
            },
        };
        self.flush().await?;
        Ok(self.store.plan_export(selection))
    }

    /// Begins to hand out what waits to be stored, and nothing else, as a pack.
    ///
    /// # Errors
    /// What is staged is too large for a block.
    pub fn begin_export_of_unsaved(&self) -> Result<Export, EngineError> {
        Ok(self.store.plan_export_of_staged()?)
    }

    /// The next bytes of a pack; `None` behind the last.
    ///
    /// # Errors
    /// What the storage says: the same call may be tried again.
    pub async fn export_chunk(
        &self,
        export: &mut Export,
        pause: &impl YieldNow,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        let mut chunk = Vec::new();
        while !export.is_done() && chunk.len() < CHUNK_BYTES {
            let more = self.store.export_step(export, SLICE_ROWS).await;
            // What was taken can't be taken again: it goes out first, and the next call meets the fault.
            match more {
                Ok(more) => chunk.extend(more),
                Err(_again) if !chunk.is_empty() => break,
                Err(error) => return Err(error.into()),
            }
            pause.yield_now().await;
        }
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    /// Stores what is not stored yet of a block that [`block_of_pack`] made.
    ///
    /// # Errors
    /// What is wrong with the block, of which nothing is stored then, or what the storage says.
    pub async fn import_block(&self, bytes: &[u8]) -> Result<ImportAnswer, EngineError> {
        let mut reader = PackReader::default();
        reader.push(bytes);
        let Some(PackItem::Block(block)) = reader.next_item()? else {
            return Err(EngineError::new("bad-argument", "the bytes are not a whole block of a pack"));
        };
        let ImportReport { profiles, duplicates, .. } = self.store.import_block(&block).await?;
        Ok(ImportAnswer { profiles: profiles as u32, duplicates: duplicates as u32 })
    }
}

/// What an export handed out so far.
#[must_use]
pub fn export_answer(export: &Export) -> ExportAnswer {
    let ExportReport { blocks, profiles, bytes, left_out } = export.report();
    let (done, total) = export.progress();
    ExportAnswer {
        blocks: blocks as u32,
        profiles: profiles as u32,
        bytes: bytes as f64,
        left_out_profiles: left_out.iter().map(|of| of.profiles as u32).sum(),
        left_out: left_out.into_iter().map(|of| of.error.to_string()).collect(),
        done: done as f64,
        total: total as f64,
    }
}

/// A block of a pack as bytes that stand alone: a pack of this one block, without its end.
#[must_use]
pub fn block_of_pack(block: &PackedBlock) -> Vec<u8> {
    let mut writer = PackWriter::default();
    let mut bytes = writer.header();
    bytes.extend(writer.block(&block.meta));
    for value in &block.values {
        bytes.extend_from_slice(value);
    }
    bytes
}
