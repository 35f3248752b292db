//! Parameters of the checks on distributions that make no sense: each is reported at its line, all at once.

use passmuster::audit::audit;
use passmuster::rules::{Diagnostics, load};

use crate::support::audits::{ALL_MEMORY, options};
use crate::support::folder::Folder;

/// Rules with their messages, before any data is read.
const REFUSED: &[(&str, &str)] = &[
    ("{ check: outliers, column: n, factor: 0 }", "the factor must be greater than 0, not 0"),
    ("{ check: outliers, column: n, factor: -1.5 }", "the factor must be greater than 0, not -1.5"),
    ("{ check: outliers, column: n, factor: many }", "`factor` takes a number, not `many`"),
    ("{ check: outliers, column: n, method: sigma }", "`method` does not take `sigma`"),
    ("{ check: outliers, column: n, side: left }", "`side` does not take `left`"),
    ("{ check: outliers, column: n, by: n }", "grouped by n itself"),
    ("{ check: outliers, column: n, by: [k, k] }", "`k` occurs twice"),
    ("{ check: outliers, method: mad }", "`outliers` needs `column`"),
    ("{ check: lag, from: d, to: d, within: 3d }", "`from` and `to` are both d"),
    ("{ check: lag, from: d, to: u, within: -3d }", "`within` takes a length of time"),
    ("{ check: lag, from: d, to: u, within: 2mo }", "write 62d"),
    ("{ check: lag, from: d, to: u, within: 1y }", "write 366d"),
    ("{ check: lag, from: d, to: u, within: 3d, quantile: 1.5 }", "a number greater than 0, at most 1"),
    ("{ check: lag, from: d, to: u, within: 3d, quantile: 0 }", "a number greater than 0, at most 1"),
    ("{ check: lag, from: d, to: u, within: 3d, quantile: 95% }", "`quantile` takes a number, not `95%`"),
    ("{ check: lag, from: d, within: 3d }", "`lag` needs `to`"),
    ("{ check: steady, column: n }", "`steady` needs `max`"),
    ("{ check: steady, column: n, max: -0.1 }", "nothing is at most -0.1"),
    ("{ check: steady, column: n, max: 0.1, bins: 0 }", "`bins` takes 2 to 100 parts, not 0"),
    ("{ check: steady, column: n, max: 0.1, bins: 101 }", "`bins` takes 2 to 100 parts, not 101"),
    ("{ check: steady, column: n, max: 0.1, method: ks, bins: 5 }", "`bins` belongs to psi and chi2, not to ks"),
    ("{ check: steady, column: n, max: 0.1, method: js }", "`method` does not take `js`"),
    ("{ check: aggregate, that: \"quantile(n, 1.01) > 3\" }", "from 0 to 1"),
    ("{ check: aggregate, that: \"quantile(n) > 3\" }", "takes two arguments"),
    ("{ check: aggregate, that: \"correlation(n) > 3\" }", "takes two arguments"),
];

/// Rules that do not fit the declared types.
const UNFIT: &[(&str, &str)] = &[
    ("{ check: outliers, column: k }", "k is text; this check needs numbers or dates"),
    ("{ check: outliers, column: b }", "b is boolean"),
    ("{ check: lag, from: k, to: u, within: 3d }", "k is text: declare `type: date`"),
    ("{ check: lag, from: d, to: n, within: 3d }", "n is integer"),
    ("{ check: lag, from: d, to: u, within: 36h }", "delays are whole days, not 36h"),
    ("{ check: steady, column: k, max: 0.1, method: ks }", "ks needs numbers or dates: take psi, chi2 or share"),
    ("{ check: steady, column: b, max: 0.1, method: mean }", "mean needs numbers or dates"),
    ("{ check: steady, column: n, max: 0.1, method: share }", "share needs texts or booleans"),
    ("{ check: steady, column: p, max: 0.1 }", "p is declared personal"),
    ("{ check: aggregate, that: \"median(k) > 3\" }", "`median` takes numbers or dates"),
    ("{ check: aggregate, that: \"stddev(d) > 3\" }", "is a date"),
    ("{ check: aggregate, that: \"correlation(n, k) > 3\" }", "is text"),
];

/// The messages about a suite of these rules.
fn refusal(rules: &[(&str, &str)]) -> String {
    let folder = Folder::new();
    let rules = rules.iter().enumerate().fold(String::new(), |all, (at, (rule, _))| {
        all + &rule.replacen('{', &format!("      - {{ id: r{at},"), 1) + "\n"
    });
    let columns = "n: { type: integer }, d: { type: date }, u: { type: datetime }, b: { type: boolean }, k: {}, p: { pii: basic }";
    let suite =
        format!("suite: s\ndatasets:\n  t:\n    source: t.csv\n    columns: {{ {columns} }}\n    rules:\n{rules}");
    let path = folder.write("suite.yaml", suite);
    let options = options(ALL_MEMORY, &[], 1);
    let refused = load(std::slice::from_ref(&path), &options.load).expect_err("it is refused").to_string();
    let audited = audit(&[path], &options, &()).expect_err("it is refused").downcast::<Diagnostics>().unwrap();
    assert_eq!(audited.to_string(), refused, "an audit says the same as lint");
    refused
}

#[test]
fn parameters_that_make_no_sense_are_told_all_at_once_at_their_lines() {
    for rules in [REFUSED, UNFIT] {
        let refused = refusal(rules);
        let messages: Vec<&str> = refused.split("error: ").filter(|message| !message.trim().is_empty()).collect();
        for (at, (rule, expected)) in rules.iter().enumerate() {
            let place = format!("suite.yaml:{}:", at + 7);
            let of_line: Vec<&&str> = messages.iter().filter(|message| message.contains(&place)).collect();
            assert_eq!(of_line.len(), 1, "{rule}: {of_line:?}");
            assert!(of_line[0].contains(expected), "{rule}: {}", of_line[0]);
        }
    }
}
