//! The kinds that a text could be at all, by its length and the classes of characters in it.
//!
//! This excludes nearly all kinds for nearly every text, before any kind is tested.

use std::ops::RangeInclusive;

use crate::identifiers::{Alphabet, Body, Form, KINDS, Kind};

/// A digit.
pub(super) const DIGIT: u16 = 1;
/// `A` to `Z`.
pub(super) const UPPER: u16 = 1 << 1;
/// `a` to `z`.
pub(super) const LOWER: u16 = 1 << 2;
/// The space.
const SPACE: u16 = 1 << 3;
/// `-`
pub(super) const HYPHEN: u16 = 1 << 4;
/// `.`
pub(super) const POINT: u16 = 1 << 5;
/// `/`
pub(super) const SLASH: u16 = 1 << 6;
/// `:`
pub(super) const COLON: u16 = 1 << 7;
/// `@`
pub(super) const AT: u16 = 1 << 8;
/// `+`
const PLUS: u16 = 1 << 9;
/// Any other character of ASCII.
pub(super) const OTHER: u16 = 1 << 10;
/// A character beyond ASCII.
pub(super) const WIDE: u16 = 1 << 11;
/// Every class.
const EVERY: u16 = (1 << 12) - 1;

/// The class of each byte.
static SORTS: [u16; 256] = {
    let mut sorts = [OTHER; 256];
    let mut byte = 0_u8;
    loop {
        sorts[byte as usize] = match byte {
            b'0'..=b'9' => DIGIT,
            b'A'..=b'Z' => UPPER,
            b'a'..=b'z' => LOWER,
            b' ' => SPACE,
            b'-' => HYPHEN,
            b'.' => POINT,
            b'/' => SLASH,
            b':' => COLON,
            b'@' => AT,
            b'+' => PLUS,
            128.. => WIDE,
            _ => OTHER,
        };
        if byte == u8::MAX {
            break sorts;
        }
        byte += 1;
    }
};

/// The classes of characters in a text.
pub(super) fn sorts_of(text: &str) -> u16 {
    text.bytes().fold(0, |sorts, byte| sorts | SORTS[usize::from(byte)])
}

/// Some of [`KINDS`], one bit each.
type Set = u128;

const _: () = assert!(KINDS.len() <= 128, "a set holds every kind");

/// Lengths in bytes that are distinguished; all longer ones are one.
const LENGTHS: usize = 130;

/// The most leading zeros that are restored.
const ZEROS: usize = 2;

/// The conditions of the kinds on the length and on the classes of characters.
#[derive(Debug)]
pub(super) struct Prefilter {
    /// For each length the kinds that have texts of it.
    of_length: Vec<Set>,
    /// For each set of classes the kinds whose texts may contain only these.
    of_sorts: Vec<Set>,
    /// For each length of digits, the kinds that have a form of digits only that is longer by one or more zeros.
    lost: Vec<Vec<(usize, usize)>>,
}

/// What all texts have in common that a kind does not refuse by their shape.
struct Extent {
    /// Their lengths in bytes.
    lengths: Vec<RangeInclusive<usize>>,
    /// The allowed classes.
    allowed: u16,
    /// At least one class of each of these must occur.
    needed: Vec<u16>,
}

impl Prefilter {
    /// The conditions of all kinds.
    pub(super) fn new() -> Self {
        let mut of_length = vec![0; LENGTHS + 1];
        let mut of_sorts = vec![0; usize::from(EVERY) + 1];
        let mut lost = vec![Vec::new(); LENGTHS + 1];
        for (at, kind) in KINDS.iter().enumerate() {
            let Extent { lengths, allowed, needed } = Extent::of(kind);
            for (length, kinds) in of_length.iter_mut().enumerate() {
                let last = if length == LENGTHS { usize::MAX } else { length };
                if lengths.iter().any(|range| *range.start() <= last && length <= *range.end()) {
                    *kinds |= 1 << at;
                }
            }
            for (sorts, kinds) in (0_u16..).zip(&mut of_sorts) {
                if sorts & !allowed == 0 && needed.iter().all(|some| sorts & some != 0) {
                    *kinds |= 1 << at;
                }
            }
            let (all, checked) = digit_lengths(kind);
            for length in checked {
                // Digits with the length of another form have lost nothing, and would pass by chance.
                for zeros in (1..=ZEROS.min(length)).filter(|zeros| !all.contains(&(length - zeros))) {
                    lost[length - zeros].push((at, zeros));
                }
            }
        }
        Self { of_length, of_sorts, lost }
    }

