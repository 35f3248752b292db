//! Several files as one dataset: columns that files lack, types that widen, names of files, parts without anything in them.
#![expect(clippy::unwrap_used, reason = "a test whose data cannot be made has failed")]

use std::fs;

use passmuster::model::{AuditReport, DatasetStatus, RuleReport, Status};
use polars_arrow::array::{Array, NullArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::ArrowDataType as Stored;

use crate::support::audits::run;
use crate::support::folder::Folder;
use crate::support::packed::gzip;
use crate::support::program;
use crate::support::repository::fixture;
use crate::support::tables::Table;

fn rule<'r>(report: &'r AuditReport, id: &str) -> &'r RuleReport {
    let mut rules = report.datasets.iter().flat_map(|dataset| &dataset.rules);
    rules.find(|rule| rule.id == id).unwrap_or_else(|| panic!("no rule {id}"))
}

/// The state of a rule, and its evaluated and failed rows.
fn counts(report: &AuditReport, id: &str) -> (Status, u64, u64) {
    let rule = rule(report, id);
    (rule.status, rule.evaluated, rule.failed)
}

fn integers(values: &[Option<i64>]) -> Box<dyn Array> {
    PrimitiveArray::from(values).boxed()
}

fn texts(values: &[Option<&str>]) -> Box<dyn Array> {
    Utf8ViewArray::from_slice(values).boxed()
}

fn audit(folder: &Folder, suite: &str) -> AuditReport {
    run(&folder.write("suite.yaml", suite), &[], 2)
}

/// The only dataset with its error.
fn error(report: &AuditReport) -> String {
    assert_eq!(report.datasets[0].status, DatasetStatus::Errored);
    report.datasets[0].error.clone().unwrap()
}

