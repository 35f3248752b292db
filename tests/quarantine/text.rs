//! Text keeps its bytes.

use encoding_rs::{Encoding, UTF_8, UTF_16LE, WINDOWS_1258};
use passmuster::source::Options;
use proptest::prelude::*;

use super::{open, parts, rows, split, split_source};
use crate::support::folder::Folder;
use crate::support::packed::gzip;

fn text(parts: (Vec<u8>, Vec<u8>)) -> (String, String) {
    (String::from_utf8(parts.0).unwrap(), String::from_utf8(parts.1).unwrap())
}

#[test]
fn records_go_to_one_of_two_files_byte_for_byte() {
    let folder = Folder::of(&[(
        "people.csv",
        "\u{feff}id,\"na\"\"me\"\r\n1,\"a\nb\"\r\n\r\n2,b\n3\r\n4,\"x\"y,z\n5,\"open\n6,last",
    )]);
    let failing: super::Rows = &[(0, 2, &[0]), (0, 3, &[2, 1, 2]), (0, 4, &[2]), (0, 5, &[2]), (0, 6, &[0, 1])];
    let dataset = split(&folder, "people.csv", Options::default(), failing).unwrap();
    let (passing, failing) = text(parts(&folder, &dataset));
    assert_eq!(passing, "\u{feff}id,\"na\"\"me\"\r\n1,\"a\nb\"\r\n\r\n");
    assert_eq!(
        failing,
        "\u{feff}id,\"na\"\"me\",failed_rules\r\n2,b,people.id.required\n3,people.id.unique;people.well_formed\r\n\
         4,\"x\"y,z,people.well_formed\n5,\"open,people.well_formed\n6,last,people.id.required;people.id.unique"
    );
    assert_eq!((dataset.passing, dataset.failing), (1, 5));
    assert_eq!(dataset.files[0].passing.path, "people/passing/people.csv");
}

#[test]
fn the_cell_fits_the_dialect_and_the_name_is_free() {
    let folder =
        Folder::of(&[("a.csv", "id;failed_rules\n1;x\n"), ("b.csv", "idpname\n1p\n"), ("c.csv", "1,x\r2,y\r")]);
    let with = |name: &str, value: u8| Options::default().with(name, value);
    let rows: super::Rows = &[(0, 1, &[0, 1])];
    let dataset = split(&folder, "a.csv", with("delimiter", b';'), rows).unwrap();
    let (passing, failing) = text(parts(&folder, &dataset));
    assert_eq!(passing, "id;failed_rules\n");
    assert_eq!(failing, "id;failed_rules;failed_rules_2\n1;x;people.id.required|people.id.unique\n");

    // A delimiter that is a letter of the ids.
    let dataset = split(&folder, "b.csv", with("delimiter", b'p'), rows).unwrap();
    assert_eq!(text(parts(&folder, &dataset)).1, "idpnamepfailed_rules\n1pp\"people.id.required;people.id.unique\"\n");
    let without = with("delimiter", b'p').with("quote", None);
    let error = split(&folder, "b.csv", without, rows).unwrap_err().to_string();
    assert!(error.contains("b.csv") && error.contains("another delimiter"), "{error}");

    let dataset = split(&folder, "c.csv", Options::default().with("header", false), rows).unwrap();
    let (passing, failing) = text(parts(&folder, &dataset));
    assert_eq!((passing.as_str(), failing.as_str()), ("2,y\r", "1,x,people.id.required;people.id.unique\r"));
}

#[test]
fn cells_that_are_too_long_keep_all_their_bytes() {
    let long = "x".repeat((16 << 20) + 1000) + "é" + &"y".repeat(3 << 20);
    let csv = format!("id,text,end\n1,{long},a\n2,b,c\n3,{long},{long}\n");
    let folder = Folder::of(&[("people.csv", &csv)]);
    let dataset = split(&folder, "people.csv", Options::default(), &[(0, 1, &[2])]).unwrap();
    let (passing, failing) = text(parts(&folder, &dataset));
    assert!(passing == format!("id,text,end\n2,b,c\n3,{long},{long}\n"));
    assert!(failing == format!("id,text,end,failed_rules\n1,{long},a,people.well_formed\n"));
}

