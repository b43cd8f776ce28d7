//! The profile type that an application's name ends with.

use emberglass_profile::ProfileType;

use crate::fault::Fault;

fn profile_type(parts: [&str; 5]) -> ProfileType {
    let [name, sample_type, sample_unit, period_type, period_unit] = parts.map(str::to_owned);
    ProfileType { name, sample_type, sample_unit, period_type, period_unit }
}

/// The application without its suffix, and the type that the suffix says; CPU without a suffix.
pub(crate) fn of_name(name: &str) -> Result<(&str, ProfileType), Fault> {
    let Some((app, suffix)) = name.rsplit_once('.') else {
        return Ok((name, profile_type(["process_cpu", "cpu", "nanoseconds", "cpu", "nanoseconds"])));
    };
    let cpu = |name, sample_type| [name, sample_type, "nanoseconds", "cpu", "nanoseconds"];
    let memory = |unit| ["memory", suffix, unit, "space", "bytes"];
    let count = |name| [name, "contentions", "count", "contentions", "count"];
    let delay = |name| [name, "delay", "nanoseconds", "contentions", "count"];
    let parts = match suffix {
        "cpu" | "itimer" => cpu("process_cpu", "cpu"),
        "wall" | "seconds" | "nanoseconds" | "microseconds" | "milliseconds" => cpu("wall", "wall"),
        "inuse_objects" | "alloc_objects" | "alloc_in_new_tlab_objects" | "alloc_outside_tlab_objects" | "live" => {
            memory("count")
        }
        "inuse_space" | "alloc_space" | "alloc_in_new_tlab_bytes" | "alloc_outside_tlab_bytes" | "bytes" => {
            memory("bytes")
        }
        "goroutines" => ["goroutines", "goroutine", "count", "goroutine", "count"],
        "mutex_count" | "lock_count" => count("mutex"),
        "mutex_duration" | "lock_duration" => delay("mutex"),
        "block_count" => count("block"),
        "block_duration" => delay("block"),
        "exceptions" => ["exceptions", "exceptions", "count", "exceptions", "count"],
        _ => {
            let message = format!(
                "{suffix:?} is no profile type: end the name with .cpu, .wall, .inuse_space, .alloc_objects, .goroutines, ..."
            );
            return Err(Fault::invalid(message));
        }
    };
    Ok((app, profile_type(parts)))
}
