//! JsonSlabs: a processed profile as JSON whose columns are binary slabs beside it (`.jslb`).
//!
//! Specification: <https://github.com/mstange/json-slabs/blob/main/FORMAT.md>. The file is read through a [`Layer`] that
//! writes the JSON out, piece by piece, with its slabs as arrays of numbers; numbers keep nine decimal places, which is
//! more than a nanosecond of milliseconds, and what is no number becomes `null`.

mod numbers;

use emberglass_profile::{ErrorCode, InputError};

use crate::feed::Feed;
use crate::layer::{Expand, Layer};
use crate::source::Source;
use crate::{Input, Meter, NoProgress};
use numbers::{Number, Numbers};

/// What a file starts with.
pub(super) const MAGIC: &[u8] = b"\xdc\xdfJSLB\x01\0";
const VERSION: u32 = 1;
const TABLE_AT: u64 = 20;
const ENTRY_LEN: u64 = 12;
/// Most JSON slabs inside each other.
const MAX_DEPTH: usize = 64;
/// The key of the objects that slabs stand for.
const KEY: &[u8] = b"\"$s\"";
/// Most bytes of an object that a slab stands for.
const LONGEST_REFERENCE: usize = 256;
/// Bytes of the outermost JSON, and of that inside of it, that are read at a time: the outermost is read in between
/// all others.
const OUTERMOST_TEXT: u64 = 32 << 20;
const INNER_TEXT: u64 = 1 << 20;
/// Times that a compressed file too large to hold is inflated again from its start.
const MOST_RETURNS: u32 = 64;

#[derive(Clone, Copy)]
struct Slab {
    /// `None` for JSON.
    number: Option<Number>,
    start: u64,
    len: u64,
}

/// A JSON slab that is being written.
struct Open {
    row: usize,
    /// Bytes of the slab that were read.
    read: u64,
    /// Those of them that are not written, from `at` on.
    text: Vec<u8>,
    at: usize,
    is_in_string: bool,
}

impl Open {
    const fn new(row: usize) -> Self {
        Self { row, read: 0, text: Vec::new(), at: 0, is_in_string: false }
    }
}

/// Writes the JSON of a file with all its slabs.
struct Slabs {
    slabs: Vec<Slab>,
    root: usize,
    /// The JSON slabs that are being written, each inside of the one before.
    open: Vec<Open>,
    numbers: Option<Numbers>,
    written: u64,
    /// Most bytes written: slabs may be named more than once.
    limit: u64,
}

fn malformed(offset: u64, message: impl Into<String>) -> InputError {
    InputError::at(ErrorCode::Malformed, offset, message)
}

/// The JSON text of a file as a file of its own, of at most [`Input::whole_limit`] bytes.
///
/// # Errors
/// `unsupported-version`, `truncated`, `malformed`; as [`Input::next_chunk`]. Reading gives `bad-reference` for a slab that
/// does not exist, and `too-large`.
pub(super) fn text_of<'s, 'a>(input: &'s mut Input<'a>, meter: &mut Meter<'_>) -> Result<Input<'s>, InputError> {
    let limit = input.whole_limit();
    if !input.hold(meter)? {
        // Its size is not known before.
        let _hash = input.content_hash(meter)?;
    }
    let len = input.inflated_len().unwrap_or(0);
    let slabs = Slabs::read(input, len, limit, meter)?;
    meter.last_stage(len);
    Ok(Input::packed(Returning { input, len, end: 0, returns: 0 }, Layer::Expanded(Box::new(slabs))))
}

/// A file that may be compressed, and is read in order for the most part.
struct Returning<'s, 'a> {
    input: &'s mut Input<'a>,
    len: u64,
    /// Where the last reading ended.
    end: u64,
    returns: u32,
}

impl Source for Returning<'_, '_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, InputError> {
        self.returns += u32::from(offset < self.end && !self.input.is_seekable());
        if self.returns > MOST_RETURNS {
            let message = "the parts of the compressed file lie in no order: unpack it first";
            return Err(InputError::new(ErrorCode::TooLarge, message));
        }
        let count = self.input.read_at(offset, into, &mut Meter::new(&mut NoProgress, 0))?;
        self.end = offset + count as u64;
        Ok(count)
    }
}

