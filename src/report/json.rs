//! JSON: the result model as it is, for programs.

use std::io::{self, Write};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;

use super::{Finished, Look, ReportFormat};
use crate::model::{AuditReport, EvidenceManifest, QuarantineManifest};

/// The result model as JSON.
pub(super) struct Json;

impl ReportFormat for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn summary(&self) -> &'static str {
        "the whole result for programs, the same bytes for the same audit except for `timings`"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn write(&self, finished: &Finished<'_>, _look: &Look, out: &mut dyn Write) -> io::Result<()> {
        write(finished.report, out)
    }
}

/// Writes a document of the model as JSON. Characters that steer a terminal are escaped, so that it can be shown on one.
///
/// # Errors
/// Where it cannot be written.
pub fn write(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    // Maps have text keys and every number is finite, so the model always serialises.
    serde_json::to_writer_pretty(Escaping(&mut *out), document)?;
    out.write_all(b"\n")
}

/// The same in memory.
pub fn written(document: &impl Serialize) -> String {
    in_memory(|text| write(document, text))
}

/// Writes a document as JSON on one line, without a line break at the end.
///
/// # Errors
/// Where it cannot be written.
pub fn write_line(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    Ok(serde_json::to_writer(Escaping(out), document)?)
}

/// The same in memory.
pub fn line(document: &impl Serialize) -> String {
    in_memory(|text| write_line(document, text))
}

/// What is written to memory, which does not fail; a document that cannot be serialised would be its error.
fn in_memory(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut text = Vec::new();
    match write(&mut text) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        Err(error) => serde_json::json!({ "error": error.to_string() }).to_string(),
    }
}

/// Writes JSON without characters that steer a terminal.
///
/// They occur within strings only, and a writer of JSON hands over strings in pieces that are whole characters. Controls
/// below U+0020 are escaped by every writer of JSON.
struct Escaping<'w>(&'w mut dyn Write);

impl Write for Escaping<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        match std::str::from_utf8(piece) {
            Ok(text) if text.contains(steers) => {
                for c in text.chars() {
                    if steers(c) {
                        write!(self.0, "\\u{:04x}", u32::from(c))?;
                    } else {
                        write!(self.0, "{c}")?;
                    }
                }
            }
            _ => self.0.write_all(piece)?,
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whether a character is a C1 control or changes the direction of text.
fn steers(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}')
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

/// The JSON Schema (draft-07) of the manifest of an evidence folder.
pub fn evidence_schema() -> serde_json::Value {
    schema_of::<EvidenceManifest>()
}

/// The JSON Schema (draft-07) of the manifest of a quarantine.
pub fn quarantine_schema() -> serde_json::Value {
    schema_of::<QuarantineManifest>()
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_reads_back_the_same() {
        let hostile = "\u{1b}[31m\u{80}\u{85}\u{9b}31m\u{9f}\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}";
        let text = written(&std::collections::BTreeMap::from([(hostile, hostile)]));
        assert!(text.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "{text}");
        assert!(text.contains(r"\u009b31m\u009f\u061c\u200e\u200f\u202a\u202e\u2066\u2069"), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read[hostile], hostile);
    }

    #[test]
    fn other_characters_stay() {
        let plain = "Nguyễn Văn Ấn \u{a0}\u{7f}\u{200b}\u{200d}\u{2028}\u{2065}\u{206a} 市民 عربي 😀 \\u202e";
        let pretty = serde_json::to_string_pretty(&[plain]).expect("JSON") + "\n";
        assert_eq!(written(&[plain]), pretty);
    }
}
