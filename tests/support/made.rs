//! A hand-made result that has something of everything.

use std::collections::BTreeMap;

use passmuster::model::{
    AuditReport, Band, Bands, CalendarDate, ColumnFact, Coverage, DataType, DatasetReport, DatasetStatus, Dimension,
    DimensionReport, FORMAT_NAME, FORMAT_VERSION, Fault, FaultKind, FileFact, GateReport, LooksLike, Notice,
    OtherShapes, OwnerReport, Records, RepairReport, RowRef, RuleReport, Score, Severity, ShapeReport, ShapesReport,
    Status, SuiteFacts, SuitePlace, Threshold, Timings, ToolFacts, UncleanBy, Unit, UnmeasuredRules, UnparseableColumn,
    UnparseableReason, Verdict, Veto, WaiverReport, WaiverState,
};

/// Everything that can be said of an audit, with `name` wherever a name or a text comes from data or a suite.
pub(crate) fn report(name: &str) -> AuditReport {
    AuditReport {
        format: format!("{FORMAT_NAME}/{FORMAT_VERSION}"),
        digest: Some("2".repeat(64)),
        tool: ToolFacts { name: "passmuster".into(), version: "0.1.0".into(), engine: "local".into() },
        suite: SuiteFacts {
            name: name.to_owned(),
            title: Some(name.to_owned()),
            rules_hash: "0".repeat(64),
            bands: Bands::default(),
        },
        as_of: "2026-11-01".into(),
        sampled: None,
        stopped: None,
        judged: None,
        verification: None,
        verdict: Verdict::CouldNotAudit,
        exit_code: 2,
        gate: GateReport {
            fail_on: Some(Severity::Major),
            min_score: Score::parse("90"),
            min_dimension: BTreeMap::from([(Dimension::Correct, Score::FULL)]),
            new_only: None,
            passed: false,
            reasons: vec![format!("{name} could not be audited"), "a rule failed".into()],
            unjudged: Vec::new(),
            unmeasured: UnmeasuredRules::Warn,
            warnings: vec![name.into()],
        },
        datasets: vec![errored(name), audited(name)],
        owners: [name, "G02"].map(owner).into(),
        waivers: vec![waiver(name)],
        notices: vec![Notice { dataset: Some(name.into()), rule: None, text: name.into() }],
        timings: Some(Timings {
            seconds: 3.5,
            threads: 2,
            peak_memory_bytes: Some(5 << 30),
            spilled_bytes: 3 << 29,
            spill_dir: Some("/var/spill".into()),
            memory_doubt: None,
        }),
    }
}

fn owner(name: &str) -> OwnerReport {
    OwnerReport {
        owner: name.into(),
        datasets: 2,
        errored: 1,
        in_part: 0,
        fail_gate: 1,
        worst_score: Score::parse("76.81"),
        worst_dataset: Some(name.into()),
        band: Some(Band::Amber),
        rules_failed: 1,
        rules_waived: 0,
        rules_overdue: 1,
    }
}

fn errored(name: &str) -> DatasetReport {
    DatasetReport {
        name: name.into(),
        title: None,
        owner: None,
        steward: None,
        status: DatasetStatus::Errored,
        sampled: None,
        error: Some(format!("{name}: the file is not there; use --data")),
        fails_gate: true,
        files: Vec::new(),
        columns: Vec::new(),
        inner_columns: Vec::new(),
        schema_hash: None,
        rows: None,
        records: None,
        score: None,
        arithmetic_mean: None,
        band: None,
        vetoes: Vec::new(),
        coverage: Coverage { dimensions: 6, ..Coverage::default() },
        dimensions: Vec::new(),
        rules: Vec::new(),
        repairs: Vec::new(),
        compared_failures: None,
        faults: Vec::new(),
        unparseable: Vec::new(),
    }
}

