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
//! | warnings | varint | |
//! | texts | 5 varints | string rows of name, format, default sample type, drop frames, keep frames |
//! | comments | varint count, string rows | |
//! | metadata | varint count, string rows of name and value | |

use emberglass_columns::{ByteReader, put_i64, put_u64};
use emberglass_profile::ContentHash;

use super::columns::{expect_end, put_len};
use super::dictionary::{Collector, Dictionary};
use crate::{Fault, Source, TimeSource};

pub(crate) fn write(sources: &[&Source]) -> Vec<u8> {
    let mut collector = Collector::default();
    for source in sources {
        let texts =
            [&source.name, &source.format, &source.default_sample_type, &source.drop_frames, &source.keep_frames];
        texts.into_iter().chain(&source.comments).for_each(|text| collector.add(text));
        for (name, value) in &source.metadata {
            collector.add(name);
            collector.add(value);
        }
    }
    let mut out = Vec::new();
    let dictionary = collector.write(&mut out);
    put_len(&mut out, sources.len());
    for source in sources {
        let Source {
            content_hash,
            name,
            format,
            bytes,
            time_source,
            imported,
            default_sample_type,
            comments,
            metadata,
            drop_frames,
            keep_frames,
            warnings,
        } = source;
        out.extend_from_slice(&content_hash.0.to_le_bytes());
        put_u64(&mut out, *bytes);
        out.push(time_source.code());
        put_i64(&mut out, *imported);
        put_u64(&mut out, *warnings);
        for text in [name, format, default_sample_type, drop_frames, keep_frames] {
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

pub(crate) fn read(bytes: &[u8]) -> Result<Vec<Source>, Fault> {
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
            warnings: reader.varint()?,
            name: text(reader)?,
            format: text(reader)?,
            default_sample_type: text(reader)?,
            drop_frames: text(reader)?,
            keep_frames: text(reader)?,
            ..Source::default()
        };
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
