//! `SQLite` databases: every value is given in its own type, nothing is written, and what cannot be read is one clear message.
#![cfg(all(feature = "sqlite", feature = "spreadsheet"))]

use std::fs;
use std::path::{Path, PathBuf};

use passmuster::model::FaultKind;
use passmuster::source::{Options, Problem};
use rusqlite::Connection;

use crate::support::audits::run;
use crate::support::folder::Folder;
use crate::support::program;
use crate::support::reports::four;
use crate::support::scanned::{scan, scan_with, table};

/// A database that these statements make.
fn database(folder: &Folder, name: &str, statements: &str) -> PathBuf {
    let path = folder.path(name);
    Connection::open(&path).unwrap().execute_batch(statements).unwrap();
    path
}

fn refused(path: &Path, options: Options) -> String {
    let error = scan(path, options).unwrap_err();
    assert!(!matches!(error.problem, Problem::Panicked { .. }), "{error}");
    error.problem.to_string()
}

fn query(text: &str) -> Options {
    Options::default().with("query", text)
}

#[test]
fn values_have_the_type_of_their_column() {
    let folder = Folder::new();
    let path = database(
        &folder,
        "t.sqlite",
        "CREATE TABLE t(whole, real REAL, both NUMERIC, text TEXT, mixed, digits, none, raw);
         INSERT INTO t VALUES
           (9223372036854775807, 1, 1, '00070', 1.234, 5, NULL, 'a'),
           (-1, 0.1, 1.5, '', 'n/a', 'x', NULL, x'00ff'),
           (NULL, NULL, 1e300, NULL, NULL, NULL, NULL, CAST(x'ff41' AS TEXT)),
           (7, 2.5, 9007199254740993, 'é', 'b', 6, NULL, 'a' || char(0) || 'b');",
    );
    let scanned = scan(&path, Options::default()).unwrap();
    let stored: Vec<&str> = scanned.columns.iter().map(|(_, stored)| stored.as_str()).collect();
    assert_eq!(stored, ["int64", "float64", "decimal", "text", "text and numbers", "text", "null", "text"]);
    assert_eq!(
        table(&scanned.rows),
        [
            "9223372036854775807|1|1|00070|1.234|5|-|a",
            "-1|0.1|1.5||n/a|x|-|-",
            "-|-|unreadable|-|-|-|-|\u{FFFD}A",
            "7|2.5|9007199254740993|é|b|6|-|a\0b",
        ]
    );
    assert_eq!(scanned.malformed, [1, 2, 3]);
    let kinds: Vec<(FaultKind, u64)> = scanned.faults.iter().map(|(kind, count)| (*kind, *count)).collect();
    assert_eq!(kinds, [(FaultKind::Undecodable, 1), (FaultKind::NulByte, 1), (FaultKind::BinaryValue, 1)]);
    let details: Vec<&str> = scanned.first_faults.iter().map(|fault| fault.detail.as_str()).collect();
    assert!(details.contains(&"record 2: the value of `raw` is binary"), "{details:?}");
    let small = scan_with(&path, Options::default(), 4, Some(1)).unwrap();
    assert_eq!((small.batches, small.rows), (vec![1; 4], scanned.rows));
}

#[test]
fn the_table_is_the_only_one_or_named_and_a_query_replaces_it() {
    let folder = Folder::new();
    let path = database(
        &folder,
        "t.db",
        "CREATE TABLE \"a \"\" b\"(id INTEGER PRIMARY KEY, n, x AS (n + 1)); CREATE INDEX i ON \"a \"\" b\"(n, id);
         INSERT INTO \"a \"\" b\"(id, n) VALUES (1, 9), (2, 8), (3, 7); CREATE VIEW v AS SELECT n FROM \"a \"\" b\" ORDER BY n;",
    );
    let rows = |options: Options| table(&scan(&path, options).unwrap().rows);
    // In the order in which the table holds them, although an index has all of them in another.
    assert_eq!(rows(Options::default()), ["1|9|10", "2|8|9", "3|7|8"]);
    assert_eq!(rows(Options::default().with("table", "V")), ["7", "8", "9"]);
    assert_eq!(rows(query("SELECT n AS a, n AS a FROM v WHERE n > 7 ORDER BY n DESC")), ["9|9", "8|8"]);
    let named = scan(&path, query("SELECT n AS a, n AS a FROM v")).unwrap();
    assert_eq!(named.columns[1].0, "a_2");
    assert_eq!(named.faults.get(&FaultKind::RepeatedColumn), Some(&1));
    assert_eq!(refused(&path, Options::default().with("table", "w")), "has no table `w`; it has `a \\\" b`, `v`");
    assert!(refused(&path, query("SELECT 1").with("table", "v")).contains("leave one of them out"));
    let two = database(&folder, "two.db", "CREATE TABLE a(x); CREATE TABLE b(x);");
    assert_eq!(
        refused(&two, Options::default()),
        "has several tables: name one with `table`, or write a `query`. There are `a`, `b`"
    );
    let none = database(&folder, "none.db", "PRAGMA user_version = 1;");
    assert_eq!(refused(&none, Options::default()), "the database has no tables");
}

