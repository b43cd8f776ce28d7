//! Line by line.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use emberglass_profile::{
    Batch, ErrorCode, Function, FunctionId, InputError, Mapping, MappingId, ProfileEntry, ProfileType, StringId,
    Symbols, Warnings, base_unit,
};
use emberglass_trie::StackBuilder;
use foldhash::fast::FixedState;

use super::names::{Name, Names};
use super::position::Positions;
use crate::call_graph::{self, CallGraph, NodeId};
use crate::lines::Line;

/// Most events of a file.
const MAX_EVENTS: usize = 256;
/// Line numbers that a warning names.
const NAMED_LINES: usize = 10;
/// Most profiles of one file: few bytes can name a thread with all events.
const MAX_PROFILES: usize = 1 << 18;

#[derive(Default)]
pub(super) struct Reader {
    symbols: Symbols,
    files: Names,
    functions: Names,
    objects: Names,
    mappings: HashMap<StringId, MappingId, FixedState>,
    graphs: Vec<Graph>,
    /// Rows of the graphs by thread and events.
    graph_of: BTreeMap<(String, Vec<String>), usize>,
    /// The graph of what comes next; `None` once thread or events changed.
    graph: Option<usize>,
    /// Events of all graphs.
    profiles: usize,
    thread: String,
    events: Vec<String>,
    factors: Vec<i64>,
    positions: Positions,
    at: Place,
    called: Called,
    next: Next,
    costs: Vec<i64>,
    facts: Vec<(String, String)>,
    junk: Vec<u64>,
    junk_count: u64,
    junk_offset: Option<u64>,
}

/// The costs of one thread.
struct Graph {
    thread: String,
    events: Vec<String>,
    calls: CallGraph,
    /// Names that have a cost line.
    names: BTreeSet<StringId>,
}

/// Where cost lines belong to.
#[derive(Default)]
struct Place {
    object: StringId,
    file: StringId,
    /// The file of the function, whatever `fi=` says later.
    function_file: StringId,
    function: Option<(usize, NodeId, StringId)>,
}

#[derive(Default)]
struct Called {
    object: Option<StringId>,
    file: Option<StringId>,
    name: Option<StringId>,
}

/// What the next cost line is.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Next {
    #[default]
    Own,
    Call,
    Jump,
}

