//! The kernels: single functions on fixed texts, and whole audits of one rule, which keep counting what matters when
//! the code below is built anew.

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use passmuster::audit::{AuditOptions, audit};
use passmuster::identifiers::{Context, Prepared, find};
use passmuster::model::{AsOf, Decimal};
use passmuster::rules::LoadOptions;
use passmuster::scalar::{DateFormat, Missing, Pattern, fold, parse_integer};
use passmuster::source::{Options, Source, SourceSpec};

use crate::population;

/// A kernel.
pub(crate) struct Kernel {
    /// What the baseline calls it.
    pub(crate) name: &'static str,
    /// Rounds, twice as many in the second process.
    pub(crate) rounds: u32,
    /// Prepares, with the folder of the export, and runs so many rounds.
    pub(crate) run: fn(&Path, u32) -> anyhow::Result<()>,
}

/// The hottest code, by the profile of `rules/citizens-24.yaml`.
pub(crate) const KERNELS: &[Kernel] = &[
    Kernel {
        name: "missing",
        rounds: 20,
        run: |_, rounds| {
            let missing = Missing::new(["-", "NA", "không rõ"].map(str::to_owned).into());
            each(&texts(|at| choose(at, &["079199123456", "Nguyễn Văn An", "-", "", " Hà Nội"])), rounds, |text| {
                missing.holds(text)
            })
        },
    },
    Kernel {
        name: "class-pattern",
        rounds: 20,
        run: |_, rounds| {
            let pattern = Pattern::compile("0[0-9]{2}[0-9]99[0-9]{6}", true)?;
            each(&texts(|at| format!("{:03}199{:06}", at % 97, at * 7919 % 1_000_000)), rounds, |text| {
                pattern.is_match(text)
            })
        },
    },
    Kernel {
        name: "general-pattern",
        rounds: 20,
        run: |_, rounds| {
            let pattern = Pattern::compile("[A-Za-z0-9._+-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+", true)?;
            each(
                &texts(|at| format!("somebody.{}@mail.example{}", at * 7919, choose(at, &[".vn", ".com.vn", ""]))),
                rounds,
                |text| pattern.is_match(text),
            )
        },
    },
    Kernel {
        name: "iso-date",
        rounds: 20,
        run: |_, rounds| {
            let format = DateFormat::iso();
            each(&texts(|at| format!("{:04}-{:02}-{:02}", 1900 + at % 200, 1 + at % 12, 1 + at % 31)), rounds, |text| {
                format.parse_date(text)
            })
        },
    },
    Kernel {
        name: "integer",
        rounds: 20,
        run: |_, rounds| {
            each(&texts(|at| format!("{}{}", choose(at, &["", "-", "+"]), at * 7919)), rounds, parse_integer)
        },
    },
    Kernel {
        name: "decimal",
        rounds: 20,
        run: |_, rounds| each(&texts(|at| format!("{}.{:02}", at * 7919, at % 100)), rounds, Decimal::parse),
    },
    Kernel {
        name: "fold",
        rounds: 5,
        run: |_, rounds| {
            each(
                &texts(|at| choose(at, &["Nguyễn  Văn An", "TRẦN THỊ HOÀ", "Lê Minh", "Somebody Else"])),
                rounds,
                |text| fold(text).len(),
            )
        },
    },
    Kernel {
        name: "identifier-digits",
        rounds: 20,
        run: |_, rounds| {
            judged("vn.personal_id", &texts(|at| format!("0{:02}199{:06}", at % 97, at * 7919 % 1_000_000)), rounds)
        },
    },
    Kernel {
        name: "identifier-letters",
        rounds: 20,
        run: |_, rounds| judged("isin", &texts(|at| format!("US{:09}{}", at * 7919 % 1_000_000_000, at % 10)), rounds),
    },
    Kernel {
        name: "column-tidy",
        rounds: 1,
        run: |folder, rounds| one_rule(folder, "{ check: tidy, columns: address, at_least: 50% }", rounds),
    },
    Kernel { name: "csv-split", rounds: 1, run: |folder, rounds| scan(&folder.join("citizens.csv"), rounds) },
    Kernel { name: "parquet-decode", rounds: 1, run: |folder, rounds| scan(&folder.join("citizens.parquet"), rounds) },
    Kernel {
        name: "column-required",
        rounds: 1,
        run: |folder, rounds| one_rule(folder, "{ check: required, columns: full_name, at_least: 50% }", rounds),
    },
    Kernel {
        name: "column-pattern",
        rounds: 1,
        run: |folder, rounds| {
            one_rule(folder, "{ check: matches, column: citizen_id, pattern: \"0[0-9]{2}[0-9]99[0-9]{6}\" }", rounds)
        },
    },
    Kernel {
        name: "column-length",
        rounds: 1,
        run: |folder, rounds| one_rule(folder, "{ check: length, column: address, within: 5..200 }", rounds),
    },
    Kernel {
        name: "column-unique",
        rounds: 1,
        run: |folder, rounds| one_rule(folder, "{ check: unique, columns: citizen_id }", rounds),
    },
    Kernel {
        name: "columns-unique",
        rounds: 1,
        run: |folder, rounds| {
            one_rule(folder, "{ check: unique, columns: [full_name, date_of_birth, address] }", rounds)
        },
    },
    Kernel {
        name: "column-lookup",
        rounds: 1,
        run: |folder, rounds| {
            one_rule(folder, "{ check: exists_in, columns: province, dataset: provinces, key: code }", rounds)
        },
    },
    Kernel {
        name: "row-expression",
        rounds: 2,
        run: |folder, rounds| {
            one_rule(
                folder,
                "{ check: expect, that: \"substr(citizen_id, 4, 1) in ('0', '2', '4') or issued_on > date_of_birth\" }",
                rounds,
            )
        },
    },
];

