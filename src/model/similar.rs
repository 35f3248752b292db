//! What a search for rows that are alike compares, and what it found.

#![expect(missing_docs, reason = "the text of a variant names its fields")]

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RowRef;

/// Parts in the whole of a score or a similarity: they are counted in millionths, so that sums are exact.
pub const WHOLE_SCORE: u32 = 1_000_000;

/// A search for pairs of rows that are alike, and for the clusters that such pairs form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Similar {
    /// The columns that are compared.
    pub compare: Vec<SimilarColumn>,
    /// Two of them, by position, whose values may stand in each other's place.
    pub swap: Option<(usize, usize)>,
    /// Which rows become candidates; empty: as the compared columns suggest.
    pub block_on: Vec<BlockKey>,
    /// The least score of a pair, in millionths.
    pub score: u32,
    /// The least share of the weights that both rows must have values for, in millionths.
    pub overlap: u32,
    /// The most candidate pairs; `None`: as many as the number of rows suggests.
    pub max_pairs: Option<u64>,
    /// How many pairs the reading lists.
    pub list: u32,
}

/// A compared column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimilarColumn {
    /// Its name.
    pub column: String,
    /// How two of its values compare.
    pub method: Likeness,
    /// What it counts, in thousandths.
    pub weight: u32,
}

/// How alike two values are, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// 1 where they are equal, else 0.
    Exact,
    /// Jaro-Winkler.
    JaroWinkler,
    /// Insertions, deletions and replacements, beside the longer text.
    Levenshtein,
    /// The same with exchanges of neighbours as one edit.
    Damerau,
    /// Words in any order.
    TokenSet,
    /// Days: slips of typing, and (with `within`) nearness.
    Date { within: Option<u32> },
    /// Numbers, down to 0 at a difference of `within`.
    Number { within: f64 },
}

/// Rows with the same value of every part are candidates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockKey {
    /// In the order written; empty: every row with every other.
    pub parts: Vec<BlockPart>,
}

/// One part of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockPart {
    /// The column that it is made of.
    pub column: String,
    /// How.
    pub transform: Transform,
}

/// What of a value goes into a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// All of it.
    Whole,
    /// American Soundex.
    Soundex,
    /// A code of how it sounds that also knows Vietnamese spelling.
    Phonetic,
    /// Its first characters.
    Prefix(u32),
    /// Its rarest runs of three characters, each a key of its own.
    Qgram,
    /// Its place among all values: rows up to so many places apart are candidates.
    Sorted(u32),
}

/// Rows that are alike, and how they were looked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SimilarTally {
    /// Rows with something to compare that are like no other.
    pub passed: u64,
    /// Rows of clusters.
    pub clustered: u64,
    /// Rows out of scope, or with nothing to compare.
    pub not_applicable: u64,
    /// Rows with a value that does not read, or of which it cannot be told whether they are in scope.
    pub unreadable: u64,
    /// Different pairs that were compared.
    pub candidates: u64,
    /// Pairs that reach the score.
    pub pairs: u64,
    /// Groups of rows that such pairs hold together.
    pub clusters: u64,
    /// Rows of the largest.
    pub largest: u64,
    /// Keys by which candidates were looked for.
    pub keys: u64,
    /// The most candidate pairs that were allowed.
    pub most: u64,
    /// Blocks in which not every pair was a candidate, because that would have been too many.
    pub capped: u64,
    /// Pairs of those blocks that were not candidates of them.
    pub skipped: u64,
    /// Values of which only the beginning was compared.
    pub cut: u64,
    /// The first pairs, by the places of their rows.
    pub listed: Vec<SimilarPair>,
    /// Why nothing could be measured.
    pub refused: Option<String>,
    /// The first clustered or unreadable rows.
    pub sample: Vec<RowRef>,
}

/// Two rows that are alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SimilarPair {
    /// The row that comes first.
    pub first: RowRef,
    /// The other.
    pub second: RowRef,
    /// How alike they are, in millionths.
    pub score: u32,
}

impl Similar {
    /// The columns that it reads, with repeats.
    pub fn columns(&self) -> Vec<&str> {
        let compared = self.compare.iter().map(|compared| compared.column.as_str());
        let blocked = self.block_on.iter().flat_map(|key| &key.parts).map(|part| part.column.as_str());
        compared.chain(blocked).collect()
    }
}

impl Likeness {
    /// The name used in suites.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::JaroWinkler => "jaro_winkler",
            Self::Levenshtein => "levenshtein",
            Self::Damerau => "damerau",
            Self::TokenSet => "token_set",
            Self::Date { .. } => "date",
            Self::Number { .. } => "number",
        }
    }
}

impl fmt::Display for BlockPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = &self.column;
        match self.transform {
            Transform::Whole => f.write_str(column),
            Transform::Soundex => write!(f, "soundex({column})"),
            Transform::Phonetic => write!(f, "phonetic({column})"),
            Transform::Prefix(count) => write!(f, "prefix({column}:{count})"),
            Transform::Qgram => write!(f, "qgram({column})"),
            Transform::Sorted(window) => write!(f, "sorted({column}:{window})"),
        }
    }
}

impl fmt::Display for BlockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.parts.is_empty() {
            return f.write_str("all");
        }
        for (at, part) in self.parts.iter().enumerate() {
            write!(f, "{}{part}", if at > 0 { " + " } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for Similar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&str> = self.compare.iter().map(|compared| compared.column.as_str()).collect();
        write!(f, "rows alike in {} from {}", columns.join(", "), f64::from(self.score) / f64::from(WHOLE_SCORE))?;
        if self.block_on.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = self.block_on.iter().map(ToString::to_string).collect();
        write!(f, ", by {}", keys.join(", "))
    }
}
