//! The shapes of the failing values of a rule, for people.

use super::Safe;
use super::page::Line;
use super::wording::Plural;
use crate::model::{Count, LEAST_SHAPE_VALUES, MOST_SHAPES, ShapesReport};

/// The shapes in one line; none for values that are too few to be shown. A shape is in quotes, since it may end in a
/// space.
pub(super) fn line(shapes: &ShapesReport) -> Option<Line> {
    let mut line = Line::new("shapes: ");
    if shapes.too_many {
        return Some(line.text(format_args!("more than {} different ones", Count(MOST_SHAPES as u64))));
    }
    for (at, shown) in shapes.shown.iter().enumerate() {
        let separator = if at > 0 { " · " } else { "" };
        line = line.text(format_args!("{separator}\"{}\" {}", Safe(&shown.shape), Count(shown.values)));
    }
    Some(match &shapes.other {
        None => line,
        Some(other) if !shapes.shown.is_empty() => {
            line.text(format_args!(" · {} in {}", Count(other.values), Plural(other.shapes, "other shape")))
        }
        Some(other) if other.values < LEAST_SHAPE_VALUES => return None,
        Some(other) => {
            let (values, shapes) = (Plural(other.values, "value"), Plural(other.shapes, "shape"));
            line.text(format_args!("none is frequent enough to be shown, {values} in {shapes}"))
        }
    })
}
