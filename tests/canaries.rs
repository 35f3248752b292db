//! No personal value leaves the program unless somebody asks for it: 200 canaries in cells, keys, headers and file names, looked
//! for in all that every command writes.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Stdio;

use calamine::{Data, Reader, Xlsx};

use crate::support::folder::Folder;
use crate::support::processes::wait_until;
use crate::support::program::{code, program, run};
use crate::support::tables::parquet;

/// Rows, each with a canary in each of four personal columns: 160.
const ROWS: usize = 40;

/// Columns whose names are canaries, and files whose names are: these must be named, but do no harm.
const NAMED: usize = 20;

/// A canary in a cell; no other text contains it, and it contains no other.
fn cell(column: &str, row: usize) -> String {
    format!("Kanari{column}{row:02}x")
}

fn header(at: usize) -> String {
    match at % 3 {
        0 => format!("=HYPERLINK(\"http://e.example/{at}\")"),
        1 => format!("\u{1b}[31mcanary{at}\u{202e}"),
        _ => format!("<script>canary{at}</script>"),
    }
}

fn file(at: usize) -> String {
    match at % 3 {
        0 => format!("=cmd|canary{at}.csv"),
        1 => format!("\u{1b}]0;canary{at}.csv"),
        _ => format!("<img src=x onerror=canary{at}>.csv"),
    }
}

