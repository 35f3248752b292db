//! Integration tests, one binary.

mod suites;
