//! Instruments: the call tree as text, what "Deep Copy" puts on the clipboard.
//!
//! There is no specification; <https://github.com/google/instrumentsToPprof#producing-pprof-from-deep-copy> says how it is
//! made. A line names the columns, separated by tabs (`Running Time`, `Weight` or `Bytes Used`; `Self (ms)` or
//! `Self Weight`; `Symbol Name`); each line after it is a node, indented by one space more than its caller.
//!
//! Semantics:
//! - a row's own value is that of the self column, in the unit that stands behind it, else in the column's title;
//!   without such a column it is the row's value less those of its children;
//! - times become nanoseconds (`time`), sizes bytes (`space`), cycles a count (`cycles`), anything else a count
//!   (`samples`), exactly as printed: Instruments rounds what it shows. A file has one of them, that of its first row
//!   with a unit;
//! - a row `Name (12)` at the left edge is a process, a row `Name  0x12` at the edge or directly below a process a
//!   thread: each is a profile with the labels `process`, `process_id`, `thread`, `thread_id`, and no frame;
//! - other names are verbatim; a record is a row with an own value; there is no clock.
//!
//! Left out: percentages, other columns; lines that are no rows, with the counted warning `unreadable-line`.
//! Counted warning: `inconsistent-values` for rows whose children have more than they have themselves.

mod reader;
mod value;

use emberglass_profile::{Batch, InputError};

use crate::extension::named;
use crate::lines::{each_line, prefix_text};
use crate::{About, Confidence, Context, Format, Input};

/// The decoder of Instruments' call trees.
#[derive(Clone, Copy, Debug, Default)]
pub struct Instruments;

impl Format for Instruments {
    fn name(&self) -> &'static str {
        "instruments"
    }

    fn about() -> About {
        About {
            title: "Instruments' call tree as text (\"Deep Copy\")",
            files: &["*.instruments.txt"],
            specifications: &["https://github.com/google/instrumentsToPprof#producing-pprof-from-deep-copy"],
            recognised: "A first line of tab-separated column titles: a value (`Running Time`, `Weight`, `Bytes Used`), and `Symbol Name`",
            kept: "The call tree with own values in exact base units, processes and threads",
            dropped: "Percentages and columns other than the value and its own part: they follow from the tree",
            limits: "Read line by line",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let Some(text) = prefix_text(prefix) else { return Confidence::No };
        let mut lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
        if lines.next().is_some_and(|line| reader::Columns::of(line).is_some()) {
            return Confidence::Certain;
        }
        named(false, file_name, &[".instruments.txt"])
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let mut reader = reader::Reader::default();
        each_line(input, context, |line, _warnings| reader.line(line))?;
        reader.finish(&mut context.warnings)
    }
}
