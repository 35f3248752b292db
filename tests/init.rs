//! `passmuster init`: the suites that it writes load, and pass on the data that they were learnt from, whatever the data is.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::support::folder::Folder;
use crate::support::program::{code, run, stderr, stdout};
use crate::support::repository::fixture;

/// What counts as today.
const AS_OF: &str = "2026-11-30";

/// Rows of a table that has something of everything: 200 orders.
fn orders() -> String {
    let mut text = String::from("order_id,placed,shipped,status,net,vat,total,customer_email,zip,note\n");
    for row in 1..=200_u32 {
        let (day, net) = (row % 28 + 1, row * 7 % 90 + 10);
        let status = ["open", "paid", "shipped"][row as usize % 3];
        let note = if row % 50 == 0 { "" } else { "as usual" };
        let _ = writeln!(
            text,
            "{row},2026-10-{day:02},2026-11-{day:02},{status},{net},{vat},{total},customer{row}@example.org,{zip:05},{note}",
            vat = net / 5,
            total = net + net / 5,
            zip = row % 40 * 7 + 1_000,
        );
    }
    text
}

/// Writes a suite from the files of a folder and returns it. It must load without a warning, and the audit must pass.
fn suite_of(folder: &Folder, files: &[&str], more: &[&str]) -> String {
    let _ = fs::remove_file(folder.path("suite.yaml"));
    let args = [&["init", "-o", "suite.yaml", "--as-of", AS_OF], files, more].concat();
    let output = run(folder, &args);
    assert_eq!(code(&output), 0, "{files:?}: {}", stderr(&output));
    assert!(stderr(&output).contains("next: passmuster audit suite.yaml"), "{}", stderr(&output));
    let suite = folder.read("suite.yaml");
    let lint = run(folder, &["lint", "suite.yaml"]);
    assert_eq!(code(&lint), 0, "{files:?}: {}{}\n{suite}", stdout(&lint), stderr(&lint));
    let audit = run(folder, &["audit", "suite.yaml", "--as-of", AS_OF]);
    assert_eq!(code(&audit), 0, "{files:?}: {}{}\n{suite}", stdout(&audit), stderr(&audit));
    suite
}

fn suite_of_table(table: &str) -> String {
    suite_of(&Folder::of(&[("t.csv", table)]), &["t.csv"], &[])
}

#[test]
fn a_suite_says_what_the_rows_keep() {
    let suite = suite_of_table(&orders());
    for rule in [
        "key: order_id",
        "placed: { type: date }  # 200 dates and no exception",
        "customer_email: { pii: basic }",
        "check: unique, columns: order_id }",
        "each: [order_id, placed, shipped, status, net, vat, total, customer_email, zip]",
        "# 196 of 200 rows, 4 exceptions (2.0 %)\n      - { id: t.note.required, check: required, column: note, at_least: 98%, severity: minor }",
        "check: allowed, column: status, values: [open, paid, shipped] }",
        "that: \"\\\"placed\\\" <= \\\"shipped\\\"\" }",
        "that: \"\\\"total\\\" = \\\"net\\\" + \\\"vat\\\"\" }",
        "check: not_future, column: shipped }",
        "check: identifier, column: customer_email, kind: email }",
        "column: zip, pattern: \"[0-9]{5}\" }",
        "check: fresh, column: shipped, within: ",
        "# sharing: { license: ",
    ] {
        assert!(suite.contains(rule), "{rule}\n{suite}");
    }
}

#[test]
fn tables_refer_to_each_other() {
    let mut lines = String::from("line_id,order_id,amount\n");
    for row in 1..=300 {
        let _ = writeln!(lines, "{row},{},{}.50", row % 200 + 1, row % 17);
    }
    let folder = Folder::of(&[("orders.csv", &orders()), ("lines.csv", &lines)]);
    let suite = suite_of(&folder, &["orders.csv", "lines.csv"], &[]);
    assert!(suite.contains("check: exists_in, columns: order_id, dataset: orders, key: order_id"), "{suite}");
    assert!(suite.contains("check: covers, column: order_id, dataset: orders, key: order_id"), "{suite}");
}