const SUITE: &str = "suite: canaries
as_of: 2026-11-01
datasets:
  people:
    source: people
    key: [id]
    owner: Registry
    columns:
      id: { pii: basic, required: true }
      full_name: { pii: basic, tidy: true }
      address: { pii: sensitive }
      kind: { allowed: [A, B] }
    rules:
      - { id: whole-number, check: type, column: phone, as: integer }
      - { id: born, check: type, column: address, as: date }
      - { id: coded, check: identifier, column: id, kind: iban }
      - { id: short, check: length, column: full_name, within: 1..3 }
      - { id: shaped, check: matches, column: phone, pattern: '0[0-9]{9}' }
      - { id: listed, check: allowed, column: full_name, values: [Ann, Bob] }
      - { id: once, check: unique, columns: address }
      - { id: known, check: exists_in, columns: id, dataset: others, key: id }
      - { id: same, check: agrees, with: others, on: { id: id }, compare: { full_name: full_name } }
      - { id: alike, check: similar, compare: { full_name: jaro_winkler }, score: 0.9, block_on: [[kind]] }
      - { id: decided, check: determines, from: kind, to: full_name }
      - { id: crowd, check: anonymous, quasi_identifiers: [full_name], k: 5 }
      - { id: spelt, check: uniform, column: full_name, as: case }
      - { id: leaks, check: no_personal_data, columns: note }
      - { id: some, check: aggregate, that: distinct(full_name) < 3 }
      - { id: never, check: expect, that: \"full_name = 'x'\" }
      - { id: all-there, check: covers, column: full_name, dataset: others, key: full_name }
      - { id: from-there, check: complete_from, dataset: others, key: id }
      - { id: groups, check: reconciles, with: others, by: { full_name: full_name }, measures: { count(*): count(*) } }
  others:
    source: others.parquet
    key: id
    columns: { id: { pii: basic }, full_name: { pii: basic }, phone: { pii: basic }, address: { pii: basic } }
";

/// A folder with canaries everywhere: 20 files of two rows each, and the same people as Parquet with other ids. A key file is
/// beside them.
fn planted() -> Folder {
    let folder = Folder::new();
    let named: Vec<String> = (0..NAMED).map(|at| format!("\"{}\"", header(at).replace('"', "\"\""))).collect();
    let columns = ["Id", "Name", "Phone", "Address"];
    for at in 0..NAMED {
        let rows = [2 * at, 2 * at + 1].map(|row| {
            let cells = columns.map(|column| cell(column, if column == "Address" { row / 2 * 2 } else { row }));
            format!("{},{},-{}\n", cells.join(","), ["A", "B", "C"][row % 3], ",1".repeat(NAMED))
        });
        folder.write(
            Path::new("people").join(file(at).replace('/', "_")),
            format!("id,full_name,phone,address,kind,note,{}\n{}", named.join(","), rows.concat()),
        );
    }
    let others: Vec<[String; 4]> = (0..ROWS)
        .map(|row| {
            columns.map(|column| if column == "Id" { cell(column, row + 7) } else { cell(column, ROWS - 1 - row) })
        })
        .collect();
    parquet(&folder.path("others.parquet"), "id,full_name,phone,address", &others);
    folder.write("suite.yaml", SUITE);
    folder.write("key", "a key that nobody else knows, long enough");
    #[cfg(unix)]
    fs::set_permissions(folder.path("key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    folder
}

/// All that was written: standard output and error of commands, files as they are, and cells of workbooks.
#[derive(Default)]
struct Written(Vec<(String, Vec<u8>)>);

impl Written {
    fn run(&mut self, folder: &Folder, args: &[&str], codes: &[i32]) {
        let output = run(folder, args);
        let words = args.join(" ");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(codes.contains(&code(&output)), "{words}: {} {said}", code(&output));
        self.0.push((format!("{words} (standard output)"), output.stdout));
        self.0.push((format!("{words} (standard error)"), output.stderr));
    }

    fn files(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.path().display().to_string());
            if path.is_dir() {
                self.files(&path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            if path.extension().is_some_and(|extension| extension == "xlsx") {
                let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.clone())).unwrap();
                let sheets: Vec<_> = book.worksheets().into_iter().map(|(_, range)| range).collect();
                let texts = sheets.iter().flat_map(|sheet| sheet.cells()).map(|(_, _, cell)| match cell {
                    Data::String(text) => format!("{text}\n"),
                    other => format!("{other}\n"),
                });
                self.0.push((format!("{name} (cells)"), texts.collect::<String>().into_bytes()));
            }
            self.0.push((name, bytes));
        }
    }

    /// The pieces that contain a text.
    fn with(&self, text: &str) -> Vec<&str> {
        let contains = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        self.0.iter().filter(|(_, bytes)| contains(bytes)).map(|(name, _)| name.as_str()).collect()
    }
}

/// Everything that commands write about the planted folder, without what was asked to reveal values.
fn all_commands(folder: &Folder) -> Written {
    let mut written = Written::default();
    written.run(folder, &["audit", "suite.yaml"], &[1]);
    let audit = |more: &[&'static str]| [&["audit", "suite.yaml"][..], more].concat();
    for more in [
        &["-v"][..],
        &["--format", "json", "--timings"],
        &["--format", "json", "--output", "out/result.json", "--profile", "out/profile.json"],
        &["--where-failing", "-v"],
        &["--where-failing", "--format", "json", "--output", "out/where.json"],
        &["--evidence", "out/evidence", "-v"],
        &["--evidence", "out/limited", "--evidence-limit", "3", "--reveal", "--key-file", "key"],
        &["--sample", "50%"],
        &["--stop-early"],
        &["--verify"],
        &["--engine", "reference", "-v"],
        &["--failing-rows", "100", "--memory", "256MiB", "--select", "people"],
        &["--color", "always"],
        &["--baseline", "out/result.json", "--fail-on-new"],
    ] {
        fs::create_dir_all(folder.path("out")).unwrap();
        // Exit code 2: a rule may be not judged, and it says so.
        written.run(folder, &audit(more), &[0, 1, 2]);
    }
    for args in [
        &["report", "out/result.json", "-v"][..],
        &["report", "out/where.json", "-v"],
        &["judge", "out/result.json", "suite.yaml"],
        &["judge", "out/result.json", "suite.yaml", "--format", "json"],
        &["diff", "out/result.json", "out/where.json", "-v"],
        &["diff", "out/result.json", "out/where.json", "--format", "json"],
        &["lint", "suite.yaml"],
        &["explain", "suite.yaml"],
        &["explain", "--cost", "suite.yaml"],
        &["explain", "--cost", "suite.yaml", "--profile", "out/profile.json"],
        &["identify", "people", "--format", "csv", "-v"],
        &["identify", "others.parquet", "-v"],
        &["profile", "people", "--input-format", "csv", "-v"],
        &["profile", "people", "others.parquet", "--input-format", "csv", "--format", "json"],
        &["profile", "others.parquet", "-v"],
        &["init", "people", "others.parquet", "--input-format", "csv"],
        &["init", "others.parquet"],
        &["init", "others.parquet", "--strict", "-o", "out/init.yaml"],
        &["init", "people", "--input-format", "csv", "--lenient", "-o", "out/lenient.yaml"],
        &["profile", "suite.yaml", "-v"],
        &["profile", "suite.yaml", "--format", "json"],
        &["profile", "suite.yaml", "--format", "html"],
        &["evidence", "out/evidence"],
        &["evidence", "out/evidence", "--format", "csv"],
        &["evidence", "out/evidence", "--format", "json"],
        &["evidence", "out/limited", "--format", "csv"],
        &["evidence", "out/limited", "--format", "json"],
        &["evidence", "out/evidence", "--format", "xlsx", "--output", "out/all.xlsx"],
        &["evidence", "out/evidence", "--format", "parquet", "--output", "out/part", "--severity", "major"],
        &["evidence", "out/evidence", "--by", "owner", "--format", "xlsx", "--output", "out/books"],
        &["evidence", "out/limited", "--by", "owner", "--format", "xlsx", "--output", "out/limited-books"],
    ] {
        written.run(folder, args, &[0, 1, 2]);
    }
    written.files(&folder.path("out"));
    written
}

#[test]
fn two_hundred_canaries_stay_where_they_are() {
    let folder = planted();
    let written = all_commands(&folder);
    let mut planted = 0;
    for column in ["Id", "Name", "Phone", "Address"] {
        for row in 0..ROWS {
            planted += 1;
            assert_eq!(written.with(&cell(column, row)), [""; 0], "{}", cell(column, row));
        }
    }
    // Files and columns are named, and change nothing on a terminal, in a page or in a spreadsheet.
    planted += 2 * NAMED;
    assert_eq!(planted, 200);
    assert!(!written.with("canary1").is_empty());
    for hostile in ["\u{1b}[31mcanary", "\u{1b}]0;canary", "canary1\u{202e}", "\u{202e}"] {
        let texts: Vec<&str> = written.with(hostile).into_iter().filter(|name| !name.ends_with(".parquet")).collect();
        assert_eq!(texts, [""; 0], "{hostile:?}");
    }
    for (name, bytes) in written.0.iter().filter(|(name, _)| name.contains("--format csv (standard output)")) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let formula = text.split(['\n', ',']).find(|cell| cell.trim_start_matches('"').starts_with('='));
        assert_eq!(formula, None, "{name}");
    }
    let is_workbook = |name: &String| Path::new(name).extension().is_some_and(|extension| extension == "xlsx");
    for (name, bytes) in written.0.iter().filter(|(name, _)| is_workbook(name)) {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.clone())).unwrap();
        for sheet in book.sheet_names() {
            assert!(book.worksheet_formula(&sheet).is_ok_and(|formulas| formulas.is_empty()), "{name} {sheet}");
        }
    }
}