impl Expand for Slabs {
    fn name(&self) -> &'static str {
        "JsonSlabs"
    }

    fn rewind(&mut self) {
        (self.open, self.numbers, self.written) = (vec![Open::new(self.root)], None, 0);
    }

    fn step(&mut self, feed: &mut Feed<'_>, out: &mut Vec<u8>, full: usize) -> Result<bool, InputError> {
        let before = out.len();
        match &mut self.numbers {
            Some(numbers) => {
                if numbers.step(feed, out, full)? {
                    self.numbers = None;
                }
            }
            None => self.text(feed, out, full)?,
        }
        self.written += (out.len() - before) as u64;
        if self.written > self.limit {
            let message = format!("the slabs are more than {} MiB of JSON", self.limit >> 20);
            return Err(InputError::new(ErrorCode::TooLarge, message));
        }
        Ok(self.open.is_empty())
    }
}

impl Slabs {
    /// The table of a file of `len` bytes.
    fn read(input: &mut Input<'_>, len: u64, limit: u64, meter: &mut Meter<'_>) -> Result<Self, InputError> {
        let mut words = |position: u64| {
            let mut bytes = [0; ENTRY_LEN as usize];
            if input.read_at(position, &mut bytes, meter)? < bytes.len() {
                let message = "the file ends in the middle of its table";
                return Err(InputError::at(ErrorCode::Truncated, position, message));
            }
            let (words, _) = bytes.as_chunks::<4>();
            Ok([words[0], words[1], words[2]].map(u32::from_le_bytes))
        };
        let [version, count, root] = words(MAGIC.len() as u64)?;
        if version != VERSION {
            let message = format!("version {version} of JsonSlabs is not read, only {VERSION}");
            return Err(InputError::at(ErrorCode::UnsupportedVersion, MAGIC.len() as u64, message));
        }
        if u64::from(count) > len / ENTRY_LEN {
            let message = format!("the file is too short for the {count} slabs that it announces");
            return Err(InputError::at(ErrorCode::Truncated, len, message));
        }
        let mut slabs = Vec::with_capacity(count as usize);
        for row in 0..u64::from(count) {
            let at = TABLE_AT + row * ENTRY_LEN;
            let [kind, start, slab_len] = words(at)?;
            let number = Number::ALL.get(kind as usize).copied();
            if number.is_none() && kind as usize != Number::ALL.len() {
                return Err(malformed(at, format!("slab {row} has type {kind}, which does not exist")));
            }
            let (start, slab_len) = (u64::from(start), u64::from(slab_len));
            if start + slab_len > len {
                let message = format!("slab {row} lies beyond the end of the file");
                return Err(InputError::at(ErrorCode::Truncated, at, message));
            }
            slabs.push(Slab { number, start, len: slab_len });
        }
        let root = root as usize;
        if !matches!(slabs.get(root), Some(Slab { number: None, .. })) {
            return Err(malformed(MAGIC.len() as u64, "the outermost slab is no JSON"));
        }
        Ok(Self { slabs, root, open: vec![Open::new(root)], numbers: None, written: 0, limit })
    }

    /// Goes on with the innermost JSON, up to the next slab.
    fn text(&mut self, feed: &mut Feed<'_>, out: &mut Vec<u8>, full: usize) -> Result<(), InputError> {
        let most = if self.open.len() == 1 { OUTERMOST_TEXT } else { INNER_TEXT };
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        let Slab { start, len, .. } = self.slabs[open.row];
        if open.text.len() - open.at < LONGEST_REFERENCE && open.read < len {
            open.text.drain(..open.at);
            open.at = 0;
            let (held, more) = (open.text.len(), most.min(len - open.read));
            open.text.resize(held + more as usize, 0);
            feed.read_exact_at(start + open.read, &mut open.text[held..])?;
            open.read += more;
        }
        if open.at == open.text.len() {
            self.open.pop();
            return Ok(());
        }
        let text = &open.text[open.at..];
        let is_whole = open.read == len;
        let (used, reference) = next_reference(text, is_whole, full.saturating_sub(out.len()), &mut open.is_in_string);
        out.extend_from_slice(&text[..used]);
        open.at += used;
        if let Some(reference) = reference {
            open.at += reference.len;
            self.enter(reference.slab, out)?;
        }
        Ok(())
    }

