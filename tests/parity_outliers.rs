//! `outliers` against a naive reference: the values of each group in a list, sorted.

use std::collections::BTreeMap;

use passmuster::engine::MemoryLimit;
use passmuster::model::Status;
use proptest::prelude::*;

use crate::parity::{Kind, Read, date, integer, text};
use crate::support::audits::{audit_everywhere, json, run_within};
use crate::support::cells::{
    FAR_DECIMALS, FAR_WHOLE, LONG_DECIMALS, LONG_WHOLE, NEAR_NOTHING, SENTINELS, decimals, number_or, one_of,
    whole_numbers,
};
use crate::support::exact::{self, Exact, quantile};
use crate::support::folder::Folder;
use crate::support::reports::{Counts, counts, four, rule};
use crate::support::tables::csv;

const SUITE: &str = r#"
suite: outliers
datasets:
  t:
    source: t.csv
    missing: [NA]
    columns:
      n: { type: integer }
      x: { type: decimal }
      d: { type: date }
      m: { type: integer }
    rules:
      - { id: iqr, check: outliers, column: x }
      - { id: iqr-whole, check: outliers, column: n, factor: 1.1 }
      - { id: iqr-date, check: outliers, column: d, factor: 0.3 }
      - { id: mad, check: outliers, column: n, method: mad, factor: 2 }
      - { id: mad-low, check: outliers, column: x, method: mad, factor: 1.3, side: low, where: "k <> 'b'" }
      - { id: zscore, check: outliers, column: n, method: zscore, factor: 1.37 }
      - { id: zscore-high, check: outliers, column: x, method: zscore, factor: 0.71, side: high }
      - { id: iqr-by, check: outliers, column: x, by: k, factor: 0.6 }
      - { id: iqr-whole-by, check: outliers, column: n, by: k, factor: 0.7 }
      - { id: mad-by, check: outliers, column: n, by: [k, m], method: mad, factor: 1.1, side: high }
      - { id: zscore-by, check: outliers, column: x, by: m, method: zscore, factor: 1.03 }
      - { id: zscore-whole-by, check: outliers, column: n, by: m, method: zscore, factor: 1.03 }
"#;

/// k, m, n, x, d as written.
type Row = [String; 5];

#[derive(Clone, Copy)]
enum Method {
    Iqr,
    Mad,
    Zscore,
}

/// Whether values lie too far under or over the rest. Of floats, and by deviations, one on the fence, to 15 digits of what
/// that is computed from, does not: floats count from 0, others from the middle.
fn too_far(values: &[Exact], method: Method, factor: &Exact, float: bool) -> Vec<(bool, bool)> {
    let mut sorted = values.to_vec();
    sorted.sort();
    let at = |hundredths: i64| quantile(&sorted, &exact::of(hundredths, 100)).unwrap();
    let slack = |center: &Exact, reach: &Exact| {
        if float { (exact::abs(center) + exact::abs(reach)) * exact::roundings(8) } else { exact::of(0, 1) }
    };
    let beyond = |low: Exact, high: Exact, slack: Exact| -> Vec<(bool, bool)> {
        values.iter().map(|value| (*value < &low - &slack, *value > &high + &slack)).collect()
    };
    match method {
        Method::Iqr => {
            let reach = factor * (at(75) - at(25));
            let slack = slack(&(exact::abs(&at(25)) + exact::abs(&at(75))), &reach);
            beyond(at(25) - &reach, at(75) + reach, slack)
        }
        Method::Mad => {
            let mut distances: Vec<Exact> = values.iter().map(|value| exact::abs(&(value - at(50)))).collect();
            distances.sort();
            let reach = factor * exact::of(14_826, 10_000) * quantile(&distances, &exact::of(1, 2)).unwrap();
            beyond(at(50) - &reach, at(50) + &reach, slack(&at(50), &reach))
        }
        Method::Zscore => {
            let (mean, square) = (exact::mean(values).unwrap(), factor * factor * exact::variance(values).unwrap());
            let from = if float { exact::of(0, 1) } else { mean.floor() };
            let slack = exact::abs(&(&mean - from)) * exact::roundings(8);
            let square = &square + &square * exact::roundings(16);
            let far = |value: &Exact| {
                let away = exact::abs(&(value - &mean)) - &slack;
                away > exact::of(0, 1) && &away * &away > square
            };
            values.iter().map(|value| (*value < mean && far(value), *value > mean && far(value))).collect()
        }
    }
}