#[test]
fn a_query_can_do_nothing_but_read() {
    let folder = Folder::new();
    let path = database(&folder, "t.db", "CREATE TABLE t(x); INSERT INTO t VALUES (1);");
    let before = fs::read(&path).unwrap();
    let other = folder.path("other.db");
    for statement in [
        "INSERT INTO t VALUES (2)".to_owned(),
        "DELETE FROM t".to_owned(),
        "WITH a AS (SELECT 1) UPDATE t SET x = 2".to_owned(),
        "INSERT INTO t VALUES (2) RETURNING x".to_owned(),
        "DROP TABLE t".to_owned(),
        "CREATE TEMP TABLE s AS SELECT * FROM t".to_owned(),
        "PRAGMA user_version = 2".to_owned(),
        "PRAGMA table_info(t)".to_owned(),
        "VACUUM".to_owned(),
        format!("VACUUM INTO '{}'", other.display()),
        format!("ATTACH '{}' AS o", other.display()),
        "BEGIN IMMEDIATE".to_owned(),
        "SELECT load_extension('x')".to_owned(),
        "EXPLAIN DELETE FROM t".to_owned(),
    ] {
        let message = refused(&path, query(&statement));
        assert!(message.contains("`query`"), "{statement}: {message}");
        assert_eq!(fs::read(&path).unwrap(), before, "{statement}");
    }
    assert!(refused(&path, query("SELECT 1; SELECT 2")).contains("more than one statement"));
    assert!(refused(&path, query("SELECT ?")).contains("has parameters"));
    assert!(refused(&path, query("SELEC x")).contains("cannot be read as SQL"));
    assert!(refused(&path, query("SELECT y FROM t")).contains("no such column: y"));
    assert!(refused(&path, query("")).contains("`query`"));
    assert!(!other.exists());
    assert_eq!(fs::read_dir(folder.root()).unwrap().count(), 1, "nothing is written beside the database");
}

#[test]
fn a_query_that_fails_on_a_value_is_at_fault_and_not_the_database() {
    let folder = Folder::new();
    let path = database(
        &folder,
        "t.db",
        "CREATE TABLE t (x TEXT); INSERT INTO t VALUES ('{}'), ('secret');
        CREATE VIEW v AS SELECT json_extract(x, '$.a') AS a FROM t;",
    );
    for (options, words) in [
        (query("SELECT json_extract(x, '$.a') FROM t"), "(malformed JSON)"),
        (query("SELECT json_extract('{}', x) FROM t WHERE x = 'secret'"), "(bad JSON path)"),
        (query("SELECT abs(-9223372036854775808)"), "(integer overflow)"),
        (Options::default().with("table", "v"), "(malformed JSON)"),
    ] {
        let message = refused(&path, options);
        assert!(message.starts_with("the query fails while its rows are read") && message.contains(words), "{message}");
        assert!(!message.contains("secret") && !message.contains("sqlite3"), "{message}");
    }
}

