//! The keys and values of one JSON object.

use std::borrow::Cow;

use memchr::memchr2;
use serde::de::IgnoredAny;

use crate::model::nfc;

/// A key whose letters are composed with their marks, as names of columns are.
pub(super) fn composed(key: Cow<'_, str>) -> Cow<'_, str> {
    match nfc(&key) {
        Cow::Owned(name) => Cow::Owned(name),
        Cow::Borrowed(_) => key,
    }
}

/// Calls `visit` with each key of an object and the JSON of its value, `None` for null; `false` where the text is not one
/// whole object.
pub(super) fn members<'t>(text: &'t str, mut visit: impl FnMut(Cow<'t, str>, Option<&'t str>)) -> bool {
    let mut rest = text.trim_matches(JSON_SPACE);
    let mut step = |visit: &mut dyn FnMut(Cow<'t, str>, Option<&'t str>)| -> Option<bool> {
        rest = rest.strip_prefix('{')?.trim_start_matches(JSON_SPACE);
        if let Some(end) = rest.strip_prefix('}') {
            return Some(end.is_empty());
        }
        loop {
            let (key, length) = leading_key(rest)?;
            rest = rest.get(length..)?.trim_start_matches(JSON_SPACE).strip_prefix(':')?.trim_start_matches(JSON_SPACE);
            let (_, length) = leading::<IgnoredAny>(rest)?;
            let value = rest.get(..length)?;
            // Escapes are not looked at when a value is passed over.
            if value.starts_with('"') && value.contains('\\') {
                serde_json::from_str::<String>(value).ok()?;
            }
            visit(key, (value != "null").then_some(value));
            rest = rest.get(length..)?.trim_start_matches(JSON_SPACE);
            if let Some(end) = rest.strip_prefix('}') {
                return Some(end.is_empty());
            }
            rest = rest.strip_prefix(',')?.trim_start_matches(JSON_SPACE);
        }
    };
    step(&mut visit) == Some(true)
}

/// The white space of JSON.
const JSON_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The key at the start of the text, and how long it is as written.
fn leading_key(text: &str) -> Option<(Cow<'_, str>, usize)> {
    let inner = text.strip_prefix('"')?;
    let end = memchr2(b'"', b'\\', inner.as_bytes())?;
    if inner.as_bytes().get(end) == Some(&b'"') {
        let key = inner.get(..end)?;
        return key.bytes().all(|byte| byte >= b' ').then_some((Cow::Borrowed(key), end + 2));
    }
    leading::<String>(text).map(|(key, length)| (Cow::Owned(key), length))
}

/// The value at the start of the text, and how long it is.
fn leading<T: serde::de::DeserializeOwned>(text: &str) -> Option<(T, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}
