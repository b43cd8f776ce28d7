//! pprof's `drop_frames` and `keep_frames`, applied when asked for.
//!
//! Names are matched as google/pprof matches them: the whole name, without a leading point (functions of one old
//! ABI) and without what follows the first `(`, unless that is `(anonymous namespace)`.

use emberglass_engine::EngineError;
use emberglass_labels::{Matcher, MatcherOp};
use emberglass_profile::Batch;
use emberglass_trie::prune;

const ANONYMOUS: &str = "(anonymous namespace)";

/// Drops the frames that `batch` says to drop, once.
pub(crate) fn apply(file: &str, batch: &mut Batch) -> Result<(), EngineError> {
    let drop_frames = std::mem::take(&mut batch.drop_frames);
    let keep_frames = std::mem::take(&mut batch.keep_frames);
    if drop_frames.is_empty() {
        return Ok(());
    }
    let read = |pattern: String| {
        Matcher::new("function", MatcherOp::Match, pattern).map_err(|message| {
            EngineError::new("bad-frame-filter", format!("{file}: the frames to drop are not readable: {message}"))
        })
    };
    let drop = read(drop_frames)?;
    let keep = if keep_frames.is_empty() { None } else { Some(read(keep_frames)?) };
    let symbols = &batch.symbols;
    let is_dropped = |name: &str| drop.matches(name) && !keep.as_ref().is_some_and(|keep| keep.matches(name));
    let dropped: Vec<bool> = symbols
        .functions
        .iter()
        .map(|function| {
            let name = symbols.text(function.name);
            !name.is_empty() && !is_address(name) && is_dropped(matched_name(name))
        })
        .collect();
    prune(batch, &dropped)?;
    Ok(())
}

/// True for the name of code without symbols, which pprof does not match.
fn is_address(name: &str) -> bool {
    name.strip_prefix("0x")
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn matched_name(name: &str) -> &str {
    let name = name.strip_prefix('.').unwrap_or(name);
    match name.find('(') {
        Some(at) if at > 0 && !name[at..].starts_with(ANONYMOUS) => &name[..at],
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_without_their_arguments() {
        for (name, matched) in [
            ("tc_new(int)", "tc_new"),
            (".tc_dot", "tc_dot"),
            ("ns::(anonymous namespace)::f(int)", "ns::(anonymous namespace)::f(int)"),
            ("(*T).method", "(*T).method"),
            ("main", "main"),
        ] {
            assert_eq!(matched_name(name), matched);
        }
        assert!(is_address("0x1f") && !is_address("0x") && !is_address("0xfoo"));
    }
}
