//! GHC's cost-centre profiles.

use emberglass_formats::ghc_prof::GhcProf;
use emberglass_profile::{Batch, ErrorCode};

use crate::common::corpus::{check_all, top_of};
use crate::common::damage::{assert_sound, damage, decode_as};
use crate::common::{decode_named, fixture};

fn file(tree: &str, more: &str) -> String {
    format!(
        r#"{{"program":"p","rts_arguments":["-pj","-i0.5"],"tick_interval":500,"total_time":1.25{more},"cost_centres":[
        {{"id":1,"label":"MAIN","module":"MAIN","src_loc":"<built-in>","is_caf":false}},
        {{"id":2,"label":"f","module":"M","src_loc":"M.hs:(4,1)-(9,2)","is_caf":false}}],"profile":{tree}}}"#
    )
}

fn decode(text: &str) -> Batch {
    let batch = decode_named(text.as_bytes(), "x.prof").unwrap();
    assert_eq!(batch.format, "ghc-prof");
    assert_sound(&batch);
    batch
}

#[test]
fn fixtures_equal_their_expected_results() {
    let batches = check_all(|path| path.to_string_lossy().contains("/ghc/"));
    assert_eq!(batches.len(), 1);
    let batch = &batches[0].1;
    assert_sound(batch);
    let ids: Vec<String> = batch.profiles.iter().map(|entry| entry.profile_type.to_string()).collect();
    assert_eq!(ids, ["process_cpu:ticks:count::", "memory:alloc:bytes::", "process_cpu:time:nanoseconds::"]);
    let price =
        batch.symbols.functions.iter().find(|function| batch.symbols.text(function.name) == "Main.price").unwrap();
    assert_eq!((batch.symbols.text(price.file), price.start_line), ("Shop.hs", 7));
}

#[test]
fn ticks_have_the_interval_that_the_file_states() {
    let batch = decode(&file(
        r#"{"id":1,"entries":0,"alloc":8,"ticks":1,"children":[{"id":2,"entries":3,"alloc":16,"ticks":4,"children":[]}]}"#,
        "",
    ));
    let totals: Vec<i64> = batch.profiles.iter().map(|entry| batch.total(entry).unwrap().0).collect();
    assert_eq!(totals, [5, 24, 2_500_000]);
    assert_eq!((batch.profiles[2].duration, batch.tables[0].records), (1_250_000_000, 2));
    assert_eq!(top_of(&batch, &batch.profiles[1])["M.f"].own, 16.0);
    assert!(batch.metadata.contains(&("rts_arguments".to_owned(), "-pj -i0.5".to_owned())));
}

#[test]
fn what_can_not_be_is_refused() {
    let code = |tree: &str| decode_named(file(tree, "").as_bytes(), "x").unwrap_err().code;
    assert_eq!(code(r#"{"id":9,"ticks":1,"alloc":0,"children":[]}"#), ErrorCode::BadReference);
    assert_eq!(code(r#"{"ticks":1,"alloc":0,"children":[]}"#), ErrorCode::Malformed);
    assert_eq!(code(r#"{"children":[{"id":2}],"id":1}"#), ErrorCode::Malformed);
    assert_eq!(code(r#"{"id":1,"ticks":9223372036854775807,"alloc":0,"children":[]}"#), ErrorCode::ValueOverflow);
    let error = decode_as(&GhcProf, br#"{"tick_interval":1,"rts_arguments":[]}"#).unwrap_err();
    assert_eq!(error.code, ErrorCode::Malformed);
}

#[test]
fn a_tree_of_100_000_levels_is_read() {
    let depth = 100_000;
    let tree = format!(
        "{}{{\"id\":2,\"ticks\":3,\"alloc\":0,\"children\":[]}}{}",
        r#"{"id":2,"ticks":0,"alloc":0,"children":["#.repeat(depth - 1),
        "]}".repeat(depth - 1)
    );
    let batch = decode(&file(&tree, ""));
    assert_eq!((batch.stacks.len(), batch.total(&batch.profiles[0]).unwrap().0), (depth + 1, 3));
}

#[test]
fn damaged_files_are_survived() {
    damage(
        &GhcProf,
        file(r#"{"id":1,"alloc":8,"ticks":1,"children":[{"id":2,"alloc":16,"ticks":4,"children":[]}]}"#, "").as_bytes(),
        2000,
    );
    let whole = fixture("ghc/shop.prof");
    for len in (0..whole.len()).step_by(97) {
        assert_eq!(decode_as(&GhcProf, &whole[..len]).unwrap_err().code, ErrorCode::Truncated);
    }
}
