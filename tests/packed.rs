//! Packed text and zip archives: the same rows as unpacked, and never fewer of them in silence.

use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use passmuster::source::{Options, Problem, Source, SourceError, SourceSpec};

use sha2::{Digest as _, Sha256};

use crate::json::{as_csv, audited};
use crate::support::folder::Folder;
use crate::support::packed::{bzip2, gzip, xz, zip};
use crate::support::program;

fn spec(folder: &Folder, location: &str, options: Options) -> SourceSpec {
    SourceSpec {
        location: location.to_owned(),
        further: Vec::new(),
        base: folder.root().to_owned(),
        format: None,
        options,
    }
}

/// The columns and the number of rows.
fn count(spec: &SourceSpec) -> Result<(Vec<String>, u64), SourceError> {
    let source = Source::open(spec)?;
    let rows = AtomicU64::new(0);
    let columns: Vec<usize> = (0..source.columns().len()).collect();
    source.scan(
        &columns,
        &|batch| {
            rows.fetch_add(batch.rows as u64, Ordering::Relaxed);
            true
        },
        &|_| {},
    )?;
    Ok((source.columns().iter().map(|column| column.name.clone()).collect(), rows.into_inner()))
}

fn of(name: &str, bytes: &[u8]) -> Result<u64, Problem> {
    let folder = Folder::new();
    folder.write(name, bytes);
    count(&spec(&folder, name, Options::default())).map(|(_, rows)| rows).map_err(|error| error.problem)
}

// ---- bzip2 and xz ----

#[test]
fn several_streams_are_read_one_after_the_other() {
    let halves = |pack: fn(&[u8]) -> Vec<u8>| [pack(b"a\n1\n2"), pack(b"3\n4\n")].concat();
    // The lines 1, 23 and 4.
    assert_eq!(of("t.csv.bz2", &halves(bzip2)), Ok(3));
    assert_eq!(of("t.csv.xz", &halves(xz)), Ok(3));
    // Streams of xz may have zeros between and behind them, four at a time.
    let mut padded = [&xz(b"a\n1\n")[..], &[0; 8], &xz(b"2\n"), &[0; 4]].concat();
    assert_eq!(of("t.csv.xz", &padded), Ok(2));
    padded.push(0);
    assert!(of("t.csv.xz", &padded).is_err());
    // Whatever the name says.
    assert_eq!(of("t.csv", &bzip2(b"a\n1\n")), Ok(1));
}

/// A packed table is cut off at every byte, and each of its bytes is damaged: an error, or all rows.
fn check_damage(name: &str, packed: &[u8], rows: u64) {
    assert_eq!(of(name, packed), Ok(rows));
    for end in 1..packed.len() {
        match of(name, &packed[..end]) {
            Err(Problem::Damaged(problem)) => assert!(problem.contains("ends too early"), "{end}: {problem}"),
            Err(Problem::After { problem, .. }) => assert!(problem.to_string().contains("ends too early"), "{end}"),
            other => panic!("cut off at {end}: {other:?}"),
        }
    }
    for at in 0..packed.len() {
        let mut damaged = packed.to_vec();
        damaged[at] ^= 0x55;
        // The first bytes make it what it is: text that is not packed is not damaged.
        let is_packed = at >= 10;
        match of(name, &damaged) {
            Err(problem) => assert!(!problem.to_string().contains("panicked"), "{at}: {problem}"),
            Ok(found) => assert!(found == rows || !is_packed, "damaged at {at}: {found} rows"),
        }
    }
}

#[test]
fn damaged_streams_are_never_read_as_fewer_rows() {
    let text: String = std::iter::once("id,name\n".to_owned()).chain((0..300).map(|n| format!("{n},x{n}\n"))).collect();
    check_damage("t.csv.bz2", &bzip2(text.as_bytes()), 300);
    check_damage("t.csv.xz", &xz(text.as_bytes()), 300);
}

#[test]
fn streams_that_inflate_beyond_measure_are_refused() {
    let zeros = vec![b'0'; 96 << 20];
    for (name, packed) in [("t.csv.bz2", bzip2(&zeros)), ("t.csv.xz", xz(&zeros))] {
        let problem = of(name, &packed).unwrap_err();
        let problem = problem.to_string();
        assert!(problem.contains("more than 1000 times its size"), "{name}: {problem}");
        assert!(problem.contains("unpack it yourself if it is sound"));
    }
}

