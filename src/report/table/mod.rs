//! The report for people at a terminal: the most important part first, never wider than the page.

mod by_owner;
mod overview;
mod words;

use std::io::{self, Write};

use anstyle::Style;

use by_owner::by_owner;
use overview::{overview, unmeasured};
use words::{BANDS, band_style, status_word};

use super::frame::{Grid, cell};
use super::page::{Line, Page};
use super::style::{BOLD, DIM, GREEN, RED, YELLOW};
use super::wording::{
    Bytes, Failing, Places, Plural, Prose, conditions, counted, details, differing_files, early_stop, judgement, marks,
    pairs, sample_limits, shares, short_id, threshold, unclean_by, verdict_word, verified,
};
use super::{Finished, Look, ReportFormat, Safe, repairs, shapes, waivers, where_failing};
use crate::model::{
    AuditReport, Band, Count, Coverage, DatasetReport, DatasetStatus, DimensionReport, JudgedReport, NewOnly,
    OwnerReport, RuleReport, SampledReport, Score, SegmentsReport, Severity, Status, StoppedReport, Unit, Verdict,
    Verification,
};

/// How many faults of files are shown for each dataset.
const FAULTS_SHOWN: usize = 5;

/// How many lines of a report are surely seen at once. After more of them the verdict is repeated.
const LINES_IN_SIGHT: usize = 12;

/// How many reasons are repeated with the verdict.
const REASONS_REPEATED: usize = 12;

/// How many groups of rows that miss a threshold are shown for each rule.
const GROUPS_SHOWN: usize = 5;

/// How many rules that were not measured are listed by default.
const UNMEASURED_SHOWN: usize = 12;

/// Text and tables for people.
pub(super) struct Table;

impl ReportFormat for Table {
    fn name(&self) -> &'static str {
        "table"
    }

    fn summary(&self) -> &'static str {
        "for people: verdict, clean records, scores and the worst rules first"
    }

    fn is_for_people(&self) -> bool {
        true
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["txt"]
    }

    fn write(&self, finished: &Finished<'_>, look: &Look, out: &mut dyn Write) -> io::Result<()> {
        let report = finished.report;
        let mut page = Page::new(look.width, look.color);
        verdict(&mut page, report, look.verbose);
        let has_overview = report.datasets.len() > 1;
        if has_overview {
            page.gap();
            overview(&mut page, report);
        }
        if look.by_owner {
            by_owner(&mut page, report);
        }
        let all = look.details || look.verbose;
        let is_shown = |dataset: &&DatasetReport| !look.by_owner && (all || !has_overview || needs_attention(dataset));
        let mut is_after_line = false;
        for dataset in report.datasets.iter().filter(is_shown) {
            // Datasets of one line each form a list.
            let is_line = !look.verbose && takes_one_line(dataset);
            if !(is_line && is_after_line) {
                page.gap();
            }
            is_after_line = is_line;
            match dataset.status {
                DatasetStatus::Audited if is_line => in_one_line(&mut page, report, dataset),
                DatasetStatus::Audited => audited(&mut page, report, dataset, look.verbose),
                DatasetStatus::Sampled | DatasetStatus::Stopped => in_part(&mut page, report, dataset, look.verbose),
                DatasetStatus::NotReached => not_reached(&mut page, dataset),
                DatasetStatus::Errored => errored(&mut page, dataset),
            }
            page.write_to(out)?;
        }
        let calm = report.datasets.iter().filter(|dataset| !is_shown(dataset)).count() as u64;
        if calm > 0 && !look.by_owner {
            page.gap();
            let line = Line::new(Plural(calm, "further dataset"));
            page.paragraph(0, 2, &line.text(" without a rule that needs attention (--details)"));
            unmeasured(&mut page, report.datasets.iter().filter(|dataset| !is_shown(dataset)));
        }
        if report.owners.len() > 1 {
            page.gap();
            owners(&mut page, &report.owners);
        }
        waivers::list(&mut page, report, look.verbose);
        if !report.notices.is_empty() {
            page.gap();
        }
        for notice in &report.notices {
            let mut line = Line::default().styled(YELLOW, "note").text(": ");
            for subject in notice.rule.iter().chain(notice.dataset.iter().filter(|_| notice.rule.is_none())) {
                line = line.text(Safe(subject)).text(": ");
            }
            page.paragraph(0, 2, &line.text(Prose(&notice.text)));
        }
        page.gap();
        if page.lines() > LINES_IN_SIGHT {
            verdict_again(&mut page, report);
        }
        footer(&mut page, report);
        page.write_to(out)
    }
}

