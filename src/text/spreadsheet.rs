//! What spreadsheets leave in cells.

/// Errors of formulas.
const ERRORS: [&str; 11] = [
    "#REF!",
    "#N/A",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#GETTING_DATA",
];

/// Whether the whole cell is an error of a formula, a number written with an exponent, a column too narrow for its number,
/// or a number kept as text by a sign before it.
pub(super) fn is_damage(text: &str) -> bool {
    let text = text.trim_matches(' ');
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let quoted = || {
        let inner = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
        inner.is_some_and(|inner| !inner.contains('"')) || text.strip_prefix('\'').is_some_and(digits)
    };
    match text.as_bytes().first() {
        Some(b'#') => ERRORS.contains(&text) || (text.len() >= 4 && text.bytes().all(|byte| byte == b'#')),
        Some(b'=' | b'\'') => quoted(),
        Some(b'-' | b'0'..=b'9') => is_exponent(text),
        _ => false,
    }
}

/// `1.2E+11`, as spreadsheets show long numbers.
fn is_exponent(text: &str) -> bool {
    let number = text.strip_prefix('-').unwrap_or(text);
    // One digit stands before the point, so most texts are told by their second character.
    if !matches!(number.as_bytes(), [_, b'.' | b',' | b'E', ..]) {
        return false;
    }
    let Some((mantissa, exponent)) = number.split_once("E+") else { return false };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    let digits =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole, 1) && digits(fraction, 14) && exponent.len() >= 2 && digits(exponent, 3)
}
