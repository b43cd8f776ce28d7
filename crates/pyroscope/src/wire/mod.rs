//! Messages of Pyroscope's services, for protobuf and JSON, as far as they are read and written here.

pub(crate) mod json;
mod pprof;
mod push;
mod querier;
mod types;
pub(crate) mod unanswered;

pub(crate) use pprof::Profile;
pub(crate) use push::{PushRequest, PushResponse};
pub(crate) use querier::*;
pub(crate) use types::*;
