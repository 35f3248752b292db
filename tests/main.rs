//! All integration tests in one binary: each further one would link polars again.

#![expect(clippy::unwrap_used, reason = "the switch for tests does not reach what tests share")]

mod architecture;
mod bad_input;
mod cli;
mod cost;
mod counts;
mod memory;
mod parity;
mod parity_text;
mod reports;
mod sample;
mod segments;
mod shipped_suites;
mod sources;
mod suites;
mod texts;
