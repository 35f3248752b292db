//! How a file of delimited text is written, by its first and last bytes. It is proposed and never used: what a suite or the
//! command line declares is what is read.

mod encoding;
mod propose;
mod records;
mod values;

pub use propose::recognise;

#[cfg(test)]
mod tests;
