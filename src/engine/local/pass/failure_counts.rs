//! Counts the failing rows of a pass by groups.
//!
//! Which rows fail is known only after all were seen, and so is which columns have few values. Then the codes of values that
//! were kept (see [`CodedRows`]) and the findings are counted together batch by batch: by each column, then by pairs of the most
//! telling ones. The counters have a limit of their own.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use std::io;

use rayon::prelude::*;

use crate::engine::{FailureCounts, GroupTable, MOST_CLASSES, MOST_IN_PAIRS, WantedCounts, gain};
use crate::model::{LEAST_GROUP_ROWS, Unmeasured};
use crate::source::Place;

use crate::engine::local::pass::coded_rows::CodedRows;
use crate::engine::local::pass::findings::AllFindings;
use crate::engine::local::pass::value_codes::Code;
use crate::engine::local::shared::Shared;

/// The most counters of the groups by two columns.
const MOST_COUNTERS: usize = 1 << 22;

/// Counts the failing rows of a pass by groups.
///
/// # Errors
/// Where codes or findings cannot be read back, or the user stopped the audit.
pub(super) fn count(
    coded: &CodedRows,
    findings: &AllFindings,
    rows: u64,
    wanted: &WantedCounts,
    shared: Shared<'_>,
) -> Result<FailureCounts, Unmeasured> {
    let lost = |error| shared.lost(error);
    let classes = Classes::of(wanted, findings, shared).map_err(lost)?;
    let mut counts = FailureCounts {
        rows,
        failing: classes.failing.clone(),
        counted: classes.counted.clone(),
        ..FailureCounts::default()
    };
    if classes.counted.is_empty() {
        return Ok(counts);
    }
    counts.left_out.clone_from(&coded.left_out);
    counts.columns.clone_from(&coded.columns);
    let work = Counting { coded, findings, classes: &classes, shared };
    let sizes: Vec<usize> = counts.columns.iter().map(|column| column.values.len()).collect();
    let singles = (0..sizes.len()).map(|column| vec![column]).collect();
    counts.tables = work.count(tables(singles, &sizes, classes.counted.len()))?;
    let pairs = pairs(&counts, &sizes);
    counts.tables.extend(work.count(tables(pairs, &sizes, classes.counted.len()))?);
    counts.both = work.both()?;
    Ok(counts)
}

/// Empty tables by these columns.
fn tables(by: Vec<Vec<usize>>, sizes: &[usize], classes: usize) -> Vec<GroupTable> {
    let table = |by: Vec<usize>| {
        let groups = by.iter().map(|column| sizes[*column]).product();
        let width = by.get(1).map_or(1, |column| sizes[*column]);
        GroupTable { by, width, rows: vec![0; groups], failing: vec![vec![0; groups]; classes] }
    };
    by.into_iter().map(table).collect()
}

/// The pairs of columns that are worth it: of those that tell failing rows best by themselves, as many as there may be
/// counters. Two parts of one column make no pair.
fn pairs(counts: &FailureCounts, sizes: &[usize]) -> Vec<Vec<usize>> {
    let telling = |table: &GroupTable| -> f64 {
        let classes = counts.counted.iter().zip(&table.failing);
        let gains = classes.flat_map(|(class, failing)| {
            let all = [counts.failing[*class], counts.rows];
            failing.iter().zip(&table.rows).map(move |(failing, rows)| gain([*failing, *rows], all))
        });
        gains.fold(0.0, f64::max)
    };
    let mut by_gain: Vec<(f64, usize)> =
        counts.tables.iter().filter_map(|table| Some((telling(table), *table.by.first()?))).collect();
    by_gain.sort_by(|(a, left), (b, right)| b.partial_cmp(a).unwrap_or(Ordering::Equal).then(left.cmp(right)));
    let mut chosen: Vec<usize> = Vec::new();
    let mut counters = 0;
    for (_, column) in by_gain.into_iter().take(MOST_IN_PAIRS) {
        let groups: usize = chosen.iter().map(|other| sizes[*other] * sizes[column]).sum();
        counters += groups * (1 + counts.counted.len());
        if counters > MOST_COUNTERS {
            break;
        }
        chosen.push(column);
    }
    chosen.sort_unstable();
    let name = |at: &usize| &counts.columns[*at].column;
    let mut pairs = Vec::new();
    for (at, first) in chosen.iter().enumerate() {
        pairs.extend(
            chosen[at + 1..].iter().filter(|second| name(first) != name(second)).map(|second| vec![*first, *second]),
        );
    }
    pairs
}

/// The classes of failures of a dataset.
struct Classes {
    /// For each measure the positions in `counted` of the classes to which its failing rows belong.
    of_measure: BTreeMap<usize, Vec<usize>>,
    /// Rows in each class.
    failing: Vec<u64>,
    /// The classes that are counted by groups, those with most rows first.
    counted: Vec<usize>,
}