impl Reader {
    pub(super) fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Result<(), InputError> {
        let text = line.text.trim();
        let Some(&first) = text.as_bytes().first() else { return Ok(()) };
        if first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'*') {
            return self.cost(text, line).map_err(|error| at_line(error, line));
        }
        if first == b'#' {
            return Ok(());
        }
        let split = text.find(['=', ':']).map(|at| (&text[..at], text.as_bytes()[at], &text[at + 1..]));
        match split.filter(|(key, ..)| key.bytes().all(|byte| byte.is_ascii_alphabetic())) {
            Some((key, b'=', value)) => self.body(key, value, line, warnings).map_err(|error| at_line(error, line)),
            Some((key, _, value)) => self.head(key, value.trim(), line),
            None => {
                self.note_junk(line);
                Ok(())
            }
        }
    }

    fn head(&mut self, key: &str, value: &str, line: Line<'_>) -> Result<(), InputError> {
        match key {
            "events" => {
                self.events = value.split_ascii_whitespace().map(str::to_owned).collect();
                if self.events.len() > MAX_EVENTS {
                    let message = format!("more than {MAX_EVENTS} events (line {})", line.number);
                    return Err(InputError::at(ErrorCode::TooLarge, line.offset, message));
                }
                self.factors = self.events.iter().map(|event| unit_of(event).1).collect();
                self.at.function = None;
                self.graph = None;
            }
            "positions" => self.positions.declare(value),
            "part" => {
                self.positions.reset();
                self.at.function = None;
            }
            "thread" => {
                value.clone_into(&mut self.thread);
                self.at.function = None;
                self.graph = None;
            }
            "summary" | "totals" | "event" => {}
            _ => {
                let is_new = !value.is_empty() && !self.facts.iter().any(|(name, known)| name == key && known == value);
                if is_new && self.facts.len() < 64 {
                    self.facts.push((key.to_owned(), value.to_owned()));
                }
            }
        }
        Ok(())
    }

    fn body(&mut self, key: &str, value: &str, line: Line<'_>, warnings: &mut Warnings) -> Result<(), InputError> {
        if self.symbols.strings.text_bytes() + value.len() > u32::MAX as usize {
            return Err(InputError::new(ErrorCode::TooLarge, "the names of the file pass 4 GiB"));
        }
        let names = match key {
            // Targets of jumps may define names, too.
            "fl" | "fi" | "fe" | "cfi" | "cfl" | "jfi" => &mut self.files,
            "fn" | "cfn" | "jfn" => &mut self.functions,
            "ob" | "cob" => &mut self.objects,
            "calls" => {
                self.next = Next::Call;
                return Ok(());
            }
            "jump" | "jcnd" => {
                self.next = Next::Jump;
                return Ok(());
            }
            // What some tools add.
            "rfi" | "rfl" | "rfn" | "rob" | "frfn" => return Ok(()),
            _ => {
                self.note_junk(line);
                return Ok(());
            }
        };
        let name = match names.resolve(value, &mut self.symbols.strings) {
            Name::Known(name) => name,
            Name::Undefined(name) => {
                warnings.add("undefined-name", Some(line.offset), || {
                    format!("{value:?} refers to a name that is not defined, first in line {}", line.number)
                });
                name
            }
        };
        match key {
            "fl" | "fi" | "fe" => self.at.file = name,
            "cfi" | "cfl" => self.called.file = Some(name),
            "ob" => self.at.object = name,
            "cob" => self.called.object = Some(name),
            "cfn" => self.called.name = Some(name),
            "jfi" | "jfn" => {}
            _ => {
                self.at.function_file = self.at.file;
                let (graph, node) = self.node(self.at.object, self.at.file, name)?;
                self.at.function = Some((graph, node, name));
                self.called = Called::default();
                self.next = Next::Own;
            }
        }
        Ok(())
    }

    /// The graph of the thread and the events that were named last.
    fn find_graph(&mut self) -> Result<usize, InputError> {
        let (thread, events) = (self.thread.clone(), self.events.clone());
        let graph = *self.graph_of.entry((thread.clone(), events.clone())).or_insert(self.graphs.len());
        if graph == self.graphs.len() {
            self.profiles += events.len();
            if self.profiles > MAX_PROFILES {
                return Err(InputError::new(ErrorCode::TooLarge, "the file has too many threads and events to hold"));
            }
            let calls = CallGraph::new(events.len());
            self.graphs.push(Graph { thread, events, calls, names: BTreeSet::new() });
        }
        Ok(graph)
    }

    fn node(&mut self, object: StringId, file: StringId, name: StringId) -> Result<(usize, NodeId), InputError> {
        let graph = match self.graph {
            Some(graph) => graph,
            None => self.find_graph()?,
        };
        self.graph = Some(graph);
        let Self { symbols, mappings, graphs, .. } = self;
        let is_unknown =
            |id: StringId, strings: &emberglass_profile::StringTable| matches!(strings.get(id), "" | "???");
        let file = if is_unknown(file, &symbols.strings) { StringId::EMPTY } else { file };
        let function: FunctionId = symbols.functions.intern(Function { name, file, ..Function::default() });
        let mapping = if is_unknown(object, &symbols.strings) {
            MappingId::NONE
        } else {
            let file = object;
            *mappings.entry(object).or_insert_with(|| symbols.mappings.push(Mapping { file, ..Mapping::default() }))
        };
        Ok((graph, graphs[graph].calls.node(function, mapping)?))
    }

    fn cost(&mut self, text: &str, line: Line<'_>) -> Result<(), InputError> {
        let next = std::mem::take(&mut self.next);
        let most = self.events.len();
        let mut costs = std::mem::take(&mut self.costs);
        let source_line = self.positions.read(text, &mut costs, most);
        let result = match (source_line, self.at.function) {
            (Some(_), _) if next == Next::Jump => Ok(()),
            (Some(source_line), Some(function)) => {
                self.convert(&mut costs).and_then(|()| self.add(next, function, source_line, &costs))
            }
            _ => {
                self.note_junk(line);
                Ok(())
            }
        };
        self.costs = costs;
        if next == Next::Call {
            self.called = Called::default();
        }
        result
    }

    fn convert(&self, costs: &mut [i64]) -> Result<(), InputError> {
        for (cost, &factor) in costs.iter_mut().zip(&self.factors) {
            *cost = cost.checked_mul(factor).ok_or_else(|| {
                InputError::new(ErrorCode::ValueOverflow, "a cost is beyond 64 bits in its base unit")
            })?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        next: Next,
        (graph, node, name): (usize, NodeId, StringId),
        source_line: u32,
        costs: &[i64],
    ) -> Result<(), InputError> {
        if next == Next::Call {
            let Some(called) = self.called.name else { return Ok(()) };
            let object = self.called.object.unwrap_or(self.at.object);
            let file = self.called.file.unwrap_or(self.at.file);
            let (_, callee) = self.node(object, file, called)?;
            return self.graphs[graph].calls.add_call(node, callee, costs);
        }
        let is_own_file = self.at.file == self.at.function_file;
        let graph = &mut self.graphs[graph];
        graph.names.insert(name);
        graph.calls.add_own(node, if is_own_file { source_line } else { 0 }, costs)
    }

    fn note_junk(&mut self, line: Line<'_>) {
        self.junk_count += 1;
        self.junk_offset.get_or_insert(line.offset);
        if self.junk.len() < NAMED_LINES {
            self.junk.push(line.number);
        }
    }

    pub(super) fn finish(self, warnings: &mut Warnings) -> Result<Batch, InputError> {
        if self.events.is_empty() {
            return Err(InputError::new(ErrorCode::Malformed, "the file has no line \"events:\" that names its costs"));
        }
        let lines: Vec<String> = self.junk.iter().map(u64::to_string).collect();
        let more = self.junk_count - self.junk.len() as u64;
        warnings.add_many("unreadable-line", self.junk_count, self.junk_offset, || {
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("lines that are neither names nor costs are left out: {}{more}", lines.join(", "))
        });
        if self.graphs.iter().any(|graph| graph.calls.has_calls()) {
            call_graph::warn(warnings);
        } else {
            warnings.add("no-stacks", None, || {
                "the file has no calls between functions: each function is a stack of its own".to_owned()
            });
        }
        let mut batch = Batch { symbols: self.symbols, metadata: self.facts, ..Batch::default() };
        let mut stacks = StackBuilder::default();
        let process = batch.metadata.iter().find(|(name, _)| name == "pid").map(|(_, pid)| pid.clone());
        let threads: BTreeMap<&str, ()> = self.graphs.iter().map(|graph| (graph.thread.as_str(), ())).collect();
        for graph in &self.graphs {
            let row = batch.tables.len() as u32;
            let mut table = call_graph::sample_table(&graph.calls, &mut batch.symbols, &mut stacks)?;
            table.records = graph.names.len() as u64;
            batch.tables.push(table);
            batch.function_tables.push(graph.calls.function_costs(row)?);
            let mut labels = Vec::new();
            if let Some(process) = &process {
                labels.push(("process_id".to_owned(), process.clone()));
            }
            if threads.len() > 1 && !graph.thread.is_empty() {
                labels.push(("thread_id".to_owned(), graph.thread.clone()));
            }
            for (column, event) in graph.events.iter().enumerate() {
                batch.profiles.push(ProfileEntry {
                    profile_type: profile_type(event),
                    table: row,
                    column: column as u32,
                    labels: labels.clone(),
                    ..ProfileEntry::default()
                });
            }
        }
        batch.stacks = stacks.finish();
        Ok(batch)
    }
}

