//! What is written is read back, and what was changed since is refused.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::{
    EVIDENCE_FORMAT, EvidenceDataset, EvidenceKey, EvidenceManifest, FailedRule, FailingGroup, FailingRow, Statement,
    TableFact, ToolFacts,
};

fn dataset(name: &str, key: &[String], revealed: &[String]) -> EvidenceDataset {
    let key = key.iter().map(|column| EvidenceKey { column: column.clone(), personal: false, token: false });
    EvidenceDataset {
        name: name.to_owned(),
        title: None,
        owner: None,
        steward: None,
        files: vec!["a.csv".to_owned()],
        failing: None,
        groups: None,
        key: key.collect(),
        revealed: revealed.to_vec(),
        not_listed: None,
    }
}

fn manifest(datasets: Vec<EvidenceDataset>) -> EvidenceManifest {
    let text = str::to_owned;
    EvidenceManifest {
        format: text(EVIDENCE_FORMAT),
        digest: String::new(),
        tool: ToolFacts { name: text("passmuster"), version: text("0.0.0"), engine: text("local") },
        suite: text("register"),
        rules_hash: text("00"),
        as_of: text("2026-01-01"),
        result: text("11"),
        tokens: None,
        datasets,
        rules: Vec::new(),
        notices: Vec::new(),
    }
}

fn row(record: u64) -> FailingRow {
    let failed = |rule: &str, reason: Option<&str>| FailedRule { rule: rule.into(), reason: reason.map(Into::into) };
    FailingRow {
        file: "a.csv".into(),
        record,
        line: Some(record + 1),
        key: vec![Some(format!("k{record}"))],
        failed: vec![failed("id.unique", None), failed("name.tidy", Some("double_space, edge_space"))],
        cells: Vec::new(),
    }
}

/// Writes a folder with one dataset.
fn write(folder: &Path, mut dataset: EvidenceDataset, rows: &[FailingRow], groups: &[FailingGroup]) -> EvidenceDataset {
    let evidence = EvidenceFolder::create(folder, true, &[dataset.name.as_str()]).expect("a folder");
    let key: Vec<String> = dataset.key.iter().map(|key| key.column.clone()).collect();
    let mut table = evidence.failing_table(&dataset.name, &key, &dataset.revealed).expect("a table");
    for row in rows {
        table.push(row).expect("written");
    }
    dataset.failing = Some(table.finish().expect("written"));
    let mut table = evidence.groups_table(&dataset.name).expect("a table");
    for group in groups {
        table.push(group).expect("written");
    }
    dataset.groups = Some(table.finish().expect("written"));
    evidence.finish(manifest(vec![dataset.clone()])).expect("written");
    dataset
}

/// Reads the only dataset of a folder.
fn read(folder: &Path) -> (EvidenceDataset, Vec<FailingRow>, Vec<FailingGroup>) {
    let evidence = Evidence::open(folder).expect("evidence");
    let dataset = evidence.manifest().datasets[0].clone();
    let rows = evidence.failing(&dataset).expect("a table").expect("a table").collect::<Result<_, _>>();
    let groups = evidence.groups(&dataset).expect("a table").expect("a table").collect::<Result<_, _>>();
    (dataset, rows.expect("rows"), groups.expect("groups"))
}

fn texts() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(prop_oneof!["[ -~]{0,12}", "\\PC{0,6}", Just("\u{0}=cmd|' /C calc'!A0\r\n".to_owned())])
}

fn failing_row(key: usize, cells: usize) -> impl Strategy<Value = FailingRow> {
    let failed =
        (prop_oneof!["a", "b", "[a-z]{1,9}"], proptest::option::of(prop_oneof!["shape", "cluster [0-9]{1,5}"]));
    let place = (prop_oneof!["a.csv", "b/\\PC{1,5}.csv"], 1..1_u64 << 62, proptest::option::of(1..1_u64 << 62));
    let values = |columns: usize| proptest::collection::vec(texts(), columns..=columns);
    (place, values(key), proptest::collection::vec(failed, 0..4), values(cells)).prop_map(
        |((file, record, line), key, failed, cells)| FailingRow {
            file: file.into(),
            record,
            line,
            key,
            failed: failed
                .into_iter()
                .map(|(rule, reason)| FailedRule { rule: rule.into(), reason: reason.map(Into::into) })
                .collect(),
            cells,
        },
    )
}

