//! What events refer to: stacks and attributes, by the numbers of their chunk.

use std::collections::HashMap;

use emberglass_profile::{
    Attribute, AttributeSetId, AttributeSets, AttributeValue, ErrorCode, Frame, Function, FunctionId, InputError,
    StackId, StringId, Symbols,
};
use emberglass_trie::StackBuilder;
use foldhash::fast::FixedState;

use super::labels::Labels;
use super::pools::Pools;
use crate::raw_stacks::check_size;

/// Names of methods, beyond so many bytes of text, are refused: chunks name them again.
const MAX_NAMES: usize = 1 << 30;

type Map<K, V> = HashMap<K, V, FixedState>;

/// Stacks and attributes of all chunks.
#[derive(Default)]
pub(super) struct Stacks {
    pub(super) symbols: Symbols,
    pub(super) stacks: StackBuilder,
    pub(super) attributes: AttributeSets,
    pub(super) labels: Labels,
}

/// Whom, where and in what state an event met.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Circumstances {
    pub(super) thread: i64,
    pub(super) state: i64,
    pub(super) class: i64,
    pub(super) context: i64,
    pub(super) span: i64,
    pub(super) span_name: i64,
}

/// What the numbers of one chunk resolve to.
pub(super) struct Resolved<'p> {
    pools: &'p Pools,
    functions: Map<i64, FunctionId>,
    stacks: Map<i64, StackId>,
    attributes: Map<Circumstances, AttributeSetId>,
}

impl<'p> Resolved<'p> {
    pub(super) fn new(pools: &'p Pools) -> Self {
        Self { pools, functions: Map::default(), stacks: Map::default(), attributes: Map::default() }
    }
}

impl Stacks {
    /// The stack of a stack trace.
    pub(super) fn stack(&mut self, trace: i64, resolved: &mut Resolved<'_>) -> Result<StackId, InputError> {
        if let Some(&stack) = resolved.stacks.get(&trace) {
            return Ok(stack);
        }
        let Self { symbols, stacks, .. } = self;
        let mut stack = StackId::ROOT;
        for raw in resolved.pools.trace(trace).iter().rev() {
            let function = *resolved.functions.entry(raw.method).or_insert_with(|| {
                let name = symbols.strings.intern(&resolved.pools.method_name(raw.method));
                symbols.functions.intern(Function { name, ..Function::default() })
            });
            // An unknown line is -1, which a compressed 32-bit integer holds as 2^32 - 1.
            let line = u32::try_from(raw.line as i32).unwrap_or(0);
            let inlined = resolved.pools.is_inlined(raw.kind);
            let frame = symbols.frames.intern(Frame { function, line, inlined, ..Frame::default() });
            stack = stacks.child(stack, frame);
        }
        check_size(stacks, None)?;
        if symbols.strings.text_bytes() > MAX_NAMES {
            return Err(InputError::new(ErrorCode::TooLarge, "the names of the recording are too many to hold"));
        }
        resolved.stacks.insert(trace, stack);
        Ok(stack)
    }

    /// The attributes that the circumstances of an event make.
    pub(super) fn attributes(&mut self, of: Circumstances, resolved: &mut Resolved<'_>) -> AttributeSetId {
        let Self { symbols, attributes, labels, .. } = self;
        let pools = resolved.pools;
        *resolved.attributes.entry(of).or_insert_with(|| {
            let known = |number: i64| if number == 0 { String::new() } else { number.to_string() };
            let (name, id) = pools.thread(of.thread);
            let mut texts = vec![
                ("thread", name.to_owned()),
                ("thread_id", known(id)),
                ("state", pools.state(of.state).to_owned()),
                ("class", pools.class_name(of.class)),
                ("span_id", if of.span == 0 { String::new() } else { format!("{:016x}", of.span) }),
                ("span_name", labels.string(of.span_name).to_owned()),
            ];
            match labels.of_context(of.context) {
                Some(labels) => texts.extend(labels.map(|(key, value)| (key, value.to_owned()))),
                None => texts.push(("context_id", known(of.context))),
            }
            let mut set: Vec<Attribute> = Vec::new();
            for (key, text) in texts {
                let value = symbols.strings.intern(&text);
                if value != StringId::EMPTY {
                    set.push(Attribute { key: symbols.strings.intern(key), value: AttributeValue::Text(value) });
                }
            }
            attributes.intern(&mut set)
        })
    }
}
