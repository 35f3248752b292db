//! The texts that the page adds to the result: one file a language.
//!
//! `{name}` in a text is a place for a value. A text with a number has a form for one and a form for other numbers.

use std::collections::BTreeMap;

use maud::{Markup, Render, html};
use serde::Deserialize;

use crate::model::{
    DatasetStatus, Dimension, FaultKind, Severity, Status, Unit, UnparseableReason, Verdict, WaiverState,
};
use crate::report::Language;

/// The file of a language.
const fn file(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("texts/en.json"),
        Language::Vietnamese => include_str!("texts/vi.json"),
    }
}

/// A text with a number.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counted {
    /// For 1.
    one: String,
    /// For all other numbers.
    other: String,
}

impl Counted {
    /// The form for a number.
    pub(super) fn of(&self, count: u64) -> &str {
        if count == 1 { &self.one } else { &self.other }
    }

    /// The form for all other numbers.
    pub(super) fn other(&self) -> &str {
        &self.other
    }

    /// The form for one.
    pub(super) fn one(&self) -> &str {
        &self.one
    }
}

/// A text with values at its places. A place without a value stays as it is written.
pub(super) fn fill(text: &str, values: &[(&str, &dyn Render)]) -> Markup {
    html! {
        @for piece in pieces(text) {
            @match piece {
                Piece::Text(text) => (text),
                Piece::Place(name) => {
                    @match values.iter().find(|(known, _)| *known == name) {
                        Some((_, value)) => (value),
                        None => { "{" (name) "}" }
                    }
                }
            }
        }
    }
}

/// The same as plain text.
pub(super) fn fill_plain(text: &str, values: &[(&str, &str)]) -> String {
    let value = |name| values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    pieces(text)
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Place(name) => value(name).unwrap_or(name),
        })
        .collect()
}

/// A piece of a text.
enum Piece<'t> {
    /// What is written.
    Text(&'t str),
    /// The name of a place.
    Place(&'t str),
}

/// The pieces of a text.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    text.split_inclusive('}').flat_map(|part| match part.split_once('{') {
        Some((before, place)) => [Piece::Text(before), Piece::Place(place.trim_end_matches('}'))],
        None => [Piece::Text(part), Piece::Text("")],
    })
}

