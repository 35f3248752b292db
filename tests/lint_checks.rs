//! What `lint` tells of every check: each parameter missing, of the wrong type, out of range, twice or in contradiction, at
//! its place and all at once; and that it tells of no rule which an audit would take.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use passmuster::checks::CHECKS;
use passmuster::engine::MemoryLimit;
use passmuster::model::DataType;
use passmuster::rules::{Diagnostics, LoadOptions, Schemas, Written, read_suite};
use passmuster::source::SourceColumn;

use crate::support::audits::options;
use crate::support::folder::Folder;
use crate::support::program::{code, run, stderr, stdout};

/// A column of each type, some that are not declared, and another dataset.
const HEAD: &str = r"suite: s
as_of: 2026-01-01
codelists:
  cl: { values: [x] }
datasets:
  e:
    source: e.csv
    columns: { n: { type: integer } }
  d:
    source: d.csv
    columns:
      n: { type: integer }
      m: { type: decimal }
      t: { type: date }
      u: { type: datetime }
      b: { type: boolean }
      g: { type: uuid }
      p: { pii: basic }
    rules:
";

/// Rules with a fault each: the rule, the column of its line, what is said.
const FAULTS: &[(&str, u32, &str)] = &[
    ("required", 11, "`required`: give `columns` or `any_of`"),
    ("required, columns: []", 37, "`columns` is an empty list"),
    ("required, columns: [a, a]", 41, "`a` occurs twice"),
    ("required, columns: a, any_of: [n]", 48, "`required`: give `columns` or `any_of`, not both; use two rules"),
    ("required, any_of: []", 36, "`any_of` is an empty list"),
    ("required, columns: { a: n }", 37, "`columns` takes a value or a list of values, not a mapping"),
    ("required, column: a, columns: n", 39, "`columns` is given twice, as `column` and as `columns`"),
    ("required, columns: a, each: n", 40, "`each` and `columns` exclude each other"),
    ("row_count", 11, "`row_count`: give `min`, `max`, `equals` or `same_as`"),
    ("row_count, min: -1", 34, "`min` takes a whole number from 0, not `-1`"),
    ("row_count, min: many", 34, "`min` takes a whole number from 0, not `many`"),
    ("row_count, min: 5, max: 2", 34, "`row_count`: `min` is greater than `max`"),
    ("row_count, equals: 3, min: 1", 37, "`row_count`: give `equals`, or `min` and `max`, not both"),
    ("row_count, same_as: nowhere", 38, "unknown dataset `nowhere`"),
    ("row_count, same_as: d", 38, "d always has as many rows as itself: name another dataset"),
    (
        "row_count, same_as: e, min: 1",
        38,
        "`row_count`: give `same_as`, or numbers of rows, not both: two rules can ask for both",
    ),
    ("row_count, min: 1, tolerance: 5", 48, "`row_count`: `tolerance` belongs to `same_as`, which is not given"),
    (
        "row_count, same_as: e, tolerance: 200%",
        52,
        "`row_count`: `200%` is neither a number of rows nor a share such as 1% (below 100, four decimals)",
    ),
    (
        "row_count, same_as: e, tolerance: -1",
        52,
        "`row_count`: `-1` is neither a number of rows nor a share such as 1% (below 100, four decimals)",
    ),
    ("row_count, min: 1, having: n > 1", 37, "`row_count`: `having` belongs to `same_as`, which is not given"),
    ("row_count, same_as: e, having: n > 'x'", 53, "'x' is not an integer"),
    ("row_count, min: 1.5", 34, "`min` takes a whole number from 0, not `1.5`"),
    (
        "row_count, min: 18446744073709551616",
        34,
        "`min` takes a whole number up to 18446744073709551615, not `18446744073709551616`",
    ),
    ("row_count, min: 1, where: a", 44, "`a` is text, not a condition"),
    ("covers, column: a", 34, "`covers`: give the expected values: `values`, a code list or a `dataset`"),
    ("covers, column: a, values: []", 45, "`values` is an empty list"),
    ("covers, column: a, values: [x, x]", 49, "`x` occurs twice"),
    ("covers, column: a, values: [x], dataset: e", 59, "`covers`: give `values` or `dataset`, not both"),
    (
        "covers, column: a, having: n > 1",
        34,
        "`covers`: give the expected values: `values`, a code list or a `dataset`",
    ),
    ("covers, column: a, having: n > 1", 37, "`covers`: `having` belongs to `dataset`, which is not given"),
    (
        "covers, column: a, values: [x], having: n > 1",
        50,
        "`covers`: `having` belongs to `dataset`, which is not given",
    ),
    ("covers, column: a, values: [x], key: k", 50, "`covers`: `key` belongs to `dataset`, which is not given"),
    ("covers, column: a, dataset: nowhere", 46, "unknown dataset `nowhere`"),
    (
        "covers, column: n, dataset: e",
        11,
        "e declares no key: name the column that holds the expected values, `key: …`",
    ),
    ("covers, column: a, dataset: d, key: a", 46, "a always contains its own values: name another dataset"),
    (
        "covers, column: a, dataset: d",
        11,
        "d declares no key: name the column that holds the expected values, `key: …`",
    ),
    ("covers, column: a, dataset: e, key: [k, n]", 54, "`covers`: a column can only cover a key of one column"),
    ("covers, column: n, values: [x]", 45, "`x` cannot be parsed as integer, the type of n"),
    ("covers, column: a, values: { codelist: nolist }", 57, "unknown code list `nolist`"),
    (
        "covers, column: a, values: { codelist: cl, at: t }",
        45,
        "`covers`: the expected codes are those valid on the date of `as_of`: leave `at` out",
    ),
    ("covers, values: [x]", 11, "`covers` needs `column`"),
    ("complete_from", 11, "`complete_from` needs `dataset`"),
    ("complete_from, dataset: nowhere", 42, "unknown dataset `nowhere`"),
    ("complete_from, dataset: e", 11, "name the columns of the key here and in e: `key: { here: there }`"),
    ("complete_from, dataset: d", 11, "name the columns of the key here and in d: `key: { here: there }`"),
    ("complete_from, dataset: e, key: { n: k }", 50, "n is integer and k of e is text: declare one type for both"),
    ("complete_from, dataset: e, key: {}", 50, "`key` is empty"),
    ("complete_from, dataset: e, key: []", 50, "`key` is an empty list"),
    ("complete_from, dataset: e, key: { a: k }, having: k > 1", 68, "k is text and does not compare with an integer"),
    ("type, column: a, as: text, format: '%d'", 53, "`type`: only dates and datetimes have a format"),
    ("type, column: a, as: nothing", 39, "`as` does not take `nothing`"),
    ("type, column: n, format: '%d/%m/%Y'", 43, "n is integer; only dates and datetimes have a format"),
    (
        "type, column: t, as: date, format: '%q'",
        53,
        "`type`: `%q` is unknown; a format consists of %Y %y %m %d %b %B %H %I %p %M %S %f %z and text (%% for a percent sign)",
    ),
    ("type, as: date", 11, "`type` needs `column`"),
    ("matches, column: a", 11, "`matches` needs `pattern`"),
    (
        "matches, column: a, pattern: '('",
        47,
        "`pattern` is not a regular expression: the pattern is not valid at character 1: unclosed group",
    ),
    ("matches, column: n, pattern: x", 35, "n is integer; this check needs text"),
    ("matches, column: a, pattern: [x]", 47, "`pattern` takes a single value, not a list"),
    ("not_matches, column: n, pattern: x", 39, "n is integer; this check needs text"),
    (
        "not_matches, column: a, pattern: '*'",
        51,
        "`pattern` is not a regular expression: the pattern is not valid at character 1: repetition operator missing expression",
    ),
    ("identifier, column: a", 11, "`identifier` needs `kind`"),
    ("identifier, column: a, kind: nothing", 47, "`kind` does not take `nothing`"),
    ("identifier, column: m, kind: iban", 38, "m is decimal; this check needs text"),
    (
        "identifier, column: a, kind: iban, born: t",
        59,
        "`identifier`: iban contains no such fact; only vn.personal_id does",
    ),
    (
        "identifier, column: a, kind: vn.personal_id, born: a",
        69,
        "a is text: declare `type: date`, or `type: integer` for years",
    ),
    ("identifier, column: a, kind: vn.personal_id, sex: n", 68, "n is integer; this check needs text"),
    (
        "identifier, column: a, kind: vn.personal_id, foreign_births: maybe",
        79,
        "`foreign_births` takes `true` or `false`, not `maybe`",
    ),
    ("allowed, column: a", 11, "`allowed` needs `values`"),
    ("allowed, column: a, values: []", 46, "`values` is an empty list"),
    ("allowed, column: n, values: [x]", 46, "`x` cannot be parsed as integer, the type of n"),
    ("allowed, column: a, values: { codelist: nolist }", 58, "unknown code list `nolist`"),
    ("allowed, column: a, values: { codelist: cl, at: n }", 46, "`at` names n, which is integer: declare `type: date`"),
    ("allowed, column: a, values: { at: t }", 46, "`values` takes a list of values, or `{ codelist: NAME }`"),
    ("allowed, column: a, values: [x, x]", 50, "`x` occurs twice"),
    ("allowed, column: t, values: [2020-02-30]", 46, "`2020-02-30` cannot be parsed as date, the type of t"),
    ("forbidden, column: b, values: [perhaps]", 48, "`perhaps` cannot be parsed as boolean, the type of b"),
    ("allowed, column: n, values: 1..6", 46, "`values` has one value, `1..6`, and no cell is likely to hold it"),
    ("allowed, column: a, values: [M|F]", 47, "`values` has one value, `M|F`, and no cell is likely to hold it"),
    ("allowed, column: a, values: 'M, F'", 46, "`values` has one value, `M, F`, and no cell is likely to hold it"),
    ("forbidden, column: a, values: A;B", 48, "`values` has one value, `A;B`, and no cell is likely to hold it"),
    ("forbidden, column: a, values: {}", 48, "`values` takes a list of values, or `{ codelist: NAME }`"),
    ("range, column: n", 33, "`range`: give a bound: `min`, `max` or `within`"),
    ("range, column: n, min: 5, max: 2", 41, "`range`: the lower bound is greater than the upper one"),
    ("range, column: n, within: 5..2", 44, "`range`: the lower bound is greater than the upper one"),
    ("range, column: n, within: 5..2, at_least: 101%", 44, "`range`: the lower bound is greater than the upper one"),
    (
        "range, column: n, within: 5..2, at_least: 101%",
        60,
        "`at_least` takes a share such as 99.5% (at most four decimals) or a number of rows such as `20 rows`, not `101%`",
    ),
    ("range, column: n, within: ..", 44, "`within` takes `0..120`, `..0` or `2020-01-01..`, not `..`"),
    ("range, column: n, within: 1..2, min: 1", 44, "`range`: give `within`, or `min` and `max`, not both"),
    ("range, column: n, min: x", 41, "`x` cannot be parsed as decimal, the type of the column"),
    ("range, column: n, within: x..", 44, "`x` cannot be parsed as decimal, the type of the column"),
    ("range, column: t, min: 2020-02-30", 41, "`2020-02-30` cannot be parsed as date, the type of the column"),
    (
        "range, column: t, min: 2021-01-01, max: 2020-01-01",
        41,
        "`range`: the lower bound is greater than the upper one",
    ),
    ("range, column: u, min: '2021-01-01T00:00:00', max: '2020-01-01T00:00:00'", 41, "no value is within these bounds"),
    ("range, column: b, min: true", 33, "a boolean column has no order"),
    ("range, column: g, min: a", 33, "a uuid column has no order"),
    ("range, column: n, within: 3..3, exclusive: true", 44, "no value is within these bounds"),
    ("range, column: n, min: 1, exclusive: maybe", 55, "`exclusive` takes `true` or `false`, not `maybe`"),
    ("range, column: n, min: nan", 41, "`nan` cannot be parsed as decimal, the type of the column"),
    ("range, column: m, min: nan", 41, "`nan` cannot be parsed as decimal, the type of the column"),
    ("range, column: m, max: NaN", 41, "`NaN` cannot be parsed as decimal, the type of the column"),
    ("range, column: a, within: b..a", 44, "no value is within these bounds"),
    ("length, column: a", 34, "`length`: give a bound: `min`, `max` or `within`"),
    ("length, column: a, min: 5, max: 2", 42, "`length`: the lower bound is greater than the upper one"),
    ("length, column: a, within: 5..2", 45, "`length`: the lower bound is greater than the upper one"),
    ("length, column: a, within: x", 45, "`within` takes `2..50`, `..50`, `2..` or `12`, not `x`"),
    ("length, column: a, min: -1", 42, "`min` takes a whole number from 0, not `-1`"),
    ("length, column: n, max: 3", 34, "n is integer; this check needs text"),
    ("length, column: a, max: 3, unit: words", 51, "`unit` does not take `words`"),
    ("length, column: a, within: 1..2, max: 2", 45, "`length`: give `within`, or `min` and `max`, not both"),
    ("not_future, column: a", 38, "a is text: declare `type: date` or `type: datetime`"),
    ("not_future, column: n", 38, "n is integer: declare `type: date` or `type: datetime`"),
    ("not_before, column: a, date: 2020-01-01", 38, "a is text: declare `type: date` or `type: datetime`"),
    (
        "not_before, column: t, date: 2020-02-30",
        47,
        "`not_before`: `2020-02-30` is not a date or timestamp in ISO form, such as 1990-01-01",
    ),
    ("not_before, column: t", 11, "`not_before` needs `date`"),
    (
        "not_before, column: t, date: yesterday",
        47,
        "`not_before`: `yesterday` is not a date or timestamp in ISO form, such as 1990-01-01",
    ),
    ("expect", 11, "`expect` needs `that`"),
    ("expect, that: n", 32, "`n` is an integer, not a condition"),
    ("expect, that: a >", 35, "the expression ends where an expression is expected"),
    ("expect, that: a > 1", 32, "a is text and does not compare with an integer"),
    ("expect, that: nosuch(a) = 1", 32, "there is no function `nosuch`"),
    ("expect, that: n > 1, where: n + 1", 46, "this is an integer, not a condition"),
    ("aggregate, that: n > 1", 35, "`n` is a column, and this expression is about all rows"),
    ("aggregate, that: sum(a) > 1", 39, "`a` is text, and arithmetic takes numbers"),
    ("aggregate, that: sum(n)", 35, "`sum` is an integer, not a condition"),
    (
        r#"aggregate, that: "quantile(n, 2) > 1""#,
        48,
        "the share of `quantile` is a number from 0 to 1 with at most nine decimals",
    ),
    ("aggregate, that: avg(n) > 'x'", 44, "'x' is not a decimal"),
    ("aggregate, that: 1 = 1", 35, "it contains no aggregate, such as count(*), so it does not depend on the data"),
    (
        "outliers, column: a",
        36,
        "a is text; this check needs numbers or dates: declare `type: decimal`, or a type of dates",
    ),
    (
        "outliers, column: b",
        36,
        "b is boolean; this check needs numbers or dates: declare `type: decimal`, or a type of dates",
    ),
    ("outliers, column: n, factor: 0", 47, "`outliers`: the factor must be greater than 0, not 0"),
    ("outliers, column: n, factor: -1", 47, "`outliers`: the factor must be greater than 0, not -1"),
    ("outliers, column: n, factor: nan", 47, "`factor` takes a number, not `nan`"),
    ("outliers, column: n, factor: inf", 47, "`factor` takes a number, not `inf`"),
    ("outliers, column: n, method: guess", 47, "`method` does not take `guess`"),
    ("outliers, column: n, by: n", 43, "`outliers`: grouped by n itself, all values of a group are equal"),
    ("outliers, column: n, by: []", 43, "`by` is an empty list"),
    ("outliers, column: n, side: left", 45, "`side` does not take `left`"),
    ("unique", 11, "`unique` needs `columns`"),
    ("unique, columns: []", 35, "`columns` is an empty list"),
    ("unique, columns: [a, a]", 39, "`a` occurs twice"),
    ("distinct_rows, ignore: []", 41, "`ignore` is an empty list"),
    ("distinct_rows, ignore: [a, a]", 45, "`a` occurs twice"),
    ("similar, compare: [a]", 11, "`similar` needs `score`"),
    ("similar, score: 0.9", 11, "`similar` needs `compare`"),
    ("similar, compare: [], score: 0.9", 36, "`compare` is an empty list"),
    ("similar, compare: {}, score: 0.9", 36, "`compare` is empty"),
    (
        "similar, compare: [a], score: 0",
        48,
        "`similar`: `score` takes a number greater than 0, at most 1 (at least 0.000001)",
    ),
    (
        "similar, compare: [a], score: 0.0000001",
        48,
        "`similar`: `score` takes a number greater than 0, at most 1 (at least 0.000001)",
    ),
    (
        "similar, compare: [a], score: 1.1",
        48,
        "`similar`: `score` takes a number greater than 0, at most 1 (at least 0.000001)",
    ),
    ("similar, compare: [a], score: high", 48, "`score` takes a number, not `high`"),
    ("similar, compare: [a, a], score: 0.9", 40, "`a` occurs twice"),
    ("similar, compare: { a: guess }, score: 0.9", 41, "`method` does not take `guess`"),
    (
        "similar, compare: { n: number }, score: 0.9",
        36,
        "`similar`: n: `number` needs `within`, the difference at which the similarity is 0",
    ),
    (
        "similar, compare: { n: { method: number, within: 0 } }, score: 0.9",
        67,
        "`within` takes a number over 0, not `0`",
    ),
    (
        "similar, compare: { a: { method: number, within: 1 } }, score: 0.9",
        36,
        "a is text, which `number` cannot compare: declare `type: integer` or `decimal`",
    ),
    ("similar, compare: { a: date }, score: 0.9", 36, "a is text, which `date` cannot compare: declare `type: date`"),
    (
        "similar, compare: { t: { method: date, within: 0.5 } }, score: 0.9",
        36,
        "`similar`: t: `within` takes whole days from 1 to 1000000",
    ),
    (
        "similar, compare: { t: jaro_winkler }, score: 0.9",
        36,
        "t is date, which `jaro_winkler` cannot compare: it needs text",
    ),
    (
        "similar, compare: { m: levenshtein }, score: 0.9",
        36,
        "m is decimal, which `levenshtein` cannot compare: it needs text",
    ),
    ("similar, compare: { a: { weight: 0 } }, score: 0.9", 51, "`weight` takes a number from 0.001 to 1000, not `0`"),
    ("similar, compare: { a: { weight: -1 } }, score: 0.9", 51, "`weight` takes a number from 0.001 to 1000, not `-1`"),
    (
        "similar, compare: { a: { within: 2 } }, score: 0.9",
        36,
        "a: `within` belongs to the methods `number` and `date`",
    ),
    ("similar, compare: [a], score: 0.9, overlap: 2", 62, "`similar`: `overlap` takes a number from 0 to 1"),
    ("similar, compare: [a], score: 0.9, overlap: -1", 62, "`similar`: `overlap` takes a number from 0 to 1"),
    (
        "similar, compare: [a], score: 0.9, max_pairs: 0",
        64,
        "`similar`: without a pair nothing is compared: give 1 or more",
    ),
    ("similar, compare: [a], score: 0.9, list: 10000000", 59, "`similar`: a result names at most 1000000 pairs"),
    ("similar, compare: [a, p], score: 0.9, swap: [a]", 62, "`similar`: `swap` takes two columns"),
    ("similar, compare: [a, p], score: 0.9, swap: [a, n]", 62, "`similar`: `swap` takes columns that are compared"),
    (
        "similar, compare: [a, n], score: 0.9, swap: [a, n]",
        62,
        "`swap` takes columns that are compared in the same way and count the same",
    ),
    (
        "similar, compare: [a], score: 0.9, block_on: []",
        63,
        "`block_on` is an empty list; leave it out for keys chosen from what is compared",
    ),
    ("similar, compare: [a], score: 0.9, block_on: [a, a]", 67, "`a` occurs twice"),
    ("similar, compare: [a], score: 0.9, block_on: [soundex(n)]", 63, "soundex(n) needs text; n is integer"),
    (
        "similar, compare: [a], score: 0.9, block_on: [sorted(a:0)]",
        64,
        "sorted takes a whole number from 1 to 1000, not `0`",
    ),
    (
        "similar, compare: [a], score: 0.9, block_on: [prefix(a:0)]",
        64,
        "prefix takes a whole number from 1 to 1000, not `0`",
    ),
    (
        "similar, compare: [a], score: 0.9, block_on: [prefix(a)]",
        64,
        "prefix takes a column and a number of characters",
    ),
    ("similar, compare: [a], score: 0.9, block_on: [nosuch(a)]", 64, "`nosuch` is no transform of a column"),
    (
        "similar, compare: [a], score: 0.9, block_on: [[qgram(a), n]]",
        64,
        "`qgram(…)` and `sorted(…)` are keys by themselves: write them beside the others",
    ),
    ("similar, compare: [a], score: 0.9, block_on: [[]]", 64, "`block_on` has a key without a column"),
    (
        "similar, compare: [a], score: 0.9, block_on: [all, a]",
        64,
        "`all` compares every pair, so that no other key adds one: write `block_on: all`",
    ),
    ("similar, compare: [a], score: 0.9, block_on: [[a, a]]", 64, "`a` occurs twice in a key"),
    ("similar, compare: [a], score: 0.9, block_on: [[a, n], [n, a]]", 72, "`n + a` occurs twice"),
    ("tidy", 11, "`tidy` needs `columns`"),
    ("tidy, columns: []", 33, "`columns` is an empty list"),
    ("tidy, columns: [a, n]", 33, "n is integer; this check needs text"),
    ("tidy, column: a, allow: []", 42, "`allow` is an empty list"),
    ("tidy, column: a, only: []", 41, "`only` is an empty list"),
    ("tidy, column: a, only: [nothing]", 42, "`only` does not take `nothing`"),
    (
        "tidy, column: a, only: [mojibake], allow: [mojibake]",
        60,
        "`tidy`: `only` lists the faults to look for: leave `allow` out",
    ),
    ("well_formed, no_empty_columns: maybe", 49, "`no_empty_columns` takes `true` or `false`, not `maybe`"),
    ("well_formed, where: a = 'x'", 38, "`well_formed` is about whole files: it takes no `where`"),
    ("fresh, column: t", 11, "`fresh` needs `within`"),
    (
        "fresh, column: t, within: 3 parsecs",
        44,
        "`within` takes a length of time such as 30d, 36h or 2y, not `3 parsecs`",
    ),
    ("fresh, column: t, within: -3d", 44, "`within` takes a length of time such as 30d, 36h or 2y, not `-3d`"),
    ("fresh, column: t, within: 99999y", 44, "99999y goes back to before the calendar begins"),
    ("fresh, column: a, within: 3d", 33, "a is text: declare `type: date` or `type: datetime`"),
    ("current, column: n, within: 3d", 35, "n is integer: declare `type: date` or `type: datetime`"),
    ("current, column: t, within: 99999y", 46, "99999y goes back to before the calendar begins"),
    ("current, column: t, within: soon", 46, "`within` takes a length of time such as 30d, 36h or 2y, not `soon`"),
    ("continuous, column: n", 11, "`continuous` needs `every`"),
    (
        "continuous, column: n, every: 0",
        48,
        "`continuous`: `0` is neither hour, day, week, month, quarter, year nor a whole number from 1",
    ),
    (
        "continuous, column: n, every: -1",
        48,
        "`continuous`: `-1` is neither hour, day, week, month, quarter, year nor a whole number from 1",
    ),
    (
        "continuous, column: n, every: 2",
        48,
        "`continuous`: steps of 2 are counted from a number: give it with `from: …`",
    ),
    ("continuous, column: n, every: day", 48, "n is integer: give the distance between its numbers, such as 1"),
    ("continuous, column: t, every: 1", 48, "t is date: give hour, day, week, month, quarter or year"),
    ("continuous, column: t, every: hour", 48, "t is date, which has no hours: give `day`, or declare datetime"),
    ("continuous, column: a, every: day", 38, "a is text: declare `type: date`, `type: datetime` or `type: integer`"),
    (
        "continuous, column: n, every: 1, by: n",
        55,
        "`continuous`: n is the column whose gaps are counted: it cannot be grouped by",
    ),
    ("continuous, column: n, every: 1, by: []", 55, "`by` is an empty list"),
    ("continuous, column: n, every: 1, from: x", 57, "`x` cannot be parsed as integer, the type of the column"),
    ("continuous, column: n, every: 1, from: 5, until: 2", 67, "`until` is before `from`"),
    (
        "continuous, column: t, every: day, until: 2020-02-30",
        60,
        "`2020-02-30` cannot be parsed as date, the type of the column",
    ),
    ("lag, from: t, to: u", 11, "`lag` needs `within`"),
    ("lag, from: t, to: t, within: 3d", 36, "`lag`: `from` and `to` are both t, so no row has a delay"),
    ("lag, from: t, to: u, within: 3mo", 47, "`lag`: months and years have no fixed length: write 93d"),
    ("lag, from: t, to: u, within: 3m", 47, "`within` takes a length of time such as 30d, 36h or 2y, not `3m`"),
    ("lag, from: t, to: u, within: 36h", 47, "one of the columns is a date, so delays are whole days, not 36h"),
    ("lag, from: a, to: u, within: 3d", 29, "a is text: declare `type: date` or `type: datetime`"),
    ("lag, from: t, to: n, within: 3d", 36, "n is integer: declare `type: date` or `type: datetime`"),
    (
        "lag, from: t, to: u, within: 3d, quantile: 0",
        61,
        "`lag`: `quantile` takes a number greater than 0, at most 1, with at most nine decimals, such as 0.95",
    ),
    (
        "lag, from: t, to: u, within: 3d, quantile: 1.5",
        61,
        "`lag`: `quantile` takes a number greater than 0, at most 1, with at most nine decimals, such as 0.95",
    ),
    ("lag, from: t, to: u, within: 3d, quantile: most", 61, "`quantile` takes a number, not `most`"),
    ("lag, from: u, within: 0d", 11, "`lag` needs `to`"),
    ("active", 11, "`active`: give `until` or `closed`, a date column"),
    ("active, until: t, status: a", 44, "`active`: name the words that mean active with `values`"),
    ("active, until: t, values: [x]", 44, "`active`: name the column of these words with `status`"),
    ("active, until: t, status: a, values: []", 55, "`values` is an empty list"),
    (
        "active, until: t, status: a, values: { codelist: cl }",
        55,
        "`active`: write the words here; a code list contains all codes, not only the active ones",
    ),
    ("active, until: t, closed: t", 44, "`active`: `until` and `closed` are the same column"),
    ("active, until: a", 33, "a is text: declare `type: date` or `type: datetime`"),
    ("active, closed: n", 34, "n is integer: declare `type: date` or `type: datetime`"),
    ("active, until: t, status: n, values: [x]", 55, "`x` cannot be parsed as integer, the type of the column"),
    ("exists_in, column: a", 11, "`exists_in` needs `dataset`"),
    ("exists_in, column: a, dataset: nowhere", 49, "unknown dataset `nowhere`"),
    ("exists_in, column: a, dataset: e", 11, "e declares no key: name its key columns, `key: …`"),
    ("exists_in, column: n, dataset: e, key: k", 37, "n is integer and k of e is text: declare one type for both"),
    ("exists_in, columns: [a, n], dataset: e, key: k", 63, "2 here, 1 in e: a key needs as many columns on both sides"),
    ("exists_in, columns: [], dataset: e, key: k", 38, "`columns` is an empty list"),
    ("exists_in, column: a, dataset: e, key: k, having: n", 68, "`n` is an integer, not a condition"),
    ("absent_from, column: n, dataset: e, key: k", 39, "n is integer and k of e is text: declare one type for both"),
    ("absent_from, dataset: e", 11, "`absent_from` needs `columns`"),
    ("agrees, with: e", 11, "`agrees`: name the columns that must agree: `compare: { here: there }`"),
    ("agrees, with: e", 11, "name the columns that identify an entity in both datasets: `on: { here: there }`"),
    ("agrees, compare: [a]", 11, "`agrees` needs `with`"),
    (
        "agrees, with: e, compare: { a: k }",
        11,
        "name the columns that identify an entity in both datasets: `on: { here: there }`",
    ),
    ("agrees, with: e, on: { a: k }, compare: { n: k }", 58, "n is integer and k is text: declare one type for both"),
    (
        "agrees, with: e, on: { n: k }, compare: { a: k }",
        39,
        "n is integer and k of e is text: declare one type for both",
    ),
    (
        "agrees, with: e, on: { a: k }, compare: { n: { to: n, as: folded } }",
        58,
        "n is integer, which cannot be compared that way",
    ),
    (
        "agrees, with: e, on: { a: k }, compare: { a: { to: k, tolerance: 1 } }",
        58,
        "a is text, which cannot be compared that way",
    ),
    (
        "agrees, with: e, on: { a: k }, compare: { n: { to: n, tolerance: -1 } }",
        83,
        "`tolerance` takes a number from 0, not `-1`",
    ),
    (
        "agrees, with: e, on: { a: k }, compare: { n: { to: n, as: folded, tolerance: 1 } }",
        84,
        "`as` and `tolerance` exclude each other",
    ),
    ("agrees, with: e, on: {}, compare: { n: n }", 39, "`on` is empty"),
    (
        "agrees, with: [e], on: { a: k }, compare: { n: { to: n, as: folded } }",
        60,
        "n is integer, which cannot be compared that way",
    ),
    (
        "agrees, with: [e], on: { a: k }, compare: { n: k }",
        60,
        "n is integer and k of e is text: declare one type for both",
    ),
    (
        "agrees, with: [e], on: { n: k }, compare: { a: k }",
        41,
        "n is integer and k of e is text: declare one type for both",
    ),
    ("agrees, with: [e, e], on: { a: k }, compare: { n: n }", 36, "`e` occurs twice"),
    ("agrees, with: [], on: { a: k }, compare: { n: n }", 32, "`with` names no dataset"),
    ("agrees, with: e, on: { a: k }, compare: { n: n }, require: all", 77, "`require` does not take `all`"),
    ("determines, from: a", 11, "`determines` needs `to`"),
    ("determines, from: a, to: a", 43, "`determines`: a is on both sides; a column always determines itself"),
    ("determines, from: a, to: n, as: folded", 50, "n is integer; only text compares that way: leave `as` out"),
    ("determines, from: [], to: n", 36, "`from` is an empty list"),
    ("determines, from: a, to: p, as: loosely", 50, "`as` does not take `loosely`"),
    ("determines, from: a, to: p, fails: some", 53, "`fails` does not take `some`"),
    ("reconciles, with: e", 11, "`reconciles` needs `measures`"),
    ("reconciles, measures: count(*)", 11, "`reconciles` needs `with`"),
    ("reconciles, with: e, measures: []", 49, "`measures` is empty: name totals such as `count(*)` or `sum(amount)`"),
    ("reconciles, with: e, measures: avg(n)", 49, "`measures` takes totals; `avg` is none"),
    ("reconciles, with: e, measures: { sum(a): sum(n) }", 55, "`a` is text, and arithmetic takes numbers"),
    ("reconciles, with: e, measures: { sum(n): sum(k) }", 63, "`k` is text, and arithmetic takes numbers"),
    (
        "reconciles, with: e, measures: count(*), by: { n: k }",
        63,
        "n is integer and k of e is text: declare one type for both",
    ),
    ("reconciles, with: e, measures: count(*), by: {}", 63, "`by` is empty"),
    (
        "reconciles, with: e, measures: count(*), tolerance: -5",
        70,
        "`tolerance` takes a number from 0, or a share such as 0.5%, not `-5`",
    ),
    (
        "reconciles, with: e, measures: count(*), tolerance: 100%",
        70,
        "`reconciles`: 100% would accept an empty dataset: give less than 100%",
    ),
    ("reconciles, with: e, measures: count(*), having: k > 3", 67, "k is text and does not compare with an integer"),
    ("reconciles, with: nowhere, measures: count(*)", 36, "unknown dataset `nowhere`"),
    ("reconciles, with: d, measures: count(*)", 36, "d always agrees with itself: name another dataset"),
    ("uniform, column: a", 11, "`uniform` needs `as`"),
    ("uniform, column: a, as: nothing", 42, "`as` does not take `nothing`"),
    ("uniform, column: n, as: number", 35, "n is integer; this check needs text"),
    ("steady, column: n", 11, "`steady` needs `max`"),
    ("steady, column: n, max: -1", 42, "`steady`: a drift is never below 0, so nothing is at most -1"),
    ("steady, column: n, max: lots", 42, "`max` takes a number, not `lots`"),
    (
        "steady, column: n, max: 1.5, method: ks",
        42,
        "`steady`: ks is never greater than 1, so nothing fails: give less than 1",
    ),
    (
        "steady, column: n, max: 1, method: chi2",
        42,
        "`steady`: chi2 is never greater than 1, so nothing fails: give less than 1",
    ),
    (
        "steady, column: a, max: 100, method: share",
        42,
        "`steady`: share is never greater than 100, so nothing fails: give less than 100",
    ),
    (
        "steady, column: a, max: 0.1, method: ks",
        55,
        "a is text, and ks needs numbers or dates: take psi, chi2 or share",
    ),
    (
        "steady, column: a, max: 0.1, method: mean",
        55,
        "a is text, and mean needs numbers or dates: take psi, chi2 or share",
    ),
    (
        "steady, column: n, max: 5, method: share",
        53,
        "n is integer, and share needs texts or booleans: take psi, ks, chi2 or mean",
    ),
    ("steady, column: n, max: 0.1, method: magic", 55, "`method` does not take `magic`"),
    ("steady, column: n, max: 0.1, bins: 1", 53, "`steady`: `bins` takes 2 to 100 parts, not 1"),
    ("steady, column: n, max: 0.1, bins: 101", 53, "`steady`: `bins` takes 2 to 100 parts, not 101"),
    ("steady, column: n, max: 0.1, method: ks, bins: 10", 65, "`steady`: `bins` belongs to psi and chi2, not to ks"),
    ("steady, column: a, max: 0.1, bins: 10", 53, "a is text, which is stored by value: leave `bins` out"),
    (
        "steady, column: p, max: 0.1",
        34,
        "p is declared personal: whoever guesses one of its values could find it in the result",
    ),
    ("steady, column: n, max: 0.1, against: gone.json", 56, "`gone.json` does not exist"),
    ("steady, column: n, max: nan", 42, "`max` takes a number, not `nan`"),
    ("columns", 11, "`columns`: give `present` or `types`"),
    ("columns, present: []", 36, "`present` is an empty list"),
    ("columns, present: [a, a]", 40, "`a` occurs twice"),
    ("columns, order: true", 11, "`columns`: give `present` or `types`"),
    ("columns, types: { a: nothing }", 39, "`types` does not take `nothing`"),
    ("columns, types: {}", 34, "`types` is empty"),
    ("columns, no_extra: true", 11, "`columns`: give `present` or `types`"),
    ("columns, present: [a], where: n > 1", 48, "`columns` is about whole files: it takes no `where`"),
    ("shareable, require: []", 38, "`require` is an empty list"),
    ("shareable, require: [nothing]", 39, "`require` does not take `nothing`"),
    ("shareable, updated: a", 38, "a is text: declare `type: date` or `type: datetime`"),
    (
        "shareable, updated: t, require: [owner]",
        38,
        "`shareable`: only the requirement `updates` uses it: add that to `require`",
    ),
    ("shareable, where: n > 1", 36, "`shareable` is about whole files: it takes no `where`"),
    ("anonymous, quasi_identifiers: [a]", 11, "`anonymous` needs `k`"),
    ("anonymous, k: 3", 11, "`anonymous` needs `quasi_identifiers`"),
    ("anonymous, quasi_identifiers: [a], k: 0", 56, "`anonymous`: `k` must be at least 2: a group of 0 hides nobody"),
    ("anonymous, quasi_identifiers: [a], k: 1", 56, "`anonymous`: `k` must be at least 2: a group of 1 hides nobody"),
    ("anonymous, quasi_identifiers: [a], k: 3, l: 2", 62, "`anonymous`: name the columns for `l` with `sensitive`"),
    (
        "anonymous, quasi_identifiers: [a], k: 3, sensitive: n",
        70,
        "`anonymous`: give the number of different values with `l`",
    ),
    (
        "anonymous, quasi_identifiers: [a], k: 3, sensitive: n, l: 4",
        76,
        "`anonymous`: 3 rows cannot have 4 different values: let `k` be at least `l`",
    ),
    (
        "anonymous, quasi_identifiers: [a], k: 3, sensitive: a, l: 2",
        70,
        "`anonymous`: a is also a quasi-identifier, so each group has one value of it: name it in one of the two",
    ),
    ("anonymous, quasi_identifiers: [], k: 3", 48, "`quasi_identifiers` is an empty list"),
    ("no_personal_data, columns: []", 45, "`columns` is an empty list"),
    ("no_personal_data, share: 1", 43, "`no_personal_data`: give a share of at least 0 and less than 1, such as 0.01"),
    (
        "no_personal_data, share: -0.1",
        43,
        "`no_personal_data`: give a share of at least 0 and less than 1, such as 0.01",
    ),
    ("no_personal_data, detectors: []", 47, "`detectors` is an empty list"),
    ("no_personal_data, detectors: [nothing]", 48, "`detectors` does not take `nothing`"),
    ("no_personal_data, share: some", 43, "`share` takes a number, not `some`"),
    ("required, column: a, segment: p", 48, "`p` is declared personal: groups by it would show single persons"),
    ("required, column: a, segment: []", 48, "`segment` is an empty list"),
    ("required, column: a, segment: [n, n]", 52, "`n` occurs twice"),
    ("row_count, min: 1, segment: n", 46, "`row_count` judges the dataset as a whole: it takes no `segment`"),
    (
        "required, column: a, at_least: 101%",
        49,
        "`at_least` takes a share such as 99.5% (at most four decimals) or a number of rows such as `20 rows`, not `101%`",
    ),
    (
        "required, column: a, at_least: -1",
        49,
        "`at_least` takes a share such as 99.5% (at most four decimals) or a number of rows such as `20 rows`, not `-1`",
    ),
    ("required, column: a, at_least: 5%, at_most: 5%", 53, "`at_least` and `at_most` exclude each other"),
    (
        "required, column: a, at_least: 99.99999%",
        49,
        "`at_least` takes a share such as 99.5% (at most four decimals) or a number of rows such as `20 rows`, not `99.99999%`",
    ),
    ("required, column: a, at_least: 95", 49, "`95` is ambiguous: 95% or 95 rows (`95 rows`)?"),
    ("required, column: a, at_least: 100", 49, "`100` is ambiguous: 100% or 100 rows (`100 rows`)?"),
    ("required, column: a, at_most: 1", 48, "`1` is ambiguous: 1% or 1 row (`1 row`)?"),
    ("required, column: a, warn: { at_most: 5 }", 56, "`5` is ambiguous: 5% or 5 rows (`5 rows`)?"),
    (
        "required, column: a, at_least: 0.95",
        49,
        "`at_least` takes a share such as 99.5% (at most four decimals) or a number of rows such as `20 rows`, not `0.95`",
    ),
    ("required, column: a, warn: {}", 45, "`warn` needs `at_least` or `at_most`"),
    (
        "required, column: a, warn: { at_least: 120% }",
        57,
        "`at_least` takes a share such as 99.5% (at most four decimals) or a number of rows such as `20 rows`, not `120%`",
    ),
    ("required, column: a, weight: 0", 47, "`weight` takes a whole number from 1 to 1000, not `0`"),
    ("required, column: a, severity: grave", 49, "`severity` does not take `grave`"),
    ("required, column: a, dimension: nice", 50, "`dimension` does not take `nice`"),
    ("required, column: a, where: n > 'x'", 50, "'x' is not an integer"),
    (
        "required, column: a, where: sum(n) > 1",
        46,
        "`sum` is an aggregate over all rows, and this expression is about one row",
    ),
    ("required, each: []", 34, "`each` is an empty list"),
    ("required, each: [a, a]", 38, "`a` occurs twice"),
    ("tidy, each: [a, n]", 34, "n is integer; this check needs text"),
    ("range, each: [n, a], within: 5..2", 47, "`range`: the lower bound is greater than the upper one"),
    ("not_future, each: [t, n]", 40, "n is integer: declare `type: date` or `type: datetime`"),
    ("outliers, each: [m, n], by: n", 46, "`outliers`: grouped by n itself, all values of a group are equal"),
    ("aggregate, that: sum(n) > 1, each: [n]", 47, "`aggregate` is not about single columns: it takes no `each`"),
    ("required, column: a, because: [x, y]", 48, "`because` takes a single value, not a list"),
    ("required, column: a, waive: x", 46, "`waive` takes a mapping, not a single value"),
    ("required, column: a, id: Bad Id", 43, "`Bad Id` is not an id"),
    ("tidy, columns: [n, a, m]", 33, "n is integer, m is decimal; this check needs text"),
    (
        "similar, compare: { a: date, t: damerau }, score: 0.9",
        36,
        "a is text, which `date` cannot compare: declare `type: date`",
    ),
    (
        "similar, compare: { a: date, t: damerau }, score: 0.9",
        36,
        "t is date, which `damerau` cannot compare: it needs text",
    ),
    ("columns, types: { a: nothing, n: neither }", 39, "`types` does not take `nothing`"),
    ("columns, types: { a: nothing, n: neither }", 51, "`types` does not take `neither`"),
    (
        "covers, column: a, dataset: e, having: n > 1, key: gone, values: [x]",
        46,
        "`covers`: give `values` or `dataset`, not both",
    ),
    ("identifier, column: a, kind: vn.personal_id, province: n", 73, "n is integer; this check needs text"),
    (r#"aggregate, that: "correlation(n, a) > 0""#, 51, "`a` is text, and arithmetic takes numbers"),
    (r#"expect, that: "m > date '2020-02-30'""#, 42, "'2020-02-30' is not a date"),
    (
        "required, column: a, at_most: 5%, warn: { at_most: -1 }",
        69,
        "`at_most` takes a share such as 99.5% (at most four decimals) or a number of rows such as `20 rows`, not `-1`",
    ),
    ("range, column: n, min: 9, max: 1, each: m", 41, "`range`: the lower bound is greater than the upper one"),
    ("range, column: n, min: 9, max: 1, each: m", 52, "`each` and `column` exclude each other"),
    ("determines, from: [a, a], to: n", 40, "`a` occurs twice"),
    ("continuous, column: u, every: 1", 48, "u is datetime: give hour, day, week, month, quarter or year"),
    ("continuous, column: g, every: day", 38, "g is uuid: declare `type: date`, `type: datetime` or `type: integer`"),
    ("lag, from: b, to: g, within: 1d", 29, "b is boolean: declare `type: date` or `type: datetime`"),
    ("lag, from: b, to: g, within: 1d", 36, "g is uuid: declare `type: date` or `type: datetime`"),
    ("fresh, column: u, within: 1", 44, "`within` takes a length of time such as 30d, 36h or 2y, not `1`"),
    ("length, column: t, min: 2", 34, "t is date; this check needs text"),
    (
        "steady, column: b, max: 0.1, method: mean",
        55,
        "b is boolean, and mean needs numbers or dates: take psi, chi2 or share",
    ),
    (
        "steady, column: u, max: 0.1, method: share",
        55,
        "u is datetime, and share needs texts or booleans: take psi, ks, chi2 or mean",
    ),
    (
        "reconciles, with: e, measures: count(*), by: { n: n, t: k, m: k }",
        63,
        "t is date and k of e is text, m is decimal and k of e is text: declare one type for both",
    ),
    (
        "exists_in, columns: [n, t], dataset: e, key: [k, n]",
        38,
        "n is integer and k of e is text, t is date and n of e is integer: declare one type for both",
    ),
];

fn write(text: &str) -> (Folder, PathBuf) {
    let folder = Folder::new();
    let path = folder.write("suite.yaml", text);
    (folder, path)
}

fn read(text: &str) -> Result<Written, Diagnostics> {
    let (_folder, path) = write(text);
    let load: LoadOptions = options(MemoryLimit::Keys(0), &[], 1).load;
    read_suite(&[path], &load)
}

/// The rules in flow style, each on a line.
fn lines<'r>(rules: impl IntoIterator<Item = &'r str>) -> String {
    rules.into_iter().fold(String::new(), |all, rule| all + "      - { check: " + rule + " }\n")
}

#[test]
fn faults_of_every_check_are_told_at_once() {
    let mut rules: Vec<&str> = FAULTS.iter().map(|(rule, ..)| *rule).collect();
    rules.dedup();
    let text = HEAD.to_owned() + &lines(rules.iter().copied());
    let first = HEAD.lines().count() + 1;
    let mut expected: BTreeMap<usize, Vec<(u32, &str)>> = BTreeMap::new();
    for (rule, column, message) in FAULTS {
        let line = first + rules.iter().position(|known| known == rule).unwrap();
        expected.entry(line).or_default().push((*column, message));
    }
    let found = read(&text).expect_err("it is full of faults");
    let mut told: BTreeMap<usize, Vec<(u32, &str)>> = BTreeMap::new();
    for fault in &found {
        let span = fault.span().expect("a place");
        told.entry(span.line as usize).or_default().push((span.column, &fault.message));
    }
    let mut wrong = String::new();
    for (line, expected) in &expected {
        let (rule, told) = (rules[line - first], told.remove(line).unwrap_or_default());
        let is_told = |((column, message), (place, wanted)): (&(u32, &str), &(u32, &str))| {
            message.ends_with(wanted) && column == place
        };
        if told.len() != expected.len() || !told.iter().zip(expected).all(is_told) {
            writeln!(wrong, "{rule}\n  told {told:?}\n  not {expected:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(told.is_empty(), "{told:?}");
    for check in CHECKS {
        let is_tried = |rule: &&str| rule.split(',').next() == Some(check.name());
        assert!(rules.iter().any(is_tried) || check.name() == "distinct_rows", "{}", check.name());
    }

    let (folder, _) = write(&text);
    for command in ["lint", "audit"] {
        let output = run(&folder, &[command, "suite.yaml"]);
        let said = stdout(&output) + &stderr(&output);
        assert_eq!(code(&output), 2, "{said}");
        assert_eq!(said.matches("--> suite.yaml:").count(), FAULTS.len(), "{command}");
    }
}

/// Rules without a fault, whose columns are exchanged for others.
const FITTING: &[&str] = &[
    "required, columns: [a, n], where: n > 1 and t is not null",
    "row_count, same_as: e, having: n > 1",
    "covers, column: a, values: ['1', '2020-01-01', x]",
    "covers, column: a, dataset: e, key: k, having: n > 1",
    "complete_from, dataset: e, key: { a: k, n: n }",
    "type, column: t, format: '%d/%m/%Y'",
    "matches, column: a, pattern: x",
    "identifier, column: a, kind: vn.personal_id, born: t, sex: a, province: k",
    "allowed, column: n, values: ['1', '2']",
    "allowed, column: a, values: ['1..6', 'M|F']",
    "forbidden, column: a, values: '..'",
    "forbidden, column: a, values: ['n/a...']",
    "required, column: a, at_most: 20 rows, warn: { at_most: 1 row }",
    "required, column: a, at_least: 1_000, warn: { at_least: 95 % }",
    "required, column: a, at_most: 0",
    "allowed, column: a, values: { codelist: cl, at: t }",
    "range, column: n, within: 1..5",
    "range, column: t, min: 2020-01-01, max: 2021-01-01",
    "range, column: a, within: b..z",
    "range, column: n, within: 5..5, exclusive: true",
    "length, column: a, max: 3",
    "not_future, column: t",
    "not_before, column: u, date: '2020-01-01T10:00:00'",
    "not_before, column: t, date: 2020-01-01",
    "expect, that: n + m > 1 or t < u",
    "expect, that: a = k",
    "aggregate, that: avg(n) > min(m)",
    "outliers, column: n, by: a",
    "unique, columns: [a, n]",
    "distinct_rows, ignore: a",
    "similar, compare: { a: jaro_winkler, t: date, n: { within: 2 } }, score: 0.9",
    "similar, compare: [a, k], score: 0.9, swap: [a, k]",
    "similar, compare: [a], score: 0.9, block_on: [[phonetic(a), n], sorted(t:5)]",
    "tidy, columns: [a, k]",
    "fresh, column: t, within: 3d",
    "continuous, column: t, every: month, by: a, from: 2020-01-01, until: 2020-01-31",
    "continuous, column: n, every: 5, from: 10",
    "continuous, column: u, every: hour, from: '2020-01-01T10:00:00', until: 2020-01-01",
    "lag, from: t, to: u, within: 3d",
    "lag, from: t, to: u, within: 36h",
    "active, until: t, closed: u, status: a, values: ['1', x]",
    "exists_in, columns: [a, n], dataset: e, key: [k, n]",
    "agrees, with: e, on: { a: k }, compare: { n: n, a: { to: a, as: folded }, m: { to: n, tolerance: 1 } }",
    "agrees, with: [e], on: { a: k }, compare: { n: n, a: { to: a, as: nfc }, t: { to: t, tolerance: 1 } }",
    "determines, from: a, to: [k, p], as: folded",
    "reconciles, with: e, measures: { sum(n): sum(m), count(*): count(a) }, by: { a: k }, having: n > 1",
    "reconciles, with: d, measures: [count(*), sum(n)], by: [a]",
    "uniform, column: a, as: number",
    "steady, column: n, max: 0.1, method: mean",
    "steady, column: a, max: 1, method: share",
    "steady, column: a, max: 0.1, bins: 5",
    "shareable, updated: t",
    "anonymous, quasi_identifiers: [a, n], k: 3, sensitive: m, l: 2",
    "no_personal_data",
    "required, column: a, segment: n",
    "range, each: [n, m], within: 1..5",
    "not_future, each: ['*']",
];

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn data_type(&mut self) -> DataType {
        DataType::ALL[self.throw(DataType::ALL.len())]
    }

    /// The rule with other columns in the place of some.
    fn exchange(&mut self, rule: &str) -> String {
        let mut changed = String::new();
        let mut word = String::new();
        for sign in rule.chars().chain([' ']) {
            if sign.is_alphanumeric() || sign == '_' {
                word.push(sign);
                continue;
            }
            let is_column = COLUMNS.contains(&word.as_str()) && self.throw(3) == 0;
            changed += if is_column { COLUMNS[self.throw(COLUMNS.len())] } else { &word };
            word.clear();
            changed.push(sign);
        }
        changed
    }
}

/// The columns of both datasets.
const COLUMNS: [&str; 9] = ["a", "b", "g", "k", "m", "n", "p", "t", "u"];

/// The types of the columns of both datasets.
type Types = BTreeMap<(&'static str, &'static str), DataType>;

struct Stored(BTreeMap<&'static str, Vec<SourceColumn>>);

impl Schemas for Stored {
    fn columns(&self, dataset: &str) -> Option<&[SourceColumn]> {
        self.0.get(dataset).map(Vec::as_slice)
    }

    fn inner_columns(&self, _: &str) -> &[SourceColumn] {
        &[]
    }
}

impl Stored {
    fn new(types: &Types) -> Self {
        let mut stored: BTreeMap<&str, Vec<SourceColumn>> = BTreeMap::new();
        for ((dataset, column), kind) in types {
            let column =
                SourceColumn { name: (*column).to_owned(), stored: kind.name().to_owned(), data_type: Some(*kind) };
            stored.entry(dataset).or_default().push(column);
        }
        Self(stored)
    }
}

/// A suite of one rule, in which columns are declared of some types.
fn suite_of(rule: &str, declared: &Types) -> String {
    let columns = |dataset: &str| -> String {
        let own = declared.iter().filter(|((of, _), _)| *of == dataset);
        let own: Vec<String> = own.map(|((_, column), kind)| format!("{column}: {{ type: {kind} }}")).collect();
        format!("    source: {dataset}.parquet\n    columns: {{ {} }}\n", own.join(", "))
    };
    format!(
        "suite: s\nas_of: 2026-01-01\ncodelists:\n  cl: {{ values: [x] }}\ndatasets:\n  e:\n{}  d:\n{}    rules:\n{}",
        columns("e"),
        columns("d"),
        lines([rule])
    )
}

fn told(diagnostics: &Diagnostics) -> Vec<(u32, u32, String)> {
    let place = |span: passmuster::rules::Span| (span.line, span.column);
    let one = |fault: &passmuster::rules::Diagnostic| {
        let (line, column) = fault.span().map_or((0, 0), place);
        (line, column, fault.message.clone())
    };
    diagnostics.iter().map(one).collect()
}

/// What is told before there is data, no data takes away; and where all columns are declared, nothing is told later.
#[test]
fn no_rule_is_refused_that_some_data_fits() {
    let mut dice = Dice(7);
    let (mut refused, mut silent) = (0, 0);
    let rules: Vec<&str> = FAULTS.iter().map(|(rule, ..)| *rule).chain(FITTING.iter().copied()).collect();
    for rule in rules.iter().flat_map(|rule| [*rule; 6]) {
        let rule = dice.exchange(rule);
        let part = dice.throw(3);
        let mut declared = Types::new();
        for at in ["d", "e"].into_iter().flat_map(|dataset| COLUMNS.map(|column| (dataset, column))) {
            if part == 0 || dice.throw(2) == 0 {
                declared.insert(at, dice.data_type());
            }
        }
        let Ok(suite) = read(&suite_of(&rule, &declared)) else { continue };
        let early = told(&suite.unfit);
        if early.is_empty() {
            silent += 1;
        } else {
            refused += 1;
        }
        for _ in 0..8 {
            let mut types = declared.clone();
            for at in ["d", "e"].into_iter().flat_map(|dataset| COLUMNS.map(|column| (dataset, column))) {
                types.entry(at).or_insert_with(|| dice.data_type());
            }
            let late = told(&suite.bind_diagnostics(&suite.bind(&Stored::new(&types))));
            assert!(early.is_empty() || !late.is_empty(), "{rule}\n{declared:?}\n{types:?}\n{early:?}");
            let by_files = ["distinct_rows", "no_personal_data", "gone", "'*'"].iter().any(|word| rule.contains(word));
            if part == 0 && !by_files {
                // Columns that get the same rule have ids of their own, and one fault.
                let without_id = |(line, column, message): &(u32, u32, String)| {
                    (*line, *column, message.split_once(": ").map_or("", |(_, rest)| rest).to_owned())
                };
                let early: Vec<_> = early.iter().map(without_id).collect();
                assert!(
                    late.iter().all(|fault| early.contains(&without_id(fault))),
                    "{rule}\n{declared:?}\n{early:?}\n{late:?}"
                );
            }
        }
    }
    assert!(refused > 500 && silent > 300, "{refused} {silent}");
}

/// The faults of a suite of one dataset `d`, whose columns are declared, with some rules.
fn faults_of(columns: &str, rules: &[&str]) -> Vec<(u32, u32, String)> {
    let head = format!(
        "suite: s\nas_of: 2026-01-01\ndatasets:\n  d:\n    source: d.csv\n    columns: {{ {columns} }}\n    rules:\n"
    );
    match read(&(head + &lines(rules.iter().copied()))) {
        Ok(suite) => told(&suite.unfit),
        Err(faults) => told(&faults),
    }
}

/// Several patterns of one rule are one rule until the columns are known.
#[test]
fn patterns_stand_for_the_columns_that_must_be_there() {
    for each in ["['a*', 'p*']", "['*', 'zz*']", "['a*', '*a']", "[a, 'a*', n]"] {
        for rule in [format!("required, each: {each}"), format!("required, id: q, each: {each}")] {
            assert_eq!(faults_of("n: { type: integer }", &[rule.as_str()]), [], "{rule}");
        }
    }
    let told = faults_of(
        "n: { type: integer }, t: { type: date }, p: { pii: basic }",
        &["tidy, each: ['*']", "range, within: 1..5, each: ['*']", "outliers, each: ['*']"],
    );
    let expected = [
        (8, 31, "d.tidy.n: n is integer; this check needs text"),
        (8, 31, "d.tidy.t: t is date; this check needs text"),
        (9, 33, "d.range.t: `1` cannot be parsed as date, the type of the column"),
        (9, 33, "d.range.t: `5` cannot be parsed as date, the type of the column"),
    ];
    assert_eq!(told.iter().map(|(line, at, text)| (*line, *at, text.as_str())).collect::<Vec<_>>(), expected);
    let told = faults_of("a: { pii: basic }", &["required, each: 'a*', id: q", "unique, columns: a, id: q.a"]);
    assert_eq!(told, [(8, 11, "q.a: the id `q.a` occurs twice: give the rule of `each` another id".to_owned())]);
}

/// What is wrong with one rule is told at once, whatever kind of fault it is, and one fault hides no other.
#[test]
fn faults_of_one_rule_are_told_together() {
    let columns = "n: { type: integer }, m: { type: decimal }, t: { type: date }, b: { type: boolean }";
    let cases: &[(&str, &[&str])] = &[
        (
            "identifier, column: m, kind: vn.personal_id, born: a, sex: n, province: n",
            &["m is decimal", "a is text", "n is integer", "n is integer"],
        ),
        ("range, column: n, min: abc, max: def", &["`abc` cannot be", "`def` cannot be"]),
        ("allowed, column: n, values: [x, y, '1']", &["`x`, `y` cannot be parsed as integer"]),
        ("covers, column: n, values: [x, y]", &["`x`, `y` cannot be parsed as integer"]),
        (
            "active, until: n, closed: m, status: n, values: [q]",
            &["n is integer: declare", "m is decimal: declare", "`q` cannot be parsed"],
        ),
        ("lag, from: n, to: m, within: 1d", &["n is integer", "m is decimal"]),
        (
            "lag, from: n, to: m, within: soon, quantile: 7",
            &["n is integer", "m is decimal", "`within` takes", "`quantile` takes"],
        ),
        (
            "continuous, column: n, every: day, from: x, until: y",
            &["give the distance", "`x` cannot be", "`y` cannot be"],
        ),
        (
            "similar, score: 2, compare: [a, n], swap: [a], block_on: ['nosuch(a)']",
            &["`score` takes", "`swap` takes two", "`nosuch` is no"],
        ),
        ("similar, compare: [a, n], score: 2, block_on: ['soundex(n)']", &["`score` takes", "soundex(n) needs text"]),
        ("matches, column: n, pattern: '('", &["n is integer; this check needs text", "is not a regular expression"]),
        ("required, column: p, segment: [p, n, n], where: n > 'x'", &["`n` occurs twice", "'x' is not an integer"]),
        ("anonymous, quasi_identifiers: a, k: x, l: 3", &["`k` takes", "name the columns for `l`"]),
        ("fresh, column: n, within: soon", &["n is integer", "`within` takes"]),
        ("not_before, column: n, date: soon", &["n is integer", "is not a date"]),
        ("uniform, column: n, as: nothing", &["n is integer", "`as` does not take"]),
        ("length, column: n, min: -1", &["n is integer", "`min` takes"]),
        ("length, column: n, mn: 1", &["n is integer", "unknown parameter `mn` of `length`"]),
        (
            "outliers, column: b, by: a, factor: 0, method: nothing",
            &["b is boolean", "the factor must be", "`method` does not take"],
        ),
        (
            "steady, column: n, max: -1, bins: 0, against: no.json",
            &["a drift is never below 0", "2 to 100 parts", "`no.json` does not exist"],
        ),
        ("expect, that: \"n = 'x' and m = 'y' and t > b\"", &["'x' is not", "'y' is not", "`t` is a date"]),
        (
            "agrees, with: e, on: { a: n }, compare: { t: n, b: n }",
            &["a is text and n of e", "t is date", "b is boolean"],
        ),
        (
            "agrees, with: e, compare: { n: { as: folded }, a: { tolerance: 3 } }",
            &["name the columns that identify", "n is integer, which cannot", "a is text"],
        ),
        (
            "reconciles, with: e, measures: { sum(a): sum(k), avg(n): avg(n) }, by: { t: n }, where: n > 'x', having: k > 1",
            &["`avg`", "`avg`", "t is date and n of e is integer", "'x' is not", "k is text"],
        ),
        (
            "exists_in, columns: n, dataset: e, key: [n, n], having: n > 'x', where: m > 'y'",
            &["`n` occurs twice", "'x' is not", "'y' is not"],
        ),
        ("complete_from, dataset: d, key: n, where: n >", &["the expression ends"]),
        ("matches, column: a, patern: x", &["`matches` needs `pattern`", "unknown parameter"]),
        ("range, column: n, withn: 1..5", &["unknown parameter"]),
        ("row_count, mn: 5", &["unknown parameter"]),
        ("covers, column: a, valuess: [x]", &["unknown parameter"]),
        ("active, until: x1, status: a, values: []", &["x1 is text", "`values` is an empty list"]),
        ("identifier, column: a, kind: nothing, born: t", &["`nothing`"]),
    ];
    let mut wrong = String::new();
    for (rule, expected) in cases {
        let text = format!(
            "suite: s\nas_of: 2026-01-01\ndatasets:\n  e: {{ source: e.csv, columns: {{ n: {{ type: integer }} }} }}\n  d:\n    \
             source: d.csv\n    columns: {{ {columns} }}\n    rules:\n"
        );
        let told = match read(&(text + &lines([*rule]))) {
            Ok(suite) => told(&suite.unfit),
            Err(faults) => told(&faults),
        };
        let has = |part: &&&str| told.iter().any(|(_, _, message)| message.contains(**part));
        if told.len() != expected.len() || expected.iter().filter(has).count() != expected.len() {
            writeln!(wrong, "{rule}\n  told {told:#?}\n  not {expected:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What no data can satisfy, or says less than it seems to, is told before there is data.
#[test]
fn what_no_data_fits_is_told() {
    let cases: &[(&str, &str)] = &[
        ("range, column: n, within: 1.1..1.9", "no whole number is within these bounds"),
        ("range, column: n, min: 1, max: 2, exclusive: true", "no whole number is within these bounds"),
        ("row_count, same_as: d, tolerance: 100%", "100% would accept"),
        (
            "continuous, column: n, every: 1, from: -9223372036854775808, until: 9223372036854775807",
            "more points from `from` to `until`",
        ),
        ("similar, compare: a, score: 0.9, block_on: 'phonetic(a:3)'", "phonetic takes a column and no number"),
        ("similar, compare: a, score: 0.9, block_on: 'phonetic(soundex(a))'", "transforms do not nest"),
        ("similar, compare: a, score: 0.9, each: [a]", "takes no `each`"),
        ("anonymous, quasi_identifiers: a, k: 99999999999999999999", "a whole number up to 18446744073709551615"),
    ];
    for (rule, expected) in cases {
        let told = faults_of("n: { type: integer }", &[rule]);
        assert!(told.iter().any(|(_, _, message)| message.contains(expected)), "{rule}: {told:?}");
    }
    for rule in ["range, column: n, within: 1.1..2", "range, column: n, min: 1, max: 3, exclusive: true"] {
        assert_eq!(faults_of("n: { type: integer }", &[rule]), [], "{rule}");
    }
    let text = HEAD.to_owned() + &lines(["not_matches, column: a, pattern: '.*'", "required, column: 'a*'"]);
    let suite = read(&text).unwrap();
    let told: Vec<String> = passmuster::rules::lint(&suite).into_iter().map(|lint| lint.diagnostic.message).collect();
    assert!(told.iter().any(|message| message.ends_with("fails for every value")), "{told:?}");
}

/// Each rule under a column has its place, and its own faults.
#[test]
fn faults_under_one_column_are_told_apart() {
    let keys = "type: date, length: 5, matches: x, tidy: true, uniform: date, not_matches: y, identifier: iban";
    let told = faults_of(
        &format!("t: {{ {keys} }}, n: {{ type: integer, not_future: true, fresh: 3d, current: 3d }}"),
        &["required, column: n"],
    );
    let line =
        format!("    columns: {{ t: {{ {keys} }}, n: {{ type: integer, not_future: true, fresh: 3d, current: 3d }}");
    let places: Vec<&str> =
        told.iter().map(|(_, column, _)| line[*column as usize - 1..].split(':').next().unwrap_or_default()).collect();
    let expected =
        ["length", "matches", "tidy", "uniform", "not_matches", "identifier", "not_future", "fresh", "current"];
    assert_eq!(places, expected, "{told:?}");
}

/// A file that is missing hides no fault of those that are there; what it may declare is not held against them.
#[test]
fn a_missing_file_hides_nothing() {
    let text = "suite: s\nextends: [gone.yaml]\ndatasets:\n  d:\n    source: d.csv\n    rules:\n      \
                - { check: range, column: a }\n      - { check: unique, columns: a, title: '${x}' }\n      \
                - { check: exists_in, columns: a, dataset: e, key: k }\n      \
                - { check: allowed, column: a, values: { codelist: c } }\n";
    let found = read(text).expect_err("a file is missing");
    let told = told(&found);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].2.contains("`gone.yaml` does not exist"), "{told:?}");
    assert!(told[1].2.contains("`range`: give a bound"), "{told:?}");
}