#[test]
fn a_series_by_name_has_the_columns_of_all_files() {
    let folder = Folder::new();
    let days = PrimitiveArray::from([Some(19_000_i32), Some(19_001)]).to(Stored::Date32).boxed();
    let moments = [Some(19_000_i64 * 86_400_000_000), Some(1)];
    let moments =
        PrimitiveArray::from(moments).to(Stored::Timestamp(polars_arrow::datatypes::TimeUnit::Microsecond, None));
    let decimals = PrimitiveArray::from([Some(250_i128), None]).to(Stored::Decimal(10, 2)).boxed();
    let floats = PrimitiveArray::from([Some(2.0_f64), Some(0.5)]).boxed();
    folder.write(
        "m/2024-01.parquet",
        Table::new([
            ("id", integers(&[Some(1), Some(2)])),
            ("rate", integers(&[Some(2), Some((1 << 53) + 1)])),
            ("fee", integers(&[Some(2), None])),
            ("day", days),
            ("note", NullArray::new(Stored::Null, 2).boxed()),
        ])
        .parquet(10),
    );
    folder.write(
        "m/2024-02.parquet",
        Table::new([
            ("phone", texts(&[Some("0912"), None])),
            ("id", integers(&[Some(2), Some(3)])),
            ("rate", floats),
            ("fee", decimals),
            ("day", moments.boxed()),
            ("note", integers(&[Some(7), None])),
        ])
        .parquet(10),
    );
    let report = audit(
        &folder,
        "suite: s
datasets:
  d:
    source: { path: m, union: by_name, file_column: file }
    columns:
      id: { unique: true }
      phone: { required: true, matches: '[0-9]+' }
      rate: { range: 0..2 }
      fee: { range: 2..2.5 }
      day: { unique: true }
      note: { range: 7..7, required: true }
      file: { required: true }
    rules:
      - { id: all, check: columns, present: [id, phone, rate, fee, day, note, file] }
      - { id: files, check: unique, columns: [id, file] }
      - { id: first, check: allowed, column: id, values: ['1', '2'], where: \"file = '2024-01.parquet'\" }
      - { id: filled, check: required, columns: phone, segment: file }
",
    );
    // 2 is in both files; no file has an id twice.
    assert_eq!(counts(&report, "d.id.unique"), (Status::Failed, 4, 2));
    assert_eq!(counts(&report, "files"), (Status::Passed, 4, 0));
    // The column is not in the first file.
    assert_eq!(counts(&report, "d.phone.required"), (Status::Failed, 4, 3));
    assert_eq!(counts(&report, "d.phone.matches"), (Status::Passed, 1, 0));
    // 2, a number that no float is equal to, 2.0, 0.5.
    assert_eq!(counts(&report, "d.rate.range"), (Status::Failed, 4, 1));
    assert_eq!(rule(&report, "d.rate.range").unreadable, 1);
    assert_eq!(counts(&report, "d.fee.range"), (Status::Passed, 2, 0));
    // A date is its midnight, which is the first moment of the second file.
    assert_eq!(counts(&report, "d.day.unique"), (Status::Failed, 4, 2));
    assert_eq!(counts(&report, "d.note.range"), (Status::Passed, 1, 0));
    assert_eq!(counts(&report, "d.note.required"), (Status::Failed, 4, 3));
    assert_eq!(counts(&report, "first"), (Status::Passed, 2, 0));
    let groups = rule(&report, "filled").segments.as_ref().unwrap();
    // Two groups of two rows each, too few to be shown by themselves.
    assert_eq!((groups.columns.as_slice(), groups.shown.len()), (["file".to_owned()].as_slice(), 0));
    assert!(groups.suppressed.is_some() && groups.failing == 1);

    let all = rule(&report, "all");
    assert_eq!(all.status, Status::Passed);
    assert!(all.observed.ends_with("files differ in rate, fee, day, note, phone"), "{}", all.observed);
    let phone = report.datasets[0].columns.iter().find(|column| column.name == "phone").unwrap();
    let missing = phone.series.as_ref().unwrap().missing.as_ref().unwrap();
    assert!(missing.files == 1 && missing.first.ends_with("2024-01.parquet"));
    let rate = report.datasets[0].columns.iter().find(|column| column.name == "rate").unwrap();
    let stored: Vec<&str> = rate.series.as_ref().unwrap().stored.iter().map(|known| known.stored.as_str()).collect();
    assert_eq!(stored, ["int64", "float64"]);
}

#[test]
fn files_that_differ_are_an_error_unless_it_is_declared() {
    let folder = Folder::new();
    folder.write("m/1.csv", "id,name\n1,a\n");
    folder.write("m/2.csv", "id,name,extra\n2,b,x\n");
    let strict = audit(&folder, "suite: s\ndatasets:\n  d: { source: m, columns: { id: { unique: true } } }\n");
    let problem = error(&strict);
    assert!(
        problem.contains("2.csv") && problem.contains("`extra`") && problem.contains("union: by_name"),
        "{problem}"
    );
    let by_name =
        "suite: s\ndatasets:\n  d: { source: { path: m, union: by_name }, columns: { extra: { required: true } } }\n";
    assert_eq!(counts(&audit(&folder, by_name), "d.extra.required"), (Status::Failed, 2, 1));

    // Text and numbers have no type together, and two files without a common column are no dataset.
    let folder = Folder::new();
    folder.write("m/1.parquet", Table::new([("id", integers(&[Some(1)]))]).parquet(1));
    folder.write("m/2.parquet", Table::new([("id", texts(&[Some("x")]))]).parquet(1));
    let by_name =
        "suite: s\ndatasets:\n  d: { source: { path: m, union: by_name }, columns: { id: { unique: true } } }\n";
    let problem = error(&audit(&folder, by_name));
    assert!(problem.contains("`id` is stored as text here and as int64"), "{problem}");
    folder.write("m/2.parquet", Table::new([("other", texts(&[Some("x")]))]).parquet(1));
    let problem = error(&audit(&folder, by_name));
    assert!(problem.contains("has no column of"), "{problem}");
}

#[test]
fn a_column_of_nulls_fits_every_type() {
    for (first, second) in [("1", "2"), ("2", "1")] {
        let folder = Folder::new();
        let empty = Table::new([("qty", NullArray::new(Stored::Null, 2).boxed())]);
        folder.write(format!("m/{first}.parquet"), empty.parquet(5));
        folder.write(format!("m/{second}.parquet"), Table::new([("qty", integers(&[Some(3), Some(12)]))]).parquet(5));
        let suite = "suite: s\ndatasets:\n  d: { source: m, columns: { qty: { required: true, range: 0..9 } } }\n";
        let report = audit(&folder, suite);
        assert_eq!(counts(&report, "d.qty.required"), (Status::Failed, 4, 2));
        assert_eq!(counts(&report, "d.qty.range"), (Status::Failed, 2, 1));
    }
}

#[test]
fn parts_without_anything_are_parts_without_rows() {
    let folder = Folder::new();
    folder.write("m/part-0.csv", "");
    folder.write("m/part-1.csv", "id\n");
    folder.write("m/part-2.csv", "id\n1\n1\n");
    folder.write("m/part-3.csv.gz", gzip(b""));
    folder.write("m/_SUCCESS", "");
    let suite = "suite: s\ndatasets:\n  d: { source: m, columns: { id: { unique: true } } }\n";
    let report = audit(&folder, suite);
    assert_eq!(counts(&report, "d.id.unique"), (Status::Failed, 2, 2));
    assert_eq!(report.datasets[0].files.len(), 4);
    for file in ["part-1.csv", "part-2.csv", "part-3.csv.gz"] {
        fs::remove_file(folder.path(format!("m/{file}"))).unwrap();
    }
    folder.write("m/part-1.csv", "");
    assert!(error(&audit(&folder, suite)).contains("empty: no header"));
}

#[test]
fn places_are_listed_and_files_left_out() {
    let folder = Folder::new();
    folder.write("a.csv", "id\n1\n");
    folder.write("b/x.csv", "id\n2\n");
    folder.write("b/y.csv", "id\n3\n");
    folder.write("b/.hidden.csv", "id\n4\n");
    folder.write("b/old/z.csv", "id\n5\n");
    let rows = |source: &str| {
        let suite =
            format!("suite: s\ndatasets:\n  d: {{ source: {source}, columns: {{ id: {{ unique: true }} }} }}\n");
        let report = audit(&folder, &suite);
        let dataset = &report.datasets[0];
        (dataset.rows, dataset.error.clone().unwrap_or_default())
    };
    assert_eq!(rows("[a.csv, 'b/*.csv']").0, Some(3));
    assert_eq!(rows("{ path: [a.csv, b] }").0, Some(4));
    // A file that two of the places name is read once.
    assert_eq!(rows("[b, b/x.csv]").0, Some(3));
    assert_eq!(rows("{ path: b, hidden: true }").0, Some(4));
    assert_eq!(rows("{ path: b, exclude: ['old/*'] }").0, Some(2));
    assert_eq!(rows("{ path: b, exclude: [x.csv, '*.bak'] }").0, Some(2));
    let (none, problem) = rows("{ path: b, exclude: '*.csv' }");
    assert!(none.is_none() && problem.contains("leaves out all"), "{problem}");
    let (none, problem) = rows("{ path: b, exclude: 'a[' }");
    assert!(none.is_none() && problem.contains("`a[` is not valid"), "{problem}");
    let (none, problem) = rows("[a.csv, c.csv]");
    assert!(none.is_none() && problem.contains("c.csv"), "{problem}");
}

#[test]
fn a_folder_and_a_file_do_not_both_name_a_column() {
    let folder = Folder::new();
    folder.write("m/year=2024/x.csv", "id,year\n1,2023\n");
    let suite = |more: &str| {
        format!(
            "suite: s\ndatasets:\n  d: {{ source: {{ path: m{more} }}, columns: {{ year: {{ allowed: ['2023'] }} }} }}\n"
        )
    };
    let problem = error(&audit(&folder, &suite("")));
    assert!(problem.contains("`year=…`") && problem.contains("folder_keys: false"), "{problem}");
    let report = audit(&folder, &suite(", folder_keys: false"));
    assert_eq!(counts(&report, "d.year.allowed"), (Status::Passed, 1, 0));
    let problem = error(&audit(&folder, &suite(", folder_keys: false, file_column: id")));
    assert!(problem.contains("`id` already"), "{problem}");
}

#[cfg(unix)]
#[test]
fn no_file_counts_twice() {
    let folder = Folder::new();
    let suite = "suite: s\ndatasets:\n  d: { source: m, columns: { id: { unique: true } } }\n";
    folder.write("m/a.csv", "id\n1\n");
    folder.write("m/a.csv.gz", gzip(b"id\n1\n"));
    let problem = error(&audit(&folder, suite));
    assert!(problem.contains("holds the same as") && problem.contains("exclude"), "{problem}");
    // Another month under a similar name is another file.
    folder.write("m/a.csv.gz", gzip(b"id\n2\n"));
    assert_eq!(counts(&audit(&folder, suite), "d.id.unique"), (Status::Passed, 2, 0));
    fs::remove_file(folder.path("m/a.csv.gz")).unwrap();
    std::os::unix::fs::symlink(folder.path("m/a.csv"), folder.path("m/b.csv")).unwrap();
    let problem = error(&audit(&folder, suite));
    assert!(problem.contains("is the same file as"), "{problem}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_never_hangs_an_audit() {
    let folder = Folder::new();
    folder.write("m/a.csv", "id\n1\n");
    folder.write("m/~$a.csv", "lock");
    folder.write("m/.~lock.a.csv#", "lock");
    let suite = |source: &str| {
        format!("suite: s\ndatasets:\n  d: {{ source: {source}, columns: {{ id: {{ unique: true }} }} }}\n")
    };
    // Lock files are no data, not even where hidden ones are.
    for source in ["m", "'m/*.csv'", "{ path: m, hidden: true }", "{ path: 'm/*', hidden: true, format: csv }"] {
        assert_eq!(counts(&audit(&folder, &suite(source)), "d.id.unique"), (Status::Passed, 1, 0), "{source}");
    }
    let pipe = folder.path("m/b.csv");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for source in ["m", "'m/*'", "{ path: m, format: csv }"] {
        let problem = error(&audit(&folder, &suite(source)));
        assert!(problem.contains("m/b.csv` is no file but a named pipe") && problem.contains("`exclude`"), "{problem}");
    }
    let without = suite("{ path: m, exclude: b.csv }");
    assert_eq!(counts(&audit(&folder, &without), "d.id.unique"), (Status::Passed, 1, 0));
    // Sockets and pipes under other names are no data.
    fs::rename(&pipe, folder.path("m/control")).unwrap();
    assert_eq!(counts(&audit(&folder, &suite("m")), "d.id.unique"), (Status::Passed, 1, 0));
    fs::remove_file(folder.path("m/control")).unwrap();
    // A link to nothing.
    let link = folder.path("m/b.csv");
    std::os::unix::fs::symlink("gone/x.csv", &link).unwrap();
    for source in ["m", "'m/*'"] {
        let problem = error(&audit(&folder, &suite(source)));
        assert!(problem.contains("m/b.csv` leads to `gone/x.csv`, which does not exist"), "{problem}");
    }
    assert_eq!(counts(&audit(&folder, &without), "d.id.unique"), (Status::Passed, 1, 0));
    let problem = error(&audit(&folder, &suite("m/b.csv")));
    assert!(problem.contains("m/b.csv: is a link to `gone/x.csv`, which does not exist"), "{problem}");
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("b.csv", &link).unwrap();
    let problem = error(&audit(&folder, &suite("m")));
    assert!(problem.contains("`b.csv`, which cannot be followed: is there a loop of links?"), "{problem}");
}

#[test]
fn files_that_are_no_series_say_what_they_have() {
    let folder = Folder::new();
    let names: Vec<String> = (0..14).map(|number| format!("c{number}")).collect();
    folder.write("m/1.csv", format!("{}\n", names.join(",")));
    folder.write("m/2.csv", "x,y\n");
    let suite = |source: &str| format!("suite: s\ndatasets:\n  d: {{ source: {source} }}\n");
    let problem = error(&audit(&folder, &suite("{ path: m, union: by_name }")));
    assert!(problem.contains("It has `x`, `y`; they have `c0`, `c1`"), "{problem}");
    assert!(problem.ends_with("`c11` and 2 more"), "{problem}");
    let folder = Folder::new();
    folder.write("m/year=2023/1.csv", "id\n1\n");
    folder.write("m/month=1/1.csv", "id\n1\n");
    let problem = error(&audit(&folder, &suite("m")));
    assert!(
        problem.contains("not in folders of the same keys") && problem.ends_with("write `folder_keys: false`"),
        "{problem}"
    );
    assert_eq!(audit(&folder, &suite("{ path: m, folder_keys: false }")).datasets[0].error, None);
    // A key whose letters are composed in one folder alone is the same key.
    let folder = Folder::new();
    folder.write("m/tỉnh=1/1.csv", "id\n1\n");
    folder.write("m/ti\u{309}nh=2/2.csv", "id\n1\n");
    let report = audit(&folder, "suite: s\ndatasets:\n  d:\n    source: m\n    columns: { tỉnh: { unique: true } }\n");
    assert_eq!(counts(&report, "d.tỉnh.unique"), (Status::Passed, 2, 0));
}

#[test]
fn folders_and_file_names_are_columns_in_every_format_of_text() {
    // Six of seven records of the second file have no value.
    for (ending, first, second) in [
        ("csv", "a,b\n1,\n2,\n".to_owned(), format!("a,b\n1,\n{}", ",x\n".repeat(6))),
        ("ndjson", "{\"a\":1}\n{\"a\":2}\n".to_owned(), format!("{{\"a\":1}}\n{}", "{\"b\":\"x\"}\n".repeat(6))),
        ("json", "[{\"a\":1},{\"a\":2}]".to_owned(), format!("[{{\"a\":1}}{}]", ",{\"b\":\"x\"}".repeat(6))),
    ] {
        for union in ["", ", union: by_name"] {
            let folder = Folder::new();
            folder.write(format!("m/y=1/1.{ending}"), &first);
            folder.write(format!("m/y=2/2.{ending}"), &second);
            let suite = format!(
                "suite: s\ndatasets:\n  d:\n    source: {{ path: m, file_column: file{union} }}\n    rules:
      - {{ id: y, check: required, columns: a, segment: y, at_least: 50% }}
      - {{ id: file, check: required, columns: a, segment: file, at_least: 50% }}
      - {{ id: where, check: required, columns: a, where: \"y = '2'\" }}
      - {{ id: names, check: required, columns: [y, file] }}\n"
            );
            let report = audit(&folder, &suite);
            assert_eq!(counts(&report, "y"), (Status::Failed, 9, 6), "{ending}");
            assert_eq!(counts(&report, "file"), (Status::Failed, 9, 6), "{ending}");
            assert_eq!(counts(&report, "where"), (Status::Failed, 7, 6), "{ending}");
            assert_eq!(counts(&report, "names"), (Status::Passed, 9, 0), "{ending}");
        }
    }
}

#[test]
fn whole_numbers_and_floats_of_either_width_widen_in_any_order() {
    let floats = |values: &[f64]| PrimitiveArray::from_slice(values).boxed();
    #[expect(clippy::cast_possible_truncation, reason = "the values are exact")]
    let narrow = |values: &[f64]| {
        PrimitiveArray::from_slice(values.iter().map(|value| *value as f32).collect::<Vec<f32>>()).boxed()
    };
    let columns = [floats(&[0.5]), narrow(&[1.5]), integers(&[Some(2)])];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let folder = Folder::new();
        for (name, at) in ["1", "2", "3"].into_iter().zip(order) {
            folder.write(format!("m/{name}.parquet"), Table::new([("v", columns[at].clone())]).parquet(10));
        }
        let suite = "suite: s\ndatasets:\n  d:\n    source: { path: m, union: by_name }\n    columns: { v: { range: 0.5..1.5 } }\n";
        assert_eq!(counts(&audit(&folder, suite), "d.v.range"), (Status::Failed, 3, 1), "{order:?}");
    }
}

#[test]
fn the_column_of_files_has_a_name_of_its_own() {
    let folder = Folder::new();
    folder.write("m/1.csv", "id,Tệp\n1,a\n");
    let refused = |name: &str| {
        folder.write(
            "suite.yaml",
            format!("suite: s\ndatasets:\n  d: {{ source: {{ path: m/1.csv, file_column: {name} }} }}\n"),
        );
        let output = program::run(&folder, &["audit", "suite.yaml"]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        program::stderr(&output) + &program::stdout(&output)
    };
    for blank in ["\"\"", "' '", "\"\\t\""] {
        let text = refused(blank);
        assert!(text.contains("`file_column` is the name of a column, and this one is blank"), "{text}");
    }
    // Composed or not, it is the same name.
    for name in ["id", "Tệp", "\"Te\\u0323\\u0302p\""] {
        assert!(refused(name).contains("already: give `file_column` another name"), "{name}");
    }
}

/// A struct with a city and a list of tags, in one file; none of them in another.
fn nested(rows: &[Option<&str>]) -> (Box<dyn Array>, Box<dyn Array>) {
    use polars_arrow::array::{ListArray, StructArray};
    use polars_arrow::datatypes::Field;
    use polars_arrow::offset::OffsetsBuffer;
    let fields = vec![Field::new("city".into(), Stored::Utf8View, true)];
    let address = StructArray::new(Stored::Struct(fields), rows.len(), vec![texts(rows)], None).boxed();
    let list = Stored::LargeList(Box::new(Field::new("item".into(), Stored::Utf8View, true)));
    // The first list is empty, all others have one item.
    let starts = (0..=rows.len()).map(|row| i64::try_from(row.saturating_sub(1)).unwrap()).collect::<Vec<_>>();
    let items = texts(&rows[1..]);
    let tags = ListArray::<i64>::new(list, OffsetsBuffer::try_from(starts).unwrap(), items, None).boxed();
    (address, tags)
}

#[test]
fn columns_inside_of_columns_are_there_where_one_file_has_them() {
    for other in [
        Table::new([("id", integers(&[Some(3)]))]),
        Table::new([
            ("id", integers(&[Some(3)])),
            ("address", NullArray::new(Stored::Null, 1).boxed()),
            ("tags", NullArray::new(Stored::Null, 1).boxed()),
        ]),
    ] {
        let folder = Folder::new();
        let (address, tags) = nested(&[Some("Huế"), None]);
        let one = Table::new([("id", integers(&[Some(1), Some(2)])), ("address", address), ("tags", tags)]);
        folder.write("m/1.parquet", one.parquet(5));
        folder.write("m/2.parquet", other.parquet(5));
        let suite = "suite: s
datasets:
  d:
    source: { path: m, union: by_name }
    columns: { tags: { length: '1..' } }
    rules:
      - { id: city, check: required, columns: address.city }
      - { id: items, check: expect, that: length(tags) >= 1 }
";
        let report = audit(&folder, suite);
        assert_eq!(counts(&report, "city"), (Status::Failed, 3, 2));
        // An empty list, a list of one item, and no list.
        assert_eq!(counts(&report, "items"), (Status::Failed, 2, 1));
        assert_eq!(counts(&report, "d.tags.length"), (Status::Failed, 2, 1));
    }
}

#[test]
fn lists_and_texts_are_no_column_together() {
    let folder = Folder::new();
    let (_, tags) = nested(&[Some("a"), Some("b")]);
    folder.write("m/1.parquet", Table::new([("tags", tags)]).parquet(5));
    folder.write("m/2.parquet", Table::new([("tags", texts(&[Some("a")]))]).parquet(5));
    for union in ["", ", union: by_name"] {
        let suite = format!(
            "suite: s\ndatasets:\n  d: {{ source: {{ path: m{union} }}, columns: {{ tags: {{ required: true }} }} }}\n"
        );
        let problem = error(&audit(&folder, &suite));
        assert!(problem.contains("`tags` is stored as text here and as list"), "{problem}");
    }
}

#[test]
fn the_rule_columns_knows_paths_and_coverage_counts_whole_columns() {
    let folder = Folder::new();
    let (address, tags) = nested(&[Some("Huế"), None]);
    let table = Table::new([("id", integers(&[Some(1), Some(2)])), ("address", address), ("tags", tags)]);
    folder.write("t.parquet", table.parquet(5));
    folder.write("t.ndjson", "{\"id\":1,\"address\":{\"city\":\"Huế\"},\"tags\":[]}\n");
    folder.write("t.csv", "id,address\n1,\"{\"\"city\"\":\"\"Huế\"\"}\"\n");
    let suite = |source: &str| {
        format!(
            "suite: s
datasets:
  d:
    source: {source}
    columns: {{ tags: {{ length: '0..' }} }}
    rules:
      - {{ id: city, check: required, columns: address.city, at_least: 0% }}
      - {{ id: both, check: required, columns: [address, id, tags], at_least: 0% }}
      - {{ id: items, check: expect, that: length(tags) >= 0 }}
      - {{ id: there, check: columns, present: [address.city, 'length(tags)', id], no_extra: true }}
      - {{ id: order, check: columns, present: [id, address.city, tags], order: true }}
      - {{ id: disorder, check: columns, present: [address.city, id], order: true }}
      - {{ id: types, check: columns, types: {{ address.city: text, 'length(tags)': integer }} }}
      - {{ id: other, check: columns, types: {{ address.city: integer }} }}
      - {{ id: gone, check: columns, present: [address.zip, id.x] }}
"
        )
    };
    let report = audit(&folder, &suite("t.parquet"));
    for (id, status) in [
        ("there", Status::Passed),
        ("order", Status::Passed),
        ("disorder", Status::Failed),
        ("types", Status::Passed),
        ("other", Status::Failed),
        ("gone", Status::Failed),
    ] {
        assert_eq!(rule(&report, id).status, status, "{id}: {}", rule(&report, id).observed);
    }
    assert_eq!(rule(&report, "other").observed, "of another type: address.city");
    assert_eq!(rule(&report, "gone").observed, "missing: address.zip, id.x (id has no columns inside of it here)");
    let coverage = report.datasets[0].coverage;
    assert_eq!((coverage.columns_measured, coverage.columns), (3, 3));
    // Text of CSV has nothing inside of it, whatever it looks like.
    let rules = "    rules:\n      - { id: there, check: columns, present: [address.city, id] }\n";
    let of = |file: &str| audit(&folder, &format!("suite: s\ndatasets:\n  d:\n    source: {file}\n{rules}"));
    assert_eq!(rule(&of("t.ndjson"), "there").status, Status::Passed);
    let report = of("t.csv");
    assert_eq!(rule(&report, "there").observed, "missing: address.city (address has no columns inside of it here)");
}

#[test]
fn parts_without_bytes_have_no_rows_in_columnar_formats_either() {
    for name in ["parquet", "arrow"] {
        let folder = Folder::new();
        let table = Table::new([("a", integers(&[Some(1), None]))]);
        let bytes = if name == "parquet" { table.parquet(9) } else { table.arrow() };
        folder.write(format!("t/1.{name}"), &bytes);
        folder.write(format!("t/2.{name}"), "");
        let suite = "suite: s\ndatasets:\n  t:\n    source: t\n    rules: [{ id: r, check: required, column: a }]\n";
        assert_eq!(counts(&audit(&folder, suite), "r"), (Status::Failed, 2, 1), "{name}");
        folder.write(format!("t/1.{name}"), "");
        assert!(error(&audit(&folder, suite)).contains("it has no bytes"), "{name}");
    }
}

#[test]
fn integers_and_floats_of_32_bits_widen_in_any_order() {
    let float = || PrimitiveArray::from([Some(0.5_f32), None]).boxed();
    let double = || PrimitiveArray::from([Some(0.25_f64), None]).boxed();
    let whole = || integers(&[Some(3), None]);
    let made: [&dyn Fn() -> Box<dyn Array>; 3] = [&float, &double, &whole];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let folder = Folder::new();
        for (file, at) in order.into_iter().enumerate() {
            folder.write(format!("t/{file}.parquet"), Table::new([("a", made[at]())]).parquet(9));
        }
        let suite = "suite: s\ndatasets:\n  t:\n    source: { path: t, union: by_name }\n    rules:\n      - { id: r, check: range, column: a, min: 0.5 }\n";
        assert_eq!(counts(&audit(&folder, suite), "r"), (Status::Failed, 3, 1), "{order:?}");
    }
}

#[test]
fn keys_of_folders_are_composed() {
    let folder = Folder::new();
    folder.write("t/ti\u{309}nh=Hue/1.csv", "a\n1\n");
    folder.write("t/t\u{1ec9}nh=Vinh/1.csv", "a\n2\n");
    let suite = "suite: s\ndatasets:\n  t:\n    source: t\n    rules:\n      - { id: r, check: allowed, column: t\u{1ec9}nh, values: [Hue] }\n";
    assert_eq!(counts(&audit(&folder, suite), "r"), (Status::Failed, 2, 1));
}

/// The logical type of Parquet says it, where no schema of Arrow does.
#[test]
fn floats_of_16_bits_are_numbers_without_a_schema_of_arrow() {
    let folder = Folder::new();
    let bytes = fs::read(fixture("formats/float16_without_schema.parquet")).unwrap();
    folder.write("t.parquet", bytes);
    let suite = "suite: s\ndatasets:\n  t:\n    source: t.parquet\n    rules:\n      - { id: r, check: range, column: h, min: 0, max: 10 }\n";
    assert_eq!(counts(&audit(&folder, suite), "r"), (Status::Failed, 3, 1));
}

/// Rules compare names composed, so they could not name one of the two.
#[test]
fn two_names_that_differ_by_composition_are_refused() {
    let folder = Folder::new();
    let table = Table::new([("t\u{1ec9}nh", integers(&[Some(1)])), ("ti\u{309}nh", integers(&[None]))]);
    folder.write("t.parquet", table.parquet(9));
    folder.write("t.arrow", table.arrow());
    for name in ["t.parquet", "t.arrow"] {
        let suite =
            format!("suite: s\ndatasets:\n  t:\n    source: {name}\n    rules: [{{ check: row_count, min: 1 }}]\n");
        let problem = error(&audit(&folder, &suite));
        assert!(problem.contains("two columns are named") && problem.contains("composed letters"), "{problem}");
    }
}