#[test]
fn rules_that_nearly_hold_are_likely() {
    let mut table = String::from("code,city,state\n");
    for row in 0..600 {
        let code = row % 30;
        let city = if row % 100 == 7 {
            format!("Cxty{row}")
        } else {
            format!("City{}", "abcdefghij".get(code % 10..code % 10 + 1).unwrap())
        };
        let _ = writeln!(table, "Z{code:03},{city},{}", ["north", "south"][code % 2]);
    }
    let suite = suite_of_table(&table);
    assert!(suite.contains("check: determines, from: code, to: city, fails: minority, at_least: 99%"), "{suite}");
    let folder = Folder::of(&[("t.csv", &table)]);
    let strict = suite_of(&folder, &["t.csv"], &["--strict"]);
    assert!(strict.contains("fails: minority, at_least: 99% }"), "{strict}");
    let lenient = suite_of(&folder, &["t.csv"], &["--lenient"]);
    assert!(lenient.contains("# - { id: t.code.city.determines"), "{lenient}");
}

#[test]
fn words_for_nothing_and_the_dialect_are_declared() {
    let mut table = String::from("id;amount;since\n");
    for row in 1..=120 {
        let amount = if row % 4 == 0 { "n/a".to_owned() } else { format!("1.{:03},5{}", row * 7, row % 10) };
        let _ = writeln!(table, "{row};{amount};{:02}/{:02}/2025", row % 28 + 1, row % 12 + 1);
    }
    let suite = suite_of_table(&table);
    for declared in ["delimiter: ;", "missing: [n/a]", "decimal: \",\"", "thousands: \".\"", "type: date, format: "] {
        assert!(suite.replace("\";\"", ";").contains(declared), "{declared}\n{suite}");
    }
}

#[test]
fn tables_with_next_to_nothing_are_suites() {
    for table in [
        "a,b\n",
        "a,b\n1,2\n",
        "a\n1\n",
        "a\nx\n",
        "a,b\n,\n,\n,\n",
        "a,b\nNA,NA\nNA,NA\n",
        // Records of other lengths.
        "a,b\n1\n2,3,4\n5,6\n",
        "a,b\n1\n2,3,4\n",
        // Control characters, and what a sheet would calculate.
        "a,b\n\u{1},=1+1\n\u{2},@x\n",
    ] {
        suite_of_table(table);
    }
    let one_column: String =
        (0..500).fold(String::from("value\n"), |text, row| text + &format!("{}\n", row * row % 97));
    suite_of_table(&one_column);
}

#[test]
fn names_are_only_names() {
    let names = [
        "a\"b",
        "a\nb: c",
        "${x}",
        "$${y}",
        "# comment",
        "key: value",
        "- item",
        "[list]",
        "{map}",
        "null",
        "no",
        "~",
        "a'b",
        "é\u{301}",
        "\u{202e}abc",
        "\u{1b}[31mred",
        "*star*",
        "&anchor",
        "!tag",
        "%percent",
        "a,b",
        "a.b",
        "a b  ",
        "日本語",
        "-- drop",
        "}} }",
        "]",
        "\\",
        "\\u0041",
        "x\ty",
        "|",
        ">",
        "?",
        "@at",
        "`tick`",
        "1e5",
        "0x1F",
        "2020-01-01",
    ];
    let long = "n".repeat(500);
    let header: Vec<String> =
        names.iter().copied().chain([long.as_str()]).map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
    let mut table = header.join(",") + "\n";
    for row in 0..120 {
        let cells: Vec<String> = (0..header.len())
            .map(|at| match at % 4 {
                0 => format!("{row}"),
                1 => ["${x}", "# y", "a: b", "\"\"q"][row % 4].to_owned(),
                2 => format!("2026-01-{:02}", row % 28 + 1),
                _ => format!("{}.{}", row % 7, row % 10),
            })
            .map(|cell| format!("\"{cell}\""))
            .collect();
        table += &(cells.join(",") + "\n");
    }
    let suite = suite_of_table(&table);
    for hostile in ["\u{1b}", "\u{202e}", "\t"] {
        assert!(!suite.contains(hostile), "{hostile:?}\n{suite}");
    }
    assert!(suite.contains("rules cannot name a column"), "{suite}");
}

#[test]
fn ten_thousand_columns_are_cut_and_it_is_said() {
    let columns = 10_000;
    let header: Vec<String> = (0..columns).map(|at| format!("column_{at}")).collect();
    let mut table = header.join(",") + "\n";
    for row in 0..30 {
        let cells: Vec<String> = (0..columns).map(|at| format!("{}", (row * at) % 91)).collect();
        table += &(cells.join(",") + "\n");
    }
    let folder = Folder::of(&[("wide.csv", &table)]);
    let output = run(&folder, &["init", "wide.csv", "-o", "suite.yaml", "--as-of", AS_OF]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stderr(&output).contains("wide: The last 9,000 of 10,000 columns"), "{}", stderr(&output));
    let suite = folder.read("suite.yaml");
    assert!(suite.contains("The last 9,000 of 10,000 columns have no rules here"), "{}", &suite[..2_000]);
    let lint = run(&folder, &["lint", "suite.yaml"]);
    assert_eq!(code(&lint), 0, "{}{}", stdout(&lint), stderr(&lint));
}

