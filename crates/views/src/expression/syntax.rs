//! The expressions that a table can say: characters, classes, groups, alternatives, repetitions, begin and end.

/// Deepest nesting of groups.
const MAX_DEPTH: u32 = 50;
/// Most repetitions of one part that are written out.
const MAX_TIMES: u32 = 100;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// One character of a class.
    Class(Class),
    /// One after the other.
    Sequence(Vec<Self>),
    /// One of several.
    Alternatives(Vec<Self>),
    /// At least so often, and at most so often.
    Repeat(Box<Self>, u32, Option<u32>),
    /// Begin of the text.
    Begin,
    /// End of the text.
    End,
}

/// Characters: ASCII ones as bits, and all others or one other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) ascii: u128,
    pub(super) others: Others,
}

/// Characters beyond ASCII.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Others {
    #[default]
    None,
    One(char),
    All,
}

const fn range(first: u8, last: u8) -> u128 {
    (u128::MAX >> (127 - last)) & (u128::MAX << first)
}

const UPPER: u128 = range(b'A', b'Z');
const LOWER: u128 = range(b'a', b'z');
const DIGITS: u128 = range(b'0', b'9');
const WORD: u128 = UPPER | LOWER | DIGITS | range(b'_', b'_');
const SPACE: u128 = range(b'\t', b'\r') | range(b' ', b' ');

impl Class {
    const fn ascii(ascii: u128) -> Self {
        Self { ascii, others: Others::None }
    }

    fn of(c: char) -> Self {
        match u8::try_from(c) {
            Ok(byte) if byte.is_ascii() => Self::ascii(range(byte, byte)),
            _ => Self { ascii: 0, others: Others::One(c) },
        }
    }

    const fn not(ascii: u128) -> Self {
        Self { ascii: !ascii, others: Others::All }
    }

    /// With both cases of letters, which only ASCII has here.
    const fn folded(self) -> Self {
        let lower = (self.ascii & UPPER) << 32;
        let upper = (self.ascii & LOWER) >> 32;
        Self { ascii: self.ascii | lower | upper, ..self }
    }
}

/// The class that a letter behind `\` stands for.
const fn class_of(letter: char) -> Option<Class> {
    Some(match letter {
        'd' => Class::ascii(DIGITS),
        'w' => Class::ascii(WORD),
        's' => Class::ascii(SPACE),
        'D' => Class::not(DIGITS),
        'W' => Class::not(WORD),
        'S' => Class::not(SPACE),
        _ => return None,
    })
}

/// The character that one behind `\` stands for.
const fn escaped(c: char) -> Option<char> {
    Some(match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        c if c.is_ascii_punctuation() && c != '<' && c != '>' => c,
        _ => return None,
    })
}

/// Reads an expression that the library has accepted; `None` for what a table can't say.
pub(super) fn parse(text: &str) -> Option<Node> {
    let (text, folds) = text.strip_prefix("(?i)").map_or((text, false), |rest| (rest, true));
    let mut reader = Reader { text, folds };
    let node = reader.alternatives(0)?;
    reader.text.is_empty().then_some(node)
}

struct Reader<'a> {
    text: &'a str,
    folds: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.text = &self.text[c.len_utf8()..];
        Some(c)
    }

    fn eat(&mut self, prefix: &str) -> bool {
        let rest = self.text.strip_prefix(prefix);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }

    fn alternatives(&mut self, depth: u32) -> Option<Node> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut all = vec![self.sequence(depth)?];
        while self.eat("|") {
            all.push(self.sequence(depth)?);
        }
        Some(if all.len() == 1 { all.pop()? } else { Node::Alternatives(all) })
    }

    fn sequence(&mut self, depth: u32) -> Option<Node> {
        let mut parts = Vec::new();
        while !matches!(self.peek(), None | Some('|' | ')')) {
            let mut part = self.part(depth)?;
            while let Some((least, most)) = self.times()? {
                part = Node::Repeat(Box::new(part), least, most);
            }
            parts.push(part);
        }
        Some(Node::Sequence(parts))
    }

    /// How often what stands before is repeated; lazy or not is the same here.
    #[allow(clippy::option_option, reason = "nothing to repeat, and nothing that a table can say")]
    fn times(&mut self) -> Option<Option<(u32, Option<u32>)>> {
        let times = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                self.next();
                let (inside, rest) = self.text.split_once('}')?;
                self.text = rest;
                self.eat("?");
                let number = |text: &str| text.parse::<u32>().ok().filter(|&times| times <= MAX_TIMES);
                return Some(Some(match inside.split_once(',') {
                    None => (number(inside)?, Some(number(inside)?)),
                    Some((least, "")) => (number(least)?, None),
                    Some((least, most)) => (number(least)?, Some(number(most)?)),
                }));
            }
            _ => return Some(None),
        };
        self.next();
        self.eat("?");
        Some(Some(times))
    }

    fn part(&mut self, depth: u32) -> Option<Node> {
        Some(match self.next()? {
            '(' => {
                if self.eat("?P<") || self.eat("?<") {
                    let (_, rest) = self.text.split_once('>')?;
                    self.text = rest;
                } else if !self.eat("?:") && self.peek() == Some('?') {
                    return None;
                }
                let inner = self.alternatives(depth + 1)?;
                if !self.eat(")") {
                    return None;
                }
                inner
            }
            '[' => self.class()?,
            '.' => self.char_of(Class::not(range(b'\n', b'\n'))),
            '^' => Node::Begin,
            '$' => Node::End,
            '\\' => {
                let c = self.next()?;
                let class = class_of(c).or_else(|| escaped(c).map(Class::of))?;
                self.char_of(class)
            }
            '*' | '+' | '?' | '{' => return None,
            c => self.char_of(Class::of(c)),
        })
    }

    fn char_of(&self, class: Class) -> Node {
        Node::Class(if self.folds { class.folded() } else { class })
    }

    /// A class behind its `[`; of characters in it only ASCII ones can be said.
    fn class(&mut self) -> Option<Node> {
        let is_negated = self.eat("^");
        let mut ascii = 0;
        let mut is_first = true;
        loop {
            let c = self.next()?;
            match c {
                ']' if !is_first => break,
                // Sets of characters by name, and operators on sets.
                '[' => return None,
                '&' | '-' | '~' if self.peek() == Some(c) => return None,
                _ => {}
            }
            is_first = false;
            if c == '\\' && self.peek().and_then(class_of).is_some() {
                let class = class_of(self.next()?)?;
                if class.others != Others::None || self.text.starts_with('-') {
                    return None;
                }
                ascii |= class.ascii;
                continue;
            }
            let first = self.of_class(c)?;
            let is_range = self.text.starts_with('-') && !self.text.starts_with("-]");
            let last = if is_range {
                self.next();
                let last = self.next()?;
                if last == '[' || last == '-' {
                    return None;
                }
                self.of_class(last)?
            } else {
                first
            };
            if first > last {
                return None;
            }
            ascii |= range(first, last);
        }
        let ascii = if self.folds { Class::ascii(ascii).folded().ascii } else { ascii };
        Some(Node::Class(if is_negated { Class::not(ascii) } else { Class::ascii(ascii) }))
    }

    fn of_class(&mut self, c: char) -> Option<u8> {
        let c = if c == '\\' { self.next().and_then(escaped)? } else { c };
        u8::try_from(c).ok().filter(u8::is_ascii)
    }
}
