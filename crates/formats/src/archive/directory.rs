//! The central directory at the end of a zip archive.

use emberglass_columns::heap_sort_by;
use emberglass_profile::{ErrorCode, InputError};

use super::fields::{dos_seconds, u16_at, u32_at, u64_at};
use super::names::{tidy, unmarked};
use super::{Entry, Method};
use crate::{Input, Meter, NoProgress};

const END: &[u8] = b"PK\x05\x06";
const END_LEN: usize = 22;
const END64_LOCATOR: &[u8] = b"PK\x06\x07";
const END64_LOCATOR_LEN: usize = 20;
const END64: &[u8] = b"PK\x06\x06";
const END64_LEN: usize = 56;
const RECORD: &[u8] = b"PK\x01\x02";
const RECORD_LEN: usize = 46;
/// Length of the fixed part of the header before a member's data.
pub(super) const LOCAL_LEN: u64 = 30;
/// Bytes read at first of something long.
const FIRST_STEP: usize = 1 << 20;
/// Most bytes of a directory: about half a million files.
const DIRECTORY_LIMIT: u64 = 64 << 20;

const ENCRYPTED: u16 = 1;
const UTF8: u16 = 1 << 11;

const EXTRA_ZIP64: u16 = 1;
const EXTRA_TIME: u16 = 0x5455;
const EXTRA_PATH: u16 = 0x7075;

/// Where the directory lies.
struct Place {
    start: u64,
    len: u64,
}

/// Reads `len` bytes at `at`, fewer where the archive ends before. A length that lies takes at most twice the memory
/// of what is there.
pub(super) fn bytes_at(input: &mut Input<'_>, at: u64, len: usize) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    while bytes.len() < len {
        let before = bytes.len();
        bytes.resize(len.min((2 * before).max(FIRST_STEP)), 0);
        let count = input.read_at(at + before as u64, &mut bytes[before..], &mut Meter::new(&mut NoProgress, 0))?;
        if before + count < bytes.len() {
            bytes.truncate(before + count);
            break;
        }
    }
    Ok(bytes)
}

fn malformed(at: u64, message: &str) -> InputError {
    InputError::at(ErrorCode::Malformed, at, message)
}

fn find(input: &mut Input<'_>, len: u64) -> Result<Place, InputError> {
    let most = END_LEN + usize::from(u16::MAX);
    let tail_at = len.saturating_sub(most as u64);
    let tail = bytes_at(input, tail_at, most.min((len - tail_at) as usize))?;
    let is_end = |at: &usize| {
        let record = &tail[*at..];
        record.len() >= END_LEN && END_LEN + usize::from(u16_at(record, 20)) <= record.len()
    };
    let at = memchr::memmem::rfind_iter(&tail, END).find(is_end).ok_or_else(|| {
        InputError::at(ErrorCode::Truncated, len, "the zip archive has no directory: its end is missing")
    })?;
    let end = &tail[at..];
    let end_at = tail_at + at as u64;
    let (disk, disk_of_directory) = (u16_at(end, 4), u16_at(end, 6));
    let (records, all_records) = (u16_at(end, 8), u16_at(end, 10));
    let mut place = Place { start: u64::from(u32_at(end, 16)), len: u64::from(u32_at(end, 12)) };
    let mut limit = end_at;
    if place.start == u64::from(u32::MAX) || place.len == u64::from(u32::MAX) || records == u16::MAX {
        let locator_at = end_at.checked_sub(END64_LOCATOR_LEN as u64);
        let locator = locator_at.map(|at| bytes_at(input, at, END64_LOCATOR_LEN)).transpose()?.unwrap_or_default();
        if locator.starts_with(END64_LOCATOR) {
            limit = u64_at(&locator, 8);
            let end64 = bytes_at(input, limit, END64_LEN)?;
            if !end64.starts_with(END64) || end64.len() < END64_LEN {
                return Err(malformed(limit, "the zip archive has no 64-bit directory where it says"));
            }
            place = Place { start: u64_at(&end64, 48), len: u64_at(&end64, 40) };
        }
    } else if disk != 0 || disk_of_directory != 0 || records != all_records {
        let message = "the zip archive is one of several parts, which is not supported";
        return Err(InputError::at(ErrorCode::UnsupportedCompression, end_at, message));
    }
    if place.start.checked_add(place.len).is_none_or(|end| end > limit) {
        return Err(malformed(end_at, "the directory of the zip archive does not lie before its end"));
    }
    if place.len > DIRECTORY_LIMIT {
        let message =
            format!("the directory of the zip archive has {} bytes; up to {DIRECTORY_LIMIT} are read", place.len);
        return Err(InputError::at(ErrorCode::TooLarge, place.start, message));
    }
    Ok(place)
}