    fn enter(&mut self, wanted: usize, out: &mut Vec<u8>) -> Result<(), InputError> {
        let Some(&slab) = self.slabs.get(wanted) else {
            let message = format!("the JSON names slab {wanted} of {}", self.slabs.len());
            return Err(InputError::new(ErrorCode::BadReference, message));
        };
        match slab.number {
            Some(number) => self.numbers = Some(Numbers::begin(slab, number, out)),
            None if self.open.len() >= MAX_DEPTH || self.open.iter().any(|open| open.row == wanted) => {
                return Err(InputError::new(ErrorCode::Malformed, format!("slab {wanted} is inside of itself")));
            }
            None => self.open.push(Open::new(wanted)),
        }
        Ok(())
    }
}

struct Reference {
    slab: usize,
    /// Bytes of the object that stands for it.
    len: usize,
}

/// The bytes of `text`, at most `most`, before the next object that stands for a slab, and that object. Text that is
/// not whole is read to where more of it is needed.
fn next_reference(text: &[u8], is_whole: bool, most: usize, is_in_string: &mut bool) -> (usize, Option<Reference>) {
    let stop = text.len().min(most);
    let mut at = 0;
    while at < stop {
        let other = if *is_in_string { b'\\' } else { b'{' };
        match memchr::memchr2(b'"', other, &text[at..stop]) {
            Some(found) => at += found,
            None => return (stop, None),
        }
        match text[at] {
            b'"' => {
                *is_in_string = !*is_in_string;
                at += 1;
            }
            b'\\' if at + 1 == text.len() && !is_whole => break,
            b'\\' => at = text.len().min(at + 2),
            _ if text.len() - at < LONGEST_REFERENCE && !is_whole => break,
            _ => match reference(&text[at..text.len().min(at + LONGEST_REFERENCE)]) {
                Some(reference) => return (at, Some(reference)),
                None => at += 1,
            },
        }
    }
    (at, None)
}

/// The object `{"$s": 12}` at the start of `text`.
fn reference(text: &[u8]) -> Option<Reference> {
    let space = |mut at: usize| {
        while text.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        at
    };
    let key = space(1);
    let colon = space(text.get(key..)?.starts_with(KEY).then_some(key + KEY.len())?);
    let start = space((text.get(colon) == Some(&b':')).then_some(colon + 1)?);
    let digits = text.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let slab = std::str::from_utf8(&text[start..start + digits]).ok()?.parse().ok()?;
    let end = space(start + digits);
    (text.get(end) == Some(&b'}')).then_some(Reference { slab, len: end + 1 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The whole text, read in steps of two sizes.
    fn expand(file: &[u8]) -> Result<Vec<u8>, InputError> {
        let read = |slice| {
            let mut input = Input::new(file);
            let mut progress = NoProgress;
            let mut meter = Meter::new(&mut progress, 0);
            let len = file.len() as u64;
            let slabs = Slabs::read(&mut input, len, 1 << 20, &mut meter)?;
            let mut feed = Feed::new(Box::new(Returning { input: &mut input, len, end: 0, returns: 0 }));
            let (mut layer, mut out) = (Layer::Expanded(Box::new(slabs)), Vec::new());
            while !layer.inflate_into(&mut feed, &mut out, slice)? {}
            Ok(out)
        };
        let text = read(1 << 16);
        assert_eq!(text, read(3));
        text
    }

    /// A container of these slabs, the last of which is the outermost.
    fn container(slabs: &[(u32, &[u8])]) -> Vec<u8> {
        let mut file = MAGIC.to_vec();
        let mut start = TABLE_AT as u32 + slabs.len() as u32 * ENTRY_LEN as u32;
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
        expand(&container(slabs)).map(|text| String::from_utf8(text).unwrap())
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
        assert_eq!(expand(&file).unwrap_err().code, ErrorCode::UnsupportedVersion);
        let mut file = container(&[(10, b"{}")]);
        file[12..16].fill(255);
        assert_eq!(expand(&file).unwrap_err().code, ErrorCode::Truncated);
        // Each slab names the one before it twice.
        let bomb: Vec<(u32, &[u8])> = std::iter::once((1u32, &[0u8; 64][..]))
            .chain((0..40).map(|row| (10u32, format!("[{{\"$s\":{row}}},{{\"$s\":{row}}}]").leak().as_bytes())))
            .collect();
        assert_eq!(code(&bomb), ErrorCode::TooLarge);
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_much(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut file = MAGIC.to_vec();
            file.extend([1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0]);
            file.extend(bytes);
            let _outcome = expand(&file);
        }
    }
}
