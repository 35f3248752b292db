//! A suite that exists, with lines that are new to it: no byte of what a person wrote changes.

use std::cmp::Reverse;

use crate::rules::SuiteLayout;

/// Spaces that lines have which are put in, before they are moved to their place.
const WRITTEN: usize = 6;

/// Lines for one dataset, written with six spaces before them.
#[derive(Debug, Clone, Default)]
pub(super) struct Addition {
    /// The dataset.
    pub(super) dataset: String,
    /// Columns.
    pub(super) columns: String,
    /// Rules, and comments between them.
    pub(super) rules: String,
}

/// Puts lines into the text of a suite.
pub(super) fn insert(text: &str, layout: &SuiteLayout, additions: &[Addition]) -> String {
    // Where several begin at the same byte, what goes on comes before what begins.
    let mut pieces: Vec<(usize, u8, String)> = Vec::new();
    for addition in additions {
        let Some(dataset) = layout.datasets.iter().find(|dataset| dataset.name == addition.dataset) else { continue };
        let kinds = [("columns", &addition.columns, dataset.columns), ("rules", &addition.rules, dataset.rules)];
        for (key, lines, place) in kinds {
            if lines.is_empty() {
                continue;
            }
            pieces.push(if let Some(place) = place {
                (place.at, 0, moved(lines, place.indent))
            } else {
                let indent = dataset.indent;
                let head = format!("{}{key}:\n", " ".repeat(indent));
                let order = if key == "columns" { 1 } else { 2 };
                (dataset.end, order, head + &moved(lines.trim_start_matches('\n'), indent + 2))
            });
        }
    }
    pieces.sort_by_key(|(at, order, _)| (Reverse(*at), Reverse(*order)));
    let mut merged = text.to_owned();
    for (at, _, lines) in pieces {
        let (before, after) = merged.split_at(at.min(merged.len()));
        let missing_end = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
        merged = format!("{before}{missing_end}{lines}{after}");
    }
    merged
}

/// Lines with other spaces before them.
fn moved(lines: &str, indent: usize) -> String {
    let spaces = " ".repeat(indent);
    let line = |line: &str| match line.get(WRITTEN..) {
        _ if line.trim().is_empty() => "\n".to_owned(),
        Some(rest) => format!("{spaces}{rest}\n"),
        None => format!("{spaces}{line}\n"),
    };
    lines.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::layout;

    #[test]
    fn lines_are_put_where_they_belong() {
        let suite = "suite: s\ndatasets:\n    a:\n        source: a.csv\n        columns:\n            x: { type: date } # x\n    b:\n        source: b.csv\n        rules:\n        - { check: required, column: x }\n# end";
        let layout = layout(suite).expect("a layout");
        let addition = |dataset: &str| Addition {
            dataset: dataset.to_owned(),
            columns: "      z: { type: integer }\n".to_owned(),
            rules: "\n      # new\n      - { id: n }\n".to_owned(),
        };
        let merged = insert(suite, &layout, &[addition("a"), addition("b")]);
        let expected = "suite: s\ndatasets:\n    a:\n        source: a.csv\n        columns:\n            x: { type: date } # x\n            z: { type: integer }\n        rules:\n          # new\n          - { id: n }\n    b:\n        source: b.csv\n        rules:\n        - { check: required, column: x }\n\n        # new\n        - { id: n }\n        columns:\n          z: { type: integer }\n# end";
        assert_eq!(merged, expected);
    }
}
