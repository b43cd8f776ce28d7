//! A batch as bytes: how a decode worker hands it to the engine's worker.
//!
//! Both sides are the same build, so that the version is only a guard; nothing here is ever stored.

mod pieces;
mod put;
mod read;

use emberglass_columns::{ByteReader, ReadError};

pub use self::pieces::WirePieces;
use self::put::Out;
use self::read::read_batch;
use crate::{Batch, ErrorCode, InputError};

const VERSION: u8 = 2;

/// The most that [`Batch::from_wire`] takes: what comes of it while it is stored is about six times as long, and a
/// worker has 4 GiB.
pub const MOST_WIRE_BYTES: usize = 512 << 20;

impl Batch {
    /// The batch as bytes.
    #[must_use]
    pub fn to_wire(&self) -> Vec<u8> {
        let mut wire = Vec::new();
        self.write_wire(&mut |piece| wire.extend_from_slice(piece));
        wire
    }

    /// Hands the batch as bytes to `piece`, as [`Self::wire_pieces`] gives them.
    pub fn write_wire(&self, piece: &mut dyn FnMut(&[u8])) {
        let mut pieces = self.wire_pieces();
        while let Some(bytes) = pieces.next_piece() {
            piece(bytes);
        }
    }

    /// The batch as bytes, to be taken piece by piece.
    #[must_use]
    pub fn wire_pieces(&self) -> WirePieces<'_> {
        let mut out = Out::new(VERSION);
        self.put(&mut out);
        out.end()
    }

    /// Whether a batch of `len` bytes can be taken, before they are copied.
    ///
    /// # Errors
    /// `too-large` beyond [`MOST_WIRE_BYTES`].
    pub fn check_wire(len: usize) -> Result<(), InputError> {
        if len <= MOST_WIRE_BYTES {
            return Ok(());
        }
        let message = format!(
            "the decoded profiles take {len} bytes, and {MOST_WIRE_BYTES} can be stored at a time; \
             the command line reads and converts files of this size"
        );
        Err(InputError::new(ErrorCode::TooLarge, message))
    }

    /// Reads what [`Self::to_wire`] wrote.
    ///
    /// # Errors
    /// `malformed` or `truncated` for anything else, `unsupported-version` for another build's bytes, `too-large` as
    /// [`Self::check_wire`].
    pub fn from_wire(bytes: &[u8]) -> Result<Self, InputError> {
        Self::check_wire(bytes.len())?;
        let mut reader = ByteReader::new(bytes);
        let version = reader.u8().map_err(at)?;
        if version != VERSION {
            return Err(InputError::at(ErrorCode::UnsupportedVersion, 0, format!("batch of version {version}")));
        }
        let batch = read_batch(&mut reader).map_err(at)?;
        if !reader.is_empty() {
            let offset = reader.position() as u64;
            return Err(InputError::at(ErrorCode::Malformed, offset, "bytes after the end of the batch"));
        }
        Ok(batch)
    }
}

fn at(error: ReadError) -> InputError {
    InputError::read(0, error)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::pieces::PIECE;
    use super::*;
    use crate::{
        Attribute, AttributeSetId, AttributeValue, ContentHash, Frame, Function, FunctionCosts, FunctionId, Mapping,
        ProfileEntry, SampleTableBuilder, StackId,
    };

    fn sample() -> Batch {
        let mut batch = Batch {
            format: "pprof".to_owned(),
            content_hash: ContentHash(u128::MAX - 7),
            comments: vec!["one".to_owned(), String::new()],
            metadata: vec![("agent".to_owned(), "g\u{f6}".to_owned())],
            drop_frames: "runtime.*".to_owned(),
            ..Batch::default()
        };
        let name = batch.symbols.strings.intern("main.main");
        let function = batch.symbols.functions.intern(Function { name, start_line: 3, ..Function::default() });
        let mapping = batch.symbols.mappings.push(Mapping { start: u64::MAX, file: name, ..Mapping::default() });
        let frame =
            batch.symbols.frames.intern(Frame { function, line: 9, mapping, inlined: true, ..Frame::default() });
        let stack = batch.stacks.push(StackId::ROOT, frame).unwrap();
        let deeper = batch.stacks.push(stack, frame).unwrap();
        let attribute = Attribute { key: name, value: AttributeValue::Number(-4, name) };
        let set = batch.attributes.intern(&mut [attribute]);
        let mut rows = SampleTableBuilder::new(&[0, 3]);
        rows.add_at(i64::MAX, deeper, set, &[i64::MIN, 5]).unwrap();
        rows.add(StackId::ROOT, AttributeSetId::EMPTY, &[i64::MAX, 0]).unwrap();
        batch.tables.push(rows.finish());
        batch.function_tables.push(FunctionCosts {
            table: 0,
            function: vec![function],
            own: vec![vec![-3], vec![4]],
            total: vec![vec![i64::MIN], vec![i64::MAX]],
        });
        batch.profiles.push(ProfileEntry {
            profile_type: "a:b:count::".parse().unwrap(),
            start: Some(-1),
            labels: vec![("thread".to_owned(), "7".to_owned())],
            ..ProfileEntry::default()
        });
        batch.warnings.add("odd", Some(0), || "odd".to_owned());
        batch
    }

    #[test]
    fn a_batch_survives_the_crossing() {
        let bytes = sample().to_wire();
        let again = Batch::from_wire(&bytes).unwrap();
        assert_eq!(again.to_wire(), bytes);
        assert_eq!(again.profiles, sample().profiles);
        assert_eq!(again.tables[0].columns, sample().tables[0].columns);
        assert_eq!(again.tables[0].timeline, sample().tables[0].timeline);
        assert_eq!(again.function_tables, sample().function_tables);
        assert_eq!(again.warnings, sample().warnings);
        assert_eq!(again.symbols.function_name(FunctionId(0)), "main.main");
    }

    #[test]
    fn a_large_batch_goes_out_piece_by_piece() {
        let mut batch = sample();
        let mut rows = SampleTableBuilder::new(&[0]);
        for row in 0..400_000 {
            rows.add_at(row, StackId((row % 3) as u32), AttributeSetId::EMPTY, &[row << 20]).unwrap();
        }
        batch.tables.push(rows.finish());
        let mut pieces = Vec::new();
        batch.write_wire(&mut |piece| pieces.push(piece.to_vec()));
        assert!(pieces.len() > 2 && pieces.iter().all(|piece| piece.len() < PIECE + 64), "{}", pieces.len());
        assert_eq!(pieces.concat(), batch.to_wire());
        let (mut taken, mut at) = (batch.wire_pieces(), 0);
        while let Some(piece) = taken.next_piece() {
            assert_eq!(piece, pieces[at]);
            at += 1;
        }
        assert_eq!((at, taken.next_piece()), (pieces.len(), None));
        let again = Batch::from_wire(&pieces.concat()).unwrap();
        assert_eq!(again.tables[1].timeline, batch.tables[1].timeline);
        assert_eq!(Batch::check_wire(MOST_WIRE_BYTES + 1).unwrap_err().code, ErrorCode::TooLarge);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(at in 0usize..400, byte: u8, cut in 0usize..400) {
            let mut bytes = sample().to_wire();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _changed = Batch::from_wire(&bytes);
            bytes.truncate(cut % bytes.len());
            prop_assert!(Batch::from_wire(&bytes).is_err());
        }
    }
}
