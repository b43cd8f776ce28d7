//! Reports of small profiles, as they are written, and of hostile and large ones, by what must hold.

use emberglass_profile::{Frame, Function, Mapping, ProfileType, Warning};
use emberglass_trie::{Granularity, MergedTrie};
use emberglass_views::report::{self, Facts, FunctionTable};
use emberglass_views::{FunctionPackages, Layout, Names, TopSort, TopTable};
use proptest::prelude::*;

use crate::common::merged;

/// Names that would break out of a file that does not escape them.
const HOSTILE: [&str; 12] = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a|b",
    "`|` \\|",
    "``` fence",
    "*bold* _it_ [x](javascript:alert(1)) @mention #1",
    "line\nbreak\r\ttab",
    "bidi \u{202e}drow\u{2066}",
    "nul \0 \u{1b}[31m \u{7f} \u{fffe}",
    "\"quoted\", 'single' & <![CDATA[ ]]> -->",
    "=cmd|' /C calc'!A0",
    "   spaces   ",
];

struct Named<'a> {
    name: &'a str,
    file: &'a str,
    line: u32,
    binary: &'a str,
}

fn named<'a>(name: &'a str) -> Named<'a> {
    Named { name, file: "", line: 0, binary: "" }
}

/// A trie of stacks, root first, with their values.
fn trie_of(stacks: &[(Vec<Named<'_>>, i64)], scale: u8) -> MergedTrie {
    merged(stacks, Granularity::Function, scale, |symbols, &Named { name, file, line, binary }| {
        let name = symbols.strings.intern(name);
        let file = symbols.strings.intern(file);
        let binary = symbols.strings.intern(binary);
        let mapping = symbols.mappings.intern(Mapping { file: binary, ..Mapping::default() });
        let function = symbols.functions.intern(Function { name, file, start_line: line, ..Function::default() });
        Frame { function, mapping, ..Frame::default() }
    })
}

fn shop() -> MergedTrie {
    let main = || Named { name: "main.main", file: "/srv/shop/main.go", line: 12, binary: "/srv/bin/shop" };
    let handle = || Named { name: "main.handle", file: "/srv/shop/main.go", line: 40, binary: "/srv/bin/shop" };
    let json = || Named { name: "encoding/json.Marshal", file: "encoding/json/encode.go", line: 160, binary: "" };
    let alloc = || Named { name: "runtime.mallocgc", file: "runtime/malloc.go", line: 0, binary: "" };
    let sort = || named("slices.SortFunc[go.shape.[]main.T,go.shape.int]");
    trie_of(
        &[
            (vec![main(), handle(), json(), alloc()], 1_250_000_000),
            (vec![main(), handle(), json()], 700_000_000),
            (vec![main(), handle(), handle(), handle(), sort()], 40_000_000),
            (vec![main(), alloc()], 9_500_000),
            (vec![], 500_000),
        ],
        0,
    )
}

fn cpu() -> ProfileType {
    "process_cpu:cpu:nanoseconds:cpu:nanoseconds".parse().unwrap()
}

struct Made {
    csv: String,
    json: String,
    markdown: String,
    svg: String,
    payload: String,
}

fn make(trie: &MergedTrie, profile_type: &ProfileType, facts: &Facts<'_>, width: u32) -> Made {
    let names = Names::default();
    let packages = FunctionPackages::new(trie, &names);
    let top = TopTable::new(trie).unwrap();
    let layout = Layout::new(trie).unwrap();
    let table = FunctionTable::of_stacks(profile_type, trie, &names, &packages, &top, TopSort::SelfValue, usize::MAX);
    Made {
        csv: report::csv(&table),
        json: report::json(&table),
        markdown: report::markdown(trie, profile_type, &table, facts),
        svg: report::svg(trie, &packages, &layout, profile_type, facts, width).unwrap(),
        payload: report::payload(trie, &packages, profile_type, facts),
    }
}

fn facts() -> Facts<'static> {
    Facts {
        title: "shop",
        selection: "{service_name=\"shop\", region=\"eu\"}",
        profiles: Some(3),
        samples: Some(4821),
        from: Some(1_795_440_965_525_000_000),
        until: Some(1_795_440_975_525_000_000),
        warnings: &[],
    }
}

#[test]
fn a_profile_as_csv() {
    insta::assert_snapshot!(make(&shop(), &cpu(), &facts(), 1200).csv.replace("\r\n", "<CRLF>\n"));
}

#[test]
fn a_profile_as_json() {
    insta::assert_snapshot!(make(&shop(), &cpu(), &facts(), 1200).json);
}

#[test]
fn a_profile_as_markdown() {
    let warnings = [Warning {
        code: "trailing-data".to_owned(),
        message: "what follows <the end> is left out".to_owned(),
        offset: Some(12),
        count: 3,
    }];
    insta::assert_snapshot!(make(&shop(), &cpu(), &Facts { warnings: &warnings, ..facts() }, 1200).markdown);
}

#[test]
fn a_profile_as_svg() {
    insta::assert_snapshot!(make(&shop(), &cpu(), &facts(), 700).svg);
}

#[test]
fn a_profile_as_the_data_of_a_page() {
    insta::assert_snapshot!(make(&shop(), &cpu(), &facts(), 1200).payload);
}

#[test]
fn averages_and_fractions_are_exact_decimals() {
    let mut trie = trie_of(&[(vec![named("a")], 125), (vec![named("a"), named("b")], 250)], 2);
    trie.divisor = 3;
    trie.output_digits = 3;
    let made = make(&trie, &"memory:inuse_space:bytes::".parse().unwrap(), &Facts::default(), 1200);
    assert!(
        made.json.contains("\"total\":1.25,\"functions\":[{\"name\":\"b\",\"file\":\"\",\"line\":0,\"self\":0.83333")
    );
    // The values of the nodes add up to the total although each is rounded.
    assert!(
        made.payload.contains("\"scale\":5") && made.payload.ends_with("\"self\":[0,41667,83333]}}"),
        "{}",
        made.payload
    );
}

fn hostile() -> MergedTrie {
    let stacks: Vec<_> = HOSTILE
        .iter()
        .enumerate()
        .map(|(at, &name)| {
            let file = HOSTILE[(at + 3) % HOSTILE.len()];
            (
                vec![named("main"), Named { name, file, line: 7, binary: HOSTILE[(at + 5) % HOSTILE.len()] }],
                10 + at as i64,
            )
        })
        .collect();
    trie_of(&stacks, 0)
}

fn hostile_made() -> Made {
    let unit = HOSTILE[6];
    let profile_type = ProfileType {
        name: HOSTILE[0].to_owned(),
        sample_type: HOSTILE[2].to_owned(),
        sample_unit: unit.to_owned(),
        ..ProfileType::default()
    };
    let warnings =
        HOSTILE.map(|message| Warning { code: "odd".to_owned(), message: message.to_owned(), offset: None, count: 1 });
    let facts = Facts { title: HOSTILE[0], selection: HOSTILE[7], warnings: &warnings, ..Facts::default() };
    make(&hostile(), &profile_type, &facts, 1200)
}

#[test]
fn hostile_names_are_text_in_markdown() {
    let text = hostile_made().markdown;
    assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{2066}')), "{text}");
    let mut columns = None;
    for line in text.lines().filter(|line| line.starts_with('|')) {
        // Whatever a reader thinks of backslashes: a pipe stands between cells only.
        let count = line.matches('|').count();
        let heading = line.contains("---") || line.starts_with("| #") || line.starts_with("| Self");
        columns = if heading { Some(count) } else { columns };
        assert_eq!(Some(count), columns, "{line}");
    }
    // Outside of code there is no mark-up.
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let start = line.trim_start();
        let ticks: String = start.chars().take_while(|&c| c == '`').collect();
        match &fence {
            Some(open) if start.trim_end() == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 && start.ends_with("text") => fence = Some(ticks),
            None => {
                let plain = without_code(line);
                assert!(!plain.contains("<img") && !plain.contains("<script") && !plain.contains("]("), "{line}");
                assert!(!plain.contains('@') && !plain.contains('*'), "{line}");
            }
        }
    }
    assert_eq!(fence, None);
}