/// The widest vector instructions that code which chooses at run time finds here.
pub(crate) fn vectors() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") { "avx2" } else { "sse2" }
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        "default"
    }
}

/// A thousand texts.
fn texts<T: Into<String>>(make: impl Fn(usize) -> T) -> Vec<String> {
    (0..1_000).map(|at| make(at).into()).collect()
}

/// One of some choices.
fn choose(at: usize, choices: &[&'static str]) -> &'static str {
    choices[at % choices.len()]
}

/// Judges texts as identifiers of a kind.
fn judged(kind: &str, texts: &[String], rounds: u32) -> anyhow::Result<()> {
    let kind = Prepared::new(find(kind).context("a kind")?, Context { year: 2026, foreign_births: false });
    each(texts, rounds, |text| kind.is_sound(text))
}

/// Runs a function on every text, so many times.
#[expect(clippy::unnecessary_wraps, reason = "it is what a kernel returns")]
fn each<T>(texts: &[String], rounds: u32, work: impl Fn(&str) -> T) -> anyhow::Result<()> {
    for _ in 0..rounds {
        for text in texts {
            black_box(work(black_box(text)));
        }
    }
    Ok(())
}

/// Reads all columns of a file and drops them.
fn scan(file: &Path, rounds: u32) -> anyhow::Result<()> {
    let spec = SourceSpec {
        location: file.display().to_string(),
        further: Vec::new(),
        base: PathBuf::new(),
        format: None,
        options: Options::default(),
    };
    let source = Source::open(&spec)?;
    let columns: Vec<usize> = (0..source.columns().len()).collect();
    let visit = |batch| {
        black_box(&batch);
        true
    };
    for _ in 0..rounds {
        source.scan(&columns, &visit, &|_| {})?;
    }
    Ok(())
}

/// Audits the Parquet export by one rule.
fn one_rule(folder: &Path, rule: &str, rounds: u32) -> anyhow::Result<()> {
    let suite = tempfile::Builder::new().suffix(".yaml").tempfile_in(folder)?;
    let id = rule.replacen('{', "{ id: rule,", 1);
    let dataset = |name: &str| format!("  {name}:\n    source: {name}.parquet\n");
    let text = format!(
        "suite: kernel\nas_of: {}\ndatasets:\n{}    rules:\n      - {id}\n{}",
        population::AS_OF,
        dataset("citizens"),
        dataset("provinces")
    );
    fs::write(suite.path(), text)?;
    let load = LoadOptions {
        params: BTreeMap::new(),
        data: BTreeMap::new(),
        as_of: None,
        home: None,
        baseline: None,
        gate_compares: false,
        today: AsOf::parse(population::AS_OF).context("a day")?,
    };
    let options = AuditOptions { threads: 1, ..AuditOptions::new(load, folder.to_path_buf()) };
    for _ in 0..rounds {
        let audited = audit(&[suite.path().to_path_buf()], &options, &())?;
        ensure!(audited.report.exit_code < 2, "the audit did not end: {:?}", audited.report.notices);
    }
    Ok(())
}
