//! Bodies to batches: the format is said by the request, so that nothing is guessed.

use emberglass_formats::jfr::Jfr;
use emberglass_formats::otlp::Otlp;
use emberglass_formats::pprof::Pprof;
use emberglass_formats::pyroscope::bytes::PyroscopeBytes;
use emberglass_formats::speedscope::Speedscope;
use emberglass_formats::{Context, Format, Input, Meter, NoProgress, jfr};
use emberglass_profile::{Batch, ErrorCode, InputError};

use super::lines;

/// Most bytes of a body once inflated.
pub(crate) const INFLATED_LIMIT: u64 = 256 << 20;

/// How a body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum As<'a> {
    Pprof,
    /// With the labels that the agent sent beside it.
    Jfr(Option<&'a [u8]>),
    Groups,
    Lines,
    Trie,
    Tree,
    Speedscope,
    Otlp,
}

/// Inflates a body, if it is compressed.
pub(crate) fn inflate(body: &[u8]) -> Result<Vec<u8>, InputError> {
    Input::new(body).read_all(INFLATED_LIMIT, &mut Meter::new(&mut NoProgress, body.len() as u64))
}

/// Reads a body, compressed or not.
pub(crate) fn decode(body: &[u8], how: As<'_>) -> Result<Batch, InputError> {
    let mut input = Input::new(body);
    let name = match how {
        As::Trie => "body.trie",
        As::Tree => "body.tree",
        _ => "",
    };
    let mut progress = NoProgress;
    let mut context = Context::new(name, Meter::new(&mut progress, body.len() as u64));
    if input.prefix().is_empty() {
        if let Some(fault) = input.fault() {
            return Err(fault.clone());
        }
        return Err(InputError::new(ErrorCode::EmptyInput, "it is empty"));
    }
    let (format, read): (&str, Result<Batch, InputError>) = match how {
        As::Pprof => ("pprof", Pprof.decode(&mut input, &mut context)),
        As::Jfr(Some(labels)) => ("jfr", jfr::decode_with_labels(&mut input, labels, &mut context)),
        As::Jfr(None) => ("jfr", Jfr.decode(&mut input, &mut context)),
        As::Trie | As::Tree => ("pyroscope-tree", PyroscopeBytes.decode(&mut input, &mut context)),
        As::Speedscope => ("speedscope", Speedscope.decode(&mut input, &mut context)),
        As::Otlp => ("otlp", Otlp.decode(&mut input, &mut context)),
        As::Groups | As::Lines => {
            let text = input.read_all(INFLATED_LIMIT, &mut context.meter)?;
            ("folded", lines::read(&text, how == As::Groups))
        }
    };
    let mut batch = read?;
    batch.content_hash = input.content_hash(&mut context.meter)?;
    format.clone_into(&mut batch.format);
    for warning in context.warnings.as_slice() {
        batch.warnings.add_many(&warning.code, warning.count, warning.offset, || warning.message.clone());
    }
    Ok(batch)
}
