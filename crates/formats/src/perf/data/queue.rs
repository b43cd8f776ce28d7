//! The records of a recording until all of them are there: samples in columns, with their call chains as addresses.

use std::hash::BuildHasher as _;

use emberglass_columns::Interner;
use emberglass_profile::{ErrorCode, FrameId, InputError, StackId};
use emberglass_trie::StackBuilder;
use foldhash::fast::FixedState;

use super::attrs::Attrs;
use super::record::Part;
use super::sample::Fields;
use crate::raw_stacks::check_size;

/// From here on an address in a call chain is a mark.
const FIRST_MARK: u64 = u64::MAX - 4095 + 1;
const MARK_KERNEL: u64 = u64::MAX - 128 + 1;
const MARK_USER: u64 = u64::MAX - 512 + 1;
const MISC_CPU_MODE: u16 = 7;
const MODE_KERNEL: u16 = 1;
/// Most bytes of records that are no samples.
const MOST_OTHERS: usize = 1 << 30;
/// Most records of one recording, in all: compressed ones could be any number.
const MOST_RECORDS: usize = 32 << 20;
/// Marks entries of `others`.
const OTHER: u32 = 1 << 31;
const NO_CPU: u32 = u32::MAX;
const NO_PERIOD: i64 = -1;

/// True for a record of the kernel.
pub(super) const fn is_kernel(misc: u16) -> bool {
    misc & MISC_CPU_MODE == MODE_KERNEL
}

/// One sample.
#[derive(Clone, Copy)]
pub(super) struct Stored {
    pub(super) event: u32,
    pub(super) process: u32,
    pub(super) thread: u32,
    cpu: u32,
    period: i64,
    /// A stack of [`Chains`].
    pub(super) chain: StackId,
}

impl Stored {
    pub(super) fn cpu(&self) -> Option<i64> {
        (self.cpu != NO_CPU).then_some(i64::from(self.cpu))
    }

    pub(super) fn period(&self) -> Option<i64> {
        (self.period != NO_PERIOD).then_some(self.period)
    }
}

/// A record that is no sample.
#[derive(Clone, Copy)]
struct Other {
    kind: u32,
    misc: u16,
    offset: u64,
    start: u32,
    len: u32,
}

#[derive(Clone, Copy)]
struct Entry {
    time: u64,
    /// A row of `samples`, or [`OTHER`] and one of `others`.
    row: u32,
}

/// What comes next in order of time.
pub(super) enum Next<'q> {
    Sample(u64, Stored),
    /// Kind, flags, body and place of its header.
    Other(u32, u16, &'q [u8], u64),
}

/// All records.
#[derive(Default)]
pub(super) struct Queue {
    entries: Vec<Entry>,
    samples: Vec<Stored>,
    others: Vec<Other>,
    bytes: Vec<u8>,
    pub(super) chains: Chains,
}

impl Queue {
    /// Adds a sample, `body` behind the header at `offset`.
    pub(super) fn sample(&mut self, attrs: &Attrs, misc: u16, body: &[u8], offset: u64) -> Result<(), InputError> {
        let Some((row, attr)) = attrs.of_sample(body) else {
            let message = "a sample comes before any event is described";
            return Err(InputError::at(ErrorCode::BadReference, offset, message));
        };
        let fields = Fields::read(attr, &mut Part::new(body, offset + 8))?;
        let chain = self.chains.add(&fields, is_kernel(misc), offset)?;
        let time = attr.time_at().map_or(0, |at| word(body, Some(at)));
        self.push(time, self.samples.len(), 0, offset)?;
        self.samples.push(Stored {
            event: row as u32,
            process: fields.process,
            thread: fields.thread,
            cpu: fields.cpu.unwrap_or(NO_CPU),
            period: fields.period.or(attr.period).unwrap_or(NO_PERIOD),
            chain,
        });
        Ok(())
    }

