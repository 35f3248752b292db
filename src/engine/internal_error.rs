//! Faults of an engine itself.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::model::Unmeasured;
use crate::source::last_panic;

/// Runs a part of an execution. A panic in it costs this part its readings, and not the audit.
///
/// # Errors
/// As `run`; after a panic [`Unmeasured::Broken`] with the version and the line of code, as a bug report needs them, and
/// without data.
pub(super) fn catch_internal_error<T>(run: impl FnOnce() -> Result<T, Unmeasured>) -> Result<T, Unmeasured> {
    // Nothing that `run` changed is looked at after a panic.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        let place = last_panic().map_or_else(|| "an unknown place".to_owned(), |place| place.to_string());
        Err(Unmeasured::broken(place))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::quiet_panics;

    #[test]
    fn a_panic_becomes_its_place_in_one_line_without_its_text() {
        quiet_panics();
        assert_eq!(catch_internal_error(|| Ok(1)), Ok(1));
        let broken = catch_internal_error(|| -> Result<(), _> { panic!("a cell value") }).expect_err("it panicked");
        let text = broken.to_string();
        assert!(text.contains(concat!(env!("CARGO_PKG_VERSION"), ", src/engine/internal_error.rs:")), "{text}");
        assert!(!text.contains("cell value") && !text.contains('\n'), "{text}");
    }
}
