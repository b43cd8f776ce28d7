//! The sources section.
//!
//! | field | type | invariant |
//! |---|---|---|
//! | strings | dictionary | row 0 is the empty string |
//! | sources `n` | varint | |
//! | source x n: content hash | 16 bytes | little-endian |
//! | bytes | varint | size of the file |
//! | time source | 1 byte | 0 file, 1 modification time, 2 import |
//! | imported | zig-zag varint | ns since the epoch |
//! | warnings | varint count, then warnings; in version 1 only counted | |
//! | warning | 4 varints | string rows of code and message, 0 or offset + 1, how often |
//! | default entry | varint | 0 or entry + 1; not in version 1 |
//! | texts | 6 varints | string rows of name, format, default sample type, drop frames, keep frames, service name; the last not in version 1 |
//! | comments | varint count, string rows | |
//! | metadata | varint count, string rows of name and value | |

use emberglass_columns::{ByteReader, put_i64, put_u64};
use emberglass_profile::{ContentHash, Warning};

use super::columns::{expect_end, put_len};
use super::dictionary::{Collector, Dictionary};
use crate::{Fault, Source, TimeSource};

pub(crate) fn write(sources: &[&Source]) -> Vec<u8> {
    let mut collector = Collector::default();
    for source in sources {
        texts(source).into_iter().chain(&source.comments).for_each(|text| collector.add(text));
        for warning in &source.warnings {
            collector.add(&warning.code);
            collector.add(&warning.message);
        }
        for (name, value) in &source.metadata {
            collector.add(name);
            collector.add(value);
        }
    }
    let mut out = Vec::new();
    let dictionary = collector.write(&mut out);
    put_len(&mut out, sources.len());
    for source in sources {
        let Source { content_hash, bytes, time_source, imported, warnings, default_entry, comments, metadata, .. } =
            source;
        out.extend_from_slice(&content_hash.0.to_le_bytes());
        put_u64(&mut out, *bytes);
        out.push(time_source.code());
        put_i64(&mut out, *imported);
        put_len(&mut out, warnings.len());
        for Warning { code, message, offset, count } in warnings {
            dictionary.put(&mut out, code);
            dictionary.put(&mut out, message);
            put_u64(&mut out, offset.map_or(0, |offset| offset.saturating_add(1)));
            put_u64(&mut out, *count);
        }
        put_u64(&mut out, default_entry.map_or(0, |entry| u64::from(entry) + 1));
        for text in texts(source) {
            dictionary.put(&mut out, text);
        }
        put_len(&mut out, comments.len());
        for comment in comments {
            dictionary.put(&mut out, comment);
        }
        put_len(&mut out, metadata.len());
        for (name, value) in metadata {
            dictionary.put(&mut out, name);
            dictionary.put(&mut out, value);
        }
    }
    out
}

const fn texts(source: &Source) -> [&String; 6] {
    let Source { name, format, default_sample_type, drop_frames, keep_frames, service_name, .. } = source;
    [name, format, default_sample_type, drop_frames, keep_frames, service_name]
}

/// Version 1 counted warnings and forgot them.
fn counted(count: u64) -> Vec<Warning> {
    let (code, message) = ("not-kept".to_owned(), "warnings of which only the number was stored".to_owned());
    if count == 0 { Vec::new() } else { vec![Warning { code, message, offset: None, count }] }
}

/// Reads what a format of `version` wrote.
pub(crate) fn read(bytes: &[u8], version: u8) -> Result<Vec<Source>, Fault> {
    let reader = &mut ByteReader::new(bytes);
    let dictionary = Dictionary::read(reader)?;
    let text = |reader: &mut ByteReader<'_>| dictionary.take(reader).map(str::to_owned);
    let mut all = Vec::new();
    for _ in 0..reader.count()? {
        let mut hash = [0; 16];
        hash.copy_from_slice(reader.take(16)?);
        let mut source = Source {
            content_hash: ContentHash(u128::from_le_bytes(hash)),
            bytes: reader.varint()?,
            time_source: TimeSource::from_code(reader.u8()?).ok_or(Fault::Invariant("an unknown time source"))?,
            imported: reader.zigzag()?,
            ..Source::default()
        };
        if version == 1 {
            source.warnings = counted(reader.varint()?);
        } else {
            for _ in 0..reader.count()? {
                let (code, message) = (text(reader)?, text(reader)?);
                let offset = reader.varint()?.checked_sub(1);
                source.warnings.push(Warning { code, message, offset, count: reader.varint()? });
            }
            let entry = reader.varint()?.checked_sub(1).map(u32::try_from).transpose();
            source.default_entry = entry.ok().ok_or(Fault::Invariant("an entry beyond 32 bits"))?;
        }
        source.name = text(reader)?;
        source.format = text(reader)?;
        source.default_sample_type = text(reader)?;
        source.drop_frames = text(reader)?;
        source.keep_frames = text(reader)?;
        if version > 1 {
            source.service_name = text(reader)?;
        }
        for _ in 0..reader.count()? {
            source.comments.push(text(reader)?);
        }
        for _ in 0..reader.count()? {
            source.metadata.push((text(reader)?, text(reader)?));
        }
        all.push(source);
    }
    expect_end(reader)?;
    Ok(all)
}
