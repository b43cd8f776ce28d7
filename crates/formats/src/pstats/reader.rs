//! The statistics themselves.

use std::collections::HashMap;

use emberglass_profile::{
    Batch, ErrorCode, Function, FunctionId, InputError, MappingId, ProfileEntry, StringId, StringTable, Symbols,
};
use emberglass_trie::StackBuilder;
use foldhash::fast::FixedState;

use super::marshal::{Begin, Marshal, Object, malformed};
use crate::call_graph::{self, CallGraph};
use crate::profile_types::type_without_period;
use crate::window::Window;
use crate::{Context, Input};

/// File, line and name.
type Key = (StringId, i64, StringId);

/// One entry, and those of its callers.
struct Stat {
    key: u32,
    calls: i64,
    own: i64,
    total: i64,
}

struct Call {
    callee: u32,
    caller: u32,
    total: i64,
}

struct Reader<'r, 'a, 'p> {
    marshal: Marshal<'r, 'a, 'p>,
    strings: StringTable,
    keys: Vec<Key>,
    key_of: HashMap<Key, u32, FixedState>,
}

pub(super) fn read(input: &mut Input<'_>, context: &mut Context<'_>) -> Result<Batch, InputError> {
    let Context { meter, warnings, .. } = context;
    let mut reader = Reader {
        marshal: Marshal::new(Window::new(input, meter)),
        strings: StringTable::default(),
        keys: Vec::new(),
        key_of: HashMap::default(),
    };
    let Begin::Dict = reader.begin()? else {
        return Err(malformed(0, "the file does not hold a dictionary"));
    };
    let (mut stats, mut calls) = (Vec::new(), Vec::new());
    while let Some(key) = reader.key()? {
        stats.push(reader.stat(key, &mut calls)?);
    }
    if !reader.marshal.is_at_end()? {
        let offset = reader.marshal.position();
        warnings.add("trailing-data", Some(offset), || "bytes after the statistics are left out".to_owned());
    }
    let replaced = reader.marshal.replaced;
    warnings.add_many("invalid-utf8", replaced, None, || {
        "names that are not UTF-8 hold the replacement character".to_owned()
    });
    call_graph::warn(warnings);
    batch_of(reader, &stats, &calls)
}

impl Reader<'_, '_, '_> {
    fn begin(&mut self) -> Result<Begin, InputError> {
        self.marshal.begin(&mut self.strings)
    }

    /// The key of the next entry, `None` at the end of the dictionary.
    fn key(&mut self) -> Result<Option<u32>, InputError> {
        let at = self.marshal.position();
        match self.begin()? {
            Begin::End => Ok(None),
            Begin::Object(Object::Tuple(key)) => Ok(Some(key)),
            Begin::Tuple(3, slot) => {
                let file = self.text()?;
                let line = self.integer()?;
                let name = self.text()?;
                let key = (file, line, name);
                let new = self.keys.len() as u32;
                let row = *self.key_of.entry(key).or_insert(new);
                if row == new {
                    self.keys.push(key);
                }
                self.marshal.fill(slot, row);
                Ok(Some(row))
            }
            _ => Err(malformed(at, "a key is not a tuple of file, line and name")),
        }
    }

    fn text(&mut self) -> Result<StringId, InputError> {
        let at = self.marshal.position();
        match self.begin()? {
            Begin::Object(Object::Text(text)) => Ok(text),
            _ => Err(malformed(at, "a file or a name is not a text")),
        }
    }

    fn integer(&mut self) -> Result<i64, InputError> {
        let at = self.marshal.position();
        match self.begin()? {
            Begin::Object(Object::Integer(value)) => Ok(value),
            _ => Err(malformed(at, "a line or a number of calls is not an integer")),
        }
    }

    /// Seconds as nanoseconds.
    fn time(&mut self) -> Result<i64, InputError> {
        let at = self.marshal.position();
        let seconds = match self.begin()? {
            Begin::Object(Object::Number(value)) => value,
            Begin::Object(Object::Integer(value)) => value as f64,
            _ => return Err(malformed(at, "a time is not a number")),
        };
        let nanos = (seconds * 1e9).round();
        if nanos.is_nan() {
            return Err(malformed(at, "a time is not a number"));
        }
        // 2^63 is the first value beyond.
        if nanos.abs() >= 9_223_372_036_854_775_808.0 {
            let message = format!("{seconds} seconds are beyond 64 bits in nanoseconds");
            return Err(InputError::at(ErrorCode::ValueOverflow, at, message));
        }
        Ok(nanos as i64)
    }

    fn stat(&mut self, key: u32, calls: &mut Vec<Call>) -> Result<Stat, InputError> {
        let at = self.marshal.position();
        let Begin::Tuple(5, _) = self.begin()? else {
            return Err(malformed(at, "an entry is not a tuple of five"));
        };
        let _primitive = self.integer()?;
        let stat = Stat { key, calls: self.integer()?, own: self.time()?, total: self.time()? };
        let at = self.marshal.position();
        let Begin::Dict = self.begin()? else {
            return Err(malformed(at, "the callers of an entry are not a dictionary"));
        };
        while let Some(caller) = self.key()? {
            let at = self.marshal.position();
            match self.begin()? {
                Begin::Tuple(4, _) => {
                    let (_, _, _) = (self.integer()?, self.integer()?, self.time()?);
                    calls.push(Call { callee: key, caller, total: self.time()? });
                }
                Begin::Object(Object::Integer(_)) => calls.push(Call { callee: key, caller, total: 0 }),
                _ => return Err(malformed(at, "a caller has neither four numbers nor a number of calls")),
            }
        }
        Ok(stat)
    }
}

