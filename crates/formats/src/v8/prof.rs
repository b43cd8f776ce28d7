//! What `node --prof-process --preprocess` makes of V8's tick log, as JSON.
//!
//! Source of the format: `JsonProfile` in <https://github.com/v8/v8/blob/main/tools/profile.mjs>.
//!
//! Semantics:
//! - one profile, `ticks` (count); the time of a tick (`tm`, microseconds) is kept in nanoseconds, the state of
//!   the virtual machine (`vm`) as the label `state` by V8's names of its states;
//! - `s` is a stack, leaf first, in pairs of a row of `code` and an offset; row -1, an address that is in no
//!   code, is left out of the stack; names are verbatim: ` file:line:column` is part of a script's name;
//! - there is no wall clock: no start.
//!
//! Left out: offsets, sources and optimisation kinds of codes, `functions` and `scripts`.

use emberglass_profile::{
    Attribute, AttributeSetId, AttributeSets, AttributeValue, Batch, ErrorCode, Frame, FrameId, Function, InputError,
    ProfileEntry, SampleTableBuilder, StackId, Symbols,
};
use emberglass_trie::StackBuilder;

use crate::extension::named;
use crate::json::{Reader, Shape};
use crate::profile_types::type_without_period;
use crate::raw_stacks::{check_size, resolve};
use crate::{About, Confidence, Context, Format, Input};

/// The decoder of preprocessed `--prof` logs.
#[derive(Clone, Copy, Debug, Default)]
pub struct PreprocessedProf;

impl Format for PreprocessedProf {
    fn name(&self) -> &'static str {
        "v8-prof"
    }

    fn about() -> About {
        About {
            title: "`node --prof-process --preprocess`",
            files: &["*.preprocess.json"],
            specifications: &["https://github.com/v8/v8/blob/main/tools/profile.mjs"],
            recognised: "`code` with `name` and `type`, or `ticks` with `s`",
            kept: "Ticks with time and state of the virtual machine, names verbatim",
            dropped: "Offsets, sources, kinds of code: they are no part of a name",
            limits: "Read in slices; 64 million stacks",
        }
    }

    fn sniff(&self, prefix: &[u8], file_name: &str) -> Confidence {
        let Some(shape) = Shape::of(prefix).filter(|shape| !shape.is_array) else { return Confidence::No };
        let has_code = shape.has("code") && shape.has_under("code", "name") && shape.has_under("code", "type");
        let has_ticks = shape.has("ticks") && shape.has_under("ticks", "s");
        named(has_code || has_ticks, file_name, &[".preprocess.json"])
    }

    fn decode(&self, input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
        let Context { meter, warnings, .. } = context;
        let mut reader = Reader::new(input, meter)?;
        let mut file = File::default();
        reader.begin_object()?;
        while let Some(key) = reader.next_key()? {
            match key {
                "code" => file.read_codes(&mut reader)?,
                "ticks" => file.read_ticks(&mut reader)?,
                _ => reader.skip()?,
            }
        }
        reader.finish(warnings)?;
        file.build()
    }
}

/// V8's states by number.
const STATES: &[&str] =
    &["JS", "GC", "PARSER", "BYTECODE_COMPILER", "COMPILER", "OTHER", "EXTERNAL", "ATOMICS_WAIT", "IDLE", "LOGGING"];

struct Tick {
    time: i64,
    state: AttributeSetId,
    stack: StackId,
}

#[derive(Default)]
struct File {
    symbols: Symbols,
    attributes: AttributeSets,
    codes: Vec<Option<FrameId>>,
    /// Stacks over rows of the codes.
    stacks: StackBuilder,
    ticks: Vec<Tick>,
    highest: Option<(u32, u64)>,
}

impl File {
    fn read_codes(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        reader.begin_array()?;
        while reader.next_element()? {
            let mut function = Function::default();
            reader.begin_object()?;
            while let Some(key) = reader.next_key()? {
                match key {
                    "name" => {
                        function.name = self.symbols.strings.intern(reader.string_or_skip()?.unwrap_or_default());
                    }
                    _ => reader.skip()?,
                }
            }
            let function = self.symbols.functions.intern(function);
            self.codes.push(Some(self.symbols.frames.intern(Frame { function, ..Frame::default() })));
        }
        Ok(())
    }

    fn read_ticks(&mut self, reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
        let mut pairs: Vec<i64> = Vec::new();
        reader.begin_array()?;
        while reader.next_element()? {
            let offset = reader.offset();
            let mut tick = Tick { time: 0, state: AttributeSetId::EMPTY, stack: StackId::ROOT };
            pairs.clear();
            reader.begin_object()?;
            while let Some(key) = reader.next_key()? {
                match key {
                    "tm" => tick.time = reader.integer_or_skip()?.unwrap_or_default().saturating_mul(1000),
                    "vm" => {
                        if let Some(state) = reader.integer_or_skip()? {
                            tick.state = self.state(state);
                        }
                    }
                    "s" => reader.integers(|number| pairs.push(number.unwrap_or(-1)))?,
                    _ => reader.skip()?,
                }
            }
            for &code in pairs.iter().step_by(2).rev().filter(|&&code| code != -1) {
                let Some(row) = u32::try_from(code).ok().filter(|&row| row < u32::MAX) else {
                    let message = format!("a tick names code {code}, which can't exist");
                    return Err(InputError::at(ErrorCode::BadReference, offset, message));
                };
                if self.highest.is_none_or(|(highest, _)| highest < row) {
                    self.highest = Some((row, offset));
                }
                tick.stack = self.stacks.child(tick.stack, FrameId(row));
            }
            check_size(&self.stacks, Some(offset))?;
            self.ticks.push(tick);
        }
        Ok(())
    }

    fn state(&mut self, state: i64) -> AttributeSetId {
        let known = usize::try_from(state).ok().and_then(|state| STATES.get(state));
        let text = match known {
            Some(name) => self.symbols.strings.intern(name),
            None => self.symbols.strings.intern(&state.to_string()),
        };
        let key = self.symbols.strings.intern("state");
        self.attributes.intern(&mut [Attribute { key, value: AttributeValue::Text(text) }])
    }

    fn build(self) -> Result<Batch, InputError> {
        let Self { symbols, attributes, codes, stacks: raw, ticks, highest } = self;
        if let Some((row, offset)) = highest
            && row as usize >= codes.len()
        {
            let message = format!("a tick names code {row} of a table of {}", codes.len());
            return Err(InputError::at(ErrorCode::BadReference, offset, message));
        }
        let mut stacks = StackBuilder::default();
        let rows = resolve(raw, &codes, &mut stacks);
        let mut table = SampleTableBuilder::new(&[0]);
        for tick in &ticks {
            let stack = rows.get(tick.stack.index()).copied().unwrap_or_default();
            table.add_at(tick.time, stack, tick.state, &[1])?;
        }
        let span = ticks.iter().map(|tick| tick.time).max().zip(ticks.iter().map(|tick| tick.time).min());
        let profile_type = type_without_period("process_cpu", "ticks", "count");
        let duration = span.map_or(0, |(last, first)| last.saturating_sub(first));
        let profiles = vec![ProfileEntry { profile_type, duration, ..ProfileEntry::default() }];
        let tables = vec![table.finish()];
        Ok(Batch { symbols, attributes, stacks: stacks.finish(), tables, profiles, ..Batch::default() })
    }
}
