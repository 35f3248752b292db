//! What the names of columns promise.

use unicode_normalization::UnicodeNormalization;

/// Last words of names of columns that identify something.
const KEYS: &[&str] =
    &["id", "key", "uuid", "guid", "code", "index", "nr", "no", "num", "number", "ma", "mã", "isbn", "sku"];

/// Words of names of columns whose digits are no numbers.
const CODES: &[&str] =
    &["zip", "zipcode", "postal", "postcode", "plz", "phone", "tel", "telephone", "fax", "mobile", "ean", "iban"];

/// Words of names of dates that do not say when something was delivered or changed.
const NO_EVENTS: &[&str] = &["birth", "birthdate", "born", "dob", "expiry", "expires", "end", "until", "valid", "due"];

/// The words of a name, in small letters: `AlbumId`, `album-id` and `album_id` are the same.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        let begins = c.is_uppercase() && was_small;
        if (!c.is_alphanumeric() || begins) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        was_small = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a name promises a key or a code.
pub(super) fn is_key(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    KEYS.contains(&last.as_str())
        || (words.len() == 1 && last.len() > 2 && last.ends_with("id") && !last.ends_with("aid"))
}

/// What numbers of a name can be, whatever the rows show: `month` is from 1 to 12.
pub(super) fn natural_range(name: &str) -> Option<(f64, f64)> {
    const RANGES: &[(&[&str], f64, f64)] = &[
        (&["month"], 1.0, 12.0),
        (&["day", "dom"], 1.0, 31.0),
        (&["hour", "hours"], 0.0, 23.0),
        (&["minute", "minutes", "second", "seconds"], 0.0, 59.0),
        (&["quarter"], 1.0, 4.0),
        (&["week"], 1.0, 53.0),
        (&["lat", "latitude"], -90.0, 90.0),
        (&["lon", "lng", "long", "longitude"], -180.0, 180.0),
        (&["pct", "percent", "percentage", "humid", "humidity"], 0.0, 100.0),
        (&["dir", "direction", "heading", "bearing", "azimuth"], 0.0, 360.0),
        (&["age"], 0.0, 130.0),
    ];
    let words = words(name);
    let last = words.last()?;
    RANGES.iter().find(|(names, ..)| names.contains(&last.as_str())).map(|(_, least, greatest)| (*least, *greatest))
}

/// Whether the values of a name go on with time.
pub(super) fn is_of_time(name: &str) -> bool {
    words(name).iter().any(|word| ["year", "yr", "date", "nam", "năm"].contains(&word.as_str()))
}

/// Whether a name promises part of an address: the same for many.
pub(super) fn is_address(name: &str) -> bool {
    words(name).iter().any(|word| CODES.contains(&word.as_str()))
}

/// Whether a name promises that digits are no number.
pub(super) fn is_code(name: &str) -> bool {
    is_key(name) || words(name).iter().any(|word| CODES.contains(&word.as_str()))
}

/// Whether the dates of a name may say when something happened.
pub(super) fn is_event(name: &str) -> bool {
    !words(name).iter().any(|word| NO_EVENTS.contains(&word.as_str()))
}

/// Whether a column seems to be named after a dataset and its key: `ArtistId` after `ArtistId` of `Artist`, `province_code`
/// after `code` of `provinces`.
pub(super) fn refers(column: &str, dataset: &str, key: &str) -> bool {
    let (column, dataset, key) = (words(column), words(dataset), words(key));
    let singular = |word: &String| word.trim_end_matches('s').to_owned();
    let column: Vec<String> = column.iter().map(singular).collect();
    let key: Vec<String> = key.iter().map(singular).collect();
    let is_generic = key.len() == 1;
    if !is_generic && column.ends_with(&key) {
        return true;
    }
    if is_generic
        && column == key
        && key.first().is_some_and(|word| !["id", "code", "name", "key", "no", "index"].contains(&word.as_str()))
    {
        return true;
    }
    dataset.iter().map(singular).any(|word| word.len() > 2 && column.contains(&word))
}

/// A text as part of an id: small letters without accents, digits and `_`.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    let spelled = text.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c));
    for c in spelled.flat_map(char::to_lowercase) {
        let c = if c == 'đ' { 'd' } else { c };
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
        if slug.len() >= 60 {
            break;
        }
    }
    let slug = slug.trim_end_matches('_');
    if slug.is_empty() { "column".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_promise_keys() {
        for name in ["id", "AlbumId", "provider_number", "ZipCode", "Mã", "index", "customerid"] {
            assert!(is_key(name), "{name}");
        }
        for name in ["paid", "name", "ounces", "city", "idea", "video"] {
            assert!(!is_key(name), "{name}");
        }
    }

    #[test]
    fn names_refer_to_datasets() {
        assert!(refers("ArtistId", "Artist", "ArtistId"));
        assert!(refers("province_code", "provinces", "code"));
        assert!(refers("carrier", "airlines", "carrier"));
        assert!(!refers("Quantity", "Artist", "ArtistId"));
        assert!(!refers("id", "Artist", "id"));
    }

    #[test]
    fn slugs_are_parts_of_ids() {
        for (text, slug_of) in [
            ("Họ và tên", "ho_va_ten"),
            ("Đường", "duong"),
            ("a.b c--d", "a_b_c_d"),
            ("\u{1b}[31m", "31m"),
            ("日本", "column"),
            ("", "column"),
        ] {
            assert_eq!(slug(text), slug_of);
        }
    }
}
