//! The HTML report of hand-made results. What a browser makes of it is tested in `tests/html_report`.

use std::fs;

use passmuster::model::{AuditReport, DatasetReport, RuleReport, Status};
use passmuster::report::{Language, Look};

use crate::reports::report;
use crate::support::reports::rendered;
use crate::support::repository::root;

/// The most bytes of a report of 3,000 rules over 50 datasets.
const MOST_BYTES: usize = 3_000_000;

fn html(report: &AuditReport) -> String {
    in_language(report, Language::English)
}

fn in_language(report: &AuditReport, language: Language) -> String {
    rendered("html", report, &Look { language, ..Look::default() })
}

/// A start tag of the document: its name, and its attributes as they are written.
#[derive(Debug, PartialEq)]
struct Tag<'t> {
    name: &'t str,
    attributes: Vec<(&'t str, &'t str)>,
}

/// The start tags of a document as the program writes it: values of attributes are in double quotes.
fn tags(document: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = document;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap();
        let (name, mut inside) = rest.split_at(end);
        let mut attributes = Vec::new();
        while !inside.starts_with('>') {
            inside = inside.trim_start();
            let end = inside.find(['=', ' ', '>', '"']).unwrap();
            let (attribute, after) = inside.split_at(end);
            (inside, attributes) = match after.strip_prefix("=\"") {
                Some(value) => {
                    let (value, after) = value.split_once('"').unwrap();
                    attributes.push((attribute, value));
                    (after, attributes)
                }
                None => {
                    if attribute.is_empty() {
                        // An end tag, or the type of the document.
                        inside = &inside[inside.find('>').unwrap()..];
                        break;
                    }
                    attributes.push((attribute, ""));
                    (after, attributes)
                }
            };
        }
        if !name.is_empty() {
            tags.push(Tag { name, attributes });
        }
        rest = inside;
        // What is within them is no markup.
        if ["style", "script"].contains(&name) {
            rest = &rest[rest.find(&format!("</{name}>")).unwrap()..];
        }
    }
    tags
}

/// The document without what is within `style` and `script`.
fn markup(document: &str) -> String {
    let mut text = document.to_owned();
    for name in ["style", "script"] {
        let (start, end) = (format!("<{name}>"), format!("</{name}>"));
        let from = text.find(&start).unwrap() + start.len();
        let to = text.find(&end).unwrap();
        text.replace_range(from..to, "");
    }
    text
}

#[test]
fn the_same_result_gives_the_same_bytes() {
    let mut result = report("citizens");
    let document = html(&result);
    assert_eq!(html(&result), document);
    assert!(document.starts_with("<!DOCTYPE html>") && document.ends_with("</html>\n"));
    // Times are no part of it.
    result.timings = None;
    assert_eq!(html(&result), document);
    let again = serde_json::from_str(&rendered("json", &result, &Look::default())).unwrap();
    assert_eq!(html(&again), document);
}

#[test]
fn every_section_is_there_in_every_language() {
    for (language, says) in [
        (Language::English, ["Could not audit", "Clean records", "9,412 of 10,000", "94.12\u{a0}%", "fails the gate"]),
        (
            Language::Vietnamese,
            ["Không kiểm tra được", "Bản ghi sạch", "9.412 trên 10.000", "94,12\u{a0}%", "chặn cổng"],
        ),
    ] {
        let document = in_language(&report("citizens"), language);
        assert!(document.contains(&format!("<html lang=\"{}\">", language.tag())));
        for id in ["summary", "dimensions", "datasets", "owners", "rules", "repairs", "waivers", "limits"] {
            assert!(document.contains(&format!("<section id=\"{id}\">")), "{id}");
        }
        for word in says {
            assert!(document.contains(word), "{word}");
        }
        // Every place of a text has its value; shapes have braces, too.
        let text = markup(&document);
        let place =
            text.match_indices('{').find(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_lowercase()));
        let place = place.filter(|(at, _)| !text[..*at].ends_with("data-one=\"") && !in_template(&text, *at));
        assert_eq!(place.map(|(at, _)| &text[at..text.len().min(at + 60)]), None);
    }
}

/// Whether a place is in a text that the script fills.
fn in_template(text: &str, at: usize) -> bool {
    let tag = text[..at].rfind('<').unwrap();
    text[tag..at].contains("data-one=") || text[tag..at].contains("data-text=")
}

