//! From what the file says to a batch.

use std::collections::BTreeMap;

use emberglass_profile::{
    AttributeSetId, Batch, ErrorCode, Frame, FrameId, FunctionCosts, FunctionId, InputError, ProfileEntry, SampleTable,
    SampleTableBuilder, Warnings,
};
use emberglass_trie::StackBuilder;

use super::read::{File, Method};
use crate::profile_types::type_without_period;
use crate::raw_stacks::check_size;

pub(super) fn build(file: File, warnings: &mut Warnings) -> Result<Batch, InputError> {
    warnings.add_many("missed-samples", file.missed, None, || {
        "samples that the profiler could not take are not in the file".to_owned()
    });
    let mut batch = Batch::default();
    let mut stacks = StackBuilder::default();
    let types: &[(&str, &str, &str)] = match file.mode.as_str() {
        "cpu" => &[("process_cpu", "samples", "count"), ("process_cpu", "cpu", "nanoseconds")],
        "wall" => &[("wall", "samples", "count"), ("wall", "wall", "nanoseconds")],
        "object" => &[("memory", "objects", "count")],
        _ => &[("samples", "samples", "count")],
    };
    let mut file = file;
    let table = match file.raw.take() {
        Some(raw) => with_stacks(&raw, &mut file, types.len(), &mut stacks)?,
        None => {
            warnings.add("no-stacks", None, || {
                "the profile was taken without raw data: it has no stacks, only values by method".to_owned()
            });
            let (table, costs) = without_stacks(&mut file, types.len(), &mut stacks)?;
            batch.function_tables.push(costs);
            table
        }
    };
    let duration = match table.timeline.as_ref().map(|timeline| (timeline.time.first(), timeline.time.last())) {
        Some((Some(first), Some(last))) => last.saturating_sub(first),
        _ => 0,
    };
    for (column, &(name, sample_type, unit)) in types.iter().enumerate() {
        batch.profiles.push(ProfileEntry {
            profile_type: type_without_period(name, sample_type, unit),
            column: column as u32,
            duration,
            ..ProfileEntry::default()
        });
    }
    batch.metadata.push(("mode".to_owned(), file.mode));
    batch.metadata.push(("interval".to_owned(), file.interval.to_string()));
    batch.symbols = file.symbols;
    batch.stacks = stacks.finish();
    batch.tables.push(table);
    Ok(batch)
}

/// # Errors
/// `value-overflow` beyond 64 bits.
fn sum(values: impl Iterator<Item = i64>) -> Result<i64, InputError> {
    i64::try_from(values.map(i128::from).sum::<i128>())
        .map_err(|_beyond| InputError::new(ErrorCode::ValueOverflow, "the values of the samples add up beyond 64 bits"))
}

/// Time of `count` samples in nanoseconds.
fn time_of(count: i64, interval: i64) -> Result<i64, InputError> {
    let time = i128::from(count) * i128::from(interval) * 1000;
    i64::try_from(time).map_err(|_beyond| {
        InputError::new(ErrorCode::ValueOverflow, format!("{count} samples of {interval} us are beyond 64 bits"))
    })
}

#[cold]
fn cut_off() -> InputError {
    InputError::new(ErrorCode::Malformed, "the raw stacks end in the middle of one")
}

