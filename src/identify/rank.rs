//! From counts to what a column most likely holds.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::evidence::is_general;
use super::tally::{Judge, KindTally, Tally};
use crate::identifiers::{KINDS, Kind, Prepared, Slip};
use crate::model::{Evidence, FormatCount, IdentifiedColumn, IdentifiedFormat, IdentifiedKind, SlipTally};
use crate::text::{self, Family, FormatSet};

/// What the counts of a column say.
pub(super) fn column(name: &str, stored: &str, tally: &Tally, judge: &Judge) -> IdentifiedColumn {
    let kinds = kinds(tally, judge);
    let faults = text::Fault::ALL.into_iter().zip(tally.faults).filter(|(_, count)| *count > 0);
    IdentifiedColumn {
        name: name.to_owned(),
        stored: stored.to_owned(),
        not_read: None,
        missing: tally.missing,
        unreadable: tally.unreadable,
        values: tally.values,
        placeholders: tally.placeholders,
        stand_ins: tally.stand_ins,
        faulty: tally.faulty,
        faults: faults.map(|(fault, count)| (fault.name().to_owned(), count)).collect(),
        formats: formats(tally, &kinds),
        kinds,
    }
}

/// The kinds of at least one value, the likeliest first.
fn kinds(tally: &Tally, judge: &Judge) -> Vec<IdentifiedKind> {
    let mut found: Vec<(&Kind, IdentifiedKind)> = KINDS
        .iter()
        .zip(judge.kinds())
        .zip(&tally.kinds)
        .map(|((kind, prepared), of_kind)| (*kind, of_column(kind, prepared, of_kind, tally)))
        .filter(|(_, found)| found.passed + found.with_zeros > 0)
        .collect();
    // Kinds stay in the order of the documentation where nothing else tells them apart.
    found.sort_by_key(|(kind, found)| {
        let pass = found.passed + found.with_zeros;
        let at_least = |percent: u64| u128::from(pass) * 100 >= u128::from(tally.values) * u128::from(percent);
        let tier = [99, 90].into_iter().filter(|percent| at_least(*percent)).count();
        let (evidence, general) =
            if found.likely { (found.evidence, is_general(kind)) } else { (Evidence::Weak, false) };
        (Reverse(found.likely), Reverse(evidence), Reverse(tier), general, Reverse(pass))
    });
    found.into_iter().map(|(_, found)| found).collect()
}

fn of_column(kind: &Kind, prepared: &Prepared, of_kind: &KindTally, tally: &Tally) -> IdentifiedKind {
    let KindTally { passed, says, with_zeros, placeholder, check_digit, inner_fact, failing } = of_kind;
    let (passed, with_zeros, check_digit, inner_fact) = (*passed, *with_zeros, *check_digit, *inner_fact);
    let placeholder = placeholder + if kind.placeholders { tally.placeholders } else { 0 };
    let said = most(says);
    let evidence = said.unwrap_or(Evidence::Weak);
    let pass = u128::from(passed + with_zeros);
    let values = u128::from(tally.values);
    let likely = match said {
        None => false,
        // Where most values say that there is none, the others say little.
        Some(Evidence::Weak) => pass * 2 > values && tally.stand_ins * 2 <= tally.values,
        Some(_) => pass * 2 > values,
    };
    let slips = (likely && evidence > Evidence::Weak && check_digit + inner_fact > 0).then(|| {
        let mut slips = SlipTally::default();
        for (text, count) in failing.iter() {
            slips.sought += count;
            let slip = prepared.slip(text);
            slips.likely += if slip.is_some() { count } else { 0 };
            slips.swapped += if slip == Some(Slip::Swap) { count } else { 0 };
        }
        slips
    });
    IdentifiedKind {
        kind: kind.name.to_owned(),
        likely,
        evidence,
        passed,
        with_zeros,
        placeholder,
        shape: tally.values - passed - placeholder - check_digit - inner_fact,
        check_digit,
        inner_fact,
        slips,
    }
}

/// What most values say; of equally many the weaker.
fn most(says: &[u64; 1 + Evidence::ALL.len()]) -> Option<Evidence> {
    let most = says.iter().max()?;
    let at = says.iter().position(|count| count == most)?;
    at.checked_sub(1).and_then(|at| Evidence::ALL.get(at)).copied()
}

/// The formats of values that have one.
fn formats(tally: &Tally, kinds: &[IdentifiedKind]) -> Vec<IdentifiedFormat> {
    let is_dialled =
        kinds.iter().any(|kind| kind.likely && matches!(kind.kind.as_str(), "vn.mobile" | "vn.landline" | "e164"));
    let families = Family::ALL.into_iter().zip(&tally.formats);
    let told = families.filter_map(|(family, sets)| {
        let values: u64 = sets.values().sum();
        let is_most = values * 2 > tally.values;
        // Four digits are a year among other dates; by themselves they may be any number.
        let are_years = || sets.keys().all(|set| fits_alone(*set, family, "YYYY"));
        let worth = match family {
            Family::Date => is_most && !are_years(),
            Family::Case => is_most,
            // Whole numbers are written in one way.
            Family::Number => is_most && values > tally.digits && !is_dialled,
            Family::Phone => is_dialled,
            Family::Tone => values > 0,
        };
        (worth && values > 0).then(|| IdentifiedFormat {
            family: family.name().to_owned(),
            values,
            formats: fits(family, sets),
        })
    });
    told.collect()
}

/// Whether a format is the only one of a set.
fn fits_alone(set: FormatSet, family: Family, format: &str) -> bool {
    family.formats().iter().enumerate().all(|(at, known)| set.has(at) == (*known == format))
}

/// How many values fit each format of a family.
fn fits(family: Family, sets: &BTreeMap<FormatSet, u64>) -> Vec<FormatCount> {
    let count = |at: usize| sets.iter().filter(|(set, _)| set.has(at)).map(|(_, count)| count).sum();
    let formats = family.formats().iter().enumerate();
    let mut fits: Vec<FormatCount> =
        formats.map(|(at, format)| FormatCount { format: (*format).to_owned(), values: count(at) }).collect();
    fits.retain(|fit| fit.values > 0);
    fits.sort_by_key(|fit| Reverse(fit.values));
    fits
}
