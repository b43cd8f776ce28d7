//! What holds whatever a decoder is given: a batch whose ids are in range, or an error with a code and a place.
//! The fuzz targets include this file too, so that it uses nothing but the crates themselves.
#![allow(unreachable_pub, reason = "the fuzz targets are outside")]

use emberglass_formats::{Confidence, Context, Format, Input, Meter, NoProgress};
use emberglass_profile::{Batch, InputError};

/// Decodes with one format, whatever the registry would choose.
pub fn decode_as(format: &dyn Format, bytes: &[u8]) -> Result<Batch, InputError> {
    let mut progress = NoProgress;
    let mut context = Context::new("", Meter::new(&mut progress, bytes.len() as u64));
    let mut input = Input::new(bytes);
    let _confidence: Confidence = format.sniff(input.prefix(), "");
    let mut batch = format.decode(&mut input, &mut context)?;
    batch.warnings = context.warnings;
    Ok(batch)
}

/// As [`decode_as`], with nothing held in one piece and `slice` bytes handed out at a time.
pub fn decode_in_slices(format: &dyn Format, bytes: &[u8], slice: usize) -> Result<Batch, InputError> {
    let mut progress = NoProgress;
    let mut context = Context::new("", Meter::new(&mut progress, bytes.len() as u64));
    context.hold_limit = 0;
    let mut input = Input::new(bytes);
    input.set_slice(slice);
    let mut batch = format.decode(&mut input, &mut context)?;
    batch.warnings = context.warnings;
    Ok(batch)
}

/// What must hold for every batch.
pub fn assert_sound(batch: &Batch) {
    let symbols = &batch.symbols;
    for frame in symbols.frames.iter() {
        assert!(frame.function.index() < symbols.functions.len());
        assert!(frame.mapping.index() < symbols.mappings.len());
    }
    for function in symbols.functions.iter() {
        for string in [function.name, function.system_name, function.file] {
            assert!(string.index() < symbols.strings.len());
        }
    }
    for (row, (&parent, &frame)) in batch.stacks.parents().iter().zip(batch.stacks.frames()).enumerate().skip(1) {
        assert!(parent.index() < row);
        assert!(frame.index() < symbols.frames.len());
    }
    for table in &batch.tables {
        assert_eq!(table.stack.len(), table.attributes.len());
        for column in &table.columns {
            assert_eq!(column.values.len(), table.stack.len());
        }
        assert!(table.stack.iter().all(|stack| stack.index() < batch.stacks.len()));
        assert!(table.attributes.iter().all(|set| set.index() < batch.attributes.len()));
        if let Some(timeline) = &table.timeline {
            assert!(timeline.time.is_sorted());
            assert_eq!(timeline.time.len(), timeline.row.len());
            assert_eq!(timeline.values.len(), table.columns.len());
            assert!(timeline.row.iter().all(|row| (row as usize) < table.stack.len()));
        }
    }
    for costs in &batch.function_tables {
        let columns = batch.tables[costs.table as usize].columns.len();
        assert_eq!((costs.own.len(), costs.total.len()), (columns, columns));
        assert!(costs.own.iter().chain(&costs.total).all(|column| column.len() == costs.function.len()));
        assert!(costs.function.iter().all(|function| function.index() < symbols.functions.len()));
    }
    for entry in &batch.profiles {
        assert!((entry.column as usize) < batch.tables[entry.table as usize].columns.len());
        // A sum beyond 64 bits is an error, never a panic.
        let _total = batch.total(entry);
    }
    for warning in batch.warnings.as_slice() {
        assert!(!warning.code.is_empty() && !warning.message.is_empty() && warning.count > 0, "{warning:?}");
    }
}

/// What must hold for every error in an input of `len` bytes, inflated.
pub fn assert_told(error: &InputError, len: usize) {
    assert!(!error.code.as_str().is_empty() && !error.message.is_empty(), "{error:?}");
    assert!(error.offset.is_none_or(|offset| offset <= len as u64), "{error:?} of {len} bytes");
}

/// Takes the batch to bytes and back, as it goes from one worker to another.
pub fn assert_crosses(batch: &Batch) {
    let bytes = batch.to_wire();
    let again = Batch::from_wire(&bytes).unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(again.to_wire(), bytes, "a batch changed on its way");
    assert_sound(&again);
}

/// Decodes `bytes` that are not compressed, and checks what comes out; true for a batch.
pub fn survives(format: &dyn Format, bytes: &[u8]) -> bool {
    match decode_as(format, bytes) {
        Ok(batch) => {
            assert_sound(&batch);
            assert_crosses(&batch);
            true
        }
        Err(error) => {
            assert_told(&error, bytes.len());
            false
        }
    }
}
