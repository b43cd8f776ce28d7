//! Writes folded stacks.

use emberglass_columns::sorted_rows;
use emberglass_profile::{ErrorCode, InputError, Warnings, format_scaled};
use emberglass_trie::{Granularity, MergedTrie};

use super::Folded;
use super::decode::split_number;
use crate::encoder::MAX_OUTPUT;
use crate::export::warn_renamed;
use crate::name_tree::{NameTree, fit};
use crate::{Encoder, Export};

impl Encoder for Folded {
    fn name(&self) -> &'static str {
        "folded"
    }

    fn description(&self) -> &'static str {
        "folded stacks"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["folded", "collapsed", "stacks"]
    }

    fn media_type(&self) -> &'static str {
        "text/plain"
    }

    fn holds_many(&self) -> bool {
        false
    }

    fn encode(&self, export: &Export<'_>) -> Result<crate::Encoded, InputError> {
        let Encoded { text, warnings } = encode(&export.merged(Granularity::Name)?)?;
        Ok(crate::Encoded { bytes: text.into_bytes(), warnings })
    }
}

/// Folded stacks as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    /// Lines sorted by their bytes, each with a line feed.
    pub text: String,
    /// `renamed-frames`: names that held a `;` or a line break.
    pub warnings: Warnings,
}

/// One line for each stack that has a value of its own; the samples without frames are a line without a name.
///
/// Frames are merged by name. A `;` in a name becomes `:`, a line break a space, an empty name `(unknown)`.
/// Values are exact decimals; those of a mean are divided and rounded as [`MergedTrie::output`] does.
///
/// # Errors
/// `too-large` for more than 1 GiB of text, `value-overflow` for a value beyond 64 bits.
pub fn encode(trie: &MergedTrie) -> Result<Encoded, InputError> {
    let mut warnings = Warnings::default();
    let tree = NameTree::new(&[trie], |name| rename(name, &mut warnings));
    let mut body = String::new();
    let mut lines = Vec::new();
    let mut path = String::new();
    // Nodes to visit, each with the length of its parent's path.
    let mut stack = vec![(0u32, 0usize)];
    while let Some((node, parent_len)) = stack.pop() {
        path.truncate(parent_len);
        if node != 0 {
            if parent_len > 0 {
                path.push(';');
            }
            path.push_str(tree.names.get(tree.name(node)));
        }
        let value = trie.output(fit(tree.self_value(0, node))?);
        if value != 0 {
            let start = body.len();
            body.push_str(&path);
            body.push(' ');
            body.push_str(&format_scaled(value, trie.output_scale()));
            lines.push(start..body.len());
            if body.len() > MAX_OUTPUT {
                return Err(InputError::new(ErrorCode::TooLarge, "the folded stacks are more than 1 GiB of text"));
            }
        }
        stack.extend(tree.children(node).iter().map(|&child| (child, path.len())));
    }
    let line = |at: u32| &body[lines[at as usize].clone()];
    let order = sorted_rows(lines.len(), &mut |a, b| line(a).cmp(line(b)));
    let mut text = String::with_capacity(body.len() + lines.len());
    // Where all names end with numbers they would be read as the counts of a differential file.
    let looks_paired = |line: &std::ops::Range<usize>| {
        split_number(&body[line.clone()]).is_some_and(|(head, _)| split_number(head).is_some())
    };
    if !lines.is_empty() && lines.iter().all(looks_paired) {
        text.push_str(" 0\n");
    }
    for at in order {
        text.push_str(line(at));
        text.push('\n');
    }
    Ok(Encoded { text, warnings })
}

fn rename(name: &str, warnings: &mut Warnings) -> String {
    if name.is_empty() {
        return "(unknown)".to_owned();
    }
    if !name.contains([';', '\n', '\r']) {
        return name.to_owned();
    }
    warn_renamed(warnings, name, "holds a character that separates frames or lines");
    name.replace(';', ":").replace(['\n', '\r'], " ")
}
