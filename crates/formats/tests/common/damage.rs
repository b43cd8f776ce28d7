//! Broken inputs: whatever a decoder is given it returns a batch whose ids are in range, or an error with a code.
#![allow(clippy::unwrap_used, clippy::panic)]

use emberglass_formats::{Confidence, Context, Format, Input, Meter, NoProgress};
use emberglass_profile::{Batch, InputError};

use super::Numbers;

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
            assert!(timeline.row.iter().all(|&row| (row as usize) < table.stack.len()));
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
    }
}

/// Decodes `bytes`, and checks what comes out; true for a batch.
pub fn survives(format: &dyn Format, bytes: &[u8]) -> bool {
    match decode_as(format, bytes) {
        Ok(batch) => {
            assert_sound(&batch);
            true
        }
        Err(error) => {
            assert!(!error.message.is_empty());
            false
        }
    }
}

/// Cuts `sample` at every length, flips and replaces bytes, repeats and moves pieces; `rounds` damages of each kind.
pub fn damage(format: &dyn Format, sample: &[u8], rounds: usize) {
    let step = (sample.len() / 2000).max(1);
    for len in (0..=sample.len()).step_by(step) {
        survives(format, &sample[..len]);
    }
    let mut numbers = Numbers(0x5eed);
    for _ in 0..rounds {
        let mut bytes = sample.to_vec();
        for _ in 0..1 + numbers.below(4) {
            let at = numbers.below(bytes.len());
            match numbers.below(5) {
                0 => bytes[at] ^= 1 << numbers.below(8),
                1 => bytes[at] = numbers.next() as u8,
                2 => bytes[at] = [0, 0xff, 0x7f, 0x80, b'\n', b' '][numbers.below(6)],
                3 => {
                    let end = (at + numbers.below(40)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = numbers.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
                _ => {
                    let end = (at + numbers.below(40)).min(bytes.len());
                    bytes.drain(at..end);
                }
            }
            if bytes.is_empty() {
                break;
            }
        }
        survives(format, &bytes);
        let noise: Vec<u8> = (0..numbers.below(200)).map(|_| numbers.next() as u8).collect();
        survives(format, &noise);
    }
}
