//! Exchanges recorded with a real Pyroscope 2.2.1, asked again: pushes in order, then questions. What must be equal, and
//! where answers are meant to differ, is in `docs/pyroscope-api.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use emberglass_engine::{Database, NoYield};
use emberglass_formats::{Input, Meter, NoProgress};
use emberglass_pyroscope::{Handler, Request, Response};
use emberglass_store::MemoryBackend;
use serde_json::{Value, json};

const NOW: i64 = 1_795_480_000_000_000_000;
const RANGE_START: i64 = 1_795_440_984_000;
/// Status codes of pushes that are answered otherwise.
const DIFFERENT: [(&str, u16); 9] = [
    ("01-multipart-heap", 200),
    ("51-bad-name", 400),
    ("54-unknown-format", 400),
    ("55-float", 422),
    ("56-negative", 200),
    ("57-empty-body", 422),
    ("58-empty-pprof", 422),
    ("70-until-before-from", 400),
    ("85-push-bad-profile", 400),
];
/// Parts of entries that are not compared: services whose pushes are refused here or named otherwise, labels that may be
/// listed, and a service that is not pushed in this test.
const NOT_COMPARED: [&str; 17] = [
    "sps",
    "\"neg\"",
    "\"rev\"",
    "badtime",
    "\"a\"",
    "long",
    "\"app\"",
    "\"tree\"",
    "\"treect\"",
    "zone-",
    "otel.",
    "process.runtime",
    "__session_id__",
    "__delta__",
    "__order__",
    "profile_name",
    "catalog",
];

type Totals = BTreeMap<Vec<String>, (i64, i64)>;

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

fn inflated(name: &str) -> Vec<u8> {
    let bytes = std::fs::read(fixtures().join(name)).unwrap();
    Input::new(&bytes).read_all(1 << 30, &mut Meter::new(&mut NoProgress, 0)).unwrap()
}

fn from_base64(text: &str) -> Vec<u8> {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for byte in text.bytes().filter(|&byte| byte != b'=') {
        bits = bits << 6 | digits.iter().position(|&digit| digit == byte).unwrap() as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    out
}

struct Server(Handler<MemoryBackend>);

impl Server {
    fn ask(&self, exchange: &Value) -> Response {
        let text = |name: &str| exchange[name].as_str().unwrap_or_default();
        let body = if let Some(name) = exchange["fixture"].as_str() {
            std::fs::read(fixtures().join(name)).unwrap()
        } else if let Some(body) = exchange["base64"].as_str() {
            from_base64(body)
        } else {
            text("text").as_bytes().to_vec()
        };
        let headers = exchange["headers"].as_array().into_iter().flatten();
        let headers = headers.map(|pair| [0, 1].map(|at| pair[at].as_str().unwrap().to_owned())).map(Into::into);
        let request = Request {
            method: text("method").to_owned(),
            target: text("target").to_owned(),
            headers: headers.collect(),
            body,
        };
        pollster::block_on(self.0.handle(&request, NOW, &NoYield))
    }

    /// A profile of the series, as Alloy pushes it.
    fn push(&self, exchange: &Value) {
        let field = |number: u8, bytes: &[u8]| {
            let mut out = vec![number << 3 | 2];
            let mut len = bytes.len();
            while len >= 128 {
                out.push(len as u8 | 128);
                len >>= 7;
            }
            out.push(len as u8);
            out.extend_from_slice(bytes);
            out
        };
        let labels = exchange["labels"].as_object().unwrap().iter().flat_map(|(name, value)| {
            let pair = [field(1, name.as_bytes()), field(2, value.as_str().unwrap().as_bytes())].concat();
            field(1, &pair)
        });
        let profile = std::fs::read(fixtures().join(exchange["fixture"].as_str().unwrap())).unwrap();
        let series = labels.chain(field(2, &field(1, &profile))).collect::<Vec<_>>();
        let request = Request {
            method: "POST".to_owned(),
            target: "/push.v1.PusherService/Push".to_owned(),
            headers: vec![("content-type".to_owned(), "application/proto".to_owned())],
            body: field(1, &series),
        };
        let response = pollster::block_on(self.0.handle(&request, NOW, &NoYield));
        assert_eq!(response.status, 200, "{exchange}");
    }
}

/// What protobuf's JSON may say in several ways, said in one: numbers as numbers, nothing that is a default, lists of labels
/// sorted.
fn normal(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let pairs = map.iter().map(|(name, value)| (name.clone(), normal(value)));
            let is_said = |value: &Value| match value {
                Value::Null | Value::Bool(false) => false,
                Value::Number(number) => number.as_f64() != Some(0.0),
                Value::String(text) => !text.is_empty(),
                Value::Array(list) => !list.is_empty(),
                Value::Object(map) => !map.is_empty(),
                Value::Bool(true) => true,
            };
            Value::Object(pairs.filter(|(_, value)| is_said(value)).collect())
        }
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(normal).collect();
            if list
                .iter()
                .all(|value| value.get("name").is_some() && value.as_object().is_some_and(|map| map.len() <= 2))
            {
                list.sort_by_key(ToString::to_string);
            }
            Value::Array(list)
        }
        Value::String(text) => text.parse::<i64>().map_or_else(|_| value.clone(), |number| json!(number)),
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 9e15 => json!(float as i64),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

