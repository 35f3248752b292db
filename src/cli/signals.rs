//! Ctrl-C and termination: the first signal asks the audit to stop, the second ends the program at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::exit::Exit;

/// Which signal came, if one did.
#[derive(Debug, Clone)]
pub(super) struct Signals {
    caught: Arc<AtomicUsize>,
}

impl Signals {
    /// Starts to listen.
    pub(super) fn listen() -> io::Result<Self> {
        let caught = Arc::new(AtomicUsize::new(0));
        let stopping = Arc::new(AtomicBool::new(false));
        for (signal, exit) in [(SIGINT, Exit::Interrupted), (SIGTERM, Exit::Terminated)] {
            // Actions run in this order: the first signal finds `stopping` unset and sets it, the second ends.
            flag::register_conditional_shutdown(signal, exit.code().into(), Arc::clone(&stopping))?;
            flag::register(signal, Arc::clone(&stopping))?;
            flag::register_usize(signal, Arc::clone(&caught), exit.code().into())?;
        }
        // Only caught: a write beyond the limit on file sizes is then an error like a full disk, and is reported.
        #[cfg(unix)]
        flag::register(signal_hook::consts::SIGXFSZ, Arc::default())?;
        Ok(Self { caught })
    }

    /// How the program is to end, where a signal came.
    pub(super) fn caught(&self) -> Option<Exit> {
        match self.caught.load(Ordering::Relaxed) {
            0 => None,
            code if code == usize::from(Exit::Terminated.code()) => Some(Exit::Terminated),
            _ => Some(Exit::Interrupted),
        }
    }
}