/// The verdict and why.
fn verdict(page: &mut Page, report: &AuditReport, verbose: bool) {
    headline(page, report);
    if let Some(title) = &report.suite.title {
        page.paragraph(2, 2, &Line::default().styled(DIM, Prose(title)));
    }
    for reason in &report.gate.reasons {
        page.paragraph(2, 4, &Line::new("- ").text(Prose(reason)));
    }
    for warning in &report.gate.warnings {
        page.paragraph(2, 4, &Line::new("- ").styled(YELLOW, "warning").text(": ").text(Prose(warning)));
    }
    if let Some(new_only) = &report.gate.new_only {
        known_failures(page, new_only, verbose);
    }
    for unjudged in &report.gate.unjudged {
        page.paragraph(2, 4, &Line::new("- not judged: ").text(Prose(unjudged)));
    }
    if let Some(sampled) = &report.sampled {
        page.paragraph(2, 4, &of_sample(sampled));
    }
    if let Some(stopped) = &report.stopped {
        page.paragraph(2, 4, &of_stop(stopped, verbose));
    }
    if let Some(judged) = &report.judged {
        page.paragraph(2, 4, &of_judgement(judged, verbose));
    }
    if let Some(verification) = &report.verification {
        of_verification(page, verification, verbose);
    }
}

/// The failures that do not fail the gate, since an earlier result has them, too, and those that cannot be compared with it.
fn known_failures(page: &mut Page, new_only: &NewOnly, verbose: bool) {
    let line = Line::default().styled(YELLOW, "new failures only").text(": compared with the result as of ");
    let line = line.text(Safe(&new_only.as_of));
    let line = match &new_only.baseline {
        Some(digest) => line.text(" (").text(Safe(digest.get(..12).unwrap_or(digest))).text(")"),
        None => line,
    };
    let known = new_only.known.len() as u64;
    let tolerance = new_only.tolerance.map(|share| share.to_string().replace(" %", " percentage points"));
    let line = match (known, tolerance) {
        (0, _) => line.text("; no rule fails as it failed then"),
        (_, None) => line.text(format_args!("; {} failed then too, and no worse now", Plural(known, "rule"))),
        (_, Some(points)) => line
            .text(format_args!("; {} failed then too, and no worse now by more than {points}", Plural(known, "rule"))),
    };
    page.paragraph(2, 4, &line);
    let shown = if verbose { usize::MAX } else { REASONS_REPEATED };
    for failure in new_only.known.iter().take(shown) {
        let line = Line::new("- known: ").text(failure.severity).text(" rule ").text(Safe(&failure.rule));
        let line = if failure.unit == Unit::Dataset {
            line
        } else {
            let [before, judged_before, now, judged_now] =
                [failure.failed_before, failure.evaluated_before, failure.failed, failure.evaluated].map(Count);
            line.text(format_args!(", {now} of {judged_now}, before {before} of {judged_before}"))
        };
        page.paragraph(4, 6, &line);
    }
    let more = new_only.known.len().saturating_sub(shown) as u64;
    if more > 0 {
        page.paragraph(4, 6, &Line::new(format_args!("- {} (-v)", Plural(more, "further known rule"))));
    }
    for failure in new_only.not_comparable.iter().take(shown) {
        let line = Line::new("- not comparable: ").text(failure.severity).text(" rule ").text(Safe(&failure.rule));
        page.paragraph(4, 6, &line.text(", ").text(Prose(&failure.reason)));
    }
    let more = new_only.not_comparable.len().saturating_sub(shown) as u64;
    if more > 0 {
        page.paragraph(4, 6, &Line::new(format_args!("- {} not comparable (-v)", Plural(more, "further rule"))));
    }
}

/// The verdict and the suite in one line.
fn headline(page: &mut Page, report: &AuditReport) {
    let style = match report.verdict {
        Verdict::Passed => GREEN,
        Verdict::Failed | Verdict::CouldNotAudit => RED,
        Verdict::Undecided => YELLOW,
    };
    let mut line = Line::default().styled(style, verdict_word(report.verdict)).text("  ");
    // If a sample was requested and nothing could be left out, the line below says so, and this is a full audit.
    let sampled = report.sampled.as_ref().is_some_and(|sampled| sampled.datasets_sampled > 0);
    let (stopped, judged) = (report.stopped.is_some(), report.judged.is_some());
    let partly = [("SAMPLED", sampled), ("STOPPED EARLY", stopped), ("JUDGED AGAIN", judged)];
    for (word, _) in partly.iter().filter(|(_, is)| *is) {
        line = line.styled(YELLOW, word).text("  ");
    }
    let line = line.styled(BOLD, Safe(&report.suite.name)).text(" as of ").text(Safe(&report.as_of));
    page.paragraph(0, 2, &line.text(" · ").text(conditions(report)));
}

