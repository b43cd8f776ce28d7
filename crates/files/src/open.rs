//! One file of any kind: what it holds, member by member.

use std::collections::VecDeque;

use emberglass_formats::{Member, Members, Progress, Source};
use emberglass_profile::{ContentHash, ErrorCode, InputError};
use emberglass_store::{PACK_MAGIC, PackError, PackItem, PackReader, packed_files};

/// Bytes of a pack that are read at a time.
const WINDOW: usize = 1 << 20;

/// A file, an archive, or a pack, whose members are the inputs that its profiles come from.
pub enum OpenedFile<'a> {
    /// What decoders read.
    Plain(Box<Members<'a>>),
    /// A file of the store.
    Pack(Box<OpenedPack<'a>>),
}

impl<'a> OpenedFile<'a> {
    /// Nothing is read but the first bytes.
    #[must_use]
    pub fn new(mut source: impl Source + 'a, file_name: &str) -> Self {
        let mut magic = [0; PACK_MAGIC.len()];
        match source.read_at(0, &mut magic) {
            Ok(len) if len == magic.len() && &magic == PACK_MAGIC => {
                Self::Pack(Box::new(OpenedPack::new(Box::new(source), file_name)))
            }
            _ => Self::Plain(Box::new(Members::new(source, file_name))),
        }
    }

    /// Decodes the next member; `None` behind the last.
    pub fn next(&mut self, progress: &mut dyn Progress) -> Option<Member> {
        match self {
            Self::Plain(members) => members.next(progress),
            Self::Pack(pack) => pack.next(progress),
        }
    }
}

/// A pack that is read block by block.
pub struct OpenedPack<'a> {
    source: Box<dyn Source + 'a>,
    name: String,
    offset: u64,
    reader: PackReader,
    found: VecDeque<Member>,
    /// Content of the inputs so far, and how often each came.
    seen: Vec<ContentHash>,
    is_done: bool,
}

fn input_error(error: &PackError) -> InputError {
    let (code, offset) = match error {
        PackError::NewerVersion { .. } => (ErrorCode::UnsupportedVersion, None),
        PackError::Truncated { offset, .. } => (ErrorCode::Truncated, Some(*offset)),
        PackError::Damaged { offset, .. } => (ErrorCode::Malformed, Some(*offset)),
        _ => (ErrorCode::Malformed, None),
    };
    InputError { offset, ..InputError::new(code, error.to_string()) }
}

impl<'a> OpenedPack<'a> {
    fn new(source: Box<dyn Source + 'a>, name: &str) -> Self {
        Self {
            source,
            name: name.to_owned(),
            offset: 0,
            reader: PackReader::default(),
            found: VecDeque::new(),
            seen: Vec::new(),
            is_done: false,
        }
    }

    fn next(&mut self, progress: &mut dyn Progress) -> Option<Member> {
        while self.found.is_empty() && !self.is_done {
            if progress.report(self.offset, self.source.len()).is_break() {
                return self.end(InputError::new(ErrorCode::Cancelled, "given up"));
            }
            match self.reader.next_item() {
                Ok(None) => {
                    if let Err(error) = self.read() {
                        return self.end(error);
                    }
                }
                Ok(Some(PackItem::Block(block))) => match packed_files(&block) {
                    Ok(files) => {
                        for file in files {
                            let mut batch = file.batch;
                            // An input may lie in several blocks: its parts are not the same, and all count.
                            let content = batch.content_hash;
                            let before = self.seen.iter().filter(|of| **of == content).count() as u128;
                            self.seen.push(content);
                            batch.content_hash = ContentHash(content.0.wrapping_add(before));
                            self.push(format!("{}/{}", self.name, file.name), file.bytes, Ok(batch));
                        }
                    }
                    Err(error) => self.refuse(InputError::new(ErrorCode::Malformed, error.to_string())),
                },
                Ok(Some(PackItem::Damaged { offset, profiles })) => {
                    let message = format!("a block of {profiles} profiles is damaged and was left out");
                    self.refuse(InputError::at(ErrorCode::Malformed, offset, message));
                }
                Ok(Some(_end)) => {}
                Err(error) => return self.end(input_error(&error)),
            }
        }
        self.found.pop_front()
    }

    fn push(&mut self, name: String, bytes: u64, result: Result<emberglass_profile::Batch, InputError>) {
        self.found.push_back(Member { name, bytes, modified: None, is_archived: true, result });
    }

    /// A fault after which the rest is read.
    fn refuse(&mut self, error: InputError) {
        let (name, bytes) = (self.name.clone(), self.source.len());
        self.found.push_back(Member { name, bytes, modified: None, is_archived: false, result: Err(error) });
    }

    /// A fault that ends it.
    fn end(&mut self, error: InputError) -> Option<Member> {
        self.is_done = true;
        self.refuse(error);
        self.found.pop_front()
    }

    /// Hands the next bytes to the reader; at the end asks it whether it is one.
    fn read(&mut self) -> Result<(), InputError> {
        let mut window = vec![0; WINDOW];
        let count = self.source.read_at(self.offset, &mut window)?;
        self.offset += count as u64;
        self.reader.push(window.get(..count).unwrap_or_default());
        if count == 0 {
            self.is_done = true;
            self.reader.finish().map_err(|error| input_error(&error))?;
        }
        Ok(())
    }
}