#[test]
fn files_of_folders_keep_their_places() {
    let folder = Folder::of(&[
        ("data/year=2024/a.csv", "id\n1\n"),
        ("data/year=2025/a.csv", "id\n2\n3\n"),
        ("data/year=2025/b.csv", "id\n"),
    ]);
    for location in ["data", "data/*/*.csv"] {
        let dataset = split(&folder, location, Options::default(), &[(1, 2, &[0])]).unwrap();
        let paths: Vec<&str> = dataset.files.iter().map(|file| file.failing.path.as_str()).collect();
        let place = |path: &str| format!("people/failing/{path}");
        assert_eq!(paths, ["year=2024/a.csv", "year=2025/a.csv", "year=2025/b.csv"].map(place));
        assert_eq!(folder.read("out/people/failing/year=2024/a.csv"), "id,failed_rules\n");
        assert_eq!(folder.read("out/people/failing/year=2025/a.csv"), "id,failed_rules\n3,people.id.required\n");
        assert_eq!(folder.read("out/people/passing/year=2025/b.csv"), "id\n");
        assert_eq!((dataset.passing, dataset.failing), (2, 1));
    }
}

#[test]
fn packed_files_are_packed_again() {
    let folder = Folder::new();
    let csv = b"id\n1\n2\n";
    folder.write("a.csv.gz", gzip(csv));
    folder.write("a.csv.zst", zstd::encode_all(&csv[..], 1).unwrap());
    for name in ["a.csv.gz", "a.csv.zst"] {
        let dataset = split(&folder, name, Options::default(), &[(0, 2, &[0])]).unwrap();
        assert_eq!(dataset.files[0].passing.path, format!("people/passing/{name}"));
        let out = folder.path("out");
        assert_eq!(rows(&out, &dataset.files[0].passing.path, Options::default()), 1);
        let failing = open(&out, &dataset.files[0].failing.path, Options::default());
        assert_eq!(failing.columns()[1].name, "failed_rules");
    }
}

#[test]
fn lines_of_json_get_one_more_key() {
    let folder = Folder::of(&[(
        "a.ndjson",
        "{\"id\": 1}\n\n { \"id\" : 2 } \r\n{}\nbroken}\n{\"id\":\"}\",\"failed_rules\":1}\n{\"id\":3}",
    )]);
    let failing: super::Rows = &[(0, 2, &[0, 1]), (0, 3, &[0]), (0, 4, &[2]), (0, 5, &[0]), (0, 6, &[0])];
    let dataset = split(&folder, "a.ndjson", Options::default(), failing).unwrap();
    let (passing, failing) = text(parts(&folder, &dataset));
    assert_eq!(passing, "{\"id\": 1}\n\n");
    assert_eq!(
        failing,
        " { \"id\" : 2 ,\"failed_rules_2\":[\"people.id.required\",\"people.id.unique\"]} \r\n\
         {\"failed_rules_2\":[\"people.id.required\"]}\nbroken}\n\
         {\"id\":\"}\",\"failed_rules\":1,\"failed_rules_2\":[\"people.id.required\"]}\n\
         {\"id\":3,\"failed_rules_2\":[\"people.id.required\"]}"
    );
    assert_eq!(dataset.files[0].without_ids, 1);
}

#[test]
fn rows_that_do_not_fit_the_file_are_an_error_and_leave_nothing() {
    let folder = Folder::of(&[("a.csv", "id\n1\n2\n")]);
    let cases: [super::Rows; 3] = [&[(0, 3, &[0])], &[(0, 2, &[0]), (0, 1, &[0])], &[(1, 1, &[0])]];
    for rows in cases {
        let error = split(&folder, "a.csv", Options::default(), rows).unwrap_err().to_string();
        assert!(error.contains("do not fit the file"), "{error}");
        assert!(!folder.path("out").exists());
    }
}

