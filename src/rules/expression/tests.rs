use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::model::{AggregateFunction, DataType, Quantile, Value};
use crate::scalar::{Cell, Evaluator, parse_value};

/// A register of persons; `notes` is stored as a list.
struct Register;

const COLUMNS: &[(&str, DataType)] = &[
    ("id", DataType::Text),
    ("name", DataType::Text),
    ("income", DataType::Text),
    ("age", DataType::Integer),
    ("children", DataType::Integer),
    ("weight", DataType::Decimal),
    ("birth", DataType::Date),
    ("issued", DataType::Date),
    ("updated", DataType::Datetime),
    ("active", DataType::Boolean),
    ("token", DataType::Uuid),
    ("Họ và tên", DataType::Text),
    ("year", DataType::Integer),
    ("date", DataType::Date),
];

impl Columns for Register {
    fn data_type(&self, name: &str) -> Result<DataType, ColumnProblem> {
        let known = COLUMNS.iter().find(|(known, _)| *known == name).map(|(_, data_type)| *data_type);
        known.ok_or(if name == "notes" { ColumnProblem::Unsupported } else { ColumnProblem::Unknown })
    }

    fn names(&self) -> Vec<String> {
        COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect()
    }
}

fn as_of() -> AsOf {
    AsOf::parse("2026-11-23").unwrap()
}

fn resolved(text: &str) -> Result<Expr, Vec<ExprError>> {
    parse(text)?.resolve(&Register, as_of())
}

/// The canonical text of a resolved expression.
fn shown(text: &str) -> String {
    resolved(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}")).to_string()
}

/// The only error of an expression.
fn error(text: &str) -> ExprError {
    let mut errors = resolved(text).map(|expr| panic!("{text} resolves to {expr}")).unwrap_err();
    assert_eq!(errors.len(), 1, "{text}: {errors:?}");
    errors.remove(0)
}

