//! `passmuster identify`: counts worked out by hand, the same from every format and number of threads as from a naive look at
//! every value, and the program as a user meets it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use passmuster::identifiers::{Context, Fault, KINDS, Prepared, is_placeholder};
use passmuster::identify::{IdentifyOptions, identify, recognise};
use passmuster::model::{AsOf, DialectValue, Evidence, IdentifiedColumn, IdentifyReport};
use passmuster::report::{Look, identified};
use passmuster::scalar::is_blank;
use passmuster::source::{Options, Source, SourceSpec};
use polars_arrow::array::{BooleanArray, PrimitiveArray};
use polars_arrow::datatypes::ArrowDataType;
use proptest::prelude::*;

use crate::support::folder::Folder;
use crate::support::program;
use crate::support::repository::{fixture, root};
use crate::support::tables::{Table, csv, parquet};

const CONTEXT: Context = Context { year: 2026, foreign_births: false };

fn options(threads: usize) -> IdentifyOptions {
    IdentifyOptions {
        columns: Vec::new(),
        missing: BTreeSet::from(["NA".to_owned()]),
        as_of: AsOf::parse("2026-11-23").unwrap(),
        threads,
    }
}

fn open(path: &Path) -> Source {
    let location = path.display().to_string();
    let spec =
        SourceSpec { location, further: Vec::new(), base: PathBuf::new(), format: None, options: Options::default() };
    Source::open(&spec).unwrap_or_else(|error| panic!("{error}"))
}

fn read(path: &Path, threads: usize) -> IdentifyReport {
    identify(&open(path), "t", &options(threads), &()).unwrap_or_else(|error| panic!("{error}")).expect("not stopped")
}

/// A folder with one file.
fn file(name: &str, text: &str) -> (Folder, PathBuf) {
    let folder = Folder::new();
    let path = folder.write(name, text);
    (folder, path)
}

const PEOPLE: &str = "\
person,tax,phone,name,born,empty
001099000001,0100047516,0912345678,Nguyễn Văn An,1999-12-31,
079303012345,0100109106,0912 345 678,Trần Thị Bình ,1999-12-31,
096206123456,0314409058-002,+84912345678,LÊ VĂN CƯỜNG,1999-12-31,
001199000002,0100112437,0934567890,Phạm  Thị Dung,1999-12-31,
003099000001,0100047515,0367123456,Hòa,1999-12-31, \u{20}
000000000000,0314409058-000,01212345678,Hoà,1999-12-31,
00109900001,0700709272,0900000000,ViÖt,31/12/1999,
1099000001,123456789,912345670,không rõ,05/06/2000,NA
n/a,0100233488,-,Nguyá»…n,2000,
,,NA,,,
";

fn column<'a>(report: &'a IdentifyReport, name: &str) -> &'a IdentifiedColumn {
    report.columns.iter().find(|column| column.name == name).expect(name)
}

#[test]
fn counts_are_those_worked_out_by_hand() {
    let (_folder, path) = file("people.csv", PEOPLE);
    let report = read(&path, 2);
    assert_eq!((report.format.as_str(), report.rows, report.malformed), ("passmuster.identify/1", 10, 0));
    assert_eq!(report.as_of, "2026-11-23");

    let person = column(&report, "person");
    assert_eq!((person.missing, person.values, person.placeholders, person.stand_ins), (1, 9, 1, 1));
    let best = &person.kinds[0];
    assert_eq!((best.kind.as_str(), best.likely, best.evidence), ("vn.personal_id", true, Evidence::InnerFacts));
    assert_eq!((best.passed, best.placeholder, best.shape, best.check_digit, best.inner_fact), (4, 1, 3, 0, 1));
    // 1099000001 is 001099000001 without its zeros.
    assert_eq!(best.with_zeros, 1);
    // 003099000001 is 030099000001 with two neighbours swapped.
    let slips = best.slips.expect("one failing value");
    assert_eq!((slips.sought, slips.likely, slips.swapped), (1, 1, 1));

    let tax = column(&report, "tax");
    assert_eq!((tax.missing, tax.values, tax.placeholders), (1, 9, 1));
    let best = &tax.kinds[0];
    assert_eq!((best.kind.as_str(), best.likely, best.evidence), ("vn.tax_code", true, Evidence::CheckDigits));
    assert_eq!((best.passed, best.placeholder, best.shape, best.check_digit, best.inner_fact), (5, 1, 0, 2, 1));
    let slips = best.slips.expect("three failing values");
    // 0700709272 is 0700790272 with two neighbours swapped.
    assert_eq!((slips.sought, slips.likely, slips.swapped), (3, 3, 1));
    // The branch is no enterprise, so fewer than half are.
    let enterprise = tax.kinds.iter().find(|kind| kind.kind == "vn.enterprise_code").expect("some are");
    assert_eq!((enterprise.passed, enterprise.likely, enterprise.slips), (4, false, None));

    let phone = column(&report, "phone");
    let best = &phone.kinds[0];
    assert_eq!((phone.missing, phone.values, phone.stand_ins), (1, 9, 1));
    assert_eq!((best.kind.as_str(), best.passed, best.shape, best.placeholder), ("vn.mobile", 5, 3, 1));
    assert_eq!(best.with_zeros, 1);
    let formats = |column: &IdentifiedColumn, family: &str| -> Vec<(String, u64)> {
        let found = column.formats.iter().find(|known| known.family == family).expect(family);
        found.formats.iter().map(|format| (format.format.clone(), format.values)).collect()
    };
    let fits = |formats: Vec<(String, u64)>, expected: &[(&str, u64)]| {
        let formats: Vec<(&str, u64)> = formats.iter().map(|(format, count)| (format.as_str(), *count)).collect();
        assert_eq!(formats, expected);
    };
    fits(
        formats(phone, "phone"),
        &[("0 and digits", 5), ("+ and digits", 1), ("digits", 1), ("groups with spaces", 1)],
    );

    let name = column(&report, "name");
    assert_eq!((name.values, name.faulty, name.stand_ins), (9, 4, 1));
    let expected = [("double_space", 1), ("edge_space", 1), ("legacy_encoding", 1), ("mojibake", 1)];
    assert_eq!(name.faults, expected.map(|(fault, count)| (fault.to_owned(), count)).into());
    fits(formats(name, "tone"), &[("mark on the first vowel (hòa)", 1), ("mark on the second vowel (hoà)", 1)]);

    let born = column(&report, "born");
    fits(
        formats(born, "date"),
        &[("YYYY-MM-DD", 6), ("YYYY-M-D", 6), ("DD/MM/YYYY", 2), ("MM/DD/YYYY", 1), ("D/M/YYYY", 1), ("YYYY", 1)],
    );

    let empty = column(&report, "empty");
    assert_eq!((empty.missing, empty.values, empty.kinds.len()), (10, 0, 0));
}

