//! Checks on values as texts against naive references, row by row, on random tables.

use std::collections::BTreeMap;

use passmuster::engine::MemoryLimit;
use proptest::prelude::*;

use crate::parity::{date, text};
use crate::support::audits::{json, run, run_within};
use crate::support::cells::one_of;
use crate::support::folder::Folder;
use crate::support::reports::{Counts, assert_judged, counts, rules};
use crate::support::tables::{csv, parquet};

const SUITE: &str = r#"
suite: texts
as_of: 2021-06-30
datasets:
  t:
    source: t.csv
    missing: [NA]
    columns:
      b: { type: date }
      n: { type: integer }
    rules:
      - { id: personal, check: identifier, column: i, kind: vn.personal_id }
      - { id: crossed, check: identifier, column: i, kind: vn.personal_id, born: b, sex: s }
      - { id: abroad, check: identifier, column: i, kind: vn.personal_id, foreign_births: true, where: "n > 0" }
      - { id: luhn, check: identifier, column: i, kind: luhn }
      - { id: tidy, check: tidy, columns: [a, s] }
      - { id: spaces, check: tidy, column: a, only: [edge_space, double_space], where: "n > 0" }
      - { id: no-spaces, check: tidy, column: a, allow: [edge_space, double_space] }
      - { id: dates, check: uniform, column: d, as: date }
      - { id: cases, check: uniform, column: a, as: case, where: "n > 0" }
      - { id: nothing, check: no_personal_data, columns: [a, i, n], detectors: [email, personal_id], share: 0.2 }
      - { id: nowhere, check: no_personal_data, columns: [a], detectors: email, where: "n > 0" }
"#;

/// One row: a, i, s, b, d, n as written.
type Row = [String; 6];

/// What became of a row, and why.
enum Found {
    Passed,
    Left,
    Failed(Vec<&'static str>),
    Unread,
}

/// Counts and reasons.
type Counted = (Counts, BTreeMap<String, u64>);

fn count(rows: &[Row], test: impl Fn(&Row) -> Found) -> Counted {
    let mut counted = Counted::default();
    for row in rows {
        match test(row) {
            Found::Passed => counted.0.passed += 1,
            Found::Left => counted.0.not_applicable += 1,
            Found::Unread => {
                counted.0.failed += 1;
                counted.0.unreadable += 1;
            }
            Found::Failed(reasons) => {
                counted.0.failed += 1;
                for reason in reasons {
                    *counted.1.entry(reason.to_owned()).or_default() += 1;
                }
            }
        }
    }
    counted
}

/// The condition `n > 0`: true, not true, or unknown.
fn positive(row: &Row) -> Option<bool> {
    match text(&row[5]) {
        None => Some(false),
        Some(number) => number.parse::<i64>().ok().map(|number| number > 0),
    }
}

fn in_scope(row: &Row, test: impl FnOnce() -> Found) -> Found {
    match positive(row) {
        None => Found::Unread,
        Some(false) => Found::Left,
        Some(true) => test(),
    }
}

fn digits(value: &str) -> Vec<u32> {
    value.chars().filter_map(|c| c.to_digit(10)).collect()
}

/// Filled in, not filled in well, or fine.
fn placeholder(value: &str) -> bool {
    let d = digits(value);
    let step = |by: u32| d.windows(2).all(|pair| (pair[0] + by) % 10 == pair[1]);
    d.len() == value.len() && d.len() >= 4 && (step(0) || step(1) || step(9))
}

fn personal(value: &str, abroad: bool) -> Option<&'static str> {
    let d = digits(value);
    if placeholder(value) {
        return Some("placeholder");
    }
    if d.len() != 12 || value.len() != 12 {
        return Some("shape");
    }
    let year = 1900 + 100 * (d[3] / 2) + d[4] * 10 + d[5];
    // Of the places in the table there are these two.
    let known = ["001", "079"].contains(&&value[..3]);
    (!(known || abroad) || !(1901..=2021).contains(&year)).then_some("inner_fact")
}