    /// Adds a record that is no sample.
    pub(super) fn other(
        &mut self,
        attrs: &Attrs,
        (kind, misc): (u32, u16),
        body: &[u8],
        offset: u64,
    ) -> Result<(), InputError> {
        if self.bytes.len() + body.len() > MOST_OTHERS {
            return Err(too_large(offset));
        }
        let from_end = attrs.list.first().and_then(super::attrs::Attr::time_from_end);
        let time = word(body, from_end.and_then(|from_end| body.len().checked_sub(from_end)));
        self.push(time, self.others.len(), OTHER, offset)?;
        let start = self.bytes.len() as u32;
        self.others.push(Other { kind, misc, offset, start, len: body.len() as u32 });
        self.bytes.extend_from_slice(body);
        Ok(())
    }

    fn push(&mut self, time: u64, row: usize, mark: u32, offset: u64) -> Result<(), InputError> {
        if self.entries.len() >= MOST_RECORDS {
            return Err(too_large(offset));
        }
        self.entries.push(Entry { time, row: row as u32 | mark });
        Ok(())
    }

    /// Brings the records in order of time; those of one time stay as they came.
    pub(super) fn sort(&mut self) {
        if !self.entries.is_sorted_by_key(|entry| entry.time) {
            self.entries.sort_by_key(|entry| entry.time);
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<Next<'_>> {
        let &Entry { time, row } = self.entries.get(at)?;
        if row < OTHER {
            return self.samples.get(row as usize).map(|sample| Next::Sample(time, *sample));
        }
        let other = self.others.get((row - OTHER) as usize)?;
        let start = other.start as usize;
        let body = self.bytes.get(start..start + other.len as usize)?;
        Some(Next::Other(other.kind, other.misc, body, other.offset))
    }
}

#[cold]
fn too_large(offset: u64) -> InputError {
    InputError::at(ErrorCode::TooLarge, offset, "the recording has more records than can be held in memory")
}

/// Eight bytes of a body as a number; 0 where they are not there.
fn word(body: &[u8], at: Option<usize>) -> u64 {
    at.and_then(|at| body.get(at..)?.first_chunk::<8>()).map_or(0, |word| u64::from_le_bytes(*word))
}

/// Call chains as stacks of addresses.
#[derive(Default)]
pub(super) struct Chains {
    pub(super) stacks: StackBuilder,
    addresses: Vec<u64>,
    rows: Interner,
    /// Frames of one chain, leaf first.
    frames: Vec<FrameId>,
}

impl Chains {
    fn add(&mut self, fields: &Fields<'_>, starts_in_kernel: bool, offset: u64) -> Result<StackId, InputError> {
        let mut is_kernel = starts_in_kernel;
        self.frames.clear();
        for address in fields.chain() {
            match address {
                MARK_KERNEL => is_kernel = true,
                MARK_USER => is_kernel = false,
                FIRST_MARK.. => {}
                _ => self.push(address, is_kernel, offset)?,
            }
        }
        if self.frames.is_empty()
            && let Some(address) = fields.address
        {
            self.push(address, starts_in_kernel, offset)?;
        }
        let stack = self.stacks.insert(self.frames.iter().rev().copied());
        check_size(&self.stacks, Some(offset))?;
        Ok(stack)
    }

    fn push(&mut self, address: u64, is_kernel: bool, offset: u64) -> Result<(), InputError> {
        let Self { addresses, rows, .. } = self;
        let hash = |address: u64| FixedState::with_seed(0).hash_one(address);
        let found = rows.find(hash(address), |row| addresses[row as usize] == address);
        let row = match found {
            Some(row) => row,
            None => {
                let row = addresses.len() as u32;
                if row >= OTHER {
                    return Err(too_large(offset));
                }
                addresses.push(address);
                rows.insert(hash(address), row, |row| hash(addresses[row as usize]));
                row
            }
        };
        self.frames.push(FrameId(row << 1 | u32::from(is_kernel)));
        Ok(())
    }

    /// The address of a frame, and whether it is one of the kernel.
    pub(super) fn address(&self, frame: FrameId) -> (u64, bool) {
        (self.addresses.get((frame.0 >> 1) as usize).copied().unwrap_or(0), frame.0 & 1 == 1)
    }
}
