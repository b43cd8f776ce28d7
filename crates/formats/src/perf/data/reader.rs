//! The records of a file or a pipe, in order of time.

use emberglass_profile::{Batch, ErrorCode, InputError, Warnings};

use super::attrs::{Attr, Attrs, bit};
use super::record::Part;
use super::spaces::{KERNEL, Spaces};
use super::{MAGIC, MAGIC_BIG_ENDIAN};
use crate::Context;
use crate::perf::events::{Events, Sample, Task};

/// Size of a pipe's header.
const PIPE_HEADER_LEN: u64 = 16;
/// From here on an address in a call chain is a mark.
const FIRST_MARK: u64 = u64::MAX - 4095 + 1;
const MARK_KERNEL: u64 = u64::MAX - 128 + 1;
const MARK_USER: u64 = u64::MAX - 512 + 1;
const MISC_CPU_MODE: u16 = 7;
const MODE_KERNEL: u16 = 1;
const MISC_COMM_EXEC: u16 = 1 << 13;
const MISC_BUILD_ID: u16 = 1 << 14;

mod kind {
    pub(super) const MMAP: u32 = 1;
    pub(super) const LOST: u32 = 2;
    pub(super) const COMM: u32 = 3;
    pub(super) const FORK: u32 = 7;
    pub(super) const SAMPLE: u32 = 9;
    pub(super) const MMAP2: u32 = 10;
    pub(super) const LOST_SAMPLES: u32 = 13;
    pub(super) const HEADER_ATTR: u32 = 64;
    pub(super) const HEADER_TRACING_DATA: u32 = 66;
    pub(super) const HEADER_BUILD_ID: u32 = 67;
    pub(super) const AUXTRACE: u32 = 71;
    pub(super) const HEADER_FEATURE: u32 = 80;
    pub(super) const COMPRESSED: u32 = 81;
    pub(super) const COMPRESSED2: u32 = 83;
}

/// Features whose content is one text.
const TEXTS: &[(u32, &str)] =
    &[(3, "hostname"), (4, "os_release"), (5, "perf_version"), (6, "arch"), (8, "cpudesc"), (9, "cpuid")];
const FEATURE_BUILD_ID: u32 = 2;
const FEATURE_CMDLINE: u32 = 11;
const FEATURE_EVENT_DESC: u32 = 12;

struct Reader<'f> {
    file: &'f [u8],
    attrs: Attrs,
    spaces: Spaces,
    events: Events,
    facts: Vec<(String, String)>,
    chain: Vec<u32>,
}

/// A record: its time and its place.
#[derive(Clone, Copy)]
struct Entry {
    time: u64,
    at: u32,
}

struct Header {
    kind: u32,
    misc: u16,
    size: usize,
}

pub(super) fn read(file: &[u8], context: &mut Context<'_>) -> Result<Batch, InputError> {
    if file.starts_with(MAGIC_BIG_ENDIAN) {
        return Err(InputError::at(ErrorCode::UnsupportedVersion, 0, "recordings of big-endian machines are not read"));
    }
    if !file.starts_with(MAGIC) {
        return Err(InputError::at(ErrorCode::Malformed, 0, "the file does not begin as a recording of perf"));
    }
    let mut reader = Reader {
        file,
        attrs: Attrs::default(),
        spaces: Spaces::default(),
        events: Events::default(),
        facts: Vec::new(),
        chain: Vec::new(),
    };
    let all = file.len() as u64;
    let mut header = Part::new(file, 8, all.saturating_sub(8))?;
    let size = header.u64()?;
    let (from, to) = if size == PIPE_HEADER_LEN {
        (PIPE_HEADER_LEN, all)
    } else {
        let attr_size = header.u64()?;
        let (attrs_at, attrs_len) = (header.u64()?, header.u64()?);
        let (data_at, data_len) = (header.u64()?, header.u64()?);
        let _event_types = (header.u64()?, header.u64()?);
        let features = [header.u64()?, header.u64()?, header.u64()?, header.u64()?];
        reader.attrs.read_section(file, attrs_at, attrs_len, attr_size)?;
        let end = data_at.saturating_add(data_len);
        if data_len == 0 && data_at < all {
            // Perf was killed before it could write down how much there is.
            context.warnings.add("unfinished-recording", Some(data_at), || {
                "the recording was not finished: it is read up to the end of the file".to_owned()
            });
            (data_at, all)
        } else {
            Part::new(file, data_at, data_len)?;
            reader.features(end, features)?;
            (data_at, end)
        }
    };
    let entries = reader.index(from as usize, to as usize, context)?;
    for (row, entry) in entries.iter().enumerate() {
        let position = all.saturating_add(all * row as u64 / entries.len() as u64);
        context.meter.reach(position)?;
        reader.record(*entry, &mut context.warnings)?;
    }
    let mut batch = reader.events.finish();
    batch.metadata = reader.facts;
    Ok(batch)
}