#[test]
fn the_likeliest_kind_is_told_from_those_that_pass_by_their_shape() {
    // What most values are; the kinds that are likely, in this order.
    let cases: &[(&[&str], &[&str])] = &[
        (
            &["0100112437", "0100233488", "0700790272"],
            &["vn.tax_code", "vn.enterprise_code", "vn.social_insurance", "vn.health_card"],
        ),
        (&["0134567890", "2345678902", "7987654321"], &["vn.social_insurance", "vn.health_card"]),
        (&["001099000001", "079303012345"], &["vn.personal_id", "vn.tax_code"]),
        (&["9780306406157", "9783161484100", "9781861972712"], &["isbn", "gtin"]),
        (&["4539578763621486", "4539 5787 6362 1486", "4929939187355598"], &["card", "luhn", "imei"]),
        // Fewer than three different values have the right check digits by chance.
        (&["4539578763621486", "4539578763621486"], &["card", "imei"]),
        (
            &["0100112437", "0100112437"],
            &["vn.tax_code", "vn.enterprise_code", "vn.social_insurance", "vn.health_card"],
        ),
        (&["2025-01-02", "2025-01-02"], &[]),
        (&["18", "26", "34", "42"], &[]),
        (&["20240630", "20240707"], &[]),
        (&["DN4012345678901"], &["vn.health_card"]),
        (&["12.50", "3.75", "89"], &[]),
        // What is a tax code by chance once a zero is before it does not come before what passes.
        (
            &["001099000001", "079303012345", "096206123456", "314409058", "123406789"],
            &["vn.personal_id", "vn.tax_code"],
        ),
        (&["21.0278", "10.7769"], &["latitude", "longitude"]),
        (&["21.02", "10.7769", "10.5"], &[]),
        (&["7,25", "6,5", "9"], &[]),
        (&["21.0278, 105.8342", "10.7769,106.7009"], &["coordinates"]),
        (&["001a2b3c4d5e", "001099000001", "a01a2b3c4d5e"], &["mac"]),
        (&["00:1a:2b:3c:4d:5e"], &["mac"]),
        (&["80", "96", "01"], &["vn.province_code", "vn.old_province_code"]),
        // Running numbers are in a short list for a while.
        (&["001", "002", "003", "7", "998"], &[]),
        (&["VN", "FR"], &["iso.country"]),
        (&["https://example.vn", "http://10.0.0.1/x"], &["url"]),
        (&["Nguyễn Văn An", "B"], &[]),
    ];
    for (values, expected) in cases {
        let (_folder, path) = file("t.csv", &format!("x\n\"{}\"\n", values.join("\"\n\"")));
        let report = read(&path, 1);
        let likely: Vec<&str> =
            report.columns[0].kinds.iter().filter(|kind| kind.likely).map(|kind| kind.kind.as_str()).collect();
        assert_eq!(likely, *expected, "{values:?}");
    }
}

/// Values that kinds know, changed by chance.
fn value() -> impl Strategy<Value = String> {
    let vectors = include_str!("../fixtures/identifiers/vectors.csv");
    let mut known: Vec<String> =
        vectors.lines().skip(1).filter_map(|line| line.split(',').nth(1)).map(str::to_owned).collect();
    let own = [
        "",
        " ",
        "NA",
        "n/a",
        "không rõ",
        " 001099000001",
        "'001099000001",
        "001099000001.0",
        "1099000001.0",
        "0912345678\u{A0}",
        "0000000000",
        "001099000001",
        "1099000001",
        "79303012345",
        "0912345678",
        "912345678",
        "+84 912 345 678",
        "DN4012345678901",
        "a.b@example.vn",
        "00070",
        "01",
        "VN",
        "VND",
        "2020-01-31",
        "31/01/2020",
        "1,234.5",
        "Nguyễn Văn An",
        "Hoà",
        "Hòa ",
        "ViÖt",
        "Nguyá»…n",
        "30A-123.45",
        "H01.151",
        "21.0278",
        "-",
        "x",
    ];
    known.extend(own.map(str::to_owned));
    let changed = (prop::sample::select(known.clone()), any::<prop::sample::Index>(), "[0-9A-Z .đ-]").prop_map(
        |(known, at, sign)| {
            let mut chars: Vec<char> = known.chars().collect();
            if !chars.is_empty() {
                let place = at.index(chars.len());
                chars.splice(place..=place, sign.chars());
            }
            chars.into_iter().collect()
        },
    );
    prop_oneof![3 => prop::sample::select(known), 2 => changed, 1 => "[0-9]{9,13}", 1 => "[^\u{0}\u{FEFF}\"]{0,8}"]
}

/// What is counted of a kind: passed, with zeros, placeholder, shape, check digit, inner fact, without the text around it.
type Naive = BTreeMap<&'static str, [u64; 7]>;

/// A value without spaces around it, or the apostrophe before, or the `.0` behind its digits.
fn bare(value: &str) -> Option<&str> {
    if value.trim() != value {
        return Some(value.trim());
    }
    let digits = value.strip_suffix(".0").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    value.strip_prefix('\'').or(digits).filter(|bare| !bare.is_empty())
}