type Group = Vec<String>;

/// Judges the rows whose value and group are given.
fn judge(
    rows: &[Row],
    (value, float): (impl Fn(&Row) -> Read<Exact>, bool),
    group: impl Fn(&Row) -> Read<Group>,
    (method, hundredths): (Method, i64),
    (low, high): (bool, bool),
) -> Counts {
    let mut counts = Counts::default();
    let mut groups: BTreeMap<Group, Vec<Exact>> = BTreeMap::new();
    for row in rows {
        match (value(row), group(row)) {
            (Ok(None), _) | (_, Ok(None)) => counts.not_applicable += 1,
            (Err(()), _) | (_, Err(())) => {
                counts.failed += 1;
                counts.unreadable += 1;
            }
            (Ok(Some(value)), Ok(Some(group))) => groups.entry(group).or_default().push(value),
        }
    }
    for values in groups.into_values() {
        if values.len() < 5 {
            counts.not_applicable += values.len() as u64;
            continue;
        }
        let far = too_far(&values, method, &exact::of(hundredths, 100), float);
        let failed = far.iter().filter(|(under, over)| low && *under || high && *over).count() as u64;
        counts.failed += failed;
        counts.passed += values.len() as u64 - failed;
    }
    counts
}

fn day_number(day: (i32, u32, u32)) -> i64 {
    // Days since 0000-03-01, after H. Hinnant.
    let (year, month) = if day.1 < 3 { (day.0 - 1, day.1 + 9) } else { (day.0, day.1 - 3) };
    let days = 365 * year + year / 4 - year / 100 + year / 400;
    i64::from(days) + i64::from((153 * month + 2) / 5 + day.2 - 1)
}

fn reference(rows: &[Row], kind: Kind) -> BTreeMap<&'static str, Counts> {
    let whole = (|row: &Row| integer(&row[2]).map(|n| n.map(exact::whole)), false);
    let float = (|row: &Row| kind.read(&row[3]), kind == Kind::Float);
    let days = (|row: &Row| date(&row[4]).map(|d| d.map(|d| exact::of(day_number(d), 1))), false);
    let all = |_: &Row| Ok(Some(Vec::new()));
    let k = |row: &Row| Ok(text(&row[0]).map(|k| vec![k.to_owned()]));
    let m = |row: &Row| integer(&row[1]).map(|m| m.map(|m| vec![m.to_string()]));
    let k_m = |row: &Row| match (k(row), m(row)) {
        (Ok(None), _) | (_, Ok(None)) => Ok(None),
        (Ok(Some(k)), Ok(Some(m))) => Ok(Some([k, m].concat())),
        _ => Err(()),
    };
    let scoped: Vec<Row> = rows.iter().filter(|row| text(&row[0]).is_some_and(|k| k != "b")).cloned().collect();
    let mut mad_low = judge(&scoped, float, all, (Method::Mad, 130), (true, false));
    mad_low.not_applicable += (rows.len() - scoped.len()) as u64;
    let (both, high_only) = ((true, true), (false, true));
    BTreeMap::from([
        ("iqr", judge(rows, float, all, (Method::Iqr, 150), both)),
        ("iqr-whole", judge(rows, whole, all, (Method::Iqr, 110), both)),
        ("iqr-date", judge(rows, days, all, (Method::Iqr, 30), both)),
        ("mad", judge(rows, whole, all, (Method::Mad, 200), both)),
        ("mad-low", mad_low),
        ("zscore", judge(rows, whole, all, (Method::Zscore, 137), both)),
        ("zscore-high", judge(rows, float, all, (Method::Zscore, 71), high_only)),
        ("iqr-by", judge(rows, float, k, (Method::Iqr, 60), both)),
        ("iqr-whole-by", judge(rows, whole, k, (Method::Iqr, 70), both)),
        ("mad-by", judge(rows, whole, k_m, (Method::Mad, 110), high_only)),
        ("zscore-by", judge(rows, float, m, (Method::Zscore, 103), both)),
        ("zscore-whole-by", judge(rows, whole, m, (Method::Zscore, 103), both)),
    ])
}

