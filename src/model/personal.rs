//! Names of columns that promise personal data.

/// Words of such names. Two words that belong together are written as one.
const WORDS: &[&str] = &[
    "address",
    "birth",
    "birthday",
    "birthdate",
    "born",
    "cccd",
    "cmnd",
    "dob",
    "email",
    "familyname",
    "fax",
    "firstname",
    "forename",
    "fullname",
    "givenname",
    "hoten",
    "họtên",
    "iban",
    "lastname",
    "mail",
    "middlename",
    "mobile",
    "passport",
    "patient",
    "person",
    "personname",
    "phone",
    "ssn",
    "street",
    "surname",
    "tel",
    "telephone",
];

/// Names that promise personal data only if they are the whole name: `measure_name` is none.
const WHOLE: &[&str] = &["name", "ten", "tên"];

/// Whether the name of a column promises personal data, such as `full_name` or `e-mail`.
pub fn looks_personal(column: &str) -> bool {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_small = false;
    for c in column.chars() {
        let starts_word = c.is_uppercase() && was_small;
        if (!c.is_alphanumeric() || starts_word) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        was_small = c.is_lowercase();
    }
    if let [only] = words.as_slice()
        && WHOLE.contains(&only.as_str())
    {
        return true;
    }
    let pairs = words.windows(2).map(<[String]>::concat);
    words.iter().cloned().chain(pairs).any(|word| WORDS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::looks_personal;

    #[test]
    fn names_of_personal_columns_are_told_from_others() {
        for name in [
            "full_name",
            "FullName",
            "Họ tên",
            "e-mail",
            "Name",
            "PHONE",
            "home_address",
            "date of birth",
            "personName",
        ] {
            assert!(looks_personal(name), "{name}");
        }
        for name in ["country", "status", "damage", "measure_name", "stale", "", "hotel", "tz"] {
            assert!(!looks_personal(name), "{name}");
        }
    }
}
