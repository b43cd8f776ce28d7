//! A small JFR chunk, put together by hand: types, one stack and events.

/// A number, seven bits a byte.
pub(crate) fn number(value: i64) -> Vec<u8> {
    let (mut rest, mut out) = (value.cast_unsigned(), Vec::new());
    while rest >= 0x80 && out.len() < 8 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
    out
}

fn numbers(values: &[i64]) -> Vec<u8> {
    values.iter().flat_map(|&value| number(value)).collect()
}

fn text(text: &str) -> Vec<u8> {
    [&[3], &number(text.len() as i64)[..], text.as_bytes()].concat()
}

/// An event: its size, always in two bytes, and what is in it.
fn event(content: &[u8]) -> Vec<u8> {
    let size = content.len() + 2;
    [&[size as u8 | 0x80, (size >> 7) as u8], content].concat()
}

/// A field of a type: name, class, and whether it is pooled.
pub(crate) type Field = (&'static str, i64, bool);

pub(crate) const LONG: i64 = 20;
pub(crate) const BOOLEAN: i64 = 21;
pub(crate) const INT: i64 = 22;
pub(crate) const STACK_TRACE: i64 = 25;

/// Ids, names and fields of the types that all chunks have.
const TYPES: &[(i64, &str, &[Field])] = &[
    (LONG, "long", &[]),
    (BOOLEAN, "boolean", &[]),
    (INT, "int", &[]),
    (23, "java.lang.String", &[]),
    (STACK_TRACE, "jdk.types.StackTrace", &[("truncated", BOOLEAN, false), ("frames", 26, false)]),
    (26, "jdk.types.StackFrame", &[("method", 27, true), ("lineNumber", INT, false)]),
    (27, "jdk.types.Method", &[("type", 28, true), ("name", 29, true)]),
    (28, "java.lang.Class", &[("name", 29, true)]),
    (29, "jdk.types.Symbol", &[("string", 23, false)]),
];

fn metadata(events: &[(i64, &'static str, &'static [Field])]) -> Vec<u8> {
    let mut strings: Vec<String> = Vec::new();
    let mut string = |text: &str| {
        let at = strings.iter().position(|known| known == text).unwrap_or_else(|| {
            strings.push(text.to_owned());
            strings.len() - 1
        });
        at as i64
    };
    let types: Vec<_> = TYPES.iter().chain(events).collect();
    let mut tree = numbers(&[string("metadata"), 0, types.len() as i64]);
    for (id, name, fields) in types {
        tree.extend(numbers(&[
            string("class"),
            2,
            string("id"),
            string(&id.to_string()),
            string("name"),
            string(name),
        ]));
        tree.extend(number(fields.len() as i64));
        for &(name, class, is_pooled) in *fields {
            let dimension = i64::from(name == "frames");
            tree.extend(numbers(&[string("field"), 4, string("name"), string(name)]));
            tree.extend(numbers(&[string("class"), string(&class.to_string())]));
            tree.extend(numbers(&[string("constantPool"), string(&is_pooled.to_string())]));
            tree.extend(numbers(&[string("dimension"), string(&dimension.to_string()), 0]));
        }
    }
    let texts: Vec<u8> = strings.iter().flat_map(|string| text(string)).collect();
    event(&[numbers(&[0, 0, 0, 0, strings.len() as i64]), texts, tree].concat())
}

/// A chunk with one stack, `App.work` at line 7, as constant 1 of `STACK_TRACE`. Events are given as the id of their type
/// and their fields; a tick is a nanosecond, and the chunk begins at tick 0, 1000 ns after the epoch.
pub(crate) fn chunk(types: &[(i64, &'static str, &'static [Field])], events: &[(i64, Vec<i64>)]) -> Vec<u8> {
    let pools = [
        numbers(&[1, 0, 0, 0, 0, 4, STACK_TRACE, 1, 1, 0, 1, 1, 7, 27, 1, 1, 1, 2, 28, 1, 1, 1, 29, 2, 1]),
        text("App"),
        number(2),
        text("work"),
    ];
    let events: Vec<u8> =
        events.iter().flat_map(|(id, fields)| event(&[number(*id), numbers(fields)].concat())).collect();
    let (pools, metadata) = (event(&pools.concat()), metadata(types));
    let pools_at = 68 + events.len();
    let metadata_at = pools_at + pools.len();
    let size = metadata_at + metadata.len();
    let mut out = b"FLR\0\0\x02\0\x01".to_vec();
    for field in [size as i64, pools_at as i64, metadata_at as i64, 1000, 500, 0, 1_000_000_000] {
        out.extend(field.to_be_bytes());
    }
    out.extend(1u32.to_be_bytes());
    [out, events, pools, metadata].concat()
}