#[test]
fn a_stream_with_a_dictionary_beyond_the_memory_is_refused() {
    let mut options = lzma_rust2::XzOptions::with_preset(0);
    options.lzma_options.dict_size = 64 << 20;
    let mut packer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    packer.write_all(b"a\n1\n").unwrap();
    let packed = packer.finish().unwrap();
    let folder = Folder::new();
    folder.write("t.csv.xz", packed);
    let spec = spec(&folder, "t.csv.xz", Options::default());
    let error = Source::open_within(&spec, 64 << 20).unwrap_err().problem;
    assert!(matches!(&error, Problem::BeyondLimit(problem) if problem.contains("--memory")), "{error}");
    assert!(Source::open_within(&spec, 1 << 30).is_ok());
}

#[test]
fn streams_without_checksums_are_reported() {
    for (check, frames) in [(lzma_rust2::CheckType::None, Some(1)), (lzma_rust2::CheckType::Crc32, None)] {
        let mut options = lzma_rust2::XzOptions::with_preset(1);
        options.set_check_sum_type(check);
        let mut packer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
        packer.write_all(b"a\n1\n").unwrap();
        let folder = Folder::new();
        folder.write("t.csv.xz", packer.finish().unwrap());
        let source = Source::open(&spec(&folder, "t.csv.xz", Options::default())).unwrap();
        let facts = source.scan(&[0], &|_| true, &|_| {}).unwrap();
        assert_eq!(facts.files[0].frames.map(|frames| frames.absent), frames);
    }
}

#[test]
fn parts_are_packed_as_their_input() {
    for (name, packed) in [("t.csv.bz2", bzip2(b"id\n1\n\n2\nx\n")), ("t.csv.xz", xz(b"id\n1\n\n2\nx\n"))] {
        let folder = Folder::new();
        folder.write(name, packed);
        let suite = "suite: s\ndatasets: { t: { source: NAME, columns: { id: { type: integer } } } }\n";
        folder.write("suite.yaml", suite.replace("NAME", name));
        let output = program::run(&folder, &["audit", "suite.yaml", "--quarantine", "out"]);
        assert!(folder.path("out").exists(), "{}", program::stderr(&output));
        let part = |kind: &str| count(&spec(&folder, &format!("out/t/{kind}/{name}"), Options::default()));
        let (passing, failing) = (part("passing"), part("failing"));
        assert_eq!(passing.unwrap().1, 2);
        assert_eq!(failing.unwrap(), (vec!["id".to_owned(), "failed_rules".to_owned()], 1));
    }
}

// ---- Zip archives ----

fn in_zip(members: &[(&str, &[u8])], options: Options) -> Result<(Vec<String>, u64), String> {
    in_archive(&zip(members), options)
}

fn in_archive(bytes: &[u8], options: Options) -> Result<(Vec<String>, u64), String> {
    let folder = Folder::new();
    folder.write("x.zip", bytes);
    count(&spec(&folder, "x.zip", options)).map_err(|error| error.to_string())
}

fn all() -> Options {
    Options::default().with("member", "*.csv")
}

#[test]
fn a_table_in_an_archive_has_the_counts_of_the_table() {
    let csv = as_csv();
    let expected = audited("t.csv", csv.as_bytes(), "");
    assert_eq!(audited("t.zip", &zip(&[("t.csv", csv.as_bytes())]), ""), expected);
    assert_eq!(audited("t.ZIP", &zip(&[("a/b/t.csv.gz", &gzip(csv.as_bytes()))]), ""), expected);
    assert_eq!(audited("t.zip", &zip(&[("t.csv.xz", &xz(csv.as_bytes()))]), ""), expected);
    let (head, tail) = csv.split_at(csv.find("\n3,").unwrap() + 1);
    let header = csv.lines().next().unwrap();
    let second = format!("{header}\n{tail}");
    let parts = zip(&[("2.csv", second.as_bytes()), ("1.csv", head.as_bytes()), ("notes/readme.md", b"-")]);
    assert_eq!(audited("t.zip", &parts, ", member: \"*.csv\""), expected);
}

