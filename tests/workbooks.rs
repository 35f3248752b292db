//! Workbooks: every cell is given in its type, what may mislead is counted, and what cannot be read is one clear message.
#![cfg(feature = "spreadsheet")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use passmuster::model::{DatasetStatus, FaultKind};
use passmuster::source::{OptionKind, OptionValue, Options, Problem, Source};
use rust_xlsxwriter::{Color, ExcelDateTime, Format, Formula, Workbook, Worksheet};

use crate::support::audits::{audit_files, json, run, run_within};
use crate::support::folder::Folder;
use crate::support::reports::{four, rule};
use crate::support::repository::fixture;
use crate::support::scanned::{Scanned, scan, scan_with, spec, table};
use crate::support::workbooks::{sheet, xlsb, xlsx, zipped};
use crate::support::{packed, program};

/// A workbook of one sheet.
fn book(folder: &Folder, name: &str, fill: impl FnOnce(&mut Worksheet)) -> PathBuf {
    let mut book = Workbook::new();
    fill(book.add_worksheet().set_name("Data").unwrap());
    let path = folder.path(name);
    book.save(&path).unwrap();
    path
}

/// The same as text, row by row.
fn texts(sheet: &mut Worksheet, rows: &[&[&str]]) {
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            sheet.write(row, column, *cell).unwrap();
        }
    }
}

/// A zip archive with the text of one of its entries changed.
fn with_entry(archive: &[u8], name: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let entries: Vec<(String, Vec<u8>)> = (0..zip.len())
        .map(|at| {
            let mut entry = zip.by_index(at).unwrap();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
            (entry.name().unwrap().into_owned(), bytes)
        })
        .map(|(entry, bytes)| {
            let is_it = entry == name;
            (entry, if is_it { change(String::from_utf8(bytes).unwrap()).into_bytes() } else { bytes })
        })
        .collect();
    let entries: Vec<(&str, &[u8])> = entries.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    zipped(&entries)
}

fn read(path: &Path) -> Scanned {
    scan(path, Options::default()).unwrap()
}

fn refused(path: &Path, options: Options) -> String {
    let error = scan(path, options).unwrap_err();
    assert!(!matches!(error.problem, Problem::Panicked { .. }), "{error}");
    error.problem.to_string()
}

fn columns(scanned: &Scanned) -> Vec<(&str, &str)> {
    scanned.columns.iter().map(|(name, stored)| (name.as_str(), stored.as_str())).collect()
}

/// Days from 1970-01-01.
const DAY_2024_01_05: i64 = 19_727;

#[test]
fn cells_have_the_type_of_their_column() {
    let folder = Folder::new();
    let path = book(&folder, "types.xlsx", |sheet| {
        let date = Format::new().set_num_format("dd/mm/yyyy");
        let time = Format::new().set_num_format("hh:mm");
        let duration = Format::new().set_num_format("[h]:mm:ss");
        let names = ["whole", "decimal", "date", "seen", "time", "span", "flag", "text", "mixed", "days", "none"];
        texts(sheet, &[&names]);
        for (row, whole) in [(1, 7.0), (2, -3.0)] {
            sheet.write(row, 0, whole).unwrap();
        }
        sheet.write(1, 1, 1.234).unwrap().write(2, 1, 5).unwrap();
        for row in [1, 2] {
            sheet.write_with_format(row, 2, ExcelDateTime::from_ymd(2024, 1, 5).unwrap(), &date).unwrap();
        }
        sheet.write_with_format(1, 3, ExcelDateTime::from_ymd(2024, 1, 5).unwrap(), &date).unwrap();
        let noon = ExcelDateTime::from_ymd(2024, 1, 5).unwrap().and_hms(12, 0, 0.25).unwrap();
        sheet.write_with_format(2, 3, &noon, &date).unwrap();
        sheet.write_with_format(1, 4, ExcelDateTime::from_hms(6, 30, 0).unwrap(), &time).unwrap();
        sheet.write_with_format(1, 5, 1.0625, &duration).unwrap();
        sheet.write(1, 6, true).unwrap().write(2, 6, false).unwrap();
        sheet.write(1, 7, "00070").unwrap().write(2, 7, " a ").unwrap();
        sheet.write(1, 8, "n/a").unwrap().write(2, 8, 1.234).unwrap();
        sheet.write(1, 9, "never").unwrap();
        sheet.write_with_format(2, 9, ExcelDateTime::from_ymd(2024, 1, 5).unwrap(), &date).unwrap();
    });
    let scanned = read(&path);
    assert_eq!(
        columns(&scanned),
        [
            ("whole", "integer"),
            ("decimal", "decimal"),
            ("date", "date"),
            ("seen", "timestamp[ms]"),
            ("time", "time"),
            ("span", "time"),
            ("flag", "boolean"),
            ("text", "text"),
            ("mixed", "text and numbers"),
            ("days", "text and dates"),
            ("none", "null"),
        ]
    );
    let midnight = DAY_2024_01_05 * 86_400_000_000;
    let noon = midnight + 43_200_250_000;
    assert_eq!(
        table(&scanned.rows),
        [
            format!("7|1.234|{DAY_2024_01_05}|{midnight}|06:30:00|25:30:00|true|00070|n/a|never|-"),
            format!("-3|5|{DAY_2024_01_05}|{noon}|-|-|false| a |1.234|2024-01-05|-"),
        ]
    );
    assert_eq!(scanned.lines, [2, 3]);
    assert!(scanned.faults.is_empty(), "{:?}", scanned.faults);
}

