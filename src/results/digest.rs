//! The digest of a result.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::model::AuditReport;

/// SHA-256 in hex over a result without `digest` and `timings`: its JSON with sorted keys, without spaces.
pub fn digest(report: &AuditReport) -> String {
    of_document(serde_json::to_value(report).unwrap_or_default())
}

/// The same of a document that is not typed yet.
pub(super) fn of_document(mut document: Value) -> String {
    if let Some(members) = document.as_object_mut() {
        members.remove("digest");
        members.remove("timings");
    }
    // Objects of `serde_json` are sorted by key.
    hex::encode(Sha256::digest(document.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn order_spaces_and_timings_do_not_count() {
        let one: Value = serde_json::from_str(r#"{"b": [1, 2.50], "a": "Huế", "timings": {"seconds": 1}}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"a":"Hu\u1ebf","digest":"x","b":[1,2.5]}"#).unwrap();
        assert_eq!(of_document(one.clone()), of_document(two));
        // printf '{"a":"Huế","b":[1,2.5]}' | sha256sum
        assert_eq!(of_document(one), hex::encode(Sha256::digest("{\"a\":\"Huế\",\"b\":[1,2.5]}")));
        assert_ne!(of_document(json!({"b": [1, 2.5], "a": "Huế"})), of_document(json!({"b": [2.5, 1], "a": "Huế"})));
    }
}
