//! Writes tree bytes, the format that [`super::bytes`] reads: the answer of Pyroscope with `PROFILE_FORMAT_TREE`.
//!
//! Nodes in depth-first order, of siblings the last first; the outermost has no name.

use emberglass_columns::put_u64;
use emberglass_profile::{ErrorCode, InputError};
use emberglass_trie::MergedTrie;

use crate::flamebearer::cut_type_parameters;
use crate::name_tree::{NameTree, fit, rounded};

const OTHER_NAME: &str = "other";

/// The tree of `trie` by name. With `max_nodes` a larger tree keeps the nodes whose total is among the largest, equal ones
/// included; what is cut off below a node is one child `other`, behind its siblings.
///
/// # Errors
/// `value-overflow`; `malformed` for negative values, which the format has no place for.
pub fn encode(trie: &MergedTrie, max_nodes: Option<usize>) -> Result<Vec<u8>, InputError> {
    let tree = NameTree::new(&[trie], |name| cut_type_parameters(name).into_owned());
    let unit = i128::from(trie.divisor.max(1)) * 10i128.pow(u32::from(trie.scale));
    let threshold = tree.threshold(max_nodes);
    let mut out = Vec::new();
    let mut open = vec![0u32];
    let value = |value: i128| {
        u64::try_from(fit(rounded(value, unit))?).map_err(|_negative| {
            InputError::new(ErrorCode::Malformed, "some values are negative: tree bytes have no place for them")
        })
    };
    while let Some(node) = open.pop() {
        let is_kept = |child: &u32| threshold.is_none_or(|threshold| tree.total(0, *child) >= threshold);
        let (kept, cut_off): (Vec<u32>, Vec<u32>) = tree.children(node).iter().copied().partition(is_kept);
        let rest: i128 = cut_off.iter().map(|&child| tree.total(0, child)).sum();
        let name = if node == 0 { "" } else { tree.names.get(tree.name(node)) };
        put_node(&mut out, name, value(tree.self_value(0, node))?, kept.len() as u64 + u64::from(rest != 0));
        if rest != 0 {
            put_node(&mut out, OTHER_NAME, value(rest)?, 0);
        }
        open.extend(kept);
    }
    Ok(out)
}

fn put_node(out: &mut Vec<u8>, name: &str, value: u64, children: u64) {
    put_u64(out, name.len() as u64);
    out.extend_from_slice(name.as_bytes());
    put_u64(out, value);
    put_u64(out, children);
}
