//! The package a function belongs to, and its colour.
//!
//! The language is told by the file's extension, else by the shape of the name. Packages are for colours and
//! for reading: nothing is merged or counted by them here.

use emberglass_profile::base_name;

use crate::package_native::native;
use crate::package_path::{embedded_location, extension, script};

/// Number of package hues; 0 is the grey of language runtimes.
pub const COLOR_BUCKETS: u16 = 32;

/// What a function belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package<'a> {
    /// Import path, namespace, crate, folder or binary; empty where nothing tells.
    pub name: &'a str,
    /// True for the language's own run time, standard C library and kernel.
    pub runtime: bool,
}

impl<'a> Package<'a> {
    pub(crate) const fn of(name: &'a str) -> Self {
        Self { name, runtime: false }
    }

    pub(crate) const fn runtime(name: &'a str) -> Self {
        Self { name, runtime: true }
    }
}

/// Frames that stand for states of a JavaScript engine.
const SYNTHETIC: &[&str] = &["(root)", "(program)", "(idle)", "(garbage collector)", "(no symbol)", "[unknown]"];

/// The package of a function from its name, its file and the binary that holds it; both may be empty.
#[must_use]
pub fn package_of<'a>(name: &'a str, file: &'a str, binary: &'a str) -> Package<'a> {
    let binary = base_name(binary);
    if is_runtime_binary(binary) {
        return Package::runtime(binary);
    }
    if SYNTHETIC.contains(&name) {
        return Package::runtime("");
    }
    if name.ends_with("_[k]") {
        return Package::runtime("kernel");
    }
    let (name, file) = match embedded_location(name) {
        Some(split) if file.is_empty() => split,
        _ => (name, file),
    };
    match extension(file) {
        "go" => go(name, file),
        "s" | "S" if name.contains('.') || file.contains("/src/") || file.contains("/pkg/mod/") => go(name, file),
        "java" | "kt" | "kts" | "scala" | "groovy" | "clj" | "cs" | "fs" | "vb" => dotted(name),
        "rs" | "c" | "cc" | "cpp" | "cxx" | "h" | "hh" | "hpp" | "inc" | "s" | "S" | "m" | "mm" | "zig" | "swift" => {
            native(name, file, binary)
        }
        _ if !file.is_empty() && !name.contains("::") => script(file),
        _ => by_shape(name, file, binary),
    }
}

/// The colour of a function: 0 for run times, else 1..=[`COLOR_BUCKETS`] by a hash of the package (of the
/// name where there is no package) that is the same in every run and build.
#[must_use]
pub fn color_of(package: Package<'_>, name: &str) -> u16 {
    if package.runtime {
        return 0;
    }
    let text = if package.name.is_empty() { name } else { package.name };
    // FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/), with the upper half folded in.
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let folded = (hash ^ (hash >> 32)) % u64::from(COLOR_BUCKETS);
    1 + folded as u16
}

fn is_runtime_binary(binary: &str) -> bool {
    const STARTS: &[&str] = &[
        "[kernel",
        "[guest.kernel",
        "[vdso]",
        "[vsyscall]",
        "vmlinux",
        "libc.so",
        "libc-2",
        "libc.musl",
        "ld-linux",
        "ld-musl",
        "ld-2.",
        "libpthread",
        "libm.so",
        "libdl.so",
        "librt.so",
        "libgcc_s",
        "libstdc++.so",
        "libjvm.so",
        "libsystem_",
        "ntdll.dll",
    ];
    STARTS.iter().any(|start| binary.starts_with(start)) || binary.ends_with(".ko")
}

fn by_shape<'a>(name: &'a str, file: &'a str, binary: &'a str) -> Package<'a> {
    if let Some(inner) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return if is_runtime_binary(inner) { Package::runtime(inner) } else { Package::of(inner) };
    }
    if name.contains("::") {
        return native(name, file, binary);
    }
    if let Some(arrow) = name.find("->").filter(|&at| at > 0) {
        return Package::of(&name[..arrow]);
    }
    let bare = without_clone_suffix(name);
    let head = bare.split(['(', '[', '<', '`']).next().unwrap_or(bare);
    let is_identifier = head.starts_with(|c: char| c.is_alphabetic() || c == '_') && !head.contains(' ');
    if !is_identifier || !head.contains('.') {
        return native(bare, file, binary);
    }
    let mut before_last = head.rsplit(['.', '/']).skip(1);
    if before_last.any(|part| part.starts_with(char::is_uppercase)) { dotted(name) } else { go(name, file) }
}

/// Compilers mark copies of C functions: `sort.part.0`, `dist.isra.0`, `f.constprop.0.cold`.
fn without_clone_suffix(name: &str) -> &str {
    const MARKS: &[&str] = &[".isra.", ".part.", ".constprop.", ".cold", ".llvm.", ".lto_priv."];
    let cut = MARKS.iter().filter_map(|mark| name.find(mark)).min().unwrap_or(name.len());
    &name[..cut]
}

