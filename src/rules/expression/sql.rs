//! Runs the SQL parser within the limits of the language, and puts its errors in words.

use sqlparser::ast::Expr;
use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};
use unicode_normalization::char::is_combining_mark;

use super::error::ExprError;
use super::limits::{MAX_BYTES, MAX_DEPTH, MAX_NODES};
use super::place::{Place, Places};

/// The most tokens of an expression: enough for every expression of [`MAX_NODES`] parts that people write.
const MAX_TOKENS: usize = 2 * MAX_NODES;

/// Plain SQL: names in double quotes or backticks, backslashes are plain characters, no extensions.
#[derive(Debug)]
struct PlainSql;

impl Dialect for PlainSql {
    fn is_delimited_identifier_start(&self, c: char) -> bool {
        matches!(c, '"' | '`')
    }

    fn is_identifier_start(&self, c: char) -> bool {
        c.is_alphabetic() || c == '_'
    }

    fn is_identifier_part(&self, c: char) -> bool {
        c.is_alphanumeric() || c == '_' || is_combining_mark(c)
    }
}

/// Runs the parser within the limits of the language.
pub(super) fn parse_sql(text: &str, places: &Places<'_>) -> Result<Expr, ExprError> {
    if text.len() > MAX_BYTES {
        let message = format!("the expression has {} bytes; at most {MAX_BYTES} are allowed", text.len());
        return Err(ExprError::new(places.whole(), message).help("split it into several rules"));
    }
    if let Some(error) = typographic_quote(text) {
        return Err(error);
    }
    let tokens = Tokenizer::new(&PlainSql, text).tokenize_with_location().map_err(|error| {
        let at = places.offset(error.location).unwrap_or(text.len());
        ExprError::new(Place { at, len: 0 }, lower_first(&error.message))
    })?;
    check_tokens(&tokens, places)?;
    // Brackets are counted above; this guards what nests without them.
    let mut parser = Parser::new(&PlainSql).with_recursion_limit(4 * MAX_DEPTH).with_tokens_with_locations(tokens);
    let tree = parser.parse_expr().map_err(|error| syntax_error(error, text, places))?;
    let next = parser.peek_token();
    if next.token != Token::EOF {
        if let Some(error) = spaced_name(text, places.of(next.span).at) {
            return Err(error);
        }
        let message = format!("`{}` comes after the end of the expression", short(&next.token.to_string()));
        return Err(ExprError::new(places.of(next.span), message).help("join conditions with `and` or `or`"));
    }
    Ok(tree)
}

/// Words that no name of several words goes over.
const CONNECTIVES: &[&str] = &[
    "and", "or", "not", "in", "is", "null", "between", "like", "case", "when", "then", "else", "end", "cast", "as",
    "true", "false",
];

/// Says that several words in a row, the last or a later one of them at `at`, are one name.
fn spaced_name(text: &str, at: usize) -> Option<ExprError> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-') || is_combining_mark(c);
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(is_part) && !CONNECTIVES.contains(&word.to_lowercase().as_str())
    };
    let (before, after) = (text.get(..at)?, text.get(at..)?);
    // Back over words that are separated by white space, then forward.
    let mut start = at;
    loop {
        let rest = before[..start].trim_end();
        let word = rest
            .rfind(|c| !is_part(c))
            .map_or(rest, |gap| &rest[gap + rest[gap..].chars().next().map_or(1, char::len_utf8)..]);
        // A number before a word is a value.
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        if rest.len() == start || is_number || !is_word(word) {
            break;
        }
        start = rest.len() - word.len();
    }
    let mut end = at;
    loop {
        let rest = &text[end..];
        let gap = rest.len() - rest.trim_start().len();
        let word = &rest[gap..];
        let word = &word[..word.find(|c| !is_part(c)).unwrap_or(word.len())];
        if (end > at && gap == 0) || !is_word(word) {
            break;
        }
        end += gap + word.len();
    }
    if start == at || end == at || after.starts_with(char::is_whitespace) {
        return None;
    }
    let name = &text[start..end];
    let place = Place { at: start, len: end - start };
    let words: Vec<&str> = name.split_whitespace().collect();
    let last = words.last().copied().unwrap_or_default();
    let ahead = words[..words.len() - 1].join(" ");
    let message = format!("`{}` comes directly after `{}`", short(last), short(&ahead));
    let help = if text[..start].trim_end().ends_with(['=', '<', '>']) {
        format!("if it is text, write it in single quotes: '{name}'; if it is one column, in double quotes: \"{name}\"")
    } else {
        format!("{}; join conditions with `and` or `or`", name_in_quotes(text, place))
    };
    Some(ExprError::new(place, message).help(help))
}

