//! Evidence folders as `passmuster evidence` shows them: text for people and programs, and workbooks.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Reader, Xlsx};
use passmuster::evidence::{Evidence, EvidenceFolder};
use passmuster::model::{
    Dimension, EVIDENCE_FORMAT, EvidenceDataset, EvidenceKey, EvidenceManifest, EvidenceRule, FailedRule, FailingGroup,
    FailingRow, Severity, Statement, ToolFacts, Unit,
};
use passmuster::report::json;
use passmuster::worklist::{Selection, Wanted, write_workbook};

use crate::support::program::{code, run, stderr, stdout};
use crate::support::repository::root;

const HOSTILE: &str = "=HYPERLINK(\"http://example.com\",\"x\")";

fn rule(id: &str, owner: &str, severity: Severity, failed: u64) -> EvidenceRule {
    EvidenceRule {
        id: id.to_owned(),
        dataset: "citizens".to_owned(),
        title: format!("title of {id}"),
        check: "identifier".to_owned(),
        severity,
        dimension: Dimension::Correct,
        columns: vec!["id".to_owned()],
        owner: Some(owner.to_owned()),
        because: Some("@because".to_owned()),
        fix: Some(format!("fix of {id}")),
        due: Some("2026-12-31".to_owned()),
        unit: Unit::Rows,
        failed,
        evaluated: 10,
        observed: "some failed".to_owned(),
        expected: "none fails".to_owned(),
        rows_of: None,
        listed: failed,
        groups: 0,
        limit: None,
    }
}

/// Three failing rows of two owners, and a failing group.
fn write(folder: &Path) {
    let text = str::to_owned;
    let evidence = EvidenceFolder::create(folder, false, &["citizens"]).unwrap();
    let mut table = evidence.failing_table("citizens", &[text("id")], &[]).unwrap();
    let failed = |rule: &str, reason: Option<&str>| FailedRule { rule: rule.into(), reason: reason.map(Into::into) };
    for (record, key, failed) in [
        (1, HOSTILE, vec![failed("a", Some("check_digit")), failed("b", None)]),
        (2, "plain", vec![failed("b", Some("double_space"))]),
        (7, "\u{1b}[31m\u{0}\u{ffff}", vec![failed("a", None)]),
    ] {
        let (file, key) = ("c.csv".into(), vec![Some(text(key))]);
        table.push(&FailingRow { file, record, line: Some(record + 1), key, failed, cells: Vec::new() }).unwrap();
    }
    let failing = Some(table.finish().unwrap());
    let mut table = evidence.groups_table("citizens").unwrap();
    let says =
        Statement { side: text("ledger"), measure: text("sum(amount)"), count: None, value: Some(text("12.50")) };
    let (first, last) = (None, None);
    let (key_columns, key) = (vec![text("province")], vec![Some(text("01"))]);
    let why = text("differs");
    table.push(&FailingGroup { rule: text("c"), key_columns, key, says: vec![says], why, first, last }).unwrap();
    let dataset = EvidenceDataset {
        name: text("citizens"),
        title: None,
        owner: None,
        steward: None,
        files: vec![text("c.csv")],
        failing,
        groups: Some(table.finish().unwrap()),
        key: vec![EvidenceKey { column: text("id"), personal: false, token: false }],
        revealed: Vec::new(),
        not_listed: None,
    };
    let rules = vec![
        rule("a", "Health", Severity::Critical, 2),
        rule("b", "../Tax", Severity::Minor, 2),
        EvidenceRule { unit: Unit::Groups, listed: 0, groups: 1, ..rule("c", "Health", Severity::Major, 1) },
    ];
    let manifest = EvidenceManifest {
        format: text(EVIDENCE_FORMAT),
        digest: String::new(),
        tool: ToolFacts { name: text("passmuster"), version: text("0.0.0"), engine: text("local") },
        suite: text("register"),
        rules_hash: text("00"),
        as_of: text("2026-01-01"),
        result: text("11"),
        tokens: None,
        datasets: vec![dataset],
        rules,
        notices: Vec::new(),
    };
    evidence.finish(manifest).unwrap();
}

fn written() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("ev"));
    folder
}

/// The cells of a sheet as text.
fn sheet(book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Vec<Vec<String>> {
    let range = book.worksheet_range(name).unwrap();
    range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
}

fn open(path: &Path) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(fs::read(path).unwrap())).unwrap()
}

