//! Integration tests, in one binary.

mod sources;
