//! Lists of values made ready for looking up.

use std::collections::HashMap;

use crate::engine::local::prepare_error::PrepareError;
use crate::model::{DataType, Value, ValueList};
use crate::plan::Plan;
use crate::scalar::{TextSet, canonical, parse_value};

/// What is in a list.
#[derive(Debug)]
pub(crate) enum Listed {
    /// Texts.
    Texts(TextSet),
    /// Numbers, in their canonical writing.
    Numbers(TextSet),
    /// Values of another type.
    Typed(Vec<Value>),
    /// Codes with the days on which they are valid.
    Dated(HashMap<String, Vec<(i32, i32)>>),
}

/// What lists have in common that hold the same values for columns of the same type.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum ListKey {
    Values(Vec<String>, DataType),
    Codelist(String, DataType),
}

impl ListKey {
    pub(super) fn of(list: &ValueList, data_type: DataType) -> Self {
        match list {
            ValueList::Values(values) => Self::Values(values.clone(), data_type),
            ValueList::Codelist { name, .. } => Self::Codelist(name.clone(), data_type),
        }
    }
}

impl Listed {
    pub(super) fn prepare(list: &ValueList, data_type: DataType, plan: &Plan) -> Result<Self, PrepareError> {
        match list {
            ValueList::Values(values) if data_type.is_textual() => Ok(Self::Texts(TextSet::new(values))),
            ValueList::Values(values) => {
                let read =
                    |text: &String| parse_value(text, data_type, None).ok_or(PrepareError::ListedValue(data_type));
                let values: Vec<Value> = values.iter().map(read).collect::<Result<_, _>>()?;
                if data_type.is_numeric() {
                    let texts: Vec<String> = values.iter().map(|value| canonical(value).into_owned()).collect();
                    return Ok(Self::Numbers(TextSet::new(&texts)));
                }
                Ok(Self::Typed(values))
            }
            ValueList::Codelist { name, .. } => {
                let entries = plan.codes(name).ok_or_else(|| PrepareError::NoCodelist(name.clone()))?;
                let mut codes: HashMap<String, Vec<(i32, i32)>> = HashMap::new();
                for entry in entries.iter() {
                    // A code of a typed column compares in the canonical writing of its type.
                    let read = || Some(canonical(&parse_value(&entry.code, data_type, None)?).into_owned());
                    let code = read().unwrap_or_else(|| entry.code.clone());
                    codes
                        .entry(code)
                        .or_default()
                        .push((entry.valid_from.unwrap_or(i32::MIN), entry.valid_to.unwrap_or(i32::MAX)));
                }
                Ok(Self::Dated(codes))
            }
        }
    }
}
