//! Address spaces and names of processes, as they are while the records are read in order of time.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use emberglass_profile::{ErrorCode, Frame, FrameId, Function, InputError, Mapping, MappingId, StringId, Symbols};
use foldhash::fast::FixedState;

type Map<K, V> = HashMap<K, V, FixedState>;

/// Process id of the kernel's mappings.
pub(super) const KERNEL: u32 = u32::MAX;
/// Most mappings of all processes; a fork shares its parent's until one of the two maps a file.
const MAX_RANGES: usize = 16 << 20;

#[derive(Clone, Copy)]
struct Range {
    end: u64,
    /// What is added to an address to have the one in the file.
    shift: u64,
    mapping: MappingId,
}

/// Code of the kernel with a name.
#[derive(Clone, Copy)]
struct Code {
    end: u64,
    name: StringId,
}

/// Ranges by start address.
#[derive(Default)]
struct Space {
    ranges: Rc<BTreeMap<u64, Range>>,
    /// Changes with every mapping, so that frames known before are looked up again.
    version: u32,
}

/// All processes.
#[derive(Default)]
pub(super) struct Spaces {
    spaces: Map<u32, Space>,
    comms: Map<u32, StringId>,
    mappings: Map<Mapping, MappingId>,
    frames: Map<(u32, u64), FrameId>,
    build_ids: Map<String, String>,
    /// What the recording itself names: code that the kernel made, BPF programs for instance.
    code: BTreeMap<u64, Code>,
    versions: u32,
    count: usize,
}

impl Spaces {
    pub(super) fn build_id(&mut self, file: String, id: String) {
        self.build_ids.entry(file).or_insert(id);
    }

    pub(super) fn name(&mut self, thread: u32, comm: StringId) {
        self.comms.insert(thread, comm);
    }

    pub(super) fn comm(&self, thread: u32) -> StringId {
        self.comms.get(&thread).copied().unwrap_or_default()
    }

    /// A mapping of `len` bytes at `start`, from `offset` of the file on.
    pub(super) fn map(
        &mut self,
        symbols: &mut Symbols,
        process: u32,
        (start, len, offset): (u64, u64, u64),
        file: &str,
        build_id: String,
    ) -> Result<(), InputError> {
        let build_id =
            if build_id.is_empty() { self.build_ids.get(file).cloned().unwrap_or_default() } else { build_id };
        let end = start.saturating_add(len);
        let row = Mapping {
            start,
            limit: end,
            offset,
            file: symbols.strings.intern(file),
            build_id: symbols.strings.intern(&build_id),
        };
        let mapping = *self.mappings.entry(row).or_insert_with(|| symbols.mappings.push(row));
        // The kernel and its modules have addresses of their own, whatever the file.
        let shift = if process == KERNEL { 0 } else { offset.wrapping_sub(start) };
        self.versions = self.versions.wrapping_add(1);
        let space = self.spaces.entry(process).or_default();
        space.version = self.versions;
        let before = space.own();
        space.insert(start, Range { end, shift, mapping });
        self.count = (self.count + space.ranges.len()).saturating_sub(before);
        self.check()
    }

    /// Code of the kernel that came (`Some` name) or went; so many bytes at `start`.
    pub(super) fn code(&mut self, start: u64, len: u64, name: Option<StringId>) -> Result<(), InputError> {
        match name {
            Some(name) => self.code.insert(start, Code { end: start.saturating_add(len), name }),
            None => self.code.remove(&start),
        };
        self.versions = self.versions.wrapping_add(1);
        self.spaces.entry(KERNEL).or_default().version = self.versions;
        if self.code.len() > MAX_RANGES {
            return Err(InputError::new(ErrorCode::TooLarge, "the recording names too much code of the kernel"));
        }
        Ok(())
    }

    /// Changes whenever frames of the process may be others than before.
    pub(super) fn version(&self, process: u32) -> u32 {
        self.spaces.get(&process).map_or(0, |space| space.version)
    }

    /// A fork: the child has what its parent has.
    pub(super) fn fork(&mut self, (child, parent): (u32, u32), (thread, parent_thread): (u32, u32)) {
        if let Some(&comm) = self.comms.get(&parent_thread) {
            self.comms.insert(thread, comm);
        }
        if child == parent {
            return;
        }
        let Some(Space { ranges, version }) = self.spaces.get(&parent) else { return };
        let space = Space { ranges: Rc::clone(ranges), version: *version };
        if let Some(old) = self.spaces.insert(child, space) {
            self.count = self.count.saturating_sub(old.own());
        }
    }

    /// A new program: nothing of the old one is mapped.
    pub(super) fn exec(&mut self, process: u32) {
        if let Some(old) = self.spaces.remove(&process) {
            self.count = self.count.saturating_sub(old.own());
        }
    }

    fn check(&self) -> Result<(), InputError> {
        if self.count > MAX_RANGES {
            return Err(InputError::new(ErrorCode::TooLarge, "the processes of the recording map too many files"));
        }
        Ok(())
    }

