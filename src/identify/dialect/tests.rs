//! Files written by hand, and how they are found to be written.

use proptest::prelude::*;

use super::recognise;
use crate::model::{Dialect, DialectValue};
use crate::source::{Beginning, Options};

fn beginning(bytes: &[u8]) -> Beginning {
    Beginning { path: "t.csv".to_owned(), first: bytes.to_vec(), last: Vec::new(), is_whole: true, delimiter: ',' }
}

fn found(text: &str) -> Option<Dialect> {
    recognise(&beginning(text.as_bytes()), &Options::default())
}

/// The options of a dialect in one line.
fn source(text: &str) -> String {
    found(text).map(|dialect| written(&dialect)).unwrap_or_default()
}

fn written(dialect: &Dialect) -> String {
    let option = |(name, value): (&String, &DialectValue)| match value {
        DialectValue::Flag(flag) => format!("{name}={flag}"),
        DialectValue::Count(count) => format!("{name}={count}"),
        DialectValue::Text(text) => format!("{name}={text}"),
    };
    dialect.source.iter().map(option).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_plain_file_has_nothing_to_declare() {
    assert_eq!(found("id,name,born\n1,An,1999-12-31\n2,Bình,2000-01-02\n"), None);
    assert_eq!(found("id,note\n1,\"a;b\"\n2,\"c;d\"\n"), None);
    assert_eq!(found("name\nAn\nBình\n"), None);
    assert_eq!(found(""), None);
    assert_eq!(found("\n\na,b\n1,2\n"), None);
    // A name that begins with a word for a total is a name.
    assert_eq!(found("name,city\nAn,Paris\nShell,London\nTotal Energies,Paris\n"), None);
    assert_eq!(found("name,n\nAn,1\nBình,2\nSummer,3\n"), None);
    // A record that is cut off is no footer.
    assert_eq!(found("a,b,c\n1,2,3\n4,5,6\n7"), None);
}

#[test]
fn the_delimiter_is_the_one_by_which_most_lines_agree() {
    assert_eq!(source("a;b;c\n1;2,5;x\n2;3,5;y\n"), "delimiter=;");
    assert_eq!(source("a\tb\n1\tx, y\n2\tz\n"), "delimiter=tab");
    assert_eq!(source("a|b\n1|2\n"), "delimiter=|");
    assert_eq!(source("a||b||c\n1||2||3\n"), "delimiter=||");
    assert_eq!(source("a::b\n1::2\n"), "delimiter=::");
    // Its first line names it, and the reader follows.
    assert_eq!(found("sep=;\na;b\n1;2\n"), None);
    let dialect = found("a;b\n1;2\n3\n").unwrap();
    let evidence = &dialect.evidence[0];
    assert_eq!((evidence.count, evidence.of), (2, 3));
    assert!(evidence.what.contains("lines have 2 cells with `;`; with `,`, 0 have several"), "{}", evidence.what);
}

#[test]
fn a_declared_delimiter_that_fits_is_kept() {
    let options = Options::default().with("delimiter", b';');
    assert_eq!(recognise(&beginning(b"a;b\n1;2\n"), &options), None);
    let dialect = recognise(&beginning(b"x\na;b\n1;2\n3;4\n"), &options).unwrap();
    assert_eq!(written(&dialect), "delimiter=; skip_rows=1");
}

#[test]
fn titles_totals_and_comments_are_found() {
    let text = "REPORT\nMonth 1\n\nid;name;amount\n1;An;2\n2;Bình;3\n3;Chi;4\nTổng cộng;;9\n";
    assert_eq!(source(text), "delimiter=; skip_rows=3 until=Tổng cộng");
    // Cells without text are no other number of cells.
    let text = "REPORT,,\nid,name,amount\n1,An,2\n2,Bình,3\nTotal,,5\n";
    assert_eq!(source(text), "skip_rows=1 until=Total");
    let text = "id,name\n1,An\n2,Bình\n3,Chi\n(3 rows)\n";
    assert_eq!(source(text), "footer_rows=1");
    // The word is not enough where another record begins with it.
    let text = "id,name,n\nTotal,x,1\n1,An,2\n2,Bình,3\nTotal\n";
    assert_eq!(source(text), "footer_rows=1");
    let text = "# made by a program\nid,name\n1,An\n# a comment, with, commas\n2,Bình\n";
    assert_eq!(source(text), "comment=#");
    assert_eq!(source("#id,name\n1,An\n2,Bình\n"), "");
    assert_eq!(source("'id';'name'\n'1';'a;b'\n'2';'c'\n"), "delimiter=; quote='");
}

#[test]
fn a_header_is_asked_for_and_not_taken_away() {
    let dialect = found("1,An\n2,Bình\n3,Chi\n").unwrap();
    assert!(dialect.has_no_declaration() && dialect.questions[0].contains("looks like the others"), "{dialect:?}");
    // Years are names.
    assert_eq!(found("2019,2020\n1,2\n3,4\n"), None);
    // One name less than cells is an index without a name, no title.
    assert_eq!(source("name,city\n1,An,Huế\n2,Chi,Huế\n"), "");
}

#[test]
fn a_header_on_two_lines_is_asked_for() {
    let questions = |text: &str| found(text).map(|dialect| dialect.questions).unwrap_or_default();
    // A title as wide as the table, or names on two lines: nothing but the words tells them apart.
    let asked = questions("Report,2026,Quarter one\nid,name,amount\n1,An,2\n2,Bình,3\n3,Chi,4\n");
    assert!(asked[0].contains("`header_row: 2`; if they are on both, `header_row: 1, header_rows: 2`"), "{asked:?}");
    // Names that stand above several columns look like a title.
    let asked =
        questions(",Population,,Area,\nProvince,Men,Women,Land,Water\nHuế,1,2,3,4\nHanoi,5,6,7,8\nCan Tho,2,3,4,5\n");
    assert!(asked[0].contains("`header_row: 1, header_rows: 2` instead of `skip_rows`"), "{asked:?}");
    // A first row that fails is none: it has values as the others have.
    assert_eq!(questions("id,name,amount\n1,An,?\n2,Bình,3\n3,Chi,4\n4,Dung,5\n"), [""; 0]);
}

#[test]
fn decimal_commas_and_dates_are_declared_where_they_are_certain() {
    let text = "id;paid;born\n1;1.234,50;31/12/1999\n2;12,5;01/02/2000\n3;7;05/06/2001\n";
    let dialect = found(text).unwrap();
    assert_eq!((dialect.decimal.as_deref(), dialect.thousands.as_deref()), (Some(","), Some(".")));
    assert_eq!(dialect.columns["born"].format.as_deref(), Some("dd/mm/yyyy"));
    let evidence: Vec<(&str, u64, u64)> =
        dialect.evidence.iter().map(|evidence| (evidence.option.as_str(), evidence.count, evidence.of)).collect();
    assert_eq!(evidence, [("delimiter", 4, 4), ("format", 1, 3), ("decimal", 2, 6), ("thousands", 1, 6)]);

    let dialect = found("id,paid\n1,\"1,234\"\n2,\"5,678\"\n").unwrap();
    assert!(dialect.has_no_declaration() && dialect.questions[0].contains("2 numbers have a comma"), "{dialect:?}");
    let dialect = found("id,born\n1,01/02/2000\n2,03/04/2000\n").unwrap();
    assert!(dialect.has_no_declaration() && dialect.questions[0].contains("no number of 2 dates"), "{dialect:?}");
    let dialect = found("id,born\n1,31/02/2000\n2,03/14/2000\n").unwrap();
    assert!(dialect.has_no_declaration() && dialect.questions[0].contains("1 dates begin with the day"), "{dialect:?}");
    let dialect = found("id,born\n1,1/31/2000\n2,3/4/2000\n").unwrap();
    assert_eq!(dialect.columns["born"].format.as_deref(), Some("m/d/yyyy"));
    // Two columns that disagree are declared by column.
    let dialect = found("a;b\n1,5;1.5\n2,5;2.5\n").unwrap();
    assert_eq!((dialect.decimal.as_deref(), dialect.columns["a"].decimal.as_deref()), (None, Some(",")));
}

#[test]
fn encodings_are_declared_with_their_evidence() {
    let units: Vec<u8> = "id;tên\n1;Nguyễn\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let dialect = recognise(&beginning(&units), &Options::default()).unwrap();
    assert_eq!(written(&dialect), "delimiter=; encoding=utf-16le");
    let options = Options::default().with("encoding", "utf-16le");
    let dialect = recognise(&beginning("id,tên\n1,Nguyễn\n".as_bytes()), &options).unwrap();
    assert_eq!(written(&dialect), "encoding=utf-8");
    let legacy = encoding_rs::WINDOWS_1252.encode("id,name\n1,Müller\n2,Größe\n").0.into_owned();
    let dialect = recognise(&beginning(&legacy), &Options::default()).unwrap();
    assert_eq!(written(&dialect), "encoding=windows-1252");
}

#[test]
fn a_part_of_a_file_proposes_no_text_that_its_middle_may_have() {
    let rows: String =
        (0..50).flat_map(|row| [row.to_string(), ";x;".to_owned(), row.to_string(), "\n".to_owned()]).collect();
    let part = Beginning {
        first: format!("id;name;n\n{rows}5").into_bytes(),
        last: format!("0;x;1\n{rows}Total;;9\n").into_bytes(),
        is_whole: false,
        ..beginning(b"")
    };
    let dialect = recognise(&part, &Options::default()).unwrap();
    assert_eq!(written(&dialect), "delimiter=; footer_rows=1");
}

#[test]
fn bars_in_quoted_cells_are_no_delimiters() {
    let text = "first,second,third\n\"b\",\"|b\",\"\n|b\"\n\"b\",\"|\nb\",\"|b\"\n";
    assert_eq!(found(text).map(|dialect| written(&dialect)), None);
}

proptest! {
    #[test]
    fn plain_text_never_gets_a_proposal(
        rows in prop::collection::vec(prop::collection::vec("[a-zA-Zêữộ;|# '\",\n]{0,9}[b-d]", 3..=3), 0..9)
    ) {
        let mut text = "first,second,third\n".to_owned();
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        prop_assert_eq!(found(&text).map(|dialect| written(&dialect)), None);
    }

    #[test]
    fn any_bytes_are_looked_at_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), is_whole: bool) {
        let part = Beginning { last: bytes.clone(), is_whole, ..beginning(&bytes) };
        let _ = recognise(&part, &Options::default());
        let text: Vec<u8> = bytes.iter().map(|byte| b"ab1;,|\"'\n\r#.: \xe1"[usize::from(*byte) % 15]).collect();
        let _ = recognise(&beginning(&text), &Options::default());
    }
}
