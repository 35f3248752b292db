//! Passes hostile values to every kernel that examines a value. It asserts that nothing panics, that two ways to ask one question give
//! the same answer, and that the memory of a call is in proportion to its text:
//! `cargo run --release --example fuzz -- --seconds 60`.
//!
//! Values are valid and damaged ones with random changes: characters exchanged, doubled, removed, inserted from many scripts, two
//! values joined, one made very long. A run depends only on its seed.

#![expect(clippy::print_stdout, reason = "it says what it did")]

use std::time::{Duration, Instant};

use clap::Parser;
use passmuster::identifiers::{Context, Detectors, KINDS, Prepared, is_placeholder};
use passmuster::scalar::{fold, nfc, parse_float, parse_integer};
use passmuster::text::{Family, Fault, Faults, faults, inspect};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Fuzzes the kernels of identifiers and text.
#[derive(Parser)]
struct Args {
    /// How long
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// The seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Texts from which values are made.
const SEEDS: &[&str] = &[
    "001099000001",
    "0100047516",
    "0314409058-002",
    "000.00.19.H26-250917-0042",
    "H01.151.2026.08.25.125.UBND.22",
    "DN4012345678901",
    "+84912345678",
    "30A-123.45",
    "29MĐ1-123.45",
    "4539578763621486",
    "GB82WEST12345698765432",
    "MT84MALT011000012345MTLCAST001S",
    "DEUTDEFF500",
    "213800KUD8LAJWSQ9D15",
    "US0378331005",
    "037833100",
    "B0YBKJ7",
    "FR40303265045",
    "NL123456782B12",
    "IE6433435F",
    "8934563138165",
    "490154203237518",
    "1HGCM82633A004352",
    "IMO 9074729",
    "0-8044-2957-X",
    "0317-8471",
    "0000 0001 2103 2683",
    "https://orcid.org/0000-0002-1825-0097",
    "https://ror.org/05dxps055",
    "https://doi.org/10.1000/182",
    "078-05-1121",
    "a.b@example.gov.vn",
    "https://[2001:db8::1]:443/a?b#c",
    "192.168.10.20",
    "00:1b:44:11:3a:b7",
    "123e4567-e89b-42d3-a456-426614174000",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "K87.1†",
    "-33.8688, 151.2093",
    "1.2E+11",
    "=\"0012\"",
    "Nguyễn Thị Hoà",
    "ViÖt Nam",
    "Vieät Nam",
    "Việt Nam",
    "Trần &amp; Cie ’s",
    "Ðặng",
    "Пaypal",
    "山田　太郎",
    "e\u{301}\u{323}",
    "\u{200B}\u{202E}\u{FEFF}",
    "31/02/2020",
    "2020-01-31T23:59:60.999Z",
    "1.234.567,89",
    "(024) 3825-2525",
    "",
];

/// Characters that are inserted.
const SIGNS: &[&str] = &[
    "0",
    "9",
    "X",
    "a",
    "Đ",
    "ß",
    "İ",
    "ﬁ",
    " ",
    "  ",
    "\t",
    "\0",
    "-",
    ".",
    ",",
    "'",
    "\"",
    "&#x41;",
    "?",
    "@",
    "/",
    ":",
    "+",
    "=",
    "%",
    "\u{A0}",
    "\u{300}",
    "\u{323}",
    "\u{309}",
    "Ã©",
    "€",
    "’",
    "“",
    "\u{FFFD}",
    "\u{10FFFF}",
    "\u{1F600}",
    "\u{0E33}",
    "ا",
    "\u{AD}",
    "\u{2800}",
    "\u{202F}",
    "«",
    "»",
    "Ã",
    "Â",
    "Ạ",
    "é",
    "Ａ",
];

/// Bytes that a call may allocate, whatever its text: tables that are built once, and buffers.
const FIXED: usize = 1 << 20;

/// Bytes that it may allocate for each byte of its text.
const A_BYTE: usize = 48;

/// Pseudo-random numbers that depend only on the seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % below.max(1) as u64).unwrap_or_default()
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn value(&mut self) -> String {
        let mut signs: Vec<char> = self.of(SEEDS).chars().collect();
        for _ in 0..self.below(6) {
            let at = self.below(signs.len() + 1);
            match self.below(8) {
                0 if at < signs.len() => drop(signs.remove(at)),
                1 if at < signs.len() => signs.insert(at, signs[at]),
                2 if at + 1 < signs.len() => signs.swap(at, at + 1),
                3 if at < signs.len() => {
                    signs[at] = char::from(b'0' + u8::try_from(self.below(10)).unwrap_or_default());
                }
                4 => signs.splice(at..at, self.of(SEEDS).chars()).for_each(drop),
                5 => signs.extend(char::from_u32(u32::try_from(self.below(0x11_0000)).unwrap_or_default())),
                _ => signs.splice(at..at, self.of(SIGNS).chars()).for_each(drop),
            }
        }
        let value: String = signs.into_iter().collect();
        if self.below(500) == 0 { value.repeat(1 + self.below(20_000)) } else { value }
    }
}

fn main() {
    let Args { seconds, seed } = Args::parse();
    let context = Context { year: 2026, foreign_births: seed.is_multiple_of(2) };
    let prepared: Vec<Prepared> = KINDS.iter().map(|kind| Prepared::new(kind, context)).collect();
    let every = Detectors::EVERY;
    let (mut dice, start, mut values) = (Dice(seed), Instant::now(), 0_u64);
    while start.elapsed() < Duration::from_secs(seconds) {
        let texts: Vec<String> = (0..64).map(|_| dice.value()).collect();
        for text in &texts {
            bounded(text.len(), "identifiers", || {
                for (kind, prepared) in KINDS.iter().zip(&prepared) {
                    let judged = kind.judge(text, context);
                    assert_eq!(prepared.judge(text), judged, "{} of {text:?}", kind.name);
                    assert_eq!(prepared.is_sound(text), judged.is_ok(), "{} of {text:?}", kind.name);
                    assert!(prepared.slip(text).is_none() || judged.is_err(), "{} of {text:?}", kind.name);
                }
                let _ = (every.in_cell(text, context), every.in_text(text, context), every.in_number(text, context));
                let _ = is_placeholder(text);
            });
            bounded(text.len(), "text", || {
                let folded = fold(text).into_owned();
                assert_eq!(fold(&folded), folded, "folding {text:?} twice");
                let _ = (nfc(text), parse_float(text), parse_integer(text), faults(text));
                for family in Family::ALL {
                    let _ = family.of(text);
                }
            });
            values += 1;
        }
        let long = texts.iter().map(String::len).sum();
        for wanted in Fault::ALL.into_iter().map(Faults::of).chain([Faults::EVERY]) {
            bounded(long, "inspections", || {
                let mut found = vec![Faults::NONE; texts.len()];
                let mut inspected = inspect(wanted, |at, faults| found[at] = faults);
                texts.iter().enumerate().for_each(|(at, text)| inspected.push(at, text));
                inspected.finish();
                for (text, found) in texts.iter().zip(found) {
                    assert_eq!(found, faults(text).and(wanted), "{text:?}");
                }
            });
        }
    }
    println!("{values} values, {} kinds, seed {seed}: no panic, no disagreement, no memory out of bounds", KINDS.len());
}

/// Runs a call on that many bytes of text, and asserts that its memory is in proportion.
fn bounded(bytes: usize, what: &str, work: impl FnOnce()) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    work();
    let taken = MEMORY.peak_usage().saturating_sub(before);
    assert!(taken <= FIXED + A_BYTE * bytes, "{what}: {taken} bytes for {bytes} bytes of text");
}
