//! `sample`: the call graphs that macOS's command-line tool and Activity Monitor write.
//!
//! Manual: <https://keith.github.io/xcode-man-pages/sample.1.html>; there is no specification. Behind a head of
//! `Key: value` comes `Call graph:`, a tree whose rows are the number of samples and a function, each level two
//! columns further right, with `+ ! : |` for the lines of the tree; the outermost rows are threads.
//!
//! Semantics:
//! - a row's own value is its number less those of its children; `samples` (count) for each thread, taken by wall
//!   clock at the period that the first line states;
//! - a row is `name  (in binary) + offset  [address]  file:line`; the name is verbatim, `???` becomes the address; a
//!   frame keeps its binary, file and line;
//! - labels: `process` and `process_id` of the head, `thread` (its name, else its queue), `thread_id`, `queue` where a
//!   thread has both;
//! - the binaries' addresses and build ids are those of `Binary Images:`; `Date/Time` is the start; the head becomes
//!   metadata; a record is one sample.
//!
//! Left out: `Total number in stack` and `Sort by top of stack` (sums of the tree), offsets in functions. Counted
//! warnings: `unreadable-line` in the call graph, `inconsistent-values` for rows whose children have more samples.

mod date;
mod reader;
mod row;

use emberglass_profile::{Batch, InputError};

use crate::extension::named;
use crate::lines::{each_line, prefix_text};
use crate::{About, Confidence, Context, Format, Input};

/// The decoder of `sample`'s text.
#[derive(Clone, Copy, Debug, Default)]
pub struct MacosSample;

impl Format for MacosSample {
    fn name(&self) -> &'static str {
        "macos-sample"
    }

    fn about() -> About {
        About {
            title: "macOS `sample`",
            files: &["*.sample.txt"],
            specifications: &["https://keith.github.io/xcode-man-pages/sample.1.html"],
            recognised: "A line `Analysis of sampling`, `Analysis Tool:` of that name, or `Call graph:` with a row below",
            kept: "Threads with their stacks, binaries with build ids, files and lines, queues, the head as metadata",
            dropped: "`Total number in stack` and `Sort by top of stack` (sums of the tree), offsets in functions",
            limits: "Read line by line. Spindump's own body is not read",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let Some(text) = prefix_text(prefix) else { return Confidence::No };
        let has = |wanted: fn(&str) -> bool| text.lines().any(wanted);
        if has(|line| line.starts_with("Analysis of sampling ")) {
            return Confidence::Certain;
        }
        let has_tool = has(|line| line.starts_with("Analysis Tool:") && line.ends_with("/sample"));
        let has_graph = has(|line| line == "Call graph:") && has(|line| row::parse(line).is_some());
        named(has_tool || has_graph, file_name, &[".sample.txt"])
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let mut reader = reader::Reader::default();
        each_line(input, context, |line, _warnings| reader.line(line))?;
        reader.finish(&mut context.warnings)
    }
}
