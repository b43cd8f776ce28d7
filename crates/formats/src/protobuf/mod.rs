//! Protobuf's wire format (<https://protobuf.dev/programming-guides/encoding/>), read field by field.
//!
//! [`Message`] reads a message that is held in one piece, [`Stream`] one that need not be: its large messages are
//! entered, its small ones become [`Field`]s. Both give the same fields, offsets and errors.

mod message;
mod stream;

pub(crate) use message::{Field, Message, Read, Value, bad_reference, malformed};
pub(crate) use stream::Stream;
