//! Regular expressions in linear time, within limits.

use std::sync::{Arc, OnceLock};

use regex::{Regex, RegexBuilder};
use regex_syntax::ast::{
    Ast, ClassPerlKind, ClassSet, ClassSetItem, ErrorKind, RepetitionKind, RepetitionRange, Span, parse::ParserBuilder,
};

use super::automaton::{Automaton, Lanes};

/// The longest pattern, in bytes.
const MAX_BYTES: usize = 1_000;
/// Memory of a compiled pattern, in bytes; enough for a name of a hundred letters of any script.
const MAX_COMPILED: usize = 4 << 20;
/// Memory of the states that matching builds as it proceeds, in bytes; beyond it matching is slower, not wrong.
const MAX_CACHE: usize = 2 << 20;
/// How deep groups and classes may nest.
const MAX_DEPTH: u32 = 50;
/// The maximum weight of a pattern (see [`weight`]) that is compiled at all.
const MAX_WEIGHT: u64 = 100_000;
/// Patterns up to this weight are tried as a table of states; those with Unicode classes have too many states.
const MAX_TABLE_WEIGHT: u64 = 450;

/// A regular expression of the `regex` crate, with `\d` and `\s` in ASCII.
///
/// `\d` is `[0-9]` and `\s` is the six ASCII white spaces, since a code in full-width digits is a fault in a register.
/// `\w` and `\b` stay Unicode, since names are not ASCII. There is no look-around and there are no back-references, so
/// matching takes time in proportion to the text. Clones share the compiled program; a clone for each thread is
/// fastest.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
    /// The same as a table of states, if it is small and matches the whole text.
    small: Option<Arc<Small>>,
}

/// A pattern that may have few states; they are computed when the first text arrives.
#[derive(Debug)]
struct Small {
    pattern: String,
    automaton: OnceLock<Option<Automaton>>,
}

impl Pattern {
    /// Compiles a pattern that must match the whole text, or (without `whole`) somewhere in it.
    ///
    /// # Errors
    /// What is wrong with the pattern, and where.
    pub fn compile(pattern: &str, whole: bool) -> Result<Self, PatternError> {
        if pattern.len() > MAX_BYTES {
            return Err(PatternError::TooLong { bytes: pattern.len() });
        }
        let parsed = ParserBuilder::new()
            .nest_limit(MAX_DEPTH)
            .build()
            .parse_with_comments(pattern)
            .map_err(|error| PatternError::of_syntax(error.kind(), *error.span()))?;
        let mut classes = Vec::new();
        let weight = weight(&parsed.ast, &mut classes);
        if weight > MAX_WEIGHT {
            return Err(PatternError::TooLarge);
        }
        let mut text = in_ascii(pattern, classes);
        if whole {
            // A comment at the end would swallow the bracket.
            let comment = parsed.comments.last().is_some_and(|comment| comment.span.end.offset == pattern.len());
            text = format!(r"\A(?:{text}{})\z", if comment { "\n" } else { "" });
        }
        let regex = RegexBuilder::new(&text)
            .size_limit(MAX_COMPILED)
            .dfa_size_limit(MAX_CACHE)
            .nest_limit(MAX_DEPTH + 4)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => PatternError::TooLarge,
                _ => PatternError::NoSuchClass,
            })?;
        let small = (whole && weight <= MAX_TABLE_WEIGHT)
            .then(|| Arc::new(Small { pattern: text, automaton: OnceLock::new() }));
        Ok(Self { regex, small })
    }

    /// The table of states, if there is one.
    #[inline]
    fn automaton(&self) -> Option<&Automaton> {
        let Small { pattern, automaton } = self.small.as_deref()?;
        automaton.get_or_init(|| Automaton::build(pattern, MAX_DEPTH + 4)).as_ref()
    }

    /// Whether the text matches.
    #[inline]
    pub fn is_match(&self, text: &str) -> bool {
        match self.automaton() {
            Some(automaton) => automaton.is_match(text.as_bytes()),
            None => self.regex.is_match(text),
        }
    }

    /// Matches many texts: `found` is called with the position of each text and whether it matches, in any order. It is
    /// faster than one text after the other.
    pub fn many<'t, F: FnMut(usize, bool)>(&'t self, mut found: F) -> Many<'t, impl FnMut(usize, &'t str, bool)> {
        let found = move |place, _: &'t str, matches| found(place, matches);
        match self.automaton() {
            Some(automaton) => Many::SideBySide(Box::new(Lanes::new(automaton, found))),
            None => Many::OneByOne(&self.regex, found),
        }
    }
}

