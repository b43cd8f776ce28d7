//! Search over names and files.

use std::sync::OnceLock;

use emberglass_profile::{FunctionId, StringId};
use emberglass_trie::{MergedTrie, NoYield, Tree, TreeOverflow, Work, YieldNow, at_once, slices};

use crate::Names;
use crate::expression::{Expression, PatternError};
use crate::pivot::{matches_at, outermost};

/// Units of work of a text that is looked at, see [`Work`].
const UNITS: usize = 60;

/// What to look for: `/re/` is a regular expression (case-sensitive unless it says `(?i)`), `"name"` the whole name of a
/// function as it stands between the outer quotes, everything else a substring in any case. The empty pattern finds nothing.
#[derive(Clone, Debug)]
pub struct Pattern {
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Nothing,
    /// A name and nothing else; no file.
    Name(String),
    Ascii(Vec<u8>),
    Lower(String),
    Regex(Expression),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`PatternError`] for a regular expression that does not compile.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let test = match text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
            Some(expression) if !expression.is_empty() => Test::Regex(Expression::parse(expression)?),
            _ if text.is_empty() => Test::Nothing,
            _ if text.len() > 2 && text.starts_with('"') && text.ends_with('"') => {
                Test::Name(text[1..text.len() - 1].to_owned())
            }
            _ if text.is_ascii() => Test::Ascii(text.to_ascii_lowercase().into_bytes()),
            _ => Test::Lower(text.to_lowercase()),
        };
        Ok(Self { test })
    }

    /// True if the pattern occurs in `text`, a name of a function.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match &self.test {
            Test::Nothing => false,
            Test::Name(name) => text == name,
            Test::Ascii(lower) => contains_ignoring_case(text.as_bytes(), lower),
            Test::Lower(lower) => text.to_lowercase().contains(lower.as_str()),
            Test::Regex(regex) => regex.is_match(text),
        }
    }

    /// Which functions of `trie` match by name (as it is shown or as it is) or file, by row.
    #[must_use]
    pub fn functions(&self, trie: &MergedTrie, names: &Names) -> Vec<bool> {
        at_once(self.functions_sliced(trie, names, &NoYield))
    }

    /// As [`Self::functions`], in slices.
    pub async fn functions_sliced(&self, trie: &MergedTrie, names: &Names, pause: &impl YieldNow) -> Vec<bool> {
        let symbols = &trie.symbols;
        let mut work = Work::default();
        let mut texts = Vec::with_capacity(symbols.strings.len());
        for rows in slices(0..symbols.strings.len()) {
            let units = rows.len() * UNITS;
            texts.extend(rows.map(|row| self.matches(symbols.text(StringId(row as u32)))));
            work.done(units, pause).await;
        }
        let matches = |id: StringId| texts.get(id.index()).copied().unwrap_or(false);
        let matches_unknown = self.matches(symbols.function_name(FunctionId(u32::MAX)));
        let functions = symbols.functions.iter();
        let in_files = !matches!(self.test, Test::Name(_));
        let mut found: Vec<bool> = functions
            .map(|function| {
                matches(function.name)
                    || (function.name == StringId::EMPTY && matches_unknown)
                    || (in_files && function.file != StringId::EMPTY && matches(function.file))
            })
            .collect();
        names.add_matching(&mut found, |text| self.matches(text), UNITS, pause).await;
        found
    }
}

fn contains_ignoring_case(text: &[u8], lower: &[u8]) -> bool {
    text.windows(lower.len()).any(|window| window.eq_ignore_ascii_case(lower))
}

/// What a pattern found in one trie.
#[derive(Clone, Debug)]
pub struct Search {
    functions: usize,
    matching: Vec<bool>,
    met: OnceLock<Vec<bool>>,
    nodes: Vec<u32>,
    sum: i64,
}

impl Search {
    /// Looks for `pattern` in every node. A stack counts once, at its highest matching node.
    ///
    /// # Errors
    /// [`TreeOverflow`] when values of different signs add up beyond 64 bits.
    pub fn new(trie: &MergedTrie, names: &Names, pattern: &Pattern) -> Result<Self, TreeOverflow> {
        at_once(Self::sliced(trie, names, pattern, &NoYield))
    }

