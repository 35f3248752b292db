//! What a run reads: no report replaces it, and no message shows lines of it.

use std::fs::{self, File, OpenOptions};
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::support::folder::Folder;
use crate::support::program::{code, program, run, stderr, stdout};

const PART: &str = "codelists: { cities: { source: lists/cities.csv, key: code } }\n";

const SUITE: &str = "\
suite: people
extends: part.yaml
as_of: 2026-11-01
datasets:
  people:
    source: people.csv
    rules:
      - { check: allowed, column: city, values: { codelist: cities } }
      - { id: cities, check: steady, column: city, max: 0.5, against: results/old.json }
  visits: { source: visits, columns: { id: { required: true } } }
";

/// As many people as a distribution needs.
fn people() -> String {
    (0..40).fold("id,city\n".to_owned(), |text, id| text + &format!("{id},{}\n", if id % 2 == 0 { "HU" } else { "HN" }))
}

/// A suite that reads a file of every kind.
fn folder() -> Folder {
    let folder = Folder::of(&[
        ("suite.yaml", SUITE),
        ("part.yaml", PART),
        ("lists/cities.csv", "code,name\nHU,Hue\n"),
        ("people.csv", &people()),
        ("visits/2025/a.csv", "id\n1\n"),
        ("first.yaml", &SUITE.replace(", against: results/old.json", "")),
        ("results/other.json", "{}\n"),
    ]);
    let made =
        run(&folder, &["audit", "first.yaml", "--fail-on", "none", "--format", "json", "--output", "results/old.json"]);
    assert_eq!(code(&made), 0, "{}", stderr(&made));
    folder
}

/// The names of all files with what they hold.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

const INPUTS: [(&str, &str); 6] = [
    ("suite.yaml", "a file of the suite"),
    ("part.yaml", "a file of the suite"),
    ("lists/cities.csv", "the file of the code list `cities`"),
    ("results/old.json", "a baseline that rules compare with"),
    ("people.csv", "data of `people`"),
    ("visits/2025/a.csv", "data of `visits`"),
];

#[test]
fn no_input_is_replaced_under_any_of_its_names() {
    let folder = folder();
    let other = Folder::new();
    for (at, (input, role)) in INPUTS.into_iter().enumerate() {
        let path = folder.path(input).canonicalize().unwrap();
        let mut names = vec![input.to_owned(), path.display().to_string(), format!("lists/../{input}")];
        #[cfg(unix)]
        {
            let (soft, hard) = (other.path(format!("{at}.soft")), other.path(format!("{at}.hard")));
            std::os::unix::fs::symlink(&path, &soft).unwrap();
            fs::hard_link(&path, &hard).unwrap();
            names.extend([soft, hard].map(|name| name.display().to_string()));
        }
        let before = (contents(folder.root()), contents(other.root()));
        for name in names {
            for option in ["--output", "--profile"] {
                let output = run(&folder, &["audit", "suite.yaml", option, &name]);
                let message = stderr(&output);
                assert_eq!((code(&output), stdout(&output).as_str()), (2, ""), "{option} {name}");
                let document = if option == "--output" { "report" } else { "profile" };
                let wanted = format!(
                    "error: refusing to write the {document} to {name}: it is {role}; choose another {option}\n"
                );
                assert_eq!(message, wanted);
            }
        }
        assert_eq!((contents(folder.root()), contents(other.root())), before);
    }
}

#[cfg(unix)]
#[test]
fn files_that_data_links_to_are_spared() {
    let (folder, other) = (folder(), Folder::of(&[("far.csv", "id\n2\n"), ("near.csv", "id\n3\n")]));
    std::os::unix::fs::symlink(other.path("far.csv"), folder.path("visits/2025/b.csv")).unwrap();
    fs::hard_link(other.path("near.csv"), folder.path("visits/2025/c.csv")).unwrap();
    for name in ["far.csv", "near.csv"] {
        let target = other.path(name).display().to_string();
        let output = run(&folder, &["audit", "suite.yaml", "--output", &target]);
        assert!(code(&output) == 2 && stderr(&output).contains("data of `visits`"), "{}", stderr(&output));
        let glob = folder.path("visits/*/*.csv").display().to_string();
        let output = run(&folder, &["identify", &glob, "--output", &target]);
        assert!(code(&output) == 2 && stderr(&output).contains("data of the export"), "{}", stderr(&output));
    }
}

