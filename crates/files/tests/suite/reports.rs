//! Results as reports, and reports as inputs.

use emberglass_files::{FileSelection, FileSet};
use emberglass_formats::NoProgress;
use serde_json::Value;

use crate::common::set;

fn convert(files: &mut FileSet, to: &str, selection: &FileSelection) -> String {
    let selection = FileSelection { to: Some(to.to_owned()), ..selection.clone() };
    String::from_utf8(files.convert(&selection).unwrap()).unwrap()
}

/// The page as a host makes it, as far as a reader looks.
fn page(payload: &str) -> String {
    format!(
        "<!doctype html>\n<html><meta name=\"emberglass-report\" content=\"1\" />\n\
         <script type=\"application/json\" id=\"emberglass-profile\">{payload}</script><script>1<2</script></html>"
    )
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

const PROFILES: &[&str] = &[
    "go/cpu.pb.gz",
    "go/heap.pb.gz",
    "special/weird-names.pb.gz",
    "special/base-subtract.pb.gz",
    "special/empty-stack-zero-and-huge-values.pb.gz",
    "special/empty.pb.gz",
    "special/deep-400.pb.gz",
    "folded/pyspy.folded",
    "speedscope/pyspy.speedscope.json",
    "node/app.cpuprofile",
    "otlp/cpu.otlp.json",
];

#[test]
fn a_page_is_imported_with_the_same_stacks_values_and_times() {
    for path in PROFILES {
        let mut before = set(path);
        let types = json(&before.info().unwrap())[0]["profiles"].as_array().unwrap().len();
        for number in 0..types as u32 {
            let selection = FileSelection { profile: Some(number), ..FileSelection::default() };
            let payload = convert(&mut before, "html", &selection);
            for (name, text) in [("cpu.html", page(&payload)), ("data.json", payload.clone())] {
                let mut after = FileSet::default();
                after.add(name, text.as_bytes(), &mut NoProgress).unwrap();
                let whole = FileSelection::default();
                assert_eq!(after.top(&whole).unwrap(), before.top(&selection).unwrap(), "{path} {number}");
                assert_eq!(
                    convert(&mut after, "folded", &whole),
                    convert(&mut before, "folded", &selection),
                    "{path} {number}"
                );
                let (got, wanted) = (json(&after.info().unwrap()), json(&before.info().unwrap()));
                assert_eq!(got[0]["format"], "html-report");
                assert_eq!(got[0]["warnings"], json("[]"));
                for key in ["type", "total", "samples", "from"] {
                    let wanted = &wanted[0]["profiles"][number as usize][key];
                    assert_eq!(&got[0]["profiles"][0][key], wanted, "{path} {key}");
                }
            }
        }
    }
}

#[test]
fn tables_say_what_top_says() {
    let mut files = set("go/heap.pb.gz");
    let whole = FileSelection::default();
    assert_eq!(convert(&mut files, "json", &whole), files.top(&whole).unwrap());
    let top = json(&files.top(&whole).unwrap());
    let csv = convert(&mut files, "csv", &whole);
    assert!(csv.starts_with("self (bytes),total (bytes),"));
    assert_eq!(csv.lines().count(), 1 + top["functions"].as_array().unwrap().len());
    let sum: i64 = csv.lines().skip(1).map(|line| line.split(',').next().unwrap().parse::<i64>().unwrap()).sum();
    assert_eq!(sum, top["total"].as_i64().unwrap());
}

#[test]
fn function_tables_go_before_stacks() {
    let mut files = set("python/cprofile.pstats");
    let whole = FileSelection::default();
    assert_eq!(convert(&mut files, "json", &whole), files.top(&whole).unwrap());
    let warnings = json(&files.info().unwrap())[0]["warnings"].as_array().unwrap().len();
    assert!(warnings > 0);
    assert!(convert(&mut files, "markdown", &whole).contains("\n## Warnings\n"));
}

#[test]
fn summaries_name_what_they_are_of() {
    let mut files = set("go/cpu.pb.gz");
    let text = convert(&mut files, "markdown", &FileSelection::default());
    assert!(text.starts_with("# cpu.pb.gz\n"), "{text}");
    assert!(text.contains("\n- Profiles: 1\n- Samples: 512\n- Time: 2026-11-23 13:36:05 UTC to "), "{text}");
}