/// Every kind asked of every value.
fn naive(values: &[&str]) -> Naive {
    // The lengths of kinds whose numbers say something and may begin with 0.
    let whole: &[(&str, &[usize])] = &[
        ("vn.personal_id", &[12]),
        ("vn.tax_code", &[10, 12, 13]),
        ("vn.enterprise_code", &[10]),
        ("vn.mobile", &[10]),
        ("gtin", &[8, 12, 13, 14]),
        ("imei", &[15]),
        ("imo", &[7]),
        ("sedol", &[7]),
    ];
    let mut counts = Naive::new();
    for kind in KINDS {
        let mut count = [0; 7];
        let lengths = whole.iter().find(|(name, _)| *name == kind.name).map_or(&[][..], |(_, lengths)| lengths);
        let lost_zeros = |value: &str| {
            let digits = value.bytes().all(|byte| byte.is_ascii_digit()) && !is_placeholder(value);
            let fits = |length: &&usize| {
                let zeros = length.checked_sub(value.len()).filter(|zeros| (1..=2).contains(zeros));
                zeros.is_some_and(|zeros| kind.judge(&("0".repeat(zeros) + value), CONTEXT).is_ok())
            };
            digits && !lengths.contains(&value.len()) && lengths.iter().any(|length| fits(&length))
        };
        for value in values {
            let verdict = kind.judge(value, CONTEXT);
            let at = match verdict {
                Ok(()) => 0,
                Err(Fault::Placeholder) => 2,
                Err(Fault::Shape) => 3,
                Err(Fault::CheckDigit) => 4,
                Err(Fault::InnerFact) => 5,
            };
            count[at] += 1;
            count[1] += u64::from(verdict.is_err() && lost_zeros(value));
            let is_sound =
                |bare: &&str| !is_placeholder(bare) && (kind.judge(bare, CONTEXT).is_ok() || lost_zeros(bare));
            count[6] += u64::from(verdict.is_err() && bare(value).as_ref().is_some_and(is_sound));
        }
        if count[0] + count[1] + count[6] > 0 {
            counts.insert(kind.name, count);
        }
    }
    counts
}

fn counted(column: &IdentifiedColumn) -> Naive {
    let counts = column.kinds.iter().map(|kind| {
        let name = KINDS.iter().find(|known| known.name == kind.kind).expect("a kind").name;
        let faults = [kind.placeholder, kind.shape, kind.check_digit, kind.inner_fact];
        let [placeholder, shape, check_digit, inner_fact] = faults;
        let (zeros, mended) = (kind.with_zeros, kind.mended.sum());
        (name, [kind.passed, zeros, placeholder, shape, check_digit, inner_fact, mended])
    });
    counts.collect()
}

/// One or two digits and zeros, or digits around a point.
fn is_amount(text: &str) -> bool {
    let pattern = regex::Regex::new("^[+-]?([1-9][0-9]?0+|[0-9]+[.][0-9]+)$").expect("a pattern");
    pattern.is_match(text)
}

