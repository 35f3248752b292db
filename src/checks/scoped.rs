//! What several checks need: measures, types of columns, dates, lists.

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
            Err(Problem::new("column", format!("{column} is {kind}; this check needs text")))
        }
        _ => Ok(()),
    }
}

/// Refuses columns that are neither dates nor timestamps. A column of unknown type counts as timestamps, for which every
/// parameter is allowed that dates allow.
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

/// The date or timestamp of the audit in the type of a column: the last value that is not in the future.
pub(super) fn now(data_type: DataType, as_of: AsOf) -> Value {
    if data_type == DataType::Date { Value::Date(as_of.day) } else { Value::Datetime(as_of.instant) }
}

/// The earliest value that is at most the length of time of a parameter before the audit.
pub(super) fn earliest(
    scope: &dyn Scope,
    param: &'static str,
    span: TimeSpan,
    data_type: DataType,
) -> Result<Value, Problem> {
    let (day, instant) = scope
        .as_of()
        .earliest(span)
        .ok_or_else(|| Problem::new(param, format!("{span} goes back to before the calendar begins")))?;
    Ok(if data_type == DataType::Date { Value::Date(day) } else { Value::Datetime(instant) })
}

/// Refuses values that cannot be parsed as the type of the column, and columns of validity that are not dates.
pub(super) fn fits_list(scope: &dyn Scope, column: &str, list: &ValueList) -> Result<(), Problem> {
    let kind = scope.column_type(scope.dataset(), column).unwrap_or(DataType::Text);
    match list {
        ValueList::Values(values) => unparseable(values, kind).map_or(Ok(()), |values| {
            Err(Problem::new("values", format!("{values} cannot be parsed as {kind}, the type of {column}")))
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

/// The values that cannot be parsed as a type, at most five of them.
pub(super) fn unparseable(values: &[String], data_type: DataType) -> Option<String> {
    const SHOWN: usize = 5;
    let unparseable = values.iter().filter(|value| parse_value(value, data_type, None).is_none());
    let unparseable: Vec<String> = unparseable.map(|value| format!("`{value}`")).collect();
    match unparseable.len() {
        0 => None,
        count if count > SHOWN => Some(format!("{} and {} more", unparseable[..SHOWN].join(", "), count - SHOWN)),
        _ => Some(unparseable.join(", ")),
    }
}

/// The type in which values of two types compare, if there is one.
pub(super) fn common_type(ours: DataType, theirs: DataType) -> Option<DataType> {
    if ours == theirs {
        Some(ours)
    } else if ours.is_numeric() && theirs.is_numeric() {
        Some(ours.with_number(theirs))
    } else if ours.is_textual() && theirs.is_textual() {
        Some(DataType::Text)
    } else {
        None
    }
}

/// Refuses keys whose columns have different types here and there: `007` as text equals no whole number.
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

/// The values of a list, at most eight of them.
pub(super) fn list_values(values: &[String]) -> String {
    const SHOWN: usize = 8;
    match values.len().checked_sub(SHOWN) {
        None | Some(0) => values.join(", "),
        Some(more) => format!("{} and {more} more", values[..SHOWN].join(", ")),
    }
}

/// A list in a few words.
pub(super) fn describe_list(list: &ValueList) -> String {
    match list {
        ValueList::Values(values) => format!("one of {}", list_values(values)),
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
        let problem = format!("{dataset} declares no key: name its key columns, `key: …`");
        return Err(Problems::of("key", problem));
    }
    if key.len() != columns.len() {
        let problem =
            format!("{} here, {} in {dataset}: a key needs as many columns on both sides", columns.len(), key.len());
        return Err(Problems::of("key", problem));
    }
    same_types(scope, "columns", columns, dataset, &key)?;
    // A key whose `having` is not known counts against the row.
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

/// Whether these columns of a dataset are looked up in the same columns of that dataset, which declares this key.
pub(super) fn finds_itself(
    columns: &[String],
    other: &str,
    named: &Optional<Vec<String>>,
    dataset: &str,
    declared: &[String],
) -> bool {
    other == dataset && named.as_deref().unwrap_or(declared) == columns
}

/// Whether a pattern fits every text, in one of the usual spellings.
pub(super) fn fits_all(pattern: &str) -> bool {
    matches!(pattern, ".*" | "^.*$" | ".*?" | "(?s).*" | "(?s)^.*$")
}