#[test]
fn baselines_of_the_command_line_are_spared_and_others_are_not() {
    let folder = folder();
    fs::copy(folder.path("results/old.json"), folder.path("results/older.json")).unwrap();
    let audit = ["audit", "suite.yaml", "--fail-on=none", "--format=json", "--baseline=results/older.json", "--output"];
    let output = run(&folder, &[&audit[..], &["results/older.json"]].concat());
    assert!(code(&output) == 2 && stderr(&output).contains("a baseline"), "{}", stderr(&output));
    // It is not read, and neither is what is not named.
    for name in ["results/old.json", "results/other.json"] {
        let output = run(&folder, &[&audit[..], &[name]].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
    }
}

/// Runs with a file as standard input, and perhaps with one to whose end standard output goes.
fn redirected(folder: &Folder, args: &[&str], input: &str, output: Option<&str>) -> Output {
    let mut command = program(folder);
    command.args(args).stdin(File::open(folder.path(input)).unwrap());
    if let Some(output) = output {
        command.stdout(Stdio::from(OpenOptions::new().append(true).open(folder.path(output)).unwrap()));
        command.stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap()
    } else {
        command.output().unwrap()
    }
}

#[cfg(unix)]
#[test]
fn the_file_behind_standard_input_is_spared() {
    let folder = folder();
    fs::hard_link(folder.path("people.csv"), folder.path("hard.txt")).unwrap();
    for target in ["people.csv", "hard.txt"] {
        for option in ["--output", "--profile"] {
            let args = ["audit", "suite.yaml", "--data", "people=-", option, target];
            let output = redirected(&folder, &args, "people.csv", None);
            assert!(code(&output) == 2 && stderr(&output).contains("data of `people`"), "{}", stderr(&output));
        }
        for file in ["-", "/dev/stdin"] {
            let args = ["identify", file, "--input-format", "csv", "--output", target];
            let output = redirected(&folder, &args, "people.csv", None);
            assert!(code(&output) == 2 && stderr(&output).contains("data of the export"), "{}", stderr(&output));
        }
    }
    assert_eq!(folder.read("people.csv"), people());
    // A file that is no input may be replaced.
    let args = ["identify", "-", "--input-format", "csv", "--format", "json", "--output", "results/other.json"];
    let output = redirected(&folder, &args, "people.csv", None);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn standard_output_does_not_go_into_an_input() {
    let folder = folder();
    let before = contents(folder.root());
    for (input, role) in INPUTS {
        let output = redirected(&folder, &["audit", "suite.yaml"], "first.yaml", Some(input));
        let message = stderr(&output);
        assert_eq!(code(&output), 2, "{message}");
        assert!(message.contains(role) && message.contains("send it to another file"), "{message}");
    }
    let args = ["identify", "-", "--input-format", "csv"];
    assert_eq!(code(&redirected(&folder, &args, "people.csv", Some("people.csv"))), 2);
    assert_eq!(contents(folder.root()), before);
    assert_eq!(code(&redirected(&folder, &args, "people.csv", Some("results/other.json"))), 0);
}

/// Data of persons, in the forms that data has.
const PERSONS: &[(&str, &[u8])] = &[
    ("people.csv", b"id,name,phone\n1,Nguyen Van Secret,0912345678\n2,Tran Secret,0987654321\n"),
    ("no-header.csv", b"1,Nguyen Van Secret,0912345678\n"),
    ("colons.csv", b"Nguyen Secret: 0912345678\nTran Secret: 0987654321\n"),
    ("one.csv", b"Nguyen Secret\n"),
    ("quotes.csv", b"\"Secret, Nguyen\",\"0912345678\"\n\"Secret, Tran\",\"0987654321\"\n"),
    ("tags.csv", b"name;note\nSecret;!x *y &z {0912345678: [\n"),
    ("tabs.tsv", b"name\tphone\nSecret\t0912345678\n"),
    ("lines.ndjson", b"{\"name\": \"Secret\", \"phone\": \"0912345678\"}\n{\"name\": \"Secret\"}\n"),
    ("record.jsonl", b"{\"title\": \"Dr\", \"name\": \"Secret\", \"suite\": \"12B\", \"phone\": \"0912345678\"}\n"),
    ("list.jsonl", b"- Secret Nguyen\n- Secret Tran\n"),
    ("latin.csv", b"name,city\nSecret Andr\xe9,Hu\xe9\n"),
    ("bytes.parquet", b"PAR1Secret\0\x01\xff0912345678PAR1"),
    ("keys.csv", b"suite: Secret\ndatasets: 0912345678\n"),
];

#[test]
fn lines_of_data_are_not_shown_where_a_suite_is_expected() {
    let folder = Folder::of(&[("other.csv", "id\n1\n")]);
    for (name, bytes) in PERSONS {
        // The last one has the form of a suite, so only its name shows what it is.
        let names = match *name {
            "keys.csv" => vec![(*name).to_owned()],
            name => ["yaml", "txt", "json"]
                .map(|end| format!("{name}.{end}"))
                .into_iter()
                .chain([name.to_owned()])
                .collect(),
        };
        for name in names {
            folder.write(&name, bytes);
            folder.write(
                "suite.yaml",
                format!("suite: s\nextends: {name}\ndatasets: {{ a: {{ source: other.csv }} }}\n"),
            );
            for args in [
                &["lint", &name][..],
                &["audit", &name],
                &["explain", &name],
                &["lint", "suite.yaml"],
                &["audit", "suite.yaml", &name],
            ] {
                let output = run(&folder, args);
                let shown = stdout(&output) + &stderr(&output);
                assert_eq!(code(&output), 2, "{args:?}: {shown}");
                assert!(!shown.contains("Secret") && !shown.contains("09"), "{args:?}: {shown}");
                assert!(shown.contains("is not a suite") && shown.contains("source: FILE"), "{args:?}: {shown}");
            }
        }
    }
}

#[test]
fn timestamps_with_an_offset_become_utc() {
    let folder = Folder::of(&[
        ("people.csv", "id,city\n1,HU\n"),
        (
            "suite.yaml",
            "suite: s\nas_of: ${now}\nparams: { now: 2026-11-01T06:00:00+07:00 }\ndatasets: { a: { source: people.csv } }\n",
        ),
    ]);
    let as_of = |args: &[&str]| {
        let output = run(&folder, &[&["audit", "suite.yaml", "--format", "json"], args].concat());
        assert_eq!(code(&output), 0, "{args:?}: {}", stderr(&output));
        let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
        report["as_of"].as_str().unwrap().to_owned()
    };
    assert_eq!(as_of(&[]), "2026-10-31T23:00:00");
    for (given, utc) in [
        ("2026-11-01", "2026-11-01"),
        ("2026-11-01T06:00:00", "2026-11-01T06:00:00"),
        ("2026-11-01T06:00:00Z", "2026-11-01T06:00:00"),
        ("2026-11-01T06:00:00z", "2026-11-01T06:00:00"),
        ("2026-11-01 06:00:00+00", "2026-11-01T06:00:00"),
        ("2026-11-01T06:00:00.25+07:00", "2026-10-31T23:00:00.25"),
        ("2026-12-31T23:30:00-05:00", "2027-01-01T04:30:00"),
        ("2026-03-01T00:15:00+05:45", "2026-02-28T18:30:00"),
    ] {
        assert_eq!(as_of(&["--as-of", given]), utc);
        assert_eq!(as_of(&["--set", &format!("now={given}")]), utc);
    }
    for given in
        ["2026-11-01T06:00:00+99:00", "2026-11-01T06:00:00+07:00[Asia/Saigon]", "2026-11-01Z", "2026-11-01+07:00"]
    {
        let output = run(&folder, &["audit", "suite.yaml", "--as-of", given]);
        assert!(code(&output) == 2 && stderr(&output).contains("+07:00"), "{given}: {}", stderr(&output));
        let output = run(&folder, &["lint", "suite.yaml", "--set", &format!("now={given}")]);
        assert!(code(&output) == 2 && stdout(&output).contains("as_of"), "{given}: {}", stdout(&output));
    }
}

#[test]
fn today_is_the_date_in_utc_in_every_time_zone() {
    let folder = Folder::of(&[
        ("people.csv", "id,city\n1,HU\n"),
        ("suite.yaml", "suite: s\ndatasets: { a: { source: people.csv } }\n"),
    ]);
    let audit = |zone: &str| {
        let args = ["audit", "suite.yaml", "--format", "json"];
        let output = program(&folder).args(args).env("TZ", zone).output().unwrap();
        let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
        report["as_of"].as_str().unwrap().to_owned()
    };
    let utc = || jiff::Timestamp::now().to_string()[..10].to_owned();
    for zone in ["<+14>-14", "<-12>12", "UTC"] {
        let (before, found, after) = (utc(), audit(zone), utc());
        assert!(found == before || found == after, "{zone}: {found}");
    }
}

#[test]
fn json_cannot_steer_a_terminal() {
    let folder = Folder::of(&[
        ("people.csv", "i\u{202e}d,c\u{9b}31m\n1,2\n"),
        ("suite.yaml", "suite: \"s\\u202e\"\ntitle: \"t\\x9b31m \\u2066\"\ndatasets: { a: { source: people.csv } }\n"),
    ]);
    for args in [&["audit", "suite.yaml", "--format", "json"][..], &["identify", "people.csv", "--format", "json"]] {
        let text = stdout(&run(&folder, args));
        assert!(text.contains(r"i\u202ed") && text.contains(r"c\u009b31m"), "{text}");
        assert!(!text.contains(['\u{202e}', '\u{9b}', '\u{2066}']), "{text}");
        let report: Value = serde_json::from_str(&text).unwrap();
        assert!(report.to_string().contains('\u{202e}'));
    }
    run(&folder, &["audit", "suite.yaml", "--profile", "cost.json"]);
    assert!(!folder.read("cost.json").contains('\u{202e}'));
}

#[test]
fn frames_without_a_checksum_are_reported() {
    let pack = |text: &str, checksum: bool| {
        let mut packer = zstd::Encoder::new(Vec::new(), 1).unwrap();
        packer.include_checksum(checksum).unwrap();
        std::io::Write::write_all(&mut packer, text.as_bytes()).unwrap();
        packer.finish().unwrap()
    };
    let folder = Folder::of(&[("suite.yaml", "suite: s\ndatasets: { a: { source: a.csv.zst } }\n")]);
    for (bytes, verified, absent) in [
        (pack("id\n1\n2\n", true), 1, 0),
        (pack("id\n1\n2\n", false), 0, 1),
        ([pack("id\n1\n", false), pack("2\n", true)].concat(), 1, 1),
    ] {
        folder.write("a.csv.zst", bytes);
        let audit = ["audit", "suite.yaml"];
        let report: Value =
            serde_json::from_str(&stdout(&run(&folder, &[&audit[..], &["--format", "json"]].concat()))).unwrap();
        let dataset = &report["datasets"][0];
        let frames = serde_json::json!({ "verified": verified, "mismatched": 0, "absent": absent });
        assert_eq!(dataset["files"][0]["frames"], frames);
        assert_eq!(dataset["rules"][0]["details"]["frames_without_checksum"], absent, "{report}");
        let table = stdout(&run(&folder, &[&audit[..], &["-v"]].concat()));
        assert!(table.contains(&format!("frame checksums: {verified} verified, {absent} absent")), "{table}");
        assert_eq!(code(&run(&folder, &[&audit[..], &["--verify"]].concat())), 0);
    }
}
