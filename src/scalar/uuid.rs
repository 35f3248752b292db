//! UUIDs in their usual form.

/// Whether the text is a UUID of 36 characters: 8, 4, 4, 4 and 12 hexadecimal digits with hyphens between.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_form() {
        assert!(is_uuid("123e4567-e89b-12d3-a456-426614174000"));
        assert!(is_uuid("123E4567-E89B-12D3-A456-426614174000"));
        for text in [
            "",
            "123e4567e89b12d3a456426614174000",
            "{123e4567-e89b-12d3-a456-42661417400}",
            "123e4567-e89b-12d3-a456-42661417400g",
            "123e4567-e89b-12d3-a456-4266141740000",
            " 23e4567-e89b-12d3-a456-426614174000",
            "123e4567-e89b-12d3-a4560426614174000",
            "１２e4567-e89b-12d3-a456-4266141740",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
