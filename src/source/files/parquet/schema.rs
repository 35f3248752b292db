//! The types of the columns of a Parquet file.

use std::sync::Arc;

use polars_arrow::datatypes::{ArrowDataType as Stored, ArrowSchema, Field, Metadata};
use polars_parquet::parquet::schema::types::{ParquetType, PrimitiveLogicalType};
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
    match (stored, &mut field.dtype) {
        (ParquetType::PrimitiveType(primitive), _) if primitive.logical_type == Some(PrimitiveLogicalType::Uuid) => {
            let known = field.metadata.as_deref().cloned().unwrap_or_default();
            let mut known: Metadata = known;
            known.insert(EXTENSION.into(), UUID.into());
            field.metadata = Some(Arc::new(known));
        }
        (ParquetType::GroupType { fields, .. }, Stored::Struct(children)) if fields.len() == children.len() => {
            children.iter_mut().zip(fields).for_each(|(child, stored)| mark(child, stored));
        }
        _ => {}
    }
}
