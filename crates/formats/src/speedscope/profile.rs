//! One entry of `profiles`, in columns.

use emberglass_profile::{ErrorCode, FrameId, InputError, StackId, base_unit};
use emberglass_trie::StackBuilder;

use crate::json::Reader;
use crate::raw_stacks::check_size;
use crate::values::Decimals;

/// What a file says before its frames are known.
#[derive(Default)]
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) is_evented: bool,
    /// Stack of each sample, over the rows of the file's frames.
    pub(super) samples: Vec<StackId>,
    pub(super) weights: Numbers,
    /// Row of the frame of each event; [`END`] is added for those that end one.
    pub(super) events: Vec<u32>,
    pub(super) at: Numbers,
    pub(super) start: Numbers,
}

/// Marks an event that ends a frame.
pub(super) const END: u32 = 1 << 31;

/// Numbers that were read with their unit's power of ten, where the unit was known by then.
#[derive(Default)]
pub(super) struct Numbers {
    pub(super) values: Decimals,
    shift: u8,
}

impl Numbers {
    fn prepare(&mut self, unit: &str) {
        if self.values.len() == 0 {
            self.shift = power_of(unit);
        }
    }

    /// To base units.
    pub(super) fn convert(&mut self, unit: &str) -> Result<(), InputError> {
        let (_base, factor) = base_unit(unit);
        self.values.multiply(factor / 10i64.pow(u32::from(self.shift)).min(factor))
    }
}

/// The power of ten that is the factor of a unit, 0 where it is none.
fn power_of(unit: &str) -> u8 {
    let (_base, factor) = base_unit(unit);
    let power = factor.ilog10();
    if 10i64.pow(power) == factor { power as u8 } else { 0 }
}

/// The rows of the file's frames that are named, and the first place of the highest.
#[derive(Default)]
pub(super) struct Named {
    pub(super) highest: Option<u32>,
    pub(super) offset: u64,
}

impl Named {
    /// A row of the frame table.
    #[inline]
    pub(super) fn row(&mut self, row: Option<i64>, offset: u64) -> Result<u32, InputError> {
        let row = row.and_then(|row| u32::try_from(row).ok()).filter(|&row| row < END);
        let Some(row) = row else {
            let message = "a stack names a frame that can't exist";
            return Err(InputError::at(ErrorCode::BadReference, offset, message));
        };
        if self.highest.is_none_or(|highest| highest < row) {
            self.highest = Some(row);
            self.offset = offset;
        }
        Ok(row)
    }
}

impl Profile {
    /// Reads an entry; its stacks go to `stacks`.
    pub(super) fn read(
        reader: &mut Reader<'_, '_, '_>,
        stacks: &mut StackBuilder,
        named: &mut Named,
    ) -> Result<Self, InputError> {
        let mut profile = Self::default();
        reader.begin_object()?;
        while let Some(key) = reader.next_key()? {
            match key {
                "name" => profile.name = reader.string_or_skip()?.unwrap_or_default().to_owned(),
                "unit" => profile.unit = reader.string_or_skip()?.unwrap_or_default().to_owned(),
                "type" => profile.is_evented = reader.string_or_skip()? == Some("evented"),
                "samples" => profile.read_samples(reader, stacks, named)?,
                "weights" => read_numbers(reader, &mut profile.weights, &profile.unit)?,
                "events" => profile.read_events(reader, named)?,
                "startValue" => {
                    profile.start.prepare(&profile.unit);
                    if let Some(start) = reader.decimal_or_skip(profile.start.shift)? {
                        profile.start.values.push(start);
                    }
                }
                _ => reader.skip()?,
            }
        }
        Ok(profile)
    }

    fn read_samples(
        &mut self,
        reader: &mut Reader<'_, '_, '_>,
        stacks: &mut StackBuilder,
        named: &mut Named,
    ) -> Result<(), InputError> {
        reader.begin_array()?;
        let mut rows: Vec<u32> = Vec::new();
        while reader.next_element()? {
            let offset = reader.offset();
            rows.clear();
            let mut is_bad = false;
            reader.integers(|row| {
                let row = row.and_then(|row| u32::try_from(row).ok());
                is_bad |= row.is_none();
                rows.push(row.unwrap_or_default());
            })?;
            if is_bad {
                named.row(None, offset)?;
            }
            if let Some(&highest) = rows.iter().max() {
                named.row(Some(i64::from(highest)), offset)?;
            }
            self.samples.push(stacks.insert(rows.iter().map(|&row| FrameId(row))));
            check_size(stacks, Some(offset))?;
        }
        Ok(())
    }

    fn read_events(&mut self, reader: &mut Reader<'_, '_, '_>, named: &mut Named) -> Result<(), InputError> {
        self.at.prepare(&self.unit);
        reader.begin_array()?;
        while reader.next_element()? {
            let offset = reader.offset();
            let (mut frame, mut at, mut ends) = (None, None, None);
            reader.begin_object()?;
            while let Some(key) = reader.next_key()? {
                match key {
                    "type" => {
                        ends = match reader.string()? {
                            "O" => Some(false),
                            "C" => Some(true),
                            other => {
                                let message = format!("an event of type {other:?} is neither O nor C");
                                return Err(InputError::at(ErrorCode::Malformed, offset, message));
                            }
                        }
                    }
                    "frame" => frame = reader.integer_or_skip()?,
                    "at" => at = reader.decimal_or_skip(self.at.shift)?,
                    _ => reader.skip()?,
                }
            }
            let (Some(ends), Some(at)) = (ends, at) else {
                return Err(InputError::at(ErrorCode::Malformed, offset, "an event has no type or no time"));
            };
            self.events.push(named.row(frame, offset)? | if ends { END } else { 0 });
            self.at.values.push(at);
        }
        Ok(())
    }
}

fn read_numbers(reader: &mut Reader<'_, '_, '_>, numbers: &mut Numbers, unit: &str) -> Result<(), InputError> {
    numbers.prepare(unit);
    let Numbers { values, shift } = numbers;
    reader.decimals(*shift, |value| values.push(value.unwrap_or_default()))
}