#[test]
fn people_see_places_keys_and_reasons_in_words() {
    let folder = written();
    let output = run(folder.path(), &["evidence", "ev"]);
    let text = stdout(&output);
    assert_eq!(code(&output), 0);
    for part in ["citizens: 3 failing rows", "c.csv line 2", "a: title of a (the check digit", "two spaces"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("ledger: sum(amount) = 12.50") && text.contains(r"\u{1b}[31m"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn csv_has_a_line_for_each_row_and_rule_and_no_formula() {
    let folder = written();
    let output = run(folder.path(), &["evidence", "ev", "--format", "csv"]);
    let text = stdout(&output);
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = csv.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 5, "{text}");
    assert_eq!(&rows[0][4], format!("'{HOSTILE}"));
    assert_eq!(&rows[0][10], "the check digit does not match");
    let header = csv.headers().unwrap().clone();
    let of_group = |name: &str| &rows[4][header.iter().position(|known| known == name).unwrap()];
    let expected = [
        ("dataset", "citizens"),
        ("file", ""),
        ("key.id", ""),
        ("key.province", "01"),
        ("rule", "c"),
        ("reason_code", "differs"),
        ("found", "ledger: sum(amount) = 12.50"),
    ];
    assert!(expected.iter().all(|(name, cell)| of_group(name) == *cell), "{text}");
    let chosen = |args: &[&str]| {
        let args = [&["evidence", "ev", "--format", "csv"], args].concat();
        stdout(&run(folder.path(), &args)).lines().count() - 1
    };
    assert_eq!(chosen(&["--rule", "a"]), 2);
    assert_eq!(chosen(&["--owner", "../Tax"]), 2);
    assert_eq!(chosen(&["--severity", "major"]), 3);
    assert_eq!(chosen(&["--rule", "a", "--owner", "../Tax"]), 0);
}

#[test]
fn json_is_one_document() {
    let folder = written();
    let text = stdout(&run(folder.path(), &["evidence", "ev", "--format", "json"]));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["rows"].as_array().unwrap().len(), 3);
    assert_eq!(value["rows"][0]["key"]["id"], HOSTILE);
    assert_eq!(value["groups"][0]["says"][0]["value"], "12.50");
    assert_eq!(value["rules"].as_array().unwrap().len(), 3);
}

#[test]
fn an_excerpt_is_an_evidence_folder() {
    let folder = written();
    let args = ["evidence", "ev", "--rule", "b", "--format", "parquet", "--output", "part"];
    let output = run(folder.path(), &args);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let part = Evidence::open(&folder.path().join("part")).unwrap();
    let rows: Vec<FailingRow> =
        part.failing(&part.manifest().datasets[0]).unwrap().unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|row| row.record).collect::<Vec<_>>(), [1, 2]);
    assert!(rows.iter().all(|row| row.failed.len() == 1));
    assert!(stderr(&run(folder.path(), &args)).contains("not empty"));
}

#[test]
fn each_owner_gets_a_workbook_with_their_rules_only() {
    let folder = written();
    let args = ["evidence", "ev", "--by", "owner", "--format", "xlsx", "--output", "books"];
    let output = run(folder.path(), &args);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let books = folder.path().join("books");
    let mut names: Vec<_> =
        fs::read_dir(&books).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names.len(), 2);
    let tax = names.iter().find(|name| name.contains("Tax")).unwrap();
    let mut book = open(&books.join("Health.xlsx"));
    assert_eq!(book.sheet_names(), ["Rules", "citizens", "citizens groups"]);
    let rules = sheet(&mut book, "Rules");
    assert_eq!((rules[1][1].as_str(), rules[1][2].as_str()), ("a", "title of a\nsome failed"));
    assert!(matches!(book.worksheet_range("Rules").unwrap().get((1, 9)), Some(Data::DateTime(_))));
    let rows = sheet(&mut book, "citizens");
    assert_eq!(
        rows[0],
        ["File", "Record", "Line", "id", "Rules", "What must hold: what is wrong", "How to fix", "Correction"]
    );
    assert_eq!(
        rows[1][..7],
        ["c.csv", "1", "2", HOSTILE, "a", "title of a: the check digit does not match", "fix of a"]
    );
    assert_eq!(rows.len(), 3, "rows of the other owner only are left out");
    let mut book = open(&books.join(tax));
    assert_eq!(book.sheet_names(), ["Rules", "citizens"]);
    assert_eq!(sheet(&mut book, "citizens")[2][5], "title of b: two spaces in a row");
}