fn luhn(value: &str) -> Option<&'static str> {
    // One space between digits may be there.
    let apart = value.trim() == value && !value.contains("  ");
    let bare = if apart { value.replace(' ', "") } else { value.to_owned() };
    let value = bare.as_str();
    let mut d = digits(value);
    if placeholder(value) {
        return Some("placeholder");
    }
    if d.len() != value.len() || d.len() < 2 {
        return Some("shape");
    }
    d.reverse();
    let sum: u32 = d
        .iter()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    (!sum.is_multiple_of(10)).then_some("check_digit")
}

fn identifier(value: &str, fault: Option<&'static str>) -> Found {
    match (text(value), fault) {
        (None, _) => Found::Left,
        (_, None) => Found::Passed,
        (_, Some(fault)) => Found::Failed(vec![fault]),
    }
}

fn faults(value: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    if value.starts_with(' ') || value.ends_with(' ') {
        found.push("edge_space");
    }
    if value.trim().contains("  ") {
        found.push("double_space");
    }
    let known = [
        ("Nguye\u{302}\u{303}n", "decomposed"),
        ("Nguyá»…n", "mojibake"),
        ("ViÖt", "legacy_encoding"),
        ("&amp;", "html_entity"),
        ("#REF!", "spreadsheet"),
        ("\u{200B}", "zero_width"),
    ];
    found.extend(known.iter().filter(|(sign, _)| value.contains(sign)).map(|(_, fault)| *fault));
    found
}

fn tidy(cells: &[&str], wanted: impl Fn(&str) -> bool) -> Found {
    if cells.iter().all(|cell| text(cell).is_none()) {
        return Found::Left;
    }
    let found: std::collections::BTreeSet<&'static str> =
        cells.iter().filter_map(|cell| text(cell)).flat_map(faults).filter(|fault| wanted(fault)).collect();
    if found.is_empty() { Found::Passed } else { Found::Failed(found.into_iter().collect()) }
}

/// The formats of each value; those of most rows win, the first of several.
fn uniform(rows: &[Row], formats: &[&str], fit: impl Fn(&Row) -> Result<Option<Vec<&'static str>>, ()>) -> Counted {
    let fits: Vec<Result<Option<Vec<&str>>, ()>> = rows.iter().map(fit).collect();
    let of = |format: &str| fits.iter().flatten().flatten().filter(|fit| fit.contains(&format)).count() as u64;
    let most = formats.iter().map(|format| of(format)).max().unwrap_or_default();
    let winner = formats.iter().find(|format| most > 0 && of(format) == most);
    let mut counted = Counted::default();
    for fit in &fits {
        match fit {
            Err(()) => {
                counted.0.failed += 1;
                counted.0.unreadable += 1;
            }
            Ok(None) => counted.0.not_applicable += 1,
            Ok(Some(fit)) if winner.is_some_and(|winner| fit.contains(winner)) => counted.0.passed += 1,
            Ok(Some(_)) => counted.0.failed += 1,
        }
    }
    counted.1 =
        formats.iter().map(|format| ((*format).to_owned(), of(format))).filter(|(_, count)| *count > 0).collect();
    counted
}

const DATES: [&str; 5] = ["YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY", "D/M/YYYY", "M/D/YYYY"];

fn date_formats(value: &str) -> Vec<&'static str> {
    match value {
        "2020-01-31" => vec!["YYYY-MM-DD"],
        "31/12/2020" => vec!["DD/MM/YYYY", "D/M/YYYY"],
        "12/31/2020" => vec!["MM/DD/YYYY", "M/D/YYYY"],
        "01/02/2020" => vec!["DD/MM/YYYY", "MM/DD/YYYY"],
        _ => vec![],
    }
}

const CASES: [&str; 4] = ["UPPER CASE", "lower case", "Title Case", "Sentence case"];

fn cases(value: &str) -> Vec<&'static str> {
    let (upper, lower) = (value.chars().any(char::is_uppercase), value.chars().any(char::is_lowercase));
    let starts = |word: &str| word.chars().next().is_some_and(|c| !c.is_lowercase());
    // A mark belongs to the letter before.
    let value = value.replace(['\u{302}', '\u{303}'], "");
    let words: Vec<&str> = value.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut found = Vec::new();
    if !lower {
        found.push("UPPER CASE");
    }
    if !upper {
        found.push("lower case");
    }
    let plain = (!upper && !lower) || (upper && value.chars().filter(|c| c.is_alphabetic()).count() == 1);
    if plain || (lower && words.iter().all(|word| starts(word))) {
        found.push("Title Case");
    }
    if plain || (lower && words.first().is_some_and(|word| starts(word))) {
        found.push("Sentence case");
    }
    found
}

