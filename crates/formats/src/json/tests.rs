//! The reader against `serde_json`.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::{Kind, Reader};
use crate::{Input, Meter, NoProgress};
use emberglass_profile::{ErrorCode, InputError, Warnings};

/// One gzip member for each piece: the input hands them out one by one.
fn in_pieces(text: &[u8], cuts: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    for cut in cuts.iter().map(|cut| cut % (rest.len().min(9) + 1)).chain([usize::MAX]) {
        let (piece, after) = rest.split_at(cut.min(rest.len()));
        rest = after;
        if piece.is_empty() {
            continue;
        }
        out.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        out.extend(miniz_oxide::deflate::compress_to_vec(piece, 1));
        out.extend(crc32fast::hash(piece).to_le_bytes());
        out.extend((piece.len() as u32).to_le_bytes());
    }
    out
}

fn with_reader<T>(
    file: &[u8],
    read: impl FnOnce(&mut Reader<'_, '_, '_>) -> Result<T, InputError>,
) -> Result<(T, Warnings), InputError> {
    let mut progress = NoProgress;
    let mut meter = Meter::new(&mut progress, file.len() as u64);
    let mut input = Input::new(file);
    let mut reader = Reader::new(&mut input, &mut meter)?;
    let value = read(&mut reader)?;
    let mut warnings = Warnings::default();
    reader.finish(&mut warnings)?;
    Ok((value, warnings))
}

/// A tree of what the reader says; tests may recurse.
fn tree(reader: &mut Reader<'_, '_, '_>) -> Result<Value, InputError> {
    Ok(match reader.peek()? {
        Kind::Null => {
            assert!(reader.is_null()?);
            Value::Null
        }
        Kind::Bool => Value::Bool(reader.bool_or_skip()?.unwrap()),
        Kind::String => Value::String(reader.string()?.to_owned()),
        Kind::Number => Value::from(reader.integer()?),
        Kind::Array => {
            let mut list = Vec::new();
            reader.begin_array()?;
            while reader.next_element()? {
                list.push(tree(reader)?);
            }
            Value::Array(list)
        }
        Kind::Object => {
            let mut map = Map::new();
            reader.begin_object()?;
            while let Some(key) = reader.next_key()? {
                let key = key.to_owned();
                let value = tree(reader)?;
                map.insert(key, value);
            }
            Value::Object(map)
        }
    })
}

/// Whether a number in it is a fraction or beyond 64 signed bits: what [`Reader::decimal`] may refuse.
fn has_more_than_i64(value: &Value) -> bool {
    match value {
        Value::Number(number) => !number.is_i64(),
        Value::Array(elements) => elements.iter().any(has_more_than_i64),
        Value::Object(map) => map.values().any(has_more_than_i64),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        "[ -~\u{e9}\u{1f600}\n\t]{0,12}".prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::vec(("[a-c\"\\\\]{0,3}", inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn values_equal_those_of_serde_json(
        value in values(),
        is_pretty in any::<bool>(),
        cuts in proptest::collection::vec(any::<usize>(), 0..30),
    ) {
        let text = if is_pretty { serde_json::to_vec_pretty(&value) } else { serde_json::to_vec(&value) }.unwrap();
        let (read, warnings) = with_reader(&in_pieces(&text, &cuts), tree).unwrap();
        prop_assert_eq!(&read, &value);
        prop_assert!(warnings.as_slice().is_empty());
        let ((), warnings) = with_reader(&in_pieces(&text, &cuts), |reader| reader.skip()).unwrap();
        prop_assert!(warnings.as_slice().is_empty(), "all of it is passed over");
    }

    #[test]
    fn damaged_text_is_refused_where_serde_json_refuses_it(
        value in values(),
        edits in proptest::collection::vec((any::<usize>(), prop_oneof!["[\\[\\]{}\":,0-9a]".prop_map(|c| c.into_bytes()[0]), Just(b' ')]), 1..3),
        cuts in proptest::collection::vec(any::<usize>(), 0..10),
    ) {
        let mut text = serde_json::to_vec(&value).unwrap();
        for (at, byte) in edits {
            let at = at % text.len();
            text[at] = byte;
        }
        let expected = serde_json::from_slice::<Value>(&text);
        let got = with_reader(&in_pieces(&text, &cuts), tree);
        match (expected, got) {
            (Ok(expected), Ok((got, _))) => prop_assert_eq!(got, expected),
            (Ok(expected), Err(error)) => prop_assert!(
                matches!(error.code, ErrorCode::ValueOverflow | ErrorCode::Malformed) && has_more_than_i64(&expected),
                "{} {:?}", expected, error
            ),
            (Err(error), Ok((_, warnings))) => prop_assert!(!warnings.as_slice().is_empty(), "{}", error),
            (Err(_), Err(error)) => prop_assert!(error.offset.is_some()),
        }
    }

    #[test]
    fn arrays_of_integers_equal_those_of_serde_json(
        numbers in proptest::collection::vec(proptest::option::of(prop_oneof![0i64..100, any::<i64>()]), 0..60),
        spaced in any::<bool>(),
        cuts in proptest::collection::vec(any::<usize>(), 0..20),
    ) {
        let mut text = serde_json::to_string(&numbers).unwrap();
        if spaced {
            text = text.replace(',', ", ");
        }
        let mut got = Vec::new();
        with_reader(&in_pieces(text.as_bytes(), &cuts), |reader| reader.integers(|number| got.push(number))).unwrap();
        prop_assert_eq!(got, numbers);
    }

    #[test]
    fn arrays_of_decimals_are_those_of_their_texts(
        numbers in proptest::collection::vec((-1_000_000_000i64..1_000_000_000, 0u8..=9, any::<bool>()), 0..60),
        shift in 0u8..=9,
        cuts in proptest::collection::vec(any::<usize>(), 0..20),
    ) {
        let texts: Vec<String> = numbers
            .iter()
            .map(|&(digits, scale, is_whole)| emberglass_profile::format_scaled(digits, if is_whole { 0 } else { scale }))
            .collect();
        let file = in_pieces(format!("[{}]", texts.join(",")).as_bytes(), &cuts);
        let mut got = Vec::new();
        with_reader(&file, |reader| reader.decimals(shift, |number| got.push(number))).unwrap();
        let wanted: Vec<_> = texts.iter().map(|text| super::decimal(text.as_bytes(), shift)).collect();
        prop_assert_eq!(got, wanted);
    }

    #[test]
    fn random_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..60), tokens in "[\\[\\]{}\":,0-9a.eE\\\\ tn-]{0,40}") {
        for file in [bytes.as_slice(), tokens.as_bytes()] {
            let _outcome = with_reader(file, tree);
            let _outcome = with_reader(file, |reader| reader.skip());
        }
    }
}

#[test]
fn cut_off_text_is_truncated_at_its_end() {
    let text = br#"{"a\n": [1, -2.5e3, true, null, "x\u00e9"], "b": {"c": []}}"#;
    for len in 0..text.len() {
        for read in [|reader: &mut Reader<'_, '_, '_>| reader.skip(), |reader: &mut Reader<'_, '_, '_>| skim(reader)] {
            let error = with_reader(&text[..len], read).unwrap_err();
            assert_eq!((error.code, error.offset), (ErrorCode::Truncated, Some(len as u64)), "{len}: {error}");
        }
    }
}

/// Reads every key and enters every object and array.
fn skim(reader: &mut Reader<'_, '_, '_>) -> Result<(), InputError> {
    match reader.peek()? {
        Kind::Object => {
            reader.begin_object()?;
            while reader.next_key()?.is_some() {
                skim(reader)?;
            }
        }
        Kind::Array => {
            reader.begin_array()?;
            while reader.next_element()? {
                skim(reader)?;
            }
        }
        Kind::Number => {
            let _number = reader.decimal(0)?;
        }
        Kind::String => {
            let _string = reader.string()?;
        }
        Kind::Bool | Kind::Null => reader.skip()?,
    }
    Ok(())
}

#[test]
fn a_million_levels_take_no_stack() {
    let text = [vec![b'['; 1 << 20], vec![b']'; 1 << 20]].concat();
    with_reader(&text, |reader| reader.skip()).unwrap();
    let error = with_reader(&vec![b'['; super::MAX_DEPTH + 1], |reader| reader.skip()).unwrap_err();
    assert_eq!((error.code, error.offset), (ErrorCode::TooLarge, Some(super::MAX_DEPTH as u64)));
}

#[test]
fn a_byte_order_mark_is_skipped_and_what_follows_the_text_is_told() {
    let (value, warnings) = with_reader(b"\xef\xbb\xbf [1] \n\0\0", tree).unwrap();
    assert_eq!((value, warnings.as_slice().len()), (serde_json::json!([1]), 0));
    let (_, warnings) = with_reader(b"[] x", tree).unwrap();
    assert_eq!((warnings.as_slice()[0].code.as_str(), warnings.as_slice()[0].offset), ("trailing-data", Some(3)));
}

#[test]
fn text_that_is_not_utf_8_is_replaced_and_counted() {
    let (value, warnings) = with_reader(b"[\"a\xff\", \"\\ud800\"]", tree).unwrap();
    assert_eq!(value, serde_json::json!(["a\u{fffd}", "\u{fffd}"]));
    assert_eq!((warnings.as_slice()[0].count, warnings.as_slice()[0].offset), (2, Some(1)));
}

#[test]
fn strings_longer_than_a_slice_are_whole() {
    let long = "\u{e9}".repeat(400_000);
    let text = serde_json::to_vec(&[&long, "x"]).unwrap();
    let (value, _) = with_reader(&text, tree).unwrap();
    assert_eq!(value, serde_json::json!([long, "x"]));
}
