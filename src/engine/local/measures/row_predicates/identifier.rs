//! Whether values can be identifiers.

use std::sync::Arc;

use crate::identifiers;
use crate::identifiers::{Context, PersonalId, Prepared, Slip};
use crate::model::{AsOf, DataType, IdentifierTest, Value};
use crate::scalar::{Cell, civil_from_days, fold};
use crate::source::Bits;

use crate::engine::local::batch::cells::Cells;
use crate::engine::local::batch::column_rules::{ColumnRules, place_of};
use crate::engine::local::batch::texts::judge_texts;
use crate::engine::local::compiled::Compiled;
use crate::engine::local::measures::row_predicates::tested::Tested;
use crate::engine::local::prepare_error::PrepareError;

/// The rows whose verdict passes a test, where there are any.
fn rows_with(verdicts: &[u8], test: impl Fn(u8) -> bool) -> Option<Bits> {
    let rows = Bits::of(verdicts, |verdict| test(*verdict));
    (!rows.is_empty()).then_some(rows)
}

/// A test of identifiers, made ready for many batches.
#[derive(Debug)]
pub(crate) struct Identifiers {
    column: usize,
    kind: Arc<Prepared>,
    born: Option<usize>,
    sex: Option<usize>,
    province: Option<usize>,
}

/// The value can be an identifier.
const SOUND: u8 = 1;

/// Why it cannot, behind [`SOUND`] in the order of [`identifiers::Fault::ALL`].
const FAULTY: u8 = 2;

/// A wrong digit explains it; two swapped neighbours do.
const DIGIT: u8 = 1 << 4;

const SWAP: u8 = 1 << 5;

/// The verdict without its explanation.
const VERDICT: u8 = DIGIT - 1;

impl Identifiers {
    /// Prepares a test.
    ///
    /// # Errors
    /// A kind that does not exist, a column that the section does not read.
    pub(crate) fn prepare(
        test: &IdentifierTest,
        rules: &[ColumnRules],
        as_of: AsOf,
        compiled: &Compiled,
    ) -> Result<Self, PrepareError> {
        let place = |name: &Option<String>| name.as_ref().map(|name| place_of(rules, name)).transpose();
        let context = Context { year: civil_from_days(as_of.day).0, foreign_births: test.foreign_births };
        Ok(Self {
            column: place_of(rules, &test.column)?,
            kind: compiled.identifier(&test.kind, context)?,
            born: place(&test.born)?,
            sex: place(&test.sex)?,
            province: place(&test.province)?,
        })
    }

    fn verdict(&self, text: &str) -> u8 {
        let Err(fault) = self.kind.judge(text) else { return SOUND };
        let slip = match self.kind.slip(text) {
            None => 0,
            Some(Slip::Digit) => DIGIT,
            Some(Slip::Swap) => SWAP,
        };
        (FAULTY + fault as u8) | slip
    }

    pub(crate) fn test(&self, cells: &Cells<'_>) -> Tested {
        let there = cells.present(self.column);
        let unread = unread_whole_numbers(cells, self.column);
        let verdicts = judge_texts(cells, self.column, &there.without(&unread), 0, |text| self.verdict(text));
        let sound = Bits::of(&verdicts, |verdict| *verdict == SOUND);
        let mut reasons = Vec::new();
        for (fault, code) in identifiers::Fault::ALL.into_iter().zip(FAULTY..) {
            reasons.extend(rows_with(&verdicts, |verdict| verdict & VERDICT == code).map(|rows| (fault.name(), rows)));
        }
        reasons
            .extend(rows_with(&verdicts, |verdict| verdict & (DIGIT | SWAP) != 0).map(|rows| ("likely_slips", rows)));
        reasons.extend(rows_with(&verdicts, |verdict| verdict & SWAP != 0).map(|rows| ("swapped_neighbours", rows)));
        let mut tested = Tested { reasons, ..Tested::split(there, &sound) }.with_unreadable(&unread);
        if [self.born, self.sex, self.province].iter().any(Option::is_some) {
            self.cross(cells, &mut tested);
        }
        tested
    }

    /// Compares sound personal numbers with other columns: date of birth, sex and province.
    fn cross(&self, cells: &Cells<'_>, tested: &mut Tested) {
        let none = || Bits::none(cells.rows());
        let (mut failed, mut unreadable) = (none(), none());
        let mut reasons: [(&'static str, Bits); 5] =
            ["born_differs", "sex_differs", "province_differs", "sex_not_told", "province_not_told"]
                .map(|name| (name, none()));
        let mut text = String::new();
        for row in tested.passed.ones() {
            text.clear();
            cells.write_canonical(self.column, row, DataType::Text, &mut text);
            let Some(number) = PersonalId::read(&text) else { continue };
            let of = |column: Option<usize>| column.map(|column| cells.cell(column, row));
            let mut mark = |at: usize| {
                reasons[at].1.set(row);
                // The last two mean that there is no value to compare with.
                if at < 3 {
                    failed.set(row);
                }
            };
            match of(self.born) {
                None | Some(Cell::Value(Value::Null)) => {}
                Some(Cell::Unreadable) => {
                    unreadable.set(row);
                    continue;
                }
                Some(Cell::Value(value)) if year_of(&value) == Some(i64::from(number.year)) => {}
                Some(Cell::Value(_)) => mark(0),
            }
            if let Some(Cell::Value(Value::Text(sex))) = of(self.sex) {
                match is_female(&sex) {
                    Some(female) if female == number.female => {}
                    Some(_) => mark(1),
                    None => mark(3),
                }
            }
            if let Some(Cell::Value(Value::Text(province))) = of(self.province) {
                match place(&province) {
                    Some(place) if place == number.place => {}
                    Some(_) => mark(2),
                    None => mark(4),
                }
            }
        }
        let failed = failed.or(&unreadable);
        tested.passed = tested.passed.without(&failed);
        tested.failed = tested.failed.or(&failed);
        tested.unreadable = tested.unreadable.or(&unreadable);
        tested.reasons.extend(reasons.into_iter().filter(|(_, rows)| !rows.is_empty()));
    }
}

/// Rows of a column stored as whole numbers whose number was too long to keep.
fn unread_whole_numbers(cells: &Cells<'_>, column: usize) -> Bits {
    match cells.text(column) {
        Some(_) => Bits::none(cells.rows()),
        None => cells.typed(column, DataType::Integer).unreadable().clone(),
    }
}

/// The year of a date, or a year.
fn year_of(value: &Value) -> Option<i64> {
    const DAY: i64 = crate::model::DAY_MICROS;
    let of_day = |day: i64| i32::try_from(day).ok().map(|day| i64::from(civil_from_days(day).0));
    match value {
        Value::Integer(year) => Some(*year),
        Value::Date(day) => of_day(i64::from(*day)),
        value => of_day(value.instant()?.micros.div_euclid(DAY)),
    }
}

/// Whether a word means a woman; `None` where it means neither a woman nor a man.
fn is_female(word: &str) -> Option<bool> {
    match fold(word.trim()).as_ref() {
        "nam" | "male" | "m" => Some(false),
        "nữ" | "nu" | "female" | "f" => Some(true),
        _ => None,
    }
}

/// The number of a province, written with two digits or with three.
fn place(code: &str) -> Option<u16> {
    let sound = (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    sound.then(|| code.parse().ok()).flatten()
}
