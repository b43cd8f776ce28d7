//! `docs/formats.md` says what the code does: the formats as they describe themselves, every code of errors and warnings.
//! `UPDATE_DOCS=1` writes the generated parts anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use emberglass_formats::{About, AboutOutput, Confidence, descriptions, encoders, formats, output_descriptions};
use emberglass_profile::ErrorCode;

use crate::common::files_below;

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md")
}

fn text() -> String {
    std::fs::read_to_string(page()).unwrap()
}

/// What stands between the markers of a generated part.
fn part<'a>(text: &'a str, name: &str) -> (&'a str, &'a str, &'a str) {
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&start).unwrap_or_else(|| panic!("no marker {start}"));
    let (inside, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no marker {end}"));
    (before, inside, after)
}

/// Compares a part of the page with what it should be, or writes it.
fn check(name: &str, wanted: &str) {
    let text = text();
    let (before, inside, after) = part(&text, name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(page(), format!("{before}<!-- {name} -->\n{wanted}<!-- /{name} -->{after}")).unwrap();
    } else {
        assert_eq!(inside, wanted, "docs/formats.md is out of date: UPDATE_DOCS=1 cargo test writes it");
    }
}

fn link(address: &str) -> String {
    format!("<{address}>")
}

fn rendered(descriptions: &[(&'static str, About)]) -> String {
    let mut out = String::from("\n| format | what | usual names | recognised by |\n|---|---|---|---|\n");
    for (name, About { title, files, recognised, .. }) in descriptions {
        let files: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
        let anchor = name.replace('.', "").replace(' ', "-");
        writeln!(out, "| [{name}](#{anchor}) | {title} | {} | {recognised} |", files.join(", ")).unwrap();
    }
    for (name, About { specifications, kept, dropped, limits, .. }) in descriptions {
        let links: Vec<String> = specifications.iter().map(|address| link(address)).collect();
        write!(
            out,
            "\n### {name}\n\n- Kept: {kept}.\n- Left out: {dropped}.\n- Limits: {limits}.\n- Specification: {}\n",
            links.join(", ")
        )
        .unwrap();
    }
    out.push('\n');
    out
}

#[test]
fn the_page_describes_the_registered_formats() {
    let names: Vec<&str> = formats().iter().map(|format| format.name()).collect();
    let described: Vec<&str> = descriptions().iter().map(|(name, _)| *name).collect();
    assert_eq!(described, names);
    for (name, About { title, files, specifications, recognised, kept, dropped, limits }) in descriptions() {
        for words in [title, recognised, kept, dropped, limits] {
            assert!(!words.is_empty() && !words.ends_with('.') && !words.contains('\n'), "{name}: {words:?}");
        }
        assert!(!files.is_empty() && !specifications.is_empty(), "{name}");
        assert!(specifications.iter().all(|address| address.starts_with("https://")), "{name}");
    }
    check("formats", &rendered(&descriptions()));
}

#[test]
fn the_page_describes_the_registered_encoders() {
    let mut out = String::from("\n| encoder | profiles | carries | left out |\n|---|---|---|---|\n");
    let described = output_descriptions();
    assert_eq!(described.len(), encoders().len());
    for (encoder, (name, AboutOutput { profiles, carried, dropped })) in encoders().iter().zip(described) {
        assert_eq!(encoder.name(), name);
        for words in [profiles, carried, dropped] {
            assert!(!words.is_empty() && !words.ends_with('.') && !words.contains(['\n', '|']), "{name}: {words:?}");
        }
        writeln!(out, "| {name} | {profiles} | {carried} | {dropped} |").unwrap();
    }
    out.push('\n');
    check("encoders", &out);
}

#[test]
fn documented_names_break_ties() {
    for (format, (name, about)) in formats().iter().zip(descriptions()) {
        for file in about.files {
            let file = file.replace('*', "x");
            // Text that says nothing about what it is.
            let plain = format.sniff(b"{}", "x");
            let named = format.sniff(b"{}", &file);
            // Nodes of Pyroscope's have no sign at all, and most pages are no reports: a name alone is not enough.
            let needs_content = matches!(name, "pyroscope-tree" | "html-report");
            let wanted = if needs_content { Confidence::No } else { Confidence::Name };
            assert_eq!((plain, named), (Confidence::No, wanted), "{name}: {file}");
        }
    }
}

/// Codes in the first column of the table below a heading.
fn documented(heading: &str) -> Vec<String> {
    let text = text();
    let (_, rest) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = rest.split("\n## ").next().unwrap();
    section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(code, _)| code.to_owned())
        .collect()
}

fn assert_equal(documented: &[String], used: &BTreeSet<String>) {
    let missing: Vec<&String> = used.iter().filter(|code| !documented.contains(code)).collect();
    let unused: Vec<&String> = documented.iter().filter(|code| !used.contains(*code)).collect();
    assert!(
        missing.is_empty() && unused.is_empty(),
        "not in docs/formats.md: {missing:?}; not in the code: {unused:?}"
    );
}

#[test]
fn every_error_code_is_documented() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../profile/src/error.rs");
    let source = std::fs::read_to_string(source).unwrap();
    let codes = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => \"")?.1.strip_suffix("\","));
    let codes: BTreeSet<String> = codes.map(str::to_owned).collect();
    assert!(codes.contains(ErrorCode::Truncated.as_str()) && codes.len() >= 10, "{codes:?}");
    assert_equal(&documented("Errors"), &codes);
}

/// The text that starts with a quote, up to the next one.
fn literal(rest: &str) -> Option<&str> {
    rest.trim_start().strip_prefix('"')?.split_once('"').map(|(text, _)| text)
}

/// The codes that a source file gives to warnings: first arguments of `add` and `add_many`, and first members of tuples
/// that have such codes by their look.
fn codes_in(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or("");
    let is_code = |text: &str| {
        text.contains('-')
            && text
                .split('-')
                .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
    };
    let added = [".add(", ".add_many("].into_iter().flat_map(|call| source.split(call).skip(1)).filter_map(literal);
    let tuples = source
        .split('(')
        .skip(1)
        .filter(|rest| rest.starts_with('"'))
        .filter_map(|rest| literal(rest).filter(|text| is_code(text) && rest[text.len() + 2..].starts_with(", ")));
    added.chain(tuples).map(str::to_owned).collect()
}

#[test]
fn every_warning_code_is_documented() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = files_below(&folder, |path| {
        path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs")
    });
    let mut codes: BTreeSet<String> =
        sources.iter().flat_map(|path| codes_in(&std::fs::read_to_string(path).unwrap())).collect();
    // Looks like a code, and is a type of weights in Firefox's profiles.
    codes.remove("tracing-ms");
    assert!(codes.contains("overlapping-events") && codes.contains("invalid-utf8"), "{codes:?}");
    let documented = documented("Warnings");
    assert!(documented.is_sorted(), "the table of warnings is in order of their codes");
    assert_equal(&documented, &codes);
}
