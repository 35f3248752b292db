//! Rules about what is declared of a dataset, and about its columns and files as a whole.

use passmuster::model::{AuditReport, FaultKind, Status};

use crate::support::audits::run;
use crate::support::folder::Folder;
use crate::support::reports::rule;

fn audit(folder: &Folder, suite: &str) -> AuditReport {
    run(&folder.write("suite.yaml", suite), &[], 2)
}

/// Everything declared, and a file that keeps it. The digest is what `sha256sum` gives for the file.
const SHARED: &str = r"suite: s
as_of: 2026-01-31
datasets:
  d:
    source: d.csv
    owner: HR
    steward: hr@example.org
    sharing:
      license: CC-BY-4.0
      updates: monthly
      description: Who works here
      legal_basis: Labour code
      digest: sha256:c0d8f6ffd0aa63c2a67ab3c42ea9eb83ec2b9d6a5e4fa2dcb8c0a3ce1c8bb3a1
    columns:
      id: { describe: Number, pii: basic }
      changed: { type: date, describe: Last change, pii: none }
    rules:
      - { id: shared, check: shareable, updated: changed }
";

const PEOPLE: &str = "id,changed\n1,2025-12-31\n2,2026-01-02\n3,2026-02-01\n";

fn with_digest() -> String {
    use sha2::{Digest as _, Sha256};
    let hex = Sha256::digest(PEOPLE).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    SHARED.replace("c0d8f6ffd0aa63c2a67ab3c42ea9eb83ec2b9d6a5e4fa2dcb8c0a3ce1c8bb3a1", &hex)
}

#[test]
fn all_points_are_given_where_all_is_declared_and_kept() {
    let folder = Folder::new();
    folder.write("d.csv", PEOPLE);
    let report = audit(&folder, &with_digest());
    let shared = rule(&report, "shared");
    assert_eq!((shared.passed, shared.failed, shared.status), (170, 0, Status::Passed), "{}", shared.observed);
    assert_eq!(shared.observed, "170 of 170 points");
    assert_eq!(shared.details["description"], 30);
}

#[test]
fn each_requirement_costs_its_points() {
    let folder = Folder::new();
    folder.write("d.csv", PEOPLE);
    let cases = [
        ("      license: CC-BY-4.0\n", "", 20, "license (20): not declared"),
        ("    owner: HR\n", "", 10, "owner (10): not declared"),
        ("    steward: hr@example.org\n", "", 20, "contact (20): not declared"),
        ("steward: hr@example.org", "steward: the office", 20, "no e-mail address"),
        ("      description: Who works here\n", "", 30, "description (30): not declared"),
        ("      legal_basis: Labour code\n", "", 5, "legal_basis (5): not declared"),
        (
            "      id: { describe: Number, pii: basic }\n",
            "      id: { pii: basic }\n",
            30,
            "1 of 2 columns are not declared with `describe`: id",
        ),
        ("pii: none }", "}", 10, "1 of 2 columns are not declared with `pii`: changed"),
        ("updates: monthly", "updates: weekly", 20, "the newest changed is 2026-01-02, older than 1w"),
        ("      updates: monthly\n", "", 20, "updates (20): not declared"),
    ];
    for (from, to, points, problem) in cases {
        let suite = with_digest();
        assert!(suite.contains(from), "{from}");
        let report = audit(&folder, &suite.replace(from, to));
        let shared = rule(&report, "shared");
        assert_eq!((shared.passed, shared.failed), (170 - points, points), "{problem}: {}", shared.observed);
        assert!(shared.observed.contains(problem), "{problem}: {}", shared.observed);
    }
    // Another file under the same name.
    folder.write("d.csv", PEOPLE.replace('3', "4"));
    let report = audit(&folder, &with_digest());
    let shared = rule(&report, "shared");
    assert_eq!((shared.passed, shared.failed), (165, 5), "{}", shared.observed);
    assert!(shared.observed.contains("digest (5): the files have sha256:"), "{}", shared.observed);
    // Bytes that are not UTF-8.
    folder.write("d.csv", b"id,changed\n\xff,2026-01-02\n");
    let report = audit(&folder, SHARED);
    assert_eq!((rule(&report, "shared").passed, rule(&report, "shared").failed), (145, 25));
}