    /// The positions in [`KINDS`] of the kinds that a text could be; all others refuse its shape, or treat it as a
    /// placeholder.
    pub(super) fn kinds(&self, length: usize, sorts: u16) -> impl Iterator<Item = usize> + use<> {
        let mut rest = self.of_length[length.min(LENGTHS)] & self.of_sorts[usize::from(sorts & EVERY)];
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let at = rest.trailing_zeros() as usize;
                rest &= rest - 1;
                at
            })
        })
    }

    /// The kinds that digits of this length may belong to once their lost leading zeros are restored, with the number of zeros.
    pub(super) fn lost_zeros(&self, length: usize) -> &[(usize, usize)] {
        self.lost.get(length).map_or(&[], Vec::as_slice)
    }
}

/// The lengths of numbers of a kind that are digits only, if a form determines them; then the lengths that are
/// evidence. A separator between digits may be omitted.
fn digit_lengths(kind: &Kind) -> (Vec<usize>, Vec<usize>) {
    let Body::Forms(forms) = &kind.body else { return Default::default() };
    let length = |form: &Form| {
        form.segments.iter().try_fold(0, |sum, one| match (sorts(one.alphabet), one.min, one.max) {
            (DIGIT, min, max) if min == max => Some(sum + usize::from(min)),
            (DIGIT, ..) => None,
            (_, 0, _) => Some(sum),
            _ => None,
        })
    };
    // A number that is weak evidence with its zeros is none without them.
    let checked = forms.iter().filter(|form| form.checksum.is_some() || form.has_inner_facts());
    let mut lengths: Vec<usize> = checked.filter_map(length).collect();
    lengths.sort_unstable();
    lengths.dedup();
    (forms.iter().filter_map(length).collect(), lengths)
}

/// The classes of the characters of an alphabet.
fn sorts(alphabet: Alphabet) -> u16 {
    match alphabet {
        Alphabet::Digits => DIGIT,
        Alphabet::Capitals => UPPER,
        Alphabet::Either => DIGIT | UPPER,
        Alphabet::Of(set) => sorts_of(set),
    }
}

impl Extent {
    fn of(kind: &Kind) -> Self {
        match &kind.body {
            Body::Forms(forms) => Self::of_forms(kind, forms),
            Body::Read { .. } => Self::listed(kind.name),
        }
    }

    fn of_forms(kind: &Kind, forms: &[Form]) -> Self {
        // A small letter may be equal to a capital.
        let as_written = |sorts: u16| if kind.folds && sorts & UPPER != 0 { sorts | LOWER } else { sorts };
        let lengths = forms.iter().map(|form| {
            let sum =
                |of: fn(&crate::identifiers::Segment) -> u8| form.segments.iter().map(|one| usize::from(of(one))).sum();
            let (least, most): (usize, usize) = (sum(|one| one.min), sum(|one| one.max));
            // One separator between any two characters.
            least..=if kind.separators.is_empty() { most } else { 2 * most }
        });
        let allowed = forms
            .iter()
            .flat_map(|form| form.segments)
            .fold(sorts_of(kind.separators), |allowed, segment| allowed | as_written(sorts(segment.alphabet)));
        let needs = |sort: u16| {
            let holds = |form: &Form| form.segments.iter().any(|one| one.min > 0 && sorts(one.alphabet) == sort);
            forms.iter().all(holds).then_some(as_written(sort))
        };
        let needed = [DIGIT, UPPER, LOWER, PLUS].into_iter().filter_map(needs).collect();
        Self { lengths: lengths.collect(), allowed, needed }
    }

