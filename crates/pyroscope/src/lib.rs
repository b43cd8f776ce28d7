//! Pyroscope's HTTP interface over the engine: a request in, a response out; no network, no clock.
//!
//! What is answered, and where that differs from Pyroscope, is in `docs/pyroscope-api.md`. Messages are declared from
//! the facts of the wire; JSON is protobuf's. Answers are exact: a flame graph is cut once, from the whole trie, and
//! kept nodes keep their totals. Everything adds up over time, states too, as Pyroscope's clients expect.

mod counters;
mod fault;
mod handler;
mod http;
mod ingest;
mod query;
mod time;
mod wire;

pub use handler::Handler;
pub use http::{Query, Request, Response};