fn compare(rows: &[Row], kind: Kind) {
    let report = audit_everywhere(&kind.suite(SUITE), "k,m,n,x,d", rows);
    for (id, expected) in reference(rows, kind) {
        let rule = rule(&report, id);
        assert_eq!(counts(rule), expected, "{id} ({}) {kind:?}: {rows:?}", rule.observed);
        assert_eq!(rule.details["above"] + rule.details["below"], rule.failed - rule.unreadable, "{id}");
    }
}

/// Rows of a table: near numbers, or those that floats do not hold, or whose squares they do not.
fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    const NEAR: &[&str] = &["", "NA", "0", "7", "-3", "2", "3", "5", "100", "12x"];
    const NEAR_X: &[&str] = &["", "1.5", "-2", "1e3", "nan", "0.1", "2.0", "8", "0.25", "3.25"];
    let n = prop::sample::select(vec![NEAR, FAR_WHOLE, SENTINELS, LONG_WHOLE]);
    let x = prop::sample::select(vec![NEAR_X, FAR_DECIMALS, NEAR_NOTHING, LONG_DECIMALS]);
    let row = |n, x| {
        (
            one_of(&["", "NA", "a", "a", "b", "c", "a long name of a group"]),
            one_of(&["1", "1", "2", "", "x"]),
            number_or(n, whole_numbers()),
            number_or(x, decimals()),
            one_of(&["", "2020-01-31", "2020-02-30", "1999-12-31", "2030-01-01", "2000-01-01", "2020-01-30"]),
        )
            .prop_map(|(k, m, n, x, d)| [k, m, n, x, d])
    };
    (n, x).prop_flat_map(move |(n, x)| prop::collection::vec(row(n, x), 0..most))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn outliers_agree_with_the_reference(rows in rows(60), kind in Kind::any()) {
        compare(&rows, kind);
    }
}

#[test]
fn outliers_of_one_kind_of_row_agree_too() {
    let compare = |rows: &[Row]| [Kind::Decimal, Kind::Float].map(|kind| compare(rows, kind));
    let row = |cells: [&str; 5]| cells.map(str::to_owned);
    let one = row(["a", "1", "7", "1.5", "2020-01-31"]);
    compare(&[]);
    compare(std::slice::from_ref(&one));
    compare(&vec![one.clone(); 4]);
    compare(&vec![one.clone(); 70]);
    compare(&vec![row(["", "", "", "", ""]); 65]);
    let mut many = vec![one; 64];
    many.push(row(["a", "1", "8", "0.1", "2020-02-01"]));
    compare(&many);
}

