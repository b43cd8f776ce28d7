//! Reads packs, piece by piece.

use std::rc::Rc;

use emberglass_columns::{ByteReader, checksum, framed_checksum};

use super::stored::{Assembly, StoredValue};
use super::{
    END_MAGIC, HEADER_LEN, ITEM_LEN, MAX_ITEM, PACK_MAGIC, PACK_VERSION, PackEnd, PackError, PackedBlock, TRAILER_LEN,
    damaged, row,
};
use crate::envelope::is_intact;
use crate::{BlockMeta, SectionMeta};

const ENVELOPE_LEN: u32 = 20;

/// What a reader found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PackItem {
    /// A block whose sections are all intact.
    Block(PackedBlock),
    /// A block of which a section is not what was written. What follows is read all the same.
    Damaged {
        /// Where the section begins.
        offset: u64,
        /// Profiles of the block.
        profiles: u64,
    },
    /// The end: nothing is missing.
    End(PackEnd),
}

#[derive(Debug)]
enum State {
    Header,
    Item,
    Values { block: PackedBlock, damaged: Option<u64> },
    Stored { what: StoredValue, len: usize, checksum: u32 },
    Trailer { end: PackEnd, offset: u64 },
    Ended,
}

/// Takes the bytes of a pack in pieces of any size. Holds one block at most, and what was pushed.
#[derive(Debug)]
pub struct PackReader {
    buffer: Vec<u8>,
    /// Bytes of the buffer that were read.
    taken: usize,
    /// Offset in the file of the first byte that was not read.
    offset: u64,
    /// Bytes of the blocks so far.
    block_bytes: u64,
    totals: PackEnd,
    whole: PackEnd,
    /// Blocks of a copy of a storage.
    assembly: Assembly,
    version: u16,
    state: State,
}

impl Default for PackReader {
    fn default() -> Self {
        Self {
            buffer: Vec::new(),
            taken: 0,
            offset: 0,
            block_bytes: 0,
            totals: PackEnd::default(),
            whole: PackEnd::default(),
            assembly: Assembly::default(),
            version: 0,
            state: State::Header,
        }
    }
}

impl PackReader {
    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// What comes next; `None` if that takes more bytes.
    ///
    /// # Errors
    /// `Magic`, `NewerVersion`, `NewerStorage`, `Damaged`: nothing more can be read then.
    pub fn next_item(&mut self) -> Result<Option<PackItem>, PackError> {
        loop {
            if let Some(item) = self.assembly.next() {
                return Ok(Some(self.counted(item)));
            }
            match &mut self.state {
                State::Header => {
                    let Some(header) = self.peek(HEADER_LEN) else {
                        let begin = self.rest().get(..PACK_MAGIC.len().min(self.rest().len())).unwrap_or_default();
                        if !PACK_MAGIC.starts_with(begin) {
                            return Err(PackError::Magic(begin.to_vec()));
                        }
                        return Ok(None);
                    };
                    self.version = read_header(header)?;
                    self.skip(HEADER_LEN);
                    self.state = State::Item;
                }
                State::Item => {
                    let Some((tag, payload)) = self.item()? else { return Ok(None) };
                    let (offset, len) = (self.offset, ITEM_LEN + payload.len());
                    let fault = |fault: crate::Fault| damaged(offset, fault.to_string());
                    match tag {
                        1 => {
                            let meta = row::read_block(payload).map_err(fault)?;
                            if meta.sections.iter().any(|section| section.len < ENVELOPE_LEN) {
                                return Err(damaged(offset, "a section that is shorter than its envelope"));
                            }
                            self.totals.blocks += 1;
                            self.totals.profiles += u64::from(meta.profiles);
                            self.block_bytes += len as u64 + meta.bytes();
                            let block = PackedBlock { meta, values: Vec::new() };
                            self.state = State::Values { block, damaged: None };
                        }
                        2 => {
                            let (end, bytes) = row::read_end(payload).map_err(fault)?;
                            if end != self.totals || bytes != self.block_bytes {
                                return Err(damaged(offset, "the end does not fit what came before it"));
                            }
                            self.assembly.pass(None, offset);
                            self.state = State::Trailer { end, offset };
                        }
                        _ => {
                            let (what, len, checksum) = row::read_stored(payload).map_err(fault)?;
                            self.state = State::Stored { what, len, checksum };
                        }
                    }
                    self.skip(len);
                }
                State::Stored { what, len, checksum: expected } => {
                    let (what, len, expected) = (*what, *len, *expected);
                    let Some(value) = self.peek(len) else { return Ok(None) };
                    let is_whole = checksum(value).0 == expected;
                    match what {
                        StoredValue::Manifest(_) if !is_whole => {
                            return Err(damaged(self.offset, "the manifest is not what was copied"));
                        }
                        StoredValue::Manifest(_) => self.assembly = Assembly::new(value, self.offset)?,
                        StoredValue::Section(key) => {
                            let value = is_whole.then(|| value.to_vec());
                            self.assembly.take(key, value, self.offset);
                        }
                    }
                    self.skip(len);
                    self.state = State::Item;
                }
                State::Values { .. } => match self.value() {
                    None => return Ok(None),
                    Some(None) => {}
                    Some(Some(item)) => return Ok(Some(item)),
                },
                State::Trailer { end, offset } => {
                    let (end, expected) = (*end, *offset);
                    let Some(trailer) = self.peek(TRAILER_LEN) else { return Ok(None) };
                    let mut right = expected.to_le_bytes().to_vec();
                    right.extend_from_slice(&checksum(&right).0.to_le_bytes());
                    right.extend_from_slice(END_MAGIC);
                    if trailer != right {
                        return Err(damaged(self.offset, "the last bytes are not the end's offset"));
                    }
                    self.skip(TRAILER_LEN);
                    self.state = State::Ended;
                    return Ok(Some(PackItem::End(end)));
                }
                State::Ended => {
                    return match self.rest().is_empty() {
                        true => Ok(None),
                        false => Err(damaged(self.offset, "bytes after the end")),
                    };
                }
            }
        }
    }

