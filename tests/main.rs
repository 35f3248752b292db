//! All integration tests in one binary: each further one would link polars again.

mod architecture;
mod bad_input;
mod parity;
mod reports;
mod shipped_suites;
mod sources;
mod suites;
