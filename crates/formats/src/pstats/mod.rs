//! Python's cProfile: the statistics that `cProfile.run(..., file)` and `Profile.dump_stats` write.
//!
//! Format: a dictionary in marshal (<https://docs.python.org/3/library/marshal.html>) of the shape that
//! <https://docs.python.org/3/library/profile.html> describes:
//! `{(file, line, name): (primitive calls, calls, tottime, cumtime, {caller: (.., .., tottime, cumtime)})}`.
//!
//! Semantics:
//! - one profile, `wall:time:nanoseconds::`; seconds are rounded to the nanosecond, the clock's own step;
//! - function table: own = tottime, total = cumtime; `samples` is the number of calls;
//! - functions of one name and file are kept apart by their first line; `~` is no file;
//! - stacks are put together from the callers, with the warning `stacks-estimated`;
//! - marshal of every version from Python 2.4 on; callers that are only counted (module `profile`) give no stacks.
//!
//! Left out: numbers of calls by caller. Refused: anything of another shape, with the byte where it differs.

mod marshal;
mod reader;

use emberglass_profile::{Batch, InputError};

use crate::extension::has_extension;
use crate::{About, Confidence, Context, Format, Input};

/// The decoder of Python's pstats files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pstats;

const EXTENSIONS: &[&str] = &[".pstats", ".pstat", ".cprof"];
const REF: u8 = 0x80;

impl Format for Pstats {
    fn name(&self) -> &'static str {
        "pstats"
    }

    fn about() -> About {
        About {
            title: "Python's cProfile",
            files: &["*.pstats", "*.pstat", "*.cprof"],
            specifications: &[
                "https://docs.python.org/3/library/profile.html",
                "https://docs.python.org/3/library/marshal.html",
            ],
            recognised: "A dictionary of marshal whose first key is a triple that starts with text",
            kept: "Functions with files and lines, own and cumulative times as a function table, callers",
            dropped: "Numbers of calls by caller: no view needs them",
            limits: "Read in slices; a text has 64 MiB at most. Refused: any other value of marshal than the statistics",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let is_named = has_extension(file_name, EXTENSIONS);
        let has_key = match prefix {
            [dict, tuple, rest @ ..] if dict & !REF == b'{' => match tuple & !REF {
                b'(' => matches!(rest, [3, 0, 0, 0, kind, ..] if is_text(*kind)),
                b')' => matches!(rest, [3, kind, ..] if is_text(*kind)),
                _ => false,
            },
            _ => false,
        };
        let is_empty = matches!(prefix, [dict, b'0'] if dict & !REF == b'{');
        match (has_key, is_named) {
            (true, _) => Confidence::Certain,
            (false, true) if is_empty => Confidence::ContentAndName,
            (false, true) => Confidence::Name,
            (false, false) => Confidence::No,
        }
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        reader::read(input, context)
    }
}

fn is_text(kind: u8) -> bool {
    b"stuaAzZ".contains(&(kind & !REF))
}
