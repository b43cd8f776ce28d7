//! Other names for the functions of a batch.

use std::collections::BTreeMap;

use emberglass_demangle::{Mangling, mangling, rust};
use emberglass_profile::{Batch, Function, FunctionTable, StringId};

/// The names of C++ in `batch`.
pub(crate) fn names_of_cpp(batch: &Batch) -> impl Iterator<Item = &str> {
    let names = batch.symbols.functions.iter().map(|function| batch.symbols.text(function.name));
    names.filter(|name| mangling(name) == Some(Mangling::Cpp))
}

/// Replaces mangled names: those of Rust by what they stand for, others by what `cpp` has for them. The mangled name
/// becomes the system name where the source gave none.
pub(crate) fn demangle(batch: &mut Batch, cpp: &BTreeMap<String, String>) {
    let symbols = &mut batch.symbols;
    // Rows stay where they are: two functions that become one are merged with everything else.
    let mut functions = FunctionTable::default();
    for function in symbols.functions.iter() {
        let mangled = symbols.strings.get(function.name);
        let renamed = match rust(mangled).or_else(|| cpp.get(mangled).cloned()) {
            None => function,
            Some(shown) => {
                let known = function.system_name != StringId::EMPTY;
                let system_name = if known { function.system_name } else { function.name };
                Function { name: symbols.strings.intern(&shown), system_name, ..function }
            }
        };
        functions.push(renamed);
    }
    symbols.functions = functions;
}
