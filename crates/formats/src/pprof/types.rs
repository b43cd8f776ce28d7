//! The profiles of a file and the names of their types.

use emberglass_profile::{ErrorCode, InputError, ProfileEntry, ProfileType, Warnings, base_unit};

use super::scan::{Parts, ValueType};
use super::strings::Strings;
use crate::protobuf::Read;

/// One entry and one factor to the base unit per sample type.
pub(super) struct Types {
    pub(super) entries: Vec<ProfileEntry>,
    pub(super) factors: Vec<i64>,
}

impl Types {
    pub(super) fn read(parts: &Parts, strings: &Strings<'_>, file_name: &str, warnings: &mut Warnings) -> Read<Self> {
        let mut read = |value: ValueType| -> Read<(String, String)> {
            let kind = strings.text(value.kind, warnings)?;
            let unit = strings.text(value.unit, warnings)?;
            Ok((kind.into_owned(), unit.into_owned()))
        };
        let types = parts.sample_types.iter().map(|&value| read(value)).collect::<Result<Vec<_>, _>>()?;
        let (period_type, period_unit) = parts.period_type.map_or_else(|| Ok(Default::default()), read)?;
        let (period_unit, period_factor) = base_unit(&period_unit);
        let period = parts.period.checked_mul(period_factor).ok_or_else(|| {
            let message = format!("a period of {} in {period_unit} is beyond 64 bits", parts.period);
            InputError::at(ErrorCode::ValueOverflow, parts.period_offset, message)
        })?;
        let name = common_name(types.iter().map(|(kind, _)| kind.as_str()), file_name);
        let mut entries = Vec::with_capacity(types.len());
        let mut factors = Vec::with_capacity(types.len());
        for (column, (sample_type, unit)) in types.iter().enumerate() {
            let (sample_unit, factor) = base_unit(unit);
            factors.push(factor);
            entries.push(ProfileEntry {
                profile_type: ProfileType {
                    name: name.unwrap_or(sample_type).to_owned(),
                    sample_type: sample_type.clone(),
                    sample_unit: sample_unit.to_owned(),
                    period_type: period_type.clone(),
                    period_unit: period_unit.to_owned(),
                },
                table: 0,
                column: column as u32,
                labels: Vec::new(),
                start: (parts.time != 0).then_some(parts.time),
                duration: parts.duration,
                period,
            });
        }
        Ok(Self { entries, factors })
    }
}

/// What was profiled, by the sample types; `None` where each is only known by its own name.
///
/// Delays are those of mutexes unless the name of the file says `block`: Go's two profiles have equal types.
fn common_name<'a>(types: impl Iterator<Item = &'a str> + Clone, file_name: &str) -> Option<&'static str> {
    let any = |holds: fn(&str) -> bool| types.clone().any(holds);
    if any(|kind| kind == "wall") {
        Some("wall")
    } else if any(|kind| matches!(kind, "cpu" | "samples")) {
        Some("process_cpu")
    } else if any(|kind| kind.starts_with("alloc_") || kind.starts_with("inuse_")) {
        Some("memory")
    } else if any(|kind| matches!(kind, "goroutine" | "goroutines")) {
        Some("goroutines")
    } else if any(|kind| matches!(kind, "contentions" | "delay")) {
        Some(if file_name.contains("block") { "block" } else { "mutex" })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_sample_types() {
        for (types, file, name) in [
            (&["samples", "cpu"][..], "cpu.pb.gz", Some("process_cpu")),
            (&["wall", "cpu"], "x", Some("wall")),
            (&["alloc_objects", "inuse_space"], "x", Some("memory")),
            (&["goroutine"], "x", Some("goroutines")),
            (&["contentions", "delay"], "mutex.pb.gz", Some("mutex")),
            (&["contentions", "delay"], "my-block.pb.gz", Some("block")),
            (&["threadcreate"], "x", None),
        ] {
            assert_eq!(common_name(types.iter().copied(), file), name, "{types:?}");
        }
    }
}
