//! The first line of a sample: who ran, where, when, and which event.
//!
//! `comm pid/tid [cpu] flags time: period event: ...`, in this order; each may be missing, as `perf script -F`
//! selects them. A comm may hold spaces, so that a line is read from its time, or from its event, to the left.

use crate::perf::events::{Sample, Task};

/// What a line says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header<'a> {
    pub(super) sample: Sample<'a>,
    /// What follows the event: a frame, or the text of a tracepoint.
    pub(super) rest: &'a str,
}

/// Tokens of a line with their places.
fn tokens(line: &str) -> impl Iterator<Item = (usize, &str)> {
    line.split_ascii_whitespace().map(move |token| (token.as_ptr() as usize - line.as_ptr() as usize, token))
}

/// Reads a header; `None` for any other line.
pub(super) fn parse(line: &str) -> Option<Header<'_>> {
    for (at, token) in tokens(line) {
        if let Some(time) = parse_time(token) {
            let task = parse_task(&line[..at])?;
            let (period, event, rest) = parse_event(&line[at + token.len()..]);
            return Some(Header { sample: Sample { event, task, time: Some(time), period }, rest });
        }
    }
    // Without a time: the first number that may be a thread's and has an event behind it. Lines of call chains
    // begin with a tab and a number.
    let mut before = !line.starts_with('\t');
    for (at, token) in tokens(line) {
        if before && parse_ids(token).is_some() {
            let mut right = &line[at + token.len()..];
            let mut left = &line[..at + token.len()];
            if let Some((cpu_at, cpu)) = tokens(right).next()
                && parse_cpu(cpu).is_some()
            {
                left = &line[..at + token.len() + cpu_at + cpu.len()];
                right = &right[cpu_at + cpu.len()..];
            }
            let (period, event, rest) = parse_event(right);
            if !event.is_empty() {
                return Some(Header { sample: Sample { event, task: parse_task(left)?, time: None, period }, rest });
            }
        }
        before = true;
    }
    None
}

/// Reads the first line of a sample that has neither a time nor an event behind an id: any text, which is known to
/// be one by the call chain that follows it.
pub(super) fn parse_loose(line: &str) -> Header<'_> {
    let text = line.trim_end();
    let (left, event) = match last_token(text) {
        Some((left, token)) if token.len() > 1 && token.ends_with(':') => (left, token.strip_suffix(':').unwrap_or("")),
        _ => (text, ""),
    };
    let (mut left, mut period) = (left, None);
    // Periods are printed in ten places, so that spaces stand before all but the largest.
    if let Some((before, token)) = last_token(left)
        && (before.ends_with("  ") || before.is_empty() && line.starts_with("  "))
        && token.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(number) = token.parse()
    {
        period = Some(number);
        left = before;
    }
    let task = parse_task(left).unwrap_or_default();
    Header { sample: Sample { event, task, time: None, period }, rest: "" }
}

/// `12.345678:` in ns; up to nine decimal places.
fn parse_time(token: &str) -> Option<i64> {
    let (seconds, fraction) = token.strip_suffix(':')?.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(seconds) || !is_number(fraction) || fraction.len() > 9 {
        return None;
    }
    let scale = 10i64.pow(9 - fraction.len() as u32);
    let nanos = fraction.parse::<i64>().ok()? * scale;
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos)
}

/// `12`, or `12/34`: process (where there are two) and thread.
fn parse_ids(token: &str) -> Option<(Option<i64>, Option<i64>)> {
    let number = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_number = (1..=10).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { text.parse().ok() } else { None }
    };
    match token.split_once('/') {
        Some((process, thread)) => Some((Some(number(process)?), Some(number(thread)?))),
        None => Some((None, Some(number(token)?))),
    }
}

fn parse_cpu(token: &str) -> Option<i64> {
    let digits = token.strip_prefix('[')?.strip_suffix(']')?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// Letters of `-F misc`.
fn is_flags(token: &str) -> bool {
    token.len() <= 4 && token.bytes().all(|byte| b"KUHGgMECSDp".contains(&byte))
}

fn last_token(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_end();
    if text.is_empty() {
        return None;
    }
    Some(match text.rfind([' ', '\t']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => ("", text),
    })
}

/// What lies left of the time: from its right end, flags, processor, ids; the rest is the comm.
fn parse_task(left: &str) -> Option<Task<'_>> {
    let mut task = Task::default();
    let mut left = left;
    if let Some((rest, token)) = last_token(left)
        && is_flags(token)
        && last_token(rest).is_some_and(|(_, next)| parse_cpu(next).is_some() || parse_ids(next).is_some())
    {
        left = rest;
    }
    if let Some((rest, token)) = last_token(left)
        && let Some(cpu) = parse_cpu(token)
    {
        task.cpu = Some(cpu);
        left = rest;
    }
    if let Some((rest, token)) = last_token(left)
        && let Some((process, thread)) = parse_ids(token)
    {
        (task.process_id, task.thread_id) = (process, thread);
        left = rest;
    }
    task.comm = left.trim();
    Some(task)
}

