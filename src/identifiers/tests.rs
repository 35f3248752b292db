use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

const NOW: Context = Context { year: 2026, foreign_births: false };

fn kind(name: &str) -> &'static Kind {
    find(name).unwrap_or_else(|| panic!("there is no kind {name}"))
}

fn judge(name: &str, text: &str) -> Result<(), Fault> {
    kind(name).judge(text, NOW)
}

/// The published and generated numbers of `fixtures/identifiers`, with the names of kinds as they are here.
fn vectors() -> Vec<(String, String, bool, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/identifiers/vectors.csv");
    let text = fs::read_to_string(path).expect("the fixture is there");
    let lines = text.lines().skip(1).map(|line| {
        let mut parts = line.splitn(4, ',').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        let name = match next().as_str() {
            "vn.mst" => "vn.tax_code".to_owned(),
            "ean" => "gtin".to_owned(),
            name => name.to_owned(),
        };
        (name, next(), next() == "true", next())
    });
    lines.collect()
}

#[test]
fn published_and_generated_numbers_are_told_from_wrong_ones() {
    let mut seen = 0;
    for (name, value, valid, note) in vectors() {
        // Digits alone pass the check of a vehicle number, and say nothing.
        let expected = valid && value != "11111111111111111";
        assert_eq!(judge(&name, &value).is_ok(), expected, "{name} {value} ({note}): {:?}", judge(&name, &value));
        seen += 1;
    }
    assert_eq!(seen, 349);
}

#[test]
fn one_wrong_character_of_a_number_with_check_digits_is_noticed() {
    // A digit changed, in numbers whose check digits notice every such change.
    for (name, value, valid, _) in vectors() {
        if !valid || !matches!(name.as_str(), "luhn" | "iban" | "lei" | "isin" | "isbn" | "issn" | "isni") {
            continue;
        }
        let mut bytes = value.clone().into_bytes();
        for at in 0..bytes.len() {
            let written = bytes[at];
            if !written.is_ascii_digit() {
                continue;
            }
            bytes[at] = if written == b'9' { b'0' } else { written + 1 };
            let changed = String::from_utf8(bytes.clone()).expect("ASCII");
            assert!(judge(&name, &changed).is_err(), "{name} {changed}");
            bytes[at] = written;
        }
    }
}

