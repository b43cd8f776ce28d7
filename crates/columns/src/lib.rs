//! Building blocks for columns: varints, stream-vbyte, a bounds-checked byte reader, a columnar interner, packed
//! columns, checksums.
//!
//! Invariants: no function here panics on input bytes; a reader never reads past its slice and every
//! [`ReadError`] carries the offset at which reading stopped.

mod checksum;
mod first_rows;
mod interner;
mod packed;
mod reader;
mod sort;
mod steps;
pub mod svb;
mod varint;

pub use checksum::{Checksum, checksum, framed_checksum};
pub use first_rows::FirstRows;
pub use interner::Interner;
pub use packed::{IntoIter as PackedIntoIter, PackedInts};
pub use reader::{ByteReader, ReadError, ReadErrorKind};
pub use sort::{heap_sort, heap_sort_by, sort_rows, sorted_rows};
pub use steps::{CountingSort, RowSort};
pub use varint::{MAX_VARINT_LEN, put_i64, put_u64, unzigzag, zigzag};