impl<'f> Reader<'f> {
    /// Sections behind the data, one for each bit that is set.
    fn features(&mut self, at: u64, features: [u64; 4]) -> Result<(), InputError> {
        let mut at = at;
        for feature in 0..256u32 {
            if features[feature as usize / 64] & (1 << (feature % 64)) == 0 {
                continue;
            }
            let mut place = Part::new(self.file, at, 16)?;
            at += 16;
            let (section, len) = (place.u64()?, place.u64()?);
            self.feature(feature, &mut Part::new(self.file, section, len)?)?;
        }
        Ok(())
    }

    fn feature(&mut self, feature: u32, part: &mut Part<'f>) -> Result<(), InputError> {
        if let Some((_, name)) = TEXTS.iter().find(|(number, _)| *number == feature) {
            let value = part.sized_text()?;
            self.facts.push(((*name).to_owned(), value));
        }
        match feature {
            FEATURE_BUILD_ID => {
                while part.remaining() >= 8 {
                    let header = Header { kind: part.u32()?, misc: part.u16()?, size: usize::from(part.u16()?) };
                    let body = part.take(header.size.saturating_sub(8).min(part.remaining()))?;
                    self.build_id(&mut Part::new(body, 0, body.len() as u64)?)?;
                }
            }
            FEATURE_CMDLINE => {
                let mut words = Vec::new();
                for _ in 0..part.u32()? {
                    words.push(part.sized_text()?);
                }
                self.facts.push(("cmdline".to_owned(), words.join(" ")));
            }
            FEATURE_EVENT_DESC => self.attrs.read_names(part)?,
            _ => {}
        }
        Ok(())
    }

    fn build_id(&mut self, part: &mut Part<'_>) -> Result<(), InputError> {
        let _process = part.u32()?;
        let id = hex(part.take(20)?);
        let _padding = part.u32()?;
        let file = part.text()?;
        self.spaces.build_id(file, id);
        Ok(())
    }

    fn header(&self, at: usize) -> Result<Header, InputError> {
        let mut part = Part::new(self.file, at as u64, 8)?;
        Ok(Header { kind: part.u32()?, misc: part.u16()?, size: usize::from(part.u16()?) })
    }

