//! What a search for near-duplicate rows compares, and what it found.
//!
//! # What it means
//!
//! A row takes part where it is in scope, one compared cell at least is present and every one of them is of its type. A row
//! without any compared value is not applicable; one with an unparseable value fails as unreadable.
//!
//! *Score.* Texts are folded, and their first [`Similar::MOST_CHARS`] characters compare. Each column that both rows have a
//! value for gives a similarity in millionths, rounded. The score is the sum of weight · similarity over the sum of those
//! weights, rounded down. Without values for `overlap` of all weights there is no score. With `swap` the better of both
//! assignments counts. A pair is similar where weight · similarity add up to `score` · weights or more, before rounding.
//!
//! *Clusters.* Rows joined by similar pairs, directly or through others. All rows of a cluster fail.
//!
//! *Candidates.* Pairs that share a key, each once. Without `block_on` the keys are: each column alone that gives at most
//! [`Similar::SELECTIVE`] pairs a row (the heaviest [`Similar::MOST_ALONE`] of them; names and word sets by their sound); the
//! heaviest [`Similar::MOST_TOGETHER`] of the others two by two, or the first of them where no other key exists; neighbours up to
//! [`Similar::WINDOW`] places apart in the order of the columns by weight, and in that order turned by one; and the
//! [`Similar::RUNS`] rarest runs of [`Similar::RUN`] characters of the text column with the most different values, of those that
//! another row has. Equally heavy columns: that with more different values first, then the first. Equally rare runs: by their
//! numbers in `similarity::blocking`.
//!
//! *Limit.* In a block rows are in the order of the values of the three heaviest columns, then of the file. Where all pairs
//! together are more than `max_pairs`, only rows up to the same distance apart are candidates in every block: the largest that
//! fits. Where not even neighbours fit, the first ones are, block after block in the order of keys and of their numbers.
//!
//! | a | b | similarity by `levenshtein` | weight 2 | exact, weight 1 | score |
//! |---|---|---|---|---|---|
//! | anna, 1 | anna, 2 | 1 | 2 | 0 | 0.666666 |
//! | anna, 1 | hanna, 1 | 0.8 | 1.6 | 1 | 0.866666 |
//! | anna, missing | anna, 1 | 1 | 2 | – | 1 |

#![expect(missing_docs, reason = "the text of a variant names its fields")]

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decimal, RowRef};

/// Parts of a score or a similarity of 1: they are counted in millionths, so that sums are exact.
pub const WHOLE_SCORE: u32 = 1_000_000;

/// A search for pairs of near-duplicate rows, and for the clusters that such pairs form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Similar {
    /// The columns that are compared.
    pub compare: Vec<SimilarColumn>,
    /// Two of them, by position, whose values may be exchanged.
    pub swap: Option<(usize, usize)>,
    /// The keys of candidates; empty: chosen from the compared columns.
    pub block_on: Vec<BlockKey>,
    /// The minimum score of a pair, in millionths.
    pub score: u32,
    /// The minimum share of the weights for which both rows have values, in millionths.
    pub overlap: u32,
    /// The most candidate pairs; `None`: calculated from the number of rows.
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
    /// Its weight, in thousandths.
    pub weight: u32,
}

/// How similar two values are, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// 1 if they are equal, else 0.
    Exact,
    /// Jaro-Winkler.
    JaroWinkler,
    /// Insertions, deletions and replacements, relative to the longer text.
    Levenshtein,
    /// The same with an exchange of neighbours as one edit.
    Damerau,
    /// Words in any order.
    TokenSet,
    /// Dates: typing slips, and (with `within`) nearness.
    Date { within: Option<u32> },
    /// Numbers, down to 0 at a difference of `within`.
    Number { within: Decimal },
}

/// Rows with equal values of every part are candidates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockKey {
    /// In the order as written; empty: every row with every other.
    pub parts: Vec<BlockPart>,
}

/// One part of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockPart {
    /// The column.
    pub column: String,
    /// The form of its value.
    pub transform: Transform,
}

/// The part of a value that goes into a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// The whole value.
    Whole,
    /// American Soundex.
    Soundex,
    /// A code of its sound that also knows Vietnamese spelling.
    Phonetic,
    /// Its first characters.
    Prefix(u32),
    /// Its rarest runs of three characters, each a key of its own.
    Qgram,
    /// Its position among all ordered values: rows up to this many positions apart are candidates.
    Sorted(u32),
}

/// Near-duplicate rows, and how they were searched.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SimilarTally {
    /// Rows with something to compare that are similar to no other.
    pub passed: u64,
    /// Rows of clusters.
    pub clustered: u64,
    /// Rows out of scope, or with nothing to compare.
    pub not_applicable: u64,
    /// Rows with an unparseable value, or for which the condition is unreadable.
    pub unreadable: u64,
    /// Different pairs that were compared.
    pub candidates: u64,
    /// Pairs that reach the score.
    pub pairs: u64,
    /// Clusters: groups of rows that such pairs connect.
    pub clusters: u64,
    /// Rows of the largest cluster.
    pub largest: u64,
    /// The number of keys of candidates.
    pub keys: u64,
    /// The maximum number of candidate pairs.
    pub most: u64,
    /// Blocks in which not every pair was a candidate, because there were too many.
    pub capped: u64,
    /// Pairs of those blocks that were not candidates there.
    pub skipped: u64,
    /// Values that were compared by their beginning only.
    pub cut: u64,
    /// The first pairs, in the order of their rows.
    pub listed: Vec<SimilarPair>,
    /// Why nothing could be measured.
    pub refused: Option<String>,
    /// The first rows of clusters, and unreadable rows.
    pub failing_rows: Vec<RowRef>,
}

/// Two near-duplicate rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SimilarPair {
    /// The row that comes first.
    pub first: RowRef,
    /// The other.
    pub second: RowRef,
    /// Their similarity, in millionths.
    pub score: u32,
}

impl Similar {
    /// Characters of a text that are compared, after it was folded.
    pub const MOST_CHARS: usize = 256;

    /// Candidate pairs for each row, and for all rows, that are allowed where a rule says nothing else: whichever is more.
    pub const PAIRS_A_ROW: u64 = 100;
    /// See [`PAIRS_A_ROW`](Self::PAIRS_A_ROW).
    pub const LEAST_PAIRS: u64 = 1_000_000;

    /// Characters of a run.
    pub const RUN: usize = 3;

    /// How many of its rarest runs are keys of a row.
    pub const RUNS: usize = 4;

    /// Neighbours on each side in an order that nobody asked for.
    pub const WINDOW: u32 = 10;

    /// Pairs for each row that a column gives by itself, at the most, to be a key alone.
    pub const SELECTIVE: u64 = 5;

    /// Columns that become keys alone, at the most.
    pub const MOST_ALONE: usize = 8;

    /// Columns that become keys two by two, at the most.
    pub const MOST_TOGETHER: usize = 4;

    /// The columns that it reads, with duplicates.
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
        write!(
            f,
            "similar rows by {}, score at least {}",
            columns.join(", "),
            f64::from(self.score) / f64::from(WHOLE_SCORE)
        )?;
        if self.block_on.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = self.block_on.iter().map(ToString::to_string).collect();
        write!(f, ", by {}", keys.join(", "))
    }
}