/// Declares groups of texts, whose names are the keys of the files.
macro_rules! texts {
    ($($(#[$doc:meta])* $group:ident { $($name:ident: $kind:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub(super) struct $group { $(pub(super) $name: $kind,)* }
        )*
    };
}

texts! {
    /// All texts of a language.
    Texts {
        numbers: Signs,
        words: Words,
        page: PageTexts,
        verdict: VerdictTexts,
        gate: GateTexts,
        first: FirstTexts,
        dimensions: DimensionTexts,
        datasets: DatasetTexts,
        owners: OwnerTexts,
        rules: RuleListTexts,
        rule: RuleTexts,
        trail: TrailTexts,
        repairs: RepairTexts,
        waivers: WaiverTexts,
        limits: LimitTexts,
    }

    /// How numbers are written.
    Signs {
        group: String,
        point: String,
    }

    /// The words of the product.
    Words {
        dimensions: BTreeMap<Dimension, String>,
        dimension_asks: BTreeMap<Dimension, String>,
        severities: BTreeMap<Severity, String>,
        statuses: BTreeMap<Status, String>,
        units: BTreeMap<String, Counted>,
        bands: BandWords,
        faults: BTreeMap<FaultKind, String>,
        unparseable: BTreeMap<UnparseableReason, String>,
        fails_gate: String,
        not_measured: String,
        not_known: String,
        rows: Counted,
        rules: Counted,
        datasets: Counted,
        cut: Counted,
        and_more: Counted,
    }

    /// The bands of a score.
    BandWords {
        green: String,
        amber: String,
        red: String,
    }

    /// The page as a whole.
    PageTexts {
        title: String,
        skip: String,
        contents: String,
        footer: String,
        digest: String,
        rules_hash: String,
        suite_file: String,
    }

    /// The verdict and the figures beside it.
    VerdictTexts {
        passed: String,
        failed: String,
        undecided: String,
        could_not_audit: String,
        as_of: String,
        sampled: String,
        stopped: String,
        judged: String,
        verified: String,
        not_verified: String,
        clean_records: String,
        clean_of: String,
        clean_datasets: String,
        lowest_score: String,
        datasets: String,
        datasets_fail_gate: Counted,
        datasets_pass: String,
        rules: String,
    }

    /// The conditions of the gate.
    GateTexts {
        heading: String,
        passed: String,
        undecided: String,
        reasons: String,
        warnings: String,
        unjudged: String,
        asks: String,
        fail_on: String,
        fail_on_nothing: String,
        min_score: String,
        min_dimension: String,
        unmeasured_fails: String,
        new_only: String,
        new_only_known: Counted,
        new_only_worse: String,
        new_only_none: String,
        known: String,
        known_dataset: String,
        not_comparable: String,
    }

    /// What to do first.
    FirstTexts {
        heading: String,
        nothing: String,
        no_fix: String,
        dataset: String,
        more: Counted,
        best: String,
    }

    /// The chart of the dimensions.
    DimensionTexts {
        heading: String,
        about: String,
        about_one: String,
        from: String,
        below: String,
        lowest_of: Counted,
        unmeasured_in: Counted,
        nowhere: String,
    }

    /// The datasets.
    DatasetTexts {
        heading: String,
        about: String,
        name: String,
        owner: String,
        rows: String,
        clean: String,
        score: String,
        failed: String,
        all: String,
        steward: String,
        audited: String,
        sampled: String,
        stopped: String,
        not_reached: String,
        errored: String,
        fails_gate: String,
        no_reason: String,
        no_score_sample: String,
        no_score_part: String,
        no_rules: String,
        sample: String,
        sample_about: String,
        stopped_after: Counted,
        records: String,
        records_no_rows: String,
        records_no_rules: String,
        unclean_by: String,
        coverage: String,
        mean: String,
        veto: String,
        dimension: String,
        before_veto: String,
        measured: String,
        measured_of: String,
        worst_rule: String,
        files: String,
        file: String,
        checksums: String,
        frames: String,
        columns: Counted,
        differing: String,
        unparseable: String,
        unparseable_cells: String,
        unparseable_parsed: Counted,
        looks_like: String,
        or: String,
        faults: String,
        fault_line: String,
        together: String,
        together_more: Counted,
        together_rate: String,
        searched: Counted,
        searched_one_value: Counted,
        searched_personal: Counted,
        searched_not_read: Counted,
    }

    /// The owners.
    OwnerTexts {
        heading: String,
        about: String,
        owner: String,
        datasets: String,
        errored: String,
        in_part: String,
        fail_gate: String,
        worst_score: String,
        worst_dataset: String,
        failed: String,
        waived: String,
        overdue: String,
    }

    /// The list of rules and its filter.
    RuleListTexts {
        heading: String,
        filter: String,
        all: String,
        any_gate: String,
        any_attention: String,
        status: String,
        severity: String,
        dataset: String,
        dimension: String,
        owner: String,
        text: String,
        sort: String,
        sort_trouble: String,
        sort_dataset: String,
        sort_failures: String,
        sort_rate: String,
        sort_severity: String,
        sort_name: String,
        reset: String,
        shown: Counted,
        none: String,
        rule: String,
        failed: String,
        rate: String,
        of: String,
        of_failed: String,
        left_out: Counted,
        no_rules: String,
        print_all: String,
    }

    /// What a rule opens to.
    RuleTexts {
        counts: String,
        evaluated: String,
        not_applicable: String,
        unreadable: String,
        of_dataset: String,
        threshold: String,
        warn: String,
        observed: String,
        expected: String,
        because: String,
        fix: String,
        reason: String,
        owner: String,
        due: String,
        overdue: Counted,
        not_gate: String,
        partial: String,
        sample: String,
        sample_certain: String,
        at_least_rows: String,
        at_most_rows: String,
        every: String,
        at_least_share: String,
        at_most_share: String,
        wherein: String,
        concentration: String,
        shapes: String,
        shape_other: String,
        shape_none: String,
        shapes_too_many: String,
        segments: String,
        segments_missed: String,
        segments_met: Counted,
        segments_nothing: String,
        segments_small: Counted,
        segments_small_mixed: String,
        segments_unmeasured: Counted,
        segments_more: Counted,
        group: String,
        failed: String,
        rate: String,
        meets: String,
        misses: String,
        result: String,
        rows: String,
        lines: Counted,
        records: Counted,
        rows_more: Counted,
        pairs: String,
        pair_lines: String,
        pair_records: String,
        details: String,
        waiver: String,
        place: String,
        line: String,
        check_of: String,
        tags: String,
        distribution: Counted,
        missing: String,
        unparseable: String,
        month_of: String,
        year_of: String,
        and: String,
    }

    /// The way of points into the score.
    TrailTexts {
        heading: String,
        calculation: String,
        rate: String,
        no_points: String,
        no_points_part: String,
        alone: String,
        in_column: String,
        in_dimension: String,
        veto: String,
        veto_here: String,
        lost: String,
        dataset: String,
        short_alone: String,
        short_in_column: String,
        exact: String,
        unit: String,
        unit_column: String,
        full: Counted,
        weight: String,
        rates: String,
        unit_mean: String,
        sum: String,
        sum_veto: String,
    }

    /// What repairs are worth.
    RepairTexts {
        heading: String,
        about: String,
        none: String,
        rule: String,
        dataset: String,
        score: String,
        dimension: String,
        worst: String,
        records: String,
        at_most: String,
        between: String,
        more: Counted,
        clean: String,
        worth: String,
    }

    /// Waivers.
    WaiverTexts {
        heading: String,
        about: String,
        none: String,
        rule: String,
        state: String,
        says: String,
        because: String,
        states: BTreeMap<WaiverState, String>,
        limit: String,
        exceeded: String,
        expired: Counted,
        not_judged: String,
        unneeded: String,
        last_day: String,
        until: Counted,
    }

    /// What was not measured, sampled, skipped or waived.
    LimitTexts {
        heading: String,
        about: String,
        nothing: String,
        not_audited: String,
        not_judged: String,
        not_measured: String,
        in_part: String,
        sample: String,
        sample_full: String,
        stopped: String,
        stopped_rules: Counted,
        judged: String,
        need_data: Counted,
        dropped: Counted,
        verification: String,
        verified_nothing: String,
        verified: String,
        difference: String,
        verified_sample: String,
        not_verified: Counted,
        waived: Counted,
        files: String,
        faults: Counted,
        unparseable: Counted,
        notices: String,
        cut: String,
        more: Counted,
        reason_none: String,
    }
}

impl Texts {
    /// The texts of a language.
    ///
    /// # Errors
    /// Where its file is damaged, which a test excludes.
    pub(super) fn of(language: Language) -> Result<Self, serde_json::Error> {
        serde_json::from_str(file(language))
    }

    /// The word for a dimension.
    pub(super) fn dimension(&self, dimension: Dimension) -> &str {
        self.words.dimensions.get(&dimension).map_or(dimension.name(), String::as_str)
    }

    /// The word for a severity.
    pub(super) fn severity(&self, severity: Severity) -> &str {
        self.words.severities.get(&severity).map_or(severity.name(), String::as_str)
    }

    /// The word for a status.
    pub(super) fn status(&self, status: Status) -> &str {
        self.words.statuses.get(&status).map_or(status.name(), String::as_str)
    }

    /// The noun for so many of a unit.
    pub(super) fn unit(&self, unit: Unit, count: u64) -> &str {
        let noun = if count == 1 { unit.noun() } else { unit.nouns() };
        self.words.units.get(unit.nouns()).map_or(noun, |noun| noun.of(count))
    }

    /// The kind of a fault of a file.
    pub(super) fn fault(&self, kind: FaultKind) -> &str {
        self.words.faults.get(&kind).map_or(kind.describe(), String::as_str)
    }

    /// Why a cell is unparseable.
    pub(super) fn unparseable(&self, reason: UnparseableReason) -> &str {
        self.words.unparseable.get(&reason).map_or(reason.describe(), String::as_str)
    }

    /// The verdict.
    pub(super) fn verdict(&self, verdict: Verdict) -> &str {
        match verdict {
            Verdict::Passed => &self.verdict.passed,
            Verdict::Failed => &self.verdict.failed,
            Verdict::Undecided => &self.verdict.undecided,
            Verdict::CouldNotAudit => &self.verdict.could_not_audit,
        }
    }

    /// Whether a dataset was audited.
    pub(super) fn dataset_status(&self, status: DatasetStatus) -> &str {
        match status {
            DatasetStatus::Audited => &self.datasets.audited,
            DatasetStatus::Sampled => &self.datasets.sampled,
            DatasetStatus::Stopped => &self.datasets.stopped,
            DatasetStatus::NotReached => &self.datasets.not_reached,
            DatasetStatus::Errored => &self.datasets.errored,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// Each text with the path of its keys.
    fn texts(value: &Value, path: &str, found: &mut BTreeMap<String, String>) {
        match value {
            Value::String(text) => {
                found.insert(path.to_owned(), text.clone());
            }
            Value::Object(members) => {
                members.iter().for_each(|(key, value)| texts(value, &format!("{path}.{key}"), found));
            }
            other => panic!("{path} is {other}"),
        }
    }

    fn of(language: Language) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        texts(&serde_json::from_str(file(language)).unwrap(), "", &mut found);
        found
    }

    fn places(text: &str) -> BTreeSet<String> {
        pieces(text)
            .filter_map(|piece| match piece {
                Piece::Place(name) if !name.is_empty() => Some(name.to_owned()),
                Piece::Place(_) | Piece::Text(_) => None,
            })
            .collect()
    }

    #[test]
    fn all_languages_have_the_same_texts_with_the_same_places() {
        let english = of(Language::English);
        for language in Language::ALL {
            // Missing and unknown keys of the groups are errors already.
            Texts::of(language).unwrap();
            let other = of(language);
            let keys = |texts: &BTreeMap<String, String>| texts.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(keys(&other), keys(&english), "{}", language.name());
            for (key, text) in &english {
                assert_eq!(places(&other[key]), places(text), "{key} in {}", language.name());
                assert!(!other[key].trim().is_empty(), "{key} in {}", language.name());
            }
        }
    }

    #[test]
    fn a_text_in_another_language_is_not_left_in_english() {
        let english = of(Language::English);
        let same: Vec<_> = of(Language::Vietnamese)
            .into_iter()
            .filter(|(key, text)| english[key] == *text)
            .map(|(key, _)| key)
            .collect();
        // Signs, and texts of places alone.
        assert_eq!(same, [".datasets.file", ".datasets.unparseable_cells", ".words.not_known"]);
    }

    #[test]
    fn every_word_of_the_model_has_its_own() {
        use UnparseableReason as R;
        let statuses = [
            Status::Errored,
            Status::Failed,
            Status::Waived,
            Status::Warned,
            Status::Undecided,
            Status::NotMeasured,
            Status::Passed,
        ];
        let faults = [
            FaultKind::UnnamedColumn,
            FaultKind::RepeatedColumn,
            FaultKind::RepeatedKey,
            FaultKind::MissingCells,
            FaultKind::ExtraCells,
            FaultKind::BadQuote,
            FaultKind::Undecodable,
            FaultKind::CutOff,
            FaultKind::OversizedCell,
            FaultKind::NulByte,
            FaultKind::InvalidJson,
            FaultKind::ChecksumMismatch,
            FaultKind::MixedLineEnds,
            FaultKind::ErrorCell,
            FaultKind::Uncalculated,
            FaultKind::BinaryValue,
            FaultKind::NumberAsText,
            FaultKind::MergedCells,
            FaultKind::HiddenRow,
            FaultKind::HiddenColumn,
            FaultKind::HiddenSheet,
            FaultKind::OtherLineEnd,
            FaultKind::RepeatedHeader,
            FaultKind::LineLength,
            FaultKind::NoEnd,
            FaultKind::DataBelowEnd,
        ];
        let reasons = [
            R::Blank,
            R::Spaces,
            R::DecimalComma,
            R::ThousandsGroups,
            R::Sign,
            R::OtherNotation,
            R::Fraction,
            R::TooManyDigits,
            R::NotFinite,
            R::NotANumber,
            R::DayAndMonthSwapped,
            R::YearOutOfRange,
            R::NoSuchDate,
            R::OtherFormat,
            R::NotADate,
            R::NotABoolean,
            R::NotAUuid,
        ];
        let units = [
            Unit::Rows,
            Unit::Dataset,
            Unit::Columns,
            Unit::Values,
            Unit::Groups,
            Unit::Entities,
            Unit::Numbers,
            Unit::Hours,
            Unit::Days,
            Unit::Weeks,
            Unit::Months,
            Unit::Quarters,
            Unit::Years,
            Unit::Points,
        ];
        let states = [
            WaiverState::Exceeded,
            WaiverState::Expired,
            WaiverState::NotJudged,
            WaiverState::Unneeded,
            WaiverState::Expiring,
            WaiverState::Active,
        ];
        for language in Language::ALL {
            let texts = Texts::of(language).unwrap();
            let words = &texts.words;
            assert!(statuses.iter().all(|status| words.statuses.contains_key(status)));
            assert!(Dimension::ALL.iter().all(|dimension| words.dimensions.contains_key(dimension)));
            assert!(Dimension::ALL.iter().all(|dimension| words.dimension_asks.contains_key(dimension)));
            assert!(Severity::ALL.iter().all(|severity| words.severities.contains_key(severity)));
            assert!(faults.iter().all(|fault| words.faults.contains_key(fault)));
            assert!(reasons.iter().all(|reason| words.unparseable.contains_key(reason)));
            assert!(units.iter().all(|unit| words.units.contains_key(unit.nouns())));
            assert!(states.iter().all(|state| texts.waivers.states.contains_key(state)));
        }
        // The English words are those of the model.
        let english = Texts::of(Language::English).unwrap();
        for status in statuses {
            assert_eq!(english.status(status), status.name());
        }
        for fault in faults {
            assert_eq!(english.fault(fault), fault.describe());
        }
        for reason in reasons {
            assert_eq!(english.unparseable(reason), reason.describe());
        }
        for unit in units {
            assert_eq!([english.unit(unit, 1), english.unit(unit, 2)], [unit.noun(), unit.nouns()]);
        }
    }

    #[test]
    fn values_are_put_at_their_places_and_escaped() {
        let filled = fill("{a} of {b}, <i>", &[("a", &"<b>"), ("b", &html! { b { "2" } })]);
        assert_eq!(filled.0, "&lt;b&gt; of <b>2</b>, &lt;i&gt;");
        assert_eq!(fill_plain("{a} of {b}", &[("a", "{b}"), ("b", "2")]), "{b} of 2");
        let counted = Counted { one: "{count} row".into(), other: "{count} rows".into() };
        assert_eq!([counted.of(1), counted.of(0)], ["{count} row", "{count} rows"]);
    }

    #[test]
    fn numbers_are_those_of_the_language() {
        use crate::model::{Score, Share};
        for (language, written) in [
            (Language::English, ["1,234,567", "98.28", "98.28\u{a0}%", "99.5\u{a0}%", "1.5 KiB"]),
            (Language::Vietnamese, ["1.234.567", "98,28", "98,28\u{a0}%", "99,5\u{a0}%", "1,5 KiB"]),
        ] {
            let Texts { numbers, .. } = Texts::of(language).unwrap();
            let score = Score::parse("98.28").unwrap();
            let found = [
                numbers.count(1_234_567),
                numbers.score(score),
                numbers.percent(score),
                numbers.share(Share::parse("99.5%").unwrap()),
                numbers.bytes(1536),
            ];
            assert_eq!(found, written);
            assert_eq!([numbers.count(0), numbers.count(999)], ["0", "999"]);
        }
    }
}