    /// Finds every record, reads what describes the others, and sorts the rest by time.
    fn index(&mut self, from: usize, to: usize, context: &mut Context<'_>) -> Result<Vec<Entry>, InputError> {
        let mut entries = Vec::new();
        let mut at = from;
        while at < to {
            context.meter.reach(at as u64)?;
            let end = match self.header(at) {
                Ok(header) if header.size < 8 => {
                    let message = format!("a record of {} bytes is smaller than its header", header.size);
                    return Err(InputError::at(ErrorCode::Malformed, at as u64, message));
                }
                Ok(header) if at + header.size <= to => at + header.size,
                _ => {
                    context.warnings.add("truncated-record", Some(at as u64), || {
                        "the recording ends in the middle of a record, which is left out".to_owned()
                    });
                    break;
                }
            };
            let header = self.header(at)?;
            let mut body = Part::new(self.file, at as u64 + 8, (end - at - 8) as u64)?;
            let mut behind = 0;
            match header.kind {
                kind::HEADER_ATTR => self.attrs.read_record(&mut body)?,
                kind::HEADER_BUILD_ID => self.build_id(&mut body)?,
                kind::HEADER_FEATURE => {
                    let feature = body.u64()?;
                    self.feature(u32::try_from(feature).unwrap_or(0), &mut body)?;
                }
                // Data that no size in a record could hold lies behind it.
                kind::AUXTRACE => behind = body.u64()?,
                kind::HEADER_TRACING_DATA => behind = (u64::from(body.u32()?) + 7) & !7,
                kind::COMPRESSED | kind::COMPRESSED2 => {
                    context.warnings.add("compressed-record", Some(at as u64), || {
                        "records compressed with zstd are left out: record without -z to have all samples".to_owned()
                    });
                }
                kind => {
                    if kind < kind::HEADER_ATTR {
                        entries.push(Entry { time: self.time(kind, &self.file[at + 8..end]), at: at as u32 });
                    }
                }
            }
            at = end.saturating_add(usize::try_from(behind).unwrap_or(usize::MAX));
        }
        entries.sort_by_key(|entry| entry.time);
        Ok(entries)
    }

    /// Time of a record; 0, before all others, where it has none.
    fn time(&self, kind: u32, body: &[u8]) -> u64 {
        let at = if kind == kind::SAMPLE {
            self.attrs.of_sample(body).and_then(|(_, attr)| attr.time_at())
        } else {
            let from_end = self.attrs.list.first().and_then(Attr::time_from_end);
            from_end.and_then(|from_end| body.len().checked_sub(from_end))
        };
        at.and_then(|at| body.get(at..)?.first_chunk::<8>()).map_or(0, |time| u64::from_le_bytes(*time))
    }

