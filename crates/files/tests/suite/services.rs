//! What recorded files are called: by the service they name, their process, their main binary, or themselves.

use emberglass_engine::SourceInfo;

use crate::common::decoded;

fn service(path: &str) -> String {
    let source = SourceInfo { name: path.to_owned(), ..SourceInfo::default() };
    source.labels(&decoded(path)).unwrap().get("service_name").unwrap().to_owned()
}

#[test]
fn recordings_have_the_names_of_what_was_recorded() {
    for (path, name) in [
        ("go/cpu.pb.gz", "shop"),
        ("otlp/cpu.otlp.pb", "shop"),
        ("perf/single.perf.txt", "single"),
        ("perf/threads.perf.txt", "threads"),
        ("perf/node.perf.txt", "node"),
        ("perf/python.perf.txt", "python3"),
        ("perf/raw-small.perf.data", "single"),
        ("perf/pipe.perf.data", "python3"),
        ("perf/zstd.perf.data", "python3"),
        ("gecko/single.samply.json", "single"),
        ("gecko/threads.samply.json.gz", "threads"),
        ("gecko/firefox.gecko.json.gz", "firefox-esr"),
        ("macos/app.sample.txt", "shop"),
        ("instruments/time-profile.txt", "Shop"),
        ("chrome/trace-object.json.gz", "trace-object"),
        ("folded/rbspy.folded", "rbspy"),
        ("java/app.jfr", "app"),
    ] {
        assert_eq!(service(path), name, "{path}");
    }
}