/// What a report says of the columns, however they are stored.
fn columns(mut report: IdentifyReport) -> Vec<IdentifiedColumn> {
    report.columns.iter_mut().for_each(|column| column.stored.clear());
    report.columns
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn counts_are_those_of_asking_every_kind_of_every_value(
        rows in proptest::collection::vec([value(), value()], 0..60),
        times in prop::sample::select(vec![1_usize, 40]),
    ) {
        let rows: Vec<[String; 2]> = std::iter::repeat_n(rows, times).flatten().collect();
        let folder = Folder::new();
        let (as_csv, as_parquet) = (folder.path("t.csv"), folder.path("t.parquet"));
        fs::write(&as_csv, csv("a,b", &rows)).unwrap();
        parquet(&as_parquet, "a,b", &rows);
        let report = read(&as_csv, 2);
        for (at, column) in report.columns.iter().enumerate() {
            let present: Vec<&str> = rows.iter().map(|row| row[at].as_str()).filter(|cell| {
                let bare = cell.trim_matches(is_blank);
                !bare.is_empty() && bare != "NA"
            }).collect();
            prop_assert_eq!(column.values, present.len() as u64);
            prop_assert_eq!(column.missing, (rows.len() - present.len()) as u64);
            prop_assert_eq!(counted(column), naive(&present));
            let fills = |text: &&&str| is_placeholder(text) && !is_amount(text);
            prop_assert_eq!(column.placeholders, present.iter().filter(fills).count() as u64);
            let faulty = present.iter().filter(|text| !passmuster::text::faults(text).is_empty()).count() as u64;
            prop_assert_eq!(column.faulty, faulty);
            for kind in &column.kinds {
                let Some(slips) = kind.slips else { continue };
                let known = passmuster::identifiers::find(&kind.kind).expect("a kind");
                let formed = present.iter().filter(|text| {
                    matches!(known.judge(text, CONTEXT), Err(Fault::CheckDigit | Fault::InnerFact))
                });
                let explained = formed.clone().filter(|text| Prepared::new(known, CONTEXT).slip(text).is_some()).count() as u64;
                prop_assert_eq!((slips.sought, slips.likely), (formed.count() as u64, explained));
            }
        }
        let first = columns(report);
        prop_assert_eq!(&columns(read(&as_parquet, 3)), &first);
        for (block, threads) in [(200, 1), (900, 2), (5_000, 16)] {
            let source = open(&as_csv).with_block(block);
            let report = identify(&source, "t", &options(threads), &()).expect("read").expect("not stopped");
            prop_assert_eq!(&columns(report), &first);
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let folder = Folder::new();
    let path = folder.path("t.csv");
    let vectors = include_str!("../fixtures/identifiers/vectors.csv");
    let values: Vec<&str> = vectors.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
    let mut text = "id,code,number\n".to_owned();
    for (row, value) in (0..60_000_u64).zip(values.iter().cycle()) {
        let number = row.wrapping_mul(2_654_435_761) % 10_000_000_000;
        // One person in five is born in a place that there is not.
        let place = if row % 5 == 0 { 3 } else { 1 };
        text.extend([format!("{number:010},{value},{:012}\n", place * 1_000_000_000 + 99_000_000 + row * 7)]);
    }
    fs::write(&path, text).unwrap();
    let json = |threads| {
        let source = open(&path).with_block(40_000);
        identified::json(&identify(&source, "t", &options(threads), &()).expect("read").expect("not stopped"))
    };
    let first = json(1);
    assert_eq!(json(2), first);
    assert_eq!(json(16), first);
    let report: IdentifyReport = serde_json::from_str(&first).unwrap();
    assert_eq!(column(&report, "number").kinds[0].kind, "vn.personal_id");
    // Of many different failing values 256 are looked through.
    let best = &column(&report, "number").kinds[0];
    assert_eq!((best.inner_fact, best.slips.map(|slips| slips.sought)), (12_000, Some(256)));
}

#[test]
fn numbers_lose_their_zeros_and_that_is_said() {
    let folder = Folder::new();
    let path = folder.path("t.parquet");
    let ids = [Some(1_099_000_001_i64), Some(79_303_012_345), None, Some(96_206_123_456)];
    let phones = [Some(912_345_670_u64), Some(u64::MAX), Some(367_123_456), None];
    let table = Table::new([
        ("id", PrimitiveArray::from(ids).boxed()),
        ("phone", PrimitiveArray::from(phones).boxed()),
        ("ratio", PrimitiveArray::from([Some(21.0278), Some(10.7769), Some(1.5), None]).boxed()),
        ("done", BooleanArray::from([Some(true), None, Some(false), Some(true)]).boxed()),
    ]);
    fs::write(&path, table.parquet(4)).unwrap();
    let report = read(&path, 2);
    let id = column(&report, "id");
    assert_eq!((id.stored.as_str(), id.missing, id.values), ("int64", 1, 3));
    let best = &id.kinds[0];
    assert_eq!((best.kind.as_str(), best.passed, best.with_zeros, best.likely), ("vn.personal_id", 0, 3, true));
    let phone = column(&report, "phone");
    assert_eq!((phone.missing, phone.unreadable, phone.values), (1, 0, 3));
    assert_eq!((phone.kinds[0].kind.as_str(), phone.kinds[0].with_zeros), ("vn.mobile", 2));
    let ratio = &column(&report, "ratio").kinds[0];
    assert_eq!((ratio.kind.as_str(), ratio.likely, ratio.evidence), ("latitude", true, Evidence::Weak));
    let done = column(&report, "done");
    assert_eq!((done.values, done.missing, done.kinds.len()), (3, 1, 0));
    let table = identified::table(&report, &Look::default());
    assert!(table.contains("vn.personal_id: 3 more with lost leading zeros restored, 100.00 %"), "{table}");
    // Values that pass are shown, and values that would pass are listed below.
    assert!(table.contains("vn.personal_id ┆   0.00 %"), "{table}");
}

fn run(folder: &Folder, args: &[&str]) -> Output {
    program::run(folder, &[&["identify"], args].concat())
}

fn parts(output: &Output) -> (i32, String, String) {
    (program::code(output), program::stdout(output), program::stderr(output))
}

#[test]
fn the_table_shows_counts_and_no_value() {
    let (folder, _path) = file("people.csv", PEOPLE);
    for format in ["table", "json"] {
        let (code, stdout, stderr) =
            parts(&run(&folder, &["people.csv", "--missing", "NA", "--format", format, "--as-of", "2026-11-23"]));
        assert_eq!((code, stderr.as_str()), (0, ""), "{stderr}");
        for value in PEOPLE.lines().skip(1).flat_map(|line| line.split(',')).filter(|value| value.len() > 3) {
            // These two are words of the report.
            assert!(["n/a", "2000"].contains(&value) || !stdout.contains(value), "{value}: {stdout}");
        }
    }
    let (_, table, _) = parts(&run(&folder, &["people.csv", "--missing", "NA", "--as-of", "2026-11-23"]));
    for part in [
        "people.csv · 10 rows · 6 columns · as of 2026-11-23",
        "│ person ┆      9 ┆       1 ┆ vn.personal_id ┆ 44.44 % │",
        " 55.55 % │",
        "vn.tax_code: 5 pass, 1 placeholder, 2 with wrong check digits, 1 with a wrong",
        "4 values with text faults: double_space 1, edge_space 1, legacy_encoding 1,",
        "dates mixed in 9 values: YYYY-MM-DD 6, DD/MM/YYYY 2",
        "no cell has a value",
    ] {
        assert!(table.contains(part), "{part}:\n{table}");
    }
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}

#[test]
fn names_of_columns_cannot_steer_a_terminal() {
    let (folder, _path) = file("t.csv", "a\u{1b}[31m,\"b\u{202e}\n\"\n1,2\n");
    let (code, stdout, _) = parts(&run(&folder, &["t.csv"]));
    assert_eq!(code, 0);
    assert!(stdout.contains("\\u{1b}[31m") && !stdout.contains('\u{1b}') && !stdout.contains('\u{202e}'), "{stdout}");
    let (code, _, stderr) = parts(&run(&folder, &["t.csv", "--columns", "c"]));
    assert_eq!(code, 2);
    assert!(stderr.contains("there is no column `c`") && !stderr.contains('\u{1b}'), "{stderr}");
}

#[test]
fn what_cannot_be_read_is_one_message_and_exit_2() {
    let (folder, _path) = file("empty.csv", "");
    folder.write("t.csv", "a,b\n1,2\n");
    for (args, reason) in [
        (&["gone.csv"][..], "gone.csv"),
        (&["empty.csv"], "empty: no header"),
        (&["t.csv", "--columns", "z"], "there is no column `z`; there are a, b"),
        (&["t.csv", "--encoding", "windows-1259"], "no encoding has that name, did you mean `windows-125"),
        (&["t.csv", "--delimiter", "ab"], "one ASCII character"),
        (&["t.csv", "--delimiter", "\""], "the same character"),
        (&["t.csv", "--input-format", "xml"], "xml"),
        (&["t.csv", "--input-format", "parquet"], "t.csv"),
        (&["t.csv", "--output", "t.csv"], "refusing to write the report to t.csv"),
        (&["t.csv", "--output", "no/report.json"], "create it first"),
        (&["t.csv", "--as-of", "2026-02-30"], "2026-11-01"),
        (&[], "FILE"),
    ] {
        let (code, stdout, stderr) = parts(&run(&folder, args));
        assert_eq!((code, stdout.as_str()), (2, ""), "{args:?}: {stderr}");
        assert!(stderr.contains(reason), "{args:?}: {stderr}");
    }
    assert_eq!(folder.read("t.csv"), "a,b\n1,2\n");
}

#[test]
fn a_first_record_of_values_is_not_shown() {
    let (folder, _path) = file("nohead.csv", "An,an@example.org\nBinh,binh@example.org\n");
    let (code, stdout, stderr) = parts(&run(&folder, &["nohead.csv"]));
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("the name of column 2") && stderr.contains("--no-header"), "{stderr}");
    assert!(!stderr.contains("example"), "{stderr}");
    let (code, stdout, _) = parts(&run(&folder, &["nohead.csv", "--no-header"]));
    assert!(code == 0 && stdout.contains("column_2"), "{stdout}");
    let (_, _, stderr) = parts(&run(&folder, &["nohead.csv", "--no-header", "--columns", "colum_2,zz"]));
    assert!(
        stderr.contains(
            "no column `colum_2`, did you mean `column_2`?; there is no column `zz`; there are column_1, column_2"
        ),
        "{stderr}"
    );
}

#[test]
fn a_name_of_digits_is_a_value_and_a_day_is_none() {
    for (name, is_value) in [
        ("012345678", true),
        ("0912.345.678", true),
        ("4539 5787 6362 1486", true),
        ("2026", false),
        ("2026-01-01", false),
        ("2026-01-01 to 2026-02-01", false),
        ("00012345", false),
        ("2026-01-01 - 2026-01-31", false),
        ("20240101-20240331", false),
        ("202401150930", false),
        ("20240115093000", false),
        ("202413150930", true),
        ("202401152430", true),
    ] {
        let (folder, _path) = file("t.csv", &format!("{name},b\n1,2\n"));
        // An unknown column is reported with the known ones, but not where these are values.
        let (code, stdout, stderr) = parts(&run(&folder, &["t.csv", "--columns", "zz"]));
        assert_eq!((code, stdout.as_str()), (2, ""));
        assert_eq!(stderr.contains("--no-header; if it has, rename the column"), is_value, "{stderr}");
        assert_eq!(stderr.contains(name), !is_value, "{stderr}");
    }
}

#[test]
fn formats_are_told_as_far_as_the_data_says() {
    let text = "day,other,year,phone\n\
                13/04/2020,03/04/2020,1999,0912345678\n\
                01/02/2020,01/02/2020,2000,0912345679\n";
    let (folder, _path) = file("t.csv", text);
    let (code, stdout, stderr) = parts(&run(&folder, &["t.csv"]));
    assert_eq!((code, stderr.as_str()), (0, ""));
    let of = |column: &str| findings(&stdout, column);
    // Nothing says which of two numbers up to twelve is the month.
    assert_eq!(of("other"), ["dates as DD/MM/YYYY or MM/DD/YYYY"], "{stdout}");
    assert_eq!(of("day"), ["dates as DD/MM/YYYY"], "{stdout}");
    // Four digits may be any number, and a telephone number is none.
    assert_eq!(of("year"), [""; 0], "{stdout}");
    assert_eq!(of("phone"), ["telephone numbers as 0 and digits"], "{stdout}");
}

/// The lines about a column below the table.
fn findings<'a>(table: &'a str, column: &str) -> Vec<&'a str> {
    let lines = table.lines().skip_while(|line| *line != column).skip(1);
    lines.take_while(|line| line.starts_with(' ')).map(str::trim).collect()
}

