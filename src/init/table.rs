//! One dataset as a proposal sees it: its profile, what is known of its columns beside that, and some of its rows.

use super::names;
use super::rows::{Held, Rows};
use crate::model::{AsOf, DataType, Decimal, ProfiledColumn, ProfiledDataset};
use crate::profile::ColumnDetails;
use crate::rules::{ColumnDecl, Dataset};

/// A dataset.
pub(super) struct Table<'a> {
    /// Its position among the datasets.
    pub(super) at: usize,
    /// What is known of it.
    pub(super) profile: &'a ProfiledDataset,
    /// What is known of its columns beside what may be shown.
    pub(super) details: &'a [ColumnDetails],
    /// Some of its rows.
    pub(super) rows: &'a Rows,
    /// What a suite declares of it.
    pub(super) declared: Option<&'a Dataset>,
    /// What counts as today.
    pub(super) as_of: AsOf,
    /// The most columns that are looked at.
    pub(super) most_columns: usize,
}

/// A column.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    /// Its position.
    pub(super) at: usize,
    /// What is known of it.
    pub(super) profile: &'a ProfiledColumn,
    /// What is known of it beside that.
    pub(super) details: Option<&'a ColumnDetails>,
    /// Some of its cells.
    pub(super) held: Option<&'a Held>,
    /// What a suite declares of it.
    pub(super) declared: Option<&'a ColumnDecl>,
}

/// How the values of a column are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As numbers; `whole`: as whole numbers.
    Number {
        /// Whether all are whole.
        whole: bool,
    },
    /// As dates, or as dates with a time.
    Date,
    /// As texts: also codes that consist of digits.
    Text,
}

impl<'a> Table<'a> {
    /// The columns that rules can name.
    pub(super) fn columns(&self) -> impl Iterator<Item = Facts<'a>> {
        let (profile, details, rows) = (self.profile, self.details, self.rows);
        let columns = profile.columns.iter().take(self.most_columns).enumerate();
        let declared = self.declared;
        let facts = move |(at, profile): (usize, &'a ProfiledColumn)| Facts {
            at,
            profile,
            details: details.get(at),
            held: rows.column(at),
            declared: declared.and_then(|dataset| dataset.column(&profile.name)),
        };
        columns.map(facts).filter(|facts| facts.profile.not_read.is_none() && can_be_named(&facts.profile.name))
    }

    /// A column by its name.
    pub(super) fn column(&self, name: &str) -> Option<Facts<'a>> {
        self.columns().find(|facts| facts.profile.name == name)
    }
}

/// The longest name of a column that rules name, in bytes: YAML has a limit for keys.
const LONGEST_NAME: usize = 200;

/// Whether rules can name a column: `*` would make a pattern of its name.
pub(super) fn can_be_named(name: &str) -> bool {
    !name.trim().is_empty() && !name.contains('*') && name.len() <= LONGEST_NAME
}

