//! A pack: read whole and in pieces, imported, and taken apart into its inputs.

use std::ops::Range;

use emberglass_columns::{ByteReader, checksum, framed_checksum};
use emberglass_labels::Matchers;
use emberglass_profile::Batch;
use emberglass_store::{MemoryBackend, PackError, PackItem, PackReader, PackWriter, Store, packed_files};

use super::sections;

const HEADER: usize = 12;
const ITEM: usize = 12;
const ENVELOPE: usize = 20;
const TRAILER: usize = 16;

/// The fixtures, which hold a file of every version, and a pack of all that blocks can hold.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut writer = PackWriter::default();
    let mut file = writer.header();
    for block in sections::packed() {
        file.extend(writer.block(&block.meta));
        block.values.iter().for_each(|value| file.extend_from_slice(value));
    }
    file.extend(writer.end());
    vec![include_bytes!("../../fixtures/packs/v1.emberglass").to_vec(), file]
}

/// Reads a pack in every way; what it gives must hold together.
pub fn run(file: &[u8]) {
    let (items, end) = read(file, file.len());
    let piece = 1 + file.len() / 7;
    assert_eq!(read(file, piece), (items.clone(), end.clone()), "another result in pieces of {piece} bytes");
    if let Err(PackError::Damaged { offset, .. } | PackError::Truncated { offset, .. }) = &end {
        assert!(*offset <= file.len() as u64, "a fault outside of the file");
    }
    let blocks = items.iter().filter(|item| !matches!(item, PackItem::End(_))).count() as u64;
    if let Some(PackItem::End(stated)) = items.last() {
        assert_eq!(stated.blocks, blocks);
    }
    pollster::block_on(async {
        let store = Store::open(MemoryBackend::default()).await.expect("memory");
        for item in &items {
            let PackItem::Block(block) = item else { continue };
            // Errors of one block are answers.
            if let Ok(files) = packed_files(block) {
                for file in files {
                    let written = file.batch.to_wire();
                    let again = Batch::from_wire(&written).expect("a batch that was written");
                    assert_eq!(again.to_wire(), written);
                }
            }
            let before = store.manifest().profiles();
            let Ok(first) = store.import_block(block).await else { continue };
            assert_eq!(store.manifest().profiles(), before + first.profiles);
            let again = store.import_block(block).await.expect("a block that was taken before");
            assert_eq!(again.profiles, 0, "imported twice");
        }
        // What was taken is read and written anew, or is an error.
        let _report = store.delete(&Matchers::default(), Some(1), None).await;
    });
}

/// Everything that can be read in pieces of `piece` bytes, and how it ended.
fn read(file: &[u8], piece: usize) -> (Vec<PackItem>, Result<(), PackError>) {
    let mut reader = PackReader::default();
    let mut items = Vec::new();
    for piece in file.chunks(piece.max(1)) {
        reader.push(piece);
        loop {
            match reader.next_item() {
                Ok(Some(item)) => items.push(item),
                Ok(None) => break,
                Err(error) => return (items, Err(comparable(error))),
            }
        }
    }
    (items, reader.finish().map_err(comparable))
}

/// What is no pack shows as much of its beginning as was there, so that this depends on the pieces.
fn comparable(error: PackError) -> PackError {
    if matches!(error, PackError::Magic(_)) { PackError::Magic(Vec::new()) } else { error }
}

/// Where a section's row states its checksum, and how long its value is.
struct Stated {
    checksum: usize,
    len: usize,
}

/// Makes every checksum of a pack hold that can be found, and its trailer point to its end, so that what is behind them
/// is read.
pub fn mend(file: &mut [u8]) {
    seal(file, 0..HEADER - 4, HEADER - 4);
    let mut at = HEADER;
    loop {
        let Some(payload_len) = number(file, at + 4) else { return };
        let Some(payload) = file.get(at + ITEM..(at + ITEM).saturating_add(payload_len)) else { return };
        if file.get(at) == Some(&2) {
            seal_item(file, at, payload_len);
            let trailer = at + ITEM + payload_len;
            put(file, trailer, &(at as u64).to_le_bytes());
            seal(file, trailer..trailer + 8, trailer + 8);
            put(file, trailer + TRAILER - 4, b"EGPE");
            return;
        }
        let sections = sections(payload).unwrap_or_default();
        let mut value_at = at + ITEM + payload_len;
        for Stated { checksum, len } in sections {
            let end = value_at.saturating_add(len);
            if len < ENVELOPE || end > file.len() {
                return seal_item(file, at, payload_len);
            }
            put(file, value_at + 8, &((len - ENVELOPE) as u32).to_le_bytes());
            let sum = framed_checksum(&file[value_at..value_at + 16], &file[value_at + ENVELOPE..end]).0.to_le_bytes();
            put(file, value_at + 16, &sum);
            put(file, at + ITEM + checksum, &sum);
            value_at = end;
        }
        seal_item(file, at, payload_len);
        at = value_at;
    }
}

fn sections(row: &[u8]) -> Option<Vec<Stated>> {
    let mut reader = ByteReader::new(row);
    for _ in 0..5 {
        reader.varint().ok()?;
    }
    (0..reader.count().ok()?)
        .map(|_| {
            reader.u8().ok()?;
            reader.varint().ok()?;
            let len = reader.varint().ok()? as usize;
            let checksum = reader.position();
            reader.u32_le().ok()?;
            Some(Stated { checksum, len })
        })
        .collect()
}

fn number(file: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_le_bytes(*file.get(at..)?.first_chunk()?) as usize)
}

fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = file.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

fn seal(file: &mut [u8], bytes: Range<usize>, at: usize) {
    if let Some(bytes) = file.get(bytes) {
        let sum = checksum(bytes).0.to_le_bytes();
        put(file, at, &sum);
    }
}

fn seal_item(file: &mut [u8], at: usize, len: usize) {
    if let (Some(head), Some(payload)) = (file.get(at..at + 8), file.get(at + ITEM..at + ITEM + len)) {
        let sum = framed_checksum(head, payload).0.to_le_bytes();
        put(file, at + 8, &sum);
    }
}
