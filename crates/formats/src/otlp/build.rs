//! From what the file says to a batch.

use emberglass_profile::{
    Attribute, AttributeValue, Batch, ErrorCode, InputError, ProfileEntry, ProfileType, SampleTable,
    SampleTableBuilder, StringId, Symbols, Warnings, base_unit,
};
use emberglass_trie::StackBuilder;

use super::dictionary::{Resolved, bad, resolve};
use super::raw::{File, Profile, Resource, ValueType, other_version};

pub(super) fn build(file: File, warnings: &mut Warnings) -> Result<Batch, InputError> {
    let File { symbols, resources, dictionary } = file;
    let has_samples =
        resources.iter().flat_map(|resource| &resource.profiles).any(|profile| !profile.stacks.is_empty());
    if has_samples && !dictionary.is_there {
        return Err(other_version(0, "there is no dictionary"));
    }
    let mut batch = Batch { symbols, ..Batch::default() };
    let mut stacks = StackBuilder::default();
    let resolved = resolve(dictionary, &mut batch.symbols, &mut stacks, warnings)?;
    for Resource { attributes, profiles } in resources {
        let service = attributes.iter().find(|(key, _)| key == "service.name");
        if let Some((_, name)) = service
            && batch.service_name.is_empty()
        {
            batch.service_name.clone_from(name);
        }
        for profile in profiles {
            let mut labels: Vec<(String, String)> =
                attributes.iter().map(|(key, value)| (label(key), value.clone())).collect();
            for &row in &profile.attributes {
                let attribute = resolved.attributes.get(row as usize).ok_or_else(|| bad("attribute", row))?;
                if let Some(attribute) = attribute {
                    labels.push((label(batch.symbols.text(attribute.key)), shown(attribute, &batch.symbols)));
                }
            }
            let (entry, factor) = entry(&profile, &resolved, &batch.symbols, labels, batch.tables.len() as u32)?;
            let table = table(&profile, &resolved, factor, &mut batch)?;
            batch.tables.push(table);
            batch.profiles.push(entry);
        }
    }
    batch.stacks = stacks.finish();
    Ok(batch)
}

/// The label of an attribute of a resource or a profile.
fn label(key: &str) -> String {
    match key {
        "process.pid" => "process_id",
        "process.executable.name" => "process",
        "service.name" => "service_name",
        "thread.id" => "thread_id",
        "thread.name" => "thread",
        other => other,
    }
    .to_owned()
}

fn shown(attribute: &Attribute, symbols: &Symbols) -> String {
    match attribute.value {
        AttributeValue::Text(text) => symbols.text(text).to_owned(),
        AttributeValue::Number(number, _) => number.to_string(),
    }
}

/// What was profiled, by the sample type.
fn meaning(sample_type: &str) -> &str {
    match sample_type {
        "wall" | "off_cpu" => "wall",
        "cpu" | "samples" | "on_cpu" => "process_cpu",
        "goroutine" | "goroutines" => "goroutines",
        "contentions" | "delay" => "mutex",
        kind if ["alloc_", "inuse_", "allocated_"].iter().any(|head| kind.starts_with(head)) => "memory",
        _ => "samples",
    }
}

fn entry(
    profile: &Profile,
    resolved: &Resolved,
    symbols: &Symbols,
    labels: Vec<(String, String)>,
    table: u32,
) -> Result<(ProfileEntry, i64), InputError> {
    let read = |kind: ValueType| -> Result<(String, String), InputError> {
        let (name, unit) = (resolved.string(kind.kind)?, resolved.string(kind.unit)?);
        Ok((symbols.text(name).to_owned(), symbols.text(unit).to_owned()))
    };
    let (sample_type, unit) = read(profile.sample_type)?;
    let (sample_unit, factor) = base_unit(&unit);
    let (period_type, period_unit) = profile.period_type.map_or_else(|| Ok(Default::default()), read)?;
    let (period_unit, period_factor) = base_unit(&period_unit);
    let period = profile.period.checked_mul(period_factor).ok_or_else(|| {
        InputError::new(ErrorCode::ValueOverflow, format!("a period of {} is beyond 64 bits", profile.period))
    })?;
    let entry = ProfileEntry {
        profile_type: ProfileType {
            name: meaning(&sample_type).to_owned(),
            sample_unit: sample_unit.to_owned(),
            period_type,
            period_unit: period_unit.to_owned(),
            sample_type,
        },
        table,
        column: 0,
        labels,
        start: i64::try_from(profile.time).ok().filter(|&time| time != 0),
        duration: i64::try_from(profile.duration).unwrap_or(i64::MAX),
        period,
    };
    Ok((entry, factor))
}

fn table(profile: &Profile, resolved: &Resolved, factor: i64, batch: &mut Batch) -> Result<SampleTable, InputError> {
    let Batch { symbols, attributes: sets, .. } = batch;
    let mut table = SampleTableBuilder::new(&[0]);
    let trace_id = symbols.strings.intern("trace_id");
    let span_id = symbols.strings.intern("span_id");
    let mut set: Vec<Attribute> = Vec::new();
    let scaled = |value: i128| {
        i64::try_from(value.saturating_mul(i128::from(factor))).map_err(|_beyond| {
            let message = format!("a value of {value} is beyond 64 bits in its base unit");
            InputError::new(ErrorCode::ValueOverflow, message)
        })
    };
    for (at, &stack) in profile.stacks.iter().enumerate() {
        set.clear();
        for &row in profile.sample_attributes.row(at) {
            let attribute = resolved.attributes.get(row as usize).ok_or_else(|| bad("attribute", row))?;
            set.extend(*attribute);
        }
        let link = profile.links.get(at).copied().unwrap_or(0);
        match resolved.links.get(link as usize) {
            Some(&(trace, span)) => {
                let ids = [(trace_id, trace), (span_id, span)];
                let known = ids.into_iter().filter(|&(_, id)| id != StringId::EMPTY);
                set.extend(known.map(|(key, id)| Attribute { key, value: AttributeValue::Text(id) }));
            }
            None if link == 0 => {}
            None => return Err(bad("link", link)),
        }
        let attributes = sets.intern(&mut set);
        let stack = match resolved.stacks.get(stack as usize) {
            Some(&stack) => stack,
            None if stack == 0 => emberglass_profile::StackId::ROOT,
            None => return Err(bad("stack", stack)),
        };
        let (values, times) = (profile.values.row(at), profile.times.row(at));
        if times.is_empty() {
            table.add(stack, attributes, &[scaled(values.iter().map(|&value| i128::from(value)).sum())?])?;
        } else if values.is_empty() || values.len() == times.len() {
            for (at, &time) in times.iter().enumerate() {
                let value = values.get(at).copied().unwrap_or(1);
                table.add_at(time, stack, attributes, &[scaled(i128::from(value))?])?;
            }
        } else {
            let value = scaled(values.iter().map(|&value| i128::from(value)).sum())?;
            for (at, &time) in times.iter().enumerate() {
                table.add_at(time, stack, attributes, &[if at == 0 { value } else { 0 }])?;
            }
        }
    }
    let mut table = table.finish();
    table.records = profile.stacks.len() as u64;
    Ok(table)
}