/// A line without its code spans, found as CommonMark finds them: a run of backticks up to the next one as long.
fn without_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        out.push_str(&rest[..at]);
        let run = rest[at..].chars().take_while(|&c| c == '`').count();
        let inside = &rest[at + run..];
        let mut from = 0;
        let end = loop {
            let Some(next) = inside[from..].find('`') else { break None };
            let length = inside[from + next..].chars().take_while(|&c| c == '`').count();
            if length == run {
                break Some(from + next + length);
            }
            from += next + length;
        };
        match end {
            Some(end) => rest = &inside[end..],
            None => {
                out.push_str(&rest[at..at + run]);
                rest = inside;
            }
        }
    }
    out.push_str(rest);
    out
}

#[test]
fn hostile_names_are_text_in_pictures_and_pages() {
    let made = hostile_made();
    assert!(!made.payload.contains('<'));
    for tag in made.svg.split('<').skip(1) {
        let name: String = tag.chars().take_while(|&c| c.is_ascii_alphabetic() || c == '/').collect();
        assert!(
            ["svg", "/svg", "title", "/title", "g", "/g", "rect", "text", "/text"].contains(&name.as_str()),
            "{tag}"
        );
    }
    assert!(
        !made.svg.chars().any(|c| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{2066}' | '\u{fffe}'))
    );
}

#[test]
fn csv_is_read_back_as_it_was() {
    let made = hostile_made();
    let rows = parse_csv(&made.csv);
    assert!(rows.iter().all(|row| row.len() == 9));
    for name in HOSTILE {
        assert_eq!(rows.iter().filter(|row| row[4] == name).count(), 1, "{name:?}");
    }
    assert_eq!(rows[0][0], format!("self ({})", HOSTILE[6]));
}

/// RFC 4180.
fn parse_csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.push(chars.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted => {
                assert_eq!(chars.next(), Some('\n'));
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            _ => field.push(c),
        }
    }
    assert!(!quoted && row.is_empty() && field.is_empty());
    rows
}

