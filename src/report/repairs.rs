//! What repairs are worth, for people.

use super::Safe;
use super::frame::{Grid, cell};
use super::page::{Line, Page};
use super::style::BOLD;
use super::wording::{Plural, short_id};
use crate::model::{Count, DatasetReport, RepairReport};

/// How many repairs are shown by default.
const REPAIRS_SHOWN: usize = 5;

/// The repairs of a dataset that are worth most; with `verbose` all of them.
pub(super) fn list(page: &mut Page, dataset: &DatasetReport, verbose: bool) {
    let all = dataset.repairs.len();
    let shown = if verbose { all } else { all.min(REPAIRS_SHOWN) };
    if shown == 0 {
        return;
    }
    let line = Line::default().styled(BOLD, "what a repair is worth");
    let line = line.text(": points of the score, of the rule's dimension, and of the worst dimension");
    page.paragraph(2, 4, &line);
    let mut grid = Grid::new()
        .name("repair")
        .number("score")
        .number("dimension")
        .number("worst")
        .optional()
        .number("clean records");
    for repair in dataset.repairs.iter().take(shown) {
        grid.row([
            cell(Safe(short_id(&repair.rule, dataset))),
            format!("+{}", repair.score_points),
            format!("{} +{}", repair.dimension, repair.dimension_points),
            format!("+{}", repair.worst_dimension_points),
            clean_records(repair),
        ]);
    }
    page.grid(2, grid, &[]);
    let more = (all - shown) as u64;
    if more > 0 {
        page.paragraph(
            2,
            4,
            &Line::new(format_args!("{} in the json report and with -v", Plural(more, "further repair"))),
        );
    }
}

/// How many records become clean, as far as counts show it.
fn clean_records(repair: &RepairReport) -> String {
    let (least, most) = (repair.clean_records_at_least, repair.clean_records_at_most);
    match least {
        _ if least == most => format!("+{}", Count(most)),
        0 => format!("≤ {}", Count(most)),
        _ => format!("{}–{}", Count(least), Count(most)),
    }
}