#[test]
fn the_same_persons_are_read_from_files_of_other_programs() {
    // Counted by hand; see fixtures/workbooks/SOURCE.md.
    for ending in ["xlsx", "xls", "ods"] {
        let scanned = read(&fixture(&format!("workbooks/persons.{ending}")));
        // LibreOffice writes the booleans of `.xlsx` as numbers into `.ods`.
        let (flag, yes, no) = if ending == "ods" { ("integer", "1", "0") } else { ("boolean", "true", "false") };
        let stored = ["integer", "text", "decimal", "date", "timestamp[ms]", flag, "text"];
        assert_eq!(scanned.columns.iter().map(|(_, stored)| stored.as_str()).collect::<Vec<_>>(), stored, "{ending}");
        let midnight = (DAY_2024_01_05 + 1) * 86_400_000_000;
        let seen = midnight - 86_400_000_000 + 37_800_000_000;
        assert_eq!(
            table(&scanned.rows),
            [
                format!("1|An|1.5|18263|{seen}|{yes}|x"),
                format!("2|Bình|2|18690|{midnight}|{no}|-"),
                "3| Chi |-1234.25|-|-|-|y".to_owned(),
                "4|wide|-|-|-|-|-".to_owned(),
            ],
            "{ending}"
        );
        assert_eq!((scanned.lines.as_slice(), scanned.malformed.as_slice()), (&[2, 3, 5, 6][..], &[1][..]), "{ending}");
        assert_eq!(scanned.faults.get(&FaultKind::ErrorCell), Some(&1), "{ending}");
        assert_eq!(scanned.faults.get(&FaultKind::MergedCells), Some(&1), "{ending}");
        // The library does not say which rows of an old workbook are hidden.
        let hidden = (ending != "xls").then_some(&1);
        assert_eq!(scanned.faults.get(&FaultKind::HiddenRow), hidden, "{ending}");
    }
}

/// About ten rules on a table.
pub(crate) const SUITE: &str = "
suite: s
datasets:
  t:
    source: t.csv
    missing: [n/a]
    columns:
      id: { type: integer }
      amount: { type: decimal }
      born: { type: date }
      flag: { type: boolean }
    rules:
      - { check: required, columns: [id] }
      - { check: required, column: name }
      - { check: unique, columns: [id] }
      - { check: range, column: amount, min: 0, max: 1000 }
      - { check: range, column: id, min: 2 }
      - { check: allowed, column: city, values: [Hà Nội, Huế] }
      - { check: matches, column: name, pattern: '^[A-Z]' }
      - { check: not_future, column: born }
      - { check: expect, that: amount > id }
      - { check: length, column: name, max: 4 }
      - { check: aggregate, that: sum(amount) >= 1 }
";

/// The table of [`SUITE`]: id, name, amount, born (days of 2026), city, flag.
pub(crate) type Person = (Option<i64>, &'static str, Option<f64>, Option<(u16, u8, u8)>, &'static str, Option<bool>);

pub(crate) const PERSONS: &[Person] = &[
    (Some(1), "An", Some(1.5), Some((2020, 1, 2)), "Hà Nội", Some(true)),
    (Some(2), "bình", Some(-2.25), Some((2030, 1, 2)), "Huế", None),
    (Some(2), "Chi", Some(1000.5), None, "Đà Nẵng", Some(false)),
    (None, "", None, Some((1999, 12, 31)), "", Some(true)),
    (Some(5), "Dũng Anh", Some(5.0), Some((2026, 11, 23)), "Huế", Some(true)),
    (Some(6), "Em", Some(0.1), Some((2026, 11, 24)), "n/a", None),
];

