//! Packages of C, C++ and Rust functions.

use crate::package::Package;
use crate::package_path::folder;

/// Namespaces and crates of the languages' own libraries and of run times written in them.
const RUNTIME_PATHS: &[&str] = &["core", "alloc", "std", "__gnu_cxx", "__cxxabiv1", "v8", "php"];
/// Beginnings of functions of libc, the loader, the kernel's entry code and interpreters, for inputs without binaries.
const RUNTIME_STARTS: &[&str] = &[
    "__libc_",
    "__GI_",
    "_dl_",
    "_start",
    "start_thread",
    "clone3",
    "entry_SYSCALL",
    "do_syscall_",
    "__x64_sys_",
    "irqentry_",
    "asm_sysvec_",
    "asm_exc_",
    "ret_from_fork",
    "Builtins_",
    "_PyEval_",
];

/// The first part of the path, else the file's folder, else the binary.
pub(crate) fn native<'a>(name: &'a str, file: &'a str, binary: &'a str) -> Package<'a> {
    if let Some(path) = first_path_part(name) {
        return Package { name: path, runtime: RUNTIME_PATHS.contains(&path) };
    }
    if RUNTIME_STARTS.iter().any(|start| name.starts_with(start)) {
        return Package::runtime(binary);
    }
    Package::of(if file.is_empty() { binary } else { folder(file) })
}

/// `shop` of `void shop::f<std::string>()`, `core` of `<u64 as core::fmt::Display>::fmt`.
fn first_path_part(name: &str) -> Option<&str> {
    if let Some(inner) = name.strip_prefix('<') {
        let of_type = crate_of_type(inner);
        return of_type.or_else(|| inner.find(" as ").and_then(|at| crate_of_type(&inner[at + " as ".len()..])));
    }
    let bytes = name.as_bytes();
    let mut angles = 0usize;
    let mut part_start = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'<' => angles += 1,
            b'>' => angles = angles.saturating_sub(1),
            _ if angles > 0 => {}
            b' ' | b'&' | b'*' => part_start = at + 1,
            b'(' => return None,
            b':' if bytes.get(at + 1) == Some(&b':') => {
                let part = name[part_start..at].split('<').next().unwrap_or("");
                return Some(part).filter(|part| !part.is_empty());
            }
            _ => {}
        }
    }
    None
}

/// The crate at the start of a Rust type, references and keywords left out.
fn crate_of_type(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        let before = rest;
        rest = rest.trim_start_matches(['<', '&', '*', '[', '(', ' ']);
        for keyword in ["mut ", "const ", "dyn ", "impl "] {
            rest = rest.strip_prefix(keyword).unwrap_or(rest);
        }
        if rest == before {
            break;
        }
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (end > 0 && rest[end..].starts_with("::")).then(|| &rest[..end])
}
