//! Audits of a sample, and audits that end early: what they say, and that they say what they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use passmuster::audit::{AuditOptions, Selector, audit};
use passmuster::engine::MemoryLimit;
use passmuster::model::{AuditReport, DatasetStatus, Share, Status, Verdict};
use passmuster::report::Look;
use passmuster::source::{Column, Options, Portion, Source, SourceSpec, TextColumn};
use polars_arrow::array::{PrimitiveArray, Utf8ViewArray};

use crate::support::audits::{self, ALL_MEMORY, audit_with};
use crate::support::folder::Folder;
use crate::support::reports::{rendered, rule};
use crate::support::tables::Table;

fn options(threads: usize) -> AuditOptions {
    audits::options(ALL_MEMORY, &[], threads)
}

fn sampled(folder: &Folder, share: &str, threads: usize) -> AuditReport {
    let options = AuditOptions { sample: Share::parse(share), ..options(threads) };
    audit_with(&folder.path("suite.yaml"), &options)
}

/// Numbers that look random, always the same ones.
struct Noise(u64);

impl Noise {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Cells that are hard to find the start of a record in: line ends, delimiters, quotes and whole records inside of quotes.
fn awkward(noise: &mut Noise, row: usize) -> String {
    match noise.below(8) {
        0 => "plain".to_owned(),
        1 => format!("\"two\nlines of {row}\""),
        2 => "\"a,b,\"\"c\"\",d\"".to_owned(),
        3 => "\"x\n999,inside,of,quotes\n998,\"\"again\"\",and,so\n\"".to_owned(),
        4 => "size 5\" x".to_owned(),
        5 => "\"\"".to_owned(),
        6 => "\"\"\"\n\"\"\"".to_owned(),
        _ => format!("\"{}\"", "long text, ".repeat(usize::try_from(noise.below(30)).unwrap())),
    }
}

fn columns(table: &Source, portion: &Portion<'_>) -> Vec<Vec<Option<String>>> {
    let rows = Mutex::new(Vec::new());
    let wanted: Vec<usize> = (0..table.columns().len()).collect();
    table
        .scan_blocks(
            &wanted,
            portion,
            &|mut block| {
                let batches = block.take(&wanted).unwrap();
                assert!(batches.iter().all(|batch| batch.malformed.is_empty() || portion.sample.is_none()));
                let text = |column: &Column, row: usize| match column {
                    Column::Text(cells) => TextColumn::get(cells, row).map(str::to_owned),
                    Column::Integer(cells) => Some(cells.values[row].to_string()),
                    _ => panic!("a column of another type"),
                };
                for batch in batches {
                    let found =
                        (0..batch.rows).map(|row| batch.columns.iter().map(|column| text(column, row)).collect());
                    rows.lock().unwrap().extend(found);
                }
                true
            },
            &|_| {},
        )
        .unwrap();
    rows.into_inner().unwrap()
}

fn open(path: &Path, options: Options) -> Source {
    let location = path.to_str().unwrap().to_owned();
    Source::open(&SourceSpec { location, further: Vec::new(), base: PathBuf::from("/"), format: None, options })
        .unwrap()
}

/// Rows of a sample are whole rows of the file, each at most once, and about as many as asked.
fn holds(source: &Source, share: &str, least: usize) {
    let all = columns(source, &Portion::default());
    let sample = source.sample(Share::parse(share).unwrap()).unwrap();
    let drawn = columns(source, &Portion { sample: Some(&sample), ..Portion::default() });
    let known: BTreeMap<&str, &Vec<Option<String>>> = all.iter().map(|row| (row[0].as_deref().unwrap(), row)).collect();
    assert_eq!(known.len(), all.len(), "ids are different");
    let mut seen = BTreeSet::new();
    for row in &drawn {
        let id = row[0].as_deref().unwrap_or_default();
        assert_eq!(known.get(id), Some(&row), "{id:?}");
        assert!(seen.insert(id), "{id} twice");
    }
    assert!(drawn.len() >= least && drawn.len() < all.len() * 3 / 5, "{} of {}", drawn.len(), all.len());
}

#[test]
fn records_are_found_in_the_middle_of_any_text() {
    let folder = Folder::new();
    let path = folder.path("t.csv");
    for (seed, end, mark) in [(1, "\n", ""), (2, "\r\n", "\u{feff}"), (3, "\n", "\u{feff}"), (4, "\r", "")] {
        let mut noise = Noise(seed);
        let mut text = format!("{mark}id,text,n,more{end}");
        for row in 0..30_000 {
            let cell = awkward(&mut noise, row);
            let cell = if end == "\r" { cell.replace('\n', "\r") } else { cell };
            write!(text, "{row},{cell},{},{}{end}", noise.below(100), awkward(&mut noise, 1).replace('\n', end))
                .unwrap();
        }
        fs::write(&path, &text).unwrap();
        let source = open(&path, Options::default());
        for share in ["0.5%", "3%", "20%"] {
            holds(&source, share, 100);
        }
    }
}

#[test]
fn rows_with_quotes_are_drawn_as_often_as_others() {
    const ROWS: u32 = 400_000;
    let mut lines = String::from("id,text\n");
    for row in 0..ROWS {
        // About 12 kB from one cell in quotes to the next.
        let cell = if row % 400 == 7 { "\"quoted, text of some length\"" } else { "a text of about as many signs" };
        lines.push_str(&row.to_string());
        lines.push(',');
        lines.push_str(cell);
        lines.push('\n');
    }
    let folder = Folder::new();
    let source = open(&folder.write("x.csv", lines), Options::default());
    let sample = source.sample(Share::parse("20%").unwrap()).unwrap();
    let drawn = columns(&source, &Portion { sample: Some(&sample), ..Portion::default() });
    let is_quoted = |row: &&Vec<Option<String>>| row[1].as_deref().is_some_and(|cell| cell.starts_with("quoted"));
    let quoted = drawn.iter().filter(is_quoted).count();
    let (expected, all) = (drawn.len() / 400, drawn.len());
    assert!(all > 40_000, "{all}");
    assert!((expected * 3 / 4..=expected * 4 / 3).contains(&quoted), "{quoted} of about {expected}");
}

#[test]
fn records_are_found_without_quotes_and_in_other_encodings() {
    let folder = Folder::new();
    let path = folder.path("t.csv");
    let mut text = String::from("id,name,n\n");
    for row in 0..60_000 {
        writeln!(text, "{row},Đặng Thị Hà Ñ é,{}", row % 7).unwrap();
    }
    fs::write(&path, &text).unwrap();
    holds(&open(&path, Options::default()), "2%", 1_000);
    holds(&open(&path, Options::default().with("quote", None)), "2%", 1_000);
    let (bytes, ..) = encoding_rs::WINDOWS_1252.encode("id,größe,n\n");
    let mut bytes = bytes.into_owned();
    for row in 0..60_000 {
        bytes.extend(format!("{row},").bytes());
        bytes.extend([0xe9, 0x81, b'"', b'x', b',', b'1', b'\n']);
    }
    fs::write(&path, &bytes).unwrap();
    let latin = Options::default().with("encoding", "windows-1252");
    holds(&open(&path, latin), "5%", 1_000);
    let wide = Options::default().with("encoding", "utf-16le");
    fs::write(&path, text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).unwrap();
    assert!(
        open(&path, wide)
            .sample(Share::parse("1%").unwrap())
            .is_err_and(|reason| reason.to_string().contains("encoding"))
    );
}

#[test]
fn what_stays_in_doubt_is_read_in_full() {
    let folder = Folder::new();
    let path = folder.path("t.csv");
    // One cell of 3 MB whose lines look like records, with as many cells as the header has.
    let mut text = String::from("id,text\n");
    (0..100_000).for_each(|row| writeln!(text, "{row},before").unwrap());
    text += "x,\"";
    (0..300_000).for_each(|_| text += "some words\n");
    text += "\"\n";
    (0..100_000).for_each(|row| writeln!(text, "{row},after").unwrap());
    fs::write(&path, &text).unwrap();
    let source = open(&path, Options::default());
    assert!(source.sample(Share::parse("5%").unwrap()).is_err_and(|reason| reason.to_string().contains("quotes")));
    // Lines of one column cannot be told from those of a cell in quotes.
    let mut text = String::from("id\n");
    (0..1_000_000).for_each(|row| writeln!(text, "{row}").unwrap());
    fs::write(&path, &text).unwrap();
    let source = open(&path, Options::default());
    assert!(source.sample(Share::parse("1%").unwrap()).is_err_and(|reason| reason.to_string().contains("quotes")));
}

fn table(rows: u32) -> Table {
    let ids: Vec<String> = (0..rows).map(|row| row.to_string()).collect();
    let numbers = (0..i64::from(rows)).collect();
    Table::new([
        ("id", Utf8ViewArray::from_slice_values(ids).boxed()),
        ("n", PrimitiveArray::from_vec(numbers).boxed()),
    ])
}

#[test]
fn row_groups_and_record_batches_are_sampled() {
    let folder = Folder::new();
    for (rows, group) in [(300_000, 1_000), (300_000, 30_000), (300_000, 300_000), (40_000, 7)] {
        let path = folder.path("t.parquet");
        fs::write(&path, table(rows).parquet(group)).unwrap();
        for share in ["1%", "10%", "40%"] {
            let source = open(&path, Options::default());
            assert_eq!(source.extent().rows, Some(rows.into()));
            holds(&source, share, if group == 7 { 200 } else { 1_900 });
        }
    }
    let path = folder.path("t.arrow");
    fs::write(&path, table(300_000).arrow()).unwrap();
    let source = open(&path, Options::default());
    assert_eq!(source.extent().rows, None);
    holds(&source, "10%", 20_000);
}

/// 40 rules of different shares, faults in single rows or in runs of 300; 60,000 rows in CSV and in Parquet.
fn many_rules(runs: usize, seed: u64) -> (Folder, Vec<u64>) {
    const ROWS: usize = 60_000;
    let folder = Folder::new();
    let mut noise = Noise(seed);
    let mut cells = vec![vec!["0"; ROWS]; 40];
    let mut failing = Vec::new();
    let mut suite = String::from("suite: s\ndatasets:\n  t:\n    source: t.csv\n    rules:\n");
    for (at, column) in cells.iter_mut().enumerate() {
        for _ in 0..(at + 1) * 60 / runs {
            let start = usize::try_from(noise.below(ROWS as u64)).unwrap();
            (start..start + runs).for_each(|row| column[row % ROWS] = "1");
        }
        failing.push(column.iter().filter(|cell| **cell == "1").count() as u64);
        writeln!(suite, "      - {{ id: r{at}, check: allowed, column: c{at}, values: [\"0\"], at_least: 90% }}")
            .unwrap();
    }
    let names: Vec<String> = (0..40).map(|at| format!("c{at}")).collect();
    let mut csv = fs::File::create(folder.path("t.csv")).unwrap();
    writeln!(csv, "{}", names.join(",")).unwrap();
    for row in 0..ROWS {
        let line: Vec<&str> = cells.iter().map(|column| column[row]).collect();
        writeln!(csv, "{}", line.join(",")).unwrap();
    }
    let columns = names.iter().zip(&cells);
    let table =
        Table::new(columns.map(|(name, cells)| (name.as_str(), Utf8ViewArray::from_slice_values(cells).boxed())));
    folder.write("t.parquet", table.parquet(500));
    folder.write("suite.yaml", suite);
    (folder, failing)
}

#[test]
fn intervals_cover_the_true_share_and_clusters_widen_them() {
    let mut widths = Vec::new();
    for runs in [1, 300] {
        let (mut covered, mut all, mut width) = (0, 0, 0);
        for seed in 0..3 {
            let (folder, failing) = many_rules(runs, seed);
            for source in ["t.csv", "t.parquet"] {
                let suite = folder.path("suite.yaml");
                let text = fs::read_to_string(&suite).unwrap().replace("t.csv", source);
                folder.write("suite.yaml", &text);
                let report = sampled(&folder, "5%", 2);
                fs::write(&suite, text.replace(source, "t.csv")).unwrap();
                for (at, failing) in failing.iter().enumerate() {
                    let told = rule(&report, &format!("r{at}")).sampled.unwrap();
                    let truth = Share::of(*failing, 60_000);
                    all += 1;
                    covered += u32::from(told.failing_at_least <= truth && truth <= told.failing_at_most);
                    width += told.failing_at_most.millionths() - told.failing_at_least.millionths();
                }
            }
        }
        assert!(covered * 100 >= all * 94, "runs of {runs}: {covered} of {all}");
        widths.push(width / all);
    }
    assert!(widths[1] > widths[0] * 3, "{widths:?}");
}

const PEOPLE: &str = "
suite: people
as_of: 2026-01-01
gate: { min_score: 90 }
datasets:
  towns:
    source: towns.csv
    key: town
  people:
    source: people.csv
    columns:
      id: { type: integer, unique: true, required: true }
      town: { required: { at_least: 90% } }
    rules:
      - { id: known, check: exists_in, column: town, dataset: towns }
      - { id: most-known, check: exists_in, column: town, dataset: towns, at_least: 90% }
      - { id: same, check: agrees, with: towns, on: { town: town }, compare: { about: about }, severity: minor }
      - { id: named, check: matches, column: town, pattern: 'town [0-9]+' }
      - { id: enough, check: row_count, min: 1000 }
      - { id: sum, check: aggregate, that: sum(id) > 0 }
      - { id: cols, check: columns, present: [id, town] }
";

/// A suite with data of 60,000 people, some of them of an unknown town.
pub(crate) fn people(bad_town: impl Fn(u32) -> bool) -> Folder {
    let folder = Folder::new();
    folder.write("suite.yaml", PEOPLE);
    let mut people = String::from("id,town,about\n");
    for row in 0..60_000 {
        let town = if bad_town(row) { "nowhere".to_owned() } else { format!("town {}", row % 20_000) };
        writeln!(people, "{row},{town},\"somebody, number {row}\"").unwrap();
    }
    folder.write("people.csv", people);
    let mut towns = String::from("town,about\n");
    (0..20_000).for_each(|town| writeln!(towns, "town {town},some {town} words to fill the line").unwrap());
    folder.write("towns.csv", towns);
    folder
}

#[test]
fn a_sample_says_what_it_can_and_no_more() {
    let report = sampled(&people(|_| false), "5%", 2);
    assert_eq!((report.verdict, report.exit_code, report.gate.passed), (Verdict::Undecided, 0, false));
    assert_eq!(report.gate.reasons, Vec::<String>::new());
    assert!(report.gate.unjudged.iter().any(|unjudged| unjudged.starts_with("people: minimum scores")));
    let told = report.sampled.unwrap();
    assert_eq!((told.datasets_sampled, told.datasets_in_full), (2, 0));
    let status = |id| rule(&report, id).status;
    // The keys of the other dataset are all there, though of its rows only a sample is judged.
    assert_eq!(rule(&report, "known").failed, 0);
    assert_eq!((status("known"), status("most-known")), (Status::Undecided, Status::Passed));
    assert_eq!((status("people.id.required"), status("people.town.required")), (Status::Undecided, Status::Passed));
    assert_eq!(status("cols"), Status::Passed);
    for id in ["people.id.unique", "enough", "sum", "people.well_formed"] {
        assert_eq!(status(id), Status::NotMeasured, "{id}");
        assert!(rule(&report, id).reason.as_ref().unwrap().starts_with("a sample cannot answer"), "{id}");
    }
    let notices: Vec<&str> = report.notices.iter().map(|notice| notice.text.as_str()).collect();
    assert_eq!(notices, ["the keys that other rules look for were read in full"]);
}

#[test]
fn a_failure_in_a_sample_shuts_the_gate() {
    let few = sampled(&people(|row| row % 100 == 0), "5%", 2);
    assert_eq!((few.verdict, few.exit_code), (Verdict::Failed, 1));
    let known = rule(&few, "known");
    assert_eq!((known.status, known.sampled.unwrap().certain), (Status::Failed, true));
    assert!(known.failing_rows.is_empty() && known.observed.starts_with("in a sample: "));
    assert_eq!(rule(&few, "most-known").status, Status::Passed);
    let many = sampled(&people(|row| row % 4 == 0), "5%", 2);
    let most = rule(&many, "most-known");
    assert_eq!((most.status, most.sampled.unwrap().certain), (Status::Failed, false));
}

#[test]
fn a_sample_is_marked_wherever_it_is_shown_and_the_same_at_any_number_of_threads() {
    let folder = people(|row| row % 50 == 0);
    let report = sampled(&folder, "5%", 1);
    let json = |report: &AuditReport| rendered("json", report, &Look::default());
    assert_eq!(json(&report), json(&sampled(&folder, "5%", 2)));
    assert_eq!(json(&report), json(&sampled(&folder, "5%", 16)));
    // Keys that memory does not hold are joined only when all rows were seen, and give the same intervals.
    let spilling = AuditOptions { sample: Share::parse("5%"), memory: MemoryLimit::Keys(0), ..options(2) };
    let spilled = audit(&[folder.path("suite.yaml")], &spilling, &()).unwrap().report;
    assert_eq!(json(&report), json(&spilled));
    for dataset in &report.datasets {
        assert_eq!(dataset.status, DatasetStatus::Sampled);
        let sampled = dataset.sampled.unwrap();
        assert!(sampled.rows_total_is_estimate && sampled.rows_read < sampled.rows_total);
        assert!((59_000..61_000).contains(&sampled.rows_total) || dataset.name == "towns", "{sampled:?}");
        assert_eq!((dataset.rows, dataset.score, dataset.band, dataset.records.as_ref()), (None, None, None, None));
        assert!(dataset.dimensions.iter().all(|dimension| dimension.score.is_none() && dimension.worst_rate.is_none()));
        for rule in dataset.rules.iter().filter(|rule| rule.evaluated > 0 && rule.id != "cols") {
            assert!(rule.sampled.is_some() && rule.failing_rows.is_empty(), "{}", rule.id);
        }
    }
    let look = Look { verbose: true, ..Look::default() };
    let table = rendered("table", &report, &look);
    assert!(table.starts_with("FAILED  SAMPLED  people"), "{table}");
    let ids: Vec<&str> =
        report.datasets.iter().flat_map(|d| &d.rules).filter(|r| r.sampled.is_some()).map(|r| r.id.as_str()).collect();
    for line in table.lines().filter(|line| ids.iter().any(|id| line.split_whitespace().any(|word| word == *id))) {
        assert!(line.contains("sampled") || line.starts_with("  - "), "{line}");
    }
    assert!(
        table.contains("people  SAMPLED  ") && table.contains("sampled, people.csv") || table.contains(", sampled")
    );
}

#[test]
fn what_cannot_be_sampled_is_read_in_full_and_said_so() {
    let folder = people(|_| false);
    let path = folder.path("people.csv");
    let data = fs::read(&path).unwrap();
    fs::write(&path, zstd::encode_all(data.as_slice(), 1).unwrap()).unwrap();
    let towns = folder.path("towns.csv");
    fs::write(&towns, zstd::encode_all(fs::read(&towns).unwrap().as_slice(), 1).unwrap()).unwrap();
    let report = sampled(&folder, "5%", 2);
    assert_eq!((report.verdict, report.exit_code, report.gate.passed), (Verdict::Passed, 0, true));
    let told = report.sampled.unwrap();
    assert_eq!((told.datasets_sampled, told.datasets_in_full), (0, 2));
    assert!(
        report.datasets.iter().all(|dataset| dataset.status == DatasetStatus::Audited && dataset.sampled.is_none())
    );
    assert_eq!(rule(&report, "people.id.unique").evaluated, 60_000);
    assert!(report.notices.iter().all(|notice| notice.text.starts_with("was read in full: compressed data")));
}

#[test]
fn rows_are_counted_exactly_where_the_file_tells() {
    let folder = Folder::new();
    folder.write("t.parquet", table(100_000).parquet(1_000));
    let suite = "suite: s\ndatasets:\n  t:\n    source: t.parquet\n    columns: { id: { required: { at_most: 10 rows } } }\n    rules:\n      - { id: rows, check: row_count, equals: 100000 }\n      - { id: some, check: row_count, min: 1, where: n > 5 }\n";
    folder.write("suite.yaml", suite);
    let report = sampled(&folder, "4%", 2);
    assert_eq!(rule(&report, "rows").status, Status::Passed);
    assert_eq!(rule(&report, "some").status, Status::NotMeasured);
    assert_eq!(rule(&report, "t.id.required").status, Status::Undecided);
    let sampled = report.datasets[0].sampled.unwrap();
    assert_eq!((sampled.rows_total, sampled.rows_total_is_estimate, sampled.rows_read), (100_000, false, 4_000));
    assert_eq!(sampled.share.to_string(), "4 %");
}

fn early(folder: &Folder, threads: usize) -> AuditReport {
    let options = AuditOptions { stop_early: true, ..options(threads) };
    audit_with(&folder.path("suite.yaml"), &options)
}

#[test]
fn an_audit_ends_where_the_gate_cannot_pass_any_more() {
    let folder = people(|row| row == 10);
    let suite = folder.path("suite.yaml");
    fs::write(&suite, PEOPLE.replace("gate: { min_score: 90 }", "")).unwrap();
    let report = early(&folder, 2);
    assert_eq!((report.verdict, report.exit_code), (Verdict::Failed, 1));
    let stopped = report.stopped.as_ref().unwrap();
    assert_eq!(stopped.decided_by, ["named"]);
    assert_eq!(stopped.because, "people: major rule named failed");
    let named = rule(&report, "named");
    assert_eq!((named.status, named.failed, named.partial), (Status::Failed, 1, true));
    assert_eq!(named.failing_rows[0].line, Some(12));
    let people = report.datasets.iter().find(|dataset| dataset.name == "people").unwrap();
    assert_eq!((people.status, people.rows, people.score), (DatasetStatus::Stopped, None, None));
    // Every rule but the one that decided and those that need no rows.
    let rules: BTreeSet<&str> = people.rules.iter().map(|rule| rule.id.as_str()).collect();
    let unmeasured: BTreeSet<&str> = stopped.unmeasured.iter().map(String::as_str).collect();
    assert_eq!(rules.difference(&unmeasured).copied().collect::<Vec<_>>(), ["named"]);
    let table = rendered("table", &report, &Look::default());
    assert!(table.starts_with("FAILED  STOPPED EARLY  people"), "{table}");
    assert!(table.contains("FAILED  in part  major  named") && table.contains("people.id.unique"), "{table}");

    // A clean audit says nothing of it.
    let folder = self::people(|_| false);
    let report = early(&folder, 2);
    assert_eq!((report.stopped, report.exit_code), (None, 0));
}

#[test]
fn datasets_behind_the_end_are_not_read() {
    let folder = people(|_| false);
    let suite = folder.path("suite.yaml");
    // The rule of the first dataset is only told when all its rows were read.
    let text = PEOPLE
        .replace("    key: town\n", "    key: town\n    rules:\n      - { id: many, check: row_count, min: 999999 }\n");
    fs::write(&suite, text).unwrap();
    let report = early(&folder, 2);
    let stopped = report.stopped.as_ref().unwrap();
    assert_eq!(stopped.decided_by, ["many"]);
    let status = |name: &str| report.datasets.iter().find(|dataset| dataset.name == name).unwrap().status;
    assert_eq!((status("towns"), status("people")), (DatasetStatus::Audited, DatasetStatus::NotReached));
    assert!(stopped.unmeasured.contains(&"sum".to_owned()) && report.exit_code == 1);

    // What cannot be audited never passes, so nothing else is read.
    fs::remove_file(folder.path("towns.csv")).unwrap();
    let report = early(&folder, 2);
    assert_eq!(report.exit_code, 2);
    assert!(report.stopped.unwrap().because.contains("towns"));
}

#[test]
fn datasets_of_which_nothing_is_asked_are_not_read_and_open_no_gate() {
    let folder = Folder::new();
    let suite = "suite: s\ndatasets:\n  a: { source: a.csv, columns: { id: { unique: true } } }\n  b: { source: b.csv }\n  c: { source: c.csv }\n";
    folder.write("suite.yaml", suite);
    folder.write("b.csv", "id\n1\n");
    let select = |ids: &str, stop_early: bool, share: &str| {
        let options = AuditOptions {
            stop_early,
            sample: Share::parse(share),
            select: vec![Selector::Dataset(ids.to_owned())],
            ..options(2)
        };
        audit(&[folder.path("suite.yaml")], &options, &()).unwrap().report
    };
    // Nobody asked for the one that is not there.
    folder.write("a.csv", "id\n1\n2\n");
    let report = select("a", true, "");
    assert_eq!((report.verdict, &report.stopped), (Verdict::Passed, &None));
    assert_eq!(rule(&report, "a.id.unique").status, Status::Passed);
    // All that was asked for was measured, so nothing was left out.
    folder.write("a.csv", "id\n1\n1\n");
    let report = select("a", true, "");
    assert_eq!((report.verdict, &report.stopped), (Verdict::Failed, &None));
    // And nothing is said of what was not read.
    let report = select("a", false, "1%");
    let told = report.notices.iter().filter_map(|notice| notice.dataset.as_deref());
    assert_eq!(told.collect::<Vec<_>>(), ["a"]);
    // What cannot be read is never passed over where it is asked for.
    let report = select("c", true, "");
    assert_eq!((report.verdict, report.exit_code), (Verdict::CouldNotAudit, 2));
}
