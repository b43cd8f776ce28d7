//! JsonSlabs: a processed profile as JSON whose columns are binary slabs beside it (`.jslb`).
//!
//! Specification: <https://github.com/mstange/json-slabs/blob/main/FORMAT.md>. The JSON is written out with its slabs as
//! arrays of numbers, and then read as any other; numbers keep nine decimal places, which is more than a
//! nanosecond of milliseconds, and what is no number becomes `null`.

use std::io::Write as _;

use emberglass_columns::ByteReader;
use emberglass_profile::{ErrorCode, InputError};

/// What a file starts with.
pub(super) const MAGIC: &[u8] = b"\xdc\xdfJSLB\x01\0";
const VERSION: u32 = 1;
const TABLE_AT: usize = 20;
const ENTRY_LEN: usize = 12;
/// Most JSON slabs inside each other.
const MAX_DEPTH: usize = 64;
/// The key of the objects that slabs stand for.
const KEY: &[u8] = b"\"$s\"";
/// Decimal places of fractions.
const PLACES: usize = 9;

#[derive(Clone, Copy)]
enum Kind {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
    I64,
    U64,
    Json,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::I8,
        Self::U8,
        Self::I16,
        Self::U16,
        Self::I32,
        Self::U32,
        Self::F32,
        Self::F64,
        Self::I64,
        Self::U64,
        Self::Json,
    ];
}

#[derive(Clone, Copy)]
struct Slab<'a> {
    kind: Kind,
    bytes: &'a [u8],
}

fn malformed(offset: usize, message: impl Into<String>) -> InputError {
    InputError::at(ErrorCode::Malformed, offset as u64, message)
}

/// The slabs of a file, and which of them is the outermost JSON.
fn slabs(file: &[u8]) -> Result<(Vec<Slab<'_>>, usize), InputError> {
    let mut reader = ByteReader::new(file.get(MAGIC.len()..).unwrap_or(&[]));
    let mut word = || {
        let bytes = reader.take(4).map_err(|error| InputError::read(MAGIC.len(), error))?;
        Ok::<u32, InputError>(bytes.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte)))
    };
    let version = word()?;
    if version != VERSION {
        let message = format!("version {version} of JsonSlabs is not read, only {VERSION}");
        return Err(InputError::at(ErrorCode::UnsupportedVersion, MAGIC.len() as u64, message));
    }
    let (count, root) = (word()? as usize, word()? as usize);
    if count > file.len() / ENTRY_LEN {
        let message = format!("the file is too short for the {count} slabs that it announces");
        return Err(InputError::at(ErrorCode::Truncated, file.len() as u64, message));
    }
    let mut slabs = Vec::with_capacity(count);
    for row in 0..count {
        let at = TABLE_AT + row * ENTRY_LEN;
        let (kind, start, len) = (word()? as usize, word()? as usize, word()? as usize);
        let Some(&kind) = Kind::ALL.get(kind) else {
            return Err(malformed(at, format!("slab {row} has type {kind}, which does not exist")));
        };
        let Some(bytes) = start.checked_add(len).and_then(|end| file.get(start..end)) else {
            let message = format!("slab {row} lies beyond the end of the file");
            return Err(InputError::at(ErrorCode::Truncated, at as u64, message));
        };
        slabs.push(Slab { kind, bytes });
    }
    match slabs.get(root) {
        Some(Slab { kind: Kind::Json, .. }) => Ok((slabs, root)),
        _ => Err(malformed(MAGIC.len(), "the outermost slab is no JSON")),
    }
}

/// The JSON text of a file with all its slabs written out, of at most `limit` bytes.
///
/// # Errors
/// `unsupported-version`, `truncated`, `malformed`, `bad-reference` for a slab that does not exist, `too-large`.
pub(super) fn expand(file: &[u8], limit: u64) -> Result<Vec<u8>, InputError> {
    let (slabs, root) = slabs(file)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut out = Vec::with_capacity(file.len().min(limit));
    // Rows of the JSON slabs that are being written, and where in them.
    let mut open = vec![(root, 0)];
    while let Some(&mut (row, ref mut at)) = open.last_mut() {
        let text = slabs[row].bytes;
        let Some((before, reference)) = next_reference(text, *at) else {
            out.extend_from_slice(&text[*at..]);
            open.pop();
            continue;
        };
        out.extend_from_slice(&text[*at..before]);
        *at = reference.end;
        let wanted = reference.slab;
        let Some(&slab) = slabs.get(wanted) else {
            let message = format!("the JSON names slab {wanted} of {}", slabs.len());
            return Err(InputError::new(ErrorCode::BadReference, message));
        };
        match slab.kind {
            Kind::Json if open.len() >= MAX_DEPTH || open.iter().any(|&(row, _)| row == wanted) => {
                return Err(InputError::new(ErrorCode::Malformed, format!("slab {wanted} is inside of itself")));
            }
            Kind::Json => open.push((wanted, 0)),
            _ => write_numbers(slab, limit, &mut out)?,
        }
        check_size(&out, limit)?;
    }
    check_size(&out, limit)?;
    Ok(out)
}

