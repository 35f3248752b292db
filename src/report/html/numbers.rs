//! Numbers as a language writes them.

use super::texts::Signs;
use crate::model::{Score, Share};
use crate::report::wording::Bytes;

impl Signs {
    /// A count: `1,234`.
    pub(super) fn count(&self, count: u64) -> String {
        let digits = count.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.char_indices() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push_str(&self.group);
            }
            text.push(digit);
        }
        text
    }

    /// A score or a difference of two scores: `98.28`.
    pub(super) fn score(&self, score: Score) -> String {
        self.decimal(&score.to_string())
    }

    /// A score as a share: `98.28 %`. Its space does not break.
    pub(super) fn percent(&self, score: Score) -> String {
        format!("{}\u{a0}%", self.score(score))
    }

    /// A share: `99.5 %`. Its space does not break.
    pub(super) fn share(&self, share: Share) -> String {
        self.decimal(&share.to_string()).replace(' ', "\u{a0}")
    }

    /// A size: `1.5 KiB`.
    pub(super) fn bytes(&self, bytes: u64) -> String {
        self.decimal(&Bytes(bytes).to_string())
    }

    /// A number that is written with a point.
    pub(super) fn decimal(&self, number: &str) -> String {
        number.replace('.', &self.point)
    }
}
