//! Names of a result: as stored, and demangled with the help of a host.

use emberglass_engine::{Database, NoYield, SelectionText, SourceInfo};
use emberglass_formats::{NoProgress, decode};
use emberglass_store::MemoryBackend;
use pollster::block_on as run;

const RUST: &str = "_ZN4shop4cart5total17h0123456789abcdefE";
const CPP: &str = "_ZN4shop5priceEi";
const NEITHER: &str = "_Zebra";

/// A database with one profile of three names, and the handle of its result.
fn database() -> (Database<MemoryBackend>, u32) {
    database_of(&format!("{RUST};{CPP} 3\n{RUST};{NEITHER} 1\n"))
}

/// The same with folded stacks.
fn database_of(text: &str) -> (Database<MemoryBackend>, u32) {
    let db = run(Database::open(MemoryBackend::default())).unwrap();
    let batch = decode(text.as_bytes(), "names.folded", &mut NoProgress).unwrap();
    let staged = run(db.stage(&batch, &SourceInfo { name: "names".to_owned(), ..SourceInfo::default() })).unwrap();
    run(db.flush()).unwrap();
    run(db.committed(staged.ticket)).unwrap();
    let profile_type = staged.receipt.default_type;
    let of = SelectionText { profile_type, matchers: "{}".to_owned(), ..SelectionText::default() };
    let handle = run(db.query(&of, &NoYield)).unwrap().handle;
    (db, handle)
}

fn names(db: &Database<MemoryBackend>, handle: u32) -> Vec<String> {
    let page = db.top(handle, "name", false, 0, 10, "").unwrap();
    page.rows.into_iter().map(|row| row.name).collect()
}

/// All names for the host, asked for `limit` at a time.
fn mangled(db: &Database<MemoryBackend>, handle: u32, limit: usize) -> Vec<String> {
    let mut all = Vec::new();
    let mut from = Some(0);
    while let Some(row) = from {
        let answer = db.mangled_names(handle, row, limit).unwrap();
        assert!(answer.names.len() <= limit && answer.next.is_none_or(|next| next > row));
        all.extend(answer.names);
        from = answer.next;
    }
    all
}

#[test]
fn rust_is_demangled_at_once_and_cpp_by_the_host() {
    let (db, handle) = database();
    assert_eq!(names(&db, handle), [CPP, NEITHER, "shop::cart::total"]);
    assert_eq!(mangled(&db, handle, 1), [CPP, NEITHER]);
    assert_eq!(mangled(&db, handle, 9), [CPP, NEITHER]);
    assert_eq!(db.search(handle, "shop::price").unwrap().functions, 0);
    db.set_demangled([(CPP.to_owned(), Some("shop::price(int)".to_owned())), (NEITHER.to_owned(), None)]);
    assert!(mangled(&db, handle, 9).is_empty());
    assert_eq!(names(&db, handle), [NEITHER, "shop::cart::total", "shop::price(int)"]);
    for pattern in ["shop::price", "_ZN4shop5price"] {
        assert_eq!(db.search(handle, pattern).unwrap().functions, 1);
    }
    let path: Vec<_> = db.path(handle, 2).unwrap().into_iter().map(|step| (step.name, step.shown)).collect();
    assert_eq!(path[0], (RUST.to_owned(), "shop::cart::total".to_owned()));
    assert_eq!(db.resolve(handle, &[RUST.to_owned()]).unwrap(), Some(1));
}

#[test]
fn names_as_stored_are_a_switch_away_and_go_out_in_every_case() {
    let (db, handle) = database();
    db.set_demangled([(CPP.to_owned(), Some("shop::price(int)".to_owned()))]);
    db.set_demangle(false);
    assert_eq!(names(&db, handle), [RUST, CPP, NEITHER]);
    assert!(mangled(&db, handle, 9).is_empty());
    assert_eq!(db.search(handle, "shop::price").unwrap().functions, 0);
    db.set_demangle(true);
    assert_eq!(names(&db, handle), [NEITHER, "shop::cart::total", "shop::price(int)"]);
    let batch = run(db.batch(handle, &NoYield)).unwrap();
    assert!(batch.symbols.strings.iter().any(|text| text == CPP));
    assert!(!batch.symbols.strings.iter().any(|text| text.starts_with("shop")));
}

#[test]
fn names_far_behind_are_found_in_several_goes() {
    // Capitals are before `_`.
    let text: String = (0..40_000).map(|number| format!("A{number:05};{CPP} 1\n")).collect();
    let (db, handle) = database_of(&text);
    let first = db.mangled_names(handle, 0, 9).unwrap();
    assert!(first.names.is_empty() && first.next.is_some(), "{first:?}");
    assert_eq!(mangled(&db, handle, 9), [CPP]);
    db.set_demangle(false);
    let none = db.mangled_names(handle, 0, 9).unwrap();
    assert!(none.names.is_empty() && none.next.is_none(), "nothing is looked for: {none:?}");
}