/// The verdict and the reasons again, where the beginning may have left the screen.
fn verdict_again(page: &mut Page, report: &AuditReport) {
    headline(page, report);
    let reasons = &report.gate.reasons;
    for reason in reasons.iter().take(REASONS_REPEATED) {
        page.paragraph(2, 4, &Line::new("- ").text(Prose(reason)));
    }
    let more = reasons.len().saturating_sub(REASONS_REPEATED) as u64;
    if more > 0 {
        page.paragraph(2, 4, &Line::new("- ").text(Plural(more, "further reason")).text(": see the beginning"));
    }
}

/// The limits of a sample.
fn of_sample(sampled: &SampledReport) -> Line {
    Line::default().styled(YELLOW, "sampled").text(": ").text(sample_limits(sampled))
}

/// Why the audit ended early, and what was not measured.
fn of_stop(stopped: &StoppedReport, verbose: bool) -> Line {
    let shown = if verbose { usize::MAX } else { UNMEASURED_SHOWN };
    Line::default().styled(YELLOW, "stopped early").text(", ").text(early_stop(stopped, shown))
}

/// Whose counts were judged, and the rules that need the data.
fn of_judgement(judged: &JudgedReport, verbose: bool) -> Line {
    let shown = if verbose { usize::MAX } else { UNMEASURED_SHOWN };
    Line::default().styled(YELLOW, "judged again").text(", ").text(judgement(judged, shown))
}

/// How many integers a second engine confirms, and every one that it does not.
fn of_verification(page: &mut Page, verification: &Verification, verbose: bool) {
    let (style, word) = if verification.holds() { (GREEN, "verified") } else { (RED, "NOT VERIFIED") };
    page.paragraph(2, 4, &Line::default().styled(style, word).text(": ").text(verified(verification)));
    for difference in &verification.differences {
        let of = difference.rule.as_ref().unwrap_or(&difference.dataset);
        page.paragraph(
            4,
            6,
            &Line::new("- ").text(Safe(of)).text(format_args!(
                " {}: {} here, {} by the engine {}",
                Safe(&difference.what),
                Safe(&difference.found),
                Safe(&difference.verified),
                Safe(&verification.engine),
            )),
        );
    }
    for sampled in &verification.sampled {
        let rows = Plural(sampled.rows, "row");
        let text = format_args!(": verified on a sample of {rows} ({})", sampled.share);
        page.paragraph(4, 6, &Line::new("- ").text(Safe(&sampled.dataset)).text(text));
    }
    let shown = if verbose { usize::MAX } else { UNMEASURED_SHOWN };
    for rule in verification.not_verified.iter().take(shown) {
        page.paragraph(4, 6, &Line::new("- ").text(Safe(&rule.rule)).text(" not verified: ").text(Prose(&rule.reason)));
    }
    let more = verification.not_verified.len().saturating_sub(shown) as u64;
    if more > 0 {
        page.paragraph(4, 6, &Line::new("- ").text(format_args!("{} more not verified", Plural(more, "rule"))));
    }
}

/// Name, title, owner and size of a dataset.
fn heading(dataset: &DatasetReport) -> Line {
    let mut line = Line::default().styled(BOLD, Safe(&dataset.name));
    if let Some(title) = &dataset.title {
        line = line.text(" – ").text(Prose(title));
    }
    if let Some(owner) = &dataset.owner {
        line = line.text(" (").text(Safe(owner)).text(")");
    }
    if let Some(sampled) = &dataset.sampled {
        let about = if sampled.rows_total_is_estimate { "about " } else { "" };
        let (read, total) = (Count(sampled.rows_read), Plural(sampled.rows_total, "row"));
        let line = line.text("  ").styled(YELLOW, "SAMPLED");
        return line.text(format_args!("  {read} of {about}{total} ({})", sampled.share));
    }
    match (dataset.rows, dataset.status) {
        (Some(rows), _) => line.text("  ").text(Plural(rows, "row")),
        (None, DatasetStatus::Stopped) => {
            let read = dataset.files.iter().map(|file| file.rows).sum();
            line.text("  ").styled(YELLOW, "STOPPED").text(" after ").text(Plural(read, "row"))
        }
        (None, _) => line,
    }
}

