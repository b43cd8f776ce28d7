//! The events that become profiles.

/// What an event's second value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Nothing, or the period of the samples where the recording states it.
    Period,
    /// A field in bytes.
    Bytes,
    /// The field `duration`, in ticks.
    Duration,
}

/// One event type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) event: &'static str,
    pub(super) profile: &'static str,
    /// Name of the number of events.
    pub(super) count: &'static str,
    /// Name of what they measure.
    pub(super) value: &'static str,
    pub(super) measure: Measure,
    /// Field of the value, or of the number of samples that an event stands for where it has that field.
    pub(super) field: &'static str,
}

const fn kind(
    event: &'static str,
    profile: &'static str,
    count: &'static str,
    value: &'static str,
    measure: Measure,
    field: &'static str,
) -> Kind {
    Kind { event, profile, count, value, measure, field }
}

/// All of them.
pub(super) const KINDS: &[Kind] = &[
    kind("jdk.ExecutionSample", "process_cpu", "samples", "cpu", Measure::Period, "samples"),
    kind("jdk.NativeMethodSample", "process_cpu", "samples", "cpu", Measure::Period, "samples"),
    kind("profiler.WallClockSample", "wall", "samples", "wall", Measure::Period, "samples"),
    kind(
        "jdk.ObjectAllocationInNewTLAB",
        "memory",
        "alloc_in_new_tlab_objects",
        "alloc_in_new_tlab_bytes",
        Measure::Bytes,
        "tlabSize",
    ),
    kind(
        "jdk.ObjectAllocationOutsideTLAB",
        "memory",
        "alloc_outside_tlab_objects",
        "alloc_outside_tlab_bytes",
        Measure::Bytes,
        "allocationSize",
    ),
    kind(
        "jdk.ObjectAllocationSample",
        "memory",
        "alloc_sample_objects",
        "alloc_sample_bytes",
        Measure::Bytes,
        "weight",
    ),
    kind("profiler.Malloc", "memory", "malloc_objects", "malloc_bytes", Measure::Bytes, "size"),
    kind("profiler.LiveObject", "memory", "live", "live_bytes", Measure::Bytes, "allocationSize"),
    kind("jdk.JavaMonitorEnter", "mutex", "contentions", "delay", Measure::Duration, "duration"),
    kind("jdk.ThreadPark", "block", "contentions", "delay", Measure::Duration, "duration"),
];
