//! Flame graphs and tree bytes of small profiles, byte for byte; what is refused, and how it is counted.

use emberglass_engine::{Database, NoYield};
use emberglass_pyroscope::{Handler, Request, Response};
use emberglass_store::MemoryBackend;
use serde_json::{Value, json};

const NOW: i64 = 1_795_441_000_000_000_000;
/// `main;run 3`, `main;run;parse 5`, `main;run;"io;x" 2`, `main;gc 4`, `main 1` as tree bytes.
const TREE: &str = "000001046d61696e01020372756e0302057061727365050004696f3b7802000267630400";

struct Server(Handler<MemoryBackend>);

impl Server {
    fn new() -> Self {
        let open = async { Handler::new(Database::open(MemoryBackend::default()).await.unwrap(), None).await.unwrap() };
        Self(pollster::block_on(open))
    }

    fn ask(&self, method: &str, target: &str, media: &str, body: &[u8]) -> Response {
        let headers = vec![("Content-Type".to_owned(), media.to_owned())];
        let request = Request { method: method.to_owned(), target: target.to_owned(), headers, body: body.to_vec() };
        pollster::block_on(self.0.handle(&request, NOW, &NoYield))
    }

    fn push(&self, name: &str, format: &str, body: &[u8]) -> Response {
        let target =
            format!("/ingest?name={name}&from=1795440985&until=1795440995&sampleRate=1000000000&format={format}");
        self.ask("POST", &target, "application/octet-stream", body)
    }

