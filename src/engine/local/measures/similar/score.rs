//! The score of a pair of rows.

use crate::model::{Likeness, Similar, WHOLE_SCORE};
use crate::similarity::TokenScratch;

use super::values::{MISSING, Table};

/// How pairs are scored.
#[derive(Debug)]
pub(super) struct Scorer<'a> {
    table: &'a Table,
    /// Columns in the order in which they are compared: what costs little first.
    columns: Vec<Compared>,
    /// Columns that may be exchanged.
    swap: Option<(usize, usize)>,
    score: u64,
    overlap: u64,
    /// All weights.
    weights: u64,
}

/// A compared column.
#[derive(Debug, Clone, Copy)]
struct Compared {
    column: usize,
    method: Likeness,
    weight: u64,
}

const WHOLE: u64 = WHOLE_SCORE as u64;

impl<'a> Scorer<'a> {
    pub(super) fn new(spec: &Similar, table: &'a Table) -> Self {
        let compared = spec.compare.iter().enumerate();
        let mut columns: Vec<Compared> = compared
            .map(|(column, compared)| Compared { column, method: compared.method, weight: u64::from(compared.weight) })
            .collect();
        let cost = |compared: &Compared| match compared.method {
            Likeness::Exact | Likeness::Number { .. } => 0,
            Likeness::Date { .. } => 1,
            Likeness::Levenshtein | Likeness::Damerau => 2,
            Likeness::JaroWinkler => 3,
            Likeness::TokenSet => 4,
        };
        columns.sort_by_key(|compared| (cost(compared), std::cmp::Reverse(compared.weight)));
        let weights = columns.iter().map(|compared| compared.weight).sum();
        Self {
            table,
            columns,
            swap: spec.swap,
            score: u64::from(spec.score),
            overlap: u64::from(spec.overlap),
            weights,
        }
    }

    /// The score of two rows in millionths, where it is enough.
    pub(super) fn score(&self, a: &[u32], b: &[u32], scratch: &mut TokenScratch) -> Option<u32> {
        let straight = self.by_columns(a, b, &|column| column, scratch);
        let Some((one, other)) = self.swap else { return straight };
        let partner = |column| match column {
            _ if column == one => other,
            _ if column == other => one,
            _ => column,
        };
        straight.max(self.by_columns(a, b, &partner, scratch))
    }

    /// The same, where each column of the one row is compared with its partner in the other.
    fn by_columns(
        &self,
        a: &[u32],
        b: &[u32],
        partner: &impl Fn(usize) -> usize,
        scratch: &mut TokenScratch,
    ) -> Option<u32> {
        let pairs = || {
            let cells = self.columns.iter().map(|compared| (compared, a[compared.column], b[partner(compared.column)]));
            cells.filter(|(_, a, b)| *a != MISSING && *b != MISSING)
        };
        let weights: u64 = pairs().map(|(compared, ..)| compared.weight).sum();
        if weights == 0 || weights * WHOLE < self.overlap * self.weights {
            return None;
        }
        // How much a score may be below the whole.
        let most = (WHOLE - self.score) * weights;
        let mut missing = 0;
        for (compared, a, b) in pairs().filter(|(_, a, b)| a != b) {
            let values = self.table.values(compared.column);
            let similarity = values.similarity(compared.method, a as usize - 1, b as usize - 1, scratch);
            missing += compared.weight * (WHOLE - millionths(similarity));
            if missing > most {
                return None;
            }
        }
        u32::try_from((weights * WHOLE - missing) / weights).ok()
    }
}

/// A similarity in millionths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "similarities lie between 0 and 1")]
fn millionths(similarity: f64) -> u64 {
    ((similarity * f64::from(WHOLE_SCORE)).round() as u64).min(WHOLE)
}
