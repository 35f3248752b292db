//! The plan in words.

use std::fmt;

use super::{Pass, Plan};
use crate::model::Kept;

/// Prints a plan for people, with how many rules wait for each measure.
#[derive(Debug)]
pub struct Explained<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The ids of the rules.
    pub rules: &'a [String],
    /// For each rule, positions of its measures.
    pub rule_measures: &'a [Vec<usize>],
    /// The number of columns of each dataset's files.
    pub widths: &'a [(String, usize)],
}

impl Explained<'_> {
    fn write_pass(&self, f: &mut fmt::Formatter<'_>, number: usize, pass: &Pass) -> fmt::Result {
        let width = self.widths.iter().find(|(name, _)| *name == pass.dataset).map_or(0, |(_, width)| *width);
        writeln!(f)?;
        writeln!(f, "pass {number} (stage {}): {}", pass.stage + 1, pass.dataset)?;
        write!(f, "  reads {} of {width} columns", pass.columns.len())?;
        let colon = if pass.columns.is_empty() { "" } else { ": " };
        writeln!(f, "{colon}{}", pass.columns.join(", "))?;
        if pass.sections.len() > 1 {
            writeln!(f, "  in {} sections that share no column", pass.sections.len())?;
        }
        for lookup in &pass.lookups {
            let lookup = &self.plan.lookups[*lookup];
            let what = match lookup.kept {
                Kept::Keys | Kept::DoubtfulKeys => "keeps keys",
                Kept::Rows => "keeps rows",
                Kept::Totals(_) => "keeps totals",
            };
            writeln!(f, "  {what} of {lookup}")?;
        }
        for measure in &pass.measures {
            writeln!(f, "  {}", self.plan.measures[*measure])?;
            for (rule, measures) in self.rules.iter().zip(self.rule_measures) {
                if measures.contains(measure) {
                    writeln!(f, "    for {rule}")?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.rule_measures.iter().filter(|measures| !measures.is_empty()).count();
        let measures = self.plan.measures.len();
        writeln!(
            f,
            "{rules} rule{} {measures} distinct measure{}, read in {} pass{}.",
            if rules == 1 { " needs" } else { "s need" },
            if measures == 1 { "" } else { "s" },
            self.plan.passes.len(),
            if self.plan.passes.len() == 1 { "" } else { "es" }
        )?;
        writeln!(f, "Passes of one stage run side by side.")?;
        for (at, pass) in self.plan.passes.iter().enumerate() {
            self.write_pass(f, at + 1, pass)?;
        }
        Ok(())
    }
}
