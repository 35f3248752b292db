//! What several checks ask of their scope.

use super::parameters::Optional;
use super::{Problem, Problems, Scope};
use crate::model::{
    AsOf, DataType, Expr, Kept, KeySpec, Lookup, Measure, MeasureKind, Predicate, TimeSpan, Value, ValueList,
};
use crate::scalar::parse_value;

/// A measure of the rule's dataset, over the rows for which the rule's condition is true.
pub(super) fn dataset_measure(scope: &dyn Scope, kind: MeasureKind) -> Measure {
    Measure::new(scope.dataset(), scope.filter().cloned(), kind)
}

/// A test of each row of the rule's dataset for which the rule's condition is true.
pub(super) fn row_measure(scope: &dyn Scope, predicate: Predicate) -> Measure {
    dataset_measure(scope, MeasureKind::Rows(predicate))
}

/// Refuses columns that are not text.
pub(super) fn needs_text(scope: &dyn Scope, column: &str) -> Result<(), Problem> {
    match scope.column_type(scope.dataset(), column) {
        Some(kind) if !kind.is_textual() => {
            Err(Problem::new("column", format!("{column} is {kind}; this check reads text")))
        }
        _ => Ok(()),
    }
}

/// Refuses columns that are neither dates nor datetimes. A column of unknown type is taken for one of moments, which bears
/// whatever one of dates does.
pub(super) fn needs_dates(scope: &dyn Scope, column: &str) -> Result<DataType, Problem> {
    needs_dates_of(scope, "column", column)
}

/// The same of the column that a parameter names.
pub(super) fn needs_dates_of(scope: &dyn Scope, param: &'static str, column: &str) -> Result<DataType, Problem> {
    match scope.column_type(scope.dataset(), column) {
        Some(kind @ (DataType::Date | DataType::Datetime)) => Ok(kind),
        Some(kind) => Err(Problem::new(param, format!("{column} is {kind}: declare `type: date` or `type: datetime`"))),
        None => Ok(DataType::Datetime),
    }
}

/// The moment of the audit in the type of a column: the last value that is not in the future.
pub(super) fn moment(data_type: DataType, as_of: AsOf) -> Value {
    if data_type == DataType::Date { Value::Date(as_of.day) } else { Value::Datetime(as_of.instant) }
}

/// The least value that lies within a time that a parameter gives.
pub(super) fn earliest(
    scope: &dyn Scope,
    param: &'static str,
    span: TimeSpan,
    data_type: DataType,
) -> Result<Value, Problem> {
    let (day, instant) = scope
        .as_of()
        .earliest(span)
        .ok_or_else(|| Problem::new(param, format!("{span} reaches before the calendar")))?;
    Ok(if data_type == DataType::Date { Value::Date(day) } else { Value::Datetime(instant) })
}

/// Refuses values that do not read as the type of the column, and dates of validity that are no dates.
pub(super) fn fits_list(scope: &dyn Scope, column: &str, list: &ValueList) -> Result<(), Problem> {
    let kind = scope.column_type(scope.dataset(), column).unwrap_or(DataType::Text);
    match list {
        ValueList::Values(values) => unreadable(values, kind).map_or(Ok(()), |problem| {
            Err(Problem::new("values", format!("{problem} read as {kind}, the type of {column}")))
        }),
        ValueList::Codelist { at: Some(at), .. } => match scope.column_type(scope.dataset(), at) {
            Some(DataType::Date | DataType::Datetime) | None => Ok(()),
            Some(kind) => {
                Err(Problem::new("values", format!("`at` names {at}, which is {kind}: declare `type: date`")))
            }
        },
        ValueList::Codelist { .. } => Ok(()),
    }
}

/// The values that do not read as a type, as the beginning of a sentence that ends with it.
pub(super) fn unreadable(values: &[String], data_type: DataType) -> Option<String> {
    const SHOWN: usize = 5;
    let unread = values.iter().filter(|value| parse_value(value, data_type, None).is_none());
    let unread: Vec<String> = unread.map(|value| format!("`{value}`")).collect();
    match unread.len() {
        0 => None,
        1 => Some(format!("{} does not", unread[0])),
        count if count > SHOWN => Some(format!("{} and {} more do not", unread[..SHOWN].join(", "), count - SHOWN)),
        _ => Some(format!("{} do not", unread.join(", "))),
    }
}

/// The type in which values of two types compare, if there is one.
pub(super) fn common_type(ours: DataType, theirs: DataType) -> Option<DataType> {
    if ours == theirs {
        Some(ours)
    } else if ours.is_numeric() && theirs.is_numeric() {
        Some(DataType::Decimal)
    } else if ours.is_textual() && theirs.is_textual() {
        Some(DataType::Text)
    } else {
        None
    }
}

/// Refuses keys whose columns are of different types here and there: `007` as text meets no whole number.
pub(super) fn same_types(
    scope: &dyn Scope,
    param: &'static str,
    here: &[String],
    other: &str,
    there: &[String],
) -> Result<(), Problem> {
    let differs = |(ours, theirs): (&String, &String)| {
        let (one, two) = (scope.column_type(scope.dataset(), ours)?, scope.column_type(other, theirs)?);
        common_type(one, two).is_none().then(|| format!("{ours} is {one} and {theirs} of {other} is {two}"))
    };
    let different: Vec<String> = here.iter().zip(there).filter_map(differs).collect();
    if different.is_empty() {
        Ok(())
    } else {
        Err(Problem::new(param, format!("{}: declare one type for both", different.join(", "))))
    }
}

/// A list in a few words.
pub(super) fn describe_list(list: &ValueList) -> String {
    match list {
        ValueList::Values(values) if values.len() > 8 => {
            format!("one of {} and {} more", values[..8].join(", "), values.len() - 8)
        }
        ValueList::Values(values) => format!("one of {}", values.join(", ")),
        ValueList::Codelist { name, at: None } => format!("in code list {name}"),
        ValueList::Codelist { name, at: Some(at) } => format!("in code list {name}, valid at {at}"),
    }
}

/// The test of a key against another dataset.
pub(super) fn found(
    scope: &dyn Scope,
    columns: &[String],
    dataset: &str,
    key: &Optional<Vec<String>>,
    having: Option<&Expr>,
    negated: bool,
) -> Result<Predicate, Problems> {
    if key.is_unknown() || columns.is_empty() {
        return Err(Problems::default());
    }
    let key = key.known().cloned().unwrap_or_else(|| scope.key(dataset));
    if key.is_empty() {
        let problem = format!("{dataset} declares no key: say which of its columns to look in, `key: …`");
        return Err(Problems::of("key", problem));
    }
    if key.len() != columns.len() {
        let problem =
            format!("{} here, {} in {dataset}: a key needs as many columns on both sides", columns.len(), key.len());
        return Err(Problems::of("key", problem));
    }
    same_types(scope, "columns", columns, dataset, &key)?;
    // Whatever cannot be told speaks against the row.
    let kept = if negated && having.is_some() { Kept::DoubtfulKeys } else { Kept::Keys };
    let lookup = Lookup {
        dataset: dataset.to_owned(),
        key: KeySpec { columns: key },
        filter: having.cloned(),
        facts: Vec::new(),
        kept,
    };
    Ok(Predicate::Found { key: KeySpec { columns: columns.to_vec() }, lookup, negated })
}