/// The table of a file of one column.
fn table_of(values: &[&str]) -> String {
    let (_folder, path) = file("t.csv", &format!("x\n{}\n", values.join("\n")));
    identified::table(&read(&path, 1), &Look { width: 120, ..Look::default() })
}

#[test]
fn formats_that_not_all_values_have_are_told_with_their_number() {
    let table = table_of(&["2024-01-31", "2024-02-28", "2024-03-31", "later"]);
    assert_eq!(findings(&table, "x"), ["dates as YYYY-MM-DD in 3 of 4 values"]);
    // Each value is listed under one format, so that the odd one is seen.
    let mixed = ["2024-01-31", "2024-02-28", "01/02/2024", "03/04/2024", "31/01/2024", "2024", "5/6/2024"];
    let table = table_of(&mixed);
    assert_eq!(findings(&table, "x"), ["dates mixed in 7 values: DD/MM/YYYY 3, YYYY-MM-DD 2, D/M/YYYY 1, YYYY 1"]);
    // Letters without a format.
    let (_folder, path) = file("t.csv", "x\niPhone uSb\neBay uK\n");
    assert!(read(&path, 1).columns[0].formats.is_empty());
}

#[test]
fn what_stands_around_values_is_told() {
    let people = ["001099000001", "079303012345", "096206123456", "001199000002"];
    for (change, reason, way_out) in [
        (" {}", "without the spaces around them", ""),
        ("{}\t", "without the spaces around them", ""),
        ("'{}", "without the apostrophe in front", ""),
        ("{}.0", "without the .0 at the end", ": export the column as text"),
    ] {
        let mut values: Vec<String> = people.map(|value| change.replace("{}", value)).into();
        values[0] = people[0].to_owned();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let table = table_of(&values);
        assert!(table.contains("vn.personal_id ┆ 25.00 %"), "{table}");
        let line = format!("vn.personal_id, vn.tax_code: 3 more {reason}, 100.00 % with them{way_out}");
        assert!(findings(&table, "x").contains(&line.as_str()), "{table}");
    }
    // Floats lose zeros, too.
    let table = table_of(&["1099000001.0", "79303012345.0", "96206123456.0"]);
    assert!(table.contains("vn.personal_id: 3 more without the .0 at the end, 100.00 % with them"), "{table}");
    // Small amounts are in short lists once `.0` is left out.
    assert!(!table_of(&["1.0", "2.0", "4.0"]).contains(" more "));
}

