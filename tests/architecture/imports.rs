//! The paths that a Rust file names: of `use` with nested braces, and in the middle of code.

use std::collections::{BTreeMap, BTreeSet};

/// A path as written, such as `crate::model::Score` or `super::Plan`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// The name by which the file knows it; `None` of a path in the middle of code.
    pub(super) name: Option<String>,
    /// Whether it is handed on by `pub use`.
    pub(super) public: bool,
    pub(super) line: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'t> {
    Word(&'t str),
    /// `::`
    Step,
    Sign(char),
}

/// Words and signs with their lines.
fn tokens(code: &str) -> Vec<(Token<'_>, usize)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut found, mut rest, mut line) = (Vec::new(), code, 1);
    while let Some(first) = rest.chars().next() {
        let (token, length) = if let Some(word) = rest.strip_prefix("r#").filter(|word| word.starts_with(is_word)) {
            let length = word.find(|c| !is_word(c)).unwrap_or(word.len());
            (Some(Token::Word(&word[..length])), length + 2)
        } else if is_word(first) {
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            (Some(Token::Word(&rest[..length])), length)
        } else if rest.starts_with("::") {
            (Some(Token::Step), 2)
        } else {
            (Some(Token::Sign(first)).filter(|_| !first.is_whitespace()), first.len_utf8())
        };
        found.extend(token.map(|token| (token, line)));
        line += usize::from(first == '\n');
        rest = &rest[length..];
    }
    found
}

/// The words of a file.
pub(super) struct Words {
    occurrences: BTreeMap<String, usize>,
    defined: BTreeSet<String>,
}

impl Words {
    pub(super) fn of(code: &str) -> Self {
        const ITEMS: [&str; 10] =
            ["fn", "struct", "enum", "trait", "type", "const", "static", "union", "mod", "macro_rules"];
        let mut words = Self { occurrences: BTreeMap::new(), defined: BTreeSet::new() };
        let (mut before, mut is_lifetime) = ("", false);
        for (token, _) in tokens(code) {
            let Token::Word(word) = token else {
                is_lifetime = token == Token::Sign('\'');
                continue;
            };
            *words.occurrences.entry(word.to_owned()).or_default() += 1;
            if ITEMS.contains(&before) {
                words.defined.insert(word.to_owned());
            }
            // `&'static Check` defines no `Check`.
            before = if is_lifetime { "" } else { word };
            is_lifetime = false;
        }
        words
    }

    /// How often a word occurs.
    pub(super) fn occurrences(&self, word: &str) -> usize {
        self.occurrences.get(word).copied().unwrap_or(0)
    }

    /// Whether the file defines an item of this name.
    pub(super) fn defines(&self, name: &str) -> bool {
        self.defined.contains(name)
    }
}

/// All paths of several words, and all of `use`.
pub(super) fn imports(code: &str) -> Vec<Import> {
    let tokens = tokens(code);
    let before = |at: usize| at.checked_sub(1).map(|before| tokens[before].0);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((token, line)) = tokens.get(at) {
        let starts = before(at) != Some(Token::Step);
        let next = tokens.get(at + 1).map(|(token, _)| *token);
        match token {
            // `use<'a>` is no import.
            Token::Word("use") if next != Some(Token::Sign('<')) => {
                let public = matches!(before(at), Some(Token::Word("pub") | Token::Sign(')')));
                at = tree(&tokens, at + 1, &[], public, &mut found);
            }
            // `pub(in crate::engine)` says who may see an item.
            Token::Word(word) if starts && next == Some(Token::Step) && !is_visibility(&tokens[..at]) => {
                let mut path = vec![(*word).to_owned()];
                while let (Some((Token::Step, _)), Some((Token::Word(word), _))) =
                    (tokens.get(at + 1), tokens.get(at + 2))
                {
                    path.push((*word).to_owned());
                    at += 2;
                }
                found.push(Import { path, name: None, public: false, line: *line });
                at += 1;
            }
            _ => at += 1,
        }
    }
    found
}

