//! `similar`: a table worked out by hand, its limits, and the message for each mistake in a rule at its place.

use passmuster::engine::MemoryLimit;
use passmuster::model::{DataType, RuleReport, Status};
use passmuster::rules::{LoadOptions, Schemas, load};
use passmuster::source::SourceColumn;

use crate::support::audits::{ALL_MEMORY, options, run_within};
use crate::support::folder::Folder;
use crate::support::reports::{assert_judged, rule};

const PEOPLE: &str = "given,family,born\n\
    Martha,Jones,1984-03-12\n\
    MARHTA,jones,1984-12-03\n\
    Jones,Martha,1984-03-12\n\
    Dwayne,Smith,\n\
    Duane,Smith,\n\
    Dwayne,,\n\
    ,,\n\
    Anna,Lee,1984-02-30\n";

/// Audits one rule over the people.
fn audit(people: &str, keys: &str, memory: MemoryLimit) -> RuleReport {
    let folder = Folder::new();
    folder.write("people.csv", people);
    let columns = "    columns: { born: { type: date } }\n";
    let rules = format!(
        "    rules:\n      - id: twice\n        check: similar\n        {}\n",
        keys.replace('\n', "\n        ")
    );
    let suite =
        folder.write("suite.yaml", format!("suite: s\ndatasets:\n  people:\n    source: people.csv\n{columns}{rules}"));
    rule(&run_within(memory, &suite, &[], 2), "twice").clone()
}

const COMPARE: &str =
    "compare: { given: jaro_winkler, family: jaro_winkler, born: date }\nswap: [given, family]\nscore: 0.9";

/// Martha and Marhta have the similarity 0.961111 (published), Dwayne and Duane by 0.84; day and month exchanged are worth 0.9;
/// the third row has the names of the first in each other's place; the sixth lacks more than half of the weights.
#[test]
fn a_table_worked_out_by_hand() {
    let rule = audit(PEOPLE, &format!("{COMPARE}\nblock_on: all"), ALL_MEMORY);
    let pairs: Vec<(u64, u64, u32)> =
        rule.pairs.iter().map(|pair| (pair.first.record, pair.second.record, pair.score)).collect();
    assert_eq!(pairs, [(1, 2, 953_703), (1, 3, 1_000_000), (2, 3, 953_703), (4, 5, 920_000)]);
    assert_eq!((rule.passed, rule.failed, rule.not_applicable, rule.unreadable), (1, 6, 1, 1));
    let details: Vec<(&str, u64)> = rule.details.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    let expected = [
        ("blocks_capped", 0),
        ("candidate_pairs", 15),
        ("clusters", 2),
        ("keys", 1),
        ("largest_cluster", 3),
        ("max_pairs", 1_000_000),
        ("pairs", 4),
        ("pairs_listed", 4),
        ("pairs_skipped", 0),
        ("values_cut", 0),
    ];
    assert_eq!(details, expected);
    assert_eq!(
        rule.observed,
        "5 of 7 rows are similar: 4 pairs in 2 clusters, the largest of 3 rows, 1 have an unparseable value; 15 candidate pairs compared"
    );
    let lines: Vec<Option<u64>> = rule.failing_rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6].map(Some));
    assert_eq!(rule.pairs[3].second.line, Some(6));
}

#[test]
fn keys_decide_what_is_compared() {
    let pairs = |keys: &str| {
        let rule = audit(PEOPLE, &format!("{COMPARE}\n{keys}"), ALL_MEMORY);
        assert_judged(&rule);
        let pairs = rule.pairs.iter().map(|pair| (pair.first.record, pair.second.record)).collect::<Vec<_>>();
        (rule.details["candidate_pairs"], pairs)
    };
    assert_eq!(pairs("block_on: born"), (1, vec![(1, 3)]));
    assert_eq!(pairs("block_on: [family]"), (2, vec![(1, 2), (4, 5)]));
    assert_eq!(pairs("block_on: [[family, soundex(given)]]"), (2, vec![(1, 2), (4, 5)]));
    assert_eq!(pairs("block_on: [prefix(given:1)]"), (4, vec![(1, 2), (4, 5)]));
    assert_eq!(pairs("block_on: [family, born, phonetic(family)]"), (3, vec![(1, 2), (1, 3), (4, 5)]));
    // Jones (Marhta), Jones (Martha), Martha, Smith, Smith: each with the one after it.
    assert_eq!(pairs("block_on: sorted(family:1)"), (4, vec![(1, 2), (1, 3), (4, 5)]));
    assert_eq!(pairs("block_on: qgram(family)").1, vec![(1, 2), (4, 5)]);
    assert_eq!(pairs("").1, vec![(1, 2), (1, 3), (2, 3), (4, 5)]);
    assert_eq!(pairs("block_on: all\nlist: 2").1, vec![(1, 2), (1, 3)]);
}