pub(crate) fn persons_csv() -> String {
    let mut csv = "id,name,amount,born,city,flag\n".to_owned();
    for (id, name, amount, born, city, flag) in PERSONS {
        let born = born.map_or_else(String::new, |(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
        let text = |cell: Option<String>| cell.unwrap_or_default();
        writeln!(
            csv,
            "{},{name},{},{born},{city},{}",
            text(id.map(|id| id.to_string())),
            text(amount.map(|amount| amount.to_string())),
            text(flag.map(|flag| flag.to_string())),
        )
        .unwrap();
    }
    csv
}

#[test]
fn a_table_has_the_same_counts_as_text_and_as_a_workbook() {
    let folder = Folder::new();
    let suite = folder.write("suite.yaml", SUITE);
    folder.write("t.csv", persons_csv());
    let path = book(&folder, "t.xlsx", |sheet| {
        let date = Format::new().set_num_format("yyyy-mm-dd");
        texts(sheet, &[&["id", "name", "amount", "born", "city", "flag"]]);
        for (row, (id, name, amount, born, city, flag)) in (1..).zip(PERSONS) {
            id.inspect(|id| drop(sheet.write(row, 0, *id)));
            sheet.write(row, 1, *name).unwrap();
            amount.inspect(|amount| drop(sheet.write(row, 2, *amount)));
            if let Some((year, month, day)) = born {
                sheet.write_with_format(row, 3, ExcelDateTime::from_ymd(*year, *month, *day).unwrap(), &date).unwrap();
            }
            sheet.write(row, 4, *city).unwrap();
            flag.inspect(|flag| drop(sheet.write(row, 5, *flag)));
        }
    });
    let text = run(&suite, &[], 2);
    let workbook = run(&suite, &[("t", path.clone())], 2);
    let ids = text.datasets[0].rules.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>();
    assert!(ids.len() > 10, "{ids:?}");
    for id in ids {
        assert_eq!(four(&text, &id), four(&workbook, &id), "{id}");
        let lines = |report| rule(report, &id).failing_rows.iter().map(|row| row.line).collect::<Vec<_>>();
        assert_eq!(lines(&text), lines(&workbook), "{id}");
    }
    assert_eq!(json(&workbook), json(&run(&suite, &[("t", path.clone())], 1)));
    assert_eq!(
        json(&workbook),
        json(&run_within(passmuster::engine::MemoryLimit::Keys(500), &suite, &[("t", path)], 16))
    );
}

#[test]
fn no_declared_notation_reads_a_number_cell() {
    let folder = Folder::new();
    book(&folder, "t.xlsx", |sheet| {
        texts(sheet, &[&["number", "mixed", "whole", "day"]]);
        sheet.write(1, 0, 1.234).unwrap().write(2, 0, 5).unwrap();
        sheet.write(1, 1, 1.234).unwrap().write(2, 1, "1.234,5").unwrap();
        sheet.write(1, 2, 1234).unwrap().write(2, 2, "2.345").unwrap();
        let date = Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_with_format(1, 3, ExcelDateTime::from_ymd(2024, 1, 5).unwrap(), &date).unwrap();
        sheet.write(2, 3, "06/01/2024").unwrap();
    });
    let suite = |columns: &str| {
        let suite = format!("suite: s\ndatasets:\n  t:\n    source: t.xlsx\n    columns:\n{columns}\n");
        folder.write("suite.yaml", suite)
    };
    let vietnamese = "type: decimal, decimal: ',', thousands: '.'";
    // A column of numbers has no notation, and one of texts and whole numbers reads them as they are.
    let report = run(
        &suite(&format!(
            "      number: {{ {vietnamese}, range: {{ max: 5 }} }}\n      whole: {{ {vietnamese}, range: {{ min: 1234, max: 2345 }} }}"
        )),
        &[],
        2,
    );
    assert_eq!(four(&report, "t.number.range"), [2, 0, 0, 0]);
    assert_eq!(four(&report, "t.whole.range"), [2, 0, 0, 0]);
    for (column, stored) in [
        (format!("mixed: {{ {vietnamese}, range: {{ max: 5 }} }}"), "stored as text and numbers: no notation"),
        (
            "day: { type: date, format: '%Y-%d-%m', not_future: true }".to_owned(),
            "stored as text and dates: no notation",
        ),
    ] {
        let report = run(&suite(&format!("      {column}")), &[], 2);
        let rules = &report.datasets[0].rules;
        let reasons: Vec<String> =
            rules.iter().filter_map(|rule| rule.reason.clone()).map(|r| format!("{r:?}")).collect();
        let all = format!("{reasons:?} {:?}", report.datasets[0].error);
        assert!(all.contains(stored), "{column}: {all}");
    }
}

#[test]
fn a_series_of_workbooks_in_which_one_month_has_a_text_is_text_by_name() {
    let folder = Folder::new();
    let date = Format::new().set_num_format("dd/mm/yyyy");
    fs::create_dir(folder.path("m")).unwrap();
    book(&folder, "m/1.xlsx", |sheet| {
        texts(sheet, &[&["id", "amount", "whole", "day", "flag"]]);
        sheet.write(1, 0, 1).unwrap().write(1, 1, 1.5).unwrap().write(1, 2, 1234).unwrap().write(1, 4, true).unwrap();
        sheet.write_with_format(1, 3, ExcelDateTime::from_ymd(2024, 1, 5).unwrap(), &date).unwrap();
        sheet.write(2, 0, 2).unwrap().write(2, 1, 1000).unwrap();
    });
    book(&folder, "m/2.xlsx", |sheet| {
        texts(sheet, &[&["id", "amount", "whole", "day", "flag"], &["", "n/a", "2.345", "06/01/2024", "no"]]);
        sheet.write(1, 0, 3).unwrap();
        sheet.write(2, 0, 4).unwrap().write(2, 1, 2.25).unwrap();
    });
    book(&folder, "m/3.xlsx", |sheet| {
        texts(sheet, &[&["amount", "id"]]);
        sheet.write(1, 0, 0.1).unwrap().write(1, 1, 5).unwrap();
    });
    let suite = |more: &str, rules: &str| {
        let suite = format!("suite: s\ndatasets:\n  t:\n    source: {{ path: m{more} }}\n{rules}");
        run(&folder.write("suite.yaml", suite), &[], 2)
    };
    let strict = suite("", "").datasets[0].error.clone().unwrap();
    let strict = strict.rsplit('/').next().unwrap();
    assert!(
        strict.starts_with("2.xlsx: the column `amount` is stored as text and numbers here and as decimal in")
            || strict.starts_with("1.xlsx`: files of one dataset must agree; to read the column of every file as text"),
        "{strict}"
    );
    let rules = "    columns:
      id: { type: integer, unique: true }
      amount: { type: decimal, range: 0..1000 }
      whole: { allowed: ['1234', '2.345'] }
      day: { allowed: ['2024-01-05', '06/01/2024'] }
      flag: { allowed: ['true', 'no'] }
";
    let report = suite(", union: by_name", rules);
    // 5 rows; `n/a` alone is no number, and every number cell is written as people see it.
    assert_eq!(four(&report, "t.id.unique"), [5, 0, 0, 0]);
    assert_eq!(four(&report, "t.amount.type"), [4, 1, 0, 1]);
    assert_eq!(four(&report, "t.amount.range"), [4, 1, 0, 1]);
    for id in ["t.whole.allowed", "t.day.allowed", "t.flag.allowed"] {
        assert_eq!(four(&report, id), [2, 0, 3, 0], "{id}");
    }
    let stored: Vec<&str> = report.datasets[0].columns.iter().map(|column| column.stored.as_str()).collect();
    assert_eq!(stored, ["integer", "text and numbers", "text", "text and dates", "text"]);
    // A notation is about texts: none is read into number cells, in whatever file they are.
    for (column, notation) in [("amount", "type: decimal, decimal: ','"), ("day", "type: date, format: '%d/%m/%Y'")] {
        let error =
            suite(", union: by_name", &format!("    columns: {{ {column}: {{ {notation}, required: true }} }}\n"));
        assert!(
            error.datasets[0].error.is_some() || error.datasets[0].rules.iter().any(|rule| rule.reason.is_some()),
            "{column}"
        );
    }
}

#[test]
fn what_may_mislead_is_counted_and_shown() {
    let folder = Folder::new();
    let path = book(&folder, "t.xlsx", |sheet| {
        texts(sheet, &[&["a", "b", "c"]]);
        sheet.write(1, 0, 1).unwrap().write(2, 0, "2").unwrap().write(3, 0, "x").unwrap().write(4, 0, "3").unwrap();
        sheet.write(1, 1, "p").unwrap().write(4, 1, "q").unwrap();
        sheet.write_formula(2, 1, Formula::new("=NA()").set_result("#N/A")).unwrap();
        sheet.merge_range(5, 0, 6, 2, "m", &Format::new().set_background_color(Color::Red)).unwrap();
        sheet.set_row_hidden(2).unwrap().set_row_hidden(4).unwrap();
        sheet.set_column_hidden(2).unwrap();
    });
    let scanned = read(&path);
    assert_eq!(table(&scanned.rows), ["1|p|-", "2|-|-", "x|-|-", "3|q|-", "m|-|-"]);
    assert_eq!(scanned.lines, [2, 3, 4, 5, 6]);
    assert_eq!(scanned.malformed, [1]);
    let kinds: Vec<(FaultKind, u64)> = scanned.faults.iter().map(|(kind, count)| (*kind, *count)).collect();
    assert_eq!(
        kinds,
        [
            (FaultKind::ErrorCell, 1),
            (FaultKind::NumberAsText, 2),
            // Six cells are one region.
            (FaultKind::MergedCells, 5),
            (FaultKind::HiddenRow, 2),
            (FaultKind::HiddenColumn, 1),
        ]
    );
    let details: Vec<&str> = scanned.first_faults.iter().map(|fault| fault.detail.as_str()).collect();
    assert!(details.iter().any(|detail| detail.contains("Data!A3")), "{details:?}");
    // Nothing fails for what is no fault.
    let suite = folder
        .write("suite.yaml", "suite: s\ndatasets:\n  t:\n    source: t.xlsx\n    rules:\n      - check: well_formed\n");
    let report = run(&suite, &[], 2);
    assert_eq!(four(&report, "t.well_formed"), [4, 1, 0, 0]);
    let details = &rule(&report, "t.well_formed").details;
    assert_eq!(details.get("hidden_row"), Some(&2), "{details:?}");
}

#[test]
fn a_sheet_is_chosen_by_name_by_number_or_because_it_is_the_only_one() {
    let folder = Folder::new();
    let mut book = Workbook::new();
    for (name, text, is_hidden) in
        [("Empty", "", false), ("Báo cáo", "a", false), ("2", "b", true), ("Last", "c", false)]
    {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        if !text.is_empty() {
            texts(sheet, &[&[text], &[text]]);
        }
        sheet.set_hidden(is_hidden);
    }
    let path = folder.path("t.xlsx");
    book.save(&path).unwrap();
    let chosen = |sheet: OptionValue| {
        scan(&path, Options::default().with("sheet", sheet)).map(|scanned| columns(&scanned)[0].0.to_owned())
    };
    // A number is a position, and digits in quotes are a name.
    for (sheet, column) in
        [("Báo cáo".into(), "a"), ("2".into(), "b"), (2_u64.into(), "a"), (4_u64.into(), "c"), ("Last".into(), "c")]
    {
        assert_eq!(chosen(sheet).unwrap(), column, "{column}");
    }
    let written = |sheet: &str| {
        let suite = format!("suite: s\ndatasets:\n  t: {{ source: {{ path: t.xlsx, sheet: {sheet} }} }}\n");
        let report = run(&folder.write("suite.yaml", suite), &[], 2);
        report.datasets[0].columns.first().map(|column| column.name.clone()).ok_or(report.datasets[0].error.clone())
    };
    assert_eq!(written("2"), Ok("a".to_owned()));
    assert_eq!(written("\"2\""), Ok("b".to_owned()));
    assert_eq!(written("'2'"), Ok("b".to_owned()));
    let read = |text: &str| OptionKind::NameOrNumber.read(text).unwrap();
    assert_eq!([read("2"), read("\"2\""), read("02")], [2_u64.into(), "2".into(), "02".into()]);
    assert_eq!(
        refused(&path, Options::default().with("sheet", 5_u64)),
        "has no sheet number 5; it has `Empty`, `Báo cáo`, `2`, `Last`"
    );
    assert!(refused(&path, Options::default().with("sheet", "4")).ends_with("A number is not quoted: `sheet: 4`"));
    let mut years = Workbook::new();
    years.add_worksheet().set_name("2023").unwrap();
    texts(years.add_worksheet().set_name("2024").unwrap(), &[&["a"], &["b"]]);
    years.save(folder.path("years.xlsx")).unwrap();
    assert_eq!(
        refused(&folder.path("years.xlsx"), Options::default().with("sheet", 2024_u64)),
        "has no sheet number 2024; it has `2023`, `2024`. To name a sheet, quote it: `sheet: \"2024\"`"
    );
    assert_eq!(
        refused(&path, Options::default()),
        "has 2 sheets with cells: name one with `sheet`. There are `Báo cáo`, `Last`"
    );
    assert_eq!(
        refused(&path, Options::default().with("sheet", "Báo")),
        "has no sheet `Báo`; it has `Empty`, `Báo cáo`, `2`, `Last`"
    );
    assert!(refused(&path, Options::default().with("sheet", "Empty")).contains("no cells with values"));
    let charts = xlsx(&[("name=\"C\"", "chartsheet", "<chartsheet/>")], &[]);
    assert!(refused(&folder.write("charts.xlsx", charts), Options::default()).contains("only charts"));
    assert!(refused(&folder.write("none.xlsx", xlsx(&[], &[])), Options::default()).contains("has no sheets"));
    let hidden = xlsx(&[("name=\"H\" state=\"veryHidden\"", "worksheet", &sheet("<row><c><v>1</v></c></row>"))], &[]);
    let message = refused(&folder.write("hidden.xlsx", hidden), Options::default());
    assert_eq!(message, "only hidden sheets have cells: name one with `sheet`. There are `H`");
}

#[test]
fn the_header_and_the_cells_are_where_they_are_declared() {
    let folder = Folder::new();
    let path = book(&folder, "t.xlsx", |sheet| {
        texts(
            sheet,
            &[
                &["Report"],
                &[],
                &["", "id", "name", ""],
                &["", "1", "An", "x"],
                &[],
                &["", "2", "Bình", ""],
                &["Total"],
            ],
        );
    });
    let of = |options: Options| {
        let scanned = scan(&path, options).unwrap();
        (
            columns(&scanned).iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(),
            table(&scanned.rows),
            scanned.lines,
        )
    };
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let base = Options::default;
    assert_eq!(
        of(base().with("header_row", 3_u64).with("range", "B:C")),
        (named(&["id", "name"]), named(&["1|An", "2|Bình"]), vec![4, 6])
    );
    assert_eq!(of(base().with("range", "B3:C4")), (named(&["id", "name"]), named(&["1|An"]), vec![4]));
    // The columns are those with cells from the header on.
    assert_eq!(
        of(base().with("header_row", 3_u64)),
        (
            named(&["column_1", "id", "name", "column_4"]),
            named(&["-|1|An|x", "-|2|Bình|-", "Total|-|-|-"]),
            vec![4, 6, 7]
        )
    );
    let names = |names: &[&str]| base().with("header", false).with("columns", named(names)).with("range", "B4:D6");
    assert_eq!(of(names(&["a", "b", "c"])), (named(&["a", "b", "c"]), named(&["1|An|x", "2|Bình|-"]), vec![4, 6]));
    // One cell is behind the last column.
    let few = scan(&path, names(&["a", "b"])).unwrap();
    assert_eq!((few.malformed, few.faults.get(&FaultKind::ExtraCells)), (vec![0], Some(&1)));
    assert!(refused(&path, names(&["a", "b", "c", "d"])).contains("`columns` names 4 columns, and the range has 3"));
    assert!(refused(&path, base().with("header_row", 2_u64)).contains("row 2 of the sheet `Data`"));
    assert!(refused(&path, base().with("range", "3:7")).contains("no range of cells"));
    assert!(refused(&path, base().with("range", "F1:G9")).contains("in the rows and columns that are declared"));
    assert!(refused(&path, base().with("header_row", 1_u64).with("header", false)).contains("leave one of them out"));
}

#[test]
fn rows_and_columns_outside_of_the_range_are_counted_and_shown() {
    let folder = Folder::new();
    let path = book(&folder, "t.xlsx", |sheet| {
        let data = &[
            &["Report"][..],
            &[],
            &["id", "n", "", "note"],
            &["1", "2"],
            &["3", "4", "", "x"],
            &["5", "6"],
            &["Sum", "9"],
        ];
        texts(sheet, data);
    });
    let left_out = |options: Options| {
        let left_out = scan(&path, options).unwrap().left_out;
        (left_out.rows_above, left_out.rows_below, left_out.columns_beside)
    };
    let base = Options::default;
    assert_eq!(left_out(base()), (0, 0, 0));
    assert_eq!(left_out(base().with("header_row", 3_u64)), (1, 0, 0));
    assert_eq!(left_out(base().with("range", "A3:B5")), (1, 2, 1));
    assert_eq!(left_out(base().with("range", "A2:D5").with("header_row", 3_u64)), (1, 2, 0));
    assert_eq!(left_out(base().with("range", "B4:B6").with("header", false)), (2, 1, 2));
    let suite = folder.write(
        "suite.yaml",
        "suite: s\ndatasets:\n  t:\n    source: { path: t.xlsx, range: A3:B5 }\n    columns: { id: { required: true } }\n",
    );
    let report = run(&suite, &[], 2);
    let dataset = &report.datasets[0];
    let rule = dataset.rules.iter().find(|rule| rule.check == "well_formed").unwrap();
    assert_eq!(
        ["rows_above_the_header_or_range", "rows_below_the_range", "columns_beside_the_range"]
            .map(|name| rule.details.get(name).copied()),
        [Some(1), Some(2), Some(1)]
    );
    let said = "1 row with cells above the header or the range, 2 rows with cells below the range and 1 column with cells \
                beside the range are not data, by the declared header row or range, and left out";
    assert_eq!(report.notices.iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>(), [said]);
}

#[test]
fn error_values_of_any_name_are_faults_of_their_cell() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>a</v></c><c r=\"B1\" t=\"str\"><v>n</v></c></row>\
        <row r=\"2\"><c r=\"A2\" t=\"e\"><v>#SPILL!</v></c><c r=\"B2\"><v>1</v></c></row>\
        <row r=\"3\"><c r=\"A3\" t=\"str\"><v>x</v></c><c r=\"B3\" t=\"e\"><f>z</f><v>#GETTING_DATA</v></c></row>\
        <row r=\"4\"><c r=\"A4\" t=\"str\"><v>y</v></c><c r=\"B4\" t=\"e\"><v>#N/A</v></c></row>";
    let folder = Folder::new();
    let scanned = read(&folder.write("t.xlsx", xlsx(&[("name=\"S\"", "worksheet", &sheet(rows))], &[])));
    assert_eq!(columns(&scanned), [("a", "text"), ("n", "integer")]);
    assert_eq!(table(&scanned.rows), ["-|1", "x|unreadable", "y|unreadable"]);
    assert_eq!((scanned.malformed, scanned.faults.get(&FaultKind::ErrorCell)), (vec![0, 1, 2], Some(&3)));
    // Cells without a place are counted, and the library counts none for this one.
    let rows = "<row><c t=\"str\"><v>a</v></c></row><row><c t=\"e\"><v>#SPILL!</v></c></row>";
    let path = folder.write("p.xlsx", xlsx(&[("name=\"S\"", "worksheet", &sheet(rows))], &[]));
    assert!(refused(&path, Options::default()).contains("an error value that is not known here"));
}

#[test]
fn texts_of_cells_are_what_people_see() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>a</t></is></c><c r=\"B1\" t=\"str\"><v>b</v></c></row>\
        <row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\" t=\"str\"><f>x</f><v>a &amp; b</v></c></row>\
        <row r=\"3\"><c r=\"A3\" t=\"s\"><v>1</v></c><c r=\"B3\" t=\"str\"><f>x</f><v></v></c></row>\
        <row r=\"4\"><c r=\"A4\" t=\"s\"><v>2</v></c><c r=\"B4\"><f>1+1</f><v></v></c></row>\
        <row r=\"5\"><c r=\"B5\"><f>1+1</f></c></row>\
        <row r=\"6\"><c r=\"B6\" t=\"str\"><f>x</f><v></v></c></row>";
    let shared = "<sst uniqueCount=\"3\"><si><r><t>rich</t></r><r><t xml:space=\"preserve\"> text</t></r></si>\
        <si><t>漢</t><rPh sb=\"0\" eb=\"1\"><t>kan</t></rPh></si><si><t>two_x000A_lines_x005F_x</t></si></sst>";
    let folder = Folder::new();
    let bytes = xlsx(&[("name=\"S\"", "worksheet", &sheet(rows))], &[("xl/sharedStrings.xml", shared.as_bytes())]);
    let scanned = read(&folder.write("t.xlsx", bytes));
    assert_eq!(columns(&scanned)[0], ("a", "text"));
    // The empty text of a formula is no value, and a row of nothing else is no record. A formula that nobody calculated is a
    // fault.
    assert_eq!(table(&scanned.rows), ["rich text|a & b", "漢|-", "two\nlines_x|-", "-|-"]);
    assert_eq!((scanned.lines, scanned.malformed), (vec![2, 3, 4, 5], vec![2, 3]));
    assert_eq!(scanned.faults.get(&FaultKind::Uncalculated), Some(&2));
}