fn number(value: &Value) -> i64 {
    match value {
        Value::String(text) => text.parse().unwrap(),
        other => other.as_i64().unwrap_or_default(),
    }
}

fn levels(graph: &Value) -> Vec<Vec<i64>> {
    let row = |level: &Value| level.get("values").unwrap_or(level).as_array().unwrap().iter().map(number).collect();
    graph["levels"].as_array().unwrap().iter().map(row).collect()
}

/// Total and own value by path from the root: a bar stands under the bar of the row above that spans it.
fn totals(graph: &Value) -> Totals {
    let mut all = Totals::new();
    let mut above: Vec<(i64, i64, Vec<String>)> = Vec::new();
    for (depth, row) in levels(graph).iter().enumerate() {
        let mut x = 0;
        let mut here = Vec::new();
        for bar in row.chunks_exact(4) {
            let &[offset, total, own, name] = bar else { unreachable!() };
            x += offset;
            let parent = above.iter().find(|(from, to, _)| *from <= x && x + total <= *to && from < to);
            let mut path =
                if depth == 0 { Vec::new() } else { parent.map(|(.., path)| path.clone()).unwrap_or_default() };
            path.push(graph["names"][name as usize].as_str().unwrap().to_owned());
            let sums = all.entry(path.clone()).or_default();
            *sums = (sums.0 + total, sums.1 + own);
            here.push((x, x + total, path));
            x += total;
        }
        above = here;
    }
    all
}

fn with_points(totals: Totals) -> Totals {
    totals.into_iter().map(|(path, sums)| (path.iter().map(|name| name.replace('/', ".")).collect(), sums)).collect()
}

fn compare_graphs(name: &str, expected: &Value, got: &Value, full: &Totals) {
    let sums = |graph: &Value| {
        ["total", "maxSelf", "numTicks", "leftTicks", "rightTicks"].map(|of| graph.get(of).map_or(0, number))
    };
    let is_cut = ["-64", "-8", "-64-nodes", "-8-nodes", "avg", "group-by"].iter().any(|end| name.ends_with(end));
    if is_cut && name.to_lowercase().contains("diff") {
        assert_eq!(sums(expected)[3..], sums(got)[3..], "{name}");
    } else if is_cut {
        let kept = totals(got);
        assert!(kept.len() > 3, "{name}");
        for (path, sums) in kept.iter().filter(|(path, _)| !path.iter().any(|part| part == "other")) {
            assert_eq!(full.get(path).map(|sums| sums.0), Some(sums.0), "{name} {path:?}");
        }
    } else if ["ingested-jvm", "ingested-shop.basket", "ingested-ledger.welt"].iter().any(|head| name.starts_with(head))
    {
        assert_eq!(with_points(totals(expected)), with_points(totals(got)), "{name}");
    } else {
        assert_eq!(expected["names"], got["names"], "{name}");
        assert_eq!(levels(expected), levels(got), "{name}");
        assert_eq!(sums(expected), sums(got), "{name}");
    }
}

/// Names, types and sets of labels. Over a narrow range Pyroscope, which answers by whole segments, may name more.
fn compare_entries(name: &str, exchange: &Value, kind: &str, got: &Value) {
    let entries = |of: &Value| -> BTreeSet<String> {
        let list = normal(of.get(kind).unwrap_or(&Value::Null));
        let texts = list.as_array().into_iter().flatten().map(ToString::to_string);
        texts.filter(|text| !NOT_COMPARED.iter().any(|part| text.contains(part))).collect()
    };
    let (expected, got) = (entries(&exchange["json"]), entries(got));
    let asked: Value = serde_json::from_str(exchange["text"].as_str().unwrap()).unwrap();
    let is_narrow = asked["start"] == json!(RANGE_START);
    let is_sure = |entry: &&String| {
        let names =
            ["checkout", "\"eu\"", "\"us\"", "\"service_name\"", "\"region\"", "\"__profile_type__\"", "process_cpu:"];
        !is_narrow || names.iter().any(|part| entry.contains(part)) && !entry.contains("shop.")
    };
    let missing: Vec<_> = expected.iter().filter(is_sure).filter(|entry| !got.contains(*entry)).collect();
    let more: Vec<_> = got.difference(&expected).collect();
    let is_other_service = |entry: &&String| is_narrow && kind == "labelsSet" && !entry.contains("checkout");
    let missing: Vec<_> = missing.into_iter().filter(|entry| !is_other_service(entry)).collect();
    assert!(missing.is_empty() && more.is_empty(), "{name}: missing {missing:?}, more {more:?}");
}

