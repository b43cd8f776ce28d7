//! Random profiles, and the many ways to write one down.

use prost::Message as _;

use super::Numbers;
use super::proto::{
    Function, Label, Line, Location, Mapping, Profile, Sample, Unknown, UnpackedSample, UnpackedSamples, ValueType,
};

const UNITS: &[&str] = &["count", "nanoseconds", "ms", "kB", "bananas", ""];
const NAMES: &[&str] = &["main", "run", "a;b", "\u{43c}ain", "", "x[go.shape.int]", "other"];

struct Table(Vec<Vec<u8>>);

impl Table {
    fn add(&mut self, text: &str) -> i64 {
        self.0.push(text.as_bytes().to_vec());
        self.0.len() as i64 - 1
    }
}

fn ids(numbers: &mut Numbers, count: usize) -> Vec<u64> {
    let mut ids = Vec::new();
    while ids.len() < count {
        let id = match numbers.below(3) {
            0 => 1 + numbers.below(2 * count) as u64,
            1 => 1000 + numbers.below(5000) as u64,
            _ => numbers.next().max(1),
        };
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn pick<T: Copy>(numbers: &mut Numbers, list: &[T]) -> T {
    list[numbers.below(list.len())]
}

/// A valid profile with everything that pprof can say.
pub(crate) fn profile(seed: u64) -> Profile {
    let numbers = &mut Numbers(seed);
    let mut table = Table(vec![Vec::new()]);
    let names: Vec<i64> = (0..1 + numbers.below(12))
        .map(|_| {
            let name = pick(numbers, NAMES);
            // Equal strings at several indices are allowed.
            if name.is_empty() { 0 } else { table.add(name) }
        })
        .collect();
    let units: Vec<i64> = UNITS.iter().map(|unit| table.add(unit)).collect();
    let mapping_ids = ids(numbers, numbers.0 as usize % 3);
    let function_ids = ids(numbers, 1 + numbers.0 as usize % 9);
    let location_ids = ids(numbers, 1 + numbers.0 as usize % 15);
    let name = |numbers: &mut Numbers| pick(numbers, &names);
    let sample_type: Vec<ValueType> =
        (0..1 + numbers.below(4)).map(|_| ValueType { r#type: name(numbers), unit: pick(numbers, &units) }).collect();
    let mapping = mapping_ids
        .iter()
        .map(|&id| Mapping {
            id,
            memory_start: numbers.next(),
            memory_limit: numbers.next(),
            file_offset: numbers.next() % 5000,
            filename: name(numbers),
            build_id: name(numbers),
            has_functions: numbers.one_in(2),
        })
        .collect();
    let function = function_ids
        .iter()
        .map(|&id| Function {
            id,
            name: name(numbers),
            system_name: name(numbers),
            filename: name(numbers),
            start_line: numbers.below(400) as i64,
        })
        .collect();
    let location = location_ids
        .iter()
        .map(|&id| Location {
            id,
            mapping_id: if mapping_ids.is_empty() || numbers.one_in(3) { 0 } else { pick(numbers, &mapping_ids) },
            address: if numbers.one_in(4) { 0 } else { numbers.next() >> numbers.below(64) },
            line: (0..numbers.below(4))
                .map(|_| Line {
                    function_id: if numbers.one_in(9) { 0 } else { pick(numbers, &function_ids) },
                    line: if numbers.one_in(9) { -1 } else { numbers.below(900) as i64 },
                    column: numbers.below(80) as i64,
                })
                .collect(),
            is_folded: numbers.one_in(9),
        })
        .collect();
    let sample = (0..numbers.below(40))
        .map(|_| Sample {
            location_id: (0..numbers.below(9)).map(|_| pick(numbers, &location_ids)).collect(),
            value: sample_type.iter().map(|_| (numbers.next() as i64) >> (28 + numbers.below(36))).collect(),
            label: (0..numbers.below(8).saturating_sub(4))
                .map(|_| Label {
                    key: name(numbers),
                    str: if numbers.one_in(2) { name(numbers) } else { 0 },
                    num: numbers.below(50) as i64 - 9,
                    num_unit: pick(numbers, &units),
                })
                .collect(),
        })
        .collect();
    Profile {
        sample_type,
        sample,
        mapping,
        location,
        function,
        drop_frames: name(numbers),
        keep_frames: name(numbers),
        time_nanos: numbers.next() as i64 >> numbers.below(64),
        duration_nanos: numbers.below(1 << 40) as i64,
        period_type: numbers.one_in(2).then(|| ValueType { r#type: name(numbers), unit: pick(numbers, &units) }),
        period: numbers.below(1 << 30) as i64,
        comment: (0..numbers.below(3)).map(|_| name(numbers)).collect(),
        default_sample_type: name(numbers),
        doc_url: name(numbers),
        string_table: table.0,
    }
}

/// Encodes `profile` with the fields in random order (those of one table keep theirs), some samples not
/// packed, and with fields that nobody knows.
pub(crate) fn encode(profile: &Profile, seed: u64) -> Vec<u8> {
    let numbers = &mut Numbers(seed);
    let mut queues: Vec<Vec<Vec<u8>>> = Vec::new();
    let one = |part: Profile| part.encode_to_vec();
    queues.push(
        profile
            .sample_type
            .iter()
            .map(|&part| one(Profile { sample_type: vec![part], ..Profile::default() }))
            .collect(),
    );
    queues
        .push(profile.mapping.iter().map(|&part| one(Profile { mapping: vec![part], ..Profile::default() })).collect());
    queues.push(
        profile.function.iter().map(|&part| one(Profile { function: vec![part], ..Profile::default() })).collect(),
    );
    queues.push(
        profile
            .string_table
            .iter()
            .map(|part| one(Profile { string_table: vec![part.clone()], ..Profile::default() }))
            .collect(),
    );
    queues.push(
        profile
            .location
            .iter()
            .map(|part| one(Profile { location: vec![part.clone()], ..Profile::default() }))
            .collect(),
    );
    queues
        .push(profile.comment.iter().map(|&part| one(Profile { comment: vec![part], ..Profile::default() })).collect());
    queues.push(
        profile
            .sample
            .iter()
            .map(|part| {
                if numbers.one_in(2) {
                    return one(Profile { sample: vec![part.clone()], ..Profile::default() });
                }
                let Sample { location_id, value, label } = part.clone();
                let unknown = "?".repeat(numbers.below(3));
                UnpackedSamples { sample: vec![UnpackedSample { location_id, value, label, unknown }] }.encode_to_vec()
            })
            .collect(),
    );
    queues.push(
        (0..numbers.below(4))
            .map(|at| Unknown { text: "x".repeat(at), eight: 7, four: 1.5, number: -1 }.encode_to_vec())
            .collect(),
    );
    let rest = Profile {
        sample_type: Vec::new(),
        sample: Vec::new(),
        mapping: Vec::new(),
        location: Vec::new(),
        function: Vec::new(),
        string_table: Vec::new(),
        comment: Vec::new(),
        ..profile.clone()
    };
    queues.push(vec![one(rest)]);
    let mut bytes = Vec::new();
    let mut queues: Vec<_> = queues.into_iter().map(Vec::into_iter).collect();
    while !queues.is_empty() {
        let at = numbers.below(queues.len());
        match queues[at].next() {
            Some(piece) => bytes.extend(piece),
            None => drop(queues.swap_remove(at)),
        }
    }
    bytes
}