/// A dataset that was read only in part, as a sample or from its beginning: it has no scores.
fn in_part(page: &mut Page, report: &AuditReport, dataset: &DatasetReport, verbose: bool) {
    page.paragraph(0, 2, &heading(dataset));
    let why = if dataset.sampled.is_some() { "a sample of the rows" } else { "a part of the rows" };
    page.paragraph(2, 17, &Line::new("score          none: only ").text(why).text(" was read"));
    rules(page, report, dataset, verbose);
    differing(page, dataset);
    unparseable(page, dataset);
    faults(page, dataset);
    if verbose {
        files(page, dataset);
    }
}

fn not_reached(page: &mut Page, dataset: &DatasetReport) {
    page.paragraph(0, 2, &heading(dataset));
    let rules = Plural(dataset.rules.len() as u64, "rule");
    page.paragraph(
        2,
        4,
        &Line::default().styled(YELLOW, "NOT READ").text("  stopped early: ").text(rules).text(" not measured"),
    );
}

fn errored(page: &mut Page, dataset: &DatasetReport) {
    page.paragraph(0, 2, &heading(dataset));
    let reason = dataset.error.as_deref().unwrap_or("no reason was given");
    page.paragraph(2, 4, &Line::default().styled(RED, "ERRORED").text("  could not be audited: ").text(Prose(reason)));
    let rules = dataset.rules.len() as u64;
    if rules > 0 {
        page.paragraph(2, 4, &Line::new(Plural(rules, "rule")).text(" not judged"));
    }
}

/// Whether something of a dataset has to be looked at: more than its line among all datasets says.
fn needs_attention(dataset: &DatasetReport) -> bool {
    dataset.status != DatasetStatus::Audited
        || dataset.fails_gate
        || !dataset.faults.is_empty()
        || !dataset.unparseable.is_empty()
        || !differing_files(dataset).is_empty()
        || dataset.rules.iter().any(|rule| !matches!(rule.status, Status::Passed | Status::NotMeasured))
}

/// Whether all of a dataset is well, so that one line says it.
fn takes_one_line(dataset: &DatasetReport) -> bool {
    dataset.status == DatasetStatus::Audited
        && !dataset.fails_gate
        && dataset.faults.is_empty()
        && dataset.rules.iter().all(|rule| rule.status == Status::Passed)
        && dataset.records.as_ref().is_none_or(|records| records.clean == records.total)
}

/// A dataset that needs no attention.
fn in_one_line(page: &mut Page, report: &AuditReport, dataset: &DatasetReport) {
    let mut line = Line::default().styled(BOLD, Safe(&dataset.name));
    if let Some(rows) = dataset.rows {
        line = line.text("  ").text(Plural(rows, "row"));
    }
    if dataset.rules.is_empty() {
        page.paragraph(0, 2, &line.text(" · no rules; a rule of another dataset uses it"));
        return;
    }
    if dataset.records.as_ref().is_some_and(|records| records.rate.is_some()) {
        line = line.text(" clean");
    }
    if let (Some(score), Some(band)) = (dataset.score, dataset.band) {
        line = line.text(" · score ").text(score).text(" ").styled(band_style(band), band.name());
    }
    let Coverage { columns_measured, columns, .. } = dataset.coverage;
    line = line.text(format_args!(" ({columns_measured} of {columns} columns)"));
    line = line.text(" · ").text(Plural(dataset.rules.len() as u64, "rule")).text(" passed");
    // Failures that rules allow lower a dimension.
    for dimension in &dataset.dimensions {
        let Some(score) = dimension.score else { continue };
        let band = report.suite.bands.band(score);
        if band != Band::Green {
            let name = dimension.dimension.name();
            line = line.text(format_args!(" · {name} {score} ")).styled(band_style(band), band.name());
        }
    }
    page.paragraph(0, 2, &line);
}

