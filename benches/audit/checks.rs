//! What each check costs beside the cheapest expression of polars that counts the same.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::Settings;
use crate::duckdb::script;
use crate::export::{Files, export};
use crate::pairs::median;
use crate::sheet::Sheet;

/// The files that suites read, with what they declare of them. `facts`, `ledger`, `tax` and `health` are made from the
/// population by `polars_checks.py project`.
const DATASETS: &[(&str, &str)] = &[
    ("citizens", "key: citizen_id"),
    ("provinces", "key: code"),
    ("facts", ""),
    ("ledger", ""),
    ("tax", "key: citizen_id"),
    ("health", "key: citizen_id"),
];

/// A rule, and the case of `polars_checks.py` that does the same.
struct Case {
    name: &'static str,
    /// The dataset of the rule.
    of: &'static str,
    /// The other datasets that it reads.
    with: &'static [&'static str],
    rule: &'static str,
    /// What stands on the side of polars.
    beside: &'static str,
    /// Whether polars counts the same.
    same: bool,
}

const PHONE: &str = "check: matches, column: phone, pattern: '0(3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])[0-9]{7}'";
const SEX_FITS: &str = "check: expect, where: \"sex in ('Nam', 'Nữ')\", that: \"(sex = 'Nam' and substr(citizen_id, 4, 1) in \
    ('0', '2', '4', '6', '8')) or (sex = 'Nữ' and substr(citizen_id, 4, 1) in ('1', '3', '5', '7', '9'))\"";
const THREE: &str = "check: agrees, with: [tax, health], on: { citizen_id: citizen_id }, \
    compare: { full_name: full_name, date_of_birth: date_of_birth }";

/// A case that polars counts alike.
const fn case(name: &'static str, of: &'static str, rule: &'static str, beside: &'static str) -> Case {
    Case { name, of, with: &[], rule, beside, same: true }
}

impl Case {
    /// Reads other datasets as well.
    const fn with(self, with: &'static [&'static str]) -> Self {
        Self { with, ..self }
    }

    /// Polars has nothing that counts the same: a pattern of the same shape stands in for it.
    const fn alike(self) -> Self {
        Self { same: false, ..self }
    }
}

