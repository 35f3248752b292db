//! Shapes of failing values: how they are written, without what they say.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most different shapes that are counted for a measure.
pub const MOST_SHAPES: usize = 1_000;

/// The most shapes of a rule that a report shows.
pub const SHAPES_SHOWN: usize = 5;

/// A shape of fewer failing values is never shown.
pub const LEAST_SHAPE_VALUES: u64 = 5;

/// The shapes of failing values. It does not depend on the order in which values are added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShapeTally {
    /// How many values have each shape.
    Counted(BTreeMap<String, u64>),
    /// There are more than [`MOST_SHAPES`] different ones, so none is counted.
    TooMany,
}

impl Default for ShapeTally {
    fn default() -> Self {
        Self::Counted(BTreeMap::new())
    }
}

impl ShapeTally {
    /// Adds values of a shape.
    pub fn add(&mut self, shape: &str, values: u64) {
        let Self::Counted(counts) = self else { return };
        if let Some(count) = counts.get_mut(shape) {
            *count += values;
        } else if counts.len() < MOST_SHAPES {
            counts.insert(shape.to_owned(), values);
        } else {
            *self = Self::TooMany;
        }
    }

    /// Adds the values of another tally.
    pub fn merge(&mut self, other: Self) {
        match other {
            Self::Counted(counts) => counts.iter().for_each(|(shape, values)| self.add(shape, *values)),
            Self::TooMany => *self = Self::TooMany,
        }
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Counted(counts) if counts.is_empty())
    }
}

/// The shapes of the failing values of a rule. Shapes that few values have are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShapesReport {
    /// The column of the values.
    pub column: String,
    /// The most frequent shapes, at most five, each of at least five failing values.
    pub shown: Vec<ShapeReport>,
    /// The failing values of other shapes; absent if there are none, or `too_many` different shapes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub other: Option<OtherShapes>,
    /// The failing values have more than 1,000 different shapes: none is shown.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub too_many: bool,
}

/// A shape of failing values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShapeReport {
    /// The shape: `A` for a capital letter, `a` for any other letter, `9` for a digit, ASCII signs and the space as they
    /// are, `•` for any other character, `□` for an invisible one. More than three of one kind are written `9{11}`. `…` ends
    /// a shape that is cut off.
    pub shape: String,
    /// The failing values that have it.
    pub values: u64,
}

/// The failing values whose shapes are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OtherShapes {
    /// How many values.
    pub values: u64,
    /// How many different shapes they have.
    pub shapes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(shapes: std::ops::Range<usize>) -> ShapeTally {
        let mut tally = ShapeTally::default();
        shapes.for_each(|number| tally.add(&number.to_string(), 1));
        tally
    }

    #[test]
    fn too_many_shapes_are_too_many_in_any_order() {
        assert!(matches!(of(0..1_000), ShapeTally::Counted(counts) if counts.len() == 1_000));
        assert_eq!(of(0..1_001), ShapeTally::TooMany);
        for (first, second) in [(0..600, 400..1_000), (400..1_000, 0..600)] {
            let mut tally = of(first);
            tally.merge(of(second));
            let ShapeTally::Counted(counts) = &tally else { panic!("1,000 are not too many") };
            assert_eq!((counts.len(), counts["500"], counts["999"]), (1_000, 2, 1));
            tally.merge(of(1_000..1_001));
            tally.merge(of(0..1));
            assert_eq!(tally, ShapeTally::TooMany);
        }
        let mut tally = of(0..1);
        tally.merge(ShapeTally::TooMany);
        assert_eq!(tally, ShapeTally::TooMany);
    }
}