fn failing_group() -> impl Strategy<Value = FailingGroup> {
    let key = proptest::collection::vec(("[a-z]{1,5}", texts()), 0..3);
    let says = ("[a-z]{1,5}", "[a-z]{1,5}", proptest::option::of(0..1_u64 << 62), texts());
    (key, proptest::collection::vec(says, 0..5), texts(), texts()).prop_map(|(key, says, first, last)| {
        let (key_columns, key) = key.into_iter().unzip();
        let says =
            says.into_iter().map(|(side, measure, count, value)| Statement { side, measure, count, value }).collect();
        FailingGroup { rule: "r".to_owned(), key_columns, key, says, why: "differs".to_owned(), first, last }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_back(
        (key, cells, rows) in (0..4_usize, 0..4_usize).prop_flat_map(|(key, cells)| {
            (Just(key), Just(cells), proptest::collection::vec(failing_row(key, cells), 0..60))
        }),
        groups in proptest::collection::vec(failing_group(), 0..40),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let columns = |count: usize| (0..count).map(|at| format!("c {at}")).collect::<Vec<_>>();
        let written = write(folder.path(), dataset("d", &columns(key), &columns(cells)), &rows, &groups);
        let (dataset, found_rows, found_groups) = read(folder.path());
        prop_assert_eq!(&dataset, &written);
        prop_assert_eq!(found_rows, rows);
        prop_assert_eq!(found_groups, groups);
    }
}

#[test]
fn several_row_groups_of_many_files_are_one_table() {
    let rows: Vec<FailingRow> = (0..250_001)
        .map(|at| FailingRow { file: format!("part-{:04}.csv", at / 84).into(), ..row(at % 84 + 1) })
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let written = write(folder.path(), dataset("d", &["id".to_owned()], &[]), &rows, &[]);
    let (_, found, _) = read(folder.path());
    assert!(found == rows);
    let table = written.failing.expect("a table");
    assert_eq!(table.rows, 250_001);
    // Paths and rules are in dictionaries, and numbers that go up pack well.
    assert!(table.bytes < 3 << 20, "{} bytes", table.bytes);
}

#[test]
fn a_table_may_have_thousands_of_columns() {
    let columns: Vec<String> = (0..5_000).map(|at| format!("column {at}")).collect();
    let cells = |record: u64| (0..5_000).map(|at| (at % 7 > 0).then(|| format!("{record} {at}"))).collect();
    let rows: Vec<FailingRow> = (1..=20).map(|record| FailingRow { cells: cells(record), ..row(record) }).collect();
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), dataset("wide", &["id".to_owned()], &columns), &rows, &[]);
    let (_, found, _) = read(folder.path());
    assert!(found == rows);
}

#[test]
fn empty_tables_are_tables() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), dataset("d", &[], &[]), &[], &[]);
    let (dataset, rows, groups) = read(folder.path());
    assert_eq!((rows.len(), groups.len()), (0, 0));
    assert_eq!(dataset.failing.expect("a table").rows, 0);
}

#[test]
fn a_dataset_named_like_a_path_stays_in_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("evidence");
    let names = ["../../etc/passwd", "..", "/a", "a b", "ä", "con:", "a%2Fb", "a/b"];
    for name in names {
        let written = write(&inner, dataset(name, &[], &[]), &[], &[]);
        let file = written.failing.expect("a table").file;
        assert!(inner.join(&file).is_file() && !file.contains(['/', ':']), "{file}");
        read(&inner);
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    assert_eq!(fs::read_dir(inner).expect("a folder").count(), 2 * names.len() + 1);
}

#[test]
fn a_row_of_another_width_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = EvidenceFolder::create(folder.path(), false, &["d"]).expect("a folder");
    let mut table = evidence.failing_table("d", &[], &[]).expect("a table");
    assert!(matches!(table.push(&row(1)), Err(EvidenceError::Width { given: 1, expected: 0, .. })));
}

#[test]
fn a_folder_that_is_not_finished_has_no_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let evidence = EvidenceFolder::create(folder.path(), false, &["d"]).expect("a folder");
    let mut table = evidence.failing_table("d", &["id".to_owned()], &[]).expect("a table");
    table.push(&row(1)).expect("written");
    table.finish().expect("written");
    drop(evidence);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), dataset("d", &["id".to_owned()], &[]), &[row(1)], &[]);
    for entry in fs::read_dir(folder.path()).expect("a folder") {
        let metadata = entry.and_then(|entry| entry.metadata()).expect("a file");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
}

/// The error of a folder after this change to it.
fn error_after(change: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), dataset("d", &["id".to_owned()], &[]), &[row(1), row(2)], &[]);
    change(folder.path());
    let error = Evidence::open(folder.path()).expect_err("refused").to_string();
    error.replace(&folder.path().display().to_string(), "DIR")
}

fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("a file");
    change(&mut bytes);
    fs::write(path, bytes).expect("written");
}