#[test]
fn a_file_that_changes_is_not_split() {
    let folder = Folder::of(&[("a.csv", "id\n1\n2\n")]);
    let source = open(folder.root(), "a.csv", Options::default());
    folder.write("a.csv", "id\n1\n2\n3\n");
    let error = split_source(&folder, &source, &[]).unwrap_err().to_string();
    assert!(error.contains("changed while it was read"), "{error}");
    assert!(!folder.path("out").exists());
}

#[test]
fn an_encoding_whose_records_depend_on_each_other_is_refused_before() {
    let folder = Folder::of(&[("a.csv", "id\n1\n")]);
    let source = open(folder.root(), "a.csv", Options::default().with("encoding", "iso-2022-jp"));
    assert!(source.check_splittable().unwrap_err().to_string().contains("ISO-2022-JP"));
}

/// A cell in a dialect, without the characters that end records outside of quotes.
fn cell(quote: Option<char>, delimiter: char) -> BoxedStrategy<String> {
    let plain = "[a-zâđ0-9 .]{0,6}".prop_map(move |text| text.replace(delimiter, ""));
    match quote {
        None => plain.boxed(),
        Some(quote) => {
            let quoted = "[a-zâ,;|\t\n\r]{0,6}".prop_map(move |text| format!("{quote}{text}{quote}{quote}{quote}"));
            let ragged = "[a-z]{1,3}".prop_map(move |text| format!("{quote}{text}{quote}{text}"));
            prop_oneof![4 => plain, 2 => quoted, 1 => ragged].boxed()
        }
    }
}

/// A record with its line end, and whether it failed; no record is an empty line.
type Line = (Option<(String, bool)>, &'static str);

fn lines(quote: Option<char>, delimiter: char, is_old: bool) -> impl Strategy<Value = Vec<Line>> {
    let ends = if is_old { vec!["\r"] } else { vec!["\n", "\r\n"] };
    let record = prop::collection::vec(cell(quote, delimiter), 1..5).prop_map(move |cells| {
        let record = cells.join(&delimiter.to_string());
        if record.is_empty() { "x".to_owned() } else { record }
    });
    let record = prop_oneof![5 => (record, any::<bool>()).prop_map(Some), 1 => Just(None)];
    prop::collection::vec((record, prop::sample::select(ends)), 0..20)
}

fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    if encoding == UTF_16LE {
        return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    }
    encoding.encode(text).0.into_owned()
}

