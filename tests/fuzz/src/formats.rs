//! Every registered format by its name.

use std::sync::LazyLock;

use emberglass_formats::{Format, Input, formats};

use crate::{budget, sound};

/// Names the format that the target `format` runs.
pub const VARIABLE: &str = "FUZZ_FORMAT";

/// The format that the environment names.
pub static CHOSEN: LazyLock<&'static dyn Format> = LazyLock::new(|| {
    let name = std::env::var(VARIABLE).unwrap_or_default();
    by_target(&name).unwrap_or_else(|| {
        let names: Vec<String> = formats().iter().map(|format| target_of(*format)).collect();
        eprintln!("{VARIABLE} must name a format, one of {}", names.join(", "));
        std::process::exit(2);
    })
});

/// Name of a format's target: that of the format, fit for a file.
pub fn target_of(format: &dyn Format) -> String {
    format.name().replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

/// The format of the target `name`.
pub fn by_target(name: &str) -> Option<&'static dyn Format> {
    formats().iter().copied().find(|format| target_of(*format) == name)
}

/// Decodes `bytes` with one format past all recognising. Compressed bytes are the business of the target `compressed`.
pub fn run(format: &dyn Format, bytes: &[u8]) {
    if Input::new(bytes).compression().is_none() {
        budget::within(bytes.len(), || sound::survives(format, bytes));
    }
}
