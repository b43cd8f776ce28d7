//! Bytes to profiles and back: a registry of decoders, encoders beside them.
//!
//! [`decode`] takes the bytes of one file and its name, inflates gzip, zlib and zstd, recognises the format by its
//! content (the name only breaks ties) and makes a [`Batch`](emberglass_profile::Batch) of it. Each format is
//! one module that implements [`Format`], and one line in [`formats`].
//!
//! | format | decoded | kept | left out, and why |
//! |---|---|---|---|
//! | pprof | yes | every sample type, stacks with inlined lines as frames of their own, function names, system names, files, start lines, lines and columns, mappings with build ids, text and number labels with units, period, duration, time, comments, default sample type, drop and keep frames, documentation link | addresses of symbolised locations (their frames are equal), the `has_*` flags of mappings (they describe how complete the symbols are) |
//! | folded | yes | stacks, names verbatim, integer and fractional counts, the two columns of a differential file | lines without a count, with a warning |
//! | perf script | yes | events, samples and periods, times, comms, process, thread and processor, symbols, binaries, inlined frames, source lines, the recording's header | texts of tracepoints and records that are no samples (no values), addresses of symbolised frames |
//! | perf.data | yes | events, samples and periods, times, comms, process, thread and processor, call chains as addresses in their files, build ids, zstd records, names of code that the kernel made, facts of the header | user stacks and registers, branches, raw data (no views of them) |
//! | callgrind | yes | every event, functions with files, lines and objects, costs of calls as a function table, threads, facts of the header | numbers of calls, jumps, instruction addresses, derived events: no view needs them |
//! | pstats | yes | functions with files and lines, own and cumulative times as a function table, callers | numbers of calls by caller |
//! | dtrace | yes | stacks with counts, modules | offsets in functions, DTrace's own messages, with a warning |
//! | jfr | yes | execution, native and wall-clock samples, allocations, monitors, parking; times, threads, states, classes of allocated objects, lines, inlining | all other events, with a warning; signatures of methods |
//! | speedscope | yes | sampled and evented profiles, names, files, lines, every unit, times, the active profile | nothing but unknown keys |
//! | cpuprofile | yes | samples and their times, names, scripts, lines and columns, both forms, the title | `positionTicks` (lines by node, not by sample), reasons of deoptimisation |
//! | heapprofile | yes | sizes by stack, names, scripts, lines and columns | `samples` (the sizes again, one by one) |
//! | v8-prof | yes | ticks with time and state of the machine, names verbatim | offsets, sources, kinds of code |
//! | chrome-trace | yes | duration events as stacks over time, CPU profiles in chunks, names of processes and threads | asynchronous, flow, instant and counter events (counted: they have no stack), arguments |
//! | gecko | yes | both forms: all processes and threads, weights, processor times, allocations, categories, libraries, inlined frames | markers (counted), counters, pages, subcategories, implementations |
//! | otlp | yes | both forms: samples with timestamps, attributes, links, mappings with build ids, resources | scopes, original payloads, attributes of locations |
//! | flamebearer | yes | single and double graphs, units, start and duration | values of the timeline and the heat map (they have no stacks) |
//! | pyroscope-tree | yes | trie and tree bytes | nothing |
//! | instruments | yes | the call tree with own values, processes and threads | percentages, columns other than the value and its own part |
//! | macos-sample | yes | threads with their stacks, binaries with build ids, source lines, the head | sums by function (they are of the same tree), offsets in functions |
//! | ghc-prof | yes | ticks, allocations and time by stack of cost centres, their places in the source, the program's arguments | numbers of entries |
//! | html-report | yes | the page's profile: functions, files, lines, binaries, stacks, type, times | colours and packages (they follow from names) |
//! | stackprof | yes | raw stacks with times and lines; without raw data own and total counts by method | `edges` (calls without stacks), lines of methods |
//!
//! Each also compressed (gzip of any number of members, zlib, zstd), and in archives of many ([`decode_each`]): zip
//! (stored, deflated, zstd; 64-bit) and tar (ustar, GNU, pax; compressed or not), one in another down to two. Not
//! read: encrypted members, other methods of compression, sparse members of tar, archives in several parts.
//!
//! [`encoders`] write profiles of a batch, an [`Export`]; each implements [`Encoder`]. What is written and read again
//! has the same values by stack, and written once more the same bytes.
//!
//! | encoder | profiles | carries | left out, and why |
//! |---|---|---|---|
//! | pprof | all; threads, processes and events as labels of samples | everything of a frame, mappings, text and number labels, period, start, duration, comments, metadata as comments | times of samples, fractions (rounded, with a warning), which the format can't hold |
//! | folded | of one type | names, self values, fractions | all else; `;` and line breaks in names (replaced, with a warning) |
//! | speedscope | all | names, files, lines, columns, the order of samples in time, fractions, the profile shown first | system names, binaries, labels of samples, gaps between samples; units but time and bytes (with a warning) |
//! | gecko | all, as threads | names, files, lines, columns, binaries with build ids, inlining, times, categories, fractions | system names, labels of samples but `category`; units but time and bytes (with a warning) |
//! | flamebearer | of one type; the two of a double graph | names, self and total values, Pyroscope's metadata | all else; Go's type parameters; fractions (rounded, with a warning) |
//!
//! Reports (CSV, JSON, Markdown, SVG, and the page that `html-report` reads) are written by the views.
//!
//! Invariants: no input makes anything here panic or recurse; memory is bounded by the limits that
//! [`Input`] and the decoders name; offsets in errors and warnings count inflated bytes once the file could
//! be inflated, bytes of the file else.

mod archive;
mod call_graph;
pub mod callgrind;
pub mod chrome;
mod context;
mod decimal;
mod describe;
pub mod dtrace;
mod encoder;
mod export;
mod extension;
mod feed;
pub mod flamebearer;
pub mod folded;
pub mod gecko;
pub mod ghc_prof;
mod gzip;
pub mod html_report;
mod input;
pub mod instruments;
pub mod jfr;
mod json;
mod layer;
mod lines;
pub mod macos_sample;
mod members;
mod name_tree;
pub mod otlp;
pub mod perf;
pub mod pprof;
mod progress;
mod protobuf;
pub mod pstats;
pub mod pyroscope;
mod raw_stacks;
mod registry;
mod replay;
mod source;
pub mod speedscope;
pub mod stackprof;
mod texts;
pub mod v8;
mod values;
mod window;
mod written;
mod zstd;

pub use context::Context;
pub use encoder::{Encoded, Encoder, encoders};
pub use export::Export;
pub use input::{HOLD_LIMIT, Input, PREFIX_LEN, WHOLE_LIMIT, WHOLE_RATIO};
pub use members::{DEPTH_LIMIT, MEMBER_LIMIT, Member, Members, UNPACKED_LIMIT, decode_each};
pub use progress::{MEMORY_LIMIT, Meter, NoProgress, Progress, REPORT_EVERY};
pub use registry::{Confidence, Format, decode, decode_source, formats};
pub use source::{SliceSource, Source};