fn audited(page: &mut Page, report: &AuditReport, dataset: &DatasetReport, verbose: bool) {
    page.paragraph(0, 2, &heading(dataset));
    if dataset.rules.is_empty() {
        page.paragraph(2, 4, &Line::new("no rules; a rule of another dataset uses it"));
        return;
    }
    if let Some(records) = &dataset.records {
        let line = Line::new("records clean  ");
        let line = match records.rate {
            Some(rate) => {
                line.styled(BOLD, Count(records.clean)).text(format_args!(" of {} ({rate} %)", Count(records.total)))
            }
            None if records.total == 0 => line.text("not measured: there are no rows"),
            None => line.text("not measured: no rule is about single rows"),
        };
        page.paragraph(2, 17, &line);
        if let Some(rules) = unclean_by(records) {
            page.paragraph(2, 17, &Line::new("unclean by     ").text(rules));
        }
    }
    let line = match (dataset.score, dataset.band) {
        (Some(score), Some(band)) => {
            // A high score does not outweigh a rule that fails the gate.
            let style = if dataset.fails_gate && band == Band::Green { Style::new() } else { band_style(band) };
            Line::new("score          ").styled(BOLD, score).text(" ").styled(style, band.name())
        }
        (Some(score), None) => Line::new("score          ").styled(BOLD, score),
        _ => Line::new("score          not measured"),
    };
    let line = if dataset.fails_gate { line.text(", ").styled(RED, "gate failed") } else { line };
    let coverage = dataset.coverage;
    page.paragraph(
        2,
        17,
        &line.text(format_args!(
            " ({} of {} dimensions, {} of {} columns)",
            coverage.dimensions_measured, coverage.dimensions, coverage.columns_measured, coverage.columns
        )),
    );
    for veto in &dataset.vetoes {
        let line = Line::new("veto           ").styled(RED, veto.dimension).text(" capped by critical rule ");
        let line = line.text(Safe(&veto.rule));
        let of_veto = dataset.dimensions.iter().find(|known| known.dimension == veto.dimension);
        page.paragraph(
            2,
            17,
            &match of_veto.and_then(|known| known.before_veto) {
                Some(before) => line.text(format_args!(" ({before} before)")),
                None => line,
            },
        );
    }
    dimensions(page, report, dataset);
    rules(page, report, dataset, verbose);
    repairs::list(page, dataset, verbose);
    where_failing::of_dataset(page, dataset, verbose);
    differing(page, dataset);
    unparseable(page, dataset);
    faults(page, dataset);
    if verbose {
        files(page, dataset);
    }
}

/// The dimensions that have rules, with the worst rule of each.
fn dimensions(page: &mut Page, report: &AuditReport, dataset: &DatasetReport) {
    let shown: Vec<&DimensionReport> =
        dataset.dimensions.iter().filter(|dimension| dimension.rules > 0 || dimension.score.is_some()).collect();
    if shown.is_empty() {
        return;
    }
    let mut grid = Grid::new().words("dimension").number("score").number("rules").number("failed").name("worst");
    for dimension in shown {
        let mut row = vec![cell(dimension.dimension.name())];
        row.push(scored(dimension.score, dimension.score.map(|score| report.suite.bands.band(score))));
        row.push(match (dimension.rules_measured, dimension.rules) {
            (measured, all) if measured == all => cell(all),
            (measured, all) => format!("{measured}/{all}"),
        });
        let failed = |rule: &&RuleReport| rule.dimension == dimension.dimension && rule.status == Status::Failed;
        row.push(cell(dataset.rules.iter().filter(failed).count()));
        row.push(match (&dimension.worst_rule, dimension.worst_rate) {
            (Some(rule), Some(rate)) if rate < Score::FULL => format!("{rate} {}", Safe(short_id(rule, dataset))),
            _ => String::new(),
        });
        grid.row(row);
    }
    page.grid(2, grid, &BANDS);
}

/// The rules that need attention, then the number of the others.
fn rules(page: &mut Page, report: &AuditReport, dataset: &DatasetReport, verbose: bool) {
    let calm = |status| matches!(status, Status::Passed | Status::NotMeasured);
    for rule in dataset.rules.iter().filter(|rule| !calm(rule.status)) {
        if rule.status == Status::Undecided {
            undecided(page, rule);
        } else {
            troubled(page, report, dataset, rule, verbose);
        }
    }
    let count = |status| dataset.rules.iter().filter(|rule| rule.status == status).count() as u64;
    let (passed, waived, unmeasured) = (count(Status::Passed), count(Status::Waived), count(Status::NotMeasured));
    let mut line = Line::default().styled(GREEN, "passed").text(" ").text(Plural(passed, "rule"));
    if waived > 0 {
        line = line.text(" · ").styled(YELLOW, "waived").text(" ").text(Plural(waived, "rule"));
    }
    if unmeasured > 0 {
        line = line.text(" · ").styled(YELLOW, "not measured").text(" ").text(Plural(unmeasured, "rule"));
    }
    if dataset.rules.is_empty() {
        line = Line::new("no rules");
    }
    page.paragraph(2, 4, &line);
    if verbose {
        for rule in dataset.rules.iter().filter(|rule| calm(rule.status)) {
            untroubled(page, rule);
        }
    }
}

