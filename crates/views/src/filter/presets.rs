//! Filters with a name: what of a language's own code is in the way.

use super::{Field, FrameTest, Verb};

/// Takes out the inner frames of a language's run time; samples stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Preset {
    /// Scheduler, allocator and garbage collector of Go.
    GoRuntime,
    /// Packages of the JDK.
    JavaRuntime,
    /// The interpreter of Python, its import system and what starts threads.
    PythonRuntime,
    /// Modules of Node and the states of its engine.
    NodeRuntime,
    /// `std`, `core` and `alloc` of Rust, and what starts a program.
    RustRuntime,
}

impl Preset {
    pub(super) const ALL: [Self; 5] =
        [Self::GoRuntime, Self::JavaRuntime, Self::PythonRuntime, Self::NodeRuntime, Self::RustRuntime];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GoRuntime => "go-runtime",
            Self::JavaRuntime => "java-runtime",
            Self::PythonRuntime => "python-runtime",
            Self::NodeRuntime => "node-runtime",
            Self::RustRuntime => "rust-runtime",
        }
    }

    /// Where it looks, and the expression of what it hides.
    const fn expressions(self) -> &'static [(Field, &'static str)] {
        match self {
            Self::GoRuntime => &[(
                Field::Package,
                r"^(runtime|runtime/internal/.+|internal/(runtime/.+|abi|bytealg|cpu|goarch|goos|chacha8rand))$",
            )],
            Self::JavaRuntime => &[(Field::Package, r"^(java|javax|jdk|sun|com[./]sun)([./]|$)")],
            Self::PythonRuntime => &[
                (Field::Package, r"^<(frozen|built-in|string)"),
                (Field::File, r"(^|/)(runpy|threading)\.py$|(^|/)importlib/"),
                (Field::Function, r"^_?Py[A-Z][A-Za-z]*_"),
            ],
            Self::NodeRuntime => {
                &[(Field::Package, r"^node:"), (Field::Function, r"^\((root|program|idle|garbage collector)\)$")]
            }
            Self::RustRuntime => &[
                (Field::Package, r"^(std|core|alloc|hashbrown)$"),
                (Field::Function, r"^(_start|__libc_start_\w+|__rust_begin_short_backtrace)$"),
            ],
        }
    }

    /// What it stands for.
    pub(super) fn filters(self) -> impl Iterator<Item = (Verb, FrameTest)> {
        let tests = self.expressions().iter().filter_map(|&(field, text)| FrameTest::regex(field, text).ok());
        tests.map(|test| (Verb::Merge, test))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_compiles() {
        for preset in Preset::ALL {
            assert_eq!(preset.filters().count(), preset.expressions().len(), "{preset:?}");
        }
    }
}