#[test]
fn members_are_the_files_of_a_dataset() {
    let members: &[(&str, &[u8])] = &[
        ("year=2024/", b""),
        ("year=2024/b.csv", b"a\n1\n2\n"),
        ("year=2023/a.csv", b"a\n3\n"),
        ("__MACOSX/._a.csv", b"\0\x05"),
        (".DS_Store", b"x"),
        ("year=2024/.hidden.csv", b"z\n"),
        ("_notes/x.csv", b"z\n"),
    ];
    assert_eq!(in_zip(members, all()), Ok((vec!["a".to_owned(), "year".to_owned()], 3)));
    let one = Options::default().with("member", "year=2023/a.csv");
    assert_eq!(in_zip(members, one).map(|(_, rows)| rows), Ok(1));
    let folder = Folder::new();
    folder.write("x.zip", zip(members));
    let source = Source::open(&spec(&folder, "x.zip", all())).unwrap();
    let paths: Vec<&str> = source.paths().map(|path| path.rsplit("x.zip/").next().unwrap()).collect();
    assert_eq!(paths, ["year=2023/a.csv", "year=2024/b.csv"]);
    // The digest is that of the archive, once.
    let bytes = std::fs::read(folder.path("x.zip")).unwrap();
    assert_eq!(source.digest(&|| true).unwrap(), hex::encode(Sha256::digest(&bytes)));
    // An archive that changes while it is read is an error.
    folder.write("x.zip", zip(&members[..3]));
    let error = source.scan(&[0], &|_| true, &|_| {}).unwrap_err();
    assert_eq!(error.problem, Problem::Changed);
}

#[test]
fn archives_in_folders_and_globs_are_read() {
    let folder = Folder::new();
    folder.write("in/1.csv", "a\n1\n");
    folder.write("in/2.zip", zip(&[("x.csv", b"a\n2\n3\n")]));
    folder.write("in/m=3/3.zip", zip(&[("y.csv", b"a\n4\n")]));
    // Folders of the same keys only.
    assert!(count(&spec(&folder, "in", Options::default())).is_err());
    std::fs::remove_dir_all(folder.path("in/m=3")).unwrap();
    for location in ["in", "in/*"] {
        assert_eq!(count(&spec(&folder, location, Options::default())).unwrap().1, 3, "{location}");
    }
    assert_eq!(count(&spec(&folder, "in/*.zip", Options::default())).unwrap().1, 2);
}