#[test]
fn a_query_that_gives_other_rows_each_time_is_refused() {
    let folder = Folder::new();
    let path = database(
        &folder,
        "t.db",
        "CREATE TABLE t(x); INSERT INTO t VALUES ('2024-01-05'), ('now is text'); CREATE VIEW v AS SELECT random() AS r FROM t;
         CREATE VIEW today AS SELECT date('now') AS d;",
    );
    for (text, named) in [
        ("SELECT random() FROM t", "random"),
        ("SELECT x FROM t ORDER BY RANDOM()", "random"),
        ("SELECT hex(randomblob(4))", "randomblob"),
        ("SELECT CURRENT_TIMESTAMP", "current_timestamp"),
        ("SELECT x FROM t WHERE x < current_date", "current_date"),
        ("SELECT total_changes()", "total_changes"),
        ("SELECT * FROM v", "random"),
        ("SELECT date('now')", "`now`"),
        ("SELECT x FROM t WHERE x < datetime(' NOW ', '-1 day')", "`now`"),
        ("SELECT * FROM today", "`now`"),
        ("SELECT strftime('%s', 'now')", "`now`"),
        ("SELECT strftime('%s')", "strftime"),
        ("SELECT unixepoch()", "unixepoch"),
        ("SELECT unixepoch('subsec')", "`subsec`"),
        ("SELECT datetime(x, 'localtime') FROM t", "`localtime`"),
    ] {
        let message = refused(&path, query(text));
        assert!(message.contains("must give the same counts again") && message.contains(named), "{text}: {message}");
    }
    assert!(refused(&path, Options::default().with("table", "v")).contains("`random`"));
    assert!(refused(&path, query("EXPLAIN SELECT x FROM t")).contains("leave out EXPLAIN"));
    assert!(refused(&path, query("EXPLAIN QUERY PLAN SELECT x FROM t")).contains("leave out EXPLAIN"));
    let pragma = refused(&path, query("SELECT name FROM pragma_table_info('t')"));
    assert!(pragma.contains("PRAGMA"), "{pragma}");
    // Dates that are in the data or in the query are the same each time.
    let rows = |text: &str| table(&scan(&path, query(text)).unwrap().rows);
    assert_eq!(rows("SELECT date(x, '+1 day') FROM t"), ["2024-01-06", "-"]);
    assert_eq!(rows("SELECT x FROM t WHERE x = 'now is text' OR x < date('2000-01-01')"), ["now is text"]);
    assert_eq!(rows("SELECT 'now' AS x"), ["now"]);
}

#[test]
fn a_database_that_is_no_file_of_its_own_is_one_clear_message() {
    let folder = Folder::new();
    let path = database(&folder, "t.db", "CREATE TABLE t(x); INSERT INTO t VALUES (1);");
    let bytes = fs::read(&path).unwrap();
    let zipped = folder.write("t.zip", crate::support::packed::zip(&[("t.db", &bytes)]));
    assert!(refused(&zipped, Options::default()).contains("is a database in an archive"), "a zip archive");
    let packed = folder.write("p.db", crate::support::packed::gzip(&bytes));
    assert!(refused(&packed, Options::default()).contains("is packed, and SQLite reads files as they are"));
    // From a pipe, with and without the format.
    for format in ["", ", format: sqlite"] {
        folder.write("suite.yaml", format!("suite: s\ndatasets:\n  t: {{ source: {{ path: '-'{format} }} }}\n"));
        let mut program = program::program(&folder);
        let output = program.args(["audit", "suite.yaml"]).stdin(fs::File::open(&path).unwrap()).output().unwrap();
        assert_eq!(program::code(&output), 2);
        let text = program::stdout(&output) + &program::stderr(&output);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("comes from a pipe, and SQLite reads files alone"), "{text}");
    }
    // Nothing of a database or a workbook can be put into two parts.
    folder.write("suite.yaml", "suite: s\ndatasets:\n  t: { source: t.db, columns: { x: { range: 2.. } } }\n");
    let output = program::run(&folder, &["audit", "suite.yaml", "--quarantine", "out"]);
    let text = program::stdout(&output) + &program::stderr(&output);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(program::code(&output), 2, "{text}");
    assert!(text.contains("a database cannot be split into two databases"), "{text}");
    assert!(!folder.path("out/t").exists());
}

