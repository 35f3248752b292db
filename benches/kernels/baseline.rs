//! The committed instruction counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::Context as _;

/// Where they are.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/kernels/baseline.txt");

/// Instructions of one round, by kernel.
pub(crate) type Counts = BTreeMap<String, u64>;

/// Instruction counts, and on what they were counted.
#[derive(Default)]
pub(crate) struct Baseline {
    pub(crate) machine: String,
    pub(crate) counts: Counts,
}

impl Baseline {
    /// The committed counts; none where there is no file.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let mut baseline = Self::default();
        for line in fs::read_to_string(FILE).unwrap_or_default().lines() {
            if let Some(machine) = line.strip_prefix("# counted with ") {
                machine.clone_into(&mut baseline.machine);
            } else if !line.starts_with('#') && !line.is_empty() {
                let read = line.split_once(' ').and_then(|(name, count)| Some((name, count.trim().parse().ok()?)));
                let (name, count) = read.with_context(|| format!("{FILE}: not `name instructions`: {line}"))?;
                baseline.counts.insert(name.to_owned(), count);
            }
        }
        Ok(baseline)
    }

    /// Takes over what was counted now.
    pub(crate) fn update(&mut self, machine: String, counted: Counts) {
        self.machine = machine;
        self.counts.extend(counted);
        self.counts.retain(|name, _| crate::KERNELS.iter().any(|kernel| kernel.name == name));
    }

    /// Writes the file.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        let mut text = format!(
            "# Instructions of one round of each kernel; `UPDATE=1 cargo bench --bench kernels` writes this file.\n\
             # counted with {}\n",
            self.machine
        );
        for (name, count) in &self.counts {
            writeln!(text, "{name} {count}")?;
        }
        fs::write(FILE, &text).with_context(|| format!("{FILE} cannot be written"))?;
        println!("written to {FILE}\n\n{text}");
        Ok(())
    }
}