#[test]
fn what_the_table_says_is_in_the_page() {
    let document = markup(&html(&report("citizens")));
    for part in [
        "citizens: 617 keys occur more than once",
        "no key occurs more than once",
        "citizens is why",
        "10,000 rows judged = 8,766 passed + 1,234 failed",
        "50 not applicable",
        "3 unparseable",
        "at least 99.5\u{a0}%",
        "every row",
        "overdue since",
        "23 days",
        "lines 14, 20 (records 13, 19)",
        "and 1,232 more",
        "12 in 7 other shapes",
        "groups 617",
        "2026-12-05",
        "12 days left",
        "at most 2,000 failing rows",
        "2 of 6 dimensions, 14 of 17 columns",
        "is cut to at most 59.99 by critical rules",
        "98.89",
        "1,990 in another format",
        "1,980 of 2,000 look like",
        "too few cells",
        "10,000 rows",
        "1.5 KiB",
        "12 to 588",
        "line 12",
        "could not be audited",
        "no failed rule of severity major or worse",
        "dimension correct scores 100.00 or more in every dataset",
    ] {
        assert!(document.contains(part), "{part}");
    }
}

#[test]
fn nothing_from_data_becomes_markup() {
    let hostile = [
        "\"><script>alert(1)</script>",
        "</script><img src=x onerror=alert(1)>",
        "</title></style></details><svg/onload=alert(1)>",
        "' onmouseover='alert(1)",
        "javascript:alert(1)",
        "{{7*7}}${7*7}{count}",
        "]]> --> <!-- | ` \n",
    ];
    let plain = html(&report("citizens"));
    let names = |document: &str| tags(document).into_iter().map(|tag| tag.name.to_owned()).collect::<Vec<_>>();
    for text in hostile {
        for language in Language::ALL {
            let document = in_language(&report(text), language);
            for Tag { name, attributes } in tags(&document) {
                for (attribute, value) in attributes {
                    assert!(!attribute.starts_with("on") && !["style", "src", "srcdoc", "action"].contains(&attribute));
                    assert!(attribute != "href" || value.starts_with('#'), "{name} {attribute}={value}");
                    assert!(!attribute.contains('\''), "{attribute}");
                }
            }
            if language == Language::English {
                // Exactly the elements of a harmless report.
                assert_eq!(names(&document), names(&plain), "{text}");
            }
        }
    }
}

#[test]
fn characters_that_hide_are_visible() {
    let hostile = "a\u{1b}[31m\u{0}\u{7f}\u{9b}\u{202e}b\u{2066}\u{200b}\u{feff}\u{fffe}\u{2028}";
    let document = html(&report(hostile));
    let bad = document.chars().find(|c| {
        c.is_control() && *c != '\n'
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
            || matches!(c, '\u{fffe}' | '\u{ffff}')
    });
    assert_eq!(bad, None);
    assert!(document.contains(r"\u{202e}b\u{2066}") && document.contains(r"\u{0}"));
}

#[test]
fn very_long_texts_are_cut_where_a_reader_sees_it() {
    let document = html(&report(&"x".repeat(1_000_000)));
    assert!(document.len() < 1_000_000, "{}", document.len());
    assert!(document.contains("… and 999,800 more characters") && document.contains("… and 998,000 more characters"));
    // Places of rules and datasets stay short and differ.
    let ids: Vec<_> = tags(&document)
        .into_iter()
        .flat_map(|tag| tag.attributes)
        .filter_map(|(name, value)| (name == "id").then_some(value.to_owned()))
        .collect();
    let mut unique = ids.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
}

#[test]
fn every_link_within_the_page_leads_somewhere() {
    for name in ["citizens", "ngày sinh", "a b&c=d#e%"] {
        let document = html(&report(name));
        let tags = tags(&document);
        let all = |wanted: &'static str| {
            tags.iter()
                .flat_map(|tag| &tag.attributes)
                .filter(move |(name, _)| *name == wanted)
                .map(|(_, value)| *value)
        };
        let ids: Vec<&str> = all("id").collect();
        for link in all("href") {
            let place = link.strip_prefix('#').unwrap();
            let is_filter =
                place.starts_with("status=") || place.starts_with("owner=") || place.starts_with("dataset=");
            assert!(is_filter || ids.contains(&place), "{link}");
        }
    }
}

#[test]
fn the_page_allows_nothing_from_elsewhere() {
    let document = html(&report("citizens"));
    let policy = tags(&document)
        .into_iter()
        .find(|tag| tag.name == "meta" && tag.attributes.contains(&("http-equiv", "Content-Security-Policy")))
        .unwrap();
    let content = policy.attributes.iter().find(|(name, _)| *name == "content").unwrap().1;
    assert!(content.starts_with("default-src 'none'; style-src 'sha256-"), "{content}");
    assert!(content.ends_with("base-uri 'none'; form-action 'none'") && !content.contains("unsafe"), "{content}");
    for word in ["http://", "https://", "@import", "url("] {
        assert!(!document.contains(word), "{word}");
    }
}