const CASES: &[Case] = &[
    case("required", "citizens", "check: required, columns: full_name", "present"),
    case("type", "facts", "check: type, column: born_text, as: date", "`str.to_date`"),
    case("matches", "citizens", PHONE, "`str.contains`, anchored"),
    case("not_matches", "citizens", "check: not_matches, column: address, pattern: '.*[0-9]{3}.*'", "`str.contains`"),
    case("allowed", "citizens", "check: allowed, column: sex, values: [Nam, Nữ, Khác]", "`is_in`, or three `==`"),
    case(
        "forbidden",
        "citizens",
        "check: forbidden, column: status, values: [deceased, moved]",
        "`is_in`, or two `!=`",
    ),
    case(
        "range, dates",
        "citizens",
        "check: range, column: date_of_birth, within: 2099-02-01..2099-11-30",
        "`is_between`",
    ),
    case("range, decimals", "facts", "check: range, column: amount, within: 10..1000", "`is_between`"),
    case("length", "citizens", "check: length, column: full_name, within: 2..15", "`str.len_chars`, `is_between`"),
    case("not_future", "citizens", "check: not_future, column: issued_on", "`<=`"),
    case("not_before", "citizens", "check: not_before, column: issued_on, date: 2115-01-01", "`>=`"),
    case("current", "citizens", "check: current, column: updated_at, within: 100d", "`>=`"),
    case("fresh", "citizens", "check: fresh, column: updated_at, within: 31d", "`filter`, `max`"),
    case(
        "lag",
        "citizens",
        "check: lag, from: issued_on, to: updated_at, within: 5475d",
        "`-`, `is_between`, counts by day for four quantiles and the longest",
    ),
    case("active", "facts", "check: active, status: status, values: [active], closed: closed", "`==`, `<=`"),
    case("expect, dates", "citizens", "check: expect, that: issued_on > date_of_birth", "`>`"),
    case("expect, text", "citizens", SEX_FITS, "`==`, `str.slice`, `is_in`"),
    case("unique, one column", "citizens", "check: unique, columns: citizen_id", "`group_by.len`, or `is_duplicated`"),
    case(
        "unique, three columns",
        "citizens",
        "check: unique, columns: [full_name, date_of_birth, address]",
        "`group_by.len`",
    ),
    case("distinct_rows", "tax", "check: distinct_rows", "`group_by.len`, or `struct.is_duplicated`, of all columns"),
    case("outliers", "facts", "check: outliers, column: amount, method: iqr", "two `quantile`, `is_between`"),
    case(
        "outliers, by group",
        "facts",
        "check: outliers, column: amount, method: iqr, by: province",
        "`group_by` with two `quantile`, `join`; or `over`",
    ),
    case(
        "determines, few groups",
        "facts",
        "check: determines, from: district, to: province",
        "`group_by`: `n_unique`, or `min` and `max`, or by both columns first",
    ),
    case("determines, many groups", "citizens", "check: determines, from: citizen_id, to: full_name", "the same"),
    case(
        "anonymous",
        "citizens",
        "check: anonymous, quasi_identifiers: [province, sex, date_of_birth], k: 100",
        "`group_by.len`",
    ),
    case(
        "anonymous, with l",
        "citizens",
        "check: anonymous, quasi_identifiers: [province, sex, date_of_birth], k: 100, sensitive: status, l: 2",
        "`group_by`: `len`, `n_unique`",
    ),
    case(
        "exists_in, few keys",
        "citizens",
        "check: exists_in, columns: province, dataset: provinces, key: code",
        "anti join",
    )
    .with(&["provinces"]),
    case(
        "exists_in, many keys",
        "tax",
        "check: exists_in, columns: citizen_id, dataset: citizens, key: citizen_id",
        "anti join",
    )
    .with(&["citizens"]),
    case(
        "absent_from",
        "citizens",
        "check: absent_from, columns: citizen_id, dataset: tax, key: citizen_id",
        "semi join",
    )
    .with(&["tax"]),
    case(
        "agrees",
        "citizens",
        "check: agrees, with: tax, on: { citizen_id: citizen_id }, \
         compare: { full_name: full_name, date_of_birth: date_of_birth }",
        "join, `eq_missing`",
    )
    .with(&["tax"]),
    case("agrees, three datasets", "citizens", THREE, "`concat`, `group_by`: `n_unique`, or `min` and `max`")
        .with(&["tax", "health"]),
    case("complete_from", "citizens", "check: complete_from, dataset: health, key: citizen_id", "anti join")
        .with(&["health"]),
    case("covers", "citizens", "check: covers, column: province, dataset: provinces, key: code", "`unique`, anti join")
        .with(&["provinces"]),
    case("continuous", "facts", "check: continuous, column: serial, every: 1", "`sort`, `diff`; `unique`, or `rle_id`"),
    case(
        "continuous, by group",
        "facts",
        "check: continuous, column: delivered, every: day, by: province",
        "`unique`, `group_by`: `min`, `max`, `len`",
    ),
    case(
        "reconciles",
        "facts",
        "check: reconciles, with: ledger, by: { province: region }, \
         measures: { count(*): count(*), sum(amount): sum(paid) }",
        "two `group_by`: `len`, `sum` (of floats, not exact), full join",
    )
    .with(&["ledger"]),
    case("aggregate, median", "facts", "check: aggregate, that: median(amount) > 10", "`median`"),
    case("aggregate, quantile", "facts", "check: aggregate, that: 'quantile(amount, 0.95) > 10'", "`quantile`"),
    case("aggregate, stddev", "facts", "check: aggregate, that: stddev(amount) > 10", "`std`"),
    case("aggregate, mean", "facts", "check: aggregate, that: avg(amount) > 10", "`mean` (of floats, not exact)"),
    case("aggregate, ends", "facts", "check: aggregate, that: min(amount) >= 0 and max(amount) > 10", "`min`, `max`"),
    case("aggregate, correlation", "facts", "check: aggregate, that: 'correlation(serial, amount) < 0.5'", "`corr`"),
    case("aggregate, distinct", "citizens", "check: aggregate, that: distinct(citizen_id) > 10", "`n_unique`"),
    case(
        "steady, numbers",
        "facts",
        "check: steady, column: amount, max: 0.2",
        "`sort`, 99 values of it by `gather`; no counts, nothing compared",
    )
    .alike(),
    case("steady, texts", "citizens", "check: steady, column: province, max: 0.2", "`group_by.len`; nothing compared")
        .alike(),
    case("row_count", "citizens", "check: row_count, min: 10", "`len`"),
    case(
        "identifier",
        "citizens",
        "check: identifier, column: citizen_id, kind: vn.personal_id",
        "`str.contains`: twelve digits; no places, years or reasons",
    )
    .alike(),
    case(
        "tidy",
        "citizens",
        "check: tidy, columns: address",
        "`str.contains`: one pattern of the simplest nine of the 16 faults",
    )
    .alike(),
    case(
        "uniform",
        "facts",
        "check: uniform, column: born_text, as: date",
        "`str.contains`: one format, known beforehand, of 22",
    )
    .alike(),
    case(
        "no_personal_data",
        "citizens",
        "check: no_personal_data, columns: address",
        "`str.contains`: one pattern of three of the six kinds, no check digits",
    )
    .alike(),
];

