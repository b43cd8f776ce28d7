//! Random batches through every encoder and back.

use emberglass_formats::{Export, encoders};
use emberglass_profile::{
    Attribute, AttributeSetId, AttributeValue, Batch, Frame, FrameId, Function, Mapping, MappingId, ProfileEntry,
    ProfileType, SampleTableBuilder, StackId,
};
use emberglass_trie::StackBuilder;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::common;
use crate::common::carried::{carried, difference};
use crate::common::{Numbers, decode_named};

const NAMES: &[&str] = &["main", "run", "a;b", "\u{43c}ain", "", "0x1f40", "0xAB", "other", "x 12", "\"q\"\n", "total"];
const UNITS: &[(&str, &str)] = &[("samples", "count"), ("cpu", "nanoseconds"), ("space", "bytes"), ("x", "count")];

fn pick<T: Copy>(numbers: &mut Numbers, list: &[T]) -> T {
    list[numbers.below(list.len())]
}

fn random_batch(seed: u64) -> Batch {
    let numbers = &mut Numbers(seed);
    let mut batch = Batch::default();
    let symbols = &mut batch.symbols;
    let mut mappings = vec![MappingId::NONE];
    for at in 0..numbers.below(3) {
        let file = symbols.strings.intern(&format!("/bin/{at}"));
        let start = 4096 * numbers.below(9) as u64;
        mappings.push(symbols.mappings.intern(Mapping { file, start, limit: start + 9, ..Mapping::default() }));
    }
    let frames: Vec<FrameId> = (0..1 + numbers.below(14))
        .map(|_| {
            let name = symbols.strings.intern(pick(numbers, NAMES));
            let file = symbols.strings.intern(pick(numbers, &["", "a.c", "b.c"]));
            let system_name = symbols.strings.intern(pick(numbers, &["", "_Z1a"]));
            let start_line = numbers.below(3) as u32;
            let function = symbols.functions.intern(Function { name, system_name, file, start_line });
            let (line, column) = (numbers.below(5) as u32, numbers.below(3) as u32);
            let mapping = pick(numbers, &mappings);
            symbols.frames.intern(Frame { function, line, column, mapping, inlined: numbers.one_in(3) })
        })
        .collect();
    let mut stacks = StackBuilder::default();
    let stacks_of: Vec<StackId> = (0..1 + numbers.below(20))
        .map(|_| {
            // An outermost frame is inlined into nothing.
            let mut stack: Vec<FrameId> = (0..numbers.below(7)).map(|_| pick(numbers, &frames)).collect();
            while stack.first().is_some_and(|&frame| symbols.frames.get(frame).unwrap().inlined) {
                stack.remove(0);
            }
            stacks.insert(stack)
        })
        .collect();
    let key = symbols.strings.intern(pick(numbers, &["category", "size"]));
    let mut sets = vec![AttributeSetId::EMPTY];
    for at in 0..numbers.below(3) {
        let text = AttributeValue::Text(symbols.strings.intern(&format!("v{at}")));
        let number = AttributeValue::Number(numbers.below(90) as i64 - 40, symbols.strings.intern("bytes"));
        let value = if numbers.one_in(2) { text } else { number };
        sets.push(batch.attributes.intern(&mut [Attribute { key, value }]));
    }
    let start = if numbers.one_in(2) { Some(1_700_000_000_123_456_789) } else { None };
    for table in 0..1 + numbers.below(3) {
        let columns = 1 + numbers.below(3);
        let mut rows = SampleTableBuilder::new(&vec![0; columns]);
        let is_timed = numbers.one_in(2);
        for at in 0..numbers.below(30) {
            let values: Vec<i64> = (0..columns).map(|_| (numbers.next() >> (24 + numbers.below(38))) as i64).collect();
            let (stack, set) = (pick(numbers, &stacks_of), pick(numbers, &sets));
            if is_timed {
                let time = start.unwrap_or(0) + at as i64 * 1_000_003;
                rows.add_at(time, stack, set, &values).unwrap();
            } else {
                rows.add(stack, set, &values).unwrap();
            }
        }
        batch.tables.push(rows.finish());
        for (column, &(sample_type, sample_unit)) in UNITS.iter().enumerate().take(columns) {
            batch.profiles.push(ProfileEntry {
                profile_type: ProfileType {
                    name: "n".to_owned(),
                    sample_type: sample_type.to_owned(),
                    sample_unit: sample_unit.to_owned(),
                    ..ProfileType::default()
                },
                table: table as u32,
                column: column as u32,
                labels: if table == 0 { Vec::new() } else { vec![("thread".to_owned(), format!("t{table}"))] },
                start,
                ..ProfileEntry::default()
            });
        }
    }
    batch.stacks = stacks.finish();
    batch
}

