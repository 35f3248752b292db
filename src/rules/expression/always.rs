//! Conditions that come out the same whatever the data.

use crate::model::{AsOf, Expr, Value};
use crate::scalar::{Cell, Evaluator};

/// The most distinct tests whose outcomes are tried in all combinations.
const MAX_TESTS: usize = 6;

/// The truth of a condition that is true (or false) for every row, such as `1 = 1` or `x is null or x is not null`.
///
/// `None` if it depends on the data or cannot be decided: `x = x` is unknown for a null. A constant null is `None` as
/// well.
pub fn always(expr: &Expr) -> Option<bool> {
    let mut tests = Vec::new();
    collect(expr, &mut tests);
    if tests.len() <= MAX_TESTS {
        let mut outcomes = vec![Outcome::False; tests.len()];
        let mut seen = Outcomes::NONE;
        try_all(expr, &tests, &mut outcomes, 0, &mut seen);
        seen.only()
    } else {
        possible(expr).only()
    }
}

/// What a condition comes to, from the one that decides `and` to the one that decides `or`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    False,
    Unreadable,
    Null,
    True,
}

impl Outcome {
    const ALL: [Self; 4] = [Self::False, Self::Unreadable, Self::Null, Self::True];

    fn of(cell: &Cell) -> Self {
        match cell {
            Cell::Value(Value::Boolean(true)) => Self::True,
            Cell::Value(Value::Boolean(false)) => Self::False,
            Cell::Value(Value::Null) => Self::Null,
            _ => Self::Unreadable,
        }
    }

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::True => Self::False,
            other => other,
        }
    }

    fn and(self, other: Self) -> Self {
        self.min(other)
    }

    fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

/// A set of outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Outcomes(u8);

impl Outcomes {
    const NONE: Self = Self(0);
    const ANY: Self = Self(0b1111);
    const KNOWN: Self = Self(0b1001);

    fn one(outcome: Outcome) -> Self {
        Self(1 << outcome as u8)
    }

    fn add(&mut self, outcome: Outcome) {
        self.0 |= Self::one(outcome).0;
    }

    fn iter(self) -> impl Iterator<Item = Outcome> {
        Outcome::ALL.into_iter().filter(move |outcome| self.0 & Self::one(*outcome).0 != 0)
    }

    fn only(self) -> Option<bool> {
        if self == Self::one(Outcome::True) {
            Some(true)
        } else if self == Self::one(Outcome::False) {
            Some(false)
        } else {
            None
        }
    }
}

/// What a test alone can come to: a constant to one outcome, a null test to true or false.
fn alone(test: &Expr) -> Outcomes {
    let mut constant = true;
    test.walk(&mut |node| constant &= !matches!(node, Expr::Column { .. } | Expr::Figure { .. }));
    if constant && let Ok(evaluator) = Evaluator::compile(test, AsOf::from_day(0)) {
        return Outcomes::one(Outcome::of(&evaluator.evaluate(&|_| Cell::Unreadable, &[])));
    }
    if matches!(test, Expr::IsNull { .. }) { Outcomes::KNOWN } else { Outcomes::ANY }
}

/// A test and whether it is negated: `x is not null` is the null test of `x`, negated.
fn normal(expr: &Expr) -> (Expr, bool) {
    match expr {
        Expr::IsNull { value, negated } => (Expr::IsNull { value: value.clone(), negated: false }, *negated),
        other => (other.clone(), false),
    }
}

/// The distinct tests below the connectives.
fn collect(expr: &Expr, tests: &mut Vec<Expr>) {
    match expr {
        Expr::Not(inner) => collect(inner, tests),
        Expr::And(left, right) | Expr::Or(left, right) => {
            collect(left, tests);
            collect(right, tests);
        }
        test => {
            let (test, _) = normal(test);
            if tests.len() <= MAX_TESTS && !tests.contains(&test) {
                tests.push(test);
            }
        }
    }
}

/// Adds the outcome of every combination of outcomes of the tests from `next` on.
fn try_all(expr: &Expr, tests: &[Expr], outcomes: &mut Vec<Outcome>, next: usize, seen: &mut Outcomes) {
    let Some(test) = tests.get(next) else {
        seen.add(combine(expr, tests, outcomes));
        return;
    };
    for outcome in alone(test).iter() {
        outcomes[next] = outcome;
        try_all(expr, tests, outcomes, next + 1, seen);
    }
}

fn combine(expr: &Expr, tests: &[Expr], outcomes: &[Outcome]) -> Outcome {
    match expr {
        Expr::Not(inner) => combine(inner, tests, outcomes).not(),
        Expr::And(left, right) => combine(left, tests, outcomes).and(combine(right, tests, outcomes)),
        Expr::Or(left, right) => combine(left, tests, outcomes).or(combine(right, tests, outcomes)),
        test => {
            let (test, negated) = normal(test);
            let at = tests.iter().position(|known| *known == test);
            let outcome = at.map_or(Outcome::Unreadable, |at| outcomes[at]);
            if negated { outcome.not() } else { outcome }
        }
    }
}

/// What a condition can come to where its tests are taken to be independent: never too few outcomes.
fn possible(expr: &Expr) -> Outcomes {
    let both = |left: &Expr, right: &Expr, join: fn(Outcome, Outcome) -> Outcome| {
        let (left, right) = (possible(left), possible(right));
        let mut outcomes = Outcomes::NONE;
        for a in left.iter() {
            right.iter().for_each(|b| outcomes.add(join(a, b)));
        }
        outcomes
    };
    match expr {
        Expr::Not(inner) => {
            let mut outcomes = Outcomes::NONE;
            possible(inner).iter().for_each(|outcome| outcomes.add(outcome.not()));
            outcomes
        }
        Expr::And(left, right) => both(left, right, Outcome::and),
        Expr::Or(left, right) => both(left, right, Outcome::or),
        test => alone(test),
    }
}