#[test]
fn a_database_that_is_in_use_or_damaged_is_one_clear_message() {
    let folder = Folder::new();
    let rows = "CREATE TABLE t(x); WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 5000)
                INSERT INTO t SELECT x || ' some text to fill pages' FROM c;";
    let path = database(&folder, "locked.db", rows);
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert!(refused(&path, Options::default()).contains("is locked: another program writes"));
    writer.execute_batch("ROLLBACK").unwrap();
    assert_eq!(scan(&path, Options::default()).unwrap().rows.len(), 5000);

    let logged = database(&folder, "logged.db", &format!("PRAGMA journal_mode = WAL; {rows}"));
    // Closed, the log is gone, and reading makes none.
    assert_eq!(scan(&logged, Options::default()).unwrap().rows.len(), 5000);
    assert!(!folder.path("logged.db-wal").exists() && !folder.path("logged.db-shm").exists());
    let writer = Connection::open(&logged).unwrap();
    writer.execute_batch("INSERT INTO t VALUES ('more')").unwrap();
    assert!(refused(&logged, Options::default()).contains("is open in another program, or was not closed"));
    drop(writer);
    assert_eq!(scan(&logged, Options::default()).unwrap().rows.len(), 5001);

    let whole = fs::read(&path).unwrap();
    let cut = folder.write("cut.db", &whole[..whole.len() / 2]);
    assert!(refused(&cut, Options::default()).contains("cut off"));
    let mut damaged = whole.clone();
    damaged[4096..].fill(0xAB);
    let damaged = folder.write("damaged.db", damaged);
    assert!(refused(&damaged, Options::default()).contains("the database is damaged"));
    let message = |name: &str, bytes: &[u8]| refused(&folder.write(name, bytes), Options::default());
    assert!(message("text.db", b"a,b\n1,2\n").contains("is not a SQLite database"));
    assert!(message("empty.db", b"").contains("empty"));
    assert!(message("base.csv", &whole).contains("declare `format: sqlite`"));
}

#[test]
fn a_table_has_the_same_counts_as_text_and_in_a_database() {
    let folder = Folder::new();
    let suite = folder.write("suite.yaml", crate::workbooks::SUITE);
    folder.write("t.csv", crate::workbooks::persons_csv());
    let path = folder.path("t.db");
    let base = Connection::open(&path).unwrap();
    base.execute_batch("CREATE TABLE t(id INTEGER, name TEXT, amount REAL, born TEXT, city TEXT, flag TEXT)").unwrap();
    for (id, name, amount, born, city, flag) in crate::workbooks::PERSONS {
        let born = born.map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
        base.execute(
            "INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (id, name, amount, born, city, flag.map(|flag| flag.to_string())),
        )
        .unwrap();
    }
    drop(base);
    let text = run(&suite, &[], 2);
    let stored = run(&suite, &[("t", path)], 2);
    for rule in &text.datasets[0].rules {
        assert_eq!(four(&text, &rule.id), four(&stored, &rule.id), "{}", rule.id);
    }
}

#[test]
fn a_query_that_sorts_more_than_memory_stays_within_it() {
    let folder = Folder::new();
    let path = database(&folder, "t.db", "CREATE TABLE t(x); INSERT INTO t VALUES (1);");
    // A value of 200 MB, which nobody stored.
    let message = refused(&path, query("SELECT length(zeroblob(600000000)), hex(zeroblob(300000000))"));
    assert!(message.contains("too long") || message.contains("more memory"), "{message}");
    let long = scan(&path, query("SELECT x, hex(zeroblob(9000000)) AS y FROM t")).unwrap();
    assert_eq!(table(&long.rows), ["1|-"]);
    assert_eq!(long.faults.get(&FaultKind::OversizedCell), Some(&1));
}

#[test]
fn a_column_of_blobs_is_binary() {
    let folder = Folder::new();
    // Text, the same two bytes twice, text that is written as these bytes are shown, none, and no bytes.
    database(
        &folder,
        "t.sqlite",
        "CREATE TABLE t(photo BLOB, some);
         INSERT INTO t VALUES (x'616263', 1), (x'ff00', x'00'), (x'ff00', 2), (x'efbfbd66663030', 3), (NULL, 4), (x'', 5);",
    );
    let scanned = scan(&folder.path("t.sqlite"), Options::default()).unwrap();
    let stored: Vec<&str> = scanned.columns.iter().map(|(_, stored)| stored.as_str()).collect();
    assert_eq!(stored, ["binary", "int64"]);
    assert_eq!(
        table(&scanned.rows),
        ["abc|1", "\u{fffd}ff00|unreadable", "\u{fffd}ff00|2", "\u{fffd}efbfbd66663030|3", "-|4", "|5"]
    );
    assert_eq!(scanned.malformed, [1]);
    let suite = folder.write(
        "suite.yaml",
        "suite: s
datasets:
  d:
    source: t.sqlite
    columns: { photo: { type: binary, required: true, length: 2..3, unique: true } }
",
    );
    let report = run(&suite, &[], 2);
    assert_eq!(four(&report, "d.photo.required"), [4, 2, 0, 0]);
    assert_eq!(four(&report, "d.photo.length"), [3, 1, 2, 0]);
    assert_eq!(four(&report, "d.photo.unique"), [2, 2, 2, 0]);
}
