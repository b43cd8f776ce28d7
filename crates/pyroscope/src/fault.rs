//! What goes wrong, as Pyroscope and Connect tell it.

use emberglass_engine::EngineError;
use emberglass_profile::InputError;
use serde_json::json;

use crate::Response;

/// Codes of Connect (<https://connectrpc.com/docs/protocol/#error-codes>) that are used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// 400.
    InvalidArgument,
    /// 403.
    PermissionDenied,
    /// 404: a method that is not answered.
    Unimplemented,
    /// 413 for a body, as Connect has no code of its own.
    ResourceExhausted,
    /// 422 for what was pushed, 500 else.
    Unprocessable,
    /// 500.
    Internal,
}

/// An answer that is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) message: String,
    /// Pyroscope's name of why a profile was refused.
    pub(crate) reason: Option<&'static str>,
}

impl Fault {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), reason: None }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    pub(crate) fn refused(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason: Some(reason), ..Self::invalid(message) }
    }

    /// A pushed profile that can't be read.
    pub(crate) fn malformed(code: Code, error: &InputError) -> Self {
        let place = error.offset.map_or_else(String::new, |offset| format!(" (at byte {offset})"));
        let message = format!("the profile can't be read: {error}{place}");
        Self { reason: Some("malformed_profile"), ..Self::new(code, message) }
    }

    pub(crate) fn response(&self) -> Response {
        let (status, code) = match self.code {
            Code::InvalidArgument => (400, "invalid_argument"),
            Code::PermissionDenied => (403, "permission_denied"),
            Code::Unimplemented => (404, "unimplemented"),
            Code::ResourceExhausted => (413, "resource_exhausted"),
            Code::Unprocessable => (422, "unknown"),
            Code::Internal => (500, "internal"),
        };
        let body = json!({ "code": code, "message": self.message });
        Response { status, ..Response::json(body.to_string()) }
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        let code = match error.code.as_str() {
            "bad-selector" | "bad-profile-type" => Code::InvalidArgument,
            "value-overflow" | "bad-batch" => Code::Unprocessable,
            _ => Code::Internal,
        };
        Self::new(code, error.message)
    }
}
