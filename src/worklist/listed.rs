//! The failing rows of an evidence folder, for reports that list them.

use std::io;

use super::table::limit_in_words;
use crate::evidence::Evidence;
use crate::model::{Count, FailingRow};
use crate::report::{FailingRows, ListedDataset};

/// The failing rows of an evidence folder.
#[derive(Debug)]
pub struct Listed<'e>(pub &'e Evidence);

impl FailingRows for Listed<'_> {
    fn datasets(&self) -> Vec<ListedDataset> {
        let with_rows = self.0.manifest().datasets.iter().filter(|dataset| dataset.failing.is_some());
        with_rows
            .map(|dataset| ListedDataset {
                name: dataset.name.clone(),
                key: dataset.key.iter().map(|key| key.column.clone()).collect(),
                revealed: dataset.revealed.clone(),
            })
            .collect()
    }

    fn left_out(&self) -> Vec<String> {
        let manifest = self.0.manifest();
        let datasets = manifest.datasets.iter();
        let not_listed = datasets.clone().filter_map(|dataset| {
            dataset.not_listed.as_ref().map(|reason| format!("{}: not listed: {reason}", dataset.name))
        });
        let groups = datasets.filter_map(|dataset| {
            let groups = Count(dataset.groups.as_ref()?.rows);
            Some(format!("{}: {groups} failing groups are in the evidence folder, not here", dataset.name))
        });
        let limits = manifest.rules.iter().filter_map(|rule| Some(format!("{}: {}", rule.id, limit_in_words(rule)?)));
        not_listed.chain(groups).chain(limits).collect()
    }

    fn visit(&self, dataset: &str, visit: &mut dyn FnMut(&FailingRow) -> io::Result<()>) -> io::Result<()> {
        let Some(dataset) = self.0.manifest().dataset(dataset) else { return Ok(()) };
        for row in self.0.failing(dataset).map_err(io::Error::other)?.into_iter().flatten() {
            visit(&row.map_err(io::Error::other)?)?;
        }
        Ok(())
    }
}
