//! Row tests that look into texts: identifiers and hygiene.

use crate::identifiers::{self, Context, PersonalId, Prepared, Slip};
use crate::model::{AsOf, DataType, IdentifierTest, TidyTest, Value};
use crate::scalar::{Cell, civil_from_days, fold};
use crate::source::{Bits, TextColumn};
use crate::text::{Fault, Faults, faults, inspect};

use crate::engine::local::batch::cells::{Cells, ColumnRules, place_of};
use crate::engine::local::measures::row_predicates::Tested;

/// What a test makes of the text of each row; `absent` where there is none. A text that repeats is judged once. Values that
/// are not stored as text are judged as they are written out.
pub(crate) fn judge_texts<T: Copy>(
    cells: &Cells<'_>,
    column: usize,
    there: &Bits,
    absent: T,
    judge: impl Fn(&str) -> T,
) -> Vec<T> {
    let rows = cells.rows();
    let mut judged = vec![absent; rows];
    match cells.text(column) {
        Some(TextColumn::Constant(cell)) => {
            if let Some(text) = cell.as_deref().filter(|_| !there.is_empty()) {
                let verdict = judge(text);
                there.ones().for_each(|row| judged[row] = verdict);
            }
        }
        Some(texts) => {
            if let Some(dictionary) = cells.dictionary(column) {
                // Its texts may be of rows that are missing; these are left out behind.
                let verdicts: Vec<T> =
                    dictionary.representatives().map(|row| texts.get(row).map_or(absent, &judge)).collect();
                judged = dictionary.spread_values(&verdicts, absent);
                there.not().ones().for_each(|row| judged[row] = absent);
            } else {
                texts.for_each(rows, |row, text| {
                    if let Some(text) = text
                        && there.get(row)
                    {
                        judged[row] = judge(text);
                    }
                });
            }
        }
        None => {
            let mut text = String::new();
            for row in there.ones() {
                text.clear();
                cells.write_canonical(column, row, DataType::Text, &mut text);
                judged[row] = judge(&text);
            }
        }
    }
    judged
}

/// The rows whose verdict passes a test, where there are any.
fn rows_with(verdicts: &[u8], test: impl Fn(u8) -> bool) -> Option<Bits> {
    let rows = Bits::of(verdicts, |verdict| test(*verdict));
    (!rows.is_empty()).then_some(rows)
}

/// A test of identifiers, made ready for many batches.
#[derive(Debug)]
pub(crate) struct Identifiers {
    column: usize,
    kind: Prepared,
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
/// The verdict without what explains it.
const VERDICT: u8 = DIGIT - 1;

impl Identifiers {
    /// Prepares a test.
    ///
    /// # Errors
    /// A kind that there is not, a column that the section does not read.
    pub(crate) fn prepare(test: &IdentifierTest, rules: &[ColumnRules], as_of: AsOf) -> Result<Self, String> {
        let place = |name: &Option<String>| name.as_ref().map(|name| place_of(rules, name)).transpose();
        Ok(Self {
            column: place_of(rules, &test.column)?,
            kind: Prepared::new(
                identifiers::find(&test.kind).ok_or_else(|| format!("there is no kind {}", test.kind))?,
                Context { year: civil_from_days(as_of.day).0, foreign_births: test.foreign_births },
            ),
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

    /// Compares what sound personal numbers say with what other columns say.
    fn cross(&self, cells: &Cells<'_>, tested: &mut Tested) {
        let none = || Bits::none(cells.rows());
        let (mut failed, mut unreadable) = (none(), none());
        let mut told: [(&'static str, Bits); 5] =
            ["born_differs", "sex_differs", "province_differs", "sex_not_told", "province_not_told"]
                .map(|name| (name, none()));
        let mut text = String::new();
        for row in tested.passed.ones() {
            text.clear();
            cells.write_canonical(self.column, row, DataType::Text, &mut text);
            let Some(number) = PersonalId::read(&text) else { continue };
            let of = |column: Option<usize>| column.map(|column| cells.cell(column, row));
            let mut tell = |at: usize| {
                told[at].1.set(row);
                // The last two say that there is nothing to compare.
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
                Some(Cell::Value(_)) => tell(0),
            }
            if let Some(Cell::Value(Value::Text(sex))) = of(self.sex) {
                match is_female(&sex) {
                    Some(female) if female == number.female => {}
                    Some(_) => tell(1),
                    None => tell(3),
                }
            }
            if let Some(Cell::Value(Value::Text(province))) = of(self.province) {
                match place(&province) {
                    Some(place) if place == number.place => {}
                    Some(_) => tell(2),
                    None => tell(4),
                }
            }
        }
        let failed = failed.or(&unreadable);
        tested.passed = tested.passed.without(&failed);
        tested.failed = tested.failed.or(&failed);
        tested.unreadable = tested.unreadable.or(&unreadable);
        tested.reasons.extend(told.into_iter().filter(|(_, rows)| !rows.is_empty()));
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
        Value::Datetime(micros) => of_day(micros.div_euclid(DAY)),
        _ => None,
    }
}

/// Whether a word says that somebody is a woman; `None` where it says something else than either.
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

/// A test of hygiene, made ready for many batches.
#[derive(Debug)]
pub(crate) struct Tidy {
    columns: Vec<usize>,
    wanted: Faults,
}

impl Tidy {
    /// Prepares a test.
    ///
    /// # Errors
    /// A fault that there is not, a column that the section does not read.
    pub(crate) fn prepare(test: &TidyTest, rules: &[ColumnRules]) -> Result<Self, String> {
        let mut wanted = Faults::NONE;
        for name in &test.faults {
            wanted.add(Fault::from_name(name).ok_or_else(|| format!("there is no fault {name}"))?);
        }
        let columns = test.columns.iter().map(|name| place_of(rules, name)).collect::<Result<_, _>>()?;
        Ok(Self { columns, wanted })
    }

    pub(crate) fn test(&self, cells: &Cells<'_>) -> Tested {
        let mut there = Bits::none(cells.rows());
        let mut found = vec![Faults::NONE; cells.rows()];
        for column in &self.columns {
            let present = cells.present(*column);
            there = there.or(present);
            let mut note = |row: usize, faults: Faults| found[row] = found[row].or(faults);
            match cells.text(*column) {
                Some(texts @ (TextColumn::Views(_) | TextColumn::Spans { .. }))
                    if cells.dictionary(*column).is_none() =>
                {
                    let mut inspected = inspect(self.wanted, note);
                    texts.for_each(cells.rows(), |row, text| {
                        if let Some(text) = text
                            && present.get(row)
                        {
                            inspected.push(row, text);
                        }
                    });
                    inspected.finish();
                }
                _ => {
                    let judge = |text: &str| faults(text).and(self.wanted);
                    let judged = judge_texts(cells, *column, present, Faults::NONE, judge);
                    judged.into_iter().enumerate().for_each(|(row, faults)| note(row, faults));
                }
            }
        }
        let all = found.iter().fold(Faults::NONE, |all, more| all.or(*more));
        let sound = Bits::of(&found, |faults| faults.is_empty());
        let reasons = Fault::ALL
            .into_iter()
            .filter(|fault| all.has(*fault))
            .map(|fault| (fault.name(), Bits::of(&found, |faults| faults.has(fault))));
        let reasons = reasons.collect();
        Tested { reasons, ..Tested::split(&there, &sound) }
    }
}
