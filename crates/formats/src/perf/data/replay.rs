//! The records in order of time: what they map, name and sample.

use std::collections::HashMap;

use emberglass_profile::{Batch, InputError, StackId, StackTable};
use foldhash::fast::FixedState;

use super::attrs::{Attrs, bit};
use super::queue::{Chains, Next, Queue, Stored, is_kernel};
use super::record::Part;
use super::records::{hex, kind};
use super::spaces::{KERNEL, Spaces};
use crate::Meter;
use crate::perf::events::{Events, Sample, Task};
use crate::raw_stacks::check_size;

const MISC_COMM_EXEC: u16 = 1 << 13;
const MISC_BUILD_ID: u16 = 1 << 14;
const CODE_IS_GONE: u16 = 1;

struct Replay<'q> {
    attrs: &'q Attrs,
    chains: &'q Chains,
    /// The call chains of `chains`.
    raw: StackTable,
    spaces: Spaces,
    events: Events,
    /// Stacks by chain, and versions of the process's and the kernel's addresses.
    stacks: HashMap<(StackId, u32, u32), StackId, FixedState>,
    path: Vec<emberglass_profile::FrameId>,
}

/// Adds up all samples.
pub(super) fn replay(
    attrs: &Attrs,
    mut queue: Queue,
    spaces: Spaces,
    meter: &mut Meter<'_>,
) -> Result<Batch, InputError> {
    queue.sort();
    let raw = std::mem::take(&mut queue.chains.stacks).finish();
    let mut replay = Replay {
        attrs,
        chains: &queue.chains,
        raw,
        spaces,
        events: Events::default(),
        stacks: HashMap::default(),
        path: Vec::new(),
    };
    // A record counts as so many bytes of work.
    const WORK: u64 = 64;
    meter.last_stage(WORK * queue.len() as u64);
    for at in 0..queue.len() {
        meter.reach(WORK * at as u64)?;
        match queue.get(at) {
            Some(Next::Sample(time, sample)) => replay.sample(time, sample)?,
            Some(Next::Other(kind, misc, body, offset)) => replay.other(kind, misc, body, offset)?,
            None => {}
        }
    }
    Ok(replay.events.finish())
}

impl Replay<'_> {
    fn sample(&mut self, time: u64, sample: Stored) -> Result<(), InputError> {
        let Some(attr) = self.attrs.list.get(sample.event as usize) else { return Ok(()) };
        let stack = self.stack(sample)?;
        let comm = self.spaces.comm(sample.thread);
        let has_ids = attr.sample_type & bit::TID != 0;
        let task = Task {
            comm: "",
            process_id: has_ids.then(|| i64::from(sample.process.cast_signed())),
            thread_id: has_ids.then(|| i64::from(sample.thread.cast_signed())),
            cpu: sample.cpu(),
        };
        let time = attr.time_at().and_then(|_| i64::try_from(time).ok());
        let sample = Sample { event: &attr.name, task, time, period: sample.period() };
        self.events.add_stack(sample, comm, stack)
    }

    fn stack(&mut self, sample: Stored) -> Result<StackId, InputError> {
        let Self { chains, raw, spaces, events, stacks, path, .. } = self;
        let key = (sample.chain, spaces.version(sample.process), spaces.version(KERNEL));
        if let Some(&stack) = stacks.get(&key) {
            return Ok(stack);
        }
        path.clear();
        path.extend(raw.leaf_to_root(sample.chain));
        let mut stack = StackId::ROOT;
        for &frame in path.iter().rev() {
            let (address, is_kernel) = chains.address(frame);
            let process = if is_kernel { KERNEL } else { sample.process };
            stack = events.stacks.child(stack, spaces.frame(&mut events.symbols, process, address));
        }
        check_size(&events.stacks, None)?;
        stacks.insert(key, stack);
        Ok(stack)
    }

    fn other(&mut self, kind: u32, misc: u16, body: &[u8], offset: u64) -> Result<(), InputError> {
        let mut part = Part::new(body, offset + 8);
        let symbols = &mut self.events.symbols;
        match kind {
            kind::MMAP | kind::MMAP2 => {
                let (process, _thread) = (part.u32()?, part.u32()?);
                let place = (part.u64()?, part.u64()?, part.u64()?);
                let mut build_id = String::new();
                if kind == kind::MMAP2 {
                    let identity = part.take(24)?;
                    let _flags = part.u64()?;
                    if let (true, [len, _, _, _, id @ ..]) = (misc & MISC_BUILD_ID != 0, identity) {
                        build_id = hex(&id[..usize::from(*len).min(id.len())]);
                    }
                }
                let file = part.text()?;
                let process = if is_kernel(misc) { KERNEL } else { process };
                self.spaces.map(symbols, process, place, &file, build_id)?;
            }
            kind::COMM => {
                let (process, thread) = (part.u32()?, part.u32()?);
                let comm = symbols.strings.intern(&part.text()?);
                self.spaces.name(thread, comm);
                if misc & MISC_COMM_EXEC != 0 {
                    self.spaces.exec(process);
                }
            }
            kind::FORK => {
                let processes = (part.u32()?, part.u32()?);
                self.spaces.fork(processes, (part.u32()?, part.u32()?));
            }
            kind::KSYMBOL => {
                let (start, len) = (part.u64()?, part.u32()?);
                let (_type, flags) = (part.u16()?, part.u16()?);
                let name = symbols.strings.intern(&part.text()?);
                let name = (flags & CODE_IS_GONE == 0).then_some(name);
                self.spaces.code(start, u64::from(len), name)?;
            }
            _ => {}
        }
        Ok(())
    }
}