/// Go: the import path up to the first dot after the last slash; assembly functions have none in their name.
fn go<'a>(name: &'a str, file: &'a str) -> Package<'a> {
    let head = &name[..name.find('[').unwrap_or(name.len())];
    let base = head.rfind('/').map_or(0, |slash| slash + 1);
    let path = match head[base..].find('.') {
        Some(dot) => &head[..base + dot],
        None => {
            let folder = &file[..file.rfind('/').unwrap_or(0)];
            let roots = ["/src/", "/pkg/mod/"];
            let start = roots.iter().filter_map(|root| folder.rfind(root).map(|at| at + root.len())).max();
            &folder[start.unwrap_or(0)..]
        }
    };
    let runtime = path == "runtime" || path.starts_with("runtime/internal/") || path.starts_with("internal/runtime/");
    Package { name: path, runtime }
}

/// Java, C# and their kin: the name without method and classes.
fn dotted(name: &str) -> Package<'_> {
    let name = name.rsplit('!').next().unwrap_or(name);
    let head = &name[..name.find('(').filter(|&at| at > 0).unwrap_or(name.len())];
    let generic = head.find(['[', '`']);
    let head = &head[..generic.unwrap_or(head.len())];
    let is_separator = |c: char| c == '.' || c == '/';
    let package = match class_start(head) {
        Some(at) if at > 0 => &head[..at - 1],
        // Namespaces of .NET are capitalised like classes: the last two parts are class and method.
        _ => {
            let method = if generic.is_some() { Some(head.len()) } else { head.rfind(is_separator) };
            let class = &head[..method.unwrap_or(head.len())];
            class.rfind(is_separator).map_or(class, |at| &class[..at])
        }
    };
    let package = package.split('$').next().unwrap_or(package);
    const RUNTIME: &[&str] = &["java", "javax", "jdk", "sun", "System", "Microsoft"];
    let first = package.split(is_separator).next().unwrap_or(package);
    let runtime = RUNTIME.contains(&first) || package.starts_with("com.sun.") || package.starts_with("com/sun/");
    Package { name: package, runtime }
}