#[test]
fn nothing_declared_is_the_finding() {
    let folder = Folder::new();
    folder.write("d.csv", PEOPLE);
    let suite = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    rules:\n      - { id: all, check: shareable }\n      \
                 - { id: some, check: shareable, require: [license, encoding], at_least: 50% }\n";
    let report = audit(&folder, suite);
    assert_eq!((rule(&report, "all").passed, rule(&report, "all").failed), (20, 150));
    assert_eq!(rule(&report, "all").status, Status::Failed);
    assert_eq!((rule(&report, "some").passed, rule(&report, "some").failed), (20, 20));
    assert_eq!(rule(&report, "some").status, Status::Passed);
}

#[test]
fn the_digest_of_several_files_is_that_of_all_their_bytes() {
    use sha2::{Digest as _, Sha256};
    let folder = Folder::new();
    folder.write("d/part-2.csv", "id\n2\n");
    folder.write("d/part-1.csv", "id\n1\n");
    let hex = Sha256::digest("id\n1\nid\n2\n").iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let suite = format!(
        "suite: s\ndatasets:\n  d:\n    source: d\n    sharing: {{ digest: \"sha256:{hex}\" }}\n    rules:\n      \
         - {{ id: digest, check: shareable, require: digest }}\n"
    );
    assert_eq!(rule(&audit(&folder, &suite), "digest").status, Status::Passed);
}

const WELL_FORMED: &str = "suite: s\ndatasets:\n  d:\n    source: d.csv\n    missing: [NA]\n    rules:\n      \
                           - { check: well_formed, no_empty_columns: true, no_constant_columns: true }\n";

#[test]
fn empty_and_constant_columns_fail_where_that_is_asked() {
    let folder = Folder::new();
    let data = "id,none,same,flag,once\n1,,x,Y,\n2,NA,x,,\n3, ,x,Y,z\n";
    folder.write("d.csv", data);
    let report = audit(&folder, WELL_FORMED);
    let found = rule(&report, "d.well_formed");
    // A flag that is there or not is no constant.
    assert_eq!((found.passed, found.failed), (3, 2), "{}", found.observed);
    assert_eq!((found.details["empty_columns"], found.details["constant_columns"]), (1, 1));
    assert_eq!(found.observed, "1 × empty column (none), 1 × constant column (same)");

    let plain = WELL_FORMED.replace(", no_empty_columns: true, no_constant_columns: true", "");
    assert_eq!(rule(&audit(&folder, &plain), "d.well_formed").failed, 0);
    // One row cannot be constant, none cannot be empty.
    for (data, failed) in [("id,none\n1,\n", 1), ("id,none\n", 0), ("id\n7\n7\n", 1), ("id\n7\n\n8\n", 0)] {
        folder.write("d.csv", data);
        assert_eq!(rule(&audit(&folder, WELL_FORMED), "d.well_formed").failed, failed, "{data:?}");
    }
}

#[test]
fn lines_that_end_in_two_ways_are_a_fault_of_the_file() {
    let folder = Folder::new();
    let cases = [
        ("a,b\r\n1,2\r\n3,4\r\n", 0, 0),
        ("a,b\n1,2\n3,4", 0, 0),
        ("a,b\n1,2\r\n3,4\r\n", 1, 2),
        ("a,b\r\n1,2\r\n3,4\n", 1, 3),
        // The last line does not end; line ends inside of quotes are text; empty lines hold no record.
        ("a,b\r\n1,\"x\ny\"\r\n\n3,4", 0, 0),
        ("a,b\r\n1,\"x\ny\"\r\n3,4\n", 1, 4),
    ];
    for (data, files, line) in cases {
        folder.write("d.csv", data);
        let plain = WELL_FORMED.replace(", no_empty_columns: true, no_constant_columns: true", "");
        let report = audit(&folder, &plain);
        let found = rule(&report, "d.well_formed");
        assert_eq!(found.failed, files, "{data:?}");
        let faults: Vec<_> = report.datasets[0].faults.iter().map(|fault| (fault.kind, fault.line)).collect();
        let expected = if files > 0 { vec![(FaultKind::MixedLineEnds, line)] } else { vec![] };
        assert_eq!(faults, expected, "{data:?}");
    }
    // Each file for itself.
    folder.write("two/1.csv", "a\n1\n");
    folder.write("two/2.csv", "a\r\n1\r\n");
    let report = audit(&folder, "suite: s\ndatasets:\n  d: { source: two }\n");
    assert_eq!(rule(&report, "d.well_formed").failed, 0);
}
