//! What the environment says about the terminal, and whether to colour.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::ops::RangeInclusive;

use clap::ValueEnum;

use super::ci_system::CiSystem;
use crate::report::Look;

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On terminals, unless the environment says otherwise
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What the program takes from its environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Environment {
    no_color: Option<OsString>,
    clicolor_force: Option<OsString>,
    force_color: Option<OsString>,
    term: Option<OsString>,
    ci: Option<OsString>,
    ci_system: CiSystem,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
    /// The columns of the terminal, where standard output is one.
    stdout_columns: Option<u16>,
}

/// The narrowest and the widest page: below, tables break; beyond, lines are hard to follow.
const WIDTHS: RangeInclusive<usize> = 60..=120;

/// How a page in a file looks. A file is no terminal, so the environment does not count.
pub(super) fn look_in_file(choice: ColorChoice, look: Look) -> Look {
    Look { color: choice == ColorChoice::Always, ..look }
}

impl Environment {
    /// Of this process.
    pub(super) fn read() -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            no_color: variable("NO_COLOR"),
            clicolor_force: variable("CLICOLOR_FORCE"),
            force_color: variable("FORCE_COLOR"),
            term: variable("TERM"),
            ci: variable("CI"),
            ci_system: CiSystem::of(variable),
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            // A table without a width of its own asks the terminal, where standard output is one.
            stdout_columns: comfy_table::Table::new().width(),
        }
    }

    /// Whether to colour standard output.
    pub(super) fn stdout(&self, choice: ColorChoice) -> bool {
        self.wanted(choice, self.stdout_is_terminal)
    }

    /// How a page on standard output looks.
    pub(super) fn look(&self, choice: ColorChoice, look: Look) -> Look {
        Look { color: self.stdout(choice), width: self.width(), ..look }
    }

    /// Whether a terminal shows standard output.
    pub(super) const fn shows_stdout(&self) -> bool {
        self.stdout_is_terminal
    }

    /// The CI system at hand.
    pub(super) const fn ci_system(&self) -> &CiSystem {
        &self.ci_system
    }

    /// How wide a page on standard output may be, in columns of a terminal.
    fn width(&self) -> usize {
        let terminal = self.stdout_columns.filter(|columns| *columns > 0).map(usize::from);
        terminal.map_or(Look::default().width, |columns| columns.clamp(*WIDTHS.start(), *WIDTHS.end()))
    }

    /// Whether to colour standard error.
    pub(super) fn stderr(&self, choice: ColorChoice) -> bool {
        self.wanted(choice, self.stderr_is_terminal)
    }

    /// Whether somebody watches standard error, so that progress bars make sense.
    pub(super) fn is_watched(&self) -> bool {
        self.stderr_is_terminal && self.ci.is_none() && !self.is_dumb()
    }

    /// The choice for clap; the finer choice is made when its answer is printed.
    pub(super) fn help_color(&self) -> clap::ColorChoice {
        let any = self.stdout(ColorChoice::Auto) || self.stderr(ColorChoice::Auto);
        if any { clap::ColorChoice::Always } else { clap::ColorChoice::Never }
    }

    /// `--color`, else `NO_COLOR`, else `CLICOLOR_FORCE` and `FORCE_COLOR`, else whether it is a terminal that can.
    fn wanted(&self, choice: ColorChoice, is_terminal: bool) -> bool {
        let forces = |variable: &Option<OsString>| variable.as_ref().is_some_and(|value| value != "0");
        match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if self.no_color.is_some() => false,
            ColorChoice::Auto if forces(&self.clicolor_force) || forces(&self.force_color) => true,
            ColorChoice::Auto => is_terminal && !self.is_dumb(),
        }
    }

    fn is_dumb(&self) -> bool {
        self.term.as_ref().is_some_and(|term| term == "dumb")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_as_wide_as_the_terminal_within_reason() {
        let width = |columns| Environment { stdout_columns: columns, ..Environment::default() }.width();
        let cases = [(None, 80), (Some(0), 80), (Some(20), 60), (Some(60), 60), (Some(97), 97), (Some(300), 120)];
        assert_eq!(cases.map(|(columns, _)| width(columns)), cases.map(|(_, expected)| expected));
    }

    #[test]
    fn the_flag_wins_then_no_color_then_force_then_the_terminal() {
        let set = |value: &str| Some(OsString::from(value));
        let plain = Environment::default();
        let no_color = Environment { no_color: set("1"), clicolor_force: set("1"), ..plain.clone() };
        let forced = Environment { clicolor_force: set("1"), term: set("dumb"), ..plain.clone() };
        let not_forced = Environment { clicolor_force: set("0"), force_color: set("0"), ..plain.clone() };
        let dumb = Environment { term: set("dumb"), ..plain.clone() };
        let cases = [
            (&no_color, ColorChoice::Always, false, true),
            (&forced, ColorChoice::Never, true, false),
            (&no_color, ColorChoice::Auto, true, false),
            (&forced, ColorChoice::Auto, false, true),
            (&not_forced, ColorChoice::Auto, false, false),
            (&not_forced, ColorChoice::Auto, true, true),
            (&dumb, ColorChoice::Auto, true, false),
            (&plain, ColorChoice::Auto, true, true),
            (&plain, ColorChoice::Auto, false, false),
        ];
        for (environment, choice, is_terminal, expected) in cases {
            assert_eq!(environment.wanted(choice, is_terminal), expected, "{environment:?} {choice:?} {is_terminal}");
        }
    }
}