fn audited(name: &str) -> DatasetReport {
    let dimension = |dimension| DimensionReport {
        dimension,
        score: None,
        before_veto: None,
        worst_rate: None,
        worst_rule: None,
        rules_measured: 0,
        rules: 1,
        columns_measured: 0,
    };
    let mut dimensions = Dimension::ALL.map(dimension);
    dimensions[0] = DimensionReport {
        score: Some(Score::VETOED),
        before_veto: Score::parse("98.89"),
        worst_rate: Score::parse("94.73"),
        worst_rule: Some(name.into()),
        rules_measured: 3,
        rules: 4,
        columns_measured: 2,
        ..dimension(Dimension::Correct)
    };
    dimensions[1].score = Some(Score::FULL);
    DatasetReport {
        name: name.into(),
        title: Some(name.into()),
        owner: Some(name.into()),
        steward: Some(name.into()),
        status: DatasetStatus::Audited,
        error: None,
        fails_gate: true,
        sampled: None,
        files: vec![FileFact {
            path: name.into(),
            format: "csv".into(),
            bytes: Some(1536),
            rows: 10_000,
            checksums: None,
            frames: None,
        }],
        inner_columns: Vec::new(),
        columns: vec![ColumnFact {
            name: name.into(),
            stored: "text".into(),
            data_type: Some(DataType::Text),
            held: None,
            series: None,
        }],
        schema_hash: Some("1".repeat(64)),
        rows: Some(10_000),
        records: Some(Records {
            total: 10_000,
            clean: 9_412,
            rules: 3,
            rate: Score::parse("94.12"),
            unclean_by: vec![UncleanBy { rule: name.into(), rows: 588 }; 5],
        }),
        score: Score::parse("76.81"),
        arithmetic_mean: Score::parse("79.99"),
        band: Some(Band::Red),
        vetoes: vec![Veto { dimension: Dimension::Correct, rule: name.into() }],
        coverage: Coverage { dimensions_measured: 2, dimensions: 6, columns_measured: 14, columns: 17 },
        dimensions: dimensions.into(),
        rules: [Status::Errored, Status::Failed, Status::Waived, Status::Warned, Status::NotMeasured, Status::Passed]
            .map(|status| rule(name, status))
            .into(),
        repairs: vec![repair(name); 7],
        compared_failures: None,
        faults: vec![
            Fault {
                file: 0,
                line: 14,
                kind: FaultKind::MissingCells,
                detail: "3 cells where the header has 5".into()
            };
            7
        ],
        unparseable: vec![UnparseableColumn {
            column: name.into(),
            data_type: DataType::Date,
            format: None,
            cells: 2_000,
            parsed: 10,
            reasons: [(UnparseableReason::OtherFormat, 1_990), (UnparseableReason::NotADate, 10)].into(),
            looks_like: Some(LooksLike { formats: vec!["DD/MM/YYYY".into(), "MM/DD/YYYY".into()], cells: 1_980 }),
            advice: Some("declare `format: \"%d/%m/%Y\"` or `format: \"%m/%d/%Y\"`, whichever is meant".into()),
        }],
    }
}

fn repair(name: &str) -> RepairReport {
    RepairReport {
        rule: name.into(),
        dimension: Dimension::Correct,
        score_points: Score::parse("12.5").unwrap(),
        dimension_points: Score::parse("40.01").unwrap(),
        worst_dimension_points: Score::ZERO,
        clean_records_at_least: 12,
        clean_records_at_most: 588,
    }
}

fn waiver(name: &str) -> WaiverReport {
    WaiverReport {
        rule: name.into(),
        dataset: name.into(),
        state: WaiverState::Expiring,
        status: Status::Waived,
        until: CalendarDate::parse("2026-12-05").unwrap(),
        days_left: 12,
        by: name.into(),
        because: name.into(),
        at_most: Some(Threshold::AtMostRows(2_000)),
        unit: Unit::Rows,
        evaluated: 10_000,
        failed: 1_234,
    }
}

fn rule(name: &str, status: Status) -> RuleReport {
    let failed = if status == Status::Passed { 0 } else { 1_234 };
    RuleReport {
        id: name.into(),
        dataset: name.into(),
        check: "unique".into(),
        measure_hash: Some("3".repeat(64)),
        fingerprint: Some("4".repeat(64)),
        written: Some(SuitePlace { file: format!("{name}.yaml"), line: 12 }),
        title: name.into(),
        columns: vec![name.into()],
        dimension: Dimension::Correct,
        severity: Severity::Critical,
        weight: 1,
        status,
        sampled: None,
        partial: false,
        fails_gate: matches!(status, Status::Errored | Status::Failed),
        unit: Unit::Rows,
        evaluated: 10_000,
        passed: 10_000 - failed,
        failed,
        not_applicable: 50,
        unreadable: 3,
        rate: Score::parse("87.66"),
        threshold: Threshold::AtLeastShare(995_000),
        warn: Some(Threshold::ALL_ROWS),
        observed: format!("{name}: 617 keys occur more than once"),
        expected: "no key occurs more than once".into(),
        details: BTreeMap::from([("groups".into(), 617)]),
        shapes: (failed > 0).then(|| ShapesReport {
            column: name.into(),
            shown: vec![
                ShapeReport { shape: name.into(), values: 1_203 },
                ShapeReport { shape: "A9{8} ".into(), values: 19 },
            ],
            other: Some(OtherShapes { values: 12, shapes: 7 }),
            too_many: false,
        }),
        rows_of: None,
        segments: None,
        distribution: None,
        failing_rows: [14, 20].map(|line| RowRef { file: 0, record: line - 1, line: Some(line) }).into(),
        where_failing: None,
        pairs: Vec::new(),
        reason: (status != Status::Failed).then(|| name.into()),
        because: Some(format!("{name}\nis why\n")),
        fix: Some(name.into()),
        owner: Some("G07".into()),
        due: CalendarDate::parse("2026-10-31"),
        overdue_days: (status == Status::Failed).then_some(23),
        tags: vec![name.into()],
    }
}