/// Changes the manifest as JSON, without a new digest.
fn edit(folder: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    rewrite(&folder.join(MANIFEST), |bytes| {
        let mut value = serde_json::from_slice(bytes).expect("JSON");
        change(&mut value);
        *bytes = value.to_string().into_bytes();
    });
}

/// Changes the manifest, with a digest that fits.
fn forge(folder: &Path, change: impl FnOnce(&mut EvidenceManifest)) {
    rewrite(&folder.join(MANIFEST), |bytes| {
        let mut manifest = serde_json::from_slice(bytes).expect("a manifest");
        change(&mut manifest);
        *bytes = manifest::manifest_text(manifest).expect("JSON").into_bytes();
    });
}

fn table_of(manifest: &mut EvidenceManifest) -> &mut TableFact {
    manifest.datasets[0].failing.as_mut().expect("a table")
}

#[test]
fn folders_that_are_no_evidence_are_refused() {
    assert!(
        error_after(|folder| fs::remove_file(folder.join(MANIFEST)).expect("gone")).contains("has no evidence.json")
    );
    let newer = error_after(|folder| edit(folder, |manifest| manifest["format"] = json!("passmuster.evidence/2")));
    assert!(newer.contains("passmuster.evidence/2") && newer.contains("newer version"), "{newer}");
    let other = error_after(|folder| edit(folder, |manifest| manifest["format"] = json!("passmuster.audit/1")));
    assert!(other.contains("its format is `passmuster.audit/1`"), "{other}");
    assert!(error_after(|folder| edit(folder, |manifest| *manifest = json!([1]))).contains("no `format`"));
    assert!(error_after(|folder| rewrite(&folder.join(MANIFEST), |bytes| bytes.truncate(9))).contains("cut off"));
    let gone = Evidence::open(Path::new("/nowhere/at/all")).expect_err("refused").to_string();
    assert_eq!(gone, "the evidence folder /nowhere/at/all does not exist");
    let file = tempfile::NamedTempFile::new().expect("a file");
    assert!(Evidence::open(file.path()).expect_err("refused").to_string().contains("is not a folder"));
}

#[test]
fn files_that_were_changed_since_are_refused() {
    let table = "d.failing.parquet";
    let edited = error_after(|folder| edit(folder, |manifest| manifest["result"] = json!("22")));
    assert!(edited.contains("DIR/evidence.json was changed"), "{edited}");
    assert!(error_after(|folder| edit(folder, |manifest| manifest["suite"] = json!(1))).contains("was changed"));
    assert!(error_after(|folder| fs::remove_file(folder.join(table)).expect("gone")).contains("is missing"));
    let cut = error_after(|folder| rewrite(&folder.join(table), |bytes| bytes.truncate(bytes.len() - 1)));
    assert!(cut.contains("DIR/d.failing.parquet was changed or cut off") && cut.contains("its size"), "{cut}");
    let flipped = error_after(|folder| rewrite(&folder.join(table), |bytes| bytes[9] ^= 1));
    assert!(flipped.contains("its SHA-256"), "{flipped}");
    let rows = error_after(|folder| forge(folder, |manifest| table_of(manifest).rows += 1));
    assert!(rows.contains("its number of rows"), "{rows}");
    let columns = error_after(|folder| forge(folder, |manifest| manifest.datasets[0].key.clear()));
    assert!(columns.contains("cannot be decoded"), "{columns}");
    let elsewhere = error_after(|folder| {
        forge(folder, |manifest| "../d.failing.parquet".clone_into(&mut table_of(manifest).file));
    });
    assert!(elsewhere.contains("is missing"), "{elsewhere}");
}

#[test]
fn a_damaged_table_with_the_right_hash_is_no_panic() {
    use sha2::Digest as _;
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), dataset("d", &["id".to_owned()], &[]), &[row(1), row(2)], &[]);
    let path = folder.path().join("d.failing.parquet");
    let sound = fs::read(&path).expect("a file");
    for at in (0..sound.len()).step_by(3) {
        let mut damaged = sound.clone();
        damaged[at] ^= 0x55;
        fs::write(&path, &damaged).expect("written");
        forge(folder.path(), |manifest| {
            table_of(manifest).sha256 = hex::encode(sha2::Sha256::digest(&damaged));
        });
        // Any outcome is right but a panic.
        if let Ok(evidence) = Evidence::open(folder.path()) {
            let dataset = &evidence.manifest().datasets[0];
            let rows = evidence.failing(dataset).map(|rows| rows.map(Iterator::count));
            assert!(rows.is_err() || rows.is_ok());
        }
    }
}