#[test]
fn who_asks_gets_the_cells_and_is_told_so() {
    let folder = planted();
    let mut written = Written::default();
    written.run(
        &folder,
        &["audit", "suite.yaml", "--evidence", "out", "--reveal-personal", "--key-file", "key"],
        &[1, 2],
    );
    assert!(!written.with("--reveal-personal)").is_empty(), "the report says it");
    assert_eq!(written.with("Kanari"), [""; 0], "only the folder has them");
    let mut shown = Written::default();
    shown.run(&folder, &["evidence", "out", "--format", "json"], &[0]);
    assert!(!shown.with(&cell("Name", 1)).is_empty());
}

/// Spilled values have no name in any folder from the moment they are written, so nothing is left of them.
#[cfg(target_os = "linux")]
#[test]
fn nothing_is_left_of_an_audit_that_is_killed() {
    let folder = Folder::new();
    let rows = (0..1_200_000).map(|row| format!("Kanari{row:09},Kanari{:09}\n", row / 2)).collect::<Vec<_>>().concat();
    folder.write("t.csv", format!("id,name\n{rows}"));
    folder.write(
        "suite.yaml",
        "suite: s\ndatasets:\n  t:\n    source: t.csv\n    key: id\n    columns: { id: { pii: basic } }\n    rules:\n      \
         - { id: once, check: unique, columns: name }\n      - { id: short, check: length, column: name, within: 1..3 }\n",
    );
    fs::create_dir_all(folder.path("spill")).unwrap();
    let mut child = program(&folder)
        .args([
            "audit",
            "suite.yaml",
            "--evidence",
            "out",
            "--memory",
            "128MiB",
            "--spill-dir",
            "spill",
            "--threads",
            "1",
        ])
        .args(["--where-failing"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let descriptors = format!("/proc/{}/fd", child.id());
    let has_spilled = || {
        let open = fs::read_dir(&descriptors).into_iter().flatten().flatten();
        let places = open.filter_map(|entry| fs::read_link(entry.path()).ok());
        places.map(|place| place.display().to_string()).any(|place| place.contains("/spill/"))
    };
    let mut ended = false;
    wait_until("keys are spilled", || {
        ended = child.try_wait().unwrap().is_some();
        ended || has_spilled()
    });
    assert!(!ended, "the audit has ended before it spilled");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(fs::read_dir(folder.path("spill")).unwrap().count(), 0);
    let mut written = Written::default();
    if folder.path("out").exists() {
        written.files(&folder.path("out"));
    }
    assert_eq!(written.with("Kanari"), [""; 0]);
}

#[test]
fn a_dataset_that_could_not_be_audited_is_no_good_news() {
    let folder = Folder::of(&[
        ("suite.yaml", "suite: s\ndatasets:\n  t:\n    source: t.csv\n    columns: { id: { required: true } }\n"),
        ("t.csv", ""),
    ]);
    let mut written = Written::default();
    written.run(&folder, &["audit", "suite.yaml", "--evidence", "out"], &[2]);
    let mut shown = Written::default();
    shown.run(&folder, &["evidence", "out"], &[0]);
    assert_eq!(shown.with("no failing rows"), [""; 0]);
    assert!(!shown.with("t: not listed: ").is_empty());
}
