//! The command line's answers over files of every format.

use std::fs;
use std::path::PathBuf;

use emberglass_files::{FileSelection, output_formats};
use emberglass_formats::encoders;
use serde_json::Value;

use crate::common::{fixture, set};

fn value_of(functions: &Value, name: &str, key: &str) -> i64 {
    let named = functions.as_array().unwrap().iter().filter(|function| function["name"] == name);
    named.map(|function| function[key].as_i64().unwrap()).sum()
}

#[test]
fn formats_without_stacks_answer_from_their_function_table() {
    for path in ["callgrind/callgrind.out", "callgrind/rbspy.callgrind", "callgrind/xdebug.cachegrind.out"] {
        let files = set(path);
        let expected: Value =
            serde_json::from_str(&fs::read_to_string(fixture(&format!("{path}.expected.json"))).unwrap()).unwrap();
        for (number, profile) in expected["profiles"].as_array().unwrap().iter().enumerate() {
            let selection = FileSelection { profile: Some(number as u32), ..FileSelection::default() };
            let top: Value = serde_json::from_str(&files.top(&selection).unwrap()).unwrap();
            let factor = top["total"].as_i64().unwrap() / profile["total"].as_i64().unwrap().max(1);
            assert_eq!(top["total"].as_i64().unwrap(), profile["total"].as_i64().unwrap() * factor, "{path}");
            for pair in profile["top_self"].as_array().unwrap() {
                let name = pair[0].as_str().unwrap();
                let got = value_of(&top["functions"], name, "self");
                assert_eq!(got, pair[1].as_i64().unwrap() * factor, "{path} {number} {name}");
            }
        }
    }
}

#[test]
fn the_table_is_sorted_and_cut_as_any_other() {
    let files = set("python/cprofile.pstats");
    let by_total = FileSelection { by: Some("total".to_owned()), limit: Some(5), ..FileSelection::default() };
    let top: Value = serde_json::from_str(&files.top(&by_total).unwrap()).unwrap();
    let totals: Vec<i64> =
        top["functions"].as_array().unwrap().iter().map(|function| function["total"].as_i64().unwrap()).collect();
    assert_eq!(totals.len(), 5);
    assert!(totals.is_sorted_by(|a, b| a >= b), "{totals:?}");
}

#[test]
fn the_page_of_formats_lists_the_reports() {
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, table) = page.split_once("| report | what | ending | media type |\n|---|---|---|---|\n").unwrap();
    let documented: Vec<&str> = table.lines().take_while(|line| line.starts_with('|')).collect();
    let reports =
        output_formats().into_iter().filter(|format| encoders().iter().all(|encoder| encoder.name() != format.name));
    let wanted: Vec<String> = reports
        .map(|format| {
            let (ending, media_type) = (format.extensions[0], format.media_type);
            format!("| {} | {} | `.{ending}` | `{media_type}` |", format.name, format.description)
        })
        .collect();
    assert_eq!(documented, wanted);
}