#[test]
fn values_that_fill_the_cell_are_told_of_any_column() {
    let line = "possible placeholders, such as 0000000: 2 values";
    assert!(findings(&table_of(&["Hà Nội", "xxxx", "Huế", "1234567"]), "x").contains(&line));
    // The line of the kind has them already.
    let table = table_of(&["0100047516", "0100109106", "0100112437", "0000000000", "1111111111"]);
    assert_eq!(findings(&table, "x"), ["vn.tax_code: 3 pass, 2 placeholders"]);
    // Too few are a tax code to say so; the sign says it.
    let table = table_of(&["0100047516", "0100109106", "0100112437", "x", "y", "z"]);
    assert!(table.contains("vn.tax_code?") && table.contains("?: too few"), "{table}");
}

/// `None` may say that there is no damage.
#[test]
fn words_for_no_value_are_shown_unless_the_column_looks_personal() {
    let question = "a real value or \"no value\"? Add what means \"no value\" under `missing:`";
    assert_eq!(
        findings(&table_of(&["N/A", "DE", "FR", "N/A"]), "x").first(),
        Some(&format!("2 values N/A: {question}").as_str())
    );
    let damage = ["None", "Minor", "none", "NONE", "Substantial", "None", "nOnE", "n/a"];
    let table = table_of(&damage).replace("\n    ", " ");
    assert!(table.contains(&format!("6 values: None 2, none 2, NONE 1, n/a 1: {question}")), "{table}");
    // A word may be a name.
    for name in ["full_name", "Surname", "e-mail", "name"] {
        let (_folder, path) = file("t.csv", &format!("{name}\nAnna Lee\nNone\nBob Smith\n"));
        let report = read(&path, 1);
        assert!(report.columns[0].stand_ins == 1 && report.columns[0].stand_in_words.is_empty(), "{report:?}");
        let table = identified::table(&report, &Look { width: 120, ..Look::default() });
        assert!(table.contains(&format!("1 value such as n/a: {question}")), "{table}");
    }
}

#[test]
fn round_numbers_and_decimals_fill_no_cell() {
    for amounts in [&["10000000", "20000000", "3000000", "90000000"], &["0.0000", "1.234", "5000000.00", "-0.0000"]] {
        let table = table_of(amounts);
        assert!(!table.contains("placeholders"), "{table}");
    }
    assert!(table_of(&["0000000", "1000001", "9999999"]).contains("possible placeholders, such as 0000000: 2 values"));
}

#[test]
fn plain_decimals_are_one_format() {
    assert_eq!(findings(&table_of(&["1.5", "2", "10.25"]), "x"), ["numbers as 1234.5"]);
    assert_eq!(findings_of(&["1,5", "2", "10,25"]), "numbers as 1234,5");
    assert_eq!(findings(&table_of(&["12", "-2", "+250"]), "x"), [""; 0]);
    // Either is possible here.
    assert_eq!(findings(&table_of(&["1.500", "2.250", "2"]), "x"), ["numbers as 1234.5 or 1.234,5"]);
    let mixed = findings_of(&["1,234.5", "1.234,5", "2.5"]);
    assert!(mixed.starts_with("numbers mixed in 3 values"), "{mixed}");
}

/// The last line about a column of these values.
fn findings_of(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("\"{value}\"")).collect();
    let quoted: Vec<&str> = quoted.iter().map(String::as_str).collect();
    findings(&table_of(&quoted), "x").last().map_or_else(String::new, |line| (*line).to_owned())
}

#[test]
fn weak_kinds_are_told_without_failures() {
    let wards: Vec<String> = (1..=19).map(|at| format!("{:05}", at * 111 + 6)).chain(["x".to_owned()]).collect();
    let wards: Vec<&str> = wards.iter().map(String::as_str).collect();
    let table = table_of(&wards);
    assert!(table.contains("(vn.ward_code)   ┆ 95.00 %") && findings(&table, "x").is_empty(), "{table}");
    assert!(!table_of(&wards[1..]).contains("ward_code"));
}

#[test]
fn a_column_of_decimals_is_told_not_to_be_taken() {
    let folder = Folder::new();
    let path = folder.path("t.parquet");
    let numbers = PrimitiveArray::from_slice([79_303_012_345.0, 96_206_123_456.0, 1_099_000_001.0]);
    fs::write(&path, Table::new([("id", numbers.boxed())]).parquet(3)).unwrap();
    let table = identified::table(&read(&path, 1), &Look { width: 120, ..Look::default() });
    let line = "stored as float64, which loses leading zeros and which `identifier` does not accept: export the column as text";
    assert!(table.replace("\n    ", " ").contains(line), "{table}");
}

#[test]
fn names_may_hold_commas_and_line_breaks() {
    let (folder, _path) = file("t.csv", "\"a,b\",c,\"d\ne\"\n1,2,3\n");
    let (code, stdout, stderr) = parts(&run(&folder, &["t.csv", "--columns", "a,b"]));
    assert!(code == 0 && stdout.contains("1 column") && stdout.contains("a,b"), "{stderr}");
    let (code, stdout, _) = parts(&run(&folder, &["t.csv", "--columns", "a,b", "--columns", "c"]));
    assert!(code == 0 && stdout.contains("2 columns"), "{stdout}");
    let (code, _, stderr) = parts(&run(&folder, &["t.csv", "--columns", "c,zz"]));
    assert!(code == 2 && stderr.contains("no column `zz`; there are a,b, c, d\\u{a}e"), "{stderr}");
}

