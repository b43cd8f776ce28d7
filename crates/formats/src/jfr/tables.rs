//! Samples by event type, and the profiles that they make.

use emberglass_profile::{
    AttributeSetId, Batch, ErrorCode, InputError, ProfileEntry, ProfileType, SampleTableBuilder, StackId,
};

use super::chunk::Header;
use super::kinds::{KINDS, Kind, Measure};

/// One table for each event type that comes.
pub(super) struct Tables {
    rows: Vec<Option<Table>>,
    start: Option<i64>,
    end: i64,
}

struct Table {
    rows: SampleTableBuilder,
    /// Period of the samples, in ns.
    period: i64,
    has_period: bool,
    is_wall: bool,
}

impl Tables {
    pub(super) fn new() -> Self {
        Self { rows: KINDS.iter().map(|_| None).collect(), start: None, end: 0 }
    }

    /// The recording covers a chunk.
    pub(super) fn cover(&mut self, chunk: &Header) {
        self.start = Some(self.start.map_or(chunk.start, |start| start.min(chunk.start)));
        self.end = self.end.max(chunk.start.saturating_add(chunk.duration.max(0)));
    }

    fn table(&mut self, row: usize) -> &mut Table {
        self.rows[row].get_or_insert_with(|| Table {
            rows: SampleTableBuilder::new(&[0, 0]),
            period: 0,
            has_period: false,
            is_wall: false,
        })
    }

    /// `period` (Flight Recorder) and `interval` (async-profiler) of samples, and what async-profiler samples.
    pub(super) fn set(&mut self, event: &str, name: &str, value: &str) {
        let is_sample =
            |kind: &Kind| kind.measure == Measure::Period && (kind.event == event || event == "jdk.ActiveRecording");
        for (row, kind) in KINDS.iter().enumerate().filter(|(_, kind)| is_sample(kind)) {
            let nanos = match name {
                "period" => parse_period(value),
                "interval" => value.trim().parse().ok(),
                "wall" if kind.profile == "wall" => value.trim().parse().ok(),
                "event" => {
                    self.table(row).is_wall |= value == "wall";
                    None
                }
                _ => None,
            };
            if let Some(nanos) = nanos.filter(|&nanos| nanos > 0) {
                self.table(row).period = nanos;
            }
        }
    }

    /// Adds an event of `KINDS[row]`, whose field of the value is `value`.
    pub(super) fn add(
        &mut self,
        row: usize,
        chunk: &Header,
        (start, value): (i64, Option<i64>),
        stack: StackId,
        attributes: AttributeSetId,
    ) -> Result<(), InputError> {
        let kind = KINDS[row];
        let table = self.table(row);
        let (count, value) = match kind.measure {
            Measure::Period => {
                let count = value.unwrap_or(1);
                table.has_period |= table.period > 0;
                let time = count.checked_mul(table.period).ok_or_else(|| {
                    InputError::new(ErrorCode::ValueOverflow, "the time of a sample is beyond 64 bits")
                })?;
                (count, time)
            }
            Measure::Bytes => (1, value.unwrap_or(0)),
            Measure::Duration => (1, chunk.nanos(value.unwrap_or(0))),
        };
        table.rows.add_at(chunk.time(start), stack, attributes, &[count, value])
    }

    /// The tables with their profiles, in the order of [`KINDS`].
    pub(super) fn finish(self, batch: &mut Batch) {
        let Self { rows, start, end } = self;
        for (kind, table) in KINDS.iter().zip(rows) {
            let Some(table) = table else { continue };
            let Table { rows, period, has_period, is_wall } = table;
            let mut rows = rows.finish();
            if rows.records == 0 {
                continue;
            }
            let columns = if kind.measure == Measure::Period && !has_period { 1 } else { 2 };
            rows.columns.truncate(columns);
            if let Some(timeline) = &mut rows.timeline {
                timeline.values.truncate(columns);
            }
            let unit = if kind.measure == Measure::Bytes { "bytes" } else { "nanoseconds" };
            let value = if is_wall { "wall" } else { kind.value };
            let profile = if is_wall { "wall" } else { kind.profile };
            for (column, (sample_type, sample_unit)) in
                [(kind.count, "count"), (value, unit)].into_iter().take(columns).enumerate()
            {
                let (period_type, period_unit) = if has_period { (value, "nanoseconds") } else { ("", "") };
                batch.profiles.push(ProfileEntry {
                    profile_type: ProfileType {
                        name: profile.to_owned(),
                        sample_type: sample_type.to_owned(),
                        sample_unit: sample_unit.to_owned(),
                        period_type: period_type.to_owned(),
                        period_unit: period_unit.to_owned(),
                    },
                    table: batch.tables.len() as u32,
                    column: column as u32,
                    labels: vec![("event".to_owned(), kind.event.to_owned())],
                    start,
                    duration: start.map_or(0, |start| end.saturating_sub(start)),
                    period: if has_period { period } else { 0 },
                });
            }
            batch.tables.push(rows);
        }
    }
}

/// `20 ms`, as Flight Recorder states periods.
fn parse_period(text: &str) -> Option<i64> {
    let (number, unit) = text.trim().split_once(' ')?;
    let (base, factor) = emberglass_profile::base_unit(unit);
    if base != "nanoseconds" {
        return None;
    }
    number.parse::<i64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_times_with_units() {
        assert_eq!(parse_period("20 ms"), Some(20_000_000));
        assert_eq!(parse_period("everyChunk"), None);
        assert_eq!(parse_period("5 bananas"), None);
    }
}
