//! What every engine keeps to, whatever it measures with: engines of this file wrap the local one.

use std::path::Path;

use passmuster::audit::AuditOptions;
use passmuster::engine::{Datasets, Engine, Execution, MemoryLimit, Request, Watch, find};
use passmuster::model::{AuditReport, Measure, MeasureKind, Status, Unsupported};
use passmuster::results::digest;

use crate::support::around::{Around, AroundLocal, local};
use crate::support::audits::{ALL_MEMORY, audit_with, options};
use crate::support::folder::Folder;
use crate::support::reports::rule;
use crate::support::repository::{root, shipped_suites};

/// Hands the request on as another process would get it: as text.
struct Relay;

impl Around for Relay {
    fn execute(&self, request: &Request, datasets: &Datasets, watch: Watch<'_>) -> Execution {
        let text = serde_json::to_string(request).unwrap();
        let read: Request = serde_json::from_str(&text).unwrap();
        assert_eq!(read, *request);
        local().execute(&read, datasets, watch)
    }
}

/// Knows no keys.
struct Keyless;

fn is_about_keys(measure: &Measure) -> bool {
    matches!(measure.kind, MeasureKind::DuplicateKeys(_))
}

impl Around for Keyless {
    fn supports(&self, measure: &Measure) -> Result<(), Unsupported> {
        if is_about_keys(measure) {
            return Err(Unsupported { engine: "keyless".to_owned(), reason: "it knows no keys".to_owned() });
        }
        Ok(())
    }

    fn execute(&self, request: &Request, datasets: &Datasets, watch: Watch<'_>) -> Execution {
        assert!(!request.plan.measures.iter().any(is_about_keys), "it is not asked for what it does not support");
        local().execute(request, datasets, watch)
    }
}

static RELAY: AroundLocal<Relay> = AroundLocal("relay", Relay);
static KEYLESS: AroundLocal<Keyless> = AroundLocal("keyless", Keyless);

fn run(suite: &Path, engine: &'static dyn Engine) -> AuditReport {
    audit_with(suite, &AuditOptions { engine, ..options(ALL_MEMORY, &[], 2) })
}

#[test]
fn a_request_can_be_sent_elsewhere() {
    for suite in shipped_suites() {
        let mut relayed = run(&suite, &RELAY);
        assert_eq!(relayed.tool.engine, "relay");
        let direct = run(&suite, local());
        relayed.tool.engine = "local".to_owned();
        assert_eq!(digest(&relayed), direct.digest.clone().unwrap());
        relayed.digest.clone_from(&direct.digest);
        assert_eq!(relayed, direct, "{}", suite.display());
    }
}

#[test]
fn what_an_engine_does_not_support_is_not_measured() {
    let suite = root().join("rules/nycflights13.yaml");
    let (partly, whole) = (run(&suite, &KEYLESS), run(&suite, local()));
    let mut unsupported = 0;
    for (dataset, all) in partly
        .datasets
        .iter()
        .map(|dataset| (dataset, whole.datasets.iter().find(|other| other.name == dataset.name).unwrap()))
    {
        for rule in &dataset.rules {
            let other = all.rules.iter().find(|other| other.id == rule.id).unwrap();
            if rule.check == "unique" {
                unsupported += 1;
                assert_eq!((rule.status, rule.evaluated, rule.rate), (Status::NotMeasured, 0, None), "{}", rule.id);
                let reason = rule.reason.as_deref().unwrap();
                assert!(reason.contains("keyless") && reason.contains("it knows no keys"), "{reason}");
            } else {
                assert_eq!(rule, other);
            }
        }
        let measured = |of: &passmuster::model::DatasetReport| -> u32 {
            of.dimensions.iter().map(|dimension| dimension.rules_measured).sum()
        };
        let unique = dataset.rules.iter().filter(|rule| rule.check == "unique").count();
        assert_eq!(measured(dataset) + u32::try_from(unique).unwrap(), measured(all), "{}", dataset.name);
    }
    assert!(unsupported > 0);
    assert_eq!(partly.exit_code, whole.exit_code, "it is no error");
}

#[test]
fn the_reference_engine_refuses_what_it_cannot_hold() {
    let suite = "suite: s\ndatasets:\n  d: { source: d.csv, columns: { a: { required: true } } }\n";
    let folder = Folder::of(&[("suite.yaml", suite), ("d.csv", "a\n1\n2\n")]);
    let found = |memory| {
        let options = AuditOptions { engine: find("reference").unwrap(), ..options(memory, &[], 1) };
        audit_with(&folder.path("suite.yaml"), &options)
    };
    assert_eq!(found(ALL_MEMORY).exit_code, 0);
    let report = found(MemoryLimit::Process(1));
    assert_eq!(report.exit_code, 2);
    let rule = rule(&report, "d.a.required");
    assert_eq!((rule.status, rule.evaluated), (Status::Errored, 0));
    let reason = rule.reason.as_deref().unwrap();
    assert!(reason.contains("holds all rows in memory") && reason.contains("use --engine local"), "{reason}");
}
