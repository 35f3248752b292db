//! From counts to the most likely kinds of a column.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::evidence::{is_general, unchecked};
use super::tally::{Judge, KindTally, Tally};
use crate::identifiers::{KINDS, Kind, Prepared, Slip};
use crate::model::{
    Evidence, FormatCount, IdentifiedColumn, IdentifiedFormat, IdentifiedKind, MendedTally, SlipTally, looks_personal,
};
use crate::text::{self, Family, FormatSet};

/// The minimum share in hundredths of the values that makes a kind with weak evidence likely.
const WEAK_SHARE: u128 = 95;

/// What the counts of a column show.
pub(crate) fn column(name: &str, stored: &str, tally: &Tally, judge: &Judge) -> IdentifiedColumn {
    let kinds = kinds(tally, judge);
    // A word may be a name in a column of persons.
    let is_kind = kinds.first().is_some_and(|kind| kind.likely && kind.evidence > Evidence::Weak);
    let is_personal = is_kind || looks_personal(name);
    let faults = text::Fault::ALL.into_iter().zip(tally.faults).filter(|(_, count)| *count > 0);
    IdentifiedColumn {
        name: name.to_owned(),
        stored: stored.to_owned(),
        not_read: None,
        missing: tally.missing,
        unreadable: tally.unreadable,
        values: tally.values,
        placeholders: tally.placeholders - tally.numbers,
        stand_ins: tally.null_words.values().sum(),
        stand_in_words: if is_personal { BTreeMap::new() } else { tally.null_words.clone() },
        faulty: tally.faulty,
        faults: faults.map(|(fault, count)| (fault.name().to_owned(), count)).collect(),
        formats: formats(tally, &kinds),
        kinds,
    }
}

/// The kinds of at least one value, the most likely first.
fn kinds(tally: &Tally, judge: &Judge) -> Vec<IdentifiedKind> {
    let mut found: Vec<(&Kind, IdentifiedKind)> = KINDS
        .iter()
        .zip(judge.kinds())
        .zip(&tally.kinds)
        .map(|((kind, prepared), of_kind)| (*kind, of_column(kind, prepared, of_kind, tally)))
        .filter(|(_, found)| found.reached() > 0)
        .collect();
    // If nothing else distinguishes kinds, they stay in the order of the documentation.
    found.sort_by_key(|(kind, found)| {
        let pass = found.reached();
        let at_least = |percent: u64| u128::from(pass) * 100 >= u128::from(tally.values) * u128::from(percent);
        let tier = [99, 90].into_iter().filter(|percent| at_least(*percent)).count();
        let (evidence, general) =
            if found.likely { (found.evidence, is_general(kind)) } else { (Evidence::Weak, false) };
        // If some values pass as they are, those that would pass do so by chance.
        let pass = if found.passed > 0 { found.passed } else { pass };
        (Reverse(found.likely), Reverse(evidence), Reverse(tier), general, Reverse(pass))
    });
    found.into_iter().map(|(_, found)| found).collect()
}

fn of_column(kind: &Kind, prepared: &Prepared, of_kind: &KindTally, tally: &Tally) -> IdentifiedKind {
    let KindTally { passed, says, checked, with_zeros, mended, check_digit, inner_fact, failing } = of_kind;
    let (passed, with_zeros, check_digit, inner_fact) = (*passed, *with_zeros, *check_digit, *inner_fact);
    let [spaces, apostrophe, point_zero] = *mended;
    let mended = MendedTally { spaces, apostrophe, point_zero };
    let placeholder = if kind.placeholders { tally.placeholders } else { 0 };
    // One repeated value has the right check digits by chance as easily as one value alone.
    let said = most(says).and_then(|said| match said {
        Evidence::CheckDigits if !checked.is_full() => unchecked(kind),
        said => Some(said),
    });
    let evidence = said.unwrap_or(Evidence::Weak);
    let pass = u128::from(passed + with_zeros + mended.sum());
    let values = u128::from(tally.values);
    let likely = match said {
        None => false,
        // Short lists and plain digits: running numbers are in them for a while, and so are small amounts once `.0` is
        // removed. If most values mean "no value", the others are weak evidence.
        Some(Evidence::Weak) => {
            (pass - u128::from(point_zero)) * 100 >= values * WEAK_SHARE
                && tally.null_words.values().sum::<u64>() * 2 <= tally.values
        }
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
        mended,
        placeholder,
        shape: tally.values - passed - placeholder - check_digit - inner_fact,
        check_digit,
        inner_fact,
        slips,
    }
}

/// The evidence of most values; of equally many the weaker.
fn most(says: &[u64; 1 + Evidence::ALL.len()]) -> Option<Evidence> {
    let most = says.iter().max()?;
    let at = says.iter().position(|count| count == most)?;
    at.checked_sub(1).and_then(|at| Evidence::ALL.get(at)).copied()
}

/// The formats of the values that have one.
fn formats(tally: &Tally, kinds: &[IdentifiedKind]) -> Vec<IdentifiedFormat> {
    let is_dialled =
        kinds.iter().any(|kind| kind.likely && matches!(kind.kind.as_str(), "vn.mobile" | "vn.landline" | "e164"));
    let families = Family::ALL.into_iter().zip(&tally.formats);
    let shown = families.filter_map(|(family, sets)| {
        let values: u64 = sets.values().sum();
        let is_most = values * 2 > tally.values;
        // Four digits are a year among other dates; by themselves they may be any number.
        let are_years = || sets.keys().all(|set| fits_alone(*set, family, "YYYY"));
        let worth = match family {
            Family::Date => is_most && !are_years(),
            Family::Case => is_most,
            // Whole numbers have one format.
            Family::Number => is_most && values > tally.digits && !is_dialled,
            Family::Phone => is_dialled,
            Family::Tone => values > 0,
        };
        let formats = if worth { fits(family, sets) } else { Vec::new() };
        let format = IdentifiedFormat { family: family.name().to_owned(), values, formats };
        (!format.formats.is_empty()).then_some(format)
    });
    shown.collect()
}

/// Whether a format is the only one of a set.
fn fits_alone(set: FormatSet, family: Family, format: &str) -> bool {
    family.formats().iter().enumerate().all(|(at, known)| set.has(at) == (*known == format))
}

/// How many values fit each format of a family.
fn fits(family: Family, sets: &BTreeMap<FormatSet, u64>) -> Vec<FormatCount> {
    let count = |at: usize, taken: &[usize]| {
        let open = |set: &FormatSet| set.has(at) && taken.iter().all(|taken| !set.has(*taken));
        sets.iter().filter(|(set, _)| open(set)).map(|(_, count)| count).sum::<u64>()
    };
    let names = family.formats();
    let mut counted = vec![0; names.len()];
    let mut taken = Vec::new();
    // The one that explains most of the rest; the first of equals.
    while let Some((most, Reverse(at))) = (0..names.len()).map(|at| (count(at, &taken), Reverse(at))).max()
        && most > 0
    {
        counted[at] = most;
        taken.push(at);
    }
    let formats = names.iter().zip(counted).enumerate();
    let mut fits: Vec<FormatCount> = formats
        .map(|(at, (format, counted))| FormatCount { format: (*format).to_owned(), values: count(at, &[]), counted })
        .collect();
    fits.retain(|fit| fit.values > 0);
    fits.sort_by_key(|fit| Reverse(fit.values));
    fits
}
