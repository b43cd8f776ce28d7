//! `perf script`: samples as text.
//!
//! Format: <https://man7.org/linux/man-pages/man1/perf-script.1.html>.
//!
//! Semantics:
//! - a sample is a line with comm, thread, processor, time, period and event, whichever are printed, then its
//!   call chain, leaf first, up to an empty line; without a call chain the address may stand in the same line;
//! - a table for each event, with `samples:count` and, where printed, the sum of the periods (nanoseconds for
//!   `cpu-clock` and `task-clock`); the event is the profiles' label, comm (`thread`), ids and processor are
//!   attributes; a single id is the thread's;
//! - a frame's name is the symbol without `+0x..`, `[unknown]` is a name, a line without a symbol is its
//!   address; the binary is the frame's mapping, `[kernel.kallsyms]` for the kernel; `(inlined)` frames are
//!   frames; `file:line` below a frame is its source line;
//! - times are those of perf's clock, not of a calendar; kept for each sample;
//! - samples without frames count.
//!
//! Left out: texts of tracepoints, records other than samples, with the counted warning `other-record`; lines
//! that are nothing of this, with the counted warning `unreadable-line` that names the first of them. Lines of
//! the header (`# hostname : ...`) become metadata.

mod frame;
mod header;
mod reader;

use emberglass_profile::{Batch, InputError};

use crate::lines::{each_line, prefix_text};
use crate::{About, Confidence, Context, Format, Input};

/// The decoder of `perf script`'s text.
#[derive(Clone, Copy, Debug, Default)]
pub struct PerfScript;

const ENDINGS: &[&str] = &[".perf", ".perf.txt", ".perf-script", "perf.script"];

impl Format for PerfScript {
    fn name(&self) -> &'static str {
        "perf script"
    }

    fn about() -> About {
        About {
            title: "Linux perf's samples as text",
            files: &["*.perf", "*.perf.txt", "*.perf-script", "*perf.script"],
            specifications: &["https://man7.org/linux/man-pages/man1/perf-script.1.html"],
            recognised: "A line that begins a sample, or the header of a recording (`# captured on`, ...)",
            kept: "Events as profiles of their own, samples and periods, times, comms, process, thread and processor, symbols, binaries, inlined frames, source lines, the header of the recording",
            dropped: "Texts of tracepoints and records that are no samples (they have no values), addresses of symbolised frames",
            limits: "Read in slices, one line at a time; 16 million frames a call chain; 65,536 events; 64 million stacks",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let name = file_name.to_lowercase();
        let stem = name.trim_end_matches(".gz").trim_end_matches(".zst");
        let is_named = ENDINGS.iter().any(|ending| stem.ends_with(ending));
        let Some(text) = prefix_text(prefix) else { return Confidence::No };
        match (has_structure(&text), is_named) {
            (true, true) => Confidence::ContentAndName,
            (true, false) => Confidence::Content,
            (false, true) => Confidence::Name,
            (false, false) => Confidence::No,
        }
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let mut reader = reader::Reader::default();
        each_line(input, context, |line, warnings| reader.line(line, warnings))?;
        reader.finish(&mut context.warnings)
    }
}

/// True if a sample begins and nothing but comments and records comes before it, or if the header of a
/// perf recording does.
fn has_structure(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
    let mut rows = 0;
    while let Some(line) = lines.next() {
        rows += 1;
        if line.starts_with("# captured on") || line.starts_with("# cmdline :") && line.contains("perf") {
            return true;
        }
        if line.starts_with('#') {
            continue;
        }
        let Some(header) = header::parse(line) else { return false };
        let next = lines.next();
        let has_frame = next.is_some_and(|next| frame::split_address(next).is_some());
        let has_header = next.is_none_or(|next| header::parse(next).is_some());
        let is_event = !header.sample.event.is_empty();
        if has_frame || has_header && is_event && header.sample.time.is_some() {
            return true;
        }
        if rows > 50 {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_recognised() {
        for (text, confidence) in [
            ("a 1 1.5: 9 cycles: \n\t 12 main (/a)\n", Confidence::Content),
            ("# ========\n# captured on    : Tue\n", Confidence::Content),
            ("a 1 1.5: 9 cycles:  12 main (/a)\nb 1 1.5: 9 cycles:  12 main (/a)\n", Confidence::Content),
            ("a 1/1 cycles: \n\t 12 main (/a)\n", Confidence::Content),
            ("main;a 5\n", Confidence::No),
            ("# words\nmore words\n", Confidence::No),
            ("fn=(1) main\n1 5\n", Confidence::No),
        ] {
            assert_eq!(PerfScript.sniff(text.as_bytes(), "x"), confidence, "{text}");
        }
    }
}
