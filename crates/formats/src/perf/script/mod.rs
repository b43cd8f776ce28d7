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
//! - whichever fields `-F` selects: a line with neither time nor event is a sample's first one if a call chain
//!   follows it, and a call chain without one is a sample; a single number in ten places is the period;
//! - samples without frames count.
//!
//! Left out: texts of tracepoints, records other than samples, with the counted warning `other-record`; lines
//! that are nothing of this, with the counted warning `unreadable-line` that names the first of them. Lines of
//! the header (`# hostname : ...`) become metadata.

mod frame;
mod header;
mod reader;

use emberglass_profile::{Batch, InputError};

use crate::extension::named;
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
        let Some(text) = prefix_text(prefix) else { return Confidence::No };
        named(has_structure(&text), file_name, ENDINGS)
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
        if frame::is_of_chain(line) {
            return true;
        }
        let next = lines.next();
        let Some(header) = header::parse(line) else { return next.is_some_and(frame::is_of_chain) };
        let has_frame = next.is_some_and(|next| frame::split_address(next).is_some());
        let next = next.map(header::parse);
        let is_event = !header.sample.event.is_empty();
        let has_header = match next {
            // Two lines of words with a number and a colon are samples.
            Some(next) => {
                next.is_some_and(|next| header.sample.time.is_some() || next.sample.event == header.sample.event)
            }
            None => header.sample.time.is_some(),
        };
        if has_frame || has_header && is_event {
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
            ("   w 28041 cpu-clock:u: \n   w 28041 cpu-clock:u: \n", Confidence::Content),
            ("28041 cpu-clock:u: \n\t            116e leaf\n\n", Confidence::Content),
            ("w \n\t            116e leaf\n\n", Confidence::Content),
            ("   2004008 \n\t            116e leaf\n\n", Confidence::Content),
            ("\n\t            116e leaf (/tmp/w)\n\n", Confidence::Content),
            ("words 12 there: \nand more\n", Confidence::No),
            ("main;a 5\n", Confidence::No),
            ("# words\nmore words\n", Confidence::No),
            ("fn=(1) main\n1 5\n", Confidence::No),
        ] {
            assert_eq!(PerfScript.sniff(text.as_bytes(), "x"), confidence, "{text}");
        }
    }
}
