//! OpenTelemetry profiles (OTLP), as protobuf and as JSON.
//!
//! Specification: `opentelemetry/proto/profiles/v1development/profiles.proto` of
//! <https://github.com/open-telemetry/opentelemetry-proto> in the layout of its releases since 1.9 (`ProfilesData` and
//! `ExportProfilesServiceRequest`, which are equal). Earlier layouts, with tables inside of profiles or ranges of
//! locations in samples, use the same numbers for other things: they are refused as `unsupported-version`.
//!
//! Semantics:
//! - one profile per `Profile`, in the order of the file, named by what its sample type means; values and the period
//!   in base units, exactly; `time_unix_nano` is the start, 0 is none;
//! - a sample's value is the sum of its `values`, or the number of its timestamps where it has no values; timestamps
//!   are kept: each with its value where there are as many, else all of it at the first;
//! - stacks are leaf first; a location's lines are frames of their own, the first the innermost, all but the last
//!   inlined; one without lines is its address in lower-case hexadecimal;
//! - a sample's attributes are text, or numbers with their unit; its link is the labels `trace_id` and `span_id`;
//! - attributes of the resource and of the profile are labels of the profile; `process.pid` is `process_id`,
//!   `process.executable.name` `process`, `service.name` the name of the service.
//!
//! Left out: scopes, schema URLs, profile ids, original payloads, attributes of locations; attributes that are
//! lists, maps, bytes or fractions become text.

mod build;
mod dictionary;
mod json;
mod json_dictionary;
mod proto;
mod proto_dictionary;
mod raw;

use emberglass_profile::{Batch, InputError};

use crate::extension::named;
use crate::json::{Reader, Shape};
use crate::protobuf::Stream;
use crate::window::Window;
use crate::{About, Confidence, Context, Format, Input};

/// The OTLP decoder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Otlp;

const EXTENSIONS: &[&str] = &[".otlp", ".otlp.pb", ".otlp.json"];

fn is_json(prefix: &[u8]) -> bool {
    let text = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
    // A protobuf message may start with a line feed: it is the key of field 1.
    text.first() != Some(&b'\n') && text.trim_ascii_start().first() == Some(&b'{')
}

impl Format for Otlp {
    fn name(&self) -> &'static str {
        "otlp"
    }

    fn about() -> About {
        About {
            title: "OpenTelemetry profiles, as protobuf and as JSON",
            files: &["*.otlp", "*.otlp.pb", "*.otlp.json"],
            specifications: &[
                "https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/profiles/v1development/profiles.proto",
            ],
            recognised: "The fields of `ProfilesData`: `resourceProfiles` or a `dictionary` with its tables",
            kept: "Samples with timestamps, attributes with units, links as `trace_id` and `span_id`, mappings with build ids, resources as labels",
            dropped: "Scopes, schema URLs, profile ids, original payloads (they are in formats of their own), attributes of locations",
            limits: "Read in slices; 256 million frames in all stacks. Refused: layouts before release 1.9, whose field numbers mean other things",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let fits = if is_json(prefix) {
            Shape::of(prefix).is_some_and(|shape| {
                shape.has("resourceProfiles")
                    || shape.has("resource_profiles")
                    || (shape.has("dictionary")
                        && ["mappingTable", "locationTable", "stringTable", "mapping_table"]
                            .iter()
                            .any(|table| shape.has_under("dictionary", table)))
            })
        } else {
            proto::looks_like(prefix)
        };
        named(fits, file_name, EXTENSIONS)
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let file = if is_json(input.prefix()) {
            let Context { meter, warnings, .. } = context;
            let mut reader = Reader::new(input, meter)?;
            let file = json::read(&mut reader)?;
            reader.finish(warnings)?;
            file
        } else {
            let Context { meter, warnings, .. } = context;
            proto::read(&mut Stream::new(Window::new(input, meter)), warnings)?
        };
        build::build(file, &mut context.warnings)
    }
}
