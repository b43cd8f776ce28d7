//! Names cut to the room there is, so that the part that tells functions apart stays.
//!
//! Room is counted in cells of a monospace font: most characters take one, wide ones two.

const ELLIPSIS: char = '…';
/// Fewer cells of a function's own name say nothing.
const LEAST_CELLS: usize = 3;
/// An own name of fewer cells is cut at its end, a longer one in its middle.
const LEAST_FOR_MIDDLE: usize = 9;
/// Cells given up for a tail that begins with a part of the name.
const MOST_WASTE: usize = 6;

/// Cells of a character: East Asian wide and full-width forms and pictographs take two
/// (<https://www.unicode.org/reports/tr11/>), marks that join what is before them none.
fn cells_of(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        // Beyond the scripts that monospace fonts draw in one cell there is no telling.
        '\u{2500}'.. => 2,
        _ => 1,
    }
}

/// Cells of a text.
pub(super) fn cells(text: &str) -> usize {
    text.chars().map(cells_of).sum()
}

/// The longest beginning of `text` in `room` cells.
fn head(text: &str, room: usize) -> &str {
    let mut left = room;
    for (at, c) in text.char_indices() {
        match left.checked_sub(cells_of(c)) {
            Some(rest) => left = rest,
            None => return &text[..at],
        }
    }
    text
}

/// The longest end of `text` in `room` cells.
fn tail(text: &str, room: usize) -> &str {
    let mut left = room;
    for (at, c) in text.char_indices().rev() {
        match left.checked_sub(cells_of(c)) {
            Some(rest) => left = rest,
            None => return &text[at + c.len_utf8()..],
        }
    }
    text
}

const fn is_boundary(c: char) -> bool {
    matches!(c, '/' | '.' | ':' | '\\')
}

/// Where a function's own name begins: after its module, package or type.
fn own_start(name: &str) -> usize {
    let mut bare = name;
    while let Some(shorter) = without_appendix(bare) {
        bare = shorter;
    }
    let before_last = bare.char_indices().next_back().map_or(0, |(at, _)| at);
    bare[..before_last].rfind(is_boundary).map_or(0, |at| at + 1)
}

/// `name` without one of the things that compilers append: arguments, type arguments, numbered closures, hashes.
fn without_appendix(name: &str) -> Option<&str> {
    for (open, close) in [('(', ')'), ('[', ']'), ('<', '>')] {
        if let Some(inner) = name.strip_suffix(close) {
            let at = inner.rfind(open).filter(|&at| at > 0 && !inner[at + 1..].contains(close))?;
            return Some(name[..at].trim_end());
        }
    }
    if let Some(shorter) = name.strip_suffix("-fm").or_else(|| name.strip_suffix("::{{closure}}")) {
        return Some(shorter);
    }
    let (shorter, last) = name.rsplit_once(is_boundary)?;
    let digits = last.strip_prefix("func").or_else(|| last.strip_prefix("gowrap")).unwrap_or(last);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_hash = last.len() == 17 && last.starts_with('h') && last[1..].bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_number || is_hash).then(|| shorter.trim_end_matches(':')).filter(|shorter| !shorter.is_empty())
}

/// `text` with its middle left out where it has more than `room` cells.
pub(super) fn middle(text: &str, room: usize) -> String {
    if cells(text) <= room {
        return text.to_owned();
    }
    let space = room.saturating_sub(1);
    let start = head(text, space.div_ceil(2));
    format!("{start}{ELLIPSIS}{}", tail(text, space - cells(start)))
}

/// The label of a box with `room` cells; `None` where nothing that can be read fits. The path before a
/// function's own name goes first, then the middle of that name.
pub(super) fn label(name: &str, room: usize) -> Option<String> {
    if cells(name) <= room {
        return (room > 0).then(|| name.to_owned());
    }
    let space = room.checked_sub(1).filter(|&space| space >= LEAST_CELLS)?;
    let own = &name[own_start(name)..];
    if cells(own) <= room {
        let end = tail(name, space);
        let is_in_own = end.len() <= own.len();
        // A tail that begins with a part of the name reads better than one that begins inside of it.
        let snapped =
            end.char_indices().take(MOST_WASTE + 1).find(|&(_, c)| is_boundary(c)).map(|(at, _)| &end[at + 1..]);
        let end = match snapped {
            _ if is_in_own => own,
            Some(snapped) if snapped.len() >= own.len() => snapped,
            _ => end,
        };
        return Some(if cells(end) < room { format!("{ELLIPSIS}{end}") } else { end.to_owned() });
    }
    if space < LEAST_FOR_MIDDLE {
        return Some(format!("{}{ELLIPSIS}", head(own, space)));
    }
    let start = head(own, space * 62 / 100);
    Some(format!("{start}{ELLIPSIS}{}", tail(own, space - cells(start))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_own_name_stays_longest() {
        let name = "github.com/acme/shop/orders.(*Cart).total";
        for (room, text) in [
            (41, Some(name)),
            (40, Some("…com/acme/shop/orders.(*Cart).total")),
            (20, Some("…(*Cart).total")),
            (7, Some("…total")),
            (6, Some("…total")),
            (5, Some("total")),
            (4, Some("tot…")),
            (3, None),
        ] {
            assert_eq!(label(name, room).as_deref(), text, "{room}");
        }
        for (name, room, text) in [
            ("a::b::compute", 10, "…compute"),
            ("compute_everything", 12, "comput…thing"),
            ("core::ops::FnOnce::call_once::h0123456789abcdef", 30, "…call_once::h0123456789abcdef"),
            ("main.run.func1.2", 14, "…run.func1.2"),
            ("std::sort<int*>(int*, int*)", 25, "…sort<int*>(int*, int*)"),
        ] {
            assert_eq!(label(name, room).as_deref(), Some(text));
        }
    }

    #[test]
    fn long_texts_lose_their_middle() {
        assert_eq!(middle("abcdefghij", 5), "ab…ij");
        assert_eq!(middle("abc", 3), "abc");
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_room(name in "\\PC{0,40}", room in 0usize..50) {
            if let Some(label) = label(&name, room) {
                prop_assert!(cells(&label) <= room, "{label}");
            }
            prop_assert!(room == 0 || cells(&middle(&name, room)) <= room);
        }
    }
}
