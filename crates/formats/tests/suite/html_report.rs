//! The pages of Emberglass's own reports.

use emberglass_formats::html_report::HtmlReport;
use emberglass_profile::ErrorCode;

use crate::common::{damage, decode_named};

const DATA: &str = r#"{"emberglass-report":1,"title":"shop","selection":"{a=\"b\"}","type":"process_cpu:cpu:nanoseconds:cpu:nanoseconds","scale":2,"profiles":3,"samples":9,"from":"1795440965525000000","until":"1795440975525000000","strings":["","main","main.go","/bin/shop","f\u003cT>"],"functions":{"name":[1,4],"system":[0,0],"file":[2,0],"package":[1,1],"binary":[3,0],"line":[12,0],"color":[1,2]},"nodes":{"depth":[0,1,2,1],"function":[0,0,1,1],"self":[5,0,"9007199254740993",-7]}}"#;

fn page(data: &str) -> String {
    format!(
        "\u{feff}\n<!DOCTYPE html><head><meta name=\"emberglass-report\" content=\"1\" /></head>\
         <script type=\"application/json\" id=\"emberglass-profile\">{data}</script><script>if (1<2) {{}}</script>"
    )
}

#[test]
fn the_profile_in_a_page_is_read_exactly() {
    for text in [page(DATA), DATA.to_owned()] {
        let batch = decode_named(text.as_bytes(), "x").unwrap();
        damage::assert_sound(&batch);
        assert_eq!(batch.format, "html-report");
        let entry = &batch.profiles[0];
        assert_eq!(entry.profile_type.to_string(), "process_cpu:cpu:nanoseconds:cpu:nanoseconds");
        assert_eq!((entry.start, entry.duration), (Some(1_795_440_965_525_000_000), 10_000_000_000));
        let table = &batch.tables[0];
        assert_eq!((table.records, table.columns[0].scale), (9, 2));
        assert_eq!(table.columns[0].values, [5, 9_007_199_254_740_993, -7]);
        let name = |frame| batch.symbols.function_name(batch.symbols.frames.get(frame).unwrap().function);
        let stacks: Vec<Vec<&str>> =
            table.stack.iter().map(|&stack| batch.stacks.leaf_to_root(stack).map(name).collect()).collect();
        assert_eq!(stacks, [vec![], vec!["f<T>", "main"], vec!["f<T>"]]);
        assert_eq!(batch.main_binary(), "shop");
    }
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    for (from, to, code) in [
        ("\"emberglass-report\":1", "\"emberglass-report\":2", ErrorCode::UnsupportedVersion),
        ("\"depth\":[0,1,2,1]", "\"depth\":[0,1,3,1]", ErrorCode::Malformed),
        ("\"depth\":[0,1,2,1]", "\"depth\":[0,1,0,1]", ErrorCode::Malformed),
        ("\"depth\":[0,1,2,1]", "\"depth\":[1,1,2,1]", ErrorCode::Malformed),
        ("\"depth\":[0,1,2,1]", "\"depth\":[0,1,2]", ErrorCode::Malformed),
        ("\"depth\":[0,1,2,1]", "\"depth\":[0,1,-2,1]", ErrorCode::Malformed),
        ("\"function\":[0,0,1,1]", "\"function\":[0,0,2,1]", ErrorCode::BadReference),
        ("\"name\":[1,4]", "\"name\":[1,5]", ErrorCode::BadReference),
        ("\"line\":[12,0]", "\"line\":[12]", ErrorCode::Malformed),
        ("\"scale\":2", "\"scale\":10", ErrorCode::Malformed),
        ("cpu:nanoseconds\"", "cpu\"", ErrorCode::Malformed),
        ("\"9007199254740993\"", "\"9.5\"", ErrorCode::Malformed),
        ("[5,0,", "[9223372036854775808,0,", ErrorCode::ValueOverflow),
    ] {
        let changed = DATA.replace(from, to);
        assert_ne!(changed, DATA, "{from}");
        let error = decode_named(page(&changed).as_bytes(), "x").unwrap_err();
        assert_eq!(error.code, code, "{to}: {error}");
    }
    let empty = page("").replace("id=\"emberglass-profile\"", "id=\"other\"");
    assert_eq!(decode_named(empty.as_bytes(), "x").unwrap_err().code, ErrorCode::Malformed);
    assert_eq!(
        decode_named(b"<!doctype html><title>x</title>", "x.html").unwrap_err().code,
        ErrorCode::UnrecognizedFormat
    );
}

#[test]
fn offsets_count_from_the_start_of_the_page() {
    let broken = page(&DATA.replace("\"scale\":2", "\"scale\":x"));
    let error = decode_named(broken.as_bytes(), "x").unwrap_err();
    assert_eq!(error.offset, Some(broken.find("\"scale\":x").unwrap() as u64 + 8));
}

#[test]
fn deep_stacks_are_read() {
    let list = |each: fn(usize) -> usize| (0..=100_000).map(|at| each(at).to_string()).collect::<Vec<_>>().join(",");
    let data = DATA
        .replace("[0,1,2,1]", &format!("[{}]", list(|at| at)))
        .replace("[0,0,1,1]", &format!("[{}]", list(|_| 0)))
        .replace("[5,0,\"9007199254740993\",-7]", &format!("[{}]", list(|at| if at == 100_000 { 7 } else { 0 })));
    let batch = decode_named(page(&data).as_bytes(), "x").unwrap();
    assert_eq!(batch.stacks.len(), 100_001);
    assert_eq!(batch.tables[0].columns[0].values, [7]);
}

#[test]
fn every_cut_and_flip_is_a_result_or_an_error() {
    damage::damage(&HtmlReport, page(DATA).as_bytes(), 2000);
    damage::damage(&HtmlReport, DATA.as_bytes(), 2000);
}
