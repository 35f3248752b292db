//! What is declared of the columns of a dataset: types, formats, personal data.

use super::candidate::Prior;
use super::table::{Facts, Reading, Table};
use super::yaml_text;
use crate::model::DataType;

/// What is declared of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Declared {
    /// Its name.
    pub(super) name: String,
    /// Its type, where the file does not say it.
    pub(super) type_of: Option<DeclaredType>,
    /// Why it looks personal.
    pub(super) personal: Option<String>,
    /// What a person has to decide, as a sentence.
    pub(super) question: Option<String>,
}

/// The type of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DeclaredType {
    /// The type.
    pub(super) data_type: DataType,
    /// How it is written: keys of the column with their values.
    pub(super) notation: Vec<(&'static str, String)>,
    /// Whether a value of another type is no surprise.
    pub(super) prior: Prior,
}

/// The columns with a declaration, in the order of the data.
pub(super) fn columns(table: &Table<'_>) -> Vec<Declared> {
    // What a person declares counts.
    let undeclared = table.columns().filter(|facts| facts.declared.is_none());
    let declared = undeclared.map(|facts| Declared {
        name: facts.name().to_owned(),
        type_of: type_of(&facts),
        personal: facts.profile.personal.clone(),
        question: question(&facts),
    });
    declared.filter(|declared| declared.type_of.is_some() || declared.personal.is_some()).collect()
}

fn type_of(facts: &Facts<'_>) -> Option<DeclaredType> {
    if !facts.is_stored_as_text() || facts.values() == 0 {
        return None;
    }
    let reads = facts.profile.reads_as.as_ref();
    let mut notation = Vec::new();
    let data_type = match (facts.reading(), reads.map(|reads| reads.data_type)) {
        (Reading::Number { whole: true }, _) => DataType::Integer,
        (Reading::Number { whole: false }, _) => DataType::Decimal,
        (Reading::Date, Some(data_type)) => data_type,
        (Reading::Text, Some(DataType::Uuid)) => DataType::Uuid,
        _ => return None,
    };
    if let Some(reads) = reads.filter(|reads| reads.data_type == data_type) {
        if let Some(format) = &reads.format {
            let formats: Vec<&str> = format.split(" or ").collect();
            let written = match formats.as_slice() {
                [only] => yaml_text::value(only),
                several => yaml_text::list(several.iter().copied()),
            };
            notation.push(("format", written));
        }
        notation.extend(reads.decimal.as_deref().map(|sign| ("decimal", yaml_text::value(sign))));
        let thousands = reads.thousands.as_deref().map(|sign| if sign == "space" { " " } else { sign });
        notation.extend(thousands.map(|sign| ("thousands", yaml_text::value(sign))));
    }
    let prior = if facts.values() >= 20 { Prior::Sure } else { Prior::Likely };
    Some(DeclaredType { data_type, notation, prior })
}

fn question(facts: &Facts<'_>) -> Option<String> {
    let other = facts.profile.reads_as.as_ref()?.or_format.as_ref()?;
    Some(format!("the dates also fit {}", yaml_text::comment(other)))
}
