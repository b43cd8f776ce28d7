//! What IndexedDB's exceptions mean.

use emberglass_store::BackendError;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::DomException;

/// The error of a DOM exception, by its name (<https://webidl.spec.whatwg.org/#idl-DOMException-error-names>).
pub(super) fn from_exception(exception: &DomException) -> BackendError {
    let (name, message) = (exception.name(), exception.message());
    let text = format!("{name}: {message}");
    match name.as_str() {
        "QuotaExceededError" => BackendError::Quota(text),
        "VersionError" => BackendError::NewerVersion(text),
        // A connection that is closing, or whose server process is gone: opening anew is what helps.
        "InvalidStateError" => BackendError::ConnectionLost(text),
        // Chromium and Safari report both a full disk and a lost backing store like this.
        "UnknownError" if message.to_lowercase().contains("disk") => BackendError::Quota(text),
        "UnknownError" => BackendError::ConnectionLost(text),
        "AbortError" | "TimeoutError" => BackendError::Aborted(text),
        "NotFoundError" | "NotReadableError" | "ConstraintError" => BackendError::Corrupt(text),
        "NotAllowedError" | "SecurityError" => BackendError::Denied(text),
        _ => BackendError::Other(text),
    }
}

/// The error of a thrown value.
pub(crate) fn from_thrown(value: &JsValue) -> BackendError {
    match value.dyn_ref::<DomException>() {
        Some(exception) => from_exception(exception),
        None => BackendError::Other(format!("{value:?}")),
    }
}

/// The error of a call into `idb`: the exception inside, where there is one.
pub(super) fn from_idb(error: &idb::Error) -> BackendError {
    match error {
        idb::Error::DomException(exception) => from_exception(exception),
        idb::Error::IndexedDbNotFound(_) => BackendError::Other("this browser has no IndexedDB".to_owned()),
        idb::Error::ClearFailed(value)
        | idb::Error::DeleteFailed(value)
        | idb::Error::GetAllKeysFailed(value)
        | idb::Error::GetFailed(value)
        | idb::Error::IndexedDbDeleteFailed(value)
        | idb::Error::IndexedDbOpenFailed(value)
        | idb::Error::ObjectStoreCreateFailed(value)
        | idb::Error::ObjectStoreNotFound(value)
        | idb::Error::UpdateFailed(value)
        | idb::Error::RequestResultNotFound(value)
        | idb::Error::TransactionOpenFailed(value) => from_thrown(value),
        other => BackendError::Other(other.to_string()),
    }
}