#[test]
fn one_column_that_looks_like_several_is_told() {
    let folder = Folder::new();
    for (sign, written) in [(";", "delimiter: \";\""), ("\t", "delimiter: tab"), ("|", "delimiter: \"|\"")] {
        folder.write("t.csv", format!("a{sign}b\n1{sign}2\n"));
        let (code, stdout, stderr) = parts(&run(&folder, &["t.csv"]));
        assert!(code == 0 && stdout.contains("1 column") && stdout.contains(written) && stderr.is_empty(), "{stdout}");
        let delimiter = if sign == "\t" { "tab" } else { sign };
        let (code, stdout, _) = parts(&run(&folder, &["t.csv", "--delimiter", delimiter]));
        assert!(code == 0 && stdout.contains("2 columns") && !stdout.contains("delimiter"), "{stdout}");
    }
    folder.write("t.csv", "a,b;c\n1,2\n");
    assert!(!parts(&run(&folder, &["t.csv"])).1.contains("delimiter"));
    // A comma inside of a name makes two of them.
    folder.write("t.csv", "id;name, first;amount\n1;An;1,5\n");
    let (_, stdout, _) = parts(&run(&folder, &["t.csv"]));
    assert!(stdout.contains("2 columns") && stdout.contains("delimiter: \";\""), "{stdout}");
}

#[test]
fn nothing_to_tell_is_told() {
    let (folder, _path) = file("header.csv", "a,b\n");
    let (code, stdout, _) = parts(&run(&folder, &["header.csv"]));
    assert_eq!(code, 0);
    assert!(stdout.contains("0 rows · 2 columns"), "{stdout}");
    fs::copy(fixture("formats/nested.parquet"), folder.path("n.parquet")).unwrap();
    let (code, stdout, _) = parts(&run(&folder, &["n.parquet"]));
    assert_eq!(code, 0);
    assert!(stdout.contains("│ tags ") && stdout.contains("│ place "), "{stdout}");
    let dates = PrimitiveArray::from_slice([i32::MAX, 0, i32::MIN]).to(ArrowDataType::Date32).boxed();
    fs::write(folder.path("far.parquet"), Table::new([("born", dates)]).parquet(1)).unwrap();
    let (_, stdout, _) = parts(&run(&folder, &["far.parquet"]));
    assert!(stdout.contains("2 cells outside the range of the column type"), "{stdout}");
}

#[test]
fn the_options_say_how_text_is_written_and_standard_input_is_read() {
    let folder = Folder::new();
    let text = encoding_rs::WINDOWS_1258.encode("001099000001;Nguyen Van \u{110}\n079303012345;-\n").0.into_owned();
    folder.write("t.txt", text);
    let args = [
        "-",
        "--input-format",
        "csv",
        "--delimiter",
        ";",
        "--no-header",
        "--encoding",
        "windows-1258",
        "--missing",
        "-",
    ];
    let output = program::program(&folder)
        .arg("identify")
        .args(args)
        .args(["--format", "json", "--output", "out.json", "--columns", "column_1,column_2", "-q"])
        .stdin(fs::File::open(folder.path("t.txt")).unwrap())
        .output()
        .unwrap();
    assert_eq!(parts(&output), (0, String::new(), String::new()));
    let text = folder.read("out.json");
    let report: IdentifyReport = serde_json::from_str(&text).unwrap();
    assert_eq!(report.columns[0].kinds[0].kind, "vn.personal_id");
    assert_eq!((report.columns[1].missing, report.columns[1].values, report.columns[1].faulty), (1, 1, 0));
}

/// Where a file can do without a name, nothing stays behind, even of a program that is ended at once.
#[cfg(target_os = "linux")]
#[test]
fn a_copy_of_standard_input_has_no_name() {
    use std::io::Write as _;

    use crate::support::processes::wait_until;

    let (folder, copies) = (Folder::new(), Folder::new());
    let mut child = program::program(&folder)
        .args(["identify", "-"])
        .env("TMPDIR", copies.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"a,b\n1,2\n").unwrap();
    // It has begun to copy once it holds a file that was deleted, or has no name.
    let held = PathBuf::from(format!("/proc/{}/fd", child.id()));
    let is_copy = |entry: fs::DirEntry| fs::read_link(entry.path()).is_ok_and(|file| file.starts_with(copies.root()));
    wait_until("a copy is made", || fs::read_dir(&held).unwrap().flatten().any(is_copy));
    assert_eq!(fs::read_dir(copies.root()).unwrap().count(), 0);
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(parts(&output).1.contains("1 row · 2 columns"), "{output:?}");
}

