//! Whatever bytes a section holds, reading a block gives tables that hold together, or an error.

use std::collections::BTreeMap;
use std::rc::Rc;

use emberglass_profile::{
    Attribute, AttributeValue, Batch, Frame, Function, FunctionCosts, FunctionId, Mapping, ProfileEntry,
    SampleTableBuilder, StackId, Warning,
};
use emberglass_trie::{NoYield, at_once};
use proptest::prelude::*;

use super::*;
use crate::envelope::Payload;
use crate::{BlockId, Compression, FORMAT_VERSION, Origin, SectionKind, StoreError, envelope};

const OPTIONS: BlockOptions = BlockOptions { part_bytes: 1 << 20, compression: Compression::None, rollup_pieces: 2 };

type Payloads = BTreeMap<(SectionKind, u16), Vec<u8>>;

fn payloads() -> Payloads {
    let mut batch = Batch { comments: vec!["comment".to_owned()], ..Batch::default() };
    let mut table = SampleTableBuilder::new(&[0, 2]);
    let mut stack = StackId::ROOT;
    for at in 0..60u32 {
        let name = batch.symbols.strings.intern(&format!("crate::module::function {}", at % 20));
        let function = Function { name, file: name, start_line: at, ..Function::default() };
        let function = batch.symbols.functions.intern(function);
        let mapping = batch.symbols.mappings.intern(Mapping { start: 7, limit: 9, file: name, ..Mapping::default() });
        let frame = Frame { function, line: at, mapping, inlined: at % 2 == 0, ..Frame::default() };
        let frame = batch.symbols.frames.intern(frame);
        let parent = if at % 7 == 0 { StackId::ROOT } else { stack };
        stack = batch.stacks.push(parent, frame).unwrap();
        let mut set = vec![Attribute { key: name, value: AttributeValue::Number(i64::from(at % 3), name) }];
        if at % 5 == 0 {
            set.push(Attribute { key: name, value: AttributeValue::Text(name) });
        }
        let set = batch.attributes.intern(&mut set);
        table.add_at(i64::from(at % 9), stack, set, &[i64::from(at) + 1, i64::MAX >> (at + 1)]).unwrap();
    }
    batch.tables.push(table.finish());
    // A table of its own without samples, so that what is stated of functions holds for one profile.
    batch.tables.push(SampleTableBuilder::new(&[0]).finish());
    let function: Vec<FunctionId> = (0..20).rev().map(FunctionId).collect();
    let values = vec![(0..20).map(|at| at * at).collect()];
    batch.function_tables.push(FunctionCosts { table: 1, function, own: values.clone(), total: values });
    batch.profiles.push(ProfileEntry {
        profile_type: "a:b:c:d:e".parse().unwrap(),
        table: 1,
        ..ProfileEntry::default()
    });
    batch.warnings.add("odd", Some(7), || "something odd".to_owned());
    // The last two are summed up.
    for (column, start) in [(0, Some(5)), (1, None), (1, Some(-5)), (0, Some(7)), (0, Some(8))] {
        let profile_type = if start > Some(6) { "a:b:c:d:f" } else { "a:b:c:d:e" }.parse().unwrap();
        batch.profiles.push(ProfileEntry { profile_type, column, start, ..ProfileEntry::default() });
    }
    let mut builder = BlockBuilder::default();
    builder.add(&batch, &Origin { name: "file".to_owned(), ..Origin::default() }, |_| false).unwrap();
    let block = builder.encode(1, OPTIONS).unwrap().unwrap();
    block
        .sections(BlockId(1))
        .map(|(key, value)| ((key.kind, key.part), envelope::open(key.kind, value.to_vec()).unwrap().bytes))
        .collect()
}

fn payload(payloads: &Payloads, kind: SectionKind, part: u16) -> &[u8] {
    payloads.get(&(kind, part)).map_or(&[], Vec::as_slice)
}

fn read_block(payloads: &Payloads) -> Result<(Block, SampleAttributes), StoreError> {
    let of = |kind: SectionKind| {
        Ok(Rc::new(Payload { version: FORMAT_VERSION, bytes: payload(payloads, kind, 0).to_vec() }))
    };
    let block = at_once(read_stacks_and_symbols(&read_directory(BlockId(1), &of)?, &of, &NoYield))?;
    Ok((block, read_attributes(BlockId(1), payload(payloads, SectionKind::Attributes, 0))?))
}

fn sums(payloads: &Payloads, block: &Block) -> Result<Vec<(Rollup, Rows)>, StoreError> {
    let rollups = read_rollups(BlockId(1), payload(payloads, SectionKind::Rollups, 0), &block.profiles)?;
    let with_rows = |rollup: Rollup| {
        Ok((rollup, block.rollup_rows(&rollup, payload(payloads, SectionKind::Rollups, rollup.part()))?))
    };
    rollups.into_iter().map(with_rows).collect()
}

