//! An expression as a table of states and bytes.
//!
//! Parts become states that read one byte or none (Thompson, <https://doi.org/10.1145/363347.363387>), sets of which become the
//! states of the table (<https://doi.org/10.1147/rd.32.0114>). The expression may begin at every byte, so that a set holds its
//! first states always; the first set that holds the last state answers, whatever follows.

use std::collections::BTreeMap;

use super::syntax::{Class, Node, Others};

/// Most states that read a byte or none.
const MAX_STEPS: usize = 1_000;
/// Most states of a table.
const MAX_STATES: usize = 1_000;

/// One state before sets are made of them.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A byte of a set, by its number.
    Byte(u16, u32),
    Both(u32, u32),
    Begin(u32),
    End(u32),
    Found,
}

type ByteSet = [u128; 2];

fn holds(set: &ByteSet, byte: u8) -> bool {
    set[usize::from(byte >> 7)] >> (byte & 127) & 1 == 1
}

/// The bytes `first..=last` of the upper half.
fn upper(first: u8, last: u8) -> ByteSet {
    [0, (first..=last).fold(0, |set, byte| set | 1 << (byte & 127))]
}

#[derive(Default)]
struct Steps {
    steps: Vec<Step>,
    sets: Vec<ByteSet>,
}

impl Steps {
    fn push(&mut self, step: Step) -> Option<u32> {
        self.steps.push(step);
        (self.steps.len() <= MAX_STEPS).then_some(self.steps.len() as u32 - 1)
    }

    fn byte(&mut self, set: ByteSet, then: u32) -> Option<u32> {
        let known = self.sets.iter().position(|known| *known == set);
        let number = known.unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len() - 1
        });
        self.push(Step::Byte(number as u16, then))
    }

    /// The step with which a part begins that goes on with `then`.
    fn add(&mut self, node: &Node, then: u32) -> Option<u32> {
        match node {
            Node::Class(class) => self.class(*class, then),
            Node::Begin => self.push(Step::Begin(then)),
            Node::End => self.push(Step::End(then)),
            Node::Sequence(parts) => parts.iter().rev().try_fold(then, |then, part| self.add(part, then)),
            Node::Alternatives(parts) => {
                let (last, others) = parts.split_last()?;
                let last = self.add(last, then)?;
                others.iter().rev().try_fold(last, |other, part| {
                    let part = self.add(part, then)?;
                    self.push(Step::Both(part, other))
                })
            }
            Node::Repeat(part, least, most) => {
                let rest = match most {
                    None => {
                        let again = self.push(Step::Both(then, then))?;
                        let first = self.add(part, again)?;
                        self.steps[again as usize] = Step::Both(first, then);
                        again
                    }
                    Some(most) => (*least..*most).try_fold(then, |next, _| {
                        let part = self.add(part, next)?;
                        self.push(Step::Both(part, then))
                    })?,
                };
                (0..*least).try_fold(rest, |then, _| self.add(part, then))
            }
        }
    }

    /// Characters beyond ASCII are a byte that says how many others follow, and these
    /// (<https://www.rfc-editor.org/rfc/rfc3629#section-3>).
    fn class(&mut self, Class { ascii, others }: Class, then: u32) -> Option<u32> {
        let ascii = match (ascii, others) {
            (0, Others::One(_) | Others::All) => None,
            _ => Some(self.byte([ascii, 0], then)?),
        };
        let beyond = match others {
            Others::None => None,
            Others::One(c) => {
                let mut buffer = [0; 4];
                let bytes = c.encode_utf8(&mut buffer).as_bytes();
                Some(bytes.iter().rev().try_fold(then, |then, &byte| self.byte(upper(byte, byte), then))?)
            }
            Others::All => {
                let mut at = then;
                let mut leads = Vec::new();
                for (first, last) in [(0xc0, 0xdf), (0xe0, 0xef), (0xf0, 0xff)] {
                    at = self.byte(upper(0x80, 0xbf), at)?;
                    leads.push(self.byte(upper(first, last), at)?);
                }
                let (last, others) = leads.split_last()?;
                Some(others.iter().try_fold(*last, |other, &lead| self.push(Step::Both(lead, other)))?)
            }
        };
        match (ascii, beyond) {
            (Some(ascii), Some(beyond)) => self.push(Step::Both(ascii, beyond)),
            (one, other) => one.or(other),
        }
    }

    /// Adds the steps that read something, or the end, and are reached from `from` without reading; true if the expression
    /// is found then.
    fn reach(&self, from: u32, at_begin: bool, at_end: bool, reached: &mut Vec<u32>, seen: &mut [bool]) -> bool {
        let mut open = vec![from];
        let mut is_found = false;
        while let Some(at) = open.pop() {
            let Some(seen) = seen.get_mut(at as usize).filter(|seen| !**seen) else { continue };
            *seen = true;
            match self.steps[at as usize] {
                Step::Byte(..) => reached.push(at),
                Step::Both(one, other) => open.extend([other, one]),
                Step::Begin(then) => open.extend(Some(then).filter(|_| at_begin)),
                Step::End(then) if at_end => open.push(then),
                Step::End(_) => reached.push(at),
                Step::Found => is_found = true,
            }
        }
        is_found
    }
}

