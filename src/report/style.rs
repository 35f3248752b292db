//! The styles of reports for people.

use anstyle::{AnsiColor, Style};

/// What a line is about.
pub(super) const BOLD: Style = Style::new().bold();
/// What matters less than the rest.
pub(super) const DIM: Style = Style::new().dimmed();
/// What fails.
pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
/// What needs attention.
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
/// What is well.
pub(super) const GREEN: Style = AnsiColor::Green.on_default().bold();