/// A rule that failed, is waived, errored or warned.
fn troubled(page: &mut Page, report: &AuditReport, dataset: &DatasetReport, rule: &RuleReport, verbose: bool) {
    let (style, word) = status_word(rule);
    let severity = if rule.severity == Severity::Critical { RED } else { Style::new() };
    let line = Line::default().styled(style, word).text("  ").text(marks(rule)).styled(severity, rule.severity);
    let line = line.text("  ").styled(BOLD, Safe(&rule.id));
    let allowed = matches!(rule.status, Status::Failed | Status::Waived) && !rule.fails_gate;
    page.paragraph(2, 4, &if allowed { line.text("  (does not fail the gate)") } else { line });
    if rule.status != Status::Errored {
        let asked = match (rule.status, rule.warn) {
            (Status::Warned, Some(warn)) => format!("warn: {}", threshold(warn, rule.unit)),
            _ => format!("threshold: {}", threshold(rule.threshold, rule.unit)),
        };
        let (_, found) = counted(rule);
        // A judgement of the whole dataset has no counts.
        if rule.unit == Unit::Dataset {
            page.paragraph(4, 6, &Line::new("found: ").text(Prose(&rule.observed)));
        } else {
            page.paragraph(4, 6, &counts(Line::default(), rule).text(" · ").text(asked));
        }
        if let Some(sampled) = &rule.sampled {
            page.paragraph(4, 6, &Line::new(Failing(sampled)));
        }
        if let Some(found) = found.filter(|found| !found.is_empty() && rule.unit != Unit::Dataset) {
            page.paragraph(4, 6, &Line::new("found: ").text(Prose(found)));
        }
        page.paragraph(4, 6, &Line::new("expected: ").text(Prose(&rule.expected)));
        if let Some(pairs) = pairs(rule) {
            page.paragraph(4, 6, &Line::new("similar: ").text(pairs));
        }
    }
    if let Some(segments) = &rule.segments {
        groups(page, segments);
    }
    where_failing::of_rule(page, rule);
    waivers::of_rule(page, report, rule);
    for (label, text) in [("reason", &rule.reason), ("fix", &rule.fix), ("because", &rule.because)] {
        if let Some(text) = text {
            page.paragraph(4, 6, &Line::default().styled(BOLD, label).text(": ").text(Prose(text)));
        }
    }
    if matches!(rule.status, Status::Failed | Status::Waived)
        && let Some(due) = rule.due
    {
        let line = match rule.overdue_days {
            Some(days) => {
                Line::default().styled(RED, "overdue").text(format_args!(" since {due}, {}", Plural(days, "day")))
            }
            None => Line::default().styled(BOLD, "due").text(format_args!(" {due}")),
        };
        page.paragraph(4, 6, &line);
    }
    if let Some(owner) = rule.owner.as_ref().filter(|_| rule.owner != dataset.owner) {
        page.paragraph(4, 6, &Line::new("owner: ").text(Safe(owner)));
    }
    if !rule.failing_rows.is_empty() {
        let holder = rule.rows_of.as_ref().and_then(|name| report.datasets.iter().find(|other| other.name == *name));
        page.paragraph(4, 6, &Line::default().styled(DIM, Places { rule, dataset: holder.unwrap_or(dataset) }));
    }
    if verbose && let Some(details) = details(rule) {
        page.paragraph(4, 6, &Line::new("details: ").text(details));
    }
    if verbose && let Some(shapes) = rule.shapes.as_ref().and_then(shapes::line) {
        page.paragraph(4, 6, &shapes);
    }
}

/// The outcome of a rule in groups of rows: how many miss its threshold, and the worst of them.
fn groups(page: &mut Page, segments: &SegmentsReport) {
    let all = segments.shown.len() as u64 + u64::from(segments.suppressed.is_some());
    let mut line = Line::new("by ").text(Safe(&segments.columns.join(", "))).text(": ");
    line = match (segments.failing, all) {
        (_, 0) => line.text("no group has a row to judge"),
        (0, _) => line.text(format_args!("{} met the threshold", Plural(all, "group"))),
        (failing, _) => line.text(format_args!("{failing} of {} missed the threshold", Plural(all, "group"))),
    };
    page.paragraph(4, 6, &line);
    for group in segments.shown.iter().filter(|group| !group.meets).take(GROUPS_SHOWN) {
        let values: Vec<String> = group.values.iter().map(ToString::to_string).collect();
        let line = Line::default().styled(RED, Safe(&values.join(", "))).text("  ").styled(BOLD, Count(group.failed));
        let line = line.text(format_args!(" of {} failed · {} % pass", Count(group.evaluated), group.rate));
        page.paragraph(6, 8, &line);
    }
    if let Some(few) = &segments.suppressed {
        let which = match few.groups {
            1 => "1 group not named, since it is small:".to_owned(),
            groups => format!("{} groups shown as one, to protect small ones:", Count(groups)),
        };
        let line = Line::new(which).text("  ").styled(BOLD, Count(few.failed));
        let line = line.text(format_args!(" of {} failed", Count(few.evaluated)));
        let is_mixed = few.judged_apart && !few.meets;
        page.paragraph(6, 8, &if is_mixed { line.text(" · not all of them met the threshold") } else { line });
    }
}