/// Through every encoder and back.
fn check(seed: u64) -> Result<(), TestCaseError> {
    let batch = random_batch(seed);
    for encoder in encoders() {
        let all = Export::all(&batch);
        let first = all.profiles[0].profile_type.clone();
        let of_type = batch.profiles.iter().filter(|entry| encoder.holds_many() || entry.profile_type == first);
        let export = Export { profiles: of_type.collect(), ..all };
        let encoded = encoder.encode(&export).unwrap();
        if encoded.bytes.is_empty() {
            continue;
        }
        let name = format!("x.{}", encoder.extensions()[0]);
        let again = decode_named(&encoded.bytes, &name).unwrap();
        prop_assert_eq!(&again.format, encoder.name());
        let wanted = carried(&batch, &export.profiles, encoder.name());
        let entries: Vec<&ProfileEntry> = again.profiles.iter().collect();
        let have = carried(&again, &entries, encoder.name());
        let has_marks = encoded.warnings.as_slice().iter().any(|warning| warning.code == "inlined-flags");
        let words = difference(&have, &wanted).filter(|_| !has_marks);
        prop_assert_eq!(words, None, "{}", encoder.name());
        if !wanted.is_empty() {
            let second = encoder.encode(&Export::all(&again)).unwrap();
            let (first, second) = (common::gunzip(&encoded.bytes), common::gunzip(&second.bytes));
            let at = first.iter().zip(&second).take_while(|(a, b)| a == b).count();
            let near = |bytes: &[u8]| {
                String::from_utf8_lossy(&bytes[at.saturating_sub(99).min(bytes.len())..(at + 99).min(bytes.len())])
                    .into_owned()
            };
            prop_assert!(first == second, "{}: {} became {}", encoder.name(), near(&first), near(&second));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(seed: u64) {
        check(seed)?;
    }
}

#[test]
fn frames_that_differ_in_a_mark_that_is_lost_are_one() {
    check(14_056_673_372_368_545_418).unwrap();
}

#[test]
fn stacks_of_100_000_frames_are_written_and_read() {
    let mut batch = Batch::default();
    let name = batch.symbols.strings.intern("f");
    let function = batch.symbols.functions.intern(Function { name, ..Function::default() });
    let frames =
        [false, true].map(|inlined| batch.symbols.frames.intern(Frame { function, inlined, ..Frame::default() }));
    let mut stacks = StackBuilder::default();
    let stack = stacks.insert((0..100_000).map(|at| frames[usize::from(at % 5 > 0)]));
    let mut rows = SampleTableBuilder::new(&[0]);
    rows.add(stack, AttributeSetId::EMPTY, &[7]).unwrap();
    batch.tables.push(rows.finish());
    batch.stacks = stacks.finish();
    let profile_type: ProfileType = "n:samples:count::".parse().unwrap();
    batch.profiles.push(ProfileEntry { profile_type, ..ProfileEntry::default() });
    for encoder in encoders() {
        let encoded = encoder.encode(&Export::all(&batch)).unwrap();
        let again = decode_named(&encoded.bytes, &format!("x.{}", encoder.extensions()[0])).unwrap();
        assert_eq!(again.total(&again.profiles[0]).unwrap(), (7, 0), "{}", encoder.name());
        let table = &again.tables[0];
        let deepest = table.stack.iter().map(|&stack| again.stacks.leaf_to_root(stack).count()).max();
        assert_eq!(deepest, Some(100_000), "{}", encoder.name());
    }
}

#[test]
fn fractions_keep_their_sum_and_warn() {
    let mut batch = Batch::default();
    let mut rows = SampleTableBuilder::new(&[1]);
    let mut stacks = StackBuilder::default();
    for at in 0..10u32 {
        let name = batch.symbols.strings.intern(&format!("f{at}"));
        let function = batch.symbols.functions.intern(Function { name, ..Function::default() });
        let frame = batch.symbols.frames.intern(Frame { function, ..Frame::default() });
        rows.add(stacks.insert([frame]), AttributeSetId::EMPTY, &[15]).unwrap();
    }
    batch.tables.push(rows.finish());
    batch.stacks = stacks.finish();
    let profile_type: ProfileType = "n:samples:count::".parse().unwrap();
    batch.profiles.push(ProfileEntry { profile_type, ..ProfileEntry::default() });
    for (encoder, total, code) in
        [("pprof", (15, 0), "rounded-values"), ("speedscope", (150, 1), ""), ("gecko", (150, 1), "times-made-up")]
    {
        let encoder = encoders().iter().find(|known| known.name() == encoder).unwrap();
        let encoded = encoder.encode(&Export::all(&batch)).unwrap();
        let again = decode_named(&encoded.bytes, &format!("x.{}", encoder.extensions()[0])).unwrap();
        assert_eq!(again.total(&again.profiles[0]).unwrap(), total, "{}", encoder.name());
        let codes: Vec<(&str, u64)> =
            encoded.warnings.as_slice().iter().map(|warning| (warning.code.as_str(), warning.count)).collect();
        assert_eq!(codes, if code.is_empty() { vec![] } else { vec![(code, 10)] });
    }
}
