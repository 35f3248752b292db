//! Each kind of identifier and each test of text beside a plain regular expression of the same shape.
//!
//! Values are sound ones: a few examples of each kind with other digits and letters in their places, kept where the kind still
//! holds. Both sides judge the same values one after the other, on one thread, from the same memory.

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use passmuster::identifiers::{Context, KINDS, Kind, Prepared};
use passmuster::text::{Fault, Faults, inspect};
use regex::{Regex, RegexSet};

use crate::Settings;
use crate::export::{Files, export};
use crate::pairs::{median, ratio, side_by_side, timed, warm};
use crate::population::mix;
use crate::program::{audit_here, scan_some};
use crate::sheet::Sheet;

/// Different values of each kind.
const DIFFERENT: usize = 100_000;

/// The year in which numbers of persons are read.
const NOW: Context = Context { year: 2026, foreign_births: false };

/// Examples of each kind, and what one would write for a pattern.
const SHAPES: &[(&str, &[&str], &str)] = &[
    ("vn.personal_id", &["001099000001", "079203012345"], "[0-9]{12}"),
    ("vn.old_id", &["012345670"], "[0-9]{9}"),
    ("vn.tax_code", &["0100047516", "0100109106", "0314409058-002"], "[0-9]{10}(-?[0-9]{3})?|[0-9]{12}"),
    ("vn.enterprise_code", &["0100112437"], "[0-9]{10}"),
    (
        "vn.org_code",
        &["H01.151", "G01", "H01.151.01", "000.00.00.H41"],
        r"[A-Z][0-9]{2}(\.[0-9]{2,3})*|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}",
    ),
    (
        "vn.dossier_id",
        &["000.00.19.H26-250917-0042", "H01.151-250917-0042"],
        r"([A-Z][0-9]{2}(\.[0-9]{2,3})*|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2})-[0-9]{6}-[0-9]{4,8}",
    ),
    (
        "vn.document_code",
        &["H01.151.2026.08.25.125.UBND.22"],
        r"[A-Z][0-9]{2}(\.[0-9]{2,3})*\.[0-9]{4}\.[0-9]{2}\.[0-9]{2}\.[0-9]{1,8}\.[\p{Alphabetic}0-9&-]+\.[0-9]{2}",
    ),
    ("vn.health_card", &["DN4012345678901"], "[A-Z]{2}[1-5][0-9]{12}|[0-9]{10}"),
    ("vn.social_insurance", &["0123456780"], "[0-9]{10}"),
    ("vn.mobile", &["0912345678", "+84912345678"], r"(0|\+84)(3[0-9]|5[125689]|7[06-9]|8[1-9]|9[0-9])[0-9]{7}"),
    ("vn.landline", &["02438252525"], r"(0|\+84)2[0-9]{9}"),
    ("vn.plate", &["30A-123.45", "36B1-123.45"], r"[0-9]{2}[A-HK-NPR-VX-Z][A-Z0-9]?-?[0-9]{3}\.?[0-9]{2}"),
    ("vn.passport", &["B1234567"], "[A-Z][0-9]{7,8}"),
    ("vn.province_code", &["01", "79"], "[0-9]{2}"),
    ("vn.old_province_code", &["02", "79"], "[0-9]{2}"),
    ("vn.ward_code", &["00070"], "[0-9]{5}"),
    ("vn.postal_code", &["10000"], "[0-9]{5}"),
    ("luhn", &["4539578763621486"], "[0-9]{2,30}"),
    ("card", &["4539578763621486"], "[2-6][0-9]{12,18}|9704[0-9]{9,15}"),
    ("iban", &["GB82WEST12345698765432", "DE89370400440532013000"], "[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}"),
    ("bic", &["DEUTDEFF", "DEUTDEFF500"], "[A-Z]{6}[0-9A-Z]{2}([0-9A-Z]{3})?"),
    ("lei", &["213800KUD8LAJWSQ9D15"], "[0-9A-Z]{18}[0-9]{2}"),
    ("isin", &["US0378331005", "VN000000VNM8"], "[A-Z]{2}[0-9A-Z]{9}[0-9]"),
    ("cusip", &["037833100"], "[0-9A-Z*@#]{8}[0-9]"),
    ("sedol", &["B0YBKJ7"], "[0-9BCDFGHJKLMNPQRSTVWXYZ]{6}[0-9]"),
    ("eu.vat", &["DE136695976", "FR40303265045", "ATU13585627"], "[A-Z]{2}[0-9A-Z+*]{2,13}"),
    ("gtin", &["8934563138165", "4006381333931"], "[0-9]{8}|[0-9]{12,14}"),
    ("imei", &["490154203237518"], "[0-9]{15,16}"),
    ("vin", &["1HGCM82633A004352", "1M8GDM9AXKP042788"], "[0-9A-HJ-NPR-Z]{17}"),
    ("imo", &["IMO 9074729", "9074729"], "(IMO ?)?[0-9]{7}"),
    ("isbn", &["9780306406157", "0-8044-2957-X"], "(97[89][ -]?)?([0-9][ -]?){9}[0-9X]"),
    ("issn", &["0317-8471"], "[0-9]{4}-?[0-9]{3}[0-9X]"),
    ("isni", &["0000000121032683", "0000 0001 2103 2683"], "([0-9]{4} ?){3}[0-9]{3}[0-9X]"),
    ("orcid", &["0000-0002-1825-0097"], "(https://orcid\\.org/)?([0-9]{4}-){3}[0-9]{3}[0-9X]"),
    ("ror", &["05dxps055", "https://ror.org/05dxps055"], "(https://ror\\.org/)?0[0-9a-hjkmnp-tv-z]{6}[0-9]{2}"),
    (
        "doi",
        &["10.1000/182", "10.1038/nature12373"],
        r"(doi:|https?://(dx\.)?doi\.org/)?10\.[0-9]{4,9}(\.[0-9]+)*/[^\s]+",
    ),
    ("us.ssn", &["078-05-1121", "219099998"], "[0-9]{3}-?[0-9]{2}-?[0-9]{4}"),
    ("us.ein", &["91-1144442"], "[0-9]{2}-?[0-9]{7}"),
    ("us.npi", &["1234567893"], "[12][0-9]{9}"),
    (
        "email",
        &["a.b@example.gov.vn", "nguyen.van.a1990@example.com"],
        r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
    ),
    ("url", &["https://example.com/path/a?b=1", "http://example.org"], r"(https?|s?ftps?)://[^\s/?#]+([/?#][^\s]*)?"),
    ("ip", &["192.168.10.20", "2001:db8::1234"], r"([0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-fA-F:.]{2,45}"),
    ("mac", &["00:1b:44:11:3a:b7"], "([0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2}"),
    ("uuid", &["123e4567-e89b-42d3-a456-426614174000"], "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    ("ulid", &["01ARZ3NDEKTSV4RRFFQ69G5FAV"], "[0-7][0-9A-HJKMNP-TV-Z]{25}"),
    ("e164", &["+84912345678"], r"\+[1-9][0-9]{6,14}"),
    ("iso.country", &["VN", "DE"], "[A-Z]{2}"),
    ("iso.country3", &["VNM", "DEU"], "[A-Z]{3}"),
    ("iso.currency", &["VND", "EUR"], "[A-Z]{3}"),
    ("iso.language", &["vi", "en"], "[a-z]{2}"),
    ("iso.language3", &["vie", "eng"], "[a-z]{3}"),
    ("iso.country_numeric", &["704", "276"], "[0-9]{3}"),
    ("iso.currency_numeric", &["704", "978"], "[0-9]{3}"),
    ("coordinates", &["21.0285, 105.8542"], r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?, ?[+-]?[0-9]{1,3}(\.[0-9]{1,20})?"),
    ("vn.tax_status", &["00", "06"], "0[0-9]|10"),
    ("vn.old_district_code", &["001", "760"], "[0-9]{3}"),
    ("icd10", &["A00.0", "K87.1*", "Z99"], r"[A-Z][0-9]{2}(\.[0-9]{1,2})?[*†+]?"),
    ("latitude", &["21.0285", "-33.8688"], r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?"),
    ("longitude", &["105.8542", "-151.2093"], r"[+-]?[0-9]{1,3}(\.[0-9]{1,20})?"),
];

/// What one would write for each fault of text.
const FAULTS: &[(Fault, &str)] = &[
    (Fault::EdgeSpace, r"^\s|\s$"),
    (Fault::DoubleSpace, "  "),
    (Fault::LineBreak, r"[\t\n\x0B\x0C\r\u{85}\u{2028}\u{2029}]"),
    (Fault::Control, r"[\x00-\x08\x0E-\x1F\x7F-\u{9F}\u{FFFE}\u{FFFF}]"),
    (Fault::ZeroWidth, r"[\u{AD}\u{34F}\u{180E}\u{200B}-\u{200D}\u{2060}-\u{2064}\u{FEFF}]"),
    (Fault::Bidi, r"[\u{61C}\u{200E}\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}]"),
    (Fault::OddSpace, r"[\u{A0}\u{1680}\u{2000}-\u{200A}\u{202F}\u{205F}\u{3000}]"),
    (Fault::Decomposed, r"\p{Latin}[\u{300}-\u{36F}]"),
    (Fault::HalfComposed, r"\p{Latin}[\u{300}\u{301}\u{303}\u{309}\u{323}]"),
    (Fault::Mojibake, r"[ÂÃÄÅÆáâăï][\u{80}-\u{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"),
    (Fault::Replacement, r"\u{FFFD}"),
    (Fault::LostLetter, r"\p{Alphabetic}\?\p{Lowercase}"),
    (Fault::LegacyEncoding, r"[a-z][A-ZÀ-Þ]|[aeouyAEOUYöôÖÔ][øûõïåäüëùãØÛÕÏÅÄÜËÙÃ]|[\p{Latin}][¸µ®¶·ª«¬]"),
    (Fault::LookAlike, r"[A-Za-z][\p{Greek}\p{Cyrillic}]|[\p{Greek}\p{Cyrillic}][A-Za-z]|[ÐðƉɖ]"),
    (Fault::FullWidth, r"[\u{FF01}-\u{FF5E}]"),
    (Fault::HtmlEntity, r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,9});"),
    (
        Fault::Spreadsheet,
        r#"^(#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|#+)|-?[0-9]([.,][0-9]+)?E\+[0-9]{2,3}|=".*"|'[0-9]+)$"#,
    ),
];

/// Texts one behind the other.
struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    fn of(values: impl IntoIterator<Item = String>) -> Self {
        let mut texts = Self { text: String::new(), ends: vec![0] };
        for value in values {
            texts.text.push_str(&value);
            texts.ends.push(texts.text.len());
        }
        texts
    }

    /// Hands `rows` values over.
    fn each<'t>(&'t self, rows: usize, mut take: impl FnMut(&'t str)) {
        let mut left = rows;
        while left > 0 {
            for pair in self.ends.windows(2).take(left) {
                take(&self.text[pair[0]..pair[1]]);
            }
            left -= left.min(self.ends.len() - 1);
        }
    }

    /// Seconds that it takes to test `rows` values, and how many of them pass.
    fn timed(&self, rows: usize, mut test: impl FnMut(&str) -> bool) -> (f64, usize) {
        let start = Instant::now();
        let mut passed = 0;
        self.each(rows, |text| passed += usize::from(test(text)));
        (start.elapsed().as_secs_f64(), black_box(passed))
    }

    /// Seconds that it takes to inspect `rows` texts for a fault, or for any, and how many have it.
    fn inspected(&self, rows: usize, fault: Option<Fault>) -> (f64, usize) {
        let start = Instant::now();
        let mut faulty = 0;
        let mut inspected = inspect(fault.map_or(Faults::EVERY, Faults::of), |_, _| faulty += 1);
        self.each(rows, |text| inspected.push(0, text));
        inspected.finish();
        (start.elapsed().as_secs_f64(), black_box(faulty))
    }
}

/// Values of a kind: examples with other digits and letters in their places.
fn values(kind: &Kind, examples: &[&str]) -> anyhow::Result<Texts> {
    let mut found = Vec::with_capacity(DIFFERENT);
    let mut tries = 0_u64;
    while found.len() < DIFFERENT {
        let mut value = examples[found.len() % examples.len()].as_bytes().to_vec();
        ensure!(kind.judge(std::str::from_utf8(&value)?, NOW).is_ok(), "{}: an example is none", kind.name);
        // Ever more characters are kept as they are, so that even a short list gives enough.
        for (at, byte) in value.iter_mut().enumerate() {
            let dice = mix(1, tries, at as u64);
            let range = match *byte {
                _ if dice % 16 < 8 && dice.is_multiple_of(5) => continue,
                b'0'..=b'9' => b'0'..=b'9',
                b'A'..=b'F' if kind.name == "uuid" || kind.name == "mac" => b'A'..=b'F',
                b'a'..=b'f' if kind.name == "uuid" || kind.name == "mac" => b'a'..=b'f',
                b'A'..=b'Z' => b'A'..=b'Z',
                b'a'..=b'z' if !["url", "ror", "doi"].contains(&kind.name) => b'a'..=b'z',
                _ => continue,
            };
            *byte = range.start() + u8::try_from(dice / 64 % (u64::from(range.end() - range.start()) + 1))?;
        }
        tries += 1;
        let value = String::from_utf8(value)?;
        if kind.judge(&value, NOW).is_ok() {
            found.push(value);
        } else if tries.is_multiple_of(300) {
            found.push(examples[found.len() % examples.len()].to_owned());
        }
    }
    Ok(Texts::of(found))
}

/// Whether a part of the table is wanted.
fn chosen(name: &str) -> bool {
    std::env::var("CHECKS").ok().is_none_or(|only| only.split(';').any(|part| name.starts_with(part.trim())))
}

pub(crate) fn run(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    let Settings { rows, runs, .. } = *settings;
    sheet.line(format!(
        "{} values, {} of them different, one thread, medians of {runs} paired runs; nanoseconds a value.\n",
        crate::grouped(rows),
        crate::grouped(DIFFERENT)
    ));
    kinds(settings, sheet)?;
    sheet.line("");
    hygiene(settings, sheet)?;
    sheet.line("");
    tidy_beside_reading(settings, sheet)
}

/// Each kind beside a pattern.
fn kinds(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    let Settings { rows, runs, .. } = *settings;
    let missing: Vec<_> = KINDS.iter().filter(|kind| SHAPES.iter().all(|(name, ..)| *name != kind.name)).collect();
    ensure!(missing.is_empty(), "not measured: {missing:?}");
    sheet.head(&["kind", "judged", "plain pattern", "ratio"], 1);
    for (name, examples, pattern) in SHAPES.iter().filter(|(name, ..)| chosen(name)) {
        let kind = KINDS.iter().find(|kind| kind.name == *name).with_context(|| format!("there is no kind {name}"))?;
        let texts = values(kind, examples)?;
        let regex = Regex::new(&format!("^(?:{pattern})$"))?;
        let prepared = Prepared::new(kind, NOW);
        let judged = || texts.timed(rows, |text| prepared.is_sound(text));
        let matched = || texts.timed(rows, |text| regex.is_match(text));
        compared(sheet, name, (rows, runs), rows, (&judged, &matched))?;
    }
    Ok(())
}

/// Each fault of text alone beside a pattern, and all beside all patterns, in texts that have none.
fn hygiene(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    let Settings { rows, runs, .. } = *settings;
    sheet.head(&["fault of text, in clean addresses", "inspected", "plain pattern", "ratio"], 1);
    let addresses = Texts::of((0..DIFFERENT as u64).map(address));
    for (fault, pattern) in FAULTS.iter().filter(|(fault, _)| chosen(fault.name())) {
        let regex = Regex::new(pattern)?;
        let inspected = || addresses.inspected(rows, Some(*fault));
        let matched = || addresses.timed(rows, |text| regex.is_match(text));
        compared(sheet, fault.name(), (rows, runs), 0, (&inspected, &matched))?;
    }
    let every = RegexSet::new(FAULTS.iter().map(|(_, pattern)| *pattern))?;
    let inspected = || addresses.inspected(rows, None);
    let matched = || addresses.timed(rows, |text| every.is_match(text));
    compared(sheet, "all 17", (rows, runs), 0, (&inspected, &matched))
}

/// An audit of one column of text by `tidy` alone beside reading that column.
fn tidy_beside_reading(settings: &Settings, sheet: &mut Sheet) -> anyhow::Result<()> {
    let Settings { rows, runs, threads, .. } = *settings;
    let dir = export(&settings.data, rows, Files::Both)?;
    let suite = dir.join("tidy.yaml");
    let rules = "rules: [ { check: tidy, columns: full_name }, { check: tidy, columns: address } ]";
    fs::write(&suite, format!("suite: tidy\ndatasets:\n  citizens: {{ source: citizens.csv, {rules} }}\n"))?;
    let wanted = |name: &str| ["full_name", "address"].contains(&name);
    sheet.line(format!(
        "`tidy` with all its tests on two columns of {} rows, names and addresses, beside reading them; {threads} threads, \
         seconds.\n",
        crate::grouped(rows)
    ));
    sheet.head(&["file", "audit", "reading", "ratio"], 1);
    for name in ["citizens.parquet", "citizens.csv"] {
        let file = dir.join(name);
        warm(&file)?;
        let data: BTreeMap<String, String> = [("citizens".to_owned(), file.display().to_string())].into();
        let seconds = side_by_side(
            runs,
            &mut [&mut || timed(|| audit_here(&suite, data.clone(), threads)), &mut || {
                timed(|| scan_some(&file, threads, wanted))
            }],
        )?;
        let each = |seconds: &[f64]| format!("{:.2}", median(seconds));
        let ratio = format!("{:.2}", ratio(&seconds[0], &seconds[1]));
        sheet.row(&[name.to_owned(), each(&seconds[0]), each(&seconds[1]), ratio]);
    }
    Ok(())
}

/// An address of a place that does not exist.
fn address(row: u64) -> String {
    const STREETS: [&str; 6] =
        ["Mẫu Đơn", "Hoa Mẫu", "Nguyễn Thị Thập", "High Street", "Rue de l’Église", "Königsallee"];
    const WARDS: [&str; 5] = ["phường Hòa Bình", "xã Mẫu Sơn", "Springfield", "Saint-Étienne", "phường Thuỷ Xuân"];
    let pick = |from: &[&str], with: u64| {
        let at = usize::try_from(mix(2, row, with) % from.len() as u64).unwrap_or_default();
        from[at].to_owned()
    };
    format!("{} {}, {}", 1 + mix(2, row, 0) % 400, pick(&STREETS, 1), pick(&WARDS, 2))
}

/// The seconds that something takes, and how much it finds.
type Timed<'a> = dyn Fn() -> (f64, usize) + 'a;

/// Times a test beside a pattern, both of which must find so many values.
fn compared(
    sheet: &mut Sheet,
    name: &str,
    (rows, runs): (usize, usize),
    found: usize,
    (test, pattern): (&Timed<'_>, &Timed<'_>),
) -> anyhow::Result<()> {
    let side = |(seconds, passed): (f64, usize), side: &str| {
        ensure!(passed == found, "{name}: the {side} finds {passed}, not {found}");
        Ok(seconds)
    };
    let seconds = side_by_side(runs, &mut [&mut || side(test(), "test"), &mut || side(pattern(), "pattern")])?;
    #[expect(clippy::cast_precision_loss, reason = "far fewer rows than 2^52")]
    let each = |seconds: &[f64]| format!("{:.1}", median(seconds) * 1e9 / rows as f64);
    let ratio = format!("{:.2}", ratio(&seconds[0], &seconds[1]));
    sheet.row(&[format!("`{name}`"), each(&seconds[0]), each(&seconds[1]), ratio]);
    Ok(())
}