#[test]
fn formulas_that_nobody_calculated_are_faults_and_never_run() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>n</v></c></row><row r=\"2\"><c r=\"A2\"><f>WEBSERVICE(\"http://x\")</f></c></row>\
        <row r=\"3\"><c r=\"A3\"><f>A2</f></c></row>";
    let folder = Folder::new();
    // Macros lie beside the sheets, and nobody looks at them.
    let bytes = xlsx(
        &[("name=\"S\"", "worksheet", &sheet(rows))],
        &[("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 Sub Auto_Open()")],
    );
    let path = folder.write("t.xlsm", bytes);
    let scanned = read(&path);
    assert_eq!((table(&scanned.rows), scanned.malformed), (vec!["-".to_owned(), "-".to_owned()], vec![0, 1]));
    assert_eq!(scanned.faults.get(&FaultKind::Uncalculated), Some(&2));
    let suite = folder.write(
        "suite.yaml",
        "suite: s\ndatasets:\n  t:\n    source: t.xlsm\n    columns:\n      n: { required: true }\n",
    );
    let report = run(&suite, &[], 2);
    assert_eq!((four(&report, "t.n.required"), four(&report, "t.well_formed")), ([0, 2, 0, 0], [0, 2, 0, 0]));
}

#[test]
fn binary_workbooks_are_read_record_by_record() {
    let longs = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let row = |row: u32, is_hidden: bool| {
        let mut bytes = longs(&[row, 0]);
        bytes.extend([0, 0, 0, if is_hidden { 0x10 } else { 0 }, 0, 0, 0, 0, 0]);
        (0, bytes)
    };
    let cell = |column: u32, value: &[u8]| [longs(&[column, 0]), value.to_vec()].concat();
    let wide = |text: &str| {
        let units: Vec<u16> = text.encode_utf16().collect();
        [longs(&[u32::try_from(units.len()).unwrap()]), units.iter().flat_map(|unit| unit.to_le_bytes()).collect()]
            .concat()
    };
    let bytes = xlsb(&[
        (0x81, vec![]),
        (0x94, longs(&[0, 4, 0, 1])),
        (0x91, vec![]),
        row(0, false),
        (6, cell(0, &wide("n"))),
        (6, cell(1, &wide("t"))),
        row(1, false),
        (5, cell(0, &1.5_f64.to_le_bytes())),
        (6, cell(1, &wide("Bình"))),
        row(2, true),
        // A formula that gives #N/A, which the library passes over, and a number behind it.
        (11, cell(0, &[0x2A])),
        (6, cell(1, &wide("x"))),
        row(3, false),
        (2, cell(0, &30_i32.to_le_bytes())),
        (3, cell(1, &[0x07])),
        // An error that the library does not know.
        row(4, false),
        (3, cell(0, &[0x2D])),
        (6, cell(1, &wide("y"))),
        (0x92, vec![]),
        (0xB1, longs(&[1])),
        (0xB0, longs(&[2, 3, 1, 1])),
        (0xB2, vec![]),
        (0x82, vec![]),
    ]);
    let folder = Folder::new();
    let scanned = read(&folder.write("t.xlsb", bytes));
    assert_eq!(columns(&scanned), [("n", "decimal"), ("t", "text")]);
    assert_eq!(table(&scanned.rows), ["1.5|Bình", "unreadable|x", "7|-", "unreadable|y"]);
    assert_eq!(scanned.malformed, [1, 2, 3]);
    let count = |kind: FaultKind| scanned.faults.get(&kind).copied().unwrap_or_default();
    let kinds = [FaultKind::ErrorCell, FaultKind::HiddenRow, FaultKind::MergedCells];
    assert_eq!(kinds.map(count), [3, 1, 1]);
}

