//! The guard around decoders that are not ours: their panics become errors, and their texts, which may hold cell values,
//! stay inside. What is kept of any panic is its place.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, Once, PoisonError};

thread_local! {
    /// Whether this thread runs a decoder under guard.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    /// The place of the last panic of this thread under guard.
    static PLACE: RefCell<Option<PanicPlace>> = const { RefCell::new(None) };
}

/// The place of the last panic of any thread that was not under guard.
static LAST: Mutex<Option<PanicPlace>> = Mutex::new(None);

/// Where a panic was: a file of the program or of a library, with line and column. It holds no data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanicPlace {
    file: String,
    line: u32,
    column: u32,
}

impl PanicPlace {
    fn of(location: &panic::Location<'_>) -> Self {
        // The folder of the package cache says nothing but on which machine the program was built.
        let file = location.file();
        let inside = file.split_once("/registry/src/").and_then(|(_, inside)| inside.split_once('/'));
        let file = inside.map_or(file, |(_, inside)| inside);
        Self { file: file.to_owned(), line: location.line(), column: location.column() }
    }
}

impl fmt::Display for PanicPlace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A decoder that gave no result. Its own words are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Where it panicked, if it did and [`quiet_panics`] was called.
    pub place: Option<PanicPlace>,
}

/// Installs a panic hook that keeps the places of panics. It is silent about panics under guard, which become errors, and
/// leaves all others to the hook before it. Further calls do nothing.
pub fn quiet_panics() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let place = info.location().map(PanicPlace::of);
            if GUARDED.get() {
                PLACE.set(place);
            } else {
                *LAST.lock().unwrap_or_else(PoisonError::into_inner) = place;
                before(info);
            }
        }));
    });
}

/// The place of the last panic that was not under guard, of any thread since [`quiet_panics`] was called.
pub fn last_panic() -> Option<PanicPlace> {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Runs a decoder on bytes that may be damaged.
///
/// # Errors
/// Where it ends with an error or a panic.
pub fn catch_panic<T, E>(decode: impl FnOnce() -> Result<T, E>) -> Result<T, Failed> {
    let before = GUARDED.replace(true);
    PLACE.set(None);
    // Nothing that the decoder changed is looked at after a panic.
    let outcome = panic::catch_unwind(AssertUnwindSafe(decode));
    GUARDED.set(before);
    match outcome {
        Ok(Ok(decoded)) => Ok(decoded),
        Ok(Err(_)) => Err(Failed { place: None }),
        Err(_) => Err(Failed { place: PLACE.take() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::error::Problem;

    #[test]
    fn panics_become_errors_with_their_place() {
        quiet_panics();
        assert_eq!(catch_panic(|| Ok::<_, ()>(1)), Ok(1));
        assert_eq!(catch_panic(|| Err::<(), _>("cell")), Err(Failed { place: None }));
        let failed = catch_panic(|| -> Result<(), ()> { panic!("a cell value") }).expect_err("it panicked");
        let place = failed.place.clone().expect("the hook is installed").to_string();
        assert!(place.starts_with("src/source/panic_guard.rs:"), "{place}");
        let problem = Problem::undecoded("row group 1 cannot be decoded", failed).to_string();
        assert_eq!(
            problem,
            format!("row group 1 cannot be decoded (the decoder panicked at {place}: please report this line)")
        );
    }
}
