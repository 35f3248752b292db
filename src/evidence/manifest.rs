//! The manifest as text, and its digest.

use sha2::{Digest as _, Sha256};

use crate::model::EvidenceManifest;
use crate::report::json::written;

/// The name of the manifest in the folder.
pub const MANIFEST: &str = "evidence.json";

/// The manifest as it is written, with its digest.
pub(super) fn manifest_text(manifest: EvidenceManifest) -> Result<String, serde_json::Error> {
    let digest = digest(&manifest)?;
    Ok(written(&EvidenceManifest { digest, ..manifest }))
}

/// The digest of a manifest: of all but its own key.
pub(super) fn digest(manifest: &EvidenceManifest) -> Result<String, serde_json::Error> {
    let bare = EvidenceManifest { digest: String::new(), ..manifest.clone() };
    Ok(hex::encode(Sha256::digest(serde_json::to_vec(&bare)?)))
}