    fn call(&self, method: &str, request: &Value) -> Value {
        let path = format!("/querier.v1.QuerierService/{method}");
        let response = self.ask("POST", &path, "application/json", request.to_string().as_bytes());
        let text = String::from_utf8(response.body).unwrap();
        assert_eq!(response.status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }
}

fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn selection(service: &str) -> Value {
    json!({
        "profile_typeID": "process_cpu:cpu:nanoseconds:cpu:nanoseconds",
        "labelSelector": format!("{{service_name=\"{service}\"}}"),
        "start": "1795440985000",
        "end": 1_795_440_985_000_i64,
        "maxNodes": "16384",
    })
}

fn levels(levels: &Value) -> Value {
    let number = |text: &Value| json!(text.as_str().unwrap().parse::<i64>().unwrap());
    let row = |level: &Value| level["values"].as_array().unwrap().iter().map(number).collect::<Vec<_>>();
    json!(levels.as_array().unwrap().iter().map(row).collect::<Vec<_>>())
}

fn two_sides() -> Server {
    let server = Server::new();
    assert_eq!(server.push("a.cpu", "tree", &from_hex(TREE)).status, 200);
    let other = b"main;run 1\nmain;run;parse 9\nmain;sort 6\nmain;gc 4\n";
    assert_eq!(server.push("b.cpu", "groups", other).status, 200);
    server
}

#[test]
fn a_flame_graph_is_laid_out_as_pyroscope_does() {
    let graph = &two_sides().call("SelectMergeStacktraces", &selection("a"))["flamegraph"];
    assert_eq!(graph["names"], json!(["total", "main", "run", "parse", "io;x", "gc"]));
    let expected = json!([[0, 15, 0, 0], [0, 15, 1, 1], [1, 4, 4, 5, 0, 10, 3, 2], [8, 2, 2, 4, 0, 5, 5, 3]]);
    assert_eq!(levels(&graph["levels"]), expected);
    assert_eq!((&graph["total"], &graph["maxSelf"]), (&json!("15"), &json!("5")));
}

#[test]
fn a_cut_flame_graph_keeps_the_totals_of_what_it_keeps() {
    let mut request = selection("a");
    request["maxNodes"] = json!(3);
    let graph = &two_sides().call("SelectMergeStacktraces", &request)["flamegraph"];
    assert_eq!(graph["names"], json!(["total", "main", "other", "run", "parse"]));
    let expected = json!([[0, 15, 0, 0], [0, 15, 1, 1], [1, 10, 3, 3, 0, 4, 4, 2], [4, 5, 5, 4, 0, 2, 2, 2]]);
    assert_eq!(levels(&graph["levels"]), expected);
}

#[test]
fn a_diff_has_both_sides() {
    let request = json!({ "left": selection("a"), "right": selection("b") });
    let graph = &two_sides().call("Diff", &request)["flamegraph"];
    assert_eq!(graph["names"], json!(["total", "main", "sort", "run", "parse", "io;x", "gc"]));
    let expected = json!([
        [0, 15, 0, 0, 20, 0, 0],
        [0, 15, 1, 0, 20, 0, 1],
        [1, 4, 4, 0, 4, 4, 6, 0, 10, 3, 0, 10, 1, 3, 0, 0, 0, 0, 6, 6, 2],
        [8, 2, 2, 5, 0, 0, 5, 0, 5, 5, 0, 9, 9, 4],
    ]);
    assert_eq!(levels(&graph["levels"]), expected);
    let sums = ["leftTicks", "rightTicks", "total", "maxSelf"].map(|name| graph[name].clone());
    assert_eq!(sums, ["15", "20", "35", "9"].map(|text| json!(text)));
}

#[test]
fn tree_bytes_come_back_as_they_were_pushed() {
    let mut request = selection("a");
    request["format"] = json!("PROFILE_FORMAT_TREE");
    let answer = two_sides().call("SelectMergeStacktraces", &request);
    assert_eq!(answer, json!({ "tree": "AAABBG1haW4BAgNydW4DAgVwYXJzZQUABGlvO3gCAAJnYwQA" }));
    request["maxNodes"] = json!(3);
    let cut = two_sides().call("SelectMergeStacktraces", &request);
    // main (1) with `other` (4) and run (3), which has `other` (2) and parse (5).
    assert_eq!(cut, json!({ "tree": "AAABBG1haW4BAgVvdGhlcgQAA3J1bgMCBW90aGVyAgAFcGFyc2UFAA==" }));
}

#[test]
fn frames_named_other_and_nothing_stay_what_they_are() {
    let server = Server::new();
    assert_eq!(server.push("o.cpu", "groups", b"other;x 5\nmain 5\n;y 2\n").status, 200);
    let graph = &server.call("SelectMergeStacktraces", &selection("o"))["flamegraph"];
    assert_eq!(graph["names"], json!(["total", "other", "x", "main", "", "y"]));
    let expected = json!([[0, 12, 0, 0], [0, 2, 0, 4, 0, 5, 5, 3, 0, 5, 0, 1], [0, 2, 2, 5, 5, 5, 5, 2]]);
    assert_eq!(levels(&graph["levels"]), expected);
}

#[test]
fn protobuf_and_json_say_the_same() {
    let server = two_sides();
    // `LabelValues` of `service_name`: field 1 is the name.
    let body = [&[0x0a, 12][..], b"service_name"].concat();
    let response = server.ask("POST", "/querier.v1.QuerierService/LabelValues", "application/proto", &body);
    assert_eq!((response.status, response.content_type), (200, "application/proto"));
    assert_eq!(response.body, b"\x0a\x01a\x0a\x01b");
    assert_eq!(server.call("LabelValues", &json!({ "name": "service_name" })), json!({ "names": ["a", "b"] }));
}

#[test]
fn a_series_of_a_call_site_is_of_the_stacks_below_it() {
    let server = two_sides();
    let later = b"main;run;parse 7\nmain;gc 2\nrun;parse 5\n";
    let target = "/ingest?name=a.cpu&from=1795440999&until=1795441000&sampleRate=1000000000&format=groups";
    assert_eq!(server.ask("POST", target, "text/plain", later).status, 200);
    let ask = |site: Value| {
        let mut request = selection("a");
        request["start"] = json!(1_795_440_980_000_i64);
        request["end"] = json!(1_795_441_020_000_i64);
        request["step"] = json!(10);
        request["stackTraceSelector"] = json!({ "callSite": site });
        let answer = server.call("SelectSeries", &request);
        let points = answer["series"][0]["points"].as_array().cloned().unwrap_or_default();
        points.iter().map(|point| (point["timestamp"].clone(), point["value"].clone())).collect::<Vec<_>>()
    };
    let points = |first: f64, second: f64| {
        let point = |end: &str, value: f64| (json!(end), json!(value));
        vec![point("1795440990000", first), point("1795441000000", second)]
    };
    assert_eq!(ask(json!([])), points(15.0, 14.0));
    assert_eq!(ask(json!([{ "name": "main" }])), points(15.0, 9.0));
    assert_eq!(ask(json!([{ "name": "main" }, { "name": "run" }])), points(10.0, 7.0));
    assert_eq!(ask(json!([{ "name": "run" }])), points(10.0, 5.0)[1..]);
    assert_eq!(ask(json!([{ "name": "run" }, { "name": "run" }])), []);
}

#[test]
fn a_condition_that_is_not_answered_is_refused() {
    let server = two_sides();
    let refused = |method: &str, media: &str, body: &[u8]| {
        let response = server.ask("POST", &format!("/querier.v1.QuerierService/{method}"), media, body);
        let text = String::from_utf8_lossy(&response.body).into_owned();
        response.status == 404 && text.contains("\"unimplemented\"")
    };
    let with = |name: &str, value: Value| {
        let mut request = selection("a");
        request[name] = value;
        request
    };
    let json = |method: &str, request: &Value| refused(method, "application/json", request.to_string().as_bytes());
    for name in ["spanSelector", "span_selector", "traceIdSelector", "trace_id_selector"] {
        let request = with(name, json!(["9a517183f26a089d"]));
        assert!(json("SelectMergeStacktraces", &request), "{name}");
        assert!(json("SelectMergeProfile", &request), "{name}");
        assert!(json("Diff", &json!({ "left": selection("a"), "right": request })), "{name}");
        assert!(!json("SelectMergeStacktraces", &with(name, json!([]))), "an empty {name} is none");
    }
    assert!(json("SelectMergeStacktraces", &with("stackTraceSelector", json!({ "goPgo": { "keepLocations": 5 } }))));
    assert!(json(
        "SelectMergeStacktraces",
        &with("profileIdSelector", json!(["7c9e6679-7425-40de-944b-e07fc1f90ae7"]))
    ));
    // Field 11, a text.
    let side = b"\x5a\x01x";
    assert!(refused("SelectMergeStacktraces", "application/proto", side));
    assert!(refused("Diff", "application/proto", b"\x0a\x00\x12\x03\x5a\x01x"));
    assert!(!refused("SelectMergeStacktraces", "application/proto", b"\x12\x02{}"), "a known field");
}

#[test]
fn sizes_of_pushes_are_counted() {
    let server = two_sides();
    assert_eq!(server.0.too_large(1 << 20).status, 413);
    let text = String::from_utf8(server.ask("GET", "/metrics", "", b"").body).unwrap();
    let bytes = TREE.len() / 2 + b"main;run 1\nmain;run;parse 9\nmain;sort 6\nmain;gc 4\n".len();
    for line in [
        "pyroscope_distributor_received_compressed_bytes_bucket{le=\"10240\"} 2",
        "pyroscope_distributor_received_compressed_bytes_bucket{le=\"+Inf\"} 2",
        &format!("pyroscope_distributor_received_compressed_bytes_sum {bytes}"),
        "pyroscope_distributor_received_compressed_bytes_count 2",
        "pyroscope_discarded_samples_total{reason=\"body_size_limit_exceeded\"} 1",
        "pyroscope_discarded_bytes_total{reason=\"body_size_limit_exceeded\"} 1048576",
        "emberglass_stored_profiles_total 2",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} in {text}");
    }
}

