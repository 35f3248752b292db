//! The wall around decoders that are not ours: a panic behind it becomes an error, and their texts, which may hold cell
//! values, stay there.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether this thread is behind the wall.
    static BEHIND: Cell<bool> = const { Cell::new(false) };
}

/// Installs a panic hook that prints nothing for panics of decoders on damaged files, which become errors. All other panics
/// are printed as before. The command line has a hook of its own; this one is for other users of the library. Further calls
/// do nothing.
pub fn quiet_panics() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !BEHIND.get() {
                told(info);
            }
        }));
    });
}

/// Runs a decoder on bytes that may be damaged. Its result is given only where it ends without a panic or an error.
pub(super) fn behind_wall<T, E>(decode: impl FnOnce() -> Result<T, E>) -> Option<T> {
    let before = BEHIND.replace(true);
    // Nothing that the decoder changed is looked at after a panic.
    let outcome = panic::catch_unwind(AssertUnwindSafe(decode));
    BEHIND.set(before);
    outcome.ok()?.ok()
}
