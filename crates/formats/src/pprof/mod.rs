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
//!
//! A profile of more than [`Context::hold_limit`] bytes is read in two passes: the first keeps the tables, at most
//! 1 GiB of them, the second adds the samples up.

mod encode;
mod ids;
mod kept;
mod locations;
mod memo;
mod message;
mod rows;
mod sample;
mod samples;
mod scan;
mod sniff;
mod strings;
mod symbols;
mod types;

use emberglass_profile::{Batch, InputError, MappingId, Symbols, Warnings};

use crate::protobuf::{Message, Read, Stream};
use crate::window::Window;
use crate::{Confidence, Context, Format, Input};
use kept::Kept;
use samples::Samples;
use scan::{Parts, field};
use strings::{StringIndex, Strings};
use symbols::Locations;
use types::Types;

/// The pprof decoder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pprof;

impl Format for Pprof {
    fn name(&self) -> &'static str {
        "pprof"
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        sniff::sniff(prefix, file_name)
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        match context.hold(input)? {
            Some(bytes) => Ok(decode_held(&bytes, context)?),
            None => Ok(decode_stream(input, context)?),
        }
    }
}

fn decode_held(bytes: &[u8], context: &mut Context<'_>) -> Read<Batch> {
    let len = bytes.len() as u64;
    // Both passes go over all bytes.
    context.meter.last_stage(2 * len);
    let (mut parts, mut kept) = (Parts::default(), Kept::All(bytes));
    let mut message = Message::outermost(bytes);
    while let Some(field) = message.next()? {
        context.meter.reach(field.offset)?;
        parts.read(&field, &mut kept)?;
    }
    let name = context.lower_base_name();
    let Context { meter, warnings, .. } = context;
    let tables = Tables::read(parts, &kept, &name, len, warnings)?;
    tables.finish(len, warnings, |samples, warnings| {
        let mut message = Message::outermost(bytes);
        while let Some(field) = message.next()? {
            if field.number == field::SAMPLE {
                meter.reach(len + field.offset)?;
                samples.add(&field, warnings)?;
            }
        }
        Ok(())
    })
}

fn decode_stream(input: &mut Input<'_>, context: &mut Context<'_>) -> Read<Batch> {
    let (name, file_len) = (context.lower_base_name(), input.file_len());
    let Context { meter, warnings, .. } = context;
    meter.stage(file_len / 2, file_len);
    let (mut parts, mut kept) = (Parts::default(), Kept::nothing());
    let mut stream = Stream::new(Window::new(input, meter));
    stream.each(|field| parts.read(field, &mut kept))?;
    let len = stream.position();
    let tables = Tables::read(parts, &kept, &name, len, warnings)?;
    tables.finish(len, warnings, |samples, warnings| {
        stream.rewind(file_len);
        stream.each(|field| if field.number == field::SAMPLE { samples.add(field, warnings) } else { Ok(()) })
    })
}

/// All but the samples.
struct Tables<'k> {
    parts: Parts,
    strings: Strings<'k>,
    types: Types,
    locations: Locations,
    batch: Batch,
}

impl<'k> Tables<'k> {
    fn read(mut parts: Parts, kept: &'k Kept<'k>, file_name: &str, len: u64, warnings: &mut Warnings) -> Read<Self> {
        parts.check(len)?;
        let mut strings = Strings::new(kept, std::mem::take(&mut parts.strings), len)?;
        let types = Types::read(&parts, &strings, file_name, warnings)?;
        let mut batch = Batch::default();
        let locations = symbols::read(kept, &parts, &mut strings, &mut batch.symbols, warnings)?;
        Ok(Self { parts, strings, types, locations, batch })
    }

    /// Adds the samples that `read` hands over.
    fn finish(
        self,
        len: u64,
        warnings: &mut Warnings,
        read: impl FnOnce(&mut Samples<'_, 'k>, &mut Warnings) -> Read<()>,
    ) -> Read<Batch> {
        let Self { parts, mut strings, types, locations, mut batch } = self;
        let mut samples = Samples::new(&types.factors, &locations, &mut strings, &mut batch, len);
        read(&mut samples, warnings)?;
        samples.finish();
        batch.profiles = types.entries;
        read_facts(&parts, &strings, &mut batch, warnings)?;
        Ok(batch)
    }
}

fn read_facts(parts: &Parts, strings: &Strings<'_>, batch: &mut Batch, warnings: &mut Warnings) -> Read<()> {
    let mut text = |at: Option<StringIndex>| match at {
        Some(at) => strings.text(at, warnings).map(String::from),
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