#[test]
fn the_document_is_its_published_schema() {
    let published = fs::read_to_string(root().join("schema/identify.schema.json")).unwrap();
    // Refresh with `passmuster schema identify > schema/identify.schema.json`.
    assert!(published == format!("{:#}\n", identified::schema()), "schema/identify.schema.json is not fresh");
    let (_folder, path) = file("people.csv", PEOPLE);
    let value: serde_json::Value = serde_json::from_str(&identified::json(&read(&path, 1))).unwrap();
    let schema = jsonschema::validator_for(&identified::schema()).unwrap();
    let errors: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

/// Tones of Vietnamese as marks of their own, as windows-1258 has them.
fn in_windows_1258(text: &str) -> Vec<u8> {
    use unicode_normalization::UnicodeNormalization as _;
    let is_tone = |c: char| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
    let mut apart = String::new();
    for c in text.chars() {
        let parts: Vec<char> = std::iter::once(c).nfd().collect();
        let (tones, base): (Vec<char>, Vec<char>) = parts.into_iter().partition(|c| is_tone(*c));
        apart.extend(base.into_iter().nfc());
        apart.extend(tones);
    }
    let (bytes, _, failed) = encoding_rs::WINDOWS_1258.encode(&apart);
    assert!(!failed, "{text}");
    bytes.into_owned()
}

/// A report of a bank, as a spreadsheet program wrote it.
const REVENUE: &str = "\
BÁO CÁO DOANH THU
Từ ngày 01/10/2026

mã;họ tên;ngày;số tiền
1;Nguyễn Văn An;31/10/2026;1.234,50
2;Trần Thị Bình;01/10/2026;12,5
3;Phạm Thị Dung;05/10/2026;7,25
Tổng cộng;;;1.254,25
";

#[test]
fn how_a_file_is_written_is_proposed_with_its_evidence() {
    let folder = Folder::new();
    folder.write("revenue.csv", in_windows_1258(REVENUE));
    let (code, stdout, stderr) = parts(&run(&folder, &["revenue.csv", "--as-of", "2026-11-23"]));
    assert_eq!(code, 0, "{stderr}");
    let said = stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for expected in [
        "how it is written source: { path: revenue.csv, delimiter: \";\", encoding: windows-1258,",
        "skip_rows: 3, until: \"Tổng cộng\" }",
        "\"ngày\": { type: date",
        "decimal: \",\" thousands: \".\"",
        "{ type: date, format: dd/mm/yyyy }",
        "delimiter: 5 of 7 lines have 4 cells with `;`; with `,`, 4 have 2 cells",
        "decimal: 3 of 6 numbers have a comma that can only be a decimal sign",
    ] {
        assert!(said.contains(expected), "{expected}: {stdout}");
    }
    // Values are not shown.
    for value in ["Nguyễn", "1.234", "31/10", "BÁO"] {
        assert!(!stdout.split("┌").next().unwrap().contains(value), "{value}: {stdout}");
    }
    let (_, json, _) = parts(&run(&folder, &["revenue.csv", "--format", "json", "--as-of", "2026-11-23"]));
    let report: IdentifyReport = serde_json::from_str(&json).unwrap();
    let schema = jsonschema::validator_for(&identified::schema()).unwrap();
    assert!(schema.is_valid(&serde_json::from_str(&json).unwrap()));
    let dialect = report.dialect.expect("it differs");
    assert!(dialect.whole && dialect.source.len() == 4, "{dialect:?}");
    // Read as proposed, there is nothing more to declare of its source.
    let mut args = vec!["revenue.csv".to_owned(), "--format".to_owned(), "json".to_owned()];
    for (name, value) in &dialect.source {
        let value = match value {
            DialectValue::Flag(flag) => flag.to_string(),
            DialectValue::Count(count) => count.to_string(),
            DialectValue::Text(text) => text.clone(),
        };
        args.extend(["--read-with".to_owned(), format!("{name}={value}")]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (_, json, stderr) = parts(&run(&folder, &args));
    let report: IdentifyReport = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    assert_eq!((report.rows, report.malformed, report.columns.len()), (3, 0, 4));
    assert!(report.dialect.expect("numbers and dates").source.is_empty());
}

#[test]
fn a_file_that_cannot_be_read_gets_a_hint() {
    let folder = Folder::new();
    let mut units = vec![0xff, 0xfe];
    units.extend("id;tên\n1;Nguyễn\n".encode_utf16().flat_map(u16::to_le_bytes));
    folder.write("t.csv", units);
    let (code, stdout, stderr) = parts(&run(&folder, &["t.csv"]));
    assert!(code == 2 && stdout.is_empty(), "{stderr}");
    assert!(stderr.contains("source: { path: t.csv, delimiter: \";\", encoding: utf-16le }"), "{stderr}");
    assert!(!parts(&run(&folder, &["t.csv", "--quiet"])).2.contains("hint"));
}

/// A table, and how it is written: a delimiter, an encoding, titles and a footer.
fn written() -> impl Strategy<Value = (Vec<Vec<String>>, &'static str, bool, usize, bool)> {
    let name = prop::sample::select(vec!["Müller", "Größe", "Köln", "Jürgen", "Böhm"]).prop_map(str::to_owned);
    let row = (1_u32..9_999, name, "[a-z]{1,6}").prop_map(|(id, name, word)| vec![id.to_string(), name, word]);
    let rows = prop::collection::vec(row, 3..12);
    (rows, prop::sample::select(vec![",", ";", "\t", "|", "||"]), any::<bool>(), 0_usize..4, any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_file_read_as_proposed_is_the_table_that_was_written((rows, delimiter, legacy, titles, footer) in written()) {
        let mut text = (0..titles).flat_map(|at| ["Bericht ".to_owned(), at.to_string(), "\n".to_owned()]).collect::<String>();
        text.push_str(&["id", "name", "note"].join(delimiter));
        text.push('\n');
        for row in &rows {
            text.push_str(&row.join(delimiter));
            text.push('\n');
        }
        if footer {
            text.push_str("Summe\n");
        }
        let bytes = if legacy { encoding_rs::WINDOWS_1252.encode(&text).0.into_owned() } else { text.into_bytes() };
        let folder = Folder::new();
        let path = folder.write("t.csv", bytes);
        let spec = |options| SourceSpec {
            location: path.display().to_string(),
            further: Vec::new(),
            base: PathBuf::new(),
            format: None,
            options,
        };
        let beginning = Source::beginning_of(&spec(Options::default())).expect("a file");
        let dialect = recognise(&beginning, &Options::default());
        let mut options = Options::default();
        for (name, value) in dialect.iter().flat_map(|dialect| &dialect.source) {
            match value {
                DialectValue::Flag(flag) => options.set(name, *flag),
                DialectValue::Count(count) => options.set(name, *count),
                DialectValue::Text(text) if text == "tab" => options.set(name, b'\t'),
                DialectValue::Text(text) if text.len() == 1 => options.set(name, text.as_bytes()[0]),
                DialectValue::Text(text) => options.set(name, text.as_str()),
            }
        }
        let source = Source::open(&spec(options)).unwrap();
        let names: Vec<&str> = source.columns().iter().map(|column| column.name.as_str()).collect();
        prop_assert_eq!(names, ["id", "name", "note"]);
        let report = identify(&source, "t", &self::options(1), &()).unwrap().unwrap();
        prop_assert_eq!((report.rows, report.malformed), (rows.len() as u64, 0));
        prop_assert!(report.columns.iter().all(|column| column.faults.is_empty() && column.missing == 0));
    }
}
