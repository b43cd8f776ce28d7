//! The records of a file or a pipe, as they come.

use emberglass_profile::{ErrorCode, InputError, Warnings};

use super::header::Head;
use super::queue::Queue;
use super::record::Part;
use super::unpack::Unpacker;
use crate::window::Window;

const HEADER_LEN: usize = 8;

pub(super) mod kind {
    pub(in super::super) const MMAP: u32 = 1;
    pub(super) const LOST: u32 = 2;
    pub(in super::super) const COMM: u32 = 3;
    pub(in super::super) const FORK: u32 = 7;
    pub(super) const SAMPLE: u32 = 9;
    pub(in super::super) const MMAP2: u32 = 10;
    pub(super) const LOST_SAMPLES: u32 = 13;
    pub(in super::super) const KSYMBOL: u32 = 17;
    pub(super) const HEADER_ATTR: u32 = 64;
    pub(super) const HEADER_TRACING_DATA: u32 = 66;
    pub(super) const HEADER_BUILD_ID: u32 = 67;
    pub(super) const AUXTRACE: u32 = 71;
    pub(super) const HEADER_FEATURE: u32 = 80;
    pub(super) const COMPRESSED: u32 = 81;
    pub(super) const COMPRESSED2: u32 = 83;
}

struct Header {
    kind: u32,
    misc: u16,
    size: usize,
}

impl Header {
    fn read(bytes: &[u8], offset: u64) -> Result<Self, InputError> {
        let mut part = Part::new(bytes, offset);
        let header = Self { kind: part.u32()?, misc: part.u16()?, size: usize::from(part.u16()?) };
        if header.size < HEADER_LEN {
            let message = format!("a record of {} bytes is smaller than its header", header.size);
            return Err(InputError::at(ErrorCode::Malformed, offset, message));
        }
        Ok(header)
    }
}

/// Takes records in: what describes the others goes to `head`, the rest to `queue`.
pub(super) struct Records<'h> {
    head: &'h mut Head,
    queue: Queue,
    unpacker: Option<Unpacker>,
    /// Unpacked bytes of a record that is not all there.
    unpacked: Vec<u8>,
    /// Bytes behind a record that belong to it.
    behind: u64,
}

impl<'h> Records<'h> {
    pub(super) fn new(head: &'h mut Head) -> Self {
        Self { head, queue: Queue::default(), unpacker: None, unpacked: Vec::new(), behind: 0 }
    }

    /// Reads the records up to `to`.
    pub(super) fn read(
        mut self,
        window: &mut Window<'_, '_, '_>,
        to: u64,
        warnings: &mut Warnings,
    ) -> Result<Queue, InputError> {
        while window.offset() < to {
            let offset = window.offset();
            let Some(header) = window.take(HEADER_LEN)? else {
                if window.peek()?.is_some() {
                    note_cut(offset, warnings);
                }
                break;
            };
            let header = Header::read(header, offset)?;
            let is_inside = offset.saturating_add(header.size as u64) <= to;
            let Some(body) = window.take(header.size - HEADER_LEN)?.filter(|_| is_inside) else {
                note_cut(offset, warnings);
                break;
            };
            self.record(&header, body, offset, warnings)?;
            let behind = std::mem::take(&mut self.behind);
            if behind > 0 {
                window.skip(behind)?;
            }
        }
        if let Some(mut unpacker) = self.unpacker.take() {
            let end = window.offset();
            let is_cut = unpacker.finish(|bytes| self.unpacked(bytes, end, warnings))?;
            if is_cut || !self.unpacked.is_empty() {
                note_cut(end, warnings);
            }
        }
        Ok(self.queue)
    }

    fn record(&mut self, header: &Header, body: &[u8], offset: u64, warnings: &mut Warnings) -> Result<(), InputError> {
        let Self { head, queue, .. } = self;
        let mut part = Part::new(body, offset + HEADER_LEN as u64);
        match header.kind {
            kind::SAMPLE => queue.sample(&head.attrs, header.misc, body, offset)?,
            kind::MMAP | kind::MMAP2 | kind::COMM | kind::FORK | kind::KSYMBOL => {
                queue.other(&head.attrs, (header.kind, header.misc), body, offset)?;
            }
            kind::LOST | kind::LOST_SAMPLES => {
                if header.kind == kind::LOST {
                    part.u64()?;
                }
                warnings.add_many("lost-samples", part.u64()?, Some(offset), || {
                    "samples were lost while recording".to_owned()
                });
            }
            kind::HEADER_ATTR => head.attrs.read_record(&mut part)?,
            kind::HEADER_BUILD_ID => head.build_id(&mut part)?,
            kind::HEADER_FEATURE => {
                let feature = part.u64()?;
                head.feature(u32::try_from(feature).unwrap_or(0), &mut part)?;
            }
            // Data that no size in a record could hold lies behind it.
            kind::AUXTRACE => self.behind = part.u64()?,
            kind::HEADER_TRACING_DATA => self.behind = (u64::from(part.u32()?) + 7) & !7,
            kind::COMPRESSED => self.unpack(body, offset, warnings)?,
            kind::COMPRESSED2 => {
                let len = usize::try_from(part.u64()?).unwrap_or(usize::MAX);
                self.unpack(part.take(len)?, offset, warnings)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn unpack(&mut self, packed: &[u8], offset: u64, warnings: &mut Warnings) -> Result<(), InputError> {
        let mut unpacker = self.unpacker.take().unwrap_or_else(Unpacker::new);
        unpacker.push(packed, offset, |bytes| self.unpacked(bytes, offset, warnings))?;
        self.unpacker = Some(unpacker);
        Ok(())
    }

    /// Records that were compressed; what is wrong with them is at the record that held them.
    fn unpacked(&mut self, bytes: &[u8], offset: u64, warnings: &mut Warnings) -> Result<(), InputError> {
        let mut all = std::mem::take(&mut self.unpacked);
        all.extend_from_slice(bytes);
        let mut rest = all.as_slice();
        while let Some(head) = rest.get(..HEADER_LEN) {
            let header = Header::read(head, offset)?;
            let Some(body) = rest.get(HEADER_LEN..header.size) else { break };
            if !matches!(header.kind, kind::COMPRESSED | kind::COMPRESSED2) {
                self.record(&header, body, offset, warnings)?;
            }
            rest = &rest[header.size..];
        }
        let used = all.len() - rest.len();
        all.drain(..used);
        self.unpacked = all;
        self.behind = 0;
        Ok(())
    }
}

fn note_cut(offset: u64, warnings: &mut Warnings) {
    warnings.add("truncated-record", Some(offset), || {
        "the recording ends in the middle of a record, which is left out".to_owned()
    });
}

/// Bytes in hexadecimal; nothing for zeros.
pub(super) fn hex(bytes: &[u8]) -> String {
    let len = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    if len == 0 {
        return String::new();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