#[test]
fn a_cap_is_told() {
    let people = format!("given,family,born\n{}", "Martha,Jones,\n".repeat(100));
    let rule = audit(&people, &format!("{COMPARE}\nblock_on: all\nmax_pairs: 300"), ALL_MEMORY);
    // The largest distance that fits: 99 + 98 + 97 pairs.
    let details = |name: &str| rule.details[name];
    assert_eq!((details("candidate_pairs"), details("pairs_skipped"), details("blocks_capped")), (294, 4656, 1));
    assert_eq!((details("clusters"), details("largest_cluster"), rule.failed), (1, 100, 100));
    assert!(rule.observed.contains("not all: 1 blocks were too large for 300 pairs"), "{}", rule.observed);
    let few = audit(&people, &format!("{COMPARE}\nblock_on: all\nmax_pairs: 7"), ALL_MEMORY);
    assert_eq!((few.details["candidate_pairs"], few.details["largest_cluster"], few.failed), (7, 8, 8));
}

#[test]
fn long_values_are_cut_and_that_is_told() {
    let (one, other) = ("a".repeat(256) + "b", "a".repeat(256) + "c");
    let people = format!("given,family,born\n{one},,\n{other},,\nb,,\n");
    let rule = audit(&people, "compare: { given: levenshtein }\nblock_on: all\nscore: 1", ALL_MEMORY);
    assert_eq!((rule.details["values_cut"], rule.failed, rule.passed), (2, 2, 1));
    assert!(rule.observed.contains("2 values by their first 256 characters"), "{}", rule.observed);
}

#[test]
fn what_memory_does_not_hold_is_an_error_and_no_pass() {
    let people = (0..120_000).map(|n| format!("name{n},family{n},")).collect::<Vec<_>>().join("\n");
    let rule = audit(&format!("given,family,born\n{people}\n"), COMPARE, MemoryLimit::Keys(1 << 20));
    assert_eq!(rule.status, Status::Errored);
    assert!(rule.reason.as_deref().is_some_and(|reason| reason.contains("--memory")), "{:?}", rule.reason);
}

struct Columns(Vec<SourceColumn>);

impl Schemas for Columns {
    fn columns(&self, _: &str) -> Option<&[SourceColumn]> {
        Some(&self.0)
    }

    fn inner_columns(&self, _: &str) -> &[SourceColumn] {
        &[]
    }
}

/// The messages about a rule: line, column and text of each fault, with the help.
fn faults(keys: &str) -> Vec<(u32, u32, String)> {
    let folder = Folder::new();
    let text = format!(
        "suite: s\ndatasets:\n  people:\n    source: people.csv\n    columns: {{ born: {{ type: date }}, age: {{ type: integer }} }}\n    rules:\n      - check: similar\n        {}\n",
        keys.replace('\n', "\n        ")
    );
    let path = folder.write("suite.yaml", text);
    let options: LoadOptions = options(ALL_MEMORY, &[], 1).load;
    let diagnostics = match load(&[path], &options) {
        Err(diagnostics) => diagnostics,
        Ok(suite) => {
            let column = |name: &str| SourceColumn {
                name: name.to_owned(),
                stored: "text".to_owned(),
                data_type: Some(DataType::Text),
            };
            let columns = Columns(["given", "family", "born", "age", "flag"].into_iter().map(column).collect());
            let bound = suite.bind(&columns);
            suite.bind_diagnostics(&bound)
        }
    };
    let messages = diagnostics.iter().map(|fault| {
        let (line, column) = fault.span().map_or((0, 0), |span| (span.line, span.column));
        (line, column, format!("{} {}", fault.message, fault.help.as_deref().unwrap_or_default()))
    });
    messages.collect()
}

#[track_caller]
fn assert_told(keys: &str, line: u32, column: u32, parts: &[&str]) {
    let found = faults(keys);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0, found[0].1), (line, column), "{found:?}");
    for part in parts {
        assert!(found[0].2.contains(part), "{part} is not in {found:?}");
    }
}