#[test]
fn exclude_and_hidden_reach_the_members_of_archives() {
    let members: &[(&str, &[u8])] = &[
        ("a.csv", b"a\n1\n"),
        ("old/b.csv", b"a\n2\n3\n"),
        ("_c.csv", b"a\n4\n5\n6\n"),
        (".d/e.csv", b"a\n7\n8\n9\n10\n"),
        ("~$a.csv", b"lock"),
    ];
    let rows = |options: Options| in_zip(members, options).map(|(_, rows)| rows);
    let without = |patterns: &[&str]| -> Options {
        all().with("exclude", patterns.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(rows(all()), Ok(3));
    assert_eq!(rows(without(&["old/*"])), Ok(1));
    assert_eq!(rows(without(&["a.csv"])), Ok(2));
    assert_eq!(rows(all().with("hidden", true)), Ok(10));
    assert_eq!(rows(without(&["_*"]).with("hidden", true)), Ok(7));
    // The only data file is one of those that are left.
    assert_eq!(rows(Options::default().with("exclude", vec!["old/*".to_owned()])), Ok(1));
    // A member that is named in full is meant, as a path is.
    assert_eq!(rows(Options::default().with("member", "_c.csv")), Ok(3));
    let none = rows(without(&["*.csv"])).unwrap_err();
    assert!(none.ends_with("`exclude` leaves out all of its files"), "{none}");
    let hidden = in_zip(&members[2..4], Options::default()).unwrap_err();
    assert!(
        hidden.ends_with(
            "the archive holds hidden files alone, `.d/e.csv`, `_c.csv`: to read them, write `hidden: true`"
        ),
        "{hidden}"
    );
    // An archive whose members are all excluded is no file of the dataset.
    let folder = Folder::new();
    folder.write("in/a.csv", "a\n1\n");
    folder.write("in/old.zip", zip(&[("old/a.csv", b"a\n1\n")]));
    let options = Options::default().with("exclude", vec!["old.zip/*".to_owned()]);
    assert_eq!(count(&spec(&folder, "in", options)).unwrap().1, 1);
}

#[test]
fn a_file_and_its_copy_in_an_archive_never_count_twice() {
    let csv: &[u8] = b"a\n1\n2\n";
    for archive in ["a.csv.zip", "a.zip", "all.ZIP"] {
        for (member, packed) in [("a.csv", csv.to_vec()), ("a.csv.gz", gzip(csv))] {
            let folder = Folder::new();
            folder.write("in/a.csv", csv);
            folder.write(format!("in/{archive}"), zip(&[(member, &packed)]));
            for location in ["in", "in/*", "in/../in"] {
                let error = count(&spec(&folder, location, Options::default())).unwrap_err().to_string();
                assert!(error.contains("holds the same as") && error.contains("count twice"), "{archive}: {error}");
            }
            let options = Options::default().with("exclude", vec![archive.to_owned()]);
            assert_eq!(count(&spec(&folder, "in", options)).unwrap().1, 2);
        }
    }
    // A download that was repeated.
    let folder = Folder::new();
    folder.write("in/jan.zip", zip(&[("data.csv", csv)]));
    folder.write("in/jan (1).zip", zip(&[("data.csv", csv)]));
    assert!(count(&spec(&folder, "in", Options::default())).is_err());
    // Other rows under the same name, and days without rows.
    let folder = Folder::new();
    folder.write("in/jan.zip", zip(&[("data.csv", csv)]));
    folder.write("in/feb.zip", zip(&[("data.csv", b"a\n3\n")]));
    folder.write("in/mar.zip", zip(&[("data.csv", b"a\n")]));
    folder.write("in/apr.zip", zip(&[("data.csv", b"a\n")]));
    assert_eq!(count(&spec(&folder, "in", Options::default())).unwrap().1, 3);
    let folder = Folder::new();
    folder.write("in/a.csv", csv);
    folder.write("in/x.zip", zip(&[("sub/a.csv", csv)]));
    folder.write("in/sub/a.csv", csv);
    let error = count(&spec(&folder, "in", Options::default())).unwrap_err().to_string();
    assert!(error.contains("x.zip/sub/a.csv") && error.contains("count twice"), "{error}");
}

#[test]
fn it_is_never_guessed_which_member_is_meant() {
    let csv: &[u8] = b"a\n1\n";
    let two = in_zip(&[("a.csv", csv), ("b.csv", csv)], Options::default()).unwrap_err();
    assert!(two.contains("holds 2 data files, `a.csv`, `b.csv`: declare `member: \"*.csv\"` to read all"), "{two}");
    assert!(two.ends_with("or `member: \"a.csv\"` to read one"), "{two}");
    let mixed = in_zip(&[("a.csv", csv), ("b.json", b"[{}]")], Options::default()).unwrap_err();
    assert!(mixed.ends_with("`a.csv`, `b.json`: declare `member: \"a.csv\"` to read one"), "{mixed}");
    let both = in_zip(&[("a.csv", csv), ("b.json", b"[{}]")], Options::default().with("member", "*")).unwrap_err();
    assert!(both.contains("files of different formats"), "{both}");
    let none = in_zip(&[("a.pdf", csv), ("b.doc", csv)], Options::default()).unwrap_err();
    assert!(none.contains("holds no data file, as names show: it holds `a.pdf`, `b.doc`"), "{none}");
    let meant = in_zip(&[("people.csv", csv)], Options::default().with("member", "peple.csv")).unwrap_err();
    assert!(meant.contains("no member of the archive is called `peple.csv`: did you mean `people.csv`?"), "{meant}");
    let empty = in_zip(&[("a/", b"")], Options::default()).unwrap_err();
    assert!(empty.contains("the archive is empty"), "{empty}");
    let nested = in_zip(&[("a.csv", csv), ("b.zip", &zip(&[("c.csv", csv)]))], Options::default()).unwrap_err();
    assert!(nested.contains("holds another one, `b.zip`"), "{nested}");
    let named = in_zip(&[("b.zip", csv)], Options::default().with("member", "b.zip")).unwrap_err();
    assert!(named.contains("archives in archives are not read"), "{named}");
    let workbook = in_zip(&[("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")], Options::default());
    assert!(workbook.unwrap_err().contains("is a workbook"), "a workbook");
    let folder = Folder::of(&[("t.csv", "a\n1\n")]);
    let error = count(&spec(&folder, "t.csv", all())).unwrap_err().to_string();
    assert!(error.contains("`member` names files in a zip archive, and the data is none"), "{error}");
    assert!(in_archive(b"a\n1\n", Options::default()).unwrap_err().contains("is not a zip archive"));
}

#[test]
fn names_that_lead_out_of_an_archive_are_refused() {
    for name in ["../a.csv", "/tmp/a.csv", "x/../../a.csv", "C:\\a.csv", "..\\a.csv"] {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(b"a\n1\n").unwrap();
        let bytes = archive.finish().unwrap().into_inner();
        let found = in_archive(&bytes, Options::default());
        // The writer makes some of these names harmless.
        let plain = bytes.windows(name.len()).any(|part| part == name.as_bytes());
        match found {
            Err(error) => assert!(error.contains("leads out of the archive"), "{name}: {error}"),
            Ok(_) => assert!(!plain, "{name}"),
        }
    }
}

/// Sets bytes at a place from the start of the local header, and from that of the entry in the list.
fn patched(bytes: &[u8], local: usize, central: usize, value: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = bytes.windows(4).rposition(|part| part == b"PK\x01\x02").unwrap();
    bytes[local..local + value.len()].copy_from_slice(value);
    bytes[at + central..at + central + value.len()].copy_from_slice(value);
    bytes
}

#[test]
fn members_that_cannot_be_unpacked_say_why() {
    let sound = zip(&[("a.csv", b"a\n1\n2\n3\n")]);
    assert_eq!(in_archive(&sound, Options::default()).map(|(_, rows)| rows), Ok(3));
    let encrypted = in_archive(&patched(&sound, 6, 8, &[1, 0]), Options::default()).unwrap_err();
    assert!(encrypted.contains("x.zip/a.csv: the member is encrypted"), "{encrypted}");
    let method = in_archive(&patched(&sound, 8, 10, &[98, 0]), Options::default()).unwrap_err();
    assert!(method.contains("packed in a way that is not read") && method.contains("(ppmd)"), "{method}");
    let sum = in_archive(&patched(&sound, 14, 16, &[1, 2, 3, 4]), Options::default()).unwrap_err();
    assert!(sum.contains("the member of the archive is damaged"), "{sum}");
}

#[test]
fn damaged_archives_are_never_read_as_fewer_rows() {
    let text: String = std::iter::once("id,name\n".to_owned()).chain((0..300).map(|n| format!("{n},x{n}\n"))).collect();
    let packed = zip(&[("a.csv", text.as_bytes())]);
    for end in 1..packed.len() {
        let error = in_archive(&packed[..end], Options::default()).unwrap_err();
        assert!(!error.contains("panicked"), "{end}: {error}");
    }
    for at in 0..packed.len() {
        let mut damaged = packed.clone();
        damaged[at] ^= 0x55;
        match in_archive(&damaged, Options::default()) {
            Ok((_, rows)) => assert_eq!(rows, 300, "damaged at {at}"),
            Err(error) => assert!(!error.contains("panicked"), "{at}: {error}"),
        }
    }
}

#[test]
fn members_that_inflate_beyond_measure_are_refused() {
    let zeros = vec![b'0'; 80 << 20];
    let bomb = zip(&[("a.csv", &zeros)]);
    assert!(bomb.len() < 100_000);
    let error = in_archive(&bomb, Options::default()).unwrap_err();
    assert!(error.contains("grows to more than 1000 times its size"), "{error}");
}

#[test]
fn methods_of_other_programs_are_read() {
    let fixtures = crate::support::repository::fixture("archives");
    for name in ["bzip2.zip", "deflate64.zip", "zstd.zip", "xz.zip"] {
        let path = fixtures.join(name);
        let location = path.to_str().unwrap().to_owned();
        let spec = SourceSpec {
            location,
            further: Vec::new(),
            base: Path::new("/").to_owned(),
            format: None,
            options: Options::default(),
        };
        assert_eq!(count(&spec).unwrap().1, 1000, "{name}");
    }
}

#[test]
fn members_are_split_into_parts_of_their_names() {
    let folder = Folder::new();
    folder.write("x.zip", zip(&[("in/1.csv", b"id\n1\nx\n"), ("in/2.csv", b"id\n2\n")]));
    let suite = "suite: s\ndatasets: { t: { source: { path: x.zip, member: \"in/*\" }, columns: { id: { type: integer } } } }\n";
    folder.write("suite.yaml", suite);
    let output = program::run(&folder, &["audit", "suite.yaml", "--quarantine", "out"]);
    assert!(folder.path("out").exists(), "{}", program::stderr(&output));
    assert_eq!(folder.read("out/t/passing/1.csv"), "id\n1\n");
    assert_eq!(folder.read("out/t/failing/1.csv"), "id,failed_rules\nx,t.id.type\n");
    assert_eq!(folder.read("out/t/passing/2.csv"), "id\n2\n");
}

#[test]
fn an_archive_from_a_pipe_is_read() {
    let folder = Folder::of(&[("suite.yaml", "suite: s\ndatasets: { t: { source: '-' } }\n")]);
    let mut child = program::program(&folder)
        .args(["audit", "suite.yaml", "--format", "json"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&zip(&[("a.csv", b"a\n1\n2\n")])).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("-/a.csv"), "{output:?}");
}

#[test]
fn identify_takes_members_and_places() {
    let folder = Folder::new();
    folder.write("x.zip", zip(&[("a.csv", b"id\n1\n"), ("b.json", b"{\"d\": [{\"key\": 1}, {\"key\": 2}]}")]));
    let output =
        program::run(&folder, &["identify", "x.zip", "--read-with", "member=b.json", "--read-with", "records=d"]);
    let said = program::stdout(&output);
    assert!(said.contains("x.zip/b.json") && said.contains("2 rows"), "{said}{}", program::stderr(&output));
}