/// What lies right of the time: period, event, and what follows them.
fn parse_event(right: &str) -> (Option<i64>, &str, &str) {
    let mut period = None;
    let mut rest = right;
    if let Some((at, token)) = tokens(rest).next()
        && token.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(number) = token.parse()
        && !looks_like_a_frame(&rest[at..])
    {
        period = Some(number);
        rest = &rest[at + token.len()..];
    }
    if let Some((at, token)) = tokens(rest).next()
        && token.len() > 1
        && let Some(event) = token.strip_suffix(':')
    {
        return (period, event, rest[at + token.len()..].trim());
    }
    (period, "", rest.trim())
}

/// An address of digits only, with its symbol and binary behind it, is no period.
fn looks_like_a_frame(text: &str) -> bool {
    text.trim_end().ends_with(')')
        && !text.split_ascii_whitespace().any(|token| token.len() > 1 && token.ends_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Expected<'a> = (&'a str, Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>, &'a str, &'a str);

    #[test]
    fn every_selection_of_fields_is_read() {
        let cases: &[(&str, Expected<'_>)] = &[
            (
                "node 32318  1628.495865:    5025125 cpu-clock: ",
                ("node", None, Some(32318), None, Some(1_628_495_865_000), Some(5_025_125), "cpu-clock", ""),
            ),
            (
                "geo worker 3/4 [002] 1.5: 250 cycles:u: ",
                ("geo worker", Some(3), Some(4), Some(2), Some(1_500_000_000), Some(250), "cycles:u", ""),
            ),
            (
                "         swapper     0 [001] 12.000000001:  sched:sched_switch: prev_comm=a next_pid=5",
                (
                    "swapper",
                    None,
                    Some(0),
                    Some(1),
                    Some(12_000_000_001),
                    None,
                    "sched:sched_switch",
                    "prev_comm=a next_pid=5",
                ),
            ),
            (
                "a b 1 2 77 [000] K 3.25: 9 cycles: ",
                ("a b 1 2", None, Some(77), Some(0), Some(3_250_000_000), Some(9), "cycles", ""),
            ),
            ("java 12/13 cycles: ", ("java", Some(12), Some(13), None, None, None, "cycles", "")),
            ("28041 cpu-clock:u: ", ("", None, Some(28041), None, None, None, "cpu-clock:u", "")),
            ("java 13 [003] 100 cycles: ", ("java", None, Some(13), Some(3), None, Some(100), "cycles", "")),
            (
                "perf 5 1.0: cycles: ffffffff8104f45a native_write_msr+0xa ([kernel.kallsyms])",
                (
                    "perf",
                    None,
                    Some(5),
                    None,
                    Some(1_000_000_000),
                    None,
                    "cycles",
                    "ffffffff8104f45a native_write_msr+0xa ([kernel.kallsyms])",
                ),
            ),
            ("1.5: ", ("", None, None, None, Some(1_500_000_000), None, "", "")),
            ("comm only 1.5: ", ("comm only", None, None, None, Some(1_500_000_000), None, "", "")),
            (
                ":-1 -1 2.5: 1 cpu_core/cycles/u: ",
                (":-1", None, Some(-1), None, Some(2_500_000_000), Some(1), "cpu_core/cycles/u", ""),
            ),
        ];
        for (line, expected) in cases {
            let Header { sample, rest } = parse(line).unwrap_or_else(|| panic!("{line:?}"));
            let Task { comm, process_id, thread_id, cpu } = sample.task;
            let got = (comm, process_id, thread_id, cpu, sample.time, sample.period, sample.event, rest);
            assert_eq!(got, *expected, "{line:?}");
        }
    }

    #[test]
    fn lines_before_call_chains_may_say_anything() {
        for (line, expected) in [
            ("w ", ("w", None, None, None, None, "")),
            ("28041 ", ("", None, Some(28041), None, None, "")),
            ("a b 3/4 [002] ", ("a b", Some(3), Some(4), Some(2), None, "")),
            ("[001] ", ("", None, None, Some(1), None, "")),
            ("   2004008 ", ("", None, None, None, Some(2_004_008), "")),
            ("w    2004008 ", ("w", None, None, None, Some(2_004_008), "")),
            ("w 28041    2004008 ", ("w", None, Some(28041), None, Some(2_004_008), "")),
            ("cpu-clock:u: ", ("", None, None, None, None, "cpu-clock:u")),
            ("swapper [001] cycles: ", ("swapper", None, None, Some(1), None, "cycles")),
        ] {
            let Sample { event, task, period, .. } = parse_loose(line).sample;
            let Task { comm, process_id, thread_id, cpu } = task;
            assert_eq!((comm, process_id, thread_id, cpu, period, event), expected, "{line:?}");
        }
    }

    #[test]
    fn other_lines_are_no_headers() {
        for line in ["", "\t 12929 main+0x5 (/bin/a)", "# captured on: Tue", "main;a 5", "just words", "7 x"] {
            assert!(parse(line).is_none(), "{line:?}");
        }
    }
}
