//! The file, read once from front to back: frames may stand before or behind the profiles.

use emberglass_profile::{Frame, FrameId, Function, InputError, Symbols};
use emberglass_trie::StackBuilder;

use super::profile::{Named, Profile};
use crate::json::Reader;

/// What a file says.
#[derive(Default)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) exporter: String,
    pub(super) active: Option<i64>,
    pub(super) symbols: Symbols,
    /// Frames by row of `shared.frames`.
    pub(super) frames: Vec<Option<FrameId>>,
    /// Stacks over those rows.
    pub(super) stacks: StackBuilder,
    pub(super) named: Named,
    pub(super) profiles: Vec<Profile>,
}

pub(super) fn read(reader: &mut Reader<'_, '_, '_>) -> Result<File, InputError> {
    let mut file = File::default();
    reader.begin_object()?;
    while let Some(key) = reader.next_key()? {
        match key {
            "name" => file.name = reader.string_or_skip()?.unwrap_or_default().to_owned(),
            "exporter" => file.exporter = reader.string_or_skip()?.unwrap_or_default().to_owned(),
            "activeProfileIndex" => file.active = reader.integer_or_skip()?,
            "shared" => file.read_shared(reader)?,
            "profiles" => {
                reader.begin_array()?;
                while reader.next_element()? {
                    let profile = Profile::read(reader, &mut file.stacks, &mut file.named)?;
                    file.profiles.push(profile);
                }
            }
            _ => reader.skip()?,
        }
    }
    Ok(file)
}

impl File {
    fn read_shared(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        reader.begin_object()?;
        while let Some(key) = reader.next_key()? {
            if key != "frames" {
                reader.skip()?;
                continue;
            }
            reader.begin_array()?;
            while reader.next_element()? {
                let frame = read_frame(reader, &mut self.symbols)?;
                self.frames.push(Some(frame));
            }
        }
        Ok(())
    }
}

fn read_frame(reader: &mut Reader<'_, '_, '_>, symbols: &mut Symbols) -> Result<FrameId, InputError> {
    let (mut function, mut frame) = (Function::default(), Frame::default());
    let line = |number: Option<i64>| number.and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
    reader.begin_object()?;
    while let Some(key) = reader.next_key()? {
        match key {
            "name" => function.name = symbols.strings.intern(reader.text_or_skip()?.unwrap_or_default()),
            "file" => function.file = symbols.strings.intern(reader.string_or_skip()?.unwrap_or_default()),
            "line" => frame.line = line(reader.integer_or_skip()?),
            "col" => frame.column = line(reader.integer_or_skip()?),
            _ => reader.skip()?,
        }
    }
    frame.function = symbols.functions.intern(function);
    Ok(symbols.frames.intern(frame))
}