    /// As [`Self::new`], in slices.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub async fn sliced(
        trie: &MergedTrie,
        names: &Names,
        pattern: &Pattern,
        pause: &impl YieldNow,
    ) -> Result<Self, TreeOverflow> {
        let tree = &trie.tree;
        let functions = pattern.functions_sliced(trie, names, pause).await;
        let mut work = Work::default();
        let mut nodes: Vec<u32> = Vec::new();
        for rows in slices(1..tree.len()) {
            let units = rows.len();
            nodes.extend(rows.map(|row| row as u32).filter(|&node| matches_at(&functions, tree, node)));
            work.done(units, pause).await;
        }
        let mut sum = 0i64;
        for node in outermost(tree, nodes.iter().copied()) {
            sum = sum.checked_add(tree.total[node as usize]).ok_or(TreeOverflow)?;
        }
        let count = functions.iter().filter(|&&matches| matches).count();
        Ok(Self { functions: count, matching: functions, met: OnceLock::new(), nodes, sum: trie.output(sum) })
    }

    /// Functions whose name or file matches.
    #[must_use]
    pub const fn functions(&self) -> usize {
        self.functions
    }

    /// True if the function in a row matches.
    pub(crate) fn is_function(&self, row: u32) -> bool {
        self.matching.get(row as usize).copied().unwrap_or(false)
    }

    /// For each node whether it or a node above it matches.
    pub(crate) fn met(&self, tree: &Tree) -> &[bool] {
        self.met.get_or_init(|| {
            let mut met = vec![false; tree.len()];
            for node in 1..tree.len() {
                met[node] = self.is_function(tree.key[node]) || met[tree.parent[node] as usize];
            }
            met
        })
    }

    /// Nodes of those functions, ascending.
    #[must_use]
    pub fn nodes(&self) -> &[u32] {
        &self.nodes
    }

    /// Sum of the matching stacks, each counted once; an output value ([`MergedTrie::output`]).
    #[must_use]
    pub const fn sum(&self) -> i64 {
        self.sum
    }

    /// True if the node matches.
    #[must_use]
    pub fn is_match(&self, node: u32) -> bool {
        self.nodes.binary_search(&node).is_ok()
    }

    /// True if one of the rows `from..until` matches.
    #[must_use]
    pub fn any_in(&self, from: u32, until: u32) -> bool {
        let first = self.nodes.partition_point(|&node| node < from);
        self.nodes.get(first).is_some_and(|&node| node < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::LENGTH_LIMIT;

    #[test]
    fn substrings_are_found_in_any_case() {
        let finds = |pattern: &str, text: &str| Pattern::parse(pattern).unwrap().matches(text);
        assert!(finds("JSON", "encoding/json.Unmarshal") && finds("json", "JSONEncoder"));
        assert!(finds("ГЛАВ", "главная") && !finds("x", "главная"));
        assert!(!finds("", "") && !finds("abc", "ab"));
        assert!(finds("/", "a/b") && finds("//", "http://x") && !finds("//", "a/b"));
    }

    #[test]
    fn slashes_make_regular_expressions() {
        let finds = |pattern: &str, text: &str| Pattern::parse(pattern).unwrap().matches(text);
        assert!(finds(r"/^main\./", "main.f") && !finds(r"/^main\./", "x/main.f"));
        assert!(!finds("/MAIN/", "main") && finds("/(?i)MAIN/", "main"));
        assert!(finds("/usr/lib", "/usr/lib/x.py"));
    }

    #[test]
    fn quotes_make_whole_names() {
        let finds = |pattern: &str, text: &str| Pattern::parse(pattern).unwrap().matches(text);
        assert!(finds("\"main\"", "main") && !finds("\"main\"", "Main") && !finds("\"main\"", "main.f"));
        assert!(finds("\"say \"x\"\"", "say \"x\"") && finds("\"\"", "a\"\"b") && finds("\"/a/\"", "/a/"));
    }

    #[test]
    fn bad_expressions_say_where() {
        let position = |pattern: &str| Pattern::parse(pattern).unwrap_err().position;
        assert_eq!(position("/a(b/"), 2);
        assert_eq!(position("/a(b)c)d/"), 6);
        assert_eq!(position("/é*[z/"), 4);
        assert_eq!(position(&format!("/{}/", "a".repeat(5000))), LENGTH_LIMIT + 1);
        assert!(Pattern::parse("/(a{1000}){1000}/").is_err());
    }
}
