//! How numbers and booleans are written: the keys that suite, dataset and column share.

use std::collections::BTreeSet;

use super::diagnostic::{Faults, quoted};
use super::fields::{self, Field, field};
use super::yaml::Node;
use crate::model::{Grouping, Notation};
use crate::scalar::is_blank;

/// The keys about numbers.
pub(super) const NUMBERS: [Field; 5] = [
    field("decimal", "The sign before the decimal places of numbers in text: \".\" (default) or \",\""),
    field("thousands", "The sign between groups of three digits: \".\", \",\", \" \", \"'\", \"_\" or none (default)"),
    field("strip", "Signs beside numbers that do not belong to them, such as \"%\", \"€\" or VND"),
    field("brackets", "Whether numbers in brackets are negative, as in accounts: negative or none (default)"),
    field("minus", "Where the minus of a number is: leading (default), or trailing, which takes both"),
];

/// The keys about booleans.
pub(super) const BOOLEANS: [Field; 2] = [
    field("true", "The words that mean true in boolean columns, in place of the usual ones"),
    field("false", "The words that mean false in boolean columns, in place of the usual ones; \"\" is an empty cell"),
];

/// Whether a key is about the writing of numbers and booleans.
pub(super) fn is_notation(name: &str) -> bool {
    NUMBERS.iter().chain(&BOOLEANS).any(|field| field.name == name)
}

/// The values of `brackets`, and whether such numbers are negative.
pub(super) const BRACKETS: [(&str, bool); 2] = [("negative", true), ("none", false)];

/// The values of `minus`, and whether it may trail.
pub(super) const MINUS: [(&str, bool); 2] = [("leading", false), ("trailing", true)];

/// What is declared in one place; `get` gives the value of a key there.
pub(super) fn read<'n>(get: impl Fn(&str) -> Option<&'n Node>, faults: &mut Faults) -> Notation {
    Notation {
        decimal: get("decimal").and_then(|node| decimal(node, faults)),
        thousands: get("thousands").and_then(|node| thousands(node, faults)),
        strip: get("strip").map(|node| strip(node, faults)),
        brackets: get("brackets").and_then(|node| fields::choice(node, "`brackets`", &BRACKETS, faults)),
        trailing_minus: get("minus").and_then(|node| fields::choice(node, "`minus`", &MINUS, faults)),
        yes: get("true").map(|node| words(node, "`true`", faults)),
        no: get("false").map(|node| words(node, "`false`", faults)),
    }
}

/// What is declared in one place and further out, checked where something is declared here: `get` gives the keys here.
pub(super) fn settle<'n>(
    own: Notation,
    outer: &Notation,
    get: impl Fn(&str) -> Option<&'n Node>,
    faults: &mut Faults,
) -> Notation {
    let declares_sign = own.thousands.is_some() || own.decimal.is_some();
    let notation = own.within(outer);
    check(&notation, declares_sign, get, faults);
    notation
}

fn check<'n>(notation: &Notation, declares_sign: bool, get: impl Fn(&str) -> Option<&'n Node>, faults: &mut Faults) {
    let first = |keys: &[Field]| keys.iter().find_map(|field| get(field.name));
    let decimal = notation.decimal.unwrap_or(Notation::POINT);
    if let Some(node) = get("thousands").or_else(|| get("decimal"))
        && declares_sign
        && notation.thousands == Some(Grouping::Sign(decimal))
    {
        let other = if decimal == ',' { '.' } else { ',' };
        let message = format!("{} is both the decimal sign and the sign between groups", quoted(&decimal.to_string()));
        faults.help(node.span, message, Some(format!("write `decimal: \"{other}\"` beside it")));
    }
    if let Some(node) = first(&NUMBERS) {
        for sign in notation.strip.iter().flatten() {
            let mut chars = sign.chars();
            let is_own = |c: char| c == decimal || notation.thousands.is_some_and(|grouping| grouping.is(c));
            if chars.next().is_some_and(is_own) && chars.next().is_none() {
                let message = format!("`strip` contains {}, which belongs to the numbers", quoted(sign));
                faults.at(get("strip").unwrap_or(node).span, message);
            }
        }
    }
    let Some(node) = first(&BOOLEANS) else { return };
    let none = BTreeSet::new();
    let (yes, no) = (notation.yes.as_ref().unwrap_or(&none), notation.no.as_ref().unwrap_or(&none));
    for (words, name, other) in [(yes, "true", "false"), (no, "false", "true")] {
        if words.is_empty() {
            let help = format!("write the words for both, such as `{name}: [x], {other}: [\"\"]`");
            faults.help(node.span, format!("`{other}` is declared without `{name}`"), Some(help));
        }
    }
    for word in yes.intersection(no) {
        faults.at(node.span, format!("{} is declared both `true` and `false`", quoted(word)));
    }
}