/// One row: cells by column as they are in a file; absent ones are missing.
fn outcome(text: &str, row: &[(&str, &str)]) -> Cell {
    let expr = resolved(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
    let cell = |name: &str| match row.iter().find(|(known, _)| *known == name) {
        None => Cell::NULL,
        Some((_, cell)) => {
            let data_type = Register.data_type(name).unwrap();
            parse_value(cell, data_type, None).map_or(Cell::Unreadable, Cell::Value)
        }
    };
    Evaluator::compile(&expr, as_of()).unwrap().evaluate(&cell, &[])
}

const TRUE: Cell = Cell::Value(Value::Boolean(true));
const FALSE: Cell = Cell::Value(Value::Boolean(false));
const NULL: Cell = Cell::NULL;
const BAD: Cell = Cell::Unreadable;

#[test]
fn rows_come_out_as_worked_by_hand() {
    let row: &[(&str, &str)] = &[
        ("id", "00070"),
        ("name", "Nguyễn Văn An"),
        ("age", "17"),
        ("children", "abc"),
        ("weight", "61.5"),
        ("birth", "2008-11-24"),
        ("issued", "31/02/2020"),
        ("updated", "2026-11-22T23:30:00+07:00"),
        ("active", "yes"),
        ("token", "123e4567-e89b-12d3-a456-426614174000"),
        ("Họ và tên", "AN"),
        ("year", "2008"),
        ("date", "2024-02-29"),
    ];
    // income is missing, children and issued are not readable.
    for (text, expected) in [
        ("age = 17", TRUE),
        ("age <> 17", FALSE),
        ("age != 17", FALSE),
        ("age < 17.5", TRUE),
        ("age + 1 = 18 and age * 2 = 34", TRUE),
        ("age / 2 = 8.5", TRUE),
        ("age % 5 = 2", TRUE),
        ("-age = -17", TRUE),
        ("age / (age - 17) > 0", BAD),
        ("age % (17 - age) > 0", BAD),
        ("age * 9223372036854775807 > 0", TRUE),
        ("age * 99999999999999999999999999999999999999 > 0", BAD),
        ("weight * 2 = 123", TRUE),
        ("id = '00070'", TRUE),
        ("id = '70'", FALSE),
        ("cast(id as integer) = 70", TRUE),
        ("cast(name as integer) = 70", BAD),
        ("cast(age as text) = '17'", TRUE),
        ("cast(weight as integer) = 61", BAD),
        ("birth < '2026-11-23'", TRUE),
        ("birth > date '2008-11-23'", TRUE),
        ("birth between '2008-01-01' and '2008-12-31'", TRUE),
        ("birth not between '2008-01-01' and '2008-12-31'", FALSE),
        ("issued > birth", BAD),
        ("issued > birth or age = 17", TRUE),
        ("issued > birth and age = 18", FALSE),
        ("not issued > birth", BAD),
        ("issued is null", FALSE),
        ("issued is not null", TRUE),
        ("children is null", FALSE),
        ("children = 1 and income = 'x'", BAD),
        ("income is null", TRUE),
        ("income = 'x'", NULL),
        ("income <> 'x'", NULL),
        ("not income = 'x'", NULL),
        ("income = 'x' or age = 17", TRUE),
        ("income = 'x' and age = 18", FALSE),
        ("income in ('x', 'y')", NULL),
        ("income not in ('x', 'y')", NULL),
        ("age in (16, 17)", TRUE),
        ("age not in (16, 17)", FALSE),
        ("children in (1, 2)", BAD),
        ("updated < '2026-11-23'", TRUE),
        ("updated = timestamp '2026-11-22T16:30:00'", TRUE),
        ("updated > birth", TRUE),
        ("cast(updated as date) = '2026-11-22'", TRUE),
        ("active", TRUE),
        ("not active", FALSE),
        ("active = true", TRUE),
        ("active = 'no'", FALSE),
        ("cast(active as integer) = 1", TRUE),
        ("name like 'Nguyễn%'", TRUE),
        ("name like '%_n'", TRUE),
        ("name not like '%An'", FALSE),
        ("income like '%'", NULL),
        ("matches(id, '\\d{5}')", TRUE),
        ("matches(id, '\\d{4}')", FALSE),
        ("length(name) = 13", TRUE),
        ("upper(name) = 'NGUYỄN VĂN AN'", TRUE),
        ("lower(\"Họ và tên\") = 'an'", TRUE),
        ("`Họ và tên` = 'AN'", TRUE),
        ("substr(id, 1, 3) = '000'", TRUE),
        ("substr(id, 4) = '70'", TRUE),
        ("trim(replace(name, 'Văn', '')) = 'Nguyễn  An'", TRUE),
        ("coalesce(income, 'none') = 'none'", TRUE),
        ("coalesce(children, 0) = 0", BAD),
        ("coalesce(age, 0.5) = 17", TRUE),
        ("abs(-age) = 17", TRUE),
        ("round(weight) = 62", TRUE),
        ("round(weight / 7, 2) = 8.79", TRUE),
        ("year(birth) = year and month(birth) = 11 and day(birth) = 24", TRUE),
        ("date = '2024-02-29'", TRUE),
        ("date_diff(date, '2024-02-01') = 28", TRUE),
        ("date + interval '1 day' = '2024-03-01'", TRUE),
        ("interval '1' month + date = date '2024-03-29'", TRUE),
        ("date - interval 1 year = '2023-02-28'", TRUE),
        ("date + interval '36 hours' = timestamp '2024-03-01 12:00:00'", TRUE),
        ("date_add(date, -age, 'day') = '2024-02-12'", TRUE),
        ("date_add(date, 9223372036854775807, 'month') > date", BAD),
        ("today() - interval '2 weeks' = date '2026-11-09'", TRUE),
        ("age(birth) = 17", TRUE),
        ("age(birth, '2026-11-24') = 18", TRUE),
        ("today() = '2026-11-23' and as_of() = today()", TRUE),
        ("birth < today()", TRUE),
        ("starts_with(id, '000') and ends_with(id, '70') and contains(id, '007')", TRUE),
        ("case when age < 18 then 'minor' else 'adult' end = 'minor'", TRUE),
        ("case when children > 1 then 1 else 0 end = 0", BAD),
        ("case when income = 'x' then 1 else 0 end = 0", TRUE),
        ("case when age > 18 then 1 end = 0", NULL),
        ("case age when 16 then 'a' when 17 then 'b' end = 'b'", TRUE),
        ("case when active then age else weight end = 17", TRUE),
        ("token = '123e4567-e89b-12d3-a456-426614174000'", TRUE),
        ("token <> id", TRUE),
        ("age = 17 or age / 0.5 > 1 and not (age = 17)", TRUE),
        ("AGE(birth) = 17 AND Year(birth) IN (2008)", TRUE),
        ("weight > 61 and weight < 9223372036854775807", TRUE),
        ("age =\n  17 -  -0\tand true", TRUE),
        ("age = +17", TRUE),
        ("age > -9223372036854775808", TRUE),
        ("'2008-11-24' = birth", TRUE),
        ("'17' = age", TRUE),
        ("id = 'it''s'", FALSE),
    ] {
        assert_eq!(outcome(text, row), expected, "{text}");
    }
}

#[test]
fn literals_take_the_type_of_their_column() {
    for (text, canonical) in [
        ("birth > '2020-01-01'", "(birth > date '2020-01-01')"),
        ("birth > '2020-01-01T10:00'", "(birth > timestamp '2020-01-01T10:00:00')"),
        ("updated > '2020-01-01'", "(updated > timestamp '2020-01-01T00:00:00')"),
        ("updated > date '2020-01-01'", "(updated > timestamp '2020-01-01T00:00:00')"),
        ("age > '18'", "(age > 18)"),
        ("age > '18.5'", "(age > 18.5)"),
        ("age > 18.0", "(age > 18)"),
        ("weight in ('1', 2, 2.5)", "(weight in (1, 2, 2.5))"),
        ("birth in ('2020-01-01', today())", "(birth in (date '2020-01-01', date '2026-11-23'))"),
        ("age between 1 + 1 and 2 * 10", "((age >= 2) and (age <= 20))"),
        ("age not between 1 and 2", "((age < 1) or (age > 2))"),
        ("1 + 2 * 3 = age", "(7 = age)"),
        ("age(birth) >= 18", "(age(birth, date '2026-11-23') >= 18)"),
        ("birth < cast('2020-01-01' as date)", "(birth < date '2020-01-01')"),
        ("active = 'no'", "(active = false)"),
        ("coalesce(age, weight) > 1", "(coalesce(cast(age as decimal), weight) > 1)"),
        ("coalesce(birth, '2020-01-01') > issued", "(coalesce(birth, date '2020-01-01') > issued)"),
        ("((age)) = ((1))", "(age = 1)"),
        ("a_missing is null or true", "error"),
    ] {
        match resolved(text) {
            Ok(expr) => assert_eq!(expr.to_string(), canonical, "{text}"),
            Err(_) => assert_eq!(canonical, "error", "{text}"),
        }
    }
}

#[test]
fn mistakes_are_named_where_they_stand() {
    // text, the part that the error points at, words of the message, words of the help
    for (text, part, message, help) in [
        ("incme = 'x'", "incme", "no column `incme`", "`income`"),
        ("Income = 'x'", "Income", "no column `Income`", "`income`"),
        ("zzzzz = 'x'", "zzzzz", "no column `zzzzz`", ""),
        ("name = \"Nam\"", "\"Nam\"", "no column `Nam`", ""),
        ("name = \"Không rõ\"", "\"Không rõ\"", "no column", "single quotes"),
        ("notes = 'x'", "notes", "stored in a type", ""),
        ("income > 5", "income > 5", "income is text", "cast(income as decimal)"),
        ("income + 1 > 5", "income", "income` is text", "cast(income as decimal)"),
        ("income > birth", "income > birth", "income is text", "cast(income as date)"),
        ("birth > '31/02'", "'31/02'", "'31/02' is not a date", "date '2020-12-31'"),
        ("birth > date '2020-02-30'", "'2020-02-30'", "'2020-02-30' is not a date", "exists"),
        ("updated > timestamp '2020-02-01T25:00'", "'2020-02-01T25:00'", "is not a datetime", ""),
        ("age = 'old'", "'old'", "'old' is not an integer", "42"),
        ("token = 'abc'", "'abc'", "'abc' is not a uuid", ""),
        ("active = 'maybe'", "'maybe'", "is not a boolean", ""),
        ("birth > 5", "birth > 5", "`birth` is a date and does not compare with `5`, an integer", ""),
        ("active > true", "active > true", "booleans have no order", "="),
        ("1 < age < 10", "1 < age < 10", "does not compare", "joined with `and`"),
        ("age", "age", "`age` is an integer, not a condition", "age ="),
        ("age + 1", "age + 1", "not a condition", ""),
        ("not age", "age", "not a condition", ""),
        ("age = 1 and name", "name", "not a condition", ""),
        ("income = null", "null", "makes outcomes unknown", "is null"),
        ("null", "null", "not a condition", ""),
        ("age in (1, null)", "null", "makes outcomes unknown", ""),
        ("age in (1, weight)", "weight", "constants only", ""),
        ("age in (1, 2.5)", "2.5", "can never equal", ""),
        ("age in ('x')", "'x'", "not an integer", ""),
        ("income in (1, 2)", "income in (1", "income is text", "cast(income"),
        ("age / 0 > 1", "0", "division by zero", ""),
        ("age % 0.0 > 1", "0.0", "division by zero", ""),
        ("age > 100000000000000000000000000000000000000", "100000000000000000000000000000000000000", "38 digits", "e0"),
        (
            "age > 99999999999999999999999999999999999999 + 1",
            "99999999999999999999999999999999999999 + 1",
            "does not fit",
            "",
        ),
        ("weight > 1e400", "1e400", "not a number that a decimal or a float can hold", ""),
        ("weight > .5", ".5", "not a number", "0.5"),
        ("birth - 3 > 3", "birth", "arithmetic takes numbers", "date_diff"),
        ("age between 10 and 5", "10 and 5", "nothing lies between", "lower one first"),
        ("active between true and false", "active", "no order", ""),
        ("age like '1%'", "age", "`like` takes text", "cast(age as text)"),
        ("name like name", "name", "a text in single quotes", ""),
        ("name like 'a\\'", "'a\\'", "ends in", ""),
        ("name like 'a' escape 'x'", "name like 'a'", "`escape` is not part", "escapes"),
        ("length(age) > 1", "age", "`length` takes text", "cast(age as text)"),
        ("length() > 1", "length", "takes 1 argument, not 0", ""),
        ("replace(name, 'a') = ''", "replace", "takes 3 arguments, not 2", ""),
        ("matches(name, '(')", "'('", "not valid at character 1", ""),
        ("matches(name, '(?=a)')", "'(?=a)'", "look-ahead", ""),
        ("matches(name, name)", "name", "a text in single quotes", ""),
        ("year(income) = 1", "income", "`year` takes a date", "cast(income as date)"),
        ("round(weight, 20) > 1", "20", "0 to 15 digits", ""),
        ("round(weight, age) > 1", "age", "0 to 15 digits", ""),
        ("cast(active as date) = today()", "active", "`active` is a boolean and cannot become a date", ""),
        ("cast('x' as integer) = 1", "'x'", "this constant is not an integer", ""),
        ("cast(age as bigint) = 1", "age", "`bigint` is not a type", "`integer`"),
        ("cast(age as varchar(10)) = '1'", "age", "is not a type", "`text`"),
        ("age::text = '1'", "age", "this form of cast", "cast(x as"),
        ("lenght(name) = 1", "lenght", "no function `lenght`", "`length`"),
        ("now() > birth", "now", "no function `now`", "today()"),
        ("current_date > birth", "current_date", "not part", "today()"),
        ("avg(age) > 1", "avg", "an aggregate over all rows", "`aggregate`"),
        ("age > (select 1)", "select 1", "a subquery is not part", "exists_in"),
        ("age in (select 1)", "age in (select 1", "a subquery", "exists_in"),
        ("exists (select 1)", "select 1", "a subquery", ""),
        ("t.age > 1", "t.age", "there is no column `t.age`", "without its dataset"),
        ("active is true", "active", "`is true`", ""),
        ("name ilike 'a'", "name ilike 'a'", "`ilike`", "lower(x)"),
        ("name || 'a' = 'b'", "name || 'a'", "operator `||`", "cannot be joined"),
        ("name ~ 'a'", "name ~ 'a'", "operator `~`", ""),
        ("birth > interval '3 days'", "'3 days'", "no value of its own", "interval '3 hours'"),
        (
            "birth > today() - interval '3 fortnights'",
            "'3 fortnights'",
            "one whole number and one unit",
            "seconds, minutes",
        ),
        ("birth > today() - interval '1.5 hours'", "'1.5 hours'", "one whole number and one unit", "date_add"),
        ("birth * interval '3 days' > birth", "birth * interval '3 days'", "an interval is added to a date", ""),
        ("interval '3 days' - birth > birth", "'3 days' - birth", "an interval is added to a date", ""),
        ("age + interval '3 days' > birth", "age", "`interval` takes a date", ""),
        ("date_add(birth, 'x', 'day') > birth", "'x'", "takes an integer", ""),
        ("date_add(birth, 1, 'days') > birth", "'days'", "`date_add` does not count", "'day'"),
        ("date_add(birth, 1) > birth", "date_add", "takes 3 arguments, not 2", ""),
        ("date '9999-12-31' + interval '1 day' > birth", "'9999-12-31'", "cannot be computed", ""),
        ("dateadd(birth, 1) > birth", "dateadd", "no function", "interval '3 hours'"),
        ("count(*) over () > 1", "count", "this form of a call", ""),
        ("(age, 1) = 3", "age, 1", "a list of values", ""),
        ("name = $1", "$1", "a placeholder", "${name}"),
        ("name = x'41'", "x'41'", "this kind of literal", "single quotes"),
        ("today(1) = birth", "today", "takes no arguments", ""),
        ("case when age = 1 then 'a' else 1 end = 'a'", "'a'", "'a' is not an integer", ""),
        ("case when age = 1 then birth else age end = 1", "age", "the results differ in type", "cast"),
        ("case when age = 1 then null end = 1", "null", "every result is `null`", ""),
        ("age = 1 -- or true", "-- or true", "a comment", "space"),
        ("age = 1 /* x */", "/* x */", "a comment", ""),
        ("age = 1 name", "name", "after the end", "`and` or `or`"),
        ("age =", "", "the expression ends where an expression is expected", ""),
        ("age = )", ")", "`)` is found where", ""),
        ("(age = 1", "", "ends where", ""),
        ("age = 'x", "", "unterminated", ""),
        ("", "", "empty", ""),
        (" \n ", " \n ", "empty", ""),
        ("age = 1 and\n  incme = 'x'", "incme", "no column `incme`", "`income`"),
        ("name = 'ễễễ' and incme = 'x'", "incme", "no column `incme`", ""),
    ] {
        let error = error(text);
        let given = error.help.clone().unwrap_or_default();
        assert!(error.message.contains(message), "{text}: {error:?}");
        assert!(given.contains(help), "{text}: {error:?}");
        assert!(!error.message.contains('\n') && !given.contains('\n'), "{text}: {error:?}");
        let pointed = &text[error.at..error.at + error.len];
        assert!(
            pointed.starts_with(part.trim_end_matches('…')) || part.is_empty() && error.len == 0,
            "{text}: at `{pointed}`"
        );
    }
}

#[test]
fn all_mistakes_come_at_once() {
    let errors = resolved("incme > 5 and brith < today() and age = 'x'").unwrap_err();
    assert_eq!(errors.iter().map(|error| error.at).collect::<Vec<_>>(), [0, 14, 40]);
    let errors = resolved("lenght(name) = 1 or nmae ilike 'x' or age::text = 'x'").unwrap_err();
    assert_eq!(errors.len(), 3);
}

#[test]
fn figures() {
    let resolve = |text: &str| parse_aggregates(text)?.resolve_aggregates(&Register, as_of());
    let (expr, figures) = resolve("avg(age) between 1 and 9 and count(*) > 0 and avg(age) <> 5").unwrap();
    assert_eq!(figures.iter().map(ToString::to_string).collect::<Vec<_>>(), ["avg(age)", "count(*)"]);
    assert_eq!(expr.to_string(), "((((figure 1 >= 1) and (figure 1 <= 9)) and (figure 2 > 0)) and (figure 1 <> 5))");
    let evaluator = Evaluator::compile(&expr, as_of()).unwrap();
    let run = |avg: &str, count: i64| {
        let avg = Value::Decimal(avg.parse().unwrap());
        evaluator.evaluate(&|_| BAD, &[Cell::Value(avg), Cell::Value(Value::Integer(count))])
    };
    assert_eq!(run("3.5", 2), TRUE);
    assert_eq!(run("9.5", 2), FALSE);
    assert_eq!(evaluator.evaluate(&|_| BAD, &[NULL, Cell::Value(Value::Integer(0))]), FALSE);

    for (text, function, data_type) in [
        ("count(income) > 1", AggregateFunction::Count, DataType::Integer),
        ("distinct(name) > 1", AggregateFunction::Distinct, DataType::Integer),
        ("min(birth) > '1900-01-01'", AggregateFunction::Min, DataType::Date),
        ("max(name) > 'a'", AggregateFunction::Max, DataType::Text),
        ("sum(age) > 1", AggregateFunction::Sum, DataType::Integer),
        ("sum(weight) > 1", AggregateFunction::Sum, DataType::Decimal),
        ("avg(age) > 1", AggregateFunction::Avg, DataType::Decimal),
        ("share(age < 18 and active) <= 0.4", AggregateFunction::Share, DataType::Decimal),
        ("median(age) > 1", AggregateFunction::Median, DataType::Decimal),
        ("median(birth) > '1980-01-01'", AggregateFunction::Median, DataType::Date),
        ("quantile(weight * 2, 0.5) > 1", AggregateFunction::Quantile(Quantile::MEDIAN), DataType::Decimal),
        (
            "quantile(updated, 0.95) > '2020-01-01'",
            AggregateFunction::Quantile(Quantile::percent(95)),
            DataType::Datetime,
        ),
        ("stddev(age) > 1", AggregateFunction::Stddev, DataType::Float),
        ("correlation(age, weight) > 0.5", AggregateFunction::Correlation, DataType::Float),
        ("distinct_share(name) > 0.9", AggregateFunction::DistinctShare, DataType::Decimal),
    ] {
        let (_, figures) = resolve(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        assert_eq!((figures[0].function, figures[0].data_type), (function, data_type), "{text}");
    }
    assert!(resolve("round(avg(weight), 1) = 61.5 or sum(age) / count(*) > 3").is_ok());
    let (_, figures) = resolve("quantile(age, 0.950) > quantile(age, .5) and correlation(age, weight) > 0").unwrap();
    let shown: Vec<String> = figures.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["quantile(age, 0.95)", "quantile(age, 0.5)", "correlation(age, weight)"]);
    assert_eq!(figures[2].columns(), ["age", "weight"]);

    for (text, word) in [
        ("age > 1", "is a column"),
        ("avg(age) > age", "is a column"),
        ("avg(sum(age)) > 1", "inside another aggregate"),
        ("avg(income) > 1", "is text"),
        ("share(age) > 1", "not a condition"),
        ("max(active) = true", "no order"),
        ("sum(*) > 1", "`*` here"),
        ("sum(age, 1) > 1", "one argument"),
        ("count(distinct age) > 1", "`distinct`"),
        ("median(name) > 1", "takes numbers or dates"),
        ("median(active) > 1", "takes numbers or dates"),
        ("median(age, 0.5) > 1", "one argument"),
        ("quantile(age) > 1", "two arguments, not 1"),
        ("quantile(age, 1.5) > 1", "from 0 to 1"),
        ("quantile(age, -0.5) > 1", "from 0 to 1"),
        ("quantile(age, 95) > 1", "from 0 to 1"),
        ("quantile(age, weight) > 1", "from 0 to 1"),
        ("stddev(birth) > 1", "is a date"),
        ("correlation(age) > 1", "two arguments, not 1"),
        ("correlation(age, name) > 1", "is text"),
        ("distinct_share(*) > 1", "`*` here"),
        ("percentile(age, 0.5) > 1", "no function `percentile`"),
        ("count(*)", "not a condition"),
        ("avg(agee) > 1", "no column `agee`"),
    ] {
        let errors = resolve(text).unwrap_err();
        assert_eq!(errors.len(), 1, "{text}: {errors:?}");
        assert!(errors[0].message.contains(word), "{text}: {errors:?}");
    }
    assert!(parse_aggregates("count(*) > 1").unwrap().resolve(&Register, as_of()).is_err());
}

#[test]
fn columns_of_an_expression() {
    let parsed = parse("case when b > 1 then a else \"c d\" end = lower(a) or e in ('x')").unwrap();
    let columns: Vec<_> = parsed.columns();
    let names: Vec<_> = columns.iter().map(|(name, at)| (name.as_str(), *at)).collect();
    assert_eq!(names, [("b", 10), ("a", 21), ("c d", 28), ("a", 46), ("e", 52)]);
}

#[test]
fn limits_hold_and_hold_quickly() {
    let begun = Instant::now();
    let too_long = format!("age = 1{}", " ".repeat(4_000));
    let parens = format!("{}age = 1{}", "(".repeat(1_000), ")".repeat(1_000));
    let calls = format!("{}name{} = 'a'", "trim(".repeat(400), ")".repeat(400));
    let nots = format!("{} active", "not ".repeat(900));
    let minuses = format!("age = {} 1", "- ".repeat(1_500));
    let ands = vec!["active"; 350].join(" and ");
    let sums = format!("age = {}", vec!["1"; 1_900].join("+"));
    let cases = format!("{}1{} = 1", "case when active then ".repeat(100), " end".repeat(100));
    let mut betweens = "age".to_owned();
    for _ in 0..40 {
        betweens = format!("case when {betweens} between 1 and 2 then 1 else 0 end");
    }
    let betweens = format!("{betweens} = 1");
    let open = "case when ".repeat(390);
    let many = format!("age in ({})", (0..900).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
    for (text, word) in [
        (&too_long, "at most 4000"),
        (&parens, "nests too deep"),
        (&calls, "nests too deep"),
        (&nots, "nests too deep"),
        (&minuses, "nests too deep"),
        (&sums, "parts"),
        (&cases, "nests too deep"),
        (&betweens, ""),
        (&open, ""),
    ] {
        let errors = resolved(text).unwrap_err();
        assert_eq!(errors.len(), 1, "{}: {errors:?}", &text[..20]);
        assert!(errors[0].message.contains(word), "{}: {errors:?}", &text[..20]);
    }
    assert_eq!(outcome(&ands, &[("active", "1")]), TRUE);
    assert_eq!(outcome(&many, &[("age", "899")]), TRUE);
    let tests = vec!["is null"; 200].join(" ");
    assert!(resolved(&format!("age {tests}")).unwrap_err()[0].message.contains("too deep"));
    let nested = format!("{}age = 1{}", "(".repeat(45), ")".repeat(45));
    assert_eq!(shown(&nested), "(age = 1)");
    let texts = format!("{}name{} = 'a'", "trim(".repeat(40), ")".repeat(40));
    assert_eq!(outcome(&texts, &[("name", " a ")]), TRUE);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn conditions_that_never_change() {
    for (text, expected) in [
        ("1 = 1", Some(true)),
        ("1 = 2", Some(false)),
        ("true", Some(true)),
        ("not true", Some(false)),
        ("age is null or age is not null", Some(true)),
        ("age is null and age is not null", Some(false)),
        ("not (age is null) or age is null", Some(true)),
        ("age > 1 or true", Some(true)),
        ("age > 1 and false", Some(false)),
        ("age > 1 or not age > 1", None),
        ("age = age", None),
        ("active", None),
        ("age is null", None),
        ("length('abc') = 3", Some(true)),
        ("today() > '2000-01-01'", Some(true)),
        ("age > 1 and weight > 1 and active and name = 'a' and id = 'b' and birth > issued and 1 = 2", Some(false)),
        ("age = 1 or age = 2 or age = 3 or age = 4 or age = 5 or age = 6 or age = 7 or 1 = 1", Some(true)),
        ("age = 1 or age = 2 or age = 3 or age = 4 or age = 5 or age = 6 or age = 7 or age = 8", None),
    ] {
        assert_eq!(always(&resolved(text).unwrap()), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _ = resolved(&text);
        let _ = parse_aggregates(&text);
    }

    #[test]
    fn errors_point_into_the_text(words in prop::collection::vec(
        prop::sample::select(vec![
            "age", "name", "birth", "active", "incme", "\"Họ và tên\"", "`x", "'a'", "'", "1", "2.5", "1e9", "null", "true",
            "date '2020-01-01'", "and", "or", "not", "=", "<>", "<", "+", "-", "*", "/", "%", "(", ")", ",", "between",
            "in (1, 2)", "is null", "is not null", "like", "case", "when", "then", "else", "end", "cast(", "as integer)",
            "length(", "age(", "coalesce(", "count(*)", "avg(", "share(", "quantile(", "correlation(", "today()", "\n", "ễ", "::", ".", "select", "interval",
        ]),
        0..14,
    )) {
        let text = words.join(" ");
        for errors in [resolved(&text).err(), parse_aggregates(&text).err()].into_iter().flatten() {
            prop_assert!(!errors.is_empty());
            for error in errors {
                prop_assert!(text.get(error.at..error.at + error.len).is_some(), "{:?}", error);
                prop_assert!(!error.message.contains('\n'));
            }
        }
    }

    #[test]
    fn resolved_text_resolves_to_itself(at in 0..12usize) {
        let texts = [
            "age = 17 or weight < 2.5", "birth between '2020-01-01' and today()", "age not in (1, 2, 3)",
            "not (name like 'a%' and active)", "case when active then 1 else 0 end = 1", "age(birth) >= 18",
            "cast(id as integer) % 7 = 3", "coalesce(income, '') <> ''", "\"Họ và tên\" is not null",
            "updated > '2020-01-01T10:00:00.5'", "-age + 3 * weight > 1", "matches(id, '\\d+')",
        ];
        let once = shown(texts[at]);
        prop_assert_eq!(shown(&once), once.clone());
    }
}
