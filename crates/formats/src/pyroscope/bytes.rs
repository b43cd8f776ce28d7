//! Pyroscope's trie and tree bytes: what agents push with `format=trie` and `format=tree`.
//!
//! Source of the formats: `pkg/og/storage/tree` and `pkg/og/structs/transporttrie` in
//! <https://github.com/grafana/pyroscope>; there is no specification, no magic number and no type.
//!
//! Both are nodes one after another, each before its children: length of the name and the name, a value, the number
//! of children, numbers as varints. In a tree a name is a frame; in a trie it is a piece of a folded stack, and
//! the pieces from the root on make `a;b;c`. A file whose name does not say which it is counts as a trie if
//! a name holds a `;`.
//!
//! Semantics: one profile, `samples` (count); a record is a node with a value.

use emberglass_columns::ByteReader;
use emberglass_profile::{
    AttributeSetId, Batch, ErrorCode, Frame, FrameId, Function, InputError, ProfileEntry, SampleTableBuilder, StackId,
    Symbols, Warnings,
};
use emberglass_trie::StackBuilder;

use crate::extension::{has_extension, named};
use crate::profile_types::type_without_period;
use crate::raw_stacks::check_size;
use crate::window::Window;
use crate::{About, Confidence, Context, Format, Input};

/// The decoder of trie and tree bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct PyroscopeBytes;

/// Most bytes of all names.
const MOST_NAME_BYTES: usize = 1 << 30;
/// Nodes that a prefix must show, unless the file ends with them.
const ENOUGH_NODES: usize = 3;

impl Format for PyroscopeBytes {
    fn name(&self) -> &'static str {
        "pyroscope-tree"
    }

    fn about() -> About {
        About {
            title: "What agents push to Pyroscope as `trie` and `tree`",
            files: &["*.trie", "*.tree"],
            specifications: &["https://github.com/grafana/pyroscope/tree/main/pkg/og/structs/transporttrie"],
            recognised: "A whole tree of nodes: lengths, names, values and numbers of children that fit",
            kept: "Names and values",
            dropped: "Nothing: the format has no more",
            limits: "Read in slices; a name has 64 MiB at most, all have 1 GiB; 64 million stacks. Trie or tree is told by the ending, else by a `;` in a name, for which the file is read twice",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        // Without magic number or structure the name alone is too little.
        if has_structure(prefix) { named(true, file_name, &[".trie", ".tree"]) } else { Confidence::No }
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let Context { file_name, meter, warnings, .. } = context;
        let file_len = input.file_len();
        let mut window = Window::new(input, meter);
        let is_named = |extension| has_extension(file_name, &[extension]);
        let is_trie = match (is_named(".trie"), is_named(".tree")) {
            (true, _) => true,
            (_, true) => false,
            _ => {
                let holds_semicolon = holds_semicolon(&mut window)?;
                window.rewind(file_len);
                holds_semicolon
            }
        };
        read(window, is_trie, warnings)
    }
}

struct Node<'a> {
    name: &'a [u8],
    children: u64,
}

/// A node of a prefix, `None` where it is cut off or none.
fn next_node<'a>(reader: &mut ByteReader<'a>) -> Option<Node<'a>> {
    let len = usize::try_from(reader.varint().ok()?).ok()?;
    let name = reader.take(len).ok()?;
    let _value = reader.varint().ok()?;
    Some(Node { name, children: reader.varint().ok()? })
}

/// True if the nodes of `prefix`, of which the last may be cut off, look like one of the two: an outermost node
/// without a name, below it names that are text.
fn has_structure(prefix: &[u8]) -> bool {
    let mut reader = ByteReader::new(prefix);
    let Some(root) = next_node(&mut reader) else { return false };
    if !root.name.is_empty() || root.children == 0 {
        return false;
    }
    let (mut open, mut nodes) = (root.children, 1);
    while open > 0 {
        let Some(node) = next_node(&mut reader) else {
            return nodes >= ENOUGH_NODES && prefix.len() >= crate::PREFIX_LEN;
        };
        let is_text = std::str::from_utf8(node.name).is_ok_and(|name| !name.chars().any(char::is_control));
        if !is_text || node.name.is_empty() {
            return false;
        }
        nodes += 1;
        open = (open - 1).saturating_add(node.children);
    }
    reader.is_empty() && nodes > 1
}