fn decimal(node: &Node, faults: &mut Faults) -> Option<char> {
    match fields::text(node, "`decimal`", faults)? {
        "." => Some('.'),
        "," => Some(','),
        other => {
            refuse(node, "`decimal` takes `\".\"` or `\",\"`", "decimal", other, faults);
            None
        }
    }
}

fn thousands(node: &Node, faults: &mut Faults) -> Option<Grouping> {
    let text = fields::text(node, "`thousands`", faults)?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        _ if text == "none" => Some(Grouping::None),
        (Some(sign @ ('.' | ',' | '_')), None) => Some(Grouping::Sign(sign)),
        (Some(sign), None) if Grouping::Space.is(sign) => Some(Grouping::Space),
        (Some(sign), None) if Grouping::Apostrophe.is(sign) => Some(Grouping::Apostrophe),
        _ => {
            let expected = "`thousands` takes `\".\"`, `\",\"`, `\" \"`, `\"'\"`, `\"_\"` or `none`";
            refuse(node, expected, "thousands", text, faults);
            None
        }
    }
}

/// Refuses a sign, with the sign that a word names.
fn refuse(node: &Node, expected: &str, key: &str, text: &str, faults: &mut Faults) {
    let meant = match text.trim().to_lowercase().as_str() {
        "point" | "dot" | "period" | "full stop" => Some('.'),
        "comma" => Some(','),
        "space" | "blank" | "nbsp" if key == "thousands" => Some(' '),
        "apostrophe" | "quote" if key == "thousands" => Some('\''),
        "underscore" if key == "thousands" => Some('_'),
        _ => None,
    };
    let help = meant.map(|sign| format!("write `{key}: \"{sign}\"`"));
    faults.help(node.span, format!("{expected}, not {}", quoted(text)), help);
}

fn strip(node: &Node, faults: &mut Faults) -> BTreeSet<String> {
    let mut signs = BTreeSet::new();
    for (sign, span) in fields::texts(node, "`strip`", faults) {
        let fault = match sign.as_str() {
            _ if sign.chars().all(is_blank) => "is blank",
            "+" | "-" => "is the sign of a number: a minus behind the number is declared with `minus: trailing`",
            "(" | ")" => "is a bracket: numbers in brackets are declared with `brackets: negative`",
            _ if sign.contains(|c: char| c.is_ascii_digit()) => "has a digit, which belongs to the numbers",
            _ if sign.starts_with(is_blank) || sign.ends_with(is_blank) => {
                "begins or ends with a space; spaces between a number and a sign are allowed anyway"
            }
            _ => {
                signs.insert(sign);
                continue;
            }
        };
        faults.at(span, format!("`strip` takes signs beside a number; {} {fault}", quoted(&sign)));
    }
    signs
}

fn words(node: &Node, what: &str, faults: &mut Faults) -> BTreeSet<String> {
    fields::texts(node, what, faults).into_iter().map(|(word, _)| word).collect()
}
