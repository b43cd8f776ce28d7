//! Stacks of frames as stacks of locations: a function with what the compiler inlined into it is one location.

use emberglass_profile::{Batch, Frame, FrameId, Function, FunctionId, StackId, Warnings};
use emberglass_trie::ChildIndex;

use super::message::{Message, Strings};
use super::scan::field;
use crate::written::Numbers;

/// Locations by stack.
pub(super) struct Locations<'a> {
    batch: &'a Batch,
    /// A location is a path of frames, outermost first.
    groups: ChildIndex,
    /// A stack is a path of locations, outermost first.
    stacks: ChildIndex,
    /// Stack of locations of each stack of frames.
    stack_of: Vec<u32>,
    /// Location numbers, in the order of their first use.
    numbers: Numbers,
    path: Vec<u64>,
}

impl<'a> Locations<'a> {
    /// Puts the frames of all stacks together. A frame that is inlined into none, or into one of another binary, is
    /// a location of its own: `inlined-flags` counts these.
    pub(super) fn new(batch: &'a Batch, warnings: &mut Warnings) -> Self {
        let (mut groups, mut stacks) = (ChildIndex::default(), ChildIndex::default());
        let rows = batch.stacks.len();
        // By stack: the location that it ends in, the stack of locations around that, and all of it.
        let (mut group_of, mut outer_of, mut stack_of) =
            (Vec::<u32>::with_capacity(rows), Vec::<u32>::with_capacity(rows), Vec::<u32>::with_capacity(rows));
        let mut alone = 0;
        let frame_of = |stack: StackId| batch.symbols.frames.get(batch.stacks.frame(stack));
        for row in 0..rows as u32 {
            let stack = StackId(row);
            if stack == StackId::ROOT {
                group_of.push(0);
                outer_of.push(0);
                stack_of.push(0);
                continue;
            }
            let parent = batch.stacks.parent(stack);
            let frame = frame_of(stack).unwrap_or_default();
            let caller = if parent == StackId::ROOT { None } else { frame_of(parent) };
            let is_inside = frame.inlined && caller.is_some_and(|caller| caller.mapping == frame.mapping);
            alone += u64::from(frame.inlined && !is_inside);
            let key = batch.stacks.frame(stack).0;
            let at = parent.index();
            let (group, outer) = if is_inside {
                (groups.child(group_of[at], key).0, outer_of[at])
            } else {
                (groups.child(0, key).0, stack_of[at])
            };
            group_of.push(group);
            outer_of.push(outer);
            stack_of.push(stacks.child(outer, group).0);
        }
        warnings.add_many("inlined-flags", alone, None, || {
            "frames are marked as inlined, but nothing around them is of the same binary: the mark is left out"
                .to_owned()
        });
        Self { batch, groups, stacks, stack_of, numbers: Numbers::default(), path: Vec::new() }
    }

    /// The stack of locations of a stack.
    pub(super) fn stack(&self, stack: StackId) -> StackId {
        StackId(self.stack_of.get(stack.index()).copied().unwrap_or(0))
    }

    /// Numbers of the locations of a stack of locations, leaf first.
    pub(super) fn numbers(&mut self, stack: StackId) -> &[u64] {
        self.path.clear();
        let mut at = stack.0;
        while at != 0 {
            let row = at as usize;
            // Ids start at 1.
            self.path.push(u64::from(self.numbers.of(self.stacks.keys()[row])) + 1);
            at = self.stacks.parents()[row];
        }
        &self.path
    }

    /// Writes mappings, locations and functions: the locations that were numbered and what they name, and all
    /// mappings of the source.
    pub(super) fn write(&self, strings: &mut Strings, out: &mut Message) {
        let mut facts = vec![Facts::default(); self.batch.symbols.mappings.len()];
        let mut functions = Numbers::default();
        let mut locations = Message::default();
        for (at, &group) in self.numbers.rows().iter().enumerate() {
            let location = self.location(at as u64 + 1, group, &mut functions, &mut facts);
            locations.bytes(field::LOCATION, &location.0);
        }
        self.write_mappings(&facts, strings, out);
        out.0.append(&mut locations.0);
        let symbols = &self.batch.symbols;
        for (at, &row) in functions.rows().iter().enumerate() {
            let Function { name, system_name, file, start_line } =
                symbols.functions.get(FunctionId(row)).unwrap_or_default();
            let mut message = Message::default();
            message.number(1, at as u64 + 1);
            message.number(2, strings.index(symbols.text(name)));
            message.number(3, strings.index(symbols.text(system_name)));
            message.number(4, strings.index(symbols.text(file)));
            message.number(5, u64::from(start_line));
            out.bytes(field::FUNCTION, &message.0);
        }
    }