/// Where the first part that starts with a capital letter begins, the last part left out.
fn class_start(head: &str) -> Option<usize> {
    let last = head.rfind(['.', '/'])?;
    let mut start = 0;
    for part in head[..last].split(['.', '/']) {
        if part.starts_with(char::is_uppercase) {
            return Some(start);
        }
        start += part.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, &str, &str, &str, bool)]) {
        for &(name, file, binary, package, runtime) in cases {
            assert_eq!(
                package_of(name, file, binary),
                Package { name: package, runtime },
                "{name} in {file} of {binary}"
            );
        }
    }

    #[test]
    fn go_packages_are_import_paths() {
        check(&[
            (
                "encoding/json.(*decodeState).object",
                "/usr/lib/go-1.19/src/encoding/json/decode.go",
                "",
                "encoding/json",
                false,
            ),
            ("main.oneshot.func1.1", "/srv/demo/main.go", "/srv/demo/demo", "main", false),
            ("main.oneshot.func1.1", "", "", "main", false),
            ("runtime.mallocgc", "/usr/lib/go-1.19/src/runtime/malloc.go", "", "runtime", true),
            ("runtime/pprof.Do", "", "", "runtime/pprof", false),
            ("runtime/internal/atomic.Xadd", "", "", "runtime/internal/atomic", true),
            ("internal/runtime/maps.(*Map).get", "x.go", "", "internal/runtime/maps", true),
            ("cmpbody", "/usr/lib/go-1.19/src/internal/bytealg/compare_amd64.s", "", "internal/bytealg", false),
            ("gogo", "/usr/lib/go-1.19/src/runtime/asm_amd64.s", "", "runtime", true),
            ("github.com/a/b.v2.(*T).F", "", "", "github.com/a/b", false),
            ("slices.SortFunc[go.shape.[]example.com/x.T]", "/usr/lib/go/src/slices/sort.go", "", "slices", false),
        ]);
    }

    #[test]
    fn java_and_net_packages_drop_class_and_method() {
        check(&[
            ("java.util.HashMap.computeIfAbsent", "HashMap.java", "", "java.util", true),
            ("java.util.ComparableTimSort.<init>", "", "", "java.util", true),
            ("com.example.shop.Cart$Item.total", "Cart.java", "", "com.example.shop", false),
            ("com/example/shop/Cart.total", "", "", "com/example/shop", false),
            ("Main$$Lambda$14.run", "", "", "Main", false),
            ("Shop.Orders.Cart.Add", "Cart.cs", "", "Shop.Orders", false),
            ("System.Private.CoreLib!System.String.Concat(class System.String)", "", "", "System", true),
            ("System.Collections.Generic.List`1[System.__Canon].Add", "", "", "System.Collections.Generic", true),
        ]);
    }

    #[test]
    fn native_packages_are_namespaces_and_crates() {
        check(&[
            ("shop::geo::dist<double>", "", "", "shop", false),
            ("std::map<int, int>::find", "", "/bin/x", "std", true),
            ("v8::internal::(anonymous namespace)::Invoke", "", "/usr/bin/node", "v8", true),
            ("void shop::apply<std::string>(std::string)", "", "", "shop", false),
            ("(anonymous namespace)::helper", "src/a/b.cc", "/bin/x", "src/a", false),
            ("mill::fib", "src/main.rs", "", "mill", false),
            (
                "<alloc::boxed::Box<dyn core::ops::function::FnOnce<(), Output = ()>> as core::ops::function::FnOnce<()>>::call_once",
                "",
                "",
                "alloc",
                true,
            ),
            ("<u64 as core::fmt::Display>::fmt", "", "", "core", true),
            ("<&mut serde_json::Value as core::fmt::Debug>::fmt", "", "", "serde_json", false),
            ("hashbrown::map::make_hash", "", "", "hashbrown", false),
            ("core::ops::function::FnOnce::call_once{{vtable.shim}}", "", "", "core", true),
            ("operator new(unsigned long)", "", "/usr/bin/demo", "demo", false),
            ("msort_with_tmp.part.0", "./stdlib/msort.c", "/usr/lib/x86_64-linux-gnu/libc.so.6", "libc.so.6", true),
            ("phase_math", "", "/srv/demo/single", "single", false),
            ("phase_math", "", "", "", false),
            ("finish_task_switch.isra.0_[k]", "", "", "kernel", true),
            ("do_syscall_64", "", "[kernel.kallsyms]", "[kernel.kallsyms]", true),
            ("__libc_start_call_main", "", "", "", true),
            ("[libstdc++.so.6.0.30]", "", "", "libstdc++.so.6.0.30", true),
            ("[libcrypto.so.3]", "", "", "libcrypto.so.3", false),
            ("[unknown]", "", "", "", true),
        ]);
    }

    #[test]
    fn script_packages_are_folders_and_modules() {
        check(&[
            ("JSONEncoder.iterencode", "json/encoder.py", "", "json", false),
            ("primes", "app.py", "", "app.py", false),
            ("primes (app.py:27)", "", "", "app.py", false),
            ("encode (json/encoder.py:258)", "", "", "json", false),
            ("_find_and_load (<frozen importlib._bootstrap>:1175)", "", "", "<frozen importlib._bootstrap>", true),
            ("get", "/usr/lib/python3/dist-packages/requests/api.py", "", "requests", false),
            ("handle", "/srv/demo-dev/js/app.js", "", "/srv/demo-dev/js", false),
            ("handle", "file:///srv/demo-dev/js/app.js?v=2", "", "/srv/demo-dev/js", false),
            ("JS:*fib /srv/demo-dev/js/app.js:7:13", "", "", "/srv/demo-dev/js", false),
            (" /srv/demo-dev/js/app.js:8:157", "", "", "/srv/demo-dev/js", false),
            ("Module._load", "node:internal/modules/cjs/loader", "", "node:internal", true),
            ("Module._load node:internal/modules/cjs/loader:1003:24", "", "", "node:internal", true),
            ("createHash", "node:crypto", "", "node:crypto", true),
            ("route", "/app/node_modules/@scope/router/lib/index.js", "", "@scope/router", false),
            ("(garbage collector)", "", "", "", true),
            ("block in words", "/srv/demo-dev/rb/app.rb", "", "/srv/demo-dev/rb", false),
            ("fib - /srv/demo-dev/rb/app.rb:1", "", "", "/srv/demo-dev/rb", false),
            ("require - <internal:gem_prelude>:2", "", "", "<internal:gem_prelude>", true),
            ("Cart->add", "", "", "Cart", false),
            ("php::array_map", "php:internal", "", "php", true),
        ]);
    }

    #[test]
    fn strange_names_have_a_package_too() {
        for name in
            ["", "::", "<", "<>", "a::", "->", "é.x", ".", "/", "[", "]", "(", "node:", "a - :1", " (:1)", "<&", "x/"]
        {
            for file in ["", "/", ".", "node:", "<", ".go", "a.s", "/src/"] {
                let package = package_of(name, file, "/");
                assert!(color_of(package, name) <= COLOR_BUCKETS);
            }
        }
    }

    #[test]
    fn colours_never_change() {
        let color = |package| color_of(Package::of(package), "");
        assert_eq!([color("main"), color("encoding/json"), color("alloc")], [11, 9, 14]);
        assert_eq!(color_of(Package::of(""), "main"), color("main"));
        assert_eq!(color_of(Package::runtime("runtime"), "runtime.mallocgc"), 0);
    }
}
