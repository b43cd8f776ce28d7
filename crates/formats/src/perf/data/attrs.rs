//! The events that were recorded, and how their samples lie in the file.

use std::collections::HashMap;

use emberglass_profile::{ErrorCode, InputError};
use foldhash::fast::FixedState;

use super::record::Part;

/// Bits of `sample_type`.
pub(super) mod bit {
    pub(in super::super) const IP: u64 = 1;
    pub(in super::super) const TID: u64 = 1 << 1;
    pub(in super::super) const TIME: u64 = 1 << 2;
    pub(in super::super) const ADDR: u64 = 1 << 3;
    pub(in super::super) const READ: u64 = 1 << 4;
    pub(in super::super) const CALLCHAIN: u64 = 1 << 5;
    pub(in super::super) const ID: u64 = 1 << 6;
    pub(in super::super) const CPU: u64 = 1 << 7;
    pub(in super::super) const PERIOD: u64 = 1 << 8;
    pub(in super::super) const STREAM_ID: u64 = 1 << 9;
    pub(in super::super) const IDENTIFIER: u64 = 1 << 16;
}

const FLAG_FREQ: u64 = 1 << 10;
const FLAG_SAMPLE_ID_ALL: u64 = 1 << 18;
/// Size of the attributes of the first kernels.
const MIN_LEN: usize = 64;
const MAX_EVENTS: usize = 1 << 16;

/// One event (`perf_event_attr`).
#[derive(Clone, Debug, Default)]
pub(super) struct Attr {
    pub(super) name: String,
    pub(super) sample_type: u64,
    pub(super) read_format: u64,
    /// The period of every sample, where it is fixed.
    pub(super) period: Option<i64>,
    flags: u64,
}

/// All events, and which of them the ids in samples name.
#[derive(Debug, Default)]
pub(super) struct Attrs {
    pub(super) list: Vec<Attr>,
    by_id: HashMap<u64, usize, FixedState>,
}

impl Attr {
    fn read(part: &mut Part<'_>) -> Result<Self, InputError> {
        let kind = part.u32()?;
        let _size = part.u32()?;
        let config = part.u64()?;
        let period = part.u64()?;
        let (sample_type, read_format, flags) = (part.u64()?, part.u64()?, part.u64()?);
        let period =
            if flags & FLAG_FREQ == 0 { i64::try_from(period).ok().filter(|&period| period > 0) } else { None };
        Ok(Self { name: event_name(kind, config), sample_type, read_format, period, flags })
    }

    /// Bytes from the end of a record that is no sample to its time.
    pub(super) fn time_from_end(&self) -> Option<usize> {
        if self.flags & FLAG_SAMPLE_ID_ALL == 0 || self.sample_type & bit::TIME == 0 {
            return None;
        }
        let behind = [bit::TIME, bit::ID, bit::STREAM_ID, bit::CPU, bit::IDENTIFIER];
        Some(8 * behind.iter().filter(|&&bit| self.sample_type & bit != 0).count())
    }

    /// Where the id lies in a sample, in bytes.
    fn id_at(&self) -> Option<usize> {
        if self.sample_type & bit::IDENTIFIER != 0 {
            return Some(0);
        }
        let before = [bit::IP, bit::TID, bit::TIME, bit::ADDR];
        let words = before.iter().filter(|&&bit| self.sample_type & bit != 0).count();
        (self.sample_type & bit::ID != 0).then_some(8 * words)
    }

    /// Where the time lies in a sample, in bytes.
    pub(super) fn time_at(&self) -> Option<usize> {
        let before = [bit::IDENTIFIER, bit::IP, bit::TID];
        let words = before.iter().filter(|&&bit| self.sample_type & bit != 0).count();
        (self.sample_type & bit::TIME != 0).then_some(8 * words)
    }
}