    fn write_mappings(&self, facts: &[Facts], strings: &mut Strings, out: &mut Message) {
        let symbols = &self.batch.symbols;
        for (row, mapping) in symbols.mappings.iter().enumerate().skip(1) {
            let facts = facts.get(row).copied().unwrap_or_default();
            let mut message = Message::default();
            message.number(1, row as u64);
            message.number(2, mapping.start);
            message.number(3, mapping.limit);
            message.number(4, mapping.offset);
            message.number(5, strings.index(symbols.text(mapping.file)));
            message.number(6, strings.index(symbols.text(mapping.build_id)));
            message.flag(7, facts.functions && !facts.addresses);
            message.flag(8, facts.files && !facts.addresses);
            message.flag(9, facts.lines && !facts.addresses);
            message.flag(10, facts.inlined && !facts.addresses);
            out.bytes(field::MAPPING, &message.0);
        }
    }

    fn location(&self, number: u64, group: u32, functions: &mut Numbers, facts: &mut [Facts]) -> Message {
        let mut message = Message::default();
        message.number(1, number);
        let symbols = &self.batch.symbols;
        let frame_of = |group: u32| symbols.frames.get(FrameId(self.groups.keys()[group as usize])).unwrap_or_default();
        let innermost = frame_of(group);
        message.number(2, u64::from(innermost.mapping.0));
        let is_single = self.groups.parents()[group as usize] == 0;
        let facts = facts.get_mut(innermost.mapping.index());
        if let Some(address) = self.address(&innermost).filter(|_| is_single) {
            message.number(3, address);
            facts.into_iter().for_each(|facts| facts.addresses = true);
            return message;
        }
        let mut seen = Facts { inlined: !is_single, ..Facts::default() };
        let mut at = group;
        while at != 0 {
            let frame = frame_of(at);
            let mut line = Message::default();
            line.number(1, u64::from(functions.of(frame.function.0)) + 1);
            line.number(2, u64::from(frame.line));
            line.number(3, u64::from(frame.column));
            message.bytes(4, &line.0);
            seen.functions = true;
            seen.lines |= frame.line > 0;
            seen.files |= symbols.functions.get(frame.function).is_some_and(|function| function.file.0 > 0);
            at = self.groups.parents()[at as usize];
        }
        facts.into_iter().for_each(|facts| facts.add(seen));
        message
    }

    /// The address that a frame without symbols stands for, 0 for one that has not even that.
    fn address(&self, frame: &Frame) -> Option<u64> {
        let symbols = &self.batch.symbols;
        let Function { name, system_name, file, start_line } = symbols.functions.get(frame.function)?;
        let is_bare = system_name.0 == 0 && file.0 == 0 && start_line == 0 && frame.line == 0 && frame.column == 0;
        let name = symbols.text(name);
        if !is_bare || name.is_empty() {
            return is_bare.then_some(0);
        }
        let address = u64::from_str_radix(name.strip_prefix("0x")?, 16).ok()?;
        // Only what is read back as the same name.
        (address != 0 && format!("{address:#x}") == name).then_some(address)
    }
}

/// What is known of the code of a mapping.
#[derive(Clone, Copy, Default)]
struct Facts {
    functions: bool,
    files: bool,
    lines: bool,
    inlined: bool,
    /// Some of it has no symbols.
    addresses: bool,
}

impl Facts {
    fn add(&mut self, other: Self) {
        self.functions |= other.functions;
        self.files |= other.files;
        self.lines |= other.lines;
        self.inlined |= other.inlined;
    }
}
