//! Names of the linker as names for people: Rust (both schemes) and C++ (Itanium ABI).
//!
//! - Rust: [legacy](https://doc.rust-lang.org/rustc/symbol-mangling/index.html) names lose their hash, and
//!   [v0](https://doc.rust-lang.org/rustc/symbol-mangling/v0.html) names the disambiguators of their crates;
//! - C++: the [Itanium ABI](https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling), written as `c++filt` does;
//!   copies that the compiler made are marked: `f() [clone .cold]`.
//!
//! What a tool appended to a name stays: `@plt`, `@@GLIBCXX_3.4`, callgrind's `'2` for recursion.
//!
//! Mangled names are small programs: what is longer than [`MAX_MANGLED`], nests deeper than [`MAX_DEPTH`] or
//! would be longer than [`MAX_SHOWN`] is not demangled.

use std::fmt::{self, Write as _};

use cpp_demangle::{DemangleOptions, ParseOptions, Symbol};

/// Longest mangled name, in bytes.
pub const MAX_MANGLED: usize = 64 << 10;
/// Longest demangled name, in bytes.
pub const MAX_SHOWN: usize = 64 << 10;
/// Levels of a C++ name.
pub const MAX_DEPTH: u32 = 192;

/// How a name is mangled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mangling {
    /// Rust, legacy or v0.
    Rust,
    /// C++, Itanium ABI.
    Cpp,
}

/// What `name` looks like; `None` for names that are not mangled or too long. A name may still turn out to be none.
#[must_use]
pub fn mangling(name: &str) -> Option<Mangling> {
    if name.len() > MAX_MANGLED {
        return None;
    }
    let bare = name.trim_start_matches('_');
    match (name.len() - bare.len(), bare.as_bytes().first()) {
        (1 | 2, Some(b'R')) if bare.as_bytes().get(1).is_some_and(u8::is_ascii_uppercase) => Some(Mangling::Rust),
        (1 | 2, Some(b'Z')) if has_legacy_hash(bare) => Some(Mangling::Rust),
        (1..=4, Some(b'Z')) => Some(Mangling::Cpp),
        _ => None,
    }
}

/// Legacy names of Rust are names of C++ whose last part is `h` and 16 hexadecimal digits.
fn has_legacy_hash(name: &str) -> bool {
    const HASH: usize = 16;
    name.starts_with("ZN")
        && name.match_indices("17h").any(|(at, mark)| {
            let rest = &name.as_bytes()[at + mark.len()..];
            let (hash, end) = rest.split_at(rest.len().min(HASH));
            hash.len() == HASH
                && hash.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
                && matches!(end, [b'E'] | [b'E', b'.' | b'@' | b'\'', ..])
        })
}

/// A name and what a tool appended to it.
fn split_suffix(name: &str) -> (&str, &str) {
    name.split_at(name.find(['@', '\'']).unwrap_or(name.len()))
}

/// Text that refuses to grow beyond [`MAX_SHOWN`].
#[derive(Default)]
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > MAX_SHOWN {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}

/// A mangled name of Rust as people write it; `None` for every other name.
#[must_use]
pub fn rust(name: &str) -> Option<String> {
    if mangling(name) != Some(Mangling::Rust) {
        return None;
    }
    let (mangled, suffix) = split_suffix(name);
    let parsed = rustc_demangle::try_demangle(mangled).ok()?;
    let mut shown = Bounded::default();
    write!(shown, "{parsed:#}{suffix}").ok()?;
    Some(shown.0)
}

/// A mangled name of C++ as people write it; `None` for every other name.
#[must_use]
pub fn cpp(name: &str) -> Option<String> {
    if mangling(name) != Some(Mangling::Cpp) {
        return None;
    }
    let (mangled, suffix) = split_suffix(name);
    let options = ParseOptions::default().recursion_limit(MAX_DEPTH);
    let symbol = Symbol::new_with_options(mangled.as_bytes(), &options).ok()?;
    let mut shown = Bounded::default();
    symbol.structured_demangle(&mut shown, &DemangleOptions::default().recursion_limit(MAX_DEPTH)).ok()?;
    shown.write_str(suffix).ok()?;
    Some(shown.0)
}

#[cfg(test)]
mod tests;
