//! What a writer means by a value that is written as other tools write it.

/// The key about the writing of numbers and booleans that other tools give this name.
pub(super) fn notation_key(text: &str) -> Option<&'static str> {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    Some(match plain.as_str() {
        "decimalchar" | "decimalseparator" | "decimalsep" | "decimalmark" | "decimalsign" | "decimalpoint"
        | "decimalcomma" => "decimal",
        "groupchar" | "groupseparator" | "groupsep" | "grouping" | "groupingseparator" | "thousandsseparator"
        | "thousandseparator" | "thousandssep" | "thousandsep" | "thousand" | "thousandsmark" | "bigmark"
        | "digitgrouping" => "thousands",
        "barenumber" | "currency" | "percent" | "stripsigns" | "units" | "suffix" | "prefix" => "strip",
        "parentheses" | "parens" | "bracket" | "accounting" => "brackets",
        "trailingminus" | "minussign" => "minus",
        "truevalues" | "truevalue" | "truewords" | "yesvalues" => "true",
        "falsevalues" | "falsevalue" | "falsewords" | "novalues" => "false",
        _ => return None,
    })
}

/// The key of a waiver that is meant by another word.
pub(super) fn waiver_key(text: &str) -> Option<&'static str> {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    Some(match plain.as_str() {
        "expires" | "expireson" | "expiry" | "expiration" | "end" | "ends" | "enddate" | "validuntil" | "to" => "until",
        "approvedby" | "acceptedby" | "signedby" | "approver" | "owner" | "author" | "who" => "by",
        "reason" | "why" | "justification" | "rationale" | "comment" => "because",
        "limit" | "max" | "maximum" | "upto" => "at_most",
        "id" | "ruleid" => "rule",
        _ => return None,
    })
}

/// Bounds as the program writes them, for `0-120`, `0 to 120`, `[0, 120]`, `>= 0` and the like.
pub(super) fn bounds(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['[', ']', '(', ')']).trim();
    let is_bound = |bound: &str| !bound.is_empty() && bound.chars().all(|c| c.is_ascii_digit() || "-+.:T/".contains(c));
    let is_number = |bound: &str| bound.parse::<f64>().is_ok();
    for (sign, low) in [(">=", true), ("≥", true), (">", true), ("<=", false), ("≤", false), ("<", false)] {
        if let Some(bound) = text.strip_prefix(sign).map(str::trim).filter(|bound| is_bound(bound)) {
            return Some(if low { format!("{bound}..") } else { format!("..{bound}") });
        }
    }
    let lower = text.to_lowercase();
    let text = lower.strip_prefix("between ").or_else(|| lower.strip_prefix("from ")).unwrap_or(&lower);
    let text =
        text.strip_suffix('+').filter(|bound| is_number(bound)).map_or(text.to_owned(), |bound| format!("{bound} .. "));
    for sign in [
        " .. ", "...", "…", "..", " - ", " – ", " — ", "–", "—", " to ", " and ", " until ", "~", ";", ", ", ",", " : ",
    ] {
        if let Some((low, high)) = text.split_once(sign) {
            let (low, high) = (low.trim(), high.trim());
            let fits = (is_bound(low) || low.is_empty()) && (is_bound(high) || high.is_empty());
            if fits && !(low.is_empty() && high.is_empty()) {
                return Some(format!("{low}..{high}"));
            }
        }
    }
    // The first sign may be that of a negative number.
    let mut hyphens = text.match_indices(['-', ':']).map(|(at, _)| at).filter(|at| *at > 0);
    let (low, high) = hyphens.next().map(|at| (&text[..at], &text[at + 1..]))?;
    (is_number(low) && is_number(high)).then(|| format!("{low}..{high}"))
}

