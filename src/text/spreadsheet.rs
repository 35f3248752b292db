//! The damage that spreadsheets do to cells.

/// Errors of formulas, as spreadsheets write them in English, German, French, Spanish, Italian, Portuguese, Polish and Russian.
const ERRORS: &str = " #REF! #N/A #VALUE! #DIV/0! #NAME? #NUM! #NULL! #SPILL! #CALC! #FIELD! #BUSY! #CONNECT! #BLOCKED! #UNKNOWN! \
                      #GETTING_DATA #BEZUG! #WERT! #ZAHL! #NV #ÜBERLAUF! #VALEUR! #NOMBRE! #NOM? #NUL! #¡REF! #¡VALOR! #¡NUM! \
                      #¡DIV/0! #¡NULO! #¿NOMBRE? #RIF! #VALORE! #NOME? #NULLO! #N/D #VALOR! #NÚM! #NULO! #ADR! #ARG! #NAZWA? \
                      #LICZBA! #N/D! #ССЫЛКА! #ЗНАЧ! #ДЕЛ/0! #ИМЯ? #ЧИСЛО! #Н/Д #ПУСТО! ";

/// Whether the whole cell is a formula error, a number written with an exponent, a column too narrow for its number, or
/// a number kept as text by a sign before it.
pub(super) fn is_damage(text: &str) -> bool {
    let text = text.trim_matches(' ');
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let quoted = |text: &str| {
        text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).is_some_and(|inner| !inner.contains('"'))
    };
    match text.as_bytes().first() {
        Some(b'#') => is_error(text) || (text.len() >= 4 && text.bytes().all(|byte| byte == b'#')),
        Some(b'=') => quoted(&text[1..]) || digits(&text[1..]) || is_formula(&text[1..]),
        Some(b'\'') => is_number(&text[1..]),
        Some(b'-' | b'0'..=b'9') => is_exponent(text),
        _ => false,
    }
}

fn is_error(text: &str) -> bool {
    !text.contains(' ') && ERRORS.split(' ').any(|error| error == text)
}

/// A cell or a function: `A1+B1`, `SUM(A1:A9)`.
fn is_formula(text: &str) -> bool {
    let name = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let behind = text.as_bytes().get(name);
    (1..=20).contains(&name) && behind.is_some_and(|byte| *byte == b'(' || (name <= 3 && byte.is_ascii_digit()))
}

/// Digits, or a telephone number of some length with a plus before it or signs between.
fn is_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let rest = text.strip_prefix('+').unwrap_or(text);
    let dialled = digits >= 7 && rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'.' | b'-'));
    dialled || (digits > 0 && digits == text.len())
}

/// `1.2E+11`, as spreadsheets show long numbers.
fn is_exponent(text: &str) -> bool {
    let number = text.strip_prefix('-').unwrap_or(text);
    // One digit is before the point, so the second character decides for most texts.
    if !matches!(number.as_bytes(), [_, b'.' | b',' | b'E', ..]) {
        return false;
    }
    let Some((mantissa, exponent)) = number.split_once("E+") else { return false };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    let digits =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole, 1) && digits(fraction, 14) && exponent.len() >= 2 && digits(exponent, 3)
}
