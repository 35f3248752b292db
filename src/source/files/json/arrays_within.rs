//! Arrays of objects inside of a document that is no array, for the message that says what to declare.

use super::document::Document;
use super::place::RecordsPath;
use crate::source::error::Problem;

/// Names on the way to an array that is proposed.
const MAX_NAMES: usize = 4;

/// The most arrays that are proposed.
const MOST: usize = 6;

/// Bytes of the document that are looked at.
const LOOKED_AT: u64 = 256 << 20;

/// Why a document that does not start with an array has no records, and what to declare.
pub(super) fn no_array(document: Document) -> Problem {
    let mut document = document.limited(LOOKED_AT);
    match document.token() {
        Ok(Some(b'{')) => {}
        Ok(_) => return Problem::foreign("is not a JSON document with an array of objects"),
        Err(problem) => return problem,
    }
    let mut found = Vec::new();
    let outcome = look(&mut document, &mut Vec::new(), &mut found);
    let another = outcome.is_ok() && matches!(document.token(), Ok(Some(b'{')));
    let declare = |path: &RecordsPath| {
        let path = path.to_string();
        let is_plain = path.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_'));
        if is_plain { format!("`records: {path}`") } else { format!("`records: '{}'`", path.replace('\'', "''")) }
    };
    match (found.as_slice(), outcome) {
        _ if another => Problem::foreign("is not one JSON document but one a line: declare `format: ndjson`"),
        ([], Err(problem)) => problem,
        ([], Ok(())) => Problem::foreign(
            "is one object without an array of objects: the records of a JSON document are an array of objects",
        ),
        ([one], _) => {
            Problem::Declaration(format!("is an object, and the records are inside of it: declare {}", declare(one)))
        }
        (several, _) => {
            let several: Vec<String> = several.iter().take(MOST).map(declare).collect();
            Problem::Declaration(format!(
                "is an object with several arrays of objects: declare which one holds the records, {}",
                several.join(" or ")
            ))
        }
    }
}

/// Reads an object and collects the arrays of objects in it.
fn look(document: &mut Document, path: &mut Vec<String>, found: &mut Vec<RecordsPath>) -> Result<(), Problem> {
    document.take(b'{');
    if document.token()? == Some(b'}') {
        document.take(b'}');
        return Ok(());
    }
    loop {
        path.push(document.key()?);
        match document.token()? {
            Some(b'{') if path.len() < MAX_NAMES => look(document, path, found)?,
            Some(b'[') => {
                document.take(b'[');
                match document.token()? {
                    Some(b']') => document.take(b']'),
                    Some(b'{') => {
                        if found.len() < MOST {
                            found.push(RecordsPath(path.clone()));
                        }
                        document.skip_elements()?;
                    }
                    _ => document.skip_elements()?,
                }
            }
            _ => document.skip_value()?,
        }
        path.pop();
        match document.token()? {
            Some(b',') => document.take(b','),
            Some(b'}') => {
                document.take(b'}');
                return Ok(());
            }
            other => return Err(document.unexpected(other)),
        }
    }
}