/// Columns that look personal: those in which more than a share does.
fn personal_columns(columns: &[Vec<Option<bool>>], share: f64) -> Counts {
    let mut counted = Counts::default();
    for column in columns {
        let values: Vec<bool> = column.iter().flatten().copied().collect();
        let found = values.iter().filter(|found| **found).count();
        #[expect(clippy::cast_precision_loss, reason = "small tables")]
        match (values.len(), found as f64 > share * values.len() as f64) {
            (0, _) => counted.not_applicable += 1,
            (_, true) => counted.failed += 1,
            _ => counted.passed += 1,
        }
    }
    counted
}

fn reference(rows: &[Row]) -> BTreeMap<&'static str, Counted> {
    let here = |cell: &str, test: &dyn Fn(&str) -> bool| text(cell).map(test);
    let email = |cell: &str| cell.contains("x@y.vn");
    let number = |cell: &str| {
        // Up to two leading zeros may be lost; another zero after them would remain.
        let bare: String = cell.trim().to_owned();
        let whole = if bare.len() >= 10 && !bare.starts_with('0') { format!("{bare:0>12}") } else { bare };
        whole.len() == 12 && personal(&whole, false).is_none()
    };
    BTreeMap::from([
        ("personal", count(rows, |row| identifier(&row[1], personal(&row[1], false)))),
        (
            "crossed",
            count(rows, |row| {
                let sound = identifier(&row[1], personal(&row[1], false));
                if !matches!(sound, Found::Passed) {
                    return sound;
                }
                let d = digits(&row[1]);
                let mut reasons = Vec::new();
                match date(&row[3]) {
                    Err(()) => return Found::Unread,
                    Ok(None) => {}
                    Ok(Some((year, ..))) => {
                        if u32::try_from(year) != Ok(1900 + 100 * (d[3] / 2) + d[4] * 10 + d[5]) {
                            reasons.push("born_differs");
                        }
                    }
                }
                let female = match row[2].trim() {
                    "Nam" | "M" => Some(false),
                    "Nữ" | "female" => Some(true),
                    _ => None,
                };
                if female.is_some_and(|female| female != (d[3] % 2 == 1)) {
                    reasons.push("sex_differs");
                }
                if reasons.is_empty() { Found::Passed } else { Found::Failed(reasons) }
            }),
        ),
        ("abroad", count(rows, |row| in_scope(row, || identifier(&row[1], personal(&row[1], true))))),
        ("luhn", count(rows, |row| identifier(&row[1], luhn(&row[1])))),
        ("tidy", count(rows, |row| tidy(&[&row[0], &row[2]], |_| true))),
        ("spaces", count(rows, |row| in_scope(row, || tidy(&[&row[0]], |fault| fault.ends_with("_space"))))),
        ("no-spaces", count(rows, |row| tidy(&[&row[0]], |fault| !fault.ends_with("_space")))),
        ("dates", uniform(rows, &DATES, |row| Ok(text(&row[4]).map(date_formats)))),
        (
            "cases",
            uniform(rows, &CASES, |row| match positive(row) {
                None => Err(()),
                Some(false) => Ok(None),
                Some(true) => Ok(text(&row[0]).map(cases)),
            }),
        ),
        (
            "nothing",
            (
                personal_columns(
                    &[
                        rows.iter().map(|row| here(&row[0], &email)).collect(),
                        rows.iter().map(|row| here(&row[1], &number)).collect(),
                        rows.iter().map(|row| here(&row[5], &|cell| number(cell))).collect(),
                    ],
                    0.2,
                ),
                BTreeMap::new(),
            ),
        ),
        (
            "nowhere",
            (
                personal_columns(
                    &[rows.iter().filter(|row| positive(row) == Some(true)).map(|row| here(&row[0], &email)).collect()],
                    0.0,
                ),
                BTreeMap::new(),
            ),
        ),
    ])
}

