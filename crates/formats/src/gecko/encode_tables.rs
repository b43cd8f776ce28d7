//! The tables of a thread: stacks, frames, functions, resources, strings.
//!
//! Rows are numbered in the order in which the samples use them, so that a file that is read and written again
//! stays as it is.

use std::collections::BTreeMap;

use emberglass_profile::{FrameId, MappingId, StackId, Symbols, base_name};
use emberglass_trie::ChildIndex;

use crate::json::write::{put_list, put_number, put_text};
use crate::written::{Numbers, Written};

/// The binaries of the file: mappings in the order of their first use.
#[derive(Default)]
pub(super) struct Libs {
    mappings: Numbers,
}

impl Libs {
    pub(super) fn put(&self, out: &mut String, symbols: &Symbols) {
        put_list(out, self.mappings.rows(), |out, &row| {
            let mapping = symbols.mappings.get(MappingId(row)).unwrap_or_default();
            let path = symbols.text(mapping.file);
            let name = base_name(path);
            out.push('{');
            for (key, text) in [("name", name), ("path", path), ("debugName", name), ("debugPath", path)] {
                out.push_str(&format!("\"{key}\":"));
                put_text(out, text);
                out.push(',');
            }
            out.push_str("\"breakpadId\":\"\",\"codeId\":");
            match symbols.text(mapping.build_id) {
                "" => out.push_str("null"),
                build_id => put_text(out, build_id),
            }
            out.push_str(",\"arch\":null}");
        });
    }
}

/// What one thread names.
pub(super) struct ThreadTables<'w> {
    written: &'w Written,
    /// Stacks whose ends have categories: nodes over rows of `frames`.
    nodes: ChildIndex,
    /// Frames with their category, as children of a frame's row.
    frames: ChildIndex,
    /// Node of each stack that was placed without a category, 0 for none.
    plain: Vec<u32>,
    /// Stacks of the table by node.
    rows: Numbers,
    path: Vec<u32>,
}

impl<'w> ThreadTables<'w> {
    pub(super) fn new(written: &'w Written) -> Self {
        Self {
            written,
            nodes: ChildIndex::default(),
            frames: ChildIndex::default(),
            plain: Vec::new(),
            rows: Numbers::default(),
            path: Vec::new(),
        }
    }

    /// The node of a stack whose innermost frame is of a category, all others of none.
    pub(super) fn place(&mut self, stack: StackId, category: u32) -> StackId {
        if stack == StackId::ROOT {
            return stack;
        }
        if category == 0 {
            return StackId(self.plain(stack.0));
        }
        let at = stack.index();
        let parent = self.plain(self.written.stacks.parents()[at]);
        let frame = self.frame(self.written.stacks.keys()[at], category);
        StackId(self.nodes.child(parent, frame).0)
    }

    /// The node of a stack without categories.
    fn plain(&mut self, stack: u32) -> u32 {
        let stacks = &self.written.stacks;
        self.plain.resize(self.plain.len().max(stack as usize + 1), 0);
        self.path.clear();
        let mut at = stack;
        while at != 0 && self.plain[at as usize] == 0 {
            self.path.push(at);
            at = stacks.parents()[at as usize];
        }
        let mut node = if at == 0 { 0 } else { self.plain[at as usize] };
        while let Some(at) = self.path.pop() {
            let frame = self.frame(stacks.keys()[at as usize], 0);
            node = self.nodes.child(node, frame).0;
            self.plain[at as usize] = node;
        }
        node
    }

    fn frame(&mut self, frame: u32, category: u32) -> u32 {
        let row = self.frames.child(0, frame).0;
        self.frames.child(row, category).0
    }

    /// Row of the stack table of a node; callers have smaller rows. `None` for the empty stack.
    pub(super) fn row(&mut self, node: StackId) -> Option<u32> {
        self.path.clear();
        let mut at = node.0;
        while at != 0 && self.rows.known(at).is_none() {
            self.path.push(at);
            at = self.nodes.parents()[at as usize];
        }
        while let Some(node) = self.path.pop() {
            self.rows.of(node);
        }
        self.rows.known(node.0)
    }

