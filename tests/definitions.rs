//! Kinds of identifiers as data: another engine that knows nothing but what `list identifiers --format json` prints judges
//! values as the kernels do.

use std::collections::BTreeMap;

use passmuster::identifiers::{Context, Fault, find};
use proptest::prelude::*;
use regex::Regex;
use serde_json::Value;

use crate::support::program;
use crate::support::repository::root;

/// A kind as another engine would hold it.
struct Engine {
    kind: String,
    complete: bool,
    separators: String,
    small_letters: bool,
    placeholders: bool,
    forms: Vec<Form>,
    otherwise: String,
}

struct Form {
    pattern: Regex,
    longest: Option<usize>,
    checksum: Option<Value>,
    /// Where a code begins that must be one of these.
    listed: Option<(usize, Vec<String>)>,
    inner_facts: bool,
}

/// What another engine makes of a text.
#[derive(Debug, PartialEq)]
enum Verdict {
    Passed,
    Failed(Fault),
    /// Code knows the reason.
    FailedSomehow,
    /// Code has the last word.
    PassedSoFar,
    /// Code has the only word.
    Unknown,
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

fn numbers(value: &Value) -> Vec<u64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

fn table(value: &Value) -> BTreeMap<char, u64> {
    let entries = value.as_object().expect("an object").iter();
    entries.map(|(sign, worth)| (sign.chars().next().expect("one"), number(worth))).collect()
}

impl Engine {
    fn read(value: &Value) -> Self {
        let form = |form: &Value| Form {
            pattern: Regex::new(&format!("^(?:{})$", text(&form["pattern"]))).expect("a pattern"),
            longest: form.get("longest").map(|longest| usize::try_from(number(longest)).expect("few")),
            checksum: form.get("checksum").cloned(),
            listed: form.get("listed").map(|listed| {
                let codes = text(&listed["codes"]).split_whitespace().map(str::to_owned).collect();
                (usize::try_from(number(&listed["at"])).expect("few"), codes)
            }),
            inner_facts: form["inner_facts"].as_bool().expect("a flag"),
        };
        Self {
            kind: text(&value["kind"]),
            complete: value["complete"].as_bool().expect("a flag"),
            separators: text(&value["separators"]),
            small_letters: value["small_letters"].as_bool().expect("a flag"),
            placeholders: value["placeholders"].as_bool().expect("a flag"),
            forms: value["forms"].as_array().expect("a list").iter().map(form).collect(),
            otherwise: text(&value["otherwise"]),
        }
    }