/// A group that is too large for its share of the memory is judged as one that is not.
#[test]
fn memory_changes_no_outlier() {
    let folder = Folder::new();
    let rows: Vec<Row> = (0..30_000_u32)
        .map(|at| {
            let value = at.wrapping_mul(2_654_435_761) >> 16;
            let group = if at % 3 > 0 { "most".to_owned() } else { format!("group {}", value % 900) };
            let far = if at % 1_000 == 7 { 50 } else { 1 };
            [group, (at % 2).to_string(), (value * far).to_string(), format!("{}.25", value * far), String::new()]
        })
        .collect();
    let suite = folder.write("suite.yaml", SUITE);
    folder.write("t.csv", csv("k,m,n,x,d", &rows));
    let audit = |bytes, threads| run_within(MemoryLimit::Keys(bytes), &suite, &[], threads);
    let whole = audit(1 << 30, 2);
    for (bytes, threads) in [(0, 1), (0, 16), (400_000, 2), (4 << 20, 16)] {
        let other = audit(bytes, threads);
        assert_eq!(json(&whole), json(&other), "{bytes} {threads}");
    }
    for (id, expected) in reference(&rows, Kind::Decimal) {
        assert_eq!(counts(rule(&whole, id)), expected, "{id}");
    }
}

fn audit(columns: &str, rules: &[&str], header: &str, rows: &[[&str; 2]]) -> passmuster::model::AuditReport {
    let rules = rules.iter().fold(String::new(), |all, rule| all + "      - " + rule + "\n");
    let suite = format!("suite: s\ndatasets:\n  t:\n    source: t.csv\n    columns: {columns}\n    rules:\n{rules}");
    let rows: Vec<[String; 2]> = rows.iter().map(|row| row.map(str::to_owned)).collect();
    audit_everywhere(&suite, header, &rows)
}

/// 1 2 3 4 5 6 7 8 9 30, one missing and one that cannot be parsed.
#[test]
fn outliers_by_hand() {
    let values = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "30", "", "x"];
    let rows: Vec<[&str; 2]> = values.iter().map(|value| [*value, "a"]).collect();
    let rules = [
        // Quartiles 3.25 and 7.75: fences -3.5 and 14.5.
        "{ id: iqr, check: outliers, column: v }",
        "{ id: low, check: outliers, column: v, side: low }",
        // Median 5.5, distances 0.5 0.5 1.5 1.5 2.5 2.5 3.5 3.5 4.5 24.5 with the median 2.5: fences 5.5 ± 12.97.
        "{ id: mad, check: outliers, column: v, method: mad }",
        // Mean 7.5, squared deviations 622.5 over 9: deviation 8.3167, fences -17.45 and 32.45; with 2.7, up to 29.955.
        "{ id: zscore, check: outliers, column: v, method: zscore }",
        "{ id: zscore-near, check: outliers, column: v, method: zscore, factor: 2.7 }",
        // The fences are 1 and 10: a value on the fence is inside.
        "{ id: on-the-fence, check: outliers, column: v, factor: 0.5, where: v < 30 }",
    ];
    let report = audit("{ v: { type: integer } }", &rules, "v,k", &rows);
    assert_eq!(four(&report, "iqr"), [9, 2, 1, 1]);
    assert_eq!(rule(&report, "iqr").observed, "1 of 11 rows are outliers, 1 have an unparseable value");
    assert_eq!(rule(&report, "iqr").expected, "v is not an outlier (between -3.5 and 14.5)");
    assert_eq!(rule(&report, "iqr").details["above"], 1);
    assert_eq!(rule(&report, "iqr").failing_rows.iter().map(|row| row.record).collect::<Vec<_>>(), [10, 12]);
    assert_eq!(four(&report, "low"), [10, 1, 1, 1]);
    assert_eq!(four(&report, "mad"), [9, 2, 1, 1]);
    assert_eq!(rule(&report, "mad").expected, "v is not an outlier (between -7.47275 and 18.47275)");
    assert_eq!(four(&report, "zscore"), [10, 1, 1, 1]);
    assert_eq!(four(&report, "zscore-near"), [9, 2, 1, 1]);
    // Quartiles of 1 to 9 are 3 and 7, so the fences are 1 and 9; the unparseable row is not in scope either.
    assert_eq!(four(&report, "on-the-fence"), [9, 1, 2, 1]);
}

