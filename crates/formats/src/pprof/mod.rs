//! pprof: the profiles of Go, and of most profilers that emit protobuf.
//!
//! Specification: <https://github.com/google/pprof/blob/main/proto/profile.proto>.
//!
//! Semantics:
//! - one profile per sample type, in the order of the file; values and the period in base units, exactly;
//! - a location's lines are frames of their own, the first the innermost; all but the last are inlined;
//! - a location without lines is its address in lower-case hexadecimal, `0x1f40`, with its binary as the
//!   frame's mapping; address 0 has an empty name;
//! - a label with text is text, any other a number with its unit (empty where it has none);
//! - records that agree in stack and labels are one row; `records` counts all, zeros too;
//! - a time of 0 is no time.
//!
//! Refused: groups, wrong wire types, references to strings, functions and locations that do not exist, a
//! number of values that differs from the number of sample types, id 0, files without sample types.
//! Counted warnings: `invalid-utf8` (replaced), `duplicate-id` (the first counts), `unknown-mapping` (none),
//! `line-out-of-range` (0), `folded-locations` (several functions may share such an address).

mod ids;
mod memo;
mod rows;
mod sample;
mod samples;
mod scan;
mod sniff;
mod strings;
mod symbols;
mod types;
mod wire;

use emberglass_profile::{Batch, InputError, MappingId, Symbols};

use crate::{About, Confidence, Context, Format, Input};
use scan::Parts;
use strings::{StringIndex, Strings};
use types::Types;
use wire::Read;

/// The pprof decoder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pprof;

impl Format for Pprof {
    fn name(&self) -> &'static str {
        "pprof"
    }

    fn about() -> About {
        About {
            title: "The profiles of Go, and of most profilers that write protobuf",
            files: &["*.pb", "*.pprof", "*.prof", "*.profile"],
            specifications: &["https://github.com/google/pprof/blob/main/proto/profile.proto"],
            recognised: "Protobuf fields that are those of `Profile`, with the wire types they have there",
            kept: "Every sample type, in the order of the file; stacks with inlined lines as frames of their own; functions with system name, file and start line; lines and columns; mappings with build ids; text and number labels with units; period, duration, time, comments, default sample type, drop and keep frames (kept, not applied), documentation link; packed and unpacked fields",
            dropped: "Addresses of symbolised locations (their frames are equal) and the `has_*` flags of mappings (they only say how complete the symbols are); unknown fields",
            limits: "The whole file is held in memory: 256 MiB, or 200 times the compressed size, at most 4 GiB; 1,024 sample types; stacks of 16 million frames; 64 million stacks. Refused: groups, references to what does not exist, samples whose values are not as many as the sample types",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        sniff::sniff(prefix, file_name)
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        // Ranges of the input are kept as 32-bit numbers.
        let limit = input.whole_limit().min(u64::from(u32::MAX));
        let bytes = input.read_all(limit, &mut context.meter)?;
        decode_bytes(&bytes, context).map_err(|error| *error)
    }
}

fn decode_bytes(bytes: &[u8], context: &mut Context<'_>) -> Read<Batch> {
    // Both passes go over all bytes.
    context.meter.last_stage(2 * bytes.len() as u64);
    let mut parts = scan::scan(bytes, &mut context.meter)?;
    let mut strings = Strings::new(bytes, std::mem::take(&mut parts.strings))?;
    let types = Types::read(&parts, &strings, context)?;
    let mut batch = Batch::default();
    let locations = symbols::read(bytes, &parts, &mut strings, &mut batch.symbols, &mut context.warnings)?;
    samples::read(bytes, &types.factors, &locations, &mut strings, &mut batch, context)?;
    batch.profiles = types.entries;
    read_facts(&parts, &strings, &mut batch, context)?;
    Ok(batch)
}

fn read_facts(parts: &Parts, strings: &Strings<'_>, batch: &mut Batch, context: &mut Context<'_>) -> Read<()> {
    let mut text = |at: Option<StringIndex>| match at {
        Some(at) => strings.text(at, &mut context.warnings).map(String::from),
        None => Ok(String::new()),
    };
    batch.default_sample_type = text(parts.default_sample_type)?;
    batch.drop_frames = text(parts.drop_frames)?;
    batch.keep_frames = text(parts.keep_frames)?;
    let doc_url = text(parts.doc_url)?;
    batch.comments = parts.comments.iter().map(|&at| text(Some(at))).collect::<Result<_, _>>()?;
    let build_id = build_id(&batch.symbols);
    for (name, value) in [("doc_url", doc_url), ("build_id", build_id)] {
        if !value.is_empty() {
            batch.metadata.push((name.to_owned(), value));
        }
    }
    Ok(())
}

/// Build id of the main binary, the first mapping.
fn build_id(symbols: &Symbols) -> String {
    let main = symbols.mappings.get(MappingId(1));
    main.map_or_else(String::new, |mapping| symbols.text(mapping.build_id).to_owned())
}