#[test]
fn mistakes_are_told_at_their_place() {
    assert!(faults("compare: [given, family]\nscore: 0.9").is_empty());
    assert_told("score: 0.9", 7, 9, &["`similar` needs `compare`"]);
    assert_told("compare: [given]", 7, 9, &["`similar` needs `score`"]);
    for score in ["0", "1.01", "-1", "90"] {
        assert_told(&format!("compare: [given]\nscore: {score}"), 9, 16, &["greater than 0, at most 1"]);
    }
    assert_told("compare: [given]\nscore: 90%", 9, 16, &["`score` takes a number, not `90%`"]);
    assert_told("compare: [given]\nscore: 1\noverlap: 2", 10, 18, &["from 0 to 1"]);
    assert_told("compare: [given]\nscore: 1\nmax_pairs: 0", 10, 20, &["give 1 or more"]);
    assert_told("compare: [given]\nscore: 1\nlist: 1000001", 10, 15, &["1000000 pairs"]);
    assert_told("compare: []\nscore: 1", 8, 18, &["`compare` is an empty list"]);
    assert_told("compare: {}\nscore: 1", 8, 18, &["`compare` is empty"]);
    assert_told("compare: [given, given]\nscore: 1", 8, 26, &["twice"]);
    assert_told("compare: { given: jaro }\nscore: 1", 8, 27, &["`method` does not take `jaro`", "jaro_winkler"]);
    for weight in ["0", "-1", "1001", "heavy"] {
        assert_told(&format!("compare: {{ given: {{ weight: {weight} }} }}\nscore: 1"), 8, 37, &["from 0.001 to 1000"]);
    }
    assert_told("compare: { given: { wieght: 2 } }\nscore: 1", 8, 29, &["wieght", "weight"]);
    assert_told(
        "compare: { age: { method: number, within: 0 } }\nscore: 1",
        8,
        51,
        &["`within` takes a number over 0"],
    );
    assert_told("compare: { given: { method: exact, within: 3 } }\nscore: 1", 8, 44, &["belongs to the methods"]);
    assert_told("compare: { surname: exact }\nscore: 1", 8, 18, &["has no column `surname`"]);
    assert_told("compare: { given: date }\nscore: 1", 8, 18, &["given is text", "declare `type: date`"]);
    assert_told("compare: { born: jaro_winkler }\nscore: 1", 8, 18, &["born is date", "`jaro_winkler` cannot compare"]);
    assert_told("compare: { born: { method: number, within: 2 } }\nscore: 1", 8, 18, &["`number` cannot compare"]);
    assert_told("compare: { age: number }\nscore: 1", 8, 18, &["age: `number` needs `within`"]);
    assert_told("compare: { born: { within: 1.5 } }\nscore: 1", 8, 18, &["whole days"]);
    assert_told("compare: { given: { within: 2 } }\nscore: 1", 8, 18, &["belongs to the methods"]);
    assert_told("compare: [given, family]\nscore: 1\nswap: [given]", 10, 15, &["two columns"]);
    assert_told("compare: [given, family]\nscore: 1\nswap: [given, born]", 10, 15, &["columns that are compared"]);
    let unlike = "compare: { given: exact, family: jaro_winkler }\nscore: 1\nswap: [given, family]";
    assert_told(unlike, 10, 15, &["compared in the same way"]);
    assert_told("compare: [given, born]\nscore: 1\nswap: [given, born]", 10, 15, &["compared in the same way"]);
}

#[test]
fn mistakes_in_keys_are_told_at_their_place() {
    let keys = |keys: &str| format!("compare: [given, family]\nscore: 1\nblock_on: {keys}");
    for sound in
        ["all", "given", "[given, [family, born]]", "[soundex(given), prefix(family:2), qgram(given)]", "sorted(given)"]
    {
        assert!(faults(&keys(sound)).is_empty(), "{sound}: {:?}", faults(&keys(sound)));
    }
    assert_told(&keys("[]"), 10, 19, &["empty list"]);
    assert_told(&keys("[[]]"), 10, 20, &["without a column"]);
    assert_told(&keys("[given, given]"), 10, 27, &["`given` occurs twice"]);
    assert_told(&keys("[metaphone(given)]"), 10, 20, &["`metaphone` is no transform"]);
    assert_told(&keys("[soundx(given)]"), 10, 20, &["did you mean `soundex`"]);
    assert_told(&keys("[prefix(given)]"), 10, 20, &["number of characters", "prefix(surname:3)"]);
    assert_told(&keys("[prefix(given:0)]"), 10, 20, &["from 1 to 1000", "not `0`"]);
    assert_told(&keys("[sorted(given:0)]"), 10, 20, &["from 1 to 1000", "not `0`"]);
    assert_told(&keys("[sorted(given:many)]"), 10, 20, &["not `many`"]);
    assert_told(&keys("[soundex()]"), 10, 20, &["takes a column"]);
    assert_told(&keys("[[qgram(given), family]]"), 10, 20, &["keys by themselves"]);
    assert_told(&keys("[soundex(surname)]"), 10, 19, &["has no column `surname`"]);
    assert_told(&keys("[soundex(born)]"), 10, 19, &["soundex(born) needs text; born is date"]);
    // A comma parts the entries of a list.
    let found = faults(&keys("[prefix(given, 3)]"));
    assert!(found[0].2.contains("write phonetic(surname)"), "{found:?}");
}
