//! `.heapprofile`: what V8's sampling heap profiler saves.
//!
//! Specification: <https://chromedevtools.github.io/devtools-protocol/tot/HeapProfiler/#type-SamplingHeapProfile>.
//!
//! Semantics:
//! - one profile, `inuse_space` in bytes: the sum of the nodes' `selfSize`; a record is a node with a size;
//! - names, lines and columns as in `.cpuprofile`; `(root)` is left out of stacks;
//! - there is no time of any kind.
//!
//! Left out: `samples`, which lists the sizes again, one by one.

use emberglass_profile::{AttributeSetId, Batch, InputError, ProfileEntry, SampleTableBuilder, Symbols, Warnings};
use emberglass_trie::StackBuilder;

use super::call_frame::CallFrame;
use super::cpu::NodeTree;
use crate::extension::named;
use crate::json::{Reader, Shape};
use crate::profile_types::type_without_period;
use crate::{About, Confidence, Context, Format, Input};

/// The `.heapprofile` decoder.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeapProfile;

impl Format for HeapProfile {
    fn name(&self) -> &'static str {
        "heapprofile"
    }

    fn about() -> About {
        About {
            title: "V8's sampled heap profiles",
            files: &["*.heapprofile"],
            specifications: &[
                "https://chromedevtools.github.io/devtools-protocol/tot/HeapProfiler/#type-SamplingHeapProfile",
            ],
            recognised: "`head` with a `selfSize`",
            kept: "Sizes by stack, names, scripts, lines and columns",
            dropped: "`samples` (the sizes again, one by one), ids of scripts",
            limits: "Read in slices; no more stacks than the file has nodes",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let Some(shape) = Shape::of(prefix).filter(|shape| !shape.is_array) else { return Confidence::No };
        let has_head = shape.has("head") && shape.has_under("head", "selfSize");
        named(has_head, file_name, &[".heapprofile"])
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let Context { meter, warnings, .. } = context;
        let mut reader = Reader::new(input, meter)?;
        let mut file = File::default();
        let mut has_head = false;
        reader.begin_object()?;
        while let Some(key) = reader.next_key()? {
            if key == "head" && !has_head {
                has_head = true;
                file.read_tree(&mut reader, warnings)?;
            } else {
                reader.skip()?;
            }
        }
        if !has_head {
            return Err(reader.malformed("there is no head, so that this is not a heap profile"));
        }
        reader.finish(warnings)?;
        file.build()
    }
}

#[derive(Default)]
struct File {
    symbols: Symbols,
    /// Nodes by the order in which they begin.
    tree: NodeTree,
    begun: i64,
    sizes: Vec<(i64, i64)>,
}

/// A node that is being read.
struct Node {
    number: i64,
    frame: CallFrame,
    size: i64,
}

impl File {
    fn begin(&mut self) -> Node {
        self.begun += 1;
        Node { number: self.begun, frame: CallFrame::default(), size: 0 }
    }

    fn read_tree(&mut self, reader: &mut Reader<'_, '_, '_>, warnings: &mut Warnings) -> Result<(), InputError> {
        let mut open = vec![self.begin()];
        reader.begin_object()?;
        'keys: while let Some(node) = open.last_mut() {
            while let Some(key) = reader.next_key()? {
                match key {
                    "callFrame" => node.frame.read(reader)?,
                    "selfSize" => node.size = reader.integer_or_skip()?.unwrap_or_default(),
                    "children" => {
                        if reader.enters_array()? && reader.next_element()? {
                            reader.begin_object()?;
                            open.push(self.begin());
                            continue 'keys;
                        }
                    }
                    _ => reader.skip()?,
                }
            }
            let Some(Node { number, frame, size }) = open.pop() else { break };
            let frame = frame.intern(&mut self.symbols);
            self.tree.add(number, open.last().map(|parent| parent.number), frame, warnings);
            if size != 0 {
                self.sizes.push((number, size));
            }
            // Back in the parent's children.
            if !open.is_empty() && reader.next_element()? {
                reader.begin_object()?;
                open.push(self.begin());
            }
        }
        Ok(())
    }

    fn build(self) -> Result<Batch, InputError> {
        let Self { symbols, tree, sizes, .. } = self;
        let mut stacks = StackBuilder::default();
        let nodes = tree.stacks(&mut stacks)?;
        let mut table = SampleTableBuilder::new(&[0]);
        for (number, size) in sizes {
            table.add(nodes.of(number)?, AttributeSetId::EMPTY, &[size])?;
        }
        let profile_type = type_without_period("memory", "inuse_space", "bytes");
        let profiles = vec![ProfileEntry { profile_type, ..ProfileEntry::default() }];
        Ok(Batch { symbols, stacks: stacks.finish(), tables: vec![table.finish()], profiles, ..Batch::default() })
    }
}