#[test]
fn dates_before_march_1900_and_of_the_system_of_1904_are_right() {
    let styles = "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>d</v></c></row><row r=\"2\"><c r=\"A2\" s=\"1\"><v>59</v></c></row>\
        <row r=\"3\"><c r=\"A3\" s=\"1\"><v>60</v></c></row><row r=\"4\"><c r=\"A4\" s=\"1\"><v>61</v></c></row>\
        <row r=\"5\"><c r=\"A5\" s=\"1\"><v>-5</v></c></row>";
    let folder = Folder::new();
    let bytes = xlsx(&[("name=\"S\"", "worksheet", &sheet(rows))], &[("xl/styles.xml", styles.as_bytes())]);
    let scanned = read(&folder.write("t.xlsx", bytes.clone()));
    // 1900-02-28 and 1900-03-01 are one day apart; 29 February did not exist.
    assert_eq!(table(&scanned.rows), ["-25509", "unreadable", "-25508", "unreadable"]);
    assert_eq!(scanned.malformed, [1, 3]);
    // A 0, such as `=Z1` of an empty cell gives, is no day among dates, also where one of them is text.
    let of_zero = |name: &str, first: &str, last: &str| {
        let rows = format!(
            "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>d</v></c></row><row r=\"2\"><c r=\"A2\" s=\"1\"><v>{first}</v></c></row>\
             <row r=\"3\"><c r=\"A3\" s=\"1\"><v>0</v></c></row><row r=\"4\"><c r=\"A4\" {last}</c></row>"
        );
        let bytes = xlsx(&[("name=\"S\"", "worksheet", &sheet(&rows))], &[("xl/styles.xml", styles.as_bytes())]);
        let scanned = read(&folder.write(name, bytes));
        (
            table(&scanned.rows),
            scanned.malformed,
            scanned.faults.get(&FaultKind::ErrorCell).copied().unwrap_or_default(),
        )
    };
    let texts = |texts: [&str; 3]| texts.map(str::to_owned).to_vec();
    assert_eq!(
        of_zero("dates.xlsx", "59", "s=\"1\"><v>61</v>"),
        (texts(["-25509", "unreadable", "-25508"]), vec![1], 1)
    );
    assert_eq!(of_zero("mixed.xlsx", "59", "t=\"str\"><v>n/a</v>"), (texts(["1900-02-28", "-", "n/a"]), vec![1], 1));
    assert_eq!(
        of_zero("times.xlsx", "0.5", "s=\"1\"><v>0.25</v>"),
        (texts(["12:00:00", "00:00:00", "06:00:00"]), vec![], 0)
    );
    // In the system of 1904, 0 is 1904-01-01, 24,107 days before 1970, and 60 is the first of March of a leap year. Among times
    // it is midnight.
    let rows = |cells: &[[&str; 3]]| -> String {
        let cell = |(column, value): (char, &&str)| format!("<c r=\"{column}0\" s=\"1\"><v>{value}</v></c>");
        let row = |(number, cells): (usize, &[&str; 3])| {
            let cells: String = ('A'..).zip(cells).map(cell).collect();
            format!("<row r=\"{number}\">{}</row>", cells.replace("0\" s", &format!("{number}\" s")))
        };
        (2..).zip(cells).map(row).collect()
    };
    let header = "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>d</v></c><c r=\"B1\" t=\"str\"><v>t</v></c><c r=\"C1\" t=\"str\"><v>h</v></c></row>";
    let cells = [["0", "0", "0"], ["60", "0.5", "0.5"], ["1", "43834", "0.25"]];
    let sheets = [("name=\"S\"", "worksheet", &*sheet(&(header.to_owned() + &rows(&cells))))];
    let bytes = xlsx(&sheets, &[("xl/styles.xml", styles.as_bytes())]);
    let system =
        with_entry(&bytes, "xl/workbook.xml", |xml| xml.replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>"));
    let scanned = read(&folder.write("1904.xlsx", system));
    assert_eq!(columns(&scanned), [("d", "date"), ("t", "timestamp[ms]"), ("h", "time")]);
    let micros = |days: i64, hours: i64| (days * 24 + hours) * 3_600_000_000;
    assert_eq!(
        table(&scanned.rows),
        [
            format!("-24107|{}|00:00:00", micros(-24_107, 0)),
            format!("-24047|{}|12:00:00", micros(-24_107, 12)),
            format!("-24106|{}|06:00:00", micros(DAY_2024_01_05, 0)),
        ]
    );
}

#[test]
fn batches_are_the_same_whatever_is_asked() {
    let folder = Folder::new();
    let path = book(&folder, "t.xlsx", |sheet| {
        for row in 0..500 {
            sheet.write(row, 0, format!("text {row}")).unwrap().write(row, 1, row).unwrap();
        }
    });
    let one = scan_with(&path, Options::default(), 1, Some(1000)).unwrap();
    assert!(one.batches.len() > 5, "{:?}", one.batches);
    for threads in [2, 8] {
        assert_eq!(one, scan_with(&path, Options::default(), threads, Some(1000)).unwrap());
    }
    let whole = scan(&path, Options::default()).unwrap();
    assert_eq!((one.rows, one.lines), (whole.rows, whole.lines));
}

#[test]
fn a_full_sheet_is_read_to_its_last_row() {
    let folder = Folder::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().unwrap();
    sheet.write(0, 0, "n").unwrap();
    for row in 1..1_048_576_u32 {
        sheet.write(row, 0, row).unwrap();
    }
    let path = folder.path("t.xlsx");
    book.save(&path).unwrap();
    let suite = folder.write(
        "suite.yaml",
        "suite: s\ndatasets:\n  t:\n    source: t.xlsx\n    columns:\n      n: { range: { min: 1, max: 1048574 } }\n",
    );
    // Once: the reference engine holds all rows.
    let report = run_within(passmuster::engine::MemoryLimit::Process(u64::MAX), &suite, &[], 2);
    assert_eq!(four(&report, "t.n.range"), [1_048_574, 1, 0, 0]);
    assert_eq!(rule(&report, "t.n.range").failing_rows[0].line, Some(1_048_576));
}

#[test]
fn what_cannot_be_read_is_one_clear_message() {
    let folder = Folder::new();
    let message = |name: &str, bytes: &[u8]| refused(&folder.write(name, bytes), Options::default());
    let whole = fs::read(fixture("workbooks/persons.xlsx")).unwrap();
    assert_eq!(
        refused(&fixture("workbooks/locked.xlsx"), Options::default()),
        "the workbook has a password: save a copy without one"
    );
    let manifest = b"<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    let locked = zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", b"<office:document-content/>"),
    ]);
    assert_eq!(message("locked.ods", &locked), "the workbook has a password: save a copy without one");
    // The record behind the first one of an old workbook becomes the one of a password.
    let mut old = fs::read(fixture("workbooks/persons.xls")).unwrap();
    let first = old.windows(4).position(|bytes| bytes == [0x09, 0x08, 0x10, 0x00]).unwrap();
    assert_eq!(old[first + 20..first + 24], [0xE1, 0x00, 0x02, 0x00]);
    old[first + 20] = 0x2F;
    // In the ways of the later versions, and in that of the first.
    for way in [1, 0] {
        old[first + 24..first + 26].copy_from_slice(&[way, 0]);
        assert_eq!(message("locked.xls", &old), "the workbook has a password: save a copy without one");
    }
    assert!(message("cut.xlsx", &whole[..3000]).contains("cut off or damaged"));
    assert!(
        message("cut.xls", &fs::read(fixture("workbooks/persons.xls")).unwrap()[..3000]).contains("cut off or damaged")
    );
    assert!(message("text.xlsx", b"a,b\n1,2\n").contains("is not a workbook"));
    assert!(message("empty.xlsx", b"").contains("empty"));
    assert!(message("other.xlsx", &zipped(&[("a.csv", b"a\n1\n")])).contains("a zip archive without a workbook"));
    let disordered = sheet("<row r=\"2\"><c r=\"A2\"><v>1</v></c></row><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>");
    assert!(
        message("order.xlsx", &xlsx(&[("name=\"S\"", "worksheet", &disordered)], &[]))
            .contains("not in order at row 1")
    );
    let row = sheet("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>");
    let texts: &[u8] = b"<sst uniqueCount=\"100000000000\"><si><t>a</t></si></sst>";
    let announced = xlsx(&[("name=\"S\"", "worksheet", &row)], &[("xl/sharedStrings.xml", texts)]);
    assert!(message("announced.xlsx", &announced).contains("announces more texts than it holds"));
    // A text file by its name that is a workbook by its bytes.
    assert!(message("book.csv", &whole).contains("declare `format: spreadsheet`"));
    assert!(
        message("old.csv", &fs::read(fixture("workbooks/persons.xls")).unwrap())
            .contains("declare `format: spreadsheet`")
    );
}

