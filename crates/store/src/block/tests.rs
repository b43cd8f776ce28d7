//! Whatever bytes a section holds, reading a block gives tables that hold together, or an error.

use std::collections::BTreeMap;
use std::rc::Rc;

use emberglass_profile::{
    Attribute, AttributeValue, Batch, Frame, Function, Mapping, ProfileEntry, SampleTableBuilder, StackId,
};
use proptest::prelude::*;

use super::*;
use crate::{BlockId, Origin, SectionKind, StoreError, envelope};

fn payloads() -> BTreeMap<SectionKind, Vec<u8>> {
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
        table.add(stack, set, &[i64::from(at) + 1, i64::MAX >> (at + 1)]).unwrap();
    }
    batch.tables.push(table.finish());
    for (column, start) in [(0, Some(5)), (1, None), (1, Some(-5))] {
        let profile_type = "a:b:c:d:e".parse().unwrap();
        batch.profiles.push(ProfileEntry { profile_type, column, start, ..ProfileEntry::default() });
    }
    let mut builder = BlockBuilder::default();
    builder.add(&batch, &Origin { name: "file".to_owned(), ..Origin::default() }, |_| false).unwrap();
    let block = builder.encode(0, BlockOptions::default()).unwrap().unwrap();
    block
        .sections(BlockId(1))
        .map(|(key, value)| (key.kind, envelope::open(key.kind, value.to_vec()).unwrap()))
        .collect()
}

/// Reads all of a block; panics if what it gives does not hold together.
fn read_all(payloads: &BTreeMap<SectionKind, Vec<u8>>) -> Result<(), StoreError> {
    let payload = |kind: SectionKind| Ok(Rc::new(payloads[&kind].clone()));
    let directory = read_directory(BlockId(1), &payload)?;
    let block = read_stacks_and_symbols(&directory, &payload)?;
    let attributes = read_attributes(BlockId(1), &payloads[&SectionKind::Attributes])?;
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
        if let Ok(rows) = block.rows(row, &payloads[&SectionKind::Samples]) {
            assert!(rows.stacks.iter().all(|&stack| (stack as usize) < block.stacks.len()));
            assert_eq!(rows.values.len(), rows.stacks.len());
        }
    }
    let mut again = BlockBuilder::default();
    again.add_block(&block, &attributes, |_| true, |row| block.rows(row, &payloads[&SectionKind::Samples]))?;
    again.encode(1, BlockOptions::default())?;
    Ok(())
}

#[test]
fn a_block_written_again_is_the_same() {
    let payloads = payloads();
    read_all(&payloads).unwrap();
    let payload = |kind: SectionKind| Ok(Rc::new(payloads[&kind].clone()));
    let directory = read_directory(BlockId(1), &payload).unwrap();
    let block = read_stacks_and_symbols(&directory, &payload).unwrap();
    let attributes = read_attributes(BlockId(1), &payloads[&SectionKind::Attributes]).unwrap();
    let mut builder = BlockBuilder::default();
    builder.add_block(&block, &attributes, |_| true, |row| block.rows(row, &payloads[&SectionKind::Samples])).unwrap();
    let again = builder.encode(0, BlockOptions::default()).unwrap().unwrap();
    for (key, value) in again.sections(BlockId(1)) {
        assert_eq!(envelope::open(key.kind, value.to_vec()).unwrap(), payloads[&key.kind], "{}", key.kind);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_bytes_of_a_section_make_it_panic(
        kind in 0usize..SectionKind::KNOWN.len(),
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4),
        cut in proptest::option::of(any::<usize>()),
    ) {
        let mut payloads = payloads();
        let payload = payloads.get_mut(&SectionKind::KNOWN[kind]).unwrap();
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