#[test]
fn a_workbook_has_no_formula_and_no_link() {
    let folder = written();
    let path = folder.path().join("all.xlsx");
    let output = run(folder.path(), &["evidence", "ev", "--format", "xlsx", "--output", "all.xlsx"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let mut book = open(&path);
    for name in book.sheet_names() {
        let formulas = book.worksheet_formula(&name).unwrap();
        assert!(formulas.used_cells().next().is_none(), "{name}");
    }
    assert_eq!(sheet(&mut book, "citizens")[3][3], "\\u{1b}[31m\\u{0}\\u{ffff}");
    let unzipped = std::process::Command::new("unzip").arg("-p").arg(&path).output();
    if let Ok(unzipped) = unzipped {
        let xml = String::from_utf8_lossy(&unzipped.stdout).into_owned();
        assert!(xml.contains("<sheetData") && !xml.contains("<f>") && !xml.contains("<hyperlink"), "{xml}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn rows_beyond_a_sheet_go_on_in_the_next_one() {
    let folder = written();
    let evidence = Evidence::open(&folder.path().join("ev")).unwrap();
    let selection = Selection::new(&evidence, &Wanted::default()).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    write_workbook(&selection, 3, &mut bytes).unwrap();
    let mut book = Xlsx::new(bytes).unwrap();
    assert_eq!(book.sheet_names(), ["Rules", "citizens", "citizens (2)", "citizens groups"]);
    assert_eq!((sheet(&mut book, "citizens").len(), sheet(&mut book, "citizens (2)").len()), (3, 2));
    let rules = sheet(&mut book, "Rules");
    let note = "3 rows of citizens are on 2 sheets: citizens, citizens (2)";
    assert!(rules.iter().any(|row| row[0] == note), "{rules:?}");
}

#[test]
fn wrong_names_and_missing_options_are_refused() {
    let folder = written();
    fs::create_dir(folder.path().join("x")).unwrap();
    for (args, message) in [
        (
            &["ev", "--dataset", "citizen"][..],
            "dataset \"citizen\" does not exist in the evidence. Did you mean \"citizens\"?",
        ),
        (&["ev", "--owner", "Heath"], "Did you mean \"Health\"?"),
        (&["ev", "--rule", "unknown"], "rule \"unknown\" does not exist"),
        (&["ev", "--format", "xlsx"], "add --output FILE"),
        (&["ev", "--format", "parquet"], "add --output DIR"),
        (&["ev", "--by", "owner"], "add --format xlsx"),
        (&["ev", "--format", "csv", "--output", "ev/evidence.json"], "it is in the evidence folder itself"),
        (&["ev", "--format", "parquet", "--force", "--output", "ev"], "it is in the evidence folder itself"),
        (&["ev", "--format", "parquet", "--output", "x/../ev/new"], "it is in the evidence folder itself"),
        (&["."], "it has no evidence.json"),
        (&["nowhere"], "does not exist"),
    ] {
        let output = run(folder.path(), &[&["evidence"], args].concat());
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(stdout(&output).is_empty() && stderr(&output).contains(message), "{args:?}: {}", stderr(&output));
    }
}

/// Refresh with `passmuster schema evidence > schema/evidence.schema.json`.
#[test]
fn the_published_schema_is_fresh_and_fits() {
    let published = fs::read_to_string(root().join("schema/evidence.schema.json")).unwrap_or_default();
    assert!(published == format!("{:#}\n", json::evidence_schema()), "schema/evidence.schema.json is not fresh");
    let folder = written();
    let manifest = fs::read_to_string(folder.path().join("ev/evidence.json")).unwrap();
    let validator = jsonschema::validator_for(&json::evidence_schema()).unwrap();
    assert!(validator.is_valid(&serde_json::from_str(&manifest).unwrap()));
}

#[test]
fn every_reason_that_a_check_distinguishes_is_said_in_words() {
    let texts = passmuster::text::Fault::ALL.map(passmuster::text::Fault::name);
    let identifiers = passmuster::identifiers::Fault::ALL.map(passmuster::identifiers::Fault::name);
    let others = [
        "likely_slips",
        "swapped_neighbours",
        "born_differs",
        "sex_differs",
        "province_differs",
        "sex_not_told",
        "province_not_told",
        "late",
        "negative",
        "differs",
        "differs_from_several",
        "not_everywhere",
        "minority",
        "no_majority",
        "small_group",
        "few_values",
        "unparseable",
        "condition_unparseable",
    ];
    for code in texts.into_iter().chain(identifiers).chain(others) {
        assert_ne!(passmuster::report::reason_in_words(code), code);
    }
}
