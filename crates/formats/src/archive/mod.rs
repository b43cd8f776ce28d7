//! Archives of many files: zip ([APPNOTE](https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT)) and tar
//! ([POSIX ustar and pax](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html),
//! [GNU](https://www.gnu.org/software/tar/manual/html_node/Standard.html)), the latter compressed as a whole or not.
//!
//! Semantics: members are regular files; folders, links and devices are passed over. A zip archive is read by its
//! central directory, in the order of the data; a tar archive from front to back, once.
//!
//! Invariants: a member gives exactly as many bytes as its entry says, and no byte of a zip archive belongs to two
//! members; what is refused is refused before it is inflated.

mod directory;
mod fields;
mod names;
mod part;
mod tar;
mod zip;

use emberglass_profile::InputError;

use crate::Input;
use crate::source::Source;
use tar::Tar;
use zip::Zip;

/// One file of an archive.
pub(crate) struct Entry {
    /// Path within the archive, with `/` between its steps.
    pub(crate) name: String,
    /// Size as unpacked.
    pub(crate) len: u64,
    /// Last modification in seconds since the epoch, if the archive tells.
    pub(crate) modified: Option<i64>,
    /// Where its data lies in the archive's bytes, as packed.
    pub(crate) start: u64,
    pub(crate) packed_len: u64,
    method: Method,
    /// Why it can't be read.
    pub(crate) problem: Option<InputError>,
}

/// How the data of an entry is packed.
enum Method {
    /// As it is, in a tar archive: without a checksum.
    Tar,
    /// Method and checksum of a zip archive.
    Zip { method: u16, crc: u32 },
}

/// An archive at some place in its reading.
pub(crate) enum Archive<'a> {
    Zip(Zip<'a>),
    Tar(Tar<'a>),
}

/// What an archive is, by its first inflated bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Zip,
    Tar,
}

impl Kind {
    pub(crate) fn of(prefix: &[u8]) -> Option<Self> {
        if zip::starts_archive(prefix) {
            return Some(Self::Zip);
        }
        tar::starts_archive(prefix).then_some(Self::Tar)
    }

    /// With its article.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Zip => "a zip archive",
            Self::Tar => "a tar archive",
        }
    }
}

impl<'a> Archive<'a> {
    /// # Errors
    /// What is wrong with the archive as a whole.
    pub(crate) fn open(kind: Kind, input: Input<'a>) -> Result<Self, InputError> {
        Ok(match kind {
            Kind::Zip => Self::Zip(Zip::open(input)?),
            Kind::Tar => Self::Tar(Tar::new(input)),
        })
    }

    /// The next file.
    ///
    /// # Errors
    /// What makes it impossible to go on.
    pub(crate) fn next_entry(&mut self) -> Result<Option<Entry>, InputError> {
        match self {
            Self::Zip(zip) => Ok(zip.next_entry()),
            Self::Tar(tar) => tar.next_entry(),
        }
    }

    /// The bytes of an entry, unpacked.
    ///
    /// # Errors
    /// What is wrong with the entry.
    pub(crate) fn unpack(&mut self, entry: &Entry) -> Result<Box<dyn Source + '_>, InputError> {
        match self {
            Self::Zip(zip) => zip.unpack(entry),
            Self::Tar(tar) => tar.unpack(entry),
        }
    }

    /// Size of the file that the archive is.
    pub(crate) const fn file_len(&self) -> u64 {
        match self {
            Self::Zip(zip) => zip.file_len(),
            Self::Tar(tar) => tar.file_len(),
        }
    }

    /// Where in that file the entry begins and ends, roughly.
    pub(crate) fn span(&self, entry: &Entry) -> (u64, u64) {
        match self {
            Self::Zip(_) => (entry.start, entry.start + entry.packed_len),
            Self::Tar(tar) => tar.span(entry),
        }
    }
}