fn holds_semicolon(window: &mut Window<'_, '_, '_>) -> Result<bool, InputError> {
    let mut open = 1u64;
    while open > 0 && window.peek()?.is_some() {
        let len = window.varint()?;
        if window.piece(len)?.contains(&b';') {
            return Ok(true);
        }
        let _value = window.varint()?;
        open = (open - 1).saturating_add(window.varint()?);
    }
    Ok(false)
}

/// A node whose children are being read.
#[derive(Clone, Copy)]
struct Open {
    left: u64,
    /// In a tree the node's stack, in a trie that of the frames that are whole.
    stack: StackId,
    /// Length of the key up to and with this node, and where in it the last frame begins; in a trie.
    key: usize,
    last_frame: usize,
}

fn read(mut window: Window<'_, '_, '_>, is_trie: bool, warnings: &mut Warnings) -> Result<Batch, InputError> {
    let mut symbols = Symbols::default();
    let mut stacks = StackBuilder::default();
    let mut table = SampleTableBuilder::new(&[0]);
    let mut open = vec![Open { left: 1, stack: StackId::ROOT, key: 0, last_frame: 0 }];
    let (mut key, mut name): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    while let Some(parent) = open.last_mut() {
        if parent.left == 0 {
            open.pop();
            continue;
        }
        parent.left -= 1;
        let mut node = *parent;
        let offset = window.offset();
        let len = window.varint()?;
        name.clear();
        name.extend_from_slice(window.piece(len)?);
        let (value, children) = (window.varint()?, window.varint()?);
        let value = i64::try_from(value)
            .map_err(|_beyond| InputError::at(ErrorCode::ValueOverflow, offset, "a value is beyond 64 bits"))?;
        let mut stack = node.stack;
        if is_trie {
            key.truncate(node.key);
            key.extend_from_slice(&name);
            for at in memchr::memchr_iter(b';', &name) {
                let end = node.key + at;
                node.stack = stacks.child(node.stack, frame(&key[node.last_frame..end], &mut symbols));
                node.last_frame = end + 1;
            }
            node.key = key.len();
            stack = node.stack;
            if value != 0 && !key.is_empty() {
                stack = stacks.child(stack, frame(&key[node.last_frame..], &mut symbols));
            }
        } else if open.len() > 1 || !name.is_empty() {
            stack = stacks.child(stack, frame(&name, &mut symbols));
            node.stack = stack;
        }
        if value != 0 {
            table.add(stack, AttributeSetId::EMPTY, &[value])?;
        }
        check_size(&stacks, Some(offset))?;
        // In a trie every node may add to the same name: then names grow with the square of the file.
        if symbols.strings.text_bytes() > MOST_NAME_BYTES {
            return Err(InputError::at(ErrorCode::TooLarge, offset, "the names are more than 1 GiB"));
        }
        if children > 0 {
            open.push(Open { left: children, ..node });
        }
    }
    if window.peek()?.is_some() {
        warnings.add("trailing-data", Some(window.offset()), || "what follows the last node is left out".to_owned());
    }
    let profile_type = type_without_period("samples", "samples", "count");
    let profiles = vec![ProfileEntry { profile_type, ..ProfileEntry::default() }];
    Ok(Batch { symbols, stacks: stacks.finish(), tables: vec![table.finish()], profiles, ..Batch::default() })
}

fn frame(name: &[u8], symbols: &mut Symbols) -> FrameId {
    let name = symbols.strings.intern(&String::from_utf8_lossy(name));
    let function = symbols.functions.intern(Function { name, ..Function::default() });
    symbols.frames.intern(Frame { function, ..Frame::default() })
}