    fn record(&mut self, entry: Entry, warnings: &mut Warnings) -> Result<(), InputError> {
        let at = entry.at as usize;
        let Header { kind, misc, size } = self.header(at)?;
        let mut part = Part::new(self.file, at as u64 + 8, (size - 8) as u64)?;
        let symbols = &mut self.events.symbols;
        match kind {
            kind::SAMPLE => return self.sample(at, misc, &self.file[at + 8..at + size]),
            kind::MMAP | kind::MMAP2 => {
                let (process, _thread) = (part.u32()?, part.u32()?);
                let place = (part.u64()?, part.u64()?, part.u64()?);
                let mut build_id = String::new();
                if kind == kind::MMAP2 {
                    let identity = part.take(24)?;
                    let _flags = part.u64()?;
                    if let (true, [len, _, _, _, id @ ..]) = (misc & MISC_BUILD_ID != 0, identity) {
                        build_id = hex(&id[..usize::from(*len).min(id.len())]);
                    }
                }
                let file = part.text()?;
                let process = if misc & MISC_CPU_MODE == MODE_KERNEL { KERNEL } else { process };
                self.spaces.map(symbols, process, place, &file, build_id)?;
            }
            kind::COMM => {
                let (process, thread) = (part.u32()?, part.u32()?);
                let comm = symbols.strings.intern(&part.text()?);
                self.spaces.name(thread, comm);
                if misc & MISC_COMM_EXEC != 0 {
                    self.spaces.exec(process);
                }
            }
            kind::FORK => {
                let processes = (part.u32()?, part.u32()?);
                self.spaces.fork(processes, (part.u32()?, part.u32()?))?;
            }
            kind::LOST | kind::LOST_SAMPLES => {
                if kind == kind::LOST {
                    part.u64()?;
                }
                let lost = part.u64()?;
                warnings
                    .add_many("lost-samples", lost, Some(at as u64), || "samples were lost while recording".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    fn sample(&mut self, at: usize, misc: u16, body: &'f [u8]) -> Result<(), InputError> {
        let Self { attrs, spaces, events, chain, .. } = self;
        let Some((_, attr)) = attrs.of_sample(body) else {
            return Err(InputError::at(
                ErrorCode::BadReference,
                at as u64,
                "a sample comes before any event is described",
            ));
        };
        let mut part = Part::new(body, 0, body.len() as u64).map_err(|error| moved(error, at))?;
        let fields = Fields::read(attr, &mut part).map_err(|error| moved(error, at))?;
        let mut mode = if misc & MISC_CPU_MODE == MODE_KERNEL { KERNEL } else { fields.process };
        chain.clear();
        for address in fields.chain() {
            match address {
                MARK_KERNEL => mode = KERNEL,
                MARK_USER => mode = fields.process,
                FIRST_MARK.. => {}
                _ => {
                    let frame = spaces.frame(&mut events.symbols, mode, address);
                    chain.push(frame.0);
                }
            }
        }
        if chain.is_empty()
            && let Some(address) = fields.address
        {
            let mode = if misc & MISC_CPU_MODE == MODE_KERNEL { KERNEL } else { fields.process };
            chain.push(spaces.frame(&mut events.symbols, mode, address).0);
        }
        let comm = events.symbols.text(spaces.comm(fields.thread)).to_owned();
        let has_ids = attr.sample_type & bit::TID != 0;
        let sample = Sample {
            event: &attr.name,
            task: Task {
                comm: &comm,
                process_id: has_ids.then(|| i64::from(fields.process.cast_signed())),
                thread_id: has_ids.then(|| i64::from(fields.thread.cast_signed())),
                cpu: fields.cpu.map(i64::from),
            },
            time: fields.time.and_then(|time| i64::try_from(time).ok()),
            period: fields.period.or(attr.period),
        };
        events.add(sample, chain).map_err(|error| InputError { offset: Some(at as u64), ..error })
    }
}

/// The fields of a sample up to its call chain.
#[derive(Default)]
struct Fields<'f> {
    address: Option<u64>,
    process: u32,
    thread: u32,
    time: Option<u64>,
    cpu: Option<u32>,
    period: Option<i64>,
    chain: &'f [u8],
}

impl<'f> Fields<'f> {
    fn read(attr: &Attr, part: &mut Part<'f>) -> Result<Self, InputError> {
        let has = |bit: u64| attr.sample_type & bit != 0;
        let mut fields = Self::default();
        if has(bit::IDENTIFIER) {
            part.skip(1)?;
        }
        if has(bit::IP) {
            fields.address = Some(part.u64()?);
        }
        if has(bit::TID) {
            (fields.process, fields.thread) = (part.u32()?, part.u32()?);
        }
        if has(bit::TIME) {
            fields.time = Some(part.u64()?);
        }
        for skipped in [bit::ADDR, bit::ID, bit::STREAM_ID] {
            if has(skipped) {
                part.skip(1)?;
            }
        }
        if has(bit::CPU) {
            fields.cpu = Some(part.u32()?);
            part.u32()?;
        }
        if has(bit::PERIOD) {
            fields.period = i64::try_from(part.u64()?).ok();
        }
        if has(bit::READ) {
            skip_read(attr.read_format, part)?;
        }
        if has(bit::CALLCHAIN) {
            let count = usize::try_from(part.u64()?).unwrap_or(usize::MAX);
            fields.chain = part.take(count.saturating_mul(8))?;
        }
        Ok(fields)
    }

    /// Addresses of the call chain, leaf first.
    fn chain(&self) -> impl Iterator<Item = u64> + use<'f> {
        self.chain.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes))
    }
}

/// Passes over the counters of a sample.
fn skip_read(format: u64, part: &mut Part<'_>) -> Result<(), InputError> {
    let times = (format & 3).count_ones() as u64;
    let per_value = 1 + u64::from(format & 4 != 0) + u64::from(format & 16 != 0);
    if format & 8 == 0 {
        return part.skip(times + per_value);
    }
    let count = part.u64()?;
    part.skip(times.saturating_add(count.saturating_mul(per_value)))
}

/// An error of a sample, with its offset in the file.
fn moved(error: InputError, at: usize) -> InputError {
    InputError { offset: error.offset.map(|offset| offset + at as u64 + 8), ..error }
}

fn hex(bytes: &[u8]) -> String {
    let len = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    if len == 0 {
        return String::new();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
