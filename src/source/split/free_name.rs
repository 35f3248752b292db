//! The name of the column of rule ids.

/// The name of the column of rule ids in the failing part of a file.
const COLUMN: &str = "failed_rules";

/// `failed_rules`, or with a number behind it where the dataset has a column of that name, in any case.
pub(in crate::source) fn free_name(columns: &[&str]) -> String {
    let is_free = |name: &String| !columns.iter().any(|column| column.eq_ignore_ascii_case(name));
    let numbered = (2_u64..).map(|number| format!("{COLUMN}_{number}"));
    std::iter::once(COLUMN.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        assert_eq!(free_name(&["id"]), "failed_rules");
        assert_eq!(free_name(&["Failed_Rules", "failed_rules_2"]), "failed_rules_3");
    }
}