/// Only the style and the script of the program are written as they are.
#[test]
fn one_place_alone_writes_unescaped_text() {
    let mut places = Vec::new();
    for entry in fs::read_dir(root().join("src/report/html")).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let code = fs::read_to_string(&path).unwrap();
            let count = code.matches("PreEscaped(").count();
            places.extend((count > 0).then(|| (path.file_name().unwrap().to_owned(), count)));
        }
    }
    assert_eq!(places, [("head.rs".into(), 1)]);
}

/// A dataset of so many rules as a suite has them, with texts of their usual length; each fifth rule fails.
fn of_rules(number: usize, rules: usize) -> DatasetReport {
    let template = report("citizens").datasets.remove(1);
    let name = format!("register_{number:02}");
    let [failed, passed] = [1, 5].map(|at| template.rules[at].clone());
    let rule = |at: usize| {
        let fails = at.is_multiple_of(5);
        let id = format!("{name}.column_{}.range", at % 40);
        RuleReport {
            id: format!("{id}_{at}"),
            dataset: name.clone(),
            title: format!("column_{}: the value is within the bounds", at % 40),
            columns: vec![format!("column_{}", at % 40)],
            observed: if fails { "1,234 of 10,000 rows are outside the bounds" } else { "all 10,000 rows pass" }.into(),
            expected: format!("column_{} is between 0 and 100", at % 40),
            because: fails.then(|| "A share of a whole is never less than none and never more than all of it".into()),
            fix: fails.then(|| "Ask the office that sent the record, and enter the value of its register".into()),
            reason: None,
            tags: Vec::new(),
            due: None,
            overdue_days: None,
            warn: None,
            written: failed.written.clone().map(|written| passmuster::model::SuitePlace {
                file: "rules/registers.yaml".into(),
                line: written.line + u32::try_from(at).unwrap(),
            }),
            shapes: None,
            failing_rows: if fails { failed.failing_rows.clone() } else { Vec::new() },
            details: std::collections::BTreeMap::new(),
            not_applicable: 0,
            unreadable: 0,
            dimension: passmuster::model::Dimension::ALL[at % 6],
            severity: passmuster::model::Severity::ALL[at % 3],
            owner: Some(format!("Office {}", at % 7)),
            ..if fails { failed.clone() } else { passed.clone() }
        }
    };
    let rules: Vec<RuleReport> = (0..rules).map(rule).collect();
    let repairs = rules.iter().filter(|rule| rule.failed > 0);
    let repair = template.repairs[0].clone();
    let repairs =
        repairs.map(|rule| passmuster::model::RepairReport { rule: rule.id.clone(), ..repair.clone() }).collect();
    DatasetReport { name, title: Some("Register of the office".into()), repairs, rules, ..template }
}

/// A report of so many datasets with so many rules each.
pub(crate) fn large(datasets: usize, rules: usize) -> AuditReport {
    let mut result = report("citizens");
    result.datasets = (0..datasets).map(|number| of_rules(number, rules)).collect();
    result.waivers.clear();
    result
}

#[test]
fn three_thousand_rules_fit_into_three_megabytes() {
    for language in Language::ALL {
        let document = in_language(&large(50, 60), language);
        assert_eq!(document.matches("<li data-k=").count(), 3_000);
        assert!(document.len() < MOST_BYTES, "{} bytes in {}", document.len(), language.name());
    }
}

/// Those that matter are on the page, and the page says how many others there are.
#[test]
fn rules_beyond_ten_thousand_are_counted() {
    let mut result = large(1, 10_300);
    // The failed rules come last in the result.
    result.datasets[0].rules.sort_by_key(|rule| rule.status == Status::Failed);
    let document = html(&result);
    assert_eq!(document.matches("<li data-k=").count(), 10_000);
    let failed = result.datasets[0].rules.iter().filter(|rule| rule.status == Status::Failed).count();
    assert_eq!(document.matches("<b class=\"bad\">fails the gate</b> <i").count(), failed);
    assert!(document.contains("300 further rules are not on this page"));
    // What leads to a rule that is not there is no link.
    let last = &result.datasets[0].rules[7_000].id;
    assert!(!document.contains(&format!("#rule={last}\"")));
}
