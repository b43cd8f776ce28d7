//! Names as they are shown.

use std::borrow::Cow;

/// Opens the type arguments that Go's compiler writes into the names of instantiated functions.
const GO_SHAPE: &str = "[go.shape.";

/// `slices.SortFunc[go.shape.[]main.T,go.shape.int]` as `slices.SortFunc[...]`, the way Go's own tools show it;
/// every other name as it is.
#[must_use]
pub fn display_name(name: &str) -> Cow<'_, str> {
    if !name.contains(GO_SHAPE) {
        return Cow::Borrowed(name);
    }
    let mut shown = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find(GO_SHAPE) {
        let Some(len) = bracketed_len(&rest[at..]) else { break };
        shown.push_str(&rest[..at]);
        shown.push_str("[...]");
        rest = &rest[at + len..];
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Bytes up to and including the bracket that closes the first one.
fn bracketed_len(text: &str) -> Option<usize> {
    let mut open = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => open += 1,
            b']' if open == 1 => return Some(at + 1),
            b']' => open -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_shapes_are_cut_and_nothing_else_is() {
        for (name, shown) in [
            ("slices.SortFunc[go.shape.[]main.T,go.shape.int]", "slices.SortFunc[...]"),
            ("main.(*List[go.shape.struct { X int }]).Push", "main.(*List[...]).Push"),
            ("a.F[go.shape.int].func1.G[go.shape.[4]uint8]", "a.F[...].func1.G[...]"),
            ("main.Map[...]", "main.Map[...]"),
            ("java.lang.Object[]", "java.lang.Object[]"),
            ("broken[go.shape.[]int", "broken[go.shape.[]int"),
        ] {
            assert_eq!(display_name(name), shown);
        }
    }
}