/// Whether a path after these tokens says who may see an item.
fn is_visibility(before: &[(Token<'_>, usize)]) -> bool {
    matches!(before, [.., (Token::Word("pub"), _), (Token::Sign('('), _), (Token::Word("in"), _)])
}

/// Reads one tree of a `use`: a path that ends in a name, in `*`, or in braces with more trees. Returns where it ends.
fn tree(
    tokens: &[(Token<'_>, usize)],
    start: usize,
    prefix: &[String],
    public: bool,
    found: &mut Vec<Import>,
) -> usize {
    let mut path = prefix.to_vec();
    let mut at = start;
    let line = tokens.get(start).map_or(0, |(_, line)| *line);
    let token = |at: usize| tokens.get(at).map(|(token, _)| *token);
    loop {
        match token(at) {
            Some(Token::Step) => at += 1,
            Some(Token::Word(word)) => {
                path.push(word.to_owned());
                at += 1;
                if token(at) == Some(Token::Step) {
                    continue;
                }
                let alias = match (token(at), token(at + 1)) {
                    (Some(Token::Word("as")), Some(Token::Word(alias))) => Some(alias.to_owned()),
                    _ => None,
                };
                at += if alias.is_some() { 2 } else { 0 };
                // `a::{self}` is `a`.
                if path.len() > 1 && word == "self" {
                    path.pop();
                }
                let name = alias.or_else(|| path.last().cloned());
                found.push(Import { path, name, public, line });
                return at;
            }
            Some(Token::Sign('*')) => {
                path.push("*".to_owned());
                found.push(Import { path, name: Some("*".to_owned()), public, line });
                return at + 1;
            }
            Some(Token::Sign('{')) => {
                at += 1;
                while at < tokens.len() && token(at) != Some(Token::Sign('}')) {
                    at = tree(tokens, at, &path, public, found);
                    at += usize::from(token(at) == Some(Token::Sign(',')));
                }
                return at + 1;
            }
            _ => return at.max(start + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(code: &str) -> Vec<String> {
        imports(code).iter().map(|import| import.path.join("::")).collect()
    }

    #[test]
    fn one_path_and_braces_in_braces() {
        assert_eq!(paths("use crate::model::Score;"), ["crate::model::Score"]);
        assert_eq!(
            paths("use crate::{a::{b, c::{self, D as E}}, d::*,};\nuse super::super::f;"),
            ["crate::a::b", "crate::a::c", "crate::a::c::D", "crate::d::*", "super::super::f"]
        );
        assert_eq!(paths("use std::fs::{self, File};"), ["std::fs", "std::fs::File"]);
    }

    #[test]
    fn paths_in_the_middle_of_code() {
        assert_eq!(paths("let x = crate::audit::audit(super::Y::<Z>::new());"), ["crate::audit::audit", "super::Y"]);
        assert_eq!(paths("fn f(x: &child::r#type::T) -> impl I + use<'a> {}"), ["child::type::T"]);
        assert_eq!(paths("pub(super) fn f() { a.b() }"), [""; 0]);
        assert_eq!(paths("pub(in crate::engine) fn f() { for x in crate::y::Z {} }"), ["crate::y::Z"]);
    }

    #[test]
    fn names_and_what_is_handed_on() {
        let found = imports("\npub(crate) use a::B as C;\nuse d::E;");
        assert_eq!(
            found[0],
            Import { path: vec!["a".into(), "B".into()], name: Some("C".into()), public: true, line: 2 }
        );
        assert_eq!((found[1].name.as_deref(), found[1].public, found[1].line), (Some("E"), false, 3));
    }

    #[test]
    fn definitions_and_occurrences() {
        let code = "pub enum Truth { Yes } const fn f() -> Truth {}";
        let words = Words::of(code);
        assert!(words.defines("Truth") && words.defines("f") && !words.defines("Yes"));
        assert_eq!(words.occurrences("Truth"), 2);
    }
}
