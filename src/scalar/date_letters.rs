//! Formats of dates in letters, such as `dd/mm/yyyy`, as the fields with percent signs that they mean.

/// Words that mean a field.
const WORDS: [(&str, &str); 11] = [
    ("month", "%B"),
    ("mon", "%b"),
    ("mi", "%M"),
    ("hh24", "%H"),
    ("hh12", "%I"),
    ("am/pm", "%p"),
    ("am", "%p"),
    ("pm", "%p"),
    ("tt", "%p"),
    ("tzh:tzm", "%z"),
    ("tz", "%z"),
];

/// The fields that each run of letters means, after a format such as `dd-mon-yy`, `YYYY-MM-DD HH24:MI:SS` or
/// `yyyy-MM-dd'T'HH:mm:ss.SSS`; `None` where other letters are in it.
pub(super) fn fields_of_letters(text: &str) -> Option<String> {
    let small = text.trim().to_ascii_lowercase();
    let mut rest = small.as_str();
    let (mut format, mut after_hour, mut after_second) = (String::new(), false, false);
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let (literal, after) = quoted.split_once('\'')?;
            // The letters as they are written.
            let start = text.trim().len() - quoted.len();
            format.push_str(&text.trim()[start..start + literal.len()].replace('%', "%%"));
            rest = after;
            continue;
        }
        let run = rest.chars().take_while(|letter| *letter == first).count();
        let word = WORDS.into_iter().find(|(word, _)| rest.starts_with(word));
        let (field, taken) = match (first, run) {
            _ if let Some((word, field)) = word => (field, word.len()),
            ('m', 1) if after_hour => ("%M", 1),
            ('m', 2) if after_hour => ("%M", 2),
            ('m', 1) => ("%-m", 1),
            ('m', 2) => ("%m", 2),
            ('m', 3) => ("%b", 3),
            ('m', 4) => ("%B", 4),
            ('d', 1) => ("%-d", 1),
            ('d', 2) => ("%d", 2),
            ('y', 2) => ("%y", 2),
            ('y' | 'u', 4) => ("%Y", 4),
            ('h', 1) => ("%-H", 1),
            ('h', 2) => ("%H", 2),
            ('s', _) if after_second => ("%f", run),
            ('s', 1 | 2) => ("%S", run),
            ('f', _) => ("%f", run),
            ('a', 1) => ("%p", 1),
            ('z' | 'x', _) => ("%z", run),
            ('t', 1) => ("T", 1),
            (letter, _) if letter.is_alphanumeric() || letter == '%' => return None,
            (sign, _) => {
                format.push(sign);
                rest = &rest[sign.len_utf8()..];
                continue;
            }
        };
        format.push_str(field);
        (after_hour, after_second) = (matches!(field, "%H" | "%-H" | "%I"), field == "%S");
        rest = &rest[taken..];
    }
    // Beside `am`, hours are those of half a day.
    Some(if format.contains("%p") { format.replace("%H", "%I").replace("%-H", "%-I") } else { format })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_mean_fields() {
        for (text, meant) in [
            ("dd/mm/yyyy", Some("%d/%m/%Y")),
            ("DD-MM-YYYY", Some("%d-%m-%Y")),
            ("yyyy-MM-dd", Some("%Y-%m-%d")),
            ("yyyyMMdd", Some("%Y%m%d")),
            ("d.m.yyyy", Some("%-d.%-m.%Y")),
            ("dd-mon-yy", Some("%d-%b-%y")),
            ("dd-MON-yyyy", Some("%d-%b-%Y")),
            ("dd MMM yyyy", Some("%d %b %Y")),
            ("d MMMM yyyy", Some("%-d %B %Y")),
            ("dd/MM/yyyy HH:mm:ss", Some("%d/%m/%Y %H:%M:%S")),
            ("YYYY-MM-DD HH24:MI:SS", Some("%Y-%m-%d %H:%M:%S")),
            ("m/d/yyyy h:mm AM/PM", Some("%-m/%-d/%Y %-I:%M %p")),
            ("M/d/yyyy hh:mm:ss tt", Some("%-m/%-d/%Y %I:%M:%S %p")),
            ("yyyy-mm-ddThh:mm", Some("%Y-%m-%dT%H:%M")),
            ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", Some("%Y-%m-%dT%H:%M:%S.%f%z")),
            ("mm/yyyy", Some("%m/%Y")),
            (" yyyy-mm ", Some("%Y-%m")),
            ("ddd dd/mm/yyyy", None),
            ("%d/%m/%Y", None),
            ("yyyy-mm-dd'T", None),
            ("date", None),
            ("", Some("")),
        ] {
            assert_eq!(fields_of_letters(text).as_deref(), meant, "{text}");
        }
    }
}
