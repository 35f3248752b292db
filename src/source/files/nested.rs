//! Columns inside of nested columns: the fields of a struct by their paths, and the lengths of lists.

use polars_arrow::array::{Array, FixedSizeListArray, ListArray, MapArray, PrimitiveArray, StructArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::compute::utils::combine_validities_and;
use polars_arrow::datatypes::{ArrowDataType as Stored, Field};

use super::array_values::array;
use super::stored_type::describe_field;
use crate::model::DataType;
use crate::source::column::SourceColumn;

/// Structs are followed this deep.
const MAX_DEPTH: usize = 16;

/// A column inside of a column of a file.
#[derive(Debug, Clone)]
pub(super) struct Inner {
    /// The position of the column of the file.
    pub(super) root: usize,
    /// The way down through structs.
    steps: Vec<usize>,
    /// The field at the end of the way.
    pub(super) field: Field,
    /// Whether it is the number of its items that is wanted.
    is_length: bool,
}

/// The columns inside of the columns of a file: `address.city`, `length(tags)`. Names that columns have already are left to
/// these.
pub(super) fn inner_columns<'f>(fields: impl IntoIterator<Item = &'f Field>) -> (Vec<SourceColumn>, Vec<Inner>) {
    let fields: Vec<&Field> = fields.into_iter().collect();
    let mut found = Vec::new();
    // What is in a column that is not read cannot be read either.
    let is_read = |field: &&Field| describe_field(field).data_type.is_some();
    for (root, field) in fields.iter().enumerate().filter(|(_, field)| is_read(field)) {
        walk(
            field,
            field.name.as_str(),
            &mut Inner { root, steps: Vec::new(), field: Field::clone(field), is_length: false },
            &mut found,
        );
    }
    found.retain(|(column, _)| !fields.iter().any(|field| field.name.as_str() == column.name));
    found.into_iter().unzip()
}

fn walk(field: &Field, name: &str, at: &mut Inner, found: &mut Vec<(SourceColumn, Inner)>) {
    match field.dtype.to_storage() {
        Stored::Struct(children) if at.steps.len() < MAX_DEPTH => {
            for (step, child) in children.iter().enumerate() {
                let name = format!("{name}.{}", child.name);
                at.steps.push(step);
                let inner = Inner { field: child.clone(), ..at.clone() };
                found.push((SourceColumn { name: name.clone(), ..describe_field(child) }, inner));
                walk(child, &name, at, found);
                at.steps.pop();
            }
        }
        Stored::List(_) | Stored::LargeList(_) | Stored::FixedSizeList(..) | Stored::Map(..) => {
            let column = SourceColumn {
                name: format!("length({name})"),
                stored: "number of items".to_owned(),
                data_type: Some(DataType::Integer),
            };
            found.push((column, Inner { field: field.clone(), is_length: true, ..at.clone() }));
        }
        _ => {}
    }
}

impl Inner {
    /// Its cells; `None` where the column of the file is not nested in that way.
    pub(super) fn of(&self, cells: &dyn Array) -> Option<Box<dyn Array>> {
        let mut cells = cells.to_boxed();
        for step in &self.steps {
            let outer = array::<StructArray>(cells.as_ref())?;
            let inner = outer.values().get(*step)?;
            // A field of a struct that is missing is missing, too.
            cells = match combine_validities_and(outer.validity(), inner.validity()) {
                Some(valid) if *inner.dtype() != Stored::Null => inner.with_validity(Some(valid)),
                _ => inner.clone(),
            };
        }
        if self.is_length { lengths(cells.as_ref()) } else { Some(cells) }
    }
}

/// The number of items of each list.
fn lengths(cells: &dyn Array) -> Option<Box<dyn Array>> {
    let valid = || cells.validity().cloned();
    match cells.dtype().to_storage() {
        Stored::List(_) => counted(array::<ListArray<i32>>(cells)?.offsets().lengths(), valid()),
        Stored::LargeList(_) => counted(array::<ListArray<i64>>(cells)?.offsets().lengths(), valid()),
        Stored::Map(..) => counted(array::<MapArray>(cells)?.offsets().lengths(), valid()),
        Stored::FixedSizeList(..) => {
            counted(std::iter::repeat_n(array::<FixedSizeListArray>(cells)?.size(), cells.len()), valid())
        }
        _ => None,
    }
}

fn counted(lengths: impl Iterator<Item = usize>, valid: Option<Bitmap>) -> Option<Box<dyn Array>> {
    let lengths = lengths.map(|length| i64::try_from(length).ok()).collect::<Option<Vec<_>>>()?;
    Some(PrimitiveArray::<i64>::try_new(Stored::Int64, lengths.into(), valid).ok()?.boxed())
}
