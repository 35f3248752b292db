//! A rule that may be proposed, before the data is asked.

/// What the profile says for a rule, before its evidence is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Prior {
    /// There are enough values that a rule without an exception is no accident.
    Sure,
    /// It may be an accident, or rows may break it.
    Likely,
    /// Only a person can say whether it is meant.
    Look,
}

/// How a rule is written that may be proposed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// The position of its dataset.
    pub(super) dataset: usize,
    /// The position of the column it is listed under; those about the dataset come first.
    pub(super) at: usize,
    /// The check.
    pub(super) check: &'static str,
    /// What its id is made of, beside the dataset and the check: columns, or other words.
    pub(super) about: Vec<String>,
    /// The columns whose cells its failing rows accuse.
    pub(super) accuses: Vec<String>,
    /// The columns each of which gets the rule, where several share it.
    pub(super) each: Vec<String>,
    /// Its parameters, each with its value as YAML in one line.
    pub(super) parameters: Vec<(&'static str, String)>,
    /// What else its comment says; no value of a cell.
    pub(super) because: String,
    /// How much it may be trusted where no row fails.
    pub(super) prior: Prior,
    /// The most failing rows of a million with which it is likely.
    pub(super) tolerated: u64,
    /// Whether it is worth a look where more rows fail.
    pub(super) or_look: bool,
}

/// A rule without an exception in so many rows is no accident.
pub(super) const ENOUGH: u64 = 100;

/// Five of a hundred.
pub(super) const FIVE_PERCENT: u64 = 50_000;

/// Two of a hundred.
pub(super) const TWO_PERCENT: u64 = 20_000;

impl Candidate {
    /// A rule about columns of a dataset.
    pub(super) fn new(dataset: usize, at: usize, check: &'static str, columns: &[&str], prior: Prior) -> Self {
        let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
        Self {
            dataset,
            at,
            check,
            about: columns.clone(),
            accuses: columns,
            each: Vec::new(),
            parameters: Vec::new(),
            because: String::new(),
            prior,
            tolerated: 0,
            or_look: false,
        }
    }

    /// With a parameter.
    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.parameters.push((name, value));
        self
    }

    /// With what its comment says.
    pub(super) fn because(mut self, because: impl Into<String>) -> Self {
        self.because = because.into();
        self
    }

    /// Likely where at most so many rows of a million fail.
    pub(super) const fn tolerating(mut self, millionths: u64) -> Self {
        self.tolerated = millionths;
        self
    }

    /// Worth a look where more rows fail than it tolerates.
    pub(super) const fn or_look(mut self) -> Self {
        self.or_look = true;
        self
    }
}
