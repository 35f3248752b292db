//! passmuster checks whether datasets pass muster before anyone relies on them.
//!
//! An audit is one sentence, and [`audit`] reads like it: *resolve* the rules, *plan* the distinct measures, *execute*
//! them on an engine, *judge* the readings, *score* the verdicts. Reports render what came out.
//!
//! The modules are in groups. A module imports only modules of the groups above its own; `tests/architecture.rs` lists
//! which ones.

pub mod files;
pub mod memory;
pub mod model;
pub mod output_folder;

pub mod compare;
pub mod results;

pub mod scalar;

pub mod identifiers;
pub mod similarity;
pub mod source;
pub mod text;

pub mod checks;
pub mod evidence;

pub mod rules;

pub mod plan;

pub mod engine;

pub mod judge;
pub mod quarantine;
pub mod report;
pub mod score;

pub mod audit;
pub mod identify;
pub mod init;
pub mod profile;
pub mod worklist;

pub mod cli;
