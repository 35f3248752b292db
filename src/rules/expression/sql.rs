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
        let message = format!("`{}` comes after the end of the expression", short(&next.token.to_string()));
        return Err(ExprError::new(places.of(next.span), message).help("join conditions with `and` or `or`"));
    }
    Ok(tree)
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
