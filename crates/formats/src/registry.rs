//! The formats, and the way from bytes to a batch.
//!
//! A new format is one file that implements [`Format`] and one line in [`formats`].

use emberglass_profile::{Batch, ErrorCode, InputError, Warning};

use crate::describe::describe;
use crate::{
    Context, Input, Meter, Progress, SliceSource, Source, callgrind, chrome, dtrace, folded, gecko, ghc_prof,
    html_report, instruments, jfr, macos_sample, otlp, perf, pprof, pstats, pyroscope, speedscope, stackprof, v8,
};

/// How sure a format is that a file is its own, weakest first. The content decides; a file's name only
/// between formats that find the same in the content, and where no format finds anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It is not.
    No,
    /// Nothing in the content says so, but the name does.
    Name,
    /// The content has the right structure.
    Content,
    /// The content has the right structure, and the name agrees.
    ContentAndName,
    /// A magic number or an equal sign.
    Certain,
}

/// One format: recognises its files and decodes them.
pub trait Format: Sync {
    /// Name as users see it, lower case.
    fn name(&self) -> &'static str;

    /// Judges a file by its first bytes (inflated, at most [`crate::PREFIX_LEN`]) and its name.
    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence;

    /// Decodes the file. The caller adds the format's name, the content hash and the context's warnings.
    ///
    /// # Errors
    /// What is wrong with the file, with an offset into the inflated bytes where one is known.
    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError>;
}

/// All formats. Of two that are equally sure the first decodes.
#[must_use]
pub fn formats() -> &'static [&'static dyn Format] {
    &[
        &pprof::Pprof,
        &perf::script::PerfScript,
        &perf::data::PerfData,
        &callgrind::Callgrind,
        &pstats::Pstats,
        &jfr::Jfr,
        &dtrace::Dtrace,
        &instruments::Instruments,
        &macos_sample::MacosSample,
        &folded::Folded,
        &speedscope::Speedscope,
        &v8::cpuprofile::CpuProfile,
        &v8::heapprofile::HeapProfile,
        &v8::prof::PreprocessedProf,
        &ghc_prof::GhcProf,
        &chrome::ChromeTrace,
        &gecko::Gecko,
        &otlp::Otlp,
        &html_report::HtmlReport,
        &pyroscope::flamebearer::Flamebearer,
        &pyroscope::bytes::PyroscopeBytes,
        &stackprof::Stackprof,
    ]
}

/// Decodes one file, compressed or not, of whatever format its content has.
///
/// # Errors
/// `empty-input`, `unrecognized-format`, or what the format's decoder finds wrong.
pub fn decode(bytes: &[u8], file_name: &str, progress: &mut dyn Progress) -> Result<Batch, InputError> {
    decode_source(&mut SliceSource(bytes), file_name, progress)
}

/// As [`decode`], for a file that is not in memory.
///
/// # Errors
/// As [`decode`], and `unreadable-file`.
pub fn decode_source(
    source: &mut dyn Source,
    file_name: &str,
    progress: &mut dyn Progress,
) -> Result<Batch, InputError> {
    decode_input(&mut Input::open(source), file_name, progress)
}

/// Decodes what nobody has read from yet.
pub(crate) fn decode_input(
    input: &mut Input<'_>,
    file_name: &str,
    progress: &mut dyn Progress,
) -> Result<Batch, InputError> {
    let mut context = Context::new(file_name, Meter::new(progress, input.file_len()));
    let format = recognize(input, file_name)?;
    let mut batch = format.decode(input, &mut context)?;
    batch.content_hash = input.content_hash(&mut context.meter)?;
    format.name().clone_into(&mut batch.format);
    for Warning { code, message, offset, count } in
        input.warnings().as_slice().iter().chain(context.warnings.as_slice())
    {
        batch.warnings.add_many(code, *count, *offset, || message.clone());
    }
    Ok(batch)
}

fn recognize(input: &mut Input<'_>, file_name: &str) -> Result<&'static dyn Format, InputError> {
    let compression = input.compression();
    let prefix = input.prefix();
    // `max_by_key` would take the last of equals.
    let best = formats().iter().rev().max_by_key(|format| format.sniff(prefix, file_name));
    let confidence = best.map_or(Confidence::No, |format| format.sniff(prefix, file_name));
    let seen = describe(prefix);
    if let Some(format) = best
        && (confidence >= Confidence::Content
            || (confidence == Confidence::Name && !seen.is_foreign && !prefix.is_empty()))
    {
        return Ok(*format);
    }
    let is_empty = prefix.is_empty();
    if let Some(fault) = input.fault() {
        return Err(fault.clone());
    }
    let inside = compression.map_or(String::new(), |name| format!(" inside {name}"));
    if is_empty {
        return Err(InputError::new(ErrorCode::EmptyInput, format!("there is nothing in the file{inside}")));
    }
    let message = format!("not a profile of a known format: this looks like {}{inside}", seen.words);
    Err(InputError::new(ErrorCode::UnrecognizedFormat, message))
}
