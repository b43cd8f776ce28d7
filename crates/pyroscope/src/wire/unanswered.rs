//! Conditions of newer clients that are not answered. What would read past them would answer another question.

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use serde_json::Value;

/// Fields of JSON that select single spans or traces. The numbers that protobuf gives them are not published.
const SELECTORS: [&str; 4] = ["span_selector", "spanSelector", "trace_id_selector", "traceIdSelector"];

/// The first condition of a request, or of a side of a diff, that is not answered.
pub(crate) fn in_json(body: &[u8]) -> Option<String> {
    let request: Value = serde_json::from_slice(body).ok()?;
    let sides = [Some(&request), request.get("left"), request.get("right")];
    let is_set = |value: &Value| value.as_array().is_some_and(|list| !list.is_empty());
    let set = |side: &Value| {
        SELECTORS.iter().find(|&&name| side.get(name).is_some_and(is_set)).map(|name| format!("`{name}`"))
    };
    sides.into_iter().flatten().find_map(set)
}

/// The first field of a protobuf request beyond those that are known, `last` the last of these; of a diff those of its
/// sides.
pub(crate) fn in_protobuf(body: &[u8], is_diff: bool, last: u32) -> Option<String> {
    let mut rest = body;
    while let Ok((field, wire_type)) = decode_key(&mut rest) {
        if is_diff && matches!(field, 1 | 2) && wire_type == WireType::LengthDelimited {
            let length = usize::try_from(decode_varint(&mut rest).ok()?).ok()?;
            let (side, behind) = rest.split_at_checked(length)?;
            if let Some(found) = in_protobuf(side, false, last) {
                return Some(found);
            }
            rest = behind;
            continue;
        }
        if field > last {
            return Some(format!("field {field}"));
        }
        skip_field(wire_type, field, &mut rest, DecodeContext::default()).ok()?;
    }
    None
}