/// A period as the program writes it, for `30`, `30 D`, `2 wks` and `P30D`.
pub(super) fn period(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches(['<', '>', '=', '≤', ' ']).to_lowercase();
    let text = text.strip_prefix("pt").map(|rest| rest.replace('m', "min")).unwrap_or(text);
    let text = text.strip_prefix('p').unwrap_or(&text);
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = (&text[..split], text[split..].trim());
    number.parse::<u32>().ok()?;
    let unit = match unit {
        "" | "d" | "day" | "days" | "ngày" => "d",
        "s" | "secs" | "sec" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "min",
        "h" | "hr" | "hrs" | "hour" | "hours" | "giờ" => "h",
        "w" | "wk" | "wks" | "week" | "weeks" => "w",
        "m" | "mo" | "mon" | "mth" | "mths" | "month" | "months" => "mo",
        "y" | "yr" | "yrs" | "year" | "years" => "y",
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

/// What to write for an encoding that no standard names so.
pub(super) fn encoding(text: &str) -> Option<String> {
    let name: String = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let write = |name: &str| Some(format!("write {name}"));
    match name.as_str() {
        "ansi" | "acp" | "windows" | "win" | "default" | "system" | "msansi" | "windowsansi" | "extendedascii" => Some(
            "ANSI is windows-1252 on a Western Windows and windows-1258 on a Vietnamese one: write one of them"
                .to_owned(),
        ),
        "western" | "westerneuropean" | "latin" | "1252" | "win1252" | "ansi1252" => write("windows-1252"),
        "vietnamese" | "viet" | "1258" | "win1258" | "ansi1258" => write("windows-1258"),
        "utf8bom" | "utf8sig" | "utf8withbom" | "utf8mb4" => write("utf-8; a byte order mark is skipped"),
        "utf16bom" | "ucs2" | "utf16withbom" | "unicodetext" => write("utf-16le"),
        "utf32" | "utf32le" | "utf32be" | "utf7" | "tcvn" | "tcvn3" | "tcvn5712" | "abc" | "vni" | "vnitimes"
        | "vntime" | "viscii" | "vps" | "ebcdic" => {
            Some("this encoding is not read: convert the file to UTF-8".to_owned())
        }
        _ => None,
    }
}

/// The type that other tools call so.
pub(super) fn data_type(text: &str) -> Option<&'static str> {
    let name = text.trim().to_lowercase();
    Some(match name.split(['(', ' ']).next().unwrap_or_default() {
        "string" | "str" | "varchar" | "char" | "nvarchar" | "character" | "object" | "utf8" | "category" => "text",
        "int" | "int64" | "int32" | "bigint" | "smallint" | "long" | "whole" | "int8" | "int4" | "tinyint" => "integer",
        "numeric" | "number" | "money" | "currency" | "dec" => "decimal",
        "double" | "real" | "float64" => "float",
        "bool" | "bit" | "logical" => "boolean",
        "timestamp" | "timestamptz" | "time" | "datetime64" => "datetime",
        "guid" | "uniqueidentifier" => "uuid",
        "bytes" | "blob" | "bytea" | "varbinary" => "binary",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_other_spellings() {
        for (text, meant) in [
            ("0-120", Some("0..120")),
            ("-5-5", Some("-5..5")),
            ("0 - 120", Some("0..120")),
            ("0–120", Some("0..120")),
            ("0 to 120", Some("0..120")),
            ("between 0 and 120", Some("0..120")),
            ("[0, 120]", Some("0..120")),
            ("0,120", Some("0..120")),
            ("0...120", Some("0..120")),
            ("0:120", Some("0..120")),
            (">= 0", Some("0..")),
            ("<=100", Some("..100")),
            ("18+", Some("18..")),
            ("2020-01-01 to 2020-12-31", Some("2020-01-01..2020-12-31")),
            ("2020-01-01 - 2020-12-31", Some("2020-01-01..2020-12-31")),
            ("2020-01-01", None),
            ("small", None),
            ("", None),
        ] {
            assert_eq!(bounds(text).as_deref(), meant, "{text}");
        }
    }

    #[test]
    fn periods_of_other_spellings() {
        for (text, meant) in [
            ("30", Some("30d")),
            ("30 D", Some("30d")),
            ("24hrs", Some("24h")),
            ("2 wks", Some("2w")),
            ("P30D", Some("30d")),
            ("PT36H", Some("36h")),
            ("PT5M", Some("5min")),
            ("1m", Some("1mo")),
            ("<= 30 days", Some("30d")),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(period(text).as_deref(), meant, "{text}");
        }
    }
}