/// Functions of the keys: a second line of the same file and name is told by its system name.
fn functions(keys: &[Key], symbols: &mut Symbols) -> Vec<FunctionId> {
    let mut first_line: HashMap<(StringId, StringId), i64, FixedState> = HashMap::default();
    let mut intern = |&(file, line, name): &Key| {
        let first = *first_line.entry((file, name)).or_insert(line);
        let system_name = if first == line {
            StringId::EMPTY
        } else {
            let text = format!("{}:{line}", symbols.strings.get(name));
            symbols.strings.intern(&text)
        };
        let file = if symbols.strings.get(file) == "~" { StringId::EMPTY } else { file };
        let start_line = u32::try_from(line).unwrap_or(0);
        symbols.functions.intern(Function { name, system_name, file, start_line })
    };
    keys.iter().map(&mut intern).collect()
}

fn batch_of(reader: Reader<'_, '_, '_>, stats: &[Stat], calls: &[Call]) -> Result<Batch, InputError> {
    let mut symbols = Symbols { strings: reader.strings, ..Symbols::default() };
    let functions = functions(&reader.keys, &mut symbols);
    let mut graph = CallGraph::new(1);
    let mut records = 0u64;
    let mut totals: HashMap<FunctionId, i64, FixedState> = HashMap::default();
    for stat in stats {
        let function = functions[stat.key as usize];
        let node = graph.node(function, MappingId::NONE)?;
        graph.add_own(node, 0, &[stat.own])?;
        records = records.saturating_add(u64::try_from(stat.calls).unwrap_or(0));
        let total = totals.entry(function).or_default();
        *total = total.checked_add(stat.total).ok_or_else(|| {
            InputError::new(ErrorCode::ValueOverflow, "the times of a function add up beyond 64 bits")
        })?;
    }
    for call in calls {
        let caller = graph.node(functions[call.caller as usize], MappingId::NONE)?;
        let callee = graph.node(functions[call.callee as usize], MappingId::NONE)?;
        graph.add_call(caller, callee, &[call.total])?;
    }
    let mut costs = graph.function_costs(0)?;
    let total_of = |function: &FunctionId| totals.get(function).copied().unwrap_or(0);
    costs.total = vec![costs.function.iter().map(total_of).collect()];
    let mut stacks = StackBuilder::default();
    let mut table = call_graph::sample_table(&graph, &mut symbols, &mut stacks)?;
    table.records = records;
    Ok(Batch {
        symbols,
        stacks: stacks.finish(),
        tables: vec![table],
        function_tables: vec![costs],
        profiles: vec![ProfileEntry {
            profile_type: type_without_period("wall", "time", "nanoseconds"),
            ..ProfileEntry::default()
        }],
        ..Batch::default()
    })
}