fn dialect() -> impl Strategy<Value = (Option<char>, char, bool, &'static Encoding, bool, bool, bool)> {
    (
        prop::sample::select(vec![Some('"'), Some('\''), None]),
        prop::sample::select(vec![',', ';', '|', '\t']),
        any::<bool>(),
        prop::sample::select(vec![UTF_8, UTF_16LE, WINDOWS_1258]),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn both_parts_of_delimited_text_are_the_input(
        ((quote, delimiter, is_old, encoding, has_header, has_mark, is_cut), lines) in dialect().prop_flat_map(|dialect| {
            (Just(dialect), lines(dialect.0, dialect.1, dialect.2))
        }),
    ) {
        let mut lines = lines;
        let end = if is_old { "\r" } else { "\n" };
        // The first lines show the dialect.
        lines.insert(0, (Some((format!("a{delimiter}b"), false)), end));
        if is_cut && let Some((Some(_), end)) = lines.last_mut() {
            *end = "";
        }
        let ids = if delimiter == ';' { "people.id.required|people.well_formed" } else { "people.id.required;people.well_formed" };
        let mark = if has_mark && encoding != WINDOWS_1258 { "\u{feff}" } else { "" };
        let mut expected = [mark.to_owned(), mark.to_owned()];
        let mut input = mark.to_owned();
        if has_header {
            let header = format!("id{delimiter}name");
            input.extend([format!("{header}{end}")]);
            expected[0].extend([format!("{header}{end}")]);
            expected[1].extend([format!("{header}{delimiter}failed_rules{end}")]);
        }
        let (mut marks, mut record, mut counts) = (Vec::new(), 0, [0, 0]);
        for (line, end) in &lines {
            let text = line.as_ref().map_or("", |(text, _)| text);
            input.extend([format!("{text}{end}")]);
            let has_failed = line.as_ref().is_some_and(|(_, has_failed)| *has_failed);
            if line.is_some() {
                record += 1;
                counts[usize::from(has_failed)] += 1;
            }
            if has_failed {
                marks.push((0, record, &[0_u32, 2][..]));
                expected[1].extend([format!("{text}{delimiter}{ids}{end}")]);
            } else {
                expected[0].extend([format!("{text}{end}")]);
            }
        }
        let folder = Folder::new();
        folder.write("people.csv", encoded(&input, encoding));
        let options = Options::default()
            .with("delimiter", delimiter as u8)
            .with("quote", quote.map(|quote| quote as u8))
            .with("header", has_header)
            .with("encoding", encoding.name());
        let dataset = split(&folder, "people.csv", options.clone(), &marks).unwrap();
        let (passing, failing) = parts(&folder, &dataset);
        prop_assert_eq!(passing, encoded(&expected[0], encoding));
        prop_assert_eq!(failing, encoded(&expected[1], encoding));
        prop_assert_eq!([dataset.passing, dataset.failing], counts);
        prop_assert_eq!(rows(folder.root(), "people.csv", options.clone()), record);
        for (part, count) in [(&dataset.files[0].passing, counts[0]), (&dataset.files[0].failing, counts[1])] {
            prop_assert_eq!(part.rows, count);
            // A part without header and rows is an empty file.
            if part.bytes > mark.len() as u64 && (has_header || count > 0) {
                prop_assert_eq!(rows(&folder.path("out"), &part.path, options.clone()), count);
            }
        }
    }

    #[test]
    fn both_parts_of_lines_of_json_are_the_input(
        lines in prop::collection::vec((prop::sample::select(vec![
            "{\"a\":1}", "{ \"b\" : [1, {\"c\":\"}\"}] }", "{}", "", " ", "no object", "{\"a\":", "\t{\"a\":\"\\\"}\"}\r",
        ]), any::<bool>()), 1..30),
        is_cut in any::<bool>(),
    ) {
        let mut input = "{\"a\":0}\n".to_owned();
        let mut passing = input.clone();
        let (mut marks, mut record, mut failing) = (Vec::new(), 1, Vec::new());
        for (at, (line, has_failed)) in lines.iter().enumerate() {
            let end = if is_cut && at + 1 == lines.len() { "" } else { "\n" };
            let whole = format!("{line}{end}");
            input += &whole;
            let is_record = !line.trim().is_empty();
            record += u64::from(is_record);
            if is_record && *has_failed {
                marks.push((0, record, &[1_u32][..]));
                failing.push(whole);
            } else {
                passing += &whole;
            }
        }
        let folder = Folder::of(&[("a.ndjson", &input)]);
        let dataset = split(&folder, "a.ndjson", Options::default(), &marks).unwrap();
        let (found_passing, found_failing) = parts(&folder, &dataset);
        prop_assert_eq!(String::from_utf8(found_passing).unwrap(), passing);
        let label = "\"failed_rules\":[\"people.id.unique\"]";
        let found_failing = String::from_utf8(found_failing).unwrap();
        let stripped = found_failing.replace(&format!(",{label}"), "").replace(label, "");
        prop_assert_eq!(stripped, failing.concat());
        prop_assert_eq!(dataset.passing + dataset.failing, rows(folder.root(), "a.ndjson", Options::default()));
    }
}