/// A rule that is undecided on a sample.
fn undecided(page: &mut Page, rule: &RuleReport) {
    let line = Line::default().styled(YELLOW, "UNDECIDED").text("  ").text(marks(rule)).text(rule.severity);
    page.paragraph(2, 4, &line.text("  ").styled(BOLD, Safe(&rule.id)));
    let line = counts(Line::default(), rule).text(" · threshold: ").text(threshold(rule.threshold, rule.unit));
    let line = if let Some(sampled) = &rule.sampled { line.text(" · ").text(Failing(sampled)) } else { line };
    page.paragraph(4, 6, &line);
}

/// A rule that passed or had nothing to judge, in one line.
fn untroubled(page: &mut Page, rule: &RuleReport) {
    let line = Line::new(rule.status.name())
        .text("  ")
        .text(marks(rule))
        .text(rule.severity)
        .text("  ")
        .text(Safe(&rule.id))
        .text("  ");
    let line = if rule.status == Status::NotMeasured {
        line.text(Prose(rule.reason.as_deref().unwrap_or("nothing was in scope")))
    } else if rule.unit == Unit::Dataset {
        line.text(Prose(&rule.observed))
    } else {
        let line = counts(line, rule);
        match counted(rule).1.filter(|found| *found != format!("all {} {} pass", Count(rule.evaluated), rule.unit)) {
            Some(found) => line.text(" · ").text(Prose(found)),
            None => line,
        }
    };
    page.paragraph(4, 6, &line);
}

/// Appends the counts of a rule.
fn counts(line: Line, rule: &RuleReport) -> Line {
    line.styled(BOLD, Count(rule.failed)).text(counted(rule).0).text(shares(rule))
}

/// A line for each way in which files differ.
fn differing(page: &mut Page, dataset: &DatasetReport) {
    for sentence in differing_files(dataset) {
        page.paragraph(2, 4, &Line::default().styled(YELLOW, "files differ").text("  ").text(Prose(&sentence)));
    }
}

/// A line for each column with unparseable cells: how many, why, what they look like and what to declare.
fn unparseable(page: &mut Page, dataset: &DatasetReport) {
    for column in &dataset.unparseable {
        let mut line = Line::default().styled(YELLOW, "unparseable").text("  ").text(Safe(&column.column));
        line = line.text(format_args!(" ({})  ", column.data_type));
        let mut reasons: Vec<_> = column.reasons.iter().collect();
        reasons.sort_by_key(|(reason, cells)| (std::cmp::Reverse(**cells), **reason));
        for (at, (reason, cells)) in reasons.into_iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            line = line.text(format_args!("{comma}{} {}", Count(*cells), reason.describe()));
        }
        if let Some(like) = &column.looks_like {
            let verb = if like.cells == 1 { "looks" } else { "look" };
            let formats = like.formats.join(" or ");
            let (cells, all) = (Count(like.cells), Count(column.cells));
            line = line.text(format_args!("; {cells} of {all} {verb} like {}", Safe(&formats)));
        }
        if column.advice.is_none() && column.looks_like.is_some() && column.parsed > 0 {
            line = line.text(format_args!("; {} parsed", Plural(column.parsed, "other cell")));
        }
        if let Some(advice) = &column.advice {
            line = line.text(": ").text(Prose(advice));
        }
        page.paragraph(2, 4, &line);
    }
}

/// The first faults of the files themselves.
fn faults(page: &mut Page, dataset: &DatasetReport) {
    for fault in dataset.faults.iter().take(FAULTS_SHOWN) {
        let path = dataset.files.get(fault.file as usize).map_or("?", |file| file.path.as_str());
        let mut line = Line::default().styled(YELLOW, "fault").text("  ").text(Safe(path));
        if fault.line > 0 {
            line = line.text(format_args!(":{}", fault.line));
        }
        page.paragraph(2, 4, &line.text(format_args!("  {}: ", fault.kind.describe())).text(Prose(&fault.detail)));
    }
    if let Some(more) = dataset.faults.len().checked_sub(FAULTS_SHOWN).filter(|more| *more > 0) {
        page.paragraph(
            2,
            4,
            &Line::new(format_args!("and {} in the json report", Plural(more as u64, "further fault"))),
        );
    }
}

