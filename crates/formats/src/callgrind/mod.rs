//! Callgrind and Cachegrind: costs of functions and of the calls between them.
//!
//! Format: <https://valgrind.org/docs/manual/cl-format.html>; also what Xdebug, Yappi and rbspy write.
//!
//! Semantics:
//! - one profile for each event, in the order of the file; `Time_(10ns)` and its like become base units, any
//!   other event counts; a file with several threads has profiles for each;
//! - names are verbatim, compressed ones (`(12) name`) resolved; a function is its name and file, its object
//!   the mapping; cost lines inside of `fi=`/`fe=` belong to the function around them, without their line;
//! - relative, repeated and hexadecimal positions; the first position of kind `line` is the line;
//! - the line after `calls=` is the cost of those calls, all of the callee included;
//! - function table: own = cost lines; total = own and the costs of calls to other functions, so that direct
//!   recursion is left out and a total may exceed the profile's; `samples` counts names with a cost line;
//! - stacks are put together from the calls, with the warning `stacks-estimated`; a file without calls, as
//!   Cachegrind writes, has a stack for each function, with the warning `no-stacks`.
//!
//! Left out: jumps, numbers of calls, instruction addresses, derived events (`event:` formulas), the file's own
//! `summary` and `totals`. Counted warnings: `unreadable-line`, `undefined-name`.

mod names;
mod position;
mod reader;

use emberglass_profile::{Batch, InputError};

use crate::lines::{each_line, prefix_text};
use crate::{About, Confidence, Context, Format, Input};

/// The decoder of Callgrind's and Cachegrind's files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Callgrind;

impl Format for Callgrind {
    fn name(&self) -> &'static str {
        "callgrind"
    }

    fn about() -> About {
        About {
            title: "Callgrind and Cachegrind, also as Xdebug, Yappi and rbspy write it",
            files: &["*callgrind*", "*cachegrind*"],
            specifications: &["https://valgrind.org/docs/manual/cl-format.html"],
            recognised: "The line `# callgrind format`, or `events:` and one more of its keywords at the start of lines",
            kept: "Every event; functions with files, lines and objects; compressed names; own costs and costs of calls as a function table; threads; facts of the header",
            dropped: "Numbers of calls, jumps, instruction addresses, derived events, `summary` and `totals`: no view needs them",
            limits: "Read in slices, one line at a time; 256 events, 8 positions; 262,144 events of all threads; 67 million functions and calls. Stacks are estimated from at most 200,000 paths of 500 frames",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let name = file_name.to_lowercase();
        let is_named = name.contains("callgrind") || name.contains("cachegrind");
        let Some(text) = prefix_text(prefix) else { return Confidence::No };
        let text = text.trim_start_matches('\u{feff}');
        let has = |starts: &[&str]| text.lines().any(|line| starts.iter().any(|start| line.starts_with(start)));
        let has_events = has(&["events:"]);
        let has_more = has(&["version:", "creator:", "cmd:", "desc:", "positions:", "fn=", "fl="]);
        if text.starts_with("# callgrind format") || has_events && has_more {
            Confidence::Certain
        } else if is_named {
            Confidence::Name
        } else {
            Confidence::No
        }
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let mut reader = reader::Reader::default();
        each_line(input, context, |line, warnings| reader.line(line, warnings))?;
        reader.finish(&mut context.warnings)
    }
}
