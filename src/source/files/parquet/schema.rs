//! The types of the columns of a Parquet file.

use std::sync::Arc;

use polars_arrow::datatypes::{ArrowDataType as Stored, ArrowSchema, Field, Metadata};
use polars_parquet::parquet::schema::Repetition;
use polars_parquet::parquet::schema::types::{ParquetType, PhysicalType, PrimitiveLogicalType};
use polars_parquet::read::{FileMetadata, infer_schema};

use crate::source::files::text_values::{EXTENSION, UUID};
use crate::source::panic_guard::{Failed, catch_panic};

/// Where writers of Arrow data put its types.
const ARROW_SCHEMA: &str = "ARROW:schema";

/// The types as the writer had them. Where these are of a kind that the library does not know, they are those of Parquet.
pub(super) fn schema(metadata: &FileMetadata) -> Result<ArrowSchema, Failed> {
    let written = catch_panic(|| infer_schema(metadata));
    let mut schema = written.or_else(|failed| {
        let mut plain = metadata.clone();
        let known = plain.key_value_metadata.as_mut().ok_or(failed)?;
        known.retain(|pair| pair.key != ARROW_SCHEMA);
        catch_panic(|| infer_schema(&plain))
    })?;
    for (field, stored) in schema.iter_values_mut().zip(metadata.schema_descr.fields()) {
        mark(field, stored);
    }
    Ok(schema)
}

/// Notes at a field what Parquet says about the meaning of its bytes.
fn mark(field: &mut Field, stored: &ParquetType) {
    let is_repeated = stored.get_field_info().repetition == Repetition::Repeated;
    match &mut field.dtype {
        // A field that is repeated without the annotation of a list is a list of no missing items, and never missing itself.
        Stored::List(item) | Stored::LargeList(item) if is_repeated => {
            field.is_nullable = false;
            item.is_nullable = false;
            mark_value(item, stored);
        }
        _ => mark_value(field, stored),
    }
}

/// Like [`mark`], for the items of a field that is repeated, and for one that is not.
fn mark_value(field: &mut Field, stored: &ParquetType) {
    match (stored, &mut field.dtype) {
        (ParquetType::PrimitiveType(primitive), dtype) => {
            if primitive.logical_type == Some(PrimitiveLogicalType::Uuid) {
                let mut known: Metadata = field.metadata.as_deref().cloned().unwrap_or_default();
                known.insert(EXTENSION.into(), UUID.into());
                field.metadata = Some(Arc::new(known));
            }
            // Without the schema of Arrow these are bytes to the library.
            if primitive.logical_type == Some(PrimitiveLogicalType::Float16)
                && primitive.physical_type == PhysicalType::FixedLenByteArray(2)
            {
                *dtype = Stored::Float16;
            }
            // More bytes than 38 digits take.
            if let (PhysicalType::FixedLenByteArray(17..), Stored::Decimal(precision, scale)) =
                (primitive.physical_type, &*dtype)
            {
                *dtype = Stored::Decimal256(*precision, *scale);
            }
        }
        (ParquetType::GroupType { fields, .. }, Stored::Struct(children)) if fields.len() == children.len() => {
            children.iter_mut().zip(fields).for_each(|(child, stored)| mark(child, stored));
        }
        // The group of a list, in which a group is repeated, in which the item is; or that group is the item.
        (ParquetType::GroupType { fields, .. }, Stored::List(item) | Stored::LargeList(item)) => {
            let [repeated @ ParquetType::GroupType { fields: inside, .. }] = fields.as_slice() else { return };
            let is_item = |only: &ParquetType| match &item.dtype {
                Stored::Struct(children) => {
                    !matches!(children.as_slice(), [one] if one.name == only.get_field_info().name)
                }
                _ => true,
            };
            match inside.as_slice() {
                [only] if is_item(only) => mark(item, only),
                _ => mark_value(item, repeated),
            }
        }
        _ => {}
    }
}