/// Many texts that are matched with one pattern; see [`Pattern::many`].
#[derive(Debug)]
pub enum Many<'t, F: FnMut(usize, &'t str, bool)> {
    /// With a table of states.
    SideBySide(Box<Lanes<'t, F>>),
    /// With the general engine.
    OneByOne(&'t Regex, F),
}

impl<'t, F: FnMut(usize, &'t str, bool)> Many<'t, F> {
    /// Adds the text at a position.
    #[inline]
    pub fn push(&mut self, place: usize, text: &'t str) {
        match self {
            Self::SideBySide(lanes) => lanes.push(place, text),
            Self::OneByOne(regex, found) => found(place, text, regex.is_match(text)),
        }
    }

    /// Matches the remaining texts.
    pub fn finish(self) {
        if let Self::SideBySide(lanes) = self {
            lanes.finish();
        }
    }
}

/// Why a pattern does not compile, without the pattern itself. Places are characters, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The text of the pattern is too long.
    #[error("the pattern has {bytes} bytes; at most {MAX_BYTES} are allowed")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It looks ahead or behind.
    #[error(
        "look-ahead and look-behind, at character {at}, are not supported: patterns run in linear time; use a second \
         rule with `matches` or `not_matches`"
    )]
    LookAround {
        /// The place.
        at: usize,
    },
    /// It refers back to a group.
    #[error("back-references, at character {at}, are not supported: patterns run in linear time")]
    BackReference {
        /// The place.
        at: usize,
    },
    /// Its groups and classes nest too deeply.
    #[error("the pattern nests deeper than {limit}, at character {at}")]
    TooDeep {
        /// The place.
        at: usize,
        /// How deep they may nest.
        limit: u32,
    },
    /// It is not a regular expression.
    #[error("the pattern is not valid at character {at}: {problem}")]
    Syntax {
        /// The place.
        at: usize,
        /// What is wrong there.
        problem: ErrorKind,
    },
    /// The compiled program would take too much memory.
    #[error(
        "the pattern is too large once compiled; lower its repetition counts (the check `length` bounds the size of a text) \
         or use [a-z] for \\w and \\p{{…}}"
    )]
    TooLarge,
    /// It names a class or a byte that Unicode text does not have.
    #[error("the pattern names a class or a byte that does not exist in Unicode text")]
    NoSuchClass,
}

impl PatternError {
    fn of_syntax(kind: &ErrorKind, span: Span) -> Self {
        let at = span.start.column;
        match kind {
            ErrorKind::UnsupportedLookAround => Self::LookAround { at },
            ErrorKind::UnsupportedBackreference => Self::BackReference { at },
            ErrorKind::NestLimitExceeded(limit) => Self::TooDeep { at, limit: *limit },
            problem => Self::Syntax { at, problem: problem.clone() },
        }
    }
}

