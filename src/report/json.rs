//! JSON: the result model as it is, for programs.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::{Look, ReportFormat};
use crate::model::AuditReport;

/// The result model as JSON.
pub(super) struct Json;

impl ReportFormat for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn summary(&self) -> &'static str {
        "the whole result for programs, the same bytes for the same audit except for `timings`"
    }

    fn render(&self, report: &AuditReport, _look: &Look) -> String {
        written(report)
    }
}

/// A document of the model as JSON.
pub(super) fn written(document: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(document);
    // Maps have text keys and every number is finite, so the model always serialises.
    let mut text = text.unwrap_or_else(|error| serde_json::json!({ "error": error.to_string() }).to_string());
    text.push('\n');
    text
}

/// The JSON Schema (draft-07) of a document as it is written.
pub(super) fn schema_of<T: JsonSchema>() -> serde_json::Value {
    let settings = SchemaSettings::draft07().for_serialize();
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// The JSON Schema (draft-07) of a result.
pub fn result_schema() -> serde_json::Value {
    schema_of::<AuditReport>()
}