/// How a name that is no plain word is written.
pub(super) fn name_in_quotes(text: &str, place: Place) -> String {
    const LONGEST: usize = 80;
    let (before, rest) = text.split_at(place.at.min(text.len()));
    let (name, after) = rest.split_at(place.len.min(rest.len()));
    let quoted = format!("if `{0}` is one column, put its name in double quotes: \"{0}\"", short(name));
    if before.trim().is_empty() && text.len() <= LONGEST {
        // YAML ends a value that begins with a quote at the next one.
        format!("{quoted}, and the expression in brackets: (\"{name}\"{})", after.trim_end())
    } else {
        quoted
    }
}

/// Refuses the quotes of a word processor outside of texts and names.
fn typographic_quote(text: &str) -> Option<ExprError> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '\'' | '"' | '`') => quote = Some(c),
            None if matches!(c, '‘' | '’' | '“' | '”' | '„' | '‚') => {
                let error =
                    ExprError::new(Place { at, len: c.len_utf8() }, format!("`{c}` is a quote of a word processor"));
                return Some(error.help(
                    "write text in straight single quotes, 'x', and names of columns in straight double quotes",
                ));
            }
            _ => {}
        }
    }
    None
}

/// Refuses what is too large, what nests too deep, and comments.
fn check_tokens(tokens: &[TokenWithSpan], places: &Places<'_>) -> Result<(), ExprError> {
    // Signs and `not` in a row nest as brackets do.
    let (mut count, mut depth, mut prefixes) = (0, 0_usize, 0_usize);
    for token in tokens {
        match &token.token {
            Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)) => {
                // `a --1` would hide the rest of the condition.
                let message = "a comment in an expression hides the rest of it";
                return Err(ExprError::new(places.of(token.span), message)
                    .help("write a space between two minus signs, and comments as `# …` in the suite"));
            }
            Token::Whitespace(_) => continue,
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::Word(word) if word.keyword == Keyword::CASE => depth += 1,
            Token::Word(word) if word.keyword == Keyword::END => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is_not = matches!(&token.token, Token::Word(word) if word.keyword == Keyword::NOT);
        prefixes = if is_not || matches!(token.token, Token::Plus | Token::Minus) { prefixes + 1 } else { 0 };
        count += 1;
        if depth.max(prefixes) > MAX_DEPTH {
            return Err(too_deep(places.of(token.span)));
        }
        if count > MAX_TOKENS {
            return Err(too_large(places.of(token.span)));
        }
    }
    match count {
        0 => Err(ExprError::new(places.whole(), "the expression is empty")),
        _ => Ok(()),
    }
}

pub(super) fn too_deep(place: Place) -> ExprError {
    ExprError::new(
        place,
        format!("the expression nests too deep; at most {MAX_DEPTH} brackets within brackets are allowed"),
    )
}

pub(super) fn too_large(place: Place) -> ExprError {
    ExprError::new(place, format!("the expression has more than {MAX_NODES} parts")).help("split it into several rules")
}

/// An error of the parser with its place, which is only in its text.
fn syntax_error(error: ParserError, text: &str, places: &Places<'_>) -> ExprError {
    let message = match error {
        ParserError::RecursionLimitExceeded => return too_deep(places.whole()),
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => message,
    };
    let (message, location) = match message.rsplit_once(" at Line: ") {
        Some((message, location)) => (message, location_of(location)),
        None => (message.as_str(), None),
    };
    let place = match location.and_then(|location| places.offset(location)) {
        Some(at) => {
            if let Some(error) = spaced_name(text, at) {
                return error;
            }
            let rest = &text[at..];
            Place { at, len: rest.find(char::is_whitespace).unwrap_or(rest.len()) }
        }
        None => places.end(),
    };
    let message = match message.strip_prefix("Expected: ").and_then(|rest| rest.rsplit_once(", found: ")) {
        Some((expected, "EOF")) => format!("the expression ends where {expected} is expected"),
        Some((expected, found)) => format!("`{}` is found where {expected} is expected", short(found)),
        None => lower_first(message),
    };
    ExprError::new(place, message)
}

/// Reads `3, Column: 7`.
fn location_of(text: &str) -> Option<Location> {
    let (line, column) = text.split_once(", Column: ")?;
    Some(Location::new(line.parse().ok()?, column.parse().ok()?))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// At most forty characters of a text, in one line.
pub(super) fn short(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(41).collect();
    if line.chars().count() > 40 { format!("{}…", line.chars().take(40).collect::<String>()) } else { line }
}
