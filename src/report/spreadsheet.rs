//! Texts for spreadsheets: nothing is taken for a formula, nothing is longer than a cell, and names of sheets are allowed.

use std::collections::BTreeSet;

use super::Safe;

/// The characters of a cell that the format allows.
const CELL_CHARACTERS: usize = 32_767;

/// What ends a text that was cut.
const CUT: &str = " [cut]";

/// The characters of the name of a sheet that the format allows.
const NAME_CHARACTERS: usize = 31;

/// A text as a terminal and a spreadsheet can show it: controls are spelled out, and an apostrophe is in front of what would be
/// taken for a formula.
pub fn guarded(text: &str) -> String {
    let is_formula =
        |first: char| matches!(first, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}');
    let shown = Safe(text).to_string();
    if shown.starts_with(is_formula) { format!("'{shown}") } else { shown }
}

/// A text as a cell can hold it: on one line, without characters that are invisible or no XML.
pub fn cell(text: &str) -> String {
    cut(&Safe(text).to_string())
}

/// A text that is not longer than a cell; what was cut is marked.
pub fn cut(text: &str) -> String {
    let text = text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    // The format counts as UTF-16 does.
    if text.encode_utf16().count() <= CELL_CHARACTERS {
        return text;
    }
    let mut left = CELL_CHARACTERS - CUT.len();
    let kept = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    });
    kept.collect::<String>() + CUT
}

/// A name for a sheet that the format allows and no other sheet has, without regard to case.
pub fn sheet_name(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let safe: String =
        Safe(wanted).to_string().chars().map(|c| if "[]:*?/\\'".contains(c) { '_' } else { c }).collect();
    let shortened = |room: usize| {
        let mut left = room;
        let kept = safe.chars().take_while(|c| {
            let fits = c.len_utf16() <= left;
            left = left.saturating_sub(c.len_utf16());
            fits
        });
        kept.collect::<String>()
    };
    let mut number = 1_u64;
    loop {
        let ending = if number == 1 { String::new() } else { format!(" ({number})") };
        let name = format!("{}{ending}", shortened(NAME_CHARACTERS - ending.len()));
        // Excel keeps the name History for itself.
        if !name.trim().is_empty() && !name.eq_ignore_ascii_case("history") && taken.insert(name.to_lowercase()) {
            return name;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_guarded() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠A"] {
            assert_eq!(guarded(formula), format!("'{formula}"));
        }
        for plain in ["", "a=1", "1-1", " =1", "'=1"] {
            assert_eq!(guarded(plain), plain);
        }
    }

    #[test]
    fn what_steers_a_terminal_is_spelled_out() {
        for (text, shown) in
            [("\t=1", r"\u{9}=1"), ("\r=1", r"\u{d}=1"), ("\n=1", r"\u{a}=1"), ("\u{1b}[31m", r"\u{1b}[31m")]
        {
            assert_eq!(guarded(text), shown);
        }
    }

    #[test]
    fn names_of_sheets_are_short_allowed_and_unique() {
        let mut taken = BTreeSet::from(["rules".to_owned()]);
        let mut name = |wanted: &str| sheet_name(wanted, &mut taken);
        assert_eq!(name("citizens"), "citizens");
        assert_eq!(name("Citizens"), "Citizens (2)");
        assert_eq!(name("rules"), "rules (2)");
        assert_eq!(name("a/b[c]:*?\\d'"), "a_b_c_____d_");
        assert_eq!(name("History"), "History (2)");
        let long = "x".repeat(40);
        assert_eq!(name(&long), "x".repeat(31));
        assert_eq!(name(&long), format!("{} (2)", "x".repeat(27)));
        assert_eq!(name(""), " (2)");
    }

    #[test]
    fn long_texts_are_cut_and_marked() {
        let text = cut(&"😀".repeat(20_000));
        assert!(text.ends_with(CUT));
        assert!(text.encode_utf16().count() <= CELL_CHARACTERS);
        assert_eq!(cell("a\u{0}\u{ffff}\n=1"), r"a\u{0}\u{ffff}\u{a}=1");
        assert_eq!(cut("a\u{ffff}"), "a\u{fffd}");
    }
}