/// Where an expression is found.
const FOUND: u16 = 0;

/// States and what each byte makes of them.
#[derive(Clone, Debug)]
pub(super) struct Automaton {
    /// Bytes that are alike for every state have one number.
    class_of: Box<[u8; 256]>,
    classes: usize,
    /// By state and class the next state.
    next: Vec<u16>,
    /// By state whether the expression is found if the text ends there.
    found_at_end: Vec<bool>,
    start: u16,
}

impl Automaton {
    /// The table of an expression; `None` if it would be a large one.
    pub(super) fn new(node: &Node) -> Option<Self> {
        let mut steps = Steps::default();
        let found = steps.push(Step::Found)?;
        let first = steps.add(node, found)?;
        let (class_of, bytes) = classes(&steps.sets);
        let mut table =
            Self { class_of, classes: bytes.len(), next: Vec::new(), found_at_end: vec![true], start: FOUND };
        table.next.resize(table.classes, FOUND);
        let mut states: BTreeMap<(bool, Vec<u32>), u16> = BTreeMap::new();
        let mut open: Vec<Vec<u32>> = Vec::new();
        // Adds the set of the steps that `from` leads to.
        let mut state = |from: &[u32], at_begin: bool, open: &mut Vec<Vec<u32>>, table: &mut Self| -> Option<u16> {
            let mut reached = Vec::new();
            let mut seen = vec![false; steps.steps.len()];
            for &from in from {
                if steps.reach(from, at_begin, false, &mut reached, &mut seen) {
                    return Some(FOUND);
                }
            }
            reached.sort_unstable();
            if let Some(&known) = states.get(&(at_begin, reached.clone())) {
                return Some(known);
            }
            let new = u16::try_from(table.found_at_end.len()).ok().filter(|&new| usize::from(new) < MAX_STATES)?;
            let mut seen = vec![false; steps.steps.len()];
            let ends = reached.iter().any(|&at| match steps.steps[at as usize] {
                Step::End(then) => steps.reach(then, at_begin, true, &mut Vec::new(), &mut seen),
                _ => false,
            });
            table.found_at_end.push(ends);
            states.insert((at_begin, reached.clone()), new);
            open.push(reached);
            Some(new)
        };
        table.start = state(&[first], true, &mut open, &mut table)?;
        let mut done = 0;
        while let Some(set) = open.get(done).cloned() {
            done += 1;
            for &byte in &bytes {
                let mut to: Vec<u32> = vec![first];
                to.extend(set.iter().filter_map(|&at| match steps.steps[at as usize] {
                    Step::Byte(set, then) if holds(&steps.sets[usize::from(set)], byte) => Some(then),
                    _ => None,
                }));
                let next = state(&to, false, &mut open, &mut table)?;
                table.next.push(next);
            }
        }
        Some(table)
    }

    /// True if the expression is found in a text.
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        let mut state = self.start;
        for &byte in text {
            if state == FOUND {
                return true;
            }
            let class = usize::from(self.class_of[usize::from(byte)]);
            state = self.next.get(usize::from(state) * self.classes + class).copied().unwrap_or(FOUND);
        }
        self.found_at_end.get(usize::from(state)).copied().unwrap_or(true)
    }
}

/// The class of each byte, and a byte of each class.
fn classes(sets: &[ByteSet]) -> (Box<[u8; 256]>, Vec<u8>) {
    let mut class_of = Box::new([0; 256]);
    let mut known: BTreeMap<Vec<bool>, u8> = BTreeMap::new();
    let mut bytes = Vec::new();
    for byte in 0..=255u8 {
        let in_sets = sets.iter().map(|set| holds(set, byte)).collect();
        let next = known.len() as u8;
        class_of[usize::from(byte)] = *known.entry(in_sets).or_insert_with(|| {
            bytes.push(byte);
            next
        });
    }
    (class_of, bytes)
}