    /// Writes the tables, from `stackTable` on.
    pub(super) fn put(&self, out: &mut String, symbols: &Symbols, libs: &mut Libs) {
        let mut frames = Numbers::default();
        let nodes = self.rows.rows();
        let key = |node: u32| self.nodes.keys()[node as usize];
        let stack_frames: Vec<u32> = nodes.iter().map(|&node| frames.of(key(node))).collect();
        let category = |frame: u32| self.frames.keys()[frame as usize];
        out.push_str(&format!("\"stackTable\":{{\"length\":{},\"prefix\":[", nodes.len()));
        put_list(out, nodes, |out, &node| put_row(out, self.rows.known(self.nodes.parents()[node as usize])));
        put_column(out, "frame", &stack_frames, |&row| Some(row));
        put_column(out, "category", nodes, |&node| Some(category(key(node))));
        put_column(out, "subcategory", nodes, |_| Some(0));
        out.push_str("]},");

        let mut functions = Functions::default();
        let rows: Vec<Row> = frames
            .rows()
            .iter()
            .map(|&row| {
                let frame = FrameId(self.frames.keys()[self.frames.parents()[row as usize] as usize]);
                let frame = symbols.frames.get(frame).unwrap_or_default();
                let func = functions.of(frame.function.0, frame.mapping.0);
                // A column is nothing without a line, be it 0.
                let line = if frame.column > 0 { Some(frame.line) } else { some(frame.line) };
                let (column, depth) = (some(frame.column), u32::from(frame.inlined));
                Row { func, line, column, depth, category: some(category(row)) }
            })
            .collect();
        out.push_str(&format!("\"frameTable\":{{\"length\":{},\"address\":[", rows.len()));
        put_list(out, &rows, |out, _| out.push_str("-1"));
        put_column(out, "inlineDepth", &rows, |row| Some(row.depth));
        put_column(out, "category", &rows, |row| row.category);
        put_column(out, "subcategory", &rows, |row| row.category.map(|_| 0));
        put_column(out, "func", &rows, |row| Some(row.func));
        for key in ["nativeSymbol", "innerWindowID", "implementation"] {
            put_column(out, key, &rows, |_| None);
        }
        put_column(out, "line", &rows, |row| row.line);
        put_column(out, "column", &rows, |row| row.column);
        out.push_str("]},");
        functions.put(out, symbols, libs);
    }
}

/// Row of the frame table.
struct Row {
    func: u32,
    line: Option<u32>,
    column: Option<u32>,
    depth: u32,
    category: Option<u32>,
}

const fn some(number: u32) -> Option<u32> {
    if number == 0 { None } else { Some(number) }
}

/// Functions of binaries.
#[derive(Default)]
struct Functions {
    row_of: BTreeMap<(u32, u32), u32>,
    list: Vec<(u32, u32)>,
}

impl Functions {
    fn of(&mut self, function: u32, mapping: u32) -> u32 {
        let new = self.list.len() as u32;
        let row = *self.row_of.entry((function, mapping)).or_insert(new);
        if row == new {
            self.list.push((function, mapping));
        }
        row
    }

    fn put(&self, out: &mut String, symbols: &Symbols, libs: &mut Libs) {
        let (mut strings, mut resources) = (Numbers::default(), Numbers::default());
        let function = |row: u32| symbols.functions.get(emberglass_profile::FunctionId(row)).unwrap_or_default();
        let columns: Vec<[Option<u32>; 4]> = self
            .list
            .iter()
            .map(|&(row, mapping)| {
                let function = function(row);
                let file = some(function.file.0).map(|file| strings.of(file));
                let resource = some(mapping).map(|mapping| resources.of(mapping));
                [Some(strings.of(function.name.0)), file, resource, some(function.start_line)]
            })
            .collect();
        let count = columns.len();
        out.push_str(&format!("\"funcTable\":{{\"length\":{count},\"name\":["));
        put_list(out, &columns, |out, row| put_row(out, row[0]));
        for key in ["isJS", "relevantForJS"] {
            out.push_str(&format!("],\"{key}\":["));
            put_list(out, &columns, |out, _| out.push_str("false"));
        }
        out.push_str("],\"resource\":[");
        put_list(out, &columns, |out, row| put_number(out, row[2].map_or(-1, i64::from)));
        put_column(out, "fileName", &columns, |row| row[1]);
        put_column(out, "lineNumber", &columns, |row| row[3]);
        put_column(out, "columnNumber", &columns, |_| None);
        out.push_str("]},");

        // Names of binaries are no strings of the batch: they follow behind.
        let own = strings.rows().len() as u32;
        let mappings = resources.rows();
        out.push_str(&format!("\"resourceTable\":{{\"length\":{},\"lib\":[", mappings.len()));
        put_list(out, mappings, |out, &mapping| put_row(out, Some(libs.mappings.of(mapping))));
        put_column(out, "name", mappings, |mapping| resources.known(*mapping).map(|row| own + row));
        put_column(out, "host", mappings, |_| None);
        put_column(out, "type", mappings, |_| Some(1));
        out.push_str(
            "]},\"nativeSymbols\":{\"length\":0,\"address\":[],\"functionSize\":[],\"libIndex\":[],\"name\":[]},\
             \"stringArray\":[",
        );
        let names = mappings.iter().map(|&row| {
            let mapping = symbols.mappings.get(MappingId(row)).unwrap_or_default();
            base_name(symbols.text(mapping.file))
        });
        let texts = strings.rows().iter().map(|&row| symbols.text(emberglass_profile::StringId(row)));
        put_list(out, texts.chain(names), put_text);
        out.push(']');
    }
}

fn put_row(out: &mut String, row: Option<u32>) {
    match row {
        Some(row) => put_number(out, i64::from(row)),
        None => out.push_str("null"),
    }
}

/// Ends a column and writes the next.
fn put_column<T>(out: &mut String, key: &str, rows: &[T], cell: impl Fn(&T) -> Option<u32>) {
    out.push_str(&format!("],\"{key}\":["));
    put_list(out, rows, |out, row| put_row(out, cell(row)));
}