/// Base unit of an event and how many of it make one: `Time_(10ns)` is ten nanoseconds.
fn unit_of(event: &str) -> (&str, i64) {
    let inside = event.strip_suffix(')').and_then(|event| event.split_once("_("));
    let Some((_, unit)) = inside else { return ("count", 1) };
    let digits = unit.bytes().take_while(u8::is_ascii_digit).count();
    let (many, name) = unit.split_at(digits);
    let many: i64 = if digits == 0 { 1 } else { many.parse().unwrap_or(0) };
    let (base, factor) = base_unit(name);
    match many.checked_mul(factor) {
        Some(factor) if factor > 0 && matches!(base, "nanoseconds" | "bytes") => (base, factor),
        _ => ("count", 1),
    }
}

fn profile_type(event: &str) -> ProfileType {
    let (unit, _) = unit_of(event);
    let name = match unit {
        "nanoseconds" => "wall",
        "bytes" => "memory",
        _ => "samples",
    };
    ProfileType {
        name: name.to_owned(),
        sample_type: event.replace(':', "."),
        sample_unit: unit.to_owned(),
        ..ProfileType::default()
    }
}

fn at_line(error: InputError, line: Line<'_>) -> InputError {
    InputError { offset: Some(line.offset), message: format!("{} (line {})", error.message, line.number), ..error }
}