/// All files of the archive, in the order of their data. Their `start` is that of the header before it.
///
/// # Errors
/// `truncated` without a directory, `malformed` for one that is broken and for members that share bytes,
/// `too-large`, `unsupported-compression` for an archive in parts, `unreadable-file`.
pub(super) fn read(input: &mut Input<'_>, len: u64) -> Result<Vec<Entry>, InputError> {
    let place = find(input, len)?;
    let bytes = bytes_at(input, place.start, place.len as usize)?;
    let mut records = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        // A digital signature may follow.
        if !rest.starts_with(RECORD) && !records.is_empty() {
            break;
        }
        let offset = place.start + at as u64;
        let record = Record::read(rest, offset)
            .ok_or_else(|| malformed(offset, "the directory of the zip archive is broken"))?;
        at += record.len;
        records.push(record);
    }
    heap_sort_by(&mut records, |a, b| a.entry.start.cmp(&b.entry.start));
    let nexts = records.iter().skip(1).map(|record| record.entry.start).chain([place.start]);
    for (record, next) in records.iter().zip(nexts) {
        let start = record.entry.start.checked_add(record.header_len);
        if start.and_then(|start| start.checked_add(record.entry.packed_len)).is_none_or(|end| end > next) {
            let message = "members of the zip archive share bytes, as they do in a decompression bomb";
            return Err(malformed(record.offset, message));
        }
    }
    Ok(records.into_iter().filter(|record| record.is_file).map(|record| record.entry).collect())
}

/// One record of the directory.
struct Record {
    entry: Entry,
    is_file: bool,
    /// Least length of the header before the data.
    header_len: u64,
    /// Where it lies.
    offset: u64,
    len: usize,
}

impl Record {
    /// The record that `bytes` start with; `None` where they don't, or not with all of it.
    fn read(bytes: &[u8], offset: u64) -> Option<Self> {
        let names = usize::from(u16_at(bytes, 28));
        let extras = usize::from(u16_at(bytes, 30));
        let len = RECORD_LEN + names + extras + usize::from(u16_at(bytes, 32));
        let record = bytes.get(..len).filter(|record| record.starts_with(RECORD))?;
        let (name, extra) = record[RECORD_LEN..RECORD_LEN + names + extras].split_at(names);
        let fields = Fields::of(extra);
        let flags = u16_at(record, 8);
        // The 64-bit field holds those numbers that do not fit, in this order.
        let mut wide = fields.wide.chunks_exact(8).map(|number| u64_at(number, 0));
        let mut size = |at: usize| match u32_at(record, at) {
            u32::MAX => wide.next().unwrap_or(u64::from(u32::MAX)),
            narrow => u64::from(narrow),
        };
        let (unpacked, packed_len, start) = (size(24), size(20), size(42));
        let problem = (flags & ENCRYPTED != 0)
            .then(|| InputError::new(ErrorCode::Encrypted, "the member of the archive is encrypted"));
        let path = match fields.path_for(name) {
            Some(path) => path.to_owned(),
            None if flags & UTF8 != 0 => String::from_utf8_lossy(name).into_owned(),
            None => unmarked(name),
        };
        let entry = Entry {
            name: tidy(&path),
            len: unpacked,
            modified: fields.modified.or_else(|| dos_seconds(u16_at(record, 14), u16_at(record, 12))),
            start,
            packed_len,
            method: Method::Zip { method: u16_at(record, 10), crc: u32_at(record, 16) },
            problem,
        };
        let header_len = LOCAL_LEN + names as u64;
        Some(Self { entry, is_file: is_file(record, name), header_len, offset, len })
    }
}

/// Folders end in a slash; of what is made on Unix the mode tells files from links and devices.
fn is_file(record: &[u8], name: &[u8]) -> bool {
    const UNIX: u8 = 3;
    let made_by = record.get(5).copied();
    let kind = u32_at(record, 38) >> 28;
    !name.ends_with(b"/") && (made_by != Some(UNIX) || matches!(kind, 0 | 0o10))
}

/// What is read of the extra fields of a record.
#[derive(Default)]
struct Fields<'a> {
    wide: &'a [u8],
    modified: Option<i64>,
    path: &'a [u8],
}

impl<'a> Fields<'a> {
    fn of(mut extra: &'a [u8]) -> Self {
        let mut fields = Self::default();
        while extra.len() >= 4 {
            let (id, len) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
            let Some(field) = extra.get(4..4 + len) else { break };
            match id {
                EXTRA_ZIP64 => fields.wide = field,
                EXTRA_TIME if field.len() >= 5 && field[0] & 1 != 0 => {
                    fields.modified = Some(i64::from(u32_at(field, 1) as i32));
                }
                EXTRA_PATH => fields.path = field,
                _ => {}
            }
            extra = &extra[4 + len..];
        }
        fields
    }

    /// The path in Unicode, if it is that of `name`.
    fn path_for(&self, name: &[u8]) -> Option<&'a str> {
        let path = self.path.get(5..)?;
        (self.path[0] == 1 && u32_at(self.path, 1) == crc32fast::hash(name)).then_some(())?;
        std::str::from_utf8(path).ok()
    }
}
