//! All integration tests in one binary: each further one would link everything again.

#![expect(clippy::unwrap_used, reason = "the switch for tests does not reach what tests share")]

mod architecture;
mod bad_input;
mod cells;
mod cli;
mod cost;
mod counts;
mod dates;
mod declared;
mod definitions;
mod distributions;
mod documentation;
mod documented_cases;
mod engines;
mod febrl;
mod groups;
mod identify;
mod inputs;
mod lint_checks;
mod memory;
mod notation;
mod parity;
mod parity_engines;
mod parity_figures;
mod parity_groups;
mod parity_lag;
mod parity_outliers;
mod parity_similar;
mod parity_text;
mod parity_unity;
mod reports;
mod sample;
mod screens;
mod segments;
mod shipped_suites;
mod similar;
mod sources;
mod steady;
mod suites;
mod support;
mod texts;
mod unity;
mod unmeasured;
mod unparseable;
mod verify;
