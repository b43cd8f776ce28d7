//! Functions: a function is its name, system name and file.

use std::hash::BuildHasher as _;

use emberglass_columns::Interner;
use foldhash::fast::FixedState;

use crate::{FunctionId, StringId};

/// One row of a [`FunctionTable`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Function {
    /// Name as the source gives it, for people.
    pub name: StringId,
    /// Name as the linker knows it (mangled), empty where unknown.
    pub system_name: StringId,
    /// Source file, empty where unknown.
    pub file: StringId,
    /// First line of the function, 0 where unknown. Not part of its identity.
    pub start_line: u32,
}

/// Distinct functions in columns.
#[derive(Clone, Debug, Default)]
pub struct FunctionTable {
    name: Vec<StringId>,
    system_name: Vec<StringId>,
    file: Vec<StringId>,
    start_line: Vec<u32>,
    interner: Interner,
}

fn hash(name: StringId, system_name: StringId, file: StringId) -> u64 {
    FixedState::with_seed(0).hash_one((name, system_name, file))
}

impl FunctionTable {
    /// The row of a function equal in name, system name and file, added if it is new.
    /// A known start line replaces an unknown one.
    pub fn intern(&mut self, function: Function) -> FunctionId {
        let Function { name, system_name, file, start_line } = function;
        let hash_of_key = hash(name, system_name, file);
        let key = (name, system_name, file);
        let found = self.interner.find(hash_of_key, |at| {
            let at = at as usize;
            (self.name[at], self.system_name[at], self.file[at]) == key
        });
        if let Some(row) = found {
            let known = &mut self.start_line[row as usize];
            if *known == 0 {
                *known = start_line;
            }
            return FunctionId(row);
        }
        self.push(function)
    }

    /// Adds a row without looking for an equal one.
    pub fn push(&mut self, function: Function) -> FunctionId {
        let Function { name, system_name, file, start_line } = function;
        let hash_of_key = hash(name, system_name, file);
        let row = self.name.len() as u32;
        self.name.push(name);
        self.system_name.push(system_name);
        self.file.push(file);
        self.start_line.push(start_line);
        let Self { name, system_name, file, interner, .. } = self;
        interner.insert(hash_of_key, row, |at| {
            let at = at as usize;
            hash(name[at], system_name[at], file[at])
        });
        FunctionId(row)
    }

    /// The function at `id`, if it is of this table.
    #[must_use]
    pub fn get(&self, id: FunctionId) -> Option<Function> {
        let at = id.index();
        Some(Function {
            name: *self.name.get(at)?,
            system_name: self.system_name[at],
            file: self.file[at],
            start_line: self.start_line[at],
        })
    }

    /// Number of functions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.name.len()
    }

    /// True without functions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.is_empty()
    }

    /// All functions by row.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Function> {
        (0..self.name.len()).map(|at| Function {
            name: self.name[at],
            system_name: self.system_name[at],
            file: self.file[at],
            start_line: self.start_line[at],
        })
    }
}
