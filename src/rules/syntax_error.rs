//! What to do about a file that is not valid YAML: the usual causes, told by the line.

use crate::checks::CHECKS;

/// Keys that are not parameters of checks, for telling a key from a word of a text.
const KEYS: &[&str] = &[
    "suite",
    "title",
    "source",
    "columns",
    "column",
    "rules",
    "check",
    "id",
    "where",
    "at_least",
    "at_most",
    "warn",
    "segment",
    "because",
    "fix",
    "owner",
    "tags",
    "severity",
    "weight",
    "dimension",
    "type",
    "format",
    "missing",
    "allow",
    "pii",
    "describe",
    "each",
    "path",
    "delimiter",
    "encoding",
    "codelist",
    "as",
    "key",
];

/// Keys whose value is a pattern.
const PATTERNS: &[&str] = &["matches", "not_matches", "pattern", "regex"];

/// Keys whose value is an expression.
const EXPRESSIONS: &[&str] = &["that", "where", "when", "then"];

/// What to do about a syntax error in line `number` (from 1), before the character `column` (from 1) of it.
pub(super) fn advice(info: &str, text: &str, number: usize, column: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let line = lines.get(number.saturating_sub(1)).copied().unwrap_or_default();
    let above = lines[..number.saturating_sub(1).min(lines.len())].iter().rev().find(|line| !is_blank(line)).copied();
    let fixed = |advice: &str| Some(advice.to_owned());
    if line.starts_with('\t') || line.trim_start_matches(' ').starts_with('\t') {
        return fixed("indent with spaces: YAML allows no tabs there");
    }
    if line.contains("${") && line.contains('{') {
        return fixed("inside `{ … }` or `[ … ]` a placeholder needs quotes: \"${name}\"");
    }
    if line.contains(['“', '”', '‘', '’', '„', '«', '»']) {
        return fixed("write straight quotes, ' or \", instead of those of a word processor");
    }
    if info.contains("escape") {
        return Some(escape(line, column));
    }
    if let Some(advice) =
        [Some(line), above].into_iter().flatten().find_map(|line| pattern(line).or_else(|| quoted_start(line)))
    {
        return Some(advice);
    }
    if let Some((key, value)) = [Some(line), above].into_iter().flatten().find_map(without_space) {
        return Some(format!("put a space after the colon: `{key}: {value}`"));
    }
    let before: String = line.chars().take(column.saturating_sub(1)).collect();
    let at = line.get(before.len()..).unwrap_or_default();
    if info.contains("expected ',' or") {
        if let Some(above) = above.filter(|above| is_open(above) && !is_flow_part(&before)) {
            return Some(format!("close the bracket that is open at the end of the line above: {}", closed(above)));
        }
        if at.starts_with(':') {
            return Some(second_colon(&before, at));
        }
        return fixed("put a comma between entries, and quotes around text with `: ` or any of [ ] { } ,");
    }
    if info.contains("mapping values are not allowed") {
        let deeper = above.filter(|above| indent(line) > indent(above) && above.contains(": ") && is_key(line));
        return match deeper {
            Some(above) => Some(format!(
                "indent this line as far as the line above, with {} spaces: that one has its value already",
                indent(above)
            )),
            None => match line.split_once(": ") {
                Some((key, value)) if value.contains(": ") => {
                    Some(format!("put quotes around text with `: `: {}: {}", key.trim(), in_quotes(value.trim())))
                }
                _ => fixed("put quotes around text with `: `"),
            },
        };
    }
    if info.contains("'-' indicator") || info.contains("expected <block end>") || info.contains("expected key") {
        return fixed(
            "indent this line as far as the keys that it belongs to; the keys of a rule begin below its `check`, after `- `",
        );
    }
    if info.contains("cannot start any token") {
        return fixed("put quotes around text that begins with a sign such as @, % or `");
    }
    None
}

fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|c| *c == ' ').count()
}

/// Whether the line is a key with or without its value.
fn is_key(line: &str) -> bool {
    let key = line.trim_start().trim_start_matches("- ").split(':').next().unwrap_or_default();
    line.contains(':') && !key.is_empty() && !key.contains(['{', '"', '\''])
}

/// Whether a bracket is open at the end of the line.
fn is_open(line: &str) -> bool {
    let count = |signs: [char; 2]| line.chars().filter(|c| signs.contains(c)).count();
    count(['{', '[']) > count(['}', ']'])
}

/// Whether the text continues a mapping that began in its line.
fn is_flow_part(before: &str) -> bool {
    before.contains('{') || before.contains('[')
}