#[test]
fn where_nothing_varies_nothing_is_far() {
    let same = |value: &'static str, times: usize| vec![[value, "a"]; times];
    let methods = [("iqr", 1), ("mad", 1), ("zscore", 0)];
    for ((method, odd_fails), data_type) in methods.iter().flat_map(|one| ["decimal", "float"].map(|kind| (*one, kind)))
    {
        let rules = [format!("{{ id: o, check: outliers, column: v, method: {method} }}")];
        let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        let audit = |rows: &[[&str; 2]]| audit(&format!("{{ v: {{ type: {data_type} }} }}"), &rules, "v,k", rows);
        assert_eq!(four(&audit(&same("0.1", 7)), "o"), [7, 0, 0, 0], "{method} {data_type}");
        // One of eight differs: the quartiles, and the median distance, lie together; three deviations hold it.
        let mut rows = same("0.1", 7);
        rows.push(["0.2", "a"]);
        assert_eq!(four(&audit(&rows), "o"), [8 - odd_fails, odd_fails, 0, 0], "{method}");
        // Four values are too few.
        let few = audit(&same("0.1", 4));
        assert_eq!((four(&few, "o"), rule(&few, "o").status), ([0, 0, 4, 0], Status::NotMeasured), "{method}");
        assert_eq!(rule(&few, "o").observed, "4 values, and 5 are needed");
    }
    // Numbers that are one float.
    let mut large = ["9007199254740993"; 6].map(|value| [value, "a"]).to_vec();
    for (data_type, odd) in [("integer", "9007199254740992"), ("decimal", "9007199254740993.01")] {
        let audit = |rows: &[[&str; 2]]| {
            let columns = format!("{{ v: {{ type: {data_type} }} }}");
            four(&audit(&columns, &["{ id: o, check: outliers, column: v }"], "v,k", rows), "o")
        };
        assert_eq!(audit(&large), [6, 0, 0, 0]);
        large.push([odd, "a"]);
        assert_eq!(audit(&large), [6, 1, 0, 0], "{odd}");
        large.pop();
    }
}

/// 1 to 19, and three that are far, one of them as far as whole numbers go.
#[test]
fn one_far_value_hides_no_other() {
    let mut values: Vec<String> = (1..20).map(|value| value.to_string()).collect();
    values.extend(["100", "5000", "-9223372036854775808"].map(str::to_owned));
    let rows: Vec<[&str; 2]> = values.iter().map(|value| [value.as_str(), "a"]).collect();
    let rules = [
        // The quartiles of 22 values are at 5.25 and 15.75: 5.25 and 15.75, with fences at -10.5 and 31.5.
        "{ id: iqr, check: outliers, column: v }",
        // The median is 10.5, the median distance 5.5: fences 10.5 ± 28.54.
        "{ id: mad, check: outliers, column: v, method: mad }",
        "{ id: by, check: outliers, column: v, by: k }",
        "{ id: mad-by, check: outliers, column: v, by: k, method: mad }",
    ];
    for data_type in ["integer", "decimal", "float"] {
        let report = audit(&format!("{{ v: {{ type: {data_type} }} }}"), &rules, "v,k", &rows);
        for id in ["iqr", "mad", "by", "mad-by"] {
            assert_eq!(four(&report, id), [19, 3, 0, 0], "{id} {data_type}");
        }
        assert_eq!(rule(&report, "iqr").expected, "v is not an outlier (between -10.5 and 31.5)");
        assert_eq!(rule(&report, "mad").expected, "v is not an outlier (between -18.04005 and 39.04005)");
    }
    // The same, shifted to where floats cannot distinguish neighbours: the fences are those of 1 to 19.
    let start = 1_i64 << 60;
    let far: Vec<String> = (1..20).chain([100, 5_000, -1]).map(|value| (start + value).to_string()).collect();
    let rows: Vec<[&str; 2]> = far.iter().map(|value| [value.as_str(), "a"]).collect();
    let report = audit("{ v: { type: integer } }", &rules, "v,k", &rows);
    assert_eq!(four(&report, "iqr"), [20, 2, 0, 0]);
    assert_eq!(
        rule(&report, "iqr").expected,
        "v is not an outlier (between 1,152,921,504,606,846,965.5 and 1,152,921,504,606,847,007.5)"
    );
}