#[test]
fn equal_pushes_count_once() {
    let server = two_sides();
    assert_eq!(server.push("a.cpu", "tree", &from_hex(TREE)).status, 200);
    assert_eq!(server.call("SelectMergeStacktraces", &selection("a"))["flamegraph"]["total"], json!("15"));
}

#[test]
fn refusals_are_counted_by_reason() {
    let server = Server::new();
    assert_eq!(server.push("a.cpu", "pprof", b"not a profile").status, 422);
    assert_eq!(server.push("", "groups", b"a 1\n").status, 400);
    assert_eq!(server.push("a{x=", "groups", b"a 1\n").status, 400);
    let response = server.ask("GET", "/metrics", "", b"");
    let text = String::from_utf8(response.body).unwrap();
    for reason in ["malformed_profile", "missing_labels", "invalid_labels"] {
        assert!(text.contains(&format!("pyroscope_discarded_samples_total{{reason=\"{reason}\"}} 1\n")), "{text}");
    }
    assert!(text.contains("emberglass_requests_total{route=\"/ingest\",status_code=\"422\"} 1\n"), "{text}");
}

#[test]
fn no_body_makes_it_panic() {
    let server = Server::new();
    let bodies: [&[u8]; 4] = [
        b"{\"series\":[{\"samples\":[{\"rawProfile\":\"AA==\"}]}]}",
        b"\x0a\xff\xff\xff\xff\x0f",
        b"[[[[",
        &[0xff; 64],
    ];
    for path in [
        "/push.v1.PusherService/Push",
        "/querier.v1.QuerierService/Diff",
        "/v1development/profiles",
        "/ingest?name=a.cpu",
    ] {
        for media in ["application/json", "application/proto", "multipart/form-data; boundary=x"] {
            for body in bodies {
                let response = server.ask("POST", path, media, body);
                assert!(response.status < 500, "{path} {media}: {}", response.status);
            }
        }
    }
}