    /// For kinds that are not data. A kind that is not listed here is tested on every text.
    fn listed(name: &str) -> Self {
        let any = 1..=usize::MAX;
        let (lengths, allowed, needed): (_, _, &[u16]) = match name {
            "vn.org_code" => (3..=35, DIGIT | UPPER | POINT, &[DIGIT, UPPER]),
            "vn.dossier_id" => (any, DIGIT | UPPER | POINT | HYPHEN, &[DIGIT, UPPER, HYPHEN]),
            "vn.document_code" => (any, EVERY, &[DIGIT, UPPER, POINT]),
            "vn.plate" => (5..=30, DIGIT | UPPER | HYPHEN | POINT | SPACE | WIDE, &[DIGIT]),
            "iban" => (4..=usize::MAX, EVERY, &[DIGIT, UPPER | LOWER]),
            "doi" => (any, EVERY, &[DIGIT, POINT, SLASH]),
            "email" => (3..=254, EVERY, &[AT, POINT]),
            "url" => (any, EVERY, &[COLON, SLASH]),
            "ip" => (2..=60, DIGIT | UPPER | LOWER | COLON | POINT, &[COLON | POINT]),
            "icd10" => (3..=9, DIGIT | UPPER | POINT | PLUS | OTHER | WIDE, &[DIGIT, UPPER]),
            "latitude" | "longitude" => (1..=40, DIGIT | POINT | PLUS | HYPHEN, &[DIGIT]),
            "coordinates" => (3..=80, DIGIT | POINT | PLUS | HYPHEN | SPACE | OTHER, &[DIGIT, OTHER]),
            _ => (0..=usize::MAX, EVERY, &[]),
        };
        Self { lengths: vec![lengths], allowed, needed: needed.to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::identifiers::{Context, Fault};

    const CONTEXT: Context = Context { year: 2026, foreign_births: false };

    /// Whether each excluded kind would have refused the shape.
    fn misses(prefilter: &Prefilter, text: &str) -> Option<&'static str> {
        let asked: Vec<usize> = prefilter.kinds(text.len(), sorts_of(text)).collect();
        KINDS.iter().enumerate().find_map(|(at, kind)| {
            let refused = matches!(kind.judge(text, CONTEXT), Err(Fault::Shape | Fault::Placeholder));
            (!refused && !asked.contains(&at)).then_some(kind.name)
        })
    }

    fn known_values() -> Vec<String> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/identifiers/vectors.csv");
        let text = fs::read_to_string(path).expect("the fixture is there");
        let published = text.lines().skip(1).filter_map(|line| line.split(',').nth(1)).map(str::to_owned);
        let own = [
            "H01.151",
            "000.00.00.H41",
            "000.00.19.H26-250917-0042",
            "H01.151.2026.08.25.125.UBND.22",
            "H01.151.2026.08.25.125.UBNDTỈNH-A.33",
            "29MĐ1-123.45",
            "80-441-NG-02",
            "30A 123.45",
            "42A-123.45",
            "B1234567",
            "https://orcid.org/0000-0002-1825-0097",
            "https://ror.org/03yrm5c26",
            "03yrm5c26",
            "10.1000/182",
            "doi:10.1000/182",
            "a@b.vn",
            "https://[2001:db8::1]/x",
            "http://localhost:80",
            "::",
            "10.0.0.1",
            "2001:db8::1",
            "::ffff:10.0.0.1",
            "00:1a:2b:3c:4d:5e",
            "001a.2b3c.4d5e",
            "123e4567-e89b-42d3-a456-426614174000",
            "123e4567-e89b-92d3-a456-426614174000",
            "01arz3ndektsv4rrffq69g5fav",
            "+84 912.345-678",
            "0912 345 678",
            "+842438251234",
            "VN",
            "VNM",
            "VND",
            "xx",
            "A00.01†",
            "K87.1*",
            "-90.5",
            "21.0278, 105.8342",
            "105.8,21.0",
            "vie",
            "704",
            "+181",
            "DN4012345678901",
            "ZZ82-foo",
            "zz82 1",
            "536-90-4399",
            "91-1144442",
            "IMO 9074729",
            "0-8044-2957-X",
            "00123",
        ];
        published.chain(own.map(str::to_owned)).collect()
    }

    #[test]
    fn no_kind_is_left_out_that_knows_the_text() {
        let prefilter = Prefilter::new();
        for text in known_values() {
            assert_eq!(misses(&prefilter, &text), None, "{text}");
        }
        assert_eq!(prefilter.kinds("Nguyễn Văn An".len(), sorts_of("Nguyễn Văn An")).count(), 0);
    }

    #[test]
    fn zeros_are_put_back_where_digits_alone_are_a_number() {
        let prefilter = Prefilter::new();
        let names =
            |length| -> Vec<&str> { prefilter.lost_zeros(length).iter().map(|(at, _)| KINDS[*at].name).collect() };
        assert!(names(10).contains(&"vn.personal_id") && names(11).contains(&"vn.personal_id"));
        assert!(names(9).contains(&"vn.mobile"));
        // Ten digits are a tax code as they are.
        assert!(names(9).contains(&"vn.tax_code") && names(11).contains(&"vn.tax_code"));
        assert!(!names(10).contains(&"vn.tax_code") && !names(12).contains(&"vn.tax_code"));
        assert!(!names(9).contains(&"vn.personal_id") && !names(12).contains(&"vn.personal_id"));
    }

    proptest! {
        #[test]
        fn no_text_is_left_out_wrongly(
            known in prop::sample::select(known_values()),
            at in any::<prop::sample::Index>(),
            sign in prop::sample::select(" .-:/@+0aAXĐ†\u{A0}é9".chars().collect::<Vec<_>>()),
            text in "\\PC{0,30}|[0-9]{0,20}|[A-Z]{1,4}[0-9A-Z .-]{0,40}|[0-9a-f:.-]{0,40}|[A-Z]{2}[0-9]{2}\\PC{0,70}",
            cut in any::<prop::sample::Index>(),
        ) {
            let prefilter = Prefilter::new();
            prop_assert_eq!(misses(&prefilter, &text), None);
            let mut chars: Vec<char> = known.chars().collect();
            let place = at.index(chars.len());
            for change in 0..3 {
                let before = chars.clone();
                match change {
                    0 => chars[place] = sign,
                    1 => chars.insert(place, sign),
                    _ => drop(chars.remove(cut.index(before.len()))),
                }
                let changed: String = chars.iter().collect();
                prop_assert_eq!(misses(&prefilter, &changed), None, "{}", changed);
                chars = before;
            }
        }
    }
}
