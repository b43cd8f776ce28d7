//! Paths of members.

/// The upper half of code page 437, which zip archives use where nothing says UTF-8.
const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// The text of a name that is not marked as UTF-8. Most of those that are no ASCII are UTF-8 all the same, and
/// hardly any text of code page 437 is by chance.
pub(super) fn unmarked(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let upper = |byte: &u8| UPPER.chars().nth(usize::from(byte & 0x7f)).unwrap_or('\u{fffd}');
    bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { upper(byte) }).collect()
}

/// A path within an archive: relative, without `.` and empty steps. Steps back stay, as text: nothing is
/// written there.
pub(super) fn tidy(name: &str) -> String {
    let steps: Vec<&str> = name.split(['/', '\\']).filter(|step| !matches!(*step, "" | ".")).collect();
    if steps.is_empty() { "(unnamed)".to_owned() } else { steps.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_utf8_are_of_code_page_437() {
        assert_eq!(UPPER.chars().count(), 128);
        assert_eq!(unmarked(b"M\x81ller\xe1.pb"), "Müllerß.pb");
        assert_eq!(unmarked("Müller".as_bytes()), "Müller");
        assert_eq!(unmarked(b"\xff\x80"), "\u{a0}Ç");
    }

    #[test]
    fn paths_are_relative() {
        for (name, tidied) in
            [("./a/b", "a/b"), ("/a//b/", "a/b"), ("a\\b", "a/b"), ("../a", "../a"), ("", "(unnamed)")]
        {
            assert_eq!(tidy(name), tidied);
        }
    }
}
