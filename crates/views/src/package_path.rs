//! Packages by path, for languages whose modules are files.

use crate::package::Package;

/// Extension of a path without its query, empty where there is none.
pub(crate) fn extension(file: &str) -> &str {
    let file = file.split(['?', '#']).next().unwrap_or(file);
    match file.rfind(['.', '/', '\\']) {
        Some(at) if file.as_bytes()[at] == b'.' => &file[at + 1..],
        _ => "",
    }
}

/// Splits names that carry their place: `primes (app.py:27)`, `fib - app.rb:1`, `JS:*fib /srv/app.js:7:13`.
pub(crate) fn embedded_location(name: &str) -> Option<(&str, &str)> {
    if let Some((function, place)) = name.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
        return file_of_place(place).map(|file| (function, file));
    }
    if let Some((function, place)) = name.rsplit_once(" - ") {
        return file_of_place(place).map(|file| (function, file));
    }
    let (function, place) = name.rsplit_once(' ')?;
    file_of_place(place).map(|file| (function.trim_start_matches("JS:").trim_start_matches(['*', '~', '^']), file))
}

/// `path` of `path:line` or `path:line:column`.
fn file_of_place(place: &str) -> Option<&str> {
    let (file, line) = place.rsplit_once(':')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(line) || file.is_empty() {
        return None;
    }
    match file.rsplit_once(':') {
        Some((whole, number)) if is_number(number) && !whole.is_empty() => Some(whole),
        _ => Some(file),
    }
}

/// The module or folder of a file.
pub(crate) fn script(file: &str) -> Package<'_> {
    if let Some(module) = file.strip_prefix("node:") {
        let len = module.find('/').unwrap_or(module.len());
        return Package::runtime(&file[..file.len() - module.len() + len]);
    }
    let is_internal = file == "~" || file == "php:internal";
    if is_internal || file.starts_with("<frozen ") || file.starts_with("<internal:") || file.starts_with("<built-in") {
        return Package::runtime(file);
    }
    let file = file.split(['?', '#']).next().unwrap_or(file);
    let file = file.strip_prefix("file://").unwrap_or(file);
    for root in ["/node_modules/", "/site-packages/", "/dist-packages/", "/gems/"] {
        if let Some(at) = file.rfind(root) {
            let inside = &file[at + root.len()..];
            let parts = if inside.starts_with('@') { 2 } else { 1 };
            let end = inside.match_indices('/').nth(parts - 1).map_or(inside.len(), |(at, _)| at);
            return Package::of(inside[..end].trim_end_matches(".py"));
        }
    }
    Package::of(folder(file))
}

/// The folder of a path; the path itself where it has none.
pub(crate) fn folder(file: &str) -> &str {
    match file.rfind(['/', '\\']) {
        Some(at) if at > 0 => &file[..at],
        _ => file,
    }
}
