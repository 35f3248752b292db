//! Running processes, as Linux describes them.

use std::fs;
use std::process::Child;
use std::time::Duration;

/// Waits until something is so; panics where it does not become so at all.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..12_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("it never came to this: {what}");
}

/// Waits until a process handles a signal.
pub(crate) fn wait_for_handler(child: &Child, signal: u32) {
    wait_until("the process handles the signal", || signals(child, "SigCgt") & (1 << (signal - 1)) != 0);
}

/// Waits until a process has seen the signal that it was sent last.
pub(crate) fn wait_for_arrival(child: &Child, signal: u32) {
    wait_until("the process has seen the signal", || {
        (signals(child, "ShdPnd") | signals(child, "SigPnd")) & (1 << (signal - 1)) == 0
    });
}

/// A set of signals of a process, a bit each.
fn signals(child: &Child, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let set = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    set.map_or(0, |set| u64::from_str_radix(set.trim(), 16).unwrap())
}
