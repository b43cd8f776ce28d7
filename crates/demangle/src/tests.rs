use super::*;

/// What `c++filt` of binutils prints.
const CPP: &[(&str, &str)] = &[
    ("_Znwm", "operator new(unsigned long)"),
    ("_ZNSt6vectorIiSaIiEE9push_backERKi", "std::vector<int, std::allocator<int> >::push_back(int const&)"),
    ("_ZN4shop4CartD1Ev", "shop::Cart::~Cart()"),
    ("_ZN4shop4Cart5totalEv.cold", "shop::Cart::total() [clone .cold]"),
    ("_ZN4shop5priceEi.part.0", "shop::price(int) [clone .part.0]"),
    ("_ZN4shop5priceEi.isra.0", "shop::price(int) [clone .isra.0]"),
    ("_ZN4shop5priceEi.constprop.0.cold", "shop::price(int) [clone .constprop.0] [clone .cold]"),
    ("_ZN12_GLOBAL__N_16hiddenEv", "(anonymous namespace)::hidden()"),
    ("_ZZ4mainENKUlvE_clEv", "main::{lambda()#1}::operator()() const"),
    ("_ZN3fooIJidEEC2Ev", "foo<int, double>::foo()"),
    (
        "_ZSt4endlIcSt11char_traitsIcEERSt13basic_ostreamIT_T0_ES6_",
        "std::basic_ostream<char, std::char_traits<char> >& std::endl<char, std::char_traits<char> >\
         (std::basic_ostream<char, std::char_traits<char> >&)",
    ),
];

/// The examples of the compiler's documentation of both schemes, without hashes and disambiguators.
const RUST: &[(&str, &str)] = &[
    ("_ZN4core3ptr13drop_in_place17h0123456789abcdefE", "core::ptr::drop_in_place"),
    ("__ZN4core3ptr13drop_in_place17h0123456789abcdefE", "core::ptr::drop_in_place"),
    ("_ZN4core3ptr13drop_in_place17h0123456789abcdefE.llvm.42", "core::ptr::drop_in_place"),
    (
        "_ZN66_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..drop..Drop$GT$4drop17h0123456789abcdefE",
        "<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop",
    ),
    ("_RNvCs15kBYyAo9fc_7mycrate7example", "mycrate::example"),
    ("_RINvNtC3std3mem8align_ofdE", "std::mem::align_of::<f64>"),
    ("_RNvMs2_NtNtC3std3net2ipNtB5_8Ipv4Addr11is_loopback", "<std::net::ip::Ipv4Addr>::is_loopback"),
];

#[test]
fn names_of_cpp_read_as_cxxfilt_prints_them() {
    for (name, shown) in CPP {
        assert_eq!(cpp(name).as_deref(), Some(*shown));
        assert_eq!(rust(name), None);
        // The linker of macOS adds an underscore.
        assert_eq!(cpp(&format!("_{name}")).as_deref(), Some(*shown));
    }
}

#[test]
fn names_of_rust_lose_their_hashes() {
    for (name, shown) in RUST {
        assert_eq!(rust(name).as_deref(), Some(*shown), "{name}");
        assert_eq!(cpp(name), None);
    }
}

#[test]
fn what_a_tool_appended_stays() {
    assert_eq!(cpp("_Znwm@plt").as_deref(), Some("operator new(unsigned long)@plt"));
    assert_eq!(cpp("_Znwm@@GLIBCXX_3.4").as_deref(), Some("operator new(unsigned long)@@GLIBCXX_3.4"));
    assert_eq!(cpp("_ZN4shop5priceEi'2").as_deref(), Some("shop::price(int)'2"));
    assert_eq!(rust("_ZN1a1b17h0123456789abcdefE'2").as_deref(), Some("a::b'2"));
}

#[test]
fn other_names_are_none() {
    for name in [
        "",
        "_",
        "main",
        "_start",
        "_Z",
        "_R",
        "_RUNTIME",
        "__libc_start_main",
        "_Zebra",
        "_ZN3foo",
        "_ZN3foo3barE17",
        "zlib::inflate",
        "main.main",
        "_Zürich",
        "_RNvC",
    ] {
        assert_eq!((rust(name), cpp(name)), (None, None), "{name}");
    }
}

#[test]
fn hostile_names_are_refused_in_bounded_space() {
    let longest = format!("_ZN{}1fEv", "1a".repeat(MAX_MANGLED));
    assert_eq!((mangling(&longest), cpp(&longest)), (None, None));
    let deep = format!("_Z1f{}i", "P".repeat(60_000));
    assert_eq!(cpp(&deep), None);
    let nested = format!("_Z1f{}i{}", "N1aI".repeat(10_000), "EE".repeat(10_000));
    assert_eq!(cpp(&nested), None);
    // Each substitution doubles the text.
    let mut doubling = "_Z1f1aIiiE".to_owned();
    for at in 0..60 {
        doubling.push_str(&format!("S_IS{}_S{}_E", base36(at), base36(at)));
    }
    assert!(cpp(&doubling).is_none_or(|shown| shown.len() <= MAX_SHOWN));
    let mut rust_doubling = "_RINvC1a1f".to_owned();
    for _ in 0..20_000 {
        rust_doubling.push_str("TB_");
    }
    assert!(rust(&rust_doubling).is_none_or(|shown| shown.len() <= MAX_SHOWN));
}

fn base36(at: u32) -> String {
    char::from_digit(at % 36, 36).unwrap().to_ascii_uppercase().to_string()
}

#[test]
fn cut_and_changed_names_do_no_harm() {
    for (name, _) in CPP.iter().chain(RUST) {
        for at in 0..name.len() {
            let _cut = (cpp(&name[..at]), rust(&name[..at]));
            for byte in ["S", "T", "E", "I", "N", "9", "$", "_"] {
                let changed = format!("{}{byte}{}", &name[..at], &name[at + 1..]);
                for shown in [cpp(&changed), rust(&changed)].into_iter().flatten() {
                    assert!(shown.len() <= MAX_SHOWN);
                }
            }
        }
    }
}

/// `std::swap` with its constraint: a pack in an expression, which the library does not read.
const UNREAD: &str = "_ZSt4swapIN4shop4ItemEENSt9enable_ifIXsrSt6__and_IJSt6__not_I";

#[test]
fn names_of_compiled_programs_read_as_cxxfilt_prints_them_but_for_hashes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/mangled/names.tsv");
    let text = std::fs::read_to_string(path).unwrap();
    let (mut of_rust, mut of_cpp) = (0, 0);
    for (name, printed) in text.lines().map(|line| line.split_once('\t').unwrap()) {
        match mangling(name).unwrap() {
            Mangling::Rust => {
                of_rust += 1;
                assert_eq!(rust(name).unwrap(), without_hashes(printed), "{name}");
            }
            Mangling::Cpp if name.starts_with(UNREAD) => assert_eq!(cpp(name), None),
            Mangling::Cpp => {
                of_cpp += 1;
                assert_eq!(cpp(name).unwrap(), printed, "{name}");
            }
        }
    }
    assert_eq!((of_rust, of_cpp), (38, 14));
}

/// `core[c1f1a4ba060b9bfa]::f` and `core::f::h2156602abf1de2e6` as `core::f`.
fn without_hashes(name: &str) -> String {
    let is_hash = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let head = match name.rsplit_once("::h") {
        Some((head, hash)) if is_hash(hash) => head,
        _ => name,
    };
    let mut parts = head.split('[');
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((hash, rest)) if is_hash(hash) || hash.len() == 15 => shown.push_str(rest),
            _ => shown.push_str(&format!("[{part}")),
        }
    }
    shown
}