/// The files that were read.
fn files(page: &mut Page, dataset: &DatasetReport) {
    for file in &dataset.files {
        let word = if dataset.sampled.is_some() { "sampled  " } else { "read  " };
        let mut line = Line::new(word).text(Safe(&file.path)).text("  ").text(Plural(file.rows, "row"));
        if let Some(bytes) = file.bytes {
            line = line.text(", ").text(Bytes(bytes));
        }
        if let Some(sums) = file.checksums {
            line = line.text(format_args!(
                ", page checksums: {} verified, {} mismatched, {} absent",
                Count(sums.verified),
                Count(sums.mismatched),
                Count(sums.absent)
            ));
        }
        if let Some(sums) = file.frames {
            line = line.text(format_args!(
                ", frame checksums: {} verified, {} absent",
                Count(sums.verified),
                Count(sums.absent)
            ));
        }
        page.paragraph(2, 4, &line);
    }
}

fn owners(page: &mut Page, owners: &[OwnerReport]) {
    let unread = owners.iter().any(|owner| owner.errored > 0);
    let in_part = owners.iter().any(|owner| owner.in_part > 0);
    let gate = owners.iter().any(|owner| owner.fail_gate > 0);
    let waived = owners.iter().any(|owner| owner.rules_waived > 0);
    let overdue = owners.iter().any(|owner| owner.rules_overdue > 0);
    // Numbers of one digit leave room for names.
    let mut grid = Grid::new().name("owner").number("sets");
    for (title, _) in [("errored", unread), ("in part", in_part)].into_iter().filter(|(_, is)| *is) {
        grid = grid.number(title).optional();
    }
    grid = grid.number("worst score").name("worst dataset").optional().number("failed");
    for (title, _) in [("waived", waived), ("overdue", overdue)].into_iter().filter(|(_, is)| *is) {
        grid = grid.number(title);
    }
    for owner in owners {
        let mark = if owner.fail_gate > 0 {
            "✗ "
        } else if gate {
            "  "
        } else {
            ""
        };
        let mut row = vec![format!("{mark}{}", Safe(&owner.owner)), cell(owner.datasets)];
        row.extend(unread.then(|| cell(owner.errored)));
        row.extend(in_part.then(|| cell(owner.in_part)));
        row.push(scored(owner.worst_score, owner.band));
        row.push(cell(Safe(owner.worst_dataset.as_deref().unwrap_or("-"))));
        row.push(cell(owner.rules_failed));
        row.extend(waived.then(|| cell(owner.rules_waived)));
        row.extend(overdue.then(|| cell(owner.rules_overdue)));
        grid.row(row);
    }
    let mut paint = vec![("✗", RED)];
    paint.extend(BANDS);
    page.grid(0, grid, &paint);
    if gate {
        page.paragraph(0, 2, &Line::default().styled(RED, "✗").text(" has a dataset that fails the gate"));
    }
}

/// How much was judged, and how long it took.
fn footer(page: &mut Page, report: &AuditReport) {
    let rules: usize = report.datasets.iter().map(|dataset| dataset.rules.len()).sum();
    let read = |dataset: &DatasetReport| match (&dataset.sampled, dataset.rows) {
        (Some(sampled), _) => sampled.rows_read,
        (None, Some(rows)) => rows,
        (None, None) => dataset.files.iter().map(|file| file.rows).sum(),
    };
    let rows: u64 = report.datasets.iter().map(read).sum();
    let mut line = Line::new(format_args!("{} over {}", Plural(rules as u64, "rule"), Plural(rows, "row")));
    if report.datasets.iter().any(|dataset| dataset.sampled.is_some()) {
        line = line.text(", sampled");
    }
    if report.stopped.is_some() {
        line = line.text(", stopped early");
    }
    let line = match &report.timings {
        Some(timings) => {
            let line = line.text(format_args!(" in {:.1} s", timings.seconds));
            let line = match timings.peak_memory_bytes {
                Some(bytes) => line.text(", peak memory ").text(Bytes(bytes)),
                None => line,
            };
            match &timings.spill_dir {
                Some(folder) => {
                    line.text(", ").text(Bytes(timings.spilled_bytes)).text(" of keys spilled to ").text(Safe(folder))
                }
                None => line,
            }
        }
        None => line,
    };
    page.paragraph(0, 2, &line);
}

/// A score with the word of its band.
fn scored(score: Option<Score>, band: Option<Band>) -> String {
    match (score, band) {
        (Some(score), Some(band)) => format!("{score} {}", band.name()),
        (Some(score), None) => cell(score),
        (None, _) => "not measured".to_owned(),
    }
}