#[test]
fn what_cannot_be_read_is_one_message() {
    let folder = Folder::of(&[("empty.csv", ""), ("t.csv", "a,b\n1,2\n")]);
    folder.write("mixed.csv", b"name,place\nM\xfcller,K\xc3\xb6ln\nMay\xe9r,\xc3\x96sterreich\n");
    for (args, expected) in [
        (&["init", "empty.csv", "-o", "new.yaml"][..], "empty: no header"),
        (&["init", "gone.csv", "-o", "new.yaml"], "gone.csv: no such file"),
        (&["init", "-"], "standard input comes once"),
        (&["init", "t.csv", "-o", "t.csv"], "exists already"),
    ] {
        let output = run(&folder, args);
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(stderr(&output).contains(expected), "{args:?}: {}", stderr(&output));
        assert_eq!(stderr(&output).lines().filter(|line| line.starts_with("error")).count(), 1, "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
        assert!(!folder.path("new.yaml").exists());
    }
    // Bytes of two encodings are read as what they are: some cells are faulty.
    suite_of(&folder, &["mixed.csv"], &[]);
}

#[test]
fn a_suite_that_exists_is_not_touched() {
    let folder = Folder::of(&[("t.csv", "a,b\n1,2\n"), ("suite.yaml", "# by hand\n")]);
    let output = run(&folder, &["init", "t.csv", "-o", "suite.yaml"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("suite.yaml exists already, and is not replaced"), "{}", stderr(&output));
    assert_eq!(folder.read("suite.yaml"), "# by hand\n");
}

#[test]
fn a_suite_in_another_folder_finds_its_data() {
    let folder = Folder::of(&[("data/t.csv", "a,b\n1,2\n3,4\n"), ("suites/.keep", "")]);
    for (at, suite) in [(".", "suites/s.yaml"), ("data", "../suites/u.yaml"), ("suites", "v.yaml")] {
        let file = match at {
            "." => "data/t.csv",
            "data" => "t.csv",
            _ => "../data/t.csv",
        };
        let output = run(&folder.path(at), &["init", file, "-o", suite]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let audit = run(&folder.path(at), &["audit", suite]);
        assert_eq!(code(&audit), 0, "{}{}", stdout(&audit), stderr(&audit));
        assert!(
            folder
                .read(&format!("suites/{}", Path::new(suite).file_name().unwrap().to_str().unwrap()))
                .contains("source: \"../data/t.csv\"")
        );
    }
}

#[test]
fn no_personal_value_is_written() {
    let mut table = String::from("id,full_name,phone,date_of_birth,iban,salary,grade\n");
    for row in 0..400_u32 {
        let _ = writeln!(
            table,
            "{row},Kanari{name} Person{name},07{row:08},19{:02}-03-{:02},DE{row:020},{},{}",
            row % 90 + 10,
            row % 28 + 1,
            row * 37,
            ["A", "B"][row as usize % 2],
            name = ["a", "b", "c", "d", "e", "f"][row as usize % 6],
        );
    }
    let folder = Folder::of(&[("people.csv", &table)]);
    for more in [&[][..], &["--strict"], &["--lenient"]] {
        let suite = suite_of(&folder, &["people.csv"], more);
        for value in ["Kanari", "Person", "0700000", "1910", "1999-03", "1910-03", "DE0000"] {
            assert!(!suite.contains(value), "{value}\n{suite}");
        }
        assert!(suite.contains("full_name: { pii: basic }") && suite.contains("pii: basic }"), "{suite}");
    }
}

#[test]
fn the_same_data_gives_the_same_suite() {
    let folder = Folder::of(&[("t.csv", &orders())]);
    let suite = |threads: &str| stdout(&run(&folder, &["init", "t.csv", "--as-of", AS_OF, "--threads", threads]));
    let first = suite("1");
    assert!(first.contains("rules:"));
    for threads in ["1", "2", "7"] {
        assert_eq!(first, suite(threads));
    }
}

#[test]
fn suites_of_all_formats_pass() {
    let folder = Folder::new();
    for file in [
        "formats/nested.arrow",
        "formats/nested.parquet",
        "formats/no_rows.parquet",
        "avro/empty.avro",
        "workbooks/persons.xlsx",
        "workbooks/persons.ods",
        "febrl/dataset1.csv",
        "beers/dirty.csv.zst",
        "hospital/dirty.csv.zst",
        "vn_admin/old_districts.csv",
        "registers/citizens.csv",
        "population/faulty/citizens.csv",
        "malformed/csv_spectrum",
    ] {
        let path = fixture(file);
        let files: Vec<_> = if path.is_dir() {
            fs::read_dir(path)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|end| end == "csv"))
                .collect()
        } else {
            vec![path]
        };
        for path in files {
            suite_of(&folder, &[path.to_str().unwrap()], &[]);
        }
    }
}

const BY_HAND: &str = "\
# Kept by the order desk.
suite: desk
as_of: 2026-11-30
datasets:
  orders:
    source: orders.csv   # the export of the night
    columns:
      order_id: { type: integer, unique: true }   # never twice
      placed: { type: date }
    # Agreed with finance.
    rules:
      - { id: status, check: allowed, column: status, values: [open, paid, shipped, gone] }
      - id: sum
        check: expect
        that: total >= net
  others:
    source: orders.csv
gate: { fail_on: major }   # for now
";

#[test]
fn what_is_new_is_added_and_nothing_else_changes() {
    let folder = Folder::of(&[("orders.csv", &orders()), ("suite.yaml", BY_HAND)]);
    let output = run(&folder, &["init", "--from", "suite.yaml", "-o", "more.yaml"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(folder.read("suite.yaml"), BY_HAND);
    let more = folder.read("more.yaml");
    let mut lines = more.lines();
    for line in BY_HAND.lines() {
        assert!(lines.any(|other| other == line), "{line}\n{more}");
    }
    for args in [&["lint", "more.yaml"][..], &["audit", "more.yaml"]] {
        let output = run(&folder, args);
        assert_eq!(code(&output), 0, "{args:?} {}{}\n{more}", stdout(&output), stderr(&output));
    }
    let of_orders = more.split("  others:").next().unwrap();
    for (text, is_there) in [
        ("check: unique, columns: order_id", false),
        ("values: [open, paid, shipped] }", false),
        ("order_id: { type: integer }", false),
        ("shipped: { type: date }", true),
        ("that: \"\\\"total\\\" = \\\"net\\\" + \\\"vat\\\"\"", true),
        ("--- New, by passmuster init on 2026-11-30.", true),
    ] {
        assert_eq!(of_orders.contains(text), is_there, "{text}\n{more}");
    }
    assert!(more.contains("check: unique, columns: order_id"), "the other dataset has no rule yet\n{more}");
    // What was added is known now.
    let again = run(&folder, &["init", "--from", "more.yaml"]);
    assert_eq!(code(&again), 0, "{}", stderr(&again));
    let active = |suite: &str| suite.lines().filter(|line| line.trim_start().starts_with("- {")).count();
    assert_eq!(active(&stdout(&again)), active(&more), "{}", stdout(&again));
}

#[test]
fn suites_that_cannot_take_lines_in_are_refused() {
    let folder = Folder::of(&[
        ("orders.csv", &orders()),
        ("flow.yaml", "suite: s\ndatasets:\n  orders: { source: orders.csv }\n"),
        (
            "rules.yaml",
            "suite: s\ndatasets:\n  orders:\n    source: orders.csv\n    rules: [{ check: row_count, min: 1 }]\n",
        ),
        ("part.yaml", "suite: s\ndatasets:\n  orders:\n    source: orders.csv\n"),
        ("top.yaml", "suite: t\nextends: [part.yaml]\ndatasets:\n  more:\n    source: orders.csv\n"),
    ]);
    for (args, expected) in [
        (&["init", "--from", "flow.yaml"][..], "line 3 has braces or brackets around datasets, columns or rules"),
        (&["init", "--from", "rules.yaml"], "line 5 has braces or brackets"),
        (&["init", "--from", "top.yaml"], "orders is declared in a suite that top.yaml extends"),
        (&["init", "--from", "gone.yaml"], "gone.yaml"),
        (&["init", "--from", "orders.csv"], "is not a suite"),
        (&["init", "--from", "part.yaml", "--delimiter", ";"], "cannot be used with"),
        (&["init", "--from", "part.yaml", "orders.csv"], "cannot be used with"),
        (&["init"], "required"),
    ] {
        let output = run(&folder, args);
        assert_eq!(code(&output), 2, "{args:?}");
        assert!(stderr(&output).contains(expected), "{args:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
}