fn compare(name: &str, exchange: &Value, response: &Response, full: &Totals) {
    let body = String::from_utf8_lossy(&response.body);
    if matches!(name, "label-values" | "label-values-query") {
        // A real one does not read the range here.
        assert_eq!((response.status, serde_json::from_str::<Value>(&body).unwrap()), (200, json!(["eu", "us"])));
        return;
    }
    assert_eq!(json!(response.status), exchange["status"], "{name}: {body}");
    let Some(expected) = exchange.get("json") else { return };
    let got: Value = serde_json::from_str(&body).unwrap();
    if response.status >= 400 {
        assert_eq!(got["code"], expected["code"], "{name}");
        assert!(got["message"].as_str().unwrap().len() > 10, "{name}: {body}");
        return;
    }
    let graph = ["flamegraph", "flamebearer"].into_iter().find(|graph| expected.get(graph).is_some());
    let entries = ["names", "profileTypes", "labelsSet"].into_iter().find(|kind| expected.get(kind).is_some());
    if let Some(graph) = graph {
        let sides = |whole: &Value| {
            let mut graph = whole[graph].clone();
            for ticks in ["leftTicks", "rightTicks"] {
                if let Some(of_whole) = whole.get(ticks) {
                    graph[ticks] = of_whole.clone();
                }
            }
            graph
        };
        compare_graphs(name, &sides(expected), &sides(&got), full);
        if graph == "flamebearer" {
            for fact in ["format", "sampleRate", "units", "name"] {
                assert_eq!(got["metadata"][fact], expected["metadata"][fact], "{name}");
            }
            // With groups a real one leaves the line of all empty.
            if !expected["timeline"].is_null() && name != "render-group-by" {
                assert_eq!(got["timeline"], expected["timeline"], "{name}");
            }
            assert_eq!(got["groups"], expected["groups"], "{name}");
        }
    } else if expected.get("sample").is_some() {
        let sum = |of: &Value| -> i64 {
            let samples = of["sample"].as_array().unwrap().iter();
            samples.flat_map(|sample| sample["value"].as_array().unwrap()).map(number).sum()
        };
        assert_eq!(sum(&got), sum(expected), "{name}");
    } else if let Some(kind) = entries {
        compare_entries(name, exchange, kind, &got);
    } else if expected.get("series").is_some() {
        let rows = |of: &Value| -> BTreeSet<String> {
            normal(of)["series"].as_array().unwrap().iter().map(ToString::to_string).collect()
        };
        assert_eq!(rows(&got), rows(expected), "{name}");
    } else {
        assert_eq!(normal(&got), normal(expected), "{name}");
    }
}

#[test]
fn a_real_pyroscope_says_the_same() {
    let text = String::from_utf8(inflated("pyroscope/exchanges.jsonl.gz")).unwrap();
    let exchanges: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let open = async { Handler::new(Database::open(MemoryBackend::default()).await.unwrap(), None).await.unwrap() };
    let server = Server(pollster::block_on(open));
    let full = exchanges.iter().find(|exchange| exchange["name"] == "SelectMergeStacktraces-all").unwrap();
    let full = totals(&full["json"]["flamegraph"]);
    let mut asked = 0;
    for exchange in &exchanges {
        let name = exchange["name"].as_str().unwrap();
        match exchange["kind"].as_str().unwrap() {
            "series" => server.push(exchange),
            "ingest" => {
                let response = server.ask(exchange);
                let different = DIFFERENT.iter().find(|(known, _)| *known == name);
                let status = different.map_or(exchange["status"].clone(), |(_, status)| json!(status));
                assert_eq!(json!(response.status), status, "{name}: {}", String::from_utf8_lossy(&response.body));
            }
            _ => {
                compare(name, exchange, &server.ask(exchange), &full);
                asked += 1;
            }
        }
    }
    assert!(asked > 100, "{asked}");
}