    fn judge(&self, value: &str) -> Verdict {
        if self.placeholders && fills(value) {
            return Verdict::Failed(Fault::Placeholder);
        }
        let is_apart = |c: char| self.separators.contains(c);
        let signs: Vec<char> = value.chars().collect();
        let edge = [signs.first(), signs.last()].into_iter().flatten().any(|c| is_apart(*c));
        let doubled = signs.windows(2).any(|pair| is_apart(pair[0]) && is_apart(pair[1]));
        if edge || doubled {
            return Verdict::Failed(Fault::Shape);
        }
        let mut compact: String = signs.into_iter().filter(|c| !is_apart(*c)).collect();
        if self.small_letters {
            compact = compact.to_ascii_uppercase();
        }
        let fits = |form: &&Form| {
            form.longest.is_none_or(|longest| compact.len() <= longest) && form.pattern.is_match(&compact)
        };
        let Some(form) = self.forms.iter().find(fits) else {
            return match self.otherwise.as_str() {
                "shape" => Verdict::Failed(Fault::Shape),
                "fails" => Verdict::FailedSomehow,
                "code" => Verdict::Unknown,
                other => panic!("nothing is otherwise {other}"),
            };
        };
        let mut unsure = form.inner_facts;
        if let Some(checksum) = &form.checksum {
            match checks(checksum, &compact) {
                Some(true) => {}
                Some(false) => return Verdict::Failed(Fault::CheckDigit),
                None => unsure = true,
            }
        }
        if let Some((at, codes)) = &form.listed
            && !codes.iter().any(|code| compact[*at..].starts_with(code))
            // Check digits by code come first.
            && !matches!(&form.checksum, Some(checksum) if checksum["method"] == "code")
        {
            return Verdict::Failed(Fault::InnerFact);
        }
        if unsure { Verdict::PassedSoFar } else { Verdict::Passed }
    }
}

/// Whether check digits fit; `None` where no data says how.
fn checks(checksum: &Value, text: &str) -> Option<bool> {
    let written_out =
        |values: &BTreeMap<char, u64>, text: &str| -> String { text.chars().map(|c| values[&c].to_string()).collect() };
    Some(match checksum["method"].as_str().expect("a method") {
        "weighted" => {
            let values: Vec<_> = checksum["values"].as_array().expect("a list").iter().map(table).collect();
            let weights = numbers(&checksum["weights"]);
            let places = text.chars().zip(weights).zip(values.iter().cycle()).filter(|((_, weight), _)| *weight > 0);
            // A character without a weight cannot be there.
            let products = places.map(|((c, weight), values)| Some(values.get(&c)? * weight));
            let sum: Option<u64> = products.sum();
            sum.is_some_and(|sum| sum % number(&checksum["modulus"]) == number(&checksum["remainder"]))
        }
        "from_right" => {
            let weights = numbers(&checksum["weights"]);
            let digits = text.chars().rev().map(|c| u64::from(c.to_digit(10).expect("a digit")));
            let sum: u64 = digits.zip(weights.iter().cycle()).map(|(digit, weight)| digit * weight).sum();
            sum.is_multiple_of(number(&checksum["modulus"]))
        }
        "luhn" => {
            let digits = written_out(&table(&checksum["values"]), text);
            let value = |(at, c): (usize, char)| {
                let digit = u64::from(c.to_digit(10).expect("a digit"));
                if at % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
            };
            let sum: u64 = digits.chars().rev().enumerate().map(value).sum();
            (sum + number(&checksum["added"])).is_multiple_of(10)
        }
        "mod97" => {
            let moved = usize::try_from(number(&checksum["moved"])).expect("few");
            let turned = format!("{}{}", &text[moved..], &text[..moved]);
            let check: u64 = turned[turned.len() - 2..].parse().expect("two digits");
            if !(2..=98).contains(&check) {
                return Some(false);
            }
            let digits = written_out(&table(&checksum["values"]), &turned);
            digits.chars().fold(0, |rest, c| (rest * 10 + c.to_digit(10).expect("a digit")) % 97) == 1
        }
        "code" => return None,
        other => panic!("there is no method {other}"),
    })
}

/// As the documentation of the field says.
fn fills(value: &str) -> bool {
    let behind = value.rsplit('/').next().expect("some part");
    let signs: String = behind.chars().filter(char::is_ascii_alphanumeric).collect();
    let counted = |text: &str| {
        let digits: Vec<u8> = text.bytes().map(|byte| byte.wrapping_sub(b'0')).collect();
        let step = |by: u8| digits.windows(2).all(|pair| (pair[0] + by) % 10 == pair[1]);
        digits.iter().all(|digit| *digit < 10) && (step(1) || step(9))
    };
    let same = |text: &str| text.chars().all(|c| text.starts_with(c));
    let zeros = |text: &str| {
        let rest = text.trim_end_matches('0');
        text.len() >= rest.len() + 7 && rest.len() <= 2 && rest.bytes().all(|byte| byte.is_ascii_digit())
    };
    let letters = signs.bytes().take_while(u8::is_ascii_alphabetic).count();
    value.is_ascii()
        && ((signs.len() >= 4 && (same(&signs) || counted(&signs)))
            || zeros(&signs)
            || signs == "0999999999"
            || behind.starts_with('+')
                && (1..=3).any(|country| {
                    let (code, rest) = signs.split_at_checked(country).unwrap_or_default();
                    code.bytes().all(|byte| byte.is_ascii_digit())
                        && (zeros(rest) || (rest.len() >= 9 && counted(rest)))
                })
            || (1..=4).contains(&letters) && {
                let rest = &signs[letters..];
                zeros(rest) || (rest.len() >= 7 && (same(rest) || counted(rest)))
            })
}

/// The engines, by what the program prints.
fn engines() -> Vec<Engine> {
    let output = program::run(root(), &["list", "identifiers", "--format", "json"]);
    let kinds: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    kinds.iter().map(Engine::read).collect()
}

/// Values near those that kinds know: published ones, changed or not, and others of the same make.
fn value() -> impl Strategy<Value = String> {
    let vectors = include_str!("../fixtures/identifiers/vectors.csv");
    let mut known: Vec<String> =
        vectors.lines().skip(1).filter_map(|line| line.split(',').nth(1)).map(str::to_owned).collect();
    let own = [
        "001099000001",
        "0912 345 678",
        "+842438251234",
        "DN4012345678901",
        "037833100",
        "17275R102",
        "0263494",
        "B0WNLY7",
        "IMO 9074729",
        "9074729",
        "536-90-4399",
        "91-1144442",
        "1234567893",
        "VNM",
        "704",
        "vie",
        "00070",
        "C1234567",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "1111-1111",
        "123456789012",
    ];
    known.extend(own.map(str::to_owned));
    let of_form = |form: Form| {
        let pattern = form.pattern.as_str().strip_prefix('^').and_then(|pattern| pattern.strip_suffix('$'));
        prop::string::string_regex(pattern.expect("anchors")).expect("a pattern").boxed()
    };
    let of_kind = |engine: Engine| prop::strategy::Union::new(engine.forms.into_iter().map(of_form)).boxed();
    let written = prop::strategy::Union::new(engines().into_iter().map(of_kind));
    let unchanged = prop_oneof![prop::sample::select(known), written];
    let changed = (unchanged.clone(), any::<prop::sample::Index>(), "[0-9A-Za-z .X-]").prop_map(|(known, at, sign)| {
        let mut signs: Vec<char> = known.chars().collect();
        let place = at.index(signs.len());
        signs.splice(place..=place, sign.chars());
        signs.into_iter().collect()
    });
    prop_oneof![
        unchanged,
        changed,
        "[0-9]{2,20}",
        "[0-9]{7,12}X?",
        "[A-Z]{2}[0-9A-Z]{5,18}[0-9]{1,2}",
        "[0-9BCDFGHJ-NP-TV-Z]{6}[0-9]",
    ]
}

#[test]
fn what_is_complete_is_told() {
    let engines = engines();
    let complete: Vec<&str> =
        engines.iter().filter(|engine| engine.complete).map(|engine| engine.kind.as_str()).collect();
    assert_eq!(
        complete,
        [
            "vn.old_id",
            "vn.enterprise_code",
            "vn.tax_status",
            "vn.org_code",
            "vn.health_card",
            "vn.social_insurance",
            "vn.mobile",
            "vn.landline",
            "vn.passport",
            "vn.province_code",
            "vn.old_province_code",
            "vn.old_district_code",
            "vn.postal_code",
            "luhn",
            "bic",
            "lei",
            "isin",
            "cusip",
            "sedol",
            "gtin",
            "imei",
            "vin",
            "imo",
            "issn",
            "isni",
            "ror",
            "us.ein",
            "us.npi",
            "mac",
            "ulid",
            "e164",
            "iso.country",
            "iso.country3",
            "iso.country_numeric",
            "iso.currency",
            "iso.currency_numeric",
            "iso.language",
            "iso.language3",
            "icd10",
        ]
    );
    let such = |otherwise: &str| -> Vec<&str> {
        engines.iter().filter(|one| one.otherwise == otherwise).map(|one| one.kind.as_str()).collect()
    };
    assert_eq!(such("fails"), ["iban", "latitude", "longitude", "coordinates"]);
    assert_eq!(such("code"), ["vn.dossier_id", "vn.document_code", "vn.plate", "doi", "email", "url", "ip"]);
    assert!(engines.iter().all(|engine| !engine.forms.is_empty()));
    assert_eq!((engines.len(), such("shape").len()), (59, 48));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn an_engine_that_reads_the_data_alone_judges_as_the_kernels(values in proptest::collection::vec(value(), 40)) {
        thread_local! {
            static ENGINES: Vec<Engine> = engines();
        }
        let context = Context { year: 2026, foreign_births: false };
        ENGINES.with(|engines| {
            for engine in engines {
                let kind = find(&engine.kind).expect("a kind");
                for value in &values {
                    let (judged, known) = (engine.judge(value), kind.judge(value, context));
                    let agree = match judged {
                        Verdict::Passed => known.is_ok(),
                        Verdict::Failed(fault) => known == Err(fault),
                        Verdict::FailedSomehow => known.is_err(),
                        Verdict::Unknown => true,
                        // Check digits by code come before inner facts.
                        Verdict::PassedSoFar => !matches!(known, Err(Fault::Shape | Fault::Placeholder)),
                    };
                    prop_assert!(agree, "{} {value}: {judged:?} {known:?}", engine.kind);
                }
            }
            Ok(())
        })?;
    }
}