fn check_size(out: &[u8], limit: usize) -> Result<(), InputError> {
    if out.len() <= limit {
        return Ok(());
    }
    let message = format!("the slabs are more than {} MiB of JSON", limit >> 20);
    Err(InputError::new(ErrorCode::TooLarge, message))
}

struct Reference {
    slab: usize,
    end: usize,
}

/// The next object that stands for a slab, from `at` on, and where it begins.
fn next_reference(text: &[u8], mut at: usize) -> Option<(usize, Reference)> {
    loop {
        at += memchr::memchr2(b'"', b'{', text.get(at..)?)?;
        if text[at] == b'{' {
            if let Some(reference) = reference_at(text, at) {
                return Some((at, reference));
            }
            at += 1;
            continue;
        }
        // A string: passed over, with its escapes.
        at += 1;
        loop {
            at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
            let is_end = text[at] == b'"';
            at += if is_end { 1 } else { 2 };
            if is_end {
                break;
            }
        }
    }
}

/// The object `{"$s": 12}` that begins at `at`.
fn reference_at(text: &[u8], at: usize) -> Option<Reference> {
    let space = |mut at: usize| {
        while text.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        at
    };
    let key = space(at + 1);
    let colon = space(text.get(key..)?.starts_with(KEY).then_some(key + KEY.len())?);
    let start = space((text.get(colon) == Some(&b':')).then_some(colon + 1)?);
    let digits = text[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let slab = std::str::from_utf8(&text[start..start + digits]).ok()?.parse().ok()?;
    let end = space(start + digits);
    (text.get(end) == Some(&b'}')).then_some(Reference { slab, end: end + 1 })
}

fn write_numbers(slab: Slab<'_>, limit: usize, out: &mut Vec<u8>) -> Result<(), InputError> {
    let Slab { kind, bytes } = slab;
    out.push(b'[');
    match kind {
        Kind::I8 => integers(bytes, |[byte]| i128::from(byte.cast_signed()), limit, out)?,
        Kind::U8 | Kind::Json => integers(bytes, |[byte]| i128::from(byte), limit, out)?,
        Kind::I16 => integers(bytes, |bytes| i128::from(i16::from_le_bytes(bytes)), limit, out)?,
        Kind::U16 => integers(bytes, |bytes| i128::from(u16::from_le_bytes(bytes)), limit, out)?,
        Kind::I32 => integers(bytes, |bytes| i128::from(i32::from_le_bytes(bytes)), limit, out)?,
        Kind::U32 => integers(bytes, |bytes| i128::from(u32::from_le_bytes(bytes)), limit, out)?,
        Kind::I64 => integers(bytes, |bytes| i128::from(i64::from_le_bytes(bytes)), limit, out)?,
        Kind::U64 => integers(bytes, |bytes| i128::from(u64::from_le_bytes(bytes)), limit, out)?,
        Kind::F32 => fractions(bytes, |bytes| f64::from(f32::from_le_bytes(bytes)), limit, out)?,
        Kind::F64 => fractions(bytes, f64::from_le_bytes, limit, out)?,
    }
    out.push(b']');
    Ok(())
}

fn integers<const N: usize>(
    bytes: &[u8],
    read: impl Fn([u8; N]) -> i128,
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), InputError> {
    for (row, &number) in bytes.as_chunks::<N>().0.iter().enumerate() {
        separate(row, limit, out)?;
        write_integer(read(number), out);
    }
    Ok(())
}

fn fractions<const N: usize>(
    bytes: &[u8],
    read: impl Fn([u8; N]) -> f64,
    limit: usize,
    out: &mut Vec<u8>,
) -> Result<(), InputError> {
    for (row, &number) in bytes.as_chunks::<N>().0.iter().enumerate() {
        separate(row, limit, out)?;
        match scaled(read(number)) {
            Some(number) => write_scaled(number, out),
            None => out.extend_from_slice(b"null"),
        }
    }
    Ok(())
}

fn separate(row: usize, limit: usize, out: &mut Vec<u8>) -> Result<(), InputError> {
    if row > 0 {
        out.push(b',');
    }
    check_size(out, limit)
}

fn write_integer(number: i128, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _written = write!(out, "{number}");
}

/// A number times 10^[`PLACES`], rounded; `None` for what is none, or beyond 64 bits as an integer.
fn scaled(number: f64) -> Option<i128> {
    const MANTISSA_BITS: u32 = 52;
    if !number.is_finite() || number.abs() >= 9.2e18 {
        return None;
    }
    let bits = number.to_bits();
    let exponent = (bits >> MANTISSA_BITS & 0x7ff) as i32;
    let fraction = i128::from(bits & ((1 << MANTISSA_BITS) - 1));
    // Numbers without the implicit bit are too small to matter.
    let mantissa = if exponent == 0 { 0 } else { fraction | 1 << MANTISSA_BITS };
    let shift = exponent - 1023 - MANTISSA_BITS as i32;
    let product = mantissa * 10i128.pow(PLACES as u32);
    let magnitude = if shift >= 0 {
        product << shift
    } else if shift > -120 {
        (product + (1i128 << (-shift - 1))) >> -shift
    } else {
        0
    };
    Some(if number < 0.0 { -magnitude } else { magnitude })
}

fn write_scaled(number: i128, out: &mut Vec<u8>) {
    let power = 10i128.pow(PLACES as u32);
    let (whole, rest) = ((number / power).abs(), (number % power).abs());
    if number < 0 {
        out.push(b'-');
    }
    write_integer(whole, out);
    if rest != 0 {
        let start = out.len();
        // Writing to memory does not fail.
        let _written = write!(out, ".{rest:0width$}", width = PLACES);
        let zeros = out[start..].iter().rev().take_while(|&&byte| byte == b'0').count();
        out.truncate(out.len() - zeros);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A container of these slabs, the last of which is the outermost.
    fn container(slabs: &[(u32, &[u8])]) -> Vec<u8> {
        let mut file = MAGIC.to_vec();
        let mut start = (TABLE_AT + slabs.len() * ENTRY_LEN) as u32;
        for word in [1, slabs.len() as u32, slabs.len() as u32 - 1] {
            file.extend(word.to_le_bytes());
        }
        for (kind, bytes) in slabs {
            for word in [*kind, start, bytes.len() as u32] {
                file.extend(word.to_le_bytes());
            }
            start += bytes.len() as u32;
        }
        file.extend(slabs.iter().flat_map(|(_, bytes)| bytes.iter()));
        file
    }

    fn text(slabs: &[(u32, &[u8])]) -> Result<String, InputError> {
        expand(&container(slabs), 1 << 20).map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn slabs_are_written_where_they_are_named() {
        let numbers: Vec<u8> = [-1i32, 70_000].iter().flat_map(|number| number.to_le_bytes()).collect();
        let times: Vec<u8> = [0.1f64, -2.0, f64::NAN].iter().flat_map(|number| number.to_le_bytes()).collect();
        let slabs: &[(u32, &[u8])] = &[
            (4, &numbers),
            (7, &times),
            (10, br#"{"in":{"$s":1}}"#),
            (10, br#"{"a":{ "$s" : 0 },"b":{"$s":2},"c":"{\"$s\":0}","d":{"$s":0,"e":1},"f":{"$s":"x"}}"#),
        ];
        assert_eq!(
            text(slabs).unwrap(),
            r#"{"a":[-1,70000],"b":{"in":[0.1,-2,null]},"c":"{\"$s\":0}","d":{"$s":0,"e":1},"f":{"$s":"x"}}"#
        );
        assert_eq!(text(&[(1, &[7, 255]), (10, br#"{"$s":0}"#)]).unwrap(), "[7,255]");
        assert_eq!(text(&[(0, &[7, 255]), (10, br#"{"$s":0}"#)]).unwrap(), "[7,-1]");
    }

    #[test]
    fn what_lies_is_refused() {
        let code = |slabs: &[(u32, &[u8])]| text(slabs).unwrap_err().code;
        assert_eq!(code(&[(10, br#"{"$s":0}"#)]), ErrorCode::Malformed, "itself");
        assert_eq!(code(&[(10, br#"{"$s":9}"#)]), ErrorCode::BadReference);
        assert_eq!(code(&[(11, b"")]), ErrorCode::Malformed);
        assert_eq!(code(&[(4, b"")]), ErrorCode::Malformed, "no JSON");
        let mut file = container(&[(10, b"{}")]);
        file[8] = 2;
        assert_eq!(expand(&file, 99).unwrap_err().code, ErrorCode::UnsupportedVersion);
        let mut file = container(&[(10, b"{}")]);
        file[12..16].fill(255);
        assert_eq!(expand(&file, 99).unwrap_err().code, ErrorCode::Truncated);
        // Each slab names the one before it twice.
        let bomb: Vec<(u32, &[u8])> = std::iter::once((1u32, &[0u8; 64][..]))
            .chain((0..40).map(|row| (10u32, format!("[{{\"$s\":{row}}},{{\"$s\":{row}}}]").leak().as_bytes())))
            .collect();
        assert_eq!(code(&bomb), ErrorCode::TooLarge);
    }

    proptest! {
        #[test]
        fn fractions_are_what_they_print(digits in -1_000_000_000_000i64..1_000_000_000_000, places in 0u32..9) {
            let number = digits as f64 / 10f64.powi(places as i32);
            let mut out = Vec::new();
            write_scaled(scaled(number).unwrap(), &mut out);
            let printed: f64 = std::str::from_utf8(&out).unwrap().parse().unwrap();
            prop_assert!((printed - number).abs() <= 1e-9_f64.max(number.abs() * 1e-15), "{} {}", printed, number);
            // The sixteenth digit of a double is noise.
            if places <= 3 && digits.abs() < 1_000_000 {
                prop_assert_eq!(printed, number);
            }
        }

        #[test]
        fn no_bytes_are_too_much(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut file = MAGIC.to_vec();
            file.extend([1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0]);
            file.extend(bytes);
            let _outcome = expand(&file, 1 << 16);
        }
    }
}