pub(crate) fn run(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    let Settings { rows, runs, .. } = *settings;
    let Some(python) = &settings.python else {
        sheet.line("Left out: set DUCKDB_PYTHON to a python that has the package polars.");
        return Ok(());
    };
    let only = std::env::var("CHECKS").ok();
    let chosen =
        |name: &str| only.as_deref().is_none_or(|only| only.split(';').any(|part| name.starts_with(part.trim())));
    let dir = export(&settings.data, rows, Files::Parquet)?;
    let version = script(python, "polars_checks.py", &["project".as_ref(), dir.as_os_str()])?;
    sheet.line(format!(
        "{} rows, one thread on either side; here medians of {runs} runs, of polars {} the least time of all ways.\n",
        crate::grouped(rows),
        version["polars"].as_str().unwrap_or_default()
    ));
    sheet.head(
        &[
            "check",
            "here (ns a row)",
            "polars (ns a row)",
            "here / polars",
            "polars without blanks and tokens",
            "what polars does",
        ],
        1,
    );
    for case in CASES.iter().filter(|case| chosen(case.name)) {
        measure(case, rows, runs, python, &dir, sheet).with_context(|| case.name)?;
    }
    Ok(())
}

/// Measures both sides, and adds the row of the case. The script runs every way of writing several times by itself.
fn measure(case: &Case, rows: usize, runs: usize, python: &str, dir: &Path, sheet: &mut Sheet) -> anyhow::Result<()> {
    let args: [&OsStr; 3] = [case.name.as_ref(), dir.as_os_str(), "--bare".as_ref()];
    let theirs = script(python, "polars_checks.py", &args[..2])?;
    let bare = script(python, "polars_checks.py", &args)?;
    let mut ours = Vec::with_capacity(runs);
    for _ in 0..runs {
        let (seconds, counts) = audit(case, dir)?;
        ours.push(seconds);
        let number = |at: usize| theirs["counts"][at].as_u64().unwrap_or(u64::MAX);
        ensure!(
            !case.same || counts == (number(0), number(1)),
            "{counts:?} were counted here, {} by polars",
            theirs["counts"]
        );
    }
    let seconds = |found: &serde_json::Value| found["seconds"].as_f64().context("no time");
    let (ours, theirs, bare) = (median(&ours), seconds(&theirs)?, seconds(&bare)?);
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 rows")]
    let each = |seconds: f64| format!("{:.2}", seconds * 1e9 / rows as f64);
    let ratio = if case.same { format!("{:.2}", ours / theirs) } else { format!("({:.2})", ours / theirs) };
    sheet.row(&[case.name.to_owned(), each(ours), each(theirs), ratio, each(bare), case.beside.to_owned()]);
    Ok(())
}

/// What the rule costs, in seconds of workers, and what it counts.
fn audit(case: &Case, dir: &Path) -> anyhow::Result<(f64, (u64, u64))> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("checks");
    fs::create_dir_all(&folder)?;
    let (suite, profile) = (folder.join("suite.yaml"), folder.join("profile.json"));
    let mut text = "suite: cost\nas_of: 2130-01-01\nmissing: ['-', không rõ]\ndatasets:\n".to_owned();
    for (name, declared) in DATASETS.iter().filter(|(name, _)| *name == case.of || case.with.contains(name)) {
        let _ = writeln!(text, "  {name}:\n    source: '{}'", dir.join(format!("{name}.parquet")).display());
        if !declared.is_empty() {
            let _ = writeln!(text, "    {declared}");
        }
        if *name == case.of {
            let _ = writeln!(text, "    rules: [{{ id: it, {} }}]", case.rule);
        }
    }
    fs::write(&suite, text)?;
    let output = Command::new(env!("CARGO_BIN_EXE_passmuster"))
        .args(["audit", "--quiet", "--format", "json", "--threads", "1", "--profile"])
        .args([&profile, &suite])
        .output()?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("the audit ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let mut rules =
        report["datasets"].as_array().into_iter().flatten().filter_map(|of| of["rules"].as_array()).flatten();
    let rule = rules.find(|rule| rule["id"] == "it").context("the rule is not in the result")?;
    let count = |key: &str| rule[key].as_u64().with_context(|| format!("no {key}: {rule}"));
    let counts = (count("evaluated")?, count("failed")?);
    Ok((cost(&fs::read_to_string(&profile)?)?, counts))
}

/// Everything that the profile tells but reading and decoding, and the rule `well_formed`, which every dataset has.
fn cost(profile: &str) -> anyhow::Result<f64> {
    let profile: serde_json::Value = serde_json::from_str(profile)?;
    let number = |value: &serde_json::Value| value.as_f64().unwrap_or(f64::NAN);
    let left_out: f64 = profile["datasets"].as_array().into_iter().flatten().map(|of| number(&of["reading"])).sum();
    let rules = profile["rules"].as_array().into_iter().flatten();
    let well_formed = rules.filter(|rule| rule["id"].as_str().is_some_and(|id| id.ends_with(".well_formed")));
    let well_formed: f64 = well_formed.map(|rule| number(&rule["nanoseconds"])).sum();
    Ok((number(&profile["nanoseconds"]) - left_out - well_formed) / 1e9)
}
