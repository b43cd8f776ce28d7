//! Positions and costs: numbers in decimal or hexadecimal, positions also relative to those before.

/// Most positions of a line.
const MAX_POSITIONS: usize = 8;

/// What positions a cost line starts with, and the last ones.
pub(super) struct Positions {
    last: Vec<u64>,
    /// Which of them is the line.
    line: Option<usize>,
}

impl Default for Positions {
    fn default() -> Self {
        Self { last: vec![0], line: Some(0) }
    }
}

impl Positions {
    /// Reads what follows `positions:`.
    pub(super) fn declare(&mut self, text: &str) {
        let kinds: Vec<&str> = text.split_ascii_whitespace().take(MAX_POSITIONS).collect();
        self.last = vec![0; kinds.len()];
        self.line = kinds.iter().position(|&kind| kind == "line");
    }

    /// Positions start anew, as at the begin of a part.
    pub(super) fn reset(&mut self) {
        self.last.fill(0);
    }

    /// Reads a cost line: its source line (0 if it has none), and its costs into `costs`; `None` if it is no such line.
    pub(super) fn read(&mut self, text: &str, costs: &mut Vec<i64>, most: usize) -> Option<u32> {
        costs.clear();
        let mut tokens = text.split_ascii_whitespace();
        let mut now = [0u64; MAX_POSITIONS];
        for (slot, &last) in now.iter_mut().zip(&self.last) {
            let token = tokens.next()?;
            *slot = match token.as_bytes() {
                b"*" => last,
                [b'+', ..] => last.checked_add(number(&token[1..])?)?,
                [b'-', ..] => last.checked_sub(number(&token[1..])?)?,
                _ => number(token)?,
            };
        }
        for token in tokens {
            if costs.len() >= most {
                return None;
            }
            costs.push(match token.strip_prefix('-') {
                Some(token) => 0i64.checked_sub_unsigned(number(token)?)?,
                None => i64::try_from(number(token)?).ok()?,
            });
        }
        let count = self.last.len();
        self.last.copy_from_slice(&now[..count]);
        Some(self.line.and_then(|at| u32::try_from(now[at]).ok()).unwrap_or(0))
    }
}

fn number(token: &str) -> Option<u64> {
    match token.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+')),
        None => token.parse().ok().filter(|_| !token.starts_with('+')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_relative_to_those_before() {
        let mut positions = Positions::default();
        positions.declare(" instr line");
        let mut costs = Vec::new();
        let mut read = |text: &str| positions.read(text, &mut costs, 2).map(|line| (line, costs.clone()));
        assert_eq!(read("0x80 16 400 7"), Some((16, vec![400, 7])));
        assert_eq!(read("+3 * 5"), Some((16, vec![5])));
        assert_eq!(read("-0x3 +2 0x10"), Some((18, vec![16])));
        assert_eq!(read("* -18 -5"), Some((0, vec![-5])));
        assert_eq!(read("* -1 5"), None, "below 0");
        assert_eq!(read("* * 1 2 3"), None, "more costs than events");
        assert_eq!(read("words"), None);
        assert_eq!(read("* * "), Some((0, vec![])));
    }
}
