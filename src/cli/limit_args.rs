//! What a command may use.

use std::path::PathBuf;

use super::memory;
use crate::engine::{Limits, MemoryLimit};

/// What a command may use. No result depends on it.
#[derive(Debug, clap::Args)]
pub(super) struct LimitArgs {
    /// Worker threads; 0 means one for each processor
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=1024))]
    threads: u16,

    /// The most memory that the process may use, such as 2GiB, 512MiB or a number of bytes; keys beyond it spill to disk
    /// [default: half of what is available]
    #[arg(long, value_name = "SIZE", value_parser = memory::size)]
    memory: Option<u64>,

    /// The folder for keys that do not fit in memory [default: the system's folder for temporary files]
    #[arg(long, value_name = "DIR")]
    spill_dir: Option<PathBuf>,
}

impl LimitArgs {
    /// As engines take them.
    ///
    /// # Errors
    /// A folder to which nothing can be written.
    pub(super) fn limits(&self) -> anyhow::Result<Limits> {
        Ok(Limits {
            threads: self.threads.into(),
            memory: MemoryLimit::Process(self.memory.unwrap_or_else(memory::default_size)),
            spill_dir: match &self.spill_dir {
                Some(folder) => memory::check_folder(folder)?,
                None => std::env::temp_dir(),
            },
        })
    }
}
