//! The command line program.

use std::process::ExitCode;

/// Key tables grow to gigabytes; this allocator hands that memory back and scales over threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    passmuster::cli::main()
}