fn rebuilt(payloads: &Payloads) -> Result<BlockBuilder, StoreError> {
    let (block, attributes) = read_block(payloads)?;
    let places = |kind| read_places(BlockId(1), kind, payload(payloads, kind, 0), block.profiles.len());
    let (timelines, costs) = (places(SectionKind::Timelines)?, places(SectionKind::FunctionCosts)?);
    let records = |at: Place| block.records(at, payload(payloads, SectionKind::Timelines, at.part));
    let table = |at: Place| block.costs(at, payload(payloads, SectionKind::FunctionCosts, at.part));
    let mut builder = BlockBuilder::default();
    let content = |row: usize| {
        Ok(Content {
            rows: block.rows(row, payload(payloads, SectionKind::Samples, 0))?,
            timeline: timelines.get(row).map(records).transpose()?.unwrap_or_default(),
            costs: costs.get(row).map(table).transpose()?,
            is_summed: block.profiles.is_summed(row),
        })
    };
    let sums = if block.profiles.has_summed() { sums(payloads, &block)? } else { Vec::new() };
    builder.add_block(&block, &attributes, |_| true, content, &sums)?;
    Ok(builder)
}

/// Reads all of a block; panics if what it gives does not hold together.
fn read_all(payloads: &Payloads) -> Result<(), StoreError> {
    let (block, _) = read_block(payloads)?;
    for function in block.symbols.functions.iter() {
        assert!(function.name.index() < block.symbols.strings.len());
    }
    for row in 1..block.stacks.len() {
        let stack = StackId(row as u32);
        assert!(block.stacks.parent(stack) < stack);
        let frame = block.symbols.frames.get(block.stacks.frame(stack)).unwrap();
        assert!(frame.function.index() < block.symbols.functions.len());
        assert!(frame.mapping.index() < block.symbols.mappings.len());
    }
    for row in 0..block.profiles.len() {
        assert!(block.profiles.series[row] < block.series.len() as u32);
        assert!(block.profiles.source[row] < block.sources.len() as u32);
        if let Ok(rows) = block.rows(row, payload(payloads, SectionKind::Samples, 0)) {
            assert!(rows.stacks.iter().all(|&stack| (stack as usize) < block.stacks.len()));
            assert_eq!(rows.values.len(), rows.stacks.len());
        }
    }
    for (_, rows) in sums(payloads, &block)? {
        assert!(rows.stacks.iter().all(|&stack| (stack as usize) < block.stacks.len()));
    }
    rebuilt(payloads)?.encode(1, OPTIONS)?;
    Ok(())
}

#[test]
fn a_block_written_again_is_the_same() {
    let payloads = payloads();
    read_all(&payloads).unwrap();
    assert_eq!(payloads.len(), SectionKind::KNOWN.len() + 3, "a section of every kind, and a part for each index");
    let again = rebuilt(&payloads).unwrap().encode(1, OPTIONS).unwrap().unwrap();
    for (key, value) in again.sections(BlockId(1)) {
        assert_eq!(
            envelope::open(key.kind, value.to_vec()).unwrap().bytes,
            payload(&payloads, key.kind, key.part),
            "{} {}",
            key.kind,
            key.part
        );
    }
}

#[test]
fn what_a_batch_says_beside_its_samples_is_kept() {
    let (block, attributes) = read_block(&payloads()).unwrap();
    let source = &block.sources[0];
    assert_eq!(source.comments, ["comment"]);
    let warning = Warning { code: "odd".to_owned(), message: "something odd".to_owned(), offset: Some(7), count: 1 };
    assert_eq!(source.warnings, [warning]);
    let units: Vec<&str> = (1..attributes.sets.len() as u32)
        .flat_map(|set| attributes.sets.get(emberglass_profile::AttributeSetId(set)))
        .filter_map(|attribute| match attribute.value {
            AttributeValue::Number(_, unit) => Some(attributes.strings.get(unit)),
            AttributeValue::Text(_) => None,
        })
        .collect();
    assert!(units.contains(&"crate::module::function 19"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_bytes_of_a_section_make_it_panic(
        section in any::<usize>(),
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4),
        cut in proptest::option::of(any::<usize>()),
    ) {
        let mut payloads = payloads();
        let at = section % payloads.len();
        let payload = payloads.values_mut().nth(at).unwrap();
        for (at, byte) in changes {
            let at = at % payload.len();
            payload[at] = byte;
        }
        if let Some(cut) = cut {
            payload.truncate(cut % payload.len());
        }
        let _read = read_all(&payloads);
    }
}
