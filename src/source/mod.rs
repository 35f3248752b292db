//! Where data is: opens files, lists their columns, hands out batches, counts what is malformed.
//!
//! Nothing is inferred away: text files give text columns, cells keep every byte, and each fault of a file is counted
//! with its line. A reader never prints the text of an error of the library that decodes, which may hold cell values.
//!
//! Rows come from [`Source::scan_blocks`]; the other methods describe columns, sizes and samples before rows are read. A
//! damaged columnar file can make its decoder ask for more memory than there is. Nothing in one process catches that.

mod archives;
mod assembled;
mod batch;
mod bits;
mod column;
mod draw;
mod empty_part;
mod error;
mod faults;
mod files;
mod layout;
mod left_out;
mod locate;
mod open_file;
mod opened;
mod options;
mod panic_guard;
mod parts;
mod plain_path;
mod portion;
mod sample;
mod scan;
mod series;
mod spec;
mod split;
mod table;
mod text_column;
mod twice;

pub use self::batch::{Batch, Block, Place};
pub use self::bits::Bits;
pub use self::column::{BINARY, Column, NULL, SourceColumn, Typed};
pub use self::error::{Problem, SourceError};
pub use self::files::beginning::Beginning;
pub use self::files::format::Format;
pub use self::files::formats::FORMATS;
pub use self::locate::data_files;
pub use self::opened::Source;
pub use self::options::{COMMON_OPTIONS, FormatOption, OptionKind, OptionProblem, OptionValue, Options, widths};
pub use self::panic_guard::{Failed, PanicPlace, catch_panic, last_panic, quiet_panics};
pub use self::portion::{Enough, Portion, ScanFacts};
pub use self::sample::{NoSample, Sample};
pub use self::spec::SourceSpec;
pub use self::split::{Marked, Marks, PartWriter, Parts, SplitError, SplitRows, Splitting};
pub use self::text_column::{TextColumn, TextViews};
