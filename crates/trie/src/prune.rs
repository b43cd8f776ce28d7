//! Frames dropped from stacks with all that they call, as google/pprof prunes profiles.
//!
//! Description: `drop_frames` and `keep_frames` in <https://github.com/google/pprof/blob/main/proto/profile.proto>, and
//! `Profile.Prune` in <https://github.com/google/pprof/blob/main/profile/prune.go>.
//!
//! A frame and the frames inlined into it are one place. From the root on, the first place that holds a dropped frame
//! ends the stack, if a place without one came before it: of that place the frames outside of the outermost
//! dropped one stay. Places before that are left as they are but for frames inlined behind a dropped one, so that
//! no stack is dropped from its first frame on.

use emberglass_profile::{Batch, InputError, StackId};

use crate::StackBuilder;

/// What the frames of the innermost place are so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// None is dropped; no place at all for the root.
    Kept,
    /// The outermost is dropped, and stays.
    Dropped,
    /// An inlined one is dropped, and with it what is inlined into it.
    Cut,
}

#[derive(Clone, Copy)]
struct State {
    /// The stack that is left.
    stack: StackId,
    place: Place,
    /// True if a place before the innermost has no dropped frame.
    has_kept: bool,
    /// True if nothing that is called belongs to the stack any more.
    is_ended: bool,
}

/// Drops the functions whose rows in `dropped` are true from the stacks of a batch; equal rows are added up.
///
/// # Errors
/// `value-overflow` when rows that become equal add up beyond 64 bits.
pub fn prune(batch: &mut Batch, dropped: &[bool]) -> Result<(), InputError> {
    let mut stacks = StackBuilder::default();
    let root = State { stack: StackId::ROOT, place: Place::Kept, has_kept: false, is_ended: false };
    let mut states = vec![root];
    states.reserve(batch.stacks.len());
    let nodes = batch.stacks.parents().iter().zip(batch.stacks.frames()).skip(1);
    for (&parent, &frame) in nodes {
        // Parents stand before their children.
        let caller = states.get(parent.index()).copied().unwrap_or(root);
        if caller.is_ended {
            states.push(caller);
            continue;
        }
        let known = batch.symbols.frames.get(frame);
        let is_dropped = known.is_some_and(|known| dropped.get(known.function.index()) == Some(&true));
        let begins = parent == StackId::ROOT || known.is_none_or(|known| !known.inlined);
        let has_kept = caller.has_kept || begins && parent != StackId::ROOT && caller.place == Place::Kept;
        let place = match (begins, caller.place, is_dropped) {
            (true, _, true) => Place::Dropped,
            (true, _, false) => Place::Kept,
            (false, Place::Kept, true) => Place::Cut,
            (false, place, _) => place,
        };
        let is_left = match place {
            Place::Kept => true,
            Place::Dropped => !has_kept,
            Place::Cut => false,
        };
        states.push(State {
            stack: if is_left { stacks.child(caller.stack, frame) } else { caller.stack },
            place,
            has_kept,
            is_ended: has_kept && place != Place::Kept,
        });
    }
    let rows: Vec<StackId> = states.iter().map(|state| state.stack).collect();
    for table in &mut batch.tables {
        *table = table.with_stacks(&rows)?;
    }
    batch.stacks = stacks.finish();
    Ok(())
}

#[cfg(test)]
mod tests {
    use emberglass_profile::{AttributeSetId, Frame, Function, FunctionId, SampleTableBuilder, StackTable, Symbols};
    use proptest::prelude::*;

    use super::*;

    /// A frame: function and whether it is inlined.
    type Spelt = (u32, bool);

    fn batch(stacks: &[(Vec<Spelt>, i64)]) -> Batch {
        let mut symbols = Symbols::default();
        for function in 0..4u32 {
            let name = symbols.strings.intern(&format!("f{function}"));
            symbols.functions.intern(Function { name, ..Function::default() });
        }
        let mut builder = StackBuilder::default();
        let mut table = SampleTableBuilder::new(&[0]);
        for (at, (stack, value)) in stacks.iter().enumerate() {
            let frames: Vec<_> = stack
                .iter()
                .map(|&(function, inlined)| {
                    symbols.frames.intern(Frame { function: FunctionId(function), inlined, ..Frame::default() })
                })
                .collect();
            let stack = builder.insert(frames);
            table.add_at(at as i64, stack, AttributeSetId::EMPTY, &[*value]).unwrap();
        }
        Batch { symbols, stacks: builder.finish(), tables: vec![table.finish()], ..Batch::default() }
    }

    fn spell(batch: &Batch, stacks: &StackTable, stack: StackId) -> Vec<Spelt> {
        let mut frames: Vec<Spelt> = stacks
            .leaf_to_root(stack)
            .map(|frame| batch.symbols.frames.get(frame).map(|frame| (frame.function.0, frame.inlined)).unwrap())
            .collect();
        frames.reverse();
        frames
    }

    /// Place by place, as the description says; function 0 is dropped.
    fn naive(stack: &[Spelt]) -> Vec<Spelt> {
        let mut places: Vec<Vec<Spelt>> = Vec::new();
        for &frame in stack {
            match places.last_mut() {
                Some(place) if frame.1 => place.push(frame),
                _ => places.push(vec![frame]),
            }
        }
        let mut out = Vec::new();
        let mut has_kept = false;
        for place in places {
            let at = place.iter().position(|&(function, _)| function == 0);
            match at {
                None => {
                    has_kept = true;
                    out.extend(place);
                }
                Some(0) if has_kept => break,
                Some(0) => out.extend(place),
                Some(at) => {
                    out.extend(&place[..at]);
                    if has_kept {
                        break;
                    }
                }
            }
        }
        out
    }

    proptest! {
        #[test]
        fn stacks_are_those_of_a_walk_over_places(
            stacks in proptest::collection::vec((proptest::collection::vec((0u32..4, any::<bool>()), 0..7), 1i64..5), 0..30),
        ) {
            let mut pruned = batch(&stacks);
            prune(&mut pruned, &[true]).unwrap();
            let table = &pruned.tables[0];
            let mut sums = std::collections::BTreeMap::<Vec<Spelt>, i64>::new();
            for (stack, value) in &stacks {
                *sums.entry(naive(stack)).or_default() += value;
            }
            let got: std::collections::BTreeMap<Vec<Spelt>, i64> = (0..table.stack.len())
                .map(|row| (spell(&pruned, &pruned.stacks, table.stack[row]), table.columns[0].values[row]))
                .collect();
            prop_assert_eq!(got.len(), table.stack.len());
            prop_assert_eq!(&got, &sums);
            prop_assert_eq!(table.records, stacks.len() as u64);
            if let Some(timeline) = &table.timeline {
                for (at, (stack, value)) in stacks.iter().enumerate() {
                    let row = timeline.row.get(at).unwrap() as usize;
                    prop_assert_eq!(spell(&pruned, &pruned.stacks, table.stack[row]), naive(stack));
                    prop_assert_eq!(timeline.values[0].get(at), Some(*value));
                }
            }
        }
    }
}
