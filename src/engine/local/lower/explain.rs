//! The passes of a plan in words.

use std::collections::BTreeSet;
use std::fmt;

use super::passes::Pass;
use crate::engine::Datasets;
use crate::model::Kept;
use crate::plan::Plan;

/// Says which passes take which measures. `rules_of` names the rules that wait for a measure.
pub(in crate::engine::local) fn explain(
    plan: &Plan,
    passes: &[Pass],
    datasets: &Datasets,
    rules_of: &dyn Fn(usize) -> Vec<String>,
) -> String {
    Explained { plan, passes, datasets, rules_of }.to_string()
}

/// Passes as they are printed.
struct Explained<'a> {
    plan: &'a Plan,
    passes: &'a [Pass],
    datasets: &'a Datasets,
    rules_of: &'a dyn Fn(usize) -> Vec<String>,
}

impl Explained<'_> {
    fn write_pass(&self, f: &mut fmt::Formatter<'_>, number: usize, pass: &Pass) -> fmt::Result {
        let width = self.datasets.get(&pass.dataset).map_or(0, |dataset| dataset.columns().len());
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
            for rule in (self.rules_of)(*measure) {
                writeln!(f, "    for {rule}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let measures = self.plan.measures.len();
        let rules: BTreeSet<String> = (0..measures).flat_map(self.rules_of).collect();
        let rules = rules.len();
        writeln!(
            f,
            "{rules} rule{} {measures} distinct measure{}, read in {} pass{}.",
            if rules == 1 { " needs" } else { "s need" },
            if measures == 1 { "" } else { "s" },
            self.passes.len(),
            if self.passes.len() == 1 { "" } else { "es" }
        )?;
        writeln!(f, "Passes of one stage run side by side.")?;
        for (at, pass) in self.passes.iter().enumerate() {
            self.write_pass(f, at + 1, pass)?;
        }
        Ok(())
    }
}
