//! What the engine answers, as it crosses to the page (`www/engine/protocol.ts` is the other side).
//!
//! 64-bit fields (`i64`) become `bigint`; counts are `u32` or `f64` and become `number`.

mod catalog;
mod queries;
mod results;
mod status;
mod time;
mod views;

pub use catalog::*;
pub use queries::*;
pub use results::*;
pub use status::*;
pub use time::*;
pub use views::*;