impl Attrs {
    /// The section of events, each `entry` bytes with the place of its ids, which `section` reads.
    pub(super) fn read_section(
        &mut self,
        bytes: &[u8],
        entry: u64,
        mut section: impl FnMut(u64, u64) -> Result<Vec<u8>, InputError>,
    ) -> Result<(), InputError> {
        let entry = usize::try_from(entry).unwrap_or(0);
        if entry < MIN_LEN + 16 {
            let message = format!("events of {entry} bytes are too small");
            return Err(InputError::at(ErrorCode::Malformed, 16, message));
        }
        for bytes in bytes.chunks_exact(entry) {
            let (attr, ids) = bytes.split_at(entry - 16);
            let read = Attr::read(&mut Part::new(attr, 16))?;
            let mut ids = Part::new(ids, 16);
            let ids = section(ids.u64()?, ids.u64()?)?;
            self.push(read, &ids)?;
        }
        Ok(())
    }

    /// An event in a pipe, its ids behind it.
    pub(super) fn read_record(&mut self, part: &mut Part<'_>) -> Result<(), InputError> {
        let bytes = part.take(part.remaining())?;
        let mut head = Part::new(bytes, 0);
        let _kind = head.u32()?;
        let size = (head.u32()? as usize).max(MIN_LEN);
        let attr = Attr::read(&mut Part::new(bytes, 0))?;
        self.push(attr, bytes.get(size..).unwrap_or(&[]))
    }

    fn push(&mut self, attr: Attr, ids: &[u8]) -> Result<(), InputError> {
        if self.list.len() >= MAX_EVENTS {
            return Err(InputError::new(ErrorCode::TooLarge, "the file has too many events"));
        }
        for id in ids.as_chunks::<8>().0 {
            self.by_id.insert(u64::from_le_bytes(*id), self.list.len());
        }
        self.list.push(attr);
        Ok(())
    }

    /// Names of events as the user gave them (`HEADER_EVENT_DESC`).
    pub(super) fn read_names(&mut self, part: &mut Part<'_>) -> Result<(), InputError> {
        let (count, len) = (part.u32()?, part.u32()? as usize);
        for at in 0..count as usize {
            part.take(len)?;
            let ids = part.u32()?;
            let name = part.sized_text()?;
            let mut row = self.list.get(at).map(|_| at);
            for _ in 0..ids {
                row = self.by_id.get(&part.u64()?).copied().or(row);
            }
            if let Some(attr) = row.and_then(|row| self.list.get_mut(row))
                && !name.is_empty()
            {
                attr.name = name;
            }
        }
        Ok(())
    }

    /// The event of a sample.
    #[inline]
    pub(super) fn of_sample(&self, body: &[u8]) -> Option<(usize, &Attr)> {
        let first = self.list.first()?;
        if self.list.len() == 1 {
            return Some((0, first));
        }
        let id = first.id_at().and_then(|at| body.get(at..)?.first_chunk::<8>()).map(|id| u64::from_le_bytes(*id));
        let row = id.and_then(|id| self.by_id.get(&id)).copied().unwrap_or(0);
        self.list.get(row).map(|attr| (row, attr))
    }
}

/// Name of an event by its numbers.
fn event_name(kind: u32, config: u64) -> String {
    const HARDWARE: &[&str] = &[
        "cycles",
        "instructions",
        "cache-references",
        "cache-misses",
        "branches",
        "branch-misses",
        "bus-cycles",
        "stalled-cycles-frontend",
        "stalled-cycles-backend",
        "ref-cycles",
    ];
    const SOFTWARE: &[&str] = &[
        "cpu-clock",
        "task-clock",
        "page-faults",
        "context-switches",
        "cpu-migrations",
        "minor-faults",
        "major-faults",
        "alignment-faults",
        "emulation-faults",
        "dummy",
        "bpf-output",
        "cgroup-switches",
    ];
    let names = match kind {
        0 => HARDWARE,
        1 => SOFTWARE,
        _ => &[],
    };
    match usize::try_from(config).ok().and_then(|config| names.get(config)) {
        Some(name) => (*name).to_owned(),
        None => format!(
            "{}-{config:x}",
            match kind {
                2 => "tracepoint",
                3 => "cache",
                4 => "raw",
                5 => "breakpoint",
                _ => "event",
            }
        ),
    }
}
