//! The header of a file, and the sections that it names.

use emberglass_profile::{ErrorCode, InputError, Warnings};

use super::attrs::Attrs;
use super::record::Part;
use super::records::hex;
use super::spaces::Spaces;
use super::{MAGIC, MAGIC_BIG_ENDIAN};
use crate::window::PIECE_LIMIT;
use crate::{Input, Meter};

/// Size of a pipe's header.
const PIPE_HEADER_LEN: u64 = 16;
/// Size of a file's header.
const HEADER_LEN: usize = 104;
/// Bytes of a section that are read at a time.
const SECTION_STEP: usize = 256 << 10;
/// Features whose content is one text.
const TEXTS: &[(u32, &str)] =
    &[(3, "hostname"), (4, "os_release"), (5, "perf_version"), (6, "arch"), (8, "cpudesc"), (9, "cpuid")];
const FEATURE_BUILD_ID: u32 = 2;
const FEATURE_CMDLINE: u32 = 11;
const FEATURE_EVENT_DESC: u32 = 12;

/// What describes the records.
#[derive(Default)]
pub(super) struct Head {
    pub(super) attrs: Attrs,
    pub(super) spaces: Spaces,
    pub(super) facts: Vec<(String, String)>,
    features: [u64; 4],
}

/// Where the records are.
pub(super) struct Place {
    pub(super) from: u64,
    pub(super) to: u64,
    /// True if the header says so, and sections follow behind `to`.
    is_stated: bool,
}

/// Reads a section of the file.
fn section(input: &mut Input<'_>, at: u64, len: u64, meter: &mut Meter<'_>) -> Result<Vec<u8>, InputError> {
    if let Some(end) = input.inflated_len()
        && at.saturating_add(len) > end
    {
        return Err(passes_end(at, len, end));
    }
    if len > PIECE_LIMIT {
        let message = format!("a section of {len} bytes is larger than {PIECE_LIMIT} bytes, the most that is read");
        return Err(InputError::at(ErrorCode::TooLarge, at, message));
    }
    // Where the end is not known yet, a length that lies must not become memory.
    let mut bytes = Vec::new();
    while bytes.len() < len as usize {
        let start = bytes.len();
        bytes.resize((len as usize).min(start + SECTION_STEP), 0);
        let read = input.read_at(at + start as u64, &mut bytes[start..], meter)?;
        if start + read < bytes.len() {
            return Err(passes_end(at, len, input.inflated_len().unwrap_or(at + (start + read) as u64)));
        }
    }
    Ok(bytes)
}

#[cold]
fn passes_end(at: u64, len: u64, end: u64) -> InputError {
    let message = format!("a section of {len} bytes at byte {at} passes the end of the file");
    InputError::at(ErrorCode::Truncated, end, message)
}

impl Head {
    /// Reads the header and the events.
    pub(super) fn read(
        &mut self,
        input: &mut Input<'_>,
        meter: &mut Meter<'_>,
        warnings: &mut Warnings,
    ) -> Result<Place, InputError> {
        let mut bytes = [0; HEADER_LEN];
        let len = input.read_at(0, &mut bytes, meter)?;
        let header = &bytes[..len];
        if header.starts_with(MAGIC_BIG_ENDIAN) {
            let message = "recordings of big-endian machines are not read";
            return Err(InputError::at(ErrorCode::UnsupportedVersion, 0, message));
        }
        if !header.starts_with(MAGIC) {
            let message = "the file does not begin as a recording of perf";
            return Err(InputError::at(ErrorCode::Malformed, 0, message));
        }
        let mut header = Part::new(&header[MAGIC.len()..], MAGIC.len() as u64);
        let cut_off =
            |_error| InputError::at(ErrorCode::Truncated, len as u64, "the header of the recording is cut off");
        let mut next = || header.u64().map_err(cut_off);
        let size = next()?;
        if size == PIPE_HEADER_LEN {
            return Ok(Place { from: PIPE_HEADER_LEN, to: u64::MAX, is_stated: false });
        }
        let attr_size = next()?;
        let (attrs_at, attrs_len) = (next()?, next()?);
        let (data_at, data_len) = (next()?, next()?);
        let _event_types = (next()?, next()?);
        self.features = [next()?, next()?, next()?, next()?];
        let attrs = section(input, attrs_at, attrs_len, meter)?;
        self.attrs.read_section(&attrs, attr_size, |at, len| section(input, at, len, meter))?;
        if data_len == 0 && input.inflated_len().is_none_or(|end| data_at < end) {
            // Perf was killed before it could write down how much there is.
            warnings.add("unfinished-recording", Some(data_at), || {
                "the recording was not finished: it is read up to the end of the file".to_owned()
            });
            return Ok(Place { from: data_at, to: u64::MAX, is_stated: false });
        }
        let to = data_at.saturating_add(data_len);
        match input.inflated_len() {
            Some(end) if to > end => Err(passes_end(data_at, data_len, end)),
            _ => Ok(Place { from: data_at, to, is_stated: true }),
        }
    }

    /// Sections behind the records, one for each bit that is set.
    pub(super) fn read_features(
        &mut self,
        place: &Place,
        input: &mut Input<'_>,
        meter: &mut Meter<'_>,
    ) -> Result<(), InputError> {
        if !place.is_stated {
            return Ok(());
        }
        if let Some(end) = input.inflated_len()
            && place.to > end
        {
            return Err(passes_end(place.from, place.to - place.from, end));
        }
        let mut at = place.to;
        for feature in 0..256u32 {
            if self.features[feature as usize / 64] & (1 << (feature % 64)) == 0 {
                continue;
            }
            let described_at = at;
            let entry = section(input, at, 16, meter)?;
            let mut entry = Part::new(&entry, at);
            at += 16;
            let is_read = TEXTS.iter().any(|(number, _)| *number == feature)
                || matches!(feature, FEATURE_BUILD_ID | FEATURE_CMDLINE | FEATURE_EVENT_DESC);
            let (start, len) = (entry.u64()?, entry.u64()?);
            if is_read {
                let content = section(input, start, len, meter)?;
                // An empty section may lie anywhere; what it lacks is told of where it is described.
                let base = if len == 0 { described_at } else { start };
                self.feature(feature, &mut Part::new(&content, base))?;
            }
        }
        Ok(())
    }

    /// One section, or one record of a pipe.
    pub(super) fn feature(&mut self, feature: u32, part: &mut Part<'_>) -> Result<(), InputError> {
        if let Some((_, name)) = TEXTS.iter().find(|(number, _)| *number == feature) {
            let value = part.sized_text()?;
            self.facts.push(((*name).to_owned(), value));
        }
        match feature {
            FEATURE_BUILD_ID => {
                while part.remaining() >= 8 {
                    let (_kind, _misc) = (part.u32()?, part.u16()?);
                    let size = usize::from(part.u16()?);
                    let body = part.take(size.saturating_sub(8).min(part.remaining()))?;
                    self.build_id(&mut Part::new(body, 0))?;
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

    /// The build id of a file.
    pub(super) fn build_id(&mut self, part: &mut Part<'_>) -> Result<(), InputError> {
        let _process = part.u32()?;
        let id = hex(part.take(20)?);
        let _padding = part.u32()?;
        let file = part.text()?;
        self.spaces.build_id(file, id);
        Ok(())
    }
}