impl Classes {
    fn of(wanted: &WantedCounts, findings: &AllFindings, shared: Shared<'_>) -> io::Result<Self> {
        let mut all: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (class, measures) in wanted.classes.iter().enumerate() {
            for measure in measures {
                all.entry(*measure).or_default().push(class);
            }
        }
        let mut failing = vec![0; wanted.classes.len()];
        for place in findings.places() {
            if shared.progress.cancelled() {
                break;
            }
            for_each_row(findings, place, &all, &mut |_, classes| {
                for class in classes {
                    failing[*class] += 1;
                }
            })?;
        }
        let mut counted: Vec<usize> = (0..failing.len()).filter(|class| failing[*class] >= LEAST_GROUP_ROWS).collect();
        counted.sort_by_key(|class| (Reverse(failing[*class]), *class));
        counted.truncate(MOST_CLASSES);
        let position = |class: &usize| counted.iter().position(|counted| counted == class);
        let of_measure =
            all.into_iter().map(|(measure, classes)| (measure, classes.iter().filter_map(position).collect()));
        Ok(Self { of_measure: of_measure.collect(), failing, counted })
    }
}

/// Visits the failing rows of a batch with their classes, each once and ascending.
fn for_each_row(
    findings: &AllFindings,
    place: Place,
    of_measure: &BTreeMap<usize, Vec<usize>>,
    visit: &mut dyn FnMut(usize, &[usize]),
) -> io::Result<()> {
    let found = findings.read(place)?;
    let mut classes: Vec<usize> = Vec::new();
    for of_row in found.chunk_by(|(a, _), (b, _)| a == b) {
        classes.clear();
        classes.extend(of_row.iter().filter_map(|(_, finding)| of_measure.get(&finding.measure)).flatten());
        classes.sort_unstable();
        classes.dedup();
        if let (Some((row, _)), false) = (of_row.first(), classes.is_empty()) {
            visit(*row, &classes);
        }
    }
    Ok(())
}

/// Counts batch by batch.
#[derive(Clone, Copy)]
struct Counting<'a> {
    coded: &'a CodedRows,
    findings: &'a AllFindings,
    classes: &'a Classes,
    shared: Shared<'a>,
}

impl Counting<'_> {
    /// Fills tables.
    fn count(self, mut tables: Vec<GroupTable>) -> Result<Vec<GroupTable>, Unmeasured> {
        if tables.is_empty() {
            return Ok(tables);
        }
        for place in self.coded.places() {
            let columns = self.coded.read(place).map_err(|error| self.shared.lost(error))?;
            let failing = self.failing(place)?;
            tables.par_iter_mut().for_each(|table| fill(table, &columns, &failing));
        }
        Ok(tables)
    }

    /// The rows in two classes.
    fn both(self) -> Result<BTreeMap<(usize, usize), u64>, Unmeasured> {
        let mut both: BTreeMap<(usize, usize), u64> = BTreeMap::new();
        for place in self.findings.places() {
            self.check()?;
            for_each_row(self.findings, place, &self.classes.of_measure, &mut |_, classes| {
                for (at, first) in classes.iter().enumerate() {
                    classes[at + 1..].iter().for_each(|second| *both.entry((*first, *second)).or_default() += 1);
                }
            })
            .map_err(|error| self.shared.lost(error))?;
        }
        Ok(both)
    }

    /// The failing rows of a batch with each of their classes.
    fn failing(self, place: Place) -> Result<Vec<(usize, usize)>, Unmeasured> {
        self.check()?;
        let mut failing = Vec::new();
        for_each_row(self.findings, place, &self.classes.of_measure, &mut |row, classes| {
            failing.extend(classes.iter().map(|class| (row, *class)));
        })
        .map_err(|error| self.shared.lost(error))?;
        Ok(failing)
    }

    fn check(self) -> Result<(), Unmeasured> {
        if self.shared.progress.cancelled() { Err(Unmeasured::Cancelled) } else { Ok(()) }
    }
}

/// Counts the rows of a batch in a table.
fn fill(table: &mut GroupTable, columns: &BTreeMap<usize, Vec<Code>>, failing: &[(usize, usize)]) {
    let codes: Vec<&[Code]> = table.by.iter().filter_map(|column| columns.get(column)).map(Vec::as_slice).collect();
    let GroupTable { width, rows, failing: counted, .. } = table;
    let mut count = |group: &dyn Fn(usize) -> usize| {
        for (row, class) in failing {
            counted[*class][group(*row)] += 1;
        }
    };
    match *codes.as_slice() {
        [only] => {
            for code in only {
                rows[usize::from(*code)] += 1;
            }
            count(&|row| usize::from(only[row]));
        }
        [first, second] => {
            let group = |first: Code, second: Code| usize::from(first) * *width + usize::from(second);
            first.iter().zip(second).for_each(|(first, second)| rows[group(*first, *second)] += 1);
            count(&|row| group(first[row], second[row]));
        }
        _ => {}
    }
}