/// Beside values whose squares, and whose distances, are more than floats hold.
#[test]
fn numbers_have_fences_however_large() {
    let rules = [
        "{ id: iqr, check: outliers, column: v }",
        "{ id: mad, check: outliers, column: v, method: mad }",
        "{ id: zscore, check: outliers, column: v, method: zscore, factor: 1.9 }",
    ];
    let floats = ["e307", "e-320", "e200", "e-200", ""].map(|unit| ("float", unit));
    let decimals = ["e36", "e-38", "e18", ""].map(|unit| ("decimal", unit));
    for (data_type, unit) in floats.into_iter().chain(decimals) {
        let values = ["-15", "1", "1", "2", "2", "3", "3", "16"].map(|value| format!("{value}{unit}"));
        let rows: Vec<[&str; 2]> = values.iter().map(|value| [value.as_str(), "a"]).collect();
        let report = audit(&format!("{{ v: {{ type: {data_type} }} }}"), &rules, "v,k", &rows);
        for id in ["iqr", "mad"] {
            assert_eq!(four(&report, id), [6, 2, 0, 0], "{id} {data_type} {unit}");
        }
        // The mean is 1.625, the deviation 8.35: up to 17.5, from -14.2.
        assert_eq!(four(&report, "zscore"), [7, 1, 0, 0], "{data_type} {unit}");
    }
}

#[test]
fn groups_have_their_own_middle() {
    let mut rows = vec![["1", "a"], ["2", "a"], ["3", "a"], ["4", "a"], ["5", "a"], ["100", "a"]];
    rows.extend([["100", "b"], ["101", "b"], ["102", "b"], ["103", "b"], ["104", "b"], ["5", "b"]]);
    rows.extend([["100", "c"], ["1", "c"], ["1", "c"], ["1", "c"], ["9", ""]]);
    let rules = ["{ id: by, check: outliers, column: v, by: k }", "{ id: all, check: outliers, column: v }"];
    let report = audit("{ v: { type: integer } }", &rules, "v,k", &rows);
    // Of a: quartiles 2.25 and 4.75, up to 8.5. Of b: 100.25 and 102.75, from 96.5. c is too small.
    assert_eq!(four(&report, "by"), [10, 2, 5, 0]);
    let details = &rule(&report, "by").details;
    assert_eq!(
        ["groups", "small_groups", "rows_in_small_groups", "above", "below"].map(|name| details[name]),
        [2, 1, 4, 1, 1]
    );
    assert_eq!(rule(&report, "by").failing_rows.iter().map(|row| row.record).collect::<Vec<_>>(), [6, 12]);
    assert_eq!(four(&report, "all"), [17, 0, 0, 0]);
}

#[test]
fn fences_of_dates_are_days_and_personal_ones_are_not_shown() {
    let days = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05", "2027-01-01"];
    let rows = days.map(|day| [day, "a"]);
    // Quartiles are the days 1.25 and 3.75 after the first: up to 7.5 days after it.
    let rules = ["{ id: o, check: outliers, column: v }"];
    let report = audit("{ v: { type: date } }", &rules, "v,k", &rows);
    assert_eq!(four(&report, "o"), [5, 1, 0, 0]);
    assert_eq!(rule(&report, "o").expected, "v is not an outlier (between 2025-12-30 and 2026-01-08)");
    let report = audit("{ v: { type: date, pii: basic } }", &rules, "v,k", &rows);
    assert_eq!(rule(&report, "o").expected, "v is not an outlier (iqr with factor 1.5)");
}