    /// The frame at an address.
    #[inline]
    pub(super) fn frame(&mut self, symbols: &mut Symbols, process: u32, address: u64) -> FrameId {
        let version = self.version(process);
        if let Some(&frame) = self.frames.get(&(version, address)) {
            return frame;
        }
        let range = self.spaces.get(&process).and_then(|space| space.find(address));
        let (shift, mapping) = range.map_or((0, MappingId::NONE), |range| (range.shift, range.mapping));
        let function = match self.code_at(process, address) {
            Some(name) => Function { name, ..Function::default() },
            None => {
                let name = symbols.strings.intern(&format!("0x{:x}", address.wrapping_add(shift)));
                // Equal addresses of different files are different functions.
                let file = symbols.mappings.get(mapping).map_or(StringId::EMPTY, |mapping| mapping.file);
                Function { name, system_name: system_name(symbols, name, file), ..Function::default() }
            }
        };
        let function = symbols.functions.intern(function);
        let frame = symbols.frames.intern(Frame { function, mapping, ..Frame::default() });
        self.frames.insert((version, address), frame);
        frame
    }
}

impl Spaces {
    fn code_at(&self, process: u32, address: u64) -> Option<StringId> {
        if process != KERNEL {
            return None;
        }
        let (_, code) = self.code.range(..=address).next_back()?;
        (address < code.end).then_some(code.name)
    }
}

/// What tells an address of one binary from the same of another: `0x12` in `/bin/x` is `x+0x12`.
fn system_name(symbols: &mut Symbols, address: StringId, file: StringId) -> StringId {
    let binary = emberglass_profile::base_name(symbols.text(file));
    if binary.is_empty() {
        return StringId::EMPTY;
    }
    let text = format!("{binary}+{}", symbols.text(address));
    symbols.strings.intern(&text)
}

impl Space {
    /// Ranges that are of this space alone.
    fn own(&self) -> usize {
        if Rc::strong_count(&self.ranges) == 1 { self.ranges.len() } else { 0 }
    }

    /// Adds a range; what it covers of older ones is cut away.
    fn insert(&mut self, start: u64, range: Range) {
        if range.end <= start {
            return;
        }
        let covered: Vec<(u64, Range)> = {
            let first = self.ranges.range(..=start).next_back().map_or(start, |(&first, _)| first);
            self.ranges
                .range(first..range.end)
                .filter(|(_, old)| old.end > start)
                .map(|(&at, &old)| (at, old))
                .collect()
        };
        let ranges = Rc::make_mut(&mut self.ranges);
        for (at, old) in covered {
            ranges.remove(&at);
            if at < start {
                ranges.insert(at, Range { end: start, ..old });
            }
            if old.end > range.end {
                ranges.insert(range.end, old);
            }
        }
        ranges.insert(start, range);
    }

    fn find(&self, address: u64) -> Option<Range> {
        let (_, range) = self.ranges.range(..=address).next_back()?;
        (address < range.end).then_some(*range)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forks_share_what_their_parent_maps() {
        let (mut spaces, mut symbols) = (Spaces::default(), Symbols::default());
        let map = |spaces: &mut Spaces, symbols: &mut Symbols, process, at: u64| {
            spaces.map(symbols, process, (at * 100, 100, 0), &format!("lib{at}.so"), String::new()).unwrap();
        };
        for at in 0..1000 {
            map(&mut spaces, &mut symbols, 1, at);
        }
        for child in 2..100_000 {
            spaces.fork((child, 1), (child, 1));
        }
        assert_eq!(spaces.spaces.len(), 99_999);
        let file = |spaces: &Spaces, process: u32, address| {
            spaces.spaces.get(&process).and_then(|space| space.find(address)).map(|range| range.mapping)
        };
        assert_eq!(file(&spaces, 99_999, 150), file(&spaces, 1, 150));
        map(&mut spaces, &mut symbols, 2, 1_000_000);
        assert!(file(&spaces, 2, 100_000_050).is_some() && file(&spaces, 2, 150) == file(&spaces, 1, 150));
        assert_eq!(file(&spaces, 1, 100_000_050), None);
        spaces.exec(2);
        assert_eq!((file(&spaces, 2, 150), spaces.version(2)), (None, 0));
        assert!(file(&spaces, 3, 150).is_some() && spaces.count <= 2001, "{}", spaces.count);
    }

    proptest! {
        #[test]
        fn the_latest_mapping_of_an_address_counts(maps in proptest::collection::vec((0u64..40, 0u64..20), 0..20)) {
            let mut space = Space::default();
            let mut naive = [None; 64];
            for (row, &(start, len)) in maps.iter().enumerate() {
                space.insert(start, Range { end: start + len, shift: 0, mapping: MappingId(row as u32) });
                naive[start as usize..(start + len) as usize].fill(Some(row as u32));
            }
            for (address, wanted) in naive.iter().enumerate() {
                prop_assert_eq!(space.find(address as u64).map(|range| range.mapping.0), *wanted);
            }
        }
    }
}