    /// To be asked when the file has no more bytes.
    ///
    /// # Errors
    /// `Truncated` without the end, `Magic` for what is too short to be a pack.
    pub fn finish(&self) -> Result<(), PackError> {
        match self.state {
            State::Ended => Ok(()),
            State::Header if self.rest().len() < PACK_MAGIC.len() => Err(PackError::Magic(self.rest().to_vec())),
            _ => {
                let PackEnd { blocks, profiles } = self.whole;
                Err(PackError::Truncated { offset: self.offset + self.rest().len() as u64, blocks, profiles })
            }
        }
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.taken..).unwrap_or_default()
    }

    fn peek(&self, len: usize) -> Option<&[u8]> {
        self.rest().get(..len)
    }

    fn skip(&mut self, len: usize) {
        self.taken += len;
        self.offset += len as u64;
    }

    /// Tag and payload of the item that is next, verified.
    fn item(&self) -> Result<Option<(u8, &[u8])>, PackError> {
        let Some(head) = self.peek(ITEM_LEN) else { return Ok(None) };
        let mut reader = ByteReader::new(head);
        let mut read = || Some((reader.u8().ok()?, reader.take(3).ok()?, reader.u32_le().ok()?, reader.u32_le().ok()?));
        let Some((tag, reserved, len, expected)) = read() else { return Ok(None) };
        let len = len as usize;
        let last_tag = if self.version < PACK_VERSION { 2 } else { 3 };
        if !(1..=last_tag).contains(&tag) || reserved != [0; 3] || len > MAX_ITEM {
            return Err(damaged(self.offset, "neither a block, nor a stored value, nor the end"));
        }
        let Some(payload) = self.peek(ITEM_LEN + len).and_then(|item| item.get(ITEM_LEN..)) else { return Ok(None) };
        let found = framed_checksum(head.get(..8).unwrap_or_default(), payload).0;
        if found != expected {
            return Err(damaged(self.offset, format!("expected checksum {expected:08x}, found {found:08x}")));
        }
        Ok(Some((tag, payload)))
    }

    /// Takes a value of the block; `None` if that takes more bytes, else the block if it was the last.
    fn value(&mut self) -> Option<Option<PackItem>> {
        let State::Values { block, .. } = &self.state else { return Some(None) };
        if let Some(&SectionMeta { len, checksum, .. }) = block.meta.sections.get(block.values.len()) {
            let value = self.peek(len as usize)?.to_vec();
            let (offset, intact) = (self.offset, is_intact(&value, len, checksum));
            self.skip(len as usize);
            if let State::Values { block, damaged } = &mut self.state {
                // What is damaged anyway needs no memory.
                let keep = intact && damaged.is_none();
                block.values.push(Rc::new(if keep { value } else { Vec::new() }));
                if !intact {
                    damaged.get_or_insert(offset);
                }
            }
            return Some(None);
        }
        let State::Values { block, damaged } = std::mem::replace(&mut self.state, State::Item) else {
            return Some(None);
        };
        let BlockMeta { profiles, .. } = block.meta;
        let profiles = u64::from(profiles);
        Some(Some(match damaged {
            Some(offset) => PackItem::Damaged { offset, profiles },
            None => self.counted(PackItem::Block(block)),
        }))
    }

    /// Counts a block that came whole.
    fn counted(&mut self, item: PackItem) -> PackItem {
        if let PackItem::Block(block) = &item {
            self.whole.blocks += 1;
            self.whole.profiles += u64::from(block.meta.profiles);
        }
        item
    }
}

/// The version of the file.
fn read_header(header: &[u8]) -> Result<u16, PackError> {
    let (head, sum) = header.split_at(8);
    let magic = head.get(..PACK_MAGIC.len()).unwrap_or_default();
    if magic != PACK_MAGIC {
        return Err(PackError::Magic(magic.to_vec()));
    }
    let version = u16::from_le_bytes([head[4], head[5]]);
    if version > PACK_VERSION {
        return Err(PackError::NewerVersion { found: version });
    }
    if sum != checksum(head).0.to_le_bytes() || version == 0 || head[6..] != [0, 0] {
        return Err(damaged(0, "the header is not what was written"));
    }
    Ok(version)
}