/// The line with its brackets closed.
fn closed(line: &str) -> String {
    let mut open = Vec::new();
    for c in line.chars() {
        match c {
            '{' => open.push(" }"),
            '[' => open.push("]"),
            '}' | ']' => drop(open.pop()),
            _ => {}
        }
    }
    let ends: String = open.into_iter().rev().collect();
    format!("{}{ends}", line.trim().trim_end_matches(','))
}

/// A word that can only be a key.
fn is_known_key(word: &str) -> bool {
    let mut params =
        CHECKS.iter().flat_map(|check| check.params().iter().map(|param| param.name).chain([check.name()]));
    KEYS.contains(&word) || params.any(|name| name == word)
}

/// An unknown escape in double quotes: the text belongs into single quotes.
fn escape(line: &str, column: usize) -> String {
    let advice = "write patterns in single quotes: inside double quotes `\\` begins an escape";
    let start: String = line.chars().take(column).collect();
    let written = start.rfind('"').and_then(|at| line.get(at + 1..)).and_then(|rest| rest.split_once('"'));
    match written {
        Some((pattern, _)) if !pattern.is_empty() => format!("{advice}: {}", in_quotes(pattern)),
        _ => advice.to_owned(),
    }
}

/// A pattern without quotes.
fn pattern(line: &str) -> Option<String> {
    let (key, value) = PATTERNS.iter().find_map(|key| Some((*key, value_of(line, key)?)))?;
    let is_plain = !value.starts_with(['\'', '"', '$']) && !value.is_empty();
    let is_special =
        value.contains(['{', '}', '[', ']', ',']) || value.starts_with(['*', '&', '!', '|', '>', '%', '@', '`', '?']);
    // A mapping of parameters.
    let is_mapping = value.starts_with('{') && value.contains(": ");
    (is_plain && is_special && !is_mapping)
        .then(|| format!("put the pattern in single quotes: {key}: {}", in_quotes(value)))
}

/// A value that begins with a quote and goes on after the closing one.
fn quoted_start(line: &str) -> Option<String> {
    let is_cut = |value: &str| {
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let rest = quote.and_then(|quote| value[1..].split_once(quote)).map(|(_, rest)| rest.trim());
        rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with([',', '}', ']', '#', ':']))
    };
    let (key, value) = EXPRESSIONS.iter().find_map(|key| Some((*key, value_of(line, key)?)))?;
    is_cut(value).then(|| {
        format!("YAML ends a value that begins with a quote at the next one: put the expression in brackets: {key}: ({value})")
    })
}

/// The value of a key in a line, up to the end of its mapping or the next known key.
fn value_of<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let at = line.match_indices(key).map(|(at, _)| at).find(|at| {
        let before = line[..*at].chars().next_back();
        before.is_none_or(|c| matches!(c, ' ' | '{' | ',')) && line[at + key.len()..].starts_with(": ")
    })?;
    let is_flow = line[..at].contains('{');
    let rest = line[at + key.len() + 2..].trim();
    let mut end = rest.len();
    if is_flow {
        for (comma, _) in rest.match_indices(',') {
            let next = rest[comma + 1..].trim_start().split(':').next().unwrap_or_default();
            if is_known_key(next) {
                end = comma;
                break;
            }
        }
    }
    let mut value = rest[..end].trim_end();
    if is_flow && end == rest.len() {
        // As many closing brackets as there are open ones before the key belong to the mappings around it.
        let open = line[..at].matches('{').count().saturating_sub(line[..at].matches('}').count());
        for _ in 0..open {
            value = value.strip_suffix('}').unwrap_or(value).trim_end();
        }
    }
    Some(value)
}

/// A second colon in an entry: a comma is missing before a key, or the text needs quotes.
fn second_colon(before: &str, at: &str) -> String {
    let entry = before.rsplit(['{', ',']).next().unwrap_or_default().trim_start();
    let Some((key, value)) = entry.split_once(": ") else {
        return "put quotes around text with `: `".to_owned();
    };
    let (own, next) = value.rsplit_once(' ').unwrap_or(("", value));
    if !own.trim().is_empty() && is_known_key(next) {
        return format!("put a comma before `{next}`: `{key}: {}, {next}: …`", own.trim());
    }
    let line = format!("{before}{at}");
    let text = value_of(&line, key).unwrap_or(value);
    format!("put quotes around text with `: `: {key}: {}", in_quotes(text))
}

/// The key and the value of `key:value`.
fn without_space(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.trim().trim_start_matches("- ").split_once(':')?;
    let fits = is_known_key(key) && !value.is_empty() && !value.starts_with([' ', '/']);
    fits.then_some((key, value))
}

/// A text in single quotes.
fn in_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