/// The reasons that a reference counts; others are not compared.
const REASONS: &[&str] = &[
    "placeholder",
    "shape",
    "check_digit",
    "inner_fact",
    "born_differs",
    "sex_differs",
    "edge_space",
    "double_space",
    "decomposed",
    "mojibake",
    "legacy_encoding",
    "html_entity",
    "spreadsheet",
    "zero_width",
];

fn compare(rows: &[Row]) {
    let folder = Folder::new();
    let suite = folder.write("suite.yaml", SUITE);
    folder.write("t.csv", csv("a,i,s,b,d,n", rows));
    let data = [("t", folder.path("t.parquet"))];
    parquet(&data[0].1, "a,i,s,b,d,n", rows);
    let expected = reference(rows);
    let as_csv = run(&suite, &[], 1);
    let as_parquet = run(&suite, &data, 2);
    for (report, format) in [(&as_csv, "csv"), (&as_parquet, "parquet")] {
        let rules = rules(report);
        for (id, (expected, reasons)) in &expected {
            let rule = rules.get(id).unwrap_or_else(|| panic!("{id} is not in the report"));
            assert_judged(rule);
            assert_eq!(counts(rule), *expected, "{id} from {format}: {rows:?}");
            let counted = rule.details.iter().filter(|(name, count)| {
                **count > 0
                    && (REASONS.contains(&name.as_str())
                        || DATES.contains(&name.as_str())
                        || CASES.contains(&name.as_str()))
            });
            let counted: BTreeMap<String, u64> = counted.map(|(name, count)| (name.clone(), *count)).collect();
            assert_eq!(counted, *reasons, "{id} from {format}: {rows:?}");
        }
    }
    assert_eq!(json(&as_csv), json(&run(&suite, &[], 16)));
    assert_eq!(json(&as_csv), json(&run_within(MemoryLimit::Keys(0), &suite, &[], 2)));
    assert_eq!(json(&as_parquet), json(&run_within(MemoryLimit::Keys(0), &suite, &data, 1)));
}

fn row() -> impl Strategy<Value = Row> {
    (
        one_of(&[
            "",
            "  ",
            "NA",
            "Hà Nội",
            "hà nội",
            "HÀ NỘI",
            "Công ty mới",
            "iPhone",
            "123",
            " a",
            "a  b",
            "A ",
            "Nguye\u{302}\u{303}n",
            "Nguyá»…n",
            "ViÖt Nam",
            "&amp; a",
            "#REF!",
            "a\u{200B}b",
            "write to x@y.vn",
            "Ab  Cd ",
        ]),
        one_of(&[
            "",
            "NA",
            "001099000001",
            "001199000012",
            "079303012345",
            "003099000001",
            "001299000001",
            "111111111111",
            "0123456789",
            "00109900001",
            "1099000001",
            "4539578763621486",
            "4539578763621487",
            "18",
            " 001099000001",
            "abc",
            "1 8",
        ]),
        one_of(&["", "NA", "Nam", "Nữ", "M", "female", "Khác", " Nam"]),
        one_of(&["", "NA", "1999-05-01", "2003-01-31", "1999-02-30", "01/02/1999"]),
        one_of(&["", "NA", "2020-01-31", "31/12/2020", "12/31/2020", "01/02/2020", "soon", "2020-13-01"]),
        one_of(&["", "NA", "0", "1", "2", "x", "79303012345"]),
    )
        .prop_map(|(a, i, s, b, d, n)| [a, i, s, b, d, n])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn checks_on_texts_agree_with_their_references(rows in prop::collection::vec(row(), 0..24)) {
        compare(&rows);
    }
}

#[test]
fn tables_of_one_kind_of_row_agree_too() {
    let full = |cells: [&str; 6]| cells.map(str::to_owned);
    let one = full(["Hà Nội", "001099000001", "Nam", "1999-05-01", "01/02/2020", "1"]);
    let empty = full(["", "", "", "", "", ""]);
    compare(&[]);
    compare(std::slice::from_ref(&one));
    compare(&vec![one.clone(); 70]);
    compare(&vec![empty.clone(); 65]);
    let mut many = vec![one; 64];
    many.push(empty);
    compare(&many);
}