/// A rough size of the compiled program: 1 for a character, more for Unicode classes, multiplied by repetitions.
///
/// Collects the `\d \D \s \S` that it finds, with their replacements.
fn weight(ast: &Ast, classes: &mut Vec<(Span, &'static str)>) -> u64 {
    const UNICODE: u64 = 500;
    match ast {
        Ast::Empty(_) | Ast::Flags(_) | Ast::Literal(_) | Ast::Assertion(_) => 1,
        Ast::Dot(_) => 10,
        Ast::ClassUnicode(_) => UNICODE,
        Ast::ClassPerl(class) => match ascii_form(&class.kind, class.negated) {
            Some(form) => {
                classes.push((class.span, form));
                10
            }
            None => UNICODE,
        },
        Ast::ClassBracketed(class) => weight_of_set(&class.kind, classes),
        Ast::Group(group) => weight(&group.ast, classes),
        Ast::Alternation(parts) => parts.asts.iter().map(|ast| weight(ast, classes)).fold(1, u64::saturating_add),
        Ast::Concat(parts) => parts.asts.iter().map(|ast| weight(ast, classes)).fold(1, u64::saturating_add),
        Ast::Repetition(repetition) => {
            let times = match repetition.op.kind {
                RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore | RepetitionKind::OneOrMore => 1,
                RepetitionKind::Range(RepetitionRange::Exactly(count) | RepetitionRange::AtLeast(count)) => {
                    count.max(1)
                }
                RepetitionKind::Range(RepetitionRange::Bounded(_, most)) => most.max(1),
            };
            weight(&repetition.ast, classes).saturating_mul(u64::from(times))
        }
    }
}

fn weight_of_set(set: &ClassSet, classes: &mut Vec<(Span, &'static str)>) -> u64 {
    match set {
        ClassSet::BinaryOp(op) => weight_of_set(&op.lhs, classes).saturating_add(weight_of_set(&op.rhs, classes)),
        ClassSet::Item(item) => weight_of_item(item, classes),
    }
}

fn weight_of_item(item: &ClassSetItem, classes: &mut Vec<(Span, &'static str)>) -> u64 {
    match item {
        ClassSetItem::Unicode(_) => 500,
        ClassSetItem::Perl(class) => match ascii_form(&class.kind, class.negated) {
            Some(form) => {
                classes.push((class.span, form));
                10
            }
            None => 500,
        },
        ClassSetItem::Bracketed(class) => weight_of_set(&class.kind, classes),
        ClassSetItem::Union(union) => {
            union.items.iter().map(|item| weight_of_item(item, classes)).fold(1, u64::saturating_add)
        }
        ClassSetItem::Empty(_) | ClassSetItem::Literal(_) | ClassSetItem::Range(_) | ClassSetItem::Ascii(_) => 1,
    }
}

/// The ASCII class that replaces `\d`, `\D`, `\s` or `\S`, alone or inside brackets.
fn ascii_form(kind: &ClassPerlKind, negated: bool) -> Option<&'static str> {
    Some(match (kind, negated) {
        (ClassPerlKind::Digit, false) => "[0-9]",
        (ClassPerlKind::Digit, true) => "[^0-9]",
        (ClassPerlKind::Space, false) => r"[\t\n\x0B\x0C\r\x20]",
        (ClassPerlKind::Space, true) => r"[^\t\n\x0B\x0C\r\x20]",
        (ClassPerlKind::Word, _) => return None,
    })
}

/// The pattern with its spans replaced.
fn in_ascii(pattern: &str, mut classes: Vec<(Span, &'static str)>) -> String {
    classes.sort_by_key(|(span, _)| span.start.offset);
    let mut text = String::with_capacity(pattern.len() + 16 * classes.len());
    let mut from = 0;
    for (span, form) in classes {
        text.push_str(&pattern[from..span.start.offset]);
        text.push_str(form);
        from = span.end.offset;
    }
    text.push_str(&pattern[from..]);
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(pattern: &str, text: &str) -> bool {
        Pattern::compile(pattern, true).unwrap().is_match(text)
    }

    #[test]
    fn whole_text_and_ascii_classes() {
        for (pattern, text, expected) in [
            (r"\d{3}", "123", true),
            (r"\d{3}", "1234", false),
            (r"\d{3}", "１２３", false),
            (r"[\d-]+", "1-2", true),
            (r"[\d-]+", "１", false),
            (r"[^\d]", "１", true),
            (r"\D", "１", true),
            (r"[\D]", "1", false),
            (r"a\sb", "a b", true),
            (r"a\sb", "a\u{A0}b", false),
            (r"a\Sb", "a\u{A0}b", true),
            (r"[\s\d]+", "1 2", true),
            (r"[\w&&[^\d]]+", "ab", true),
            (r"[\w&&[^\d]]+", "a1", false),
            (r"\w+", "Nguyễn", true),
            (r"a|b", "ab", false),
            (r"a|ab", "ab", true),
            (r"^a$", "a", true),
            (r"a$", "a\n", false),
            (r"(?m)a$", "a\nb", false),
            (r"(?x) a b # both", "ab", true),
            (r"(?x) \d \s", "1 ", true),
            (r"(?i)abc", "ABC", true),
            (r"", "", true),
            (r"", "a", false),
            (r"\\d", r"\d", true),
            (r"\p{Lu}\p{Ll}+", "Ễn", true),
        ] {
            assert_eq!(whole(pattern, text), expected, "{pattern} on {text:?}");
        }
        let inside = Pattern::compile("b", false).unwrap();
        assert!(inside.is_match("abc") && !inside.is_match("ac"));
    }

    #[test]
    fn bad_patterns_have_one_clear_message() {
        for (pattern, word) in [
            ("(a", "character 1"),
            ("a(?=b)", "look-ahead"),
            ("(?<!a)b", "look-behind"),
            (r"(a)\1", "back-references"),
            (r"\w{500}", "too large"),
            ("(?:a{1000}){1000}", "too large"),
            ("(?:(?:(?:a{900}){900}){900}){900}", "too large"),
            ("a{2,1}", "character"),
            ("[z-a]", "character"),
            (r"\p{Nonsense}", "class"),
            ("a)(b", "character 2"),
            ("*", "character 1"),
        ] {
            let error = Pattern::compile(pattern, true).unwrap_err().to_string();
            assert!(error.contains(word) && !error.contains('\n'), "{pattern}: {error}");
        }
        assert!(Pattern::compile(&"a".repeat(1_001), true).unwrap_err().to_string().contains("1000"));
        assert!(Pattern::compile(&"(".repeat(900), true).is_err());
        assert!(Pattern::compile(&format!("{}a{}", "(".repeat(400), ")".repeat(400)), true).is_err());
    }

    #[test]
    fn patterns_of_real_suites_fit_the_limits() {
        for pattern in
            [r"\d{12}", r"[\p{L} .'-]{2,50}", r"0[35789]\d{8}", r"[A-Z]{2}\d{13}", r".{1,500}", r"\w+@\w+(\.\w+)+"]
        {
            assert!(Pattern::compile(pattern, true).is_ok(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn no_pattern_panics(pattern in "\\PC*|[\\\\dDsSwWabn()\\[\\]{}|*+?^$&~0-9,:<!= #-]{0,30}", text in "\\PC*") {
            if let Ok(pattern) = Pattern::compile(&pattern, true) {
                let _ = pattern.is_match(&text);
            }
        }

        #[test]
        fn tables_of_states_match_as_the_general_engine(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "a", "b", "é", "0", "[0-9]", r"\d", ".", "[ab]", "[^a]", "?", "*", "+", "{2}", "{1,3}", "|", "(", ")",
                    "(a|b[0-9])+",
                ]),
                0..9,
            ),
            texts in proptest::collection::vec("[ab0-3é.]{0,9}", 0..30)
        ) {
            let pattern = parts.concat();
            if let Ok(pattern) = Pattern::compile(&pattern, true) {
                let mut each = vec![None; texts.len()];
                let mut many = pattern.many(|at, matches| each[at] = Some(matches));
                texts.iter().enumerate().for_each(|(at, text)| many.push(at, text));
                many.finish();
                for (text, each) in texts.iter().zip(each) {
                    prop_assert_eq!(Some(pattern.regex.is_match(text)), each);
                    prop_assert_eq!(Some(pattern.is_match(text)), each);
                }
            }
        }

        #[test]
        fn ascii_texts_match_as_in_the_plain_crate(
            pattern in "(\\\\d|\\\\D|\\\\s|\\\\S|[ab1 ]|\\[\\\\d[ab]*\\]|\\[\\^\\\\s1-3\\]|\\[[ab]*\\\\S-\\]|\\|){0,6}[*+?]?", text in "[ab12 -]{0,6}"
        ) {
            let plain = Regex::new(&format!(r"\A(?:{pattern})\z"));
            match (Pattern::compile(&pattern, true), plain) {
                (Ok(ours), Ok(plain)) => prop_assert_eq!(ours.is_match(&text), plain.is_match(&text)),
                (ours, plain) => prop_assert_eq!(ours.is_err(), plain.is_err()),
            }
        }
    }
}