fn with_stacks(
    raw: &[u64],
    file: &mut File,
    columns: usize,
    stacks: &mut StackBuilder,
) -> Result<SampleTable, InputError> {
    let mut table = SampleTableBuilder::new([0, 0].get(..columns).unwrap_or(&[0, 0]));
    let lines = file.lines.take().filter(|lines| lines.len() == raw.len());
    let (mut at, mut sample) = (0, 0);
    let mut frames: Vec<FrameId> = Vec::new();
    while let Some(&depth) = raw.get(at) {
        let depth = usize::try_from(depth).unwrap_or(usize::MAX);
        let end = at.saturating_add(1).saturating_add(depth);
        let ids = raw.get(at + 1..end).ok_or_else(cut_off)?;
        let count = raw.get(end).copied().ok_or_else(cut_off)?;
        frames.clear();
        for (place, id) in ids.iter().enumerate() {
            let method = file.rows.get(id).and_then(|&row| file.methods.get(row as usize)).copied();
            let Method { function, line, .. } = method.ok_or_else(|| {
                InputError::new(ErrorCode::BadReference, format!("a stack names frame {id}, which does not exist"))
            })?;
            let ran = lines.as_ref().and_then(|lines| lines.get(at + 1 + place)).copied();
            let ran = ran.and_then(|line| u32::try_from(line).ok()).filter(|&line| line > 0);
            let frame = Frame { function, line: ran.unwrap_or(line), ..Frame::default() };
            frames.push(file.symbols.frames.intern(frame));
        }
        let stack = stacks.insert(frames.iter().copied());
        check_size(stacks, None)?;
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        // Each of the samples has its own time where the file tells times; else they are one row.
        if let (Some(times), deltas) = (&file.times, &file.deltas) {
            let mut timed = 0;
            while timed < count
                && let Some(time) = times.get(sample)
            {
                let delta = deltas.as_ref().and_then(|deltas| deltas.get(sample));
                let span = delta.map_or_else(|| time_of(1, file.interval), Ok)?;
                table.add_at(time, stack, AttributeSetId::EMPTY, &[1, span])?;
                sample += 1;
                timed += 1;
            }
            if timed < count {
                let rest = count - timed;
                table.add(stack, AttributeSetId::EMPTY, &[rest, time_of(rest, file.interval)?])?;
            }
        } else {
            let last = sample.saturating_add(usize::try_from(count).unwrap_or(usize::MAX));
            let span = match &file.deltas {
                Some(deltas) => sum((sample..last.min(deltas.len())).filter_map(|at| deltas.get(at)))?,
                None => time_of(count, file.interval)?,
            };
            sample = last;
            table.add(stack, AttributeSetId::EMPTY, &[count, span])?;
        }
        at = end + 1;
    }
    let mut table = table.finish();
    let counted = table.columns.first().map_or(Ok(0), |column| sum(column.values.iter().copied()))?;
    table.records = counted.unsigned_abs();
    Ok(table)
}

fn without_stacks(
    file: &mut File,
    columns: usize,
    stacks: &mut StackBuilder,
) -> Result<(SampleTable, FunctionCosts), InputError> {
    let mut table = SampleTableBuilder::new([0, 0].get(..columns).unwrap_or(&[0, 0]));
    let mut costs: BTreeMap<FunctionId, (i64, i64)> = BTreeMap::new();
    for &Method { function, line, own, total } in &file.methods {
        let sum = costs.entry(function).or_default();
        *sum = (sum.0.saturating_add(own), sum.1.saturating_add(total));
        if own != 0 {
            let frame = file.symbols.frames.intern(Frame { function, line, ..Frame::default() });
            let stack = stacks.insert([frame]);
            table.add(stack, AttributeSetId::EMPTY, &[own, time_of(own, file.interval)?])?;
        }
    }
    let mut table = table.finish();
    table.records = u64::try_from(file.samples).unwrap_or(0);
    let function: Vec<FunctionId> = costs.keys().copied().collect();
    let own: Vec<i64> = costs.values().map(|&(own, _)| own).collect();
    let total: Vec<i64> = costs.values().map(|&(_, total)| total).collect();
    let times =
        |counts: &[i64]| counts.iter().map(|&count| time_of(count, file.interval)).collect::<Result<Vec<_>, _>>();
    let (mut own, mut total) = (vec![own], vec![total]);
    if columns > 1 {
        own.push(times(&own[0])?);
        total.push(times(&total[0])?);
    }
    Ok((table, FunctionCosts { table: 0, function, own, total }))
}