/// A kind, values of it, others with what is wrong with them.
type Case = (&'static str, &'static [&'static str], &'static [(&'static str, Fault)]);

#[test]
fn each_kind_knows_its_values_and_why_others_are_none() {
    use Fault::{CheckDigit, InnerFact, Placeholder, Shape};
    let cases: &[Case] = &[
        (
            "vn.personal_id",
            &["001099000001", "079303012345", "096206123456"],
            &[
                ("003099000001", InnerFact),
                ("097099000001", InnerFact),
                ("001299000001", InnerFact),
                ("001000000001", InnerFact),
                ("000000000000", Placeholder),
                ("123456789012", Placeholder),
                ("00109900001", Shape),
                ("001 099 000 001", Shape),
                ("０01099000001", Shape),
            ],
        ),
        ("vn.old_id", &["012345670"], &[("000000000", Placeholder), ("123456789", Placeholder), ("12345678a", Shape)]),
        (
            "vn.tax_code",
            &["0100047516", "0100109106", "0314409058-002", "0314409058002", "001099000001"],
            &[
                ("0100047515", CheckDigit),
                ("0314409058-000", InnerFact),
                ("0100000050", CheckDigit),
                ("0100233480", CheckDigit),
                ("031440905-8002", Shape),
                ("003099000001", InnerFact),
            ],
        ),
        ("vn.enterprise_code", &["0100112437"], &[("010011243", Shape), ("0314409058-002", Shape)]),
        (
            "vn.org_code",
            &["G01", "H01.151", "H01.151.01", "000.00.00.H41"],
            &[("h01.151", Shape), ("H1.151", Shape), ("H01..151", Shape), ("000.00.H41", Shape)],
        ),
        (
            "vn.dossier_id",
            &["000.00.19.H26-250917-0042", "H26.19-250917-0042"],
            &[("000.00.19.H26-251301-0001", InnerFact), ("000.00.19.H26-250917", Shape)],
        ),
        (
            "vn.document_code",
            &["H01.151.2026.08.25.125.UBND.22"],
            &[
                ("H01.151.2026.08.25.125.UBND.33", InnerFact),
                ("H01.151.2026.13.25.125.UBND.22", InnerFact),
                ("UBND.22", Shape),
            ],
        ),
        (
            "vn.health_card",
            &["DN4012345678901", "HN2012345678901", "0123456780"],
            &[
                ("DN6012345678901", Shape),
                ("DN424272131563527008", Shape),
                ("ZZ4012345678901", InnerFact),
                ("DN4000000000000", Placeholder),
            ],
        ),
        ("vn.social_insurance", &["0123456780"], &[("012345670", Shape), ("0123456789", Placeholder)]),
        (
            "vn.mobile",
            &["0912345678", "+84912345678", "0912 345 678", "0912.345.678", "0888888888", "0301234568"],
            &[
                ("01212345678", Shape),
                ("0212345678", InnerFact),
                ("0551234568", InnerFact),
                ("84 912 345 678", Shape),
                ("0900000000", Placeholder),
                ("0999999999", Placeholder),
                ("+84900000000", Placeholder),
                ("+84987654321", Placeholder),
                ("0912  345 678", Shape),
                (" 0912345678", Shape),
            ],
        ),
        ("vn.landline", &["02438251234", "+842438251234"], &[("0912345678", Shape), ("02301234568", InnerFact)]),
        (
            "vn.plate",
            &[
                "30A-123.45",
                "36B1-123.45",
                "68PA-045.45",
                "29MĐ1-123.45",
                "80-441-NG-02",
                "80-011-QT-01",
                "30A12345",
                "51LD-123.45",
                "51R-123.45",
                "51RM-123.45",
                "30A - 123.45",
            ],
            &[
                ("30I-123.45", Shape),
                ("30AR-123.45", Shape),
                ("42A-123.45", InnerFact),
                ("30A--123.45", Shape),
                ("30A .123.45", Shape),
                ("30A-12", Shape),
            ],
        ),
        ("vn.passport", &["B1234567", "C12345678"], &[("12345678", Shape)]),
        ("vn.province_code", &["01", "79", "96"], &[("1", Shape), ("02", InnerFact), ("63", InnerFact)]),
        ("vn.old_province_code", &["02"], &[("03", InnerFact)]),
        ("vn.ward_code", &["00070", "20333"], &[("70", Shape), ("00000", InnerFact)]),
        ("vn.postal_code", &["10000"], &[("700000", Shape)]),
        ("luhn", &["4539578763621486"], &[("4539578763621487", CheckDigit), ("0000000000", Placeholder)]),
        (
            "card",
            &["4539578763621486", "4539 5787 6362 1486"],
            &[("4539578763621487", CheckDigit), ("49927398716", Shape), ("0539578763621484", InnerFact)],
        ),
        (
            "iban",
            &["GB82WEST12345698765432", "gb82 west 1234 5698 7654 32"],
            &[
                ("GB82WEST12345698765433", CheckDigit),
                ("ZZ82WEST12345698765432", InnerFact),
                ("GB82WEST1234569876543", Shape),
            ],
        ),
        ("bic", &["DEUTDEFF", "DEUTDEFF500"], &[("DEUTZZFF", InnerFact)]),
        ("lei", &["213800KUD8LAJWSQ9D15"], &[("213800KUD8LAJWSQ9D16", CheckDigit)]),
        (
            "isin",
            &["US0378331005", "VN000000VNM8", "EZ9D28CV3VT8", "AN8068571086", "XTV15WLZJMF0"],
            &[("US0378331006", CheckDigit), ("ZZ0378331001", InnerFact)],
        ),
        ("cusip", &["037833100", "17275R102"], &[("037833101", CheckDigit)]),
        ("sedol", &["0263494", "B0WNLY7"], &[("0263495", CheckDigit), ("A263494", Shape), ("052X853", Shape)]),
        ("gtin", &["8934563138165"], &[("8934563138164", CheckDigit)]),
        ("imei", &["490154203237518"], &[("490154203237517", CheckDigit)]),
        ("vin", &["1HGCM82633A004352", "1M8GDM9AXKP042788"], &[("1M8GDM9A1KP042788", CheckDigit)]),
        ("imo", &["IMO 9074729", "9074729"], &[("IMO 9074728", CheckDigit)]),
        ("isbn", &["0-8044-2957-X", "978-0-306-40615-7"], &[("978-0-306-40615-8", CheckDigit)]),
        ("issn", &["0024-9319"], &[("0024-9318", CheckDigit)]),
        (
            "orcid",
            &["0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"],
            &[("0000-0002-1825-0098", CheckDigit), ("https://orcid.org/0000-0000-0000-0000", Placeholder)],
        ),
        ("ror", &["03yrm5c26", "https://ror.org/03yrm5c26"], &[("03yrm5c27", CheckDigit), ("3yrm5c26", Shape)]),
        (
            "doi",
            &["10.1000/182", "https://doi.org/10.1038/s41586-020-2649-2"],
            &[("11.1000/182", Shape), ("10.1000/", Shape)],
        ),
        ("us.ssn", &["536-90-4399"], &[("666-12-3456", InnerFact), ("457-55-5462", InnerFact), ("536-904399", Shape)]),
        ("us.ein", &["91-1144442"], &[("07-1144442", InnerFact)]),
        ("us.npi", &["1234567893"], &[("1234567894", CheckDigit)]),
        (
            "email",
            &["a.b@example.gov.vn", "x+y@sub.example.com", "a@उदाहरण.परीक्षा", "info@รู้จัก.ไทย", "a@bücher.example"],
            &[
                ("a..b@x.vn", Shape),
                ("a@b", Shape),
                ("a@x..vn", Shape),
                ("@x.vn", Shape),
                ("a b@x.vn", Shape),
                ("a@1.2", Shape),
                ("a@example３.com", Shape),
                ("a@x².com", Shape),
                ("a@Ⅷ.com", Shape),
                ("a@\u{301}x.com", Shape),
            ],
        ),
        (
            "url",
            &[
                "https://example.vn",
                "http://localhost:8080/a?b#c",
                "http://LOCALHOST",
                "https://[2001:db8::1]/x",
                "https://[2001:db8::1]:/x",
                "ftp://10.0.0.1/f",
                "http://user:word@example.com:/x",
                "http://example.com.",
                "https://उदाहरण.परीक्षा/",
            ],
            &[
                ("example.vn", Shape),
                ("https://", Shape),
                ("https://a b.vn", Shape),
                ("https://x.vn:99999", Shape),
                ("https://x.vn:+9", Shape),
                ("http://a@b@example.com", Shape),
                ("http://user@@example.com", Shape),
                ("http://example.com/a\u{200B}b", Shape),
                ("http://example.com..", Shape),
            ],
        ),
        ("ip", &["10.0.0.1", "2001:db8::1"], &[("10.0.0.256", Shape), ("10.0.0.01", Shape)]),
        (
            "mac",
            &["00:1A:2B:3C:4D:5E", "001a.2b3c.4d5e", "001A2B3C4D5E"],
            &[("00:1A:2B:3C:4D", Shape), ("00:1A-2B:3C:4D:5E", Shape)],
        ),
        (
            "uuid",
            &["123e4567-e89b-42d3-a456-426614174000"],
            &[
                ("00000000-0000-0000-0000-000000000000", Placeholder),
                ("ffffffff-ffff-ffff-ffff-ffffffffffff", Placeholder),
                ("123e4567-e89b-92d3-a456-426614174000", InnerFact),
                ("123e4567e89b42d3a456426614174000", Shape),
            ],
        ),
        (
            "ulid",
            &["01ARZ3NDEKTSV4RRFFQ69G5FAV"],
            &[("81ARZ3NDEKTSV4RRFFQ69G5FAV", Shape), ("01ARZ3NDEKTSV4RRFFQ69G5FAU", Shape)],
        ),
        (
            "e164",
            &["+84912345678", "+44 20 7946 0958"],
            &[("0084912345678", Shape), ("+0912345678", Shape), ("+123", Shape)],
        ),
        ("iso.country", &["VN", "FR"], &[("vn", Shape), ("ZZ", InnerFact), ("VNM", Shape)]),
        ("iso.country3", &["VNM"], &[("VNZ", InnerFact)]),
        ("iso.currency", &["VND", "EUR"], &[("VNĐ", Shape), ("VNDong", Shape), ("AAA", InnerFact)]),
        ("iso.language", &["vi", "en"], &[("VI", Shape), ("xx", InnerFact)]),
        ("iso.country_numeric", &["704", "008"], &[("8", Shape), ("000", InnerFact)]),
        ("iso.currency_numeric", &["704", "978"], &[("VND", Shape), ("000", InnerFact)]),
        ("iso.language3", &["vie", "fre", "fra", "sla", "cmn"], &[("vi", Shape), ("VIE", Shape), ("zzz", InnerFact)]),
        ("vn.tax_status", &["00", "07", "10"], &[("08", InnerFact), ("11", InnerFact), ("4", Shape)]),
        ("vn.old_district_code", &["001", "973"], &[("000", InnerFact), ("999", InnerFact), ("70", Shape)]),
        (
            "coordinates",
            &["21.0278,105.8342", "-33.9, 18.4"],
            &[
                ("105.8342, 21.0278", InnerFact),
                ("21.0278 105.8342", Shape),
                ("95.0,1.x", Shape),
                ("21.0278,  105.8", Shape),
            ],
        ),
        ("icd10", &["A00", "A00.0", "K87.1*", "B01†"], &[("a00.0", Shape), ("A000", Shape), ("A00.", Shape)]),
        ("latitude", &["21.0278", "-90"], &[("90.1", InnerFact), ("21,0278", Shape), ("nan", Shape)]),
        ("longitude", &["105.83", "+180.0"], &[("180.5", InnerFact)]),
    ];
    for (name, sound, faulty) in cases {
        for text in *sound {
            assert_eq!(judge(name, text), Ok(()), "{name} {text}");
        }
        for (text, fault) in *faulty {
            assert_eq!(judge(name, text), Err(*fault), "{name} {text}");
        }
    }
    for text in ["PL0000000000", "FI00000000", "ESA00000000", "PL1111111111"] {
        assert_eq!(judge("eu.vat", text), Err(Placeholder), "{text}");
    }
    let covered: Vec<&str> = cases.iter().map(|(name, ..)| *name).chain(["eu.vat", "isni"]).collect();
    for name in NAMES {
        assert!(covered.contains(&name), "{name} has no case");
    }
}

#[test]
fn what_a_personal_number_says() {
    let read = PersonalId::read("079303012345").expect("it has the shape of one");
    assert_eq!(read, PersonalId { place: 79, female: true, year: 2003 });
    assert_eq!(PersonalId::read("07930301234x"), None);
    let abroad = Context { foreign_births: true, ..NOW };
    assert_eq!(kind("vn.personal_id").judge("003099000001", abroad), Ok(()));
}

#[test]
fn separators_stand_in_their_places() {
    for (name, sound, faulty) in [
        ("issn", &["0317-8471", "03178471"][..], &["0-3178471", "031-78471", "0317--8471", "0317 8471"][..]),
        ("imo", &["IMO 9074729", "IMO9074729", "9074729"], &["I MO9074729", "IMO 907 4729", "IMO-9074729"]),
        ("isni", &["0000 0001 2103 2683", "0000000121032683"], &["0000-0001-2103-2683", "00000 001 2103 2683"]),
        (
            "doi",
            &["DOI:10.1000/182", "HTTPS://DOI.ORG/10.1000/182", "10.1000/182"],
            &["doi 10.1000/182", "11.1000/182"],
        ),
    ] {
        for text in sound {
            assert_eq!(judge(name, text), Ok(()), "{text}");
        }
        for text in faulty {
            assert_eq!(judge(name, text), Err(Fault::Shape), "{text}");
        }
    }
}

#[test]
fn check_digits_that_nothing_leads_to_are_none() {
    // 98 less what is left modulo 97 is 02 to 98, so 01 leaves what 98 does, and is none.
    assert_eq!(judge("lei", "DCJ2UTD7LED0JHSYT601"), Err(Fault::CheckDigit));
    assert_eq!(judge("iban", "MT01ORXM85240EIAIKET5FN9JX12IB9"), Err(Fault::CheckDigit));
    // Of some bodies in Spain a letter comes last.
    assert_eq!(judge("eu.vat", "ESS35866144"), Err(Fault::CheckDigit));
}

#[test]
fn slips_of_the_fingers_are_told() {
    let slip = |name: &str, text: &str| Prepared::new(kind(name), NOW).slip(text);
    assert_eq!(slip("iban", "NO0571390255162"), Some(Slip::Swap));
    assert_eq!(slip("vn.tax_code", "0700709272"), Some(Slip::Swap));
    assert!(slip("us.npi", "1234567894").is_some());
    assert_eq!(slip("vn.tax_code", "229281811O"), Some(Slip::Digit));
    assert!(slip("vn.personal_id", "003099000001").is_some());
    assert_eq!(slip("vn.tax_code", "229281811"), None);
    assert_eq!(slip("vn.tax_code", "0100047516"), None, "it is right");
    assert_eq!(slip("luhn", "0000000000"), None, "a placeholder is no slip");
    for (name, value, valid, note) in vectors() {
        if !valid && note == "two neighbours swapped" && name != "orcid" && name != "eu.vat" {
            assert_eq!(slip(&name, &value), Some(Slip::Swap), "{name} {value}");
        }
    }
}

#[test]
fn personal_data_is_found_in_text_and_in_numbers() {
    let all = Detectors::EVERY;
    let names = |found: Detectors| -> Vec<&str> {
        Detector::ALL.into_iter().filter(|one| found.has(*one)).map(Detector::name).collect()
    };
    for (text, expected) in [
        ("", vec![]),
        ("call 0912 345 678 today", vec!["phone"]),
        ("+84912345678", vec!["phone"]),
        ("0912345678, 0987654321", vec!["phone"]),
        ("write to a.b@example.vn.", vec!["email"]),
        ("a @ b, @handle, a@b", vec![]),
        ("CCCD: 001099000001", vec!["personal_id"]),
        ("order 003099000001", vec![]),
        ("GB82 WEST 1234 5698 7654 32", vec!["iban"]),
        ("IBAN DE89370400440532013000;", vec!["iban"]),
        ("de89 3704 0044 0532 0130 00", vec!["iban"]),
        ("de89 3704 0044 0532 0130 01", vec![]),
        ("(091) 234-5678, (+84) 912 345 678", vec!["phone"]),
        ("call (091)2345678", vec!["phone"]),
        ("84 912 345 678", vec!["phone"]),
        ("84 112 345 678", vec![]),
        ("(0)12 345 678 x", vec![]),
        ("(001099000001)", vec!["personal_id"]),
        ("4539 5787 6362 1486", vec!["card"]),
        ("DN4012345678901", vec!["health_card"]),
        ("2026-11-23 12:30:00", vec![]),
        ("1234567890123456789012345678901234567890", vec![]),
        ("lot 12345678", vec![]),
        // Two signs in a row, or brackets, part numbers.
        ("0912.345.678 - 0987.654.321", vec!["phone"]),
        ("001099000001 -  0987654320", vec!["phone", "personal_id"]),
        ("(0912345678)(0987654320", vec!["phone"]),
        // A number inside a longer code is none, but for telephone numbers behind a word.
        ("SKU0912345678X", vec![]),
        ("SKU0912345678", vec![]),
        ("sđt0912345678", vec!["phone"]),
        ("sđt0912345678x", vec![]),
        ("no001099000001", vec![]),
        ("001099000001a", vec![]),
        ("DN4222222222222", vec!["health_card"]),
        ("x 4539578763621486 x", vec!["card"]),
        ("x4539578763621486", vec![]),
        (" 9 AB12 GB82 WEST1234 5698 765432", vec!["iban"]),
    ] {
        assert_eq!(names(all.in_text(text, NOW)), expected, "{text}");
    }
    for (number, expected) in [
        ("84912345678", vec!["phone"]),
        ("912345678", vec![]),
        ("1099000001", vec!["personal_id"]),
        ("79303012345", vec!["personal_id"]),
        ("1700000000", vec![]),
        ("4539578763621486", vec!["card"]),
        ("-4539578763621486", vec![]),
    ] {
        assert_eq!(names(all.in_number(number, NOW)), expected, "{number}");
        for cell in [number.to_owned(), format!(" {number}"), format!("{number}.0"), format!("{number}.00")] {
            assert_eq!(names(all.in_cell(&cell, NOW)), expected, "{cell}");
        }
        let debt = format!("-{}.0", number.trim_start_matches('-'));
        for cell in [format!("{number}.5"), debt] {
            assert_eq!(names(all.in_cell(&cell, NOW)), [""; 0], "{cell}");
        }
    }
    for (cell, expected) in [
        ("0912345678", vec!["phone"]),
        ("001099000001", vec!["personal_id"]),
        // A zero is there: none was lost.
        ("01099000001", vec![]),
        ("0100047516", vec![]),
        ("no 1099000001", vec![]),
        ("1099000001.5", vec![]),
        ("1.099.000.001", vec![]),
        ("", vec![]),
        (".0", vec![]),
        ("a.b@example.vn", vec!["email"]),
    ] {
        assert_eq!(names(all.in_cell(cell, NOW)), expected, "{cell}");
    }
    // Orders that are numbered one after the other are no persons.
    let orders = 1_000_000_001_u64..1_000_010_000;
    let found = orders.filter(|order| !all.in_cell(&order.to_string(), NOW).is_empty());
    assert_eq!(found.count(), 0);
}

/// Every series, in every way in which a number may stand behind it.
#[test]
fn prepared_plates_are_those_of_their_kind() {
    let (kind, signs) = (kind("vn.plate"), || (b'0'..=b'9').chain(b'A'..=b'Z').map(char::from));
    let prepared = Prepared::new(kind, NOW);
    for place in ["30", "10", "42", "3"] {
        for series in signs() {
            for second in std::iter::once(String::new()).chain(signs().map(String::from)) {
                for number in ["-123.45", "-12345", "12345", "-1234", "1234", " 123.45", "-123-45", "123"] {
                    let plate = format!("{place}{series}{second}{number}");
                    assert_eq!(prepared.judge(&plate), kind.judge(&plate, NOW), "{plate}");
                }
            }
        }
    }
}

/// Texts written as values of a kind usually are, and such as fit one of its forms, with at most one other character.
fn written_as_usual() -> impl Strategy<Value = (&'static Kind, String)> {
    let pattern = |kind: &'static Kind, pattern: &str| {
        let texts = prop::string::string_regex(pattern).expect("a pattern");
        let slip = prop::option::weighted(0.3, (any::<prop::sample::Index>(), "[0-9A-Za-z .:/-]"));
        (texts, slip)
            .prop_map(move |(text, slip)| {
                let Some((at, sign)) = slip else { return (kind, text) };
                let at = at.index(text.chars().count().max(1));
                (kind, text.chars().take(at).chain(sign.chars()).chain(text.chars().skip(at + 1)).collect())
            })
            .boxed()
    };
    let of_kind = |kind: &&'static Kind| {
        let patterns: Vec<String> = match &kind.body {
            Body::Forms(forms) | Body::Read { usual: Usual::Forms(forms), .. } => {
                forms.iter().map(Form::pattern).collect()
            }
            Body::Read { usual: Usual::Pattern(_, pattern), .. } => vec![(*pattern).to_owned()],
        };
        let texts: Vec<_> = patterns.iter().map(|one| pattern(kind, one)).collect();
        (!texts.is_empty()).then(|| prop::strategy::Union::new(texts).boxed())
    };
    prop::strategy::Union::new(KINDS.iter().filter_map(of_kind))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn what_is_written_as_usual_is_judged_as_by_its_kind((kind, text) in written_as_usual()) {
        static PREPARED: LazyLock<BTreeMap<&str, Prepared>> =
            LazyLock::new(|| KINDS.iter().map(|kind| (kind.name, Prepared::new(kind, NOW))).collect());
        prop_assert_eq!(PREPARED[kind.name].judge(&text), kind.judge(&text, NOW), "{} {}", kind.name, text);
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_kind_panic(text in "\\PC{0,40}|[0-9A-Z .:/@+-]{0,40}|[0-9]{0,20}|[A-Z]{2}[0-9A-Z]{0,34}") {
        let all = Detectors::EVERY;
        let _ = all.in_text(&text, NOW);
        let _ = all.in_number(&text, NOW);
        let _ = all.in_cell(&text, NOW);
        for kind in KINDS {
            let verdict = kind.judge(&text, NOW);
            let prepared = Prepared::new(kind, NOW);
            prop_assert_eq!(prepared.is_sound(&text), verdict.is_ok(), "{}", kind.name);
            prop_assert!(verdict.is_err() || prepared.slip(&text).is_none());
        }
    }

    /// Values close to right ones are judged alike by a kind and by a prepared one.
    #[test]
    fn prepared_kinds_judge_as_kinds(which in any::<prop::sample::Index>(), slips in prop::collection::vec((any::<prop::sample::Index>(), "[0-9A-Za-z .-]"), 0..3)) {
        let vectors = vectors();
        let (_, value, ..) = which.get(&vectors);
        let mut value = value.clone();
        for (at, sign) in slips {
            let at = at.index(value.chars().count().max(1));
            value = value.chars().take(at).chain(sign.chars()).chain(value.chars().skip(at + 1)).collect();
        }
        for kind in KINDS {
            prop_assert_eq!(Prepared::new(kind, NOW).is_sound(&value), kind.judge(&value, NOW).is_ok(), "{} {}", kind.name, value);
        }
    }

    #[test]
    fn forms_are_those_of_their_patterns(text in "[0-9]{7,17}|[A-Z]{0,6}[0-9A-Z]{0,15}|[0-9X-]{8,14}") {
        for kind in KINDS {
            let Body::Forms(forms) = &kind.body else { continue };
            for form in *forms {
                let pattern = crate::scalar::Pattern::compile(&form.pattern(), true).expect("a pattern");
                prop_assert_eq!(form.fits(text.as_bytes()), pattern.is_match(&text), "{} {}", kind.name, form.pattern());
            }
        }
    }
}

#[test]
fn names_are_unique_and_accounts_are_in_order() {
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), NAMES.len());
    assert!(iban::COUNTRIES.is_sorted_by(|a, b| a.0 < b.0));
}
