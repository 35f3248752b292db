//! What identifies a result in formats that need identifiers and times of their own kind.

use sha2::{Digest as _, Sha256};

use crate::model::AuditReport;

/// The digest of a result; of results that have none, a digest of what identifies them.
pub(super) fn digest(report: &AuditReport) -> String {
    report.digest.clone().unwrap_or_else(|| {
        let parts = [&report.suite.name, &report.suite.rules_hash, &report.as_of];
        hex::encode(Sha256::digest(format!("{parts:?}")))
    })
}

/// A UUID of version 8 (RFC 9562, section 5.8) of the digest: the same result has the same one.
pub(super) fn uuid(report: &AuditReport) -> String {
    let hash = Sha256::digest(digest(report));
    let mut bytes = [0_u8; 16];
    for (byte, from) in bytes.iter_mut().zip(hash) {
        *byte = from;
    }
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex::encode(bytes);
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}

/// The date or timestamp of a result as a timestamp in UTC (RFC 3339).
pub(super) fn instant(as_of: &str) -> String {
    match as_of.split_once('T') {
        None => format!("{as_of}T00:00:00Z"),
        Some((_, time)) if time.ends_with('Z') || time.contains(['+', '-']) => as_of.to_owned(),
        Some(_) => format!("{as_of}Z"),
    }
}

#[cfg(test)]
mod tests {
    use super::instant;

    #[test]
    fn dates_become_timestamps() {
        assert_eq!(instant("2026-11-01"), "2026-11-01T00:00:00Z");
        assert_eq!(instant("2026-11-01T06:00:00"), "2026-11-01T06:00:00Z");
        assert_eq!(instant("2026-11-01T06:00:00Z"), "2026-11-01T06:00:00Z");
    }
}
