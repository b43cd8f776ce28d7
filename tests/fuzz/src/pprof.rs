//! pprof made of small numbers: nearly every index and id names something, which random bytes never achieve.

use arbitrary::Arbitrary;
use prost::Message as _;

#[allow(dead_code)]
#[path = "../../../crates/formats/tests/suite/common/proto.rs"]
mod proto;

/// A profile before its tables are numbered.
#[derive(Arbitrary, Debug)]
pub struct Profile {
    strings: Vec<Vec<u8>>,
    types: Vec<(u8, u8)>,
    mappings: Vec<(u8, u64, u64, u8)>,
    functions: Vec<(u8, u8, u8, i16)>,
    locations: Vec<Location>,
    samples: Vec<Sample>,
    facts: [u8; 5],
    times: (i64, i64, i64),
    has_period_type: bool,
    comments: Vec<u8>,
    /// Appended as they are.
    rest: Vec<u8>,
}

#[derive(Arbitrary, Debug)]
struct Location {
    id: u8,
    mapping: u8,
    address: u64,
    lines: Vec<(u8, i16, i8)>,
    is_folded: bool,
}

#[derive(Arbitrary, Debug)]
struct Sample {
    locations: Vec<u8>,
    values: Vec<i64>,
    labels: Vec<(u8, u8, i32, u8)>,
    /// Values follow the sample types in number.
    fits: bool,
}

impl Profile {
    /// Its bytes.
    pub fn encode(self) -> Vec<u8> {
        let wide = i64::from;
        let id = u64::from;
        let types = self.types.len();
        let value_type = |(r#type, unit)| proto::ValueType { r#type: wide(r#type), unit: wide(unit) };
        let sample = |Sample { locations, mut values, labels, fits }: Sample| {
            if fits {
                values.resize(types, 1);
            }
            proto::Sample {
                location_id: locations.into_iter().map(id).collect(),
                value: values,
                label: labels
                    .into_iter()
                    .map(|(key, str, num, unit)| proto::Label {
                        key: wide(key),
                        str: wide(str),
                        num: num.into(),
                        num_unit: wide(unit),
                    })
                    .collect(),
            }
        };
        let location = |Location { id: own, mapping, address, lines, is_folded }: Location| proto::Location {
            id: id(own),
            mapping_id: id(mapping),
            address,
            line: lines
                .into_iter()
                .map(|(function, line, column)| proto::Line {
                    function_id: id(function),
                    line: line.into(),
                    column: column.into(),
                })
                .collect(),
            is_folded,
        };
        let [drop_frames, keep_frames, default_sample_type, doc_url, period_type] = self.facts.map(wide);
        let mut string_table = vec![Vec::new()];
        string_table.extend(self.strings);
        let profile = proto::Profile {
            sample_type: self.types.into_iter().map(value_type).collect(),
            sample: self.samples.into_iter().map(sample).collect(),
            mapping: self
                .mappings
                .into_iter()
                .map(|(own, start, limit, file)| proto::Mapping {
                    id: id(own),
                    memory_start: start,
                    memory_limit: limit,
                    filename: wide(file),
                    ..proto::Mapping::default()
                })
                .collect(),
            location: self.locations.into_iter().map(location).collect(),
            function: self
                .functions
                .into_iter()
                .map(|(own, name, file, line)| proto::Function {
                    id: id(own),
                    name: wide(name),
                    system_name: wide(name),
                    filename: wide(file),
                    start_line: line.into(),
                })
                .collect(),
            string_table,
            drop_frames,
            keep_frames,
            time_nanos: self.times.0,
            duration_nanos: self.times.1,
            period_type: self.has_period_type.then_some(proto::ValueType { r#type: period_type, unit: period_type }),
            period: self.times.2,
            comment: self.comments.into_iter().map(wide).collect(),
            default_sample_type,
            doc_url,
        };
        let mut bytes = profile.encode_to_vec();
        bytes.extend(self.rest);
        bytes
    }
}
