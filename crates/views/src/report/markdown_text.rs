//! Text of a profile in Markdown as GitHub reads it (<https://github.github.com/gfm/>).

use super::text::printable;

/// Longest run of backticks.
fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// A code span for a table's cell; it must be printable. Inside of it no mark-up, mention or link is made.
///
/// A `|` would end the cell even there, escaped or not where a `\` stands before it: such text is a `<code>`
/// element with all punctuation as character references.
pub(super) fn cell_code(text: &str) -> String {
    if text.contains('|') { code_element(text) } else { code(text) }
}

/// A code span outside of tables; the text must be printable.
pub(super) fn code(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(text) + 1);
    // One space at both ends is taken off again by the reader.
    let is_padded = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let space = if is_padded { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

fn code_element(text: &str) -> String {
    let mut out = String::from("<code>");
    put_references(&mut out, text);
    out.push_str("</code>");
    out
}

/// Plain text; it must be printable. Punctuation becomes character references, which start no mark-up.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    put_references(&mut out, text);
    out
}

fn put_references(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            // What reads as itself between words.
            ',' | '.' | ';' | '?' | '/' | '%' | '-' | '\'' | '"' | '=' | '+' | '(' | ')' => out.push(c),
            _ if c.is_ascii_punctuation() => {
                out.push_str("&#");
                out.push_str(&u32::from(c).to_string());
                out.push(';');
            }
            _ => out.push(c),
        }
    }
}

/// Lines as a fenced block, indented by `indent` spaces.
pub(super) fn fenced(lines: &[String], indent: usize) -> String {
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    let margin = " ".repeat(indent);
    let mut out = format!("{margin}{fence}text\n");
    for line in lines {
        out.push_str(&margin);
        out.push_str(line);
        out.push('\n');
    }
    out.push_str(&format!("{margin}{fence}\n"));
    out
}

/// Printable text for a heading, cut by the caller.
pub(super) fn heading(text: &str) -> String {
    plain(&printable(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_spans_hold_backticks_and_spaces() {
        assert_eq!(code("main.f"), "`main.f`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`x"), "`` `x ``");
        assert_eq!(code(" x"), "`  x `");
        assert_eq!(code("  "), "");
    }

    #[test]
    fn pipes_end_no_cell() {
        assert_eq!(cell_code("a|<b>\\|@c"), "<code>a&#124;&#60;b&#62;&#92;&#124;&#64;c</code>");
        assert_eq!(cell_code("Vec<T>"), "`Vec<T>`");
    }

    #[test]
    fn fences_are_longer_than_what_they_hold() {
        assert_eq!(fenced(&["````".to_owned()], 3), "   `````text\n   ````\n   `````\n");
    }

    #[test]
    fn headings_have_no_mark_up() {
        assert_eq!(heading("*x* <b>\n[l](u)"), "&#42;x&#42; &#60;b&#62;&#92;u&#123;a&#125;&#91;l&#93;(u)");
    }
}