impl<'a> Facts<'a> {
    /// The name.
    pub(super) fn name(&self) -> &'a str {
        &self.profile.name
    }

    /// Whether no value may be shown.
    pub(super) const fn is_personal(&self) -> bool {
        self.profile.personal.is_some()
    }

    /// Whether its file stores it as text.
    pub(super) fn is_stored_as_text(&self) -> bool {
        self.profile.stored == "text"
    }

    /// Values that have the type that most have.
    pub(super) fn of_type(&self) -> (Option<DataType>, u64, u64) {
        self.profile.reads_as.as_ref().map_or((None, 0, 0), |reads| (Some(reads.data_type), reads.values, reads.others))
    }

    /// How its values are to be read.
    pub(super) fn reading(&self) -> Reading {
        if let Some(declared) = self.declared {
            return match declared.data_type {
                Some(DataType::Integer) => Reading::Number { whole: true },
                Some(DataType::Decimal | DataType::Float | DataType::Float32) => Reading::Number { whole: false },
                Some(DataType::Date | DataType::Datetime) => Reading::Date,
                None if !self.is_stored_as_text() => self.stored_reading(),
                _ => Reading::Text,
            };
        }
        self.guessed_reading()
    }

    /// How a column is read that its file stores with a type.
    fn stored_reading(&self) -> Reading {
        match self.of_type().0 {
            Some(DataType::Integer) => Reading::Number { whole: true },
            Some(DataType::Decimal | DataType::Float | DataType::Float32) => Reading::Number { whole: false },
            Some(DataType::Date | DataType::Datetime) => Reading::Date,
            _ => Reading::Text,
        }
    }

    /// How the values of a column without a declaration are to be read.
    fn guessed_reading(&self) -> Reading {
        let (data_type, values, others) = self.of_type();
        let most = values > 0 && others <= values / 19;
        match data_type {
            Some(DataType::Integer) if most && !self.is_code() => Reading::Number { whole: true },
            Some(DataType::Decimal | DataType::Float | DataType::Float32) if most => Reading::Number { whole: false },
            Some(DataType::Date | DataType::Datetime) if most => Reading::Date,
            // Digits that look like identifiers, and ones and zeros, are numbers where the name does not promise a code.
            Some(DataType::Text | DataType::Boolean) if self.is_stored_as_text() && !self.is_code() => self.numbers(),
            _ => Reading::Text,
        }
    }

    /// Whether its digits are a code and no number: some begin with a zero, or all have the same length and the name does
    /// not promise a measure.
    fn is_code(&self) -> bool {
        if !self.is_stored_as_text() {
            return false;
        }
        let Some(held) = self.held else { return false };
        let digits = |value: &&String| value.bytes().all(|byte| byte.is_ascii_digit());
        let lengths: Vec<usize> = held.values.iter().filter(digits).map(String::len).collect();
        let zeros = held.values.iter().filter(digits).filter(|value| value.len() > 1 && value.starts_with('0')).count();
        if zeros * 50 > lengths.len() {
            return true;
        }
        let first = lengths.first().copied().unwrap_or_default();
        let is_even = lengths.iter().filter(|length| **length == first).count() * 50 >= lengths.len() * 49;
        is_even && first >= 4 && (names::is_code(self.name()) || first >= 9)
    }

    /// Rows with a plain number, and rows with a number that has a sign or a unit beside it: `12 %`, `€5`; `None` where other
    /// values are more than a few.
    pub(super) fn numbers_and_units(&self) -> Option<(u64, u64)> {
        let held = self.held?;
        let (mut plain, mut with_sign, mut others) = (0, 0, 0);
        for (value, count) in held.values.iter().zip(&held.counts) {
            let value = value.trim();
            let core = value.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '-' && c != '.');
            let core = core.trim_end_matches(|c: char| !c.is_ascii_digit());
            if Decimal::parse(value).is_some() {
                plain += count;
            } else if Decimal::parse(core).is_some() && value.chars().count() <= core.len() + 20 {
                with_sign += count;
            } else {
                others += count;
            }
        }
        (others * 50 <= plain + with_sign).then_some((plain, with_sign))
    }

    /// How texts are to be read that are mostly plain numbers.
    fn numbers(&self) -> Reading {
        let (plain, with_sign) = self.numbers_and_units().unwrap_or_default();
        let is_whole = |value: &String| value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let whole = self.held.is_some_and(|held| held.values.iter().all(is_whole));
        match (plain, with_sign) {
            // Long digits are no amounts.
            (1.., 0)
                if self.held.is_some_and(|held| held.values.iter().any(|value| value.len() > 9 && is_whole(value))) =>
            {
                Reading::Text
            }
            (1.., 0) => Reading::Number { whole },
            (plain, 1..) if plain >= with_sign => Reading::Number { whole: false },
            _ => Reading::Text,
        }
    }

    /// Rows with a value.
    pub(super) const fn values(&self) -> u64 {
        self.profile.values
    }

    /// The least and the greatest number, if they may be known.
    pub(super) fn extremes(&self) -> Option<(f64, f64)> {
        let numbers = self.profile.numbers.as_ref()?;
        let number = |text: &Option<String>| text.as_ref()?.parse::<f64>().ok();
        Some((number(&numbers.least)?, number(&numbers.greatest)?))
    }

    /// A quantile as a number.
    pub(super) fn quantile(&self, percent: u32) -> Option<f64> {
        let numbers = self.profile.numbers.as_ref()?;
        numbers.quantiles.iter().find(|quantile| quantile.percent == percent)?.value.parse().ok()
    }
}
