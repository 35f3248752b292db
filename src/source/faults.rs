//! Counting faults: exact numbers by kind, and the first faults in file order.

use std::collections::BTreeMap;

use crate::model::{ChecksumTally, Fault, FaultKind, FramingTally, LeftOut, ManyLines};

/// Faults that a tally names, the first ones in file order.
pub(super) const MOST_FAULTS: usize = 20;

/// The rows and faults of a unit of a file, or of a whole dataset.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Records.
    pub(super) records: u64,
    /// Records with at least one fault.
    pub(super) malformed: u64,
    /// Faults by kind.
    faults: BTreeMap<FaultKind, u64>,
    /// The first faults.
    first: Vec<Fault>,
    /// Page checksums.
    pub(super) checksums: Option<ChecksumTally>,
    /// How lines end, by file.
    line_ends: BTreeMap<u32, LineEnds>,
    /// Whether the record of a header has a fault.
    pub(super) has_bad_header: bool,
    /// What the dialect leaves out.
    pub(super) left_out: LeftOut,
    /// Cells that span many lines.
    many_lines: Option<ManyLines>,
}

/// How the lines with records of a file end: for each kind of end, how many lines and the first of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LineEnds {
    lf: (u64, u64),
    crlf: (u64, u64),
}

impl LineEnds {
    /// Counts a line that ends with LF, or with CRLF.
    #[inline]
    pub(super) const fn count(&mut self, line: u64, crlf: bool) {
        let (count, first) = if crlf { &mut self.crlf } else { &mut self.lf };
        if *count == 0 || line < *first {
            *first = line;
        }
        *count += 1;
    }

    fn merge(&mut self, other: Self) {
        for (all, more) in [(&mut self.lf, other.lf), (&mut self.crlf, other.crlf)] {
            all.1 = match (all.0, more.0) {
                (0, _) => more.1,
                (_, 0) => all.1,
                _ => all.1.min(more.1),
            };
            all.0 += more.0;
        }
    }

    /// The fault of lines that end in both ways, at the line where both have been seen.
    fn fault(self, file: u32) -> Option<Fault> {
        let Self { lf, crlf } = self;
        (lf.0 > 0 && crlf.0 > 0).then(|| Fault {
            file,
            line: lf.1.max(crlf.1),
            kind: FaultKind::MixedLineEnds,
            detail: format!(
                "line ends differ from here on: LF after {}, CRLF after {}",
                records(lf.0),
                records(crlf.0)
            ),
        })
    }
}

fn records(count: u64) -> String {
    if count == 1 { "1 record".to_owned() } else { format!("{count} records") }
}

impl Tally {
    /// Sound rows of a columnar file.
    pub(super) fn of_rows(rows: usize, checksums: Option<ChecksumTally>) -> Self {
        Self { records: rows as u64, checksums, ..Self::default() }
    }

    /// Counts a fault; the text is made only where the fault will be named. Within a unit, faults come in file order.
    pub(super) fn fault(&mut self, line: u64, kind: FaultKind, detail: impl FnOnce() -> String) {
        *self.faults.entry(kind).or_default() += 1;
        if self.first.len() < MOST_FAULTS {
            self.first.push(Fault { file: 0, line, kind, detail: detail() });
        }
    }

    /// Counts what may mislead and is no fault of a record, so many times with one text.
    #[cfg(feature = "spreadsheet")]
    pub(super) fn note(&mut self, line: u64, kind: FaultKind, count: u64, detail: impl FnOnce() -> String) {
        if count > 0 {
            self.fault(line, kind, detail);
            *self.faults.entry(kind).or_default() += count - 1;
        }
    }

    /// Counts a fault of the file as a whole, which comes before those of its lines.
    pub(super) fn fault_of_file(&mut self, kind: FaultKind, detail: String) {
        *self.faults.entry(kind).or_default() += 1;
        self.first.insert(0, Fault { file: 0, line: 0, kind, detail });
        self.first.truncate(MOST_FAULTS);
    }

    /// Enters how the lines of a unit end.
    pub(super) fn line_ends(&mut self, ends: LineEnds) {
        self.line_ends.entry(0).or_default().merge(ends);
    }

    /// Counts a cell that begins on that line and spans so many.
    pub(super) fn many_lines(&mut self, line: u64, lines: u64) {
        self.add_many_lines(ManyLines { cells: 1, file: 0, line, lines });
    }

    fn add_many_lines(&mut self, found: ManyLines) {
        self.many_lines = Some(self.many_lines.map_or(found, |others| others.and(found)));
    }

    /// Adds the tally of a unit of that file. Units may come in any order.
    pub(super) fn merge(&mut self, file: u32, unit: Self) {
        self.records += unit.records;
        self.malformed += unit.malformed;
        for (kind, count) in unit.faults {
            *self.faults.entry(kind).or_default() += count;
        }
        if !unit.first.is_empty() {
            self.first.extend(unit.first.into_iter().map(|fault| Fault { file, ..fault }));
            self.first.sort();
            self.first.truncate(MOST_FAULTS);
        }
        for ends in unit.line_ends.into_values() {
            self.line_ends.entry(file).or_default().merge(ends);
        }
        self.has_bad_header |= unit.has_bad_header;
        self.left_out.add(unit.left_out);
        if let Some(found) = unit.many_lines {
            self.add_many_lines(ManyLines { file, ..found });
        }
        if let Some(pages) = unit.checksums {
            let total = self.checksums.get_or_insert_default();
            add(total, pages);
        }
    }

    /// The tally as the model has it.
    pub(super) fn into_framing(mut self) -> FramingTally {
        // Only all units together show how the lines of a file end.
        let mixed: Vec<Fault> = self.line_ends.iter().filter_map(|(file, ends)| ends.fault(*file)).collect();
        if !mixed.is_empty() {
            *self.faults.entry(FaultKind::MixedLineEnds).or_default() += mixed.len() as u64;
            self.first.extend(mixed);
            self.first.sort();
            self.first.truncate(MOST_FAULTS);
        }
        FramingTally {
            records: self.records,
            malformed: self.malformed,
            faults: self.faults.into_iter().collect(),
            first_faults: self.first,
            checksums: self.checksums,
            frames: None,
            has_bad_header: self.has_bad_header,
            left_out: self.left_out,
            many_lines: self.many_lines,
        }
    }
}

/// Adds page counts.
pub(super) fn add(total: &mut ChecksumTally, pages: ChecksumTally) {
    total.verified += pages.verified;
    total.mismatched += pages.mismatched;
    total.absent += pages.absent;
}
