//! The places of the page to which links lead. They are the same in every report of a rule or a dataset.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is not written as it is in the fragment of an address.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// Longer names are replaced by their number.
const LONGEST: usize = 200;

/// Places by name.
pub(super) struct Anchors<'a> {
    kind: &'static str,
    /// The number of the first with that name.
    numbers: HashMap<&'a str, usize>,
}

impl<'a> Anchors<'a> {
    /// Places of that kind, numbered in this order.
    pub(super) fn new(kind: &'static str, names: impl Iterator<Item = &'a str>) -> Self {
        let mut numbers = HashMap::new();
        for (number, name) in names.enumerate() {
            numbers.entry(name).or_insert(number);
        }
        Self { kind, numbers }
    }

    /// The place of a name, if the page has it.
    pub(super) fn find(&self, name: &str) -> Option<String> {
        self.numbers.get(name).map(|number| self.place(name, *number))
    }

    /// The place of the name with that number. A name that occurs twice is its number the second time.
    pub(super) fn of(&self, name: &str, number: usize) -> String {
        let number_of_first = self.numbers.get(name).copied();
        if number_of_first == Some(number) { self.place(name, number) } else { format!("{}=~{number}", self.kind) }
    }

    fn place(&self, name: &str, number: usize) -> String {
        if name.is_empty() || name.len() > LONGEST {
            format!("{}=~{number}", self.kind)
        } else {
            format!("{}={}", self.kind, utf8_percent_encode(name, ESCAPED))
        }
    }
}

/// An address that filters the rules by one value.
pub(super) fn filter(key: &str, value: &str) -> String {
    format!("#{key}={}", utf8_percent_encode(value, ESCAPED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_one() {
        let long = "x".repeat(1_000);
        let names = ["a.b", "ngày sinh", "a.b", &long, "\"><script>"];
        let anchors = Anchors::new("rule", names.into_iter());
        let places: Vec<_> = names.iter().enumerate().map(|(at, name)| anchors.of(name, at)).collect();
        let expected = ["rule=a.b", "rule=ng%C3%A0y%20sinh", "rule=~2", "rule=~3", "rule=%22%3E%3Cscript%3E"];
        assert_eq!(places, expected);
        assert_eq!(anchors.find("a.b").as_deref(), Some("rule=a.b"));
        assert_eq!(anchors.find("b"), None);
    }
}
