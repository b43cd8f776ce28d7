//! Remarks as plain objects.

use emberglass_profile::Warning;
use serde::Serialize;

/// `Warning` in protocol.ts.
#[derive(Serialize)]
pub(crate) struct WarningShape<'a> {
    code: &'a str,
    message: &'a str,
    offset: Option<f64>,
    count: f64,
}

impl<'a> From<&'a Warning> for WarningShape<'a> {
    fn from(warning: &'a Warning) -> Self {
        let Warning { code, message, offset, count } = warning;
        Self { code, message, offset: offset.map(|offset| offset as f64), count: *count as f64 }
    }
}
