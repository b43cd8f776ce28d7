//! From what the file says to a batch.

use emberglass_columns::PackedInts;
use emberglass_profile::{
    AttributeSetId, Batch, ErrorCode, FrameId, InputError, ProfileEntry, SampleTable, SampleTableBuilder, StackId,
    Warnings, base_unit,
};
use emberglass_trie::StackBuilder;

use super::profile::{END, Profile};
use super::read::File;
use crate::profile_types::type_without_period;
use crate::raw_stacks::resolve;
use crate::replay::Replay;

pub(super) fn build(file: File, warnings: &mut Warnings) -> Result<Batch, InputError> {
    let File { name, exporter, active, symbols, frames, stacks: raw, named, profiles } = file;
    if let Some(row) = named.highest
        && row as usize >= frames.len()
    {
        let message = format!("a stack names frame {row} of a table of {}", frames.len());
        return Err(InputError::at(ErrorCode::BadReference, named.offset, message));
    }
    let mut stacks = StackBuilder::default();
    let rows = resolve(raw, &frames, &mut stacks);
    let default_entry = active.and_then(|row| u32::try_from(row).ok()).filter(|&row| (row as usize) < profiles.len());
    let mut batch = Batch { symbols, default_entry, ..Batch::default() };
    for (at, mut profile) in profiles.into_iter().enumerate() {
        for numbers in [&mut profile.weights, &mut profile.at, &mut profile.start] {
            numbers.convert(&profile.unit)?;
        }
        let table = if profile.is_evented {
            replay(&profile, &frames, &mut stacks, warnings)?
        } else {
            sample(&profile, &rows, warnings)?
        };
        let rounded = profile.weights.values.rounded() + profile.at.values.rounded();
        warnings.add_many("rounded-values", rounded, None, || {
            "values with more decimal places than can be kept were rounded".to_owned()
        });
        let duration = duration(&table);
        batch.tables.push(table);
        batch.profiles.push(entry(profile, at as u32, duration));
    }
    batch.stacks = stacks.finish();
    for (key, value) in [("name", name), ("exporter", exporter)] {
        if !value.is_empty() {
            batch.metadata.push((key.to_owned(), value));
        }
    }
    Ok(batch)
}

fn entry(profile: Profile, table: u32, duration: i64) -> ProfileEntry {
    let (unit, _factor) = base_unit(&profile.unit);
    let (name, sample_type, unit) = match unit {
        "nanoseconds" => ("samples", "time", unit),
        "bytes" => ("memory", "space", unit),
        "none" | "" => ("samples", "samples", "count"),
        other => ("samples", other, other),
    };
    let profile_type = type_without_period(name, sample_type, unit);
    let duration = if unit == "nanoseconds" { duration } else { 0 };
    let labels = vec![("profile".to_owned(), profile.name)];
    ProfileEntry { profile_type, table, labels, duration, ..ProfileEntry::default() }
}

/// From the first time of the timeline to the end of its last span, in base units.
fn duration(table: &SampleTable) -> i64 {
    let Some(timeline) = &table.timeline else { return 0 };
    let power = 10i64.pow(table.columns.first().map_or(0, |column| u32::from(column.scale)));
    let last = timeline.values.first().and_then(PackedInts::last).map_or(0, |value| value / power);
    match (timeline.time.first(), timeline.time.last()) {
        (Some(first), Some(end)) => end.saturating_add(last).saturating_sub(first).max(0),
        _ => 0,
    }
}

/// Rows of a sampled profile.
fn sample(profile: &Profile, rows: &[StackId], warnings: &mut Warnings) -> Result<SampleTable, InputError> {
    let weights = &profile.weights.values;
    let missing = profile.samples.len().saturating_sub(weights.len());
    let without = if base_unit(&profile.unit).1 == 1 && matches!(profile.unit.as_str(), "none" | "") {
        10i64.pow(u32::from(weights.scale()))
    } else {
        0
    };
    warnings.add_many("missing-weights", missing as u64, None, || {
        "some samples have no weight; they count 1 where the profile has no unit, else nothing".to_owned()
    });
    let spare = weights.len().saturating_sub(profile.samples.len()) as u64;
    warnings.add_many("spare-weights", spare, None, || "some weights have no sample; they are left out".to_owned());
    let mut table = SampleTableBuilder::new(&[weights.scale()]);
    let power = i128::from(10i64.pow(u32::from(weights.scale())));
    let start = profile.start.values.clone().into_whole().first().unwrap_or(0);
    let mut elapsed = 0i128;
    let runs_forward = weights.values().iter().all(|weight| weight >= 0);
    for (at, stack) in profile.samples.iter().enumerate() {
        let weight = weights.values().get(at).unwrap_or(without);
        let time = i64::try_from(i128::from(start) + elapsed / power).unwrap_or(i64::MAX);
        let stack = rows.get(stack.index()).copied().unwrap_or_default();
        if runs_forward {
            table.add_at(time, stack, AttributeSetId::EMPTY, &[weight])?;
        } else {
            table.add(stack, AttributeSetId::EMPTY, &[weight])?;
        }
        elapsed += i128::from(weight);
    }
    Ok(table.finish())
}

/// Rows of an evented profile.
fn replay(
    profile: &Profile,
    frames: &[Option<FrameId>],
    stacks: &mut StackBuilder,
    warnings: &mut Warnings,
) -> Result<SampleTable, InputError> {
    let times = profile.at.values.values();
    let scale = profile.at.values.scale();
    let power = 10i64.pow(u32::from(scale));
    let mut order: Vec<u32> = (0..times.len() as u32).collect();
    if !times.is_sorted() {
        warnings.add("times-run-backwards", None, || "events whose times run backwards were sorted by time".to_owned());
        order.sort_by_key(|&at| times.get(at as usize));
    }
    let mut replay = Replay::new(scale);
    // How often each frame is open, so that an end of one that is not costs no search.
    let mut times_open = vec![0u32; frames.len()];
    for at in order {
        let (event, time) = (profile.events[at as usize], times.get(at as usize).unwrap_or_default());
        replay.count_event();
        replay.advance(time, |at| at / power)?;
        let row = event & !END;
        if event & END == 0 {
            if let (Some(&Some(frame)), Some(times)) = (frames.get(row as usize), times_open.get_mut(row as usize)) {
                *times += 1;
                replay.begin(frame, row, stacks);
            }
            continue;
        }
        let is_open = times_open.get(row as usize).is_some_and(|&times| times > 0);
        let open = is_open.then(|| replay.open().iter().rposition(|open| open.tag == row)).flatten();
        match open {
            Some(depth) => {
                let inside = replay.open().len() - depth - 1;
                warnings.add_many("unbalanced-events", inside as u64, None, || {
                    "frames were still open inside a frame that ended; they ended with it".to_owned()
                });
                for ended in replay.open().iter().skip(depth) {
                    if let Some(times) = times_open.get_mut(ended.tag as usize) {
                        *times -= 1;
                    }
                }
                replay.end_from(depth);
            }
            None => warnings
                .add("orphan-events", None, || "events that end a frame that is not open are left out".to_owned()),
        }
    }
    let open = replay.open().len() as u64;
    warnings.add_many("open-frames", open, None, || {
        "some frames are open at the end; they end with the last event".to_owned()
    });
    Ok(replay.finish())
}