#[test]
fn deep_graphs_are_cut_with_a_note() {
    let deep: Vec<Named<'_>> = (0..100_000).map(|_| named("f")).collect();
    let trie = trie_of(&[(deep, 9), (vec![named("g")], 1)], 0);
    let made = make(&trie, &"samples:samples:count::".parse().unwrap(), &Facts::default(), 1200);
    assert!(made.svg.contains(
        ">Not drawn: the 99,801 levels below level 200, 90.0 % of the total. The boxes above include them.<"
    ));
    assert!(made.svg.len() < 100_000);
    assert!(made.markdown.contains("   f (100,000 times)\n"));
}

#[test]
fn summaries_are_bounded_whatever_the_names_are() {
    let long: Vec<String> = (0..300).map(|at| format!("{}{at}", "|\u{202e}<*".repeat(400))).collect();
    let stacks: Vec<_> = (0..300)
        .map(|at| {
            let stack =
                (0..60).map(|depth| Named { file: &long[(at + depth) % 300], ..named(&long[(at + 7 * depth) % 300]) });
            (stack.collect(), 1 + at as i64)
        })
        .collect();
    let text =
        make(&trie_of(&stacks, 0), &cpu(), &Facts { title: &long[0], selection: &long[1], ..Facts::default() }, 1200)
            .markdown;
    assert!(text.len() < 65_536, "{}", text.len());
    assert!(text.contains(" more functions, ") && text.contains(" more stacks, "));
}

#[test]
fn a_profile_without_samples_makes_reports_too() {
    let made = make(&trie_of(&[], 0), &cpu(), &Facts::default(), 1200);
    assert!(made.markdown.contains("There are no functions."));
    assert!(made.svg.starts_with("<svg ") && made.svg.ends_with("</svg>\n"));
    assert_eq!(made.csv.lines().count(), 1);
    assert!(made.payload.ends_with("\"nodes\":{\"depth\":[0],\"function\":[0],\"self\":[0]}}"));
}

proptest! {
    #[test]
    fn names_fit_into_their_boxes(names in proptest::collection::vec("\\PC{1,60}", 1..12), values in proptest::collection::vec(1i64..1000, 12)) {
        let stacks: Vec<_> = names.iter().zip(&values).map(|(name, &value)| (vec![named(name)], value)).collect();
        let svg = make(&trie_of(&stacks, 0), &cpu(), &Facts::default(), 900).svg;
        for line in svg.lines().filter(|line| line.starts_with("</title><rect") || line.contains("</title><rect")) {
            let Some((rect, text)) = line.split_once("<text ") else { continue };
            let width: f64 = rect.split_once("width=\"").unwrap().1.split('"').next().unwrap().parse().unwrap();
            let shown = text.split_once('>').unwrap().1.split('<').next().unwrap();
            // No character reference is narrower than what it stands for.
            let cells = shown.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "'").replace("&#39;", "'").chars().count();
            prop_assert!(cells as f64 * 7.23 <= width - 7.99 || !shown.is_ascii(), "{line}");
        }
    }
}