#[test]
fn a_workbook_in_an_archive_is_read_and_none_is_split() {
    let folder = Folder::new();
    let bytes = fs::read(fixture("workbooks/persons.xlsx")).unwrap();
    for name in ["persons.xlsx", "persons.ods", "persons.xls"] {
        let path = fixture(&format!("workbooks/{name}"));
        let inside = folder.write("t.zip", packed::zip(&[(name, &fs::read(&path).unwrap())]));
        let (direct, zipped) = (read(&path), read(&inside));
        assert_eq!((zipped.columns, zipped.rows), (direct.columns, direct.rows), "{name}");
    }
    folder.write("t.xlsx", bytes);
    folder.write("suite.yaml", "suite: s\ndatasets:\n  t: { source: t.xlsx }\n");
    let output = program::run(&folder, &["audit", "suite.yaml", "--quarantine", "out"]);
    let text = program::stdout(&output) + &program::stderr(&output);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(program::code(&output), 2, "{text}");
    assert!(text.contains("a workbook cannot be split into two workbooks"), "{text}");
    assert!(!folder.path("out/t").exists());
}

#[test]
fn a_workbook_that_is_made_to_exhaust_a_machine_is_refused() {
    let folder = Folder::new();
    let mut rows = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>".to_owned();
    rows.extend(std::iter::repeat_n(' ', 80 << 20));
    let bomb = xlsx(&[("name=\"S\"", "worksheet", &sheet(&rows))], &[]);
    assert!(bomb.len() < 1 << 20);
    let message = refused(&folder.write("bomb.xlsx", bomb), Options::default());
    assert!(message.contains("grows to more than 1000 times its size"), "{message}");
    // What the library holds is checked against the memory before it is held.
    let mut texts = "<sst>".to_owned();
    for text in 0..40_000 {
        write!(texts, "<si><t>text {text}</t></si>").unwrap();
    }
    texts += "</sst>";
    let row = sheet("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>");
    let path = folder
        .write("t.xlsx", xlsx(&[("name=\"S\"", "worksheet", &row)], &[("xl/sharedStrings.xml", texts.as_bytes())]));
    let error = Source::open_within(&spec(&path, Options::default()), 4 << 20).unwrap_err();
    assert!(matches!(error.problem, Problem::BeyondLimit(_)), "{error}");
    assert!(Source::open_within(&spec(&path, Options::default()), 64 << 20).is_ok());
}

#[test]
fn options_of_workbooks_are_read_in_a_suite() {
    let report = audit_files(&[(
        "suite.yaml",
        &format!(
            "suite: s\ndatasets:\n  t:\n    source: {{ path: {}, sheet: 1, header_row: 1, range: A:B }}\n    columns:\n      \
             name: {{ required: true }}\n",
            fixture("workbooks/persons.xlsx").display()
        ),
    )]);
    assert_eq!(report.datasets[0].status, DatasetStatus::Audited);
    assert_eq!(four(&report, "t.name.required"), [4, 0, 0, 0]);
}
