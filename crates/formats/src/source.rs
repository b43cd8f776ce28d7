//! Where the bytes of a file come from: a host's file, or memory.
//!
//! Sans-IO: the host implements [`Source`] over whatever it can read synchronously (`FileReaderSync` in a
//! browser's worker, a descriptor in Node); nothing here knows files.

use emberglass_profile::{ErrorCode, InputError};

/// Random access to the bytes of one file. Its size does not change.
pub trait Source {
    /// Size in bytes.
    fn len(&self) -> u64;

    /// True for a file without bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads bytes from `offset` on into the start of `into`; gives how many. Fewer than asked for, but at
    /// least one, before the end; 0 at the end and behind it.
    ///
    /// # Errors
    /// `unreadable-file` where the host can't read; sources that unpack also give what is wrong with the packing.
    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, InputError>;
}

impl<S: Source + ?Sized> Source for &mut S {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, InputError> {
        (**self).read_at(offset, into)
    }
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, InputError> {
        (**self).read_at(offset, into)
    }
}

/// A file that is in memory.
#[derive(Clone, Copy, Debug)]
pub struct SliceSource<'a>(pub &'a [u8]);

impl Source for SliceSource<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, InputError> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.0.get(offset..)).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// A file whose bytes are its own.
#[derive(Debug)]
pub(crate) struct VecSource(pub(crate) Vec<u8>);

impl Source for VecSource {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> Result<usize, InputError> {
        SliceSource(&self.0).read_at(offset, into)
    }
}

/// Fills `into` with the bytes from `offset` on, which lie before the end of the source.
///
/// # Errors
/// Those of the source; `unreadable-file` where it ends before the size that it gave.
pub(crate) fn read_exact_at(source: &mut dyn Source, offset: u64, into: &mut [u8]) -> Result<(), InputError> {
    let mut filled = 0;
    while filled < into.len() {
        let at = offset + filled as u64;
        match source.read_at(at, &mut into[filled..])? {
            0 => {
                let message = format!("the file ends at byte {at}, before its size: it changed while it was read");
                return Err(InputError::at(ErrorCode::Unreadable, at, message));
            }
            count => filled += count.min(into.len() - filled),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_gives_what_lies_there_and_nothing_behind_its_end() {
        let mut source = SliceSource(b"abcdef");
        let mut into = [0; 4];
        assert_eq!(source.read_at(4, &mut into), Ok(2));
        assert_eq!(&into[..2], b"ef");
        for behind in [6, 7, u64::MAX] {
            assert_eq!(source.read_at(behind, &mut into), Ok(0));
        }
        read_exact_at(&mut source, 2, &mut into).unwrap();
        assert_eq!(&into, b"cdef");
        assert_eq!(read_exact_at(&mut source, 3, &mut into).unwrap_err().code, ErrorCode::Unreadable);
    }
}
